"""What the laboratory answers when somebody of it asks the frequency register: is this my own case?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from varde_node.lab.models import Case, Sample
from varde_node.people.services import Actor, record
from varde_node.registers.frequency.contracts import OwnCase


def cases_of(actor: Actor) -> Mapping[str, OwnCase]:
    """Contributions of the actor's own laboratory."""
    rows = Sample.objects.filter(case__laboratory_id=actor.organisation_id).exclude(register_run="")
    return {row.register_run: OwnCase(row.case_id, row.case.number, row.role) for row in rows.select_related("case")}


def shown(actor: Actor, cases: Iterable[OwnCase]) -> None:
    """Write down whose case was shown to contribute."""
    roles = {(one.case_id, one.role) for one in cases}
    for case in Case.objects.filter(id__in={case_id for case_id, _ in roles}):
        for sample in case.samples.all():
            if (case.id, sample.role) in roles:
                record(actor, "lab.case.shown_as_own", subject=sample.person_id, object_id=case.id)
