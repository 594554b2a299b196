"""From the programme's criteria and a person's decisions to a class, and to what an assessment stores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from varde.genome.errors import InputError
from varde.interpretation.acmg import (
    CODES,
    Assessment,
    Code,
    Criterion,
    Handling,
    State,
    Strength,
    assess,
    decide_by_person,
    with_decisions,
)
from varde.interpretation.acmg.evidence import PhenotypeFit
from varde.interpretation.analysis import Candidate
from varde.interpretation.suggestion import Suggestion
from varde_node.lab import opened
from varde_node.lab.evidence import Allele, alleles_of, row_of, suggestions
from varde_node.lab.models import Analysis, Case


@dataclass(frozen=True)
class Judgement:
    """An allele with the criteria as they stand: ``computed`` by the programme, ``criteria`` after the person's."""

    allele: Allele
    candidate: Candidate | None
    suggestion: Suggestion | None
    computed: tuple[Criterion, ...]
    criteria: tuple[Criterion, ...]
    assessment: Assessment


@dataclass(frozen=True)
class CriterionDecision:
    """What a person sets for one code. ``strength`` belongs to a met criterion."""

    code: Code
    state: State
    strength: Strength | None
    reason: str


def judge(
    case: Case,
    analysis: Analysis,
    variant: str,
    *,
    decisions: Iterable[CriterionDecision] = (),
    phenotype: PhenotypeFit | None = None,
    person: str = "",
    classes: Mapping[str, int] | None = None,
) -> Judgement | None:
    """The criteria of one allele of a case; None when the case has no such allele.

    ``classes`` are those that people have given to variants of the case: PM3 asks the partner's. Raises InputError
    ``outside_panel`` for a variant that the case is not open for, and as ``judged`` does.
    """
    prepared = opened.prepared_case(analysis)
    row = row_of(prepared, variant)
    if row is None:
        return None
    inside = opened.rows_in_scope(case, analysis)
    if inside is not None and row not in inside:
        raise InputError(
            code="outside_panel",
            problem=_("This variant lies outside the panel's genes, and only they are open."),
            remedy=_("Open all genes first: it needs the family's consent and a reason."),
            field="variant",
        )
    candidate = _candidate_with(case, analysis, row)
    alleles = alleles_of(prepared, candidate.rows if candidate else (row,))
    known = {other: (classes or {})[one.variant] for other, one in alleles.items() if one.variant in (classes or {})}
    known.pop(row, None)
    found = suggestions(analysis, candidate, decided=known, phenotype=phenotype) if candidate else ()
    suggestion = next((one for one in found if one.row == row), None)
    computed = suggestion.criteria if suggestion else ()
    criteria, assessment = judged(computed, decisions, person)
    return Judgement(alleles[row], candidate, suggestion, computed, criteria, assessment)


def _candidate_with(case: Case, analysis: Analysis, row: int) -> Candidate | None:
    """The best candidate with this allele; for one that the filters dropped, its first mode of inheritance alone."""
    listed = opened.outcome(case, analysis, opened.default_settings(analysis), case.scope).candidates
    best = next((one for one in listed if row in one.rows), None)
    if best is not None:
        return best
    allele = alleles_of(opened.prepared_case(analysis), (row,))[row]
    if not allele.modes:
        return None
    return Candidate(0, allele.gene, allele.modes[0], (row,), True, None, 0.0, (), ())


def decisions_from(posted: Mapping[str, str]) -> tuple[CriterionDecision, ...]:
    """The decisions of a form: ``state-PM2``, ``strength-PM2``, ``reason-PM2``; an empty state leaves the programme's.

    Raises InputError ``criterion_reason`` or ``criterion_strength`` naming the field.
    """
    found = []
    for code in CODES:
        written = posted.get(f"state-{code}", "")
        if not written or CODES[code].handling is Handling.OFF:
            continue
        state = _member(State, written, f"state-{code}")
        strength = None
        if state is State.MET:
            strength = _member(Strength, posted.get(f"strength-{code}") or CODES[code].default, f"strength-{code}")
        found.append(CriterionDecision(code, state, strength, posted.get(f"reason-{code}", "").strip()))
    return tuple(found)


def judged(
    computed: tuple[Criterion, ...], decisions: Iterable[CriterionDecision], person: str
) -> tuple[tuple[Criterion, ...], Assessment]:
    """All criteria with the person's in place of the programme's, and what they sum to.

    Raises InputError ``criterion_reason`` when a decision has no reason, ``criterion_strength`` for a strength that
    does not fit the code.
    """
    own = []
    for decision in decisions:
        if not decision.reason:
            raise InputError(
                code="criterion_reason",
                problem=f"{decision.code} was set by a person without a reason.",
                remedy="Write why, or leave the criterion as the programme has it.",
                field=f"reason-{decision.code}",
            )
        try:
            own.append(
                decide_by_person(
                    decision.code, decision.state, decision.strength, reason=decision.reason, person=person
                )
            )
        except ValueError as error:
            raise InputError(
                code="criterion_strength",
                problem=f"{error}.",
                remedy="Choose another state or strength.",
                field=f"strength-{decision.code}",
            ) from None
    criteria = with_decisions(computed, tuple(own))
    return criteria, assess(criteria)


def as_stored(criterion: Criterion) -> dict[str, Any]:
    """A criterion as plain values; ``by`` is the person's name, empty for the programme."""
    return {
        "code": criterion.code.value,
        "label": criterion.label,
        "state": criterion.state.value,
        "strength": None if criterion.strength is None else criterion.strength.value,
        "points": criterion.points,
        "value": criterion.value,
        "threshold": criterion.threshold,
        "data": criterion.data,
        "source": criterion.source,
        "version": criterion.version,
        "missing": list(criterion.missing),
        "text_key": criterion.text.key,
        "text": str(criterion.text),
        "by": criterion.decided_by or "",
        "reason": dict(criterion.text.parameters).get("reason", "") if criterion.decided_by else "",
    }


def _member(kind: type[Any], written: str, field: str) -> Any:
    try:
        return kind(written)
    except ValueError:
        raise InputError(
            code="criterion_strength",
            problem=f"{written[:30]!r} is not a choice.",
            remedy="Choose one of the list.",
            field=field,
        ) from None
