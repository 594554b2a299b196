"""The Matchmaker Exchange: services that are asked and may ask, profiles that are told of, and every question."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from varde_node.lab.models.cases import Case


class MatchmakingService(models.Model):
    """A service of other hospitals. ``token_sha256`` is of the token that it must show; empty: it may not ask us.

    ``countries`` are those where it works on the data. The token that we show it lies in the data folder, not here.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120, unique=True)
    address = models.CharField(max_length=300, blank=True)
    countries = models.JSONField()
    account = models.OneToOneField("people.Account", on_delete=models.PROTECT, related_name="+")
    token_sha256 = models.CharField(max_length=64, blank=True)
    active = models.BooleanField(default=True)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["token_sha256"], condition=~Q(token_sha256=""), name="lab_matchmaker_token_once"
            )
        ]


class MatchProfile(models.Model):
    """What a case tells of its patient: candidate genes and signs. ``id`` is the name that the exchange sees.

    ``genes``: [{symbol, variant}], the variant's text or ''. Stopped rather than deleted: what was told stays told.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="match_profiles")
    genes = models.JSONField()
    hpo_terms = models.JSONField()
    build = models.CharField(max_length=10)
    reason = models.TextField()
    by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    stopped_at = models.DateTimeField(null=True)
    stopped_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(stopped_at=None), name="lab_match_profile_one_open_per_case"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="lab_match_profile_has_reason"),
        ]


class MatchQuestion(models.Model):
    """One question to or from a service. Append-only but for the answer of a question that was sent.

    Of a question that came, ``told`` names the profiles told of; of one that was sent, ``results`` keeps what was
    answered: [{score, patient}], in the exchange's own form.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey(MatchmakingService, on_delete=models.PROTECT, related_name="questions")
    profile = models.ForeignKey(MatchProfile, on_delete=models.PROTECT, null=True, related_name="questions")
    at = models.DateTimeField(auto_now_add=True)
    answered_at = models.DateTimeField(null=True)
    told = models.JSONField(default=list)
    results = models.JSONField(default=list)
    disclaimer = models.TextField(blank=True)
    problem = models.CharField(max_length=300, blank=True)
