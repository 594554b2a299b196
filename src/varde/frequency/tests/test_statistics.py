"""Filtering frequencies and intervals against published tables and brute force."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from varde.frequency.statistics import EXACT_BELOW, _gamma_quantile, exact_quantiles, expansion, faf, wilson_interval

TABLE = [  # reference page "National variant frequency register", section 8
    (2, 10_000, 3.55362e-5, 1.48555e-5),
    (4, 10_000, 1.36632e-4, 8.23249e-5),
    (7, 1_234, 2.66233e-3, 1.88834e-3),
    (10, 20_000, 2.71270e-4, 2.06510e-4),
    (20, 10_000, 1.32547e-3, 1.10821e-3),
    (200, 10_000, 1.77320e-2, 1.68578e-2),
]


@pytest.mark.parametrize(("ac", "an", "faf95", "faf99"), TABLE)
def test_faf_is_that_of_the_table(ac: int, an: int, faf95: float, faf99: float) -> None:
    assert faf(ac, an) == pytest.approx(faf95, rel=5e-6)
    assert faf(ac, an, 0.01) == pytest.approx(faf99, rel=5e-6)


def test_conventions() -> None:
    found = faf([0, 1, 0, 3], [10, 10, 0, 0])
    assert found[:2].tolist() == [0.0, 0.0]
    assert np.isnan(found[2:]).all()
    with pytest.raises(ValueError, match="negative"):
        faf(-1, 10)
    with pytest.raises(ValueError, match="probability"):
        faf(3, 10, 0.5)


@pytest.mark.parametrize("probability", [0.05, 0.01])
@pytest.mark.parametrize("ac", [2, 3, 17, EXACT_BELOW - 1, EXACT_BELOW, 100, 1_000, 20_000])
def test_that_many_events_have_the_probability(ac: int, probability: float) -> None:
    """The definition: a Poisson distribution with the quantile as mean has AC or more with that probability."""
    mean = float(faf(ac, 1, probability))
    below = math.fsum(math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(ac))
    assert 1 - below == pytest.approx(probability, rel=1e-6)


@pytest.mark.parametrize("probability", [0.05, 0.01])
def test_expansion_goes_on_where_the_table_ends(probability: float) -> None:
    for shape in (EXACT_BELOW, 90, 400):
        expanded = sum(c * shape ** (1 - i / 2) for i, c in enumerate(expansion(probability)))
        assert expanded == pytest.approx(_gamma_quantile(shape, probability), rel=1e-9)
    assert len(exact_quantiles(probability)) == EXACT_BELOW


@given(ac=st.integers(0, 3_000_000), an=st.integers(1, 3_000_000))
def test_faf_lies_below_the_frequency(ac: int, an: int) -> None:
    assert 0 <= faf(ac, an) <= ac / an
    assert faf(ac, an, 0.01) <= faf(ac, an)


def test_wilson_interval() -> None:
    # Newcombe, Statistics in Medicine 1998;17:857, table I, method 3: 81/263, 15/148, 0/20, 1/29.
    low, high = wilson_interval([81, 15, 0, 1, 0], [263, 148, 20, 29, 0])
    assert low[:4].round(4).tolist() == [0.2553, 0.0624, 0.0, 0.0061]
    assert high[:4].round(4).tolist() == [0.3662, 0.1605, 0.1611, 0.1718]
    assert np.isnan([low[4], high[4]]).all()
