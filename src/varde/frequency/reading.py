"""One file of genotypes, read once: who carries what, who was not called where, and what became of every row."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.frequency.call_lines import HEMI, HET, HOM, MISSED
from varde.frequency.callable_intervals import Intervals
from varde.frequency.calling import Called, Caller
from varde.frequency.genotypes import HETEROPLASMIC
from varde.genome.compiled import compiled
from varde.genome.keys import is_hashed

_COPIES = np.zeros(MISSED + 1, dtype=np.uint8)
_COPIES[[HET, HOM, HEMI]] = (1, 2, 1)


@dataclass(frozen=True)
class FileReading:
    """What a file says. The arrays of carriers and of the not called are sorted by sample.

    ``spans``: all places the file speaks of. ``keys`` and ``key_places``: its counted alleles, sorted, repeated where
    records repeat. ``side``: key, ref, alt of alleles that their key does not hold. ``joint``: the file is of several
    people, read or not, who share the places it speaks of. ``repeats``: an allele stands in more than one record.
    ``signs``: of the sex, int64 [samples, sex_check.SIGNS]. ``tally``: for the manifest.
    """

    digest: str
    samples: tuple[str, ...]
    spans: Intervals
    keys: NDArray[np.uint64]
    key_places: NDArray[np.int64]
    carrier_bounds: NDArray[np.int64]
    carrier_keys: NDArray[np.uint64]
    carrier_dosage: NDArray[np.uint8]
    missing_bounds: NDArray[np.int64]
    missing_keys: NDArray[np.uint64]
    missing_start: NDArray[np.int64]
    missing_stop: NDArray[np.int64]
    side: pl.DataFrame
    repeats: bool
    joint: bool
    signs: NDArray[np.int64]
    records: int
    tally: dict[str, object]


@dataclass(frozen=True)
class _Batch:
    """Rows of one batch, and its carriers and not called, as rows of the batch, in the order of the file."""

    keys: NDArray[np.uint64]
    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    carrier_row: NDArray[np.int32]
    carrier_sample: NDArray[np.int32]
    carrier_dosage: NDArray[np.uint8]
    missing_row: NDArray[np.int32]
    missing_sample: NDArray[np.int32]
    side: pl.DataFrame

    @classmethod
    def empty(cls) -> _Batch:
        """That of a file without a record."""
        key, place, row = np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int32)
        side = pl.DataFrame(schema={"key": pl.UInt64, "ref": pl.String, "alt": pl.String})
        return cls(key, place, place, row, row, np.empty(0, dtype=np.uint8), row, row, side)


@compiled
def _place_by_sample(next_place: NDArray[np.int64], sample: NDArray[np.int32], place: NDArray[np.int64]) -> None:
    """Where each observation goes when they stand by sample; ``next_place`` [samples] moves on."""
    for i in range(len(sample)):
        place[i] = next_place[sample[i]]
        next_place[sample[i]] += 1


def file_digest(path: Path) -> str:
    """SHA-256 of the file's bytes as they lie on disk."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class FileReader:
    """Takes the batches of one file and gives its ``FileReading``; keeps only what is not homozygous reference."""

    def __init__(self, samples: tuple[str, ...], caller: Caller, *, joint: bool) -> None:
        self._samples, self._caller, self._joint = samples, caller, joint
        self._batches: list[_Batch] = []

    def add(self, called: Called) -> None:
        """Keep of one batch who carries its alleles, and who was not called."""
        row, person, kind = called.row, called.person, called.kind
        missed = kind == MISSED
        carried = ~missed & (called.keys[row] != 0)
        copies = np.where(called.mitochondrial[row] & (kind == HET), np.uint8(HETEROPLASMIC), _COPIES[kind])
        self._batches.append(
            _Batch(
                called.keys,
                called.start,
                called.stop,
                row[carried],
                person[carried],
                copies[carried],
                row[missed],
                person[missed],
                called.sites.select("key", "ref", "alt").filter(pl.Series(is_hashed(called.keys))),
            )
        )

    def finish(self, digest: str, source: str) -> FileReading:
        """The whole file. Raises InputError ``gate_values_missing`` when the gate cannot be evaluated at all."""
        self._caller.refuse_ungated(source)
        batches, people = self._batches or [_Batch.empty()], len(self._samples)
        keys = np.concatenate([batch.keys for batch in batches])
        start = np.concatenate([batch.start for batch in batches])
        stop = np.concatenate([batch.stop for batch in batches])
        carrier_bounds, (carrier_keys, carrier_dosage) = _by_sample(
            people, [(b.carrier_sample, (b.keys[b.carrier_row], b.carrier_dosage)) for b in batches]
        )
        missing_bounds, (missing_keys, missing_start, missing_stop) = _by_sample(
            people,
            [
                (b.missing_sample, (b.keys[b.missing_row], b.start[b.missing_row], b.stop[b.missing_row]))
                for b in batches
            ],
        )
        side = pl.concat([b.side for b in batches]).unique().sort("key", "ref", "alt")
        # Of a whole genome the batches weigh as much as all that is made from here on.
        batches.clear()
        spans = Intervals.of(start, stop)
        del stop
        counted = keys != 0
        sorted_keys, key_places = keys[counted], start[counted]
        del keys, start
        if np.any(sorted_keys[1:] < sorted_keys[:-1]):
            order = np.argsort(sorted_keys, kind="stable")
            sorted_keys, key_places = sorted_keys[order], key_places[order]
        repeated = int((sorted_keys[1:] == sorted_keys[:-1]).sum())
        self._caller.note_duplicates(repeated)
        return FileReading(
            digest,
            self._samples,
            spans,
            sorted_keys,
            key_places,
            carrier_bounds,
            carrier_keys,
            carrier_dosage,
            missing_bounds,
            missing_keys,
            missing_start,
            missing_stop,
            side,
            repeated > 0,
            self._joint,
            self._caller.signs,
            self._caller.records,
            self._caller.tally(),
        )


def _by_sample(
    people: int, batches: Sequence[tuple[NDArray[np.int32], tuple[NDArray[Any], ...]]]
) -> tuple[NDArray[np.int64], list[NDArray[Any]]]:
    """Bounds [people + 1] and the columns of all batches, by sample and then in the order of the file."""
    often = np.zeros(people, dtype=np.int64)
    for sample, _ in batches:
        often += np.bincount(sample, minlength=people)
    bounds = np.concatenate(([0], np.cumsum(often)))
    columns = [np.empty(bounds[-1], dtype=column.dtype) for column in batches[0][1]]
    next_place = bounds[:-1].copy()
    for sample, parts in batches:
        place = np.empty(len(sample), dtype=np.int64)
        _place_by_sample(next_place, sample, place)
        for column, part in zip(columns, parts, strict=True):
            column[place] = part
    return bounds, columns
