"""The quality lights of a case, as they were measured with the thresholds of that day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.functional import Promise

from varde_node.lab.case_access import case_for, current_analysis
from varde_node.lab.family import place_order, place_words
from varde_node.lab.metrics import UNIPARENTAL, words_of
from varde_node.lab.models import Case, CaseState
from varde_node.lab.quality_texts import note_said, said, source_said
from varde_node.lab.states import StateWord, light_word, quality_word
from varde_node.people.services import Actor

_URGENCY = {"red": 0, "yellow": 1, "not_evaluated": 2, "green": 3}


@dataclass(frozen=True)
class MetricView:
    """One light. ``roles`` are the places in the family that it is about: one, a pair, or none for the whole family."""

    name: str
    title: str | Promise
    roles: tuple[str, ...]
    value: float | None
    decimals: int
    unit: str
    light: str
    word: StateWord
    threshold: str
    source: str
    note: str
    suspicion: str | Promise
    file: str
    """The quality file that the value was read in; empty when it was counted in the variant files."""
    tool: str
    """The tool that wrote it, with its version."""

    @property
    def who(self) -> tuple[str | Promise, ...]:
        """The family members in the reader's language."""
        return tuple(place_words(role) for role in self.roles)

    @property
    def unit_shown(self) -> str:
        """A unit worth showing beside the number."""
        return "×" if self.unit == "x" else ""

    @property
    def chromosome(self) -> str:
        """The chromosome of a uniparental share."""
        return self.name.removeprefix(UNIPARENTAL)


@dataclass(frozen=True)
class PersonRow:
    """One metric of all the family's people, in the order of ``QualityView.people``."""

    title: str | Promise
    cells: tuple[MetricView | None, ...]
    threshold: str
    source: str


@dataclass(frozen=True)
class OverrideView:
    """Who let the case go on, when and why."""

    by: str
    at: datetime
    reason: str


@dataclass(frozen=True)
class QualityView:
    """All lights of the newest finished analysis, the red ones also apart. ``kinship`` is keyed by the pair of roles,
    joined by a hyphen in family order."""

    number: str
    word: StateWord
    red: tuple[MetricView, ...]
    people: tuple[str | Promise, ...]
    rows: tuple[PersonRow, ...]
    kinship: dict[str, MetricView]
    tool_pairs: tuple[MetricView, ...]
    """Relatedness of pairs as other tools tell it, on their own scale."""
    family: tuple[MetricView, ...]
    uniparental: tuple[MetricView, ...]
    waits_for_override: bool
    override: OverrideView | None
    profile_version: str
    analysed_at: datetime
    versions: dict[str, str]

    @property
    def pairs(self) -> dict[str, MetricView | None]:
        """Kinship by the lines of the picture."""
        return {
            "mother": self.kinship.get("child-mother"),
            "father": self.kinship.get("child-father"),
            "parents": self.kinship.get("mother-father"),
        }

    @property
    def family_rows(self) -> tuple[MetricView, ...]:
        """What is measured of two or three together."""
        return (*self.kinship.values(), *self.tool_pairs, *self.family)


def quality(actor: Actor, case_id: UUID) -> QualityView | None:
    """The quality of a case, or nothing while no analysis has finished."""
    case = case_for(actor, "lab.quality.read", case_id)
    analysis = current_analysis(case)
    if analysis is None:
        return None
    report = analysis.quality
    override = getattr(analysis, "override", None)
    roles = _roles(case)
    metrics = tuple(_metric(one, roles) for one in report["metrics"])
    of_pairs = (metric for metric in metrics if len(metric.roles) > 1)
    apart = ("mendel_error_rate",)
    uniparental = (metric for metric in metrics if metric.name.startswith(UNIPARENTAL))
    return QualityView(
        number=case.number,
        word=quality_word(report, analysis.stops_sign_off, overridden=override is not None),
        red=tuple(metric for metric in metrics if metric.light == "red"),
        people=tuple(place_words(role) for role in roles.values()),
        rows=tuple(_person_rows(metrics, list(roles.values()), apart)),
        kinship={"-".join(metric.roles): metric for metric in of_pairs if metric.name == "kinship"},
        tool_pairs=tuple(metric for metric in metrics if len(metric.roles) > 1 and metric.name != "kinship"),
        family=tuple(metric for metric in metrics if metric.name in apart),
        uniparental=tuple(sorted(uniparental, key=lambda metric: _URGENCY[metric.light])),
        waits_for_override=case.state == CaseState.QUALITY_STOP,
        override=OverrideView(override.by.full_name, override.at, override.reason) if override else None,
        profile_version=report["profile_version"],
        analysed_at=analysis.finished_at,
        versions=analysis.versions,
    )


def _roles(case: Case) -> dict[str, str]:
    """Place in the family by sample name, in the order of places."""
    samples = sorted(case.samples.all(), key=lambda one: place_order(one.place))
    return {sample.name: sample.place for sample in samples}


def _person_rows(metrics: Iterable[MetricView], people: list[str], apart: tuple[str, ...]) -> Iterator[PersonRow]:
    by_name: dict[str, dict[str, MetricView]] = {}
    for metric in metrics:
        if len(metric.roles) == 1 and metric.name not in apart and not metric.name.startswith(UNIPARENTAL):
            by_name.setdefault(metric.name, {})[metric.roles[0]] = metric
    for of_people in by_name.values():
        any_one = next(iter(of_people.values()))
        cells = tuple(of_people.get(role) for role in people)
        yield PersonRow(any_one.title, cells, any_one.threshold, any_one.source)


def _metric(stored: dict[str, Any], roles: dict[str, str]) -> MetricView:
    words = words_of(stored["name"])
    origin = stored.get("origin") or {}
    names = stored["sample"].split(" / ") if stored["sample"] else []
    return MetricView(
        name=stored["name"],
        title=words.name,
        roles=tuple(sorted((roles[name] for name in names if name in roles), key=place_order)),
        value=stored["value"],
        decimals=words.decimals,
        unit=stored["unit"],
        light=stored["light"],
        word=light_word(stored["light"]),
        threshold=said(stored["threshold"]),
        source=source_said(stored["source"]),
        note=note_said(stored["note"]),
        suspicion=words.suspicion,
        file=origin.get("file", ""),
        tool=" ".join(filter(None, (origin.get("producer"), origin.get("version")))),
    )
