"""A case begins with the clinic's order and may be cancelled by it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models.functions import Length
from django.utils import timezone

from varde.genome.errors import InputError
from varde.genome.kin import places_of
from varde_node.lab.contracts import LabOrder
from varde_node.lab.models import SEVERAL, Case, CaseState, FamilyRole, PanelVersion, Sample
from varde_node.people import queries as people
from varde_node.people.services import Actor, require

TURNAROUND_DAYS: Mapping[bool, int] = {True: 21, False: 60}
"""Days from order to answer by urgency. Varde's proposal, to be agreed with the clinics."""
CANCELLABLE = (CaseState.ORDERED, CaseState.SAMPLES_RECEIVED)
_NUMBER_ATTEMPTS = 20
_HPO = re.compile(r"HP:\d{7}\Z")


@transaction.atomic
def open_case(actor: Actor, order: LabOrder) -> UUID:
    """Open the case of a signed order, or return the one that the order has.

    Raises InputError ``unknown_laboratory``, ``unknown_panel``, ``family`` or ``unknown_hpo``.
    """
    require(actor, "lab.case.open", subject=order.patient_id, object_id=order.order_id, organisation=order.requester_id)
    known = Case.objects.filter(order_id=order.order_id).values_list("id", flat=True).first()
    if known is not None:
        return known
    _check_order(order)
    panel = PanelVersion.objects.filter(name=order.panel_name, version=order.panel_version).first()
    if panel is None:
        raise InputError(
            "unknown_panel",
            f"The laboratory has no panel {order.panel_name!r} of version {order.panel_version!r}.",
            "Choose one of the laboratory's panels.",
            field="panel",
        )
    case = _numbered_case(order, panel)
    places = places_of(one.role for one in order.family)
    Sample.objects.bulk_create(
        Sample(
            case=case,
            person_id=one.person_id,
            role=one.role,
            place=place,
            name=f"{case.number}-{place.replace('_', '-')}",
            affected=one.affected,
        )
        for one, place in zip(order.family, places, strict=True)
    )
    return case.id


@transaction.atomic
def cancel_case(actor: Actor, order_id: UUID, reason: str) -> None:
    """Cancel the case of an order whose samples have not been analysed.

    Raises InputError ``reason_required``, ``unknown_order`` or ``too_late``.
    """
    if not reason.strip():
        raise InputError("reason_required", "A reason is missing.", "Write why the order is cancelled.", field="reason")
    case = Case.objects.select_for_update().filter(order_id=order_id).first()
    if case is None:
        raise InputError("unknown_order", "The laboratory has no case of this order.", "Cancel the order only.")
    require(
        actor,
        "lab.case.cancel",
        subject=case.patient_id,
        object_id=case.id,
        organisation=case.requester_id,
        personal={"reason": reason.strip()},
    )
    if case.state == CaseState.CANCELLED:
        return
    if case.state not in CANCELLABLE or case.interpretations.exists():
        raise InputError(
            "too_late", "The case is already analysed.", "Speak with the laboratory about the answer.", field="order"
        )
    case.state = CaseState.CANCELLED
    case.save(update_fields=["state"])


def _check_order(order: LabOrder) -> None:
    laboratory = people.organisation(order.laboratory_id)
    if laboratory is None or laboratory.kind != "laboratory":
        raise InputError(
            "unknown_laboratory", "The order names no laboratory.", "Choose a laboratory.", field="laboratory"
        )
    roles = [one.role for one in order.family]
    persons = {one.person_id for one in order.family}
    children = [one.person_id for one in order.family if one.role == FamilyRole.CHILD]
    once = [role for role in roles if role not in SEVERAL]
    if (
        children != [order.patient_id]
        or len(set(once)) != len(once)
        or len(persons) != len(roles)
        or not set(roles) <= set(FamilyRole.values)
    ):
        raise InputError(
            "family",
            "A family is one child, who is the patient, at most one of each parent and grandparent, and other "
            "relatives, each another person.",
            "Mend the family of the order.",
            field="family",
        )
    for term in (*order.hpo_terms, *order.hpo_excluded):
        if not _HPO.match(term):
            raise InputError(
                "unknown_hpo",
                f"{term!r} is not a term of the Human Phenotype Ontology.",
                "Write identifiers such as HP:0001250.",
                field="hpo_terms",
            )


def _numbered_case(order: LabOrder, panel: PanelVersion) -> Case:
    today = timezone.localdate()
    for _attempt in range(_NUMBER_ATTEMPTS):
        try:
            with transaction.atomic():
                return Case.objects.create(
                    number=_next_number(today.year),
                    order_id=order.order_id,
                    laboratory_id=order.laboratory_id,
                    requester_id=order.requester_id,
                    patient_id=order.patient_id,
                    indication=order.indication,
                    hpo_terms=list(order.hpo_terms),
                    hpo_excluded=list(order.hpo_excluded),
                    named_genes=list(order.named_genes),
                    panel=panel,
                    due_on=today + timedelta(days=TURNAROUND_DAYS[order.urgent]),
                    urgent=order.urgent,
                )
        except IntegrityError:
            # Another request took the number, or opened this very order.
            if Case.objects.filter(order_id=order.order_id).exists():
                raise
    raise RuntimeError("no free case number was found")


def _next_number(year: int) -> str:
    start = f"NO-{year}-"
    rows = Case.objects.filter(number__startswith=start).order_by(Length("number").desc(), "-number")
    last = rows.values_list("number", flat=True).first()
    return f"{start}{int(last.removeprefix(start)) + 1 if last else 1:04d}"
