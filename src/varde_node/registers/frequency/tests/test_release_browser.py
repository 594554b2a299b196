"""The register manager's pages in Chromium: wide and on a phone, before and after the measure."""

from __future__ import annotations

import pytest

from browser import assert_page_is_sound, sign_in
from varde_node.jobs import services as jobs
from varde_node.people import services as people_services
from varde_node.people.services import Role
from varde_node.registers.frequency import exchange, releases
from varde_node.registers.frequency.tests.towns import REGIONS, build_towns, move_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
STEPS = ("batches", "measure", "report", "difference", "sign", "withdraw")


def test_the_road_of_a_release_is_sound(data, settings, people, actor_as, country, tmp_path, browser_page):
    settings.REFERENCES, settings.REFERENCE = country.reference.folder.parent, country.reference.name
    move_in(build_towns(tmp_path / "towns", country.reference))
    manager = actor_as(Role.REGISTER_MANAGER)
    for region in REGIONS:
        exchange.send(manager, region)
    account = people_services.add_account("rolf", "Rolf Prøve", demo=True)
    people_services.add_membership(account, Role.REGISTER_MANAGER, people.national)
    pages = [browser_page(), browser_page(width=390, scheme="dark")]
    release = releases.prepare(manager)
    for page in pages:
        sign_in(page, "rolf")
        for address in ("shards", "releases", f"releases/{release}/batches", f"releases/{release}/report"):
            page.goto(f"/register/{address}/")
            assert_page_is_sound(page)
    with jobs.immediately():
        releases.measure(manager, release)
    for page in pages:
        for step in STEPS:
            page.goto(f"/register/releases/{release}/{step}/")
            assert_page_is_sound(page)
        page.goto(f"/register/releases/{release}/report/")
        assert page.locator(".release-picture svg").count() == 3
