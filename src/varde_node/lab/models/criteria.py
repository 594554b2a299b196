"""What a laboratory decides by: its tables for the ACMG criteria, and its rule set. Append-only but for retiring."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q


class CriteriaTableKind(models.TextChoices):
    """What a table tells the criteria."""

    SPECIFICATIONS = "gene_specifications"
    FUNCTIONAL = "functional"


class CriteriaTable(models.Model):
    """One version of a laboratory's table, never changed. The newest that is not retired is the one in use."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    laboratory = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=24, choices=CriteriaTableKind.choices)
    name = models.CharField(max_length=300)
    version = models.CharField(max_length=300)
    sha256 = models.CharField(max_length=64)
    entries = models.PositiveIntegerField()
    content = models.BinaryField()
    stored_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    stored_at = models.DateTimeField(auto_now_add=True)
    retired_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, null=True, related_name="+")
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["laboratory", "kind", "name", "version"], name="lab_criteria_table_version_once"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=CriteriaTableKind.values), name="lab_criteria_table_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(retired_by__isnull=True, retired_at__isnull=True)
                | Q(retired_by__isnull=False, retired_at__isnull=False),
                name="lab_criteria_table_retired_whole",
            ),
        ]


class ChosenRuleset(models.Model):
    """The rule set that a laboratory's suggestions follow; the newest row counts."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    laboratory = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+")
    ruleset = models.CharField(max_length=60)
    chosen_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    chosen_at = models.DateTimeField(auto_now_add=True)
