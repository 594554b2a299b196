"""One variant of a case with all its evidence, the criteria, and what was said of it before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import polars as pl
from django.http import Http404
from django.utils.translation import gettext as _

from varde.annotation.genes import reference_transcripts
from varde.annotation.knowledge import GeneKnowledge
from varde.annotation.names import HgvsNames
from varde.annotation.transcripts import Transcript
from varde.genome.errors import InputError
from varde.interpretation.acmg import (
    CODES,
    GENERAL,
    Assessment,
    Criterion,
    Handling,
    RuleSet,
    State,
    Verdict,
)
from varde.interpretation.acmg.evidence import Inheritance
from varde.interpretation.acmg.rulesets import TITLES
from varde.interpretation.acmg.texts import MISSING
from varde_node.lab import opened
from varde_node.lab.case_access import case_for
from varde_node.lab.evidence import Allele, alleles_of, shortened, speaks
from varde_node.lab.judgement import CriteriaInput, CriterionDecision, Judgement, judge
from varde_node.lab.models import Analysis, Case
from varde_node.lab.queries.assessments import AssessmentView, current_assessments
from varde_node.lab.queries.beside import Beside, beside
from varde_node.lab.queries.candidates import CaseHead, case_head, names_of
from varde_node.lab.queries.knowledge import VariantKnowledge, variant_knowledge
from varde_node.lab.queries.notes import TAKES_ORDERS
from varde_node.lab.words import MODE_NAMES, STATE_NAMES, STRENGTH_NAMES, TIER_NAMES, Text, consequence_words, sentence
from varde_node.people.services import Actor, record_refusal

UNCERTAIN = 3


@dataclass(frozen=True)
class CriterionRow:
    """One code of the table: the programme's suggestion, and the person's decision where there is one."""

    code: str
    title: str
    direction: str
    machine: Criterion | None
    machine_text: str
    missing: tuple[str, ...]
    decision: CriterionDecision | None
    effective: Criterion | None
    set_aside: bool

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
    def suggested_words(self) -> Text:
        """The strength that waits for a person, in words; empty when a person has decided or nothing is suggested."""
        suggested = self.effective.suggested if self.effective else None
        return STRENGTH_NAMES[suggested] if suggested else ""

    @property
    def offered_strength(self) -> str:
        """The strength that the form offers: the decided one, else the one that waits for a person."""
        if self.decision is not None:
            return str(self.decision.strength or "")
        suggested = self.machine.suggested if self.machine else None
        return suggested.value if suggested else ""

    @property
    def decided_at(self) -> datetime | None:
        """When a stored decision was made."""
        return datetime.fromisoformat(self.decision.at) if self.decision and self.decision.at else None

    @property
    def points(self) -> int:
        """Signed points of the criterion itself."""
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
class VerdictView:
    """The class under one rule set."""

    words: str
    acmg_class: int
    rule: str
    chosen: bool
    agrees: bool


@dataclass(frozen=True)
class Tally:
    """The running sum: what counts now under every rule set, and what the programme alone came to."""

    points: int
    acmg_class: int
    posterior: float | None
    tier: Text
    ruleset: str
    verdicts: tuple[VerdictView, ...]
    agree: bool
    warnings: tuple[str, ...]
    decision_required: bool
    waiting: tuple[str, ...]
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
    answers: dict[str, str]
    specification: str
    rules: RuleSet
    inheritance: Inheritance | None
    beside: Beside
    current: AssessmentView | None
    previous: str | None
    following: str | None
    sources: dict[str, str]
    outside: VariantKnowledge
    build: str

    @property
    def takes_orders(self) -> bool:
        """Whether a second method may be ordered now."""
        return self.head.state in TAKES_ORDERS and self.current is not None


def variant(
    actor: Actor,
    case_id: UUID,
    text: str,
    *,
    given: CriteriaInput | None = None,
) -> VariantView:
    """The page of one variant. ``given`` None: what the case's newest assessment of it holds.

    Raises ``Http404`` for an allele that the case does not have, InputError ``not_analysed`` and those of ``judge``.
    """
    case = case_for(actor, "lab.variant.read", case_id, details={"variant_of_case": True})
    analysis = opened.analysis_of(case)
    before = current_assessments(case)
    current = before.get(text)
    stored = current.given if current else CriteriaInput()
    told = stored if given is None else given.carried(stored)
    try:
        found = judge(
            case,
            analysis,
            text,
            given=told,
            person=actor.display_name,
            classes={variant: one.chosen_class for variant, one in before.items()},
        )
    except InputError as error:
        if error.code in ("bad_variant", "bad_contig", "bad_allele", "bad_position", "wrong_build"):
            raise Http404 from None
        if error.code == "outside_panel":
            record_refusal(actor, "lab.variant.read", error.code, subject=case.patient_id, object_id=case.id)
        raise
    if found is None:
        raise Http404
    return _view(actor, case, analysis, found, told, current)


def _view(
    actor: Actor,
    case: Case,
    analysis: Analysis,
    found: Judgement,
    told: CriteriaInput,
    current: AssessmentView | None,
) -> VariantView:
    prepared = opened.prepared_case(analysis)
    allele, candidate = found.allele, found.candidate
    alleles = alleles_of(prepared, candidate.rows if candidate else ())
    reference, knowledge = opened.reference(), opened.gene_knowledge()
    transcript = None
    if reference is not None and reference.gff3 is not None and allele.transcript:
        transcript = reference_transcripts(reference).get(allele.transcript)
    rules = found.suggestion.rules if found.suggestion else GENERAL
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
        criteria=criterion_rows(found, told.decisions),
        tally=tally(found),
        answers=told.answers.stored(),
        specification=rules.name if rules.gene else "",
        rules=rules,
        inheritance=found.suggestion.evidence.inheritance if found.suggestion else None,
        beside=beside(actor, case, allele.variant, prepared.build.value),
        current=current,
        previous=previous,
        following=following,
        sources={**prepared.versions},
        outside=variant_knowledge(analysis, allele.variant, prepared.build),
        build=prepared.build.value,
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
            direction=code.direction.value,
            machine=machine.get(code),
            machine_text=sentence(machine[code].text) if code in machine else "",
            missing=tuple(_(MISSING[name]) for name in machine[code].missing) if code in machine else (),
            decision=own.get(code),
            effective=counting.get(code),
            set_aside=code in found.assessment.points.set_aside,
        )
        for code, info in CODES.items()
        if info.handling is not Handling.OFF
    )


def tally(found: Judgement) -> Tally:
    """The sum as it stands, all rule sets side by side."""
    points, assessment = found.assessment.points, found.assessment
    alone = found.suggestion.assessment if found.suggestion and speaks(found.computed) else None
    return Tally(
        points=points.points,
        acmg_class=assessment.acmg_class,
        posterior=points.posterior,
        tier=TIER_NAMES[points.tier] if points.tier and assessment.acmg_class == UNCERTAIN else "",
        ruleset=assessment.ruleset.value,
        verdicts=tuple(_verdict(one, assessment) for one in assessment.verdicts),
        agree=assessment.agree,
        warnings=tuple(sentence(one.message) for one in points.conflicts),
        decision_required=points.decision_required,
        waiting=tuple(one.code.value for one in found.criteria if one.suggested),
        machine_class=alone.acmg_class if alone else None,
        machine_points=alone.points.points if alone else None,
    )


def _verdict(one: Verdict, assessment: Assessment) -> VerdictView:
    return VerdictView(
        words=sentence(TITLES[one.ruleset]),
        acmg_class=one.acmg_class,
        rule=one.rule or "",
        chosen=one.ruleset is assessment.ruleset,
        agrees=one.acmg_class == assessment.acmg_class,
    )


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
