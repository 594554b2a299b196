"""The analysis of a case's files: started when all are there, run by a job, and stopped by bad quality."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from varde.consent import Purpose
from varde.genome.errors import InputError
from varde.genome.references import ReferenceStore
from varde.interpretation.analysis import PreparedCase, prepare
from varde_node.consent import queries as consent
from varde_node.jobs import queries as jobs
from varde_node.jobs import services as job_services
from varde_node.lab import opened
from varde_node.lab.case_access import case_for, current_analysis, in_data_folder
from varde_node.lab.family import pedigree_of
from varde_node.lab.models import Analysis, Case, CaseState, FamilyRole, FileKind, QualityOverride, VariantFile
from varde_node.lab.services.quality_judging import judged, keep_fingerprints
from varde_node.people.services import Actor
from varde_node.registers.frequency import queries as register

JOB_KIND = "lab.analyse"
SHORTEST_REASON = 10
"""Characters of a reason that another person can understand. Varde's proposal."""

NEVER_ASKED = "consent.denied.none"
"""The reason key of a person with no consent at all: the clinic refuses to sign such an order."""

STEPS = {
    "read": (0.1, gettext_noop("Reading the files")),
    "consequence": (0.6, gettext_noop("Naming the consequences")),
    "inheritance": (0.8, gettext_noop("Following the inheritance")),
}
"""Share of the work done when the library reports a stage, and the stage in words."""

Report = Callable[[float, str], None]


def enqueue_analysis(actor: Actor, case: Case) -> UUID:
    """Begin an analysis of the case's files (the caller holds the case's row); return the job."""
    case.state = CaseState.ANALYSING
    case.save(update_fields=["state"])
    analysis = Analysis.objects.create(case=case)
    analysis.job_id = job_services.enqueue(
        JOB_KIND, analysis.id, requested_by=actor.account_id, organisation=case.laboratory_id
    )
    analysis.save(update_fields=["job_id"])
    return analysis.job_id


@transaction.atomic
def start_analysis(actor: Actor, case_id: UUID) -> UUID:
    """Analyse the files again, after a failure or with a new reference or counts; return the job.

    Raises InputError ``not_expected`` when files are missing or an analysis is running, and ``consent_lacks``.
    """
    case = case_for(actor, "lab.file.upload", case_id, lock=True, details={"analysis": "again"})
    ready = case.state in (CaseState.SAMPLES_RECEIVED, CaseState.QUALITY_STOP) or is_stuck(case)
    if not ready or case.missing_files():
        raise InputError(
            "not_expected",
            "The analysis cannot start: files are missing, or the case is analysed already.",
            "Upload the missing files first.",
            field="file",
        )
    refuse_after_withdrawal(case)
    return enqueue_analysis(actor, case)


def refuse_after_withdrawal(case: Case) -> None:
    """No examination is begun of somebody who has said no since the order was signed (the order itself asked for the
    consent of everybody). Raises InputError ``consent_lacks`` naming the place in the family."""
    for sample in case.samples.order_by("role"):
        decision = consent.decide(sample.person_id, Purpose.CARE_PANEL)
        if not decision.allowed and decision.reason.key != NEVER_ASKED:
            raise InputError(
                "consent_lacks",
                f"The consent of the {sample.role} does not allow the analysis any more.",
                "Speak with the family through the requester: the choice is theirs.",
                field="consent",
            )


def is_stuck(case: Case) -> bool:
    """Whether the case waits for an analysis whose job has failed or was cancelled."""
    if case.state != CaseState.ANALYSING:
        return False
    analysis = case.analyses.order_by("-created_at").first()
    job = jobs.job(analysis.job_id) if analysis is not None and analysis.job_id else None
    return job is None or job.ended_for_good


def analyse_case(analysis_id: UUID, report: Report) -> UUID:
    """Run the library over the files of an analysis, store the prepared case and its quality, and move the case on;
    return the case.

    An InputError is kept as the analysis' problem, the file at fault is set aside, the case waits for a new one, and
    the error goes on to the job. Running it again after it ended changes nothing.
    """
    analysis = Analysis.objects.select_related("case").get(id=analysis_id)
    if analysis.finished_at is not None or not _waited_for(analysis, analysis.case):
        return analysis.case_id
    current = analysis.case.files.filter(superseded=False, kind=FileKind.SMALL)
    files = list(current.order_by("uploaded_at"))
    try:
        prepared = _prepare(analysis.case, files, report)
    except InputError as error:
        named = _named_after(files, error)
        _refuse(analysis, files, error, named)
        raise named from None
    report(0.9, gettext_noop("Storing"))
    folder = f"cases/{analysis.case_id}/analyses/{analysis.id}"
    prepared.save(in_data_folder(folder))
    _finish(analysis, prepared, folder)
    return analysis.case_id


@transaction.atomic
def override_quality(actor: Actor, case_id: UUID, reason: str) -> None:
    """Let a case that bad quality stopped go on, in the actor's name; the reason is printed in the answer.

    Raises InputError ``reason_required`` or ``nothing_to_override``.
    """
    reason = reason.strip()
    case = case_for(actor, "lab.quality.override", case_id, lock=True, personal={"reason": reason})
    if len(reason) < SHORTEST_REASON:
        raise InputError(
            "reason_required",
            f"The reason has fewer than {SHORTEST_REASON} characters.",
            "Write what was found out and why the case may go on; it is printed in the answer.",
            field="reason",
        )
    analysis = current_analysis(case)
    if case.state != CaseState.QUALITY_STOP or analysis is None:
        raise InputError(
            "nothing_to_override", "Quality does not stop this case.", "Load the page again.", field="reason"
        )
    QualityOverride.objects.create(analysis=analysis, by_id=actor.account_id, reason=reason)
    case.state = CaseState.INTERPRETATION
    case.save(update_fields=["state"])


def _prepare(case: Case, files: list[VariantFile], report: Report) -> PreparedCase:
    report(0.02, gettext_noop("Looking up the reference"))
    reference = ReferenceStore(settings.REFERENCES).get(settings.REFERENCE)
    steps = {
        "read": (0.1, gettext_noop("Reading the files")),
        "consequence": (0.6, "Consequences"),
        "inheritance": (0.8, "Inheritance"),
    }
    report(*steps["read"])
    return prepare(
        [in_data_folder(file.stored_as) for file in files],
        pedigree_of(case),
        reference=reference,
        frequencies=register.counts_folder(),
        knowledge=opened.gene_knowledge(),
        known=opened.knowledge_base(),
        child=case.samples.get(role=FamilyRole.CHILD).name,
        allow_unsequenced=True,  # parents who were not ordered; every tube's file is there
        progress=lambda stage, _done: report(*STEPS[stage]),
    )


def _named_after(files: list[VariantFile], error: InputError) -> InputError:
    """The error with the name that the file was given, instead of the one it is stored under."""
    for file in files:
        if error.source == Path(file.stored_as).name:
            return replace(error, source=file.given_name)
    return error


def _waited_for(analysis: Analysis, case: Case) -> bool:
    """Whether the case waits for this analysis: a worker thought lost may end after a newer one has begun."""
    newer = case.analyses.filter(created_at__gt=analysis.created_at)
    return case.state == CaseState.ANALYSING and not newer.exists()


@transaction.atomic
def _refuse(analysis: Analysis, files: list[VariantFile], error: InputError, named: InputError) -> None:
    case = Case.objects.select_for_update().get(id=analysis.case_id)
    analysis.problem = {
        "code": named.code,
        "problem": named.problem,
        "remedy": named.remedy,
        "source": named.source,
        "line": named.line,
        "field": named.field,
    }
    analysis.finished_at = timezone.now()
    analysis.save(update_fields=["problem", "finished_at"])
    if not _waited_for(analysis, case):
        return
    at_fault = [file for file in files if Path(file.stored_as).name == error.source]
    VariantFile.objects.filter(id__in=[file.id for file in at_fault]).update(superseded=True)
    case.state = CaseState.SAMPLES_RECEIVED
    case.save(update_fields=["state"])


@transaction.atomic
def _finish(analysis: Analysis, prepared: PreparedCase, folder: str) -> None:
    case = Case.objects.select_for_update().get(id=analysis.case_id)
    if not _waited_for(analysis, case):
        shutil.rmtree(in_data_folder(folder), ignore_errors=True)
        return
    keep_fingerprints(case, analysis, prepared)
    report = judged(case, prepared.quality, pedigree_of(case))
    analysis.folder = folder
    analysis.quality = report.as_dict()
    analysis.stops_sign_off = report.stops_sign_off
    analysis.versions = dict(prepared.versions)
    analysis.finished_at = timezone.now()
    analysis.save(update_fields=["folder", "quality", "stops_sign_off", "versions", "finished_at"])
    case.state = CaseState.QUALITY_STOP if report.stops_sign_off else CaseState.INTERPRETATION
    case.save(update_fields=["state"])
