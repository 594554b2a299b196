"""The portal in Chromium: sound on a phone and in the dark, and without JavaScript."""

from __future__ import annotations

import pytest

from browser import assert_page_is_sound, sign_in
from varde_node.consent import services as consent
from varde_node.consent.models import ConsentEntry
from varde_node.people import services
from varde_node.people.services import Role

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def mother(people):
    consent.load_forms()
    account = services.add_account("mari", "Mari Prøve", person=people.mother, demo=True)
    services.add_membership(account, Role.PATIENT)
    return "mari"


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (390, "dark")])
def test_every_portal_page_is_sound_before_and_after_a_choice(mother, browser_page, width, scheme):
    page = browser_page(width=width, scheme=scheme)
    sign_in(page, mother)
    assert page.url.endswith("/my/")
    for address in ("/my/", "/my/consents/", "/my/access/", "/my/data/"):
        page.goto(address)
        assert_page_is_sound(page)
    page.goto("/my/consents/")
    page.get_by_role("switch").first.check()
    page.get_by_role("button", name="Sign the consent").click()
    page.wait_for_url("**/receipts/**")
    assert_page_is_sound(page)
    for address in ("/my/", "/my/consents/", "/my/consents/withdraw/", "/my/access/?own=1", "/my/data/"):
        page.goto(address)
        assert_page_is_sound(page)


def test_choices_are_signed_and_withdrawn_without_javascript(mother, people, browser_page):
    page = browser_page(width=390, javascript=False)
    sign_in(page, mother)
    page.goto("/my/consents/")
    page.locator('input[value="care_panel"]').check()
    page.locator("form.choices button[type=submit]").click()
    page.wait_for_url("**/receipts/**")
    page.goto("/my/consents/withdraw/")
    page.locator("button.dangerous").click()
    page.wait_for_url("**/receipts/**")
    rows = ConsentEntry.objects.order_by("number")
    assert [(row.kind, row.subject_id, row.allowed) for row in rows] == [
        ("given", people.child, ["care_panel"]),
        ("withdrawn", people.child, []),
    ]
