"""Reads of standard processing: a case's runs with their steps, the laboratory's board, a step's log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import Http404
from django.utils.functional import Promise

from varde.genome.errors import InputError
from varde.pipeline.inputs import SampleInput
from varde.pipeline.steps import FAILED, RUNNING, LogExcerpt, Step, read_log, read_steps
from varde_node.jobs import queries as jobs
from varde_node.lab import pipeline_plans as plans
from varde_node.lab.case_access import case_for, in_data_folder
from varde_node.lab.family import place_order, place_words
from varde_node.lab.models import Case, PipelineRun
from varde_node.lab.pipeline_words import STEP_STATES, duration, run_state, step_word
from varde_node.lab.queries.cases import ProblemView
from varde_node.lab.services.files import refuse_unexpected
from varde_node.lab.states import StateWord
from varde_node.people.services import Actor, require

NEWEST = 50
WORKFLOW_LOG = "logs/workflow.log"


@dataclass(frozen=True)
class StepView:
    """One step of a run."""

    rule: str
    word: str | Promise
    subject: str
    state: StateWord
    started_at: datetime
    duration: str
    has_log: bool
    failed: bool


@dataclass(frozen=True)
class RunView:
    """One run. ``steps`` only where asked for."""

    id: UUID
    case_id: UUID
    number: str
    state: StateWord
    started_at: datetime
    started_by: str
    duration: str
    now: str | Promise
    steps: tuple[StepView, ...]
    job: jobs.JobView | None
    problem: ProblemView | None
    digest: str
    tools: tuple[tuple[str, str], ...]
    reference: str
    build: str
    reference_sha256: str
    caller: str
    signed_by: str
    file_name: str
    quality_files: int
    output_files: int


@dataclass(frozen=True)
class ReadsView:
    """A tube and the files of its reads in the inbox."""

    name: str
    role_word: str | Promise
    files: tuple[str, ...]


@dataclass(frozen=True)
class ProcessingView:
    """A case's runs, and whether another can begin: ``hindrance`` says why not."""

    case_id: UUID
    number: str
    inbox: str
    reads: tuple[ReadsView, ...]
    digest: str
    signed_by: str
    signed_at: datetime | None
    hindrance: InputError | None
    newest: RunView | None
    earlier: tuple[RunView, ...]


@dataclass(frozen=True)
class LogView:
    """The part of a step's log around its failing line."""

    case_id: UUID
    number: str
    word: str | Promise
    subject: str
    path: str
    excerpt: LogExcerpt


def processing(actor: Actor, case_id: UUID) -> ProcessingView:
    """The runs of a case, and what a new one would take."""
    case = case_for(actor, "lab.pipeline.read", case_id)
    runs = list(_runs().filter(case=case).order_by("-started_at"))
    views = [_run_view(run, with_steps=place == 0) for place, run in enumerate(runs)]
    found, digest, signature, hindrance = _prospect(case)
    return ProcessingView(
        case_id=case.id,
        number=case.number,
        inbox=plans.inbox_name(case.laboratory_id),
        reads=tuple(
            ReadsView(sample.name, place_words(sample.place), found.get(sample.name, ()))
            for sample in sorted(case.samples.all(), key=lambda one: place_order(one.place))
        ),
        digest=digest,
        signed_by=signature.signed_by.full_name if signature else "",
        signed_at=signature.at if signature else None,
        hindrance=hindrance,
        newest=views[0] if views else None,
        earlier=tuple(views[1:]),
    )


def board(actor: Actor) -> tuple[RunView, ...]:
    """The newest runs of the actor's laboratory."""
    require(actor, "lab.pipeline.read", organisation=actor.organisation_id)
    rows = _runs().filter(case__laboratory_id=actor.organisation_id).order_by("-started_at")[:NEWEST]
    return tuple(_run_view(run, with_steps=True) for run in rows)


def log(actor: Actor, case_id: UUID, run_id: UUID, rule: str, subject: str) -> LogView:
    """The log of one step of a run, at its failing line; the workflow's own log where no rule is named."""
    case = case_for(actor, "lab.pipeline.read", case_id)
    run = case.pipeline_runs.filter(id=run_id).first()
    if run is None:
        raise Http404
    folder = in_data_folder(run.folder)
    path = WORKFLOW_LOG
    if rule:
        step = next((one for one in read_steps(folder) if (one.rule, one.subject) == (rule, subject)), None)
        if step is None or not step.log:
            raise Http404
        path = step.log
    if not (folder / path).resolve().is_relative_to((folder / "logs").resolve()):
        raise Http404
    return LogView(case.id, case.number, step_word(rule), subject, path, read_log(folder / path))


def _runs():
    return PipelineRun.objects.select_related(
        "case", "signature__version", "signature__signed_by", "started_by", "variant_file"
    )


def _prospect(case: Case):
    """Files by sample, digest of the version that would run, its signature, and what stands against a run."""
    found: Mapping[str, tuple[str, ...]] = {}
    digest, signature, hindrance = "", None, None
    try:
        plan = plans.plan_of_case(case)
        found = {sample.name: _names(sample) for sample in plan.samples}
        version = plan.version()
        digest = version.digest
        signature = plans.signature_with(case.laboratory_id, digest)
        refuse_unexpected(case)
    except InputError as error:
        hindrance = error
    return found, digest, signature, hindrance


def _names(sample: SampleInput) -> tuple[str, ...]:
    return tuple(path.name for path in sample.files)


def _run_view(run: PipelineRun, *, with_steps: bool) -> RunView:
    job = jobs.job(run.job_id) if run.job_id else None
    steps = read_steps(in_data_folder(run.folder)) if with_steps else ()
    told = run.signature.version.told
    ended = run.finished_at or (job.ended if job else None)
    problem = run.problem
    outputs = run.record["outputs"] if run.record else []
    return RunView(
        id=run.id,
        case_id=run.case_id,
        number=run.case.number,
        state=run_state(run.record is not None, problem is not None, job.state if job else None),
        started_at=run.started_at,
        started_by=run.started_by.full_name,
        duration=duration((ended - run.started_at).total_seconds() if ended else None),
        now=_now(steps),
        steps=tuple(_step_view(step) for step in steps),
        job=job,
        problem=ProblemView(*(problem[name] for name in ("problem", "remedy", "source", "line", "field")))
        if problem
        else None,
        digest=run.signature.version.digest,
        tools=tuple(told["tools"].items()),
        reference=told["reference"],
        build=told["build"],
        reference_sha256=told["reference_sha256"],
        caller=told["caller"],
        signed_by=run.signature.signed_by.full_name,
        file_name=run.variant_file.given_name if run.variant_file else "",
        quality_files=sum(output["path"].startswith("quality/") for output in outputs),
        output_files=len(outputs),
    )


def _now(steps: tuple[Step, ...]) -> str | Promise:
    """The step that failed, else the newest that runs."""
    told = [step for step in steps if step.state == FAILED] or [step for step in steps if step.state == RUNNING]
    return step_word(told[-1].rule) if told else ""


def _step_view(step: Step) -> StepView:
    return StepView(
        rule=step.rule,
        word=step_word(step.rule),
        subject=step.subject,
        state=STEP_STATES[step.state],
        started_at=step.started,
        duration=duration(step.seconds),
        has_log=bool(step.log),
        failed=step.state == FAILED,
    )
