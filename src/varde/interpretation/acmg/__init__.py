"""ACMG/AMP criteria: evidence in, judged criteria out, then a class under the chosen rule set, beside the others."""

from varde.interpretation.acmg.conflicts import Conflict, Effect, conflicts
from varde.interpretation.acmg.criterion import (
    CODES,
    Code,
    Criterion,
    Direction,
    Handling,
    State,
    Strength,
    decide_by_person,
    with_decisions,
)
from varde.interpretation.acmg.evaluation import evaluate
from varde.interpretation.acmg.evidence import Evidence
from varde.interpretation.acmg.points import Classification, Tier, classify
from varde.interpretation.acmg.rules import GENERAL, RuleSet
from varde.interpretation.acmg.rulesets import Assessment, Ruleset, Verdict, assess
from varde.interpretation.acmg.transcript_facts import deletion_facts, transcript_facts

__all__ = [
    "CODES",
    "GENERAL",
    "Assessment",
    "Classification",
    "Code",
    "Conflict",
    "Criterion",
    "Direction",
    "Effect",
    "Evidence",
    "Handling",
    "RuleSet",
    "Ruleset",
    "State",
    "Strength",
    "Tier",
    "Verdict",
    "assess",
    "classify",
    "conflicts",
    "decide_by_person",
    "deletion_facts",
    "evaluate",
    "transcript_facts",
    "with_decisions",
]
