"""Measuring a version of the pipeline on a truth sample, and signing it for use: two people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_noop

from varde.genome.errors import InputError
from varde.genome.reference_files import file_sha256
from varde.genome.references import Reference
from varde.genome.regions import RegionSet, read_bed
from varde.genome.vcf import read_whole_vcf
from varde.pipeline.running import run_pipeline
from varde.quality.concordance import Concordance, compare_calls
from varde_node.jobs import services as job_services
from varde_node.lab import pipeline_plans as plans
from varde_node.lab.case_access import in_data_folder
from varde_node.lab.models import TruthRun, VersionSignature
from varde_node.people.services import Actor, require

JOB_KIND = "lab.measure_truth"
SHORTEST_REASON = 10
_STEPS_SHARE = 0.9


@transaction.atomic
def measure_version(actor: Actor, truth_set: str) -> UUID:
    """Run the pipeline as it is today on a truth sample's reads and hold its calls against the truth; return the run.

    Raises InputError ``unknown_truth``, those of ``match_reads`` and ``tool_missing``.
    """
    require(actor, "lab.truth.measure", organisation=actor.organisation_id, details={"truth_set": truth_set[:60]})
    chosen = plans.truth_set(truth_set)
    identifier = uuid4()
    row = TruthRun.objects.create(
        id=identifier,
        laboratory_id=actor.organisation_id,
        version=plans.version_row(plans.plan_of_truth(chosen)),
        truth_set=chosen.name,
        folder=f"truth-runs/{identifier}",
        started_by_id=actor.account_id,
    )
    row.job_id = job_services.enqueue(
        JOB_KIND, row.id, requested_by=actor.account_id, organisation=actor.organisation_id
    )
    row.save(update_fields=["job_id"])
    return row.id


def measure_truth(truth_run_id: UUID, report: Callable[[float, str], None]) -> UUID:
    """Run the workflow of a measurement and compare; return the measurement. Again after it ended changes nothing."""
    row = TruthRun.objects.select_related("version", "started_by").get(id=truth_run_id)
    if row.result is not None or row.problem is not None:
        return row.id
    folder = in_data_folder(row.folder)
    try:
        report(0.0, gettext_noop("Looking at the reads"))
        chosen = plans.truth_set(row.truth_set)
        plan = plans.plan_of_truth(chosen)
        if plan.version().digest != row.version.digest:
            raise InputError(
                "version_changed",
                "A tool, the reference or a setting changed since the measurement was started.",
                "Start a new measurement.",
                field="version",
            )
        run_pipeline(
            plan, folder, plans.host(), plans.who(row.started_by.full_name), plans.watcher(report, _STEPS_SHARE)
        )
        report(_STEPS_SHARE, gettext_noop("Holding the calls against the truth"))
        row.result = _compared(chosen, folder / "variants" / f"{plan.family}.vcf.gz", plan.reference, plan.target)
    except InputError as error:
        row.problem, row.finished_at = plans.told_problem(error), timezone.now()
        row.save(update_fields=["problem", "finished_at"])
        raise
    row.finished_at = timezone.now()
    row.save(update_fields=["result", "finished_at"])
    return row.id


def sign_version(actor: Actor, truth_run_id: UUID, reason: str) -> None:
    """Take the measured version into use in the actor's laboratory and name.

    Raises InputError ``not_measured``, ``same_person``, ``reason_required`` or ``signed_already``, having changed
    nothing.
    """
    reason = reason.strip()
    with transaction.atomic():
        row = TruthRun.objects.select_for_update(of=("self",)).select_related("version").filter(id=truth_run_id).first()
        if row is None:
            raise Http404
        require(
            actor,
            "lab.truth.sign",
            object_id=row.id,
            organisation=row.laboratory_id,
            details={"version": row.version.digest[:12]},
        )
        _check(actor, row, reason)
        try:
            with transaction.atomic():
                VersionSignature.objects.create(
                    laboratory_id=row.laboratory_id,
                    version=row.version,
                    truth_run=row,
                    measured_by_id=row.started_by_id,
                    signed_by_id=actor.account_id,
                    reason=reason,
                )
        except IntegrityError:
            raise InputError(
                "signed_already", "This version is signed already.", "Load the page again.", field="reason"
            ) from None


def _check(actor: Actor, row: TruthRun, reason: str) -> None:
    if row.result is None:
        raise InputError(
            "not_measured",
            "The measurement has not ended, or ended with an error.",
            "Wait for it, or start another.",
            field="reason",
        )
    if row.started_by_id == actor.account_id:
        raise InputError(
            "same_person",
            "Who measured a version does not sign it.",
            "Ask a colleague to look at the figures and sign.",
            field="reason",
        )
    if len(reason) < SHORTEST_REASON:
        raise InputError(
            "reason_required",
            f"The reason has fewer than {SHORTEST_REASON} characters.",
            "Write what you looked at and why the version may be used.",
            field="reason",
        )


def _compared(chosen: plans.TruthSet, vcf: Path, reference: Reference, target: Path | None) -> dict[str, Any]:
    regions = [read_bed(chosen.confident, reference.build)]
    regions += [read_bed(target, reference.build)] if target else []
    coding = read_bed(chosen.coding, reference.build) if chosen.coding else None
    found = compare_calls(
        read_whole_vcf(chosen.truth, samples=[chosen.sample]),
        read_whole_vcf(vcf, samples=[chosen.sample]),
        regions,
        reference=reference,
        coding=coding,
    )
    return _told(found, chosen, vcf, regions)


def _told(found: Concordance, chosen: plans.TruthSet, vcf: Path, regions: list[RegionSet]) -> dict[str, Any]:
    return {
        "sample": chosen.sample,
        "strata": {name: asdict(tally) for name, tally in found.strata.items()},
        "truth_not_assessed": found.truth_not_assessed,
        "calls_not_assessed": found.calls_not_assessed,
        "replayed": found.replayed,
        "too_dense": found.too_dense,
        "regions_bases": [region.total_length for region in regions],
        "sha256": {path.name: file_sha256(path) for path in (chosen.truth, chosen.confident, vcf)},
    }
