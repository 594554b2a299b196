"""The operator makes accounts: the first administrator without a name, everybody else in an administrator's."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from varde_node.people.models import Account, AuditEntry, Membership, Organisation
from varde_node.people.services import AccessDenied, Role, add_staff

PASSWORD = "a-long-enough-phrase"


def make(monkeypatch, *arguments: str, password: str = PASSWORD) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    call_command("add_account", *arguments, "--password-stdin", stdout=io.StringIO())


def test_the_first_administrator_and_then_others_in_their_name(db, monkeypatch, client) -> None:
    place = ("--organisation", "Prøveby sykehus", "--kind", "laboratory", "--region", "HSO")
    with pytest.raises(CommandError, match="first administrator"):
        make(monkeypatch, "kari", "Kari Prøve", "--role", "laboratory_geneticist", *place)
    make(monkeypatch, "arne", "Arne Prøve", "--role", "administrator", *place)
    make(monkeypatch, "kari", "Kari Prøve", "--role", "laboratory_geneticist", *place, "--by", "arne")
    assert sorted(Membership.objects.values_list("account__username", "role", "organisation__name")) == [
        ("arne", "administrator", "Prøveby sykehus"),
        ("kari", "laboratory_geneticist", "Prøveby sykehus"),
    ]
    assert AuditEntry.objects.count() == 2
    assert client.login(username="kari", password=PASSWORD)


@pytest.mark.parametrize(
    ("arguments", "password", "said"),
    [
        (("eva", "Eva", "--role", "clinician", "--organisation", "X", "--by", "nobody"), PASSWORD, "no administrator"),
        (("eva", "Eva", "--role", "administrator", "--organisation", "X"), PASSWORD, "first administrator"),
        (("arne", "Eva", "--role", "clinician", "--organisation", "X", "--by", "arne"), PASSWORD, "user name"),
        (("eva", "Eva", "--role", "clinician", "--organisation", "X", "--by", "arne"), "short", "12"),
    ],
)
def test_what_is_refused_makes_no_account(db, monkeypatch, arguments, password, said) -> None:
    make(monkeypatch, "arne", "Arne Prøve", "--role", "administrator", "--organisation", "Prøveby sykehus")
    with pytest.raises(CommandError, match=said):
        make(monkeypatch, *arguments, password=password)
    assert list(Account.objects.values_list("username", flat=True)) == ["arne"]
    assert list(Organisation.objects.values_list("name", flat=True)) == ["Prøveby sykehus"]


def test_only_an_administrator_adds_staff(people, actor_as) -> None:
    clinician = actor_as(Role.CLINICIAN)
    before = Account.objects.count()
    with pytest.raises(AccessDenied):
        add_staff(clinician, "eva", "Eva", Role.CLINICIAN, people.clinic, password=None)
    assert Account.objects.count() == before
