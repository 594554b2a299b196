"""How many people are callable at every position, by cell: signed steps that add up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.frequency.callable_intervals import Intervals

COVERAGE = pl.Schema({"cell": pl.UInt16, "place": pl.Int64, "change": pl.Int32})
"""Steps of the number of people callable: ``change`` at ``place`` (contig << 32 | 0-based position), by cell."""

_CHANGE_BITS = 27
_ZERO = 1 << (_CHANGE_BITS - 1)
_BATCH = 16_000_000


def sum_intervals(sets: Iterable[tuple[int, Intervals, int]]) -> pl.DataFrame:
    """``COVERAGE`` of sets of intervals: code of the cell, places, and people (negative to take away)."""
    waiting: dict[int, list[NDArray[np.uint64]]] = {}
    frames, size = [], 0
    for cell, intervals, people in sets:
        waiting.setdefault(cell, []).extend((_packed(intervals.start, people), _packed(intervals.stop, -people)))
        size += 2 * len(intervals)
        if size >= _BATCH:
            frames += list(_sums(waiting))
            waiting, size = {}, 0
    return add_coverage([*frames, *_sums(waiting)])


def add_coverage(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The sum of ``COVERAGE`` tables, sorted by cell and place."""
    waiting: dict[int, list[NDArray[np.uint64]]] = {}
    for frame in frames:
        for cell, rows in by_cell(frame):
            packed = _packed(rows["place"].to_numpy(), rows["change"].to_numpy().astype(np.int64))
            waiting.setdefault(cell, []).append(packed)
    return pl.concat([COVERAGE.to_frame(), *_sums(waiting)])


def by_cell(frame: pl.DataFrame) -> Iterator[tuple[int, pl.DataFrame]]:
    """The rows of each cell of a table sorted by cell."""
    cells = frame["cell"].to_numpy()
    edges = np.flatnonzero(np.diff(cells.astype(np.int64), prepend=-1, append=-1)).tolist()
    for start, stop in pairwise(edges):
        yield int(cells[start]), frame[start:stop]


def _packed(place: NDArray[np.int64], change: NDArray[np.int64] | int) -> NDArray[np.uint64]:
    """A place (37 bits) with a change of at most 67 million people, in one number that sorts by place."""
    return ((place << _CHANGE_BITS) | (np.asarray(change, dtype=np.int64) + _ZERO)).view(np.uint64)


def _sums(waiting: dict[int, list[NDArray[np.uint64]]]) -> Iterator[pl.DataFrame]:
    for cell in sorted(waiting):
        packed = np.concatenate(waiting[cell])
        packed.sort()
        place = (packed >> np.uint64(_CHANGE_BITS)).astype(np.int64)
        change = (packed & np.uint64(2 * _ZERO - 1)).astype(np.int64) - _ZERO
        starts = np.flatnonzero(np.diff(place, prepend=-1))
        total = np.add.reduceat(change, starts) if len(starts) else change
        some = total != 0
        columns = {"place": place[starts][some], "change": total[some].astype(np.int32)}
        yield pl.DataFrame(columns).with_columns(cell=pl.lit(cell, pl.UInt16)).select(COVERAGE.names())


class Coverage:
    """``COVERAGE`` made ready to be asked: people callable at places, by cell."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self._steps = {
            cell: (rows["place"].to_numpy(), np.cumsum(rows["change"].to_numpy().astype(np.int64)))
            for cell, rows in by_cell(frame)
        }

    def people(self, cell: int, place: NDArray[np.int64]) -> NDArray[np.int64]:
        """People of a cell callable at places (not those that stand beside), int64 [places]."""
        if cell not in self._steps:
            return np.zeros(len(place), dtype=np.int64)
        places, level = self._steps[cell]
        before = np.searchsorted(places, place, side="right") - 1
        return np.where(before >= 0, level[np.maximum(before, 0)], 0)
