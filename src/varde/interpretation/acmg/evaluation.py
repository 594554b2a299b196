"""All criteria of one variant, in one call."""

from __future__ import annotations

from dataclasses import replace

from varde.interpretation.acmg.bp7 import evaluate_bp7
from varde.interpretation.acmg.case_control import evaluate_ps4
from varde.interpretation.acmg.criterion import CODES, Criterion, State, Strength
from varde.interpretation.acmg.de_novo import evaluate_de_novo
from varde.interpretation.acmg.evidence import Evidence
from varde.interpretation.acmg.family import evaluate_bp2, evaluate_bp5, evaluate_pp4, evaluate_segregation
from varde.interpretation.acmg.frequency import evaluate_ba1, evaluate_bs1, evaluate_bs2, evaluate_pm2
from varde.interpretation.acmg.functional import evaluate_functional
from varde.interpretation.acmg.known_variants import (
    evaluate_bp1,
    evaluate_pm1,
    evaluate_pm5,
    evaluate_pp2,
    evaluate_ps1,
)
from varde.interpretation.acmg.pm3 import evaluate_pm3
from varde.interpretation.acmg.pm4 import evaluate_bp3, evaluate_pm4
from varde.interpretation.acmg.prediction import evaluate_bp4, evaluate_pp3
from varde.interpretation.acmg.pvs1 import evaluate_pvs1
from varde.interpretation.acmg.rules import GENERAL, CodeRule, RuleSet
from varde.interpretation.acmg.texts import text


def evaluate(evidence: Evidence, rules: RuleSet = GENERAL) -> tuple[Criterion, ...]:
    """The 26 criteria in use, in the guideline's order, as the rule set and a gene's specification have them.

    Raises ValueError when the rule set was specified for another gene than the evidence names.
    """
    if rules.gene is not None and rules.gene != evidence.gene:
        raise ValueError(f"rule set {rules.name} is for {rules.gene}, the evidence names {evidence.gene}")
    # A criterion that the specification does not use must not keep another one away.
    pvs1, pm2, ps1, bp1 = (
        _specified(one, rules)
        for one in (
            evaluate_pvs1(evidence, rules),
            evaluate_pm2(evidence, rules),
            evaluate_ps1(evidence, rules),
            evaluate_bp1(evidence, rules),
        )
    )
    found = (
        evaluate_pm1(evidence, rules),
        evaluate_pm3(evidence, rules, pm2),
        evaluate_pm4(evidence, rules, pvs1),
        evaluate_pm5(evidence, rules, ps1),
        *evaluate_de_novo(evidence, rules),
        *evaluate_functional(evidence, rules),
        *evaluate_segregation(evidence, rules),
        evaluate_ps4(evidence, rules),
        evaluate_pp2(evidence, rules, bp1),
        evaluate_pp3(evidence, rules),
        evaluate_pp4(evidence, rules),
        evaluate_ba1(evidence, rules),
        evaluate_bs1(evidence, rules),
        evaluate_bs2(evidence, rules),
        evaluate_bp2(evidence, rules),
        evaluate_bp3(evidence, rules),
        evaluate_bp4(evidence, rules),
        evaluate_bp5(evidence, rules),
        evaluate_bp7(evidence, rules),
    )
    by_code = {criterion.code: criterion for criterion in (pvs1, pm2, ps1, bp1)}
    by_code |= {criterion.code: _specified(criterion, rules) for criterion in found}
    return tuple(by_code[code] for code in CODES if code in by_code)


def _specified(criterion: Criterion, rules: RuleSet) -> Criterion:
    rule = rules.code_rule(criterion.code)
    if rule is None:
        return criterion
    if not rule.applies:
        return Criterion(
            criterion.code,
            State.NOT_MET,
            text("acmg.specification.not_used", note=rule.note or rules.name),
            source=rules.name,
            version=rules.name,
        )
    return replace(
        criterion, strength=_strength(criterion.strength, rule), suggested=_strength(criterion.suggested, rule)
    )


def _strength(found: Strength | None, rule: CodeRule) -> Strength | None:
    if found is None or found is Strength.STAND_ALONE:
        return found
    if rule.strength is not None:
        return rule.strength
    return rule.at_most if rule.at_most is not None and rule.at_most.points < found.points else found
