"""Reads of the pipeline's versions: how each did against a truth, and who signed it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import Http404
from django.utils.functional import Promise

from varde.genome.errors import InputError
from varde.pipeline.reproducing import version_differences
from varde.pipeline.settings import version_of
from varde.quality.concordance import Share, Tally
from varde_node.jobs import queries as jobs
from varde_node.lab import pipeline_plans as plans
from varde_node.lab.models import TruthRun, VersionSignature
from varde_node.lab.pipeline_words import STRATUM_WORDS, duration, run_state
from varde_node.lab.queries.cases import ProblemView
from varde_node.lab.states import StateWord
from varde_node.people.services import Actor, require

NEWEST = 50


@dataclass(frozen=True)
class ShareView:
    """A share with its interval of 95 %; ``value`` None where nothing was assessed."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class StratumView:
    """One kind of variant: counts and figures, and the figures of the version it is held beside."""

    name: str
    word: str | Promise
    truth_found: int
    false_negative: int
    calls_right: int
    false_positive: int
    genotype_error: int
    recall: ShareView
    precision: ShareView
    f1: float | None
    other_recall: ShareView | None
    other_precision: ShareView | None


@dataclass(frozen=True)
class TruthRunView:
    """One measurement, in short."""

    id: UUID
    truth_set: str
    digest: str
    caller: str
    state: StateWord
    started_at: datetime
    started_by: str
    duration: str
    recall: ShareView | None
    precision: ShareView | None
    signed_by: str
    signed_at: datetime | None
    today: bool


@dataclass(frozen=True)
class TruthView:
    """The page of all measurements. ``today`` is the digest of the version that would run now; empty with a
    ``hindrance`` (no truth sample, a program missing)."""

    runs: tuple[TruthRunView, ...]
    truth_sets: tuple[str, ...]
    today: str
    today_signed_by: str
    hindrance: InputError | None


@dataclass(frozen=True)
class MeasurementView:
    """One measurement whole, beside another version's on the same truth sample."""

    run: TruthRunView
    job: jobs.JobView | None
    problem: ProblemView | None
    sample: str
    strata: tuple[StratumView, ...]
    other: TruthRunView | None
    others: tuple[TruthRunView, ...]
    differences: tuple[tuple[str, str, str], ...]
    facts: tuple[tuple[str, str], ...]
    truth_not_assessed: int
    calls_not_assessed: int
    replayed: int
    too_dense: int
    sha256: tuple[tuple[str, str], ...]
    reason: str
    may_sign: bool


def truth(actor: Actor) -> TruthView:
    """The measurements of the actor's laboratory, the newest first."""
    require(actor, "lab.truth.read", organisation=actor.organisation_id)
    sets = plans.truth_sets()
    today, hindrance = "", None
    try:
        today = plans.plan_of_truth(sets[0]).version().digest if sets else ""
    except InputError as error:
        hindrance = error
    signature = plans.signature_with(actor.organisation_id, today) if today and actor.organisation_id else None
    return TruthView(
        runs=tuple(_short(row, today) for row in _rows(actor)[:NEWEST]),
        truth_sets=tuple(one.name for one in sets),
        today=today,
        today_signed_by=signature.signed_by.full_name if signature else "",
        hindrance=hindrance,
    )


def measurement(actor: Actor, truth_run_id: UUID, beside: str = "") -> MeasurementView:
    """One measurement, beside the one asked for, or the newest earlier one of another version on the same sample."""
    row = TruthRun.objects.select_related("version", "started_by").filter(id=truth_run_id).first()
    if row is None:
        raise Http404
    require(actor, "lab.truth.read", object_id=row.id, organisation=row.laboratory_id)
    same = _rows(actor).filter(truth_set=row.truth_set, result__isnull=False).exclude(id=row.id)
    others = list(same.exclude(version=row.version))
    other = next((one for one in others if str(one.id) == beside), None) or next(
        (one for one in others if one.started_at < row.started_at), others[0] if others else None
    )
    result = row.result or {}
    told, problem = row.version.told, row.problem
    signature = _signature(row)
    return MeasurementView(
        run=_short(row, ""),
        job=jobs.job(row.job_id) if row.job_id else None,
        problem=ProblemView(*(problem[name] for name in ("problem", "remedy", "source", "line", "field")))
        if problem
        else None,
        sample=result.get("sample", ""),
        strata=_strata(result, (other.result or {}) if other else {}),
        other=_short(other, "") if other else None,
        others=tuple(_short(one, "") for one in others),
        differences=version_differences(version_of(other.version.told), version_of(told)) if other else (),
        facts=(("Varde", told["workflow"]), *told["tools"].items()),
        truth_not_assessed=result.get("truth_not_assessed", 0),
        calls_not_assessed=result.get("calls_not_assessed", 0),
        replayed=result.get("replayed", 0),
        too_dense=result.get("too_dense", 0),
        sha256=tuple(result.get("sha256", {}).items()),
        reason=signature.reason if signature and signature.truth_run_id == row.id else "",
        may_sign=row.result is not None and signature is None and row.started_by_id != actor.account_id,
    )


def _rows(actor: Actor):
    return (
        TruthRun.objects.filter(laboratory_id=actor.organisation_id)
        .select_related("version", "started_by")
        .order_by("-started_at")
    )


def _signature(row: TruthRun) -> VersionSignature | None:
    return plans.signature_with(row.laboratory_id, row.version.digest)


def _short(row: TruthRun, today: str) -> TruthRunView:
    job = jobs.job(row.job_id) if row.job_id else None
    whole = Tally(**row.result["strata"]["all"]) if row.result else None
    signature = _signature(row)
    return TruthRunView(
        id=row.id,
        truth_set=row.truth_set,
        digest=row.version.digest,
        caller=row.version.told["caller"],
        state=run_state(row.result is not None, row.problem is not None, job.state if job else None),
        started_at=row.started_at,
        started_by=row.started_by.full_name,
        duration=duration((row.finished_at - row.started_at).total_seconds() if row.finished_at else None),
        recall=_share(whole.recall) if whole else None,
        precision=_share(whole.precision) if whole else None,
        signed_by=signature.signed_by.full_name if signature else "",
        signed_at=signature.at if signature else None,
        today=bool(today) and row.version.digest == today,
    )


def _strata(result: dict, other: dict) -> tuple[StratumView, ...]:
    views = []
    for name, counts in result.get("strata", {}).items():
        tally = Tally(**counts)
        beside = Tally(**other["strata"][name]) if name in other.get("strata", {}) else None
        views.append(
            StratumView(
                name=name,
                word=STRATUM_WORDS[name],
                **counts,
                recall=_share(tally.recall),
                precision=_share(tally.precision),
                f1=tally.f1,
                other_recall=_share(beside.recall) if beside else None,
                other_precision=_share(beside.precision) if beside else None,
            )
        )
    return tuple(views)


def _share(share: Share) -> ShareView:
    low, high = share.interval or (None, None)
    return ShareView(share.value, low, high)
