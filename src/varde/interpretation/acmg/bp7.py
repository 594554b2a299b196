"""BP7: silent or deep intronic, away from the splice sites, with no effect on splicing predicted."""

from __future__ import annotations

from varde.interpretation.acmg.criterion import Code, Criterion, Strength
from varde.interpretation.acmg.evidence import Evidence, TranscriptFacts
from varde.interpretation.acmg.outcome import Outcome
from varde.interpretation.acmg.rules import Limit, RuleSet
from varde.interpretation.acmg.texts import text

SOURCE = "Richards 2015; Walker 2023 (ClinGen SVI Splicing Subgroup), PMC10357475"

SYNONYMOUS_TERMS = frozenset({"synonymous_variant", "synonymous", "stop_retained_variant", "stop_retained"})
INTRON_TERMS = frozenset({"intron_variant", "intron"})
NEUTRAL_TERMS = (
    SYNONYMOUS_TERMS | INTRON_TERMS | {"splice_region_variant", "splice_region", "non_coding", "coding_sequence"}
)


def evaluate_bp7(evidence: Evidence, rules: RuleSet) -> Criterion:
    """BP7, supporting. Position comes before prediction; conservation is asked only where the rule set sets a limit."""
    score_limit, conservation_limit = rules[Limit.BP7_SPLICE_SCORE], rules.find(Limit.BP7_CONSERVATION)
    threshold = f"{score_limit.unit} < {score_limit.value:g}"
    outcome = Outcome(Code.BP7, rules, SOURCE, threshold=threshold, data=evidence.splice_predictor)
    if evidence.consequence is None:
        return outcome.not_evaluated("consequence")
    terms = evidence.consequence
    if not terms & (SYNONYMOUS_TERMS | INTRON_TERMS) or terms - NEUTRAL_TERMS:
        return outcome.not_met(text("acmg.bp7.not_silent"), value=", ".join(sorted(terms)))
    away = _away_from_splice_sites(evidence.transcript, bool(terms & SYNONYMOUS_TERMS), rules)
    if away is False:
        return outcome.not_met(text("acmg.bp7.near_splice_site"))
    score, conservation = evidence.splice_score, evidence.conservation
    value = None if score is None else f"{score:g}"
    if score is not None and score >= score_limit.value:
        return outcome.not_met(text("acmg.bp7.splicing", score=score), value=value)
    if conservation_limit is not None and conservation is not None and conservation >= conservation_limit.value:
        return outcome.not_met(text("acmg.bp7.conserved", score=conservation), value=f"{conservation:g}")
    missing = [
        *(["exon_position"] if away is None else []),
        *(["splice_score"] if score is None else []),
        *(["conservation"] if conservation_limit is not None and conservation is None else []),
    ]
    if missing:
        return outcome.not_evaluated(*missing, value=value)
    return outcome.met(Strength.SUPPORTING, text("acmg.bp7.met"), value=value)


def _away_from_splice_sites(facts: TranscriptFacts | None, exonic: bool, rules: RuleSet) -> bool | None:
    """Synonymous: not the first base nor the last three of an exon. Intronic: at or beyond +7 and -21."""
    if facts is None:
        return None
    if exonic:
        return None if facts.near_splice_site is None else not facts.near_splice_site
    if facts.intron_offset is None:
        return None
    if facts.intron_offset > 0:
        return facts.intron_offset >= rules.value(Limit.BP7_DONOR_OFFSET)
    return -facts.intron_offset >= rules.value(Limit.BP7_ACCEPTOR_OFFSET)
