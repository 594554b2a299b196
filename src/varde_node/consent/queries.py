"""Reads of consent. ``decide`` is the one answer that every domain asks before a use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from varde.consent import Decision, Purpose, Recipient, RecipientKind, Scope, Subject, evaluate
from varde_node.consent.contracts import ConsentView, FormView
from varde_node.consent.models import ConsentEntry, ConsentForm
from varde_node.consent.sentences import sentence
from varde_node.consent.streams import decisions, entries_by_subject, entries_of, objections
from varde_node.people import queries as people
from varde_node.people.services import Actor, Relation, require

ASKED_PURPOSES = (
    Purpose.CARE_PANEL,
    Purpose.CARE_ALL_GENES,
    Purpose.INCIDENTAL_FINDINGS,
    Purpose.MATCHMAKING,
    Purpose.REGISTER_COUNT,
)
"""What the form of a genome examination asks, in the order it is shown."""
AT_HOME = frozenset({"NO"})
USUAL_RECIPIENT = {
    Purpose.REGISTER_COUNT: RecipientKind.NATIONAL_REGISTER,
    Purpose.MATCHMAKING: RecipientKind.MATCHMAKING_SERVICE,
}


def decide(
    subject_id: UUID,
    purpose: Purpose,
    *,
    recipient: RecipientKind | None = None,
    countries: frozenset[str] = AT_HOME,
    at: datetime | None = None,
) -> Decision:
    """May this be done with this person's data? The rule, the reason and the consent that decided come with it.

    ``countries`` are those where the recipient works on the data, two-letter codes. Raises LookupError for an unknown
    person.
    """
    asked = replace(_usual(purpose), countries=countries)
    asked = asked if recipient is None else replace(asked, kind=recipient)
    return _decide(_subject(subject_id), entries_of(subject_id), purpose, asked, at or timezone.now())


def limits(subject_id: UUID) -> dict[Purpose, bool]:
    """For each purpose of a genome examination, whether it is allowed now: what staff pages show as tags."""
    return limits_of([subject_id])[subject_id]


def limits_of(subject_ids: Iterable[UUID]) -> dict[UUID, dict[Purpose, bool]]:
    """``limits`` of each person, in two questions however many are asked for. Raises LookupError for an unknown one."""
    asked, now = list(dict.fromkeys(subject_ids)), timezone.now()
    persons, entries = people.persons(asked), entries_by_subject(asked)
    if len(persons) < len(asked):
        raise LookupError("no such person")
    return {
        person: {
            purpose: _decide(
                Subject(str(person), persons[person].birth_date), entries[person], purpose, _usual(purpose), now
            ).allowed
            for purpose in ASKED_PURPOSES
        }
        for person in asked
    }


def _usual(purpose: Purpose) -> Recipient:
    return Recipient(USUAL_RECIPIENT.get(purpose, RecipientKind.OWN_LABORATORY))


def _subject(person_id: UUID) -> Subject:
    person = people.person(person_id)
    if person is None:
        raise LookupError("no such person")
    return Subject(str(person_id), person.birth_date)


def _decide(
    subject: Subject, entries: list[ConsentEntry], purpose: Purpose, recipient: Recipient, at: datetime
) -> Decision:
    return evaluate(
        decisions(entries),
        purpose,
        recipient,
        at=at,
        subject=subject,
        scope=Scope(objections=objections(entries)),
    )


def consents_of(actor: Actor, person_id: UUID, *, in_care: bool = False) -> tuple[ConsentView, ...]:
    """A person's streams, newest first; the read is logged."""
    relations = (Relation.CARE,) if in_care else ()
    require(actor, "consent.person.read", subject=person_id, relations=relations)
    entries = entries_of(person_id)
    now = timezone.now()
    last = {entry.stream: entry for entry in entries}
    signed = {entry.stream: entry for entry in entries if entry.kind != "withdrawn"}
    states = {decision.identifier: decision.state_at(now).value for decision in decisions(entries)}
    views = [_view(row, signed[stream], states[str(stream)]) for stream, row in last.items()]
    return tuple(sorted(views, key=lambda view: view.decided_at, reverse=True))


def forms(language: str) -> tuple[FormView, ...]:
    """The newest version of every form in a language."""
    rows = ConsentForm.objects.filter(language=language).order_by("code", "version")
    newest = {row.code: row for row in rows}
    return tuple(FormView(row.id, row.code, row.version, row.language, row.title, row.text) for row in newest.values())


def _view(last: ConsentEntry, signed: ConsentEntry, state: str) -> ConsentView:
    return ConsentView(
        stream=last.stream,
        form_code=last.form.code,
        form_version=signed.form.version,
        form_language=signed.form.language,
        form_title=signed.form.title,
        state=state,
        allowed=frozenset(_words(signed.allowed)),
        refused=frozenset(_words(signed.refused)),
        decided_by=last.decided_by.name,
        decided_at=last.decided_at,
        means=last.means,
        entries=last.number,
    )


def _words(values: Iterable[str]) -> Iterable[str]:
    return (Purpose(value).value for value in values)


def sentence_of(decision: Decision) -> str:
    """Why a use is allowed or refused, in the reader's language."""
    return sentence(decision.reason)
