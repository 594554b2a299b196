"""Second methods: ordered for a finding or a gap, and their results; and the laboratory's rules about them."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from varde.genome.errors import InputError
from varde.interpretation.reuse import Validity
from varde_node.lab.case_access import case_for
from varde_node.lab.models import (
    CaseState,
    Confirmation,
    ConfirmationMethod,
    ConfirmationNeed,
    ConfirmationResult,
    LaboratoryRules,
)
from varde_node.people.services import Actor, require

LONGEST_GAP = 120
OPEN = (CaseState.INTERPRETATION, CaseState.APPROVAL)


@transaction.atomic
def order_confirmation(
    actor: Actor, case_id: UUID, *, method: str, variant: str = "", gap: str = "", note: str = ""
) -> UUID:
    """Ask for a second method for an assessed variant, or for a gap in the coverage; return the order.

    Raises InputError ``confirmation_of_nothing``, ``method_unknown``, ``variant_not_assessed``, ``already_ordered`` or
    ``not_open_for_work``.
    """
    case = case_for(actor, "lab.confirmation.order", case_id, lock=True, details={"method": method[:20]})
    variant, gap = variant.strip(), gap.strip()[:LONGEST_GAP]
    if case.state not in OPEN:
        raise InputError(
            "not_open_for_work",
            _("A second method is ordered while the case is interpreted or approved."),
            _("Open the case again first."),
        )
    if bool(variant) == bool(gap):
        raise InputError(
            "confirmation_of_nothing",
            _("Name one variant or one gap."),
            _("Order from the page of the variant, or write the gap."),
            field="gap",
        )
    if method not in ConfirmationMethod.values:
        raise InputError("method_unknown", _("No method was chosen."), _("Choose a method."), field="method")
    if variant and not case.assessments.filter(variant=variant).exists():
        raise InputError(
            "variant_not_assessed",
            _("The variant has no assessment in this case."),
            _("Store an assessment first; then order the second method."),
            field="method",
        )
    if case.confirmations.filter(variant=variant, gap=gap, method=method, result="").exists():
        raise InputError(
            "already_ordered",
            _("This method is ordered already and has no result."),
            _("Wait for the result, or cancel that order."),
            field="method",
        )
    return Confirmation.objects.create(
        case=case, variant=variant, gap=gap, method=method, note=note.strip(), ordered_by_id=actor.account_id
    ).id


@transaction.atomic
def record_confirmation(actor: Actor, case_id: UUID, confirmation_id: UUID, *, result: str, note: str) -> None:
    """Enter what a second method showed, once.

    Raises InputError ``result_unknown``, ``note_missing`` or ``result_given``; ``Http404`` for another case's order.
    """
    case = case_for(
        actor, "lab.confirmation.record", case_id, lock=True, details={"result": result[:20]}, personal={"note": note}
    )
    row = Confirmation.objects.select_for_update().filter(case=case, id=confirmation_id).first()
    if row is None:
        raise Http404
    if result not in ConfirmationResult.values:
        raise InputError("result_unknown", _("No result was chosen."), _("Choose what was shown."), field="result")
    if not note.strip():
        raise InputError(
            "note_missing",
            _("The note is missing."),
            _("Write where the result is kept, for example the run's number."),
            field="note",
        )
    if row.result:
        raise InputError(
            "result_given", _("This order has a result already."), _("Order the method again to look anew.")
        )
    row.result, row.result_note = result, note.strip()
    row.result_by_id, row.result_at = actor.account_id, timezone.now()
    row.save(update_fields=["result", "result_note", "result_by", "result_at"])


@transaction.atomic
def set_rules(actor: Actor, *, confirmation: str, validity_days: Mapping[int, int | None], reason: str) -> UUID:
    """Set the rules of the actor's laboratory from now on; what was signed before stays; return the row.

    Raises InputError ``need_unknown``, ``validity`` or ``reason_missing``.
    """
    require(actor, "lab.rules.change", organisation=actor.organisation_id, details={"confirmation": confirmation[:20]})
    if confirmation not in ConfirmationNeed.values:
        raise InputError("need_unknown", _("No rule was chosen."), _("Choose one of the three."), field="confirmation")
    for acmg_class, days in validity_days.items():
        try:
            Validity(days, "")
        except ValueError:
            raise InputError(
                "validity",
                _("A validity is a whole number of days from 1 to 36 500."),
                _("Write the days, or leave the field empty for a class without end."),
                field=f"days-{acmg_class}",
            ) from None
    if not reason.strip():
        raise InputError(
            "reason_missing", _("The reason is missing."), _("Write why the rule is changed."), field="reason"
        )
    rows = LaboratoryRules.objects.select_for_update().filter(laboratory_id=actor.organisation_id)
    last = rows.aggregate(last=Max("number"))["last"] or 0
    return LaboratoryRules.objects.create(
        laboratory_id=actor.organisation_id,
        number=last + 1,
        confirmation=confirmation,
        validity_days={str(acmg_class): days for acmg_class, days in sorted(validity_days.items())},
        reason=reason.strip(),
        by_id=actor.account_id,
    ).id
