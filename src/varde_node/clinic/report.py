"""The answer as a FHIR report for the record: the signed case translated to ``varde.fhir``."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import override

from varde.fhir import report_bundle
from varde.fhir.case import (
    RELATION_OF_KIN,
    ReportedCase,
    ReportedImplication,
    ReportedOrder,
    ReportedPerson,
    ReportedPhase,
    ReportedRecurrence,
    ReportedRelative,
    ReportedVariant,
    ReportStatus,
    Sex,
    Term,
)
from varde.fhir.codes import (
    HPO,
    AllelicState,
    ConditionInheritance,
    Origin,
    PhaseRelation,
    Significance,
    StructuralChange,
)
from varde.genome.kin import role_of
from varde.interpretation.drawing import Carriage
from varde.interpretation.inheritance import Mode
from varde.interpretation.phenotype import term_name
from varde_node.clinic import words
from varde_node.clinic.clinician_answer import frequency_sentence, recurrence_sentence
from varde_node.clinic.family import places
from varde_node.clinic.models import Order
from varde_node.clinic.pictures import carriage
from varde_node.lab.contracts import SignedCase, SignedVariant
from varde_node.people import queries as people_queries

TEST_NUMBER = "urn:oid:2.16.578.1.12.4.1.4.666"
NATIONAL_IDENTIFIER = "urn:oid:2.16.578.1.12.4.1.4.1"
STATUS = {"first": ReportStatus.FINAL, "correction": ReportStatus.CORRECTED, "reanalysis": ReportStatus.AMENDED}
"""DiagnosticReport.status: corrected mends an error, amended holds the content of a later look."""
INHERITANCE = {
    Mode.HOMOZYGOUS_RECESSIVE: ConditionInheritance.AUTOSOMAL_RECESSIVE,
    Mode.COMPOUND_HETEROZYGOUS: ConditionInheritance.AUTOSOMAL_RECESSIVE,
    Mode.COMPOUND_HETEROZYGOUS_DE_NOVO: ConditionInheritance.AUTOSOMAL_RECESSIVE,
    Mode.COMPOUND_HETEROZYGOUS_UNPHASED: ConditionInheritance.AUTOSOMAL_RECESSIVE,
    Mode.X_LINKED_RECESSIVE: ConditionInheritance.X_LINKED_RECESSIVE,
    Mode.X_LINKED_RECESSIVE_FEMALE: ConditionInheritance.X_LINKED_RECESSIVE,
    Mode.X_LINKED_DE_NOVO: ConditionInheritance.X_LINKED,
    Mode.MITOCHONDRIAL: ConditionInheritance.MITOCHONDRIAL,
}
"""Modes that name the disease's own inheritance; a new or inherited dominant variant alone does not."""


def bundle_of(order: Order, case: SignedCase, *, version: int) -> dict[str, Any]:
    """The bundle of an answer. The same order, case and version give the same bundle; its sentences are English, as
    the guide's own displays are, but for what a person wrote."""
    with override("en"):
        return report_bundle(_reported(order, case, version))


def _reported(order: Order, case: SignedCase, version: int) -> ReportedCase:
    people = people_queries.persons([order.patient_id])
    laboratory = people_queries.organisation(case.laboratory_id)
    variants = tuple(_variant(one, order) for one in case.variants)
    return ReportedCase(
        identifier=order.id,
        status=STATUS[case.kind] if case.kind != "first" or version == 1 else ReportStatus.CORRECTED,
        issued=case.approved_at,
        patient=_patient(people[order.patient_id]),
        conclusion=_conclusion(case),
        performer=laboratory.name if laboratory else str(case.laboratory_id),
        variants=variants,
        implications=tuple(_implication(place, one, case) for place, one in enumerate(case.variants)),
        phases=_phases(case),
        relatives=tuple(
            ReportedRelative(RELATION_OF_KIN[role_of(place)[0]], f"{case.case_number}-{place.replace('_', '-')}")
            for place in places(order)
            if place != "child"
        ),
        order=_order(order),
        recurrence=_recurrence(case),
        interpreters=(case.author_name, case.approver_name),
        quality=_quality(case),
        methods=tuple(f"{name.replace('_', ' ')}: {value}" for name, value in case.versions.items() if value),
        limits=tuple(words.sentence(words.LIMITS, one["key"], one.get("parameters", {})) for one in case.not_looked_at),
        synthetic=settings.DEMO,
    )


def _patient(person: people_queries.PersonView) -> ReportedPerson:
    synthetic = 81 <= int(person.national_identifier[2:4]) <= 92
    return ReportedPerson(
        identifier=person.national_identifier,
        sex=Sex(person.sex),
        system=TEST_NUMBER if synthetic else NATIONAL_IDENTIFIER,
        name=person.name,
        birth_date=person.birth_date,
    )


def _conclusion(case: SignedCase) -> str:
    parts = [words.sentence(words.CONCLUSIONS, case.conclusion, {}), case.summary.strip()]
    return "\n\n".join(part for part in parts if part)


def _variant(variant: SignedVariant, order: Order) -> ReportedVariant:
    where = _place(variant)
    reads = variant.depths.get("child")
    genomic = variant.names.get("genomic") or None
    return ReportedVariant(
        build=variant.build,
        **where,
        allelic_state=_allelic_state(variant.zygosity.get("child")),
        origin=_origin(variant),
        gene=variant.gene or None,
        reference_sequence=genomic.partition(":")[0] if genomic else None,
        transcript=variant.names.get("transcript") or None,
        hgvs_genomic=genomic,
        hgvs_coding=variant.names.get("coding") or None,
        hgvs_protein=variant.names.get("protein") or None,
        consequences=tuple(part for part in variant.consequence.split("&") if part),
        depth_alt=reads[1] if reads else None,
        allele_fraction=round(reads[1] / sum(reads), 4) if reads and sum(reads) else None,
        note=f"Register: {frequency_sentence(variant.frequency)}.",
    )


_CHANGES = {
    "DEL": StructuralChange.LOSS,
    "DUP": StructuralChange.GAIN,
    "INS": StructuralChange.INSERTION,
    "INV": StructuralChange.INVERSION,
    "BND": StructuralChange.TRANSLOCATION,
}


def _place(variant: SignedVariant) -> dict[str, Any]:
    """Where the variant lies and what it is, from its text or, of a structural one, its event."""
    chromosome, position, *rest = variant.variant.split("-")
    chromosome = chromosome.removeprefix("chr")
    place = {"chromosome": "MT" if chromosome in ("M", "MT") else chromosome, "position": int(position)}
    if variant.event is None:
        return {**place, "ref": rest[0], "alt": rest[1]}
    change = _CHANGES[variant.event["kind"]]
    return {**place, "ref": None, "alt": None, "end": max(variant.event["end"], int(position)), "change": change}


def _allelic_state(genotype: str | None) -> AllelicState | None:
    if genotype is not None and genotype.isdecimal():
        return AllelicState.HEMIZYGOUS if int(genotype) else None
    states = {Carriage.ONE: AllelicState.HETEROZYGOUS, Carriage.TWO: AllelicState.HOMOZYGOUS}
    return states.get(carriage(genotype))


def _origin(variant: SignedVariant) -> Origin:
    mother, father = (carriage(variant.zygosity.get(role)) for role in ("mother", "father"))
    if Carriage.UNKNOWN in (mother, father):
        return Origin.UNKNOWN
    carried = (mother is not Carriage.NONE, father is not Carriage.NONE)
    twice = carriage(variant.zygosity.get("child")) is Carriage.TWO
    if carried == (True, True):
        return Origin.BOTH if twice else Origin.UNKNOWN
    return {(True, False): Origin.MATERNAL, (False, True): Origin.PATERNAL, (False, False): Origin.DE_NOVO}[carried]


def _implication(place: int, variant: SignedVariant, case: SignedCase) -> ReportedImplication:
    met = [one for one in variant.criteria if one.get("state") == "met"]
    try:
        inheritance = INHERITANCE.get(Mode(case.inheritance_mode))
    except ValueError:
        inheritance = None
    return ReportedImplication(
        variant=place,
        significance=Significance.of_class(variant.acmg_class),
        inheritance=inheritance,
        criteria=tuple(f"{one['code']} ({one['strength']})" if one.get("strength") else one["code"] for one in met),
        ruleset=f"{variant.ruleset}: {variant.points} points",
    )


def _phases(case: SignedCase) -> tuple[ReportedPhase, ...]:
    if case.inheritance_mode == Mode.COMPOUND_HETEROZYGOUS and len(case.variants) == 2:
        return (ReportedPhase(0, 1, PhaseRelation.TRANS, "One from each parent"),)
    return ()


def _order(order: Order) -> ReportedOrder:
    reasons = [Term(term_name(term) or term, HPO, term) for term in order.hpo_terms]
    requester = people_queries.organisation(order.clinic_id)
    name = people_queries.account_name(order.clinician_id)
    return ReportedOrder(
        identifier=order.id,
        reasons=tuple(reasons),
        family=order.number,
        requester=f"{name}, {requester.name}" if requester else name,
        authored=order.signed_at,
    )


def _recurrence(case: SignedCase) -> ReportedRecurrence | None:
    if case.recurrence is None or case.conclusion != "explains":
        return None
    return ReportedRecurrence(
        recurrence_sentence(case.recurrence), case.recurrence.get("probability"), case.recurrence.get("source") or None
    )


def _quality(case: SignedCase) -> tuple[str, ...]:
    wrong = [one for one in case.quality if one.get("light") in ("yellow", "red")]
    said = [
        f"{one.get('name')}{f' of {sample}' if (sample := one.get('sample')) else ''}: {one.get('light')}."
        for one in wrong
    ]
    unknown = sum(one.get("light") == "not_evaluated" for one in case.quality)
    if unknown:
        said.append(f"{unknown} checks were not evaluated.")
    if not said and case.quality:
        said.append("All quality lights are green.")
    if case.quality_override is not None:
        said.append(
            f"A red light was overridden by {case.quality_override.get('by')}: {case.quality_override.get('reason')}"
        )
    return tuple(said)
