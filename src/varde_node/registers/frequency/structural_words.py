"""Structural variants in words: kinds, places, sizes, the genes they touch, and the rows of a region's table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from varde.annotation.transcripts import Transcript
from varde.frequency.lookup import State
from varde.frequency.structural_clusters import StructuralCall
from varde.genome.builds import CONTIGS, Build
from varde.genome.regions import Region
from varde_node.formats import number
from varde_node.registers.frequency import search

EVENTS: dict[str, str | Promise] = {
    "DEL": _("Deletion"),
    "DUP": _("Duplication"),
    "INS": _("Insertion"),
    "INV": _("Inversion"),
    "BND": _("Breakend"),
    "CNV": _("Change of copy number"),
}
EVENT_STATES: dict[State, tuple[str, str | Promise, str | Promise]] = {
    State.OBSERVED: ("info", _("Observed"), _("At least one of those who were read for such has an event like it.")),
    State.ABSENT_COVERED: (
        "ok",
        _("Nobody has one like it"),
        _("People were read by a method that sees structural variants, and none of them has an event like this one."),
    ),
    State.NOT_COVERED: (
        "warn",
        _("Not looked for"),
        _("Nobody was read here by a method that sees structural variants. This is not a frequency of zero."),
    ),
}


@dataclass(frozen=True)
class HitGene:
    """A gene that an event touches, with how much of it, in words."""

    symbol: str
    hit: str | Promise
    transcript: str


def event_text(call: StructuralCall) -> str:
    """An event as people read it: chr2:1 200–3 400, chr2:1 200, or both ends of a breakend."""
    here = f"chr{CONTIGS[call.contig - 1]}:{number(call.start)}"
    if call.kind == "BND":
        return f"{here} ↔ chr{CONTIGS[call.mate_contig - 1]}:{number(call.mate_position)}"
    return here if call.kind == "INS" else f"{here}–{number(call.end)}"


def event_number(number: int) -> str:
    """What an event is called in the picture and in the table of those that are like one."""
    return gettext("Event %(number)s") % {"number": number}


def event_size(call: StructuralCall) -> str:
    """The bases of an event; a dash where it has none that are known."""
    if not call.length or call.kind == "BND":
        return "–"
    return ngettext("%(bases)s base", "%(bases)s bases", call.length) % {"bases": number(call.length)}


def hit_genes(build: Build, call: StructuralCall) -> list[HitGene]:
    """The genes with a base in an event, or at a place of insertion or a breakend, in order of place."""
    spans = [(call.contig, call.start - 1, call.end)]
    if call.kind == "BND":
        spans.append((call.mate_contig, call.mate_position - 1, call.mate_position))
    return [
        HitGene(gene.gene, _how_much(gene, start, end), gene.name)
        for contig, start, end in spans
        for gene in search.genes_in(Region(build, contig, start, end))
    ]


def region_rows(events: pl.DataFrame) -> list[tuple[StructuralCall, str | Promise, str, str, dict[str, object]]]:
    """The rows of a region's table of structural variants: event, kind, place, size and counts."""
    rows = []
    for row in events.iter_rows(named=True):
        call = StructuralCall.of(row)
        share = row["ac"] / row["an"] if row["an"] else None
        rows.append((call, EVENTS[call.kind], event_text(call), event_size(call), row | {"af": share}))
    return rows


def _how_much(gene: Transcript, start0: int, end0: int) -> str:
    """The whole gene, so many of its exons, or an intron."""
    if start0 <= gene.start0 and end0 >= gene.end0:
        return gettext("the whole gene")
    exons = _exons_in(gene.exons, start0, end0)
    if not exons:
        return gettext("within an intron")
    return ngettext("%(hit)s of %(all)s exon", "%(hit)s of %(all)s exons", len(gene.exons)) % {
        "hit": exons,
        "all": len(gene.exons),
    }


def _exons_in(exons: Sequence[tuple[int, int]], start0: int, end0: int) -> int:
    return sum(first < end0 and last > start0 for first, last in exons)
