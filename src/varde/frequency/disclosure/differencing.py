"""Two releases at once, which overlap in most of their people.

Counts of one site: those who stayed are shared by both releases, the removed are in the first only, the added in the
second only.

P(both bins) sums over the shared people's count s: P(s) P(low1 <= s + Binomial(first only) <= high1) P(low2 <= s +
Binomial(second only) <= high2). A person who carries x copies leaves their own part two alleles fewer and shifts it by
x. The cost of a site is some 20 standard deviations of each part's count.

Source: reference page "Anonymity of a public frequency register", section 8.4.
"""

from __future__ import annotations

from enum import IntEnum
from math import exp, lgamma, log, sqrt

import numpy as np
from numpy.typing import NDArray

from varde.frequency.disclosure.power import predicted_power
from varde.frequency.disclosure.weights import FLOOR, SiteWeights
from varde.genome.compiled import compiled

Whole = NDArray[np.int64]
Real = NDArray[np.float64]

_DEVIATIONS = 9.0
_LEAST_P = 1e-9


class Part(IntEnum):
    """Where the person is whom the attacker looks for."""

    SHARED = 0
    FIRST_ONLY = 1
    SECOND_ONLY = 2


def changed_power(changed: int, batch: int, fpr: float) -> float:
    """Power over the people of a batch, who alone hide each other at the sites whose published value changed.

    By the formula for exact values, so too great for bins: the measured one is that of ``joint_weights``.

    >>> round(changed_power(26, 200, 0.05), 2)
    0.1
    """
    return predicted_power(batch, changed, fpr)


@compiled
def _window(n: int, p: float, first: int, cumulative: Real) -> int:
    """Fill P(first <= Binomial(n, p) < first + i) for every i, but for tails beyond 1e-18; the number of terms."""
    deviation = sqrt(n * p * (1.0 - p))
    last = min(n, int(n * p + _DEVIATIONS * deviation + 20.0))
    k = first
    odds = p / (1.0 - p)
    logarithm = lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0) + k * log(p) + (n - k) * log(1.0 - p)
    term = exp(logarithm)
    cumulative[0] = 0.0
    for i in range(last - first + 1):
        cumulative[i + 1] = cumulative[i] + term
        term *= odds * (n - k) / (k + 1)
        k += 1
    return last - first + 1


@compiled
def _start(n: int, p: float) -> int:
    return max(0, int(n * p - _DEVIATIONS * sqrt(n * p * (1.0 - p)) - 20.0))


@compiled
def _inside(cumulative: Real, first: int, terms: int, low: int, high: int) -> float:
    a, b = min(max(low - first, 0), terms), min(max(high + 1 - first, 0), terms)
    return cumulative[b] - cumulative[a] if b > a else 0.0


@compiled
def _joint(bounds: Whole, parts: Whole, part: int, p: Real, diploid: Real, haploid: Real) -> None:
    longest = 0
    for i in range(len(p)):
        for j in range(3):
            longest = max(longest, parts[i, j])
    room = int(2.0 * _DEVIATIONS * sqrt(longest * 0.25)) + 50
    windows = np.empty((3, room))
    given = np.empty(3)
    first, terms, n = np.empty(3, np.int64), np.empty(3, np.int64), np.empty(3, np.int64)
    for i in range(len(p)):
        if parts[i, part] < 2:
            continue
        frequency = min(max(p[i], _LEAST_P), 1.0 - _LEAST_P)
        for j in range(3):
            n[j] = parts[i, j] - (2 if j == part else 0)
            first[j] = _start(n[j], frequency)
            terms[j] = _window(n[j], frequency, first[j], windows[j])
        for x in range(3):
            one = x if part != 2 else 0
            two = x if part != 1 else 0
            total = 0.0
            for t in range(terms[0]):
                s = first[0] + t
                chance = windows[0, t + 1] - windows[0, t]
                inside = _inside(windows[1], first[1], terms[1], bounds[i, 0] - s - one, bounds[i, 1] - s - one)
                if inside > 0.0:
                    inside *= _inside(windows[2], first[2], terms[2], bounds[i, 2] - s - two, bounds[i, 3] - s - two)
                total += chance * inside
            given[x] = total
        other = 1.0 - frequency
        single0, single1 = other * given[0] + frequency * given[1], other * given[1] + frequency * given[2]
        whole = log(max(other * single0 + frequency * single1, FLOOR))
        for x in range(3):
            diploid[i, x] = log(max(given[x], FLOOR)) - whole
        haploid[i, 0] = log(max(single0, FLOOR)) - whole
        haploid[i, 1] = log(max(single1, FLOOR)) - whole


def joint_weights(
    first: tuple[Whole, Whole],
    second: tuple[Whole, Whole],
    an_shared: Whole,
    an_first_only: Whole,
    an_second_only: Whole,
    frequency: Real,
    part: Part,
) -> SiteWeights:
    """What both bins of every site together tell of a person in ``part``, [sites]; to score as any other weights.

    ``first`` and ``second`` are the least and greatest counts of the bins, inclusive; allele numbers are those of the
    three parts. Raises ValueError for columns of unequal length.
    """
    columns = (*first, *second, an_shared, an_first_only, an_second_only, frequency)
    if len({len(column) for column in columns}) != 1:
        raise ValueError("bounds, allele numbers and frequencies must have the same length")
    weights = SiteWeights(np.zeros((len(frequency), 3)), np.zeros((len(frequency), 2)))
    bounds, parts = np.stack((*first, *second), axis=1), np.stack(columns[4:7], axis=1)
    _joint(bounds, parts, int(part), frequency, weights.diploid, weights.haploid)
    return weights
