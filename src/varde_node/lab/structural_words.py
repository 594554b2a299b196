"""Words of structural variants and repeats in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from varde.frequency.structural import Unusable
from varde.genome.builds import CONTIGS, Build, refseq_accession
from varde.interpretation.repeats.calls import RepeatState
from varde.interpretation.structural.calls import Carried
from varde.interpretation.structural.genes import Extent
from varde.interpretation.structural.selection import Fall
from varde_node.formats import number
from varde_node.lab.words import Text

KIND_NAMES: dict[str, Text] = {
    "DEL": _("Deletion"),
    "DUP": _("Duplication"),
    "INS": _("Insertion"),
    "INV": _("Inversion"),
    "BND": _("Breakend"),
    "CNV": _("Copy number"),
}
CARRIED_NAMES: dict[str, Text] = {
    Carried.CARRIED: _("carries it"),
    Carried.ABSENT: _("called without it"),
    Carried.NO_CALL: _("no call"),
    Carried.NOT_CALLED: _("not in this person's file"),
    Carried.NOT_APPLICABLE: _("not applicable: no structural data"),
}
FALL_NAMES: dict[str, Text] = {
    Fall.CHILD: _("In a relative alone"),
    Fall.QUALITY: _("Caller's filter"),
    Fall.GATE: _("The child's call is too weak"),
    Fall.FREQUENCY: _("More frequent than 1 %"),
    Fall.GENE: _("Touches no gene"),
    Fall.PANEL: _("Touches no gene of the panel"),
}
SECTION_NAMES: dict[int, Text] = {
    1: _("1 Content"),
    2: _("2 Known genes and regions"),
    3: _("3 Number of genes"),
    4: _("4 Literature, databases and population"),
    5: _("5 This family"),
}
REPEAT_STATE_NAMES: dict[str, Text] = {
    RepeatState.NORMAL: _("normal"),
    RepeatState.INTERMEDIATE: _("intermediate"),
    RepeatState.EXPANDED: _("expanded"),
    RepeatState.NOT_EVALUATED: _("not evaluated"),
}
REPEAT_WHY: dict[str, Text] = {
    "no_locus": _("the locus is not in the laboratory's table"),
    "no_call": _("the caller gives no size"),
}
UNUSABLE_NAMES: dict[str, Text] = {
    Unusable.OTHER_SEQUENCE: _("not on a chromosome"),
    Unusable.MITOCHONDRIAL: _("mitochondrial"),
    Unusable.BAD_POSITION: _("position outside the chromosome"),
    Unusable.NO_END: _("no end and no length"),
    Unusable.BAD_END: _("end before the start"),
    Unusable.LENGTH_CONTRADICTS_END: _("length and end contradict each other"),
    Unusable.UNKNOWN_SYMBOL: _("unknown kind"),
    Unusable.USUAL_COPIES: _("the usual number of copies"),
    Unusable.BAD_BREAKEND: _("breakend cannot be read"),
    Unusable.SINGLE_BREAKEND: _("breakend without a mate"),
    Unusable.NO_CHROMOSOME: _("pseudo-autosomal part of Y"),
}
RATING_NAMES: dict[int | None, Text] = {
    3: _("sufficient evidence"),
    2: _("some evidence"),
    1: _("little evidence"),
    0: _("no evidence"),
    30: _("recessive"),
    40: _("unlikely"),
    None: _("not yet evaluated"),
}


def size_words(bases: int) -> str:
    """``310 bp``, ``4,2 kb``, ``1,53 Mb``."""
    if bases < 1_000:
        return f"{number(bases)} bp"
    return f"{number(bases / 1_000, 1)} kb" if bases < 1_000_000 else f"{number(bases / 1_000_000, 2)} Mb"


def place_words(row: Mapping[str, Any]) -> str:
    """``2:1 001–5 000``; of a breakend both ends."""
    here = f"{CONTIGS[row['contig'] - 1]}:{number(row['start'])}"
    if str(row["kind"]) == "BND":
        return f"{here} – {CONTIGS[row['mate_contig'] - 1]}:{number(row['mate_position'])}"
    return here if row["start"] == row["end"] else f"{here}–{number(row['end'])}"


def length_words(row: Mapping[str, Any]) -> str:
    """The size of an event; a dash for a breakend, or where no caller knew it."""
    return size_words(row["length"]) if row["length"] else "–"


def extent_words(hit: Mapping[str, Any]) -> str:
    """What an event does to a gene: ``the whole gene``, ``exons 2–3 of 12``."""
    if hit["extent"] == Extent.WHOLE:
        return gettext("the whole gene")
    if hit["extent"] == Extent.PROMOTER:
        return gettext("the promoter's side")
    if hit["extent"] == Extent.INTRON:
        return gettext("within an intron")
    if hit["first_exon"] is None:
        return gettext("breakpoint in an intron")
    exons = {"first": hit["first_exon"], "last": hit["last_exon"], "all": hit["exons"]}
    if hit["extent"] == Extent.BREAKPOINT:
        return gettext("breakpoint in exon %(first)s of %(all)s") % exons
    if hit["first_exon"] == hit["last_exon"]:
        return gettext("exon %(first)s of %(all)s") % exons
    return gettext("exons %(first)s–%(last)s of %(all)s") % exons


def genomic_name(build: Build, row: Mapping[str, Any]) -> str:
    """The HGVS name of a deletion, duplication or inversion; empty for others."""
    change = {"DEL": "del", "DUP": "dup", "INV": "inv"}.get(str(row["kind"]))
    if change is None:
        return ""
    place = f"{row['start']}_{row['end']}" if row["start"] != row["end"] else str(row["start"])
    return f"{refseq_accession(build, row['contig'])}:g.{place}{change}"


def points_words(hundredths: int) -> str:
    """``0.90`` of 90, with the language's sign."""
    return number(hundredths / 100, 2)
