"""Arrival of the tubes: each is registered once, with the name that the sequencing files will carry."""

from __future__ import annotations

import re
from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from django.http import Http404
from django.utils import timezone

from varde.genome.errors import InputError
from varde_node.lab.case_access import case_for
from varde_node.lab.models import Case, CaseState, Sample
from varde_node.people.services import Actor

_BARCODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}\Z")


def receive_sample(actor: Actor, case_id: UUID, sample_id: UUID, barcode: str = "") -> None:
    """Register that a tube has come. ``barcode`` is its label and the sample name in the VCF; the name that the case
    proposed when empty. The last tube moves the case on. The same tube registered again changes nothing.

    Raises InputError ``barcode``, ``barcode_taken``, ``already_received`` or ``not_expected``.
    """
    receive_samples(actor, case_id, {sample_id: barcode})


@transaction.atomic
def receive_samples(actor: Actor, case_id: UUID, barcodes: Mapping[UUID, str]) -> None:
    """Register several tubes of a case at once, all or none."""
    case = case_for(actor, "lab.sample.receive", case_id, lock=True, details={"tubes": len(barcodes)})
    samples = {sample.id: sample for sample in case.samples.all()}
    for sample_id, barcode in barcodes.items():
        if sample_id not in samples:
            raise Http404
        _receive(actor, case, samples[sample_id], barcode.strip())
    if case.state == CaseState.ORDERED and all(sample.received_at for sample in samples.values()):
        case.state = CaseState.SAMPLES_RECEIVED
        case.save(update_fields=["state"])


def _receive(actor: Actor, case: Case, sample: Sample, barcode: str) -> None:
    name = barcode or sample.name
    if sample.received_at is not None:
        if name == sample.name:
            return
        raise InputError(
            "already_received",
            f"This tube is registered as {sample.name}.",
            "Check the label; a registered tube is not renamed.",
            field="barcode",
        )
    if case.state != CaseState.ORDERED:
        raise InputError(
            "not_expected", "This case expects no tube.", "Check the number on the requisition.", field="barcode"
        )
    if not _BARCODE.match(name):
        raise InputError(
            "barcode",
            "A barcode has 1 to 60 letters, digits, dots, hyphens or underscores.",
            "Scan the label of the tube again.",
            field="barcode",
        )
    _refuse_taken(case, sample, name)
    sample.name = name
    sample.received_at = timezone.now()
    sample.received_by_id = actor.account_id
    sample.save(update_fields=["name", "received_at", "received_by"])


def _refuse_taken(case: Case, sample: Sample, name: str) -> None:
    """A barcode belongs to one person in the laboratory: the same on another person's tube means mixed-up tubes."""
    others = Sample.objects.filter(case__laboratory_id=case.laboratory_id, name=name).exclude(id=sample.id)
    if others.exclude(person_id=sample.person_id).exists() or others.filter(case=case).exists():
        raise InputError(
            "barcode_taken",
            f"The barcode {name} belongs to another person's tube.",
            "Scan the label again; if it is the same, the tubes may be mixed up.",
            field="barcode",
        )
