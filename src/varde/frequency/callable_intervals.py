"""Where people were callable: sets of intervals, and the number of people callable at every position of the genome.

A place is one number, ``contig << 32 | 0-based position``, so intervals of all contigs stand in one sorted array and
an interval never reaches into the next contig. Intervals are half-open.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.frequency.ploidy import SEXES
from varde.genome.builds import PSEUDOAUTOSOMAL, Build, X, Y
from varde.genome.pedigree import Sex
from varde.genome.regions import read_bed

_CONTIG_SHIFT = 32
_POSITION_MASK = (1 << _CONTIG_SHIFT) - 1


def places(contig: NDArray[np.uint8], position: NDArray[np.int64]) -> NDArray[np.int64]:
    """Places of 1-based positions."""
    return (contig.astype(np.int64) << _CONTIG_SHIFT) | (position - 1)


@dataclass(frozen=True)
class Intervals:
    """Sorted intervals that neither overlap nor touch: ``start`` and ``stop`` are places, int64 [intervals]."""

    start: NDArray[np.int64]
    stop: NDArray[np.int64]

    @classmethod
    def of(cls, start: NDArray[np.int64], stop: NDArray[np.int64]) -> Intervals:
        """The union of intervals in any order; empty ones vanish."""
        filled = stop > start
        start, stop = start[filled], stop[filled]
        if np.any(start[1:] < start[:-1]):
            order = np.argsort(start, kind="stable")
            start, stop = start[order], stop[order]
        if len(start) == 0:
            return cls(start, stop)
        reach = np.maximum.accumulate(stop)
        opens = np.concatenate(([True], start[1:] > reach[:-1]))
        closes = np.concatenate((opens[1:], [True]))
        return cls(start[opens], reach[closes])

    @classmethod
    def points(cls, place: NDArray[np.int64]) -> Intervals:
        """Single bases."""
        return cls.of(place, place + 1)

    @classmethod
    def empty(cls) -> Intervals:
        nothing = np.empty(0, dtype=np.int64)
        return cls(nothing, nothing)

    def __len__(self) -> int:
        return len(self.start)

    @property
    def bases(self) -> int:
        """Bases covered."""
        return int((self.stop - self.start).sum())

    def covers(self, place: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether each place lies inside."""
        before = np.searchsorted(self.start, place, side="right") - 1
        if len(self) == 0:
            return np.zeros(len(place), dtype=np.bool_)
        return (before >= 0) & (place < self.stop[before])

    def __or__(self, other: Intervals) -> Intervals:
        if not len(self) or not len(other):
            return self if len(self) else other
        return Intervals.of(np.concatenate((self.start, other.start)), np.concatenate((self.stop, other.stop)))

    def __and__(self, other: Intervals) -> Intervals:
        """The places in both; the cost follows the shorter of the two, but for bisection."""
        few, many = (self, other) if len(self) <= len(other) else (other, self)
        first = np.searchsorted(many.stop, few.start, side="right")
        count = np.maximum(np.searchsorted(many.start, few.stop, side="left") - first, 0)
        mine = np.repeat(np.arange(len(few)), count)
        theirs = np.repeat(first, count) + np.arange(len(mine)) - np.repeat(np.cumsum(count) - count, count)
        return Intervals(np.maximum(few.start[mine], many.start[theirs]), np.minimum(few.stop[mine], many.stop[theirs]))

    def __sub__(self, other: Intervals) -> Intervals:
        cut = self & other
        if not len(cut):
            return self
        # Between two neighbouring cuts of one interval, and at its ends, something may be left.
        start = np.sort(np.concatenate((self.start, cut.stop)))
        stop = np.sort(np.concatenate((self.stop, cut.start)))
        left = stop > start
        return Intervals(start[left], stop[left])

    def frame(self) -> pl.DataFrame:
        """Columns ``contig`` u8, ``start0`` u32, ``end0`` u32."""
        return pl.DataFrame(
            {
                "contig": (self.start >> _CONTIG_SHIFT).astype(np.uint8),
                "start0": (self.start & _POSITION_MASK).astype(np.uint32),
                "end0": (self.stop - (self.start & ~_POSITION_MASK)).astype(np.uint32),
            }
        )

    @classmethod
    def from_frame(cls, frame: pl.DataFrame) -> Intervals:
        """The inverse of ``frame``."""
        base = frame["contig"].to_numpy().astype(np.int64) << _CONTIG_SHIFT
        return cls(base | frame["start0"].to_numpy(), base + frame["end0"].to_numpy())


@dataclass(frozen=True)
class Steps:
    """People callable by sex, constant from each ``place`` to the next: ``people`` int64 [places, 3]; none before."""

    place: NDArray[np.int64]
    people: NDArray[np.int64]

    @classmethod
    def of_changes(cls, place: NDArray[np.int64], change: NDArray[np.int64]) -> Steps:
        """From changes by sex, int64 [changes, 3], at places in any order. The result is the shortest there is."""
        place, change = _added_up(place, change)
        moves = change.any(axis=1)
        return cls(place[moves], np.cumsum(change[moves], axis=0))

    @classmethod
    def of_sets(cls, sets: Iterable[tuple[Intervals, int, int]]) -> Steps:
        """From sets of intervals, each with its sex column and a number of people, negative to take away."""
        parts = [_added_up(place, change) for place, change in _batches(sets)]
        if not parts:
            return cls(np.empty(0, dtype=np.int64), np.empty((0, len(SEXES)), dtype=np.int64))
        return cls.of_changes(np.concatenate([place for place, _ in parts]), np.concatenate([c for _, c in parts]))

    def at(self, place: NDArray[np.int64]) -> NDArray[np.int64]:
        """People callable at places, int64 [places, 3]."""
        before = np.searchsorted(self.place, place, side="right") - 1
        found = np.zeros((len(place), len(SEXES)), dtype=np.int64)
        inside = before >= 0
        found[inside] = self.people[before[inside]]
        return found

    def frame(self) -> pl.DataFrame:
        """One row per stretch with anybody callable: contig, start0, end0, people_xx, people_xy, people_unknown."""
        filled = np.flatnonzero(self.people.any(axis=1))
        stretches = Intervals(self.place[filled], self.place[filled + 1] if len(filled) else self.place[:0]).frame()
        people = self.people[filled].astype(np.uint32)
        return stretches.with_columns(people_xx=people[:, 0], people_xy=people[:, 1], people_unknown=people[:, 2])

    @classmethod
    def from_frame(cls, frame: pl.DataFrame) -> Steps:
        """The inverse of ``frame``."""
        stretches = Intervals.from_frame(frame)
        people = frame.select("people_xx", "people_xy", "people_unknown").to_numpy().astype(np.int64)
        return cls.of_changes(np.concatenate((stretches.start, stretches.stop)), np.concatenate((people, -people)))


_BATCH_CHANGES = 4_000_000


def _batches(sets: Iterable[tuple[Intervals, int, int]]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Changes at the ends of the intervals, in pieces that bound the memory."""
    place: list[NDArray[np.int64]] = []
    change: list[NDArray[np.int64]] = []
    waiting = 0
    for intervals, sex, weight in sets:
        by_sex = np.zeros((2 * len(intervals), len(SEXES)), dtype=np.int64)
        by_sex[: len(intervals), sex] = weight
        by_sex[len(intervals) :, sex] = -weight
        place += [intervals.start, intervals.stop]
        change.append(by_sex)
        waiting += len(by_sex)
        if waiting >= _BATCH_CHANGES:
            yield np.concatenate(place), np.concatenate(change)
            place, change, waiting = [], [], 0
    if waiting:
        yield np.concatenate(place), np.concatenate(change)


def _added_up(place: NDArray[np.int64], change: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The distinct places in order, with the sum of their changes."""
    if len(place) == 0:
        return place, change
    order = np.argsort(place, kind="stable")
    place = place[order]
    starts = np.flatnonzero(np.diff(place, prepend=place[0] - 1))
    return place[starts], np.add.reduceat(change[order], starts, axis=0)


def union(sets: Sequence[Intervals]) -> Intervals:
    """The places in any of the sets."""
    if len(sets) == 1:
        return sets[0]
    nothing = Intervals.empty()
    return Intervals.of(
        np.concatenate([nothing.start, *(intervals.start for intervals in sets)]),
        np.concatenate([nothing.stop, *(intervals.stop for intervals in sets)]),
    )


def without_chromosome(build: Build, sex: int) -> Intervals:
    """The places of X and Y where a person of this sex column has no chromosome that counts."""
    x_and_y = np.array([X, Y], dtype=np.int64) << _CONTIG_SHIFT
    if SEXES[sex] is Sex.UNKNOWN:
        return Intervals.of(x_and_y, x_and_y + _POSITION_MASK)
    if SEXES[sex] is Sex.FEMALE:
        return Intervals.of(x_and_y[1:], x_and_y[1:] + _POSITION_MASK)
    shared = np.array(PSEUDOAUTOSOMAL[build][Y], dtype=np.int64)
    return Intervals.of(x_and_y[1] + shared[:, 0], x_and_y[1] + shared[:, 1])


def read_callable_bed(path: Path, build: Build) -> Intervals:
    """The intervals of a BED file. Raises InputError as ``read_bed``."""
    covered = read_bed(path, build)
    base = covered.contig.astype(np.int64) << _CONTIG_SHIFT
    return Intervals.of(base | covered.start0, base + covered.end0)
