"""A signed case opened again: to correct its answer, or to look at it with the knowledge of a later day."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from varde.genome.errors import InputError
from varde_node.lab.case_access import case_for
from varde_node.lab.models import (
    Assessment,
    CaseState,
    Interpretation,
    Reconfirmation,
    Reopening,
    RoundKind,
)
from varde_node.lab.services.analysis import refuse_after_withdrawal
from varde_node.lab.services.cases import TURNAROUND_DAYS
from varde_node.people.services import Actor

SHORTEST_REASON = 10
"""Characters of a reason that another person can understand. Varde's proposal."""


@transaction.atomic
def reopen_case(actor: Actor, case_id: UUID, *, kind: str, reason: str, new_files: bool = False) -> UUID:
    """Open a signed case again; return the reopening. The answer that was given stands until a new one is approved.

    With ``new_files`` the case waits for files, or for an analysis of those it has, before it is interpreted. Raises
    InputError ``not_signed``, ``kind_unknown``, ``reason_missing`` and, for a re-analysis, ``consent_lacks``.
    """
    reason = reason.strip()
    case = case_for(
        actor, "lab.case.reopen", case_id, lock=True, details={"kind": kind[:20]}, personal={"reason": reason}
    )
    if case.state != CaseState.SIGNED:
        raise InputError(
            "not_signed", _("Only a signed case is opened again."), _("Open the case to see where it stands.")
        )
    if kind not in (RoundKind.CORRECTION, RoundKind.REANALYSIS):
        raise InputError(
            "kind_unknown",
            _("Correction or re-analysis was not chosen."),
            _("Choose why the case is opened again."),
            field="kind",
        )
    if len(reason) < SHORTEST_REASON:
        raise InputError(
            "reason_missing",
            _("The reason is missing or too short to be understood by another."),
            _("Write why. It stands in the new answer, for the clinician and the family."),
            field="reason",
        )
    if kind == RoundKind.REANALYSIS:
        refuse_after_withdrawal(case)
    answered = Interpretation.objects.filter(case=case, approved_at__isnull=False).order_by("-number").first()
    row = Reopening.objects.create(case=case, kind=kind, answered=answered, reason=reason, by_id=actor.account_id)
    case.state = CaseState.SAMPLES_RECEIVED if new_files else CaseState.INTERPRETATION
    case.due_on = timezone.localdate() + timedelta(days=TURNAROUND_DAYS[case.urgent])
    case.save(update_fields=["state", "due_on"])
    return row.id


@transaction.atomic
def reconfirm_class(actor: Actor, assessment_id: UUID, reasoning: str) -> UUID:
    """Say that a class of the actor's laboratory still holds after a new look at the evidence; return the row.

    Raises InputError ``unknown_assessment``, also for one that a newer assessment has replaced, and
    ``reasoning_missing``.
    """
    row = Assessment.objects.select_related("case").filter(id=assessment_id).first()
    if row is None:
        raise _unknown()
    case = case_for(actor, "lab.assessment.reconfirm", row.case_id, lock=True, personal={"reasoning": reasoning})
    if case.assessments.filter(variant=row.variant, number__gt=row.number).exists():
        raise _unknown()
    if not reasoning.strip():
        raise InputError(
            "reasoning_missing",
            _("The reasoning is missing."),
            _("Write what was looked at again, and why the class holds."),
            field="reasoning",
        )
    return Reconfirmation.objects.create(assessment=row, reasoning=reasoning.strip(), by_id=actor.account_id).id


def _unknown() -> InputError:
    return InputError(
        "unknown_assessment",
        _("There is no present assessment of this name."),
        _("Look at the list again: somebody may have assessed the variant anew."),
    )
