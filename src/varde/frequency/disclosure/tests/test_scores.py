"""Scores against an attack written out in plain Python, person by person and site by site."""

from __future__ import annotations

from math import comb, log

import numpy as np
import pytest

from varde.frequency.callable_intervals import Intervals
from varde.frequency.disclosure.scores import (
    GREATEST,
    HISTOGRAM,
    KINDS,
    Meter,
    Person,
    RegionScores,
    Scorer,
    carried,
    cells_of,
    child,
    score_region,
    site_places,
    site_ploidy,
)
from varde.frequency.disclosure.tests.simulated import Register, as_people, drawn, site_keys
from varde.frequency.disclosure.weights import site_weights
from varde.genome.builds import Build
from varde.genome.keys import encode_keys

CONTIGS = np.array([1, 20, 20, 23, 23, 24, 25])
POSITIONS = np.array([500, 1_000, 1_010, 2_000_000, 5_000_000, 5_000_000, 3_000])  # X: pseudo-autosomal, then not
PLOIDY = {0: (2, 2, 2, 2, 2, 0, 1), 1: (2, 2, 2, 2, 1, 1, 1), 2: (2, 2, 2, 0, 0, 0, 1)}


def plain_score(low, high, an, p, ploidy, copies, called) -> float:
    """The sum over sites of log P(bin | member carries x) / P(bin), from the formula of the page."""

    def inside(n: int, frequency: float, first: int, last: int) -> float:
        return sum(
            comb(n, k) * frequency**k * (1 - frequency) ** (n - k) for k in range(max(first, 0), min(last, n) + 1)
        )

    total = 0.0
    for i in range(len(an)):
        if called[i] and ploidy[i]:
            n, x = int(an[i]), copies[i]
            given = inside(n - ploidy[i], p[i], low[i] - x, high[i] - x)
            total += log(max(given, 1e-12)) - log(max(inside(n, p[i], low[i], high[i]), 1e-12))
    return total


def test_scores_equal_the_attack_in_plain_python() -> None:
    random = np.random.default_rng(1)
    keys = encode_keys(CONTIGS, POSITIONS, ["A"] * 7, ["C"] * 7)
    an = random.integers(50, 200, 7)
    low = random.integers(0, 30, 7)
    high = low + random.integers(0, 20, 7)
    p = random.uniform(0.01, 0.4, 7)
    stages = np.array([0, 1, 0, 2, 1, 0, 2], dtype=np.uint16)
    meter = Meter.of(Build.GRCH38, keys, site_weights(low, high, an, p), p, stages)
    scorer = Scorer(meter)
    for _ in range(200):
        sex = int(random.integers(3))
        ploidy = np.array(PLOIDY[sex])
        dosage = np.where(random.random(7) < 0.5, 0, random.integers(0, 3, 7)).astype(np.uint8)
        heteroplasmic = dosage[6] == 2
        dosage[6] = 3 if heteroplasmic else dosage[6]
        copies = np.minimum(np.where(dosage == 3, 0, dosage), ploidy)
        covered = random.random(7) < 0.7
        written = (dosage > 0) | (random.random(7) < 0.2)  # some are called without the allele, beside the intervals
        written &= ploidy > 0
        called = covered | written
        # Alleles that are in no release stand between the sites.
        other = encode_keys(CONTIGS, POSITIONS + 3, ["G"] * 7, ["T"] * 7)
        mine = np.concatenate((keys[written], other))
        order = np.argsort(mine)
        counts = np.concatenate((dosage[written], np.ones(7, dtype=np.uint8)))[order]
        intervals = Intervals.points(site_places(keys)[covered])
        found = scorer.z(carried(keys, Person(mine[order], counts, sex, intervals)))
        for stage in range(3):
            inside = called & (stages <= stage)
            raw = found[stage] * meter.deviation[stage] + meter.mean[stage]
            assert raw == pytest.approx(plain_score(low, high, an, p, ploidy, copies, inside), abs=1e-9)


def test_strangers_have_the_mean_and_deviation_that_the_meter_expects() -> None:
    register = Register.drawn(500, 3_000, 500, seed=2)
    keys = site_keys(3_000)
    meter = Meter.of(Build.GRCH38, keys, site_weights(register.ac, register.ac, register.an, register.p), register.p)
    z = np.array([Scorer(meter).z(carried(keys, one))[0] for one in as_people(keys, register.strangers)])
    assert z.mean() == pytest.approx(0, abs=0.15)
    assert z.std() == pytest.approx(1, abs=0.15)


def test_cells_are_in_order_and_fine() -> None:
    z = np.linspace(-30, 30, 20_001)
    cells = cells_of(z)
    assert np.all(np.diff(cells) >= 0)
    width = np.array([np.ptp(z[cells == cell]) for cell in np.unique(cells)])
    assert width.max() < 0.2
    assert cells_of(np.array([-1e9, 1e9])).tolist() == [0, 4095]


@pytest.fixture(scope="module")
def scored() -> tuple[dict[str, Meter], list[Person], list[Person]]:
    register = Register.drawn(300, 400, 300, seed=4)
    keys = site_keys(400)
    stages = np.repeat(np.arange(4, dtype=np.uint16), 100)
    weights = site_weights(register.ac, register.ac, register.an, register.p)
    meters = {name: Meter.of(Build.GRCH38, keys, weights, register.p, stages) for name in ("true", "outside")}
    return meters, as_people(keys, register.members), as_people(keys, register.strangers)


def test_regions_add_up_to_the_nation_in_any_order_and_cut(scored) -> None:
    meters, members, strangers = scored
    whole = score_region(meters, members, strangers)
    parts = [score_region(meters, members[i::3], strangers[i::3]) for i in (2, 0, 1)]
    for merged in (RegionScores.merged(parts), RegionScores.merged(parts[::-1])):
        assert merged.histogram.equals(whole.histogram)
        assert merged.greatest.equals(whole.greatest)
    assert whole.counts("true", 3, "member").sum() == 300
    assert whole.counts("true", 3, "relative").sum() == 0


def test_a_region_returns_counts_and_the_greatest_score_and_nothing_else(scored) -> None:
    meters, members, strangers = scored
    scores = score_region(meters, members, strangers, relatives=20, seed=5)
    assert (scores.histogram.schema, scores.greatest.schema) == (HISTOGRAM, GREATEST)
    assert scores.counts("outside", 0, "relative").sum() == 20
    again = score_region(meters, members, strangers, relatives=20, seed=5)
    assert again.histogram.equals(scores.histogram)
    assert not score_region(meters, members, strangers, relatives=20, seed=6).histogram.equals(scores.histogram)


def test_a_stage_is_the_score_of_the_sites_up_to_it(scored) -> None:
    meters, members, strangers = scored
    whole = meters["true"]
    first = whole.stages <= 1
    part = Meter(
        whole.build, whole.keys[first], whole.stages[first], whole.table[:, first], whole.mean[:2], whole.deviation[:2]
    )
    found, expected = (score_region({"true": meter}, members, strangers) for meter in (whole, part))
    for kind in KINDS:
        assert np.array_equal(found.counts("true", 1, kind), expected.counts("true", 1, kind))


def test_meters_of_different_sites_are_refused(scored) -> None:
    meters, _, _ = scored
    other = Meter.of(Build.GRCH38, site_keys(3), site_weights(*np.full((3, 3), 9), np.full(3, 0.1)), np.full(3, 0.1))
    with pytest.raises(ValueError, match="same sites"):
        score_region({"true": meters["true"], "other": other}, [], [])
    with pytest.raises(ValueError, match="sorted by key"):
        Meter.of(Build.GRCH38, site_keys(2)[::-1], site_weights(*np.full((3, 2), 9), np.full(2, 0.1)), np.full(2, 0.1))


def test_a_child_has_half_of_each_parent() -> None:
    random = np.random.default_rng(8)
    keys = site_keys(20_000)
    p = random.uniform(0.05, 0.5, 20_000)
    mother, father = (carried(keys, one) for one in as_people(keys, drawn(random, 2, p)))
    born = child(mother, father, site_ploidy(Build.GRCH38, keys), random)
    dense = np.zeros((3, 20_000), dtype=int)
    for row, one in zip(dense, (mother, father, born), strict=True):
        row[one.site] = one.dosage
    for m, f in ((0, 0), (0, 1), (1, 1), (2, 0), (2, 1), (2, 2)):
        among = dense[2][(dense[0] == m) & (dense[1] == f)]
        assert among.mean() == pytest.approx((m + f) / 2, abs=0.06)
        assert among.max() <= (m > 0) + (f > 0)
        assert among.min() >= (m == 2) + (f == 2)


def test_a_daughter_gets_her_fathers_only_x_and_her_mothers_mitochondria() -> None:
    keys = encode_keys(CONTIGS, POSITIONS, ["A"] * 7, ["C"] * 7)
    one_each = np.array([1, 1, 1, 1, 1, 1, 1], dtype=np.uint8)
    father = carried(keys, Person(keys, one_each, 1))
    mother = carried(keys, Person(keys[:0], one_each[:0], 0))
    random = np.random.default_rng(0)
    for _ in range(20):
        born = child(mother, father, site_ploidy(Build.GRCH38, keys), random)
        dosage = dict(zip(born.site.tolist(), born.dosage.tolist(), strict=True))
        assert dosage[4] == 1
        assert dosage[6] == 0
