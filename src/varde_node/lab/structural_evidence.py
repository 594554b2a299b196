"""The structural layer of an open case: which events are open, what an event is, and what it says as an allele.

As an allele an event goes through conclusions, signatures and answers like any other: there is one table of assessments
and one road to the answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

import polars as pl
from django.utils.translation import gettext as _

from varde.frequency.increment import STRUCTURAL
from varde.frequency.structural_clusters import CALL
from varde.frequency.structural_events import linked_rows
from varde.genome.errors import InputError
from varde.interpretation.inheritance import Mode
from varde.interpretation.repeats.calls import FamilyRepeats
from varde.interpretation.structural.calls import Carried
from varde.interpretation.structural.events import call_of as call_of_text
from varde.interpretation.structural.prepared import PreparedStructural
from varde.interpretation.structural.selection import Selection, select_events
from varde_node.lab.case_access import in_data_folder
from varde_node.lab.evidence import Allele, Call, RegisterFrequency
from varde_node.lab.models import Assessment, CallLayer, Case, FamilyRole, FileKind, Scope, VariantKind
from varde_node.lab.structural_words import KIND_NAMES, extent_words, length_words
from varde_node.lab.words import MEMBERS

LAYERS_KEPT = 8
SEQUENCE_KINDS = (VariantKind.SMALL, VariantKind.MITOCHONDRIAL)
"""Kinds of variants that are told by their letters, and lie in the prepared case."""
REPEATS_FILE = "repeats.json"
CONSEQUENCES = {
    "DEL": "copy_number_loss",
    "DUP": "copy_number_gain",
    "INS": "insertion",
    "INV": "inversion",
    "BND": "translocation",
    "CNV": "copy_number_variation",
}
"""Sequence Ontology names of what an event is."""


def outside_panel() -> InputError:
    """The refusal of an event that touches no gene of the panel."""
    return InputError(
        code="outside_panel",
        problem=_("This variant touches no gene of the panel, and only these are open."),
        remedy=_("Open all genes first: it needs the family's consent and a reason."),
        field="variant",
    )


@dataclass(frozen=True)
class EventAllele:
    """An event as an allele, with every gene it touches."""

    allele: Allele
    genes: frozenset[str]


def current_layer(case: Case, kind: str) -> CallLayer | None:
    """The newest finished layer of a kind, or nothing."""
    return case.layers.filter(kind=kind).exclude(folder="").order_by("-finished_at").first()


def newest_layer(case: Case, kind: str) -> CallLayer | None:
    """The newest layer of a kind, finished or not."""
    return case.layers.filter(kind=kind).order_by("-created_at").first()


def structural_layer(case: Case) -> PreparedStructural | None:
    """The case's structural variants; None when it has none."""
    layer = current_layer(case, FileKind.STRUCTURAL)
    return None if layer is None else _structural(layer.id, layer.folder)


def repeat_layer(case: Case) -> FamilyRepeats | None:
    """The case's repeats; None when it has none."""
    layer = current_layer(case, FileKind.REPEAT)
    return None if layer is None else _repeats(layer.id, layer.folder)


def panel_genes(case: Case) -> frozenset[str] | None:
    """The genes that the case is open for, of any confidence; None once all are."""
    if case.scope == Scope.ALL_GENES:
        return None
    return frozenset(gene["symbol"] for gene in case.panel.genes)


def selection(case: Case, layer: PreparedStructural) -> Selection:
    """The events that are looked at in this case."""
    return select_events(layer, genes=panel_genes(case))


def event_number(layer: PreparedStructural, text: str) -> int | None:
    """The event of this name that the child carries; None for any other text."""
    found = layer.events.filter((pl.col("text") == text) & (pl.col("child_state") == Carried.CARRIED.value))["event"]
    return int(found[0]) if len(found) else None


def is_open(case: Case, layer: PreparedStructural, event: int) -> bool:
    """Whether the case is open for an event: all genes are, or it touches a gene of the panel."""
    genes = panel_genes(case)
    if genes is None or not layer.has_transcripts:
        return True
    return bool(set(layer.genes.filter(event=event)["gene"]) & genes)


def event_allele(layer: PreparedStructural, event: int, places: Mapping[str, str] | None = None) -> EventAllele:
    """An event as an allele. Its row is none of the prepared case's: -1 less the event's number.

    ``places`` are the places of the family with their samples: relatives beside the parents have a call too then.
    """
    row = layer.events.row(event, named=True)
    places = places or {}
    found = {one["sample"]: one for one in layer.relatives.filter(event=event).iter_rows(named=True)}
    hits = layer.genes.filter(event=event).sort(
        "protein_coding", "coding_bases", "gene", descending=[True, True, False]
    )
    first = hits.row(0, named=True) if hits.height else None
    change = f"{KIND_NAMES[str(row['kind'])]}, {length_words(row)}"
    allele = Allele(
        row=-1 - event,
        variant=row["text"],
        gene=first["gene"] if first else None,
        consequence=f"{change}: {extent_words(first)}" if first else change,
        consequence_terms=CONSEQUENCES[str(row["kind"])],
        impact=None,
        transcript=first["transcript"] if first else None,
        mane=first["mane"] if first else None,
        change=None,
        filter=row["filter"],
        origin=row["origin"] or "unknown",
        calls=(
            *(call_of(row, member, member) for member in MEMBERS),
            *(call_of(found.get(sample, {}), place) for place, sample in places.items() if place not in MEMBERS),
        ),
        register=register_frequency(layer, event),
        modes=(Mode(row["mode"]),) if row["mode"] else (),
    )
    return EventAllele(allele, frozenset(hits["gene"]))


def event_facts(case: Case, text: str) -> dict[str, Any] | None:
    """An event as the answer carries it (``SignedVariant.event``)."""
    layer = structural_layer(case)
    number = None if layer is None else event_number(layer, text)
    if layer is None or number is None:
        return None
    row = layer.events.row(number, named=True)
    hits = layer.genes.filter(event=number).sort("coding_bases", "gene", descending=[True, False])
    told = ("gene", "extent", "first_exon", "last_exon", "exons")
    return {
        "kind": str(row["kind"]),
        "start": row["start"],
        "end": row["end"],
        "length": row["length"],
        "genes": hits.select(told).to_dicts(),
    }


def looked_at_repeats(case: Case) -> int:
    """How many loci of repeats were judged in the child; 0 without a file of repeats."""
    found = repeat_layer(case)
    names = {sample.name for sample in case.samples.filter(role=FamilyRole.CHILD)}
    return 0 if found is None else sum(1 for one in found.calls if one.sample in names and not one.why)


def event_alleles(case: Case, texts: Iterable[str]) -> dict[str, EventAllele]:
    """The events of these names as alleles; a name that the current layer has not is left out."""
    layer = structural_layer(case)
    if layer is None:
        return {}
    numbers, places = {text: event_number(layer, text) for text in texts}, places_of(case)
    return {text: event_allele(layer, event, places) for text, event in numbers.items() if event is not None}


def structural_alleles(case: Case, assessments: Iterable[Any]) -> dict[str, EventAllele]:
    """As ``event_alleles``, of the structural ones among assessments (rows or views)."""
    return event_alleles(case, [one.variant for one in assessments if one.kind == VariantKind.STRUCTURAL])


def places_of(case: Case) -> dict[str, str]:
    """Sample names by place in the family."""
    return dict(case.samples.values_list("place", "name"))


def call_of(row: Mapping[str, Any], place: str, member: str = "") -> Call:
    """One person's call of an event; a copy number is written as a genotype of as many copies as carry it.

    ``member`` begins the columns of child, mother and father; a relative's row has them bare, or is empty.
    """
    begin = f"{member}_" if member else ""
    names = ("state", "copies", "ploidy", "quality", "gate", "depth_ref", "depth_alt")
    told = {name: row.get(f"{begin}{name}") for name in names}
    genotype = None
    if told["state"] in (Carried.CARRIED.value, Carried.ABSENT.value):
        copies, ploidy = told["copies"] or 0, told["ploidy"] or 2
        genotype = "/".join("0" * (ploidy - copies) + "1" * copies)
    ref, alt = told["depth_ref"], told["depth_alt"]
    depth = None if ref is None or alt is None else ref + alt
    balance = alt / depth if depth else None
    return Call(place, genotype, ref, alt, depth, told["quality"], balance, told["gate"])


def register_frequency(layer: PreparedStructural, event: int) -> RegisterFrequency:
    """What our register says of events alike."""
    found = layer.frequencies.filter((pl.col("event") == event) & (pl.col("source") == "register"))
    if not found.height:
        return RegisterFrequency("not_evaluated", None, None, None, None, None)
    row = found.row(0, named=True)
    state = {"observed": "observed", "absent": "absent_covered"}.get(row["state"], "not_covered")
    return RegisterFrequency(state, row["ac"], row["an"], row["homozygotes"], None, row["af"])


def assessed_alike(case: Case, text: str) -> tuple[Assessment, ...]:
    """This laboratory's structural assessments of other names that mean the same event, by the register's rule."""
    rows = Assessment.objects.filter(kind=VariantKind.STRUCTURAL, case__laboratory=case.laboratory_id)
    rows = list(rows.exclude(variant=text).select_related("case", "author").order_by("-at"))
    asked = call_of_text(text)
    calls = [(row, call_of_text(row.variant)) for row in rows]
    known = [(row, call) for row, call in calls if call is not None]
    if asked is None or not known:
        return ()
    schema = {name: STRUCTURAL[name] for name in CALL}
    _asked, alike = linked_rows(
        pl.DataFrame([asked], schema=schema), pl.DataFrame([call for _, call in known], schema=schema)
    )
    return tuple(known[place][0] for place in alike)


@lru_cache(maxsize=LAYERS_KEPT)
def _structural(_layer: UUID, folder: str) -> PreparedStructural:
    return PreparedStructural.load(in_data_folder(folder))


@lru_cache(maxsize=LAYERS_KEPT)
def _repeats(_layer: UUID, folder: str) -> FamilyRepeats:
    return FamilyRepeats.load(in_data_folder(folder) / REPEATS_FILE)
