"""Layers of calls beside the small variants: structural variants and repeats, each prepared by itself."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from varde_node.lab.models.cases import Case, FileKind


class CallLayer(models.Model):
    """One preparation of a case's structural files, or of its repeat files; the newest finished of a kind counts.

    Never part of an analysis of small variants: a family may have one, both or neither, and each says for itself of
    whom it has data.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="layers")
    kind = models.CharField(max_length=12, choices=FileKind.choices)
    files = models.JSONField()
    """Identifiers of the files that it is made from."""
    job_id = models.UUIDField(null=True)
    folder = models.CharField(max_length=120, blank=True)
    finished_at = models.DateTimeField(null=True)
    problem = models.JSONField(null=True)
    """Problem details of an input error, as of an analysis."""
    versions = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=[FileKind.STRUCTURAL, FileKind.REPEAT]), name="lab_layer_kind_known"
            )
        ]
