"""The pages of standard processing in Chromium, with a run that failed at a line of its log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from browser import assert_page_is_sound, sign_in
from varde.pipeline.steps import Event, StepBook
from varde_node.jobs.models import Job, JobState
from varde_node.lab import services
from varde_node.lab.case_access import in_data_folder
from varde_node.lab.models import PipelineRun, VersionSignature
from varde_node.people import services as people_services
from varde_node.people.services import Role

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BEGIN = datetime(2026, 12, 1, 3, 0, tzinfo=UTC)
STEPS = (("trim", "child 1", 40), ("align", "child 1", 4000), ("mark_duplicates", "child", 300), ("call", "chr21", 2))


@pytest.fixture
def failed(received, measured, geneticist, reader) -> PipelineRun:
    """A run of the case whose caller stopped, with the log that it left."""
    services.sign_version(reader, measured.id, "Looked at every missed allele.")
    # Not started: here the job would run at once, and for long.
    run = PipelineRun.objects.create(
        case_id=received.id,
        signature=VersionSignature.objects.get(),
        folder=f"cases/{received.id}/runs/x",
        inputs={},
        started_by_id=geneticist.account_id,
        started_as=geneticist.role.value,
        job_id=Job.objects.create(kind="lab.process", state=JobState.FAILED, ended=timezone.now()).id,
    )
    folder = in_data_folder(run.folder)
    (folder / "logs").mkdir(parents=True)
    (folder / "logs" / "call.chr21.log").write_text("Reading\n" * 40 + "[E::bgzf_read] Read block failed\nStopped\n")
    book, at = StepBook(folder), BEGIN
    for job, (rule, subject, seconds) in enumerate(STEPS):
        log = f"logs/{rule}.{subject.replace(' ', '.')}.log"
        book.note(Event("began", str(job), rule, subject, "", log, at=at))
        at += timedelta(seconds=seconds)
        book.note(Event("failed" if rule == "call" else "finished", str(job), rule, subject, "", log, at=at))
    run.problem = {
        "code": "step_failed",
        "problem": "The step call chr21 failed: [E::bgzf_read] Read block failed",
        "remedy": "Look at the log, mend the cause, and run the same again: what is done is kept.",
        "source": "logs/call.chr21.log",
        "line": 41,
        "field": None,
    }
    run.save()
    return run


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (320, "dark")])
def test_the_pages_are_sound_and_lead_to_the_failing_line(
    failed, measured, people, width, scheme, browser_page
) -> None:
    account = people_services.add_account("pipeline-reader", "Reader Prøve", demo=True)
    people_services.add_membership(account, Role.SECOND_READER, people.laboratory)
    page = browser_page(width=width, scheme=scheme)
    sign_in(page, "pipeline-reader")
    for address in ("/lab/processing/", "/lab/truth/", f"/lab/truth/{measured.id}/"):
        page.goto(address)
        assert_page_is_sound(page)
    page.goto(f"/lab/cases/{failed.case_id}/processing/")
    assert_page_is_sound(page)
    page.get_by_role("link", name="Failing line").click()
    assert page.locator(".fault").inner_text().startswith("41")
    assert_page_is_sound(page)
    assert VersionSignature.objects.count() == 1
