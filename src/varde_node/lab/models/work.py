"""Who works on a case, what people tell one another about it, and what they keep with it."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from varde_node.lab.models.cases import Case


class Assignment(models.Model):
    """A case was taken, handed over, or (``to`` null) let go. The newest row tells who works on it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="assignments")
    to = models.ForeignKey("people.Account", on_delete=models.PROTECT, null=True, related_name="+")
    note = models.TextField(blank=True)
    by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)


class Comment(models.Model):
    """A remark on a case or on one of its variants; ``shared``: the clinician who ordered sees and answers it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="comments")
    variant = models.CharField(max_length=400, blank=True)
    text = models.TextField()
    shared = models.BooleanField(default=False)
    from_requester = models.BooleanField(default=False)
    author = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="lab_comment_has_text"),
            models.CheckConstraint(
                condition=Q(from_requester=False) | Q(shared=True), name="lab_requester_speaks_in_the_open"
            ),
        ]
        indexes = [models.Index(fields=["case", "variant"], name="lab_comment_by_variant")]


class Attachment(models.Model):
    """A file kept with a case or a variant. ``media_type`` is told by its content."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="attachments")
    variant = models.CharField(max_length=400, blank=True)
    given_name = models.CharField(max_length=120)
    stored_as = models.CharField(max_length=120, unique=True)
    media_type = models.CharField(max_length=100)
    size_bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, null=True, related_name="+")
    withdraw_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "variant", "sha256"],
                condition=Q(withdrawn_at__isnull=True),
                name="lab_attachment_once",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | ~Q(withdraw_reason=""), name="lab_withdrawal_has_reason"
            ),
        ]


class LiteratureReference(models.Model):
    """A publication that a laboratory keeps with a variant, for every case that has it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    laboratory = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+")
    build = models.CharField(max_length=10)
    variant = models.CharField(max_length=400)
    kind = models.CharField(max_length=4)
    identifier = models.CharField(max_length=200)
    note = models.TextField(blank=True)
    by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["laboratory", "build", "variant", "kind", "identifier"], name="lab_reference_once"
            )
        ]


class Reading(models.Model):
    """A person has read a publication. A row is a yes; it is deleted when the person takes it back."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.ForeignKey(LiteratureReference, on_delete=models.CASCADE, related_name="readings")
    by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reference", "by"], name="lab_reading_once_per_person")]


class SavedView(models.Model):
    """A name that a person gave a state of the work list; ``query`` is its address after the question mark."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey("people.Account", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=300)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="lab_view_name_once_per_person")]
