"""Panels, fingerprints, duplicates, kin, and the largest set of strangers."""

from __future__ import annotations

from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from varde.frequency.callable_intervals import Intervals
from varde.frequency.count import remove_person
from varde.frequency.fingerprints import (
    MISSING,
    Fingerprints,
    Panel,
    choose_panel,
    fingerprint,
    fingerprint_of,
    read_fingerprints,
    write_fingerprint,
)
from varde.frequency.increment import sites
from varde.frequency.kinship import Kin, compare, maximal_unrelated, related_pairs
from varde.frequency.ledger import read_stored, read_tracks
from varde.frequency.run import NO_LONG_ALLELES, Alleles
from varde.frequency.store import read_manifest
from varde.frequency.tests.test_nation import join, region_folder
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.keys import encode_keys

SITES = 10_000


class Families:
    """Gene drop without linkage; a person is two haplotypes, int8 [2, sites]."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.frequency = self.random.uniform(0.05, 0.5, SITES)

    def founder(self) -> NDArray[np.int8]:
        return (self.random.random((2, SITES)) < self.frequency).astype(np.int8)

    def child(self, mother: NDArray[np.int8], father: NDArray[np.int8]) -> NDArray[np.int8]:
        return np.array([np.where(self.random.random(SITES) < 0.5, *parent) for parent in (mother, father)])

    def read(self, person: NDArray[np.int8], errors: float = 0.0, missing: float = 0.0) -> NDArray[np.uint8]:
        """Copies as a laboratory reads them."""
        copies = person.sum(axis=0).astype(np.uint8)
        wrong = self.random.random(SITES) < errors
        copies[wrong] = (copies[wrong] + 1) % 3
        copies[self.random.random(SITES) < missing] = MISSING
        return copies


def brute_force(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> tuple[int, float, float, float]:
    """Shared, concordance, kinship (equation 11 of Manichaikul 2010) and IBS0, site by site."""
    pairs = [(int(x), int(y)) for x, y in zip(a, b, strict=True) if MISSING not in (x, y)]
    equal = sum(x == y for x, y in pairs)
    both, opposite = sum(x == y == 1 for x, y in pairs), sum(abs(x - y) == 2 for x, y in pairs)
    het = sorted((sum(x == 1 for x, _ in pairs), sum(y == 1 for _, y in pairs)))
    kinship = (both - 2 * opposite) / (2 * het[0]) + 1 / 2 - 1 / 4 * (het[0] + het[1]) / het[0]
    return len(pairs), equal / len(pairs), kinship, opposite / len(pairs)


def test_counts_equal_brute_force() -> None:
    families = Families(1)
    people = [families.read(families.founder(), missing=0.1) for _ in range(6)]
    prints = Fingerprints.of(tuple("abcdef"), people, SITES)
    found = compare(prints, 0, prints)
    for row, other in enumerate(people):
        shared, concordance, kinship, ibs0 = brute_force(people[0], other)
        assert found.row(row)[:5] == (
            "abcdef"[row],
            shared,
            pytest.approx(concordance, abs=1e-12),
            pytest.approx(kinship, abs=1e-12),
            pytest.approx(ibs0, abs=1e-12),
        )


def test_degrees_of_simulated_families() -> None:
    """Kinship 1/2, 1/4, 1/8, 1/16 and 0 with 10,000 sites; the standard error is below 0.01."""
    families = Families(2)
    mother, father, uncle_wife = (families.founder() for _ in range(3))
    grandmother, grandfather = families.founder(), families.founder()
    mother = families.child(grandmother, grandfather)
    uncle = families.child(grandmother, grandfather)
    child, sibling = families.child(mother, father), families.child(mother, father)
    cousin = families.child(uncle_wife, uncle)
    people = {
        "again": child,
        "mother": mother,
        "sibling": sibling,
        "uncle": uncle,
        "grandmother": grandmother,
        "cousin": cousin,
        "stranger": families.founder(),
        "uncle_wife": uncle_wife,
    }
    copies = [families.read(person, errors=0.002, missing=0.02) for person in people.values()]
    others = Fingerprints.of(tuple(people), copies, SITES)
    one = Fingerprints.of(("child",), [families.read(child, errors=0.002)], SITES)
    found = {row["name"]: row for row in compare(one, 0, others).iter_rows(named=True)}
    expected = {
        "again": (0.5, Kin.DUPLICATE),
        "mother": (0.25, Kin.FIRST_DEGREE),
        "sibling": (0.25, Kin.FIRST_DEGREE),
        "uncle": (0.125, Kin.SECOND_DEGREE),
        "grandmother": (0.125, Kin.SECOND_DEGREE),
        "cousin": (0.0625, Kin.THIRD_DEGREE),
        "stranger": (0.0, Kin.UNRELATED),
        "uncle_wife": (0.0, Kin.UNRELATED),
    }
    assert {name: row["kin"] for name, row in found.items()} == {name: str(kin) for name, (_, kin) in expected.items()}
    for name, (kinship, _) in expected.items():
        assert found[name]["kinship"] == pytest.approx(kinship, abs=0.03)
    assert found["mother"]["ibs0"] < 0.002
    assert found["sibling"]["ibs0"] > 0.01
    assert found["again"]["concordance"] > 0.99


def test_bad_reading_of_the_same_person_warns_and_few_sites_tell_nothing() -> None:
    families = Families(3)
    person = families.founder()
    clean, bad = families.read(person), families.read(person, errors=0.06)
    prints = Fingerprints.of(("clean", "bad"), [clean, bad], SITES)
    assert compare(prints, 0, prints)["kin"].to_list() == ["duplicate", "possible_duplicate"]
    few = [np.where(np.arange(SITES) < 200, copies, MISSING) for copies in (clean, bad)]
    prints = Fingerprints.of(("clean", "bad"), few, SITES)
    assert compare(prints, 0, prints)["kin"].to_list() == ["unknown", "unknown"]


def test_all_pairs_are_those_of_one_by_one() -> None:
    families = Families(4)
    parents = [families.founder() for _ in range(8)]
    people = parents + [families.child(parents[i], parents[i + 1]) for i in range(0, 8, 2) for _ in range(2)]
    names = tuple(f"P{i}" for i in range(len(people)))
    prints = Fingerprints.of(names, [families.read(person) for person in people], SITES)
    pairs = related_pairs(prints)
    wanted = {
        frozenset((names[a], names[b]))
        for a, b in combinations(range(16), 2)
        if b >= 8 and (a in (p := (b - 8) // 2 * 2, p + 1) or (a >= 8 and (a - 8) // 2 == (b - 8) // 2))
    }
    assert {frozenset(pair) for pair in pairs.select("first", "second").iter_rows()} == wanted
    assert set(pairs["kin"]) == {"first_degree"}
    assert related_pairs(Fingerprints.of((), [], SITES)).height == 0


def _site_frame(rows: list[tuple[int, int, str, str, int, int]]) -> pl.DataFrame:
    contig, position, ref, alt, ac, an = zip(*rows, strict=True)
    keys = encode_keys(np.array(contig, np.uint8), np.array(position, np.int64), list(ref), list(alt))
    columns = {"key": keys, "contig": np.array(contig, np.uint8), "position": np.array(position, np.uint32)}
    columns |= {"ref": list(ref), "alt": list(alt), "ac": np.array(ac, np.int32), "an": np.array(an, np.int32)}
    return pl.DataFrame(columns).sort("key")


def test_panel_has_common_single_bases_of_autosomes_only() -> None:
    frame = _site_frame(
        [
            (1, 100, "A", "C", 50, 200),  # taken
            (1, 200, "A", "C", 9, 200),  # rare
            (1, 300, "A", "C", 101, 200),  # reference is the rarer one
            (1, 400, "A", "AC", 50, 200),  # not a single base
            (1, 500, "A", "C", 50, 100),  # called in half
            (1, 600, "A", "C", 50, 200),  # with another common allele
            (1, 600, "A", "G", 20, 200),
            (1, 700, "A", "C", 50, 200),  # taken, the other allele is rare
            (1, 700, "A", "T", 1, 200),
            (23, 3_000_000, "A", "C", 50, 200),  # X
            (22, 20_000_000, "A", "C", 10, 200),  # taken: 0.05
            (22, 20_000_100, "A", "C", 100, 200),  # taken: 0.5
        ]
    )
    keys = encode_keys(np.array([1, 1, 22, 22], np.uint8), np.array([100, 700, 20_000_000, 20_000_100]), "AAAA", "CCCC")
    assert choose_panel(Build.GRCH38, frame, spacing=100).keys.tolist() == keys.tolist()
    assert choose_panel(Build.GRCH38, frame).keys.tolist() == [keys[0], keys[3]]
    spread = choose_panel(Build.GRCH38, frame, size=2).keys.tolist()
    assert spread == [keys[0], keys[3]]  # one of each window, the more heterozygous
    assert choose_panel(Build.GRCH38, frame.sample(fraction=1, shuffle=True, seed=1)).digest == (
        choose_panel(Build.GRCH38, frame).digest
    )


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_panel_takes_each_site_in_turn_unless_one_near_was_taken(data: st.DataObject) -> None:
    positions = data.draw(st.lists(st.integers(1, 2_000), min_size=1, max_size=30, unique=True))
    counts = [data.draw(st.integers(10, 100)) for _ in positions]
    size, spacing = data.draw(st.integers(1, 30)), data.draw(st.integers(1, 300))
    rows = [(2, place, "A", "C", ac, 200) for place, ac in zip(positions, counts, strict=True)]
    chosen: list[int] = []
    for _, place in sorted(zip((-ac for ac in counts), positions, strict=True)):  # all in one window
        if len(chosen) < size and all(abs(place - other) >= spacing for other in chosen):
            chosen.append(place)
    panel = choose_panel(Build.GRCH38, _site_frame(rows), size, spacing)
    assert (panel.keys >> np.uint64(31) & np.uint64((1 << 28) - 1)).tolist() == sorted(chosen)


def test_fingerprint_tells_reference_from_not_called() -> None:
    keys = encode_keys(np.full(5, 1, np.uint8), np.array([10, 20, 30, 40, 50]), "AAAAA", "CCCCC")
    panel = Panel(Build.GRCH38, keys)
    dosage = np.array([1, 2, 0], np.uint8)
    alleles = Alleles(keys[[0, 1, 4]], dosage, np.array([0, 2, 2], np.uint8), NO_LONG_ALLELES)
    base = 1 << 32
    callable_at = Intervals.of(np.array([base + 5, base + 35]), np.array([base + 15, base + 45]))
    assert fingerprint(panel, alleles, callable_at).tolist() == [1, 2, MISSING, 0, 0]
    nothing = Alleles(keys[:0], dosage[:0], dosage[:0], NO_LONG_ALLELES)
    assert fingerprint(panel, nothing, callable_at).tolist() == [0, MISSING, MISSING, 0, MISSING]


def test_fingerprints_lie_beside_runs_and_go_with_them(tmp_path: Path) -> None:
    region = region_folder(tmp_path / "region")
    names = [join(region, tmp_path, number) for number in range(6)]
    contents = read_manifest(region)
    panel = choose_panel(Build.GRCH38, sites(contents.read_increment()), spacing=1)
    assert len(panel.keys) > 5
    panel.write(tmp_path / "panel")
    assert Panel.read(tmp_path / "panel").digest == panel.digest
    taken = {}
    for run in contents.runs:
        taken[run.identifier] = fingerprint_of(panel, read_stored(contents, run), read_tracks(contents, run.tracks))
        write_fingerprint(region / "runs", run.identifier, panel, taken[run.identifier])
    assert not any((copies == MISSING).any() for copies in taken.values())
    prints = read_fingerprints(region / "runs", [*names, "absent"], panel)
    assert prints.names == tuple(names)
    again = Fingerprints.of(tuple(names), [taken[name] for name in names], len(panel.keys))
    assert np.array_equal(prints.het, again.het)
    assert np.array_equal(prints.alt, again.alt)
    other = Panel(Build.GRCH38, panel.keys[:-1])
    assert read_fingerprints(region / "runs", names, other).names == ()
    remove_person(region, names[0])
    assert not list((region / "runs").glob(f"{names[0]}*"))
    assert read_fingerprints(region / "runs", names, panel).names == tuple(names[1:])
    (tmp_path / "panel").write_bytes(b"no panel")
    with pytest.raises(InputError) as caught:
        Panel.read(tmp_path / "panel")
    assert caught.value.code == "no_panel"


def largest_by_trying(people: list[str], pairs: set[frozenset[str]], prefer: dict[str, int]) -> frozenset[str]:
    """Every subset: most people, then most preferred, then the first names."""
    unrelated = [
        chosen
        for size in range(len(people) + 1)
        for chosen in combinations(sorted(people), size)
        if not any(frozenset(pair) in pairs for pair in combinations(chosen, 2))
    ]
    best = max((len(chosen), sum(prefer.get(one, 0) for one in chosen)) for chosen in unrelated)
    return frozenset(min(c for c in unrelated if (len(c), sum(prefer.get(one, 0) for one in c)) == best))


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_largest_unrelated_set_equals_trying_all(data: st.DataObject) -> None:
    people = [chr(97 + i) for i in range(data.draw(st.integers(0, 9)))]
    possible = [frozenset(pair) for pair in combinations(people, 2)]
    pairs = set(data.draw(st.lists(st.sampled_from(possible), max_size=14))) if possible else set()
    prefer = {one: data.draw(st.integers(0, 3)) for one in people}
    ordered = [tuple(sorted(pair)) for pair in pairs]
    found = maximal_unrelated(ordered, people, prefer)
    assert found == largest_by_trying(people, pairs, prefer)
    turned = [(second, first) for first, second in reversed(ordered)]
    assert maximal_unrelated(turned, reversed(people), prefer) == found


def test_large_family_is_unrelated_and_cannot_be_enlarged() -> None:
    random = np.random.default_rng(5)
    people = [f"P{i:03}" for i in range(200)]
    pairs = [tuple(pair) for pair in random.choice(people, (300, 2)).tolist()]
    chosen = maximal_unrelated(pairs, people)
    kin = {frozenset(pair) for pair in pairs if pair[0] != pair[1]}
    assert not any(frozenset(pair) in kin for pair in combinations(chosen, 2))
    for name in set(people) - chosen:
        assert any(frozenset((name, other)) in kin for other in chosen)
    assert maximal_unrelated(reversed(pairs), reversed(people)) == chosen


def test_star_keeps_the_children_and_chain_of_thirty_is_exact() -> None:
    assert maximal_unrelated(
        [("parent", f"child{i}") for i in range(50)], ["parent", *(f"child{i}" for i in range(50))]
    ) == {f"child{i}" for i in range(50)}
    names = [f"{i:02}" for i in range(30)]
    assert maximal_unrelated(pairwise(names), names) == set(names[::2])
