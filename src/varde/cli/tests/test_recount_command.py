"""``varde recount``: what it says of sums that agree, of sums that do not, and of a folder without runs."""

from __future__ import annotations

import json

import polars as pl

from varde.cli import run
from varde.frequency.merge import merge
from varde.frequency.release.tests.registers import Town, region
from varde.frequency.store import read_manifest


def test_the_command_tells_what_agrees_and_refuses_what_does_not(tmp_path, capsys):
    town = Town.of(genes=2, sites_per_gene=10, seed=3)
    folder = region(tmp_path / "north", town, town.people(30, seed=4), town.people(6, seed=5))
    assert run(["recount", str(folder), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["agrees"], told["engine"], told["runs"], told["people"]) == (True, "DuckDB", 36, 30)
    [segment] = read_manifest(folder).segment_folders()
    path = segment / "observations.parquet"
    frame = pl.read_parquet(path, memory_map=False)
    frame.with_columns(pl.col("hom") + 1).write_parquet(path)
    assert run(["recount", str(folder), "--json"]) == 2
    problem = json.loads(capsys.readouterr().err)
    assert problem["code"] == "sums_differ"
    assert f"{2 * frame.height} rows of observations differ" in problem["problem"]
    merge([folder], tmp_path / "sums", with_runs=False)
    assert run(["recount", str(tmp_path / "sums"), "--json"]) == 2
    assert json.loads(capsys.readouterr().err)["code"] == "no_runs"
