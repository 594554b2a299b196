"""The site's pages in Chromium: sound at every width, light and dark, with and without JavaScript."""

from __future__ import annotations

import pytest

from browser import assert_page_is_sound, sign_in
from varde_node.jobs import registry
from varde_node.jobs.models import Job, JobState
from varde_node.jobs.services import JobKind, register_job
from varde_node.people import services
from varde_node.people.services import Role

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTHS = [(1440, "light"), (1440, "dark"), (390, "light"), (320, "dark")]


@pytest.fixture(autouse=True)
def staff(transactional_db, people, actor_as) -> None:
    for username, name, role in (
        ("dagny", "Dagny Solberg", Role.DATA_PROTECTION_OFFICER),
        ("arne", "Arne Vik", Role.ADMINISTRATOR),
    ):
        account = services.add_account(username, name, demo=True, password="korrekt hest batteri")
        services.add_membership(account, role, people.national)
    for _ in range(3):
        services.record(actor_as(Role.CLINICIAN), "clinic.order.read", subject=people.child)


@pytest.mark.parametrize(("width", "scheme"), WIDTHS)
def test_every_page_is_sound(browser_page, width: int, scheme: str) -> None:
    page = browser_page(width=width, scheme=scheme)
    page.goto("/sign-in/")
    assert_page_is_sound(page)
    page.fill("#id_login", "dagny")
    page.fill("#id_password", "wrong")
    with page.expect_response("**/sign-in/") as answer:
        page.locator("form.stack button").click()
    assert answer.value.status == 422
    page.wait_for_function("document.activeElement.localName === 'ds-error-summary'")
    page.wait_for_load_state()
    page.noise.clear()  # Chromium writes a console line for every 4xx document
    assert_page_is_sound(page)
    sign_in(page, "dagny")
    assert page.url.endswith("/access-log/")
    assert_page_is_sound(page)
    page.locator(".person-menu summary").click()
    assert_page_is_sound(page)
    page.goto("/jobs/")
    assert_page_is_sound(page)
    page.goto("/role/")
    assert_page_is_sound(page)
    page.goto("/nowhere/")
    page.noise.clear()
    assert_page_is_sound(page)


def test_the_health_page_and_the_two_step_page_are_sound(browser_page) -> None:
    page = browser_page()
    sign_in(page, "arne")
    assert_page_is_sound(page)
    page.goto("/accounts/2fa/")
    assert_page_is_sound(page)


def test_htmx_carries_the_token_and_shows_the_verification_in_place(browser_page) -> None:
    page = browser_page()
    sign_in(page, "dagny")
    page.get_by_role("button", name="Verify that nothing was changed").click()
    page.get_by_text("The log is whole").wait_for()
    assert page.url.endswith("/access-log/")
    assert_page_is_sound(page)


def test_without_javascript_the_same_button_leads_to_a_page(browser_page) -> None:
    page = browser_page(javascript=False)
    sign_in(page, "dagny")
    page.get_by_role("button", name="Verify that nothing was changed").click()
    assert page.get_by_text("The log is whole").count() == 1
    assert page.locator("h1").count() == 1


def test_a_failing_request_is_said_in_the_alert_region_and_changes_nothing(browser_page) -> None:
    page = browser_page()
    sign_in(page, "dagny")
    page.route("**/access-log/verify/", lambda route: route.fulfill(status=500, body="<b>broken</b>"))
    page.get_by_role("button", name="Verify that nothing was changed").click()
    page.get_by_text("The page could not be fetched. Nothing was changed.").wait_for()
    assert page.get_by_text("broken").count() == 0


def test_the_progress_of_a_job_is_followed_to_its_end(browser_page, people, monkeypatch) -> None:
    monkeypatch.setattr(registry, "_KINDS", dict(registry._KINDS))
    register_job(JobKind("test.page", "Import of variants", lambda progress: None))
    job = Job.objects.create(
        kind="test.page", state=JobState.RUNNING, progress=0.25, step="Reading", organisation=people.national
    )
    page = browser_page(width=390)
    sign_in(page, "arne")
    page.goto(f"/jobs/{job.id}/")
    assert page.get_by_text("25").count() >= 1
    assert_page_is_sound(page)
    Job.objects.filter(id=job.id).update(state=JobState.DONE, progress=1.0)
    page.get_by_text("Done").wait_for(timeout=10_000)
    assert page.locator("[hx-trigger]").count() == 0
    assert_page_is_sound(page)


def test_escape_closes_the_person_menu_and_gives_the_focus_back(browser_page) -> None:
    page = browser_page()
    sign_in(page, "arne")
    page.locator(".person-menu summary").click()
    page.keyboard.press("Escape")
    assert page.locator(".person-menu[open]").count() == 0
    assert page.evaluate("document.activeElement.localName") == "summary"


def test_the_first_stop_of_the_keyboard_leads_to_the_content(browser_page) -> None:
    page = browser_page()
    page.goto("/sign-in/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
