"""The notes page of a case: the discussion with the clinician, comments, files, and second methods."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import Http404

from varde_node.lab.case_access import case_for
from varde_node.lab.contracts import Discussion, Said
from varde_node.lab.models import Case, CaseState
from varde_node.lab.queries.beside import AttachmentView, attachments_of, comments_of
from varde_node.lab.queries.confirmations import ConfirmationView, confirmations_of
from varde_node.people import queries as people
from varde_node.people.services import Actor, require

TAKES_ORDERS = (CaseState.INTERPRETATION, CaseState.APPROVAL)


@dataclass(frozen=True)
class NotesView:
    """All that is kept with a case."""

    number: str
    requester: str
    discussion: tuple[Said, ...]
    comments: tuple[Said, ...]
    attachments: tuple[AttachmentView, ...]
    confirmations: tuple[ConfirmationView, ...]
    takes_orders: bool


def notes(actor: Actor, case_id: UUID) -> NotesView:
    """The notes of a case; the look is written to the trail."""
    case = case_for(actor, "lab.case.read", case_id, details={"notes": True})
    requester = people.organisation(case.requester_id)
    return NotesView(
        number=case.number,
        requester=requester.name if requester else "",
        discussion=comments_of(case, shared=True),
        comments=comments_of(case, shared=False),
        attachments=attachments_of(case),
        confirmations=confirmations_of(case),
        takes_orders=case.state in TAKES_ORDERS,
    )


def discussion(actor: Actor, order_id: UUID) -> Discussion:
    """The discussion for the clinic that ordered. Raises ``Http404`` when the laboratory has no case of the order."""
    case = Case.objects.filter(order_id=order_id).first()
    if case is None:
        raise Http404
    require(
        actor,
        "lab.discussion.read",
        subject=case.patient_id,
        object_id=case.id,
        organisation=case.requester_id,
    )
    return Discussion(case.number, comments_of(case, shared=True))
