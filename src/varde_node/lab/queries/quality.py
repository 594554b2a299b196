"""The quality lights of a case, as they were measured with the thresholds of that day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from varde_node.lab.case_access import case_for, current_analysis
from varde_node.lab.models import CaseState, FamilyRole
from varde_node.lab.states import StateWord, light_word, quality_word
from varde_node.people.services import Actor


@dataclass(frozen=True)
class MetricView:
    """One light: ``sample`` names the person, the pair or (empty) the family."""

    sample: str
    name: str
    value: float | None
    unit: str
    light: str
    word: StateWord
    threshold: str
    source: str
    note: str


@dataclass(frozen=True)
class KinshipView:
    """The kinship of two of the three: ``first`` and ``second`` are family roles."""

    first: str
    second: str
    value: float | None
    word: StateWord
    light: str


@dataclass(frozen=True)
class OverrideView:
    """Who let the case go on, when and why."""

    by: str
    at: datetime
    reason: str


@dataclass(frozen=True)
class QualityView:
    """All lights of the newest finished analysis."""

    number: str
    word: StateWord
    metrics: tuple[MetricView, ...]
    kinship: tuple[KinshipView, ...]
    reasons: tuple[str, ...]
    stops: bool
    waits_for_override: bool
    override: OverrideView | None
    profile_version: str
    analysed_at: datetime
    versions: dict[str, str]


def quality(actor: Actor, case_id: UUID) -> QualityView | None:
    """The quality of a case, or nothing while no analysis has finished."""
    case = case_for(actor, "lab.quality.read", case_id)
    analysis = current_analysis(case)
    if analysis is None:
        return None
    report = analysis.quality
    override = getattr(analysis, "override", None)
    roles = {sample.name: sample.role for sample in case.samples.all()}
    metrics = tuple(_metric(one) for one in report["metrics"])
    return QualityView(
        number=case.number,
        word=quality_word(report, analysis.stops_sign_off, overridden=override is not None),
        metrics=tuple(sorted(metrics, key=_urgency)),
        kinship=tuple(_kinship(one, roles) for one in metrics if one.name == "kinship"),
        reasons=tuple(report["reasons"]),
        stops=analysis.stops_sign_off,
        waits_for_override=case.state == CaseState.QUALITY_STOP,
        override=OverrideView(override.by.full_name, override.at, override.reason) if override else None,
        profile_version=report["profile_version"],
        analysed_at=analysis.finished_at,
        versions=analysis.versions,
    )


_URGENCY = {"red": 0, "yellow": 1, "not_evaluated": 2, "green": 3}


def _urgency(metric: MetricView) -> int:
    return _URGENCY[metric.light]


def _metric(stored: dict[str, Any]) -> MetricView:
    return MetricView(
        sample=stored["sample"] or "",
        name=stored["name"],
        value=stored["value"],
        unit=stored["unit"],
        light=stored["light"],
        word=light_word(stored["light"]),
        threshold=stored["threshold_text"],
        source=stored["source"],
        note=stored["note"],
    )


def _kinship(metric: MetricView, roles: dict[str, str]) -> KinshipView:
    first, _, second = metric.sample.partition(" / ")
    return KinshipView(
        first=roles.get(first, FamilyRole.CHILD),
        second=roles.get(second, FamilyRole.CHILD),
        value=metric.value,
        word=metric.word,
        light=metric.light,
    )
