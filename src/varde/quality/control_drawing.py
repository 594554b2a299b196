"""A control chart as SVG: points in their order, centre and limits of each stretch, and changes as upright lines.

Like the other drawings: presentation attributes and ``currentColor`` only; all words come from the caller.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from varde.genome.svg import attributes, figure, text
from varde.quality.control import ControlChart, Signal

WIDTH, HEIGHT = 720, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 12, 22, 34


@dataclass(frozen=True)
class Mark:
    """A change: before which point it stands, and its letter."""

    before: int
    letter: str


def control_svg(
    charts: Sequence[ControlChart],
    marks: Sequence[Mark],
    decimals: int,
    *,
    identifier: str,
    title: str,
    description: str,
) -> str:
    """The stretches one after the other on one scale. A point beyond the limits is a filled square, one in a run a
    filled triangle, any other an open circle. Without a point the drawing is empty."""
    values = [value for chart in charts for value in chart.values]
    if not values:
        return figure("control", (WIDTH, 40), [], identifier=identifier, title=title, description=description)
    scale = _Scale.over(charts, len(values))
    parts, first = [], 0
    for chart in charts:
        parts += _limits(chart, scale, first, decimals)
        parts += _points(chart, scale, first)
        first += len(chart.values)
    parts += [part for mark in marks for part in _mark(mark, scale)]
    for number in sorted({0, len(values) - 1}):
        parts.append(text(scale.x(number), HEIGHT - 12, str(number + 1), anchor="middle", size=11))
    return figure("control", (WIDTH, HEIGHT), parts, identifier=identifier, title=title, description=description)


@dataclass(frozen=True)
class _Scale:
    low: float
    high: float
    count: int

    @classmethod
    def over(cls, charts: Sequence[ControlChart], count: int) -> _Scale:
        shown = [value for chart in charts for value in chart.values]
        shown += [edge for chart in charts if chart.limits for edge in (chart.limits.lower, chart.limits.upper)]
        low, high = min(shown), max(shown)
        room = (high - low or abs(high) or 1.0) * 0.08
        return cls(low - room, high + room, count)

    def x(self, number: int) -> float:
        step = (WIDTH - _LEFT - _RIGHT) / max(self.count, 2)
        return round(_LEFT + step * (number + 0.5), 1)

    def y(self, value: float) -> float:
        return round(_TOP + (HEIGHT - _TOP - _BOTTOM) * (self.high - value) / (self.high - self.low), 1)


def _limits(chart: ControlChart, scale: _Scale, first: int, decimals: int) -> list[str]:
    if chart.limits is None or not chart.values:
        return []
    step = (WIDTH - _LEFT - _RIGHT) / max(scale.count, 2)
    left, right = scale.x(first) - step / 2, scale.x(first + len(chart.values) - 1) + step / 2
    parts = []
    for value, dash in ((chart.limits.upper, "6 4"), (chart.limits.centre, ""), (chart.limits.lower, "6 4")):
        y = scale.y(value)
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        place = attributes(x1=round(left, 1), y1=y, x2=round(right, 1), y2=y)
        parts.append(f'<line {place} stroke="currentColor" stroke-width="1"{dashed}/>')
        if first == 0:
            parts.append(text(_LEFT - 6, y + 4, f"{value:.{decimals}f}", anchor="end", size=11))
    return parts


def _points(chart: ControlChart, scale: _Scale, first: int) -> list[str]:
    places = [(scale.x(first + number), scale.y(value)) for number, value in enumerate(chart.values)]
    path = " ".join(f"{x},{y}" for x, y in places)
    parts = [f'<polyline points="{path}" fill="none" stroke="currentColor" stroke-width="1" stroke-opacity="0.5"/>']
    for (x, y), signals in zip(places, chart.signals, strict=True):
        if Signal.BEYOND_LIMITS in signals:
            parts.append(f'<rect {attributes(x=x - 5, y=y - 5, width=10, height=10)} fill="currentColor"/>')
        elif Signal.RUN in signals:
            corners = f"{x},{y - 6} {x + 6},{y + 5} {x - 6},{y + 5}"
            parts.append(f'<polygon points="{corners}" fill="currentColor"/>')
        else:
            parts.append(f'<circle {attributes(cx=x, cy=y, r=3.5)} fill="none" stroke="currentColor"/>')
    return parts


def _mark(mark: Mark, scale: _Scale) -> list[str]:
    step = (WIDTH - _LEFT - _RIGHT) / max(scale.count, 2)
    x = round(scale.x(mark.before) - step / 2, 1)
    place = attributes(x1=x, y1=_TOP, x2=x, y2=HEIGHT - _BOTTOM)
    return [
        f'<line {place} stroke="currentColor" stroke-width="1.5" stroke-dasharray="2 3"/>',
        text(x, _TOP - 6, mark.letter, anchor="middle", size=12, weight="600"),
    ]
