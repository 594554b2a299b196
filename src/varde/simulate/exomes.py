"""Semi-synthetic exomes for trials of scale: a spectrum of site frequencies, drawn per person, straight into runs.

"Semi": the number of variants per person, their share of indels and of homozygotes, and the size of the captured part
follow real exomes; the sequence does not exist, so nothing here can be normalised or translated.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.frequency.callable_intervals import Intervals
from varde.frequency.ploidy import PLOIDY, regions
from varde.frequency.run import HAPLOID, NO_LONG_ALLELES, Alleles
from varde.genome.builds import Build, contig_length
from varde.genome.compiled import compiled
from varde.genome.keys import encode_keys

SITES = 190_000
LOWEST_FREQUENCY, HIGHEST_FREQUENCY = 5e-5, 0.98
"""Log-uniform between these: a person then has 26,000 variants, a third of them homozygous, as in real exomes."""
TARGETS = 190_000
TARGET_BASES = 180
"""Targets of a capture kit: about 34 million bases."""
INDEL_SHARE = 0.08
CHROMOSOMES = range(1, 24)
"""1 to 22 and X."""


@dataclass(frozen=True)
class ExomeSites:
    """Sites in genome order with the frequency of the alternate allele, and the targets that hold them all."""

    build: Build
    seed: int
    keys: NDArray[np.uint64]
    contig: NDArray[np.uint8]
    position: NDArray[np.int64]
    frequency: NDArray[np.float64]
    targets: Intervals

    @cached_property
    def ploidy(self) -> NDArray[np.int8]:
        """Chromosomes counted, [sites, sex column]."""
        return PLOIDY[regions(self.build, self.contig, self.position)]

    def alleles(self, person: int, sex_column: int) -> Alleles:
        """What one person carries; the same seed and person give the same."""
        row, dosage = _carried(self.frequency, self.ploidy[:, sex_column], self.seed * 1_000_003 + person)
        flags = np.where(self.ploidy[row, sex_column] == 1, HAPLOID, 0).astype(np.uint8)
        return Alleles(self.keys[row], dosage, flags, NO_LONG_ALLELES)


def exome_sites(seed: int, sites: int = SITES, targets: int = TARGETS, build: Build = Build.GRCH38) -> ExomeSites:
    """Sites and targets on 1 to 22 and X, in proportion to the chromosomes' lengths."""
    random = np.random.default_rng(seed)
    lengths = np.array([contig_length(build, code) for code in CHROMOSOMES], dtype=np.float64)
    starts = _target_starts(random, lengths, targets)
    chosen = random.integers(0, len(starts), sites)
    place = np.unique(starts[chosen] + random.integers(0, TARGET_BASES, sites))
    contig, position = (place >> 32).astype(np.uint8), (place & 0xFFFFFFFF) + 1
    ref, alt = _letters(random, len(place))
    spread = np.log(HIGHEST_FREQUENCY / LOWEST_FREQUENCY)
    frequency = LOWEST_FREQUENCY * np.exp(random.random(len(place)) * spread)
    keys = encode_keys(contig, position, ref, alt)
    return ExomeSites(build, seed, keys, contig, position, frequency, Intervals.of(starts, starts + TARGET_BASES))


def _target_starts(random: np.random.Generator, lengths: NDArray[np.float64], targets: int) -> NDArray[np.int64]:
    code = random.choice(len(lengths), size=targets, p=lengths / lengths.sum())
    start = (random.random(targets) * (lengths[code] - 6_000_000) + 3_000_000).astype(np.int64)
    return np.unique((code.astype(np.int64) + 1 << 32) + start)


def _letters(random: np.random.Generator, rows: int) -> tuple[pl.Series, pl.Series]:
    bases = np.array(["A", "C", "G", "T"])
    first = random.integers(0, 4, rows)
    ref = bases[first]
    alt = bases[(first + random.integers(1, 4, rows)) % 4]
    longer = bases[random.integers(0, 4, rows)]
    kind = random.random(rows)
    inserted = pl.Series(ref) + pl.Series(longer)
    frame = pl.DataFrame({"ref": ref, "alt": alt, "more": inserted, "kind": kind})
    chosen = frame.select(
        ref=pl.when(pl.col("kind") < INDEL_SHARE / 2).then("more").otherwise("ref"),
        alt=pl.when(pl.col("kind") < INDEL_SHARE / 2)
        .then("ref")
        .when(pl.col("kind") < INDEL_SHARE)
        .then("more")
        .otherwise("alt"),
    )
    return chosen["ref"], chosen["alt"]


@compiled
def _draw(frequency: NDArray[np.float64], ploidy: NDArray[np.int8], seed: int, dosage: NDArray[np.uint8]) -> None:
    """Copies at every site, from a 64-bit xorshift generator of its own, so that versions of packages do not matter."""
    state = np.uint64(seed) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(0xD1B54A32D192ED03)
    for site in range(len(frequency)):
        copies = 0
        for _ in range(ploidy[site]):
            state ^= state << np.uint64(13)
            state ^= state >> np.uint64(7)
            state ^= state << np.uint64(17)
            copies += (state >> np.uint64(11)) * (1.0 / 9007199254740992.0) < frequency[site]
        dosage[site] = copies


def _carried(
    frequency: NDArray[np.float64], ploidy: NDArray[np.int8], seed: int
) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    dosage = np.empty(len(frequency), dtype=np.uint8)
    _draw(frequency, np.ascontiguousarray(ploidy), seed, dosage)
    row = np.flatnonzero(dosage)
    return row, dosage[row]
