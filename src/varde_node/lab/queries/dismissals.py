"""Variants of a case that were set aside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from varde_node.lab.models import Case, Dismissal, DismissalReason
from varde_node.lab.words import DISMISSAL_REASONS, Text, short_variant


@dataclass(frozen=True)
class DismissalView:
    """A variant set aside, with the reason of the list and the person's own words."""

    id: UUID
    variant: str
    kind: str
    gene: str
    names: dict[str, str]
    reason: str
    comment: str
    author_name: str
    at: datetime

    @property
    def reason_words(self) -> Text:
        """The reason in the reader's language."""
        return DISMISSAL_REASONS[DismissalReason(self.reason)]

    @property
    def short(self) -> str:
        """The variant with long alleles cut."""
        return short_variant(self.variant)


def dismissal_view(row: Dismissal) -> DismissalView:
    """A row as a value."""
    return DismissalView(
        row.id, row.variant, row.kind, row.gene, row.names, row.reason, row.comment, row.author.full_name, row.at
    )


def current_dismissals(case: Case) -> dict[str, DismissalView]:
    """The variants that stand set aside, by variant. A later assessment takes a variant up again."""
    rows = Dismissal.objects.filter(case=case).select_related("author").order_by("variant", "number")
    newest = {row.variant: row for row in rows}
    assessed = dict(case.assessments.order_by("number").values_list("variant", "at"))
    return {
        variant: dismissal_view(row)
        for variant, row in newest.items()
        if row.active and not (variant in assessed and assessed[variant] > row.at)
    }
