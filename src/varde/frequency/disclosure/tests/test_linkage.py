"""Attackers who thin linked sites: which site is kept, and that it matters where sites are linked."""

from __future__ import annotations

import numpy as np
import pytest

from varde.frequency.disclosure.linkage import thinned
from varde.frequency.disclosure.power import predicted_power, risk
from varde.frequency.disclosure.scores import Meter, score_region
from varde.frequency.disclosure.tests.simulated import as_people, drawn
from varde.frequency.disclosure.weights import of_strangers, site_weights
from varde.genome.builds import Build
from varde.genome.keys import encode_keys


@pytest.mark.parametrize("by_stage", [False, True])
def test_the_site_that_tells_most_is_kept_in_every_stretch(by_stage: bool) -> None:
    random = np.random.default_rng(2)
    contig = np.sort(random.integers(1, 4, 300))
    place = np.unique(contig * 100_000 + random.integers(1, 50_000, 300))
    keys = encode_keys(place // 100_000, place % 100_000, ["A"] * len(place), ["C"] * len(place))
    p = random.uniform(0.01, 0.5, len(place))
    an = np.full(len(place), 2_000)
    ac = random.binomial(2_000, p)
    weights = site_weights(ac, ac, an, p)
    stages = random.integers(0, 2, len(place)).astype(np.uint16) if by_stage else None
    found = thinned(keys, weights, p, 5_000, stages)
    _, variance = of_strangers(weights, p)
    best: dict[tuple[int, ...], int] = {}
    for i, one in enumerate(place):
        part = (one // 100_000, one % 100_000 // 5_000, int(stages[i]) if by_stage else 0)
        if part not in best or variance[i] > variance[best[part]]:
            best[part] = i
    kept = np.flatnonzero(found.diploid.any(axis=1))
    assert kept.tolist() == sorted(best.values())
    assert np.array_equal(found.haploid[kept], weights.haploid[kept])


def test_thinning_undoes_what_linkage_hides() -> None:
    """300 stretches of one haplotype; in one of ten the same site stands there 60 times."""
    random = np.random.default_rng(4)
    copies = np.where(np.arange(300) % 10, 1, 60)
    first = np.repeat(np.arange(300), copies)
    frequency = random.uniform(0.1, 0.5, 300)
    p = frequency[first]
    members, strangers = (drawn(random, people, frequency)[:, first] for people in (200, 1_000))
    places = 1_000 + 10_000 * first + np.concatenate([np.arange(n) for n in copies])
    keys = encode_keys(np.full(len(first), 20), places, ["A"] * len(first), ["C"] * len(first))
    ac = members.sum(axis=0, dtype=np.int64)
    weights = site_weights(ac, ac, np.full(len(first), 400), p)
    kinds = {"all": weights, "thinned": thinned(keys, weights, p, 10_000)}
    meters = {name: Meter.of(Build.GRCH38, keys, one, p) for name, one in kinds.items()}
    scores = score_region(meters, as_people(keys, members), as_people(keys, strangers))
    power = {name: risk(scores, name).members[0].estimate for name in kinds}
    assert power["thinned"] == pytest.approx(predicted_power(200, 300, 0.05), abs=0.08)
    assert power["all"] < power["thinned"] - 0.1
