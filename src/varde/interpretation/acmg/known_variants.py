"""PS1, PM5, PM1, PP2 and BP1: what is known of other variants of the gene, and of its tolerance to missense change.

The source of classified variants (ClinVar) never speaks of the variant itself here: that would be PP5, which ClinGen
advises against. Variants on which submitters disagree count for nothing.
"""

from __future__ import annotations

from varde.genome.message import Message
from varde.interpretation.acmg.criterion import Code, Criterion, State, Strength
from varde.interpretation.acmg.evidence import Evidence, Inheritance, KnownMissense, KnownVariants
from varde.interpretation.acmg.outcome import Outcome
from varde.interpretation.acmg.rules import Limit, RuleSet
from varde.interpretation.acmg.texts import text

MISSENSE_TERMS = frozenset({"missense_variant", "missense"})


def evaluate_ps1(evidence: Evidence, rules: RuleSet) -> Criterion:
    """PS1: another nucleotide change with the same amino-acid change is pathogenic; the stars decide the strength."""
    strong, moderate = rules[Limit.PS1_STARS_STRONG], rules[Limit.PS1_STARS_MODERATE]
    threshold = f"strong from {strong.value:g} stars, moderate from {moderate.value:g}"
    outcome = _outcome(Code.PS1, evidence, rules, threshold, f"Richards 2015; stars: {strong.source}")
    known = _missense_question(evidence, outcome)
    if isinstance(known, Criterion):
        return known
    same = [one for one in _at_residue(evidence, known) if one.change == evidence.protein_change and one.pathogenic]
    if not same:
        return outcome.not_met(text("acmg.ps1.none"))
    best = max(same, key=lambda one: one.stars)
    spliced = _splicing(evidence, rules)
    if spliced:
        return outcome.not_met(text("acmg.known.splicing", name=best.name), value=best.name)
    if spliced is None:
        return outcome.not_evaluated("splice_score", value=best.name)
    strength = Strength.SUPPORTING
    if best.stars >= moderate.value:
        strength = Strength.STRONG if best.stars >= strong.value else Strength.MODERATE
    return outcome.met(strength, _said("acmg.ps1.met", best), value=best.name)


def evaluate_pm5(evidence: Evidence, rules: RuleSet, ps1: Criterion) -> Criterion:
    """PM5: a different missense change of the same residue is pathogenic. Never beside PS1."""
    stars = rules[Limit.PM5_STARS_MODERATE]
    threshold = f"moderate from {stars.value:g} stars, else supporting"
    outcome = _outcome(Code.PM5, evidence, rules, threshold, f"Richards 2015; stars: {stars.source}")
    known = _missense_question(evidence, outcome)
    if isinstance(known, Criterion):
        return known
    if ps1.state is State.MET:
        return outcome.not_met(text("acmg.counted_elsewhere", other="PS1"))
    other = [one for one in _at_residue(evidence, known) if one.change != evidence.protein_change and one.pathogenic]
    if not other:
        return outcome.not_met(text("acmg.pm5.none"))
    best = max(other, key=lambda one: one.stars)
    strength = Strength.MODERATE if best.stars >= stars.value else Strength.SUPPORTING
    return outcome.met(strength, _said("acmg.pm5.met", best), value=best.name)


def evaluate_pm1(evidence: Evidence, rules: RuleSet) -> Criterion:
    """PM1: enough pathogenic missense variants near the residue and no benign one. A person may know of a critical
    domain: that is moderate as well. Not for mitochondrial variants."""
    window, count = rules[Limit.PM1_WINDOW], rules[Limit.PM1_PATHOGENIC]
    threshold = f">= {count.value:g} pathogenic within {window.value:g} residues, none benign"
    outcome = _outcome(Code.PM1, evidence, rules, threshold, f"Richards 2015; limits: {count.source}")
    if evidence.inheritance is Inheritance.MITOCHONDRIAL:
        return outcome.not_met(text("acmg.pm1.mitochondrial"))
    if evidence.critical_region and evidence.consequence is not None and evidence.consequence & MISSENSE_TERMS:
        return outcome.met(Strength.MODERATE, text("acmg.pm1.critical"))
    known = _missense_question(evidence, outcome)
    if isinstance(known, Criterion):
        return known
    here = evidence.protein_change
    near = [one for one in known.missense if here and abs(one.change.position - here.position) <= window.value]
    pathogenic, benign = sum(one.pathogenic for one in near), sum(one.benign for one in near)
    value = f"{pathogenic} pathogenic, {benign} benign"
    if pathogenic >= count.value and not benign:
        return outcome.met(Strength.MODERATE, text("acmg.pm1.met", pathogenic=pathogenic), value=value)
    return outcome.not_met(text("acmg.pm1.not_met", pathogenic=pathogenic, benign=benign), value=value)


def evaluate_pp2(evidence: Evidence, rules: RuleSet, bp1: Criterion) -> Criterion:
    """PP2: a missense variant of a gene that tolerates few: by its constraint, or by its classified missense variants.

    Not where BP1 holds: then missense change is no common mechanism.
    """
    z, share = rules[Limit.PP2_MISSENSE_Z], rules[Limit.PP2_PATHOGENIC_SHARE]
    threshold = f"missense Z > {z.value:g}, or pathogenic share > {share.value:g}"
    outcome = _outcome(Code.PP2, evidence, rules, threshold, f"Richards 2015; limits: {z.source}; {share.source}")
    refused = _not_missense(evidence, outcome)
    if refused is not None:
        return refused
    if bp1.state is State.MET:
        return outcome.not_met(text("acmg.pp2.truncating"))
    if evidence.missense_z is not None and evidence.missense_z > z.value:
        value = f"Z {evidence.missense_z:.2f}"
        return outcome.met(Strength.SUPPORTING, text("acmg.pp2.constrained", z=evidence.missense_z), value=value)
    found = _pathogenic_share(evidence, rules)
    if found is not None and found > share.value:
        return outcome.met(Strength.SUPPORTING, text("acmg.pp2.share", share=found), value=f"{found:.1%}")
    if evidence.missense_z is None and found is None:
        return outcome.not_evaluated("missense_constraint")
    seen = f"Z {evidence.missense_z:.2f}" if evidence.missense_z is not None else f"{found:.1%}"
    return outcome.not_met(text("acmg.pp2.not_met"), value=seen)


def evaluate_bp1(evidence: Evidence, rules: RuleSet) -> Criterion:
    """BP1: a missense variant of a gene whose known pathogenic variants are nearly all truncating."""
    share, floor = rules[Limit.BP1_TRUNCATING_SHARE], rules.value(Limit.CLASSIFIED_FLOOR)
    threshold = f">= {share.value:.0%} of the pathogenic variants truncating, of at least {floor:g}"
    outcome = _outcome(Code.BP1, evidence, rules, threshold, f"Richards 2015; limit: {share.source}")
    refused = _not_missense(evidence, outcome)
    if refused is not None:
        return refused
    known = evidence.known_variants
    total = 0 if known is None else known.gene_missense_pathogenic + known.gene_truncating_pathogenic
    if known is None or total < floor:
        return outcome.not_evaluated("known_variants")
    found = known.gene_truncating_pathogenic / total
    value = f"{found:.1%} ({known.gene_truncating_pathogenic}/{total})"
    if found >= share.value:
        return outcome.met(Strength.SUPPORTING, text("acmg.bp1.met", share=found), value=value)
    return outcome.not_met(text("acmg.bp1.not_met", share=found), value=value)


def _outcome(code: Code, evidence: Evidence, rules: RuleSet, threshold: str, source: str) -> Outcome:
    known = evidence.known_variants
    names = [known.source] if known is not None else []
    if code is Code.PP2 and evidence.constraint_source:
        names.insert(0, evidence.constraint_source)
    return Outcome(code, rules, source, threshold=threshold, data=", ".join(names) or None)


def _not_missense(evidence: Evidence, outcome: Outcome) -> Criterion | None:
    if evidence.consequence is None:
        return outcome.not_evaluated("consequence")
    if not evidence.consequence & MISSENSE_TERMS:
        return outcome.not_met(text("acmg.known.not_missense"))
    return None


def _missense_question(evidence: Evidence, outcome: Outcome) -> KnownVariants | Criterion:
    refused = _not_missense(evidence, outcome)
    if refused is not None:
        return refused
    missing = [
        *(["protein_change"] if evidence.protein_change is None else []),
        *(["known_variants"] if evidence.known_variants is None else []),
    ]
    if evidence.known_variants is None or missing:
        return outcome.not_evaluated(*missing)
    return evidence.known_variants


def _at_residue(evidence: Evidence, known: KnownVariants) -> list[KnownMissense]:
    here = evidence.protein_change
    return [one for one in known.missense if here is not None and one.change.position == here.position]


def _splicing(evidence: Evidence, rules: RuleSet) -> bool | None:
    """Whether the change may act by splicing instead; away from the splice sites no score is asked for."""
    if evidence.splice_score is not None:
        return evidence.splice_score >= rules.value(Limit.PP3_SPLICE)
    near = evidence.transcript.near_splice_site if evidence.transcript else None
    return False if near is False else None


def _pathogenic_share(evidence: Evidence, rules: RuleSet) -> float | None:
    known = evidence.known_variants
    if known is None:
        return None
    total = known.gene_missense_pathogenic + known.gene_missense_benign
    return known.gene_missense_pathogenic / total if total >= rules.value(Limit.CLASSIFIED_FLOOR) else None


def _said(key: str, known: KnownMissense) -> Message:
    return text(key, name=known.name, acmg_class=known.acmg_class or 0, stars=known.stars)
