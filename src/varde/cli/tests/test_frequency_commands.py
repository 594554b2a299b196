"""``varde count``, ``varde sites`` and ``varde lookup`` from end to end."""

from __future__ import annotations

import json
from pathlib import Path

import pysam
import pytest

from varde.cli import run
from varde.frequency.tests.cohorts import vcf_text

RECORDS = [
    "20\t100\t.\tA\tG\t.\tPASS\t.\tGT:AD:DP:GQ\t0/1:10,10:20:99\t1/1:0,20:20:99\t0/0:20,0:20:19",
    "20\t200\t.\tCTA\tCTG\t.\tPASS\t.\tGT:AD:DP:GQ\t0/0:20,0:20:99\t0/1:17,3:20:99\t0/1:10,10:20:99",
    "X\t50000000\t.\tA\tG\t.\tPASS\t.\tGT:AD:DP:GQ\t0/1:10,10:20:99\t1:0,5:5:99\t0:5,0:5:99",
]
PED = "F A 0 0 2 0\nF B 0 0 1 0\nF C 0 0 1 0\n"


@pytest.fixture
def given_files(tmp_path: Path) -> tuple[Path, Path]:
    vcf, ped = tmp_path / "f.vcf", tmp_path / "f.ped"
    vcf.write_text(vcf_text(["A", "B", "C"], RECORDS))
    ped.write_text(PED)
    return vcf, ped


def test_from_vcf_to_sites_and_answers(
    given_files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    vcf, ped = given_files
    out = tmp_path / "counts"
    assert run(["count", "--vcf", str(vcf), "--ped", str(ped), "--build", "GRCh38", "--out", str(out), "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["people"] == {"total": 3, "female": 1, "male": 2, "unknown": 0}
    assert (summary["alleles"], summary["gate"]["name"]) == (3, "adj")
    (tally,) = summary["files"].values()
    assert (tally["genotypes_read"], tally["genotypes_called"]) == (9, 7)
    not_called = {reason: n for reason, n in tally["genotypes_not_called"].items() if n}
    assert not_called == {"low_genotype_quality": 1, "low_allele_balance": 1}

    sites = tmp_path / "sites.vcf.gz"
    assert run(["sites", "--counts", str(out), "-o", str(sites)]) == 0
    assert capsys.readouterr().out == f"3 alleles in {sites}\n"
    with pysam.VariantFile(str(sites)) as written:
        rows = [
            (
                r.contig,
                r.pos,
                r.ref,
                r.alts,
                r.info["AC"],
                r.info["AN"],
                r.info["nhomalt"],
                r.info["nhemi"],
                r.info["AN_XY"],
            )
            for r in written
        ]
        assert [record.pos for record in written.fetch("chrX", 49_999_999, 50_000_000)] == [50_000_000]
    assert rows == [
        ("chr20", 100, "A", ("G",), (3,), 4, (1,), (0,), 2),
        ("chr20", 202, "A", ("G",), (1,), 4, (0,), (0,), 2),
        ("chrX", 50_000_000, "A", ("G",), (2,), 4, (0,), (1,), 2),
    ]

    assert run(["lookup", "--counts", str(out), "chr20:200:CTA:CTG", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["variant"], answer["looked_up_as"]) == ("20-200-CTA-CTG", "20-202-A-G")
    assert (answer["state"], answer["ac"], answer["an"], answer["af"]) == ("observed", 1, 4, 0.25)
    for text in (
        "NC_000020.11:99:A:G",
        "20:100A>G",
        "nc_000020.11:g.100a>g",
        "20_100_A_G",
        "\u200bchr20\u2013100\u2013A\u2013G",
    ):
        assert run(["lookup", "--counts", str(out), text, "--json"]) == 0
        answer = json.loads(capsys.readouterr().out)
        assert (answer["variant"], answer["ac"]) == ("20-100-A-G", 3), text
    assert run(["lookup", "--counts", str(out), "20-100-A-C,G"]) == 2
    assert "may mean 20-100-A-C, 20-100-A-G" in capsys.readouterr().err
    assert run(["lookup", "--counts", str(out), "20-300-A-G"]) == 0
    assert "not covered: nothing is known" in capsys.readouterr().out


def test_without_sexes_x_is_not_counted_and_that_is_said(
    given_files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "counts"
    assert run(["count", "--vcf", str(given_files[0]), "--gate", "none", "--build", "GRCh38", "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "X and Y are not counted for the 3 people whose sex is not known" in said
    assert "3 alleles read, 2 kept; 1 nobody with this chromosome of known sex" in said
    assert run(["sites", "--counts", str(out), "-o", str(tmp_path / "s.vcf.gz")]) == 0
    header = pysam.VariantFile(str(tmp_path / "s.vcf.gz")).header
    assert "AC" in header.info
    assert "AC_XX" not in header.info


def test_people_are_counted_by_cell_merged_and_withdrawn(
    given_files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "people.tsv"
    table.write_text("sample\tsex\tgroup\tassay\nA\tfemale\theart\texome\nB\tmale\theart\texome\nC\tmale\t\t\n")
    out, alone, both = (tmp_path / name for name in ("counts", "alone", "both"))
    assert (
        run(["count", "--vcf", str(given_files[0]), "--people", str(table), "--build", "GRCh38", "--out", str(out)])
        == 0
    )
    assert "  1 female, heart, exome" in capsys.readouterr().out
    vcf = tmp_path / "d.vcf"
    vcf.write_text(vcf_text(["D"], ["20\t100\t.\tA\tG\t.\tPASS\t.\tGT:AD:DP:GQ\t0/1:10,10:20:99"]))
    assert run(["count", "--vcf", str(vcf), "--build", "GRCh38", "--out", str(alone), "--json"]) == 0
    (person,) = json.loads(capsys.readouterr().out)["runs"]
    assert run(["merge", str(out), str(alone), "--out", str(both)]) == 0
    assert capsys.readouterr().out == f"4 people counted, of 2 folders, in {both}\n"
    assert run(["lookup", "--counts", str(both), "20-100-A-G", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["ac"], found["an"], found["people"]) == (4, 6, 4)
    assert run(["merge", str(out), str(out), str(alone), "--out", str(both), "--json"]) == 2
    assert json.loads(capsys.readouterr().err)["code"] == "out_exists"
    assert run(["withdraw", person, "--counts", str(both)]) == 0
    assert capsys.readouterr().out == "3 people are counted now\n"
    left = {path.relative_to(both): path.read_bytes() for path in both.rglob("*") if path.is_file()}
    assert left == {path.relative_to(out): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert run(["withdraw", person, "--counts", str(both), "--json"]) == 2
    assert json.loads(capsys.readouterr().err)["code"] == "unknown_run"
    assert run(["merge", str(out), str(both), "--out", str(tmp_path / "twice"), "--json"]) == 2
    assert json.loads(capsys.readouterr().err)["code"] == "same_file_twice"
    assert not (tmp_path / "twice").exists()


def test_whose_run_is_which_is_written_beside_the_counts_and_nowhere_in_them(
    given_files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    vcf, ped = given_files
    out, runs, without_b = (tmp_path / name for name in ("counts", "runs.tsv", "without-b"))
    counting = ["count", "--vcf", str(vcf), "--ped", str(ped), "--build", "GRCh38"]
    assert run([*counting, "--out", str(out), "--runs", str(runs)]) == 0
    header, *lines = [line.split("\t") for line in runs.read_text().splitlines()]
    assert header == ["run", "sample"]
    assert [sample for _, sample in lines] == ["A", "B", "C"]
    assert runs.stat().st_mode & 0o777 == 0o600
    assert run(["withdraw", lines[1][0], "--counts", str(out)]) == 0
    others = tmp_path / "others.vcf"
    others.write_text(vcf_text(["A", "C"], ["\t".join(r.split("\t")[:10] + r.split("\t")[11:]) for r in RECORDS]))
    assert run(["count", "--vcf", str(others), *counting[3:], "--out", str(without_b)]) == 0
    capsys.readouterr()
    answers = []
    for folder in (out, without_b):
        assert run(["lookup", "--counts", str(folder), "20-100-A-G", "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        answers.append((found["ac"], found["an"], found["nhomalt"]))
    assert answers == [(1, 2, 0)] * 2

    before = runs.read_bytes()
    assert run([*counting, "--out", str(tmp_path / "again"), "--runs", str(runs), "--json"]) == 2
    assert json.loads(capsys.readouterr().err)["code"] == "out_not_writable"
    assert (runs.read_bytes(), (tmp_path / "again").exists()) == (before, False)
    assert run([*counting, "--out", str(tmp_path / "again"), "--runs", str(tmp_path / "no" / "runs.tsv")]) == 2
    assert not (tmp_path / "again").exists()


def test_people_held_out_are_stored_and_in_no_sum(
    given_files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, held, both = (tmp_path / name for name in ("counts", "held", "both"))
    assert run(["count", "--vcf", str(given_files[0]), "--build", "GRCh38", "--out", str(out)]) == 0
    vcf = tmp_path / "d.vcf"
    vcf.write_text(vcf_text(["D"], ["20\t100\t.\tA\tG\t.\tPASS\t.\tGT:AD:DP:GQ\t0/1:10,10:20:99"]))
    assert run(["count", "--vcf", str(vcf), "--build", "GRCh38", "--held-out", "--out", str(held)]) == 0
    assert "1 people held out: stored to measure releases with, in no sum." in capsys.readouterr().out
    assert run(["merge", str(out), str(held), "--out", str(both)]) == 0
    assert capsys.readouterr().out == f"3 people counted and 1 held out, of 2 folders, in {both}\n"
    for name in ("observations", "coverage", "people"):
        assert [path.read_bytes() for path in both.rglob(f"{name}.parquet")] == [
            path.read_bytes() for path in out.rglob(f"{name}.parquet")
        ]


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("", "empty", None),
        ("name\tsex\nA\tmale\n", "bad_people_table", 1),
        ("sample\tsex\nA\tman\n", "bad_people_table", 2),
        ("sample\tsex\nA\tmale\tx\n", "bad_people_table", 2),
        ("sample\tgroup\nA\tlungs\n", "bad_people_table", 2),
        ("sample\tassay\nA\texome\nB\tgenomes\n", "bad_people_table", 3),
        ("sample\tsex\nA\tmale\nA\tmale\n", "same_person_twice", 3),
        ("sample\tsex\nA\tmale\n", "sample_not_in_ped", None),
    ],
)
def test_a_table_of_people_that_cannot_be_used_is_refused(
    given_files: tuple[Path, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    text: str,
    code: str,
    line: int | None,
) -> None:
    table = tmp_path / "people.tsv"
    table.write_text(text)
    arguments = [
        "--vcf",
        str(given_files[0]),
        "--people",
        str(table),
        "--build",
        "GRCh38",
        "--out",
        str(tmp_path / "o"),
    ]
    assert run(["count", *arguments, "--json"]) == 2
    error = json.loads(capsys.readouterr().err)
    assert (error["code"], error.get("line")) == (code, line)
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["count", "--vcf", "none.vcf", "--build", "GRCh38"], "not_found"),
        (["count", "--vcf", "f.vcf"], "no_build"),
        (["count", "--vcf", "f.vcf", "--build", "GRCh37"], "wrong_build"),
        (["count", "--vcf", "f.vcf", "--build", "GRCh38", "--ped", "none.ped"], "unreadable"),
        (["count", "--vcf", "f.vcf", "--build", "GRCh38", "--callable", "D=f.ped"], "unknown_sample"),
    ],
)
def test_what_cannot_be_counted_ends_with_2_and_no_folder(
    given_files: tuple[Path, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    code: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run([*arguments, "--out", "counts", "--json"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert json.loads(printed.err)["code"] == code
    assert sorted(path.name for path in tmp_path.iterdir()) == ["f.ped", "f.vcf"]


def test_sites_needs_a_name_that_tells_the_format(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sites", "--counts", str(tmp_path), "-o", str(tmp_path / "out.vcf"), "--json"]) == 2
    assert json.loads(capsys.readouterr().err)["code"] == "bad_output_name"


def test_sums_only_gives_the_same_counts_and_says_that_nobody_can_leave(
    given_files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    vcf, ped = given_files
    told = []
    for out, options in (("runs", []), ("sums", ["--sums-only"])):
        given = ["--vcf", str(vcf), "--ped", str(ped), "--build", "GRCh38", "--out", str(tmp_path / out)]
        assert run(["count", *given, *options, "--json"]) == 0
        told.append(json.loads(capsys.readouterr().out))
    with_runs, sums = told
    same = ("alleles", "contradictions", "people", "cells", "build", "gate")
    assert {name: sums[name] for name in same} == {name: with_runs[name] for name in same}
    (digest,) = with_runs["files"]
    assert sums["files"] == {digest: {**with_runs["files"][digest], "digest": digest, "contradictions": 0}}
    assert (sums["holds_runs"], sums["runs"]) == (False, [])

    given = ["count", "--vcf", str(vcf), "--ped", str(ped), "--build", "GRCh38", "--sums-only"]
    assert run([*given, "--out", str(tmp_path / "again")]) == 0
    assert "nobody can be withdrawn" in capsys.readouterr().out
    assert run([*given, "--held-out", "--out", str(tmp_path / "none")]) == 2
    assert "--held-out is of single people" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


STRUCTURAL_HEADER = (
    "##fileformat=VCFv4.2\n##contig=<ID=chr20,length=64444167,assembly=GRCh38>\n"
    "##ALT=<ID=DEL,Description=x>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t"
)


@pytest.fixture
def with_structural(given_files: tuple[Path, Path], tmp_path: Path) -> Path:
    """Counts of three people, two of whom were read for structural variants; both have a deletion of 20."""
    vcf, ped = given_files
    calls, out = tmp_path / "sv.vcf", tmp_path / "counts"
    records = "chr20\t999\ta\tN\t<DEL>\t.\tPASS\tEND=2000\tGT\t0/1\t0/0\n"
    records += "chr20\t1009\tb\tN\t<DEL>\t.\tPASS\tEND=2010\tGT\t0/0\t1/1\n"
    calls.write_text(f"{STRUCTURAL_HEADER}A\tB\n{records}")
    given = ["--vcf", str(vcf), "--ped", str(ped), "--structural", str(calls), "--build", "GRCh38", "--out", str(out)]
    assert run(["count", *given]) == 0
    return out


def test_a_structural_variant_is_looked_up(with_structural: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run(["lookup", "--counts", str(with_structural), "chr20:1,100-2,050 DEL", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    (one,) = told["matches"]
    names = ("event", "ac", "an", "nobs", "people", "nhomalt", "calls", "calls_alike", "start_low", "end_high")
    assert [one[name] for name in names] == ["20:1000-2000:DEL", 3, 4, 2, 2, 1, 2, 2, 1000, 2010]
    assert (told["event"], told["state"], told["people"], told["people_assayed"]) == (
        "20:1100-2050:DEL", "observed", 3, 2,
    )  # fmt: skip
    assert run(["lookup", "--counts", str(with_structural), "20:1000-2000:DUP"]) == 0
    assert capsys.readouterr().out == (
        "20:1000-2000:DUP (GRCh38): no event like it was counted, though people were read for such.\n"
        "2 of 3 people counted were read by a method that sees such, gate adj.\n"
    )
    for text, code in (("20:2000-1000:DEL", "bad_interval"), ("20:1-2:FOO", "unknown_kind")):
        assert run(["lookup", "--counts", str(with_structural), text, "--json"]) != 0
        said = capsys.readouterr()
        assert code in said.out + said.err


def test_a_file_of_a_caller_is_annotated(
    with_structural: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case, out = tmp_path / "case.vcf", tmp_path / "out.vcf"
    case.write_text(f"{STRUCTURAL_HEADER}CASE\nchr20\t1049\tx\tN\t<DEL>\t.\tPASS\tEND=2040\tGT\t0/1\n")
    capsys.readouterr()
    given = ["annotate", str(case), "-o", str(out), "--structural"]
    assert run([*given, "--counts", str(with_structural), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["alleles"] == {"observed": 1}
    line = out.read_text().splitlines()[-1]
    for told in ("END=2040", "Varde_SV_event=20:1000-2000:DEL", "Varde_SV_AC=3", "Varde_SV_people=2"):
        assert told in line.split("\t")[7].split(";")
    assert line.endswith("\tGT\t0/1")
    out.unlink()
    assert run([*given, "--counts", str(with_structural), "--reference", "r"]) != 0
    assert run([*given, "--release", str(tmp_path)]) != 0
    said = capsys.readouterr()
    assert "in no frequency index" in said.out + said.err
    assert "professional part of a release" in said.out + said.err
    assert not out.exists()
