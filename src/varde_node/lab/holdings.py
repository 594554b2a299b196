"""What the laboratory tells the consent domain: which data it holds about a person."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.db.models import Count, Min
from django.utils.translation import gettext_lazy as _

from varde_node.consent.contracts import Holding
from varde_node.lab.models import Assessment, Sample, VariantFile


def holdings(person_id: UUID) -> Iterator[Holding]:
    """Samples, files with the person's variants, and what was concluded of single variants."""
    laboratory = _("The laboratory")
    samples = Sample.objects.filter(person_id=person_id, received_at__isnull=False)
    found = samples.aggregate(number=Count("id"), since=Min("received_at"))
    if found["number"]:
        yield Holding(_("Samples"), found["number"], found["since"], laboratory, _("To be able to examine again"))
    files = VariantFile.objects.filter(case__samples__person_id=person_id)
    found = files.aggregate(number=Count("id", distinct=True), since=Min("uploaded_at"))
    if found["number"]:
        kept = _("The answer rests on them; they hold the family's variants")
        yield Holding(_("Files with genetic data"), found["number"], found["since"], laboratory, kept)
    assessments = Assessment.objects.filter(case__patient_id=person_id)
    found = assessments.aggregate(number=Count("id"), since=Min("at"))
    if found["number"]:
        kept = _("Part of the record; nothing is overwritten")
        yield Holding(_("Assessments of variants"), found["number"], found["since"], laboratory, kept)
