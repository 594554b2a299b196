"""The laboratory's work list: its cases by state, overdue or not, found by text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from varde_node.lab.case_access import finished_analyses
from varde_node.lab.consent_limits import limits_of
from varde_node.lab.models import Case, CaseState, Interpretation, Scope
from varde_node.lab.states import StateWord, quality_word, state_word
from varde_node.people import queries as people
from varde_node.people.services import Actor, require

ENDED = (CaseState.SIGNED, CaseState.CANCELLED)
ROWS_MAX = 60


@dataclass(frozen=True)
class WorkListFilter:
    """What is asked for: ``state`` is a case state, 'open' (the default), 'overdue' or 'all'; ``text`` is searched in
    number, indication, panel and HPO terms."""

    state: str = "open"
    text: str = ""


@dataclass(frozen=True)
class WorkListRow:
    """A case of the list. The child is shown by initials and age only."""

    id: UUID
    number: str
    initials: str
    age_years: int
    indication: str
    state: str
    state_word: StateWord
    quality_word: StateWord
    consent_limits: tuple[StateWord, ...]
    panel: str
    scope: str
    received_at: datetime
    due_on: date
    days_left: int
    days_taken: int
    urgent: bool
    ended: bool

    @property
    def all_genes(self) -> bool:
        """Whether the case looks beyond its panel."""
        return self.scope == Scope.ALL_GENES

    @property
    def days_over(self) -> int:
        """Days since the answer was due."""
        return -self.days_left

    @property
    def overdue(self) -> bool:
        """Whether the answer should have been given."""
        return self.days_left < 0 and not self.ended


@dataclass(frozen=True)
class WorkList:
    """The rows, and how many cases each filter would show."""

    rows: tuple[WorkListRow, ...]
    counts: dict[str, int]
    cut: bool


def work_list(actor: Actor, chosen: WorkListFilter) -> WorkList:
    """The cases of the actor's laboratory, the most pressing first. No name is shown: one entry in the trail says how
    many cases were."""
    today = timezone.localdate()
    ours = Case.objects.filter(laboratory_id=actor.organisation_id)
    newest = finished_analyses(OuterRef("pk"))
    rows = (
        _filtered(ours, chosen, today)
        .select_related("panel")
        .annotate(
            stopped=Subquery(newest.values("stops_sign_off")[:1]),
            quality=Subquery(newest.values("quality")[:1]),
            override=Subquery(newest.values("override__id")[:1]),
            ended_at=Subquery(
                Interpretation.objects.filter(case=OuterRef("pk"), approved_at__isnull=False).values("approved_at")[:1]
            ),
        )
        .order_by("-urgent", "due_on", "number")
    )
    cases = list(rows[: ROWS_MAX + 1])
    shown = cases[:ROWS_MAX]
    children = people.persons({case.patient_id for case in shown})
    limits = limits_of({case.patient_id for case in shown})
    require(actor, "lab.work_list.read", organisation=actor.organisation_id, details={"cases": len(shown)})
    return WorkList(
        rows=tuple(_row(case, children[case.patient_id], limits.get(case.patient_id, ()), today) for case in shown),
        counts=_counts(ours, today),
        cut=len(cases) > ROWS_MAX,
    )


def _filtered(ours: QuerySet[Case], chosen: WorkListFilter, today: date) -> QuerySet[Case]:
    rows = ours
    if chosen.state == "overdue":
        rows = rows.exclude(state__in=ENDED).filter(due_on__lt=today)
    elif chosen.state in CaseState.values:
        rows = rows.filter(state=chosen.state)
    elif chosen.state != "all":
        rows = rows.exclude(state__in=ENDED)
    for word in chosen.text.split():
        rows = rows.filter(
            Q(number__icontains=word)
            | Q(indication__icontains=word)
            | Q(panel__name__icontains=word)
            | Q(hpo_terms__icontains=word)
        )
    return rows


def _counts(ours: QuerySet[Case], today: date) -> dict[str, int]:
    by_state = dict(ours.order_by().values_list("state").annotate(Count("id")))
    counts = {state: by_state.get(state, 0) for state in CaseState.values}
    ended = sum(counts[state] for state in ENDED)
    overdue = ours.exclude(state__in=ENDED).filter(due_on__lt=today).count()
    return counts | {"all": sum(counts.values()), "open": sum(counts.values()) - ended, "overdue": overdue}


def _row(case: Any, child: people.PersonView, limits: Iterable[StateWord], today: date) -> WorkListRow:
    ended = case.state in ENDED
    until = timezone.localdate(case.ended_at) if case.ended_at else today
    return WorkListRow(
        id=case.id,
        number=case.number,
        initials="".join(f"{part[0]}." for part in child.name.replace("-", " ").split()),
        age_years=child.age_years(today),
        indication=case.indication,
        state=case.state,
        state_word=state_word(case.state),
        quality_word=quality_word(case.quality, case.stopped, overridden=case.override is not None),
        consent_limits=tuple(limits),
        panel=f"{case.panel.name} {case.panel.version}",
        scope=case.scope,
        received_at=case.received_at,
        due_on=case.due_on,
        days_left=(case.due_on - today).days,
        days_taken=(until - timezone.localdate(case.received_at)).days,
        urgent=case.urgent,
        ended=ended,
    )
