"""The quality files of a case, the laboratory's gates, its runs and the control charts over them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from django.utils.functional import Promise

from varde.quality.control import ControlChart, Signal, control_chart
from varde.quality.formats.kinds import BY_KEY
from varde.quality.profiles import LIMITS, STANDARD, Gate, Profile
from varde.quality.thresholds import Assay
from varde_node.lab.case_access import case_for
from varde_node.lab.metrics import words_of
from varde_node.lab.models import (
    AssayKind,
    CaseState,
    GateProfileVersion,
    QualityFile,
    QualityValue,
    RunNote,
    SequencingRun,
)
from varde_node.lab.quality_texts import source_said
from varde_node.lab.services.quality_gates import profile_of, stored_profile
from varde_node.people.services import Actor, require

NEWEST_RUNS = 50
MOST_POINTS = 200
"""Runs that a chart shows, the newest."""


@dataclass(frozen=True)
class QualityFileView:
    """A report as it was taken in."""

    name: str
    kind: str
    sample: str
    sha256: str
    tools: str
    values: int
    run: str
    assay: str
    uploaded_at: datetime
    uploaded_by: str
    superseded: bool
    waiting: bool
    problem: dict[str, object] | None


@dataclass(frozen=True)
class QualityFilesView:
    """All of a case, the newest first; the runs that new ones can be of."""

    number: str
    files: tuple[QualityFileView, ...]
    takes_files: bool
    runs: tuple[SequencingRunView, ...]
    samples: tuple[str, ...]


@dataclass(frozen=True)
class SequencingRunView:
    """A run of an instrument."""

    id: UUID
    name: str
    instrument: str
    flow_cell: str
    sequenced_on: date
    pipeline: str


@dataclass(frozen=True)
class GateView:
    """A gate with its limits as numbers and in words."""

    metric: str
    title: str | Promise
    gate: Gate
    source: str

    @property
    def limits(self) -> tuple[tuple[str, float | None], ...]:
        """Name and number of each limit, in their order."""
        return tuple((name, getattr(self.gate, name)) for name in LIMITS)


@dataclass(frozen=True)
class StoredVersion:
    """A version of a profile: who stored it, when and why."""

    number: int
    by: str
    at: datetime
    reason: str


@dataclass(frozen=True)
class GatesView:
    """The gates of an assay in force, those that the laboratory could set besides, and the versions before."""

    assay: str
    label: str
    gates: tuple[GateView, ...]
    versions: tuple[StoredVersion, ...]


@dataclass(frozen=True)
class ChartPoint:
    """A value of a run: the mean over its samples."""

    run: SequencingRunView
    value: float
    samples: int
    signals: frozenset[Signal]

    @property
    def beyond(self) -> bool:
        """Beyond the limits."""
        return Signal.BEYOND_LIMITS in self.signals

    @property
    def in_run(self) -> bool:
        """In a run on one side."""
        return Signal.RUN in self.signals


@dataclass(frozen=True)
class ChartNote:
    """A change on the instrument."""

    on: date
    kind: str
    text: str
    restarts: bool


@dataclass(frozen=True)
class Stretch:
    """Points under one set of limits."""

    chart: ControlChart
    points: tuple[ChartPoint, ...]


@dataclass(frozen=True)
class ChartsView:
    """The chart of a metric on an instrument and assay, and what can be chosen."""

    instruments: tuple[str, ...]
    metrics: tuple[tuple[str, str | Promise], ...]
    instrument: str
    assay: str
    metric: str
    title: str | Promise
    decimals: int
    stretches: tuple[Stretch, ...]
    notes: tuple[ChartNote, ...]

    @property
    def points(self) -> tuple[ChartPoint, ...]:
        """All, in time."""
        return tuple(point for stretch in self.stretches for point in stretch.points)

    @property
    def signalled(self) -> int:
        """Points that are looked at."""
        return sum(bool(point.signals) for point in self.points)


def quality_files(actor: Actor, case_id: UUID) -> QualityFilesView:
    """The quality files of a case."""
    case = case_for(actor, "lab.quality.read", case_id)
    rows = case.quality_files.select_related("run", "uploaded_by").order_by("-uploaded_at", "name")
    closed = (CaseState.ORDERED, CaseState.APPROVAL, CaseState.SIGNED, CaseState.CANCELLED)
    return QualityFilesView(
        number=case.number,
        files=tuple(_file(row) for row in rows),
        takes_files=case.state not in closed,
        runs=tuple(_runs(case.laboratory_id)[:NEWEST_RUNS]),
        samples=tuple(case.samples.order_by("name").values_list("name", flat=True)),
    )


def gates(actor: Actor, assay: str) -> GatesView:
    """The gates of an assay in the actor's laboratory."""
    require(actor, "lab.gates.read", organisation=actor.organisation_id)
    chosen = assay if assay in AssayKind.values else AssayKind.EXOME.value
    profile = profile_of(actor.organisation_id, chosen)
    rows = GateProfileVersion.objects.filter(laboratory_id=actor.organisation_id, assay=chosen)
    return GatesView(
        assay=chosen,
        label=profile.label,
        gates=tuple(_gate_views(profile)),
        versions=tuple(
            StoredVersion(row.number, row.by.full_name, row.at, row.reason)
            for row in rows.select_related("by").order_by("-number")
        ),
    )


def gates_of_version(actor: Actor, assay: str, number: int) -> GatesView | None:
    """The gates as a version stored them, or nothing when there is no such version."""
    require(actor, "lab.gates.read", organisation=actor.organisation_id)
    row = (
        GateProfileVersion.objects.filter(laboratory_id=actor.organisation_id, assay=assay, number=number)
        .select_related("by")
        .first()
    )
    if row is None:
        return None
    profile = stored_profile(row)
    version = StoredVersion(row.number, row.by.full_name, row.at, row.reason)
    return GatesView(assay, profile.label, tuple(_views_of(profile.gates)), (version,))


@dataclass(frozen=True)
class RunView:
    """A run with the cases whose samples it read: number and address."""

    run: SequencingRunView
    cases: tuple[tuple[UUID, str], ...]
    values: tuple[tuple[str | Promise, str, float, int], ...]
    """Name of a metric, sample, value, decimals."""


def run(actor: Actor, run_id: UUID) -> RunView | None:
    """One run of the actor's laboratory, nothing when it has no such run. The look at each case's sample names is
    written to the trail."""
    require(actor, "lab.charts.read", organisation=actor.organisation_id)
    row = SequencingRun.objects.filter(id=run_id, laboratory_id=actor.organisation_id).first()
    if row is None:
        return None
    ids = row.quality_files.filter(superseded=False).values_list("case_id", flat=True).distinct()
    cases = [case_for(actor, "lab.quality.read", case_id) for case_id in sorted(ids)]
    values = QualityValue.objects.filter(file__run=row, file__superseded=False).order_by("metric", "sample")
    return RunView(
        _run_view(row),
        tuple((case.id, case.number) for case in sorted(cases, key=lambda one: one.number)),
        tuple((words_of(one.metric).name, one.sample, one.value, words_of(one.metric).decimals) for one in values),
    )


def runs(actor: Actor) -> tuple[SequencingRunView, ...]:
    """The newest runs of the actor's laboratory."""
    require(actor, "lab.charts.read", organisation=actor.organisation_id)
    return tuple(_runs(actor.organisation_id)[:NEWEST_RUNS])


def charts(actor: Actor, *, instrument: str = "", assay: str = "", metric: str = "") -> ChartsView:
    """A control chart of the actor's laboratory: a point for each run, the mean of its samples. No person is shown."""
    require(actor, "lab.charts.read", organisation=actor.organisation_id)
    laboratory = actor.organisation_id
    known = SequencingRun.objects.filter(laboratory_id=laboratory).order_by("instrument")
    instruments = tuple(known.values_list("instrument", flat=True).distinct())
    here = instrument if instrument in instruments else (instruments[0] if instruments else "")
    kind = assay if assay in AssayKind.values else AssayKind.EXOME.value
    values = QualityValue.objects.filter(
        file__run__laboratory_id=laboratory, file__run__instrument=here, file__assay=kind, file__superseded=False
    )
    metrics = tuple(values.order_by("metric").values_list("metric", flat=True).distinct())
    chosen = metric if metric in metrics else (metrics[0] if metrics else "")
    notes = RunNote.objects.filter(laboratory_id=laboratory, instrument=here).order_by("on", "at")
    words = words_of(chosen)
    return ChartsView(
        instruments=instruments,
        metrics=tuple((name, words_of(name).name) for name in metrics),
        instrument=here,
        assay=kind,
        metric=chosen,
        title=words.name,
        decimals=words.decimals,
        stretches=tuple(_stretches(values.filter(metric=chosen), [one.on for one in notes if one.restarts])),
        notes=tuple(ChartNote(one.on, one.kind, one.text, one.restarts) for one in notes),
    )


def _stretches(values: Sequence[QualityValue], restarts: list[date]) -> Iterator[Stretch]:
    found: dict[UUID, tuple[SequencingRun, dict[str, float]]] = {}
    for one in values.select_related("file__run").order_by("file__uploaded_at"):
        _run, people = found.setdefault(one.file.run_id, (one.file.run, {}))
        people[f"{one.file.case_id}/{one.sample}"] = one.value
    ordered = sorted(found.values(), key=lambda one: (one[0].sequenced_on, one[0].name))[-MOST_POINTS:]
    for _key, group in groupby(ordered, key=lambda one: sum(day <= one[0].sequenced_on for day in restarts)):
        members = list(group)
        chart = control_chart([sum(people.values()) / len(people) for _run, people in members])
        yield Stretch(
            chart,
            tuple(
                ChartPoint(_run_view(run), value, len(people), signals)
                for (run, people), value, signals in zip(members, chart.values, chart.signals, strict=True)
            ),
        )


def _gate_views(profile: Profile) -> Iterator[GateView]:
    yield from _views_of(profile.gates)


def _views_of(listed: Sequence[Gate]) -> Iterator[GateView]:
    for gate in listed:
        yield GateView(gate.metric, words_of(gate.metric).name, gate, source_said(gate.source))


def unset_gates(assay: str, view: GatesView) -> tuple[GateView, ...]:
    """Gates of Varde's own profile that the laboratory's lacks: they can be set again."""
    have = {one.metric for one in view.gates}
    return tuple(one for one in _views_of(STANDARD[Assay(assay)].gates) if one.metric not in have)


def _file(row: QualityFile) -> QualityFileView:
    tools = sorted({" ".join(filter(None, (one["producer"], one["version"]))) for one in row.measurements})
    return QualityFileView(
        name=row.name,
        kind=BY_KEY[row.kind].title if row.kind in BY_KEY else row.kind,
        sample=row.sample,
        sha256=row.sha256,
        tools=", ".join(tools[:3]) + (" ..." if len(tools) > 3 else ""),
        values=len(row.measurements),
        run=row.run.name if row.run else "",
        assay=row.assay,
        uploaded_at=row.uploaded_at,
        uploaded_by=row.uploaded_by.full_name,
        superseded=row.superseded,
        waiting=bool(row.stored_as),
        problem=row.problem,
    )


def _runs(laboratory_id: UUID) -> list[SequencingRunView]:
    rows = SequencingRun.objects.filter(laboratory_id=laboratory_id).order_by("-sequenced_on", "-at")
    return [_run_view(row) for row in rows[:NEWEST_RUNS]]


def _run_view(row: SequencingRun) -> SequencingRunView:
    return SequencingRunView(row.id, row.name, row.instrument, row.flow_cell, row.sequenced_on, row.pipeline)
