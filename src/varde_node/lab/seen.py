"""What a form rests on: a token of the state it showed, held against the state at the time of saving.

A save that rests on an older state is refused: somebody else has saved meanwhile, and both texts are shown.
"""

from __future__ import annotations

import hashlib

from django.db.models import Max
from django.utils.translation import gettext as _

from varde.genome.errors import InputError
from varde_node.lab.models import Assessment, Case, Dismissal

CHANGED = "changed_since"


def variant_token(case: Case, variant: str) -> str:
    """The state of one variant's decisions in a case: the numbers of its newest assessment and dismissal."""
    numbers = (
        rows.filter(case=case, variant=variant).aggregate(last=Max("number"))["last"] or 0
        for rows in (Assessment.objects, Dismissal.objects)
    )
    return "-".join(str(number) for number in numbers)


def case_token(case: Case) -> str:
    """The state of everything that a signature on the case rests on."""
    state = [
        case.state,
        case.scope,
        case.panel_id,
        *sorted(case.assessments.values_list("id", flat=True)),
        *sorted(case.dismissals.values_list("id", flat=True)),
        *sorted(case.confirmations.values_list("id", "result")),
        *sorted(case.interpretations.values_list("number", "approved_at", "returned_at"), key=lambda one: one[0]),
        *sorted(case.analyses.values_list("id", "finished_at", "override__id"), key=lambda one: one[0]),
        case.reopenings.count(),
    ]
    return hashlib.sha256(repr([str(one) for one in state]).encode()).hexdigest()[:24]


def check_seen(given: str | None, now: str) -> None:
    """Refuse a form that rests on another state. None: the caller is a program that has just read the state itself.

    Raises InputError ``changed_since``.
    """
    if given is not None and given != now:
        raise InputError(
            code=CHANGED,
            problem=_("Somebody has saved here since you opened the page."),
            remedy=_("Read what was saved; your own text is kept below. Save again if it still holds."),
        )
