"""Weights of sites against exact fractions and against the page's own formula."""

from __future__ import annotations

from decimal import Decimal, getcontext
from fractions import Fraction
from math import comb, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from varde.frequency.disclosure.weights import FLOOR, site_weights


def binomial(n: int, p: Fraction, low: int, high: int) -> Fraction:
    """P(low <= Binomial(n, p) <= high), exactly."""
    return sum(
        (comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(max(low, 0), min(high, n) + 1)), start=Fraction(0)
    )


def exact_weight(low: int, high: int, n: int, p: Fraction, x: int, ploidy: int) -> float:
    """The formula of the page: both probabilities floored, then the logarithm of their ratio."""
    given_x = binomial(n - ploidy, p, low - x, high - x)
    return log(max(given_x, Fraction(FLOOR))) - log(max(binomial(n, p, low, high), Fraction(FLOOR)))


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_weights_equal_exact_fractions(data: st.DataObject) -> None:
    n = data.draw(st.integers(2, 300))
    low = data.draw(st.integers(0, n))
    high = data.draw(st.integers(low, n + 20))
    p = Fraction(data.draw(st.integers(1, 999)), 1000)
    weights = site_weights(np.array([low]), np.array([high]), np.array([n]), np.array([float(p)]))
    for x in range(3):
        assert weights.diploid[0, x] == pytest.approx(exact_weight(low, high, n, p, x, 2), abs=1e-9)
    for x in range(2):
        assert weights.haploid[0, x] == pytest.approx(exact_weight(low, high, n, p, x, 1), abs=1e-9)


@pytest.mark.parametrize(
    ("n", "low", "high", "p"),
    [
        (20_000, 0, 24, "0.001"),
        (20_000, 225, 399, "0.016"),
        (20_000, 225, 399, "0.02"),
        (20_000, 400, 400, "0.02"),
        (2_000_000, 10_000, 11_024, "0.0051"),
    ],
)
def test_weights_of_a_whole_register_equal_sums_with_50_digits(n: int, low: int, high: int, p: str) -> None:
    getcontext().prec = 50
    frequency, other = Decimal(p), 1 - Decimal(p)
    term, rest = Decimal(1), {}
    for k in range(low, high + 1):  # Binomial(n - 2, p), relative to its term at ``low``
        rest[k] = term
        term *= Decimal(n - 2 - k) / Decimal(k + 1) * frequency / other
    term = Decimal(1)
    for k in range(low - 1, max(low - 3, -1), -1):
        term *= Decimal(k + 1) / Decimal(n - 2 - k) * other / frequency
        rest[k] = term
    sums = [sum((rest.get(k - x, Decimal(0)) for k in range(low, high + 1)), Decimal(0)) for x in range(3)]
    whole = other**2 * sums[0] + 2 * frequency * other * sums[1] + frequency**2 * sums[2]
    weights = site_weights(np.array([low]), np.array([high]), np.array([n]), np.array([float(p)]))
    assert weights.diploid[0] == pytest.approx([float((one / whole).ln()) for one in sums], abs=1e-10)


def test_likelihood_ratios_average_to_one_over_the_population() -> None:
    """E[P(bin | x) / P(bin)] = 1 over x drawn from the population, whatever the bin."""
    p = np.array([0.001, 0.02, 0.3])
    weights = site_weights(np.array([0, 400, 5_625]), np.array([24, 624, 6_399]), np.full(3, 20_000), p)
    q = 1 - p
    mean = np.exp(weights.diploid) * np.stack([q * q, 2 * p * q, p * p], axis=1)
    assert mean.sum(axis=1) == pytest.approx(1, abs=1e-12)
    assert (np.exp(weights.haploid) * np.stack([q, p], axis=1)).sum(axis=1) == pytest.approx(1, abs=1e-12)


def test_an_impossible_bin_and_a_site_without_people_tell_nothing() -> None:
    weights = site_weights(np.array([100, 0]), np.array([120, 24]), np.array([200, 1]), np.array([0.0, 0.1]))
    assert weights.diploid.tolist() == [[0, 0, 0]] * 2
    assert weights.by_ploidy()[0].tolist() == [[0, 0, 0]] * 3


def test_columns_that_do_not_fit_are_refused() -> None:
    one = np.array([1])
    with pytest.raises(ValueError, match="same length"):
        site_weights(one, one, np.array([2, 2]), np.array([0.1]))
    with pytest.raises(ValueError, match="between 0 and 1"):
        site_weights(one, one, np.array([2]), np.array([1.1]))
