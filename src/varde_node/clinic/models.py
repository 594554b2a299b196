"""Tables of the clinic. Private to the domain."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q


class OrderState(models.TextChoices):
    """Where an order stands on the clinic's side; the laboratory's stations are asked of the laboratory."""

    DRAFT = "draft"
    SIGNED = "signed"
    ANSWERED = "answered"
    CANCELLED = "cancelled"


class OrderPurpose(models.TextChoices):
    """Why the examination is asked for."""

    DIAGNOSTIC = "diagnostic"


class Order(models.Model):
    """A requisition for a family's examination."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=20, unique=True)
    clinic = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+")
    laboratory = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+")
    clinician = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    mother = models.ForeignKey("people.Person", on_delete=models.PROTECT, null=True, related_name="+")
    father = models.ForeignKey("people.Person", on_delete=models.PROTECT, null=True, related_name="+")
    """None: the parent is not examined."""
    purpose = models.CharField(max_length=20, choices=OrderPurpose.choices, default=OrderPurpose.DIAGNOSTIC)
    indication = models.TextField()
    hpo_terms = models.JSONField(default=list)
    hpo_excluded = models.JSONField(default=list)
    """Terms that were looked for and not found."""
    named_genes = models.JSONField(default=list)
    """Genes that the clinician suspects."""
    panel_name = models.CharField(max_length=200)
    panel_version = models.CharField(max_length=40)
    """The panel that is looked at first."""
    mother_affected = models.BooleanField(default=False)
    father_affected = models.BooleanField(default=False)
    urgent = models.BooleanField(default=False)
    state = models.CharField(max_length=12, choices=OrderState.choices, default=OrderState.DRAFT)
    created_at = models.DateTimeField(auto_now_add=True)
    signed_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancel_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=OrderState.values), name="clinic_order_state_known"),
            models.CheckConstraint(
                condition=Q(state=OrderState.DRAFT) | Q(state=OrderState.CANCELLED) | Q(signed_at__isnull=False),
                name="clinic_signed_order_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state=OrderState.CANCELLED) | ~Q(cancel_reason=""),
                name="clinic_cancelled_order_has_reason",
            ),
        ]
        indexes = [models.Index(fields=["clinic", "state"], name="clinic_order_list")]


class OrderRelative(models.Model):
    """Another relative who is examined with the patient. ``role`` is a value of ``varde.genome.kin.Kin``."""

    id = models.BigAutoField(primary_key=True)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="relatives")
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=24)
    affected = models.BooleanField(null=True)
    """None: not known."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "person"], name="clinic_order_relative_once")]


class Counselling(models.Model):
    """Genetic counselling given to the family, as the law and good practice ask for."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="counselling")
    by_name = models.CharField(max_length=120)
    competence = models.CharField(max_length=120)
    held_on = models.DateField()
    language = models.CharField(max_length=40)
    interpreter = models.BooleanField(default=False)
    recorded_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)


class Answer(models.Model):
    """The released answer of an order: what was said, frozen. A correction is a new version; the old one stays.

    The database refuses to change or delete what was said; only the times of reading and sharing are set later.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="answers")
    version = models.PositiveIntegerField()
    content = models.JSONField()
    """The signed case as the laboratory handed it over, in plain values."""
    fhir_bundle = models.JSONField()
    released_at = models.DateTimeField(auto_now_add=True)
    read_by_clinician_at = models.DateTimeField(null=True)
    shared_with_family_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "version"], name="clinic_answer_version_once")]
