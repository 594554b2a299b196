"""One case as its pages show it: head, family, the road with its next step, and what has happened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.functional import Promise

from varde.interpretation.phenotype import PhenotypeTerm, named_terms
from varde_node.jobs import queries as jobs
from varde_node.lab.access import READERS
from varde_node.lab.case_access import case_for, current_analysis, finished_analyses
from varde_node.lab.consent_limits import limits_of
from varde_node.lab.contracts import Progress
from varde_node.lab.family import AFFECTED_WORDS, place_order, place_words
from varde_node.lab.history import Event, events_of
from varde_node.lab.models import Analysis, Case, CaseState, FileKind, Interpretation, RoundKind, Sample, Scope
from varde_node.lab.road import NextStep, Station, next_step, road_of
from varde_node.lab.states import LAYER_STATES, SEX_WORDS, StateWord, quality_word, state_word
from varde_node.lab.words import ROUND_KINDS, Text
from varde_node.people import queries as people
from varde_node.people.services import Actor


@dataclass(frozen=True)
class SampleView:
    """A tube of a family member."""

    id: UUID
    role: str
    place: str
    person_name: str
    national_identifier: str
    birth_date: date
    sex: str
    affected: bool | None
    name: str
    received_at: datetime | None
    received_by: str
    has_file: bool
    typed: str = ""
    """What stands in the barcode field of a form that was refused."""

    @property
    def role_word(self) -> str | Promise:
        """The place in the family in the reader's language."""
        return place_words(self.place)

    @property
    def affected_word(self) -> str | Promise:
        """Whether the person has the disease, in the reader's language."""
        return AFFECTED_WORDS[self.affected]

    @property
    def sex_word(self) -> str | Promise:
        """The registered sex in the reader's language."""
        return SEX_WORDS[self.sex]


@dataclass(frozen=True)
class FileView:
    """An uploaded file."""

    id: UUID
    given_name: str
    kind: str
    samples: tuple[str, ...]
    size_bytes: int
    sha256: str
    uploaded_at: datetime
    uploaded_by: str
    superseded: bool


@dataclass(frozen=True)
class ProblemView:
    """Why an analysis could not be done: what to do stands in ``remedy``."""

    problem: str
    remedy: str
    source: str | None
    line: int | None
    field: str | None


@dataclass(frozen=True)
class CaseView:
    """A case with all that its own pages need."""

    id: UUID
    number: str
    order_id: UUID
    state: str
    state_word: StateWord
    quality_word: StateWord
    consent_limits: tuple[StateWord, ...]
    child: SampleView
    samples: tuple[SampleView, ...]
    age_years: int
    requester: str
    indication: str
    terms: tuple[PhenotypeTerm, ...]
    panel_name: str
    panel_version: str
    panel_genes: int
    all_genes: bool
    urgent: bool
    received_at: datetime
    due_on: date
    days_left: int
    files: tuple[FileView, ...]
    missing_files: tuple[str, ...]
    job_id: UUID | None
    job: jobs.JobView | None
    problem: ProblemView | None
    can_start: bool
    takes_files: bool
    takes_layers: bool
    road: tuple[Station, ...]
    next_step: NextStep
    events: tuple[Event, ...]
    assignee_id: UUID | None
    assignee: str
    colleagues: tuple[people.Colleague, ...]
    reopened: tuple[Text, str] | None
    """Why the case was opened again last: correction or re-analysis, and the reason."""


def case(actor: Actor, case_id: UUID, action: str = "lab.case.read") -> CaseView:
    """The case, for the page whose action is given; written to the trail."""
    row = case_for(actor, action, case_id)
    analyses = list(row.analyses.select_related("override__by").order_by("created_at"))
    newest = analyses[-1] if analyses else None
    finished = current_analysis(row)
    files = [_file(file) for file in row.files.select_related("uploaded_by").order_by("-uploaded_at")]
    samples = _samples(row, files)
    job = jobs.job(newest.job_id) if newest is not None and newest.job_id else None
    requester = people.organisation(row.requester_id)
    missing = tuple(sample.name for sample in samples if not sample.has_file)
    today = timezone.localdate()
    stuck = row.state == CaseState.ANALYSING and (job is None or job.ended_for_good)
    takes_files = row.state in (CaseState.SAMPLES_RECEIVED, CaseState.QUALITY_STOP) or stuck
    return CaseView(
        id=row.id,
        number=row.number,
        order_id=row.order_id,
        state=row.state,
        state_word=state_word(row.state),
        quality_word=_quality_word(finished),
        consent_limits=limits_of([row.patient_id])[row.patient_id],
        child=samples[0],
        samples=samples,
        age_years=_age(samples[0], today),
        requester=requester.name if requester else "",
        indication=row.indication,
        terms=named_terms(row.hpo_terms),
        panel_name=row.panel.name,
        panel_version=row.panel.version,
        panel_genes=len(row.panel.genes),
        all_genes=row.scope == Scope.ALL_GENES,
        urgent=row.urgent,
        received_at=row.received_at,
        due_on=row.due_on,
        days_left=(row.due_on - today).days,
        files=tuple(files),
        missing_files=missing,
        job_id=newest.job_id if newest else None,
        job=job,
        problem=_problem(newest),
        can_start=not missing and takes_files,
        takes_files=takes_files,
        takes_layers=row.state in LAYER_STATES,
        road=road_of(row.state),
        next_step=next_step(row.state, stuck=stuck),
        events=events_of(row, samples, files, analyses),
        assignee_id=row.assignee_id,
        assignee=people.account_name(row.assignee_id) if row.assignee_id else "",
        colleagues=people.colleagues(row.laboratory_id, READERS),
        reopened=_reopened(row),
    )


def _reopened(row: Case) -> tuple[Text, str] | None:
    last = row.reopenings.order_by("-at").first()
    return None if last is None else (ROUND_KINDS[RoundKind(last.kind)], last.reason)


def progress(order_id: UUID) -> Progress | None:
    """Where the laboratory is with an order; the asking domain has decided who may see the order."""
    return progress_of([order_id]).get(order_id)


def progress_of(order_ids: Iterable[UUID]) -> dict[UUID, Progress]:
    """Where the laboratory is with each order that it has a case of, in two questions however many are asked for."""
    signed = Interpretation.objects.filter(case=OuterRef("pk"), approved_at__isnull=False).order_by("-number")
    rows = list(
        Case.objects.filter(order_id__in=list(order_ids))
        .select_related("opening")
        .annotate(
            analysed_at=Subquery(finished_analyses(OuterRef("pk")).values("finished_at")[:1]),
            approved_at=Subquery(signed.values("approved_at")[:1]),
        )
    )
    received: dict[UUID, list[datetime | None]] = {row.id: [] for row in rows}
    for case_id, at in Sample.objects.filter(case__in=list(received)).values_list("case_id", "received_at"):
        received[case_id].append(at)
    return {row.order_id: _progress(row, received[row.id]) for row in rows}


def _progress(row: Any, received: list[datetime | None]) -> Progress:
    opening = getattr(row, "opening", None)
    return Progress(
        case_id=row.id,
        case_number=row.number,
        state=row.state,
        received_at=row.received_at,
        samples_received_at=max(received) if received and all(received) else None,
        analysed_at=row.analysed_at,
        signed_at=row.approved_at,
        due_on=row.due_on,
        scope=row.scope,
        genes_opened_at=opening.at if opening else None,
    )


def _samples(row: Case, files: list[FileView]) -> tuple[SampleView, ...]:
    brought = {name for file in files if not file.superseded and file.kind == FileKind.SMALL for name in file.samples}
    rows = sorted(row.samples.select_related("received_by"), key=lambda one: place_order(one.place))
    persons = people.persons([one.person_id for one in rows])
    return tuple(
        SampleView(
            id=one.id,
            role=one.role,
            place=one.place,
            person_name=persons[one.person_id].name,
            national_identifier=persons[one.person_id].national_identifier,
            birth_date=persons[one.person_id].birth_date,
            sex=persons[one.person_id].sex,
            affected=one.affected,
            name=one.name,
            received_at=one.received_at,
            received_by=one.received_by.full_name if one.received_by else "",
            has_file=one.name in brought,
        )
        for one in rows
    )


def _file(file: object) -> FileView:
    return FileView(
        id=file.id,
        given_name=file.given_name,
        kind=file.kind,
        samples=tuple(file.samples),
        size_bytes=file.size_bytes,
        sha256=file.sha256,
        uploaded_at=file.uploaded_at,
        uploaded_by=file.uploaded_by.full_name,
        superseded=file.superseded,
    )


def _quality_word(analysis: Analysis | None) -> StateWord:
    if analysis is None:
        return quality_word(None, None, overridden=False)
    return quality_word(analysis.quality, analysis.stops_sign_off, overridden=hasattr(analysis, "override"))


def _problem(analysis: Analysis | None) -> ProblemView | None:
    if analysis is None or analysis.problem is None:
        return None
    stored = analysis.problem
    return ProblemView(stored["problem"], stored["remedy"], stored["source"], stored["line"], stored["field"])


def _age(child: SampleView, today: date) -> int:
    born = child.birth_date
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
