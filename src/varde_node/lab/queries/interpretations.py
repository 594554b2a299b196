"""Where the interpretation of a case stands: assessed variants, what blocks signing, a proposed conclusion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from varde.interpretation.inheritance import Mode
from varde_node.lab import opened
from varde_node.lab.case_access import case_for
from varde_node.lab.laboratory_rules import rules_of
from varde_node.lab.models import (
    Analysis,
    Case,
    CaseState,
    Conclusion,
    ConfirmationResult,
    FileKind,
    GeneOpening,
    Interpretation,
    RoundKind,
    Scope,
    VariantKind,
)
from varde_node.lab.queries.assessments import AssessmentView, assessment_views, current_assessments, with_age
from varde_node.lab.queries.candidates import CandidateLine, CaseHead, case_head, lines_of
from varde_node.lab.queries.confirmations import ConfirmationView, confirmations_of
from varde_node.lab.queries.dismissals import DismissalView, current_dismissals, dismissal_view
from varde_node.lab.queries.structural import lines_with_class, shown_pairs
from varde_node.lab.relatives import counted_relatives
from varde_node.lab.seen import case_token
from varde_node.lab.structural_evidence import newest_layer, structural_alleles
from varde_node.lab.words import MODE_NAMES, ROUND_KINDS, Text, short_variant
from varde_node.people.services import Actor

MUST_BE_ASSESSED = 4
"""A candidate that the programme puts in this class or higher needs a person's assessment before signing."""
EXPLAINING = 4
"""Lowest class of a variant that explains a disease."""
TOGETHER, TOGETHER_UNPHASED = Mode.COMPOUND_HETEROZYGOUS, Mode.COMPOUND_HETEROZYGOUS_UNPHASED
POSSIBLE = 3
"""Lowest class of a variant that may explain one."""


@dataclass(frozen=True)
class Obstacle:
    """One thing that stands against signing. ``blocks`` False: a warning. ``variant`` links to its page."""

    key: str
    text: str
    blocks: bool = True
    variant: str = ""
    event: str = ""


@dataclass(frozen=True)
class Proposal:
    """A conclusion made from the assessments, for a person to take or change."""

    conclusion: str
    gene: str
    mode: str
    summary: str


@dataclass(frozen=True)
class RoundView:
    """One round of interpretation and approval."""

    number: int
    conclusion: str
    gene: str
    mode: str
    summary: str
    scope: str
    author_id: UUID
    author_name: str
    signed_at: datetime
    approver_name: str
    approved_at: datetime | None
    returned_by: str
    returned_at: datetime | None
    return_reason: str
    assessments: tuple[AssessmentView, ...]
    kind: str
    reason: str
    """Why the case was opened again; empty for the first answer."""
    dismissals: tuple[DismissalView, ...]

    @property
    def kind_words(self) -> Text:
        """First answer, correction or re-analysis."""
        return ROUND_KINDS[RoundKind(self.kind)]


@dataclass(frozen=True)
class OpeningView:
    """The opening of all genes."""

    by: str
    reason: str
    consent_rule: str
    variants_added: int
    at: datetime


@dataclass(frozen=True)
class ReopeningView:
    """Why a signed case is being interpreted again."""

    kind: str
    kind_words: Text
    reason: str
    by: str
    at: datetime
    answered: int
    """The number of the round whose answer stands."""


@dataclass(frozen=True)
class InterpretationView:
    """The interpretation page and the approval page."""

    head: CaseHead
    opening: OpeningView | None
    assessments: tuple[AssessmentView, ...]
    unassessed: tuple[CandidateLine, ...]
    obstacles: tuple[Obstacle, ...]
    proposal: Proposal
    rounds: tuple[RoundView, ...]
    quality_reasons: tuple[str, ...]
    override: dict[str, Any] | None
    dismissals: tuple[DismissalView, ...]
    confirmations: tuple[ConfirmationView, ...]
    reopening: ReopeningView | None
    token: str
    """What a signature given on this page rests on."""

    @property
    def blocked(self) -> bool:
        """Whether something stands against signing."""
        return any(one.blocks for one in self.obstacles)

    @property
    def current(self) -> RoundView | None:
        """The round that waits for approval or was approved; none while a case that was opened again is worked on."""
        newest = self.rounds[0] if self.rounds else None
        if newest is None or newest.returned_at is not None:
            return None
        return None if self.reopening is not None and newest.number <= self.reopening.answered else newest

    @property
    def standing(self) -> RoundView | None:
        """The approved round whose answer stands while the case is interpreted again."""
        if self.reopening is None:
            return None
        return next((one for one in self.rounds if one.number == self.reopening.answered), None)

    @property
    def answered(self) -> tuple[AssessmentView, ...]:
        """The assessments that go into the answer."""
        return tuple(one for one in self.assessments if one.in_answer)


def interpretation(actor: Actor, case_id: UUID) -> InterpretationView:
    """The interpretation of a case. Raises InputError ``not_analysed``."""
    return interpretation_of(case_for(actor, "lab.interpretation.read", case_id))


def interpretation_of(case: Case) -> InterpretationView:
    """As ``interpretation``; the caller has asked for access."""
    analysis = opened.analysis_of(case)
    given = current_assessments(case)
    aside = current_dismissals(case)
    lines = lines_of(case, analysis, given)
    asked = confirmations_of(case)
    override = getattr(analysis, "override", None)
    return InterpretationView(
        head=case_head(case, analysis),
        opening=opening_of(case),
        assessments=tuple(given.values()),
        unassessed=tuple(
            line
            for line in lines
            if any(one.decided is None and one.allele.variant not in aside for one in line.alleles)
        ),
        obstacles=(*obstacles(case, analysis, lines, given, aside), *_of_rules(case, given, asked)),
        proposal=_proposal(case, lines, given),
        rounds=_rounds(case),
        quality_reasons=tuple((analysis.quality or {}).get("reasons", ())),
        override=None
        if override is None
        else {"by": override.by.full_name, "reason": override.reason, "at": override.at},
        dismissals=tuple(aside.values()),
        confirmations=asked,
        reopening=_reopening(case),
        token=case_token(case),
    )


def obstacles(
    case: Case,
    analysis: Analysis,
    lines: tuple[CandidateLine, ...],
    given: dict[str, AssessmentView],
    aside: Mapping[str, DismissalView],
) -> tuple[Obstacle, ...]:
    """What stands against signing, and what the reader should know before it."""
    found = []
    if case.state != CaseState.INTERPRETATION:
        found.append(Obstacle("state", _("The case is not being interpreted now.")))
    if analysis.stops_sign_off and not hasattr(analysis, "override"):
        found.append(Obstacle("quality", _("Quality has a red light, and no second reader has let the case go on.")))
    strong: dict[str, CandidateLine] = {}
    for line in lines:
        for one in line.alleles:
            waits = one.decided is None and one.allele.variant not in aside
            if waits and (one.suggested_class or 0) >= MUST_BE_ASSESSED:
                strong.setdefault(one.allele.variant, line)
    for variant, line in strong.items():
        text = _("%(variant)s in %(gene)s is not assessed, and the programme suggests class 4 or 5.")
        found.append(
            Obstacle("candidate", text % {"gene": line.gene or "–", "variant": short_variant(variant)}, variant=variant)
        )
    found += structural_obstacles(case)
    for variant, gene in _lone_halves(lines).items():
        if variant not in strong and variant not in aside:
            text = _("One of the two variants in %(gene)s is not assessed.") % {"gene": gene or variant}
            found.append(Obstacle("pair", text, variant=variant))
    prepared = opened.prepared_case(analysis)
    stale = [one for one in given.values() if one.build != prepared.build.value]
    found += [Obstacle("stale", _("An assessment was made on another build."), variant=one.variant) for one in stale]
    left = sum(
        1 for line in lines if all(one.decided is None and one.allele.variant not in aside for one in line.alleles)
    ) - len({id(line) for line in strong.values()})
    if left > 0:
        text = _("%(count)s candidates with a lower suggestion have no assessment.") % {"count": left}
        found.append(Obstacle("left", text, blocks=False))
    relatives = len(counted_relatives(case)) if prepared.has_frequencies else 0
    if relatives:
        text = _(
            "The frequency register counts %(count)s of this family already: the frequencies hold their own variants, "
            "also where a variant was filtered out as too frequent."
        )
        found.append(Obstacle("own_counts", text % {"count": relatives}, blocks=False))
    if not prepared.has_frequencies:
        found.append(Obstacle("frequency", _("No frequency register was asked."), blocks=False))
    return tuple(found)


def structural_obstacles(case: Case) -> list[Obstacle]:
    """A layer on its way, and events that the programme puts in class 4 or 5 without an assessment."""
    found = []
    for kind in (FileKind.STRUCTURAL, FileKind.REPEAT):
        newest = newest_layer(case, kind)
        if newest is not None and newest.finished_at is None:
            found.append(Obstacle("layer", _("A file with structural variants or repeats is being prepared.")))
    for line in lines_with_class(case):
        if line.decided is None and (line.suggested_class or 0) >= MUST_BE_ASSESSED:
            text = _("%(kind)s %(place)s is not assessed, and the programme suggests class 4 or 5.")
            found.append(Obstacle("structural", text % {"kind": line.kind, "place": line.place}, event=line.text))
    return found


def _structural_proposal(case: Case, given: dict[str, AssessmentView]) -> Proposal | None:
    """A conclusion from the structural variants marked for the answer, alone or with a small one in the same gene."""
    answered = {text: one for text, one in given.items() if one.in_answer and one.chosen_class >= POSSIBLE}
    events = structural_alleles(case, answered.values())
    pairs = [pair for pair in shown_pairs(case) if pair.small.variant in answered] if events else []
    for text, one in events.items():
        told, gene = [answered[text]], answered[text].gene
        mode, names = one.allele.modes[0] if one.allele.modes else None, [one.allele.consequence]
        if partner := next((pair for pair in pairs if pair.event_text == text), None):
            told.append(answered[partner.small.variant])
            gene, mode = partner.gene, TOGETHER if partner.in_trans else TOGETHER_UNPHASED
            names.append(told[1].names.get("coding") or told[1].short)
        lowest = min(view.chosen_class for view in told)
        conclusion = Conclusion.EXPLAINS if lowest >= EXPLAINING else Conclusion.POSSIBLE
        words = _("In %(gene)s: %(names)s (class %(classes)s). %(mode)s.") % {
            "gene": gene or "–",
            "names": _(" and ").join(names),
            "classes": _(" and ").join(str(view.chosen_class) for view in told),
            "mode": MODE_NAMES[mode] if mode else _("Inheritance not settled"),
        }
        return Proposal(conclusion.value, gene, mode.value if mode else "", words)
    return None


def _of_rules(
    case: Case, given: dict[str, AssessmentView], asked: tuple[ConfirmationView, ...]
) -> tuple[Obstacle, ...]:
    """What the laboratory's own rules ask of the variants that go into the answer: age, and a second method."""
    rules, found = rules_of(case.laboratory_id), []
    answered = [one for one in given.values() if one.in_answer]
    for earlier in with_age(answered, rules):
        if earlier.fresh.outdated:
            text = _("The class of %(variant)s is outdated: look at the evidence again and store it anew.")
            variant = earlier.said.variant
            told = {"variant": short_variant(variant)}
            found.append(Obstacle("outdated", text % told, **_link(earlier.said)))
    for one in answered:
        results = {row.result for row in asked if row.variant == one.variant}
        name = {"variant": one.names.get("coding") or one.short}
        if ConfirmationResult.REFUTED in results and ConfirmationResult.CONFIRMED not in results:
            text = _("A second method refuted %(variant)s, and it is marked for the answer.")
            found.append(Obstacle("refuted", text % name, **_link(one)))
        elif ConfirmationResult.CONFIRMED not in results:
            if rules.must_be_confirmed(one.chosen_class):
                text = _("%(variant)s must be confirmed by a second method before signing.")
                found.append(Obstacle("confirmation", text % name, **_link(one)))
            elif "" in results:
                text = _("A second method was ordered for %(variant)s and has no result.")
                found.append(Obstacle("confirmation_waits", text % name, blocks=False, **_link(one)))
    return tuple(found)


def _link(one: AssessmentView) -> dict[str, str]:
    """Where an obstacle leads: to the page of a structural variant, or of a small one."""
    return {"event" if one.kind == VariantKind.STRUCTURAL else "variant": one.variant}


def _reopening(case: Case) -> ReopeningView | None:
    row = case.reopenings.select_related("by", "answered").order_by("-at").first()
    if row is None:
        return None
    kind = RoundKind(row.kind)
    return ReopeningView(kind, ROUND_KINDS[kind], row.reason, row.by.full_name, row.at, row.answered.number)


def _lone_halves(lines: tuple[CandidateLine, ...]) -> dict[str, str | None]:
    """Unassessed partners of assessed variants that stand in no whole assessed candidate, with their gene."""
    whole = {one.allele.variant for line in lines if all(one.decided for one in line.alleles) for one in line.alleles}
    missing: dict[str, str | None] = {}
    for line in lines:
        waiting = [one.allele.variant for one in line.alleles if one.decided is None]
        begun = [one.allele.variant for one in line.alleles if one.decided is not None and one.decided.in_answer]
        if len(waiting) == len(begun) == 1 and begun[0] not in whole:
            missing.setdefault(waiting[0], line.gene)
    return missing


def _proposal(case: Case, lines: tuple[CandidateLine, ...], given: dict[str, AssessmentView]) -> Proposal:
    answered = {variant for variant, one in given.items() if one.in_answer}
    for line in lines:
        decided = [one.decided for one in line.alleles if one.decided is not None and one.decided.variant in answered]
        if len(decided) != len(line.alleles):
            continue
        lowest = min(one.chosen_class for one in decided)
        if lowest < 3:
            continue
        conclusion = Conclusion.EXPLAINS if lowest >= EXPLAINING else Conclusion.POSSIBLE
        names = _(" and ").join(one.names.get("coding") or one.short for one in decided)
        classes = _(" and ").join(str(one.chosen_class) for one in decided)
        text = _("In %(gene)s: %(names)s (class %(classes)s). %(mode)s.") % {
            "gene": line.gene or "–",
            "names": names,
            "classes": classes,
            "mode": line.mode_words,
        }
        return Proposal(conclusion.value, line.gene or "", line.mode, text)
    if proposed := _structural_proposal(case, given):
        return proposed
    where = (
        _("all genes")
        if case.scope == Scope.ALL_GENES
        else _("the panel %(name)s %(version)s") % {"name": case.panel.name, "version": case.panel.version}
    )
    text = _("No certain finding in %(where)s.") % {"where": where}
    return Proposal(Conclusion.NO_CERTAIN_FINDING.value, "", "", text)


def _rounds(case: Case) -> tuple[RoundView, ...]:
    rows = Interpretation.objects.filter(case=case).select_related("author", "approver", "returned_by", "reopening")
    rows = rows.prefetch_related(
        "assessments__author", "assessments__case", "assessments__based_on__case", "dismissals__author"
    ).order_by("-number")
    return tuple(
        RoundView(
            number=row.number,
            conclusion=row.conclusion,
            gene=row.gene,
            mode=row.inheritance_mode,
            summary=row.summary,
            scope=row.scope,
            author_id=row.author_id,
            author_name=row.author.full_name,
            signed_at=row.signed_at,
            approver_name=row.approver.full_name if row.approver else "",
            approved_at=row.approved_at,
            returned_by=row.returned_by.full_name if row.returned_by else "",
            returned_at=row.returned_at,
            return_reason=row.return_reason,
            assessments=assessment_views(row.assessments.all()),
            kind=row.kind,
            reason=row.reopening.reason if row.reopening else "",
            dismissals=tuple(dismissal_view(one) for one in row.dismissals.all()),
        )
        for row in rows
    )


def opening_of(case: Case) -> OpeningView | None:
    """The opening of all genes, or nothing."""
    row = GeneOpening.objects.filter(case=case).select_related("by").first()
    return (
        None if row is None else OpeningView(row.by.full_name, row.reason, row.consent_rule, row.variants_added, row.at)
    )
