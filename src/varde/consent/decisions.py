"""Consent as a stream of events that only grows: drafted, given, changed, suspended, resumed, withdrawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from varde.consent.purposes import Purpose, Reach, RecipientKind


class DeciderKind(StrEnum):
    SELF = "self"
    PARENT = "parent"
    GUARDIAN = "guardian"  # for an adult without competence to decide


@dataclass(frozen=True)
class Decider:
    """Who decided. A representative's right runs from ``valid_from`` up to, not including, ``valid_until``."""

    kind: DeciderKind
    person: str
    valid_from: date | None = None
    valid_until: date | None = None

    def valid_on(self, day: date) -> bool:
        after_start = self.valid_from is None or self.valid_from <= day
        return after_start and (self.valid_until is None or day < self.valid_until)


@dataclass(frozen=True)
class Form:
    """The form that was shown; ``sha256`` is of the text as rendered to the person."""

    identifier: str
    version: str
    language: str
    sha256: str

    def __post_init__(self) -> None:
        if len(self.sha256) != 64 or set(self.sha256) - set("0123456789abcdef"):
            raise ValueError(
                f"form {self.identifier}: SHA-256 as 64 hexadecimal digits expected, found {self.sha256!r}"
            )


@dataclass(frozen=True)
class Terms:
    """Answers on one form. What is neither allowed nor refused was not asked, and not asked means no.

    ``recipients`` and ``reach`` bound every allowed purpose; ``reach_by_purpose`` sets another reach for some.
    ``groups``, when set, names the only research groups.
    """

    form: Form
    decider: Decider
    allowed: frozenset[Purpose]
    refused: frozenset[Purpose] = frozenset()
    recipients: frozenset[RecipientKind] = frozenset()
    groups: frozenset[str] | None = None
    reach: Reach = Reach.NORWAY
    reach_by_purpose: Mapping[Purpose, Reach] = field(default_factory=dict, hash=False)
    commercial: bool = False
    written: bool = True
    child_view_recorded: bool = False
    valid_from: datetime | None = None
    valid_until: datetime | None = None

    def __post_init__(self) -> None:
        both = self.allowed & self.refused
        if both:
            raise ValueError(f"{', '.join(sorted(both))}: both allowed and refused")
        for moment in (self.valid_from, self.valid_until):
            require_zone(moment)
        if self.valid_from and self.valid_until and self.valid_from >= self.valid_until:
            raise ValueError(f"valid from {self.valid_from} until {self.valid_until}: the end is not after the start")

    def reach_for(self, purpose: Purpose) -> Reach:
        """How far data may travel for a purpose."""
        return self.reach_by_purpose.get(purpose, self.reach)


class EventKind(StrEnum):
    DRAFTED = "drafted"
    GIVEN = "given"
    CHANGED = "changed"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    WITHDRAWN = "withdrawn"


class State(StrEnum):
    """State of a stream at a moment. Only GIVEN and CHANGED can allow anything."""

    NONE = "none"
    DRAFTED = "drafted"
    GIVEN = "given"
    CHANGED = "changed"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


TRANSITIONS: Mapping[State, frozenset[EventKind]] = MappingProxyType(
    {
        State.NONE: frozenset({EventKind.DRAFTED, EventKind.GIVEN}),
        State.DRAFTED: frozenset({EventKind.GIVEN, EventKind.WITHDRAWN}),
        State.GIVEN: frozenset({EventKind.CHANGED, EventKind.SUSPENDED, EventKind.WITHDRAWN}),
        State.CHANGED: frozenset({EventKind.CHANGED, EventKind.SUSPENDED, EventKind.WITHDRAWN}),
        State.SUSPENDED: frozenset({EventKind.RESUMED, EventKind.WITHDRAWN}),
        State.EXPIRED: frozenset({EventKind.CHANGED, EventKind.WITHDRAWN}),
        State.WITHDRAWN: frozenset(),
    }
)
"""What may happen in each state. Nothing follows a withdrawal: to consent again is a new stream, signed anew."""

_SIGNED = {EventKind.GIVEN: State.GIVEN, EventKind.CHANGED: State.CHANGED}
_STATES = _SIGNED | {
    EventKind.DRAFTED: State.DRAFTED,
    EventKind.SUSPENDED: State.SUSPENDED,
    EventKind.WITHDRAWN: State.WITHDRAWN,
}
_NARROWING = frozenset({EventKind.CHANGED, EventKind.SUSPENDED, EventKind.WITHDRAWN})


class IllegalEvent(ValueError):  # noqa: N818  (a legal term: the event may not follow)
    """An event that may not follow what went before."""


@dataclass(frozen=True)
class ConsentEvent:
    """One thing that happened. ``terms`` are the signed answers, for GIVEN and CHANGED only."""

    kind: EventKind
    at: datetime
    actor: str
    terms: Terms | None = None
    note: str = ""

    def __post_init__(self) -> None:
        require_zone(self.at)
        if (self.kind in _SIGNED) != (self.terms is not None):
            raise ValueError(f"event {self.kind}: signed answers belong to given and changed, and to no others")


@dataclass(frozen=True)
class ConsentDecision:
    """One stream: a person's decision in one matter, from the first draft to the withdrawal.

    ``project`` None is the base decision (care, register, matchmaking); a research project has a stream of its own.
    Raises IllegalEvent when an event may not follow the one before, or lies before it in time.
    """

    identifier: str
    subject: str
    events: tuple[ConsentEvent, ...] = ()
    project: str | None = None

    def __post_init__(self) -> None:
        state, before = State.NONE, None
        terms: Terms | None = None
        for event in self.events:
            if before is not None and event.at < before:
                raise IllegalEvent(f"consent {self.identifier}: {event.kind} at {event.at} is earlier than {before}")
            if state in _SIGNED.values() and _has_ended(terms, event.at):
                state = State.EXPIRED
            if event.kind not in TRANSITIONS[state]:
                raise IllegalEvent(f"consent {self.identifier}: {event.kind} may not follow the state {state}")
            state, before, terms = _next_state(state, event), event.at, event.terms or terms

    def with_event(self, event: ConsentEvent) -> ConsentDecision:
        """The stream with one event more. Raises IllegalEvent; this stream stays as it is."""
        return replace(self, events=(*self.events, event))

    def events_until(self, at: datetime) -> tuple[ConsentEvent, ...]:
        """Events that had happened at the moment, itself included."""
        return tuple(event for event in self.events if event.at <= at)

    def terms_at(self, at: datetime) -> Terms | None:
        """The answers last signed at the moment; None before the first signature."""
        return next((event.terms for event in reversed(self.events_until(at)) if event.terms is not None), None)

    def signed_at(self, at: datetime) -> datetime | None:
        """When the answers that count at the moment were signed."""
        return next((event.at for event in reversed(self.events_until(at)) if event.terms is not None), None)

    def given_at(self, at: datetime) -> datetime | None:
        """When the stream was first signed, None if it had not been at the moment."""
        return next((event.at for event in self.events_until(at) if event.kind is EventKind.GIVEN), None)

    def withdrawn_at(self, at: datetime) -> datetime | None:
        """When the stream was withdrawn, None if it had not been at the moment."""
        return next((event.at for event in self.events_until(at) if event.kind is EventKind.WITHDRAWN), None)

    def state_at(self, at: datetime) -> State:
        """State at the moment, with the end date looked at."""
        require_zone(at)
        state = State.NONE
        for event in self.events_until(at):
            state = _next_state(state, event)
        return State.EXPIRED if state in _SIGNED.values() and _has_ended(self.terms_at(at), at) else state

    def epoch_at(self, at: datetime) -> int:
        """Grows with every event that can narrow access; grants made under an earlier epoch are void."""
        ended = _has_ended(self.terms_at(at), at)
        return sum(event.kind in _NARROWING for event in self.events_until(at)) + ended


def require_zone(moment: datetime | None) -> None:
    """Raises ValueError for a time without time zone: such times cannot be compared."""
    if moment is not None and moment.tzinfo is None:
        raise ValueError(f"time {moment} has no time zone")


def _next_state(state: State, event: ConsentEvent) -> State:
    if event.kind is EventKind.RESUMED:
        return State.CHANGED
    return _STATES[event.kind]


def _has_ended(terms: Terms | None, at: datetime) -> bool:
    return terms is not None and terms.valid_until is not None and at >= terms.valid_until


@dataclass(frozen=True)
class Objection:
    """A registered no that holds whether or not consent is asked for. ``purpose`` None: everything but care."""

    subject: str
    at: datetime
    purpose: Purpose | None = None
    lifted_at: datetime | None = None

    def __post_init__(self) -> None:
        require_zone(self.at)
        require_zone(self.lifted_at)

    def holds(self, purpose: Purpose, at: datetime) -> bool:
        in_time = self.at <= at and (self.lifted_at is None or at < self.lifted_at)
        care = purpose in (Purpose.CARE_PANEL, Purpose.CARE_ALL_GENES)
        return in_time and (self.purpose is purpose or (self.purpose is None and not care))
