"""``varde source``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from varde.cli import run

VCF = """##fileformat=VCFv4.2
##contig=<ID=1,length=248956422>
##INFO=<ID=AC,Number=A,Type=Integer,Description="">
##INFO=<ID=AN,Number=1,Type=Integer,Description="">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO
1\t100\trs5\tA\tG\t.\tPASS\tAC=3;AN=200
1\t120\t.\tA\t<DEL>\t.\tPASS\tAC=3;AN=200
"""


@pytest.fixture
def sites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VARDE_SOURCES", str(tmp_path / "sources"))
    (tmp_path / "sites.vcf").write_text(VCF)
    return tmp_path / "sites.vcf"


def add(sites: Path, build: str = "GRCh38") -> int:
    named = ["--name", "gnomAD", "--version", "4.1", "--licence", "CC0", "--build", build]
    return run(["source", "add", str(sites), *named])


def test_add_and_list(sites, capsys):
    assert run(["source", "list"]) == 0
    assert "No source is imported" in capsys.readouterr().out
    assert add(sites) == 0
    assert "Added gnomAD 4.1 (CC0), GRCh38: 1 alleles, 1 with rsID" in capsys.readouterr().out
    assert run(["source", "list", "--verify", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["sources"]
    assert (told["name"], told["sites"], told["passed_over"]) == ("gnomAD", 1, {"not_sequence": 1})


def test_refusals(sites, capsys):
    assert add(sites, "GRCh37") == 2
    assert "GRCh37 is expected, but the header tells of GRCh38" in capsys.readouterr().err
    assert not (sites.parent / "sources" / "gnomAD-4.1").exists()
    assert add(sites) == 0
    assert add(sites) == 2
    assert "a source is never changed" in capsys.readouterr().err
    damaged = sites.parent / "sources" / "gnomAD-4.1" / "sites.parquet"
    damaged.write_bytes(damaged.read_bytes() + b"x")
    assert run(["source", "list", "--verify"]) == 2
