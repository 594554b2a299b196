"""A funnel plot as SVG: groups by size and share, the common share, and the limits that chance sets.

As the other drawings: no script, no ``style``, only ``currentColor``; all words come from the caller.
"""

from __future__ import annotations

from dataclasses import dataclass

from varde.genome.svg import attributes, figure, line, number, text
from varde.interpretation.funnel import INNER, OUTER, Funnel, Place, Point, limits

_LEFT, _RIGHT, _TOP, _BOTTOM = 44.0, 548.0, 14.0, 232.0
_STEPS = 60
_OUTSIDE = {Place.FAR_ABOVE, Place.FAR_BELOW}
_LOOKED_AT = {Place.ABOVE, Place.BELOW}


@dataclass(frozen=True)
class FunnelWords:
    """Words of the drawing: the axis of cases, and the names of the two bands."""

    cases: str
    inner: str
    outer: str


def funnel_svg(shown: Funnel, words: FunnelWords, *, identifier: str, title: str, description: str) -> str:
    """The plot; groups with too few cases stand on the axis of cases without a share."""
    largest = max([10, *(point.tally.total for point in shown.points)])
    parts = [*_axes(largest, words)]
    if shown.target is not None:
        parts += [_level(shown.target), *_bands(shown.target, largest, words)]
    parts += [_dot(point, largest) for point in shown.points if point.tally.total]
    return figure("funnel", (560, 262), parts, identifier=identifier, title=title, description=description)


def _x(total: float, largest: int) -> float:
    return _LEFT + (_RIGHT - _LEFT) * total / (largest * 1.08)


def _y(share: float) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * share


def _axes(largest: int, words: FunnelWords) -> list[str]:
    parts = [line(_LEFT, _BOTTOM, _RIGHT, _BOTTOM), line(_LEFT, _TOP, _LEFT, _BOTTOM)]
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        parts.append(text(_LEFT - 6, _y(share) + 4, f"{share * 100:.0f} %", anchor="end", size=11))
    for total in (0, largest // 2, largest):
        parts.append(text(number(_x(total, largest)), _BOTTOM + 15, str(total), anchor="middle", size=11))
    parts.append(text(_RIGHT, _BOTTOM + 29, words.cases, anchor="end", size=11))
    return parts


def _level(target: float) -> str:
    place = attributes(x1=_LEFT, y1=number(_y(target)), x2=_RIGHT, y2=number(_y(target)))
    return f'<line {place} stroke="currentColor" stroke-width="1"/>'


def _bands(target: float, largest: int, words: FunnelWords) -> list[str]:
    totals = sorted({max(1, round(largest * 1.08 * step / _STEPS)) for step in range(1, _STEPS + 1)})
    parts = []
    for coverage, dashes, name in ((INNER, "4 3", words.inner), (OUTER, "1 3", words.outer)):
        ends = [(total, *limits(target, total, coverage)) for total in totals]
        for side in (1, 2):
            points = " ".join(f"{number(_x(end[0], largest))},{number(_y(end[side]))}" for end in ends)
            parts.append(
                f'<polyline points="{points}" fill="none" stroke="currentColor" stroke-width="1.2" '
                f'stroke-dasharray="{dashes}"/>'
            )
        key_y = _TOP + 8 + 16 * (coverage is OUTER)
        key = attributes(x1=_RIGHT - 150, y1=key_y - 4, x2=_RIGHT - 120, y2=key_y - 4)
        parts.append(f'<line {key} stroke="currentColor" stroke-width="1.2" stroke-dasharray="{dashes}"/>')
        parts.append(text(_RIGHT - 114, key_y, name, size=11))
    return parts


def _dot(point: Point, largest: int) -> str:
    x = _x(point.tally.total, largest)
    if point.place is Place.TOO_FEW:
        return f'<circle {attributes(cx=number(x), cy=_BOTTOM, r=3)} fill="none" stroke="currentColor"/>'
    y = _y(point.tally.share or 0.0)
    fill = "currentColor" if point.place in _OUTSIDE else "none"
    ring = attributes(cx=number(x), cy=number(y), r=5, fill=fill)
    mark = f'<circle {ring} stroke="currentColor" stroke-width="2"/>'
    if point.place in _LOOKED_AT:
        mark += f'<circle {attributes(cx=number(x), cy=number(y), r=2)} fill="currentColor"/>'
    gap, anchor = (-9, "end") if x > (_LEFT + _RIGHT) * 0.62 else (9, "start")
    return mark + text(round(x + gap, 1), round(y + 4, 1), point.tally.group, anchor=anchor, size=11)
