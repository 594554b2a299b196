"""From genotypes to what counts: ploidy by sex first, then the gate; every genotype is called or has its reason."""

from __future__ import annotations

from enum import IntEnum, StrEnum

from varde.genome.compiled import inlined
from varde.genome.records import ABSENT, MISSING

HETEROPLASMIC = 3
"""Beside 0, 1 and 2 copies of an allele: on MT, in some of the molecules; 1 copy is homoplasmic there."""


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


@inlined
def mitochondrial_copies(a: int, b: int, alternate: int, depth: int) -> int:
    """Copies on MT of an allele with ``alternate`` of ``depth`` reads, both negative where not given."""
    if a != 1 and b != 1:
        return 0
    if alternate < 0 or depth <= 0:
        return 1 if a == 1 and b in (1, ABSENT) else HETEROPLASMIC
    if 100 * alternate >= MIN_HOMOPLASMIC_PERCENT * depth:
        return 1
    return HETEROPLASMIC if 100 * alternate >= MIN_HETEROPLASMIC_PERCENT * depth else 0


@inlined
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
