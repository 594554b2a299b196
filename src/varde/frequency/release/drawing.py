"""Pictures of a measured release: scores, the attacker's curve, and what more genes would cost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from varde.genome.svg import attributes, figure, line, number, text

WIDTH, HEIGHT = 560, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 16, 16, 44

Label = Callable[[float], str]
"""How a number at an axis is written."""


@dataclass(frozen=True)
class Axis:
    """Values from ``low`` to ``high`` on pixels; ``log`` for a logarithmic one (low above 0)."""

    low: float
    high: float
    start: float
    stop: float
    log: bool = False

    def at(self, value: float) -> float:
        """The pixel of a value; beyond the ends it is the end."""
        low, high, value = (log10(v) if self.log else v for v in (self.low, self.high, max(value, self.low)))
        share = (value - low) / (high - low) if high > low else 0.0
        return self.start + min(max(share, 0.0), 1.0) * (self.stop - self.start)


def written(value: float) -> str:
    """A number at an axis, in English: whole ones with thousands set apart, others with two digits."""
    return f"{value:,.0f}" if abs(value) >= 1 and value == round(value) else f"{value:.2g}"


def _axes(x: tuple[float, float], y: tuple[float, float], *, log: bool = False) -> tuple[Axis, Axis]:
    across = Axis(*x, _LEFT, WIDTH - _RIGHT, log=log)
    return across, Axis(*y, HEIGHT - _BOTTOM, _TOP)


def _frame(
    x: Axis,
    y: Axis,
    ticks: tuple[Sequence[float], Sequence[float]],
    names: tuple[str, str],
    label: Label,
) -> list[str]:
    floor = HEIGHT - _BOTTOM
    parts = [line(_LEFT, floor, WIDTH - _RIGHT, floor), line(_LEFT, _TOP, _LEFT, floor)]
    parts += [text(number(x.at(v)), floor + 16, label(v), anchor="middle", size=11) for v in ticks[0]]
    parts += [text(_LEFT - 6, round(y.at(v) + 4), label(v), anchor="end", size=11) for v in ticks[1]]
    parts.append(text((_LEFT + WIDTH - _RIGHT) // 2, HEIGHT - 8, names[0], anchor="middle"))
    parts.append(text(_LEFT + 4, _TOP - 4, names[1], size=11))
    return parts


def path(points: Sequence[tuple[float, float]], dash: str = "none") -> str:
    """A thin line through points."""
    where = " ".join(f"{number(x)},{number(y)}" for x, y in points)
    look = f'fill="none" stroke="currentColor" stroke-width="1.8" stroke-dasharray="{dash}"'
    return f'<polyline points="{where}" {look}/>'


def scores_figure(
    edges: Sequence[float],
    members: Sequence[int],
    held_out: Sequence[int],
    words: dict[str, str],
    label: Label = written,
) -> str:
    """Histograms of the attacker's score: people in the release filled, people held out as a line.

    ``words``: identifier, title, description, score, share, members, held_out.
    """
    shares = [[count / max(sum(counts), 1) for count in counts] for counts in (members, held_out)]
    top = max(max(row, default=0.0) for row in shares) or 1.0
    x, y = _axes((edges[0], edges[-1]), (0.0, top))
    parts = []
    for low, high, share in zip(edges[:-1], edges[1:], shares[0], strict=True):
        box = attributes(
            x=number(x.at(low)), y=number(y.at(share)), width=number(max(x.at(high) - x.at(low) - 0.5, 0.3)),
            height=number(y.at(0.0) - y.at(share)),
        )  # fmt: skip
        parts.append(f'<rect {box} fill="currentColor" fill-opacity="0.25"/>')
    steps = [
        (x.at(edge), y.at(share))
        for low, high, share in zip(edges[:-1], edges[1:], shares[1], strict=True)
        for edge in (low, high)
    ]
    ticks = [float(whole) for whole in range(ceil(edges[0]), floor(edges[-1]) + 1)]
    ticks = ticks[:: max(len(ticks) // 8, 1)]
    parts += [path(steps), *_frame(x, y, (ticks, [0.0, round(top, 3)]), (words["score"], words["share"]), label)]
    parts += [text(WIDTH - _RIGHT, 28, f"▒ {words['members']}", anchor="end")]
    parts += [text(WIDTH - _RIGHT, 44, f"— {words['held_out']}", anchor="end")]
    return figure("scores", (WIDTH, HEIGHT), parts, **_named(words))


def roc_figure(points: Sequence[tuple[float, float]], words: dict[str, str], label: Label = written) -> str:
    """Share of members recognised against share of false alarms; guessing is the dashed line.

    ``points`` are (false positives, power); ``words``: identifier, title, description, false_alarms, recognised.
    """
    x, y = _axes((0.0, 1.0), (0.0, 1.0))
    drawn = [(x.at(false), y.at(power)) for false, power in points]
    guess = [(x.at(0.0), y.at(0.0)), (x.at(1.0), y.at(1.0))]
    ticks = [0.0, 0.25, 0.5, 0.75, 1.0]
    parts = [path(drawn), path(guess, "4 4")]
    parts += _frame(x, y, (ticks, ticks), (words["false_alarms"], words["recognised"]), label)
    return figure("roc", (WIDTH, HEIGHT), parts, **_named(words))


def trade_off_figure(
    points: Sequence[tuple[int, float, float, float]], limit: float, words: dict[str, str], label: Label = written
) -> str:
    """Power at 5 % with its interval against the number of sites; ``limit`` is the dashed line.

    ``points`` are (sites, power, low, high); ``words``: identifier, title, description, sites, power.
    """
    drawn = [point for point in points if point[0] > 0]
    most = max((point[0] for point in drawn), default=10)
    least = min((point[0] for point in drawn), default=1)
    x, y = _axes((least, max(most, least * 10)), (0.0, max(0.2, *(point[3] for point in drawn), 0.2)), log=True)
    ticks = [step * 10**power for power in range(8) for step in (1, 2, 5) if least <= step * 10**power <= x.high]
    parts = [path([(x.at(sites), y.at(power)) for sites, power, _, _ in drawn])] if drawn else []
    parts += [
        line(number(x.at(s)), round(y.at(low), 1), number(x.at(s)), round(y.at(high), 1)) for s, _, low, high in drawn
    ]
    parts += [path([(x.start, y.at(limit)), (x.stop, y.at(limit))], "4 4")]
    parts += _frame(x, y, (ticks, [0.0, limit, y.high]), (words["sites"], words["power"]), label)
    return figure("trade-off", (WIDTH, HEIGHT), parts, **_named(words))


def _named(words: dict[str, str]) -> dict[str, str]:
    return {name: words[name] for name in ("identifier", "title", "description")}
