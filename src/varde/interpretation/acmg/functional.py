"""PS3 and BS3: a laboratory's table of functional results (MAVE) speaks; a person confirms.

The strength follows the assay's odds of pathogenicity (Brnich 2019). Without such a calibration a result is supporting
at most.
"""

from __future__ import annotations

from varde.interpretation.acmg.criterion import Code, Criterion, Strength
from varde.interpretation.acmg.evidence import Evidence, FunctionalEvidence, FunctionalResult
from varde.interpretation.acmg.outcome import Outcome
from varde.interpretation.acmg.rules import Limit, RuleSet
from varde.interpretation.acmg.texts import text

SOURCE = "Brnich 2019 (ClinGen SVI, PS3 and BS3)"

_PS3 = (
    (Limit.PS3_ODDS_VERY_STRONG, Strength.VERY_STRONG),
    (Limit.PS3_ODDS_STRONG, Strength.STRONG),
    (Limit.PS3_ODDS_MODERATE, Strength.MODERATE),
    (Limit.PS3_ODDS_SUPPORTING, Strength.SUPPORTING),
)
_BS3 = (
    (Limit.BS3_ODDS_STRONG, Strength.STRONG),
    (Limit.BS3_ODDS_MODERATE, Strength.MODERATE),
    (Limit.BS3_ODDS_SUPPORTING, Strength.SUPPORTING),
)


def evaluate_functional(evidence: Evidence, rules: RuleSet) -> tuple[Criterion, Criterion]:
    """PS3, then BS3: suggestions, of which at most one has a strength."""
    found = evidence.functional
    data = found.source if found is not None else None
    ps3 = Outcome(Code.PS3, rules, SOURCE, threshold=_scale(rules, _PS3, ">"), data=data)
    bs3 = Outcome(Code.BS3, rules, SOURCE, threshold=_scale(rules, _BS3, "<"), data=data)
    if found is None:
        return ps3.not_evaluated("functional_table"), bs3.not_evaluated("functional_table")
    value = _value(found)
    if found.result is FunctionalResult.INTERMEDIATE:
        between = text("acmg.functional.intermediate")
        return ps3.not_met(between, value=value), bs3.not_met(between, value=value)
    abnormal = found.result is FunctionalResult.ABNORMAL
    strength = odds_strength(found.odds_path, rules, damaging=abnormal)
    speaks, other = (ps3, bs3) if abnormal else (bs3, ps3)
    message = text("acmg.functional.abnormal" if abnormal else "acmg.functional.normal")
    judged = (
        speaks.not_met(text("acmg.functional.weak"), value=value)
        if strength is None
        else speaks.suggested(strength, message, value=value)
    )
    opposite = other.not_met(message, value=value)
    return (judged, opposite) if abnormal else (opposite, judged)


def odds_strength(odds: float | None, rules: RuleSet, *, damaging: bool) -> Strength | None:
    """Strength of an assay's odds of pathogenicity; supporting where the assay gives none (Brnich 2019)."""
    if odds is None:
        return Strength.SUPPORTING
    if damaging:
        return next((strength for limit, strength in _PS3 if odds > rules.value(limit)), None)
    return next((strength for limit, strength in _BS3 if odds < rules.value(limit)), None)


def _value(found: FunctionalEvidence) -> str:
    parts = [
        found.result.value,
        *([f"score {found.score:g}"] if found.score is not None else []),
        *([f"OddsPath {found.odds_path:g}"] if found.odds_path is not None else []),
    ]
    return ", ".join(parts)


def _scale(rules: RuleSet, steps: tuple[tuple[Limit, Strength], ...], sign: str) -> str:
    return f"OddsPath {sign} " + " / ".join(f"{rules.value(limit):g}" for limit, _ in reversed(steps))
