"""Structural events against the one asked for: bars with the stretches where the ends of their calls lie, and genes.

A breakend is drawn twice, around either end. Sizes are of the drawing, not of the screen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from varde.annotation.transcripts import Transcript
from varde.frequency.structural_clusters import StructuralCall
from varde.genome.builds import Build, contig_length
from varde.genome.regions import Region
from varde.genome.svg import figure, number, text
from varde_node import formats
from varde_node.registers.frequency import search
from varde_node.registers.frequency.drawing import as_picture
from varde_node.registers.frequency.landscape import GENE_ROW, LEFT, MOST_GENES, WIDTH, Axis, gene_row, position_labels
from varde_node.registers.frequency.structural_queries import LikeEvent, StructuralView
from varde_node.registers.frequency.structural_words import event_number

LANE, TOP, HALF, LEAST_WIDTH = 30, 12, 6, 7
MOST_DRAWN = 6
"""Events that are drawn; the table has all."""
AROUND_A_POINT = 400
"""Bases drawn to either side of an insertion or a breakend, at least."""


@dataclass(frozen=True)
class Lane:
    """One line: what it is called, from which base to which (1-based), and where the ends of its calls lie."""

    label: str
    first: int
    last: int
    starts: tuple[int, int]
    ends: tuple[int, int]
    asked: bool = False


def event_pictures(view: StructuralView, build: Build) -> tuple[SafeString, ...]:
    """The pictures of an answer: one, or of a breakend one for each end."""
    asked = _("Asked for")
    if view.call.kind == "BND":
        here = [Lane(asked, *_both(view.call.start), asked=True)]
        there = [Lane(asked, *_both(view.call.mate_position), asked=True)]
        for name, one in _named(view):
            here.append(Lane(name, *_point(one.call.start), one.first, one.first))
            there.append(Lane(name, *_point(one.call.mate_position), one.last, one.last))
        ends = ((view.call.contig, here, "event"), (view.call.mate_contig, there, "mate"))
        return tuple(_picture(build, contig, lanes, identifier) for contig, lanes, identifier in ends)
    lanes = [Lane(asked, *_whole(view.call), asked=True)]
    for name, one in _named(view):
        ends = one.first if one.call.kind == "INS" else one.last
        lanes.append(Lane(name, one.call.start, one.call.end, one.first, ends))
    return (_picture(build, view.call.contig, lanes, "event"),)


def event_svg(region: Region, lanes: Sequence[Lane], genes: Sequence[Transcript], identifier: str) -> str:
    """Lanes below each other over the genes and the positions of the region."""
    x, parts = Axis(region), []
    for place, lane in enumerate(lanes):
        parts += _lane(lane, x, TOP + LANE * place + LANE // 2)
    bottom = TOP + LANE * len(lanes) + 6
    shown = list(genes[:MOST_GENES])
    parts += [part for row, gene in enumerate(shown) for part in gene_row(gene, x, bottom + row * GENE_ROW)]
    bottom += len(shown) * GENE_ROW
    parts += position_labels(region, x, bottom, formats.number)
    said = _("%(events)s drawn against the one that was asked for, from %(first)s to %(last)s.") % {
        "events": formats.number(len(lanes) - 1),
        "first": formats.number(region.start0 + 1),
        "last": formats.number(region.end0),
    }
    size = (WIDTH, bottom + 24)
    return figure("events", size, parts, identifier=identifier, title=_("Events by position"), description=said)


def region_of(build: Build, contig: int, lanes: Iterable[Lane]) -> Region:
    """What is drawn: all of the lanes with a tenth to either side."""
    places = [place for lane in lanes for place in (lane.first, lane.last, *lane.starts, *lane.ends)]
    first, last = min(places), max(places)
    beside = max((last - first) // 10, AROUND_A_POINT)
    return Region(build, contig, max(first - 1 - beside, 0), min(last + beside, contig_length(build, contig)))


def _picture(build: Build, contig: int, lanes: Sequence[Lane], identifier: str) -> SafeString:
    region = region_of(build, contig, lanes)
    return as_picture(event_svg(region, lanes, search.genes_in(region), identifier))


def _named(view: StructuralView) -> list[tuple[str, LikeEvent]]:
    return [(event_number(place), one) for place, one in enumerate(view.events[:MOST_DRAWN], start=1)]


def _point(place: int) -> tuple[int, int]:
    return place, place


def _both(place: int) -> tuple[int, int, tuple[int, int], tuple[int, int]]:
    return place, place, (place, place), (place, place)


def _whole(call: StructuralCall) -> tuple[int, int, tuple[int, int], tuple[int, int]]:
    return call.start, call.end, (call.start, call.start), (call.end, call.end)


def _lane(lane: Lane, x: Axis, y: int) -> list[str]:
    first, last = x.at(lane.first - 1), x.at(lane.last)
    kind = "asked" if lane.asked else "counted"
    if last - first < LEAST_WIDTH:
        first, last = (first + last - LEAST_WIDTH) / 2, (first + last + LEAST_WIDTH) / 2
    bar = f"M{number(first)} {y - HALF}H{number(last)}V{y + HALF}H{number(first)}z"
    parts = [
        text(LEFT - 8, y + 4, lane.label, anchor="end", size=13, weight="600" if lane.asked else "400"),
        f'<path class="{kind}" d="{bar}"/>',
    ]
    windows = "" if lane.asked else "".join(_window(span, x, y) for span in dict.fromkeys((lane.starts, lane.ends)))
    if windows:
        parts.append(f'<path class="window" d="{windows}" fill="none" stroke="currentColor" stroke-width="1.4"/>')
    return parts


def _window(span: tuple[int, int], x: Axis, y: int) -> str:
    """A bracket over the stretch where the ends of an event's calls lie."""
    low, high = x.at(span[0] - 1), x.at(span[1])
    top, bottom = y - HALF - 4, y + HALF + 4
    return f"M{number(low)} {top}V{bottom}M{number(low)} {top}H{number(high)}M{number(high)} {top}V{bottom}"
