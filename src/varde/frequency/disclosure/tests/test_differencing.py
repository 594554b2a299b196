"""Pairs of releases: against enumeration, and what an attacker makes of them."""

from __future__ import annotations

from itertools import product
from math import comb, log

import numpy as np
import pytest

from varde.frequency.disclosure.bins import SCHEMES, assign
from varde.frequency.disclosure.differencing import Part, changed_power, joint_weights
from varde.frequency.disclosure.power import predicted_power, risk
from varde.frequency.disclosure.scores import Meter, score_region
from varde.frequency.disclosure.tests.simulated import as_people, drawn, site_keys
from varde.frequency.disclosure.weights import SiteWeights, site_weights
from varde.genome.builds import Build


def plain(bounds: list[int], parts: list[int], p: float, part: int, x: int, ploidy: int) -> float:
    """By enumerating the counts of the three parts."""

    def both(parts: list[int], one: int, two: int) -> float:
        total = 0.0
        for s, a, b in product(*(range(n + 1) for n in parts)):
            if bounds[0] <= s + a + one <= bounds[1] and bounds[2] <= s + b + two <= bounds[3]:
                chances = [comb(n, k) * p**k * (1 - p) ** (n - k) for n, k in zip(parts, (s, a, b), strict=True)]
                total += float(np.prod(chances))
        return max(total, 1e-12)

    less = [n - (ploidy if j == part else 0) for j, n in enumerate(parts)]
    return log(both(less, x * (part != 2), x * (part != 1))) - log(both(parts, 0, 0))


def test_joint_weights_equal_enumeration() -> None:
    random = np.random.default_rng(3)
    for _ in range(8):
        parts = random.integers(2, 9, 3)
        p = random.uniform(0.05, 0.6)
        low = random.integers(0, 6, 2)
        high = low + random.integers(0, 5, 2)
        bounds = [int(low[0]), int(high[0]), int(low[1]), int(high[1])]
        columns = [np.array([value]) for value in (*bounds, *parts)]
        for part in Part:
            found = joint_weights(tuple(columns[:2]), tuple(columns[2:4]), *columns[4:], np.array([p]), part)
            for x in range(3):
                expected = plain(bounds, parts.tolist(), p, part, x, 2)
                assert found.diploid[0, x] == pytest.approx(expected, abs=1e-8)
            for x in range(2):
                assert found.haploid[0, x] == pytest.approx(plain(bounds, parts.tolist(), p, part, x, 1), abs=1e-8)


def test_one_release_alone_is_the_pair_of_which_the_other_says_nothing() -> None:
    an, p = np.array([20_000, 2_000]), np.array([0.02, 0.3])
    low, high = np.array([400, 576]), np.array([624, 624])
    nothing = (np.zeros(2, dtype=np.int64), np.full(2, 10**6))
    alone = site_weights(low, high, an, p)
    joint = joint_weights(nothing, (low, high), an - 600, np.array([50, 50]), np.full(2, 600), p, Part.SECOND_ONLY)
    assert joint.diploid == pytest.approx(alone.diploid, abs=1e-9)
    assert joint.haploid == pytest.approx(alone.haploid, abs=1e-9)


def measured(p: np.ndarray, weights: SiteWeights, members: np.ndarray, strangers: np.ndarray) -> float:
    keys = site_keys(len(p))
    meter = Meter.of(Build.GRCH38, keys, weights, p)
    scores = score_region({"both": meter}, as_people(keys, members), as_people(keys, strangers))
    return risk(scores, "both").members[0].estimate


@pytest.fixture(scope="module")
def update() -> dict[str, np.ndarray]:
    """A register of 4,000 people at 2,000 sites that gets 400 people more."""
    random = np.random.default_rng(12)
    p = np.exp(random.uniform(np.log(1e-3), np.log(0.5), 2_000))
    added, strangers = drawn(random, 400, p), drawn(random, 1_500, p)
    old = random.binomial(8_000, p)
    return {"p": p, "added": added, "strangers": strangers, "old": old, "new": old + added.sum(axis=0, dtype=np.int64)}


def test_an_update_in_exact_counts_gives_its_batch_away_and_bins_with_hysteresis_hardly(update) -> None:
    p, old, new = update["p"], update["old"], update["new"]
    an, nobody = np.full(len(p), 8_000), np.zeros(len(p), dtype=np.int64)
    parts = (an, nobody, nobody + 800)

    def power(first, second) -> float:
        weights = joint_weights(first, second, *parts, p, Part.SECOND_ONLY)
        return measured(p, weights, update["added"], update["strangers"])

    assert power((old, old), (new, new)) == pytest.approx(changed_power(2_000, 400, 0.05), abs=0.06)
    scheme = SCHEMES["sqrt-5"]
    before = assign(old, an, scheme)
    after = assign(new, an + 800, scheme, previous=before.number)
    # What one release of all 4,400 tells, by the share of information that such bins keep, and little more.
    one_release = predicted_power(4_400, 2_000, 0.05, 0.13)
    assert power((before.low, before.high), (after.low, after.high)) < one_release + 0.08
    assert (before.number != after.number).mean() < 0.12


def test_columns_that_do_not_fit_are_refused() -> None:
    one, two = np.array([5]), np.array([5, 5])
    with pytest.raises(ValueError, match="same length"):
        joint_weights((one, one), (one, one), one, one, two, np.array([0.1]), Part.SHARED)
