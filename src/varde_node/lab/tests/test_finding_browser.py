"""Chains, panels, comparison and phenotype in Chromium: sound at both widths; the type-ahead works by keyboard."""

from __future__ import annotations

import pytest

from browser import assert_page_is_sound, sign_in
from varde.interpretation.filters import FilterSettings
from varde_node.lab import services
from varde_node.lab.tests.interpretation_steps import REASON, consent_of_parents
from varde_node.people import services as people_services
from varde_node.people.services import Role

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (320, "dark")])
def test_finding_in_a_browser(width, scheme, browser_page, analysed_case, people, actor_as):
    case, reader = analysed_case("solberg"), actor_as(Role.LABORATORY_GENETICIST)
    consent_of_parents(case, people, actor_as)
    services.open_all_genes(reader, case.id, REASON)
    chain = services.store_chain(reader, "Strict", FilterSettings(impacts=frozenset({"HIGH"})), "Only truncating")
    panel = case.row.panel_id
    services.store_panel_text(reader, b"# version: 2\ngene\tconfidence\nDEMO17\tamber\n", "own.tsv")
    account = people_services.add_account("leser", "Lise Leser", demo=True)
    people_services.add_membership(account, Role.LABORATORY_GENETICIST, people.laboratory)
    page = browser_page(width=width, scheme=scheme)
    sign_in(page, "leser")
    base = f"/lab/cases/{case.id}/"
    for place in (
        "/lab/filter-chains/",
        "/lab/filter-chains/varde/",
        f"/lab/filter-chains/new/?chain={chain}",
        "/lab/panels/",
        "/lab/panels/new/",
        f"/lab/panels/{panel}/",
        f"{base}panel/",
        f"{base}comparison/?after_chain={chain}",
        f"{base}candidates/",
        f"{base}phenotype/",
    ):
        page.goto(place)
        assert_page_is_sound(page)
    page.focus("#term")
    page.keyboard.type("tonic clonic bilateral")
    page.locator('#phenotypes option[value*="HP:0002069"]').wait_for(state="attached")
    page.fill("#term", "HP:0002069")
    page.keyboard.press("Enter")
    page.locator("th", has_text="HP:0002069").wait_for()
    assert page.noise == []
