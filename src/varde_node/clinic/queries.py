"""Reads of the clinic: orders with their road, answers for clinician and family, the FHIR report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Subquery
from django.http import Http404
from django.utils import timezone

from varde.consent import Purpose
from varde.genome.errors import InputError
from varde_node.clinic import orders as road
from varde_node.clinic import services
from varde_node.clinic.access import relations
from varde_node.clinic.content import from_plain
from varde_node.clinic.facts import AnswerFacts, AnswerVersion
from varde_node.clinic.family import affected, content_of, places
from varde_node.clinic.models import Answer, Order, OrderState
from varde_node.clinic.orders import OrderContent, StationView
from varde_node.clinic.words import role_words
from varde_node.consent import queries as consent_queries
from varde_node.lab import queries as lab_queries
from varde_node.lab.contracts import Discussion, Progress
from varde_node.lab.queries import phenotypes
from varde_node.people import queries as people_queries
from varde_node.people.services import Actor, Relation, Role, decide, require

__all__ = [
    "AnswerFacts",
    "FamilyMember",
    "MyAnswer",
    "OrderLine",
    "OrderView",
    "answer",
    "family_answer",
    "family_of",
    "fhir_bundle",
    "my_answers",
    "order",
    "orders",
    "patient",
    "usual_laboratory",
]


@dataclass(frozen=True)
class OrderLine:
    """An order in the list: no name, only initials and age."""

    id: UUID
    number: str
    initials: str
    age: int
    indication: str
    state: OrderState
    urgent: bool
    stations: tuple[StationView, ...]
    ordered_at: datetime
    due_on: date | None
    answered_at: datetime | None
    read: bool

    @property
    def overdue(self) -> bool:
        """Whether the answer is later than expected."""
        return self.answered_at is None and self.due_on is not None and self.due_on < timezone.localdate()

    @property
    def next_station(self) -> StationView | None:
        """The station being worked at."""
        return next((station for station in self.stations if station.current), None)


@dataclass(frozen=True)
class FamilyMember:
    """Somebody who is examined, with what they agreed to (purposes by ``varde.consent.Purpose`` value). ``role`` is the
    place in the family."""

    role: str
    person: people_queries.PersonView
    affected: bool | None
    agreed: dict[str, bool]

    @property
    def role_word(self) -> str:
        """The place in the reader's language."""
        return role_words(self.role)


@dataclass(frozen=True)
class CounsellingView:
    """A talk that was recorded."""

    by_name: str
    competence: str
    held_on: date
    language: str
    interpreter: bool


@dataclass(frozen=True)
class OrderView:
    """An order with all that its page shows. ``missing`` is why it cannot be signed yet."""

    id: UUID
    number: str
    state: OrderState
    content: OrderContent
    clinic: str
    laboratory: str
    clinician: str
    family: tuple[FamilyMember, ...]
    phenotypes: tuple[tuple[str, str], ...]
    excluded: tuple[tuple[str, str], ...]
    counselling: tuple[CounsellingView, ...]
    created_at: datetime
    signed_at: datetime | None
    cancelled_at: datetime | None
    cancel_reason: str
    stations: tuple[StationView, ...]
    progress: Progress | None
    answered_at: datetime | None
    missing: tuple[InputError, ...]

    @property
    def child(self) -> people_queries.PersonView:
        """The patient."""
        return self.family[0].person

    @property
    def can_be_cancelled(self) -> bool:
        """Whether the samples are not yet being analysed."""
        if self.state in (OrderState.ANSWERED, OrderState.CANCELLED):
            return False
        return self.progress is None or self.progress.state in road.ANALYSIS_NOT_BEGUN


@dataclass(frozen=True)
class MyAnswer:
    """An answer or an order under way, as the family's list shows it."""

    order_id: UUID
    name: str
    ordered_at: datetime
    shared_at: datetime | None
    due_on: date | None


def orders(actor: Actor, *, state: str = "", text: str = "") -> tuple[OrderLine, ...]:
    """The orders of the actor's clinic, newest first, narrowed by state and by number, initials or indication."""
    require(actor, "clinic.orders.read")
    newest = Answer.objects.filter(order=OuterRef("id")).order_by("-version")
    rows = Order.objects.filter(clinic_id=actor.organisation_id).order_by("-created_at")
    if state in OrderState.values:
        rows = rows.filter(state=state)
    annotated = rows.annotate(
        answered_at=Subquery(newest.values("released_at")[:1]),
        read_at=Subquery(newest.values("read_by_clinician_at")[:1]),
    )
    found = list(annotated[:500])
    people = people_queries.persons([row.patient_id for row in found])
    progress = lab_queries.progress_of(row.id for row in found if row.state == OrderState.SIGNED)
    lines = [_line(row, people[row.patient_id], progress.get(row.id)) for row in found]
    wanted = text.casefold().strip()
    return tuple(line for line in lines if wanted in f"{line.number} {line.initials} {line.indication}".casefold())


def order(actor: Actor, order_id: UUID) -> OrderView:
    """One order; reading it is written to the patient's trail."""
    row = _order_row(order_id)
    _require_on(actor, "clinic.order.read", row)
    newest = row.answers.order_by("-version").first()
    progress = lab_queries.progress(row.id) if row.state != OrderState.DRAFT else None
    answered_at = newest.released_at if newest else None
    organisations = [people_queries.organisation(one) for one in (row.clinic_id, row.laboratory_id)]
    return OrderView(
        id=row.id,
        number=row.number,
        state=OrderState(row.state),
        content=content_of(row),
        clinic=organisations[0].name if organisations[0] else "",
        laboratory=organisations[1].name if organisations[1] else "",
        clinician=people_queries.account_name(row.clinician_id),
        family=_family(row),
        phenotypes=tuple((term, phenotypes.name_of(term)) for term in row.hpo_terms),
        excluded=tuple((term, phenotypes.name_of(term)) for term in row.hpo_excluded),
        counselling=tuple(
            CounsellingView(one.by_name, one.competence, one.held_on, one.language, one.interpreter)
            for one in row.counselling.order_by("held_on")
        ),
        created_at=row.created_at,
        signed_at=row.signed_at,
        cancelled_at=row.cancelled_at,
        cancel_reason=row.cancel_reason,
        stations=road.stations(row.signed_at, progress, answered_at),
        progress=progress,
        answered_at=answered_at,
        missing=tuple(services.what_is_missing(row)) if row.state == OrderState.DRAFT else (),
    )


def patient(actor: Actor, person_id: UUID) -> people_queries.PersonView:
    """A person to order for; the look is written to the person's trail. Raises Http404 for an unknown person."""
    found = people_queries.person(person_id)
    if found is None:
        raise Http404
    require(actor, "clinic.patient.look_up", subject=person_id)
    return found


def family_of(
    actor: Actor, person_id: UUID
) -> tuple[people_queries.PersonView | None, people_queries.PersonView | None]:
    """(mother, father) of a child as the representations say it, None where there is none."""
    require(actor, "clinic.patient.look_up", subject=person_id)
    parents = people_queries.parents_of(person_id)
    for parent in parents:
        require(actor, "clinic.patient.look_up", subject=parent.id, relations=(Relation.CARE,))
    mother = next((one for one in parents if one.sex == "female"), None)
    father = next((one for one in parents if one.sex == "male"), None)
    return mother, father


def usual_laboratory(actor: Actor) -> str:
    """The laboratory of the clinic's own region, empty when there is none."""
    clinic = people_queries.organisation(actor.organisation_id) if actor.organisation_id else None
    near = [one for one in people_queries.organisations("laboratory") if clinic and one.region == clinic.region]
    return str(near[0].id) if near else ""


def answer(actor: Actor, order_id: UUID, version: int | None = None) -> AnswerFacts:
    """An order's answer for a professional; the newest version unless one is named. The clinic's first reading is
    noted. Raises Http404 when there is none yet."""
    row = _order_row(order_id)
    _require_on(actor, "clinic.answer.read", row)
    found = _answer_row(row, version)
    if actor.organisation_id == row.clinic_id:
        services.note_read_by_clinician(found.id)
    return _facts(row, found)


def family_answer(actor: Actor, order_id: UUID) -> AnswerFacts:
    """The newest answer that the family may read: for patient and proxy when shared, for the clinic as a preview."""
    row = _order_row(order_id)
    _require_on(actor, "clinic.family_answer.read", row)
    rows = row.answers.order_by("-version")
    found = (rows.exclude(shared_with_family_at=None) if actor.role is Role.PATIENT else rows).first()
    if found is None:
        raise Http404
    return _facts(row, found)


def my_answers(actor: Actor) -> tuple[MyAnswer, ...]:
    """What has been answered, or is under way, for the actor and those the actor may act for."""
    require(actor, "clinic.my_answers.read")
    if actor.person_id is None:
        return ()
    represented = people_queries.represented_by(actor.person_id)
    ids = [actor.person_id, *(one.id for one in represented)]
    people = people_queries.persons(ids)
    shared = Answer.objects.filter(order=OuterRef("id")).exclude(shared_with_family_at=None).order_by("-version")
    rows = (
        Order.objects.filter(patient_id__in=ids, state__in=(OrderState.SIGNED, OrderState.ANSWERED))
        .annotate(shared_at=Subquery(shared.values("shared_with_family_at")[:1]))
        .order_by("-signed_at")
    )
    progress = lab_queries.progress_of(row.id for row in rows if not row.shared_at)
    return tuple(
        MyAnswer(
            row.id,
            people[row.patient_id].name,
            row.signed_at,
            row.shared_at,
            progress[row.id].due_on if row.id in progress else None,
        )
        for row in rows
    )


def discussion(actor: Actor, order_id: UUID) -> Discussion | None:
    """What laboratory and clinic said of an order; None before the laboratory has a case of it."""
    row = _order_row(order_id)
    if row.state in (OrderState.DRAFT, OrderState.CANCELLED):
        return None
    return lab_queries.discussion(actor, row.id)


def may_share(actor: Actor, order_id: UUID) -> bool:
    """Whether to show the button that lets the family read the answer."""
    row = _order_row(order_id)
    held = relations(actor, row.clinic_id, row.laboratory_id)
    return decide(actor, "clinic.answer.share", subject=row.patient_id, relations=held).allowed


def fhir_bundle(actor: Actor, order_id: UUID) -> dict[str, Any]:
    """The newest answer as a FHIR bundle; for the family the newest one that is shared with them."""
    row = _order_row(order_id)
    _require_on(actor, "clinic.answer.fhir", row)
    rows = row.answers.order_by("-version")
    found = (rows.exclude(shared_with_family_at=None) if actor.role is Role.PATIENT else rows).first()
    if found is None:
        raise Http404
    bundle: dict[str, Any] = found.fhir_bundle
    return bundle


def _order_row(order_id: UUID) -> Order:
    row = Order.objects.filter(id=order_id).first()
    if row is None:
        raise Http404
    return row


def _require_on(actor: Actor, action: str, row: Order) -> None:
    held = relations(actor, row.clinic_id, row.laboratory_id)
    require(actor, action, subject=row.patient_id, object_id=row.id, relations=held)


def _answer_row(row: Order, version: int | None) -> Answer:
    rows = row.answers.order_by("-version")
    found = (rows if version is None else rows.filter(version=version)).first()
    if found is None:
        raise Http404
    return found


def _line(row: Order, person: people_queries.PersonView, progress: Progress | None) -> OrderLine:
    return OrderLine(
        id=row.id,
        number=row.number,
        initials="".join(part[0] for part in person.name.split()),
        age=person.age_years(timezone.localdate()),
        indication=row.indication,
        state=OrderState(row.state),
        urgent=row.urgent,
        stations=road.stations(row.signed_at, progress, row.answered_at),
        ordered_at=row.signed_at or row.created_at,
        due_on=progress.due_on if progress else None,
        answered_at=row.answered_at,
        read=row.read_at is not None,
    )


def _family(row: Order) -> tuple[FamilyMember, ...]:
    ill = affected(row)
    placed = places(row)
    people = people_queries.persons(placed.values())
    limits = consent_queries.limits_of(placed.values())
    return tuple(
        FamilyMember(
            role,
            people[person_id],
            ill[role],
            {purpose.value: said for purpose, said in limits[person_id].items()},
        )
        for role, person_id in placed.items()
    )


def _counted_people(row: Order) -> tuple[UUID, ...]:
    """Whose consent decides whether the family is counted: both parents', else the patient's."""
    parents = tuple(one for one in (row.mother_id, row.father_id) if one is not None)
    return parents if len(parents) == 2 else (row.patient_id,)


def _versions(row: Order) -> tuple[AnswerVersion, ...]:
    rows = row.answers.order_by("-version").values_list(
        "version", "released_at", "content__kind", "content__reason", "shared_with_family_at"
    )
    return tuple(
        AnswerVersion(version, at, kind or "first", reason or "", shared) for version, at, kind, reason, shared in rows
    )


def _facts(row: Order, found: Answer) -> AnswerFacts:
    versions = _versions(row)
    placed = places(row)
    people = people_queries.persons(placed.values())
    clinic, laboratory = (people_queries.organisation(one) for one in (row.clinic_id, row.laboratory_id))
    return AnswerFacts(
        order_id=row.id,
        order_number=row.number,
        version=found.version,
        newest=found.version == versions[0].version,
        released_at=found.released_at,
        shared_at=found.shared_with_family_at,
        ordered_at=row.signed_at or row.created_at,
        indication=row.indication,
        case=from_plain(found.content),
        family={role: people[person_id] for role, person_id in placed.items()},
        affected=affected(row),
        clinic=clinic.name if clinic else "",
        laboratory=laboratory.name if laboratory else "",
        clinician=people_queries.account_name(row.clinician_id),
        counted=all(
            consent_queries.decide(person_id, Purpose.REGISTER_COUNT).allowed for person_id in _counted_people(row)
        ),
        versions=versions,
    )
