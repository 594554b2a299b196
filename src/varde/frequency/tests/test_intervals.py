"""Interval sets and steps against sets of single places."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from varde.frequency.callable_intervals import Intervals, Steps, union

BASE = 20 << 32
PAIRS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 8)), max_size=12)


def intervals(pairs: list[tuple[int, int]]) -> Intervals:
    start = np.array([BASE + first for first, _ in pairs], dtype=np.int64)
    return Intervals.of(start, start + np.array([length for _, length in pairs], dtype=np.int64))


def single(pairs: list[tuple[int, int]]) -> set[int]:
    return {BASE + place for first, length in pairs for place in range(first, first + length)}


def places(found: Intervals) -> set[int]:
    assert (found.start < found.stop).all()
    assert (found.stop[:-1] < found.start[1:]).all(), "intervals overlap, touch or are out of order"
    return {place for a, b in zip(found.start.tolist(), found.stop.tolist(), strict=True) for place in range(a, b)}


UNHURRIED = settings(deadline=None)  # the first example compiles


@UNHURRIED
@given(PAIRS, PAIRS)
def test_sets_of_intervals_are_sets_of_places(one: list[tuple[int, int]], two: list[tuple[int, int]]) -> None:
    a, b = intervals(one), intervals(two)
    assert places(a) == single(one)
    assert places(a | b) == places(union([a, b])) == single(one) | single(two)
    assert places(a & b) == single(one) & single(two)
    assert places(a - b) == single(one) - single(two)
    asked = np.arange(BASE - 2, BASE + 52)
    assert a.covers(asked).tolist() == [place in single(one) for place in asked.tolist()]
    assert a.bases == len(single(one))
    back = Intervals.from_frame(a.frame())
    assert (back.start.tolist(), back.stop.tolist()) == (a.start.tolist(), a.stop.tolist())


@UNHURRIED
@given(st.lists(st.tuples(PAIRS, st.integers(0, 2), st.integers(1, 3)), max_size=5))
def test_steps_count_people(sets: list[tuple[list[tuple[int, int]], int, int]]) -> None:
    steps = Steps.of_sets([(intervals(pairs), sex, people) for pairs, sex, people in sets])
    asked = np.arange(BASE - 2, BASE + 52)
    expected = [
        [sum(n for pairs, sex, n in sets if sex == column and place in single(pairs)) for column in range(3)]
        for place in asked.tolist()
    ]
    assert steps.at(asked).tolist() == expected
    assert not (np.diff(steps.people, axis=0) == 0).all(axis=1).any(), "two neighbouring steps are the same"
    assert Steps.from_frame(steps.frame()).at(asked).tolist() == expected
