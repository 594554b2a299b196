"""Who of a family the frequency register counts already, through an earlier case: the laboratory alone can know it."""

from __future__ import annotations

from uuid import UUID

from varde_node.lab.models import Case, Sample


def counted_relatives(case: Case) -> dict[UUID, str]:
    """Persons counted through other cases that share a person with this one, with their place there."""
    own = case.samples.values_list("person_id", flat=True)
    others = Sample.objects.filter(person_id__in=list(own)).exclude(case=case).values_list("case_id", flat=True)
    counted = Sample.objects.filter(case_id__in=list(others)).exclude(register_run="")
    return dict(counted.values_list("person_id", "role"))
