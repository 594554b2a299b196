"""Orders of a second method, and what they showed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from varde_node.lab.models import Case, Confirmation, ConfirmationMethod
from varde_node.lab.words import CONFIRMATION_METHODS, CONFIRMATION_RESULTS, Text, short_variant


@dataclass(frozen=True)
class ConfirmationView:
    """One order: of a variant, or of a gap in the coverage. ``result`` is empty while it is waited for."""

    id: UUID
    variant: str
    gap: str
    method: str
    note: str
    ordered_by: str
    ordered_at: datetime
    result: str
    result_note: str
    result_by: str
    result_at: datetime | None

    @property
    def what(self) -> str:
        """The variant with long alleles cut, or the gap."""
        return short_variant(self.variant) if self.variant else self.gap

    @property
    def method_words(self) -> Text:
        """The method in the reader's language."""
        return CONFIRMATION_METHODS[ConfirmationMethod(self.method)]

    @property
    def result_words(self) -> tuple[str, Text]:
        """Shape and word of the result."""
        return CONFIRMATION_RESULTS[self.result]


def confirmations_of(case: Case) -> tuple[ConfirmationView, ...]:
    """The orders of a case, newest first."""
    rows = Confirmation.objects.filter(case=case).select_related("ordered_by", "result_by").order_by("-ordered_at")
    return tuple(
        ConfirmationView(
            id=row.id,
            variant=row.variant,
            gap=row.gap,
            method=row.method,
            note=row.note,
            ordered_by=row.ordered_by.full_name,
            ordered_at=row.ordered_at,
            result=row.result,
            result_note=row.result_note,
            result_by=row.result_by.full_name if row.result_by else "",
            result_at=row.result_at,
        )
        for row in rows
    )
