"""The demo country's beginning: organisations, one account per role, and the family of the story.

Seeding twice gives the same state. Everything is synthetic: national identifiers carry month + 80.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from varde_node.people import services
from varde_node.people.services import Role

PASSWORD = "varde-demo-2026"  # noqa: S105 - printed at every start, demo only
ORGANISATIONS = {
    "clinic": ("Varde sykehus Sørøst, Barneavdelingen", "Sørøst · Barn", "clinic", "HSO"),
    "laboratory": ("Varde sykehus Sørøst, Medisinsk genetikk", "Sørøst · Genetikk", "laboratory", "HSO"),
    "national": ("Nasjonalt genomregister (demo)", "Genomregisteret", "national", ""),
}
STAFF = (
    ("ingrid", "Ingrid Berg", Role.CLINICIAN, "clinic"),
    ("sara", "Sara Hætta", Role.COUNSELLOR, "clinic"),
    ("kari", "Kari Lunde", Role.LABORATORY_GENETICIST, "laboratory"),
    ("nils", "Nils Moe", Role.SECOND_READER, "laboratory"),
    ("rolf", "Rolf Eide", Role.REGISTER_MANAGER, "national"),
    ("dagny", "Dagny Solberg", Role.DATA_PROTECTION_OFFICER, "national"),
    ("arne", "Arne Vik", Role.ADMINISTRATOR, "national"),
)
CHILD = ("14882250018", "Ada Nordli", date(2022, 8, 14), "female")
PARENTS = (
    ("mari", ("03919050028", "Mari Nordli", date(1990, 11, 3), "female")),
    ("jon", ("20858850037", "Jon Nordli", date(1988, 5, 20), "male")),
)


def seed(report: Callable[[str], None]) -> None:
    """Bring the database to the demo's state, whatever part of it exists; ``report`` is told each step."""
    report("organisations and staff")
    places = {key: services.add_organisation(*values) for key, values in ORGANISATIONS.items()}
    for username, name, role, place in STAFF:
        account = services.add_account(username, name, password=PASSWORD, demo=True)
        services.add_membership(account, role, places[place])
    report("the family of the story")
    child = services.add_person(*CHILD)
    for username, person in PARENTS:
        parent = services.add_person(*person)
        services.add_representation(parent, child, "parent", CHILD[2], CHILD[2].replace(year=CHILD[2].year + 16))
        account = services.add_account(username, person[1], password=PASSWORD, person=parent, demo=True)
        services.add_membership(account, Role.PATIENT)


def logins() -> list[tuple[str, str, str]]:
    """User name, name and role of every demo account, for printing."""
    rows = [(username, name, role.value) for username, name, role, _ in STAFF]
    return rows + [(username, person[1], Role.PATIENT.value) for username, person in PARENTS]
