"""Imported knowledge sources, and what a newer one would change in the laboratory's cases."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from varde_node.lab.models.cases import Case


class KnowledgeSource(models.Model):
    """One version of one source, imported once and never changed; the whole node uses the active one of each place.

    ``folder`` and ``incoming`` are relative to the data folder. ``place`` is what the source fills (``clinvar``,
    ``predictor revel`` ...), known when it is imported.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40)
    place = models.CharField(max_length=120, blank=True)
    name = models.CharField(max_length=64)
    version = models.CharField(max_length=64)
    build = models.CharField(max_length=10, blank=True)
    licence = models.CharField(max_length=64)
    columns = models.JSONField(null=True)
    """How a described table names its columns."""
    file_name = models.CharField(max_length=120)
    incoming = models.CharField(max_length=120, blank=True)
    folder = models.CharField(max_length=160, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    read = models.BigIntegerField(default=0)
    kept = models.BigIntegerField(default=0)
    dropped = models.JSONField(default=dict)
    details = models.JSONField(default=dict)
    problem = models.JSONField(null=True)
    job_id = models.UUIDField(null=True)
    requested_at = models.DateTimeField(auto_now_add=True)
    imported_at = models.DateTimeField(null=True)
    imported_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    active = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name", "version"], condition=Q(problem__isnull=True), name="lab_knowledge_version_once"
            ),
            models.UniqueConstraint(fields=["place"], condition=Q(active=True), name="lab_knowledge_one_active"),
            models.CheckConstraint(
                condition=Q(active=False) | Q(imported_at__isnull=False), name="lab_knowledge_active_is_imported"
            ),
        ]


class KnowledgeComparison(models.Model):
    """A search through a laboratory's cases for what a source would change; ``against`` is the one in use then."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    source = models.ForeignKey(KnowledgeSource, on_delete=models.CASCADE, related_name="comparisons")
    against = models.ForeignKey(KnowledgeSource, on_delete=models.SET_NULL, null=True, related_name="+")
    laboratory = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    cases_seen = models.PositiveIntegerField(default=0)
    cases_left_out = models.PositiveIntegerField(default=0)


class KnowledgeEffect(models.Model):
    """What a comparison found in one case. ``changes``: [{variant, gene, change, matters, old, new, given_class}], old
    and new {called, conflicting, stars, score} or null."""

    comparison = models.ForeignKey(KnowledgeComparison, on_delete=models.CASCADE, related_name="effects")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    changes = models.JSONField()
    left_out = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["comparison", "case"], name="lab_knowledge_effect_once")]
