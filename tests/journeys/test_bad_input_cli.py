"""Input that cannot be used, on the command line: exit code 2, a message that names file, line and field, the remedy,
and nothing written. What is odd but can be used is kept and explained."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pysam
import pytest

from varde.cli import run

HEADER = """##fileformat=VCFv4.2
##contig=<ID=20,length=63025520>
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Depths">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">
##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Quality">
"""
PED = "fam\tchild\tfather\tmother\t1\t2\nfam\tmother\t0\t0\t2\t1\nfam\tfather\t0\t0\t1\t1\n"
HET, REF = "0/1:15,15:30:99", "0/0:30,0:30:99"
RECORDS = 300
FIRST_LINE = HEADER.count("\n") + 2


def columns(*people: str) -> str:
    return "\t".join(("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *people)) + "\n"


def record(position: int, ref: str, alt: str, *calls: str) -> str:
    return "\t".join(("20", str(position), ".", ref, alt, "50", "PASS", ".", "GT:AD:DP:GQ", *calls)) + "\n"


GOOD = (
    HEADER
    + columns("child", "mother", "father")
    + "".join(record(100 + 10 * i, "A", "G", HET, HET, REF) for i in range(RECORDS))
)
"""Line 8 holds position 100, line 18 position 200."""


def bgzip(text: str, folder: Path) -> bytes:
    path = folder / "compressed"
    with pysam.BGZFile(str(path), "wb") as packed:
        packed.write(text.encode())
    raw = path.read_bytes()
    path.unlink()
    return raw


def cut_short(folder: Path) -> bytes:
    raw = bgzip(GOOD, folder)
    return raw[: len(raw) // 2]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A working folder with a pedigree and a stored reference of 4,000 times A."""
    monkeypatch.setenv("VARDE_REFERENCES", str(tmp_path / "references"))
    (tmp_path / "small.fa").write_text(">20\n" + "A" * 4000 + "\n")
    assert run(["reference", "add", "--fasta", str(tmp_path / "small.fa"), "--build", "GRCh37", "--name", "small"]) == 0
    capsys.readouterr()
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    Path("family.ped").write_text(PED)
    return tmp_path / "work"


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def arguments(command: str, vcf: str, ped: str = "family.ped", out: str = "out", genome: str = "") -> list[str]:
    where = ["--reference", genome] if genome else ["--build", "GRCh37"]
    return [command, "--vcf", vcf, "--ped", ped, *where, "--out", out]


def refused(
    words: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> tuple[str, str | None, int | None, str | None]:
    """Code, file, line and field of the refusal; the text for people says the same, and nothing was written."""
    before = contents(folder.parent)
    assert run([*words, "--json"]) == 2
    printed = capsys.readouterr()
    problem = json.loads(printed.err)
    assert (printed.out, problem["exit_code"]) == ("", 2)
    assert problem["problem"]
    assert problem["remedy"]
    assert run(words) == 2
    said = capsys.readouterr().err
    assert said.startswith("varde: ")
    assert problem["remedy"] in said
    place = [problem["source"], problem["line"] and f"line {problem['line']}", problem["field"]]
    assert all(one in said for one in place if one)
    assert contents(folder.parent) == before
    assert not Path("out").exists()
    return problem["code"], problem["source"], problem["line"], problem["field"]


def two_hundred() -> str:
    return HEADER + columns(*(f"s{i}" for i in range(200))) + record(100, "A", "G", *[HET] * 200)


Making = Callable[[Path], bytes]
FILES: dict[str, tuple[Making, str, str, tuple[str, int | None, str | None], tuple[str, int | None, str | None]]] = {
    "truncated bgzip": (
        cut_short, "a.vcf.gz", "", ("truncated", None, None), ("truncated", None, None),
    ),
    "0 bytes": (lambda _: b"", "a.vcf.gz", "", ("empty", None, None), ("empty", None, None)),
    "no header": (
        lambda _: GOOD.encode().split(b"father\n")[1], "a.vcf", "", ("no_header", 1, None), ("no_header", 1, None),
    ),
    "another build": (
        lambda _: GOOD.replace("63025520", "64444167").encode(), "a.vcf", "",
        ("build_mismatch", None, "##contig"), ("wrong_build", None, "##contig"),
    ),
    "REF that is not in the reference": (
        lambda _: GOOD.replace("20\t200\t.\tA", "20\t200\t.\tC").encode(), "a.vcf", "small",
        ("ref_mismatch", 18, "REF"), ("ref_mismatch", 18, "REF"),
    ),
    "a person who is not in the pedigree": (
        lambda _: GOOD.replace("\tchild\t", "\tchilt\t").encode(), "a.vcf", "",
        ("unexpected_samples", None, "#CHROM"), ("sample_not_in_ped", None, "--ped"),
    ),
    "200 people where a family is expected": (
        lambda _: two_hundred().encode(), "a.vcf", "",
        ("unexpected_samples", None, "#CHROM"), ("sample_not_in_ped", None, "--ped"),
    ),
    "a header that is not UTF-8": (
        lambda _: GOOD.replace("Genotype", "Genotyp\xe6").encode("latin-1"), "a.vcf", "",
        ("encoding", 3, None), ("encoding", 3, None),
    ),
    "a record that is not UTF-8": (
        lambda _: GOOD.replace("20\t200\t.", "20\t200\trs\xe6").encode("latin-1"), "a.vcf", "",
        ("encoding", 18, None), ("encoding", 18, None),
    ),
    "a position in words": (
        lambda _: GOOD.replace("20\t200\t", "20\tzwei\t").encode(), "a.vcf", "",
        ("bad_position", 18, "POS"), ("bad_position", 18, "POS"),
    ),
}  # fmt: skip
"""What is wrong: the file's bytes, its name, the reference, then code, line and field by ``case`` and by ``count``."""


@pytest.mark.parametrize("command", ["case", "count"])
@pytest.mark.parametrize("case", FILES)
def test_a_variant_file_that_cannot_be_used(
    case: str, command: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make, name, genome, by_case, by_count = FILES[case]
    Path(name).write_bytes(make(folder))
    code, line, field = by_case if command == "case" else by_count
    assert refused(arguments(command, name, genome=genome), folder, capsys) == (code, name, line, field)


@pytest.mark.parametrize(
    ("text", "code", "line", "field"),
    [
        (PED.replace("fam\tmother", "fam\tmum").encode(), "unknown_parent", 1, "mother"),
        (PED.replace("child\tfather\tmother", "child\tmother\tfather").encode(), "parent_sex", 1, "father"),
        (PED.replace("fam", "f\xe6m").encode("latin-1"), "not_utf8", 1, None),
        (b"", "empty_ped", None, None),
    ],
    ids=["a parent without a line", "father and mother exchanged", "not UTF-8", "0 bytes"],
)
def test_a_pedigree_that_cannot_be_used(
    text: bytes, code: str, line: int | None, field: str | None, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("a.vcf").write_text(GOOD)
    Path("a.ped").write_bytes(text)
    assert refused(arguments("case", "a.vcf", ped="a.ped"), folder, capsys) == (code, "a.ped", line, field)


def test_a_family_that_is_none_is_shown_and_stops_the_sign_off(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The father of this file shares nothing with the child."""
    Path("a.vcf").write_text(GOOD)
    assert run([*arguments("case", "a.vcf"), "--json"]) == 0
    quality = json.loads(capsys.readouterr().out)["quality"]
    assert quality["stops_sign_off"] is True
    assert any(reason.startswith("child / father: kinship 0 ") for reason in quality["reasons"])


def test_repeated_records_are_refused_for_a_family_and_settled_in_counts(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("a.vcf").write_text(GOOD + record(200, "A", "G", REF, HET, HET))
    last = FIRST_LINE + RECORDS
    assert refused(arguments("case", "a.vcf"), folder, capsys) == ("duplicate_record", "a.vcf", last, "POS")
    assert run([*arguments("count", "a.vcf"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    (tally,) = told["files"].values()
    assert (told["alleles"], told["contradictions"]) == (RECORDS, 2)  # child and father, each called in two ways
    assert tally["alleles_dropped"]["duplicate_of_another_record"] == 1
    assert run(["lookup", "--counts", "out", "20-200-A-G", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["ac"], found["an"]) == (1, 2)


HOSTILE = ("a\x1b[31m\n$(touch pwned); <b>.vcf", "../work/\u202egpj.vcf", "--out", "\udcff.vcf")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_name_is_only_a_name(name: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path(name).write_text("")
    before = contents(folder)
    assert run(arguments("case", f"./{name}")) == 2
    said = capsys.readouterr().err
    assert "The file is empty (0 bytes)." in said
    assert said.rstrip("\n").isprintable()
    assert contents(folder) == before


def test_what_is_odd_is_kept_and_explained(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    odd = (
        record(3500, "AT", "A,*,<DEL>", "1/2:1,15,15,0:31:99", "0/1:15,15,0,0:30:99", "0/3:15,0,0,15:30:99")
        + record(3600, "A", "G", "1:0,30:30:99", ".:0,0:0:0", "./1:0,3:3:3")
    )  # fmt: skip
    Path("a.vcf").write_text(GOOD + odd)
    assert run(arguments("case", "a.vcf")) == 0
    trace = pl.read_csv(gzip.decompress(Path("out/trace.tsv.gz").read_bytes()), separator="\t", null_values="NA")
    rows = trace.filter(pl.col("position") >= 3500)
    assert rows["alt"].to_list() == ["A", "*", "<DEL>", "G"]
    dropped = rows.filter(~pl.col("kept"))
    assert dropped["dropped_by"].null_count() == 0
    assert dropped["value"].null_count() == 0
    capsys.readouterr()

    assert run([*arguments("count", "a.vcf", out="counts"), "--json"]) == 0
    (tally,) = json.loads(capsys.readouterr().out)["files"].values()
    left_out = {reason: number for reason, number in tally["alleles_dropped"].items() if number}
    assert left_out == {"spanning_deletion_counted_at_its_own_record": 1, "symbolic_allele": 1}
    not_called = {reason: number for reason, number in tally["genotypes_not_called"].items() if number}
    assert not_called == {"unexpected_haploid": 1, "no_call": 1, "half_call": 1}


def test_the_program_itself_ends_with_2(folder: Path) -> None:
    """Through a pipe, as a pipeline would: standard input that is cut short."""
    program = [sys.executable, "-c", "import varde.cli; varde.cli.main()", *arguments("case", "-")]
    ended = subprocess.run(program, input=cut_short(folder), capture_output=True, check=False)
    assert (ended.returncode, ended.stdout) == (2, b"")
    assert b"The file is cut short" in ended.stderr
    assert not Path("out").exists()
