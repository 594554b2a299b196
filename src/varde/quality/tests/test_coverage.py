"""Coverage and gaps: against a loop over bases, mosdepth itself, and by hand; every broken depth file refused."""

from __future__ import annotations

import gzip
import shutil
import subprocess
from pathlib import Path

import numpy as np
import polars as pl
import pysam
import pytest

from shared_data import shared_data
from varde.genome.builds import Build, contig_length
from varde.genome.errors import InputError
from varde.quality import depth_runs
from varde.quality.coverage import Coverage, coverage, gap_bed, wanted_of
from varde.quality.depth_runs import read_per_base

TARGETS = pl.Schema(
    {"gene": pl.String, "transcript": pl.String, "exon": pl.UInt16, "contig": pl.UInt8, "start0": pl.Int64,
     "end0": pl.Int64}
)  # fmt: skip


def targets_of(*rows: tuple[str, int, int, int, int]) -> pl.DataFrame:
    """Targets from (gene, exon, contig, start, end)."""
    listed = [(gene, f"{gene}.1", exon, contig, start, end) for gene, exon, contig, start, end in rows]
    return pl.DataFrame(listed, schema=TARGETS, orient="row")


def bed(path: Path, *lines: tuple[str, int, int, int]) -> Path:
    text = "".join("\t".join(map(str, line)) + "\n" for line in lines)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def unzipped(path: Path) -> str:
    return gzip.decompress(path.read_bytes()).decode()


def covered(path: Path, targets: pl.DataFrame, build: Build = Build.GRCH38, minimum: int = 20) -> Coverage:
    return coverage(read_per_base(path, build, wanted_of(targets)), targets, minimum)


def slow(lines: list[tuple[str, int, int, int]], targets: pl.DataFrame, minimum: int) -> tuple[list, list]:
    """Base by base, with a dictionary."""
    depth = {(name.removeprefix("chr"), base): value for name, start, end, value in lines for base in range(start, end)}
    exons, gaps = [], []
    for gene, _transcript, exon, contig, start, end in targets.rows():
        known = [depth[str(contig), base] for base in range(start, end) if (str(contig), base) in depth]
        mean = sum(known) / len(known) if known else None
        exons.append((gene, exon, len(known), sum(one >= minimum for one in known), min(known, default=None), mean))
        run: list[int] = []
        for base in range(start, end + 1):
            value = depth.get((str(contig), base)) if base < end else None
            if value is not None and value < minimum:
                run.append(base)
            elif run:
                values = [depth[str(contig), one] for one in run]
                gaps.append((gene, exon, run[0], run[-1] + 1, min(values), sum(values) / len(values)))
                run = []
    return exons, gaps


def test_by_hand(tmp_path: Path) -> None:
    path = bed(
        tmp_path / "barn.per-base.bed.gz",
        ("chr1", 0, 100, 0), ("chr1", 100, 110, 19), ("chr1", 110, 120, 5), ("chr1", 120, 200, 20), ("chr2", 0, 50, 30),
    )  # fmt: skip
    targets = targets_of(("A", 1, 1, 90, 130), ("A", 2, 1, 150, 160), ("B", 1, 2, 10, 60), ("C", 1, 3, 0, 10))
    found = covered(path, targets)
    assert found.gaps.rows() == [("A", "A.1", 1, 1, 90, 120, 0, (10 * 0 + 10 * 19 + 10 * 5) / 30)]
    assert found.exons.select("known", "covered", "lowest", "mean").rows() == [
        (40, 10, 0, (190 + 50 + 200) / 40), (10, 10, 20, 20.0), (40, 40, 30, 30.0), (0, 0, None, None),
    ]  # fmt: skip
    assert found.genes.rows() == [
        ("A", 50, 50, 20, 1, 0.4),
        ("B", 50, 40, 40, 0, None),
        ("C", 10, 0, 0, 0, None),
    ]


def test_the_gap_bed_names_each_place_once_in_order(tmp_path: Path) -> None:
    path = bed(tmp_path / "x.per-base.bed", ("1", 0, 100, 3), ("MT", 0, 50, 7))
    rows = (("B", 1, 25, 10, 20), ("A", 2, 1, 40, 50), ("A", 1, 1, 5, 9), ("C", 4, 1, 5, 9))
    found = covered(path, targets_of(*rows))
    assert gap_bed(found.gaps) == (
        "chr1\t5\t9\tA:exon1,C:exon4\t3\nchr1\t40\t50\tA:exon2\t3\nchrM\t10\t20\tB:exon1\t7\n"
    )
    assert gap_bed(found.gaps, prefix="").split()[-5] == "MT"
    assert gap_bed(found.gaps.clear()) == ""


@pytest.mark.parametrize("seed", range(6))
def test_equals_a_loop_over_bases(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(depth_runs, "_CHUNK_BYTES", 97)
    draw = np.random.default_rng(seed)
    lines = []
    for name in ("chr1", "chrUn_1", "chr2", "chr5"):
        at = int(draw.integers(0, 5))
        while at < 300:
            end = at + int(draw.integers(1, 12))
            lines.append((name, at, end, int(draw.choice([0, 5, 18, 19, 20, 21, 40]))))
            at = end + int(draw.choice([0, 0, 0, 0, 3]))
    rows = []
    for number in range(25):
        start = int(draw.integers(0, 290))
        contig = int(draw.choice([1, 2, 3, 5]))
        rows.append((f"G{number % 7}", number, contig, start, start + int(draw.integers(1, 60))))
    targets = targets_of(*rows)
    found = covered(bed(tmp_path / "x.per-base.bed", *lines), targets)
    exons, gaps = slow(lines, targets, 20)
    assert found.exons.select("gene", "exon", "known", "covered", "lowest", "mean").rows() == exons
    told = found.gaps.select("gene", "exon", "start0", "end0", "lowest", "mean").rows()
    assert sorted(told) == sorted(gaps)
    lengths = found.exons["known"].sum() - found.exons["covered"].sum()
    assert (found.gaps["end0"] - found.gaps["start0"]).sum() == lengths


@pytest.mark.skipif(shutil.which("mosdepth") is None, reason="mosdepth is not installed")
def test_mosdepths_own_file_gives_mosdepths_own_figures(tmp_path: Path) -> None:
    bam = shared_data("sequencing", "brca1", "wg-brca1.sorted.bam")
    places = [(41_196_311 + 2_000 * one, 41_196_311 + 2_000 * one + 700) for one in range(40)]
    (tmp_path / "t.bed").write_text("".join(f"chr17\t{start}\t{end}\tp{start}\n" for start, end in places))
    command = ["mosdepth", "-b", tmp_path / "t.bed", "-T", "1,20", tmp_path / "barn", bam]
    subprocess.run([str(one) for one in command], check=True, capture_output=True)
    targets = targets_of(*(("BRCA1", number, 17, start, end) for number, (start, end) in enumerate(places)))
    found = covered(tmp_path / "barn.per-base.bed.gz", targets, Build.GRCH37)
    regions = unzipped(tmp_path / "barn.regions.bed.gz").split()[4::5]
    assert [round(one, 2) for one in found.exons["mean"]] == pytest.approx([float(one) for one in regions], abs=0.0051)
    counted = unzipped(tmp_path / "barn.thresholds.bed.gz").strip().split("\n")[1:]
    assert found.exons["covered"].to_list() == [int(line.split("\t")[5]) for line in counted]
    assert found.gaps.height > 20
    with pytest.raises(InputError) as caught:
        covered(tmp_path / "barn.per-base.bed.gz", targets, Build.GRCH38)
    assert caught.value.code == "wrong_build"


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        (b"", "empty", None),
        (b"chr1\t0\t10\t5\nchr1\t10\t20", "truncated", None),
        (b"chr1\t0\t10\t5\nchr1\t10\t20\n", "bad_bed", 2),
        (b"chr1\t0\t10\t5\t9\n", "bad_bed", 1),
        (b"chr1\t0\t10\tdeep\n", "bad_bed", 1),
        (b"chr1\t0\t10\t5\nchr1\t5\t20\t5\n", "bad_bed", 2),
        (b"chr1\t0\t0\t5\n", "bad_bed", 1),
        (b"chr1\t0\t9\t5\nchr2\t0\t9\t5\nchr1\t9\t20\t5\n", "bad_bed", 3),
        (b"chr1\t0\t99999999999999999999\t5\n", "bad_bed", 1),
        (b"chr1\t0\t300000000\t5\n", "wrong_build", 1),
        (b"chr1\t0\t10\t5\nchr\xe51\t0\t10\t\n", "encoding", 2),
        (f"chr21\t0\t{contig_length(Build.GRCH37, 21)}\t5\nchr1\t0\t9\t1\n".encode(), "wrong_build", 1),
        (f"chr1\t0\t10\t1\nchr20\t0\t{contig_length(Build.GRCH37, 20)}\t5\n".encode(), "wrong_build", None),
    ],
)  # fmt: skip
def test_a_wrong_depth_file_is_refused_with_its_line(text: bytes, code: str, line: int | None, tmp_path: Path) -> None:
    path = tmp_path / "barn.per-base.bed"
    path.write_bytes(text)
    with pytest.raises(InputError) as caught:
        covered(path, targets_of(("A", 1, 1, 0, 10)))
    assert (caught.value.code, caught.value.line, caught.value.source) == (code, line, path.name)


def test_a_cut_bgzip_file_is_refused(tmp_path: Path) -> None:
    plain = bed(tmp_path / "x.bed", *(("chr1", 10 * one, 10 * one + 10, one % 50) for one in range(50_000)))
    whole = tmp_path / "whole.per-base.bed.gz"
    pysam.tabix_compress(str(plain), str(whole))
    targets = targets_of(("A", 1, 1, 0, 10))
    assert covered(whole, targets).exons["known"].to_list() == [10]
    data = whole.read_bytes()
    for cut in (len(data) - 28, len(data) // 2):
        path = tmp_path / "cut.per-base.bed.gz"
        path.write_bytes(data[:cut])
        with pytest.raises(InputError) as caught:
            covered(path, targets)
        assert caught.value.code == "truncated"
