"""What every node test may use: a small staff and family, actors, and a client signed in per role."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client

from varde_node.people import services
from varde_node.people.models import Membership
from varde_node.people.services import Actor, Role

STAFF_PLACES = {
    Role.CLINICIAN: "clinic",
    Role.COUNSELLOR: "clinic",
    Role.LABORATORY_GENETICIST: "laboratory",
    Role.SECOND_READER: "laboratory",
    Role.REGISTER_MANAGER: "national",
    Role.DATA_PROTECTION_OFFICER: "national",
    Role.ADMINISTRATOR: "national",
    Role.MATCHMAKING_SERVICE: "national",
}


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> None:
    """Let the test run empty trail and answers between transactional tests; the triggers have tests of their own."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for table in ("people_auditentry", "people_auditnode", "clinic_answer"):
            on = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_delete{on}")


@dataclass(frozen=True)
class People:
    """A child with two parents, and the organisations of the small staff."""

    clinic: UUID
    laboratory: UUID
    national: UUID
    other_clinic: UUID
    other_laboratory: UUID
    child: UUID
    mother: UUID
    father: UUID
    stranger: UUID


@pytest.fixture
def people(db: None) -> People:
    """Synthetic organisations and persons."""
    organisation, person = services.add_organisation, services.add_person
    child = person("14882212345", "Ada Prøve", date(2022, 8, 14), "female")
    mother = person("03919012346", "Mari Prøve", date(1990, 11, 3), "female")
    father = person("20858812347", "Jon Prøve", date(1988, 5, 20), "male")
    services.add_representation(mother, child, "parent", date(2022, 8, 14), date(2038, 8, 14))
    services.add_representation(father, child, "parent", date(2022, 8, 14), date(2038, 8, 14))
    return People(
        clinic=organisation("Prøveby hospital, children's clinic", "Prøveby", "clinic", "HSO"),
        laboratory=organisation("Prøveby hospital, medical genetics", "Prøveby lab", "laboratory", "HSO"),
        national=organisation("National register", "Register", "national"),
        other_clinic=organisation("Annenby hospital, children's clinic", "Annenby", "clinic", "HV"),
        other_laboratory=organisation("Annenby hospital, medical genetics", "Annenby lab", "laboratory", "HV"),
        child=child,
        mother=mother,
        father=father,
        stranger=person("11876512348", "Ola Annen", date(1965, 7, 11), "male"),
    )


ActorMaker = Callable[..., Actor]


@pytest.fixture
def actor_as(people: People) -> ActorMaker:
    """``actor_as(Role.CLINICIAN)``, ``actor_as("clinician", name="b", organisation=people.other_clinic)``,
    ``actor_as(Role.PATIENT, person=people.mother)``: the actor, with account and membership in the database."""

    def make(
        role: Role | str, *, name: str = "a", organisation: UUID | None = None, person: UUID | None = None
    ) -> Actor:
        role = Role(role)
        if role is Role.PATIENT:
            person, place = person or people.mother, None
        else:
            place = organisation or getattr(people, STAFF_PLACES[role])
        username = f"{role.value}-{name}-{place or person}"
        account = services.add_account(
            username, f"{role.value.replace('_', ' ').title()} {name.upper()}", person=person
        )
        return services.actor_for(account, services.add_membership(account, role, place))

    return make


@pytest.fixture
def client_as(actor_as: ActorMaker) -> Callable[..., Client]:
    """``client_as(Role.CLINICIAN)``: a browser signed in in that role (same arguments as ``actor_as``).
    The actor is at ``client.actor``."""

    def make(role: Role | str, **chosen: object) -> Client:
        from varde_node.people.middleware import SESSION_KEY
        from varde_node.people.models import Account

        actor = actor_as(role, **chosen)
        client = Client()
        client.force_login(Account.objects.get(id=actor.account_id))
        session = client.session
        session[SESSION_KEY] = str(Membership.objects.get(account_id=actor.account_id).id)
        session.save()
        client.actor = actor
        return client

    return make


@pytest.fixture
def run_jobs(django_capture_on_commit_callbacks: Callable[..., object]) -> Callable[[], object]:
    """``with run_jobs(): ...`` runs what was enqueued inside when the block ends."""
    return lambda: django_capture_on_commit_callbacks(execute=True)
