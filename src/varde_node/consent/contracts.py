"""What crosses the border of the consent domain: frozen values, and the hook by which others hear of a change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


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
