"""What people decide of variants and cases. Append-only."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from varde_node.lab.models.cases import Case, Scope


class VariantKind(models.TextChoices):
    """What sort of variant is assessed, which decides how its text and its criteria are read."""

    SMALL = "small"
    MITOCHONDRIAL = "mitochondrial"
    STRUCTURAL = "structural"
    REPEAT = "repeat"


class Assessment(models.Model):
    """One person's classification of one variant in one case. Append-only: a newer row supersedes, none is changed.

    ``variant`` is the text contig-position-ref-alt, of a structural one contig-start-end-type, of a repeat
    contig-start-motif-count; ``criteria`` is a list of {code, state, strength, by, at, reason}.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="assessments")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=14, choices=VariantKind.choices, default=VariantKind.SMALL)
    variant = models.CharField(max_length=400)
    build = models.CharField(max_length=10)
    gene = models.CharField(max_length=60)
    names = models.JSONField(default=dict)
    criteria = models.JSONField(default=list)
    answers = models.JSONField(default=dict)
    """What the person knew of the variant and the family (``varde.interpretation.acmg.answers``), by field."""
    points = models.DecimalField(max_digits=6, decimal_places=2)
    """Whole for small variants; hundredths for copy numbers (ACMG/ClinGen 2020)."""
    suggested_class = models.PositiveSmallIntegerField()
    chosen_class = models.PositiveSmallIntegerField()
    ruleset = models.CharField(max_length=60)
    reasoning = models.TextField()
    in_answer = models.BooleanField()
    based_on = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    """The laboratory's earlier assessment, of this case or another, that was taken over."""
    based_on_register = models.JSONField(null=True)
    """Another laboratory's class that was taken over: {laboratory, acmg_class, guideline, year, month}."""
    reconfirmed = models.BooleanField(default=False)
    """Whether what was taken over was outdated, and the author looked at the evidence again."""
    author = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "variant", "number"], name="lab_assessment_numbered"),
            models.CheckConstraint(
                condition=Q(chosen_class__gte=1) & Q(chosen_class__lte=5), name="lab_assessment_class_1_to_5"
            ),
            models.CheckConstraint(condition=Q(kind__in=VariantKind.values), name="lab_assessment_kind_known"),
        ]
        indexes = [models.Index(fields=["build", "variant"], name="lab_assessment_by_variant")]


class DismissalReason(models.TextChoices):
    """Why a candidate is set aside without a class."""

    TECHNICAL = "technical"
    INHERITANCE = "inheritance"
    PHENOTYPE = "phenotype"
    GENE = "gene"
    FREQUENCY = "frequency"
    EFFECT = "effect"
    OTHER = "other"


class Dismissal(models.Model):
    """A variant of a case set aside with a reason, or (``active`` false) taken up again. Append-only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="dismissals")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=14, choices=VariantKind.choices, default=VariantKind.SMALL)
    variant = models.CharField(max_length=400)
    gene = models.CharField(max_length=60, blank=True)
    names = models.JSONField(default=dict)
    active = models.BooleanField()
    reason = models.CharField(max_length=20, choices=DismissalReason.choices)
    comment = models.TextField()
    author = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "variant", "number"], name="lab_dismissal_numbered"),
            models.CheckConstraint(condition=Q(reason__in=DismissalReason.values), name="lab_dismissal_reason_known"),
            models.CheckConstraint(condition=~Q(comment=""), name="lab_dismissal_has_comment"),
        ]


class RoundKind(models.TextChoices):
    """Why a case is interpreted: for its first answer, to correct one, or with the knowledge of a later day."""

    FIRST = "first"
    CORRECTION = "correction"
    REANALYSIS = "reanalysis"


class Conclusion(models.TextChoices):
    """What the interpretation says of the child."""

    EXPLAINS = "explains"
    POSSIBLE = "possible"
    NO_CERTAIN_FINDING = "no_certain_finding"


class Interpretation(models.Model):
    """A conclusion by one person and, for it to be an answer, the approval of another.

    ``number`` counts the rounds of a case. A returned round keeps its row; a new one begins.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="interpretations")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=RoundKind.choices, default=RoundKind.FIRST)
    reopening = models.ForeignKey("Reopening", on_delete=models.PROTECT, null=True, related_name="rounds")
    """What opened the case again, for rounds after a signed answer."""
    scope = models.CharField(max_length=12, choices=Scope.choices)
    conclusion = models.CharField(max_length=20, choices=Conclusion.choices)
    gene = models.CharField(max_length=60, blank=True)
    inheritance_mode = models.CharField(max_length=60, blank=True)
    summary = models.TextField()
    assessments = models.ManyToManyField(Assessment, related_name="+")
    dismissals = models.ManyToManyField(Dismissal, related_name="+")
    author = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(auto_now_add=True)
    approver = models.ForeignKey("people.Account", on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    returned_at = models.DateTimeField(null=True)
    returned_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, null=True, related_name="+")
    return_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="lab_interpretation_numbered"),
            models.CheckConstraint(
                condition=Q(approver__isnull=True) | ~Q(approver=F("author")), name="lab_approver_is_not_the_author"
            ),
            models.CheckConstraint(
                condition=Q(approver__isnull=True, approved_at__isnull=True)
                | Q(approver__isnull=False, approved_at__isnull=False),
                name="lab_approval_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(returned_at__isnull=True) | Q(approved_at__isnull=True),
                name="lab_returned_or_approved",
            ),
            models.CheckConstraint(
                condition=Q(kind="first", reopening__isnull=True) | ~Q(kind="first") & Q(reopening__isnull=False),
                name="lab_later_round_has_reopening",
            ),
        ]


class Reopening(models.Model):
    """A signed case opened again. The answer that stood is linked and stays as it was given."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="reopenings")
    kind = models.CharField(max_length=12, choices=RoundKind.choices)
    answered = models.ForeignKey(Interpretation, on_delete=models.PROTECT, related_name="+")
    """The approved round whose answer stands until the next one is approved."""
    reason = models.TextField()
    by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["answered"], name="lab_answer_reopened_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="lab_reopening_has_reason"),
            models.CheckConstraint(
                condition=Q(kind__in=[RoundKind.CORRECTION, RoundKind.REANALYSIS]), name="lab_reopening_kind_known"
            ),
        ]


class Reconfirmation(models.Model):
    """A person looked at the evidence of a class again, outside of a case's round, and found that it holds."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="reconfirmations")
    reasoning = models.TextField()
    by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reasoning=""), name="lab_reconfirmation_has_reasoning")]
