"""Batches of VCF lines called: which rows of a file count, and what everybody is for them that is not reference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.frequency.call_lines import ON_X, ON_Y, Found, People, Rows, Told, call_lines
from varde.frequency.callable_intervals import places
from varde.frequency.genotypes import Gate, Outcome
from varde.frequency.ploidy import PLOIDY, Region, regions
from varde.frequency.sex_check import SIGNS
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.normalise import normalise, with_keys
from varde.genome.records import MISSING, AlleleKind, AlleleTable
from varde.genome.references import Reference
from varde.genome.text_source import TextSource
from varde.genome.vcf import LineReader, Lines
from varde.genome.vcf_parser import OK


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
class Called:
    """The rows of a batch that are kept, and what people are for them, in the order of the file.

    Of each row: ``sites``; ``keys`` uint64, 0 for a reference block; ``start`` and ``stop`` int64, the places it speaks
    of; ``mitochondrial`` bool. Of each genotype that is not ``NOTHING``: ``row`` int32 among these rows, ``person``
    int32 and ``kind`` uint8, of ``varde.frequency.call_lines``.
    """

    sites: pl.DataFrame
    keys: NDArray[np.uint64]
    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    mitochondrial: NDArray[np.bool_]
    row: NDArray[np.int32]
    person: NDArray[np.int32]
    kind: NDArray[np.uint8]


def called_batches(path: Path, caller: Caller, samples: Sequence[str] | None = None) -> Iterator[Called]:
    """The batches of a file, its ``samples`` being those of ``caller``. Raises InputError as ``Caller.call``."""
    with TextSource(path) as source:
        reader = LineReader(source, caller.build, samples)
        for lines in reader:
            if len(lines.table):
                yield caller.call(lines, reader)


class Caller:
    """Calls the batches of one file, and keeps account of what became of its records, alleles and genotypes.

    ``sex``: the sex column of each person. ``given``: which of ``GATE_VALUES`` are known to be in the file.
    """

    def __init__(
        self,
        sex: NDArray[np.integer],
        build: Build,
        gate: Gate,
        *,
        passing_only: bool = False,
        reference: Reference | None = None,
        given: Sequence[str] = (),
    ) -> None:
        self.build, self._sex, self._gate = build, sex.astype(np.int64), gate
        self._sexes = np.unique(self._sex)
        self._passing_only, self._reference = passing_only, reference
        self.records = 0
        self._fates = np.zeros(len(Fate), dtype=np.int64)
        self._told = Told(
            np.zeros(len(Outcome), dtype=np.int64),
            np.zeros((len(sex), len(SIGNS)), dtype=np.int64),
            np.array([0 if tag in given else MISSING for tag in GATE_VALUES], dtype=np.int64),
        )

    @property
    def signs(self) -> NDArray[np.int64]:
        """Of the sex, int64 [people, sex_check.SIGNS]."""
        return self._told.signs

    @property
    def given(self) -> list[str]:
        """Which of ``GATE_VALUES`` any genotype has."""
        return [tag for tag, highest in zip(GATE_VALUES, self._told.highest, strict=True) if highest != MISSING]

    def call(self, lines: Lines, reader: LineReader) -> Called:
        """Raises InputError as ``read_vcf`` and ``normalise``."""
        table = normalise(lines.table, self._reference) if self._reference else with_keys(lines.table)
        region = regions(self.build, table.sites["contig"].to_numpy(), table.sites["position"].to_numpy())
        found = Found.of(len(table) * len(self._sex))
        fault, place, record, count = call_lines(
            lines.text,
            lines.samples_at,
            reader.header.depths_per_allele,
            self._described(table, region),
            People(reader.places, self._sex, self._sexes),
            self._gate is Gate.ADJ,
            self._told,
            found,
        )
        if fault != OK:
            raise reader.explain(lines, record, fault, place)
        fate = row_fates(table, region, self._sexes)
        self._fates += np.bincount(fate, minlength=len(Fate))
        self.records += len(lines.samples_at)
        return _kept(table.sites, fate, region, Found(found.row[:count], found.person[:count], found.kind[:count]))

    def _described(self, table: AlleleTable, region: NDArray[np.uint8]) -> Rows:
        sites = table.sites
        first = np.flatnonzero(np.diff(sites["record"].to_numpy(), prepend=-1) != 0)
        keyed = sites["key"].is_not_null().to_numpy()
        sign = np.where(keyed & (region == Region.X), ON_X, np.where(keyed & (region == Region.Y), ON_Y, 0))
        trusted = np.ones(len(table), dtype=np.bool_)
        if self._passing_only:
            trusted = sites["filter"].is_in(["PASS", "."]).to_numpy()
        return Rows(
            np.append(first, len(table)),
            sites["allele_count"].to_numpy()[first].astype(np.int64),
            PLOIDY[region],
            trusted,
            region == Region.MITOCHONDRIAL,
            sign.astype(np.uint8),
        )

    def note_duplicates(self, rows: int) -> None:
        """Of the rows that were counted, so many say again what another row says."""
        self._fates[Fate.DUPLICATE_OF_ANOTHER_RECORD] += rows
        self._fates[Fate.COUNTED] -= rows

    def tally(self) -> dict[str, object]:
        """For the manifest: kept + dropped = read, of alleles, and called + not called = read, of genotypes."""
        fates, outcomes = self._fates, self._told.outcomes
        return {
            "people": len(self._sex),
            "records_read": self.records,
            "alleles_read": int(fates.sum()),
            "alleles_kept": {fate.name.lower(): int(fates[fate]) for fate in KEPT},
            "alleles_dropped": {fate.name.lower(): int(fates[fate]) for fate in Fate if fate not in KEPT},
            "genotypes_read": int(outcomes.sum()),
            "genotypes_called": int(outcomes[Outcome.CALLED]),
            "genotypes_not_called": {o.name.lower(): int(outcomes[o]) for o in Outcome if o != Outcome.CALLED},
        }

    def refuse_ungated(self, source: str) -> None:
        """Raise InputError ``gate_values_missing`` when the file has genotypes, and the gate cannot be evaluated."""
        absent, outcomes = [tag for tag in GATE_VALUES if tag not in self.given], self._told.outcomes
        called = outcomes.sum() - outcomes[[Outcome.NO_CALL, Outcome.NO_CHROMOSOME]].sum()
        if self._gate is Gate.ADJ and absent and called:
            raise InputError(
                "gate_values_missing",
                f"No genotype has {' or '.join(absent)}, which the gate 'adj' needs (GQ, DP and AD of each genotype).",
                "Call the variants with these FORMAT fields, or count every genotype with --gate none.",
                source=source,
                field=f"FORMAT/{absent[0]}",
            )


def _kept(sites: pl.DataFrame, fate: NDArray[np.uint8], region: NDArray[np.uint8], found: Found) -> Called:
    """What of a batch counts."""
    keeps = np.isin(fate, KEPT)
    kept = np.flatnonzero(keeps)
    row, person, kind = found
    if len(kept) < len(keeps):
        seen = keeps[row]
        number = np.cumsum(keeps, dtype=np.int32) - 1
        row, person, kind = number[row[seen]], person[seen], kind[seen]
        sites = sites[kept]
    position = sites["position"].to_numpy()
    keys = np.where(fate[kept] == Fate.COUNTED, sites["key"].fill_null(0).to_numpy(), np.uint64(0))
    start = places(sites["contig"].to_numpy(), position)
    stop = np.where(keys == 0, start + (sites["end"].to_numpy() - position + 1), start + 1)
    return Called(sites, keys, start, stop, region[kept] == Region.MITOCHONDRIAL, row, person, kind)


def row_fates(table: AlleleTable, region: NDArray[np.uint8], sexes: NDArray[np.int64]) -> NDArray[np.uint8]:
    """The ``Fate`` of each row, but for duplicates, among people of these sex columns."""
    kind, contig = table.sites["kind"].to_numpy(), table.sites["contig"].to_numpy()
    fate = np.full(len(table), Fate.COUNTED, dtype=np.uint8)
    fate[kind == AlleleKind.REFERENCE] = Fate.COVERAGE_OF_REFERENCE_BLOCK
    fate[PLOIDY[region][:, sexes].max(axis=1, initial=0) == 0] = Fate.NOBODY_WITH_THIS_CHROMOSOME_OF_KNOWN_SEX
    listed_beside = table.sites["allele_count"].to_numpy() > 1
    fate[(kind == AlleleKind.REFERENCE) & listed_beside] = Fate.UNLISTED_ALTERNATE_OF_VARIANT_RECORD
    fate[kind == AlleleKind.SPANNING] = Fate.SPANNING_DELETION_COUNTED_AT_ITS_OWN_RECORD
    fate[kind == AlleleKind.SYMBOLIC] = Fate.SYMBOLIC_ALLELE
    fate[kind == AlleleKind.BREAKEND] = Fate.BREAKEND
    fate[region == Region.EXCLUDED] = Fate.Y_PSEUDOAUTOSOMAL_COUNTED_ON_X
    fate[contig == 0] = Fate.NOT_A_CHROMOSOME
    return fate
