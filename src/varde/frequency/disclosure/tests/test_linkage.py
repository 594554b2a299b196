"""Attackers who thin linked sites: which site is kept, and that it matters where sites are linked."""

from __future__ import annotations

import numpy as np

from varde.frequency.disclosure.linkage import thinned
from varde.frequency.disclosure.power import risk
from varde.frequency.disclosure.scores import Meter, score_region
from varde.frequency.disclosure.tests.simulated import as_people, drawn, site_keys
from varde.frequency.disclosure.weights import SiteWeights, of_strangers, site_weights
from varde.genome.builds import Build
from varde.genome.keys import encode_keys


def test_the_site_that_tells_most_is_kept_in_every_stretch() -> None:
    random = np.random.default_rng(2)
    contig = np.sort(random.integers(1, 4, 300))
    place = np.unique(contig * 100_000 + random.integers(1, 50_000, 300))
    keys = encode_keys(place // 100_000, place % 100_000, ["A"] * len(place), ["C"] * len(place))
    p = random.uniform(0.01, 0.5, len(place))
    an = np.full(len(place), 2_000)
    ac = random.binomial(2_000, p)
    weights = site_weights(ac, ac, an, p)
    found = thinned(keys, weights, p, 5_000)
    _, variance = of_strangers(weights, p)
    best: dict[tuple[int, int], int] = {}
    for i, one in enumerate(place):
        part = (one // 100_000, one % 100_000 // 5_000)
        if part not in best or variance[i] > variance[best[part]]:
            best[part] = i
    kept = np.flatnonzero(found.diploid.any(axis=1))
    assert kept.tolist() == sorted(best.values())
    assert np.array_equal(found.haploid[kept], weights.haploid[kept])


def test_thinning_undoes_what_linkage_hides() -> None:
    """40 stretches of one haplotype: 30 sites that are the same in everybody, some more often than others."""
    random = np.random.default_rng(4)
    people, copies = 400, random.integers(1, 30, 60)
    frequency = random.uniform(0.1, 0.5, 60)
    first = np.repeat(np.arange(60), copies)
    groups = [drawn(random, people, frequency)[:, first] for _ in range(2)]
    keys, p = site_keys(len(first)), frequency[first]
    places = 1_000 + 10_000 * first + np.concatenate([np.arange(n) for n in copies])
    keys = encode_keys(np.full(len(first), 20), places, ["A"] * len(first), ["C"] * len(first))
    ac = groups[0].sum(axis=0, dtype=np.int64)
    weights = site_weights(ac, ac, np.full(len(first), 2 * people), p)

    def power(one: SiteWeights) -> float:
        scores = score_region(
            {"a": Meter.of(Build.GRCH38, keys, one, p)}, *(as_people(keys, group) for group in groups)
        )
        return risk(scores, "a").members[0].estimate

    assert power(thinned(keys, weights, p, 10_000)) > power(weights) - 0.01
    whole, few = (of_strangers(one, p)[1].sum() for one in (weights, thinned(keys, weights, p, 10_000)))
    assert few < whole / 5
