"""Commands on jobs: enqueue, cancel, sweep, prune."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connections, transaction
from django.utils import timezone

from varde_node.jobs.models import Job, JobState
from varde_node.jobs.registry import JobKind, Progress, job_kind, register_job, register_refusal

__all__ = [
    "JobKind",
    "Progress",
    "cancel",
    "enqueue",
    "immediately",
    "prune",
    "register_job",
    "register_refusal",
    "sweep",
    "work",
]

QUEUED_LIMIT = timedelta(minutes=5)
"""A queued job older than this is sent again: its message may be lost. A second message is harmless."""


def enqueue(
    kind: str, *identifiers: UUID | str | int, requested_by: UUID | None = None, organisation: UUID | None = None
) -> UUID:
    """Create a job and hand it to the queue when the transaction commits; a rolled-back command leaves none."""
    job_kind(kind)
    arguments = [str(identifier) if isinstance(identifier, UUID) else identifier for identifier in identifiers]
    job = Job.objects.create(kind=kind, arguments=arguments, requested_by=requested_by, organisation=organisation)
    transaction.on_commit(lambda: _send(job.id))
    return job.id


@contextmanager
def immediately() -> Iterator[None]:
    """Inside the block jobs run in this process as soon as they are enqueued, and not in a worker."""
    from varde_node.jobs.queue import queue

    before, queue.immediate = queue.immediate, True
    try:
        yield
    finally:
        queue.immediate = before


def cancel(job_id: UUID) -> bool:
    """Cancel a job that has not ended; a running one stops at its next report. Says whether it took effect: a job of a
    kind that is not cancellable goes on."""
    kind = Job.objects.filter(id=job_id).values_list("kind", flat=True).first()
    if kind is not None and not job_kind(kind).cancellable:
        return False
    open_states = (JobState.QUEUED, JobState.RUNNING)
    changed = Job.objects.filter(id=job_id, state__in=open_states).update(
        state=JobState.CANCELLED, ended=timezone.now()
    )
    return changed == 1


def sweep(now: datetime | None = None) -> int:
    """Put back jobs whose heartbeat is lost, fail those without attempts left, resend forgotten ones; say how many."""
    now = now or timezone.now()
    lost_before = now - timedelta(seconds=settings.JOB_HEARTBEAT_LIMIT_S)
    touched = 0
    for job in Job.objects.filter(state=JobState.RUNNING, heartbeat__lt=lost_before):
        out_of_attempts = job.attempts >= job_kind(job.kind).attempts_max
        same_run = Job.objects.filter(id=job.id, state=JobState.RUNNING, heartbeat=job.heartbeat)
        if out_of_attempts:
            touched += same_run.update(state=JobState.FAILED, error_code="worker_lost", ended=now)
        elif same_run.update(state=JobState.QUEUED, step=""):
            touched += 1
            _send(job.id)
    for job_id in Job.objects.filter(state=JobState.QUEUED, created__lt=now - QUEUED_LIMIT).values_list(
        "id", flat=True
    ):
        _send(job_id)
    return touched


def prune(older_than_days: int, now: datetime | None = None) -> int:
    """Delete rows of jobs that ended long ago; return how many."""
    before = (now or timezone.now()) - timedelta(days=older_than_days)
    return Job.objects.filter(ended__lt=before).delete()[0]


def work(workers: int) -> None:
    """Run jobs in this many processes until stopped: SIGINT lets a running job end, SIGTERM stops at once (the sweeper
    takes it up again)."""
    from huey.consumer import Consumer

    from varde_node.jobs.queue import queue

    connections.close_all()  # the worker processes are forked: none may inherit an open connection
    Consumer(queue, workers=workers, worker_type="process", max_delay=1.0, check_worker_health=True).run()


def _send(job_id: UUID) -> None:
    from varde_node.jobs.queue import run_job

    run_job(str(job_id))
