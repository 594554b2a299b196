"""Read pairs of simulated people, with the truth beside them: what a laboratory tries the standard processing with.

Pairs are drawn from the two haplotypes of each person, with sequencing errors whose low quality tells of them. No
read is of a human being.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from varde.simulate.genome import BASES

READ_LENGTH: Final = 100
FRAGMENT_MEAN, FRAGMENT_SPREAD = 320, 35
ERROR_RATE: Final = 0.002
GOOD, POOR = ord("F"), ord("+")
"""Phred 37 and 10, the qualities of a right base and of most wrong ones."""
_COMPLEMENT = np.arange(256, dtype=np.uint8)
_COMPLEMENT[np.frombuffer(b"ACGT", dtype=np.uint8)] = np.frombuffer(b"TGCA", dtype=np.uint8)


@dataclass(frozen=True)
class Planted:
    """One allele of a person: 0-based place, alleles as in a VCF, and which of the haplotypes (0, 1) carry it."""

    contig: str
    position0: int
    ref: str
    alt: str
    haplotypes: tuple[int, ...]


def haplotype(sequence: NDArray[np.uint8], alleles: Sequence[Planted], which: int) -> NDArray[np.uint8]:
    """The sequence of one haplotype; ``alleles`` are of that contig, sorted and do not overlap."""
    pieces, place = [], 0
    for allele in alleles:
        if which in allele.haplotypes:
            pieces += [sequence[place : allele.position0], np.frombuffer(allele.alt.encode(), dtype=np.uint8)]
            place = allele.position0 + len(allele.ref)
    return np.concatenate([*pieces, sequence[place:]])


def write_reads(
    sequences: Mapping[str, NDArray[np.uint8]],
    alleles: Sequence[Planted],
    depth: float,
    rng: np.random.Generator,
    paths: tuple[Path, Path],
    hole: tuple[str, int, int] | None = None,
) -> int:
    """Write pairs of ``depth`` on average over all sequences (half from each haplotype); return how many. None touches
    the ``hole`` (contig, start, end)."""
    first: list[bytes] = []
    second: list[bytes] = []
    count = 0
    for contig, sequence in sequences.items():
        own = [allele for allele in alleles if allele.contig == contig]
        for which in (0, 1):
            copy = haplotype(sequence, own, which)
            pairs = round(depth / 2 * len(copy) / (2 * READ_LENGTH))
            lengths = np.clip(rng.normal(FRAGMENT_MEAN, FRAGMENT_SPREAD, pairs).astype(int), READ_LENGTH, len(copy))
            starts = rng.integers(0, len(copy) - lengths + 1)
            if hole is not None and hole[0] == contig:
                kept = (starts + lengths <= hole[1]) | (starts >= hole[2])
                starts, lengths = starts[kept], lengths[kept]
            turned = rng.random(len(starts)) < 0.5
            ahead = copy[starts[:, None] + np.arange(READ_LENGTH)]
            back = _COMPLEMENT[copy[(starts + lengths - 1)[:, None] - np.arange(READ_LENGTH)]]
            one, other = np.where(turned[:, None], back, ahead), np.where(turned[:, None], ahead, back)
            first += _fastq(one, f"{contig}:{which}", rng)
            second += _fastq(other, f"{contig}:{which}", rng)
            count += len(starts)
    order = rng.permutation(count)
    for path, lines in zip(paths, (first, second), strict=True):
        with path.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as file:
            file.write(b"".join(lines[i] for i in order))
    return count


def _fastq(bases: NDArray[np.uint8], name: str, rng: np.random.Generator) -> list[bytes]:
    wrong = rng.random(bases.shape) < ERROR_RATE
    read = np.where(wrong, BASES[rng.integers(0, 4, bases.shape)], bases)
    quality = np.where(wrong, POOR, GOOD).astype(np.uint8)
    return [
        b"@%s:%d\n%s\n+\n%s\n" % (name.encode(), row, read[row].tobytes(), quality[row].tobytes())
        for row in range(len(bases))
    ]
