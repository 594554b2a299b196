"""Jobs: enqueued on commit, run once, retried, swept, cancelled; the row tells the truth."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from varde.genome.errors import InputError
from varde_node.jobs import queries, registry, runner, services
from varde_node.jobs.models import Job, JobState
from varde_node.jobs.services import JobKind, register_job

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Four kinds of work for the test; returns the list of calls."""
    monkeypatch.setattr(registry, "_KINDS", dict(registry._KINDS))
    calls: list[tuple[str, ...]] = []

    def count(progress, *identifiers):
        calls.append(identifiers)
        progress(0.5, "Half way")
        progress.log("counted")
        return [identifiers[0]]

    def refuse(progress, *identifiers):
        calls.append(identifiers)
        raise InputError(code="empty_file", problem="The file is empty.", remedy="Send it again.", source="a.vcf")

    def crash(progress, *identifiers):
        calls.append(identifiers)
        raise RuntimeError("Ada Nordli 20-1234-A-T")

    def crash_once(progress, *identifiers):
        calls.append(identifiers)
        if len(calls) == 1:
            raise OSError
        return []

    for name, function in (("count", count), ("refuse", refuse), ("crash", crash), ("crash_once", crash_once)):
        register_job(JobKind(f"test.{name}", name, function))
    return calls


def test_a_job_runs_when_the_transaction_commits_and_tells_its_result(run_jobs, kinds) -> None:
    identifier, person, organisation = uuid4(), uuid4(), uuid4()
    with run_jobs():
        job_id = services.enqueue("test.count", identifier, requested_by=person, organisation=organisation)
        assert queries.job(job_id).state is JobState.QUEUED
    job = queries.job(job_id)
    assert (job.state, job.progress, job.step, job.attempts) == (JobState.DONE, 1.0, "Half way", 1)
    assert (job.result, job.log_tail, job.requested_by) == ((str(identifier),), "counted", person)
    assert kinds == [(str(identifier),)]
    assert [one.id for one in queries.jobs_of(organisation=organisation)] == [job_id]
    assert queries.jobs_of(organisation=uuid4()) == []


def test_a_rolled_back_command_leaves_no_job(run_jobs, kinds) -> None:
    def command() -> None:
        with transaction.atomic():
            services.enqueue("test.count", "x")
            raise RuntimeError

    with run_jobs(), pytest.raises(RuntimeError):
        command()
    assert (Job.objects.count(), kinds) == (0, [])


def test_running_twice_is_running_once(run_jobs, kinds) -> None:
    with run_jobs():
        job_id = services.enqueue("test.count", "x")
    runner.run(str(job_id))
    assert len(kinds) == 1


def test_unusable_input_fails_at_once_and_says_why(run_jobs, kinds) -> None:
    with run_jobs():
        job_id = services.enqueue("test.refuse", "x")
    job = queries.job(job_id)
    assert (job.state, job.error_code, len(kinds)) == (JobState.FAILED, "empty_file", 1)
    assert job.problem == "a.vcf: The file is empty. Send it again."
    assert job.log_tail == ""


def test_a_crash_is_tried_three_times_and_its_text_is_kept_nowhere(run_jobs, kinds) -> None:
    with run_jobs():
        job_id = services.enqueue("test.crash", "x")
    job = queries.job(job_id)
    assert (job.state, job.error_code, job.attempts, len(kinds)) == (JobState.FAILED, "RuntimeError", 3, 3)
    assert "Ada" not in str(Job.objects.values().get(id=job_id))


def test_a_passing_fault_is_mended_by_the_second_attempt(run_jobs, kinds) -> None:
    with run_jobs():
        job_id = services.enqueue("test.crash_once", "x")
    assert (queries.job(job_id).state, queries.job(job_id).attempts) == (JobState.DONE, 2)


def test_a_cancelled_job_does_not_start_and_a_running_one_stops_at_its_next_report(kinds) -> None:
    job_id = services.enqueue("test.count", "x")
    assert services.cancel(job_id)
    runner.run(str(job_id))
    assert (queries.job(job_id).state, kinds) == (JobState.CANCELLED, [])

    def cancelled_by_somebody(progress, job_id):
        Job.objects.filter(id=job_id).update(state=JobState.CANCELLED)
        progress(0.9)
        kinds.append(("not reached",))

    register_job(JobKind("test.long", "long", cancelled_by_somebody))
    second = uuid4()
    Job.objects.create(id=second, kind="test.long", arguments=[str(second)])
    runner.run(str(second))
    assert (queries.job(second).state, kinds) == (JobState.CANCELLED, [])
    assert not services.cancel(second)


def test_the_sweeper_takes_up_what_a_dead_worker_left(kinds, settings) -> None:
    now = timezone.now()
    lost = now - timedelta(seconds=settings.JOB_HEARTBEAT_LIMIT_S + 1)
    running = {"kind": "test.count", "arguments": ["x"], "state": JobState.RUNNING}
    dead = Job.objects.create(**running, attempts=1, heartbeat=lost)
    alive = Job.objects.create(**running, attempts=1, heartbeat=now)
    spent = Job.objects.create(**running, attempts=3, heartbeat=lost)
    assert services.sweep(now) == 2
    assert (queries.job(dead.id).state, queries.job(dead.id).attempts) == (JobState.DONE, 2)
    assert queries.job(alive.id).state is JobState.RUNNING
    assert (queries.job(spent.id).state, queries.job(spent.id).error_code) == (JobState.FAILED, "worker_lost")
    assert services.sweep(now) == 0


def test_an_unknown_kind_is_refused_before_anything_is_stored() -> None:
    with pytest.raises(LookupError, match=r"no job kind 'test\.unknown'"):
        services.enqueue("test.unknown")
    assert Job.objects.count() == 0


def test_a_kind_is_registered_once() -> None:
    with pytest.raises(ValueError, match="registered twice"):
        register_job(JobKind("test.count", "count", lambda progress: None))


def test_old_rows_are_pruned() -> None:
    now = timezone.now()
    Job.objects.create(kind="test.count", state=JobState.DONE, ended=now - timedelta(days=31))
    kept = Job.objects.create(kind="test.count", state=JobState.DONE, ended=now - timedelta(days=29))
    Job.objects.create(kind="test.count")
    assert services.prune(30, now) == 1
    assert Job.objects.filter(id=kept.id).exists()
    assert queries.counts_by_state() == {"queued": 1, "running": 0, "done": 1, "failed": 0, "cancelled": 0}
