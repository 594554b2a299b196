"""From the programme's copy-number criteria and a person's decisions to a class, and to what is stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from varde.genome.errors import InputError
from varde.interpretation.acmg.criterion import State
from varde.interpretation.acmg.evidence import PhenotypeFit
from varde.interpretation.allele_evidence import parentage_verified
from varde.interpretation.structural.criteria import CHANGE_OF_KIND, METRIC, Change
from varde.interpretation.structural.prepared import PreparedStructural
from varde.interpretation.structural.scoring import Score, Scored, decide_by_person, score, with_decisions
from varde.interpretation.structural.suggestion import CnvSuggestion, evidence_of, suggest
from varde_node.lab import opened
from varde_node.lab.case_access import current_analysis
from varde_node.lab.models import Case

LONGEST_POINTS = 8


@dataclass(frozen=True)
class CnvDecision:
    """What a person sets for one criterion; ``points`` in hundredths, None: the published suggestion."""

    code: str
    state: State
    points: int | None
    reason: str


@dataclass(frozen=True)
class CnvJudgement:
    """An event's criteria as they stand: the programme's, and after the person's. Without ``change`` the metric does
    not score the kind, and a person classifies by reasoning alone."""

    change: Change | None
    suggestion: CnvSuggestion | None
    criteria: tuple[Scored, ...]
    score: Score | None


def judge_event(
    case: Case,
    layer: PreparedStructural,
    event: int,
    *,
    decisions: Iterable[CnvDecision] = (),
    phenotype: PhenotypeFit | None = None,
    person: str = "",
) -> CnvJudgement:
    """The criteria of one event. Raises InputError ``criterion_reason`` and ``criterion_points`` naming the field."""
    change = CHANGE_OF_KIND.get(str(layer.events.row(event, named=True)["kind"]))
    if change is None:
        return CnvJudgement(None, None, (), None)
    suggestion = suggested(case, layer, event, phenotype)
    own = [_decided(change, one, person) for one in decisions]
    try:
        criteria = with_decisions(change, suggestion.criteria if suggestion else (), own)
    except ValueError as error:
        raise InputError(
            code="criterion_points", problem=f"{error}.", remedy=_("Keep one of them."), field=f"state-{own[-1].code}"
        ) from None
    return CnvJudgement(change, suggestion, criteria, score(criteria))


def suggested(
    case: Case, layer: PreparedStructural, event: int, phenotype: PhenotypeFit | None = None
) -> CnvSuggestion | None:
    """What the programme says of an event; None for a kind that is not scored."""
    analysis = current_analysis(case)
    verified = parentage_verified(opened.prepared_case(analysis)) if analysis is not None and analysis.folder else None
    evidence = evidence_of(
        layer,
        event,
        knowledge=opened.gene_knowledge(),
        reference=opened.reference(),
        parentage_verified=verified,
        phenotype=phenotype,
    )
    return None if evidence is None else suggest(evidence)


def cnv_decisions_from(posted: Mapping[str, str], change: Change | None) -> tuple[CnvDecision, ...]:
    """The decisions of a form: ``state-2A``, ``points-2A``, ``reason-2A``; an empty state leaves the programme's.

    Raises InputError ``criterion_points`` naming the field.
    """
    found = []
    for code in METRIC[change] if change is not None else ():
        written = posted.get(f"state-{code}", "")
        if not written:
            continue
        if written not in (State.MET.value, State.NOT_MET.value):
            raise _points_refused(f"{written[:20]!r} is no choice.", f"state-{code}")
        state = State(written)
        points = _hundredths(posted.get(f"points-{code}", ""), f"points-{code}") if state is State.MET else None
        found.append(CnvDecision(code, state, points, posted.get(f"reason-{code}", "").strip()))
    return tuple(found)


def stored_cnv_decisions(criteria: Iterable[Mapping[str, Any]]) -> tuple[CnvDecision, ...]:
    """The criteria that a person set in an assessment."""
    return tuple(
        CnvDecision(
            one["code"],
            State(one["state"]),
            round(one["points"] * 100) if one["state"] == "met" else None,
            one["reason"],
        )
        for one in criteria
        if one["by"]
    )


def as_stored_cnv(one: Scored) -> dict[str, Any]:
    """A criterion as plain values, in the shape of the small variants'; ``points`` are whole units."""
    return {
        "code": one.code,
        "label": f"{one.code} {one.points / 100:+.2f}" if one.points else one.code,
        "state": one.state.value,
        "strength": None,
        "points": one.points / 100,
        "value": one.value,
        "threshold": one.threshold,
        "data": one.data,
        "source": one.source,
        "version": one.version,
        "missing": list(one.missing),
        "text_key": one.text.key,
        "text": str(one.text),
        "by": one.decided_by or "",
        "reason": dict(one.text.parameters).get("reason", "") if one.decided_by else "",
    }


def _decided(change: Change, decision: CnvDecision, person: str) -> Scored:
    if not decision.reason:
        raise InputError(
            code="criterion_reason",
            problem=_("%(code)s was set by a person without a reason.") % {"code": decision.code},
            remedy=_("Write why, or leave the criterion as the programme has it."),
            field=f"reason-{decision.code}",
        )
    try:
        return decide_by_person(
            change, decision.code, decision.state, decision.points, reason=decision.reason, person=person or "–"
        )
    except ValueError:
        info = METRIC[change][decision.code]
        allowed = {"low": f"{info.lowest / 100:.2f}", "high": f"{info.highest / 100:.2f}", "code": decision.code}
        problem = _("%(code)s gives from %(low)s to %(high)s points.") % allowed
        raise _points_refused(problem, f"points-{decision.code}") from None


def _hundredths(written: str, field: str) -> int | None:
    text = written.strip().replace(",", ".").replace("−", "-").replace("\u202f", "")
    if not text:
        return None
    try:
        value = float(text) if len(text) <= LONGEST_POINTS else float("nan")
    except ValueError:
        value = float("nan")
    if not -10 < value < 10 or abs(round(value * 100) - value * 100) > 1e-6:
        raise _points_refused(_("Points are a number with at most two decimals."), field)
    return round(value * 100)


def _points_refused(problem: str, field: str) -> InputError:
    return InputError(
        code="criterion_points", problem=problem, remedy=_("Give points within the published range."), field=field
    )
