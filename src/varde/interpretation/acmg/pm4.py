"""PM4 and BP3: the protein changes in length by an in-frame change, outside a repeat or in one, or by a lost stop."""

from __future__ import annotations

from varde.interpretation.acmg.criterion import Code, Criterion, State, Strength
from varde.interpretation.acmg.evidence import Evidence
from varde.interpretation.acmg.outcome import Outcome
from varde.interpretation.acmg.pvs1 import NULL_TERMS
from varde.interpretation.acmg.rules import RuleSet
from varde.interpretation.acmg.texts import text

SOURCE = "Richards 2015"

IN_FRAME_TERMS = frozenset({"inframe_insertion", "inframe_deletion", "inframe_altering", "protein_altering_variant"})
STOP_LOST_TERMS = frozenset({"stop_lost"})


def evaluate_pm4(evidence: Evidence, rules: RuleSet, pvs1: Criterion) -> Criterion:
    """PM4, moderate. Never beside PVS1: for a possible null variant whose PVS1 is open, PM4 stays open too."""
    outcome = Outcome(Code.PM4, rules, SOURCE, threshold="in-frame change outside a repeat, or stop lost")
    if pvs1.state is State.MET:
        return outcome.not_met(text("acmg.pm4.pvs1"))
    if evidence.consequence is None:
        return outcome.not_evaluated("consequence")
    stop_lost = evidence.consequence & STOP_LOST_TERMS
    found = ", ".join(sorted(evidence.consequence & (IN_FRAME_TERMS | STOP_LOST_TERMS)))
    if not found:
        return outcome.not_met(text("acmg.pm4.not_length"), value=", ".join(sorted(evidence.consequence)))
    if pvs1.state is State.NOT_EVALUATED and evidence.consequence & NULL_TERMS:
        return outcome.not_evaluated(*pvs1.missing, value=found)
    if not stop_lost and evidence.repeat_region is None:
        return outcome.not_evaluated("repeat_region", value=found)
    if not stop_lost and evidence.repeat_region:
        return outcome.not_met(text("acmg.pm4.repeat"), value=found)
    return outcome.met(Strength.MODERATE, text("acmg.pm4.met", consequence=found), value=found)


def evaluate_bp3(evidence: Evidence, rules: RuleSet) -> Criterion:
    """BP3, supporting: an in-frame change in a repeat without known function."""
    outcome = Outcome(Code.BP3, rules, SOURCE, threshold="in-frame change in a repeat without known function")
    if evidence.consequence is None:
        return outcome.not_evaluated("consequence")
    found = ", ".join(sorted(evidence.consequence & IN_FRAME_TERMS))
    if not found:
        return outcome.not_met(text("acmg.bp3.not_in_frame"))
    if evidence.repeat_region is None:
        return outcome.not_evaluated("repeat_region", value=found)
    if not evidence.repeat_region:
        return outcome.not_met(text("acmg.bp3.no_repeat"), value=found)
    if evidence.critical_region is None:
        return outcome.not_evaluated("critical_region", value=found)
    if evidence.critical_region:
        return outcome.not_met(text("acmg.bp3.critical"), value=found)
    return outcome.met(Strength.SUPPORTING, text("acmg.bp3.met", consequence=found), value=found)
