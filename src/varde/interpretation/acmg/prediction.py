"""PP3 and BP4: computed predictions, with calibrated cut-offs. REVEL for missense, SpliceAI for splicing.

The predictors are the laboratory's own tables. Splicing is supporting at most (Walker 2023); for a missense variant
the stronger of the two predictions towards damage counts, and BP4 needs that neither speaks for damage.
"""

from __future__ import annotations

from varde.interpretation.acmg.criterion import Code, Criterion, Strength
from varde.interpretation.acmg.evidence import Evidence
from varde.interpretation.acmg.known_variants import MISSENSE_TERMS
from varde.interpretation.acmg.outcome import Outcome
from varde.interpretation.acmg.pvs1 import NULL_TERMS
from varde.interpretation.acmg.rules import Limit, RuleSet
from varde.interpretation.acmg.texts import text

SOURCE = "Pejaver 2022 (missense), Walker 2023 (splicing), ClinGen SVI"

CANONICAL_SPLICE_TERMS = frozenset(
    {"splice_donor_variant", "splice_donor", "splice_acceptor_variant", "splice_acceptor"}
)
"""Null terms that a splice prediction still speaks of."""

_PP3 = (
    (Limit.PP3_MISSENSE_STRONG, Strength.STRONG),
    (Limit.PP3_MISSENSE_MODERATE, Strength.MODERATE),
    (Limit.PP3_MISSENSE_SUPPORTING, Strength.SUPPORTING),
)
_BP4 = (
    (Limit.BP4_MISSENSE_VERY_STRONG, Strength.VERY_STRONG),
    (Limit.BP4_MISSENSE_STRONG, Strength.STRONG),
    (Limit.BP4_MISSENSE_MODERATE, Strength.MODERATE),
    (Limit.BP4_MISSENSE_SUPPORTING, Strength.SUPPORTING),
)


def evaluate_pp3(evidence: Evidence, rules: RuleSet) -> Criterion:
    """PP3: the score of the missense predictor reaches a cut-off, or the splice score does."""
    splice = rules.value(Limit.PP3_SPLICE)
    outcome = _outcome(Code.PP3, evidence, rules, f"{_scale(rules, _PP3, '>=')}; SpliceAI >= {splice:g}")
    refused = _no_prediction(evidence, outcome)
    if refused is not None:
        return refused
    value, strength = _values(evidence), missense_strength(evidence.missense_score, rules, damaging=True)
    missense = bool(evidence.consequence and evidence.consequence & MISSENSE_TERMS)
    if missense and strength is not None:
        return outcome.met(strength, text("acmg.pp3.met", scores=value or ""), value=value)
    if evidence.splice_score is not None and evidence.splice_score >= splice:
        return outcome.met(Strength.SUPPORTING, text("acmg.pp3.splicing", score=evidence.splice_score), value=value)
    missing = _missing(evidence, missense=missense)
    if missing:
        return outcome.not_evaluated(*missing, value=value)
    return outcome.not_met(text("acmg.pp3.not_met", scores=value or ""), value=value)


def evaluate_bp4(evidence: Evidence, rules: RuleSet) -> Criterion:
    """BP4: the missense predictor says harmless and splicing is not affected; other variants by splicing alone."""
    splice = rules.value(Limit.BP4_SPLICE)
    outcome = _outcome(Code.BP4, evidence, rules, f"{_scale(rules, _BP4, '<=')}; SpliceAI <= {splice:g}")
    refused = _no_prediction(evidence, outcome)
    if refused is not None:
        return refused
    value = _values(evidence)
    missense = bool(evidence.consequence and evidence.consequence & MISSENSE_TERMS)
    strength = missense_strength(evidence.missense_score, rules, damaging=False)
    if evidence.splice_score is not None and evidence.splice_score > splice:
        return outcome.not_met(text("acmg.bp4.splicing", score=evidence.splice_score), value=value)
    if missense and evidence.missense_score is not None and strength is None:
        return outcome.not_met(text("acmg.bp4.not_met", scores=value or ""), value=value)
    missing = _missing(evidence, missense=missense)
    if missing:
        return outcome.not_evaluated(*missing, value=value)
    met = strength if missense and strength is not None else Strength.SUPPORTING
    return outcome.met(met, text("acmg.bp4.met", scores=value or ""), value=value)


def missense_strength(score: float | None, rules: RuleSet, *, damaging: bool) -> Strength | None:
    """Strength that a missense score reaches towards damage, or towards no effect; None between the cut-offs."""
    if score is None:
        return None
    if damaging:
        return next((strength for limit, strength in _PP3 if score >= rules.value(limit)), None)
    return next((strength for limit, strength in _BP4 if score <= rules.value(limit)), None)


def _outcome(code: Code, evidence: Evidence, rules: RuleSet, threshold: str) -> Outcome:
    names = [name for name in (evidence.missense_predictor, evidence.splice_predictor) if name]
    return Outcome(code, rules, SOURCE, threshold=threshold, data=", ".join(names) or None)


def _no_prediction(evidence: Evidence, outcome: Outcome) -> Criterion | None:
    """For changes that these predictors do not speak of: truncations, and changes in the length of the protein."""
    if evidence.consequence is None:
        return outcome.not_evaluated("consequence")
    if evidence.consequence & (NULL_TERMS - CANONICAL_SPLICE_TERMS):
        return outcome.not_met(text("acmg.prediction.truncating"))
    return None


def _missing(evidence: Evidence, *, missense: bool) -> list[str]:
    """Away from the splice sites a missense variant needs no splice score; everything else rests on it."""
    near = evidence.transcript.near_splice_site if evidence.transcript else None
    needs_splice = not missense or near is not False
    return [
        *(["missense_score"] if missense and evidence.missense_score is None else []),
        *(["splice_score"] if needs_splice and evidence.splice_score is None else []),
    ]


def _values(evidence: Evidence) -> str | None:
    scores = [
        *([f"REVEL {evidence.missense_score:g}"] if evidence.missense_score is not None else []),
        *([f"SpliceAI {evidence.splice_score:g}"] if evidence.splice_score is not None else []),
    ]
    return ", ".join(scores) or None


def _scale(rules: RuleSet, steps: tuple[tuple[Limit, Strength], ...], sign: str) -> str:
    return f"REVEL {sign} " + " / ".join(f"{rules.value(limit):g}" for limit, _ in reversed(steps))
