"""Changes of a counts folder: small, whole or not at all, without a trace of who left."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from varde.frequency.callable_intervals import Intervals, Tracks
from varde.frequency.cells import Assay, Cell, DiseaseGroup
from varde.frequency.count import Counting, add_person, compact, remove_person, runs_of, set_status
from varde.frequency.genotypes import Gate
from varde.frequency.increment import Increment, run_increment, sum_runs
from varde.frequency.ledger import add_increment, create
from varde.frequency.lookup import Counts
from varde.frequency.merge import merge
from varde.frequency.run import NO_LONG_ALLELES, Alleles, Run
from varde.frequency.store import RUNS, SUMS, Status, read_manifest
from varde.frequency.tests.cohorts import vcf_text
from varde.genome.alleles import Variant
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.keys import encode_keys
from varde.genome.new_folder import new_folder
from varde.genome.pedigree import Sex

ALL = Counting(Build.GRCH38, Gate.NONE)
NAMES = [f"P{i}" for i in range(8)]
SEXES = [Sex.FEMALE, Sex.MALE]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A VCF for each of eight people: a variant they share, one of their own, and one on X."""
    folder = tmp_path_factory.mktemp("files")
    written = {}
    for i, name in enumerate(NAMES):
        records = [f"{c}\t{p}\t.\tA\tG\t.\t.\t.\tGT\t0/1" for c, p in (("20", 100), ("20", 200 + i), ("X", 50_000_000))]
        written[name] = folder / f"{name}.vcf"
        written[name].write_text(vcf_text([name], records))
    return written


def add(folder: Path, files: dict[str, Path], name: str, **options: object) -> str:
    return add_person(folder, [files[name]], sample=name, sex=SEXES[int(name[1]) % 2], counting=ALL, **options)


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 7), st.sampled_from([*Status, None])), max_size=14))
def test_any_history_ends_as_if_only_its_end_had_been(
    files: dict[str, Path], tmp_path: Path, history: list[tuple[int, Status | None]]
) -> None:
    folder, plain = tmp_path / "register", tmp_path / "plain"
    for path in (folder, plain):
        shutil.rmtree(path, ignore_errors=True)
        with new_folder(path) as private:
            create(private, ALL.settings)
    inside: dict[str, tuple[str, Status]] = {}
    for person, status in history:
        name = NAMES[person]
        if name not in inside and status is not None:
            inside[name] = add(folder, files, name, status=status), status
        elif name in inside and status is not None:
            set_status(folder, inside[name][0], status)
            inside[name] = inside[name][0], status
        elif name in inside:
            remove_person(folder, inside.pop(name)[0])
    for name in sorted(inside, reverse=True):
        add(plain, files, name, status=inside[name][1])
    counted = sum(status is Status.COUNTED for _, status in inside.values())
    assert Counts(folder).people == sum(Counts(folder).people_by_cell.values()) == counted
    assert Counts(folder).sites.equals(Counts(plain).sites)
    assert len(read_manifest(folder).segments) <= 6
    for path in (folder, plain):
        compact(path)
    assert content(folder) == content(plain)
    found = {run for run, _, _ in runs_of(folder, Status.HELD_OUT)}
    assert found == {run for run, status in inside.values() if status is Status.HELD_OUT}


def test_people_are_told_apart_by_cell(files: dict[str, Path], tmp_path: Path) -> None:
    folder = tmp_path / "register"
    add(folder, files, "P0", group=DiseaseGroup.HEART, assay=Assay.EXOME)
    add(folder, files, "P1", group=DiseaseGroup.HEART, assay=Assay.EXOME)
    add(folder, files, "P2")
    heart = [Cell(sex, DiseaseGroup.HEART, Assay.EXOME) for sex in SEXES]
    counts = Counts(folder)
    assert counts.people_by_cell == {heart[0]: 1, heart[1]: 1, Cell(Sex.FEMALE): 1}
    variant = Variant(Build.GRCH38, 20, 100, "A", "G")
    assert (counts.lookup(variant).ac, counts.lookup(variant).an, counts.lookup(variant, heart).ac) == (3, 6, 2)
    assert counts.lookup(variant, [Cell(Sex.UNKNOWN)]).an == 0
    x = Variant(Build.GRCH38, 23, 50_000_000, "A", "G")
    # The man's two alleles on X are no call of his.
    assert (counts.lookup(x).ac, counts.lookup(x).an, counts.lookup(x, heart[1:]).an) == (2, 4, 0)


def test_a_status_that_does_not_fit_is_refused(files: dict[str, Path], tmp_path: Path) -> None:
    folder = tmp_path / "register"
    run = add(folder, files, "P0")
    before = content(folder)
    for attempt in (
        lambda: remove_person(folder, run, status=Status.HELD_OUT),
        lambda: set_status(folder, "0" * 32, Status.RELATED),
    ):
        with pytest.raises(InputError) as caught:
            attempt()
        assert caught.value.code == "unknown_run"
        assert content(folder) == before
    set_status(folder, run, Status.COUNTED)
    assert content(folder) == before


def test_folders_of_disjoint_people_merge_to_that_of_all(files: dict[str, Path], tmp_path: Path) -> None:
    for i, name in enumerate(NAMES):
        add(tmp_path / f"part{i % 3}", files, name)
        add(tmp_path / "all", files, name)
    parts = [tmp_path / f"part{i}" for i in range(3)]
    compact(tmp_path / "all")
    merge(parts, tmp_path / "merged")
    assert content(tmp_path / "merged") == content(tmp_path / "all")
    sums = merge(parts, tmp_path / "sums", with_runs=False)
    assert not sums.holds_runs
    assert sorted(path.name for path in (tmp_path / "sums").iterdir()) == ["manifest.json", SUMS]
    assert Counts(tmp_path / "sums").sites.equals(Counts(tmp_path / "all").sites)
    merge(parts[::-1], parts[1])
    assert content(parts[1]) == content(tmp_path / "all")


def test_the_nation_adds_increments_and_notes_what_it_took_in(files: dict[str, Path], tmp_path: Path) -> None:
    folder, nation = tmp_path / "register", tmp_path / "nation"
    add(folder, files, "P0")
    nation.mkdir()
    create(nation, ALL.settings, holds_runs=False)
    increment = Counts(folder).increment
    add_increment(nation, increment, {"shard": "one"})
    add_increment(nation, increment.negated(), {"shard": "two"})
    add_increment(nation, increment, {"shard": "three"})
    assert read_manifest(nation).accepted == ({"shard": "one"}, {"shard": "two"}, {"shard": "three"})
    assert Counts(nation).sites.equals(Counts(folder).sites)
    before = content(nation)
    with pytest.raises(ValueError, match="of its own build"):
        add_increment(nation, Increment.empty(Build.GRCH37), {})
    with pytest.raises(ValueError, match="without runs"):
        add_increment(folder, increment, {})
    assert content(nation) == before
    compact(nation)
    assert Counts(nation).sites.equals(Counts(folder).sites)


def test_a_person_who_left_has_no_file_left(files: dict[str, Path], tmp_path: Path) -> None:
    folder = tmp_path / "register"
    add(folder, files, "P0")
    run = add(folder, files, "P1")
    (folder / RUNS / "left-behind.parquet").write_bytes(b"")
    (folder / "unfinished").touch()
    remove_person(folder, run)
    assert [path.name for path in (folder / RUNS).iterdir()] == [f"{read_manifest(folder).runs[0].identifier}.parquet"]
    compact(folder)
    assert run.encode() not in b"".join(content(folder).values())


@pytest.mark.parametrize("times", [1, 4])
def test_adding_writes_what_the_person_has_not_what_the_register_has(tmp_path: Path, times: int) -> None:
    folder = tmp_path / "register"
    folder.mkdir()
    draw, tracks = np.random.default_rng(3), Tracks()
    contents = create(folder, ALL.settings, holds_runs=False)

    def person(alleles: int) -> Increment:
        position = np.unique(draw.integers(1, 60_000_000, alleles))
        keys = encode_keys(np.full(len(position), 20), position, ["A"] * len(position), ["G"] * len(position))
        ones = np.ones(len(keys), dtype=np.uint8)
        carried = Alleles(keys, ones, ones * 0, NO_LONG_ALLELES)
        nothing = Intervals.empty()
        return run_increment(Run(Build.GRCH38, "none", Cell(Sex.FEMALE), carried, (), nothing, nothing), tracks)

    add_increment(folder, person(40_000 * times), {})
    base = read_manifest(folder).segments[0]
    for i in range(20):
        add_increment(folder, person(200), {"n": i})
    contents = read_manifest(folder)
    assert contents.segments[0] == base, "the register was written anew"
    assert len(contents.segments) <= 6
    assert sum_runs(Build.GRCH38, [], tracks).number_of_people == 0
    assert contents.people == 21
