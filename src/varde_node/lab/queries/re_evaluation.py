"""Classes that should be looked at again: by their age, and because knowledge has changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from varde.interpretation.reuse import VALIDITY, Age
from varde_node.lab.laboratory_rules import rules_of
from varde_node.lab.models import Assessment, Case, CaseState, ConfirmationNeed, LaboratoryRules, Reconfirmation
from varde_node.lab.queries.assessments import Earlier, assessment_views, with_age
from varde_node.lab.queries.knowledge import EffectView, effects_of_cases
from varde_node.lab.words import CONFIRMATION_NEEDS, Text, class_words
from varde_node.people.services import Actor, require

LINES_MAX = 200


@dataclass(frozen=True)
class ReEvaluation:
    """The classes that are due, the oldest end first. ``due`` is how many there are, also beyond the list's end."""

    lines: tuple[Earlier, ...]
    due: int
    counted: int
    """How many present classes the laboratory has in signed answers."""
    knowledge: tuple[EffectView, ...]
    """Cases that a knowledge source would change, with those changes alone that matter to a class."""


@dataclass(frozen=True)
class RuleLine:
    """The validity of a class: its days (None: without end), whether they are the laboratory's own, and the source."""

    acmg_class: int
    words: str
    days: int | None
    own: bool
    source: str


@dataclass(frozen=True)
class RulesView:
    """The rules that a laboratory decides by, and their history."""

    number: int
    confirmation: ConfirmationNeed
    validity: tuple[RuleLine, ...]
    history: tuple[tuple[int, Text, str, str, object], ...]
    """Number, need, reason, who and when; newest first."""


def re_evaluation(actor: Actor) -> ReEvaluation:
    """Variants of the laboratory's signed answers whose class is outdated, or will be soon. Written to the trail."""
    rows = _present(actor.organisation_id).select_related("case", "author", "based_on__case").order_by("at")
    rules = rules_of(actor.organisation_id) if actor.organisation_id else None
    found = with_age(assessment_views(rows), rules) if rules is not None else ()
    due = sorted(
        (one for one in found if one.fresh.age is not Age.CURRENT), key=lambda one: (one.fresh.until, one.said.variant)
    )
    require(
        actor, "lab.re_evaluation.read", organisation=actor.organisation_id, details={"classes": len(due[:LINES_MAX])}
    )
    return ReEvaluation(tuple(due[:LINES_MAX]), len(due), len(found), _changed(actor.organisation_id))


def due_cases(laboratory_id: UUID | None) -> QuerySet[Case]:
    """Signed cases with an outdated class in the answer, or that a knowledge source would change."""
    rules, now = rules_of(laboratory_id or UUID(int=0)), timezone.now()
    outdated = Q(pk__in=())
    for acmg_class in VALIDITY:
        days = rules.validity(acmg_class)
        if days is not None:
            ends = now - timedelta(days=days + 1)
            again = Reconfirmation.objects.filter(assessment=OuterRef("pk"), at__gt=ends)
            outdated |= Q(chosen_class=acmg_class, at__lt=ends) & ~Q(Exists(again))
    stale = _present(laboratory_id).filter(outdated).values("case")
    changed = [one.case_id for one in _changed(laboratory_id)]
    return Case.objects.filter(Q(id__in=stale) | Q(id__in=changed))


def _present(laboratory_id: UUID | None) -> QuerySet[Assessment]:
    """The laboratory's present classes in signed answers: the newest of each variant."""
    newer = Assessment.objects.filter(
        case__laboratory=OuterRef("case__laboratory"),
        build=OuterRef("build"),
        variant=OuterRef("variant"),
        at__gt=OuterRef("at"),
    )
    rows = Assessment.objects.filter(case__laboratory_id=laboratory_id, case__state=CaseState.SIGNED, in_answer=True)
    return rows.exclude(Exists(newer))


def _changed(laboratory_id: UUID | None) -> tuple[EffectView, ...]:
    if laboratory_id is None:
        return ()
    found = (
        replace(one, changes=tuple(change for change in one.changes if change.matters))
        for one in effects_of_cases(laboratory_id)
    )
    return tuple(one for one in found if one.changes and one.closed)


def laboratory_rules(actor: Actor) -> RulesView:
    """The rules of the actor's laboratory."""
    require(actor, "lab.rules.read", organisation=actor.organisation_id)
    identifier = actor.organisation_id or UUID(int=0)
    rules = rules_of(identifier)
    today = timezone.localdate()
    lines = []
    for acmg_class in sorted(VALIDITY, reverse=True):
        fresh = rules.freshness(acmg_class, today, today)
        days = None if fresh.until is None else (fresh.until - today).days
        own = acmg_class in rules.validity_days
        lines.append(RuleLine(acmg_class, class_words(acmg_class), days, own, fresh.source))
    rows = LaboratoryRules.objects.filter(laboratory_id=identifier).select_related("by").order_by("-number")
    history = tuple(
        (row.number, CONFIRMATION_NEEDS[ConfirmationNeed(row.confirmation)], row.reason, row.by.full_name, row.at)
        for row in rows
    )
    return RulesView(rules.number, rules.confirmation, tuple(lines), history)
