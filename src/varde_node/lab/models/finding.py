"""How variants are found: filter chains, and the changes of a case's panel. Append-only."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from varde_node.lab.models.cases import Case, PanelVersion


class CaseKind(models.TextChoices):
    """What sort of family a case is, which decides its chain where nobody chose one."""

    SINGLE = "single"
    TRIO = "trio"
    OTHER = "other"


class FilterChainVersion(models.Model):
    """One version of a laboratory's filter chain, never changed. ``settings`` as ``varde.interpretation.chain``."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    laboratory = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=100)
    version = models.PositiveIntegerField()
    description = models.TextField(blank=True)
    settings = models.JSONField()
    author = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["laboratory", "name", "version"], name="lab_chain_version_once"),
            models.CheckConstraint(condition=~Q(name=""), name="lab_chain_has_name"),
        ]


class ChainChoice(models.Model):
    """A chain chosen for a kind of case, or for one case; the newest row counts. ``chain`` None: the library's own."""

    id = models.BigAutoField(primary_key=True)
    laboratory = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=CaseKind.choices, blank=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="chain_choices")
    chain = models.ForeignKey(FilterChainVersion, on_delete=models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(Q(case__isnull=True) & ~Q(kind="")) | (Q(case__isnull=False) & Q(kind="")),
                name="lab_chain_choice_for_kind_or_case",
            )
        ]
        indexes = [models.Index(fields=["laboratory", "kind", "-id"], name="lab_chain_choice_newest")]


class PanelChange(models.Model):
    """A case was given another panel, or another version of it, with a reason."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="panel_changes")
    before = models.ForeignKey(PanelVersion, on_delete=models.PROTECT, related_name="+")
    after = models.ForeignKey(PanelVersion, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="lab_panel_change_has_reason"),
            models.CheckConstraint(condition=~Q(before=F("after")), name="lab_panel_change_changes"),
        ]
