"""Reads of jobs. Who may see which is decided by the page that asks (this is the ground floor)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count
from django.utils.functional import Promise

from varde_node.jobs.models import Job, JobState
from varde_node.jobs.registry import job_kind

__all__ = ["JobState", "JobView", "counts_by_state", "job", "jobs_of"]


@dataclass(frozen=True)
class JobView:
    """A job as a page shows it."""

    id: UUID
    kind: str
    title: str | Promise
    state: JobState
    progress: float
    step: str
    attempts: int
    log_tail: str
    problem: str
    error_code: str
    result: tuple[str, ...]
    result_url_name: str | None
    requested_by: UUID | None
    organisation: UUID | None
    created: datetime
    ended: datetime | None
    cancellable: bool

    @property
    def ended_for_good(self) -> bool:
        """Whether nothing will change any more."""
        return self.state in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)

    @property
    def percent(self) -> int:
        """Progress in whole percent."""
        return int(self.progress * 100)


def job(job_id: UUID) -> JobView | None:
    """One job, or nothing."""
    row = Job.objects.filter(id=job_id).first()
    return _view(row) if row else None


def jobs_of(*, organisation: UUID | None = None, requested_by: UUID | None = None, limit: int = 50) -> list[JobView]:
    """The newest jobs of an organisation or a person."""
    rows = Job.objects.all()
    if organisation is not None:
        rows = rows.filter(organisation=organisation)
    if requested_by is not None:
        rows = rows.filter(requested_by=requested_by)
    return [_view(row) for row in rows[:limit]]


def counts_by_state() -> dict[str, int]:
    """How many jobs are in which state."""
    counted = dict(Job.objects.order_by().values_list("state").annotate(Count("id")))
    return {state: counted.get(state, 0) for state in JobState.values}


def _view(row: Job) -> JobView:
    kind = job_kind(row.kind)
    return JobView(
        id=row.id,
        kind=row.kind,
        title=kind.title,
        state=JobState(row.state),
        progress=row.progress,
        step=row.step,
        attempts=row.attempts,
        log_tail=row.log_tail,
        problem=row.problem,
        error_code=row.error_code,
        result=tuple(row.result),
        result_url_name=kind.result_url_name,
        requested_by=row.requested_by,
        organisation=row.organisation,
        created=row.created,
        ended=row.ended,
        cancellable=kind.cancellable,
    )
