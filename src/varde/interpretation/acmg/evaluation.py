"""All computed criteria of one variant, in one call."""

from __future__ import annotations

from varde.interpretation.acmg.bp7 import evaluate_bp7
from varde.interpretation.acmg.criterion import CODES, Criterion
from varde.interpretation.acmg.de_novo import evaluate_de_novo
from varde.interpretation.acmg.evidence import Evidence
from varde.interpretation.acmg.frequency import evaluate_ba1, evaluate_bs1, evaluate_bs2, evaluate_pm2
from varde.interpretation.acmg.pm3 import evaluate_pm3
from varde.interpretation.acmg.pm4 import evaluate_pm4
from varde.interpretation.acmg.pvs1 import evaluate_pvs1
from varde.interpretation.acmg.rules import GENERAL, RuleSet


def evaluate(evidence: Evidence, rules: RuleSet = GENERAL) -> tuple[Criterion, ...]:
    """The ten computed criteria in the guideline's order; the other codes are for a person (``CODES``).

    Raises ValueError when the rule set was specified for another gene than the evidence names.
    """
    if rules.gene is not None and rules.gene != evidence.gene:
        raise ValueError(f"rule set {rules.name} is for {rules.gene}, the evidence names {evidence.gene}")
    pvs1, pm2 = evaluate_pvs1(evidence, rules), evaluate_pm2(evidence, rules)
    found = (
        pvs1,
        *evaluate_de_novo(evidence, rules),
        pm2,
        evaluate_pm3(evidence, rules, pm2),
        evaluate_pm4(evidence, rules, pvs1),
        evaluate_ba1(evidence, rules),
        evaluate_bs1(evidence, rules),
        evaluate_bs2(evidence, rules),
        evaluate_bp7(evidence, rules),
    )
    by_code = {criterion.code: criterion for criterion in found}
    return tuple(by_code[code] for code in CODES if code in by_code)
