"""From genotypes to what counts: ploidy by sex first, then the gate; every genotype is called or has its reason."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

import numpy as np
from numpy.typing import NDArray

from varde.frequency.ploidy import PLOIDY, Region
from varde.genome.compiled import compiled
from varde.genome.records import ABSENT, MISSING, AlleleTable

NOT_CALLED = -1
NO_CHROMOSOME = -2
HETEROPLASMIC = 3
"""Calls beside 0, 1 and 2 copies of a row's allele. ``NO_CHROMOSOME``: this person has nothing to count there.
``HETEROPLASMIC``: on MT, in some of the molecules; 1 copy is homoplasmic there."""


class Gate(StrEnum):
    """Which genotypes are trusted: those that pass gnomAD's ``adj``, or all."""

    ADJ = "adj"
    NONE = "none"


# gnomad_methods, utils/annotations.py, get_adj_expr: GQ >= 20; DP >= 10, haploid 5; every alternate allele of a
# heterozygote with at least 0.2 of DP (written as 5 * AD >= DP, which is exact).
MIN_GENOTYPE_QUALITY = 20
MIN_DEPTH_DIPLOID_X = 10
MIN_DEPTH_HAPLOID_X = 5
MAX_DEPTH_PER_ALTERNATE = 5

# gnomAD v3.1, mitochondrial DNA (PMC8896463): homoplasmic from 0.95 of the reads, heteroplasmic from 0.10; fewer are no
# observation. Without depths the genotype decides: two different alleles are heteroplasmic.
MIN_HOMOPLASMIC_PERCENT = 95
MIN_HETEROPLASMIC_PERCENT = 10


class Outcome(IntEnum):
    """What became of one genotype of one record. A value that is not given fails its test of the gate."""

    CALLED = 0
    NO_CALL = 1
    HALF_CALL = 2
    UNEXPECTED_HAPLOID = 3  # one allele written where two chromosomes are expected
    HETEROZYGOUS_HAPLOID = 4  # two alleles where one chromosome is expected, other than on MT
    LOW_GENOTYPE_QUALITY = 5
    LOW_DEPTH = 6
    LOW_ALLELE_BALANCE = 7
    FILTERED = 8  # FILTER is neither PASS nor '.', and only passing records were asked for
    NO_CHROMOSOME = 9  # a woman's Y; X and Y of a person of unknown sex; Y pseudo-autosomal


_CALLED = int(Outcome.CALLED)
_NO_CALL = int(Outcome.NO_CALL)
_HALF_CALL = int(Outcome.HALF_CALL)
_UNEXPECTED_HAPLOID = int(Outcome.UNEXPECTED_HAPLOID)
_HETEROZYGOUS_HAPLOID = int(Outcome.HETEROZYGOUS_HAPLOID)
_LOW_GENOTYPE_QUALITY = int(Outcome.LOW_GENOTYPE_QUALITY)
_LOW_DEPTH = int(Outcome.LOW_DEPTH)
_LOW_ALLELE_BALANCE = int(Outcome.LOW_ALLELE_BALANCE)
_FILTERED = int(Outcome.FILTERED)
_NO_CHROMOSOME = int(Outcome.NO_CHROMOSOME)


@compiled
def _carries_once(genotype: NDArray[np.int8], row: int, sample: int) -> bool:
    return bool((genotype[row, sample, 0] == 1) != (genotype[row, sample, 1] == 1))


@compiled
def _heterozygous(genotype: NDArray[np.int8], row: int, sample: int, first: int, stop: int) -> bool:
    """Of a full diploid genotype; two "other" alleles (1/3 seen from allele 2) are told apart by the sibling rows."""
    a = genotype[row, sample, 0]
    if a != genotype[row, sample, 1] or a < 2:
        return bool(a != genotype[row, sample, 1])
    for sibling in range(first, stop):  # noqa: SIM110 - any() over a generator is not compiled
        if _carries_once(genotype, sibling, sample):
            return True
    return False


@compiled
def _balanced(
    genotype: NDArray[np.int8], depth_alt: NDArray[np.int32], depth: int, sample: int, first: int, stop: int
) -> bool:
    for sibling in range(first, stop):
        if _carries_once(genotype, sibling, sample):
            alternate = depth_alt[sibling, sample]
            if alternate < 0 or alternate * MAX_DEPTH_PER_ALTERNATE < depth:
                return False
    return True


@compiled
def mitochondrial_copies(a: int, b: int, alternate: int, depth: int) -> int:
    """Copies on MT of an allele with ``alternate`` of ``depth`` reads, both negative where not given."""
    if a != 1 and b != 1:
        return 0
    if alternate < 0 or depth <= 0:
        return 1 if a == 1 and b in (1, ABSENT) else HETEROPLASMIC
    if 100 * alternate >= MIN_HOMOPLASMIC_PERCENT * depth:
        return 1
    return HETEROPLASMIC if 100 * alternate >= MIN_HETEROPLASMIC_PERCENT * depth else 0


@compiled
def judge(
    a: int,
    b: int,
    expected: int,
    trusted: bool,
    mitochondrial: bool,
    heterozygous: bool,
    balanced: bool,
    gated: bool,
    depth: int,
    quality: int,
) -> int:
    """The ``Outcome`` of a genotype of two places, of which the ones below 0 alone matter here.

    ``heterozygous`` and ``balanced`` (every alternate allele of a heterozygote has its share of the reads) are asked of
    full genotypes, the latter when ``gated``.
    """
    if expected == 0:
        return _NO_CHROMOSOME
    if not trusted:
        return _FILTERED
    if a < 0 and b < 0:
        return _NO_CALL
    if a < 0 or b == MISSING:
        return _HALF_CALL
    if b == ABSENT and expected == 2:
        return _UNEXPECTED_HAPLOID
    if heterozygous and expected == 1 and not mitochondrial:
        return _HETEROZYGOUS_HAPLOID
    if gated and quality < MIN_GENOTYPE_QUALITY:
        return _LOW_GENOTYPE_QUALITY
    if gated and depth < (MIN_DEPTH_DIPLOID_X if expected == 2 else MIN_DEPTH_HAPLOID_X):
        return _LOW_DEPTH
    if gated and heterozygous and not balanced and not mitochondrial:
        return _LOW_ALLELE_BALANCE
    return _CALLED


@compiled
def _call_rows(
    genotype: NDArray[np.int8],
    depth_alt: NDArray[np.int32],
    depth: NDArray[np.int32],
    quality: NDArray[np.int32],
    first: NDArray[np.int64],
    stop: NDArray[np.int64],
    trusted: NDArray[np.bool_],
    copies: NDArray[np.int8],
    mitochondrial: NDArray[np.bool_],
    gated: bool,
    calls: NDArray[np.int8],
    outcomes: NDArray[np.int64],
) -> None:
    """Fill ``calls`` [rows, samples]; count ``outcomes`` [Outcome] once per record, at its first row."""
    for row in range(genotype.shape[0]):
        for sample in range(genotype.shape[1]):
            a = genotype[row, sample, 0]
            b = genotype[row, sample, 1]
            expected = copies[row, sample]
            uneven, balanced = False, True
            if b >= 0 and (expected == 1 or gated):
                uneven = _heterozygous(genotype, row, sample, first[row], stop[row])
                if uneven and gated:
                    balanced = _balanced(genotype, depth_alt, depth[row, sample], sample, first[row], stop[row])
            mt = mitochondrial[row]
            outcome = judge(
                a, b, expected, trusted[row], mt, uneven, balanced, gated, depth[row, sample], quality[row, sample]
            )
            if first[row] == row:
                outcomes[outcome] += 1
            if outcome == _CALLED and mitochondrial[row]:
                calls[row, sample] = mitochondrial_copies(a, b, depth_alt[row, sample], depth[row, sample])
            elif outcome == _CALLED:
                calls[row, sample] = a == 1 if expected == 1 else (a == 1) + (b == 1)
            else:
                calls[row, sample] = NO_CHROMOSOME if outcome == _NO_CHROMOSOME else NOT_CALLED


@dataclass(frozen=True)
class Calls:
    """``copies`` int8 [rows, samples]: 0-2 or one of the names above; ``outcomes`` int64 [Outcome]."""

    copies: NDArray[np.int8]
    outcomes: NDArray[np.int64]


def record_bounds(record: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each row the first row of its record and the one after its last. A record's rows stand together."""
    starts = np.flatnonzero(np.diff(record, prepend=record[:1] - 1) != 0)
    lengths = np.diff(starts, append=len(record))
    return np.repeat(starts, lengths), np.repeat(starts + lengths, lengths)


def call_genotypes(
    table: AlleleTable,
    region: NDArray[np.uint8],
    sex: NDArray[np.uint8],
    gate: Gate,
    *,
    passing_only: bool = False,
) -> Calls:
    """Calls of all genotypes: ploidy by ``Region`` [rows] and sex column [samples] first, then the gate."""
    first, stop = record_bounds(table.sites["record"].to_numpy())
    trusted = np.ones(len(table), dtype=np.bool_)
    if passing_only:
        trusted = table.sites["filter"].is_in(["PASS", "."]).to_numpy()
    calls = np.empty(table.genotype.shape[:2], dtype=np.int8)
    outcomes = np.zeros(len(Outcome), dtype=np.int64)
    _call_rows(
        table.genotype,
        table.depth_alt,
        table.depth_x,
        table.genotype_quality,
        first,
        stop,
        trusted,
        PLOIDY[region][:, sex],
        region == Region.MITOCHONDRIAL,
        gate is Gate.ADJ,
        calls,
        outcomes,
    )
    return Calls(calls, outcomes)
