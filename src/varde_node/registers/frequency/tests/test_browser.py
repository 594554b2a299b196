"""The register in Chromium: wide, on a phone, and after a malformed search."""

from __future__ import annotations

import pytest

from browser import assert_page_is_sound, sign_in
from varde.genome.builds import Build
from varde_node.people import services as people_services
from varde_node.people.services import Role
from varde_node.registers.frequency import queries, services

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (320, "dark")])
def test_register_pages_are_sound(data, settings, people, actor_as, country, browser_page, width, scheme):
    settings.REFERENCES = country.reference.folder.parent
    manager = actor_as(Role.REGISTER_MANAGER)
    services.import_population(
        manager,
        vcfs={"HV": country.files.population_vcf("HV")},
        sexes=country.sexes,
        build=Build.GRCH38,
        reference=country.reference,
    )
    account = people_services.add_account("rolf", "Rolf Prøve", demo=True)
    people_services.add_membership(account, Role.REGISTER_MANAGER, people.national)
    page = browser_page(width=width, scheme=scheme)
    sign_in(page, "rolf")
    variant = dict(queries.summary(manager).examples)["common"]
    for address in ("/register/", "/register/contributions/", f"/register/variants/{variant}/"):
        page.goto(address)
        assert_page_is_sound(page)
    page.goto("/register/")
    page.get_by_label("Variant").fill("BRCA1")
    page.get_by_role("button", name="Look it up").click()
    page.locator("#variant-error").wait_for()
    page.noise.clear()  # the browser notes the 422 of the refused search
    assert_page_is_sound(page)
