"""PP3 and BP4 at every cut-off; PS3 and BS3 by odds of pathogenicity; PS4 by the odds ratio."""

from __future__ import annotations

import pytest

from varde.interpretation.acmg.case_control import evaluate_ps4, odds_ratio
from varde.interpretation.acmg.criterion import State, Strength
from varde.interpretation.acmg.evidence import (
    Branch,
    CaseControl,
    Evidence,
    FunctionalEvidence,
    FunctionalResult,
    TranscriptFacts,
)
from varde.interpretation.acmg.functional import evaluate_functional
from varde.interpretation.acmg.prediction import evaluate_bp4, evaluate_pp3
from varde.interpretation.acmg.rules import GENERAL

MET, NOT_MET, OPEN = State.MET, State.NOT_MET, State.NOT_EVALUATED
SUP, M, S, VS = Strength.SUPPORTING, Strength.MODERATE, Strength.STRONG, Strength.VERY_STRONG
AWAY = TranscriptFacts(Branch.NOT_NULL, near_splice_site=False)


def both(revel=None, splice=None, *, terms="missense_variant", transcript=AWAY):
    evidence = Evidence(
        consequence=frozenset({terms}), missense_score=revel, splice_score=splice, transcript=transcript
    )
    return evaluate_pp3(evidence, GENERAL), evaluate_bp4(evidence, GENERAL)


@pytest.mark.parametrize(
    ("revel", "pp3", "bp4"),
    [
        (0.932, S, None),
        (0.931, M, None),
        (0.773, M, None),
        (0.772, SUP, None),
        (0.644, SUP, None),
        (0.643, None, None),
        (0.291, None, None),
        (0.290, None, SUP),
        (0.184, None, SUP),
        (0.183, None, M),
        (0.017, None, M),
        (0.016, None, S),
        (0.004, None, S),
        (0.003, None, VS),
    ],
)
def test_revel_at_the_cut_offs_of_pejaver(revel, pp3, bp4):
    for splice in (None, 0.1):
        found = both(revel, splice)
        assert [one.strength for one in found] == [pp3, bp4]
        assert [one.state for one in found] == [MET if s else NOT_MET for s in (pp3, bp4)]


@pytest.mark.parametrize(
    ("splice", "pp3", "bp4"),
    [(0.2, MET, NOT_MET), (0.19, NOT_MET, NOT_MET), (0.11, NOT_MET, NOT_MET), (0.1, NOT_MET, MET), (1.0, MET, NOT_MET)],
)
def test_splicing_is_supporting_at_most(splice, pp3, bp4):
    found = both(None, splice, terms="synonymous_variant")
    assert [one.state for one in found] == [pp3, bp4]
    assert {one.strength for one in found} <= {None, SUP}


def test_missense_and_splicing_together():
    assert [one.strength for one in both(0.1, 0.5)] == [SUP, None]
    assert [one.strength for one in both(0.95, 0.5)] == [S, None]
    assert [one.strength for one in both(0.1, 0.15)] == [None, None]


def test_what_lacks_is_said():
    assert [one.missing for one in both()] == [("missense_score",), ("missense_score",)]
    near = TranscriptFacts(Branch.NOT_NULL, near_splice_site=True)
    pp3, bp4 = both(0.1, transcript=near)
    assert (pp3.missing, bp4.missing, bp4.value) == (("splice_score",), ("splice_score",), "REVEL 0.1")
    assert both(0.95, transcript=near)[0].strength is S
    assert [one.missing for one in both(terms="intron_variant")] == [("splice_score",), ("splice_score",)]
    assert [one.state for one in both(0.95, 0.9, terms="stop_gained")] == [NOT_MET, NOT_MET]
    assert both(None, 0.9, terms="splice_donor_variant")[0].state is MET
    assert [one.missing for one in (evaluate_pp3(Evidence(), GENERAL), evaluate_bp4(Evidence(), GENERAL))] == [
        ("consequence",),
        ("consequence",),
    ]


def functional(result, odds):
    return evaluate_functional(Evidence(functional=FunctionalEvidence(result, -1.5, odds, "SGE 1")), GENERAL)


@pytest.mark.parametrize(
    ("result", "odds", "ps3", "bs3"),
    [
        ("abnormal", 351, VS, None),
        ("abnormal", 350, S, None),
        ("abnormal", 18.8, S, None),
        ("abnormal", 4.4, M, None),
        ("abnormal", 2.2, SUP, None),
        ("abnormal", 2.1, None, None),
        ("abnormal", None, SUP, None),
        ("normal", 0.052, None, S),
        ("normal", 0.22, None, M),
        ("normal", 0.47, None, SUP),
        ("normal", 0.48, None, None),
        ("normal", None, None, SUP),
        ("intermediate", None, None, None),
    ],
)
def test_functional_results_at_the_steps_of_brnich(result, odds, ps3, bs3):
    found = functional(FunctionalResult(result), odds)
    assert [one.suggested for one in found] == [ps3, bs3]
    assert [one.state for one in found] == [OPEN if s else NOT_MET for s in (ps3, bs3)]
    assert all(one.points == 0 for one in found)


def test_without_a_table_the_functional_codes_are_open():
    assert [one.missing for one in evaluate_functional(Evidence(), GENERAL)] == [("functional_table",)] * 2


@pytest.mark.parametrize(
    ("counts", "suggested"),
    [
        ((12, 1000, 2, 10_000), True),
        ((3, 100, 4, 1000), True),
        ((1, 20, 1, 200), False),
        ((5, 100, 10, 1000), True),
        ((5, 105, 10, 1000), False),
        ((2, 50, 0, 50), False),
        ((0, 50, 0, 50), False),
    ],
)
def test_ps4_needs_the_ratio_and_the_interval(counts, suggested):
    told = CaseControl(*counts, "register")
    found = evaluate_ps4(Evidence(case_control=told), GENERAL)
    ratio, low, _high = odds_ratio(told)
    assert (found.suggested is S) is suggested is (ratio > 5 and low > 1)
    assert found.state is (OPEN if suggested else NOT_MET)


def test_an_odds_ratio_with_an_empty_cell_adds_a_half():
    ratio, low, high = odds_ratio(CaseControl(2, 50, 0, 50, ""))
    assert (round(ratio, 3), round(low, 3), round(high, 1)) == (5.206, 0.244, 111.2)


@pytest.mark.parametrize("wrong", [(2, 1, 0, 1), (0, 0, 0, 1), (-1, 1, 0, 1), (0, 1, 2, 1)])
def test_impossible_counts_are_refused(wrong):
    with pytest.raises(ValueError, match=r"people|cases"):
        CaseControl(*wrong, "x")
