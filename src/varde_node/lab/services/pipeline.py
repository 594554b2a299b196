"""Standard processing of a case: started by a person with a signed version, run by a job, its file taken in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from varde.genome.errors import InputError
from varde.genome.reference_files import file_sha256
from varde.pipeline.plan import Plan
from varde.pipeline.record import RunRecord
from varde.pipeline.running import run_pipeline
from varde_node.jobs import queries as jobs
from varde_node.jobs import services as job_services
from varde_node.lab import pipeline_plans as plans
from varde_node.lab.case_access import case_for, in_data_folder
from varde_node.lab.models import AssayKind, Case, PipelineRun, VariantFile
from varde_node.lab.services.files import refuse_unexpected, upload_file
from varde_node.lab.services.quality_files import import_quality_folder
from varde_node.people import queries as people
from varde_node.people.services import Actor, Purpose, Role

JOB_KIND = "lab.process"
_STEPS_SHARE = 0.97
"""Part of the job that the workflow is; the rest is the file's way into the case."""


@transaction.atomic
def start_processing(actor: Actor, case_id: UUID) -> UUID:
    """Run the laboratory's pipeline over the reads of a case that lie in the inbox; return the run. A run that stopped
    with the same files and version is gone on with: what is done is kept.

    Raises InputError: ``not_expected`` and ``consent_lacks`` as for an upload, ``run_in_progress``, those of
    ``match_reads``, ``tool_missing``, and ``version_not_signed`` when the version that would run is not the one that
    somebody has measured and another has signed.
    """
    case = case_for(actor, "lab.pipeline.run", case_id, lock=True)
    refuse_unexpected(case)
    _refuse_second(case)
    plan = plans.plan_of_case(case)
    version = plan.version()
    signature = plans.signature_with(case.laboratory_id, version.digest)
    if signature is None:
        raise InputError(
            "version_not_signed",
            f"The pipeline as it is today ({version.digest[:12]}) is not signed for use in this laboratory.",
            "Hold it against a truth sample; then another person than who did it signs it.",
            field="version",
        )
    identifier = uuid4()
    inputs = {sample.name: [path.name for path in sample.files] for sample in plan.samples}
    stopped = case.pipeline_runs.order_by("-started_at").first()
    goes_on = stopped is not None and (stopped.record, stopped.signature_id, stopped.inputs) == (
        None,
        signature.id,
        inputs,
    )
    run = PipelineRun.objects.create(
        id=identifier,
        case=case,
        signature=signature,
        folder=stopped.folder if stopped is not None and goes_on else _new_folder(case.id, identifier),
        inputs=inputs,
        started_by_id=actor.account_id,
        started_as=actor.role.value,
    )
    run.job_id = job_services.enqueue(JOB_KIND, run.id, requested_by=actor.account_id, organisation=case.laboratory_id)
    run.save(update_fields=["job_id"])
    return run.id


def run_processing(run_id: UUID, report: Callable[[float, str], None]) -> UUID:
    """Run the workflow of a run, or go on where it stopped, and take its file into the case; return the case.

    An InputError is kept as the run's problem and goes on to the job. Running it again after it ended changes nothing.
    """
    run = PipelineRun.objects.select_related("case", "signature__version", "started_by").get(id=run_id)
    if run.record is not None or run.problem is not None:
        return run.case_id
    try:
        report(0.0, gettext_noop("Looking at the reads"))
        plan = plans.plan_of_case(run.case)
        _refuse_other_version(plan.version().digest, run)
        record = _run(plan, run, report)
        folder = in_data_folder(run.folder)
        report(_STEPS_SHARE, gettext_noop("Taking the variants into the case"))
        _take_in(run, folder, record)
    except InputError as error:
        run.problem, run.finished_at = plans.told_problem(error), timezone.now()
        run.save(update_fields=["problem", "finished_at"])
        raise
    return run.case_id


def _new_folder(case_id: UUID, run_id: UUID) -> str:
    return f"cases/{case_id}/runs/{run_id}"


def _run(plan: Plan, run: PipelineRun, report: Callable[[float, str], None]) -> RunRecord:
    """Run in the run's folder; in a new one where a file has other reads than those the run was begun with."""
    watch = plans.watcher(report, _STEPS_SHARE)
    who = plans.who(run.started_by.full_name)
    try:
        return run_pipeline(plan, in_data_folder(run.folder), plans.host(), who, watch)
    except InputError as error:
        if error.code != "folder_in_use" or run.folder == _new_folder(run.case_id, run.id):
            raise
    run.folder = _new_folder(run.case_id, run.id)
    run.save(update_fields=["folder"])
    return run_pipeline(plan, in_data_folder(run.folder), plans.host(), who, watch)


def _refuse_second(case: Case) -> None:
    for run in case.pipeline_runs.filter(record__isnull=True, problem__isnull=True):
        job = jobs.job(run.job_id) if run.job_id else None
        if job is not None and not job.ended_for_good:
            raise InputError(
                "run_in_progress",
                "The reads of this case are being processed already.",
                "Wait for the run, or cancel it.",
                field="run",
            )


def _refuse_other_version(digest: str, run: PipelineRun) -> None:
    signed = run.signature.version.digest
    if digest != signed:
        raise InputError(
            "version_changed",
            f"A tool, the reference or a setting changed since the run was started: {digest[:12]}, signed was "
            f"{signed[:12]}.",
            "Hold the new version against a truth sample and have it signed, then start again.",
            field="version",
        )


def _take_in(run: PipelineRun, folder: Path, record: RunRecord) -> None:
    """The quality reports and the family's VCF become the case's, in the name of who started the run and with all the
    checks of an upload. Quality first: the variants start the analysis, which is then judged with it."""
    assay = AssayKind.EXOME if record.target else AssayKind.GENOME
    import_quality_folder(_starter(run), run.case_id, folder / "quality", assay=assay)
    vcf = folder / "variants" / f"{run.case.number}.vcf.gz"
    taken = run.case.files.filter(sha256=file_sha256(vcf), superseded=False).first()
    if taken is None:
        with vcf.open("rb") as stream:
            taken = VariantFile.objects.get(id=upload_file(_starter(run), run.case_id, vcf.name, stream))
    run.record, run.variant_file, run.finished_at = _kept(record), taken, timezone.now()
    run.save(update_fields=["record", "variant_file", "finished_at"])


def _starter(run: PipelineRun) -> Actor:
    role = Role(run.started_as)
    laboratory = people.organisation(run.case.laboratory_id)
    return Actor(
        account_id=run.started_by_id,
        display_name=run.started_by.full_name,
        role=role,
        organisation_id=run.case.laboratory_id,
        organisation_name=laboratory.short_name if laboratory else "",
        purpose=Purpose.TREATMENT,
    )


def _kept(record: RunRecord) -> dict[str, Any]:
    """The record without commands and configuration, which stand in the folder's run.json."""
    return replace(record, steps=(), configuration={}).as_dict()
