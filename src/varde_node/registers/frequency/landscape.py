"""A region as a picture by the server: genes, what was read, and the frequency of every site on a log axis.

Few sites are drawn one by one; of many, the cells of a grid are shaded by how many sites they hold, so that no site is
left out. Sizes are of the drawing, not of the screen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.annotation.transcripts import Span, Transcript
from varde.frequency.browse import Density, Window
from varde.genome.regions import Region
from varde.genome.svg import figure, number, text

WIDTH, LEFT, RIGHT = 760, 96.0, 752.0
LOWEST_EXPONENT = -5
TOP, PLOT = 14, 200
"""Where the frequencies begin, and how high they stand."""
COVERAGE = 46
GENE_ROW = 26
MOST_GENES = 6
MOST_MARKS = 400
GRID = (164, 20)
SHADES = (1, 3, 10, 30)
"""From so many sites in a cell on, it is darker."""


@dataclass(frozen=True)
class Words:
    """What the picture says. ``decades``: one word for each power of ten from the lowest to 1."""

    title: str
    description: str
    decades: Sequence[str]
    read: str
    read_at_most: str
    places: Callable[[int], str]


@dataclass(frozen=True)
class Marks:
    """The frequencies of a window's sites: from ``low`` to ``high``, the same where they are exact."""

    window: Window
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def landscape_svg(
    region: Region, marks: Marks, coverage: pl.DataFrame, most_read: int, genes: Sequence[Transcript], words: Words
) -> str:
    """``coverage``: start0, end0 and an of stretches; ``most_read``: the allele number that fills the strip."""
    x = Axis(region)
    plot_bottom = TOP + PLOT
    read_bottom = plot_bottom + 18 + COVERAGE
    shown = list(genes[:MOST_GENES])
    parts = [
        *_decades(words.decades),
        *(_cells(marks, region) if len(marks.window) > MOST_MARKS else _lollipops(marks, x)),
        *_read(coverage, most_read, x, plot_bottom + 18, words),
        *(part for row, gene in enumerate(shown) for part in gene_row(gene, x, read_bottom + 14 + row * GENE_ROW)),
    ]
    bottom = read_bottom + 14 + len(shown) * GENE_ROW
    parts += position_labels(region, x, bottom, words.places)
    size = (WIDTH, bottom + 24)
    return figure("landscape", size, parts, identifier="landscape", title=words.title, description=words.description)


@dataclass(frozen=True)
class Axis:
    """Places of a region on the drawing."""

    region: Region

    def at(self, position0: float) -> float:
        """The place of a 0-based position; of one outside, the nearer edge."""
        share = (position0 - self.region.start0) / len(self.region)
        return LEFT + min(max(share, 0.0), 1.0) * (RIGHT - LEFT)


def _height(frequency: NDArray[np.float64] | float) -> NDArray[np.float64]:
    exponent = np.log10(np.maximum(frequency, 10.0**LOWEST_EXPONENT))
    return TOP + np.asarray(exponent) / LOWEST_EXPONENT * PLOT


def _decades(decades: Sequence[str]) -> list[str]:
    parts = []
    for exponent, label in zip(range(LOWEST_EXPONENT, 1), decades, strict=True):
        y = number(float(_height(10.0**exponent)))
        parts.append(f'<path d="M{LEFT:g} {y}H{RIGHT:g}" stroke="currentColor" stroke-opacity="0.15"/>')
        parts.append(text(LEFT - 8, float(y) + 4, label, anchor="end", size=13))
    return parts


def _lollipops(marks: Marks, x: Axis) -> list[str]:
    """A stem with a head for each exact site; a bar from edge to edge for each bin."""
    seen = np.flatnonzero(marks.high > 0)
    places = [x.at(position - 0.5) for position in marks.window.positions[seen].tolist()]
    tops, bottoms = _height(marks.high[seen]).tolist(), _height(marks.low[seen]).tolist()
    floor = TOP + PLOT
    stems, heads = [], []
    for place, top, bottom in zip(places, tops, bottoms, strict=True):
        at = number(place)
        stems.append(f"M{at} {floor}V{number(top)}")
        heads.append(f"M{at} {number(top)}V{number(max(bottom, top + 0.1))}")
    return [
        f'<path class="stems" d="{"".join(stems)}" stroke="currentColor" stroke-opacity="0.25"/>',
        f'<path class="sites" d="{"".join(heads)}" stroke-width="5" stroke-linecap="round"/>',
    ]


def _cells(marks: Marks, region: Region) -> list[str]:
    columns, rows = GRID
    middle = np.sqrt(np.maximum(marks.low, 10.0**LOWEST_EXPONENT) * marks.high)
    frequency = np.where(marks.high > 0, middle, 0.0)
    count = Density.of(marks.window, frequency, columns=columns, rows=rows, lowest=10.0**LOWEST_EXPONENT).count
    wide, high = (RIGHT - LEFT) / columns, PLOT / rows
    parts = []
    for shade, least in enumerate(SHADES):
        most = SHADES[shade + 1] if shade + 1 < len(SHADES) else None
        chosen = (count >= least) if most is None else (count >= least) & (count < most)
        squares = "".join(
            f"M{number(LEFT + column * wide)} {number(TOP + PLOT - row * high)}h{wide:.2f}v{-high:.2f}h{-wide:.2f}z"
            for column, row in np.argwhere(chosen).tolist()
        )
        if squares:
            opacity = (shade + 1) / len(SHADES)
            parts.append(f'<path class="cells" d="{squares}" fill-opacity="{opacity:g}"/>')
    return parts


def _read(coverage: pl.DataFrame, most_read: int, x: Axis, top: int, words: Words) -> list[str]:
    """The alleles read, as steps; where none was read, a gap over a dashed line."""
    bottom = top + COVERAGE
    shape = []
    for start, end, an in _by_pixel(coverage, x):
        height = min(an / max(most_read, 1), 1.0) * COVERAGE
        if an:
            shape.append(f"M{number(start)} {bottom}V{number(bottom - height)}H{number(end)}V{bottom}z")
    return [
        f'<path d="M{LEFT:g} {bottom}H{RIGHT:g}" stroke="currentColor" stroke-dasharray="2 4" stroke-opacity="0.6"/>',
        f'<path class="read" d="{"".join(shape)}"/>',
        text(LEFT - 8, top + 18, words.read, anchor="end", size=13),
        text(LEFT - 8, top + 34, words.read_at_most, anchor="end", size=12),
    ]


def _by_pixel(coverage: pl.DataFrame, x: Axis) -> list[tuple[float, float, int]]:
    """Stretches as start, end and allele number; of those narrower than a point of the drawing the least in it."""
    if coverage.height <= 2 * (RIGHT - LEFT):
        return [(x.at(start), x.at(end), an) for start, end, an in coverage.select("start0", "end0", "an").iter_rows()]
    scale = (RIGHT - LEFT) / len(x.region)
    pixel = ((pl.col("start0") - x.region.start0) * scale).cast(pl.Int64)
    least = coverage.group_by(pixel.alias("pixel")).agg(pl.col("an").min()).sort("pixel")
    ends = [*least["pixel"].to_list()[1:], int(RIGHT - LEFT)]
    return [(LEFT + at, LEFT + end, an) for (at, an), end in zip(least.iter_rows(), ends, strict=True)]


def gene_row(gene: Transcript, x: Axis, top: int) -> list[str]:
    """Exons as boxes, coding ones taller, on a line with the direction; the symbol before it."""
    middle = top + 9
    first, last = x.at(gene.start0), x.at(gene.end0)
    cds = gene.cds or (0, 0)
    untranslated = "".join(_box(span, x, middle, 4) for span in gene.exons)
    coding = "".join(_box(span, x, middle, 8) for span in (_inside(one, cds) for one in gene.exons) if span)
    arrow = "›" if gene.strand == 1 else "‹"
    return [
        text(LEFT - 8, middle + 4, f"{gene.gene} {arrow}", anchor="end", size=13),
        f'<path d="M{number(first)} {middle}H{number(last)}" stroke="currentColor" stroke-opacity="0.6"/>',
        f'<path class="exons" d="{untranslated}{coding}"/>',
    ]


def _inside(span: Span, other: Span) -> Span | None:
    start, end = max(span[0], other[0]), min(span[1], other[1])
    return (start, end) if start < end else None


def _box(span: Span, x: Axis, middle: int, half: int) -> str:
    start, end = x.at(span[0]), x.at(span[1])
    return f"M{number(start)} {middle - half}H{number(max(end, start + 1))}V{middle + half}H{number(start)}z"


def position_labels(region: Region, x: Axis, bottom: int, places: Callable[[int], str]) -> list[str]:
    """The first, the middle and the last position below a picture."""
    ends = ((region.start0 + 1, LEFT, "start"), (region.end0, RIGHT, "end"))
    middle = (region.start0 + region.end0) // 2
    shown = [*ends, (middle, x.at(middle), "middle")] if len(region) > 2 else [ends[0]]
    return [text(place, bottom + 14, places(position), anchor=anchor, size=13) for position, place, anchor in shown]
