"""The choice of site sets: the longest prefix that passes, with the trade-off that led to it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from varde.frequency.disclosure.bins import SCHEMES, assign
from varde.frequency.disclosure.power import Power, predicted_power, risk, sites_limit, worst_power
from varde.frequency.disclosure.scores import Meter, score_region
from varde.frequency.disclosure.selection import choose, stages_of, trade_off
from varde.frequency.disclosure.tests.simulated import Register, as_people, site_keys
from varde.frequency.disclosure.weights import site_weights
from varde.genome.builds import Build


def power(high: float) -> Power:
    return Power(0.05, high - 0.01, high - 0.02, high)


@given(st.integers(0, 3_000), st.integers(0, 3_100), st.integers(2, 40))
def test_the_longest_prefix_that_passes_is_found(sets: int, limit: int, fan: int) -> None:
    asked: list[int] = []

    def measure(prefixes: tuple[int, ...]) -> Sequence[Power]:
        assert list(prefixes) == sorted(set(prefixes))
        assert all(0 < prefix <= sets for prefix in prefixes)
        asked.extend(prefixes)
        return [power(0.09 if prefix <= limit else 0.12) for prefix in prefixes]

    choice = choose(sets, measure, fan)
    assert choice.sets == min(limit, sets)
    assert sorted(asked) == list(choice.measured)
    assert choice.sets == 0 or choice.measured[choice.sets].high <= 0.10


@given(st.lists(st.floats(0.05, 0.15), min_size=1, max_size=200), st.integers(2, 20))
def test_power_that_goes_up_and_down_never_lets_a_failed_prefix_through(highs: list[float], fan: int) -> None:
    choice = choose(len(highs), lambda prefixes: [power(highs[prefix - 1]) for prefix in prefixes], fan)
    assert choice.sets == 0 or highs[choice.sets - 1] <= 0.10
    assert all(one.high <= 0.10 for prefix, one in choice.measured.items() if prefix <= choice.sets)


def test_too_few_held_out_people_let_nothing_through() -> None:
    assert choose(10, lambda prefixes: [Power(0.05, None, None, None)] * len(prefixes)).sets == 0


def test_sites_get_the_first_prefix_that_holds_their_set() -> None:
    rank = np.array([0, 1, 4, 5, 9, 10])
    assert stages_of(rank, (1, 5, 10)).tolist() == [0, 1, 1, 2, 2, 3]


@pytest.fixture(scope="module")
def register() -> Register:
    return Register.drawn(2_000, 2_000, 2_000, seed=21)


def test_sites_are_chosen_by_measuring_and_agree_with_the_formula(register: Register) -> None:
    """100 genes of 20 sites, exact counts: about as many as the formula allows less the width of the interval."""
    rank = np.random.default_rng(1).permutation(np.repeat(np.arange(100), 20))
    keys, passages = site_keys(2_000), []
    members, strangers = as_people(keys, register.members), as_people(keys, register.strangers)

    def measure(prefixes: tuple[int, ...]) -> list[Power]:
        passages.append(prefixes)
        stages = stages_of(rank, prefixes)
        inside = stages < len(prefixes)
        ac, an, p = (column[inside] for column in (register.ac, register.an, register.p))
        meter = Meter.of(Build.GRCH38, keys[inside], site_weights(ac, ac, an, p), p, stages[inside])
        scores = score_region({"true": meter}, members, strangers)
        return [worst_power([risk(scores, "true", stage)]) for stage in range(len(prefixes))]

    choice = choose(100, measure, 10)
    assert len(passages) <= 3
    assert 1 <= choice.sets * 20 <= 1.3 * sites_limit(2_000)
    points = trade_off(choice, rank, register.ac)
    assert [point.utility.sites for point in points] == [20 * point.utility.sets for point in points]
    shares = [point.utility.share_of_alleles for point in points]
    assert shares == sorted(shares)
    whole = next(point for point in points if point.utility.sets == 100)
    assert whole.utility.share_of_alleles == 1
    assert whole.power.estimate == pytest.approx(predicted_power(2_000, 2_000, 0.05), abs=0.05)


def test_coarser_bins_allow_more_sites(register: Register) -> None:
    keys = site_keys(2_000)
    members, strangers = as_people(keys, register.members), as_people(keys, register.strangers)
    powers = {}
    for name in ("exact", "sqrt-5"):
        bins = assign(register.ac, register.an, SCHEMES[name])
        weights = site_weights(bins.low, bins.high, register.an, register.p)
        meter = Meter.of(Build.GRCH38, keys, weights, register.p)
        powers[name] = worst_power([risk(score_region({"true": meter}, members, strangers), "true")]).estimate
    assert powers["exact"] > powers["sqrt-5"] + 0.08
