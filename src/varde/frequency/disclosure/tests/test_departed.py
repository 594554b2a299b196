"""People who left: strangers stand for them, and as many are recognised as of those who really left."""

from __future__ import annotations

from dataclasses import replace
from math import comb, log

import numpy as np
import pytest

from varde.frequency.disclosure.bins import SCHEMES, assign
from varde.frequency.disclosure.departed import as_departed
from varde.frequency.disclosure.differencing import Part, joint_weights
from varde.frequency.disclosure.power import measured_power
from varde.frequency.disclosure.scores import HELD_OUT, MEMBER, Meter, score_region
from varde.frequency.disclosure.tests.simulated import as_people, drawn, site_keys
from varde.frequency.disclosure.weights import SiteWeights, site_weights
from varde.genome.builds import Build


def test_a_stranger_is_turned_into_somebody_who_left_by_bayes_rule() -> None:
    """Every count of ten other alleles, every genotype: the mean of what those score who are told to be in the bin."""
    p, others, low, high = 0.2, 10, 2, 4
    chance = [(1 - p) ** 2, 2 * p * (1 - p), p * p]
    within = [
        sum(comb(others, k) * p**k * (1 - p) ** (others - k) for k in range(others + 1) if low <= k + x <= high)
        for x in range(3)
    ]
    whole = sum(one * inside for one, inside in zip(chance, within, strict=True))
    by_hand = sum(one * inside / whole * log(inside / whole) for one, inside in zip(chance, within, strict=True))
    frequency = np.array([p])
    weights = site_weights(*np.array([[low], [high], [others + 2]]), frequency)
    turned = as_departed(weights, frequency)
    assert (turned.diploid[0] * chance).sum() == pytest.approx(by_hand, rel=1e-9)
    assert turned.diploid[0].min() >= weights.diploid[0].min()


def test_a_site_that_tells_nothing_turns_nobody() -> None:
    turned = as_departed(SiteWeights(np.zeros((3, 3)), np.zeros((3, 2))), np.array([0.0, 0.3, 1.0]))
    assert not turned.diploid.any()
    assert not turned.haploid.any()


def test_an_allele_that_nobody_who_left_can_have_carried_is_taken_from_strangers() -> None:
    """Twenty people left, and none of them carried it: whoever stands for them does not either."""
    weights = site_weights(*np.array([[0], [0], [40]]), np.array([0.1]))
    turned = as_departed(weights, np.array([0.1]))
    assert weights.diploid[0, 1] < -20
    assert turned.diploid[0] == pytest.approx([weights.diploid[0, 0]] * 3)


@pytest.mark.parametrize("scheme", ["exact", "sqrt-2"])
@pytest.mark.parametrize("copies", [1, 8])
def test_strangers_who_stand_for_them_are_recognised_as_those_who_left_are(scheme: str, copies: int) -> None:
    """2,000 people of whom 300 leave; with ``copies`` 8, eight neighbours always go together."""
    random = np.random.default_rng(21)
    p = np.exp(random.uniform(np.log(1e-3), np.log(0.5), 800))
    left, strangers = drawn(random, 300, p), drawn(random, 2_000, p)
    stayed = random.binomial(2 * 1_700, p)
    p, left, strangers, stayed = (np.repeat(values, copies, axis=-1) for values in (p, left, strangers, stayed))
    old = stayed + left.sum(axis=0, dtype=np.int64)
    bins = SCHEMES[scheme]
    alleles = np.full(len(p), 3_400)
    first, second = assign(old, alleles + 600, bins), assign(stayed, alleles, bins)
    bounds = (first.low, first.high), (second.low, second.high)
    nobody = np.zeros_like(alleles)
    weights = joint_weights(*bounds, alleles, nobody + 600, nobody, p, Part.FIRST_ONLY)
    keys = site_keys(len(p))
    gone, turned = (Meter.of(Build.GRCH38, keys, kind, p) for kind in (weights, as_departed(weights, p)))
    meters = {"gone": gone, "left": replace(turned, mean=gone.mean, deviation=gone.deviation)}
    scores = score_region(meters, as_people(keys, left), as_people(keys, strangers))
    real, held_out = (scores.counts("gone", 0, kind) for kind in (MEMBER, HELD_OUT))
    stand_in = scores.counts("left", 0, HELD_OUT)
    found, truth = (measured_power(people, held_out, 0.05).estimate for people in (stand_in, real))
    assert truth > 0.08  # more than guessing
    assert found == pytest.approx(truth, abs=0.06)
