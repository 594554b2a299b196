"""PS2 and PM6, the de novo variant: points per proband by phenotype and by whether parentage was verified."""

from __future__ import annotations

from varde.interpretation.acmg.criterion import Code, Criterion, Strength
from varde.interpretation.acmg.evidence import DeNovoObservation, Evidence, PhenotypeFit
from varde.interpretation.acmg.outcome import Outcome
from varde.interpretation.acmg.rules import Limit, RuleSet
from varde.interpretation.acmg.texts import text

SOURCE = "ClinGen SVI, de novo criteria PS2 and PM6, 1.1"

_LIMITS = {
    (True, PhenotypeFit.SPECIFIC): Limit.DE_NOVO_CONFIRMED_SPECIFIC,
    (True, PhenotypeFit.CONSISTENT): Limit.DE_NOVO_CONFIRMED_CONSISTENT,
    (True, PhenotypeFit.HETEROGENEOUS): Limit.DE_NOVO_CONFIRMED_HETEROGENEOUS,
    (False, PhenotypeFit.SPECIFIC): Limit.DE_NOVO_ASSUMED_SPECIFIC,
    (False, PhenotypeFit.CONSISTENT): Limit.DE_NOVO_ASSUMED_CONSISTENT,
    (False, PhenotypeFit.HETEROGENEOUS): Limit.DE_NOVO_ASSUMED_HETEROGENEOUS,
}


def strength_of_sum(points: float, rules: RuleSet) -> Strength | None:
    """Strength of a sum of points, None below supporting. The same scale serves PS2, PM6 and PM3."""
    scale = (
        (Limit.SUM_VERY_STRONG, Strength.VERY_STRONG),
        (Limit.SUM_STRONG, Strength.STRONG),
        (Limit.SUM_MODERATE, Strength.MODERATE),
        (Limit.SUM_SUPPORTING, Strength.SUPPORTING),
    )
    return next((strength for limit, strength in scale if points >= rules.value(limit)), None)


def scale_text(rules: RuleSet) -> str:
    """The scale as a person reads it: ``0.5 / 1 / 2 / 4 points``."""
    limits = (Limit.SUM_SUPPORTING, Limit.SUM_MODERATE, Limit.SUM_STRONG, Limit.SUM_VERY_STRONG)
    return " / ".join(f"{rules.value(limit):g}" for limit in limits) + " points"


def evaluate_de_novo(evidence: Evidence, rules: RuleSet) -> tuple[Criterion, Criterion]:
    """PS2, then PM6. At most one is met: with a confirmed proband all points go to PS2, otherwise to PM6.

    An observation without enough coverage in a parent is a possible de novo and never counts; one whose parentage the
    genotypes refute never counts either.
    """
    ps2, pm6 = (Outcome(code, rules, SOURCE, threshold=scale_text(rules)) for code in (Code.PS2, Code.PM6))
    if evidence.de_novo is None:
        return ps2.not_evaluated("de_novo_status"), pm6.not_evaluated("de_novo_status")
    if not evidence.de_novo:
        return _both(ps2, pm6, "acmg.de_novo.inherited")
    sound = tuple(seen for seen in evidence.de_novo if seen.parentage_verified is not False)
    if not sound:
        return _both(ps2, pm6, "acmg.de_novo.parentage_refuted")
    covered = tuple(seen for seen in sound if seen.parents_covered)
    if not covered:
        return ps2.not_evaluated("parental_coverage"), pm6.not_evaluated("parental_coverage")
    confirmed = any(seen.parentage_verified for seen in covered)
    if confirmed:
        return _judged(ps2, covered, rules), pm6.not_met(text("acmg.counted_elsewhere", other="PS2"))
    return ps2.not_met(text("acmg.counted_elsewhere", other="PM6")), _judged(pm6, covered, rules)


def _both(first: Outcome, second: Outcome, key: str) -> tuple[Criterion, Criterion]:
    return first.not_met(text(key)), second.not_met(text(key))


def _judged(outcome: Outcome, observations: tuple[DeNovoObservation, ...], rules: RuleSet) -> Criterion:
    points = sum(_points(seen, rules) for seen in observations)
    strength = strength_of_sum(points, rules)
    if strength is not None:
        message = text("acmg.de_novo.met", probands=len(observations), points=points)
        return outcome.met(strength, message, value=f"{points:g} points")
    if any(seen.phenotype is None for seen in observations):
        return outcome.not_evaluated("phenotype_fit")
    return outcome.not_met(text("acmg.de_novo.too_few_points", points=points), value=f"{points:g} points")


def _points(seen: DeNovoObservation, rules: RuleSet) -> float:
    if seen.phenotype is None or seen.phenotype is PhenotypeFit.NOT_CONSISTENT:
        return 0.0
    return rules.value(_LIMITS[bool(seen.parentage_verified), seen.phenotype])
