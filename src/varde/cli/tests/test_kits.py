"""``varde count --callable``: the BED of a capture kit by its name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from varde.cli import run
from varde.frequency.tests.test_refusals import genotypes


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    kits = tmp_path / "kits"
    kits.mkdir()
    (kits / "Twist-2.bed").write_text("20\t100\t2000\n")
    monkeypatch.setenv("VARDE_KITS", str(kits))
    (tmp_path / "a.vcf").write_text(genotypes(4, ["A"], apart=100))
    return ["count", "--vcf", str(tmp_path / "a.vcf"), "--build", "GRCh38", "--gate", "none", "--json"]


def test_a_kit_by_name_counts_as_its_file_does(command: list[str], tmp_path: Path) -> None:
    folders = {}
    for given in ("Twist-2", str(tmp_path / "kits" / "Twist-2.bed"), "A=Twist-2"):
        out = tmp_path / f"counts-{len(folders)}"
        assert run([*command, "--callable", given, "--out", str(out)]) == 0
        folders[given] = {path.name: path.read_bytes() for path in sorted((out / "sums").rglob("*.parquet"))}
    first, *others = folders.values()
    assert first
    assert all(other == first for other in others)


def test_a_kit_that_is_not_there_is_refused_with_those_that_are(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*command, "--callable", "Twist-9", "--out", str(tmp_path / "counts")]) == 2
    told = json.loads(capsys.readouterr().err)
    assert (told["code"], told["field"]) == ("unknown_kit", "--callable")
    assert "kits here: Twist-2." in told["problem"]
    assert not (tmp_path / "counts").exists()
