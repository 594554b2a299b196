"""Reads of people, scoped by the actor, and of the audit trail."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils import timezone
from django.utils.functional import Promise

from varde_node.people import services
from varde_node.people.actors import PURPOSE_NAMES, ROLE_NAMES, Actor, Purpose, Role
from varde_node.people.models import (
    Account,
    AuditEntry,
    AuditPersonalField,
    Membership,
    Organisation,
    Person,
    Representation,
)
from varde_node.people.navigation import navigation_for

__all__ = [
    "AccessLine",
    "MembershipView",
    "OrganisationView",
    "PersonView",
    "access_log",
    "account_name",
    "demo_accounts",
    "memberships_of",
    "navigation_for",
    "organisation",
    "organisations",
    "parents_of",
    "person",
    "persons",
    "represented_by",
    "same_person",
    "who_has_looked",
]


@dataclass(frozen=True)
class OrganisationView:
    """An organisation."""

    id: UUID
    name: str
    short_name: str
    kind: str
    region: str
    number: str


@dataclass(frozen=True)
class PersonView:
    """A person's identity. Ask ``require`` in the name of your own action before you show one."""

    id: UUID
    national_identifier: str
    name: str
    birth_date: date
    sex: str
    protected: bool

    def age_years(self, day: date) -> int:
        """Whole years of age on a day."""
        had_birthday = (day.month, day.day) >= (self.birth_date.month, self.birth_date.day)
        return day.year - self.birth_date.year - (0 if had_birthday else 1)


@dataclass(frozen=True)
class MembershipView:
    """A role an account may choose."""

    id: UUID
    role: Role
    organisation_name: str

    @property
    def role_name(self) -> str | Promise:
        """The role in the reader's language."""
        return ROLE_NAMES[self.role]


@dataclass(frozen=True)
class DemoAccount:
    """An account of the demo country, for the sign-in page."""

    username: str
    full_name: str
    memberships: tuple[MembershipView, ...]


@dataclass(frozen=True)
class AccessLine:
    """One line of the trail as a person reads it."""

    index: int
    recorded: datetime
    action: str
    outcome: str
    rule: str
    role: Role
    organisation_name: str
    purpose: Purpose
    object_id: str
    details: dict[str, str | int | bool]
    actor_name: str | None
    subject: UUID | None
    subject_name: str | None
    reason: str | None = None
    """What the actor wrote as the reason, where the act asks for one (all genes opened, quality overridden)."""

    @property
    def role_name(self) -> str | Promise:
        """The role in the reader's language."""
        return ROLE_NAMES[self.role]

    @property
    def purpose_name(self) -> str | Promise:
        """The purpose in the reader's language."""
        return PURPOSE_NAMES[self.purpose]

    @property
    def allowed(self) -> bool:
        """Whether it was allowed."""
        return self.outcome == "allowed"


def organisation(organisation_id: UUID) -> OrganisationView | None:
    """One organisation, or nothing."""
    row = Organisation.objects.filter(id=organisation_id).first()
    return _organisation(row) if row else None


def organisations(kind: str | None = None) -> list[OrganisationView]:
    """All organisations, by name."""
    rows = Organisation.objects.order_by("name")
    return [_organisation(row) for row in (rows.filter(kind=kind) if kind else rows)]


def person(person_id: UUID) -> PersonView | None:
    """One person's identity, or nothing. The caller has asked ``require`` for its own action on this person."""
    return persons([person_id]).get(person_id)


def persons(person_ids: Iterable[UUID]) -> dict[UUID, PersonView]:
    """Several persons' identities in one query."""
    return {row.id: _person(row) for row in Person.objects.filter(id__in=list(person_ids))}


def person_by_identifier(national_identifier: str) -> PersonView | None:
    """The person with a national identifier, or nothing."""
    row = Person.objects.filter(national_identifier=national_identifier).first()
    return _person(row) if row else None


def account_name(account_id: UUID) -> str:
    """The name of an account, empty when there is none."""
    return Account.objects.filter(id=account_id).values_list("full_name", flat=True).first() or ""


def same_person(first: UUID, second: UUID) -> bool:
    """Whether two accounts are one, or belong to one person; accounts that are linked to nobody are taken apart."""
    if first == second:
        return True
    linked = Account.objects.filter(id__in=[first, second], person__isnull=False).values_list("person_id", flat=True)
    return len(linked) == 2 and len(set(linked)) == 1


def represented_by(person_id: UUID) -> list[PersonView]:
    """Whom a person may act for today."""
    today = timezone.localdate()
    rows = Representation.objects.filter(proxy_id=person_id).select_related("represented").order_by("start")
    return [_person(row.represented) for row in rows if row.holds_on(today)]


def parents_of(person_id: UUID) -> list[PersonView]:
    """The parents who may act for a person today."""
    today = timezone.localdate()
    rows = Representation.objects.filter(represented_id=person_id, basis="parent").select_related("proxy")
    return [_person(row.proxy) for row in rows.order_by("start") if row.holds_on(today)]


def memberships_of(account_id: UUID) -> list[MembershipView]:
    """The roles an account may choose."""
    rows = Membership.objects.filter(account_id=account_id, ended=None).select_related("organisation")
    return [_membership(row) for row in rows.order_by("organisation__name", "role")]


@dataclass(frozen=True)
class Colleague:
    """Somebody who works in an organisation."""

    account_id: UUID
    name: str


def colleagues(organisation_id: UUID, roles: Iterable[Role]) -> tuple[Colleague, ...]:
    """The active accounts with one of the roles in an organisation, by name, each once."""
    rows = Account.objects.filter(
        is_active=True,
        memberships__organisation_id=organisation_id,
        memberships__role__in=list(roles),
        memberships__ended=None,
    )
    return tuple(Colleague(row.id, row.full_name) for row in rows.distinct().order_by("full_name"))


def demo_accounts() -> list[DemoAccount]:
    """The accounts of the demo country."""
    rows = Account.objects.filter(is_demo=True, is_active=True).order_by("created", "username")
    rows = rows.prefetch_related("memberships__organisation")
    return [
        DemoAccount(
            row.username, row.full_name, tuple(_membership(one) for one in row.memberships.all() if one.ended is None)
        )
        for row in rows
    ]


def who_has_looked(actor: Actor, person_id: UUID, limit: int = 200) -> list[AccessLine]:
    """Who has looked at a person's data, newest first: for the person, their proxy and the data protection officer.

    Reading this list is itself written to the trail.
    """
    services.require(actor, "people.trail.read_own", subject=person_id)
    indices = AuditPersonalField.objects.filter(field="subject", value=str(person_id)).order_by("-entry_id")
    return _lines(indices.values_list("entry_id", flat=True)[:limit])


@dataclass(frozen=True)
class TrailFilter:
    """What the data protection officer looks for."""

    text: str = ""
    role: str = ""
    outcome: str = ""
    since: date | None = None
    until: date | None = None
    subject: UUID | None = None
    reason: str = ""


def access_log(actor: Actor, chosen: TrailFilter, *, before: int | None = None, limit: int = 100) -> list[AccessLine]:
    """The whole trail, newest first, for the data protection officer; ``before``: the index to go on from."""
    services.require(actor, "people.trail.search", subject=chosen.subject)
    rows = AuditEntry.objects.order_by("-index")
    if before is not None:
        rows = rows.filter(index__lt=before)
    if chosen.text:
        rows = rows.filter(action__icontains=chosen.text)
    if chosen.role:
        rows = rows.filter(role=chosen.role)
    if chosen.outcome:
        rows = rows.filter(outcome=chosen.outcome)
    if chosen.since:
        rows = rows.filter(recorded__date__gte=chosen.since)
    if chosen.until:
        rows = rows.filter(recorded__date__lte=chosen.until)
    if chosen.subject:
        rows = rows.filter(personal__field="subject", personal__value=str(chosen.subject))
    if chosen.reason:
        rows = rows.filter(personal__field="reason", personal__value__icontains=chosen.reason)
    return _lines(rows.values_list("index", flat=True)[:limit])


def _lines(indices: Iterable[int]) -> list[AccessLine]:
    rows = AuditEntry.objects.filter(index__in=list(indices)).order_by("-index").prefetch_related("personal")
    opened = [(row, {one.field: one.value for one in row.personal.all()}) for row in rows]
    names = persons({UUID(values["subject"]) for _, values in opened if values.get("subject")})
    return [_line(row, values, names) for row, values in opened]


def _line(row: AuditEntry, personal: dict[str, str | None], names: dict[UUID, PersonView]) -> AccessLine:
    event = json.loads(bytes(row.stored))
    subject = UUID(text) if (text := personal.get("subject")) else None
    return AccessLine(
        index=row.index,
        recorded=row.recorded,
        action=event["action"],
        outcome=event["outcome"],
        rule=event["rule"],
        role=Role(event["role"]),
        organisation_name=event["organisation_name"],
        purpose=Purpose(event["purpose"]),
        object_id=event["object"],
        details=event["details"],
        actor_name=personal.get("name"),
        subject=subject,
        subject_name=names[subject].name if subject in names else None,
        reason=personal.get("reason"),
    )


def _organisation(row: Organisation) -> OrganisationView:
    return OrganisationView(row.id, row.name, row.short_name, row.kind, row.region, row.number)


def _person(row: Person) -> PersonView:
    return PersonView(row.id, row.national_identifier, row.name, row.birth_date, row.sex, row.protected)


def _membership(row: Membership) -> MembershipView:
    name = row.organisation.short_name if row.organisation else ""
    return MembershipView(row.id, Role(row.role), name)
