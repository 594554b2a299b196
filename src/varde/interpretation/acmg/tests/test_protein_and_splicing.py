"""PM4 and BP7."""

import pytest

from varde.interpretation.acmg.bp7 import evaluate_bp7
from varde.interpretation.acmg.criterion import Code, Criterion, State, Strength
from varde.interpretation.acmg.evidence import Branch, Evidence, TranscriptFacts
from varde.interpretation.acmg.pm4 import evaluate_bp3, evaluate_pm4
from varde.interpretation.acmg.rules import GENERAL, Limit
from varde.interpretation.acmg.texts import text

MET, NOT_MET, OPEN = State.MET, State.NOT_MET, State.NOT_EVALUATED
PVS1 = {
    MET: Criterion(Code.PVS1, MET, text("acmg.not_evaluated"), Strength.STRONG),
    NOT_MET: Criterion(Code.PVS1, NOT_MET, text("acmg.not_evaluated")),
    OPEN: Criterion(Code.PVS1, OPEN, text("acmg.not_evaluated"), missing=("nmd",)),
}


@pytest.mark.parametrize(
    ("terms", "repeat", "pvs1", "state"),
    [
        ({"inframe_deletion"}, False, NOT_MET, MET),
        ({"inframe_insertion"}, False, NOT_MET, MET),
        ({"inframe_altering"}, False, NOT_MET, MET),
        ({"inframe_deletion"}, True, NOT_MET, NOT_MET),
        ({"inframe_deletion"}, None, NOT_MET, OPEN),
        ({"stop_lost"}, None, NOT_MET, MET),
        ({"stop_lost"}, True, NOT_MET, MET),
        ({"inframe_deletion"}, False, MET, NOT_MET),
        ({"missense"}, False, NOT_MET, NOT_MET),
        ({"frameshift"}, False, NOT_MET, NOT_MET),
        ({"inframe_deletion", "splice_donor"}, False, OPEN, OPEN),
        ({"inframe_deletion"}, False, OPEN, MET),
    ],
)
def test_pm4(terms, repeat, pvs1, state):
    found = evaluate_pm4(Evidence(consequence=frozenset(terms), repeat_region=repeat), GENERAL, PVS1[pvs1])
    assert (found.state, found.strength) == (state, Strength.MODERATE if state is MET else None)


def test_pm4_without_a_consequence():
    assert evaluate_pm4(Evidence(), GENERAL, PVS1[OPEN]).missing == ("consequence",)


def silent(terms=("synonymous_variant",), *, near=False, offset=None, score=0.05, conservation=None, facts=True):
    place = TranscriptFacts(Branch.NOT_NULL, near_splice_site=near, intron_offset=offset) if facts else None
    return Evidence(consequence=frozenset(terms), transcript=place, splice_score=score, conservation=conservation)


@pytest.mark.parametrize(
    ("evidence", "state"),
    [
        (silent(), MET),
        (silent(["synonymous"], score=0.0999), MET),
        (silent(score=0.1), NOT_MET),
        (silent(near=True), NOT_MET),
        (silent(["missense_variant"]), NOT_MET),
        (silent(["synonymous_variant", "splice_donor_variant"]), NOT_MET),
        (silent(["intron_variant"], near=None, offset=7), MET),
        (silent(["intron_variant"], near=None, offset=6), NOT_MET),
        (silent(["intron_variant"], near=None, offset=-21), MET),
        (silent(["intron_variant"], near=None, offset=-20), NOT_MET),
    ],
)
def test_bp7(evidence, state):
    found = evaluate_bp7(evidence, GENERAL)
    assert (found.state, found.strength) == (state, Strength.SUPPORTING if state is MET else None)


@pytest.mark.parametrize(
    ("evidence", "missing"),
    [
        (Evidence(), ("consequence",)),
        (silent(score=None), ("splice_score",)),
        (silent(facts=False), ("exon_position",)),
        (silent(near=None), ("exon_position",)),
        (silent(facts=False, score=None), ("exon_position", "splice_score")),
    ],
)
def test_what_lacks_for_bp7(evidence, missing):
    assert (evaluate_bp7(evidence, GENERAL).state, evaluate_bp7(evidence, GENERAL).missing) == (OPEN, missing)


def test_what_is_known_to_fail_needs_no_more_data():
    assert evaluate_bp7(silent(near=True, score=None), GENERAL).state is NOT_MET
    assert evaluate_bp7(silent(facts=False, score=0.5), GENERAL).state is NOT_MET


def test_conservation_counts_where_the_laboratory_sets_a_limit():
    own = GENERAL.for_gene("TOY", "toy", "1", "laboratory", {Limit.BP7_CONSERVATION: 2.0})
    assert evaluate_bp7(silent(conservation=2.0), own).state is NOT_MET
    assert evaluate_bp7(silent(conservation=1.9), own).state is MET
    assert evaluate_bp7(silent(), own).missing == ("conservation",)
    assert evaluate_bp7(silent(conservation=9.0), GENERAL).state is MET


@pytest.mark.parametrize("score", [-0.1, 1.1, float("nan")])
def test_an_impossible_splice_score_is_refused(score):
    with pytest.raises(ValueError, match="splice score"):
        Evidence(splice_score=score)


@pytest.mark.parametrize(
    ("terms", "repeat", "critical", "state"),
    [
        ("inframe_deletion", True, False, State.MET),
        ("inframe_deletion", True, True, State.NOT_MET),
        ("inframe_deletion", True, None, State.NOT_EVALUATED),
        ("inframe_deletion", False, None, State.NOT_MET),
        ("inframe_insertion", None, False, State.NOT_EVALUATED),
        ("stop_lost", True, False, State.NOT_MET),
        ("missense_variant", True, False, State.NOT_MET),
    ],
)
def test_bp3_is_for_repeats_without_known_function(terms, repeat, critical, state):
    evidence = Evidence(consequence=frozenset({terms}), repeat_region=repeat, critical_region=critical)
    assert evaluate_bp3(evidence, GENERAL).state is state
