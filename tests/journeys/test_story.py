"""Box 4 of the strategy, by hand in a real browser: from "waiting for interpretation" to the family's answer.

Every page that is passed is looked at for accessibility, noise and overflow. A second walk looks at every page that
each person of the demo country can reach, on a wide screen and on a phone.
"""

from __future__ import annotations

import json
import re
from collections import deque
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from fhir.resources.R4B.bundle import Bundle

from browser import assert_page_is_sound, sign_in
from varde_node.lab.models import Case, CaseState, Interpretation
from varde_node.site import demo
from varde_node.site.management.commands.demo_check import Links, local_links

pytestmark = [pytest.mark.browser, pytest.mark.slow]

VARIANTS = ("2-245474-GC-G", "2-247146-G-T")
"""The frameshift from the father and the stop from the mother, planted in DEMO17 by the seed."""
REASON = "No certain finding in the panel; the parents have agreed."


@pytest.fixture
def country(live_server, demo_country: None) -> Case:
    """The case of the story, in the demo country."""
    return Case.objects.get(number="NO-2026-0001")


def person(browser_page, username: str, **view):
    """A page of one's own, signed in."""
    page = browser_page(**view)
    sign_in(page, username)
    return page


def press(page, name: str) -> None:
    """Press a button and wait for the page that answers."""
    with page.expect_navigation():
        page.get_by_role("button", name=name).first.click()


def test_the_story_of_the_girl_with_seizures(country: Case, browser_page) -> None:
    address = f"/lab/cases/{country.id}/"
    geneticist = person(browser_page, "kari")
    geneticist.goto(f"{address}quality/")
    assert geneticist.get_by_text("Quality passed").count() >= 1
    assert_page_is_sound(geneticist)

    geneticist.goto(f"{address}candidates/")
    assert geneticist.get_by_text("No candidate under these filters").is_visible()
    assert_page_is_sound(geneticist)

    geneticist.goto(f"{address}open-all-genes/")
    press(geneticist, "Open all genes")
    assert [word for word in geneticist.noise if "422" not in word] == []
    geneticist.noise.clear()
    assert not hasattr(Case.objects.get(id=country.id), "opening")
    geneticist.fill("textarea[name=reason]", REASON)
    press(geneticist, "Open all genes")
    assert geneticist.get_by_role("heading", name=re.compile("DEMO17.*Compound heterozygous")).is_visible()
    assert geneticist.get_by_text("1 candidate", exact=True).is_visible()
    assert_page_is_sound(geneticist)

    geneticist.goto(f"{address}trace/")
    assert_page_is_sound(geneticist)
    for variant in VARIANTS:
        geneticist.goto(f"{address}variants/{variant}/")
        assert_page_is_sound(geneticist)
        geneticist.select_option("select[name=chosen_class]", "5")
        geneticist.fill("textarea[name=reasoning]", "Loss of function, in trans, absent from the register.")
        press(geneticist, "Store the assessment")

    geneticist.goto(f"{address}interpretation/")
    assert_page_is_sound(geneticist)
    press(geneticist, "Sign and send to the second reader")
    assert Case.objects.get(id=country.id).state == CaseState.APPROVAL
    geneticist.goto(f"{address}approval/")
    assert geneticist.get_by_role("button", name="Approve and send the answer").count() == 0

    reader = person(browser_page, "nils")
    reader.goto(f"{address}approval/")
    assert_page_is_sound(reader)
    press(reader, "Approve and send the answer")
    signed = Interpretation.objects.get(case=country)
    assert (signed.author.username, signed.approver.username) == ("kari", "nils")
    assert Case.objects.get(id=country.id).counted_at is not None

    clinician = person(browser_page, "ingrid")
    clinician.goto(f"/answers/{country.order_id}/")
    for words in ("25 %", "DEMO17", REASON, "Kari Lunde", "Nils Moe", "not a certified medical device"):
        assert clinician.get_by_text(words).count() >= 1, words
    assert_page_is_sound(clinician)
    pdf = clinician.request.get(f"/answers/{country.order_id}/pdf/")
    assert (pdf.status, pdf.body()[:5]) == (200, b"%PDF-")
    record = clinician.request.get(f"/fhir/DiagnosticReport/{country.order_id}")
    assert record.headers["content-type"] == "application/fhir+json"
    Bundle.model_validate_json(record.body())
    codes = {
        entry["resource"]["code"]["coding"][0]["code"]
        for entry in json.loads(record.body())["entry"]
        if entry["resource"]["resourceType"] in ("Observation", "DiagnosticReport")
    }
    assert {"51969-4", "69548-6"} <= codes

    mother = person(browser_page, "marte", width=390)
    assert mother.request.get(f"/answers/{country.order_id}/family/").status in (403, 404)
    press(clinician, "Share with the family")
    mother.goto(f"/answers/{country.order_id}/family/")
    assert mother.get_by_text("1 in 4 (25 %)").count() + mother.get_by_text("25 %").count() >= 1
    assert_page_is_sound(mother)
    mother.goto("/my/access/")
    assert mother.get_by_text(REASON).count() == 1
    assert_page_is_sound(mother)

    manager = person(browser_page, "rolf")
    manager.goto("/register/shards/")
    assert manager.get_by_text("18 people wait").count() == 1
    assert_page_is_sound(manager)
    press(manager, "Send to the nation")
    assert manager.get_by_text("0 people wait").count() >= 3
    manager.goto(f"/register/variants/{VARIANTS[1]}/")
    assert manager.get_by_text(re.compile(r"^1 of 3\s228 alleles$")).is_visible()
    assert_page_is_sound(manager)


def test_from_the_order_to_the_quality_lights(country: Case, browser_page, tmp_path: Path) -> None:
    clinician = person(browser_page, "ingrid")
    clinician.get_by_role("link", name="RQ-2026-00008").click()
    clinician.get_by_role("link", name="Go on with the draft").click()
    clinician.wait_for_url("**/edit/")
    assert_page_is_sound(clinician)
    press(clinician, "Sign and send")
    assert clinician.noise != []
    clinician.noise.clear()
    assert not Case.objects.filter(number="NO-2026-0009").exists()
    clinician.check("input[name=consent_by][value=mother]")
    for asked in ("agreed_panel", "agreed_all_genes", "agreed_register"):
        clinician.check(f"input[name={asked}]")
    clinician.fill("input[name=counselled_by]", "Sara Hætta")
    clinician.fill("input[name=counsellor_competence]", "Genetic counsellor")
    clinician.fill("input[name=counselled_on]", "2026-11-20")
    clinician.fill("input[name=counselling_language]", "Norwegian")
    press(clinician, "Sign and send")
    assert_page_is_sound(clinician)

    case = Case.objects.get(number="NO-2026-0009")
    geneticist = person(browser_page, "kari")
    geneticist.goto("/lab/")
    geneticist.get_by_role("link", name="NO-2026-0009").click()
    geneticist.wait_for_url(f"**/{case.id}/")
    geneticist.goto(f"/lab/cases/{case.id}/samples/")
    for sample in case.samples.all():
        label = {"child": "moen-barn", "mother": "moen-mor", "father": "moen-far"}[sample.role]
        geneticist.fill(f"input[name=barcode-{sample.id}]", label)
    press(geneticist, "Register the scanned tubes")
    assert Case.objects.get(id=case.id).state == CaseState.SAMPLES_RECEIVED

    families = tmp_path / "demo" / "country" / "families"
    geneticist.goto(f"/lab/cases/{case.id}/files/")
    assert_page_is_sound(geneticist)
    upload(geneticist, families / "solberg.vcf.gz")
    assert "solberg-barn" in geneticist.locator("main").inner_text()
    assert case.files.count() == 0
    geneticist.noise.clear()
    upload(geneticist, families / "moen.vcf.gz")
    assert Case.objects.get(id=case.id).state == CaseState.INTERPRETATION
    geneticist.goto(f"/lab/cases/{case.id}/quality/")
    assert geneticist.get_by_text("Quality passed").count() >= 1
    assert_page_is_sound(geneticist)


def upload(page, path: Path) -> None:
    """Choose a file and send it."""
    page.set_input_files("input[type=file]", path)
    with page.expect_navigation():
        page.locator("form:has(input[type=file]) button[type=submit]").click()


VIEWS = ({"width": 1440}, {"width": 1440, "scheme": "dark"}, {"width": 320})


def test_every_page_of_the_demo_country_is_sound(country: Case, browser_page) -> None:
    seen: set[str] = set()
    for username, _, _ in demo.logins():
        pages = [person(browser_page, username, **view) for view in VIEWS]
        waiting, known = deque(["/"]), {"/"}
        while waiting:
            path = waiting.popleft()
            if _shape(path) in seen and path != "/":
                continue
            seen.add(_shape(path))
            if not _is_page(pages[0].request.get(path)):
                continue
            for page in pages:
                assert page.goto(path).status == 200, (username, path)
                assert_page_is_sound(page)
            links = Links()
            links.feed(pages[0].content())
            found = local_links(links.links, urlsplit(pages[0].url).path)
            new = [link for link in found if link not in known and not link.startswith("/accounts/")]
            known.update(new)
            waiting.extend(new)
    assert len(seen) >= 25


def _is_page(answer) -> bool:
    """Whether a link leads to a page, and not to a file or to what programs read; either way it must be there."""
    assert answer.status == 200, answer.url
    return answer.headers["content-type"].startswith("text/html") and "content-disposition" not in answer.headers


def _shape(path: str) -> str:
    """A page's kind: identifiers, variants and values of parameters left out."""
    bare = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "*", path)
    return re.sub(r"=[^&]*", "=", re.sub(r"/(variants|genes|regions|releases)/[^/]+/", r"/\1/*/", bare))
