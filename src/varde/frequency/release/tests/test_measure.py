"""A release measured with real people in regions' folders: the same figures by a slow attack, and the whole command."""

from __future__ import annotations

import json
from dataclasses import replace
from math import exp, lgamma, log

import numpy as np
import polars as pl
import pytest

from varde.frequency.disclosure.populations import drawn_frequencies
from varde.frequency.release.build import build_release, gate_of
from varde.frequency.release.gate import Acceptance, Verdict
from varde.frequency.release.manifest import manifest_of
from varde.frequency.release.measure import measure
from varde.frequency.release.parameters import Parameters
from varde.frequency.release.prepare import Order, prepare
from varde.frequency.release.read import Release
from varde.frequency.release.report import figures, opening, rows, sections
from varde.frequency.release.sources import Sources
from varde.frequency.release.tests.registers import Town, as_if_measured, keys, region
from varde.frequency.signing import PrivateKey, PublicKey
from varde.genome.errors import InputError
from varde.genome.keys import key_positions

GENES, SITES = 12, 15
TOWN = Town.of(genes=GENES, sites_per_gene=SITES, seed=2)
COUNTED, HELD_OUT = TOWN.people(900, seed=5), TOWN.people(600, seed=6)
SMALL = Parameters(least_people=100)


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    folder = tmp_path_factory.mktemp("measured")
    for number, name in enumerate(("north", "south")):
        region(folder / name, TOWN, COUNTED[number::2], HELD_OUT[number::2])
    keys(folder)
    return folder


@pytest.fixture(scope="module")
def prepared(workplace):
    sources = Sources.of_regions([workplace / "north", workplace / "south"])
    return prepare(sources, Order("2026-11.1", TOWN.genes, SMALL))


@pytest.fixture(scope="module")
def measured(workplace, prepared):
    return measure(prepared, [workplace / "south", workplace / "north"])


def table(people):
    rows = np.zeros((len(people), len(TOWN.keys)), dtype=int)
    for row, person in enumerate(people):
        rows[row, np.searchsorted(TOWN.keys, person.alleles.keys)] = person.alleles.dosage
    return rows


def test_the_power_is_that_of_an_attack_written_out_by_hand(prepared, measured):
    """Every person scored site by site with binomial probabilities, as the reference page has it."""
    counted, held = table(COUNTED), table(HELD_OUT)
    seen = np.flatnonzero(counted.sum(axis=0) + held.sum(axis=0))
    frequency = drawn_frequencies(
        counted.sum(axis=0)[seen] + held.sum(axis=0)[seen],
        np.full(len(seen), 2 * (len(COUNTED) + len(HELD_OUT))),
        SMALL.seed,
    )
    weights = [_weights(counted[:, site], p) for site, p in zip(seen, frequency, strict=True)]
    shown = [i for i, site in enumerate(seen) if site < SITES * measured.chosen]
    assert len(shown) > 0
    scores = [
        np.array([sum(weights[i][person[seen[i]]] for i in shown) for person in people]) for people in (counted, held)
    ]
    threshold = np.sort(scores[1])[-30]  # 5 % of 600 people held out
    by_hand = float((scores[0] > threshold).mean())
    risk = measured.attacks[0].risk
    assert (risk.people, risk.held_out) == (900, 600)
    assert risk.members[0].estimate == pytest.approx(by_hand, abs=0.012)
    assert risk.members[1].estimate is None  # 1 % of 600 people is no threshold


def _chance(k, trials, p):
    ways = lgamma(trials + 1) - lgamma(k + 1) - lgamma(trials - k + 1)
    return exp(ways + k * log(p) + (trials - k) * log(1 - p))


def _weights(copies, p):
    """By copies carried: what is told of a site tells of a person."""
    return _told(int(np.sqrt(copies.sum()) // 5), (copies == 2).sum() >= 5, len(copies), p)


def _told(number, many, people, p):
    """The bin and, above the lowest one, whether at least five people have two copies."""
    n = 2 * people
    low, high = 25 * number**2, 25 * (number + 1) ** 2 - 1

    def within(first, last, trials):
        return sum(_chance(k, trials, p) for k in range(max(first, 0), min(last, trials) + 1))

    whole = within(low, high, n)
    told = [log(max(within(low - x, high - x, n - 2), 1e-12) / max(whole, 1e-12)) for x in range(3)]
    if not number:
        return told

    def homozygotes(two):
        fewer = sum(_chance(k, people - 1, p * p) for k in range(5 - two))
        return max(1 - fewer if many else fewer, 1e-12)

    whole = (1 - p * p) * homozygotes(0) + p * p * homozygotes(1)
    return [one + log(homozygotes(x // 2) / whole) for x, one in enumerate(told)]


def test_an_attack_on_the_published_files_alone_has_the_reported_power(workplace, prepared, measured, tmp_path):
    """Parquet, a person's genome and the population's true frequencies: nothing of Varde but the rule of the edges."""
    register = PrivateKey.load(workplace / "register.private.pem")
    assert build_release(tmp_path / "r", prepared, measured, register).verdict is Verdict.PASSED
    public = tmp_path / "r" / "public"
    rows = pl.concat(pl.read_parquet(path) for path in sorted((public / "sites").iterdir()))
    published = {row["position"]: row for row in rows.iter_rows(named=True)}
    genes = pl.read_parquet(public / "site_sets.parquet")
    spans = list(genes.select("start0", "end0").iter_rows())
    assert len(spans) == measured.chosen
    (an,) = set(pl.read_parquet(public / "coverage.parquet")["an"])
    weights = {}
    for site, position in enumerate(key_positions(TOWN.keys).tolist()):
        if any(start < position <= end for start, end in spans):
            row = published.get(position, {"bin": 0, "homozygotes": False})
            weights[site] = _told(row["bin"], row["homozygotes"], an // 2, TOWN.frequency[site])
    scores = [
        np.array([sum(told[person[site]] for site, told in weights.items()) for person in table(people)])
        for people in (COUNTED, HELD_OUT)
    ]
    power = float((scores[0] > np.sort(scores[1])[-30]).mean())
    reported = measured.attacks[0].risk.members[0]
    assert reported.low <= power <= reported.high
    assert power > 0.05


def test_who_holds_the_file_is_measured_as_an_attack_written_out_by_hand(tmp_path):
    """Everybody is callable at nine of ten sites, each at others: numbers near 450, rounded to 100, tell of them."""
    town, number = Town.of(genes=20, sites_per_gene=60, seed=9), 250
    people = [town.patchy(number, seed, 0.9) for seed in (31, 32)]
    folder = region(tmp_path / "north", town, people[0][0], people[1][0])
    parameters = Parameters(least_people=100, regions_per_site=1)
    order = Order("2026-11.1", town.genes, parameters, wanted=20)
    found = measure(prepare(Sources.of_regions([folder]), order), [folder])
    attacks = {attack.risk.attacker: attack.risk.members[0].estimate for attack in found.attacks}
    (_, counted, covered), (_, held, others) = people
    ac, an = counted.sum(axis=0), 2 * covered.sum(axis=0)
    seen = np.flatnonzero(ac + held.sum(axis=0))
    pooled = (ac + held.sum(axis=0))[seen], (an + 2 * others.sum(axis=0))[seen]
    p = drawn_frequencies(*pooled, SMALL.seed)
    chance = drawn_frequencies(pooled[1] // 2, np.full(len(seen), 2 * number), SMALL.seed, 4)
    scores = np.zeros((2, number))
    for i, site in enumerate(seen):
        # The lowest bin also holds what fewer than five people carry.
        few = (counted[:, site] > 0).sum() < 5
        bin_number = 0 if few else int(np.sqrt(ac[site]) // 5)
        told = _told(bin_number, (counted[:, site] == 2).sum() >= 5, an[site] // 2, p[i])
        rounded = (an[site] + 50) // 100 * 100
        least, most = -(-(rounded - 50) // 2), (rounded + 49) // 2
        inside = [range(least - x, min(most - x, number - 1) + 1) for x in (0, 1)]
        within = [sum(_chance(k, number - 1, chance[i]) for k in counts) for counts in inside]
        tells = log(max(within[1], 1e-12) / max(within[0], 1e-12))
        for group, (dosage, callable_) in enumerate(((counted, covered), (held, others))):
            scores[group] += np.where(callable_[:, site], np.array(told)[dosage[:, site]] + tells, 0)
    by_hand = float((scores[0] > np.sort(scores[1])[-number // 20]).mean())
    assert attacks["file"] == pytest.approx(by_hand, abs=0.03)
    assert attacks["file"] > attacks["population"] + 0.05


def test_the_largest_prefix_that_passes_is_chosen(measured):
    passing = [choice for choice in measured.curve if choice.sets <= measured.chosen]
    assert all(choice.high <= 0.10 for choice in passing)
    failing = [choice for choice in measured.curve if choice.high > 0.10]
    assert not failing or min(choice.sets for choice in failing) == measured.chosen + 1
    shares = [choice.share for choice in measured.curve]
    assert shares == sorted(shares)


def test_regions_in_any_order_measure_the_same(workplace, prepared, measured):
    assert measure(prepared, [workplace / "north", workplace / "south"]).digest == measured.digest


def test_report_speaks_in_keyed_messages_and_escapes_what_others_wrote(workplace, prepared, measured):
    key = PublicKey.load(workplace / "register.public.pem")
    gate = gate_of(prepared, measured, key)
    assert gate.verdict is Verdict.PASSED
    manifest = json.loads(json.dumps(manifest_of(prepared, measured, gate, key, ())))
    assert opening(manifest) == gate.sentence
    assert {one.heading.key: [message.key for message in one.paragraphs] for one in sections(manifest)} == {
        "heading_told": ["content", "protects"],
        "heading_how": ["how"],
        "heading_worst": ["worst"],
        "heading_difference": ["first"],
        "heading_limits": ["no_groups", "limits"],
    }
    assert len(rows(manifest)) == 8  # four attackers, each on members and on relatives
    drawn = figures(manifest)
    assert len(drawn) == 3
    assert all("<title" in picture and "<desc" in picture for picture in drawn)


def test_people_held_out_in_a_folder_of_their_own_measure_the_same(prepared, measured, tmp_path):
    """Relatives are simulated with people that a region holds out, so there are none here; all else is equal."""
    north, south = (region(tmp_path / name, TOWN, COUNTED[i::2]) for i, name in enumerate(("north", "south")))
    others = region(tmp_path / "others", TOWN, HELD_OUT)
    apart = measure(prepared, [north, south], strangers=[others])
    ours, theirs = apart.attacks[0], measured.attacks[0]
    assert apart.held_out == measured.held_out == 600
    if apart.chosen == measured.chosen:
        assert ours.risk.members == theirs.risk.members
        assert (ours.members, ours.held_out) == (theirs.members, theirs.held_out)
    shared = {choice.sets: choice.released for choice in measured.curve}
    assert all(shared.get(choice.sets, choice.released) == choice.released for choice in apart.curve)


def test_somebody_with_both_releases_is_measured_on_those_who_came(workplace, prepared, measured, tmp_path):
    """A second release with few newcomers: the finer the bins, the better they are recognised."""
    register = PrivateKey.load(workplace / "register.private.pem")
    came = TOWN.people(30, seed=77)
    highs, formulas = {}, {}
    for scheme in ("sqrt-5", "exact"):
        parameters = Parameters(least_people=100, scheme=scheme, hysteresis=False, least_batch=10)
        first = replace(prepared.order, parameters=parameters, wanted=GENES)
        sources = prepared.sources
        folder = tmp_path / scheme
        officer = keys_of(tmp_path / f"{scheme}-keys")
        old = as_if_measured(0.3, chosen=GENES)
        accepted = Acceptance.signed("officer", "A test.", old.digest, officer)
        assert build_release(folder, prepare(sources, first), old, register, accepted).public
        more = region(tmp_path / f"{scheme}-more", TOWN, came)
        grown = Sources(sources.settings, {**sources.regions, "more": Sources.of_regions([more]).total})
        again = prepare(grown, replace(first, name="2026-12.1", previous=Release(folder)))
        folders = [workplace / "north", workplace / "south", more]
        found = measure(again, folders, came={person.identifier for person in came}).difference
        assert found["batch"] == 30
        assert found["measured"]["people"] == 30
        highs[scheme], formulas[scheme] = found["measured"]["members"][0]["estimate"], found["power_by_formula"]
    assert highs["exact"] > 0.25 > highs["sqrt-5"]
    assert formulas["exact"] > formulas["sqrt-5"]


def test_those_who_left_are_stood_for_and_gated(workplace, prepared, tmp_path):
    """The exact counts of two releases tell who left in between; bins that stay hardly do."""
    register = PrivateKey.load(workplace / "register.private.pem")
    found = {}
    for scheme in ("sqrt-5", "exact"):
        parameters = Parameters(least_people=100, scheme=scheme, hysteresis=False, least_batch=10)
        first = replace(prepared.order, parameters=parameters, wanted=GENES)
        folder, old = tmp_path / scheme, as_if_measured(0.3, chosen=GENES)
        accepted = Acceptance.signed("officer", "A test.", old.digest, keys_of(tmp_path / f"{scheme}-keys"))
        build_release(folder, prepare(prepared.sources, first), old, register, accepted)
        stayed = region(tmp_path / f"{scheme}-north", TOWN, COUNTED[40::2], HELD_OUT[0::2])
        folders = [stayed, workplace / "south"]
        again = prepare(Sources.of_regions(folders), replace(first, name="2026-12.1", previous=Release(folder)))
        measured = measure(again, folders)
        at_five, at_one, _ = measured.difference["gone"]
        assert measured.difference["batch"] == 20
        assert at_one["estimate"] is None  # 1 % of 600 people is no threshold
        assert measured.worst.high >= at_five["high"]
        attackers = [attack.risk.attacker for attack in measured.attacks]
        assert attackers == ["population", "population_2000", "population_20000", "file", "both", "previous"]
        found[scheme] = at_five["estimate"]
    # By the formula of exact counts 180 sites give Phi(sqrt(180 / 20) - 1.645) = 0.91 of 20 people away.
    assert found["exact"] > 0.8
    assert found["sqrt-5"] < 0.3


def keys_of(folder):
    folder.mkdir()
    return keys(folder, "officer")[0]


def test_newcomers_whom_no_region_knows_are_refused(workplace, prepared):
    with pytest.raises(InputError) as refused:
        measure(prepared, [workplace / "north", workplace / "south"], came={"HMN-0001"})
    assert refused.value.code == "unknown_runs"
