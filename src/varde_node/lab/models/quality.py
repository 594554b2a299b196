"""Gate profiles, sequencing runs, the reports of quality tools, coverage, and genotypes kept to know a person again."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from varde_node.lab.models.cases import Analysis, Case, Sample


class AssayKind(models.TextChoices):
    """What was sequenced."""

    EXOME = "exome"
    GENOME = "genome"
    PANEL = "panel"


class GateProfileVersion(models.Model):
    """A laboratory's gates for an assay. Never changed once stored; the newest of an assay counts from then on.

    ``gates``: a list of ``varde.quality.profiles.Gate`` as plain values.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    laboratory = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+")
    assay = models.CharField(max_length=10, choices=AssayKind.choices)
    number = models.PositiveIntegerField()
    gates = models.JSONField()
    reason = models.TextField()
    by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["laboratory", "assay", "number"], name="lab_gate_profile_numbered"),
            models.CheckConstraint(condition=Q(assay__in=AssayKind.values), name="lab_gate_profile_assay_known"),
            models.CheckConstraint(condition=~Q(reason=""), name="lab_gate_profile_has_reason"),
        ]


class SequencingRun(models.Model):
    """One run of an instrument, as the laboratory names it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    laboratory = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    instrument = models.CharField(max_length=80)
    flow_cell = models.CharField(max_length=80, blank=True)
    sequenced_on = models.DateField()
    pipeline = models.CharField(max_length=200, blank=True)
    """Name and version of the pipeline that made the reports."""
    by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["laboratory", "name"], name="lab_run_named_once")]


class RunNoteKind(models.TextChoices):
    """What was changed on an instrument."""

    REAGENT = "reagent"
    SOFTWARE = "software"
    SERVICE = "service"
    OTHER = "other"


class RunNote(models.Model):
    """A change on an instrument, drawn in its control charts. ``restarts``: limits are computed anew from that day."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    laboratory = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+")
    instrument = models.CharField(max_length=80)
    on = models.DateField()
    kind = models.CharField(max_length=10, choices=RunNoteKind.choices)
    text = models.CharField(max_length=200)
    restarts = models.BooleanField(default=False)
    by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=RunNoteKind.values), name="lab_run_note_kind_known"),
            models.CheckConstraint(condition=~Q(text=""), name="lab_run_note_has_text"),
        ]


class QualityFile(models.Model):
    """A report of a quality tool, or a depth file, of a case. A changed file is a new row; the old one is set aside.

    ``measurements``: [{sample, metric, value, unit, producer, version}], unknown columns included. The text itself is
    not kept; ``sha256`` tells it again. ``sample`` is the person of a report of one.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="quality_files")
    run = models.ForeignKey(SequencingRun, on_delete=models.PROTECT, null=True, related_name="quality_files")
    assay = models.CharField(max_length=10, choices=AssayKind.choices)
    kind = models.CharField(max_length=30)
    name = models.CharField(max_length=255)
    sample = models.CharField(max_length=60, blank=True)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.BigIntegerField()
    measurements = models.JSONField(default=list)
    stored_as = models.CharField(max_length=120, blank=True)
    """A depth file's place in the data folder until its coverage is computed; empty otherwise."""
    problem = models.JSONField(null=True)
    superseded = models.BooleanField(default=False)
    uploaded_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind", "name"], condition=Q(superseded=False), name="lab_quality_file_current_once"
            ),
            models.CheckConstraint(condition=Q(assay__in=AssayKind.values), name="lab_quality_file_assay_known"),
        ]


class QualityValue(models.Model):
    """A known metric of one person, for charts over runs; the same number as in the file's measurements."""

    file = models.ForeignKey(QualityFile, on_delete=models.CASCADE, related_name="values")
    sample = models.CharField(max_length=60)
    metric = models.CharField(max_length=40)
    value = models.FloatField()

    class Meta:
        indexes = [models.Index(fields=["metric"], name="lab_quality_value_metric")]


class SampleCoverage(models.Model):
    """Coverage of one person in all coding exons, from one depth file. ``folder`` holds exons and gaps as Parquet."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    file = models.OneToOneField(QualityFile, on_delete=models.PROTECT, related_name="coverage")
    folder = models.CharField(max_length=120)
    minimum_x = models.PositiveIntegerField()
    padding_before = models.PositiveIntegerField()
    padding_after = models.PositiveIntegerField()
    transcripts = models.CharField(max_length=200)
    """The transcript set's name and checksum."""
    at = models.DateTimeField(auto_now_add=True)


class SampleFingerprint(models.Model):
    """Genotypes at coding sites of a sample, to know the person again in a later one. Of one analysis and one build."""

    sample = models.OneToOneField(Sample, on_delete=models.CASCADE, related_name="fingerprint")
    analysis = models.ForeignKey(Analysis, on_delete=models.PROTECT, related_name="+")
    build = models.CharField(max_length=10)
    genotypes = models.BinaryField()
    at = models.DateTimeField(auto_now=True)
