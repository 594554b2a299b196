"""Earlier interpretations put together, for professionals and for everybody."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from varde.frequency.cells import DiseaseGroup
from varde.frequency.interpretations import (
    ClassCount,
    Disagreement,
    PublicClass,
    Statement,
    Summary,
    disagreement,
    public_classes,
    summarise,
)

HEART, EYE = DiseaseGroup.HEART, DiseaseGroup.EYE_EAR


def said(laboratory: str, acmg_class: int, year: int = 2024, month: int = 3, region: str = "HSO") -> Statement:
    return Statement(laboratory, acmg_class, region, HEART, "ACMG 2015", year, month)


def test_summary_for_professionals():
    told = [said("a", 5, 2023, 11), replace(said("b", 4, 2025, 2, "HV"), disease_group=EYE), said("c", 5, 2024, 1)]
    assert summarise(told) == Summary(
        laboratories=3,
        classes=(ClassCount(5, 2, 2024, 1), ClassCount(4, 1, 2025, 2)),
        disagreement=Disagreement.ONE_STEP,
        regions=("HSO", "HV"),
        disease_groups=(EYE, HEART),
        guidelines=("ACMG 2015",),
    )
    assert summarise([]) is None


def test_public_sees_class_number_and_year_of_two_laboratories():
    assert public_classes([said("a", 5, 2023), said("b", 5, 2025, 7), said("c", 4)]) == (PublicClass(5, 2, 2025),)
    assert public_classes([said("a", 5)]) == ()
    assert public_classes([said("a", 5), said("b", 4)]) == ()
    assert public_classes([said("a", 5), said("b", 5), said("c", 3)]) == ()  # half of a disagreement would mislead


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        ([], "none"),
        ([3], "none"),
        ([5, 5], "none"),
        ([4, 5], "one_step"),
        ([3, 4], "one_step"),
        ([2, 3], "one_step"),
        ([3, 5], "several_steps"),
        ([1, 3], "several_steps"),
        ([2, 4], "across"),
        ([1, 3, 5], "across"),
    ],
)
def test_disagreement(classes, expected):
    assert disagreement(classes) == expected


def test_impossible_statements():
    with pytest.raises(ValueError, match="class"):
        said("a", 6)
    with pytest.raises(ValueError, match="month"):
        said("a", 5, month=13)
    for answer in (summarise, public_classes):
        with pytest.raises(ValueError, match="one present class"):
            answer([said("a", 5), said("a", 4)])


statements = st.lists(
    st.builds(
        Statement,
        st.sampled_from("abcdefgh"),
        st.integers(1, 5),
        st.sampled_from(["HN", "HV"]),
        st.sampled_from(DiseaseGroup),
        st.sampled_from(["one", "two"]),
        st.integers(2015, 2030),
        st.integers(1, 12),
    ),
    unique_by=lambda one: one.laboratory,
)


@given(statements, st.randoms(use_true_random=False))
def test_order_does_not_matter_and_nobody_is_lost(told: list[Statement], order: random.Random):
    first, public = summarise(told), public_classes(told)
    order.shuffle(told)
    assert (summarise(told), public_classes(told)) == (first, public)
    assert sum(one.laboratories for one in (first.classes if first else ())) == len(told)


@given(statements)
def test_public_is_a_part_of_what_professionals_see_and_of_no_single_laboratory(told: list[Statement]):
    public, summary = public_classes(told), summarise(told)
    assert all(one.laboratories >= 2 for one in public)
    if summary is None:
        assert public == ()
        return
    whole = {(one.acmg_class, one.laboratories, one.year) for one in summary.classes}
    assert {(one.acmg_class, one.laboratories, one.year) for one in public} <= whole
    assert not public or max(s.acmg_class for s in told) - min(s.acmg_class for s in told) <= 1


@given(statements)
def test_public_does_not_tell_who_where_or_why(told: list[Statement]):
    blurred = [
        replace(one, laboratory=f"lab{n}", region="?", disease_group=DiseaseGroup.OTHER, guideline="?", month=1)
        for n, one in enumerate(told)
    ]
    assert public_classes(blurred) == public_classes(told)
