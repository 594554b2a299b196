"""Whether genotypes on X and Y contradict the sex that was told.

Outside the pseudo-autosomal regions a man has no heterozygous genotype on X but for errors of reading, and about two
thirds of a woman's variants there are heterozygous. PLINK's check of sex draws the lines at an inbreeding coefficient
on X of 0.2 and 0.8 (https://www.cog-genomics.org/plink/1.9/basic_stats#check_sex), which needs allele frequencies;
the lines here are shares of heterozygotes that lie between the two kinds of people as clearly, chosen by us.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from varde.genome.errors import InputError
from varde.genome.pedigree import Sex

SIGNS = ("x_carried", "x_heterozygous", "x_haploid", "y_carried")
"""Genotypes outside the pseudo-autosomal regions: variants carried on X, heterozygous ones and those written with one
allele among them, and variants carried on Y."""

LEAST_VARIANTS = 100
MOST_HETEROZYGOUS_OF_ONE_X = 0.3
LEAST_HETEROZYGOUS_OF_TWO_X = 0.1
MOST_HAPLOID_OF_TWO_X = 0.9
LEAST_QUALITY = 20


def refuse_contradiction(sample: str, sex: Sex, signs: NDArray[np.int64]) -> None:
    """Raise InputError ``sex_contradicts_data`` when there is enough on X to tell, and it tells another sex."""
    carried, heterozygous, haploid, on_y = (int(number) for number in signs)
    if carried < LEAST_VARIANTS:
        return
    if sex is Sex.MALE and heterozygous > MOST_HETEROZYGOUS_OF_ONE_X * carried:
        shown = f"{heterozygous:,} of the {carried:,} variants on X are heterozygous, which one X cannot be"
    elif sex is Sex.FEMALE and haploid > MOST_HAPLOID_OF_TWO_X * carried:
        shown = f"{haploid:,} of the {carried:,} variants on X are written with one allele"
    elif sex is Sex.FEMALE and heterozygous < LEAST_HETEROZYGOUS_OF_TWO_X * carried:
        shown = f"only {heterozygous:,} of the {carried:,} variants on X are heterozygous, and {on_y:,} stand on Y"
    else:
        return
    raise InputError(
        "sex_contradicts_data",
        f"{sample!r} is said to be {sex}, but {shown}.",
        "See whether samples were swapped, and correct the sex; give it as unknown when the karyotype is neither XX "
        "nor XY: X and Y are then not counted.",
        field="sex",
    )
