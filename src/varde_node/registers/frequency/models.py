"""The frequency register's book: contributions, shards and releases, in numbers, days and months.

No person and no file of a person is in it. Accounts stand beside releases, since a release has two answerable people.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

DIGEST_CHARACTERS = 64
"""SHA-256 in hexadecimal digits."""


class ContributionState(models.TextChoices):
    """What became of a contribution."""

    COUNTED = "counted"
    WITHDRAWING = "withdrawing"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"


class Contribution(models.Model):
    """What one call brought. ``runs`` are the counts' own names of what each person brought; empty unless they stand
    in the region's counts, or are about to be taken out (``withdrawing``).

    ``related`` of the people are kept as kin of somebody counted, and ``held_out`` only measure the risk. Days, not
    moments, are kept: a moment would point back to the case that was signed then.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    region = models.CharField(max_length=3)
    state = models.CharField(max_length=11, choices=ContributionState.choices)
    people = models.PositiveIntegerField()
    related = models.PositiveIntegerField(default=0)
    held_out = models.PositiveIntegerField(default=0)
    group = models.CharField(max_length=20, default="unspecified")
    assay = models.CharField(max_length=12, default="unspecified")
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
                condition=Q(state__in=["withdrawing", "withdrawn"], withdrawn_on__isnull=False)
                | (~Q(state__in=["withdrawing", "withdrawn"]) & Q(withdrawn_on__isnull=True)),
                name="frequency_contribution_withdrawn_on_a_day",
            ),
        ]
        indexes = [models.Index(fields=["region", "received_on"], name="frequency_by_region")]


class ShardState(models.TextChoices):
    """What the nation answered."""

    ACCEPTED = "accepted"
    REFUSED = "refused"


class Shard(models.Model):
    """A shard that was offered to the nation. ``people_*`` are numbers of at least k together, if it was accepted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    region = models.CharField(max_length=40, blank=True)
    """The region's code; of another node's region the name in its key, and nothing where that is not known."""
    state = models.CharField(max_length=8, choices=ShardState.choices)
    sequence = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=DIGEST_CHARACTERS, blank=True)
    people_added = models.PositiveIntegerField(default=0)
    people_withdrawn = models.PositiveIntegerField(default=0)
    people_corrected = models.PositiveIntegerField(default=0)
    delivered = models.BooleanField(default=False)
    """Whether it came from another node by the interface."""
    reason = models.CharField(max_length=60, blank=True)
    received_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ShardState.values), name="frequency_shard_state_known"),
            models.UniqueConstraint(
                fields=["region", "sequence"], condition=Q(state="accepted"), name="frequency_shard_accepted_once"
            ),
            models.CheckConstraint(
                condition=Q(state="refused") | Q(reason=""), name="frequency_shard_reason_of_a_refusal"
            ),
        ]
        indexes = [models.Index(fields=["received_on"], name="frequency_shard_by_day")]


class ReleaseState(models.TextChoices):
    """Where a release is on its road. ``withdrawn`` ones were published, and are kept with the reason."""

    DRAFT = "draft"
    MEASURING = "measuring"
    MEASURED = "measured"
    SIGNED = "signed"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    DISCARDED = "discarded"


OPEN = (ReleaseState.DRAFT, ReleaseState.MEASURING, ReleaseState.MEASURED, ReleaseState.SIGNED)
"""States of the one release that is being made."""


class Gate(models.TextChoices):
    """What the measured risk allows: the label, a decision of people, or nothing."""

    UNKNOWN = "unknown"
    PASSED = "passed"
    ACCEPTANCE = "acceptance"
    REFUSED = "refused"


_ENDED = ("published", "withdrawn")


class Release(models.Model):
    """A release from batches to publication. Its files stand in a folder of its ``name``; what is here says who did
    what, and when. That a failed gate or fewer than two people cannot publish is in the constraints as well."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=20, unique=True)
    state = models.CharField(max_length=10, choices=ReleaseState.choices, default=ReleaseState.DRAFT)
    gate = models.CharField(max_length=10, choices=Gate.choices, default=Gate.UNKNOWN)
    previous = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    corrects = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="corrections")
    batches = models.JSONField(default=list)
    """Accepted shards that came since the previous release, as [region, sequence]."""
    people = models.PositiveIntegerField(default=0)
    scheme = models.CharField(max_length=10, default="sqrt-5")
    job = models.UUIDField(null=True, blank=True)
    problem = models.TextField(blank=True)
    """Why the last measure ended without a result: code and sentence."""
    digest = models.CharField(max_length=DIGEST_CHARACTERS, blank=True)
    """SHA-256 of the manifest that was measured: what the two sign."""
    prepared_by = models.UUIDField()
    prepared_at = models.DateTimeField(auto_now_add=True)
    measured_at = models.DateTimeField(null=True, blank=True)
    first_by = models.UUIDField(null=True, blank=True)
    first_role = models.CharField(max_length=30, blank=True)
    first_at = models.DateTimeField(null=True, blank=True)
    second_by = models.UUIDField(null=True, blank=True)
    second_role = models.CharField(max_length=30, blank=True)
    second_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.UUIDField(null=True, blank=True)
    withdrawal_reason = models.TextField(blank=True)
    open = models.BooleanField(null=True, blank=True, default=True, unique=True)
    """True for the one release that is being made, nothing for all others."""

    class Meta:
        ordering = ("-prepared_at",)
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ReleaseState.values), name="frequency_release_state_known"),
            models.CheckConstraint(condition=Q(gate__in=Gate.values), name="frequency_release_gate_known"),
            models.CheckConstraint(
                condition=Q(second_by__isnull=True) | (~Q(second_by=F("first_by")) & ~Q(second_by=F("prepared_by"))),
                name="frequency_release_two_people",
            ),
            models.CheckConstraint(
                condition=Q(second_by__isnull=True) | Q(first_by__isnull=False), name="frequency_release_first_signed"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=_ENDED)
                | Q(gate="passed", second_by__isnull=False, published_at__isnull=False) & ~Q(digest=""),
                name="frequency_release_published_rightly",
            ),
            models.CheckConstraint(
                condition=~Q(state="withdrawn") | ~Q(withdrawal_reason=""), name="frequency_release_withdrawal_reason"
            ),
            models.CheckConstraint(
                condition=Q(open=True, state__in=[state.value for state in OPEN])
                | Q(open__isnull=True) & ~Q(state__in=[state.value for state in OPEN]),
                name="frequency_release_one_open",
            ),
        ]
