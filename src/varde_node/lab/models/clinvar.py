"""What the laboratory has made ready for ClinVar."""

from __future__ import annotations

import uuid

from django.db import models


class ClinVarExport(models.Model):
    """One submission file, as it was made. ``records``: [{variant, build, acmg_class, condition}]. Never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    laboratory = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    records = models.JSONField()
    submission = models.JSONField()
    sha256 = models.CharField(max_length=64)
