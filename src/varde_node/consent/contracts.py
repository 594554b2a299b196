"""What crosses the border of the consent domain: frozen values, and hooks for the domains above."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from django.utils.functional import Promise

    from varde_node.people.services import Actor


@dataclass(frozen=True)
class ConsentView:
    """One stream as it stands: the newest entry's answers, or its withdrawal."""

    stream: UUID
    form_code: str
    form_version: str
    form_language: str
    form_title: str
    state: str
    """A value of ``varde.consent.State``."""
    allowed: frozenset[str]
    refused: frozenset[str]
    decided_by: str
    decided_at: datetime
    means: str
    entries: int


@dataclass(frozen=True)
class FormView:
    """A form in one language."""

    id: UUID
    code: str
    version: str
    language: str
    title: str
    text: str


ChangeHandler = Callable[[UUID], None]

_change_handlers: list[ChangeHandler] = []


def on_changed(handler: ChangeHandler) -> None:
    """Register what happens, in the same transaction, when the decisions of a person have changed."""
    if handler not in _change_handlers:
        _change_handlers.append(handler)


def announce_changed(subject_id: UUID) -> None:
    """Tell every registered handler."""
    for handler in _change_handlers:
        handler(subject_id)


@dataclass(frozen=True)
class Holding:
    """Data of one kind about a person: ``what`` in plain words, how many, since when, where, and why they are kept."""

    what: str | Promise
    number: int
    since: datetime | None
    where: str | Promise = ""
    kept_because: str | Promise = ""


HoldingsOf = Callable[[UUID], Iterable[Holding]]
InCare = Callable[["Actor", UUID], bool]

_holders: list[HoldingsOf] = []
_care_checks: list[InCare] = []


def register_holder(holdings: HoldingsOf) -> None:
    """Let a domain say, on My page, which data it holds about a person."""
    if holdings not in _holders:
        _holders.append(holdings)


def holdings_of(person_id: UUID) -> tuple[Holding, ...]:
    """What every registered domain holds."""
    return tuple(holding for holder in _holders for holding in holder(person_id))


def register_care_check(check: InCare) -> None:
    """Let the domain that knows of treatment say whether an actor's clinic treats a person."""
    if check not in _care_checks:
        _care_checks.append(check)


def is_in_care(actor: Actor, person_id: UUID) -> bool:
    """Whether some registered domain says that the actor's clinic treats the person; without one, nobody does."""
    return any(check(actor, person_id) for check in _care_checks)
