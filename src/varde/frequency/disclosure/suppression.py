"""Which counts of people, by group, sex and region, can be published so that no withheld one follows from them.

A cell is a tuple of levels, one for each dimension, with ``ALL`` for a margin. Whatever can be added up and subtracted
from published cells is a linear combination of them, so a cell follows exactly if it lies in the space they span. A
cell that must not be known is withheld first; then, while one still follows, the smallest cell that it follows from.
What remains of a margin when its published parts are taken away counts as a cell too.

The rule protects against exact inference by adding and subtracting, not against ranges (a withheld cell has at most
what its margin has), which bins make wider.

Source: reference page "Anonymity of a public frequency register", section 8.5.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product

import numpy as np
from numpy.typing import NDArray

Cell = tuple[str, ...]
Real = NDArray[np.float64]

ALL = "*"
_SAME = 1e-8


class Lattice:
    """All cells over the people counted by their finest cells."""

    def __init__(self, people: Mapping[Cell, int]) -> None:
        """``people`` by finest cell; a cell of nobody may be left out. Raises ValueError for ragged tuples."""
        if len({len(cell) for cell in people}) != 1:
            raise ValueError("cells must have one level for every dimension")
        self.finest = sorted(people)
        self._people = np.array([people[cell] for cell in self.finest], dtype=np.int64)
        levels = [sorted({cell[i] for cell in self.finest}) for i in range(len(self.finest[0]))]
        self._levels = levels
        self.cells: list[Cell] = [cell for cell in product(*([ALL, *own] for own in levels)) if self.people(cell) > 0]

    def holds(self, cell: Cell) -> Real:
        """Which finest cells make up a cell: 1 or 0, [finest cells]."""
        inside = [all(c in (ALL, f) for c, f in zip(cell, fine, strict=True)) for fine in self.finest]
        return np.array(inside, dtype=np.float64)

    def people(self, cell: Cell) -> int:
        """People of a cell."""
        return int(self._people @ self.holds(cell).astype(np.int64))

    def people_in(self, held: Real) -> int:
        """People of a union of finest cells."""
        return int(self._people @ np.rint(held).astype(np.int64))

    def parts(self, cell: Cell) -> Iterable[list[Cell]]:
        """The cells that a margin is divided into, for each dimension that it goes over."""
        for i, level in enumerate(cell):
            if level == ALL:
                divided = [(*cell[:i], own, *cell[i + 1 :]) for own in self._levels[i]]
                yield [one for one in divided if self.people(one) > 0]


def publishable(lattice: Lattice, requested: Iterable[Cell], fewest: int, unsafe: Iterable[Cell] = ()) -> list[Cell]:
    """The requested cells that may be published together, sorted.

    A cell must not be known when it has fewer than ``fewest`` people (nobody is no secret) or is among ``unsafe``,
    those that failed the gate. Raises ValueError for a cell that is not in the lattice.
    """
    refused = set(unsafe)
    secret = [cell for cell in lattice.cells if lattice.people(cell) < fewest or cell in refused]
    published = sorted(set(requested) - set(secret))
    unknown = [cell for cell in {*published, *refused} if cell not in set(lattice.cells)]
    if unknown:
        raise ValueError(f"no such cell with people in it: {min(unknown)}")
    hidden = [lattice.holds(cell) for cell in secret]
    while published:
        targets = np.array([*hidden, *_remainders(lattice, published, fewest)])
        follows_from = _sources(np.array([lattice.holds(cell) for cell in published]), targets)
        if not follows_from.any():
            return published
        used = [cell for cell, is_used in zip(published, follows_from, strict=True) if is_used]
        published.remove(min(used, key=lambda cell: (lattice.people(cell), cell)))
    return published


def _remainders(lattice: Lattice, published: list[Cell], fewest: int) -> list[Real]:
    """What margins leave when their published parts are taken away, where it is too few people."""
    found = []
    for cell in lattice.cells:
        for parts in lattice.parts(cell):
            rest = lattice.holds(cell) - sum(lattice.holds(part) for part in parts if part in published)
            if 0 < lattice.people_in(rest) < fewest:
                found.append(rest)
    return found


def _sources(published: Real, targets: Real) -> NDArray[np.bool_]:
    """Which published rows are needed to make any of the target rows, [published]."""
    if not len(targets):
        return np.zeros(len(published), dtype=np.bool_)
    factors = targets @ np.linalg.pinv(published)
    made = np.abs(factors @ published - targets).max(axis=1) < _SAME
    return np.asarray((np.abs(factors[made]) > _SAME).any(axis=0), dtype=np.bool_)
