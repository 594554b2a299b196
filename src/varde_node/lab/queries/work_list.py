"""The laboratory's work list: its cases by state, overdue or not, found by text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from varde_node.lab.case_access import finished_analyses
from varde_node.lab.consent_limits import limits_of
from varde_node.lab.models import Case, CaseState, Comment, Interpretation, Reopening, RoundKind, SavedView, Scope
from varde_node.lab.queries.re_evaluation import due_cases
from varde_node.lab.states import StateWord, quality_word, state_word
from varde_node.lab.words import ROUND_KINDS, Text
from varde_node.people import queries as people
from varde_node.people.services import Actor, require

ENDED = (CaseState.SIGNED, CaseState.CANCELLED)
ROWS_MAX = 50
EXPORT_MAX = 20_000


@dataclass(frozen=True)
class WorkListFilter:
    """What is asked for: ``state`` is a case state, 'open' (the default), 'mine', 'unassigned', 'to_read' (signed by
    another, for the reader to approve), 'written' (the clinician has written last), 'due' (a class to
    look at again), 'overdue' or 'all'; ``text`` is
    searched in number, indication, panel and HPO terms; ``page`` from 1."""

    state: str = "open"
    text: str = ""
    page: int = 1


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
    assignee: str
    kind_words: Text | None
    """Correction or re-analysis, for a case that was opened again."""

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
    """The rows of a page, and how many cases each filter would show. ``matching`` is over all pages."""

    rows: tuple[WorkListRow, ...]
    counts: dict[str, int]
    matching: int
    page: int
    pages: int
    views: tuple[tuple[UUID, str, str], ...]
    """The reader's own saved views: identifier, name, and address after the question mark."""


def work_list(actor: Actor, chosen: WorkListFilter) -> WorkList:
    """The cases of the actor's laboratory, the most pressing first. No name is shown: one entry in the trail says how
    many cases were."""
    today = timezone.localdate()
    ours = Case.objects.filter(laboratory_id=actor.organisation_id)
    found = _filtered(actor, ours, chosen, today)
    matching = found.count()
    pages = max(1, -(-matching // ROWS_MAX))
    page = min(max(1, chosen.page), pages)
    shown = list(_annotated(found)[(page - 1) * ROWS_MAX : page * ROWS_MAX])
    children = people.persons({case.patient_id for case in shown})
    limits = limits_of({case.patient_id for case in shown})
    require(actor, "lab.work_list.read", organisation=actor.organisation_id, details={"cases": len(shown)})
    return WorkList(
        rows=tuple(_row(case, children[case.patient_id], limits.get(case.patient_id, ()), today) for case in shown),
        counts=_counts(actor, ours, today),
        matching=matching,
        page=page,
        pages=pages,
        views=tuple(
            SavedView.objects.filter(account_id=actor.account_id).order_by("name").values_list("id", "name", "query")
        ),
    )


def every_row(actor: Actor, chosen: WorkListFilter) -> tuple[WorkListRow, ...]:
    """All rows of a filter, for a spreadsheet; at most ``EXPORT_MAX``. Written to the trail with their number."""
    today = timezone.localdate()
    ours = Case.objects.filter(laboratory_id=actor.organisation_id)
    shown = list(_annotated(_filtered(actor, ours, chosen, today))[:EXPORT_MAX])
    children = people.persons({case.patient_id for case in shown})
    require(actor, "lab.table.export", organisation=actor.organisation_id, details={"cases": len(shown)})
    return tuple(_row(case, children[case.patient_id], (), today) for case in shown)


def _annotated(rows: QuerySet[Case]) -> QuerySet[Any]:
    newest = finished_analyses(OuterRef("pk"))
    approved = Interpretation.objects.filter(case=OuterRef("pk"), approved_at__isnull=False).order_by("-number")
    reopened = Reopening.objects.filter(case=OuterRef("pk")).order_by("-at")
    return (
        rows.select_related("panel", "assignee")
        .annotate(
            stopped=Subquery(newest.values("stops_sign_off")[:1]),
            quality=Subquery(newest.values("quality")[:1]),
            override=Subquery(newest.values("override__id")[:1]),
            ended_at=Subquery(approved.values("approved_at")[:1]),
            reopened_as=Subquery(reopened.values("kind")[:1]),
        )
        .order_by("-urgent", "due_on", "number")
    )


def _filtered(actor: Actor, ours: QuerySet[Case], chosen: WorkListFilter, today: date) -> QuerySet[Case]:
    special = {"mine", "unassigned", "to_read", "written", "due", "overdue"}
    if chosen.state in special:
        rows = ours.filter(_special(actor, chosen.state, today)).exclude(state__in=_ended(chosen.state))
    elif chosen.state in CaseState.values:
        rows = ours.filter(state=chosen.state)
    else:
        rows = ours if chosen.state == "all" else ours.exclude(state__in=ENDED)
    for word in chosen.text.split():
        rows = rows.filter(
            Q(number__icontains=word)
            | Q(indication__icontains=word)
            | Q(panel__name__icontains=word)
            | Q(hpo_terms__icontains=word)
        )
    return rows


def _ended(state: str) -> tuple[CaseState, ...]:
    """A clinician may write of a signed case too, and it is the classes of signed cases that grow old."""
    return (CaseState.CANCELLED,) if state in ("written", "due") else ENDED


def _special(actor: Actor, state: str, today: date) -> Q:
    """What the filters that are not states of a case ask."""
    if state == "mine":
        return Q(assignee_id=actor.account_id)
    if state == "unassigned":
        return Q(assignee=None)
    if state == "overdue":
        return Q(due_on__lt=today)
    if state == "to_read":
        waiting = Interpretation.objects.filter(approved_at=None, returned_at=None)
        others = waiting.exclude(author_id=actor.account_id).values("case")
        return Q(state=CaseState.APPROVAL, id__in=others)
    if state == "due":
        return Q(id__in=due_cases(actor.organisation_id).values("id"))
    return Q(id__in=_written_last(actor))


def _written_last(actor: Actor) -> QuerySet[Any]:
    """Cases whose discussion the clinician wrote in last."""
    rows = Comment.objects.filter(shared=True, case__laboratory_id=actor.organisation_id).order_by()
    latest = rows.values("case").annotate(
        theirs=Max("at", filter=Q(from_requester=True)), ours=Max("at", filter=Q(from_requester=False))
    )
    return latest.filter(theirs__isnull=False).filter(Q(ours=None) | Q(theirs__gt=F("ours"))).values("case")


def _counts(actor: Actor, ours: QuerySet[Case], today: date) -> dict[str, int]:
    by_state = dict(ours.order_by().values_list("state").annotate(Count("id")))
    counts = {state: by_state.get(state, 0) for state in CaseState.values}
    ended = sum(counts[state] for state in ENDED)
    totals = {"all": sum(counts.values()), "open": sum(counts.values()) - ended}
    special = {
        state: ours.filter(_special(actor, state, today)).exclude(state__in=_ended(state)).count()
        for state in ("mine", "unassigned", "to_read", "written", "due", "overdue")
    }
    return counts | totals | special


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
        assignee=case.assignee.full_name if case.assignee else "",
        kind_words=ROUND_KINDS[RoundKind(case.reopened_as)] if case.reopened_as else None,
    )
