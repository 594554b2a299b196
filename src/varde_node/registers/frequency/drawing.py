"""Frequencies on a log axis, as SVG drawn by the server: of each region, of one bin, and of all sites of a region."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from varde.frequency.browse import coverage_steps
from varde.frequency.index import FrequencyIndex
from varde.genome.regions import Region
from varde.genome.svg import attributes, figure, line, number, text
from varde_node import formats
from varde_node.registers.frequency import landscape as landscapes
from varde_node.registers.frequency import search, words
from varde_node.registers.frequency.landscape import Marks, Words, landscape_svg

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


BIN_WIDTH, BIN_LEFT, BIN_RIGHT = 360, 16.0, 344.0


def bin_svg(low: float, high: float, *, title: str, description: str) -> str:
    """One bin as a bar from ``low`` to ``high`` on a log axis from 1 in 100 000 to all; 0 is the left end."""
    top, bottom = 18, 58
    parts = []
    for exponent in DECADES:
        x = number(_on_bin_axis(10.0**exponent))
        label = words.one_in(10.0**exponent) if exponent else formats.percent(1.0, 0)
        parts.append(f'<path d="M{x} {top - 6}V{bottom}" stroke="currentColor" stroke-opacity="0.15"/>')
        if exponent % 2 or exponent == 0:
            parts.append(text(x, bottom + 20, label, anchor=_anchor(exponent), size=14))
    first, last = _on_bin_axis(low), _on_bin_axis(high)
    place = attributes(x=number(first), y=top, width=number(max(last - first, 4.0)), height=28, rx=6)
    parts += [line(BIN_LEFT, bottom, BIN_RIGHT, bottom), f'<rect class="bin" {place}/>']
    return figure("bin", (BIN_WIDTH, bottom + 28), parts, identifier="bin", title=title, description=description)


def _on_bin_axis(frequency: float) -> float:
    exponent = math.log10(max(frequency, 10.0**LOWEST_EXPONENT))
    return BIN_RIGHT - exponent / LOWEST_EXPONENT * (BIN_RIGHT - BIN_LEFT)


def landscape(region: Region, marks: Marks, index: FrequencyIndex, most_read: int, read_word: str) -> SafeString:
    """The picture of a region with its genes, what was read (called ``read_word``), and all its sites."""
    coverage = coverage_steps(index, region)
    read = int(coverage.filter(pl.col("an") > 0).select((pl.col("end0") - pl.col("start0")).sum()).item())
    genes = search.genes_in(region)
    said = ngettext("%(sites)s site is drawn.", "%(sites)s sites are drawn.", len(marks.window)) % {
        "sites": formats.number(len(marks.window))
    }
    said = " ".join(
        (said, _("%(share)s of the bases were read in somebody.") % {"share": formats.percent(read / len(region))})
    )
    if genes:
        said = " ".join((said, _("Genes: %(genes)s.") % {"genes": ", ".join(one.gene for one in genes[:12])}))
    drawn = landscape_svg(
        region,
        marks,
        coverage,
        most_read,
        genes,
        Words(
            title=_("Frequencies by position"),
            description=said,
            decades=[words.one_in(10.0**one) if one else formats.percent(1.0, 0) for one in _landscape_decades()],
            read=read_word,
            read_at_most=_("up to %(an)s") % {"an": formats.number(most_read)},
            places=formats.number,
        ),
    )
    return as_picture(drawn)


def as_picture(drawn: str) -> SafeString:
    """A drawing for a page; every word in it is escaped by the library's primitives."""
    return mark_safe(drawn.replace('class="figure ', 'class="picture figure '))  # noqa: S308


def _landscape_decades() -> range:
    return range(landscapes.LOWEST_EXPONENT, 1)
