"""PS1, PM5, PM1, PP2 and BP1 from a source of classified variants."""

from __future__ import annotations

from dataclasses import replace

import pytest

from varde.interpretation.acmg.criterion import State, Strength
from varde.interpretation.acmg.evaluation import evaluate
from varde.interpretation.acmg.evidence import (
    Branch,
    Evidence,
    Inheritance,
    KnownMissense,
    KnownVariants,
    ProteinChange,
    TranscriptFacts,
)

MET, NOT_MET, OPEN = State.MET, State.NOT_MET, State.NOT_EVALUATED
SUP, M, S = Strength.SUPPORTING, Strength.MODERATE, Strength.STRONG
HERE = ProteinChange(97, "R", "C")
AWAY = TranscriptFacts(Branch.NOT_NULL, near_splice_site=False)
EDGE = TranscriptFacts(Branch.NOT_NULL, near_splice_site=True)


def missense(change: str, acmg_class: int | None, stars: int = 2) -> KnownMissense:
    return KnownMissense(f"p.{change}", ProteinChange(int(change[1:-1]), change[0], change[-1]), acmg_class, stars)


def known(*variants: KnownMissense, pathogenic: int = 0, benign: int = 0, truncating: int = 0) -> KnownVariants:
    return KnownVariants("ClinVar 2026-11", variants, pathogenic, benign, truncating)


BASE = Evidence(
    gene="TOY",
    consequence=frozenset({"missense_variant"}),
    inheritance=Inheritance.AUTOSOMAL_DOMINANT,
    transcript=AWAY,
    protein_change=HERE,
    known_variants=known(),
)


def judged(code: str, **changed):
    return next(one for one in evaluate(replace(BASE, **changed)) if one.code == code)


@pytest.mark.parametrize(
    ("variants", "state", "strength"),
    [
        ([missense("R97C", 5, 2)], MET, S),
        ([missense("R97C", 4, 1)], MET, M),
        ([missense("R97C", 5, 0)], MET, SUP),
        ([missense("R97C", 5, 0), missense("R97C", 4, 3)], MET, S),
        ([missense("R97C", None, 2)], NOT_MET, None),
        ([missense("R97C", 3, 4)], NOT_MET, None),
        ([missense("R97H", 5, 4)], NOT_MET, None),
        ([], NOT_MET, None),
    ],
)
def test_ps1_takes_its_strength_from_the_stars(variants, state, strength):
    found = judged("PS1", known_variants=known(*variants))
    assert (found.state, found.strength, found.data) == (state, strength, "ClinVar 2026-11")


def test_ps1_is_not_for_a_change_that_may_act_by_splicing():
    same = known(missense("R97C", 5))
    assert judged("PS1", known_variants=same, splice_score=0.2).state is NOT_MET
    assert judged("PS1", known_variants=same, splice_score=0.19).state is MET
    assert judged("PS1", known_variants=same, transcript=EDGE).missing == ("splice_score",)
    assert judged("PS1", known_variants=same, transcript=None).missing == ("splice_score",)


@pytest.mark.parametrize(
    ("variants", "state", "strength"),
    [
        ([missense("R97H", 5, 2)], MET, M),
        ([missense("R97H", 4, 1)], MET, SUP),
        ([missense("R97H", 3, 4)], NOT_MET, None),
        ([missense("R97H", 5, 2), missense("R97C", 5, 2)], NOT_MET, None),
        ([missense("A98T", 5, 2)], NOT_MET, None),
    ],
)
def test_pm5_is_another_change_of_the_residue_and_never_beside_ps1(variants, state, strength):
    found = judged("PM5", known_variants=known(*variants))
    assert (found.state, found.strength) == (state, strength)


@pytest.mark.parametrize(
    ("variants", "state"),
    [
        (["R92C", "A94T", "G102S"], MET),
        (["R92C", "A94T"], NOT_MET),
        (["R92C", "A94T", "G103S"], NOT_MET),
        (["R92C", "A94T", "G91S"], NOT_MET),
    ],
)
def test_pm1_counts_within_five_residues(variants, state):
    found = judged("PM1", known_variants=known(*(missense(one, 4, 0) for one in variants)))
    assert (found.state, found.strength) == (state, M if state is MET else None)


def test_pm1_wants_no_benign_variant_there_and_no_mitochondrial_gene():
    hot = [missense(one, 5) for one in ("R92C", "A94T", "G102S")]
    spoilt = judged("PM1", known_variants=known(*hot, missense("L100P", 2)))
    assert (spoilt.state, spoilt.value) == (NOT_MET, "3 pathogenic, 1 benign")
    assert judged("PM1", known_variants=known(*hot, missense("L120P", 1))).state is MET
    assert judged("PM1", known_variants=known(*hot), inheritance=Inheritance.MITOCHONDRIAL).state is NOT_MET
    assert judged("PM1", critical_region=True).strength is M


@pytest.mark.parametrize("code", ["PS1", "PM5", "PM1", "PP2", "BP1"])
def test_missense_codes_are_not_for_others_and_open_without_data(code):
    assert judged(code, consequence=frozenset({"stop_gained"})).state is NOT_MET
    assert judged(code, consequence=None).missing == ("consequence",)
    lacking = judged(code, known_variants=None, missense_z=None)
    assert lacking.state is OPEN
    assert set(lacking.missing) & {"known_variants", "missense_constraint"}
    if code in ("PS1", "PM5", "PM1"):
        assert judged(code, protein_change=None).missing == ("protein_change",)


@pytest.mark.parametrize(
    ("z", "counts", "state", "value"),
    [
        (3.1, (0, 0), MET, "Z 3.10"),
        (3.09, (0, 0), NOT_MET, "Z 3.09"),
        (None, (81, 19), MET, "81.0%"),
        (None, (80, 20), NOT_MET, "80.0%"),
        (None, (9, 0), OPEN, None),
        (1.0, (81, 19), MET, "81.0%"),
    ],
)
def test_pp2_by_constraint_or_by_classified_variants(z, counts, state, value):
    found = judged("PP2", missense_z=z, known_variants=known(pathogenic=counts[0], benign=counts[1]))
    assert (found.state, found.value) == (state, value)


@pytest.mark.parametrize(
    ("missense_count", "truncating", "state"),
    [(5, 15, MET), (6, 14, NOT_MET), (2, 7, OPEN), (0, 10, MET)],
)
def test_bp1_is_for_genes_of_truncating_variants(missense_count, truncating, state):
    found = judged("BP1", known_variants=known(pathogenic=missense_count, truncating=truncating))
    assert found.state is state
    if state is MET:
        assert (
            judged("PP2", missense_z=4.0, known_variants=known(pathogenic=missense_count, truncating=truncating)).state
            is NOT_MET
        )
