"""The pages of the knowledge sources in Chromium: sound at every width, and the road by keyboard and hand."""

from __future__ import annotations

import pytest

from browser import assert_page_is_sound, sign_in
from varde_node.lab.models import Case
from varde_node.lab.services import knowledge
from varde_node.lab.tests.test_knowledge import EXPERT, VARIANT, clinvar, told
from varde_node.people import services
from varde_node.people.services import Role

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def account(people) -> str:
    """A demo account that works in the laboratory."""
    account = services.add_account("geneticist", "Genetiker Prøve", demo=True)
    services.add_membership(account, Role.LABORATORY_GENETICIST, people.laboratory)
    return "geneticist"


def test_a_source_is_brought_used_and_compared_by_hand(
    analysed_case, account, actor_as, browser_page, run_jobs, tmp_path
) -> None:
    geneticist = actor_as(Role.LABORATORY_GENETICIST)
    with run_jobs():
        old = knowledge.bring_source(geneticist, told("2026-10"), "a.vcf", clinvar("Uncertain_significance"))
    knowledge.use_source(geneticist, old)
    case = analysed_case("solberg")
    Case.objects.filter(id=case.id).update(scope="all_genes")
    file = tmp_path / "clinvar.vcf"
    file.write_bytes(clinvar("Pathogenic", EXPERT).read())

    page = browser_page()
    sign_in(page, account)
    page.get_by_text("Laboratory set-up").click()
    page.get_by_role("link", name="Knowledge sources").first.click()
    page.wait_for_url("**/lab/knowledge/")
    page.get_by_label("Name").fill("ClinVar")
    page.get_by_label("Version or date").fill("2026-11")
    page.get_by_label("Licence").fill("public domain")
    page.get_by_label("File, gzip or plain").set_input_files(file)
    page.get_by_role("button", name="Import").click()
    page.wait_for_url("**/lab/knowledge/*-*/")
    page.get_by_role("button", name="Look through the cases").click()
    page.reload()
    assert page.get_by_text("class 5, 3 stars").is_visible()
    page.get_by_role("button", name="Put it to use").click()
    page.wait_for_load_state()
    assert page.get_by_text("In use").first.is_visible()
    source = page.url
    for width, scheme in ((1440, "light"), (320, "dark")):
        narrow = browser_page(width=width, scheme=scheme)
        sign_in(narrow, account)
        for address in ("/lab/knowledge/", source, f"/lab/cases/{case.id}/variants/{VARIANT}/"):
            narrow.goto(address)
            assert_page_is_sound(narrow)
