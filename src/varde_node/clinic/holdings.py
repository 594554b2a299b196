"""What the clinic tells the consent domain: whom it treats, and which data it holds about a person."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.db.models import Count, Min, Q
from django.utils.translation import gettext_lazy as _

from varde_node.clinic.models import Answer, Order, OrderState
from varde_node.consent.contracts import Holding
from varde_node.people.services import Actor


def treats(actor: Actor, person_id: UUID) -> bool:
    """Whether the actor's clinic has an order, not cancelled, on which the person is examined."""
    if actor.organisation_id is None:
        return False
    concerned = Q(patient_id=person_id) | Q(mother_id=person_id) | Q(father_id=person_id)
    concerned |= Q(relatives__person_id=person_id)
    return Order.objects.filter(concerned, clinic_id=actor.organisation_id).exclude(state=OrderState.CANCELLED).exists()


def holdings(person_id: UUID) -> Iterator[Holding]:
    """Orders and answers about the person as patient."""
    hospital = _("The hospital that treats the family")
    orders = Order.objects.filter(patient_id=person_id).aggregate(number=Count("id"), since=Min("created_at"))
    if orders["number"]:
        yield Holding(_("Orders of examinations"), orders["number"], orders["since"], hospital, _("Part of the record"))
    answers = Answer.objects.filter(order__patient_id=person_id).aggregate(number=Count("id"), since=Min("released_at"))
    if answers["number"]:
        yield Holding(_("Answers"), answers["number"], answers["since"], hospital, _("Part of the record"))
