"""Power: published values, the page's simulations, thresholds against sorting, and when it is not estimable."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from varde.frequency.disclosure.bins import SCHEMES, assign
from varde.frequency.disclosure.populations import drawn_frequencies
from varde.frequency.disclosure.power import (
    Gate,
    Power,
    decide,
    measured_power,
    predicted_power,
    risk,
    sites_limit,
)
from varde.frequency.disclosure.scores import Meter, score_region
from varde.frequency.disclosure.tests.simulated import Register, as_people, site_keys
from varde.frequency.disclosure.weights import site_weights
from varde.genome.builds import Build


@pytest.mark.parametrize(
    ("people", "sites", "powers"),
    [
        (1_000, 1_000, (0.260, 0.092, 0.018)),
        (1_000, 10_000, (0.935, 0.798, 0.529)),
        (10_000, 1_000, (0.092, 0.022, 0.003)),
        (10_000, 10_000, (0.260, 0.092, 0.018)),
        (50_000, 10_000, (0.116, 0.030, 0.004)),
        (50_000, 100_000, (0.409, 0.181, 0.047)),
        (50_000, 1_000_000, (0.998, 0.984, 0.916)),
    ],
)
def test_the_formula_gives_the_table_of_the_page(people: int, sites: int, powers: tuple[float, ...]) -> None:
    rates = (0.05, 0.01, 0.001)
    assert [predicted_power(people, sites, rate) for rate in rates] == pytest.approx(powers, abs=5.1e-4)


@pytest.mark.parametrize(
    ("fpr", "limits"),
    [
        (0.05, (26, 65, 131, 1_319, 6_599)),
        (0.01, (14, 37, 74, 743, 3_715)),
        (0.001, (8, 22, 44, 449, 2_248)),
    ],
)
def test_the_most_sites_are_those_of_the_page(fpr: float, limits: tuple[int, ...]) -> None:
    assert tuple(sites_limit(people, fpr) for people in (200, 500, 1_000, 10_000, 50_000)) == limits


@pytest.mark.parametrize(
    ("people", "sites", "scheme", "expected"),
    [(2_000, 10_000, None, 0.72), (10_000, 50_000, "sqrt-5", 0.21), (10_000, 50_000, "opened", 0.34)],
)
def test_measured_power_is_that_of_the_page(people: int, sites: int, scheme: str | None, expected: float) -> None:
    register = Register.drawn(people, sites, 600, seed=7)
    low = high = register.ac
    if scheme is not None:
        bins = assign(register.ac, register.an, SCHEMES["sqrt-5"])
        low, high = bins.low, bins.high
    if scheme == "opened":
        low = np.where((register.ac >= 5) & (low == 0), 5, low)
        high = np.where(register.ac < 5, 4, high)
    found = risk(register.scores(low, high), "true").members[0]
    assert found.estimate == pytest.approx(expected, abs=0.05)
    assert found.low < found.estimate < found.high


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32), st.sampled_from([0.05, 0.01]))
def test_the_threshold_is_that_of_sorting(seed: int, fpr: float) -> None:
    """Where every held-out person has a cell, the page's empirical threshold, person by person."""
    random = np.random.default_rng(seed)
    cells = random.permutation(3_000)
    strangers, members = cells[:2_000], cells[2_000:]
    threshold = np.sort(strangers)[::-1][int(2_000 * fpr) - 1]
    found = measured_power(np.bincount(members, minlength=3_000), np.bincount(strangers, minlength=3_000), fpr)
    above = (members > threshold).mean()
    between = (members > np.sort(strangers)[::-1][int(2_000 * fpr)]).mean()
    assert above <= found.estimate <= between


def test_scores_that_are_all_alike_tell_nothing() -> None:
    one_cell = np.array([0, 500, 0])
    found = measured_power(one_cell, one_cell, 0.05)
    assert found.estimate == pytest.approx(0.05)
    assert 0.02 < found.low < 0.05 < found.high < 0.08


def test_everybody_and_nobody_known_have_bounds_too() -> None:
    apart = np.array([500, 0]), np.array([0, 500])
    known, unknown = measured_power(apart[1], apart[0], 0.05), measured_power(apart[0], apart[1], 0.05)
    assert (known.estimate, unknown.estimate) == (1.0, 0.0)
    assert 0.99 < known.low < known.high <= 1
    assert 0 <= unknown.low < unknown.high < 0.01


@pytest.mark.parametrize(
    ("held_out", "fpr", "estimable"),
    [
        (200, 0.05, True),
        (199, 0.05, False),
        (1_000, 0.01, True),
        (999, 0.01, False),
        (9_999, 0.001, False),
        (10_000, 0.001, True),
    ],
)
def test_too_few_held_out_people_are_said_to_be_too_few(held_out: int, fpr: float, estimable: bool) -> None:
    found = measured_power(np.array([50, 50]), np.array([held_out - 100, 100]), fpr)
    assert (found.estimate is not None) == (found.high is not None) == estimable


def test_the_interval_covers_the_truth_about_nine_times_of_ten() -> None:
    random = np.random.default_rng(5)
    truth = predicted_power(1_000, 1_000, 0.05)  # a shift of one deviation
    hits = 0
    for _ in range(100):
        edges = np.linspace(-6, 7, 400)
        members = np.histogram(random.normal(1, 1, 800), edges)[0]
        strangers = np.histogram(random.normal(0, 1, 800), edges)[0]
        found = measured_power(members, strangers, 0.05)
        hits += found.low <= truth <= found.high
    assert 80 <= hits <= 98


def test_the_gate_follows_the_upper_bound_of_the_worst_attacker() -> None:
    passed, doubtful, failed = (Power(0.05, high - 0.02, high - 0.04, high) for high in (0.0999, 0.11, 0.51))
    assert decide([passed]) is Gate.ANONYMOUS
    assert decide([passed, doubtful]) is Gate.NEEDS_ACCEPTANCE
    assert decide([passed, failed, doubtful]) is Gate.REFUSED
    assert decide([passed, Power(0.05, None, None, None)]) is Gate.REFUSED
    assert decide([]) is Gate.REFUSED
    assert decide([passed, Power(0.01, 0.9, 0.8, 1.0)]) is Gate.ANONYMOUS  # reported, not gated


def test_drawn_frequencies_are_fair_and_pooled_ones_are_not() -> None:
    """The shift of members over strangers, squared: M/N with the truth; as much with draws, twice when pooled."""
    people, sites = 300, 4_000
    register = Register.drawn(people, sites, people, seed=3)
    held = register.strangers.sum(axis=0, dtype=np.int64)
    pooled = (register.ac + held) / (2 * register.an)
    draws = drawn_frequencies(register.ac + held, 2 * register.an, seed=11)

    def shift(p: np.ndarray) -> float:
        p = np.clip(p, 1e-4, 1 - 1e-4)
        weight = (register.ac / register.an - p) / (p * (1 - p))
        common = register.p > 0.01  # the linear score is near the likelihood ratio for common sites
        scores = [
            (group[:, common] - 2 * p[common]) @ weight[common] for group in (register.members, register.strangers)
        ]
        deviation = np.sqrt((scores[0].var() + scores[1].var()) / 2)
        return float(((scores[0].mean() - scores[1].mean()) / deviation) ** 2 / (common.sum() / people))

    true, drawn, together = shift(register.p), shift(draws), shift(pooled)
    assert true == pytest.approx(1, abs=0.15)
    assert drawn == pytest.approx(true, abs=0.15)
    assert together == pytest.approx(2, abs=0.3)


@pytest.mark.parametrize("scheme", ["exact", "sqrt-2"])
def test_drawn_frequencies_measure_the_power_of_who_knows_the_truth(scheme: str) -> None:
    register = Register.drawn(800, 4_000, 800, seed=5)
    held = register.strangers.sum(axis=0, dtype=np.int64)
    bins = assign(register.ac, register.an, SCHEMES[scheme])
    both = register.ac + held, 2 * register.an
    known = {"true": register.p, "drawn": drawn_frequencies(*both, seed=1), "pooled": both[0] / both[1]}
    keys = site_keys(4_000)
    meters = {
        name: Meter.of(Build.GRCH38, keys, site_weights(bins.low, bins.high, register.an, p), p)
        for name, p in known.items()
    }
    scores = score_region(meters, as_people(keys, register.members), as_people(keys, register.strangers))
    power = {name: risk(scores, name).members[0].estimate for name in known}
    assert power["drawn"] == pytest.approx(power["true"], abs=0.05)
    assert power["pooled"] > power["true"] + 0.05
