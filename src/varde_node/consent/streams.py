"""Rows to the library's values: streams of decisions and objections of one person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from varde.consent import (
    ConsentDecision,
    ConsentEvent,
    Decider,
    DeciderKind,
    EventKind,
    Form,
    Objection,
    Purpose,
    Reach,
    RecipientKind,
    Terms,
)
from varde_node.consent.models import ConsentEntry, EntryKind

CARE_RECIPIENTS = frozenset({RecipientKind.OWN_LABORATORY, RecipientKind.REQUESTER, RecipientKind.PATIENT})
REGISTER_RECIPIENTS = frozenset({RecipientKind.NATIONAL_REGISTER})
REACH_BY_PURPOSE = {Purpose.MATCHMAKING: Reach.EEA}
"""The form says that hospitals in the EEA are asked; everything else stays in Norway."""


def entries_of(subject_id: UUID) -> list[ConsentEntry]:
    """All entries about a person, oldest first."""
    return entries_by_subject([subject_id])[subject_id]


def entries_by_subject(subject_ids: Iterable[UUID]) -> dict[UUID, list[ConsentEntry]]:
    """All entries about each person, oldest first, in one question."""
    found: dict[UUID, list[ConsentEntry]] = {subject: [] for subject in subject_ids}
    rows = ConsentEntry.objects.filter(subject_id__in=list(found)).select_related("form", "decided_by")
    for row in rows.order_by("decided_at", "recorded_at", "number"):
        found[row.subject_id].append(row)
    return found


def decisions(entries: Iterable[ConsentEntry]) -> tuple[ConsentDecision, ...]:
    """The streams that the entries make. Raises ``varde.consent.IllegalEvent`` for a history that cannot be."""
    by_stream: dict[UUID, list[ConsentEntry]] = defaultdict(list)
    for entry in entries:
        by_stream[entry.stream].append(entry)
    return tuple(
        ConsentDecision(str(stream), str(rows[0].subject_id), tuple(_event(row) for row in rows))
        for stream, rows in by_stream.items()
    )


def objections(entries: Iterable[ConsentEntry]) -> tuple[Objection, ...]:
    """The standing no to the anonymous register: refused on a form or by a withdrawal, until a later yes."""
    said: list[Objection] = []
    for entry in entries:
        objected = entry.kind == EntryKind.WITHDRAWN or Purpose.REGISTER_COUNT in entry.refused
        if said and said[-1].lifted_at is None and Purpose.REGISTER_COUNT in entry.allowed:
            said[-1] = Objection(said[-1].subject, said[-1].at, Purpose.REGISTER_COUNT, entry.decided_at)
        if objected and (not said or said[-1].lifted_at is not None):
            said.append(Objection(str(entry.subject_id), entry.decided_at, Purpose.REGISTER_COUNT))
    return tuple(said)


def _event(row: ConsentEntry) -> ConsentEvent:
    kind = EventKind(row.kind)
    terms = None if kind is EventKind.WITHDRAWN else _terms(row)
    return ConsentEvent(kind, row.decided_at, str(row.decided_by_id), terms, row.note)


def _terms(row: ConsentEntry) -> Terms:
    own = row.decided_by_id == row.subject_id
    return Terms(
        form=Form(row.form.code, row.form.version, row.form.language, row.form.sha256),
        decider=Decider(DeciderKind.SELF if own else DeciderKind.PARENT, str(row.decided_by_id)),
        allowed=frozenset(Purpose(value) for value in row.allowed),
        refused=frozenset(Purpose(value) for value in row.refused),
        recipients=CARE_RECIPIENTS | REGISTER_RECIPIENTS | {RecipientKind.MATCHMAKING_SERVICE},
        reach_by_purpose=REACH_BY_PURPOSE,
    )
