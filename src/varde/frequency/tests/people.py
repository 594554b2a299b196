"""Made-up people as increments: small, of several cells, with long alleles, X, MT and structural calls."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import numpy as np
import polars as pl

from varde.frequency.cells import Assay, Cell, DiseaseGroup
from varde.frequency.genotypes import Gate
from varde.frequency.increment import COVERAGE, LONG, OBSERVATIONS, PEOPLE, STRUCTURAL, Increment
from varde.frequency.store import Settings
from varde.genome.builds import Build
from varde.genome.keys import encode_keys, is_hashed
from varde.genome.pedigree import Sex

SETTINGS = Settings.of(Build.GRCH38, Gate.ADJ, None, passing_only=False)
CELLS = (
    Cell(Sex.FEMALE, DiseaseGroup.HEALTHY, Assay.GENOME),
    Cell(Sex.MALE, DiseaseGroup.HEALTHY, Assay.GENOME),
    Cell(Sex.FEMALE, DiseaseGroup.HEART, Assay.EXOME),
)
_ALLELES = [(20, 1_000 + 7 * i, "A", "CGT"[i % 3]) for i in range(30)] + [
    (20, 2_000, "A", "ACGTTGCATTACG"),
    (20, 2_000, "A", "ACGTTGCATTACC"),
    (23, 3_000_000, "G", "T"),
    (25, 150, "T", "C"),
]


@cache
def person(number: int) -> Increment:
    """The increment of one person; the same number is the same person."""
    random = np.random.default_rng(number)
    cell = CELLS[number % len(CELLS)]
    carried = [allele for allele in _ALLELES if random.random() < 0.3]
    contig, position, ref, alt = zip(*carried, strict=True) if carried else ((), (), (), ())
    keys = encode_keys(np.array(contig, np.uint8), np.array(position, np.int64), list(ref), list(alt))
    alone = np.array([c == 25 or (c == 23 and cell.sex is Sex.MALE) for c in contig], dtype=bool)
    twice = ~alone & (random.random(len(keys)) < 0.2)
    columns = {"key": keys, "cell": np.full(len(keys), cell.code)}
    columns |= {"het": ~alone & ~twice, "hom": twice, "hemi": alone, "beside": np.zeros(len(keys))}
    observations = pl.DataFrame(columns).cast(dict(OBSERVATIONS)).sort("key")
    letters = pl.DataFrame({"key": keys, "ref": list(ref), "alt": list(alt)}, schema=LONG).filter(
        pl.Series(is_hashed(keys), dtype=pl.Boolean)
    )
    stop = 2_100 + 10 * int(random.integers(10))
    steps = [(20 << 32 | 900, 1), (20 << 32 | stop, -1), (23 << 32 | 2_999_000, 1), (23 << 32 | 3_001_000, -1)]
    steps += [(25 << 32 | 0, 1), (25 << 32 | 16_569, -1)]
    coverage = pl.DataFrame([(cell.code, *step) for step in steps], schema=COVERAGE, orient="row")
    call = ("DEL", 20, 5_000, 6_000 + 1_000 * (number % 2), 0, 0, 1_001 + 1_000 * (number % 2), cell.code, 1, 0, 0)
    structural = pl.DataFrame([call], schema=STRUCTURAL, orient="row")
    people = pl.DataFrame([(cell.code, 1, 1)], schema=PEOPLE, orient="row")
    one = Increment(Build.GRCH38, observations, coverage, structural, people, letters.sort("key"))
    return Increment.merged(Build.GRCH38, [one])


def crowd(numbers: Iterable[int], gone: Iterable[int] = ()) -> Increment:
    """The sum of some people, without some others."""
    parts = [person(number) for number in numbers] + [person(number).negated() for number in gone]
    return Increment.merged(Build.GRCH38, parts)


def same(first: Increment, second: Increment) -> bool:
    """Whether two increments are equal, row by row."""
    names = ("observations", "coverage", "structural", "people", "long")
    return all(getattr(first, name).equals(getattr(second, name)) for name in names)
