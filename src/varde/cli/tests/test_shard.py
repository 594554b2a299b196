"""``varde shard`` from a region's folder to the national store."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from varde.cli import run
from varde.frequency.store import read_manifest
from varde.frequency.tests.test_nation import join, region_folder


def test_from_region_to_nation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    region = region_folder(tmp_path / "region")
    for number in range(6):
        join(region, tmp_path, number)
    keys, outbox, nation = tmp_path / "keys", tmp_path / "outbox", tmp_path / "nation"
    keys.mkdir()
    assert run(["keys", "new", "west", "--out", str(keys)]) == 0
    key, trust = str(keys / "west.private.pem"), ["--trust", str(keys / "west.public.pem")]
    capsys.readouterr()
    make = ["shard", "make", str(region), "--out", str(outbox), "--key", key, "--month", "2026-11"]
    assert run(make) == 0
    said = capsys.readouterr().out
    shard = outbox / "000001" / "shard.zip"
    assert said.startswith("Shard 1 of west, 2026-11, GRCh38: 6 people added, 0 withdrawn, 0 corrected; ")
    assert said.endswith(f"{shard}\n")
    assert run(["shard", "read", str(shard), *trust, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["people"] == {"added": 6, "withdrawn": 0, "corrected": 0}
    assert run(["shard", "accept", str(nation), str(shard), *trust, "--new"]) == 0
    assert "now counts 6 people" in capsys.readouterr().out
    assert read_manifest(nation).people == 6
    assert run(["shard", "accept", str(nation), str(shard), *trust]) == 2
    assert "taken in before" in capsys.readouterr().err
    assert run(make) == 2
    assert "Nobody changed" in capsys.readouterr().err
    assert run([*make, "--replaced", "a"]) == 2
    assert run([*make[:-1], "2026-13"]) == 2
    assert "2026-13" in capsys.readouterr().err
