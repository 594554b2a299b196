"""Both tiers in Chromium: wide, on a phone, without JavaScript, after a malformed search, and in another language."""

from __future__ import annotations

import pytest

from browser import assert_page_is_sound, sign_in
from varde.frequency.structural_clusters import StructuralCall
from varde_node.people import services as people_services
from varde_node.people.services import Role
from varde_node.registers.frequency import public_queries, queries
from varde_node.registers.frequency.indexes import events_of, public_release
from varde_node.registers.frequency.store import nation_folder
from varde_node.registers.frequency.tests.published import count_country, genes_of, publish

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def manager_account(data, people):
    account = people_services.add_account("rolf", "Rolf Prøve", demo=True)
    return people_services.actor_for(
        account, people_services.add_membership(account, Role.REGISTER_MANAGER, people.national)
    )


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (320, "dark")])
def test_both_tiers_are_sound(data, settings, manager_account, larger_country, browser_page, width, scheme):
    count_country(manager_account, larger_country, settings)
    publish(larger_country)
    gene = next(iter(genes_of(larger_country)))
    page = browser_page(width=width, scheme=scheme)
    shown = public_queries.examples(public_release())[0]
    for address in (
        "",
        f"variants/{shown}/",
        "variants/1-1-A-T/",
        f"genes/{gene}/",
        f"regions/{shown.split('-')[0]}:1-400000/?sort=-af_high",
        "structural/1:1000-9000:DEL/",
        "releases/",
        "releases/2026-10.1/",
        "releases/2026-10.1/report/",
    ):
        page.goto(f"/frequencies/{address}")
        page.noise = [one for one in page.noise if "422" not in one]  # 1-1-A-T may not fit the reference
        assert_page_is_sound(page)
    assert page.context.cookies() == []
    page.goto("/frequencies/")
    page.get_by_role("button", name="Nynorsk").click()
    page.get_by_role("heading", name="Kor vanleg er ein genvariant i Noreg?").wait_for()
    page.get_by_role("button", name="English").click()
    page.get_by_label("Variant, gene or region").fill(gene.lower())
    page.get_by_role("button", name="Look it up").click()
    page.get_by_role("heading", name=gene).wait_for()

    sign_in(page, "rolf")
    variant = dict(queries.summary(manager_account).examples)["common"]
    events = events_of(nation_folder()).clusters.unique("kind", keep="first", maintain_order=True)
    structural = [f"structural/{StructuralCall.of(row)}/" for row in events.iter_rows(named=True)]
    addresses = ("", f"variants/{variant}/", f"genes/{gene}/", "regions/1:1-400000/", "contributions/")
    for address in (*addresses, *structural, "structural/1:390000-391000:INV/"):
        page.goto(f"/register/{address}")
        assert_page_is_sound(page)
    page.goto("/register/")
    page.get_by_label("Variant, gene or region").fill("NOSUCHGENE")
    page.get_by_role("button", name="Look it up").click()
    page.locator("#q-error").wait_for()
    page.noise.clear()  # the browser notes the 422 of the refused search
    assert_page_is_sound(page)


def test_a_region_is_read_without_javascript(data, settings, manager_account, larger_country, browser_page):
    count_country(manager_account, larger_country, settings)
    publish(larger_country, chosen=8)
    page = browser_page(javascript=False)
    page.goto("/frequencies/regions/1/?size=50")
    first = page.locator("tbody th").first.inner_text()
    page.get_by_role("link", name="Next").click()
    assert "page=2" in page.url
    assert page.locator("tbody tr").count() > 0
    page.get_by_role("link", name="Frequency").click()
    assert "sort=-af_high" in page.url
    assert page.locator("th[aria-sort=descending]").count() == 1
    page.get_by_label("Kind").select_option("other")
    page.get_by_role("button", name="Show").click()
    assert "kind=other" in page.url
    assert first
