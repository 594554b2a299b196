from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from varde.interpretation.acmg.criterion import State, Strength
from varde.interpretation.acmg.evidence import Evidence, GroupCount, Inheritance, Population
from varde.interpretation.acmg.frequency import evaluate_ba1, evaluate_bs1, evaluate_bs2, evaluate_pm2
from varde.interpretation.acmg.rules import BA1_EXCEPTIONS, BOTTLENECK_GROUPS, GENERAL, Limit

AD, AR, XL, MT = (
    Inheritance.AUTOSOMAL_DOMINANT,
    Inheritance.AUTOSOMAL_RECESSIVE,
    Inheritance.X_LINKED_RECESSIVE,
    Inheritance.MITOCHONDRIAL,
)
MET, NOT_MET, OPEN = State.MET, State.NOT_MET, State.NOT_EVALUATED


def counts(ac, an, hom=None, hemi=None, source="gnomAD", **groups):
    rows = [GroupCount("all", ac, an, hom, hemi), *(GroupCount(name, *pair) for name, pair in groups.items())]
    return Population(source, "4.1", tuple(rows))


def known(*populations, mode=AD, gene="TOY", **other):
    return Evidence(populations=populations, inheritance=mode, gene=gene, **other)


@pytest.mark.parametrize(
    ("mode", "ac", "an", "state"),
    [
        (AD, 0, 2000, MET),
        (AD, 1, 1_000_000, NOT_MET),
        (AD, 1, 100, NOT_MET),
        (AD, 0, 1999, OPEN),
        (None, 0, 2000, MET),
        (None, 1, 2000, NOT_MET),
        (XL, 1, 100_000, NOT_MET),
        (AR, 7, 100_000, MET),
        (AR, 8, 100_000, NOT_MET),
        (AR, 1, 1999, OPEN),
        (MT, 2, 100_000, MET),
        (MT, 3, 100_000, NOT_MET),
    ],
)
def test_pm2(mode, ac, an, state):
    found = evaluate_pm2(known(counts(ac, an), mode=mode), GENERAL)
    assert found.state is state
    assert found.strength is (Strength.SUPPORTING if state is MET else None)


def test_pm2_asks_the_own_register_too():
    outside = counts(0, 100_000)
    seen_here = counts(2, 5000, source="register")
    assert evaluate_pm2(Evidence(inheritance=AD, populations=(outside,), register=seen_here), GENERAL).state is NOT_MET
    too_few = counts(0, 1006, source="register")
    found = evaluate_pm2(Evidence(inheritance=AD, populations=(outside,), register=too_few), GENERAL)
    assert (found.state, found.value, found.data) == (MET, "gnomAD 4.1 (0/100000)", "gnomAD 4.1, register 4.1")
    assert evaluate_pm2(Evidence(inheritance=AD, register=too_few), GENERAL).state is OPEN


@pytest.mark.parametrize("evaluate", [evaluate_pm2, evaluate_ba1, evaluate_bs1])
def test_without_counts_nothing_is_evaluated(evaluate):
    for evidence in (known(), known(counts(0, 0)), known(counts(0, 1999))):
        found = evaluate(evidence, GENERAL)
        assert (found.state, found.missing) == (OPEN, ("population_counts",))


@pytest.mark.parametrize(
    ("mode", "ac", "ba1", "bs1"),
    [
        (AD, 500, NOT_MET, MET),
        (AD, 501, MET, NOT_MET),
        (AD, 101, NOT_MET, MET),
        (AD, 100, NOT_MET, NOT_MET),
        (None, 101, NOT_MET, MET),
        (AR, 150, NOT_MET, NOT_MET),
        (AR, 151, NOT_MET, MET),
        (XL, 150, NOT_MET, NOT_MET),
        (MT, 50, NOT_MET, NOT_MET),
        (MT, 51, NOT_MET, MET),
        (MT, 101, MET, NOT_MET),
    ],
)
def test_ba1_and_bs1(mode, ac, ba1, bs1):
    evidence = known(counts(ac, 10_000), mode=mode)
    assert (evaluate_ba1(evidence, GENERAL).state, evaluate_bs1(evidence, GENERAL).state) == (ba1, bs1)


def test_the_highest_group_decides_unless_small_or_a_bottleneck():
    assert evaluate_ba1(known(counts(10, 100_000, afr=(200, 2000))), GENERAL).state is MET
    assert evaluate_ba1(known(counts(10, 100_000, afr=(199, 1999))), GENERAL).state is NOT_MET
    for group in BOTTLENECK_GROUPS:
        assert evaluate_ba1(known(counts(10, 100_000, **{group: (2000, 4000)})), GENERAL).state is NOT_MET


@pytest.mark.parametrize(("gene", "change"), sorted(BA1_EXCEPTIONS))
def test_the_nine_exceptions_of_ba1(gene, change):
    common = known(counts(3000, 10_000), gene=gene, coding_change=change)
    assert evaluate_ba1(common, GENERAL).state is NOT_MET
    assert evaluate_ba1(replace(common, coding_change=f"NM_000001.2:{change}"), GENERAL).state is NOT_MET
    assert evaluate_bs1(common, GENERAL).missing == ("ba1_exception",)
    assert evaluate_ba1(replace(common, coding_change="c.1A>G"), GENERAL).state is MET
    assert evaluate_ba1(replace(common, coding_change=None), GENERAL).missing == ("coding_change",)
    assert evaluate_bs2(replace(common, full_penetrance_early_onset=True), GENERAL).missing == ("ba1_exception",)


def test_there_are_nine_exceptions():
    assert len(BA1_EXCEPTIONS) == 9


def test_an_unknown_gene_may_be_an_exception():
    assert evaluate_ba1(known(counts(3000, 10_000), gene=None), GENERAL).missing == ("coding_change",)


@pytest.mark.parametrize(
    ("mode", "row", "state"),
    [
        (AR, (10, 10_000, 3, 0), MET),
        (AR, (10, 10_000, 2, 9), NOT_MET),
        (AR, (10, 10_000, None, 9), OPEN),
        (AR, (2, 1999, 1, 0), OPEN),
        (AR, (6, 1999, 3, 0), MET),
        (XL, (10, 10_000, 1, 2), MET),
        (XL, (10, 10_000, 1, 1), NOT_MET),
        (XL, (10, 10_000, 1, None), OPEN),
        (AD, (6, 10_000, None, None), MET),
        (AD, (5, 10_000, None, None), NOT_MET),
        (AD, (5, 1999, None, None), OPEN),
        (MT, (900, 10_000, 900, 0), OPEN),
        (None, (900, 10_000, 900, 0), OPEN),
    ],
)
def test_bs2(mode, row, state):
    evidence = known(counts(*row), mode=mode, full_penetrance_early_onset=True)
    found = evaluate_bs2(evidence, GENERAL)
    assert found.state is state
    assert found.strength is (Strength.STRONG if state is MET else None)


def test_bs2_needs_penetrance():
    evidence = known(counts(10, 10_000, 5, 0), mode=AR)
    assert evaluate_bs2(evidence, GENERAL).missing == ("penetrance",)
    assert evaluate_bs2(replace(evidence, full_penetrance_early_onset=False), GENERAL).state is NOT_MET


def test_a_gene_with_its_own_frequency_limits():
    """MYH7's panel calls 0.1 % too frequent (limits of this test, not of the panel)."""
    own = GENERAL.for_gene("MYH7", "MYH7-test", "1", "test", {Limit.BS1_FREQUENCY_DOMINANT: 0.0002})
    assert evaluate_bs1(known(counts(21, 100_000), gene="MYH7"), own).state is MET
    assert evaluate_bs1(known(counts(21, 100_000), gene="MYH7"), GENERAL).state is NOT_MET


@given(st.integers(0, 5000), st.integers(0, 5000), st.sampled_from([AD, AR, XL, MT, None]))
def test_ba1_bs1_and_pm2_exclude_each_other(ac, extra, mode):
    evidence = known(counts(ac, ac + extra), mode=mode)
    met = [e(evidence, GENERAL).state is MET for e in (evaluate_pm2, evaluate_ba1, evaluate_bs1)]
    assert sum(met) <= 1


@pytest.mark.parametrize("row", [(-1, 10), (11, 10)])
def test_impossible_counts_are_refused(row):
    with pytest.raises(ValueError, match="alleles"):
        GroupCount("all", *row)


def test_a_source_needs_its_total_once():
    one = GroupCount("afr", 1, 10)
    for groups in ((), (one,), (one, one), (GroupCount("all", 0, 1), GroupCount("all", 0, 1))):
        with pytest.raises(ValueError, match="'all'"):
            Population("x", "1", groups)
