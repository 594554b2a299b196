"""The readers of tools' reports: exact values, any order of rows and columns, and every broken file refused."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from shared_data import shared_data
from varde.genome.errors import InputError
from varde.quality.formats.kinds import KINDS, kind_of, read_quality_file
from varde.quality.formats.tests import examples
from varde.quality.measurement import Measurement

KNOWN_VALUES = {
    "barn.flagstat": {
        ("barn", "mapped_rate"): 940 / 960,
        ("barn", "duplicate_rate"): 0.1,
        ("barn", "properly_paired_rate"): 0.95,
        ("barn", "samtools flagstat.with mate mapped to a different chr (mapQ>=5)"): 5.0,
    },
    "barn.stats": {
        ("barn", "mapped_rate"): 0.95,
        ("barn", "duplicate_rate"): 0.15,
        ("barn", "error_rate"): 0.0025,
        ("barn", "insert_size_mean"): 356.5,
    },
    "barn.fastp.json": {
        ("barn", "reads"): 1000.0,
        ("barn", "q30_rate"): 0.93,
        ("barn", "read_duplicate_rate"): 0.11,
        ("barn", "fastp.summary.sequencing"): "paired end (151 cycles + 151 cycles)",
    },
    "barn.mosdepth.summary.txt": {
        ("barn", "genome_coverage"): 31.0,
        ("barn", "target_coverage"): 90.0,
        ("barn", "mosdepth.mean.chr1"): 31.0,
    },
    "barn_mosdepth.global.dist.txt": {("barn", "genome_15x"): 0.96, ("barn", "mosdepth.global.20x"): 0.5,
                                      ("barn", "mosdepth.global.100x"): 0.0},
    "barn.thresholds.bed": {("barn", "target_20x"): 0.95, ("barn", "mosdepth.regions.10x"): 398 / 400},
    "barn.regions.bed": {("barn", "target_coverage"): 75.0, ("barn", "mosdepth.regions.lowest_mean"): 30.0},
    "barn_hsmetrics.CollectHsMetrics.coverage_metrics": {
        ("barn", "target_coverage"): 112.4,
        ("barn", "target_20x"): 0.9812,
        ("barn", "fold_80"): 1.42,
        ("barn", "Picard CollectHsMetrics.PCT_NEW_IN_2030"): None,
    },
    "barn_wgsmetrics.CollectWgsMetrics.coverage_metrics": {
        ("barn", "genome_coverage"): 33.25,
        ("barn", "genome_15x"): 0.971,
    },
    "barn.md.metrics.txt": {("barn", "duplicate_rate"): (10 + 2 * 195) / (100 + 2 * 950)},
    "family.bcftools.stats": {
        ("barn", "ti_tv"): 2.7,
        ("barn", "het_hom"): 1.5,
        ("mor", "ti_tv"): None,
        (None, "bcftools stats.TSTV.ts/tv"): 2.52,
        (None, "bcftools stats.number of records"): 9940.0,
    },
    "barn.selfSM": {("barn", "contamination"): 0.0017, ("barn", "VerifyBamID2.CHIPMIX"): None},
    "family.somalier.samples.tsv": {("far", "somalier.sex"): 1.0, ("far", "somalier_y_depth"): 18.4},
    "family.somalier.pairs.tsv": {("barn / mor", "somalier_relatedness"): 0.505,
                                  ("far / mor", "somalier.pair.ibs0"): 1539.0},
    "family.sex_check.csv": {("mor", "peddy.predicted_sex"): "male", ("barn", "peddy_het_ratio"): 1.7},
    "family.ped_check.csv": {("barn / far", "peddy_relatedness"): 0.02, ("barn / mor", "peddy.pair.n"): 16370.0},
    "multiqc_data.json": {
        ("barn_sorted_md", "contamination"): 0.0017,
        ("barn", "target_coverage"): 90.5,
        ("barn", "duplicate_rate"): 0.125,
        ("barn", "MultiQC multiqc_picard_HsMetrics.BAIT_SET"): "twist",
    },
}  # fmt: skip


def write(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def values(measurements: tuple[Measurement, ...]) -> dict[tuple[str | None, str], object]:
    return {(one.sample, one.metric): one.value for one in measurements}


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_quality_file(path)
    assert caught.value.source == path.name
    return caught.value.code


@pytest.mark.parametrize("name", examples.FILES)
def test_every_report_gives_its_values_with_where_they_came_from(name: str, tmp_path: Path) -> None:
    path = write(tmp_path, name, examples.FILES[name])
    read = read_quality_file(path)
    found = values(read.measurements)
    expected = KNOWN_VALUES[name]
    assert {key: found[key] for key in expected} == pytest.approx(expected)
    assert {one.origin.sha256 for one in read.measurements} == {hashlib.sha256(path.read_bytes()).hexdigest()}
    assert {one.origin.file for one in read.measurements} == {name}
    assert len(found) == len(read.measurements)


def test_versions_are_told_where_the_tool_writes_them(tmp_path: Path) -> None:
    versions = {}
    for name in ("barn.stats", "barn.fastp.json", "family.bcftools.stats", "multiqc_data.json", "barn.selfSM"):
        read = read_quality_file(write(tmp_path, name, examples.FILES[name]))
        versions[name] = {one.origin.version for one in read.measurements}
    assert list(versions.values()) == [{"1.19.2"}, {"0.23.4"}, {"1.16"}, {"1.35"}, {None}]


def test_multiqc_is_never_read_from_its_rescaled_table(tmp_path: Path) -> None:
    read = read_quality_file(write(tmp_path, "multiqc_data.json", examples.MULTIQC))
    assert [one.value for one in read.measurements if "FREEMIX" in one.metric or one.metric == "contamination"] == [
        0.0017
    ]


def test_the_depth_of_y_alone_is_not_the_genomes(tmp_path: Path) -> None:
    path = write(tmp_path, "barn_wgsmetrics_y.CollectWgsMetrics.coverage_metrics", examples.WGS_METRICS_OF_Y)
    found = values(read_quality_file(path).measurements)
    assert ("barn", "genome_coverage") not in found
    assert found["barn", "Picard CollectWgsMetrics (part of the genome).MEAN_COVERAGE"] == 4.5


@pytest.mark.parametrize(
    ("name", "separator"),
    [("family.somalier.samples.tsv", "\t"), ("family.somalier.pairs.tsv", "\t"), ("family.sex_check.csv", ","),
     ("family.ped_check.csv", ","), ("barn.selfSM", "\t"), ("barn.mosdepth.summary.txt", "\t"),
     ("barn.thresholds.bed", "\t")],
)  # fmt: skip
def test_rows_and_columns_may_stand_in_any_order(name: str, separator: str, tmp_path: Path) -> None:
    text = examples.FILES[name]
    expected = values(read_quality_file(write(tmp_path, name, text)).measurements)
    header, *rows = [line.removeprefix("#").split(separator) for line in text.strip().split("\n")]
    order = list(range(len(header)))
    for seed in range(5):
        draw = random.Random(seed)
        draw.shuffle(order)
        draw.shuffle(rows)
        lines = [separator.join(row[place] for place in order) for row in (header, *rows)]
        path = write(tmp_path, name, "#" + "\n".join(lines) + "\n")
        assert values(read_quality_file(path).measurements) == expected


@pytest.mark.parametrize("name", examples.FILES)
def test_a_file_cut_within_a_line_is_refused(name: str, tmp_path: Path) -> None:
    if name in ("barn.stats", "barn_mosdepth.global.dist.txt", "barn.regions.bed"):
        cut = examples.FILES[name].rstrip()[:-8]
    elif name.endswith("metrics"):
        cut = examples.FILES[name].split("\n\n## HISTOGRAM")[0].rstrip("\n")[:-6]
    else:
        cut = examples.FILES[name].rstrip()[:-6]
    if name in ("barn.stats", "barn.flagstat"):
        cut = cut[: cut.rindex("\n") + 4]
    assert refusal(write(tmp_path, name, cut)) in ("truncated", "bad_table")


@pytest.mark.parametrize("name", examples.FILES)
def test_a_truncated_gzip_file_is_refused(name: str, tmp_path: Path) -> None:
    data = gzip.compress(examples.FILES[name].encode())
    path = write(tmp_path, name, data[:-9])
    assert refusal(path) in ("truncated", "corrupt")
    whole = write(tmp_path, name, data)
    assert read_quality_file(whole).measurements


@pytest.mark.parametrize("name", examples.FILES)
def test_an_empty_file_another_encoding_and_zero_bytes_are_refused(name: str, tmp_path: Path) -> None:
    assert refusal(write(tmp_path, name, b"")) == "empty"
    assert refusal(write(tmp_path, name, examples.FILES[name].encode() + b"\xe5\n")) == "encoding"
    assert refusal(write(tmp_path, name, examples.FILES[name].encode() + b"\0")) == "encoding"


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("barn.selfSM", examples.SELFSM.replace("FREEMIX", "FREEMAX"), "wrong_columns"),
        ("barn.selfSM", examples.SELFSM.replace("FREELK1", "FREEMIX"), "wrong_columns"),
        ("family.ped_check.csv", examples.PEDDY_PAIRS.replace(",rel,", ",rol,"), "wrong_columns"),
        ("barn.mosdepth.summary.txt", examples.SUMMARY.replace("total\t", "chr2\t"), "truncated"),
        ("barn.thresholds.bed", examples.THRESHOLDS.replace("200\tone", "50\tone"), "bad_table"),
        ("barn.thresholds.bed", examples.THRESHOLDS.replace("X", "Y"), "wrong_columns"),
        ("barn.regions.bed", "chr1\t1\tx\t2.0\n", "bad_table"),
        ("barn.fastp.json", '{"summary": {}}', "wrong_columns"),
        ("barn.fastp.json", "[1]", "bad_document"),
        ("multiqc_data.json", '{"config_version": "1"}', "wrong_columns"),
        ("multiqc_data.json", "[" * 100_000, "bad_document"),
        ("multiqc_data.json", '{"report_saved_raw_data": {"multiqc_x": {"barn": NaN}}, }', "bad_document"),
        ("barn.flagstat", "hello\n", "bad_table"),
        ("barn.stats", "# This file was produced by samtools stats (1.1)\n", "wrong_columns"),
        ("family.bcftools.stats", examples.BCFTOOLS_STATS.replace("family.vcf.gz", "a.vcf\tb.vcf"), "two_files"),
        ("barn_hsmetrics.txt", "## METRICS CLASS\tpicard.analysis.directed.HsMetrics\n", "truncated"),
        ("barn_hsmetrics.txt", "nothing\n", "wrong_columns"),
        ("notes.txt", "nothing\n", "unknown_kind"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_by_name(name: str, text: str, code: str, tmp_path: Path) -> None:
    assert refusal(write(tmp_path, name, text)) == code


def test_numbers_that_are_none_are_not_given(tmp_path: Path) -> None:
    text = examples.SELFSM.replace("0.0017", "nan").replace("25.1", "1e999").replace("-665701", "1_000")
    found = values(read_quality_file(write(tmp_path, "barn.selfSM", text)).measurements)
    assert found["barn", "contamination"] is None
    assert found["barn", "VerifyBamID2.AVG_DP"] is None
    assert found["barn", "VerifyBamID2.FREELK1"] is None


def test_a_report_is_known_by_its_first_lines_under_any_name() -> None:
    for name, text in examples.FILES.items():
        by_name, kind = kind_of(name), kind_of("renamed.out", text[:4096])
        if kind is not None:
            assert kind.read in (by_name.read if by_name else kind.read, kind.read)
    assert sum(kind.first is not None for kind in KINDS) >= 8
    assert kind_of("renamed.out", examples.HS_METRICS).key == "picard"
    assert kind_of("family.bcftools.stats", examples.BCFTOOLS_STATS).key == "bcftools_stats"
    assert kind_of("family.bcftools.stats").key == "bcftools_stats"


@pytest.mark.skipif(shutil.which("samtools") is None, reason="samtools is not installed")
def test_samtools_own_reports_are_read(tmp_path: Path) -> None:
    bam = shared_data("sequencing", "brca1", "wg-brca1.sorted.bam")
    for name, command in (("barn.stats", "stats"), ("barn.flagstat", "flagstat")):
        with (tmp_path / name).open("wb") as out:
            subprocess.run(["samtools", command, str(bam)], stdout=out, check=True)
    stats = values(read_quality_file(tmp_path / "barn.stats").measurements)
    flags = values(read_quality_file(tmp_path / "barn.flagstat").measurements)
    assert (stats["barn", "samtools stats.raw total sequences"], stats["barn", "mapped_rate"]) == (20740.0, 1.0)
    assert flags["barn", "properly_paired_rate"] == 20118 / 20740
    assert flags["barn", "mapped_rate"] == stats["barn", "mapped_rate"]


@pytest.mark.skipif(shutil.which("bcftools") is None, reason="bcftools is not installed")
def test_bcftools_own_statistics_are_read(tmp_path: Path) -> None:
    vcf = shared_data("trio", "ashkenazi", "ashk-trio.vcf.gz")
    with (tmp_path / "trio.bcftools.stats").open("wb") as out:
        subprocess.run(["bcftools", "stats", "-s", "-", str(vcf)], stdout=out, check=True)
    found = values(read_quality_file(tmp_path / "trio.bcftools.stats").measurements)
    assert found["HG002", "ti_tv"] == 4789 / 1925
    assert found["HG003", "het_hom"] == 3938 / 2592
    assert found[None, "bcftools stats.number of records"] == 9940.0


@pytest.mark.skipif(shutil.which("fastp") is None, reason="fastp is not installed")
def test_fastps_own_report_is_read(tmp_path: Path) -> None:
    reads = [shared_data("sequencing", "mitochondrial", f"mt_{one}.fq.gz") for one in (1, 2)]
    report = tmp_path / "mt.fastp.json"
    command = ["fastp", "-i", reads[0], "-I", reads[1], "-j", report, "-h", tmp_path / "x.html", "-w", "1"]
    subprocess.run([str(one) for one in command], check=True, capture_output=True)
    found = values(read_quality_file(report).measurements)
    assert (found["mt", "reads"], found["mt", "reads_kept"]) == (9194.0, 7956.0)
    assert found["mt", "q30_rate"] == json.loads(report.read_text())["summary"]["before_filtering"]["q30_rate"]
