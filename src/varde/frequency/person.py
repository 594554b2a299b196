"""One person's run, put together from every file that speaks of them and from their callable intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.frequency.callable_intervals import Intervals, Tracks, places, trimmed_inward, union
from varde.frequency.cells import Cell
from varde.frequency.genotypes import HETEROPLASMIC, Gate
from varde.frequency.ploidy import PLOIDY, regions
from varde.frequency.reading import FileReading
from varde.frequency.run import BESIDE_INTERVALS, HAPLOID, NO_LONG_ALLELES, Alleles, Run
from varde.genome.builds import Build
from varde.genome.compiled import compiled
from varde.genome.keys import is_hashed, key_contigs, key_positions

_MANY_MORE = 16  # bisection beats walking through both arrays when one is this much longer


@dataclass(frozen=True)
class Assembled:
    """A person's run; how many of their alleles contradicted; callable bases lost by keeping whole blocks only."""

    run: Run
    contradictions: int
    bases_trimmed: int


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
    given: tuple[str, ...],
    joint: tuple[str, ...],
    tracks: Tracks,
    *,
    build: Build,
    gate: Gate,
    cell: Cell,
    structural: pl.DataFrame | None = None,
) -> Assembled:
    """The run of the person who is sample ``index`` of each reading.

    ``given`` names the tracks of callable intervals given for them, ``joint`` those of the places of files of several
    people, which stay exact: they are the same for all of these. What is the person's own is trimmed inward to whole
    blocks; alleles called outside stand beside the intervals. Where records of one allele disagree, the person counts
    as not called for it.
    """
    said, contradictions = _collect(readings)
    own = union([reading.spans for reading, _ in readings if not reading.joint])
    called = (tracks.union(given) | own) - said.cuts
    points = tracks.union(joint) - said.cuts
    intervals = trimmed_inward(called) | points
    alleles = _alleles(said, _called_outside(readings, said, intervals), intervals, readings, build, cell)
    shared = tuple(sorted({*given, *joint}))
    base = tracks.union(shared)
    run = Run(build, gate, cell, alleles, shared, intervals - base, base - intervals, structural)
    return Assembled(run, contradictions, (called | points).bases - intervals.bases)


def _collect(readings: Sequence[tuple[FileReading, int]]) -> tuple[_Said, int]:
    carried = [_slice(r.carrier_bounds, i, r.carrier_keys, r.carrier_dosage) for r, i in readings]
    missing = [_slice(r.missing_bounds, i, r.missing_keys, r.missing_start, r.missing_stop) for r, i in readings]
    keys, dosage = (np.concatenate(parts) for parts in zip(*carried, strict=True))
    missing_keys, start, stop = (np.concatenate(parts) for parts in zip(*missing, strict=True))
    if np.any(keys[1:] < keys[:-1]):
        order = np.argsort(keys, kind="stable")
        keys, dosage = keys[order], dosage[order]
    cuts = Intervals.of(start, stop)
    if len(readings) == 1 and not readings[0][0].repeats:
        return _Said(keys, dosage, np.sort(missing_keys), keys[:0], cuts), 0
    carriers = len(keys)
    first = np.flatnonzero(np.diff(keys, prepend=np.uint64(0)) != 0)
    keys, lowest = keys[first], np.minimum.reduceat(dosage, first) if len(first) else dosage
    highest = np.maximum.reduceat(dosage, first) if len(first) else dosage
    missing_keys = np.sort(missing_keys)
    called_often = _written_often(readings, keys) - _occurrences(missing_keys, keys)
    contradicts = (lowest != highest) | (np.diff(first, append=carriers) < called_often)
    refused = keys[contradicts]
    cuts |= Intervals.points(_key_places(refused))
    return _Said(keys[~contradicts], highest[~contradicts], missing_keys, refused, cuts), len(refused)


def _called_outside(
    readings: Sequence[tuple[FileReading, int]], said: _Said, intervals: Intervals
) -> NDArray[np.uint64]:
    """Alleles that the person was called for and does not carry, at places outside their callable intervals."""
    found = []
    for reading, _ in readings:
        if reading.joint:
            # All places of the file are inside, but for those that the person was not called at.
            first = np.searchsorted(reading.key_places, said.cuts.start, side="left")
            count = np.searchsorted(reading.key_places, said.cuts.stop, side="left") - first
            rows = np.repeat(first - (np.cumsum(count) - count), count) + np.arange(count.sum())
            found.append(reading.keys[rows])
        else:
            found.append(reading.keys[~intervals.covers(reading.key_places)])
    keys = _distinct(found)
    called = _occurrences(said.missing_keys, keys) < _written_often(readings, keys)
    for other in (said.keys, said.refused_keys):
        called &= _occurrences(other, keys) == 0
    return keys[called]


def _distinct(parts: Sequence[NDArray[np.uint64]]) -> NDArray[np.uint64]:
    """The keys of sorted parts, each once and sorted."""
    keys = parts[0] if len(parts) == 1 else np.sort(np.concatenate(parts))
    first = np.ones(len(keys), dtype=np.bool_)
    np.not_equal(keys[1:], keys[:-1], out=first[1:])
    return keys if first.all() else keys[first]


def _alleles(
    said: _Said,
    beside: NDArray[np.uint64],
    intervals: Intervals,
    readings: Sequence[tuple[FileReading, int]],
    build: Build,
    cell: Cell,
) -> Alleles:
    keys, dosage = said.keys, said.dosage
    if len(beside):
        keys = np.concatenate((keys, beside))
        dosage = np.concatenate((dosage, np.zeros(len(beside), dtype=np.uint8)))
        order = np.argsort(keys, kind="stable")
        keys, dosage = keys[order], dosage[order]
    ploidy = PLOIDY[regions(build, key_contigs(keys), key_positions(keys)), cell.sex_column]
    haploid = (ploidy == 1) & (dosage != HETEROPLASMIC)
    outside = ~intervals.covers(_key_places(keys))
    flags = np.where(haploid, HAPLOID, 0) | np.where(outside, BESIDE_INTERVALS, 0)
    has_chromosome = ploidy > 0
    kept = keys[has_chromosome]
    return Alleles(
        kept,
        np.where(dosage == HETEROPLASMIC, 1, dosage).astype(np.uint8)[has_chromosome],
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


def _written_often(readings: Sequence[tuple[FileReading, int]], keys: NDArray[np.uint64]) -> NDArray[np.int32]:
    """The number of records, over all files, with each of the sorted keys."""
    often = np.zeros(len(keys), dtype=np.int32)
    for reading, _ in readings:
        often += _occurrences(reading.keys, keys)
    return often


def _occurrences(in_sorted: NDArray[np.uint64], keys: NDArray[np.uint64]) -> NDArray[np.int32]:
    """How often each of the sorted keys stands in another sorted array."""
    if len(in_sorted) > _MANY_MORE * len(keys):
        first = np.searchsorted(in_sorted, keys, side="left")
        return (np.searchsorted(in_sorted, keys, side="right") - first).astype(np.int32)
    often = np.zeros(len(keys), dtype=np.int32)
    _count_side_by_side(in_sorted, keys, often)
    return often


@compiled
def _count_side_by_side(in_sorted: NDArray[np.uint64], keys: NDArray[np.uint64], often: NDArray[np.int32]) -> None:
    at = 0
    for i in range(len(keys)):
        while at < len(in_sorted) and in_sorted[at] < keys[i]:
            at += 1
        same = at
        while same < len(in_sorted) and in_sorted[same] == keys[i]:
            same += 1
        often[i] = same - at


def _key_places(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    return places(key_contigs(keys), key_positions(keys))
