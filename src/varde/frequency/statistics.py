"""Filtering allele frequency and intervals of a frequency, over whole columns, without a statistics package.

faf95 is the lower bound of the one-sided 95 % Poisson interval of an allele frequency (Whiffin et al., Genetics in
Medicine 2017;19:1151; gnomAD's ``faf95``): ``chi2.ppf(0.05, 2 AC) / (2 AN)``, and 0 for AC of 0 and 1. Half of that
quantile is where a Poisson distribution has AC or more with probability 0.05: the quantile of a gamma distribution of
shape AC.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

EXACT_BELOW = 64
"""Shapes below this are solved for; from here on the expansion errs by less than 1e-8 of the quantile."""

_NORMAL_QUANTILE = {0.05: -1.6448536269514722, 0.01: -2.3263478740408408}
Z_95 = 1.959963984540054
"""Two-sided 95 % quantile of the normal distribution."""


def faf(ac: ArrayLike, an: ArrayLike, probability: float = 0.05) -> NDArray[np.float64]:
    """Filtering allele frequency of each site, float64 in the shape of ``ac``; NaN where AN is 0.

    ``probability`` is 0.05 (faf95) or 0.01 (faf99). Raises ValueError for another, and for negative counts.
    """
    import numpy as np

    counts, numbers = np.asarray(ac, dtype=np.int64), np.asarray(an, dtype=np.int64)
    if (counts < 0).any() or (numbers < 0).any():
        raise ValueError("counts of alleles cannot be negative")
    table = np.array(exact_quantiles(probability))
    size = np.maximum(counts, 1).astype(np.float64)
    expanded = sum(c * size ** (1 - i / 2) for i, c in enumerate(expansion(probability)))
    quantile = np.where(counts < EXACT_BELOW, table[np.minimum(counts, EXACT_BELOW - 1)], expanded)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(numbers > 0, quantile / numbers, np.nan)


def wilson_interval(ac: ArrayLike, an: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Wilson's 95 % interval of AC / AN (Wilson, JASA 1927;22:209), float64; NaN where AN is 0."""
    import numpy as np

    counts, numbers = np.asarray(ac, dtype=np.float64), np.asarray(an, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = counts / numbers
        centre = (share + Z_95**2 / (2 * numbers)) / (1 + Z_95**2 / numbers)
        half = Z_95 / (1 + Z_95**2 / numbers) * np.sqrt(share * (1 - share) / numbers + Z_95**2 / (4 * numbers**2))
    return np.clip(centre - half, 0, 1), np.clip(centre + half, 0, 1)


@lru_cache
def exact_quantiles(probability: float) -> tuple[float, ...]:
    """Gamma quantiles of the shapes 0 to ``EXACT_BELOW`` - 1, with 0 for the shapes 0 and 1 by faf's convention."""
    return (0.0, 0.0, *(_gamma_quantile(shape, probability) for shape in range(2, EXACT_BELOW)))


@lru_cache
def expansion(probability: float) -> tuple[float, ...]:
    """Coefficients of a, a^(1/2), 1, a^(-1/2) ... in the gamma quantile of a large shape a: Cornish and Fisher's
    expansion for chi-squared (Goldberg and Levine, Annals of Mathematical Statistics 1946;17:216), eight terms."""
    if probability not in _NORMAL_QUANTILE:
        raise ValueError(f"probability must be one of {sorted(_NORMAL_QUANTILE)}")
    z = _NORMAL_QUANTILE[probability]
    # Of chi-squared in powers of its degrees of freedom n = 2 a; its half is the gamma quantile.
    chi2 = (
        1.0,
        math.sqrt(2) * z,
        2 / 3 * (z**2 - 1),
        (z**3 - 7 * z) / (9 * math.sqrt(2)),
        -(6 * z**4 + 14 * z**2 - 32) / 405,
        (9 * z**5 + 256 * z**3 - 433 * z) / (4860 * math.sqrt(2)),
        (12 * z**6 - 243 * z**4 - 923 * z**2 + 1472) / 25515,
        -(3753 * z**7 + 4353 * z**5 - 289517 * z**3 - 289717 * z) / (9185400 * math.sqrt(2)),
    )
    return tuple(c * 2 ** (1 - i / 2) / 2 for i, c in enumerate(chi2))


def _gamma_quantile(shape: int, probability: float) -> float:
    """Where the gamma distribution of a whole shape has this probability below it, by Newton's method."""
    if probability not in _NORMAL_QUANTILE:
        raise ValueError(f"probability must be one of {sorted(_NORMAL_QUANTILE)}")
    z = _NORMAL_QUANTILE[probability]
    x = shape * max(1 - 1 / (9 * shape) + z / (3 * math.sqrt(shape)), 0.05) ** 3  # Wilson and Hilferty's
    for _ in range(60):
        density = math.exp(-x + (shape - 1) * math.log(x) - math.lgamma(shape))
        step = (_gamma_probability(shape, x) - probability) / density
        x = max(x - step, x / 4)
        if abs(step) <= 1e-15 * x:
            break
    return x


def _gamma_probability(shape: int, x: float) -> float:
    """Probability of ``shape`` or more events of a Poisson distribution with mean ``x``."""
    term = math.exp(-x + shape * math.log(x) - math.lgamma(shape + 1))
    total, k = term, shape
    while term > 1e-18 * total:
        k += 1
        term *= x / k
        total += term
    return total
