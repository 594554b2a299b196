"""Running one job: claim it once, report progress, keep its heart beating, end it in exactly one state."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from django.conf import settings
from django.db import connection
from django.db.models import F
from django.utils import timezone

from varde.genome.errors import InputError
from varde_node.jobs.models import Job, JobState
from varde_node.jobs.registry import job_kind, record_refusal

log = structlog.get_logger(__name__)
LOG_TAIL_CHARACTERS = 4000
REFUSED = "access_denied"


class JobCancelled(Exception):  # noqa: N818 - no error: somebody wished it
    """The job was cancelled while it ran."""


class RowProgress:
    """Writes progress to the job's row."""

    def __init__(self, job_id: str) -> None:
        self.job_id = job_id
        self.lines: list[str] = []

    def __call__(self, share: float, step: str = "") -> None:
        """Report progress; raises :class:`JobCancelled` when somebody cancelled the job."""
        changes = {"progress": min(max(share, 0.0), 1.0), "heartbeat": timezone.now()}
        if step:
            changes["step"] = step[:200]
        running = Job.objects.filter(id=self.job_id, state=JobState.RUNNING)
        if not running.update(**changes):
            raise JobCancelled

    def log(self, line: str) -> None:
        """Add a line to the log tail."""
        self.lines.append(line)
        tail = "\n".join(self.lines)[-LOG_TAIL_CHARACTERS:]
        Job.objects.filter(id=self.job_id).update(log_tail=tail, heartbeat=timezone.now())


def run(job_id: str) -> None:
    """Run the job if nobody else has taken it. Unexpected failures are tried again up to the kind's limit."""
    now = timezone.now()
    claimed = Job.objects.filter(id=job_id, state=JobState.QUEUED).update(
        state=JobState.RUNNING,
        attempts=F("attempts") + 1,
        heartbeat=now,
        started=now,
        progress=0.0,
        error_code="",
        problem="",
    )
    if not claimed:
        return
    job = Job.objects.get(id=job_id)
    progress = RowProgress(job_id)
    try:
        with _heartbeat(job_id):
            result = job_kind(job.kind).function(progress, *job.arguments)
    except JobCancelled:
        log.info("job cancelled", job_id=job_id, job_kind=job.kind)
    except InputError as problem:
        _end(job_id, JobState.FAILED, error_code=problem.code, problem=str(problem))
    except Exception as problem:
        if record_refusal(problem):
            _end(job_id, JobState.FAILED, error_code=REFUSED)
        else:
            _after_failure(job, progress, problem)
    else:
        _end(job_id, JobState.DONE, progress=1.0, result=[str(identifier) for identifier in result or ()])


def _after_failure(job: Job, progress: RowProgress, problem: Exception) -> None:
    name = type(problem).__name__
    log.exception("job failed", job_id=str(job.id), job_kind=job.kind, attempt=job.attempts, exception_type=name)
    # The text of an unexpected error may hold a name or a variant: only its type is kept.
    progress.log(f"attempt {job.attempts}: {name}")
    if job.attempts >= job_kind(job.kind).attempts_max:
        _end(str(job.id), JobState.FAILED, error_code=name[:60])
        return
    from varde_node.jobs.queue import run_job

    if Job.objects.filter(id=job.id, state=JobState.RUNNING).update(state=JobState.QUEUED):
        run_job(str(job.id))


def _end(job_id: str, state: JobState, **fields: object) -> None:
    Job.objects.filter(id=job_id, state=JobState.RUNNING).update(state=state, ended=timezone.now(), **fields)


@contextmanager
def _heartbeat(job_id: str) -> Iterator[None]:
    if settings.JOB_MODE == "immediate":
        yield
        return
    stop = threading.Event()

    def beat() -> None:
        while not stop.wait(settings.JOB_HEARTBEAT_LIMIT_S / 4):
            Job.objects.filter(id=job_id, state=JobState.RUNNING).update(heartbeat=timezone.now())
        connection.close()

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=5)
