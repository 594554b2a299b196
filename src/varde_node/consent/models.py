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


class ConsentEntry(models.Model):
    """One decision about one person, append-only: given, changed, withdrawn. The newest in a stream holds.

    ``purposes`` are values of ``varde.consent.Purpose``; a stream is (subject, stream).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    form = models.ForeignKey(ConsentForm, on_delete=models.PROTECT, related_name="entries")
    stream = models.CharField(max_length=60)
    """The form's code: entries of later versions and other languages continue the same stream."""
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=12)
    purposes = models.JSONField(default=list)
    decided_at = models.DateTimeField()
    recorded_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)
    means = models.CharField(max_length=20)
    """How it was given: portal, at the desk, or on paper."""
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "stream", "number"], name="consent_entry_numbered"),
            models.CheckConstraint(
                condition=Q(state__in=["given", "changed", "withdrawn"]), name="consent_state_known"
            ),
        ]
