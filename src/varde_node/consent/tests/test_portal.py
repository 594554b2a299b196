"""The portal and the staff's view: what is shown, what is written, and who is refused."""

from __future__ import annotations

import hashlib
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from varde.consent import Purpose
from varde_node.consent import contracts, portal, queries, services, words
from varde_node.consent.models import ConsentEntry
from varde_node.people import services as people_services
from varde_node.people.models import AuditEntry
from varde_node.people.policy import all_rules
from varde_node.people.services import Role

ALL = list(queries.ASKED_PURPOSES)
ADDRESSES = ("/my/", "/my/consents/", "/my/access/", "/my/data/")


@pytest.fixture
def mother(people, client_as):
    return client_as(Role.PATIENT, person=people.mother)


def give(client, person, allowed):
    return client.post("/my/consents/", {"person": str(person), "allowed": [purpose.value for purpose in allowed]})


def test_the_form_is_signed_changed_and_withdrawn_each_with_its_receipt(people, mother):
    page = mother.get(f"/my/consents/?person={people.child}").content.decode()
    assert "Consent to a genome examination of a child" in page
    assert "Sign the consent" in page

    signed = give(mother, people.child, ALL)
    entry = ConsentEntry.objects.get()
    assert (signed.status_code, signed["Location"]) == (302, f"/my/consents/receipts/{entry.id}/")
    assert (entry.means, entry.decided_by_id, entry.kind) == ("portal", people.mother, "given")
    receipt = mother.get(signed["Location"]).content.decode()
    text = (services.FORMS / "genome-examination_2_en.txt").read_bytes()
    assert hashlib.sha256(text).hexdigest() in receipt
    assert str(entry.id) in receipt

    changed = give(mother, people.child, [Purpose.CARE_PANEL])
    assert "Choices changed" in mother.get(changed["Location"]).content.decode()
    assert [purpose for purpose, allowed in queries.limits(people.child).items() if allowed] == [Purpose.CARE_PANEL]
    page = mother.get(f"/my/consents/?person={people.child}").content.decode()
    assert re.findall(r'value="(\w+)" checked', page) == ["care_panel"]

    before = mother.get(f"/my/consents/withdraw/?person={people.child}").content.decode()
    for sentence in (*words.STOPS, *words.STAYS):
        assert str(sentence) in before
    ended = mother.post("/my/consents/withdraw/", {"person": str(people.child)})
    assert "Consent withdrawn" in mother.get(ended["Location"]).content.decode()
    assert not any(queries.limits(people.child).values())
    assert [row.kind for row in ConsentEntry.objects.order_by("number")] == ["given", "changed", "withdrawn"]

    again = mother.get(f"/my/consents/?person={people.child}").content.decode()
    assert "Sign the consent" in again
    assert mother.post("/my/consents/withdraw/", {"person": str(people.child)}).status_code == 302
    assert ConsentEntry.objects.count() == 3


def test_a_stranger_is_refused_on_every_page_nothing_changes_and_it_is_logged(people, mother, client_as):
    give(mother, people.child, ALL)
    stranger = client_as(Role.PATIENT, person=people.stranger)
    before = AuditEntry.objects.filter(outcome="refused").count()
    receipt = f"/my/consents/receipts/{ConsentEntry.objects.get().id}/"
    asked = [f"{address}?person={people.child}" for address in (*ADDRESSES, "/my/consents/withdraw/")]
    for address in (*asked, receipt):
        assert stranger.get(address).status_code == 403, address
    assert give(stranger, people.child, []).status_code == 403
    assert stranger.post("/my/consents/withdraw/", {"person": str(people.child)}).status_code == 403
    assert ConsentEntry.objects.count() == 1
    assert AuditEntry.objects.filter(outcome="refused").count() == before + 8


def test_a_parent_sees_the_child_and_oneself_and_a_child_not_the_parent(people, mother, client_as):
    shown = [(one.id, one.own) for one in portal.people_of(mother.actor)]
    assert shown == [(people.mother, True), (people.child, False)]
    assert mother.get(f"/my/consents/?person={people.father}").status_code == 403
    child = client_as(Role.PATIENT, name="child", person=people.child)
    assert [one.id for one in portal.people_of(child.actor)] == [people.child]
    assert child.get(f"/my/?person={people.mother}").status_code == 403


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.PATIENT])
def test_staff_do_not_enter_the_portal(people, client_as, role):
    client = client_as(role)
    for address in ADDRESSES:
        assert client.get(address).status_code == 403


def test_who_has_looked_merges_a_day_shows_the_reason_and_leaves_out_the_family(people, mother, actor_as):
    geneticist = actor_as(Role.LABORATORY_GENETICIST)
    for _ in range(3):
        people_services.record(geneticist, "lab.variant.read", subject=people.child)
    people_services.record(
        geneticist, "lab.case.open_all_genes", subject=people.child, personal={"reason": "The panel gave no answer"}
    )
    mother.get(f"/my/consents/?person={people.child}")
    ((_day, rows),) = portal.looks(mother.actor, people.child)
    assert [(row.action, row.times) for row in rows] == [("lab.case.open_all_genes", 1), ("lab.variant.read", 3)]
    page = mother.get(f"/my/access/?person={people.child}").content.decode()
    assert "The panel gave no answer" in page
    assert "Looked closely at a variant" in page
    assert "3 times" in page
    assert "lab.variant.read" not in page
    assert "Looked at what you have agreed to" not in page
    both = mother.get(f"/my/access/?person={people.child}&own=1").content.decode()
    assert "Looked at what you have agreed to" in both


def test_every_action_that_concerns_a_person_has_plain_words_in_every_language():
    impersonal = re.compile(
        r"site\.|people\.(start|account|trail\.verify)|clinic\.(orders|phenotypes|my_answers)|lab\.(panel\.store|work_list)"
        r"|lab\.(chain\.(read|store)|charts|clinvar|criteria|gates|indicators|knowledge|matchmaking\.add_service|panels|phenotype\.search)"
        r"|lab\.(re_evaluation|rules|runs|truth)|registers\.(disagreement|frequency|interpretation|own_case|shard|release)"
        r"|registers\.contribution\.(add|list)|consent\.portal|test\."
    )
    wordless = [name for name in all_rules() if not impersonal.match(name) and name not in words.ACTIONS]
    assert wordless == []
    for language in ("nb", "nn"):
        with translation.override("en"):
            english = {key: str(text) for key, text in words.ACTIONS.items()}
        with translation.override(language):
            assert [key for key, text in words.ACTIONS.items() if str(text) == english[key]] == []


def test_the_clinic_that_treats_sees_the_consents_and_another_does_not(people, mother, client_as, monkeypatch):
    give(mother, people.child, [Purpose.CARE_PANEL])
    clinician, other = client_as(Role.CLINICIAN), client_as(Role.CLINICIAN, name="b", organisation=people.other_clinic)
    assert clinician.get(f"/consents/{people.child}/").status_code == 403
    treated = {(people.clinic, people.child)}
    monkeypatch.setattr(contracts, "_care_checks", [lambda actor, who: (actor.organisation_id, who) in treated])
    page = clinician.get(f"/consents/{people.child}/")
    assert page.status_code == 200
    assert page.content.decode().count("Not allowed") == 4
    assert other.get(f"/consents/{people.child}/").status_code == 403
    assert client_as(Role.LABORATORY_GENETICIST).get(f"/consents/{people.child}/").status_code == 403


def test_other_domains_say_what_they_hold(people, mother, monkeypatch):
    give(mother, people.child, ALL)
    held = contracts.Holding("Files with genetic data", 2, None, "in the laboratory", "to be read again")
    monkeypatch.setattr(contracts, "_holders", [lambda person: [held] if person == people.child else []])
    assert [one.number for one in portal.holdings(mother.actor, people.child)] == [1, 2]
    assert "Files with genetic data" in mother.get(f"/my/data/?person={people.child}").content.decode()
    assert "Files with genetic data" not in mother.get(f"/my/data/?person={people.mother}").content.decode()


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_the_form_signed_is_the_one_that_was_read(people, mother, language):
    mother.cookies["django_language"] = language
    give(mother, people.child, ALL)
    assert ConsentEntry.objects.get().form.language == language


def test_a_malformed_person_is_not_found(mother):
    assert mother.get("/my/?person=1").status_code == 404


def test_pages_ask_the_database_no_more_for_a_longer_history(people, mother):
    def reads(address):
        with CaptureQueriesContext(connection) as asked:
            assert mother.get(f"{address}?person={people.child}").status_code == 200
        # The trail's tree takes one write more or less by its size; what is read must not depend on it.
        return sum(query["sql"].startswith("SELECT") and "people_audit" not in query["sql"] for query in asked)

    give(mother, people.child, ALL)
    short = {address: reads(address) for address in ADDRESSES}
    for _ in range(6):
        give(mother, people.child, ALL)
    assert {address: reads(address) for address in ADDRESSES} == short
