"""What rounded allele numbers tell of where a person was callable, against the same attack written out by hand."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest

from varde.frequency.callable_intervals import Intervals
from varde.frequency.disclosure.bins import AN_STEP, rounded_an
from varde.frequency.disclosure.power import risk
from varde.frequency.disclosure.scores import HELD_OUT, MEMBER, Meter, Person, score_region, site_places
from varde.frequency.disclosure.tests.simulated import site_keys
from varde.frequency.disclosure.weights import CallableWeights, SiteWeights
from varde.genome.builds import Build

SITES, PEOPLE = 1_500, 400
KEYS = site_keys(SITES)


def people_of(callable_at: np.ndarray) -> list[Person]:
    place = site_places(KEYS)
    nothing = np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.uint8)
    return [Person(*nothing, 0, Intervals(place[row], place[row] + 1)) for row in callable_at]


def test_who_holds_the_file_recognises_people_by_rounded_allele_numbers_alone() -> None:
    random = np.random.default_rng(8)
    chance = random.uniform(0.7, 0.98, SITES)
    members, strangers = (random.random((PEOPLE, SITES)) < chance for _ in range(2))
    told = rounded_an(2 * members.sum(axis=0))
    least, most = -(-(told - AN_STEP // 2) // 2), (told + (AN_STEP - 1) // 2) // 2
    weights = CallableWeights.of(least, most, np.full(SITES, PEOPLE), chance)

    ways = np.array([comb(PEOPLE - 1, k) for k in range(PEOPLE)], dtype=np.float128)
    count = np.arange(PEOPLE)
    rest = (ways * chance[:, None] ** count * (1 - chance[:, None]) ** (PEOPLE - 1 - count)).astype(float)

    def within(others: int) -> np.ndarray:
        inside = (least[:, None] <= count + others) & (count + others <= most[:, None])
        return (rest * inside).sum(axis=1)

    by_hand = np.log(np.maximum(within(1), 1e-12) / np.maximum(within(0), 1e-12))
    assert weights.tells == pytest.approx(by_hand, abs=1e-6)
    nothing = SiteWeights(np.zeros((SITES, 3)), np.zeros((SITES, 2)))
    meter = Meter.of(Build.GRCH38, KEYS, weights.added_to(nothing), np.full(SITES, 0.5), beside=weights.variance)
    scores = score_region({"file": meter}, people_of(members), people_of(strangers))
    ours, theirs = (group @ by_hand for group in (members, strangers))
    expected = float((ours > np.sort(theirs)[-PEOPLE // 20]).mean())
    found = risk(scores, "file").members[0].estimate
    assert scores.counts("file", 0, MEMBER).sum() == scores.counts("file", 0, HELD_OUT).sum() == PEOPLE
    assert found == pytest.approx(expected, abs=0.02)
    assert found > 0.2  # rounded to 100, and yet: 1,500 places of 400 people tell


def test_where_everybody_is_callable_nothing_is_told() -> None:
    everybody = np.full(3, 1_360)
    told = rounded_an(2 * everybody)
    weights = CallableWeights.of((told - 50) // 2, (told + 49) // 2, everybody, np.array([0.999, 0.9999, 1.0]))
    assert np.abs(weights.tells).max() < 1e-6
    assert weights.variance.max() < 1e-12
