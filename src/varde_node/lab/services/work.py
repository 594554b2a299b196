"""Who works on a case, what is said of it, what is read, and views of the work list that a person keeps."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from varde.genome.errors import InputError
from varde.interpretation.literature import parse_reference
from varde_node.lab.access import READERS
from varde_node.lab.case_access import case_for
from varde_node.lab.models import Assignment, Case, Comment, LiteratureReference, Reading, SavedView
from varde_node.people import queries as people
from varde_node.people.services import Actor, require

LONGEST_TEXT = 10_000
LONGEST_VARIANT = 400


@transaction.atomic
def assign_case(actor: Actor, case_id: UUID, to: UUID | None, note: str = "") -> UUID:
    """Take a case, hand it over, or (``to`` None) let it go; return the new row. The same person again changes nothing.

    Raises InputError ``not_a_colleague`` for somebody who does not work on cases in the laboratory.
    """
    case = case_for(actor, "lab.case.assign", case_id, lock=True)
    if to is not None and to not in {one.account_id for one in people.colleagues(case.laboratory_id, READERS)}:
        raise InputError(
            "not_a_colleague",
            _("The person does not work on cases in this laboratory."),
            _("Choose one of the list."),
            field="to",
        )
    last = case.assignments.order_by("-at").first()
    if last is not None and last.to_id == to:
        return last.id
    row = Assignment.objects.create(case=case, to_id=to, note=note.strip(), by_id=actor.account_id)
    Case.objects.filter(id=case.id).update(assignee_id=to)
    return row.id


@transaction.atomic
def comment(actor: Actor, case_id: UUID, text: str, *, variant: str = "", shared: bool = False) -> UUID:
    """Write a remark on a case or a variant of it; ``shared`` ones the clinician who ordered sees; return it.

    Raises InputError ``text_missing`` or ``text_too_long``.
    """
    action = "lab.discussion.write" if shared else "lab.comment.write"
    case = case_for(actor, action, case_id, lock=True, personal={"text": text.strip()})
    return Comment.objects.create(
        case=case,
        variant=variant[:LONGEST_VARIANT],
        text=checked_text(text),
        shared=shared,
        author_id=actor.account_id,
    ).id


@transaction.atomic
def answer_in_discussion(actor: Actor, order_id: UUID, text: str) -> UUID:
    """The requester's words on a case of theirs, seen by the laboratory; return them.

    Raises ``Http404`` when the laboratory has no case of the order, InputError ``text_missing`` or ``text_too_long``.
    """
    case = Case.objects.select_for_update(of=("self",)).filter(order_id=order_id).first()
    if case is None:
        raise Http404
    require(
        actor,
        "lab.discussion.write",
        subject=case.patient_id,
        object_id=case.id,
        organisation=case.requester_id,
        personal={"text": text.strip()},
    )
    return Comment.objects.create(
        case=case, text=checked_text(text), shared=True, from_requester=True, author_id=actor.account_id
    ).id


@transaction.atomic
def add_reference(actor: Actor, case_id: UUID, variant: str, build: str, written: str, note: str = "") -> UUID:
    """Keep a publication with a variant, for every case of the laboratory that has it; return it, also a known one.

    Raises InputError ``bad_reference``.
    """
    case = case_for(actor, "lab.reference.write", case_id, details={"reference": written.strip()[:60]})
    found = parse_reference(written)
    row, _new = LiteratureReference.objects.get_or_create(
        laboratory_id=case.laboratory_id,
        build=build,
        variant=variant[:LONGEST_VARIANT],
        kind=found.kind.value,
        identifier=found.identifier,
        defaults={"note": note.strip()[:LONGEST_TEXT], "by_id": actor.account_id},
    )
    return row.id


@transaction.atomic
def mark_read(actor: Actor, case_id: UUID, reference_id: UUID, *, read: bool) -> None:
    """Say that one has read a publication, or take it back. Raises ``Http404`` for one of another laboratory."""
    case = case_for(actor, "lab.reference.write", case_id, details={"read": read})
    row = LiteratureReference.objects.filter(id=reference_id, laboratory_id=case.laboratory_id).first()
    if row is None:
        raise Http404
    if read:
        Reading.objects.get_or_create(reference=row, by_id=actor.account_id)
    else:
        Reading.objects.filter(reference=row, by_id=actor.account_id).delete()


@transaction.atomic
def save_view(actor: Actor, name: str, query: str) -> UUID:
    """Keep a state of the work list under a name of one's own; the same name again replaces it.

    Raises InputError ``name_missing``.
    """
    require(actor, "lab.work_list.read", organisation=actor.organisation_id, details={"view": "kept"})
    if not name.strip():
        raise InputError("name_missing", _("The name is missing."), _("Give the view a name."), field="name")
    row, _new = SavedView.objects.update_or_create(
        account_id=actor.account_id, name=name.strip()[:60], defaults={"query": query[:300]}
    )
    return row.id


def forget_view(actor: Actor, view_id: UUID) -> None:
    """Forget a view of one's own; another's is not touched."""
    require(actor, "lab.work_list.read", organisation=actor.organisation_id, details={"view": "forgotten"})
    SavedView.objects.filter(id=view_id, account_id=actor.account_id).delete()


def checked_text(text: str) -> str:
    """A text that says something and is not too long. Raises InputError ``text_missing`` or ``text_too_long``."""
    text = text.strip()
    if not text:
        raise InputError("text_missing", _("The text is missing."), _("Write something first."), field="text")
    if len(text) > LONGEST_TEXT:
        raise InputError(
            "text_too_long",
            _("The text is longer than 10 000 characters."),
            _("Shorten it, or attach it as a file."),
            field="text",
        )
    return text
