"""``varde reference``: by its program, exit codes and JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from varde.cli import run


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VARDE_REFERENCES", str(tmp_path / "references"))
    return tmp_path / "references"


@pytest.fixture
def fasta(tmp_path: Path) -> list[str]:
    paths = []
    for name, bases in (("20", "ACGT"), ("GL1", "AC")):
        (tmp_path / f"{name}.fa").write_text(f">{name}\n{bases}\n")
        paths += ["--fasta", str(tmp_path / f"{name}.fa")]
    return paths


def test_add_and_list(fasta: list[str], root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["reference", "list"]) == 0
    assert capsys.readouterr().out == f"No reference is stored in {root}.\n"
    assert run(["reference", "add", *fasta, "--build", "GRCh37", "--name", "made", "--json"]) == 0
    added = json.loads(capsys.readouterr().out)
    assert added["contigs"] == [
        {"name": "20", "length": 4, "build_length": 63_025_520},
        {"name": "GL1", "length": 2, "build_length": None},
    ]
    assert run(["reference", "list"]) == 0
    assert capsys.readouterr().out == "made: GRCh37, without genes, 20 (bases 1-4 only) and 1 others\n"
    assert run(["reference", "list", "--verify", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"references": [added]}


def test_a_taken_name_ends_with_code_2(fasta: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    command = ["reference", "add", *fasta, "--build", "GRCh37", "--name", "made"]
    assert run(command) == 0
    assert run([*command, "--json"]) == 2
    captured = capsys.readouterr()
    assert json.loads(captured.err)["code"] == "name_taken"
    assert run(["reference", "add", *fasta, "--build", "hg19", "--name", "other"]) == 2


def test_damage_is_found(fasta: list[str], root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["reference", "add", *fasta, "--build", "GRCh37", "--name", "made"]) == 0
    sequence = root / "made" / "sequence.fa"
    sequence.write_bytes(sequence.read_bytes().replace(b"ACGT", b"ACGA"))
    assert run(["reference", "list"]) == 0
    assert run(["reference", "list", "--verify"]) == 2
    assert "sequence.fa: Reference made is damaged" in capsys.readouterr().err
