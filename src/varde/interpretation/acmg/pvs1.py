"""PVS1, the null variant: the decision tree of Abou Tayoun 2018 as data, and its cap by the mechanism of disease.

Where an answer is not known both ways are followed. PVS1 is evaluated when all leaves that can be reached agree on the
strength, and not evaluated when they do not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from varde.interpretation.acmg.criterion import Code, Criterion, Strength
from varde.interpretation.acmg.evidence import Branch, Evidence, LofConfidence, Tandem, TranscriptFacts
from varde.interpretation.acmg.outcome import Outcome
from varde.interpretation.acmg.rules import Limit, RuleSet
from varde.interpretation.acmg.texts import text

SOURCE = "Abou Tayoun 2018 (ClinGen SVI, PVS1), PMC6185798"

NULL_TERMS = frozenset(
    {
        "stop_gained",
        "frameshift_variant",
        "frameshift",
        "splice_donor_variant",
        "splice_donor",
        "splice_acceptor_variant",
        "splice_acceptor",
        "start_lost",
        "transcript_ablation",
        "exon_loss_variant",
        "feature_truncation",
    }
)
"""Terms of a possible null variant, as the Sequence Ontology and bcftools csq write them."""


class Ask(StrEnum):
    """Questions of the tree; the values are keys of ``texts.MISSING``."""

    NMD = "nmd"
    RELEVANT_TRANSCRIPT = "relevant_transcript"
    CRITICAL_REGION = "critical_region"
    LOF_FREQUENT = "lof_frequent"
    REMOVED_FRACTION = "removed_fraction"
    FRAME_KEPT = "frame_kept"
    FULL_GENE = "full_gene"
    ALTERNATIVE_START = "alternative_start"
    PATHOGENIC_UPSTREAM = "pathogenic_upstream"
    TANDEM_PROVEN = "tandem_proven"
    TANDEM_PRESUMED = "tandem_presumed"


@dataclass(frozen=True)
class Leaf:
    """An end of the tree; without strength PVS1 does not apply.

    Names NF, SS and IC are those of AutoACMG; DEL and DUP are ours.
    """

    name: str
    strength: Strength | None


@dataclass(frozen=True)
class Question:
    ask: Ask
    yes: Question | Leaf
    no: Question | Leaf


_VS, _S, _M, _SUP = Strength.VERY_STRONG, Strength.STRONG, Strength.MODERATE, Strength.SUPPORTING


def _partial_loss(critical: str, frequent: str, large: str, small: str) -> Question:
    """Part of the protein is lost and the rest is made: strength by what the part means."""
    size = Question(Ask.REMOVED_FRACTION, Leaf(large, _S), Leaf(small, _M))
    return Question(Ask.CRITICAL_REGION, Leaf(critical, _S), Question(Ask.LOF_FREQUENT, Leaf(frequent, None), size))


def _truncated(decayed: str, irrelevant: str, partial: Question) -> Question:
    return Question(Ask.NMD, Question(Ask.RELEVANT_TRANSCRIPT, Leaf(decayed, _VS), Leaf(irrelevant, None)), partial)


TREE: Mapping[Branch, Question] = MappingProxyType(
    {
        Branch.NONSENSE_FRAMESHIFT: _truncated("NF1", "NF2", _partial_loss("NF3", "NF4", "NF5", "NF6")),
        Branch.SPLICE: Question(
            Ask.FRAME_KEPT,
            _partial_loss("SS10", "SS7", "SS8", "SS9"),
            _truncated("SS1", "SS2", _partial_loss("SS3", "SS4", "SS5", "SS6")),
        ),
        Branch.DELETION: Question(
            Ask.FULL_GENE,
            Leaf("DEL1", _VS),
            Question(
                Ask.FRAME_KEPT,
                _partial_loss("DEL8", "DEL9", "DEL10", "DEL11"),
                _truncated("DEL2", "DEL3", _partial_loss("DEL4", "DEL5", "DEL6", "DEL7")),
            ),
        ),
        Branch.DUPLICATION: Question(
            Ask.FRAME_KEPT,
            Leaf("DUP4", None),
            Question(
                Ask.TANDEM_PROVEN,
                Leaf("DUP1", _VS),
                Question(Ask.TANDEM_PRESUMED, Leaf("DUP2", _S), Leaf("DUP3", None)),
            ),
        ),
        Branch.START: Question(
            Ask.ALTERNATIVE_START,
            Leaf("IC3", None),
            Question(Ask.PATHOGENIC_UPSTREAM, Leaf("IC1", _M), Leaf("IC2", _SUP)),
        ),
    }
)


def leaves(node: Question | Leaf) -> tuple[Leaf, ...]:
    """All ends below a node, in reading order."""
    return (node,) if isinstance(node, Leaf) else (*leaves(node.yes), *leaves(node.no))


def reachable(node: Question | Leaf, answers: Mapping[Ask, bool | None]) -> tuple[tuple[Leaf, ...], tuple[Ask, ...]]:
    """Leaves that the answers allow, and the questions on the way without an answer."""
    if isinstance(node, Leaf):
        return (node,), ()
    answer = answers.get(node.ask)
    if answer is not None:
        return reachable(node.yes if answer else node.no, answers)
    yes, asked_yes = reachable(node.yes, answers)
    no, asked_no = reachable(node.no, answers)
    return yes + no, tuple(dict.fromkeys((node.ask, *asked_yes, *asked_no)))


def answers_of(evidence: Evidence, facts: TranscriptFacts, rules: RuleSet) -> dict[Ask, bool | None]:
    """The evidence as answers; None where it does not say."""
    fraction = facts.removed_fraction
    relevant = evidence.relevant_transcript
    if relevant is None and facts.mane:
        relevant = True
    return {
        Ask.NMD: _nmd(facts, rules),
        Ask.RELEVANT_TRANSCRIPT: relevant,
        Ask.CRITICAL_REGION: evidence.critical_region,
        Ask.LOF_FREQUENT: _either(evidence.lof_frequent_in_exon, None if relevant is None else not relevant),
        Ask.REMOVED_FRACTION: None if fraction is None else fraction > rules.value(Limit.PVS1_REMOVED_FRACTION),
        Ask.FRAME_KEPT: facts.frame_kept,
        Ask.FULL_GENE: facts.full_gene,
        Ask.ALTERNATIVE_START: evidence.alternative_start,
        Ask.PATHOGENIC_UPSTREAM: evidence.pathogenic_upstream_of_next_met,
        Ask.TANDEM_PROVEN: None if evidence.tandem is None else evidence.tandem is Tandem.PROVEN,
        Ask.TANDEM_PRESUMED: None if evidence.tandem is None else evidence.tandem is Tandem.PRESUMED,
    }


def evaluate_pvs1(evidence: Evidence, rules: RuleSet) -> Criterion:
    """PVS1 under the tree, capped by what is known of the mechanism for this gene and inheritance."""
    facts = evidence.transcript
    outcome = Outcome(Code.PVS1, rules, SOURCE, threshold=_threshold(rules), data=facts.transcript if facts else None)
    if facts is None or facts.branch is None:
        return _without_facts(evidence, outcome, facts)
    if facts.branch is Branch.NOT_NULL:
        return outcome.not_met(text("acmg.pvs1.not_null"))
    ends, asked = reachable(TREE[facts.branch], answers_of(evidence, facts, rules))
    names = ", ".join(dict.fromkeys(leaf.name for leaf in ends))
    strengths = {leaf.strength for leaf in ends}
    if strengths == {None}:
        return outcome.not_met(text("acmg.pvs1.leaf", leaf=names), value=names)
    if evidence.inheritance is None:
        return outcome.not_evaluated("inheritance", value=names)
    confidence = _confidence(evidence)
    if confidence is LofConfidence.NO:
        return outcome.not_met(text("acmg.pvs1.no_mechanism", inheritance=evidence.inheritance.value), value=names)
    missing = (*(["lof_mechanism"] if confidence is LofConfidence.UNKNOWN else []), *asked)
    if len(strengths) > 1:
        return outcome.not_evaluated(*missing, message=text("acmg.pvs1.several", leaves=names), value=names)
    if confidence is LofConfidence.UNKNOWN:
        return outcome.not_evaluated("lof_mechanism", value=names)
    return _capped(outcome, ends[0].strength, confidence, names)


def _capped(outcome: Outcome, strength: Strength | None, confidence: LofConfidence, names: str) -> Criterion:
    if strength is not None and confidence is LofConfidence.ESTABLISHED:
        return outcome.met(strength, text("acmg.pvs1.met", leaf=names), value=names)
    lowered = strength.weaker if strength is not None else None
    if lowered is None:
        return outcome.not_met(text("acmg.pvs1.lowered_away", leaf=names), value=names)
    return outcome.met(lowered, text("acmg.pvs1.lowered", leaf=names), value=names)


def _without_facts(evidence: Evidence, outcome: Outcome, facts: TranscriptFacts | None) -> Criterion:
    if facts is not None and facts.problem is not None:
        return outcome.not_evaluated(facts.problem)
    if evidence.consequence is None:
        return outcome.not_evaluated("consequence", "transcript_model")
    if evidence.consequence & NULL_TERMS:
        return outcome.not_evaluated("transcript_model")
    return outcome.not_met(text("acmg.pvs1.not_null"))


def _confidence(evidence: Evidence) -> LofConfidence:
    """Knowledge for exactly this inheritance goes before knowledge for X-linked in general."""
    wanted = evidence.inheritance
    fitting = [m for m in evidence.lof_mechanisms or () if wanted is not None and m.inheritance.covers(wanted)]
    fitting.sort(key=lambda mechanism: mechanism.inheritance is not wanted)
    return fitting[0].confidence if fitting else LofConfidence.UNKNOWN


def _nmd(facts: TranscriptFacts, rules: RuleSet) -> bool | None:
    if facts.exon_count == 1:
        return False
    if facts.ptc_to_last_junction is None:
        return None
    return facts.ptc_to_last_junction > rules.value(Limit.PVS1_NMD_DISTANCE)


def _either(first: bool | None, second: bool | None) -> bool | None:
    if first or second:
        return True
    return None if first is None or second is None else False


def _threshold(rules: RuleSet) -> str:
    distance, fraction = rules[Limit.PVS1_NMD_DISTANCE], rules[Limit.PVS1_REMOVED_FRACTION]
    return f"NMD > {distance.value:g} nt before the last junction; > {fraction.value:.0%} of the protein"
