"""A picture of a gene's coverage: a bar for each exon, and its gaps at their places below.

Like the other drawings: presentation attributes and ``currentColor`` only; all words come from the caller.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from varde.genome.svg import attributes, figure, line, text

WIDTH, ROW_HEIGHT, BAR_HEIGHT = 720, 118, 64
EXONS_PER_ROW = 16
_LEFT, _TOP, _SPACE = 44, 22, 5
_DRAWN_DEPTH_X = 60
"""Depth at which a bar is full: three times the usual limit; what is deeper is told by the table."""


@dataclass(frozen=True)
class DrawnExon:
    """An exon: its number, bases, mean depth (None: not known) and its gaps as (first, last) share of its length."""

    number: int
    bases: int
    mean: float | None
    gaps: tuple[tuple[float, float], ...] = ()


def coverage_svg(
    exons: Sequence[DrawnExon], minimum_x: int, *, identifier: str, title: str, description: str, unknown: str
) -> str:
    """The gene's exons in rows of at most ``EXONS_PER_ROW``; ``unknown`` is what stands over an exon without data."""
    rows = [exons[first : first + EXONS_PER_ROW] for first in range(0, len(exons), EXONS_PER_ROW)]
    parts = [part for number, row in enumerate(rows) for part in _row(row, number * ROW_HEIGHT, minimum_x, unknown)]
    size = (WIDTH, max(len(rows), 1) * ROW_HEIGHT + 8)
    return figure("coverage", size, parts, identifier=identifier, title=title, description=description)


def _row(exons: Sequence[DrawnExon], top: float, minimum_x: int, unknown: str) -> list[str]:
    base = top + _TOP + BAR_HEIGHT
    limit = base - BAR_HEIGHT * min(minimum_x / _DRAWN_DEPTH_X, 1)
    parts = [
        line(_LEFT, base, WIDTH, base),
        f'<line {attributes(x1=_LEFT, y1=round(limit, 1), x2=WIDTH, y2=round(limit, 1))} stroke="currentColor" '
        'stroke-width="1" stroke-dasharray="4 4"/>',
        text(_LEFT - 6, limit + 4, f"{minimum_x}×", anchor="end", size=11),
        text(_LEFT - 6, base + 4, "0", anchor="end", size=11),
    ]
    room = (WIDTH - _LEFT - _SPACE * (EXONS_PER_ROW + 1)) / EXONS_PER_ROW
    for place, exon in enumerate(exons):
        left = _LEFT + _SPACE + place * (room + _SPACE)
        parts += _exon(exon, (left, base), room, unknown)
    return parts


def _exon(exon: DrawnExon, at: tuple[float, float], width: float, unknown: str) -> list[str]:
    left, base = at
    parts = [text(round(left + width / 2, 1), base + 26, str(exon.number), anchor="middle", size=11)]
    if exon.mean is None:
        place = attributes(x=round(left, 1), y=base - 24, width=round(width, 1), height=24)
        box = f'<rect {place} fill="none" stroke="currentColor" stroke-dasharray="2 3"/>'
        return [*parts, box, text(round(left + width / 2, 1), base - 8, unknown, anchor="middle", size=11)]
    height = BAR_HEIGHT * min(exon.mean / _DRAWN_DEPTH_X, 1)
    place = attributes(x=round(left, 1), y=round(base - height, 1), width=round(width, 1), height=round(height, 1))
    parts.append(f'<rect {place} fill="currentColor" fill-opacity="0.28"/>')
    if exon.mean > _DRAWN_DEPTH_X:
        parts.append(text(round(left + width / 2, 1), base - height - 5, f"{exon.mean:.0f}", anchor="middle", size=11))
    for first, last in exon.gaps:
        start, length = left + width * first, max(width * (last - first), 2)
        place = attributes(x=round(start, 1), y=base + 3, width=round(length, 1), height=9)
        parts.append(f'<rect {place} fill="currentColor"/>')
    return parts
