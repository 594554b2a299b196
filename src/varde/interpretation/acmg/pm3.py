"""PM3, the second hit of a recessive disease: points for pathogenic alleles on the other chromosome."""

from __future__ import annotations

from varde.interpretation.acmg.criterion import Code, Criterion, State
from varde.interpretation.acmg.de_novo import scale_text, strength_of_sum
from varde.interpretation.acmg.evidence import Evidence, Inheritance, PartnerAllele, Phase
from varde.interpretation.acmg.outcome import Outcome
from varde.interpretation.acmg.rules import Limit, RuleSet
from varde.interpretation.acmg.texts import text

SOURCE = "ClinGen SVI, in trans criterion PM3, 1.0"

_LIMITS = {
    (5, Phase.IN_TRANS): Limit.PM3_PATHOGENIC_IN_TRANS,
    (5, Phase.UNPHASED): Limit.PM3_PATHOGENIC_UNPHASED,
    (4, Phase.IN_TRANS): Limit.PM3_LIKELY_PATHOGENIC_IN_TRANS,
    (4, Phase.UNPHASED): Limit.PM3_LIKELY_PATHOGENIC_UNPHASED,
}
UNCERTAIN = 3


def evaluate_pm3(evidence: Evidence, rules: RuleSet, pm2: Criterion) -> Criterion:
    """PM3: recessive inheritance only, and only for a variant that passes PM2.

    Points of known partners are a lower bound: a partner without a class leaves the criterion not evaluated only where
    the known ones do not reach supporting.
    """
    outcome = Outcome(Code.PM3, rules, SOURCE, threshold=scale_text(rules))
    if evidence.inheritance is None:
        return outcome.not_evaluated("inheritance")
    if evidence.inheritance is not Inheritance.AUTOSOMAL_RECESSIVE:
        return outcome.not_met(text("acmg.pm3.not_recessive", inheritance=evidence.inheritance.value))
    if pm2.state is State.NOT_MET:
        return outcome.not_met(text("acmg.pm3.too_frequent"))
    if evidence.partners is None and not evidence.homozygous_occurrences:
        return outcome.not_evaluated("partner_alleles")
    if pm2.state is State.NOT_EVALUATED:
        return outcome.not_evaluated("pm2")
    partners = evidence.partners or ()
    points = sum(_points(partner, rules) for partner in partners) + _weak_points(evidence, rules)
    points += _homozygous_points(evidence, rules)
    strength = strength_of_sum(points, rules)
    if strength is not None:
        return outcome.met(strength, text("acmg.pm3.met", points=points), value=f"{points:g} points")
    if evidence.partners is None:
        return outcome.not_evaluated("partner_alleles")
    if any(partner.acmg_class is None and partner.phase is not Phase.IN_CIS for partner in partners):
        return outcome.not_evaluated("partner_class")
    return outcome.not_met(text("acmg.pm3.too_few_points", points=points), value=f"{points:g} points")


def _points(partner: PartnerAllele, rules: RuleSet) -> float:
    limit = _LIMITS.get((partner.acmg_class or 0, partner.phase))
    return 0.0 if limit is None else rules.value(limit)


def _homozygous_points(evidence: Evidence, rules: RuleSet) -> float:
    """Homozygotes of unrelated parents."""
    each, cap = rules.value(Limit.PM3_HOMOZYGOUS), rules.value(Limit.PM3_HOMOZYGOUS_CAP)
    return min((evidence.homozygous_occurrences - evidence.consanguineous_homozygotes) * each, cap)


def _weak_points(evidence: Evidence, rules: RuleSet) -> float:
    """Homozygotes of related parents, and rare uncertain variants in trans: together at most their cap."""
    uncertain = sum(
        one.acmg_class == UNCERTAIN and one.phase is Phase.IN_TRANS and one.rare is True
        for one in evidence.partners or ()
    )
    related = evidence.consanguineous_homozygotes * rules.value(Limit.PM3_CONSANGUINEOUS)
    return min(uncertain * rules.value(Limit.PM3_UNCERTAIN_IN_TRANS) + related, rules.value(Limit.PM3_WEAK_CAP))
