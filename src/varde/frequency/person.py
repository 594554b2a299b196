"""One person's run, put together from every file that speaks of them and from their callable intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.frequency.callable_intervals import Intervals, places, union
from varde.frequency.genotypes import Gate
from varde.frequency.ploidy import PLOIDY, SEXES, regions
from varde.frequency.reading import FileReading
from varde.frequency.run import BESIDE_INTERVALS, HAPLOID, NO_LONG_ALLELES, Alleles, Run, intervals_digest
from varde.genome.builds import Build
from varde.genome.keys import is_hashed, key_contigs, key_positions
from varde.genome.pedigree import Sex


@dataclass(frozen=True)
class Tracks:
    """Interval sets that several people share, by digest; unions are made once for all who have the same ones."""

    by_digest: dict[str, Intervals]
    _unions: dict[tuple[str, ...], Intervals]

    @classmethod
    def none(cls) -> Tracks:
        return cls({}, {})

    def add(self, intervals: Intervals) -> str:
        """Keep a track; its digest."""
        digest = intervals_digest(intervals)
        self.by_digest[digest] = intervals
        return digest

    def union(self, digests: tuple[str, ...]) -> Intervals:
        if digests not in self._unions:
            self._unions[digests] = union([self.by_digest[digest] for digest in digests])
        return self._unions[digests]


@dataclass(frozen=True)
class _Said:
    """What all files together say of a person: alleles carried, sorted by key; places and alleles not called."""

    keys: NDArray[np.uint64]
    dosage: NDArray[np.uint8]
    missing_keys: NDArray[np.uint64]
    refused_keys: NDArray[np.uint64]
    cuts: Intervals


def assemble_run(
    readings: Sequence[tuple[FileReading, int]],
    shared: tuple[str, ...],
    tracks: Tracks,
    *,
    build: Build,
    gate: Gate,
    sex: Sex,
) -> tuple[Run, int]:
    """The run of the person who is sample ``index`` of each reading, and how many of their alleles contradicted.

    ``shared`` names the tracks that hold for them: callable intervals given, and places of files of several people.
    Where records of one allele disagree, the person counts as not called for it.
    """
    said, contradictions = _collect(readings)
    base = tracks.union(shared)
    own = union([reading.spans for reading, _ in readings if not reading.joint])
    beside = _called_at_cut_places(readings, said)
    alleles = _alleles(said, beside, readings, build, sex)
    run = Run(build, gate, sex, alleles, shared, (own - said.cuts) - base, said.cuts & base)
    return run, contradictions


def _collect(readings: Sequence[tuple[FileReading, int]]) -> tuple[_Said, int]:
    carried = [_slice(r.carrier_bounds, i, r.carrier_keys, r.carrier_dosage) for r, i in readings]
    missing = [_slice(r.missing_bounds, i, r.missing_keys, r.missing_start, r.missing_stop) for r, i in readings]
    keys, dosage = (np.concatenate(parts) for parts in zip(*carried, strict=True))
    missing_keys, start, stop = (np.concatenate(parts) for parts in zip(*missing, strict=True))
    order = np.argsort(keys, kind="stable")
    keys, dosage = keys[order], dosage[order]
    cuts = Intervals.of(start, stop)
    if len(readings) == 1 and not readings[0][0].repeats:
        return _Said(keys, dosage, np.sort(missing_keys), keys[:0], cuts), 0
    first = np.flatnonzero(np.diff(keys, prepend=np.uint64(0)) != 0)
    keys, lowest = keys[first], np.minimum.reduceat(dosage, first) if len(first) else dosage
    highest = np.maximum.reduceat(dosage, first) if len(first) else dosage
    missing_keys = np.sort(missing_keys)
    called_often = _written_often(readings, keys) - _occurrences(missing_keys, keys)
    contradicts = (lowest != highest) | (np.diff(first, append=len(order)) < called_often)
    refused = keys[contradicts]
    cuts |= Intervals.points(_key_places(refused))
    return _Said(keys[~contradicts], highest[~contradicts], missing_keys, refused, cuts), len(refused)


def _called_at_cut_places(readings: Sequence[tuple[FileReading, int]], said: _Said) -> NDArray[np.uint64]:
    """Alleles that the person was called for and does not carry, at places that another record took out."""
    found = []
    for reading, _ in readings:
        first = np.searchsorted(reading.key_places, said.cuts.start, side="left")
        count = np.searchsorted(reading.key_places, said.cuts.stop, side="left") - first
        rows = np.repeat(first - (np.cumsum(count) - count), count) + np.arange(count.sum())
        found.append(reading.keys[rows])
    keys = np.unique(np.concatenate(found))
    called = _occurrences(said.missing_keys, keys) < _written_often(readings, keys)
    return np.setdiff1d(keys[called], np.concatenate((said.keys, said.refused_keys)), assume_unique=True)


def _alleles(
    said: _Said,
    beside: NDArray[np.uint64],
    readings: Sequence[tuple[FileReading, int]],
    build: Build,
    sex: Sex,
) -> Alleles:
    keys, dosage = said.keys, said.dosage
    if len(beside):
        keys = np.concatenate((keys, beside))
        dosage = np.concatenate((dosage, np.zeros(len(beside), dtype=np.uint8)))
        order = np.argsort(keys, kind="stable")
        keys, dosage = keys[order], dosage[order]
    ploidy = PLOIDY[regions(build, key_contigs(keys), key_positions(keys)), SEXES.index(sex)]
    flags = np.where(ploidy == 1, HAPLOID, 0) | np.where(said.cuts.covers(_key_places(keys)), BESIDE_INTERVALS, 0)
    has_chromosome = ploidy > 0
    kept = keys[has_chromosome]
    return Alleles(
        kept,
        dosage[has_chromosome],
        flags[has_chromosome].astype(np.uint8),
        _letters(kept[is_hashed(kept)], [reading.side for reading, _ in readings]),
    )


def _letters(keys: NDArray[np.uint64], sides: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Key, ref and alt of long alleles, in the order of ``keys``."""
    if not len(keys):
        return NO_LONG_ALLELES
    side = sides[0] if len(sides) == 1 else pl.concat(sides).unique().sort("key")
    return side[np.searchsorted(side["key"].to_numpy(), keys)]


def _slice(bounds: NDArray[np.int64], sample: int, *columns: NDArray[np.generic]) -> list[NDArray[np.generic]]:
    return [column[bounds[sample] : bounds[sample + 1]] for column in columns]


def _written_often(readings: Sequence[tuple[FileReading, int]], keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """The number of records, over all files, with each allele."""
    often = np.zeros(len(keys), dtype=np.int64)
    for reading, _ in readings:
        often += _occurrences(reading.keys, keys)
    return often


def _occurrences(in_sorted: NDArray[np.uint64], keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    return np.searchsorted(in_sorted, keys, side="right") - np.searchsorted(in_sorted, keys, side="left")


def _key_places(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    return places(key_contigs(keys), key_positions(keys))
