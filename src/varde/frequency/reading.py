"""One file of genotypes, read once: who carries what, who was not called where, and what became of every row."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.frequency.callable_intervals import Intervals, places
from varde.frequency.genotypes import NOT_CALLED, Gate, Outcome, call_genotypes
from varde.frequency.ploidy import PLOIDY, Region, regions
from varde.frequency.sex_check import SIGNS, count_signs
from varde.genome.builds import Build
from varde.genome.compiled import compiled
from varde.genome.errors import InputError
from varde.genome.keys import is_hashed
from varde.genome.records import AlleleKind, AlleleTable


class Fate(IntEnum):
    """What became of an allele of a file. Kept: the first two. The others are dropped, each for its reason."""

    COUNTED = 0
    COVERAGE_OF_REFERENCE_BLOCK = 1
    UNLISTED_ALTERNATE_OF_VARIANT_RECORD = 2  # <NON_REF> or <*> beside a listed allele
    SPANNING_DELETION_COUNTED_AT_ITS_OWN_RECORD = 3
    SYMBOLIC_ALLELE = 4
    BREAKEND = 5
    NOT_A_CHROMOSOME = 6
    Y_PSEUDOAUTOSOMAL_COUNTED_ON_X = 7
    NOBODY_WITH_THIS_CHROMOSOME_OF_KNOWN_SEX = 8
    DUPLICATE_OF_ANOTHER_RECORD = 9


KEPT = (Fate.COUNTED, Fate.COVERAGE_OF_REFERENCE_BLOCK)
GATE_VALUES = ("GQ", "DP", "AD")


@dataclass(frozen=True)
class FileReading:
    """What a file says. The arrays of carriers and of the not called are sorted by sample.

    ``spans``: all places the file speaks of. ``keys`` and ``key_places``: its counted alleles, sorted, repeated where
    records repeat. ``side``: key, ref, alt of alleles that their key does not hold. ``joint``: the file is of several
    people, read or not, who share the places it speaks of. ``signs``: of the sex, int64 [samples, sex_check.SIGNS].
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
    records: int
    fates: NDArray[np.int64]
    outcomes: NDArray[np.int64]
    joint: bool
    signs: NDArray[np.int64]

    @property
    def repeats(self) -> bool:
        """Whether an allele stands in more than one record."""
        return bool(self.fates[Fate.DUPLICATE_OF_ANOTHER_RECORD])

    def tally(self) -> dict[str, object]:
        """For the manifest."""
        return tally(len(self.samples), self.records, self.fates, self.outcomes)


def tally(people: int, records: int, fates: NDArray[np.int64], outcomes: NDArray[np.int64]) -> dict[str, object]:
    """What was read of a file: kept + dropped = read, of alleles, and called + not called = read, of genotypes."""
    return {
        "people": people,
        "records_read": records,
        "alleles_read": int(fates.sum()),
        "alleles_kept": {fate.name.lower(): int(fates[fate]) for fate in KEPT},
        "alleles_dropped": {fate.name.lower(): int(fates[fate]) for fate in Fate if fate not in KEPT},
        "genotypes_read": int(outcomes.sum()),
        "genotypes_called": int(outcomes[Outcome.CALLED]),
        "genotypes_not_called": {o.name.lower(): int(outcomes[o]) for o in Outcome if o != Outcome.CALLED},
    }


@dataclass(frozen=True)
class _Batch:
    """Rows kept of one batch, and its carriers and not called, as rows of the batch, in the order of the file."""

    keys: NDArray[np.uint64]
    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    carrier_row: NDArray[np.int32]
    carrier_sample: NDArray[np.int32]
    carrier_dosage: NDArray[np.uint8]
    missing_row: NDArray[np.int32]
    missing_sample: NDArray[np.int32]
    side: pl.DataFrame


@compiled
def _find_carriers(
    copies: NDArray[np.int8],
    keys: NDArray[np.uint64],
    row_of: NDArray[np.int32],
    sample_of: NDArray[np.int32],
    dosage: NDArray[np.uint8],
) -> None:
    """Fill row, sample and dosage of every carrier of a keyed row."""
    found = 0
    for row in range(copies.shape[0]):
        if keys[row] == 0:
            continue
        for sample in range(copies.shape[1]):
            if copies[row, sample] > 0:
                row_of[found] = row
                sample_of[found] = sample
                dosage[found] = copies[row, sample]
                found += 1


@compiled
def _count_carriers(copies: NDArray[np.int8], keys: NDArray[np.uint64]) -> int:
    found = 0
    for row in range(copies.shape[0]):
        if keys[row] != 0:
            for sample in range(copies.shape[1]):
                found += copies[row, sample] > 0
    return found


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


def row_fates(table: AlleleTable, region: NDArray[np.uint8], sex: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The ``Fate`` of each row, but for duplicates."""
    kind, contig = table.sites["kind"].to_numpy(), table.sites["contig"].to_numpy()
    fate = np.full(len(table), Fate.COUNTED, dtype=np.uint8)
    fate[kind == AlleleKind.REFERENCE] = Fate.COVERAGE_OF_REFERENCE_BLOCK
    fate[PLOIDY[region][:, sex].max(axis=1, initial=0) == 0] = Fate.NOBODY_WITH_THIS_CHROMOSOME_OF_KNOWN_SEX
    listed_beside = table.sites["allele_count"].to_numpy() > 1
    fate[(kind == AlleleKind.REFERENCE) & listed_beside] = Fate.UNLISTED_ALTERNATE_OF_VARIANT_RECORD
    fate[kind == AlleleKind.SPANNING] = Fate.SPANNING_DELETION_COUNTED_AT_ITS_OWN_RECORD
    fate[kind == AlleleKind.SYMBOLIC] = Fate.SYMBOLIC_ALLELE
    fate[kind == AlleleKind.BREAKEND] = Fate.BREAKEND
    fate[region == Region.EXCLUDED] = Fate.Y_PSEUDOAUTOSOMAL_COUNTED_ON_X
    fate[contig == 0] = Fate.NOT_A_CHROMOSOME
    return fate


class FileReader:
    """Takes the batches of one file and gives its ``FileReading``; keeps only what is not homozygous reference."""

    def __init__(
        self,
        samples: tuple[str, ...],
        sex: NDArray[np.uint8],
        build: Build,
        gate: Gate,
        *,
        passing_only: bool,
        joint: bool | None = None,
        given: Sequence[str] = (),
    ) -> None:
        """``given``: which of ``GATE_VALUES`` are known to be in the file."""
        self._samples, self._sex, self._build = samples, sex, build
        self._joint = len(samples) > 1 if joint is None else joint
        self._gate, self._passing_only = gate, passing_only
        self._batches: list[_Batch] = []
        self._records = 0
        self._fates = np.zeros(len(Fate), dtype=np.int64)
        self._outcomes = np.zeros(len(Outcome), dtype=np.int64)
        self._signs = np.zeros((len(samples), len(SIGNS)), dtype=np.int64)
        self._given = {tag: tag in given for tag in GATE_VALUES}

    def add(self, table: AlleleTable) -> None:
        """Count one batch; ``table`` has keys, and whole records."""
        sites = table.sites
        contig, position = sites["contig"].to_numpy(), sites["position"].to_numpy()
        region = regions(self._build, contig, position)
        calls = call_genotypes(table, region, self._sex, self._gate, passing_only=self._passing_only)
        fate = row_fates(table, region, self._sex)
        if region.max(initial=0) >= Region.X:
            keyed = sites["key"].is_not_null().to_numpy()
            on_x, on_y = keyed & (region == Region.X), keyed & (region == Region.Y)
            count_signs(table.genotype, table.genotype_quality, on_x, on_y, self._signs)
        self._fates += np.bincount(fate, minlength=len(Fate))
        self._outcomes += calls.outcomes
        self._records += sites["record"].n_unique()
        self._note_given(table)
        kept = np.flatnonzero(np.isin(fate, KEPT))
        key = np.where(fate == Fate.COUNTED, sites["key"].fill_null(0).to_numpy(), np.uint64(0))[kept]
        start = places(contig, position)[kept]
        block_end = start + (sites["end"].to_numpy() - position + 1)[kept]
        stop = np.where(key == 0, block_end, start + 1)
        self._keep(calls.copies[kept], key, start, stop, sites[kept])

    def _keep(
        self,
        copies: NDArray[np.int8],
        key: NDArray[np.uint64],
        start: NDArray[np.int64],
        stop: NDArray[np.int64],
        sites: pl.DataFrame,
    ) -> None:
        carriers = _count_carriers(copies, key)
        carrier_row, carrier_sample = np.empty(carriers, dtype=np.int32), np.empty(carriers, dtype=np.int32)
        dosage = np.empty(carriers, dtype=np.uint8)
        _find_carriers(copies, key, carrier_row, carrier_sample, dosage)
        missing_row, missing_sample = np.nonzero(copies == NOT_CALLED)
        long = pl.Series(is_hashed(key))
        self._batches.append(
            _Batch(
                key,
                start,
                stop,
                carrier_row,
                carrier_sample,
                dosage,
                missing_row.astype(np.int32),
                missing_sample.astype(np.int32),
                sites.select("key", "ref", "alt").filter(long),
            )
        )

    def _note_given(self, table: AlleleTable) -> None:
        """Remember whether any genotype so far has the values that the gate asks for."""
        for tag, values in (("GQ", table.genotype_quality), ("DP", table.depth_x), ("AD", table.depth_alt)):
            self._given[tag] = self._given[tag] or bool((values >= 0).any())

    def finish(self, digest: str, source: str) -> FileReading:
        """The whole file. Raises InputError ``gate_values_missing`` when the gate cannot be evaluated at all."""
        refuse_ungated(self._gate, [tag for tag, given in self._given.items() if given], self._outcomes, source)
        batches, people = self._batches, len(self._samples)
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
        self._fates[Fate.DUPLICATE_OF_ANOTHER_RECORD] = repeated
        self._fates[Fate.COUNTED] -= repeated
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
            self._records,
            self._fates,
            self._outcomes,
            self._joint,
            self._signs,
        )


def refuse_ungated(gate: Gate, given: Sequence[str], outcomes: NDArray[np.int64], source: str) -> None:
    """Raise InputError ``gate_values_missing`` when a file has genotypes, and the gate cannot be evaluated at all."""
    absent = [tag for tag in GATE_VALUES if tag not in given]
    called = outcomes.sum() - outcomes[[Outcome.NO_CALL, Outcome.NO_CHROMOSOME]].sum()
    if gate is Gate.ADJ and absent and called:
        raise InputError(
            "gate_values_missing",
            f"No genotype has {' or '.join(absent)}, which the gate 'adj' needs (GQ, DP and AD of each genotype).",
            "Call the variants with these FORMAT fields, or count every genotype with --gate none.",
            source=source,
            field=f"FORMAT/{absent[0]}",
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
