"""Everything an answer's sentences need: the signed case, and the names of people and places around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from varde.interpretation.inheritance import Mode
from varde_node.lab.contracts import SignedCase
from varde_node.people.queries import PersonView

RECESSIVE = frozenset(
    {
        Mode.HOMOZYGOUS_RECESSIVE,
        Mode.COMPOUND_HETEROZYGOUS,
        Mode.COMPOUND_HETEROZYGOUS_DE_NOVO,
        Mode.COMPOUND_HETEROZYGOUS_UNPHASED,
    }
)
NEW = frozenset({Mode.DE_NOVO, Mode.X_LINKED_DE_NOVO})


@dataclass(frozen=True)
class AnswerVersion:
    """One version of an order's answer. ``kind`` is first, correction or reanalysis; ``reason`` why it was made."""

    version: int
    released_at: datetime
    kind: str
    reason: str
    shared_at: datetime | None


@dataclass(frozen=True)
class AnswerFacts:
    """One version of an answer with what stands around it. ``family`` and ``affected`` are by place (child,
    mother, sibling_2 ...); ``counted`` says whether the family's variants are counted in the register, None when not
    known."""

    order_id: UUID
    order_number: str
    version: int
    newest: bool
    released_at: datetime
    shared_at: datetime | None
    ordered_at: datetime
    indication: str
    case: SignedCase
    family: Mapping[str, PersonView]
    affected: Mapping[str, bool | None]
    clinic: str
    laboratory: str
    clinician: str
    counted: bool | None
    versions: tuple[AnswerVersion, ...] = ()
    """Every version of the answer, newest first."""

    @property
    def replaced_by(self) -> AnswerVersion | None:
        """The version that replaced this one, where there is one."""
        later = [one for one in self.versions if one.version > self.version]
        return later[-1] if later else None

    @property
    def replaces(self) -> int | None:
        """The version that this one replaces."""
        return self.version - 1 if self.version > 1 else None

    @property
    def child(self) -> PersonView:
        """The patient."""
        return self.family["child"]

    @property
    def first_name(self) -> str:
        """What the child is called in a plain sentence."""
        return self.child.name.split()[0] if self.child.name.split() else self.child.name

    @property
    def mode(self) -> Mode | None:
        """The mode of inheritance of the finding, where the laboratory named one that is known."""
        try:
            return Mode(self.case.inheritance_mode)
        except ValueError:
            return None

    @property
    def explains(self) -> bool:
        """Whether the finding explains the child's disease."""
        return self.case.conclusion == "explains"

    @property
    def parents_seen(self) -> bool:
        """Whether the parents' calls show what the mode says of them: without that there is no figure either."""
        return not (self.case.recurrence or {}).get("key", "").startswith("recurrence.unknown")

    @property
    def recurrence(self) -> dict[str, Any] | None:
        """The risk for a further child, only where the finding explains the disease: a doubtful one gives no number."""
        return self.case.recurrence if self.explains else None
