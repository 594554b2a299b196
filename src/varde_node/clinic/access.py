"""Who may do what with orders and answers."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from varde_node.people.services import (
    Actor,
    NavigationItem,
    Relation,
    Role,
    Rule,
    register_navigation,
    register_rules,
)

ORDERERS = (Role.CLINICIAN, Role.COUNSELLOR)
LABORATORY = (Role.LABORATORY_GENETICIST, Role.SECOND_READER)
CARE = (Relation.CARE,)
FAMILY = (Relation.SELF, Relation.PROXY)

RULES = (
    Rule("clinic.orders.read", ORDERERS, logged=False),
    Rule("clinic.patient.look_up", ORDERERS),
    Rule("clinic.order.write", ORDERERS, CARE),
    Rule("clinic.order.read", ORDERERS, CARE),
    Rule("clinic.order.read", LABORATORY, [Relation.ASSIGNED]),
    Rule("clinic.order.sign", [Role.CLINICIAN], CARE),
    Rule("clinic.order.cancel", [Role.CLINICIAN], CARE),
    Rule("clinic.consent.record", ORDERERS, CARE),
    Rule("clinic.counselling.record", ORDERERS, CARE),
    Rule("clinic.answer.read", ORDERERS, CARE),
    Rule("clinic.answer.read", LABORATORY, [Relation.ASSIGNED]),
    Rule("clinic.answer.share", ORDERERS, CARE),
    Rule("clinic.family_answer.read", ORDERERS, CARE),
    Rule("clinic.family_answer.read", [Role.PATIENT], FAMILY),
    Rule("clinic.my_answers.read", [Role.PATIENT], logged=False),
    Rule("clinic.answer.fhir", ORDERERS, CARE),
    Rule("clinic.answer.fhir", LABORATORY, [Relation.ASSIGNED]),
    Rule("clinic.answer.fhir", [Role.PATIENT], FAMILY),
)


def register() -> None:
    """Register rules and navigation."""
    register_rules(RULES)
    register_navigation(NavigationItem(_("Orders"), "clinic:orders", "clinic.orders.read", 10))
    register_navigation(NavigationItem(_("Answers"), "clinic:my_answers", "clinic.my_answers.read", 20))


def relations(actor: Actor, clinic_id: UUID, laboratory_id: UUID | None = None) -> tuple[Relation, ...]:
    """What connects the actor to an order: the clinic that gives the care, the laboratory that it was sent to."""
    held = []
    if actor.organisation_id is not None and actor.organisation_id == clinic_id:
        held.append(Relation.CARE)
    if actor.organisation_id is not None and actor.organisation_id == laboratory_id:
        held.append(Relation.ASSIGNED)
    return tuple(held)
