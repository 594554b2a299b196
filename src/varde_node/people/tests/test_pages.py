"""Sign-in, roles and the access log as a browser meets them."""

from __future__ import annotations

import pytest
from django.test import Client

from varde_node.people import queries, services
from varde_node.people.models import AuditEntry
from varde_node.people.services import Role

pytestmark = pytest.mark.django_db


def test_a_visitor_is_sent_to_the_sign_in_page_and_back() -> None:
    response = Client().get("/access-log/?role=patient")
    assert response.status_code == 302
    assert response["Location"] == "/sign-in/?next=/access-log/%3Frole%3Dpatient"


def test_the_sign_in_page_lists_the_demo_accounts_and_signs_in_with_one_click(people) -> None:
    account = services.add_account("dpo", "Dagny Ombud", demo=True)
    services.add_membership(account, Role.DATA_PROTECTION_OFFICER, people.national)
    client = Client()
    page = client.get("/sign-in/").content.decode()
    assert page.count("<h1") == 1
    assert "Dagny Ombud" in page
    assert "Data protection officer, Register" in page
    response = client.post("/sign-in/demo/", {"username": "dpo", "next": "/access-log/"})
    assert (response.status_code, response["Location"]) == (302, "/access-log/")
    assert client.get("/access-log/").status_code == 200


def test_demo_sign_in_does_not_exist_outside_the_demo(people, settings) -> None:
    services.add_account("dpo", "Dagny Ombud", demo=True)
    settings.DEMO = False
    assert Client().post("/sign-in/demo/", {"username": "dpo"}).status_code == 404
    assert "Dagny Ombud" not in Client().get("/sign-in/").content.decode()


def test_outside_the_demo_its_accounts_have_no_password_and_no_session(people, settings) -> None:
    account = services.add_account("dpo", "Dagny Ombud", demo=True, password="korrekt hest batteri")
    services.add_membership(account, Role.DATA_PROTECTION_OFFICER, people.national)
    client = Client()
    assert client.post("/sign-in/", {"login": "dpo", "password": "korrekt hest batteri"}).status_code == 302
    assert client.get("/access-log/").status_code == 200
    settings.DEMO = False
    assert client.get("/access-log/")["Location"] == "/sign-in/?next=/access-log/"
    assert Client().post("/sign-in/", {"login": "dpo", "password": "korrekt hest batteri"}).status_code == 422


def test_an_account_that_is_not_of_the_demo_cannot_be_entered_by_one_click(people) -> None:
    services.add_account("real", "Ekte Person")
    client = Client()
    assert client.post("/sign-in/demo/", {"username": "real"}).status_code == 404
    assert "_auth_user_id" not in client.session


def test_password_sign_in_works_and_a_wrong_one_is_named_on_the_form(people) -> None:
    account = services.add_account("kari", "Kari Lab", password="korrekt hest batteri")
    services.add_membership(account, Role.LABORATORY_GENETICIST, people.laboratory)
    client = Client()
    refused = client.post("/sign-in/", {"login": "kari", "password": "feil"})
    assert refused.status_code == 422
    assert "ds-error-summary" in refused.content.decode()
    accepted = client.post("/sign-in/", {"login": "kari", "password": "korrekt hest batteri"})
    assert accepted.status_code == 302
    assert "_auth_user_id" in client.session


def test_the_way_back_never_leads_to_another_host(people) -> None:
    services.add_account("dpo", "Dagny Ombud", demo=True)
    response = Client().post("/sign-in/demo/", {"username": "dpo", "next": "https://evil.example/"})
    assert response["Location"] == "/"


def test_several_roles_must_be_chosen_among_and_only_own_ones_count(people, client_as) -> None:
    account = services.add_account("two", "To Roller", demo=True)
    first = services.add_membership(account, Role.LABORATORY_GENETICIST, people.laboratory)
    services.add_membership(account, Role.DATA_PROTECTION_OFFICER, people.national)
    foreign = services.add_membership(services.add_account("x", "X"), Role.ADMINISTRATOR, people.national)
    client = Client()
    client.post("/sign-in/demo/", {"username": "two"})
    assert client.get("/access-log/")["Location"] == "/role/"
    assert client.post("/role/", {"membership": str(foreign)}).status_code == 404
    client.post("/role/", {"membership": str(first)})
    assert client.get("/access-log/").status_code == 403


def test_a_refused_page_is_logged_and_explained(client_as) -> None:
    client = client_as(Role.CLINICIAN)
    before = AuditEntry.objects.count()
    response = client.get("/access-log/")
    assert response.status_code == 403
    assert "Your role does not include this." in response.content.decode()
    entry = AuditEntry.objects.latest("index")
    assert (AuditEntry.objects.count(), entry.outcome, entry.action) == (before + 1, "refused", "people.trail.search")


def test_the_officer_sees_who_looked_and_verifies_the_log(client_as, actor_as, people) -> None:
    services.record(actor_as(Role.CLINICIAN), "clinic.order.read", subject=people.child)
    client = client_as(Role.DATA_PROTECTION_OFFICER)
    page = client.get(f"/access-log/?subject={people.child}").content.decode()
    assert "clinic.order.read" in page
    assert "Ada Prøve" in page
    assert "Clinician A" in page
    assert "The log is whole" in client.post("/access-log/verify/").content.decode()


@pytest.mark.parametrize("query", ["since=x", "subject=x", "before=x", "before=-1", "text=%27%3B--"])
def test_odd_filters_do_no_harm(client_as, query: str) -> None:
    assert client_as(Role.DATA_PROTECTION_OFFICER).get(f"/access-log/?{query}").status_code == 200


def test_an_address_with_a_nul_is_refused(client_as) -> None:
    assert client_as(Role.DATA_PROTECTION_OFFICER).get("/access-log/?role=%00").status_code == 400


def test_ending_a_membership_ends_its_power_at_once(client_as, people) -> None:
    from django.utils import timezone

    from varde_node.people.models import Membership

    client = client_as(Role.DATA_PROTECTION_OFFICER)
    assert client.get("/access-log/").status_code == 200
    Membership.objects.filter(account_id=client.actor.account_id).update(ended=timezone.now())
    assert client.get("/access-log/")["Location"] == "/role/"


def test_people_queries_tell_who_represents_whom(people) -> None:
    assert [person.name for person in queries.represented_by(people.mother)] == ["Ada Prøve"]
    assert queries.represented_by(people.child) == []
