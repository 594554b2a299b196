"""The first half's pages in Chromium: sound at every width, and the road from tubes to lights walked by hand."""

from __future__ import annotations

import pytest

from browser import assert_page_is_sound, sign_in
from varde_node.lab.models import CaseState, Sample
from varde_node.people import services
from varde_node.people.services import Role

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGES = ("", "samples/", "files/", "quality/", "panel/")


@pytest.fixture
def second_reader(people) -> str:
    """A demo account that may override quality."""
    account = services.add_account("reader", "Reader Prøve", demo=True)
    services.add_membership(account, Role.SECOND_READER, people.laboratory)
    return "reader"


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (320, "dark")])
def test_every_page_is_sound(width, scheme, analysed_case, open_demo_case, second_reader, browser_page) -> None:
    stopped, waiting = analysed_case("berg"), open_demo_case("solberg")
    page = browser_page(width=width, scheme=scheme)
    sign_in(page, second_reader)
    for address in ("/lab/?state=all", "/lab/?text=nowhere"):
        page.goto(address)
        assert_page_is_sound(page)
    for case in (stopped, waiting):
        for name in PAGES:
            page.goto(f"/lab/cases/{case.id}/{name}")
            assert_page_is_sound(page)


def test_tubes_and_a_file_by_hand_lead_to_the_lights(
    open_demo_case,
    second_reader,
    browser_page,
) -> None:
    case = open_demo_case("solberg")
    page = browser_page()
    sign_in(page, second_reader)
    page.get_by_role("link", name=case.row.number).click()
    page.wait_for_url(f"**/{case.row.id}/")
    page.keyboard.press("n")
    page.wait_for_url("**/samples/")
    for role, name in (("Child", "solberg-barn"), ("Mother", "solberg-mor"), ("Father", "solberg-far")):
        page.get_by_label(f"Barcode of the tube: {role}").fill(name)
    page.get_by_role("button", name="Register the scanned tubes").click()
    page.get_by_role("link", name="Upload variant files").click()
    page.get_by_label("VCF, VCF.gz or BCF").set_input_files(case.vcf)
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("link", name="See the quality").click()
    page.wait_for_url("**/quality/")
    assert page.get_by_text("Quality passed").is_visible()
    assert_page_is_sound(page)
    assert case.row.state == CaseState.INTERPRETATION
    assert Sample.objects.exclude(received_at=None).count() == 3
