"""How many chromosomes of a person count at a position: by contig, pseudo-autosomal region and sex."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from varde.genome.builds import MT, Build, X, Y, in_pseudoautosomal_region
from varde.genome.pedigree import Sex


class Region(IntEnum):
    """What decides the ploidy of a position, beside the sex."""

    AUTOSOME = 0
    X_PSEUDOAUTOSOMAL = 1
    X = 2
    Y = 3
    MITOCHONDRIAL = 4
    EXCLUDED = 5  # Y pseudo-autosomal (counted once, on X) and sequences that are no chromosome


SEXES = (Sex.FEMALE, Sex.MALE, Sex.UNKNOWN)
"""Columns of every table by sex, in this order: XX, XY and unknown karyotype."""

PLOIDY: NDArray[np.int8] = np.array(
    [
        [2, 2, 2],
        [2, 2, 0],
        [2, 1, 0],
        [0, 1, 0],
        [1, 1, 1],
        [0, 0, 0],
    ],
    dtype=np.int8,
)
"""Chromosomes counted, [Region, sex column]: gnomAD's sex-adjusted ploidy; of unknown sex X and Y never count."""


def regions(build: Build, contig: NDArray[np.uint8], position: NDArray[np.int64]) -> NDArray[np.uint8]:
    """``Region`` of each 1-based position, uint8 [positions]."""
    shared = in_pseudoautosomal_region(build, contig, position)
    found = np.full(len(contig), Region.AUTOSOME, dtype=np.uint8)
    found[contig == X] = Region.X
    found[(contig == X) & shared] = Region.X_PSEUDOAUTOSOMAL
    found[contig == Y] = Region.Y
    found[contig == MT] = Region.MITOCHONDRIAL
    found[((contig == Y) & shared) | (contig == 0)] = Region.EXCLUDED
    return found


def allele_numbers(region: NDArray[np.uint8], people: NDArray[np.int64]) -> NDArray[np.int64]:
    """Chromosomes by sex, int64 [positions, 3], of ``people`` called there by sex, int64 [positions, 3]."""
    return PLOIDY[region].astype(np.int64) * people
