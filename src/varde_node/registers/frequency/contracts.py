"""What other domains meet: "is this my own case?" is asked of the register and answered by who knows the cases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from varde_node.people.services import Actor


@dataclass(frozen=True)
class OwnCase:
    """A case of the asker's laboratory whose person contributed to a count. ``role`` is child, mother or father."""

    case_id: UUID
    case_number: str
    role: str


CasesOf = Callable[[Actor], Mapping[str, OwnCase]]
"""Of an actor's own laboratory: contribution name to case."""
Shown = Callable[[Actor, Iterable[OwnCase]], None]
"""Writes down that these cases were shown."""

_answering: list[tuple[CasesOf, Shown]] = []


def register_own_cases(cases_of: CasesOf, shown: Shown) -> None:
    """Let a domain above answer which of its cases contributed."""
    if (cases_of, shown) not in _answering:
        _answering.append((cases_of, shown))


def answering() -> tuple[tuple[CasesOf, Shown], ...]:
    """Who answers."""
    return tuple(_answering)
