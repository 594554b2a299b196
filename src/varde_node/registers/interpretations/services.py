"""Commands on the register of earlier interpretations: enter a class, withdraw one."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from varde.frequency.cells import DiseaseGroup
from varde.frequency.lookup import as_counted
from varde.genome.alleles import Variant
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde_node.people.services import Actor, require
from varde_node.registers.interpretations.models import EarlierInterpretation, InterpretationState

__all__ = ["record_interpretation", "withdraw_interpretation"]

LONGEST_VARIANT, LONGEST_GUIDELINE = 400, 60


@transaction.atomic
def record_interpretation(
    actor: Actor,
    *,
    variant: str,
    build: Build,
    acmg_class: int,
    guideline: str,
    laboratory: UUID,
    signed_on: date,
    disease_group: DiseaseGroup = DiseaseGroup.UNSPECIFIED,
) -> UUID:
    """Enter a laboratory's class of a normalised variant; return the entry. Only the month of ``signed_on`` is kept.

    The laboratory's class of before is superseded, whatever it was; one signed in an earlier month than the present
    class is entered as superseded. Raises InputError ``bad_class``, ``bad_guideline``, ``variant_too_long`` and those
    of ``Variant.parse``.
    """
    require(actor, "registers.interpretation.record", organisation=laboratory, details={"class": acmg_class})
    text = str(as_counted(Variant.parse(build, variant), None))
    _check(text, acmg_class, guideline)
    of_laboratory = EarlierInterpretation.objects.select_for_update().filter(
        build=build, variant=text, laboratory_id=laboratory, state=InterpretationState.CURRENT
    )
    before = of_laboratory.first()
    newer = before is None or (signed_on.year, signed_on.month) >= (before.year, before.month)
    if newer:
        of_laboratory.update(state=InterpretationState.SUPERSEDED)
    row = EarlierInterpretation.objects.create(
        build=build,
        variant=text,
        acmg_class=acmg_class,
        guideline=guideline.strip(),
        laboratory_id=laboratory,
        disease_group=DiseaseGroup(disease_group),
        year=signed_on.year,
        month=signed_on.month,
        state=InterpretationState.CURRENT if newer else InterpretationState.SUPERSEDED,
    )
    return row.id


@transaction.atomic
def withdraw_interpretation(actor: Actor, interpretation_id: UUID, reason: str) -> None:
    """Take back the present class of the actor's laboratory. What it had superseded does not come back.

    Raises InputError ``unknown_interpretation``, also for one that is not current, and ``reason_missing``.
    """
    row = (
        EarlierInterpretation.objects.select_for_update()
        .filter(id=interpretation_id, state=InterpretationState.CURRENT)
        .first()
    )
    if row is None:
        raise InputError(
            "unknown_interpretation",
            _("No present class of this name is in the register."),
            _("Look the variant up again: it may be withdrawn or superseded already."),
        )
    require(
        actor,
        "registers.interpretation.withdraw",
        object_id=row.id,
        organisation=row.laboratory_id,
        personal={"reason": reason.strip()},
    )
    if not reason.strip():
        raise InputError(
            "reason_missing", _("The reason is missing."), _("Write why the class no longer holds."), field="reason"
        )
    row.state = InterpretationState.WITHDRAWN
    row.save(update_fields=["state"])


def _check(variant: str, acmg_class: int, guideline: str) -> None:
    if acmg_class not in range(1, 6):
        raise InputError(
            "bad_class", _("A class is a whole number from 1 to 5."), _("Give one of the five."), field="acmg_class"
        )
    if not 0 < len(guideline.strip()) <= LONGEST_GUIDELINE:
        raise InputError(
            "bad_guideline",
            _("The name of the rule set is missing or longer than 60 characters."),
            _("Name the rule set with its version."),
            field="guideline",
        )
    if len(variant) > LONGEST_VARIANT:
        raise InputError(
            "variant_too_long",
            _("The variant is longer than 400 characters."),
            _("Structural variants are not kept in this register yet."),
            field="variant",
        )
