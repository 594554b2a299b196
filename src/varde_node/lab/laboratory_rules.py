"""The rules that a laboratory decides by: what must be confirmed before signing, and how long its classes hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from varde.interpretation.reuse import Freshness, freshness, validity_of
from varde_node.lab.models import ConfirmationNeed, LaboratoryRules


@dataclass(frozen=True)
class Rules:
    """The newest rules; ``number`` 0: the laboratory has set none, and the library's table counts."""

    number: int = 0
    confirmation: ConfirmationNeed = ConfirmationNeed.NEVER
    validity_days: Mapping[int, int | None] = field(default_factory=dict)

    def must_be_confirmed(self, acmg_class: int) -> bool:
        """Whether a variant of this class in the answer needs a second method before the case is signed."""
        if self.confirmation == ConfirmationNeed.CLASS_4_AND_5:
            return acmg_class >= 4
        return self.confirmation == ConfirmationNeed.EVERY

    def validity(self, acmg_class: int) -> int | None:
        """The days that a class holds; None without end."""
        return validity_of(acmg_class, self.validity_days).days

    def freshness(self, acmg_class: int, judged_on: date, today: date) -> Freshness:
        """The age of a class by these rules."""
        return freshness(acmg_class, judged_on, today, self.validity_days)


def rules_of(laboratory_id: UUID) -> Rules:
    """The rules of a laboratory."""
    row = LaboratoryRules.objects.filter(laboratory_id=laboratory_id).order_by("-number").first()
    if row is None:
        return Rules()
    days = {int(number): value for number, value in row.validity_days.items()}
    return Rules(row.number, ConfirmationNeed(row.confirmation), days)
