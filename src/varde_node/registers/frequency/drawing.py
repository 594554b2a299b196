"""The frequency of each region with its interval on one log axis, as SVG drawn by the server."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from varde.genome.svg import attributes, figure, line, number, text

LOWEST_EXPONENT = -5
DECADES = range(LOWEST_EXPONENT, 1)
"""Powers of ten along the axis, from the lowest frequency drawn to 1."""
LEFT, RIGHT, TOP, ROW = 132.0, 548.0, 14, 30
WIDTH = 560


@dataclass(frozen=True)
class Bar:
    """One line: a frequency with its 95 % interval; ``frequency`` None where nobody was covered."""

    label: str
    frequency: float | None
    low: float | None
    high: float | None
    missing: str
    """What stands in the line when there is no frequency."""
    heavy: bool = False


def region_svg(bars: Sequence[Bar], decades: Sequence[str], *, identifier: str, title: str, description: str) -> str:
    """Bars below each other, over an axis with one of ``decades`` as word for each of ``DECADES``.

    A frequency of zero is a hollow mark at the left end; no frequency is a word.
    """
    bottom = TOP + ROW * len(bars)
    parts = []
    for exponent, label in zip(DECADES, decades, strict=True):
        x = number(_x(10.0**exponent))
        grid = f'<path d="M{x} {TOP - 6}V{bottom}" stroke="currentColor" stroke-opacity="0.15"/>'
        parts += [grid, text(x, bottom + 18, label, anchor=_anchor(exponent), size=11)]
    parts.append(line(LEFT, bottom, RIGHT, bottom))
    for place, bar in enumerate(bars):
        parts += _row(bar, TOP + ROW * place + ROW // 2 - 3)
    size = (WIDTH, bottom + 28)
    return figure("regions", size, parts, identifier=identifier, title=title, description=description)


def _row(bar: Bar, y: int) -> list[str]:
    label = text(0, y + 4, bar.label, size=13, weight="600" if bar.heavy else "400")
    if bar.frequency is None or bar.low is None or bar.high is None:
        return [label, text(LEFT + 4, y + 4, bar.missing, size=12)]
    low, high = _x(bar.low), _x(bar.high)
    width = 4 if bar.heavy else 2.5
    whisker = (
        f'<path class="interval" d="M{number(low)} {y}H{number(high)}" stroke="currentColor" '
        f'stroke-width="{width}" stroke-opacity="0.5"/>'
    )
    ends = [line(number(end), y - 4, number(end), y + 4) for end in (low, high)]
    fill = "currentColor" if bar.frequency else "none"
    place = attributes(cx=number(_x(bar.frequency)), cy=y, r=6 if bar.heavy else 4.5)
    mark = f'<circle class="observed" {place} fill="{fill}" stroke="currentColor" stroke-width="1.4"/>'
    return [label, whisker, *ends, mark]


def _x(frequency: float) -> float:
    exponent = math.log10(max(frequency, 10.0**LOWEST_EXPONENT))
    return RIGHT - (exponent / LOWEST_EXPONENT) * (RIGHT - LEFT)


def _anchor(exponent: int) -> str:
    return {LOWEST_EXPONENT: "start", 0: "end"}.get(exponent, "middle")
