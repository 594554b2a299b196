"""Assessments as values: those of a case, and what this laboratory has said of a variant before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from varde_node.lab.models import Assessment, Case
from varde_node.lab.words import class_words, short_variant


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
    phenotype_fit: str
    kind: str
    points: int | float
    suggested_class: int
    chosen_class: int
    ruleset: str
    reasoning: str
    in_answer: bool
    author_id: UUID
    author_name: str
    at: datetime

    @property
    def class_words(self) -> str:
        """For example ``5 – pathogenic``."""
        return class_words(self.chosen_class)

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
            phenotype_fit=row.phenotype_fit,
            kind=row.kind,
            points=whole_or_hundredths(row.points),
            suggested_class=row.suggested_class,
            chosen_class=row.chosen_class,
            ruleset=row.ruleset,
            reasoning=row.reasoning,
            in_answer=row.in_answer,
            author_id=row.author_id,
            author_name=row.author.full_name,
            at=row.at,
        )
        for row in rows
    )


def current_assessments(case: Case) -> dict[str, AssessmentView]:
    """The newest assessment of each variant of a case, by variant."""
    rows = Assessment.objects.filter(case=case).select_related("case", "author").order_by("variant", "number")
    return {view.variant: view for view in assessment_views(rows)}


def earlier_assessments(case: Case, variant: str, build: str) -> tuple[AssessmentView, ...]:
    """What this laboratory has said of a variant, in this case and in others, newest first; one line per case."""
    rows = Assessment.objects.filter(variant=variant, build=build, case__laboratory=case.laboratory_id)
    rows = rows.select_related("case", "author").order_by("-at", "-number")
    newest: dict[UUID, AssessmentView] = {}
    for view in assessment_views(rows):
        newest.setdefault(view.case_id, view)
    return tuple(newest.values())
