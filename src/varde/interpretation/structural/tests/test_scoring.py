"""The metric's table, its class borders, what a person may set, and monotony."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from varde.interpretation.acmg.criterion import State
from varde.interpretation.structural.criteria import GAIN, LOSS, METRIC, Change
from varde.interpretation.structural.scoring import Scored, class_of, decide_by_person, score, with_decisions
from varde.interpretation.structural.texts import TEXTS, text, title

PUBLISHED_LOSS = """
1A 0|1B -0.60|2A 1|2B 0|2C-1 0.90 0.45 1|2C-2 0 0 0.45|2D-1 0|2D-2 0.90 0.45 0.90|2D-3 0.30 0 0.45|2D-4 0.90 0.45 1
2E 0 0 0.90|2F -1|2G 0|2H 0.15|3A 0|3B 0.45|3C 0.90|4A 0.30 0 0.90|4B 0.15 0 0.90|4C 0.10 0 0.90|4D 0 -0.30 0
4E 0.10 0 0.30|4F 0.15|4G 0.30|4H 0.45|4I -0.45 -0.90 0|4J -0.30 -0.90 0|4K -0.15 -0.30 0|4L 0.45 0 0.45
4M 0.30 0 0.45|4N -0.90 -0.90 0|4O -1 -1 0|5A 0 -0.30 0.45|5B -0.30 -0.45 0|5C -0.15 -0.30 0|5D 0.15 0 0.45
5E 0 -0.45 0|5F 0|5G 0.10 0 0.15|5H 0.30 0 0.30
"""
PUBLISHED_GAIN_2_AND_3 = """
2A 1|2B 0|2C -1|2D -1|2E 0|2F -1 -1 0|2G 0|2H 0|2I 0 0 0.90|2J 0|2K 0.45|2L 0|3A 0|3B 0.45|3C 0.90
"""


def published(written):
    rows = {}
    for cell in written.replace("\n", "|").strip("|").split("|"):
        code, *values = cell.split()
        numbers = [int(Decimal(one) * 100) for one in values]
        rows[code] = tuple(numbers if len(numbers) == 3 else numbers * 3)
    return rows


def as_rows(metric):
    return {code: (one.suggested, one.lowest, one.highest) for code, one in metric.items()}


def test_the_table_of_losses_is_the_published_one():
    assert as_rows(LOSS) == published(PUBLISHED_LOSS)


def test_the_table_of_gains_differs_in_section_2_and_3_only_but_for_5h():
    own = as_rows(GAIN)
    assert {code: row for code, row in own.items() if code[0] in "23"} == published(PUBLISHED_GAIN_2_AND_3)
    assert {code: row for code, row in own.items() if as_rows(LOSS).get(code) != row and code[0] not in "23"} == {
        "5H": (15, 0, 30)
    }


@given(st.integers(-1000, 1000))
def test_class_borders_are_exact(points):
    value = Decimal(points) / 100
    expected = (
        5 if value >= Decimal("0.99")
        else 4 if value >= Decimal("0.90")
        else 1 if value <= Decimal("-0.99")
        else 2 if value <= Decimal("-0.90")
        else 3
    )  # fmt: skip
    assert class_of(points) == expected


@given(st.integers(-1000, 1000), st.integers(0, 500))
def test_more_evidence_for_never_lowers_the_class(points, more):
    assert class_of(points + more) >= class_of(points)


@st.composite
def decisions(draw, change):
    chosen = draw(st.lists(st.sampled_from(sorted(METRIC[change])), unique=True, max_size=12))
    found = []
    for code in chosen:
        info = METRIC[change][code]
        found.append(
            decide_by_person(
                change, code, State.MET, draw(st.integers(info.lowest, info.highest)), reason="r", person="p"
            )
        )
    return found


@given(st.sampled_from(Change).flatmap(lambda change: st.tuples(st.just(change), decisions(change))))
def test_one_of_a_group_at_most_is_met_and_the_sum_is_that_of_the_criteria(drawn):
    change, own = drawn
    groups = [METRIC[change][one.code].group for one in own]
    named = [group for group in groups if group]
    if len(named) != len(set(named)):
        with pytest.raises(ValueError, match="exclude each other"):
            with_decisions(change, (), own)
        return
    machine = [Scored(code, State.MET, text("cnv.manual"), info.suggested) for code, info in METRIC[change].items()]
    found = with_decisions(change, machine, own)
    assert [one.code for one in found] == list(METRIC[change])
    by_code = {one.code: one for one in found}
    for one in own:
        assert by_code[one.code] is one
        group = METRIC[change][one.code].group
        rivals = [other for other in found if group and METRIC[change][other.code].group == group]
        assert [other.code for other in rivals if other.state is State.MET] in ([], [one.code])
    summed = score(found)
    assert summed.points == sum(one.points for one in found) == sum(summed.sections.values())
    assert summed.acmg_class == class_of(summed.points)


@pytest.mark.parametrize(
    ("code", "state", "points", "reason", "says"),
    [
        ("2A", State.MET, 90, "because", "2A: 0.90 points, allowed are 1.00 to 1.00"),
        ("2C-1", State.MET, 44, "because", "allowed are 0.45 to 1.00"),
        ("4I", State.MET, 10, "because", "allowed are -0.90 to 0.00"),
        ("2A", State.MET, None, "  ", "needs a reason"),
        ("2L", State.MET, None, "because", "not a criterion of a copy-number loss"),
        ("2A", State.NOT_EVALUATED, None, "because", "met or not met"),
    ],
)
def test_what_a_person_may_not_set(code, state, points, reason, says):
    with pytest.raises(ValueError, match=says):
        decide_by_person(Change.LOSS, code, state, points, reason=reason, person="Kari")


def test_a_code_is_decided_once():
    one = decide_by_person(Change.LOSS, "4A", State.MET, 90, reason="two cases", person="Kari")
    with pytest.raises(ValueError, match="twice"):
        with_decisions(Change.LOSS, (), (one, one))
    assert decide_by_person(Change.LOSS, "4A", State.NOT_MET, None, reason="no", person="Kari").points == 0


def test_every_criterion_has_its_words():
    for change, metric in METRIC.items():
        for code in metric:
            assert str(title(change, code))
    assert all(str(words).strip() for words in TEXTS.values())
