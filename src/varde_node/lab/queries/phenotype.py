"""The phenotype of a case as its page shows it, and as a GA4GH phenopacket."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

import varde
from varde.genome.pedigree import Sex
from varde.interpretation.phenopackets import Feature, PacketVariant, Phenopacket, write_phenopacket
from varde.interpretation.phenotype import ontology_version, term_name
from varde_node.lab import opened
from varde_node.lab.case_access import case_for, current_analysis
from varde_node.lab.models import Case
from varde_node.lab.queries import phenotypes
from varde_node.lab.queries.assessments import current_assessments
from varde_node.lab.queries.candidates import CaseHead, case_head
from varde_node.lab.services.phenotype import CLOSED
from varde_node.people import queries as people
from varde_node.people.services import Actor

REPORTED_CLASS = 4
"""The least class of a variant that a phenopacket calls causative."""


@dataclass(frozen=True)
class TermLine:
    """One term of a case; ``onset`` in words, empty when not told."""

    identifier: str
    name: str
    excluded: bool
    onset: str


@dataclass(frozen=True)
class PhenotypePage:
    """The phenotype of a case."""

    head: CaseHead
    terms: tuple[TermLine, ...]
    named_genes: tuple[str, ...]
    unknown_genes: tuple[str, ...]
    """Named genes that the transcript set lacks."""
    version: str
    open: bool


def phenotype(actor: Actor, case_id: UUID) -> PhenotypePage:
    """The terms of a case, those present first."""
    case = case_for(actor, "lab.phenotype.read", case_id)
    known = opened.gene_symbols()
    rows = [(term, False) for term in case.hpo_terms] + [(term, True) for term in case.hpo_excluded]
    return PhenotypePage(
        head=case_head(case, current_analysis(case)),
        terms=tuple(TermLine(term, phenotypes.name_of(term), excluded, _onset(case, term)) for term, excluded in rows),
        named_genes=tuple(case.named_genes),
        unknown_genes=tuple(gene for gene in case.named_genes if known is not None and gene not in known),
        version=ontology_version(),
        open=case.state not in CLOSED,
    )


def phenopacket(actor: Actor, case_id: UUID) -> tuple[str, str]:
    """The case as a phenopacket: its number and the JSON text. The subject is the case's number, never a name or a
    national identifier; variants are those assessed as class 4 or 5 for the answer."""
    case = case_for(actor, "lab.phenotype.read", case_id, details={"export": "phenopacket"})
    person = people.person(case.patient_id)
    decided = [
        one for one in current_assessments(case).values() if one.in_answer and one.chosen_class >= REPORTED_CLASS
    ]
    packet = Phenopacket(
        identifier=case.number,
        subject=case.number,
        sex=Sex(person.sex) if person else Sex.UNKNOWN,
        features=tuple(
            Feature(term, term_name(term) or "", excluded, case.hpo_onsets.get(term))
            for terms, excluded in ((case.hpo_terms, False), (case.hpo_excluded, True))
            for term in terms
        ),
        variants=tuple(
            PacketVariant(
                gene=one.gene,
                record=one.variant,
                assembly=one.build,
                expressions=tuple((f"hgvs.{kind}", one.names[name]) for kind, name in _HGVS if one.names.get(name)),
                acmg_class=one.chosen_class,
                status="CAUSATIVE",
            )
            for one in decided
            if one.variant.count("-") == SMALL_VARIANT_DASHES
        ),
        resources=(("HP", ontology_version()),),
    )
    created_by = f"Varde {varde.__version__}"
    return case.number, write_phenopacket(packet, created=timezone.now(), created_by=created_by)


SMALL_VARIANT_DASHES = 3
_HGVS = (("g", "genomic"), ("c", "coding"), ("p", "protein"))


def _onset(case: Case, term: str) -> str:
    onset = case.hpo_onsets.get(term, "")
    return phenotypes.name_of(onset) if onset.startswith("HP:") else onset
