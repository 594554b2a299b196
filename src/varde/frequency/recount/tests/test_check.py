"""A folder's sums against its runs counted again: what agrees, and what each kind of damage is found by."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from varde.frequency.increment import sites
from varde.frequency.merge import merge
from varde.frequency.recount import engines
from varde.frequency.recount.check import Recount, recount
from varde.frequency.recount.tests.test_recount import NO_SPARK
from varde.frequency.release.tests.registers import Town, region
from varde.frequency.store import MANIFEST, read_manifest
from varde.genome.errors import InputError
from varde.genome.keys import key_positions

TOWN = Town.of(genes=2, sites_per_gene=10, seed=3)
PEOPLE, STRANGERS = TOWN.people(30, seed=4), TOWN.people(6, seed=5)


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("counts") / "north"
    region(folder, TOWN, PEOPLE, STRANGERS)
    return folder


@pytest.fixture
def folder(whole, tmp_path) -> Path:
    return shutil.copytree(whole, tmp_path / "north")


def again(folder: Path) -> Recount:
    return recount(folder, engines.duckdb_engine(threads=1))


def table(folder: Path, name: str) -> Path:
    [segment] = read_manifest(folder).segment_folders()
    return segment / f"{name}.parquet"


def content(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    "engine",
    [
        "duckdb",
        pytest.param(
            "pyspark", marks=pytest.mark.skipif(NO_SPARK, reason="PySpark (the extra 'spark') or Java is not installed")
        ),
    ],
)
def test_sums_that_agree(folder, engine):
    before = content(folder)
    found = recount(folder, engines.duckdb_engine() if engine == "duckdb" else engines.spark_engine())
    stored = read_manifest(folder).read_increment()
    assert found.agrees
    assert (found.runs, found.people) == (36, 30)
    assert found.rows["observations"] == stored.observations.height == sites(stored).height > 10
    assert set(found.differing) == {"observations", "coverage", "structural", "people", "long", "manifest"}
    assert content(folder) == before


def test_sums_in_several_segments_agree(folder, tmp_path):
    region(tmp_path / "south", TOWN, TOWN.people(20, seed=9), [])
    merge([folder, tmp_path / "south"], tmp_path / "both")
    assert (again(tmp_path / "both").people, again(tmp_path / "both").agrees) == (50, True)


@pytest.mark.parametrize(("name", "column"), [("observations", "het"), ("coverage", "change"), ("people", "people")])
def test_one_count_changed_is_found(folder, name, column):
    path = table(folder, name)
    frame = pl.read_parquet(path, memory_map=False)
    first = pl.int_range(pl.len()) == 0
    frame.with_columns(pl.when(first).then(pl.col(column) + 1).otherwise(column).alias(column)).write_parquet(path)
    found = again(folder)
    assert not found.agrees
    assert {table: rows for table, rows in found.differing.items() if rows} == {name: 2}
    position = int(key_positions(frame["key"].head(1).to_numpy())[0]) if name == "observations" else 0
    assert found.examples == ((f"20-{position}-A-T",) if position else ())


def test_a_manifest_that_counts_otherwise_is_found(folder):
    told = json.loads((folder / MANIFEST).read_text())
    told["cells"] = {cell: people + 1 for cell, people in told["cells"].items()}
    (folder / MANIFEST).write_text(json.dumps(told))
    assert again(folder).differing["manifest"] == 2


@pytest.mark.parametrize("status", ["counted", "held_out"])
@pytest.mark.parametrize("damage", ["missing", "cut", "another's"])
def test_a_damaged_run_is_named(folder, status, damage):
    runs = [one.identifier for one in read_manifest(folder).runs if one.status == status]
    path, other = (folder / "runs" / f"{run}.parquet" for run in runs[:2])
    if damage == "missing":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:-20])
    else:
        shutil.copyfile(other, path)
    with pytest.raises(InputError) as refused:
        again(folder)
    assert refused.value.code == "damaged"
    assert runs[0] in refused.value.problem
