"""PP1 and BS4, BP2, BP5 and PP4: what the family and the case as a whole say.

PP1, BS4, BP5 and PP4 are suggestions that a person confirms; BP2 follows from the phase of a known variant.
"""

from __future__ import annotations

from varde.interpretation.acmg.criterion import Code, Criterion, Strength
from varde.interpretation.acmg.evidence import Evidence, Inheritance, Phase, PhenotypeFit
from varde.interpretation.acmg.outcome import Outcome
from varde.interpretation.acmg.rules import Limit, RuleSet
from varde.interpretation.acmg.texts import text

_PP1 = (
    (Limit.PP1_MEIOSES_STRONG, Strength.STRONG),
    (Limit.PP1_MEIOSES_MODERATE, Strength.MODERATE),
    (Limit.PP1_MEIOSES_SUPPORTING, Strength.SUPPORTING),
)
PATHOGENIC = 5
"""Class of the other variant that BP2 asks for."""


def evaluate_segregation(evidence: Evidence, rules: RuleSet) -> tuple[Criterion, Criterion]:
    """PP1, then BS4. An affected relative without the variant takes PP1 away and suggests BS4; so does an unaffected
    one with it where penetrance is full."""
    found = evidence.segregation
    steps = " / ".join(f"{rules.value(limit):g}" for limit, _ in reversed(_PP1))
    source = rules[Limit.PP1_MEIOSES_SUPPORTING].source
    data = found.source if found is not None else None
    pp1 = Outcome(Code.PP1, rules, f"Richards 2015; meioses: {source}", f"{steps} informative meioses", data)
    bs4 = Outcome(Code.BS4, rules, "Richards 2015", "an affected relative without the variant", data)
    if found is None:
        return pp1.not_evaluated("segregation"), bs4.not_evaluated("segregation")
    value = f"{found.meioses:.3g} meioses"
    against = found.affected_without + (found.unaffected_with if evidence.full_penetrance_early_onset else 0)
    if against:
        message = text("acmg.bs4.met", affected=found.affected_without, unaffected=found.unaffected_with)
        return pp1.not_met(message, value=value), bs4.suggested(Strength.STRONG, message, value=f"{against} people")
    strength = next((strength for limit, strength in _PP1 if found.meioses >= rules.value(limit)), None)
    segregates = text("acmg.bs4.not_met")
    if strength is None:
        few = text("acmg.pp1.few", meioses=found.meioses)
        return pp1.not_met(few, value=value), bs4.not_met(segregates)
    message = text("acmg.pp1.met", meioses=found.meioses)
    return pp1.suggested(strength, message, value=value), bs4.not_met(segregates)


def evaluate_bp2(evidence: Evidence, rules: RuleSet) -> Criterion:
    """BP2: in trans with a pathogenic variant where one copy suffices for disease, or in cis with one in any mode."""
    outcome = Outcome(
        Code.BP2, rules, "Richards 2015", "in trans with a pathogenic variant (dominant), or in cis with one"
    )
    missing = [
        *(["inheritance"] if evidence.inheritance is None else []),
        *(["partner_alleles"] if evidence.partners is None else []),
    ]
    if evidence.partners is None or missing:
        return outcome.not_evaluated(*missing)
    dominant = evidence.inheritance in (Inheritance.AUTOSOMAL_DOMINANT, Inheritance.X_LINKED_DOMINANT)
    phases = [one.phase for one in evidence.partners if one.acmg_class == PATHOGENIC]
    if Phase.IN_CIS in phases:
        return outcome.met(Strength.SUPPORTING, text("acmg.bp2.cis"), value="in cis")
    if dominant and Phase.IN_TRANS in phases:
        return outcome.met(Strength.SUPPORTING, text("acmg.bp2.trans"), value="in trans")
    if Phase.UNPHASED in phases:
        return outcome.not_evaluated("phase")
    return outcome.not_met(text("acmg.bp2.not_met"))


def evaluate_bp5(evidence: Evidence, rules: RuleSet) -> Criterion:
    """BP5: the case has another explanation. A person weighs whether the two diseases may not be there together."""
    outcome = Outcome(Code.BP5, rules, "Richards 2015", "another variant of class 4 or 5 explains the case")
    if evidence.other_cause is None:
        return outcome.not_evaluated("other_cause")
    if not evidence.other_cause:
        return outcome.not_met(text("acmg.bp5.none"))
    return outcome.suggested(Strength.SUPPORTING, text("acmg.bp5.met"))


def evaluate_pp4(evidence: Evidence, rules: RuleSet) -> Criterion:
    """PP4: a person calls the phenotype specific for the gene, or it matches well and no other candidate gene does."""
    limit = rules[Limit.PP4_PHENOTYPE_SCORE]
    threshold = f"specific for the gene, or similarity >= {limit.value:g} and no other candidate gene so near"
    found, fit = evidence.phenotype_match, evidence.phenotype_fit
    data = found.source if found is not None else None
    outcome = Outcome(Code.PP4, rules, f"Richards 2015; limit: {limit.source}", threshold, data)
    if fit is not None and fit is not PhenotypeFit.SPECIFIC:
        return outcome.not_met(text("acmg.pp4.not_specific"))
    if fit is PhenotypeFit.SPECIFIC:
        return outcome.suggested(Strength.SUPPORTING, text("acmg.pp4.specific"))
    if found is None:
        return outcome.not_evaluated("phenotype_fit")
    value = f"{found.score:.2f}, {found.rivals} other genes"
    message = text("acmg.pp4.match", score=found.score, rivals=found.rivals)
    if found.score >= limit.value and not found.rivals:
        return outcome.suggested(Strength.SUPPORTING, message, value=value)
    return outcome.not_met(message, value=value)
