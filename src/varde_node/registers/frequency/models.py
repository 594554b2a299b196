"""The frequency register's book: which contributions came, in numbers and months. No person and no file is in it."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q


class ContributionState(models.TextChoices):
    """What became of a contribution."""

    COUNTED = "counted"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"


class Contribution(models.Model):
    """What one call brought. ``runs`` are the counts' own names of what each person brought; empty unless counted.

    Days, not moments, are kept: a moment would point back to the case that was signed then.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    region = models.CharField(max_length=3)
    state = models.CharField(max_length=10, choices=ContributionState.choices)
    people = models.PositiveIntegerField()
    runs = models.JSONField(default=list)
    reason = models.CharField(max_length=60, blank=True)
    received_on = models.DateField()
    withdrawn_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ContributionState.values), name="frequency_contribution_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="withdrawn", withdrawn_on__isnull=False)
                | (~Q(state="withdrawn") & Q(withdrawn_on__isnull=True)),
                name="frequency_contribution_withdrawn_on_a_day",
            ),
        ]
        indexes = [models.Index(fields=["region", "received_on"], name="frequency_by_region")]
