"""The workbench in Chromium: sound at both widths, keys work, and the sum follows the form."""

from __future__ import annotations

import pytest

from browser import assert_page_is_sound, sign_in
from varde_node.lab import services
from varde_node.lab.tests.interpretation_steps import FROM_FATHER, FROM_MOTHER, REASON, consent_of_parents
from varde_node.people import services as people_services
from varde_node.people.services import Role

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark"), (320, "light")])
def test_the_interpretation_in_a_browser(width, scheme, browser_page, analysed_case, people, actor_as):
    case = analysed_case("solberg")
    consent_of_parents(case, people, actor_as)
    services.open_all_genes(actor_as(Role.LABORATORY_GENETICIST), case.id, REASON)
    account = people_services.add_account("leser", "Lise Leser", demo=True)
    people_services.add_membership(account, Role.LABORATORY_GENETICIST, people.laboratory)
    page = browser_page(width=width, scheme=scheme)
    sign_in(page, "leser")
    base = f"/lab/cases/{case.id}/"
    for place in (
        "candidates/",
        "trace/",
        "interpretation/",
        "approval/",
        "open-all-genes/",
        f"variants/{FROM_FATHER}/",
    ):
        page.goto(base + place)
        assert_page_is_sound(page)
    page.goto("/lab/criteria/")
    assert_page_is_sound(page)
    page.goto(base + f"variants/{FROM_FATHER}/")
    assert page.locator("#tally .sum .figure").inner_text() == "8"
    page.locator("details.questions summary").click()
    for name, value in (("cases_with", "12"), ("cases", "1000"), ("controls_with", "2"), ("controls", "10000")):
        page.fill(f"#{name}", value)
    page.locator("#controls").blur()
    page.locator("#standing-PS4 [data-color=warning]").wait_for()
    page.locator("details.criterion:has(#state-PM2) summary").click()
    page.select_option("#state-PM2", "met")
    page.locator("#tally .sum .figure", has_text="9").wait_for()
    page.locator("h1").click()
    page.keyboard.press("j")
    page.wait_for_url(f"**/variants/{FROM_MOTHER}/")
    assert page.noise == []
