"""``varde lift``."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from varde.cli import run

CHAIN = "chain 1 chr20 63025520 + 10 30 chr20 64444167 + 110 132 1\n8 2 4\n10\n"
VCF = (
    "##fileformat=VCFv4.2\n##contig=<ID=20,length=63025520>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    "20\t11\t.\tA\tG\t.\tPASS\t.\n20\t5\t.\tA\tC\t.\tPASS\t.\n"
)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "in.vcf").write_text(VCF)
    (tmp_path / "a.chain").write_text(CHAIN)
    return tmp_path


def lift(folder: Path, *more: str, to: str = "GRCh38", out: str = "o.vcf.gz", rejected: str = "r.vcf") -> int:
    chain = ["--to", to, "--chain", str(folder / "a.chain")]
    return run(
        ["lift", str(folder / "in.vcf"), *chain, "-o", str(folder / out), "--rejected", str(folder / rejected), *more]
    )


def test_lifts_and_says_what_did_not(files, capsys):
    assert lift(files) == 0
    said = capsys.readouterr().out
    assert "1 of 2 records lifted from GRCh37 to GRCh38" in said
    assert "Not lifted, no chain: 1" in said
    assert "REF was not compared" in said
    records = gzip.decompress((files / "o.vcf.gz").read_bytes()).decode().splitlines()
    assert records[-1] == "20\t111\t.\tA\tG\t.\tPASS\tVarde_lifted_from=20:11"
    assert (files / "r.vcf").read_text().splitlines()[-1] == "20\t5\t.\tA\tC\t.\tPASS\tVarde_unlifted=no_chain"


def test_json(files, capsys):
    assert lift(files, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["records"], told["lifted"], told["unlifted"]) == (2, 1, {"no_chain": 1})


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"to": "GRCh37"}, "leads from GRCh37 to GRCh38"),
        ({"out": "o.vcf"}, "must end in .vcf.gz"),
        ({"rejected": "in.vcf"}, "three files"),
    ],
)
def test_refusals_write_nothing(files, capsys, changed, said):
    assert lift(files, **changed) == 2
    assert said in capsys.readouterr().err
    assert sorted(path.name for path in files.iterdir()) == ["a.chain", "in.vcf"]
    assert (files / "in.vcf").read_text() == VCF


def test_bed(files, capsys):
    (files / "in.bed").write_text("20\t5\t25\n")
    chain = ["--to", "GRCh38", "--chain", str(files / "a.chain"), "--rejected", str(files / "lost.bed")]
    assert run(["lift", str(files / "in.bed"), *chain, "-o", str(files / "out.bed")]) == 0
    assert capsys.readouterr().out == "13 of 20 bases lifted from GRCh37 to GRCh38; 7 lost.\n"
    assert (files / "out.bed").read_text() == "20\t110\t118\n20\t122\t127\n"
    assert run(["lift", str(files / "in.bed"), *chain, "-o", str(files / "out.vcf.gz")]) == 2
