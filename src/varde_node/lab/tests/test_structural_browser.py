"""Structural variants and repeats in Chromium: sound pages, the sum follows the form, an assessment by hand."""

from __future__ import annotations

import pytest

from browser import assert_page_is_sound, sign_in
from varde_node.lab.models import Assessment
from varde_node.lab.tests.test_structural import LOSS, REASONING, REPEATS
from varde_node.people import services as people_services
from varde_node.people.services import Role

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (320, "dark")])
def test_structural_variants_in_a_browser(width, scheme, browser_page, loss_case, upload, people, demo):
    _, row = demo.files.repeat_loci.read_text().splitlines()
    name, _gene, _motif, _contig, start, end, *_ = row.split("\t")
    upload(loss_case, "repeats.vcf", REPEATS.format(place=int(start) - 1, end=end, name=name).encode())
    account = people_services.add_account("leser", "Lise Leser", demo=True)
    people_services.add_membership(account, Role.LABORATORY_GENETICIST, people.laboratory)
    page = browser_page(width=width, scheme=scheme)
    sign_in(page, "leser")
    base = f"/lab/cases/{loss_case.id}/"
    for place in ("files/", "repeats/", "structural/", f"structural/{LOSS}/"):
        page.goto(base + place)
        assert_page_is_sound(page)
    assert page.locator("#tally .figure").inner_text() == "0.90"
    page.select_option("#phenotype", "specific")
    page.locator("#tally .figure", has_text="1.35").wait_for()
    page.select_option("#chosen_class", "5")
    page.fill("#reasoning", REASONING)
    page.check("#in_answer")
    page.get_by_role("button", name="Store the assessment").click()
    page.locator("text=The assessment is stored").wait_for()
    assert_page_is_sound(page)
    row = Assessment.objects.get(case_id=loss_case.id)
    assert (row.variant, row.chosen_class, float(row.points), row.in_answer) == (LOSS, 5, 1.35, True)
    page.goto(base + "interpretation/")
    assert_page_is_sound(page)
