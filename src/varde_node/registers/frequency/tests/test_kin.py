"""One person once: made people at two thousand unlinked sites, a second reading of one, a child of one, a stranger."""

from __future__ import annotations

from uuid import uuid4

import numpy as np
import polars as pl
import pytest
from django.utils import timezone

from varde.frequency.callable_intervals import Intervals, Tracks
from varde.frequency.count import remove_person
from varde.frequency.increment import sum_runs
from varde.frequency.ledger import append, changing, store_runs
from varde.frequency.release.tests.registers import CELL, Town, region
from varde.frequency.run import read_alleles
from varde.frequency.store import RUN_LINES, Segment, Status, StoredRun
from varde.genome.alleles import Variant
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.keys import encode_keys, key_contigs, key_positions
from varde_node.registers.frequency import kin, own_cases, store
from varde_node.registers.frequency.contracts import OwnCase
from varde_node.registers.frequency.models import Contribution

CHROMOSOMES, SITES, APART, PEOPLE = 20, 100, 400_000, 120


@pytest.fixture
def town():
    contig = np.repeat(np.arange(1, CHROMOSOMES + 1), SITES).astype(np.uint8)
    position = np.tile(np.arange(1, SITES + 1) * APART, CHROMOSOMES)
    keys = encode_keys(contig, position, ["A"] * len(contig), ["T"] * len(contig))
    start = contig.astype(np.int64) << 32 | position - 1
    tracks = Tracks()
    tracks.add(Intervals.of(start, start + 1))
    return Town(keys, np.random.default_rng(3).uniform(0.1, 0.5, len(keys)), (), tracks)


@pytest.fixture
def dosages(data, town):
    """Everybody's genotypes [people, sites]; they are counted in one region."""
    found = np.random.default_rng(4).binomial(2, town.frequency, (PEOPLE, len(town.keys))).astype(np.uint8)
    region(store.region_folder("HSO"), town, [town.person(row) for row in found])
    return found


def come(town, *dosages):
    """New people in the region's counts, not looked at yet; their runs."""
    runs = [town.person(row) for row in dosages]
    lines = [StoredRun(run.identifier, CELL, run.tracks, (), 0).as_line() for run in runs]
    with changing(store.region_folder("HSO")) as contents:
        store_runs(store.region_folder("HSO"), runs, town.tracks)
        frame = pl.DataFrame(sorted(lines), schema=RUN_LINES, orient="row")
        append(contents, Segment(sum_runs(Build.GRCH38, runs, town.tracks), frame))
    return [run.identifier for run in runs]


def child_of(parent, town, seed):
    random = np.random.default_rng(seed)
    return (random.random(len(parent)) < parent / 2).astype(np.uint8) + random.binomial(1, town.frequency).astype(
        np.uint8
    )


def test_a_second_reading_of_a_person_is_refused(town, dosages):
    again = dosages[7].copy()
    again[::50] = (again[::50] + 1) % 3  # two genotypes of a hundred read otherwise
    with pytest.raises(InputError) as caught:
        kin.look_at("HSO", come(town, again))
    assert caught.value.code == "duplicate_person"


def test_the_same_content_is_refused_also_before_there_is_a_panel(data, town):
    person = np.random.default_rng(5).binomial(2, town.frequency).astype(np.uint8)
    region(store.region_folder("HSO"), town, [town.person(person)])
    with pytest.raises(InputError) as caught:
        kin.look_at("HSO", come(town, person))
    assert caught.value.code == "duplicate_person"


def test_a_child_of_somebody_counted_is_set_aside_and_a_stranger_is_counted(town, dosages):
    stranger = np.random.default_rng(6).binomial(2, town.frequency).astype(np.uint8)
    child, other = come(town, child_of(dosages[3], town, seed=8), stranger)
    assert kin.look_at("HSO", [child, other]).related == (child,)
    status = {run.identifier: run.status for run in store.stored_runs("HSO")}
    assert (status[child], status[other]) == (Status.RELATED, Status.COUNTED)
    assert store.people_counted("HSO") == PEOPLE + 1


def test_of_two_new_kin_the_first_is_counted_until_it_leaves(town, dosages):
    parent = np.random.default_rng(9).binomial(2, town.frequency).astype(np.uint8)
    first, second = come(town, parent, child_of(parent, town, seed=10))
    assert kin.look_at("HSO", [first, second]).related == (second,)
    assert kin.reconsider("HSO") == ()
    remove_person(store.region_folder("HSO"), first)
    assert kin.reconsider("HSO") == (second,)
    assert store.people_counted("HSO") == PEOPLE + 1


def test_kin_set_aside_are_no_own_case_until_they_are_counted(town, dosages, geneticist, monkeypatch):
    parent = np.random.default_rng(9).binomial(2, town.frequency).astype(np.uint8)
    runs = come(town, parent, child_of(parent, town, seed=10))
    assert kin.look_at("HSO", runs).related == (runs[1],)
    today = timezone.localdate()
    rows = [
        Contribution.objects.create(
            region="HSO", state="counted", people=1, related=related, runs=[run], received_on=today
        )
        for related, run in enumerate(runs)
    ]
    known = {str(row.id): OwnCase(uuid4(), f"2026-{number}", "child") for number, row in enumerate(rows)}
    monkeypatch.setattr(own_cases, "answering", lambda: [(lambda _actor: known, lambda _actor, _cases: None)])
    both = np.intersect1d(*(read_alleles(store.region_folder("HSO") / "runs", run).keys for run in runs))
    variant = Variant(Build.GRCH38, *(int(of(both)[0]) for of in (key_contigs, key_positions)), "A", "T")
    assert [one.case_number for one in own_cases.own_cases(geneticist, variant)] == ["2026-0"]
    remove_person(store.region_folder("HSO"), runs[0])
    rows[0].delete()
    assert kin.reconsider("HSO") == (runs[1],)
    Contribution.objects.update(related=0)
    assert [one.case_number for one in own_cases.own_cases(geneticist, variant)] == ["2026-1"]
