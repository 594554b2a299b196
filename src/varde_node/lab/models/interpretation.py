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
    contig-start-motif-count; ``criteria`` is a list of {code, state, strength, by, reason}.
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
    phenotype_fit = models.CharField(max_length=20, blank=True)
    """How specific the child's phenotype is for the gene, as the person judged it (PS2, PM6); empty: not judged."""
    points = models.DecimalField(max_digits=6, decimal_places=2)
    """Whole for small variants; hundredths for copy numbers (ACMG/ClinGen 2020)."""
    suggested_class = models.PositiveSmallIntegerField()
    chosen_class = models.PositiveSmallIntegerField()
    ruleset = models.CharField(max_length=60)
    reasoning = models.TextField()
    in_answer = models.BooleanField()
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
    scope = models.CharField(max_length=12, choices=Scope.choices)
    conclusion = models.CharField(max_length=20, choices=Conclusion.choices)
    gene = models.CharField(max_length=60, blank=True)
    inheritance_mode = models.CharField(max_length=60, blank=True)
    summary = models.TextField()
    assessments = models.ManyToManyField(Assessment, related_name="+")
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
        ]
