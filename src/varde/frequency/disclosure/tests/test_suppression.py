"""Which cells may be published together, against brute force over sums and differences and against exact fractions."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from varde.frequency.disclosure.suppression import ALL, Cell, Lattice, publishable


def known_by_adding_and_subtracting(sets: set[frozenset[Cell]]) -> set[frozenset[Cell]]:
    """Everything that follows by taking a part from a whole or joining parts, again and again."""
    known = set(sets)
    while True:
        more = set()
        for a, b in combinations(known, 2):
            if not a & b:
                more.add(a | b)
            if a < b or b < a:
                more.add(a ^ b)
        if more <= known:
            return known
        known |= more


def in_span(rows: list[list[int]], target: list[int]) -> bool:
    """Whether a target is a linear combination of rows, by elimination in fractions."""
    basis: list[list[Fraction]] = []
    for row in [*rows, target]:
        rest = [Fraction(value) for value in row]
        for one in basis:
            lead = next(i for i, value in enumerate(one) if value)
            rest = [a - rest[lead] / one[lead] * b for a, b in zip(rest, one, strict=True)]
        if not any(rest):
            if row is target:
                return True
            continue
        basis.append(rest)
    return False


def held(lattice: Lattice, cell: Cell) -> frozenset[Cell]:
    return frozenset(fine for fine, inside in zip(lattice.finest, lattice.holds(cell), strict=True) if inside)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32))
def test_nothing_withheld_follows_from_what_is_published(seed: int) -> None:
    random = np.random.default_rng(seed)
    sizes = [int(n) for n in random.integers(2, [4, 3, 3])]
    people = {
        (f"g{i}", f"s{j}", f"r{k}"): int(random.choice([0, 3, 40, 60, 400]))
        for i in range(sizes[0])
        for j in range(sizes[1])
        for k in range(sizes[2])
    }
    lattice = Lattice(people)
    failed = [cell for cell in lattice.cells if ALL in cell and random.random() < 0.1]
    published = publishable(lattice, lattice.cells, 20, failed)
    secret = [cell for cell in lattice.cells if lattice.people(cell) < 20 or cell in failed]
    assert not set(published) & set(secret)
    rows = [lattice.holds(cell).astype(int).tolist() for cell in published]
    for cell in secret:
        assert not in_span(rows, lattice.holds(cell).astype(int).tolist())
    if len(published) <= 7:
        known = known_by_adding_and_subtracting({held(lattice, cell) for cell in published})
        assert not known & {held(lattice, cell) for cell in secret}


def test_a_group_its_complement_and_the_total_are_never_all_published() -> None:
    lattice = Lattice({("heart",): 300, ("cancer",): 5_000})
    everything = [(ALL,), ("cancer",), ("heart",)]
    assert publishable(lattice, everything, 200) == everything
    assert publishable(lattice, everything, 200, unsafe=[("heart",)]) == [(ALL,)]
    assert publishable(lattice, everything, 400) == [(ALL,)]


def test_a_second_cell_is_withheld_in_each_line_of_a_table() -> None:
    sizes = {("a", "x"): 10, ("a", "y"): 500, ("b", "x"): 600, ("b", "y"): 700}
    published = publishable(Lattice(sizes), Lattice(sizes).cells, 200)
    # One cell of four that is not known, with its margins, would be the rest of its line: all four must go.
    assert not set(published) & set(sizes)
    assert (ALL, ALL) in published


def test_what_two_withheld_cells_have_together_must_not_be_too_few() -> None:
    lattice = Lattice({("a",): 30, ("b",): 40, ("c",): 600, ("d",): 900})
    # 30 + 40 = total - c - d: those 70 would be known, so c is withheld as well.
    assert publishable(lattice, lattice.cells, 200) == [(ALL,), ("d",)]


def test_nobody_is_no_secret_and_everything_safe_is_published() -> None:
    lattice = Lattice({("a", "x"): 0, ("a", "y"): 500, ("b", "x"): 600, ("b", "y"): 700})
    assert publishable(lattice, lattice.cells, 200) == lattice.cells


def test_a_cell_that_is_none_is_refused() -> None:
    lattice = Lattice({("a",): 300, ("b",): 400})
    with pytest.raises(ValueError, match="no such cell"):
        publishable(lattice, [("z",)], 200)
    with pytest.raises(ValueError, match="one level for every dimension"):
        Lattice({("a",): 1, ("a", "b"): 2})
