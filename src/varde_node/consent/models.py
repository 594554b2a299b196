"""Tables of the consent domain. Private to the domain."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q


class ConsentForm(models.Model):
    """One version of a form in one language. What was shown is what is stored."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField(max_length=60)
    version = models.CharField(max_length=20)
    language = models.CharField(max_length=5)
    title = models.CharField(max_length=200)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "version", "language"], name="consent_form_version_once")
        ]


class EntryKind(models.TextChoices):
    """What happened. Values of ``varde.consent.EventKind``; only these three are written here."""

    GIVEN = "given"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"


class Means(models.TextChoices):
    """How a decision reached us."""

    PORTAL = "portal"
    DESK = "desk"
    PAPER = "paper"


class ConsentEntry(models.Model):
    """One event in a stream of decisions about one person. Append-only.

    ``allowed`` and ``refused`` are values of ``varde.consent.Purpose``. Nothing follows a withdrawal in a stream: to
    consent again begins a new one.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    stream = models.UUIDField()
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=EntryKind.choices)
    subject = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    form = models.ForeignKey(ConsentForm, on_delete=models.PROTECT, related_name="entries")
    allowed = models.JSONField(default=list)
    refused = models.JSONField(default=list)
    means = models.CharField(max_length=10, choices=Means.choices)
    note = models.TextField(blank=True)
    decided_at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["stream", "number"], name="consent_entry_numbered"),
            models.CheckConstraint(condition=Q(kind__in=EntryKind.values), name="consent_entry_kind_known"),
            models.CheckConstraint(condition=Q(means__in=Means.values), name="consent_entry_means_known"),
        ]
        indexes = [models.Index(fields=["subject", "decided_at"], name="consent_of_subject")]
