"""``varde release`` and ``varde verify``, with people in two regions' folders."""

from __future__ import annotations

import json

import polars as pl
import pytest

from varde.cli import run
from varde.frequency.release import layout
from varde.frequency.release.read import Release
from varde.frequency.release.tests.registers import Town, keys, region

GENES = 6


def test_a_release_is_measured_made_and_verified(tmp_path, capsys):
    workplace, town = tmp_path, Town.of(genes=GENES, sites_per_gene=10, seed=2)
    counted, held_out = town.people(600, seed=5), town.people(500, seed=6)
    for number, name in enumerate(("north", "south")):
        region(workplace / name, town, counted[number::2], held_out[number::2])
    lines = (f"chr20\t{gene * 1000}\t{(gene + 1) * 1000}\tGENE{gene}\n" for gene in range(GENES))
    (workplace / "genes.bed").write_text("".join(lines))
    keys(workplace)
    base = ["release", "--region", str(workplace / "north"), "--region", str(workplace / "south")]
    base += ["--genes", str(workplace / "genes.bed"), "--name", "2026-11.1", "--least-people", "100"]
    out, trial = workplace / "2026-11.1", workplace / "trial"
    key = ["--key", str(workplace / "register.private.pem")]
    assert run([*base, "-o", str(trial), "--dry-run", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {path.name for path in trial.iterdir()} == {
        "measured.json",
        "trade-off.csv",
        "trade-off.svg",
        "roc.svg",
        "scores.svg",
    }
    curve = pl.read_csv(trial / "trade-off.csv")
    assert curve["sets"].to_list() == [choice["sets"] for choice in told["curve"]]
    assert run([*base, "-o", str(out), *key]) == 0
    assert "anonymous by the measure" in capsys.readouterr().out
    assert run(["verify", str(out), "--key", str(workplace / "register.public.pem")]) == 0
    assert "whole and signed" in capsys.readouterr().out
    release = Release(out)
    assert release.manifest["measured"]["chosen"] == told["chosen"]
    assert len(release.site_sets) == told["chosen"]
    assert run(["gdi", str(out), "-o", str(workplace / "GDI-1"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["sites"] == release.manifest["sites"]["released"]
    assert run([*base, "-o", str(out), *key]) == 2  # nothing is written over
    assert run([*base, "-o", str(workplace / "few"), *key, "--least-people", "1000"]) == 2
    assert not (workplace / "few" / layout.PUBLIC).exists()


SIDE_FILES = {
    "--interpretations of bytes": ("--interpretations", b"PAR1 no Parquet"),
    "--interpretations without columns": ("--interpretations", pl.DataFrame({"key": [1]})),
    "--interpretations missing": ("--interpretations", None),
    "--outside of bytes": ("--outside", b""),
    "--outside without af": ("--outside", pl.DataFrame({"key": [1]})),
    "--outside of words": ("--outside", pl.DataFrame({"key": ["x"], "af": [0.1]})),
    "--outside with gaps": ("--outside", pl.DataFrame({"key": [1, None], "af": [0.1, 0.2]})),
    "--outside twice": ("--outside", pl.DataFrame({"key": [1, 1], "af": [0.1, 0.2]})),
    "--outside beyond 1": ("--outside", pl.DataFrame({"key": [1], "af": [1.5]})),
    "--outside missing": ("--outside", None),
    "--came missing": ("--came", None),
    "--came of bytes": ("--came", b"\xff\xfe\x00"),
}


@pytest.mark.parametrize("name", SIDE_FILES)
def test_a_side_file_that_cannot_be_read_is_refused(tmp_path, capsys, name):
    option, content = SIDE_FILES[name]
    town = Town.of(genes=1, sites_per_gene=10)
    region(tmp_path / "north", town, town.people(6, seed=5))
    (tmp_path / "genes.bed").write_text("chr20\t0\t1000\tGENE0\n")
    if isinstance(content, pl.DataFrame):
        content.write_parquet(tmp_path / "side")
    elif content is not None:
        (tmp_path / "side").write_bytes(content)
    before = sorted(tmp_path.iterdir())
    command = ["release", "--region", str(tmp_path / "north"), "--genes", str(tmp_path / "genes.bed"), "--name"]
    command += ["2026-11.1", "--dry-run", "-o", str(tmp_path / "out"), option, str(tmp_path / "side"), "--json"]
    assert run(command) == 2
    told = json.loads(capsys.readouterr().err)
    assert (told["code"], told["source"], told["field"]) == ("unreadable", "side", option)
    assert sorted(tmp_path.iterdir()) == before


def test_fewer_than_one_person_is_no_bound(tmp_path, capsys):
    assert (
        run(["release", "--genes", "g", "--name", "2026-11.1", "-o", str(tmp_path / "o"), "--least-people", "-5"]) == 2
    )
    assert "--least-people" in capsys.readouterr().err
    assert not (tmp_path / "o").exists()
