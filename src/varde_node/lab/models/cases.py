"""The case and what it is made of: panel, samples, files, analyses."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q


class CaseState(models.TextChoices):
    """Where a case stands. Only the services move it."""

    ORDERED = "ordered"
    SAMPLES_RECEIVED = "samples_received"
    ANALYSING = "analysing"
    QUALITY_STOP = "quality_stop"
    INTERPRETATION = "interpretation"
    APPROVAL = "approval"
    SIGNED = "signed"
    CANCELLED = "cancelled"


class FamilyRole(models.TextChoices):
    """What a person is to the patient (the child): the values of ``varde.genome.kin.Kin``."""

    CHILD = "child"
    MOTHER = "mother"
    FATHER = "father"
    SIBLING = "sibling"
    MATERNAL_HALF_SIBLING = "maternal_half_sibling"
    PATERNAL_HALF_SIBLING = "paternal_half_sibling"
    MATERNAL_GRANDMOTHER = "maternal_grandmother"
    MATERNAL_GRANDFATHER = "maternal_grandfather"
    PATERNAL_GRANDMOTHER = "paternal_grandmother"
    PATERNAL_GRANDFATHER = "paternal_grandfather"
    OFFSPRING = "offspring"
    OTHER = "other"


SEVERAL = (
    FamilyRole.SIBLING,
    FamilyRole.MATERNAL_HALF_SIBLING,
    FamilyRole.PATERNAL_HALF_SIBLING,
    FamilyRole.OFFSPRING,
    FamilyRole.OTHER,
)
"""Roles that several people of one case may have."""


class Scope(models.TextChoices):
    """Which genes are looked at."""

    PANEL = "panel"
    ALL_GENES = "all_genes"


class FileKind(models.TextChoices):
    """What a variant file holds; told from the file itself."""

    SMALL = "small"
    STRUCTURAL = "structural"
    REPEAT = "repeat"


class PanelVersion(models.Model):
    """One version of a gene panel, never changed once stored. ``genes``: [{symbol, confidence, inheritance}].

    ``notes``: {renamed: [[former, current]], unknown: [symbol], ambiguous: [[symbol, [candidates]]], left_out: [name]},
    what was found when it was stored. ``incidental``: a list of findings that are shown only to who asks for them.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    version = models.CharField(max_length=40)
    source = models.CharField(max_length=200)
    genes = models.JSONField()
    notes = models.JSONField(default=dict)
    incidental = models.BooleanField(default=False)
    author = models.ForeignKey("people.Account", on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "version"], name="lab_panel_version_once")]


class Case(models.Model):
    """One examination of one family. ``order_id`` is the clinic's order; no foreign key crosses the border."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=20, unique=True)
    order_id = models.UUIDField(unique=True)
    laboratory = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+")
    requester = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    indication = models.TextField()
    hpo_terms = models.JSONField(default=list)
    hpo_excluded = models.JSONField(default=list)
    """Terms that the patient was examined for and does not have."""
    hpo_onsets = models.JSONField(default=dict)
    """Onset by term, where it is told: a term of onset, or an age such as P3M."""
    named_genes = models.JSONField(default=list)
    """Genes that the clinician named on the order."""
    panel = models.ForeignKey(PanelVersion, on_delete=models.PROTECT, related_name="+")
    scope = models.CharField(max_length=12, choices=Scope.choices, default=Scope.PANEL)
    state = models.CharField(max_length=20, choices=CaseState.choices, default=CaseState.ORDERED)
    received_at = models.DateTimeField(auto_now_add=True)
    due_on = models.DateField()
    urgent = models.BooleanField(default=False)
    assignee = models.ForeignKey("people.Account", on_delete=models.PROTECT, null=True, related_name="+")
    """Who works on it, after the newest row of ``assignments``."""
    counted_at = models.DateTimeField(null=True)
    """When it was settled who of the family is counted in the frequency register."""

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=CaseState.values), name="lab_case_state_known"),
            models.CheckConstraint(condition=Q(scope__in=Scope.values), name="lab_case_scope_known"),
        ]
        indexes = [
            models.Index(fields=["laboratory", "state"], name="lab_case_work_list"),
            models.Index(fields=["laboratory", "-urgent", "due_on", "number"], name="lab_case_by_press"),
        ]

    def missing_files(self) -> list[str]:
        """Names of the samples whose small variants no current file brings."""
        current = self.files.filter(superseded=False, kind=FileKind.SMALL)
        brought = {name for names in current.values_list("samples", flat=True) for name in names}
        return [name for name in self.samples.order_by("role").values_list("name", flat=True) if name not in brought]


class Sample(models.Model):
    """A tube of one family member. ``name`` is the sample name that the VCF must carry."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="samples")
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=24, choices=FamilyRole.choices)
    place = models.CharField(max_length=30)
    """The role, with a number from the second of several: ``sibling_2``; the order's, whatever the tube is called."""
    name = models.CharField(max_length=60)
    affected = models.BooleanField(null=True)
    """None: not known."""
    received_at = models.DateTimeField(null=True)
    received_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, null=True, related_name="+")
    register_run = models.CharField(max_length=80, blank=True)
    """The frequency register's name for this person's contribution; the register knows nothing of the person."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "role"], condition=~Q(role__in=SEVERAL), name="lab_sample_role_once_per_case"
            ),
            models.UniqueConstraint(fields=["case", "place"], name="lab_sample_place_once_per_case"),
            models.UniqueConstraint(fields=["case", "name"], name="lab_sample_name_once_per_case"),
        ]


class VariantFile(models.Model):
    """An uploaded VCF or BCF, kept as it came. ``stored_as`` is relative to the data folder and holds no given name."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="files")
    given_name = models.CharField(max_length=120)
    stored_as = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=12, choices=FileKind.choices, default=FileKind.SMALL)
    samples = models.JSONField()
    """Sample names in the file's header: those of this case that it brings."""
    sha256 = models.CharField(max_length=64)
    size_bytes = models.BigIntegerField()
    uploaded_at = models.DateTimeField(auto_now_add=True)
    uploaded_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    superseded = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "sha256"], condition=Q(superseded=False), name="lab_file_once_per_case"
            ),
            models.CheckConstraint(condition=Q(kind__in=FileKind.values), name="lab_file_kind_known"),
        ]


class Analysis(models.Model):
    """One run of the library over a case's files. ``folder`` holds the prepared case; the newest finished counts."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="analyses")
    job_id = models.UUIDField(null=True)
    folder = models.CharField(max_length=120, blank=True)
    finished_at = models.DateTimeField(null=True)
    problem = models.JSONField(null=True)
    """Problem details of an input error: code, problem, remedy, source, line, field."""
    quality = models.JSONField(null=True)
    stops_sign_off = models.BooleanField(default=False)
    versions = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)


class QualityOverride(models.Model):
    """A named person let a case with a red light go on, with a reason that is printed in the answer."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    analysis = models.OneToOneField(Analysis, on_delete=models.PROTECT, related_name="override")
    by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="lab_override_has_reason")]


class GeneOpening(models.Model):
    """All genes were opened beyond the panel: who, why, and the consent decision that allowed it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="opening")
    by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    consent_rule = models.CharField(max_length=80)
    variants_added = models.PositiveIntegerField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="lab_opening_has_reason")]
