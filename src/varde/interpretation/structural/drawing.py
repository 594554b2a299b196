"""An event over the genes it touches, as SVG; the same rules as ``varde.interpretation.drawing``."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from varde.annotation.transcripts import Transcript
from varde.genome.svg import attributes, figure, line, number, text

_LEFT, _RIGHT, _ROW, _TOP = 8.0, 632.0, 34, 58
DRAWN_GENES = 12
"""Genes drawn one by one; more would be a carpet."""


def event_svg(
    span: tuple[int, int],
    kind: str,
    genes: Sequence[Transcript],
    *,
    marked: Sequence[str] = (),
    identifier: str,
    title: str,
    description: str,
) -> str:
    """The event (1-based inclusive ``span``) as a bar above its genes, to scale, each with its exons and an arrow in
    the direction of reading. ``marked`` genes are written in bold. A loss is hatched by dashes, a gain is filled."""
    start, end = span
    low = min([start, *(one.start0 + 1 for one in genes)])
    high = max([end, *(one.end0 for one in genes)])
    margin = max((high - low) // 20, 200)
    low, high = max(1, low - margin), high + margin

    def x(position: float) -> float:
        return _LEFT + (_RIGHT - _LEFT) * (position - low) / max(high - low, 1)

    parts = [_bar(x(start), x(end + 1), kind), line(_LEFT, 40, _RIGHT, 40)]
    for share in (0.0, 0.5, 1.0):
        place = _LEFT + share * (_RIGHT - _LEFT)
        anchor = ("start", "middle", "end")[int(share * 2)]
        parts.append(line(number(place), 37, number(place), 43))
        parts.append(text(number(place), 54, f"{int(low + share * (high - low)):,}", anchor=anchor, size=10))
    for row, gene in enumerate(genes[:DRAWN_GENES]):
        parts.append(_gene(gene, _TOP + 18 + row * _ROW, x, bold=gene.gene in marked))
    for edge in (x(start), x(end + 1)):
        bottom = _TOP + 12 + _ROW * min(len(genes), DRAWN_GENES)
        parts.append(
            f'<path d="M{number(edge)} 28V{bottom}" stroke="currentColor" stroke-opacity="0.5" stroke-dasharray="2 3"/>'
        )
    height = _TOP + 20 + _ROW * max(1, min(len(genes), DRAWN_GENES))
    return figure("event", (640, height), parts, identifier=identifier, title=title, description=description)


def _bar(left: float, right: float, kind: str) -> str:
    box = attributes(x=number(left), y=14, width=number(max(2.0, right - left)), height=14)
    fill = 'fill="none" stroke-dasharray="4 3"' if kind == "DEL" else 'fill="currentColor" fill-opacity="0.45"'
    return f'<rect class="event-bar {kind.lower()}" {box} {fill} stroke="currentColor" stroke-width="1.6"/>'


def _gene(gene: Transcript, y: int, place: Callable[[float], float], *, bold: bool) -> str:
    left, right = place(gene.start0 + 1), place(gene.end0)
    parts = [line(number(left), y, number(right), y)]
    for start, end in gene.exons:
        edges = place(start + 1), place(end)
        box = attributes(x=number(edges[0]), y=y - 5, width=number(max(1.0, edges[1] - edges[0])), height=10)
        parts.append(f'<rect {box} fill="currentColor" fill-opacity="0.55"/>')
    arrow = "→" if gene.strand == 1 else "←"
    anchor, where = ("end", right) if left > (_LEFT + _RIGHT) / 2 else ("start", left)
    parts.append(
        text(number(where), y + 18, f"{gene.gene} {arrow}", anchor=anchor, size=11, weight="700" if bold else "400")
    )
    return "".join(parts)
