"""Assessments as values: those of a case, and what this laboratory has said of a variant before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils import timezone

from varde.interpretation.acmg import Code, Ruleset, State, Strength
from varde.interpretation.acmg.answers import answers_from
from varde.interpretation.reuse import Freshness, same_event
from varde_node.lab.judgement import CriteriaInput, CriterionDecision
from varde_node.lab.laboratory_rules import Rules, rules_of
from varde_node.lab.models import Assessment, Case, Reconfirmation, VariantKind
from varde_node.lab.words import AGE_WORDS, Text, class_words, short_variant


@dataclass(frozen=True)
class BasedOn:
    """Where a class was taken over from: a case of the laboratory, or another laboratory's entry in the register."""

    case_number: str
    laboratory: str
    acmg_class: int
    on: str
    reconfirmed: bool


@dataclass(frozen=True)
class AssessmentView:
    """One person's classification of one variant."""

    id: UUID
    case_id: UUID
    case_number: str
    number: int
    variant: str
    build: str
    gene: str
    names: dict[str, str]
    criteria: tuple[dict[str, Any], ...]
    answers: dict[str, str]
    points: int | float
    suggested_class: int
    chosen_class: int
    ruleset: str
    reasoning: str
    in_answer: bool
    author_id: UUID
    author_name: str
    at: datetime
    kind: str = VariantKind.SMALL
    based_on: BasedOn | None = None

    @property
    def class_words(self) -> str:
        """For example ``5 – pathogenic``."""
        return class_words(self.chosen_class)

    @property
    def given(self) -> CriteriaInput:
        """What the person said of the criteria, as the form takes it."""
        decisions = tuple(
            CriterionDecision(
                Code(one["code"]),
                State(one["state"]),
                None if one["strength"] is None else Strength(one["strength"]),
                one["reason"],
                one["by"],
                one.get("at", ""),
            )
            for one in self.criteria
            if one["by"]
        )
        ruleset = Ruleset(self.ruleset) if self.ruleset in set(Ruleset) else None
        return CriteriaInput(decisions, answers_from(self.answers), ruleset)

    @property
    def short(self) -> str:
        """The variant with long alleles cut."""
        return short_variant(self.variant)


def whole_or_hundredths(points: Decimal | int | float) -> int | float:
    """Points as a plain number: whole where they are whole, as of small variants."""
    return int(points) if points == int(points) else float(points)


def assessment_views(rows: Iterable[Assessment]) -> tuple[AssessmentView, ...]:
    """Rows with their case and author as values."""
    return tuple(
        AssessmentView(
            id=row.id,
            case_id=row.case_id,
            case_number=row.case.number,
            number=row.number,
            variant=row.variant,
            build=row.build,
            gene=row.gene,
            names=row.names,
            criteria=tuple(row.criteria),
            answers=row.answers,
            points=whole_or_hundredths(row.points),
            suggested_class=row.suggested_class,
            chosen_class=row.chosen_class,
            ruleset=row.ruleset,
            reasoning=row.reasoning,
            in_answer=row.in_answer,
            author_id=row.author_id,
            author_name=row.author.full_name,
            at=row.at,
            kind=row.kind,
            based_on=_based_on(row),
        )
        for row in rows
    )


def current_assessments(case: Case) -> dict[str, AssessmentView]:
    """The newest assessment of each variant of a case, by variant."""
    rows = (
        Assessment.objects.filter(case=case)
        .select_related("case", "author", "based_on__case")
        .order_by("variant", "number")
    )
    return {view.variant: view for view in assessment_views(rows)}


@dataclass(frozen=True)
class Earlier:
    """What was said of a variant in one case of the laboratory, with its age by the laboratory's rules."""

    said: AssessmentView
    fresh: Freshness
    confirmed_at: datetime | None
    confirmed_by: str

    @property
    def age(self) -> tuple[str, Text]:
        """Shape and word of its age."""
        return AGE_WORDS[self.fresh.age]


def earlier_assessments(case: Case, variant: str, build: str, kind: str = VariantKind.SMALL) -> tuple[Earlier, ...]:
    """What this laboratory has said of a variant, in this case and in others, newest first; one line per case.

    A structural variant is one with others of its type that overlap it reciprocally by four fifths.
    """
    rows = Assessment.objects.filter(build=build, case__laboratory=case.laboratory_id)
    if kind == VariantKind.STRUCTURAL:
        near = rows.filter(kind=kind, variant__startswith=variant.split("-", maxsplit=1)[0] + "-").values_list(
            "id", "variant"
        )
        rows = rows.filter(id__in=[key for key, other in near if same_event(variant, other)])
    else:
        rows = rows.filter(variant=variant)
    rows = rows.select_related("case", "author", "based_on__case").order_by("-at", "-number")
    newest: dict[UUID, AssessmentView] = {}
    for view in assessment_views(rows):
        newest.setdefault(view.case_id, view)
    return with_age(newest.values(), rules_of(case.laboratory_id))


def with_age(views: Iterable[AssessmentView], rules: Rules) -> tuple[Earlier, ...]:
    """Assessments with their age today; a later confirmation makes one young again."""
    told = list(views)
    again = Reconfirmation.objects.filter(assessment__in=[one.id for one in told]).select_related("by").order_by("at")
    last = {row.assessment_id: row for row in again}
    today = timezone.localdate()
    found = []
    for one in told:
        row = last.get(one.id)
        judged_on = timezone.localdate(row.at if row else one.at)
        fresh = rules.freshness(one.chosen_class, judged_on, today)
        found.append(Earlier(one, fresh, row.at if row else None, row.by.full_name if row else ""))
    return tuple(found)


def last_confirmed(row: Assessment) -> date:
    """The day a class was given, or last confirmed."""
    again = row.reconfirmations.order_by("-at").first()
    return timezone.localdate(again.at if again else row.at)


def _based_on(row: Assessment) -> BasedOn | None:
    if row.based_on is not None:
        before = row.based_on
        on = timezone.localdate(before.at).isoformat()
        return BasedOn(before.case.number, "", before.chosen_class, on, row.reconfirmed)
    if row.based_on_register:
        entry = row.based_on_register
        on = f"{entry['year']}-{entry['month']:02d}"
        return BasedOn("", entry["laboratory"], entry["acmg_class"], on, row.reconfirmed)
    return None
