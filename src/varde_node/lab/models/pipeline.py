"""Standard processing: versions of the pipeline, how they did against a truth, who signed them, and runs for cases."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from varde_node.lab.models.cases import Case, VariantFile


class PipelineVersion(models.Model):
    """One version, known by the digest of all that decides a result; ``told`` is what the digest is of."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    digest = models.CharField(max_length=64, unique=True)
    told = models.JSONField()
    first_used_at = models.DateTimeField(auto_now_add=True)


class TruthRun(models.Model):
    """A version run on a truth sample's reads, and its calls held against the truth. ``result`` comes at the end."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    laboratory = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(PipelineVersion, on_delete=models.PROTECT, related_name="truth_runs")
    truth_set = models.CharField(max_length=60)
    job_id = models.UUIDField(null=True)
    folder = models.CharField(max_length=120)
    result = models.JSONField(null=True)
    """Strata with their counts, and the checksums of truth, regions and calls."""
    problem = models.JSONField(null=True)
    started_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(result__isnull=True) | Q(problem__isnull=True), name="lab_truth_run_result_or_problem"
            )
        ]
        indexes = [models.Index(fields=["laboratory", "-started_at"], name="lab_truth_run_newest")]


class VersionSignature(models.Model):
    """A laboratory takes a version into use: signed by another than who measured it, on that measurement. Runs for
    cases point here, so that none can exist without it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    laboratory = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(PipelineVersion, on_delete=models.PROTECT, related_name="signatures")
    truth_run = models.OneToOneField(TruthRun, on_delete=models.PROTECT, related_name="signature")
    measured_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    signed_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["laboratory", "version"], name="lab_version_signed_once"),
            models.CheckConstraint(condition=~Q(signed_by=F("measured_by")), name="lab_version_signed_by_another"),
            models.CheckConstraint(condition=~Q(reason=""), name="lab_version_signature_has_reason"),
        ]


class PipelineRun(models.Model):
    """One run for a case. ``folder`` is relative to the data folder and holds the steps, logs and outputs."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="pipeline_runs")
    signature = models.ForeignKey(VersionSignature, on_delete=models.PROTECT, related_name="runs")
    job_id = models.UUIDField(null=True)
    folder = models.CharField(max_length=120)
    inputs = models.JSONField()
    """File names of the laboratory's inbox by sample name."""
    record = models.JSONField(null=True)
    """What run.json tells, without the commands."""
    problem = models.JSONField(null=True)
    variant_file = models.OneToOneField(VariantFile, on_delete=models.PROTECT, null=True, related_name="pipeline_run")
    started_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    started_as = models.CharField(max_length=40)
    """The role in which it was started: its result enters the case in this person's name."""
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(record__isnull=True) | Q(problem__isnull=True), name="lab_pipeline_run_record_or_problem"
            ),
        ]
        indexes = [models.Index(fields=["case", "-started_at"], name="lab_pipeline_run_newest")]
