"""A job that meets a refusal: it has failed, once, and the trail says so."""

from __future__ import annotations

import pytest
from django.db import transaction

from varde_node.jobs import queries, registry
from varde_node.jobs.services import JobKind, enqueue, register_job
from varde_node.people.models import AuditEntry
from varde_node.people.services import Role, require

pytestmark = pytest.mark.django_db


def test_a_refusal_inside_a_job_ends_it_and_is_written_down_once(run_jobs, actor_as, monkeypatch) -> None:
    monkeypatch.setattr(registry, "_KINDS", dict(registry._KINDS))
    actor, runs = actor_as(Role.CLINICIAN), []

    def forbidden(progress, identifier):
        runs.append(identifier)
        with transaction.atomic():
            require(actor, "people.trail.search", object_id=identifier)

    register_job(JobKind("test.forbidden", "forbidden", forbidden))
    before = AuditEntry.objects.count()
    with run_jobs():
        job_id = enqueue("test.forbidden", "x")
    job = queries.job(job_id)
    assert (job.state.value, job.error_code, job.problem, runs) == ("failed", "access_denied", "", ["x"])
    entry = AuditEntry.objects.latest("index")
    written = (AuditEntry.objects.count() - before, entry.outcome, entry.action, entry.object_id)
    assert written == (1, "refused", "people.trail.search", "x")
