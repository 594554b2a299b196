"""Classes that laboratories gave variants. No person, no case, and nothing that ties two variants of one case."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from varde.genome.builds import Build


class InterpretationState(models.TextChoices):
    """Whether a class is what its laboratory says today."""

    CURRENT = "current"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class EarlierInterpretation(models.Model):
    """One laboratory's class of one variant. Append-only but for its state: a newer row supersedes, none is changed.

    ``variant`` is the normalised text contig-position-ref-alt. ``year`` and ``month`` are those of the signing: a
    day would point back to the case. ``guideline`` names the rule set with its version; ``disease_group`` is one of
    ``varde.frequency.cells.DiseaseGroup``.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    build = models.CharField(max_length=10)
    variant = models.CharField(max_length=400)
    acmg_class = models.PositiveSmallIntegerField()
    guideline = models.CharField(max_length=60)
    laboratory = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+")
    disease_group = models.CharField(max_length=20)
    year = models.PositiveSmallIntegerField()
    month = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=InterpretationState.choices, default=InterpretationState.CURRENT)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(acmg_class__gte=1) & Q(acmg_class__lte=5), name="interpretation_class_1_to_5"
            ),
            models.CheckConstraint(
                condition=Q(state__in=InterpretationState.values), name="interpretation_state_known"
            ),
            models.CheckConstraint(condition=Q(month__gte=1) & Q(month__lte=12), name="interpretation_month_1_to_12"),
            models.CheckConstraint(condition=Q(build__in=[str(build) for build in Build]), name="interpretation_build"),
            models.UniqueConstraint(
                fields=["build", "variant", "laboratory"],
                condition=Q(state="current"),
                name="interpretation_one_current_per_laboratory",
            ),
        ]
        indexes = [models.Index(fields=["build", "variant"], name="interpretation_by_variant")]


class DisagreementMessage(models.Model):
    """What one laboratory wrote to the others of a variant that they classify differently. Append-only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    build = models.CharField(max_length=10)
    variant = models.CharField(max_length=400)
    laboratory = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="disagreement_message_has_text")]
        indexes = [models.Index(fields=["build", "variant"], name="disagreement_by_variant")]


class Outcome(models.TextChoices):
    """How a disagreement ended."""

    AGREED = "agreed"
    DIFFERENT = "different"
    MORE_EVIDENCE = "more_evidence"


class DisagreementOutcome(models.Model):
    """How laboratories ended a disagreement, written down by one of them. It changes no class. Append-only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    build = models.CharField(max_length=10)
    variant = models.CharField(max_length=400)
    outcome = models.CharField(max_length=14, choices=Outcome.choices)
    acmg_class = models.PositiveSmallIntegerField(null=True)
    text = models.TextField()
    laboratory = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="disagreement_outcome_known"),
            models.CheckConstraint(
                condition=Q(outcome="agreed", acmg_class__isnull=False, acmg_class__gte=1, acmg_class__lte=5)
                | ~Q(outcome="agreed") & Q(acmg_class__isnull=True),
                name="disagreement_agreement_names_the_class",
            ),
        ]
        indexes = [models.Index(fields=["build", "variant"], name="disagreement_outcome_variant")]
