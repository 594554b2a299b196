"""Interval sets and steps against sets of single places."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from varde.frequency.callable_intervals import Intervals, trimmed_inward, union
from varde.frequency.coverage import Coverage, add_coverage, sum_intervals

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
@given(PAIRS, st.integers(0, 9))
def test_trimming_leaves_the_blocks_that_are_covered_whole(pairs: list[tuple[int, int]], shift: int) -> None:
    covered = {place + shift for place in single(pairs)}
    moved = Intervals(intervals(pairs).start + shift, intervals(pairs).stop + shift)
    blocks = {first: range(BASE + first, BASE + first + 10) for first in range(0, 70, 10)}
    whole = {place for block in blocks.values() if covered.issuperset(block) for place in block}
    assert places(trimmed_inward(moved)) == whole


@UNHURRIED
@given(st.lists(st.tuples(PAIRS, st.integers(0, 2), st.integers(-2, 3)), max_size=5), st.integers(0, 5))
def test_steps_count_people(sets: list[tuple[list[tuple[int, int]], int, int]], cut: int) -> None:
    given_sets = [(cell, intervals(pairs), people) for pairs, cell, people in sets]
    steps = sum_intervals(given_sets)
    asked = np.arange(BASE - 2, BASE + 52)
    for cell in range(3):
        expected = [sum(n for pairs, c, n in sets if c == cell and place in single(pairs)) for place in asked.tolist()]
        assert Coverage(steps).people(cell, asked).tolist() == expected
    assert steps.select("cell", "place").is_unique().all()
    assert steps.equals(steps.sort("cell", "place"))
    assert (steps["change"] != 0).all()
    assert add_coverage([sum_intervals(given_sets[cut:]), sum_intervals(given_sets[:cut])]).equals(steps)
