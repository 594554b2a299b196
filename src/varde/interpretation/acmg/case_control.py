"""PS4: the variant is more frequent in affected people than in controls. A suggestion; a person confirms."""

from __future__ import annotations

import math

from varde.interpretation.acmg.criterion import Code, Criterion, Strength
from varde.interpretation.acmg.evidence import CaseControl, Evidence
from varde.interpretation.acmg.outcome import Outcome
from varde.interpretation.acmg.rules import Limit, RuleSet
from varde.interpretation.acmg.texts import text

SOURCE = "Richards 2015"
_Z_95 = 1.959963984540054


def odds_ratio(counts: CaseControl) -> tuple[float, float, float]:
    """Odds ratio with its 95 % interval (Woolf 1955); 0.5 is added to every cell when one is empty (Haldane, Anscombe).

    >>> [round(n, 2) for n in odds_ratio(CaseControl(141, 561, 928, 14453, ""))]  # Bland and Altman 2000
    [4.89, 4.0, 5.99]
    """
    cells = [
        counts.cases_with,
        counts.cases - counts.cases_with,
        counts.controls_with,
        counts.controls - counts.controls_with,
    ]
    a, b, c, d = (cell + 0.5 for cell in cells) if 0 in cells else cells
    ratio = a * d / (b * c)
    spread = _Z_95 * math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    return ratio, ratio * math.exp(-spread), ratio * math.exp(spread)


def evaluate_ps4(evidence: Evidence, rules: RuleSet) -> Criterion:
    """PS4: the odds ratio is above its limit and the interval's lower end above 1."""
    ratio_limit, low_limit = rules.value(Limit.PS4_ODDS_RATIO), rules.value(Limit.PS4_INTERVAL_ABOVE)
    threshold = f"odds ratio > {ratio_limit:g}, 95 % interval above {low_limit:g}"
    counts = evidence.case_control
    outcome = Outcome(Code.PS4, rules, SOURCE, threshold=threshold, data=counts.source if counts else None)
    if counts is None:
        return outcome.not_evaluated("case_control")
    ratio, low, high = odds_ratio(counts)
    value = f"{ratio:.3g} ({low:.3g} to {high:.3g})"
    message = text("acmg.ps4.odds", ratio=ratio, low=low, high=high)
    if ratio > ratio_limit and low > low_limit:
        return outcome.suggested(Strength.STRONG, message, value=value)
    return outcome.not_met(message, value=value)
