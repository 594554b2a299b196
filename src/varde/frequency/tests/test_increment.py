"""Increments are a commutative group, whatever they are made of, against sums in dictionaries."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from varde.frequency.callable_intervals import Intervals, Tracks
from varde.frequency.cells import Assay, Cell, DiseaseGroup
from varde.frequency.increment import Increment, read_increment, run_increment, sites, sum_runs, write_increment
from varde.frequency.observations import OBSERVATIONS, add_observations
from varde.frequency.run import BESIDE_INTERVALS, HAPLOID, NO_LONG_ALLELES, Alleles, Run
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.keys import encode_keys
from varde.genome.pedigree import Sex

CELLS = (
    Cell(Sex.FEMALE),
    Cell(Sex.MALE, DiseaseGroup.HEART, Assay.EXOME),
    Cell(Sex.UNKNOWN, DiseaseGroup.OTHER, Assay.PANEL),
)
SEEDS = st.integers(0, 2**32 - 1)
FEW = settings(max_examples=40, deadline=None)


def random_run(random: np.random.Generator, tracks: Tracks) -> Run:
    contig = np.sort(random.choice([1, 2, 16, 25], size=random.integers(0, 12)))
    position = random.integers(1, 6, size=len(contig))
    keys = np.unique(encode_keys(contig, position, ["A"] * len(contig), ["C"] * len(contig)))
    dosage = random.integers(0, 3, size=len(keys)).astype(np.uint8)
    flags = np.where(random.random(len(keys)) < 0.3, HAPLOID, 0) * (dosage == 1)
    flags |= np.where((random.random(len(keys)) < 0.3) | (dosage == 0), BESIDE_INTERVALS, 0)
    alleles = Alleles(keys, dosage, flags.astype(np.uint8), NO_LONG_ALLELES)
    base = int(random.choice([1, 2, 16, 25])) << 32
    shared = Intervals(np.array([base]), np.array([base + 40]))
    track = tracks.add(shared)
    own = Intervals(np.array([base + 100]), np.array([base + 130]))
    cut = Intervals(np.array([base + 10]), np.array([base + 20]))
    nothing = Intervals.empty()
    cell = CELLS[random.integers(len(CELLS))]
    added, less = (own, cut) if random.random() < 0.5 else (nothing, nothing)
    return Run(Build.GRCH38, "none", cell, alleles, (track,), added, less)


def some_runs(seed: int) -> tuple[list[Run], Tracks]:
    random, tracks = np.random.default_rng(seed), Tracks()
    return [random_run(random, tracks) for _ in range(random.integers(0, 9))], tracks


def same(one: Increment, two: Increment) -> bool:
    tables = ("observations", "coverage", "structural", "people", "long")
    return all(getattr(one, name).equals(getattr(two, name)) for name in tables)


@FEW
@given(SEEDS)
def test_observations_are_those_of_a_dictionary(seed: int) -> None:
    runs, tracks = some_runs(seed)
    expected: Counter[tuple[int, int, str]] = Counter()
    for run in runs:
        for key, dosage, flags in zip(run.alleles.keys.tolist(), run.alleles.dosage, run.alleles.flags, strict=True):
            kind = {0: None, 1: "hemi" if flags & HAPLOID else "het", 2: "hom"}[int(dosage)]
            expected.update([(key, run.cell.code, name) for name in (kind, "beside" * bool(flags & 2)) if name])
    total = sum_runs(Build.GRCH38, runs, tracks)
    found = total.observations.unpivot(["het", "hom", "hemi", "beside"], index=["key", "cell"])
    assert {row[:3]: row[3] for row in found.iter_rows() if row[3]} == dict(expected)
    assert total.observations.equals(total.observations.sort("key", "cell"))
    assert dict(total.people.select("cell", "people").iter_rows()) == Counter(run.cell.code for run in runs)


@FEW
@given(SEEDS, SEEDS)
def test_increments_add_in_any_order_and_cut_anywhere(seed: int, order: int) -> None:
    runs, tracks = some_runs(seed)
    random = np.random.default_rng(order)
    whole = sum_runs(Build.GRCH38, runs, tracks)
    parts = [run_increment(runs[i], tracks) for i in random.permutation(len(runs))]
    assert same(Increment.merged(Build.GRCH38, parts), whole)
    cut = int(random.integers(0, len(parts) + 1))
    halves = [Increment.merged(Build.GRCH38, part) for part in (parts[cut:], parts[:cut])]
    assert same(Increment.merged(Build.GRCH38, halves), whole)
    assert same(Increment.merged(Build.GRCH38, [whole, whole.negated()]), Increment.empty(Build.GRCH38))
    without = Increment.merged(Build.GRCH38, [*halves, *(part.negated() for part in parts[:cut])])
    assert same(without, halves[0])


@FEW
@given(SEEDS)
def test_tables_of_many_people_merge_as_those_of_one(seed: int) -> None:
    random = np.random.default_rng(seed)
    tables, expected = [], Counter()
    for _ in range(random.integers(0, 6)):
        rows = {}
        for _ in range(random.integers(0, 10)):
            index = int(random.choice([1, 17, 25])) << 59 | int(random.integers(1, 4)) << 31, int(random.integers(0, 3))
            rows[index] = random.integers(-2, 3, size=4).tolist()
        for index, values in rows.items():
            expected.update({(*index, i): value for i, value in enumerate(values)})
        table = [(*index, *values) for index, values in sorted(rows.items()) if any(values)]
        tables.append(pl.DataFrame(table, schema=OBSERVATIONS, orient="row"))
    found = add_observations(tables)
    assert {(*row[:2], i): row[2 + i] for row in found.iter_rows() for i in range(4) if row[2 + i]} == {
        index: value for index, value in expected.items() if value
    }
    assert all(any(row[2:]) for row in found.iter_rows())


def test_an_increment_is_read_as_it_was_written_and_refused_when_damaged(tmp_path: Path) -> None:
    runs, tracks = some_runs(11)
    increment = sum_runs(Build.GRCH37, [], tracks)
    for i, wanted in enumerate((increment, sum_runs(Build.GRCH38, runs, tracks))):
        (tmp_path / str(i)).mkdir()
        write_increment(tmp_path / str(i), wanted)
        found = read_increment(tmp_path / str(i))
        assert (found.build, same(found, wanted)) == (wanted.build, True)
    coverage = tmp_path / "1" / "coverage.parquet"
    coverage.write_bytes(coverage.read_bytes()[:-20])
    with pytest.raises(InputError, match="cannot be read") as caught:
        read_increment(tmp_path / "1")
    assert caught.value.code == "damaged"
    coverage.unlink()
    with pytest.raises(InputError, match="cannot be read"):
        read_increment(tmp_path / "1")


def test_sites_of_some_cells_keep_the_alleles_of_all() -> None:
    runs, tracks = some_runs(5)
    total = sum_runs(Build.GRCH38, runs, tracks)
    parts = [sites(total, [cell]) for cell in total.cells()]
    whole = sites(total)
    assert whole.height > 3
    for name in ("ac", "an", "nhomalt", "nhemi", "nobs", "nhet_mt"):
        assert sum(part[name] for part in parts).to_list() == whole[name].to_list()
    assert all(part["key"].equals(whole["key"]) for part in parts)
