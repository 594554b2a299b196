"""A case as a preliminary genomic report: what the programme found, before a person has interpreted it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from varde.annotation.names import HgvsNames
from varde.cli.case_report import NOT_A_DEVICE
from varde.cli.case_result import LACKING, LIMITS, PHASE_NAMES, CaseResult, chromosome, has_met_criterion
from varde.fhir.case import (
    RELATION_OF_KIN,
    ReportedCase,
    ReportedImplication,
    ReportedPerson,
    ReportedPhase,
    ReportedRelative,
    ReportedSpecimen,
    ReportedVariant,
    ReportStatus,
    Sex,
)
from varde.fhir.codes import AllelicState, ConditionInheritance, Origin, PhaseRelation, Significance
from varde.genome.builds import MT, refseq_accession
from varde.genome.kin import Kin
from varde.genome.records import AlleleKind
from varde.interpretation.acmg import Criterion, State
from varde.interpretation.acmg.evidence import Inheritance
from varde.interpretation.analysis import Candidate
from varde.interpretation.heteroplasmy import Plasmy, plasmy
from varde.interpretation.inheritance import Mode, Phase
from varde.interpretation.suggestion import Suggestion
from varde.quality.report import Light

REPORTED_CANDIDATES: Final = 20
"""Candidates in the bundle; a preliminary report of hundreds of variants helps nobody."""

_RESOLVED: Final = frozenset(
    {AlleleKind.SNV, AlleleKind.MNV, AlleleKind.INSERTION, AlleleKind.DELETION, AlleleKind.DELINS}
)
_CONDITION: Final = {
    Inheritance.AUTOSOMAL_DOMINANT: ConditionInheritance.AUTOSOMAL_DOMINANT,
    Inheritance.AUTOSOMAL_RECESSIVE: ConditionInheritance.AUTOSOMAL_RECESSIVE,
    Inheritance.X_LINKED: ConditionInheritance.X_LINKED,
    Inheritance.X_LINKED_DOMINANT: ConditionInheritance.X_LINKED_DOMINANT,
    Inheritance.X_LINKED_RECESSIVE: ConditionInheritance.X_LINKED_RECESSIVE,
    Inheritance.MITOCHONDRIAL: ConditionInheritance.MITOCHONDRIAL,
}
_HEMIZYGOUS: Final = frozenset({Mode.X_LINKED_RECESSIVE, Mode.X_LINKED_DE_NOVO})


def reported_case(result: CaseResult) -> ReportedCase:
    """The preliminary report. The same files and settings give the same identifier, whatever the time."""
    candidates = [one for one in result.outcome.candidates[:REPORTED_CANDIDATES] if _is_reportable(result, one)]
    first_use: dict[int, tuple[Candidate, int]] = {}
    for candidate in candidates:
        for place, row in enumerate(candidate.rows):
            first_use.setdefault(row, (candidate, place))
    order = {row: number for number, row in enumerate(first_use)}
    return ReportedCase(
        identifier=uuid5(NAMESPACE_URL, _fingerprint(result)),
        status=ReportStatus.PRELIMINARY,
        issued=result.made,
        patient=ReportedPerson(result.child.identifier, Sex(result.child.sex.value)),
        conclusion=_conclusion(result, len(candidates)),
        performer=result.laboratory,
        variants=tuple(_variant(result, candidate, place) for candidate, place in first_use.values()),
        implications=tuple(
            _implication(suggestion, order[row])
            for row, (candidate, place) in first_use.items()
            if (suggestion := result.suggestion(candidate, place)) is not None and has_met_criterion(suggestion)
        ),
        phases=_phases(candidates, order),
        relatives=tuple(
            ReportedRelative(RELATION_OF_KIN[one.kin], one.person.identifier)
            for one in result.case.family
            if one.column is not None and one.kin is not Kin.CHILD
        ),
        specimen=ReportedSpecimen(result.child.identifier),
        quality=_quality(result),
        methods=tuple(f"{name}: {text}" for name, text in sorted(result.outcome.versions.items())),
        limits=(NOT_A_DEVICE, *(LACKING[key] for key in result.outcome.not_evaluated), *LIMITS),
        synthetic=result.synthetic,
    )


def _fingerprint(result: CaseResult) -> str:
    inputs = ",".join(one.sha256 for one in result.case.inputs)
    versions = sorted(result.outcome.versions.items())
    return f"varde-case|{inputs}|{result.case.family}|{result.settings_shown}|{result.hpo}|{versions}"


def _is_reportable(result: CaseResult, candidate: Candidate) -> bool:
    alleles = [result.rows[row] for row in candidate.rows]
    return all(allele["kind"] in _RESOLVED and allele["contig"] > 0 for allele in alleles)


def _conclusion(result: CaseResult, reported: int) -> str:
    total = len(result.outcome.candidates)
    if total == 0:
        return "Computed result, not interpreted by a person: no variant passed all filters."
    return (
        f"Computed result, not interpreted by a person: {total} candidates passed the filters; "
        f"the first {reported} are reported here in rank order."
    )


def _quality(result: CaseResult) -> tuple[str, ...]:
    report = result.case.quality
    lights = [metric.light for metric in report.metrics]
    counts = ", ".join(f"{lights.count(light)} {light.value.replace('_', ' ')}" for light in Light if light in lights)
    return (f"Quality lights ({report.profile_version}): {counts or 'none'}.", *report.reasons)


def _variant(result: CaseResult, candidate: Candidate, place: int) -> ReportedVariant:
    allele = result.rows[candidate.rows[place]]
    suggestion = result.suggestion(candidate, place)
    transcript = None if suggestion is None else suggestion.transcript
    names = result.names_of(allele["row"], transcript) or HgvsNames(None, None, None, transcript or "")
    consequence = None if suggestion is None else suggestion.consequence
    return ReportedVariant(
        build=result.case.build.value,
        chromosome=chromosome(allele),
        position=allele["position"],
        ref=allele["ref"],
        alt=allele["alt"],
        allelic_state=_state(allele, candidate.mode),
        origin=_origin(result, allele),
        gene=candidate.gene,
        reference_sequence=refseq_accession(result.case.build, allele["contig"]),
        transcript=names.transcript or None,
        hgvs_genomic=names.genomic,
        hgvs_coding=names.coding,
        hgvs_protein=names.protein,
        consequences=() if consequence is None else tuple(consequence.split("&")),
        depth_alt=allele["child_ad_alt"],
        allele_fraction=None if allele["child_ab"] is None else round(allele["child_ab"], 4),
        note=_register_note(result, allele),
    )


def _state(allele: Mapping[str, Any], mode: Mode) -> AllelicState | None:
    calls = allele["child_gt"].replace("|", "/").split("/")
    if allele["contig"] == MT:
        told = plasmy(allele["child_ab"])
        if told is None:
            return None
        return AllelicState.HOMOPLASMIC if told is Plasmy.HOMOPLASMIC else AllelicState.HETEROPLASMIC
    if calls == ["1"] or mode in _HEMIZYGOUS:
        return AllelicState.HEMIZYGOUS
    if calls == ["1", "1"]:
        return AllelicState.HOMOZYGOUS
    return None if "." in calls else AllelicState.HETEROZYGOUS


def _origin(result: CaseResult, allele: Mapping[str, Any]) -> Origin:
    """Only what the genotypes say outright: a parent who is not called, or is refuted, leaves the origin unknown."""
    if set(result.case.refuted) & set(result.case.members[1:]):
        return Origin.UNKNOWN
    if {Mode.DE_NOVO.value, Mode.X_LINKED_DE_NOVO.value} & set(allele["modes"] or ()):
        return Origin.DE_NOVO
    calls = [allele[f"{parent}_gt"] or "." for parent in ("mother", "father")]
    if any("." in call for call in calls):
        return Origin.UNKNOWN
    mother, father = ("1" in call for call in calls)
    if mother and father:
        return Origin.BOTH if allele["child_gt"].count("1") == 2 else Origin.UNKNOWN
    if not (mother or father):
        return Origin.UNKNOWN
    return Origin.MATERNAL if mother else Origin.PATERNAL


def _register_note(result: CaseResult, allele: Mapping[str, Any]) -> str | None:
    if not result.case.has_frequencies:
        return None
    if not allele["an"]:
        return "Frequency register: not covered at this place."
    return f"Frequency register: {allele['ac']} of {allele['an']} alleles."


def _implication(suggestion: Suggestion, variant: int) -> ReportedImplication:
    assessment, points = suggestion.assessment, suggestion.assessment.points
    inheritance = suggestion.evidence.inheritance
    return ReportedImplication(
        variant=variant,
        significance=Significance.of_class(assessment.acmg_class),
        inheritance=None if inheritance is None else _CONDITION[inheritance],
        criteria=tuple(_criterion(criterion) for criterion in suggestion.criteria),
        ruleset=f"Computed suggestion, {assessment.ruleset}: {points.points} points, class {assessment.acmg_class}.",
    )


def _criterion(criterion: Criterion) -> str:
    if criterion.state is State.NOT_EVALUATED:
        return f"{criterion.label}: not evaluated."
    return f"{criterion.label}: {criterion.state.value.replace('_', ' ')}. {criterion.text}"


def _phases(candidates: list[Candidate], order: Mapping[int, int]) -> tuple[ReportedPhase, ...]:
    found: dict[tuple[int, int], ReportedPhase] = {}
    for candidate in candidates:
        if len(candidate.rows) == 2 and candidate.phase is not None:
            pair = (order[candidate.rows[0]], order[candidate.rows[1]])
            relation = PhaseRelation.UNKNOWN if candidate.phase is Phase.UNKNOWN else PhaseRelation.TRANS
            found.setdefault(pair, ReportedPhase(*pair, relation, PHASE_NAMES[candidate.phase]))
    return tuple(found.values())
