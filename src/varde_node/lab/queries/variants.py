"""One variant of a case with all its evidence, the criteria, and what was said of it before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import polars as pl
from django.http import Http404
from django.utils.translation import gettext as _

from varde.annotation.genes import reference_transcripts
from varde.annotation.knowledge import GeneKnowledge
from varde.annotation.names import HgvsNames
from varde.annotation.transcripts import Transcript
from varde.genome.errors import InputError
from varde.interpretation.acmg import CODES, Code, Criterion, Handling, Ruleset, State, Strength
from varde.interpretation.acmg.evidence import PhenotypeFit
from varde.interpretation.acmg.texts import MISSING
from varde_node.lab import opened
from varde_node.lab.case_access import case_for
from varde_node.lab.evidence import Allele, alleles_of, shortened, speaks
from varde_node.lab.judgement import CriterionDecision, Judgement, judge
from varde_node.lab.models import Analysis, Case
from varde_node.lab.queries.assessments import AssessmentView, current_assessments, earlier_assessments
from varde_node.lab.queries.candidates import CaseHead, case_head, names_of
from varde_node.lab.words import MODE_NAMES, STATE_NAMES, STRENGTH_NAMES, Text, consequence_words, sentence
from varde_node.people.services import Actor, record_refusal


@dataclass(frozen=True)
class CriterionRow:
    """One code of the table: the programme's suggestion, and the person's decision where there is one."""

    code: str
    title: str
    handling: str
    direction: str
    machine: Criterion | None
    machine_text: str
    missing: tuple[str, ...]
    decided_state: str
    decided_strength: str
    decided_reason: str
    effective: Criterion | None

    @property
    def state(self) -> str:
        """The state that counts."""
        return self.effective.state.value if self.effective else State.NOT_EVALUATED.value

    @property
    def state_words(self) -> Text:
        """The state that counts, in words."""
        return STATE_NAMES[State(self.state)]

    @property
    def strength_words(self) -> Text:
        """The strength that counts, in words; empty unless met."""
        strength = self.effective.strength if self.effective else None
        return STRENGTH_NAMES[strength] if strength else ""

    @property
    def points(self) -> int:
        """Signed points that count."""
        return self.effective.points if self.effective else 0


@dataclass(frozen=True)
class TranscriptRow:
    """The consequence on one transcript."""

    transcript: str
    gene: str | None
    mane: bool
    consequence: str
    impact: str | None
    change: str | None


@dataclass(frozen=True)
class Tally:
    """The running sum: what counts now, and what the programme alone came to."""

    points: int
    acmg_class: int
    posterior: float | None
    tier: str
    ruleset: str
    richards_class: int
    richards_rule: str | None
    agree: bool
    warnings: tuple[str, ...]
    decision_required: bool
    machine_class: int | None
    machine_points: int | None


@dataclass(frozen=True)
class VariantView:
    """The variant page."""

    head: CaseHead
    allele: Allele
    mode_words: Text | None
    partners: tuple[Allele, ...]
    names: HgvsNames | None
    transcripts: tuple[TranscriptRow, ...]
    transcript: Transcript | None
    knowledge: tuple[GeneKnowledge, ...]
    criteria: tuple[CriterionRow, ...]
    tally: Tally
    asks_phenotype: bool
    phenotype_fit: str
    earlier: tuple[AssessmentView, ...]
    current: AssessmentView | None
    previous: str | None
    following: str | None
    sources: dict[str, str]

    @property
    def disagreement(self) -> bool:
        """Whether the classes given so far differ."""
        return len({one.chosen_class for one in self.earlier}) > 1


def variant(
    actor: Actor,
    case_id: UUID,
    text: str,
    *,
    decisions: tuple[CriterionDecision, ...] | None = None,
    phenotype: PhenotypeFit | None = None,
) -> VariantView:
    """The page of one variant. ``decisions`` None: those of the case's newest assessment of it.

    Raises ``Http404`` for an allele that the case does not have, InputError ``not_analysed`` and those of ``judge``.
    """
    case = case_for(actor, "lab.variant.read", case_id, details={"variant_of_case": True})
    analysis = opened.analysis_of(case)
    given = current_assessments(case)
    current = given.get(text)
    if decisions is None:
        decisions, phenotype = stored_decisions(current), stored_phenotype(current)
    try:
        found = judge(
            case,
            analysis,
            text,
            decisions=decisions,
            phenotype=phenotype,
            person=actor.display_name,
            classes={variant: one.chosen_class for variant, one in given.items()},
        )
    except InputError as error:
        if error.code in ("bad_variant", "bad_contig", "bad_allele", "bad_position", "wrong_build"):
            raise Http404 from None
        if error.code == "outside_panel":
            record_refusal(actor, "lab.variant.read", error.code, subject=case.patient_id, object_id=case.id)
        raise
    if found is None:
        raise Http404
    return _view(case, analysis, found, decisions, phenotype, current)


def stored_decisions(current: AssessmentView | None) -> tuple[CriterionDecision, ...]:
    """The criteria that a person set in an assessment."""
    return tuple(
        CriterionDecision(
            Code(one["code"]),
            State(one["state"]),
            None if one["strength"] is None else Strength(one["strength"]),
            one["reason"],
        )
        for one in (current.criteria if current else ())
        if one["by"]
    )


def stored_phenotype(current: AssessmentView | None) -> PhenotypeFit | None:
    """How well the phenotype fits, as judged in an assessment."""
    return PhenotypeFit(current.phenotype_fit) if current and current.phenotype_fit else None


def _view(
    case: Case,
    analysis: Analysis,
    found: Judgement,
    decisions: tuple[CriterionDecision, ...],
    phenotype: PhenotypeFit | None,
    current: AssessmentView | None,
) -> VariantView:
    prepared = opened.prepared_case(analysis)
    allele, candidate = found.allele, found.candidate
    alleles = alleles_of(prepared, candidate.rows if candidate else ())
    reference, knowledge = opened.reference(), opened.gene_knowledge()
    transcript = None
    if reference is not None and reference.gff3 is not None and allele.transcript:
        transcript = reference_transcripts(reference).get(allele.transcript)
    previous, following = _neighbours(case, analysis, allele.row)
    return VariantView(
        head=case_head(case, analysis),
        allele=allele,
        mode_words=MODE_NAMES[candidate.mode] if candidate else None,
        partners=tuple(one for row, one in alleles.items() if row != allele.row),
        names=names_of(analysis, allele),
        transcripts=_transcripts(analysis, allele),
        transcript=transcript,
        knowledge=knowledge.by_gene.get(allele.gene or "", ()) if knowledge else (),
        criteria=criterion_rows(found, decisions),
        tally=tally(found),
        asks_phenotype=_asks_phenotype(found),
        phenotype_fit=phenotype.value if phenotype else "",
        earlier=earlier_assessments(case, allele.variant, prepared.build.value),
        current=current,
        previous=previous,
        following=following,
        sources={**prepared.versions},
    )


def criterion_rows(found: Judgement, decisions: Iterable[CriterionDecision]) -> tuple[CriterionRow, ...]:
    """All codes in the guideline's order, without those that are not for use."""
    machine = {one.code: one for one in found.computed}
    counting = {one.code: one for one in found.criteria}
    own = {one.code: one for one in decisions}
    return tuple(
        CriterionRow(
            code=code.value,
            title=sentence(info.title),
            handling=info.handling.value,
            direction=code.direction.value,
            machine=machine.get(code),
            machine_text=sentence(machine[code].text) if code in machine else "",
            missing=tuple(_(MISSING[name]) for name in machine[code].missing) if code in machine else (),
            decided_state=own[code].state.value if code in own else "",
            decided_strength=str(own[code].strength or "") if code in own else "",
            decided_reason=own[code].reason if code in own else "",
            effective=counting.get(code),
        )
        for code, info in CODES.items()
        if info.handling is not Handling.OFF
    )


def tally(found: Judgement) -> Tally:
    """The sum as it stands, both rule sets side by side."""
    points, richards = found.assessment.points, found.assessment.verdict(Ruleset.RICHARDS)
    alone = found.suggestion.assessment.points if found.suggestion and speaks(found.computed) else None
    return Tally(
        points=points.points,
        acmg_class=points.acmg_class,
        posterior=points.posterior,
        tier=points.tier.value if points.tier else "",
        ruleset=found.assessment.ruleset.value,
        richards_class=richards.acmg_class,
        richards_rule=richards.rule,
        agree=found.assessment.agree,
        warnings=tuple(sentence(one.message) for one in points.conflicts),
        decision_required=points.decision_required,
        machine_class=alone.acmg_class if alone else None,
        machine_points=alone.points if alone else None,
    )


def _asks_phenotype(found: Judgement) -> bool:
    evidence = found.suggestion.evidence if found.suggestion else None
    return bool(evidence and evidence.de_novo)


def _transcripts(analysis: Analysis, allele: Allele) -> tuple[TranscriptRow, ...]:
    rows = opened.prepared_case(analysis).consequences.filter(pl.col("row") == allele.row)
    return tuple(
        TranscriptRow(
            transcript=row["transcript"] or "–",
            gene=row["gene"],
            mane=bool(row["mane"]),
            consequence=consequence_words(row["consequence"]),
            impact=row["impact"],
            change=shortened(row["amino_acid_change"] or row["dna_change"]),
        )
        for row in rows.sort("mane", "transcript", descending=[True, False], nulls_last=True).iter_rows(named=True)
    )


def _neighbours(case: Case, analysis: Analysis, row: int) -> tuple[str | None, str | None]:
    """The variants before and after this one in the order of the candidates."""
    listed = opened.outcome(case, analysis, opened.default_settings(analysis), case.scope).candidates
    order = list(dict.fromkeys(one for candidate in listed for one in candidate.rows))
    if row not in order:
        return None, None
    place = order.index(row)
    before = order[place - 1] if place else None
    after = order[place + 1] if place + 1 < len(order) else None
    texts = {number: one.variant for number, one in alleles_of(opened.prepared_case(analysis), order).items()}
    return texts.get(before) if before is not None else None, texts.get(after) if after is not None else None
