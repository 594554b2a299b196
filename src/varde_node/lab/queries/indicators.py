"""The laboratory's indicators: turnaround, yield, uncertain findings, overrides, returns, by group of signed cases."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from statistics import quantiles
from typing import Any
from uuid import UUID

from django.db.models import Exists, Min, OuterRef, QuerySet
from django.utils import timezone

from varde.interpretation.disease_group import disease_group
from varde.interpretation.funnel import FEWEST, Funnel, Tally, funnel
from varde_node.lab.models import Assessment, Case, Conclusion, Interpretation, QualityOverride, Scope
from varde_node.people import queries as people
from varde_node.people.services import Actor, require

UNCERTAIN = 3
LONGEST_PERIOD = timedelta(days=3660)


class Grouping(StrEnum):
    """What the cases are told apart by."""

    REGION = "region"
    INDICATION = "indication"
    PANEL = "panel"


class Indicator(StrEnum):
    """What is told of a group of cases, as a share."""

    IN_TIME = "in_time"
    EXPLAINED = "explained"
    UNCERTAIN_FINDING = "uncertain_finding"
    OPENED = "opened"
    QUALITY_OVERRIDDEN = "quality_overridden"
    RETURNED = "returned"


@dataclass(frozen=True)
class Period:
    """From the first day to the last, both included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if not self.first <= self.last <= self.first + LONGEST_PERIOD:
            raise ValueError("the period ends before it begins, or is longer than ten years")

    @classmethod
    def last_year(cls) -> Period:
        """The twelve months up to today."""
        today = timezone.localdate()
        return cls(today - timedelta(days=365), today)


@dataclass(frozen=True)
class Turnaround:
    """Days from order to first signed answer in a group: quartiles; None with fewer than ``FEWEST`` cases."""

    group: str
    cases: int
    quartiles: tuple[float, float, float] | None


@dataclass(frozen=True)
class IndicatorsView:
    """``groups`` in the order of their names; ``funnels`` by indicator, with the groups in the same order."""

    period: Period
    grouping: Grouping
    cases: int
    turnaround: tuple[Turnaround, ...]
    funnels: dict[Indicator, Funnel]


@dataclass(frozen=True)
class _Signed:
    """A case whose first answer was signed in the period."""

    group: str
    days: int
    facts: dict[Indicator, bool]


def indicators(actor: Actor, period: Period, grouping: Grouping) -> IndicatorsView:
    """Figures of the actor's laboratory. A case counts once, by the first answer that was signed."""
    require(actor, "lab.indicators.read", organisation=actor.organisation_id, details={"by": grouping.value})
    signed = list(_signed(actor.organisation_id, period, grouping))
    groups: dict[str, list[_Signed]] = {}
    for case in signed:
        groups.setdefault(case.group, []).append(case)
    ordered = sorted(groups.items())
    return IndicatorsView(
        period=period,
        grouping=grouping,
        cases=len(signed),
        turnaround=tuple(_turnaround(group, cases) for group, cases in ordered),
        funnels={one: funnel([_tally(group, cases, one) for group, cases in ordered]) for one in Indicator},
    )


def _turnaround(group: str, cases: list[_Signed]) -> Turnaround:
    days = [case.days for case in cases]
    if len(days) < FEWEST:
        return Turnaround(group, len(days), None)
    first, middle, last = quantiles(days, n=4, method="inclusive")
    return Turnaround(group, len(days), (first, middle, last))


def _tally(group: str, cases: list[_Signed], indicator: Indicator) -> Tally:
    return Tally(group, sum(case.facts[indicator] for case in cases), len(cases))


def _signed(laboratory: UUID | None, period: Period, grouping: Grouping) -> Iterable[_Signed]:
    zone = timezone.get_current_timezone()
    start = datetime.combine(period.first, time.min, zone)
    end = datetime.combine(period.last + timedelta(days=1), time.min, zone)
    approved = Interpretation.objects.filter(case=OuterRef("pk"), approved_at__isnull=False)
    rows = _with_facts(Case.objects.filter(laboratory_id=laboratory), approved)
    within = rows.filter(signed_at__gte=start, signed_at__lt=end).values(
        "requester_id", "panel__name", "hpo_terms", "received_at", "due_on", "signed_at", "scope", *_FACTS
    )
    named = _group_names(grouping)
    for row in within.iterator(chunk_size=2000):
        signed_on = timezone.localdate(row["signed_at"])
        yield _Signed(
            group=named(row),
            days=(signed_on - timezone.localdate(row["received_at"])).days,
            facts={
                Indicator.IN_TIME: signed_on <= row["due_on"],
                Indicator.OPENED: row["scope"] == Scope.ALL_GENES,
                **{Indicator(name): row[name] for name in _FACTS},
            },
        )


_FACTS = ("explained", "uncertain_finding", "quality_overridden", "returned")


def _with_facts(cases: QuerySet[Case], approved: QuerySet[Interpretation]) -> QuerySet[Case]:
    uncertain = Assessment.objects.filter(case=OuterRef("pk"), in_answer=True, chosen_class=UNCERTAIN)
    of_case = Interpretation.objects.filter(case=OuterRef("pk"))
    return cases.annotate(
        signed_at=Min("interpretations__approved_at"),
        explained=Exists(approved.filter(conclusion=Conclusion.EXPLAINS)),
        uncertain_finding=Exists(uncertain),
        quality_overridden=Exists(QualityOverride.objects.filter(analysis__case=OuterRef("pk"))),
        returned=Exists(of_case.filter(returned_at__isnull=False)),
    ).filter(signed_at__isnull=False)


def _group_names(grouping: Grouping) -> Callable[[dict[str, Any]], str]:
    if grouping is Grouping.PANEL:
        return lambda row: str(row["panel__name"])
    if grouping is Grouping.INDICATION:
        return lambda row: disease_group(row["hpo_terms"]).value
    regions = {one.id: one.region or one.short_name for one in people.organisations()}
    return lambda row: regions.get(row["requester_id"], "")
