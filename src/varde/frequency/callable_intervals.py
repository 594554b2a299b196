"""Where people were callable: sets of intervals.

A place is one number, ``contig << 32 | 0-based position``, so intervals of all contigs stand in one sorted array and
an interval never reaches into the next contig. Intervals are half-open.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.frequency.ploidy import SEXES
from varde.genome.builds import CONTIGS, PSEUDOAUTOSOMAL, Build, X, Y, contig_lengths
from varde.genome.errors import InputError
from varde.genome.pedigree import Sex
from varde.genome.regions import RegionSet, read_bed
from varde.genome.text_source import TextSource

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


BLOCK = 10
"""Bases of a block: callable intervals of one person begin and end at multiples of it."""


def trimmed_inward(intervals: Intervals) -> Intervals:
    """Only the whole blocks: the ends of a person's intervals would tell where their reads lie."""
    base = intervals.start & ~_POSITION_MASK
    start, stop = intervals.start - base, intervals.stop - base
    return Intervals.of(base + -(-start // BLOCK) * BLOCK, base + stop // BLOCK * BLOCK)


def union(sets: Sequence[Intervals]) -> Intervals:
    """The places in any of the sets."""
    if len(sets) == 1:
        return sets[0]
    nothing = Intervals.empty()
    return Intervals.of(
        np.concatenate([nothing.start, *(intervals.start for intervals in sets)]),
        np.concatenate([nothing.stop, *(intervals.stop for intervals in sets)]),
    )


def intervals_digest(intervals: Intervals) -> str:
    """The name of a set of intervals: 128 bits of SHA-256 over its places."""
    content = little_endian(intervals.start) + little_endian(intervals.stop)
    return hashlib.sha256(content).hexdigest()[:32]


def little_endian(values: NDArray[np.generic]) -> bytes:
    """The numbers as bytes, the same on every machine."""
    return np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<")).tobytes()


@dataclass(frozen=True)
class Tracks:
    """Interval sets that several people share, by digest; unions are made once for all who have the same ones."""

    by_digest: dict[str, Intervals] = field(default_factory=dict)
    _unions: dict[tuple[str, ...], Intervals] = field(default_factory=dict)

    def add(self, intervals: Intervals) -> str:
        """Keep a track; its digest."""
        digest = intervals_digest(intervals)
        self.by_digest[digest] = intervals
        return digest

    def union(self, digests: tuple[str, ...]) -> Intervals:
        if digests not in self._unions:
            self._unions[digests] = union([self.by_digest[digest] for digest in digests])
        return self._unions[digests]


def without_chromosome(build: Build, sex: int) -> Intervals:
    """The places of X and Y where a person of this sex column has no chromosome that counts."""
    x_and_y = np.array([X, Y], dtype=np.int64) << _CONTIG_SHIFT
    if SEXES[sex] is Sex.UNKNOWN:
        return Intervals.of(x_and_y, x_and_y + _POSITION_MASK)
    if SEXES[sex] is Sex.FEMALE:
        return Intervals.of(x_and_y[1:], x_and_y[1:] + _POSITION_MASK)
    shared = np.array(PSEUDOAUTOSOMAL[build][Y], dtype=np.int64)
    return Intervals.of(x_and_y[1] + shared[:, 0], x_and_y[1] + shared[:, 1])


_NAMED_BUILD = re.compile(rb"\b(GRCh37|GRCh38|hg19|hg38|b37|hs37d5)\b", re.IGNORECASE)
_BUILDS = {"grch37": Build.GRCH37, "hg19": Build.GRCH37, "b37": Build.GRCH37, "hs37d5": Build.GRCH37}


def read_callable_bed(path: Path, build: Build) -> Intervals:
    """The intervals of a BED file, such as that of a capture kit.

    Raises InputError as ``read_bed``, and ``wrong_build`` also where its comment or track lines name another build, or
    where it reaches exactly to the end of a contig of another build.
    """
    covered = read_bed(path, build)
    _refuse_named_build(path, build)
    _refuse_other_ends(covered, path.name)
    base = covered.contig.astype(np.int64) << _CONTIG_SHIFT
    return Intervals.of(base | covered.start0, base + covered.end0)


def _refuse_other_ends(covered: RegionSet, source: str) -> None:
    """A list of whole contigs tells its build by their lengths, also where this build's contig is longer."""
    lengths = contig_lengths(covered.build)
    reach = np.zeros_like(lengths)
    np.maximum.at(reach, covered.contig, covered.end0)
    for other in Build:
        ends = np.flatnonzero((reach > 0) & (reach == contig_lengths(other)) & (reach != lengths))
        if len(ends):
            contig = int(ends[0])
            raise InputError(
                "wrong_build",
                f"The intervals of {CONTIGS[contig - 1]} end at {reach[contig]:,}, which is the end of that contig in "
                f"{other}; in {covered.build} it has {lengths[contig]:,} bases.",
                f"Give the BED of {covered.build}.",
                source=source,
            )


def _refuse_named_build(path: Path, build: Build) -> None:
    """Files of capture kits say in their first lines what build they are of; places that fit both would be taken."""
    with TextSource(path) as source:
        lines = source.read_all().split(b"\n", 100)[:100]
    for number, line in enumerate(lines, start=1):
        named = _NAMED_BUILD.search(line) if line.startswith((b"#", b"track", b"browser")) else None
        if named and _BUILDS.get(named[1].decode().lower(), Build.GRCH38) is not build:
            raise InputError(
                "wrong_build",
                f"The intervals say that they are of {named[1].decode()}; {build} is asked for.",
                "Give the BED of the build that is asked for.",
                source=path.name,
                line=number,
            )
