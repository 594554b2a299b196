"""The workbench: a case's candidates under the chosen filters, and the chosen one in full."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from varde.annotation.names import HgvsNames
from varde.genome.alleles import Variant
from varde.genome.pedigree import Sex
from varde.interpretation.allele_evidence import Surroundings
from varde.interpretation.analysis import Candidate, FilterOutcome
from varde.interpretation.filters import FilterSettings
from varde.interpretation.likeness import explain
from varde.interpretation.suggestion import Suggestion
from varde_node.lab import opened
from varde_node.lab.case_access import case_for
from varde_node.lab.criteria import LaboratoryCriteria, criteria_of
from varde_node.lab.evidence import Allele, alleles_of, speaks, suggestions
from varde_node.lab.family import Placed, placed
from varde_node.lab.models import Analysis, Case, CaseState, PanelVersion, Scope
from varde_node.lab.queries import phenotypes
from varde_node.lab.queries.assessments import AssessmentView, current_assessments
from varde_node.lab.words import MODE_NAMES, PHASE_NAMES, STEP_NAMES, Text
from varde_node.people import queries as people
from varde_node.people.services import Actor

SUGGESTED_FOR = 40
"""Candidates on the list that get a suggested class; what stands further down gets one when it is chosen."""


@dataclass(frozen=True)
class CaseHead:
    """What the pages of the interpretation say of the case itself."""

    id: UUID
    number: str
    patient_id: UUID
    patient_name: str
    patient_sex: Sex
    age_years: int | None
    indication: str
    hpo_terms: tuple[str, ...]
    hpo_names: tuple[str, ...]
    excluded_names: tuple[str, ...]
    named_genes: tuple[str, ...]
    state: str
    scope: str
    panel_name: str
    panel_version: str
    panel_genes: int
    quality_stops: bool
    quality_overridden: bool
    family: tuple[Placed, ...]
    open_for_work: bool


@dataclass(frozen=True)
class JudgedAllele:
    """One allele of a candidate: what the programme suggests, and what a person has decided."""

    allele: Allele
    suggested_class: int | None
    points: int | None
    decided: AssessmentView | None
    names: HgvsNames | None = None

    @property
    def title(self) -> str:
        """The shortest true name: coding and protein change, else the consequence engine's, else the variant."""
        if self.names is not None and self.names.coding:
            parts = (self.names.coding, self.names.protein or "")
            return " ".join(part.partition(":")[2] for part in parts if part)
        return self.allele.change or self.allele.short


@dataclass(frozen=True)
class CandidateLine:
    """One candidate of the list."""

    rank: int
    gene: str | None
    mode: str
    mode_words: Text
    phase_words: Text | None
    evaluated: bool
    score: float
    parts: tuple[tuple[str, float | None, float], ...]
    alleles: tuple[JudgedAllele, ...]


@dataclass(frozen=True)
class FunnelStep:
    """One filter step: how many alleles fell there and how many went on. ``share`` is left over read, 0 to 1."""

    key: str
    words: Text
    dropped: int
    left: int
    share: float
    evaluated: bool

    @property
    def width(self) -> str:
        """The share as a length of 100, written as SVG wants it in every language."""
        return f"{100 * self.share:.2f}"


@dataclass(frozen=True)
class PhenotypeFitView:
    """Why a gene fits: its rank among all genes, the disease it was held against, and term by term what matched.

    ``matches``: (the patient's term, the term shared or None, share 0 to 1), by name. ``against`` are terms that the
    disease has and the patient was examined for and has not.
    """

    rank: int
    genes: int
    disease: str
    patient_explained: float
    disease_found: float
    matches: tuple[tuple[str, str | None, float], ...]
    against: tuple[str, ...]


@dataclass(frozen=True)
class Workbench:
    """The candidates page. ``chosen`` is None when there is no candidate."""

    head: CaseHead
    scope: str
    gate: str
    read: int
    kept: int
    funnel: tuple[FunnelStep, ...]
    lines: tuple[CandidateLine, ...]
    chain: str
    """Name and version of the case's filter chain; empty: the library's own settings."""
    likeness: PhenotypeFitView | None
    """How the chosen candidate's gene fits the patient's phenotype."""
    incidental: frozenset[str]
    """Genes whose findings are shown because the patient asked for incidental ones."""
    chosen: CandidateLine | None
    not_evaluated: tuple[str, ...]
    versions: dict[str, str]


def case_head(case: Case, analysis: Analysis | None) -> CaseHead:
    """The case's facts; the caller has asked for access."""
    person = people.person(case.patient_id)
    return CaseHead(
        id=case.id,
        number=case.number,
        patient_id=case.patient_id,
        patient_name=person.name if person else "",
        patient_sex=Sex(person.sex) if person else Sex.UNKNOWN,
        age_years=person.age_years(case.received_at.date()) if person else None,
        indication=case.indication,
        hpo_terms=tuple(case.hpo_terms),
        hpo_names=tuple(map(phenotypes.name_of, case.hpo_terms)),
        excluded_names=tuple(map(phenotypes.name_of, case.hpo_excluded)),
        named_genes=tuple(case.named_genes),
        state=case.state,
        scope=case.scope,
        panel_name=case.panel.name,
        panel_version=case.panel.version,
        panel_genes=len(case.panel.genes),
        quality_stops=analysis is not None and analysis.stops_sign_off,
        quality_overridden=analysis is not None and hasattr(analysis, "override"),
        family=placed(opened.prepared_case(analysis)) if analysis is not None and analysis.folder else (),
        open_for_work=case.state == CaseState.INTERPRETATION,
    )


def candidates(
    actor: Actor,
    case_id: UUID,
    settings: FilterSettings | None = None,
    *,
    scope: str | None = None,
    rank: int = 1,
) -> Workbench:
    """The candidates of a case under these settings, the one of this rank in full.

    ``scope`` narrows an opened case to its panel; it never widens. Raises InputError ``not_analysed``.
    """
    case = case_for(actor, "lab.candidates.read", case_id)
    analysis = opened.analysis_of(case)
    shown = scope if case.scope == Scope.ALL_GENES and scope in Scope.values else case.scope
    asked = settings or opened.default_settings(analysis)
    chain = opened.chain_of(case)
    found = opened.outcome(case, analysis, asked, shown)
    decided = current_assessments(case)
    listed = found.candidates
    alleles = alleles_of(opened.prepared_case(analysis), (row for one in listed for row in one.rows))
    judging = _Judging(analysis, criteria_of(case.laboratory_id), decided)
    lines = tuple(_line(judging, one, alleles, judged=one.rank <= SUGGESTED_FOR) for one in listed)
    chosen = next((one for one in listed if one.rank == rank), listed[0] if listed else None)
    return Workbench(
        head=case_head(case, analysis),
        scope=shown,
        gate=asked.gate,
        read=found.trace.height,
        kept=int(found.trace["kept"].sum()),
        funnel=funnel(found),
        lines=lines,
        chain=f"{chain.name} {chain.version}" if chain else "",
        likeness=None if chosen is None else likeness_of(case, analysis, chosen.gene),
        incidental=_incidental(case),
        chosen=None if chosen is None else _named(analysis, _line(judging, chosen, alleles, judged=True)),
        not_evaluated=found.not_evaluated,
        versions=dict(found.versions),
    )


def likeness_of(case: Case, analysis: Analysis, gene: str | None) -> PhenotypeFitView | None:
    """How a gene fits the case's phenotype; None when nothing is known of either."""
    if gene is None:
        return None
    facts = opened.prepared_case(analysis).genes.get(gene)
    own = () if facts is None else facts.hpo
    told = explain(tuple(sorted(case.hpo_terms)), gene, own, tuple(case.hpo_excluded))
    if told is None:
        return None
    return PhenotypeFitView(
        rank=told.rank,
        genes=told.genes,
        disease=told.disease,
        patient_explained=told.patient_explained,
        disease_found=told.disease_found,
        matches=tuple(
            (phenotypes.name_of(one.term), phenotypes.name_of(one.shared) if one.shared else None, one.share)
            for one in told.matches
        ),
        against=tuple(phenotypes.name_of(term) for term in told.against),
    )


def _incidental(case: Case) -> frozenset[str]:
    listed = PanelVersion.objects.filter(incidental=True).order_by("-created_at").first()
    if listed is None or opened.withheld(case) is not None:
        return frozenset()
    own = {gene["symbol"] for gene in case.panel.genes} | set(case.named_genes)
    return frozenset(gene["symbol"] for gene in listed.genes) - own


def prepared_settings(actor: Actor, case_id: UUID) -> tuple[FilterSettings, str]:
    """The settings of the case's chain with the gate it was prepared with, and the scope it is open for: what the
    filter form needs."""
    case = Case.objects.filter(id=case_id, laboratory=actor.organisation_id).first()
    analysis = None if case is None else opened.current_analysis(case)
    if case is None or analysis is None:
        return FilterSettings(), Scope.PANEL
    return opened.default_settings(analysis), case.scope


def funnel(found: FilterOutcome) -> tuple[FunnelStep, ...]:
    """The filter steps with their counts."""
    read = max(found.trace.height, 1)
    return tuple(
        FunnelStep(
            key=one.step.value,
            words=STEP_NAMES[one.step],
            dropped=one.dropped,
            left=one.left,
            share=one.left / read,
            evaluated=one.step.value not in found.not_evaluated,
        )
        for one in found.counts
    )


def classes_by_row(decided: dict[str, AssessmentView], alleles: dict[int, Allele]) -> dict[int, int]:
    """The classes that people gave, by row of the prepared case."""
    return {row: decided[one.variant].chosen_class for row, one in alleles.items() if one.variant in decided}


def lines_of(case: Case, analysis: Analysis, decided: dict[str, AssessmentView]) -> tuple[CandidateLine, ...]:
    """The candidates of a case under the default filters, the first ones judged; the caller has asked for access."""
    settings = opened.default_settings(analysis)
    listed = opened.outcome(case, analysis, settings, case.scope).candidates
    alleles = alleles_of(opened.prepared_case(analysis), (row for one in listed for row in one.rows))
    judging = _Judging(analysis, criteria_of(case.laboratory_id), decided)
    return tuple(_line(judging, one, alleles, judged=one.rank <= SUGGESTED_FOR) for one in listed)


@dataclass(frozen=True)
class _Judging:
    """What every line of a list is judged with."""

    analysis: Analysis
    laboratory: LaboratoryCriteria
    decided: dict[str, AssessmentView]


def _line(judging: _Judging, candidate: Candidate, alleles: dict[int, Allele], *, judged: bool) -> CandidateLine:
    own, decided = {row: alleles[row] for row in candidate.rows}, judging.decided
    around = Surroundings(classes_by_row(decided, alleles))
    found = suggestions(judging.analysis, candidate, judging.laboratory, around=around) if judged else ()
    suggested: dict[int, Suggestion] = {one.row: one for one in found}
    return CandidateLine(
        rank=candidate.rank,
        gene=candidate.gene,
        mode=candidate.mode.value,
        mode_words=MODE_NAMES[candidate.mode],
        phase_words=None if candidate.phase is None else PHASE_NAMES[candidate.phase],
        evaluated=candidate.evaluated,
        score=candidate.score,
        parts=tuple((part.name, part.value, part.weight) for part in candidate.parts),
        alleles=tuple(_judged(one, suggested.get(row), decided.get(one.variant)) for row, one in own.items()),
    )


def _named(analysis: Analysis, line: CandidateLine) -> CandidateLine:
    return replace(line, alleles=tuple(replace(one, names=names_of(analysis, one.allele)) for one in line.alleles))


def names_of(analysis: Analysis, allele: Allele) -> HgvsNames | None:
    """HGVS names on the allele's transcript; None without a reference with genes."""
    namer = opened.namer()
    if namer is None or allele.transcript is None:
        return None
    return namer.names(Variant.parse(opened.prepared_case(analysis).build, allele.variant), allele.transcript)


def _judged(allele: Allele, suggestion: Suggestion | None, decided: AssessmentView | None) -> JudgedAllele:
    told = suggestion is not None and speaks(suggestion.criteria)
    assessment = suggestion.assessment if suggestion is not None and told else None
    if assessment is None:
        return JudgedAllele(allele, None, None, decided)
    return JudgedAllele(allele, assessment.acmg_class, assessment.points.points, decided)
