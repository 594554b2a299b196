"""One row per job. The row, not the queue, is what people see."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q


class JobState(models.TextChoices):
    """Where a job is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(models.Model):
    """Work that takes longer than a request. Holds identifiers only, never personal data."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=100)
    arguments = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.QUEUED)
    progress = models.FloatField(default=0.0)
    step = models.CharField(max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    heartbeat = models.DateTimeField(null=True)
    log_tail = models.TextField(blank=True)
    problem = models.TextField(blank=True)  # what was wrong with the input: for the requester, never for a log
    error_code = models.CharField(max_length=60, blank=True)
    result = models.JSONField(default=list)
    requested_by = models.UUIDField(null=True)
    organisation = models.UUIDField(null=True)
    created = models.DateTimeField(auto_now_add=True)
    started = models.DateTimeField(null=True)
    ended = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created",)
        indexes = (models.Index(fields=("state", "heartbeat"), name="job_state_heartbeat"),)
        constraints = (
            models.CheckConstraint(condition=Q(progress__gte=0) & Q(progress__lte=1), name="job_progress_is_a_share"),
            models.CheckConstraint(condition=Q(state__in=JobState.values), name="job_state_is_known"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"
