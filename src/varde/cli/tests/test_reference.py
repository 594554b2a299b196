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


GENES = """\
##gff-version 3
1\tx\tgene\t101\t400\t.\t+\t.\tID=gene:G2;Name=ZED;biotype=protein_coding;gene_id=G2
1\tx\tmRNA\t101\t400\t.\t+\t.\tID=transcript:T2;Parent=gene:G2;biotype=protein_coding;transcript_id=T2
1\tx\texon\t101\t200\t.\t+\t.\tParent=transcript:T2
1\tx\texon\t231\t260\t.\t+\t.\tParent=transcript:T2
1\tx\texon\t391\t400\t.\t+\t.\tParent=transcript:T2
1\tx\tCDS\t101\t199\t.\t+\t0\tParent=transcript:T2;protein_id=P2
###
1\tx\tgene\t11\t40\t.\t+\t.\tID=gene:G1;Name=ALPHA;biotype=protein_coding;gene_id=G1
1\tx\tmRNA\t11\t40\t.\t+\t.\tID=transcript:T1;Parent=gene:G1;biotype=protein_coding;transcript_id=T1
1\tx\texon\t11\t40\t.\t+\t.\tParent=transcript:T1
1\tx\tCDS\t11\t40\t.\t+\t0\tParent=transcript:T1;protein_id=P1
###
"""


def test_genes_are_written_as_a_release_takes_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fasta, gff3, bed = tmp_path / "1.fa", tmp_path / "genes.gff3", tmp_path / "genes.bed"
    fasta.write_text(">1\n" + "ACGT" * 200 + "\n")
    gff3.write_text(GENES)
    add = ["reference", "add", "--fasta", str(fasta), "--build", "GRCh38", "--name"]
    assert run([*add, "made", "--gff3", str(gff3)]) == 0
    assert run([*add, "bare"]) == 0
    capsys.readouterr()
    assert run(["reference", "genes", "made", "-o", str(bed)]) == 0
    assert capsys.readouterr().out == f"2 genes in {bed}\n"
    # 0-based; 20 bases beside every exon, not before the first base; what then touches is one interval; by symbol.
    assert bed.read_text() == "1\t0\t60\tALPHA\n1\t80\t280\tZED\n1\t370\t420\tZED\n"
    written = bed.read_bytes()
    assert run(["reference", "genes", "made", "-o", str(bed), "--json"]) == 2
    assert json.loads(capsys.readouterr().err)["code"] == "out_not_writable"
    assert bed.read_bytes() == written
    assert run(["reference", "genes", "bare", "-o", str(tmp_path / "none.bed"), "--json"]) == 2
    assert json.loads(capsys.readouterr().err)["code"] == "no_annotation"
    assert not (tmp_path / "none.bed").exists()
