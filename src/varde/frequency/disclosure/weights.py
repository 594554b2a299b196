"""What one site tells of one person: log P(bin | a member carries x copies) / P(bin), for every site of a release.

With ``n`` alleles in all, population frequency ``p`` and a bin of the counts ``low`` to ``high``, a diploid member who
carries ``x`` leaves n - 2 alleles to chance: P(bin | x) = P(low <= x + Binomial(n - 2, p) <= high). All of it follows
from the probability P0 that n - 2 alleles fall into the bin and from the four probabilities at its ends, since one
allele more moves the bin by one: P1 = P0 + f(low - 1) - f(high), and P(bin) = q^2 P0 + 2pq P1 + p^2 P2. P0 is summed
outwards from its greatest term, all terms positive, so nothing cancels; factors common to all of them drop out of the
ratio. The cost of a site is the width of its bin or some 20 standard deviations, whichever is less.

Source: reference page "Anonymity of a public frequency register", section 6.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, lgamma, log

import numpy as np
from numpy.typing import NDArray

from varde.genome.compiled import compiled

Whole = NDArray[np.int64]
Real = NDArray[np.float64]

FLOOR = 1e-12
"""Probabilities below this count as this: nobody is sure of the population to that degree."""
_NEGLIGIBLE = 1e-18
_LEAST_P = 1e-9


@compiled
def _bin_of_rest(n: int, p: float, low: int, high: int, out: Real) -> None:
    """P(low <= x + Binomial(n, p) <= high) for x = 0, 1, 2."""
    out[:] = 0.0
    first, last = max(low - 2, 0), min(high, n)
    if first > last:
        return
    # The greatest term that any of the three sums has; terms are relative to it.
    peak = min(max(int((n + 1) * p), first), last)
    odds = p / (1.0 - p)
    term, k, total = 1.0, peak, 0.0
    while k >= first and term > _NEGLIGIBLE:
        for x in range(3):
            if low <= k + x <= high:
                out[x] += term
        term *= k / ((n - k + 1) * odds)
        k -= 1
    term, k = odds * (n - peak) / (peak + 1), peak + 1
    while k <= last and term > _NEGLIGIBLE:
        for x in range(3):
            if low <= k + x <= high:
                out[x] += term
        term *= odds * (n - k) / (k + 1)
        k += 1
    logarithm = lgamma(n + 1.0) - lgamma(peak + 1.0) - lgamma(n - peak + 1.0)
    logarithm += peak * log(p) + (n - peak) * log(1.0 - p)
    total = exp(logarithm)
    for x in range(3):
        out[x] *= total


@compiled
def _site_weights(low: Whole, high: Whole, an: Whole, p: Real, diploid: Real, haploid: Real) -> None:
    rest = np.empty(3)
    for i in range(len(low)):
        if an[i] < 2:
            continue
        frequency = min(max(p[i], _LEAST_P), 1.0 - _LEAST_P)
        other = 1.0 - frequency
        _bin_of_rest(an[i] - 2, frequency, low[i], high[i], rest)
        one0 = other * rest[0] + frequency * rest[1]
        one1 = other * rest[1] + frequency * rest[2]
        whole = log(max(other * one0 + frequency * one1, FLOOR))
        for x in range(3):
            diploid[i, x] = log(max(rest[x], FLOOR)) - whole
        haploid[i, 0] = log(max(one0, FLOOR)) - whole
        haploid[i, 1] = log(max(one1, FLOOR)) - whole


@dataclass(frozen=True)
class SiteWeights:
    """Log likelihood ratios in nats: ``diploid`` [sites, 3] by copies carried, ``haploid`` [sites, 2]."""

    diploid: Real
    haploid: Real

    def by_ploidy(self) -> Real:
        """[sites, ploidy 0-2, copies 0-2]; without a chromosome there the site tells nothing."""
        table = np.zeros((len(self.diploid), 3, 3))
        table[:, 1, :2], table[:, 2] = self.haploid, self.diploid
        # Two copies where one chromosome is expected: one allele, called homozygous.
        table[:, 1, 2] = self.haploid[:, 1]
        return table


def site_weights(low: Whole, high: Whole, an: Whole, frequency: Real) -> SiteWeights:
    """Weights of sites in bins of the counts ``low`` to ``high`` of ``an`` alleles; arrays [sites].

    ``frequency`` is what the attacker takes for the population's allele frequency. Sites with fewer than two alleles
    tell nothing. Raises ValueError for columns of unequal length and frequencies outside 0 to 1.
    """
    if not len(low) == len(high) == len(an) == len(frequency):
        raise ValueError("low, high, an and frequency must have the same length")
    if not np.all((frequency >= 0) & (frequency <= 1)):
        raise ValueError("frequencies must lie between 0 and 1")
    weights = SiteWeights(np.zeros((len(low), 3)), np.zeros((len(low), 2)))
    _site_weights(low, high, an, frequency, weights.diploid, weights.haploid)
    return weights


def with_thresholds(
    weights: SiteWeights,
    homozygotes: tuple[Whole, Whole],
    hemizygotes: tuple[Whole, Whole],
    people: tuple[Whole, Whole],
    frequency: Real,
) -> SiteWeights:
    """Weights with what is told of homozygotes and hemizygotes beside the bin, taken to be independent of it.

    Both are the least and greatest number of such people, inclusive, [sites]; ``people`` are those with two chromosomes
    and those with one. A person with two copies is one homozygote more, one with the only copy one hemizygote more.
    """
    two = site_weights(*homozygotes, people[0], frequency**2).haploid
    one = site_weights(*hemizygotes, people[1], frequency).haploid
    return SiteWeights(weights.diploid + two[:, [0, 0, 1]], weights.haploid + one)


@dataclass(frozen=True)
class CallableWeights:
    """What a rounded allele number tells of whether a person was callable at a site, [sites].

    ``tells``: log likelihood ratio in nats of a member who was callable there over one who was not. ``variance``: of a
    stranger's part of it.
    """

    tells: Real
    variance: Real

    @classmethod
    def of(cls, least: Whole, most: Whole, people: Whole, chance: Real) -> CallableWeights:
        """``least`` to ``most`` of ``people`` were callable; a share ``chance`` of the population is, all [sites]."""
        told = site_weights(least, most, people, chance).haploid
        tells = told[:, 1] - told[:, 0]
        return cls(tells, chance * (1 - chance) * tells**2)

    def at(self, sites: NDArray[np.bool_]) -> CallableWeights:
        """Of some sites only."""
        return CallableWeights(self.tells[sites], self.variance[sites])

    def added_to(self, weights: SiteWeights) -> SiteWeights:
        """Both together. Who is not callable scores nothing at a site, so who is scores the difference."""
        return SiteWeights(weights.diploid + self.tells[:, None], weights.haploid + self.tells[:, None])


def chances(frequency: Real) -> Real:
    """Chances of 0, 1 and 2 copies in a diploid stranger, [sites, 3] (Hardy-Weinberg)."""
    p, q = frequency, 1 - frequency
    return np.stack([q * q, 2 * p * q, p * p], axis=1)


def of_strangers(weights: SiteWeights, frequency: Real) -> tuple[Real, Real]:
    """Mean and variance of the weight of a diploid stranger at every site, [sites]."""
    chance = chances(frequency)
    mean = (weights.diploid * chance).sum(axis=1)
    return mean, np.maximum((weights.diploid**2 * chance).sum(axis=1) - mean**2, 0.0)
