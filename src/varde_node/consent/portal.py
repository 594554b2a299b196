"""Reads of the portal: a person's choices, receipts, who has looked, and which data exist."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from django.utils import timezone

from varde.consent import Purpose
from varde_node.consent.contracts import ConsentView, FormView, Holding, holdings_of
from varde_node.consent.models import ConsentEntry
from varde_node.consent.queries import consents_of, forms, limits
from varde_node.consent.services import GENOME_EXAMINATION
from varde_node.consent.words import CONSENTS_WHAT, CONSENTS_WHERE, CONSENTS_WHY
from varde_node.people import queries as people
from varde_node.people.queries import AccessLine
from varde_node.people.services import Actor, Role, require

LATEST = 400
"""Entries of the trail read for the list of who has looked."""


@dataclass(frozen=True)
class PortalPerson:
    """One's own page, or that of somebody one represents."""

    id: UUID
    name: str
    own: bool


@dataclass(frozen=True)
class ChoicesView:
    """What holds now: ``standing`` is the signed stream, none before the first and after a withdrawal."""

    standing: ConsentView | None
    withdrawn: ConsentView | None
    form: FormView
    allowed: dict[Purpose, bool]
    history: tuple[ReceiptLine, ...]


@dataclass(frozen=True)
class ReceiptLine:
    """One event, as a line of history."""

    id: UUID
    kind: str
    decided_at: datetime
    decided_by: str


@dataclass(frozen=True)
class ReceiptView:
    """What was decided, on which form, by whom and how: the person's own proof."""

    id: UUID
    subject_id: UUID
    subject_name: str
    kind: str
    decided_at: datetime
    decided_by: str
    means: str
    form_title: str
    form_version: str
    form_language: str
    form_sha256: str
    allowed: tuple[Purpose, ...]
    refused: tuple[Purpose, ...]


@dataclass(frozen=True)
class Look:
    """Looks of one kind by one person on one day. ``index`` is the newest entry's number in the log."""

    index: int
    newest: datetime
    times: int
    action: str
    allowed: bool
    actor_name: str | None
    line: AccessLine


def people_of(actor: Actor) -> tuple[PortalPerson, ...]:
    """Oneself, and whom one represents today."""
    if actor.person_id is None:
        return ()
    own = people.person(actor.person_id)
    mine = [PortalPerson(own.id, own.name, own=True)] if own else []
    others = (PortalPerson(one.id, one.name, own=False) for one in people.represented_by(actor.person_id))
    return (*mine, *others)


def choices(actor: Actor, person_id: UUID, language: str) -> ChoicesView:
    """A person's standing choices, the form in force, and the history. The read is logged."""
    streams = [view for view in consents_of(actor, person_id) if view.form_code == GENOME_EXAMINATION]
    standing = next((view for view in streams if view.state != "withdrawn"), None)
    entries = ConsentEntry.objects.filter(subject_id=person_id).select_related("decided_by")
    lines = [
        ReceiptLine(row.id, row.kind, row.decided_at, row.decided_by.name)
        for row in entries.order_by("-decided_at", "-recorded_at", "-number")
    ]
    form = next(form for form in forms(language) if form.code == GENOME_EXAMINATION)
    withdrawn = streams[0] if streams and standing is None else None
    return ChoicesView(standing, withdrawn, form, limits(person_id), tuple(lines))


def receipt(actor: Actor, entry_id: UUID) -> ReceiptView | None:
    """One event with its form's checksum, or nothing. The read is logged."""
    row = ConsentEntry.objects.filter(id=entry_id).select_related("subject", "decided_by", "form").first()
    if row is None:
        return None
    require(actor, "consent.person.read", subject=row.subject_id, object_id=entry_id)
    return ReceiptView(
        id=row.id,
        subject_id=row.subject_id,
        subject_name=row.subject.name,
        kind=row.kind,
        decided_at=row.decided_at,
        decided_by=row.decided_by.name,
        means=row.means,
        form_title=row.form.title,
        form_version=row.form.version,
        form_language=row.form.language,
        form_sha256=row.form.sha256,
        allowed=tuple(Purpose(value) for value in row.allowed),
        refused=tuple(Purpose(value) for value in row.refused),
    )


def newest_entry(stream: UUID) -> UUID:
    """The newest event of a stream."""
    return ConsentEntry.objects.filter(stream=stream).order_by("-number").values_list("id", flat=True)[0]


def looks(actor: Actor, person_id: UUID, *, own_too: bool = False) -> tuple[tuple[date, tuple[Look, ...]], ...]:
    """Who has looked, by day, newest first. Without ``own_too``, looks of the family itself are left out."""
    lines = people.who_has_looked(actor, person_id, LATEST)
    shown = [line for line in lines if own_too or line.role is not Role.PATIENT]
    days = groupby(shown, key=lambda line: timezone.localdate(line.recorded))
    return tuple((day, tuple(_merged(rows))) for day, rows in days)


def holdings(actor: Actor, person_id: UUID) -> tuple[Holding, ...]:
    """Which data exist about a person on this node, as the domains that hold them say. The read is logged."""
    require(actor, "consent.person.read", subject=person_id)
    own = ConsentEntry.objects.filter(subject_id=person_id)
    first = own.order_by("decided_at").values_list("decided_at", flat=True).first()
    consents = [Holding(CONSENTS_WHAT, own.count(), first, CONSENTS_WHERE, CONSENTS_WHY)] if first else []
    return (*consents, *holdings_of(person_id))


def _merged(lines: Iterable[AccessLine]) -> Iterable[Look]:
    """Lines of one day that say the same are one look with a number of times, where the newest stands."""
    groups: dict[tuple[object, ...], list[AccessLine]] = {}
    for line in lines:
        key = (line.actor_name, line.role, line.organisation_name, line.action, line.outcome, line.reason)
        groups.setdefault(key, []).append(line)
    for rows in groups.values():
        newest = rows[0]
        yield Look(newest.index, newest.recorded, len(rows), newest.action, newest.allowed, newest.actor_name, newest)
