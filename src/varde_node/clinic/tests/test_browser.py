"""The clinic's pages in Chromium: sound at every width, light and dark."""

from __future__ import annotations

import pytest

from browser import assert_page_is_sound, sign_in
from varde_node.clinic import services
from varde_node.people import services as people_services
from varde_node.people.services import Role

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTHS = [(1440, "light"), (390, "light"), (320, "dark")]


@pytest.fixture(autouse=True)
def staff(transactional_db, people) -> None:
    clinician = people_services.add_account("ingrid", "Ingrid Aas", demo=True)
    people_services.add_membership(clinician, Role.CLINICIAN, people.clinic)
    mother = people_services.add_account("mari", "Mari Prøve", demo=True, person=people.mother)
    people_services.add_membership(mother, Role.PATIENT)


@pytest.mark.parametrize(("width", "scheme"), WIDTHS)
def test_the_clinicians_pages_are_sound(browser_page, people, answered, signed_order, content, actor_as, width, scheme):
    draft = services.draft_order(actor_as(Role.CLINICIAN), content)
    page = browser_page(width=width, scheme=scheme)
    sign_in(page, "ingrid")
    for path in (
        "/orders/",
        "/orders/new/",
        f"/orders/new/{people.child}/",
        f"/orders/{signed_order}/",
        f"/orders/{draft}/",
        f"/orders/{draft}/edit/",
        f"/orders/{draft}/cancel/",
        f"/answers/{signed_order}/",
        f"/answers/{signed_order}/family/",
    ):
        page.goto(path)
        assert_page_is_sound(page)


@pytest.mark.parametrize(("width", "scheme"), WIDTHS)
def test_the_familys_pages_are_sound(browser_page, people, answered, signed_order, actor_as, width, scheme):
    page = browser_page(width=width, scheme=scheme)
    sign_in(page, "mari")
    page.goto("/my/answers/")
    assert_page_is_sound(page)
    services.share_with_family(actor_as(Role.CLINICIAN), signed_order)
    page.goto("/my/answers/")
    assert_page_is_sound(page)
    page.goto(f"/answers/{signed_order}/family/")
    assert_page_is_sound(page)


def test_terms_are_offered_while_writing_and_errors_get_the_focus(browser_page, people, panel):
    page = browser_page()
    sign_in(page, "ingrid")
    page.goto(f"/orders/new/{people.child}/")
    page.locator("#id_term_1").press_sequentially("tonic-clonic")
    page.locator('#phenotypes option[value*="HP:0002069"]').wait_for(state="attached")
    page.get_by_role("button", name="Keep as draft").click()
    page.locator("ds-error-summary:focus").wait_for()
    page.wait_for_load_state()
    page.noise.clear()  # Chromium writes a console line for every 4xx document
    assert_page_is_sound(page)
