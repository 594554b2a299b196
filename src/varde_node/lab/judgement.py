"""From the programme's criteria and a person's decisions to a class, and to what an assessment stores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from varde.genome.errors import InputError
from varde.interpretation.acmg import (
    CODES,
    GENERAL,
    Assessment,
    Code,
    Criterion,
    Handling,
    Ruleset,
    State,
    Strength,
    assess,
    decide_by_person,
    with_decisions,
)
from varde.interpretation.acmg.answers import Answers, answers_from
from varde.interpretation.acmg.rules import Limit
from varde.interpretation.acmg.rulesets import DEFAULT
from varde.interpretation.allele_evidence import Surroundings
from varde.interpretation.analysis import Candidate
from varde.interpretation.suggestion import Suggestion
from varde_node.lab import opened
from varde_node.lab.criteria import criteria_of
from varde_node.lab.evidence import Allele, alleles_of, row_of, suggestions
from varde_node.lab.models import Analysis, Case

LIKELY_PATHOGENIC = 4
"""Class from which a variant of the case is taken to explain it."""


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
    """What a person sets for one code. ``strength`` belongs to a met criterion.

    ``by`` and ``at`` (ISO 8601) are set for a decision that an earlier assessment holds: it stays that person's and
    that day's.
    """

    code: Code
    state: State
    strength: Strength | None
    reason: str
    by: str = ""
    at: str = ""

    def repeats(self, other: CriterionDecision) -> bool:
        """Whether it says what the other said."""
        mine, theirs = (replace(one, by="", at="") for one in (self, other))
        return mine == theirs


@dataclass(frozen=True)
class CriteriaInput:
    """All that a person says of a variant's criteria: decisions, answers, and the rule set (None: the laboratory's)."""

    decisions: tuple[CriterionDecision, ...] = ()
    answers: Answers = field(default_factory=Answers)
    ruleset: Ruleset | None = None

    def carried(self, earlier: CriteriaInput) -> CriteriaInput:
        """With the person and day of every decision that an earlier assessment holds in the same words."""
        before = {one.code: one for one in earlier.decisions}
        kept = tuple(
            before[one.code] if one.code in before and one.repeats(before[one.code]) else one for one in self.decisions
        )
        return replace(self, decisions=kept)


def judge(
    case: Case,
    analysis: Analysis,
    variant: str,
    *,
    given: CriteriaInput | None = None,
    person: str = "",
    classes: Mapping[str, int] | None = None,
) -> Judgement | None:
    """The criteria of one allele of a case; None when the case has no such allele.

    ``classes`` are those that people have given to variants of the case: PM3 and BP2 ask the partner's, BP5 whether
    another explains the case. Raises InputError ``outside_panel`` for a variant that the case is not open for, and as
    ``judged`` does.
    """
    told = given or CriteriaInput()
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
    laboratory = criteria_of(case.laboratory_id)
    laboratory = replace(laboratory, ruleset=told.ruleset or laboratory.ruleset)
    candidate = _candidate_with(case, analysis, row)
    around = _around(case, analysis, row, candidate, classes or {})
    found = suggestions(analysis, candidate, laboratory, answers=told.answers, around=around) if candidate else ()
    suggestion = next((one for one in found if one.row == row), None)
    computed = suggestion.criteria if suggestion else ()
    criteria, assessment = judged(computed, told.decisions, person, laboratory.ruleset)
    allele = alleles_of(prepared, (row,))[row]
    return Judgement(allele, candidate, suggestion, computed, criteria, assessment)


def _around(
    case: Case, analysis: Analysis, row: int, candidate: Candidate | None, classes: Mapping[str, int]
) -> Surroundings:
    """The rest of the case as people have judged it, and how many other genes fit the phenotype as well."""
    prepared = opened.prepared_case(analysis)
    rows = {text: found for text in classes if (found := row_of(prepared, text)) is not None}
    decided = {found: classes[text] for text, found in rows.items() if found != row}
    explaining = [found for found, given in decided.items() if given >= LIKELY_PATHOGENIC]
    genes = frozenset(one.gene for one in alleles_of(prepared, explaining).values() if one.gene)
    return Surroundings(decided, genes, _rivals(case, analysis, candidate))


def _rivals(case: Case, analysis: Analysis, candidate: Candidate | None) -> int | None:
    """Other candidate genes whose phenotype part reaches what PP4 asks; None without a phenotype to compare."""
    if candidate is None or not candidate.parts or candidate.part("phenotype") is None:
        return None
    listed = opened.outcome(case, analysis, opened.default_settings(analysis), case.scope).candidates
    limit = GENERAL.value(Limit.PP4_PHENOTYPE_SCORE)
    return len({one.gene for one in listed if (one.part("phenotype") or 0) >= limit} - {candidate.gene})


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


def criteria_from(posted: Mapping[str, str]) -> CriteriaInput:
    """Decisions, answers and rule set of a form. Raises InputError as ``decisions_from`` and ``answers_from`` do."""
    written = posted.get("ruleset", "")
    return CriteriaInput(
        decisions_from(posted), answers_from(posted), Ruleset(written) if written in set(Ruleset) else None
    )


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
    computed: tuple[Criterion, ...],
    decisions: Iterable[CriterionDecision],
    person: str,
    ruleset: Ruleset = DEFAULT,
) -> tuple[tuple[Criterion, ...], Assessment]:
    """All criteria with the person's in place of the programme's, and what they sum to under a rule set.

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
                    decision.code,
                    decision.state,
                    decision.strength,
                    reason=decision.reason,
                    person=decision.by or person,
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
    return criteria, assess(criteria, ruleset)


def as_stored(criterion: Criterion, at: str = "") -> dict[str, Any]:
    """A criterion as plain values; ``by`` is the person and ``at`` when they said so, empty for the programme."""
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
        "suggested": None if criterion.suggested is None else criterion.suggested.value,
        "by": criterion.decided_by or "",
        "at": at if criterion.decided_by else "",
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
