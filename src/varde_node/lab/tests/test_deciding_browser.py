"""Deciding in Chromium: a case worked by keyboard alone from the first variant to the signature, and sound pages."""

from __future__ import annotations

import pytest

from browser import assert_page_is_sound, sign_in
from varde_node.lab import contracts, services
from varde_node.lab.models import Assessment, CaseState
from varde_node.lab.tests.interpretation_steps import FROM_FATHER, FROM_MOTHER, REASON, consent_of_parents
from varde_node.people import services as people_services
from varde_node.people.services import Role

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def opened_case(analysed_case, people, actor_as, monkeypatch):
    monkeypatch.setattr(contracts, "_signed_handlers", [])
    case = analysed_case("solberg")
    consent_of_parents(case, people, actor_as)
    services.open_all_genes(actor_as(Role.LABORATORY_GENETICIST), case.id, REASON)
    for name, role in (("leser", Role.LABORATORY_GENETICIST), ("andre", Role.SECOND_READER)):
        account = people_services.add_account(name, name.title(), demo=True)
        people_services.add_membership(account, role, people.laboratory)
    return case


def test_a_case_by_keyboard_alone(opened_case, browser_page):
    page, keys = browser_page(), None
    sign_in(page, "leser")
    keys = page.keyboard
    page.goto(f"/lab/cases/{opened_case.id}/variants/{FROM_FATHER}/")
    for following in (f"**/variants/{FROM_MOTHER}/", None):
        keys.press("c")
        assert page.evaluate("document.activeElement.id") == "criteria"
        keys.press("5")
        keys.press("r")
        keys.type("Null variant, in trans with the other; 1 2 3 s.")
        keys.press("Escape")
        if not page.is_checked("#in_answer"):
            keys.press("a")
        keys.press("s")
        page.get_by_text("The assessment is stored.").wait_for()
        if following:
            keys.press("j")
            page.wait_for_url(following)
    stored = Assessment.objects.order_by("variant").values_list("variant", "chosen_class", "in_answer", "reasoning")
    words = "Null variant, in trans with the other; 1 2 3 s."
    assert list(stored) == [(FROM_FATHER, 5, True, words), (FROM_MOTHER, 5, True, words)]
    keys.press("e")
    page.wait_for_url("**/interpretation/")
    keys.press("s")
    page.get_by_text("Signed. The case waits for the second reader.").wait_for()
    keys.press("e")
    page.wait_for_url("**/approval/")
    second = browser_page()
    sign_in(second, "andre")
    second.goto(f"/lab/cases/{opened_case.id}/approval/")
    second.keyboard.press("s")
    second.get_by_text("Approved. The answer has been sent to the requester.").wait_for()
    assert opened_case.row.state == CaseState.SIGNED
    assert page.noise == second.noise == []
    page.goto("/keys/")
    page.get_by_role("button", name="Turn single keys off").press("Enter")
    page.goto(f"/lab/cases/{opened_case.id}/interpretation/")
    page.keyboard.press("e")
    assert page.url.endswith("/interpretation/")


@pytest.mark.parametrize(("width", "scheme"), [(1440, "dark"), (320, "light")])
def test_the_pages_of_deciding_are_sound(width, scheme, opened_case, browser_page, actor_as):
    reader = actor_as(Role.LABORATORY_GENETICIST)
    services.assess_variant(reader, opened_case.id, FROM_FATHER, chosen_class=5, reasoning="Because.", in_answer=True)
    services.dismiss_variant(reader, opened_case.id, FROM_MOTHER, reason="technical", comment="Reads end here.")
    services.order_confirmation(reader, opened_case.id, method="sanger", variant=FROM_FATHER)
    services.add_reference(reader, opened_case.id, FROM_FATHER, "GRCh38", "25741868", "The guideline.")
    services.comment(reader, opened_case.id, "Seen in the gel of March.", variant=FROM_FATHER)
    services.comment(reader, opened_case.id, "Has she had fever seizures?", shared=True)
    services.assign_case(reader, opened_case.id, reader.account_id)
    page = browser_page(width=width, scheme=scheme)
    sign_in(page, "andre")
    base = f"/lab/cases/{opened_case.id}/"
    for place in (
        "/lab/?state=all",
        "/lab/rules/",
        "/lab/re-evaluation/",
        "/register/disagreements/",
        "/keys/",
        base,
        f"{base}notes/",
        f"{base}reopen/",
        f"{base}interpretation/",
        f"{base}variants/{FROM_FATHER}/",
        f"{base}variants/{FROM_MOTHER}/",
    ):
        page.goto(place)
        assert_page_is_sound(page)
    assert page.noise == []
