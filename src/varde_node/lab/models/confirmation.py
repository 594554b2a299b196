"""Orders of a second method for a finding, their results, and each laboratory's rules for signing."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from varde_node.lab.models.cases import Case


class ConfirmationMethod(models.TextChoices):
    """By what a finding is looked at again."""

    SANGER = "sanger"
    MLPA = "mlpa"
    QPCR = "qpcr"
    ARRAY = "array"
    LONG_READ = "long_read"
    OTHER = "other"


class ConfirmationResult(models.TextChoices):
    """What the second method showed."""

    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    INCONCLUSIVE = "inconclusive"
    CANCELLED = "cancelled"


class Confirmation(models.Model):
    """An order of a second method for a variant, or for a ``gap`` that the sequencing did not cover. A result is given
    once; another look is another order."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="confirmations")
    variant = models.CharField(max_length=400, blank=True)
    gap = models.CharField(max_length=120, blank=True)
    method = models.CharField(max_length=12, choices=ConfirmationMethod.choices)
    note = models.TextField(blank=True)
    ordered_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    ordered_at = models.DateTimeField(auto_now_add=True)
    result = models.CharField(max_length=14, choices=ConfirmationResult.choices, blank=True)
    result_note = models.TextField(blank=True)
    result_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, null=True, related_name="+")
    result_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(variant="") & ~Q(gap="") | ~Q(variant="") & Q(gap=""),
                name="lab_confirmation_of_variant_or_gap",
            ),
            models.CheckConstraint(
                condition=Q(method__in=ConfirmationMethod.values), name="lab_confirmation_method_known"
            ),
            models.CheckConstraint(
                condition=Q(result="", result_at__isnull=True, result_by__isnull=True)
                | Q(result__in=ConfirmationResult.values, result_at__isnull=False, result_by__isnull=False),
                name="lab_confirmation_result_is_whole",
            ),
        ]


class ConfirmationNeed(models.TextChoices):
    """Which variants of an answer must be confirmed by a second method before the case is signed."""

    NEVER = "never"
    CLASS_4_AND_5 = "class_4_and_5"
    EVERY = "every"


class LaboratoryRules(models.Model):
    """A laboratory's rules for deciding; a change is a new row, and the newest counts.

    ``validity_days`` holds own days by class as text ("3": 180; null: without end); a class that is not named follows
    the library's table.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    laboratory = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    confirmation = models.CharField(max_length=14, choices=ConfirmationNeed.choices, default=ConfirmationNeed.NEVER)
    validity_days = models.JSONField(default=dict)
    reason = models.TextField()
    by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["laboratory", "number"], name="lab_rules_numbered"),
            models.CheckConstraint(condition=Q(confirmation__in=ConfirmationNeed.values), name="lab_rules_need_known"),
            models.CheckConstraint(condition=~Q(reason=""), name="lab_rules_have_reason"),
        ]
