"""Files matched to samples, and bad files refused before anything is written."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

import pysam
import pytest

from varde.genome.errors import InputError
from varde.pipeline.inputs import SampleInput, Unit, check_reads, match_reads
from varde.pipeline.plan import lay_out
from varde.pipeline.tests.conftest import Sequenced

READ = b"@r/1\nACGT\n+\nFFFF\n"


def refused(sample: SampleInput, sequenced: Sequenced) -> tuple[str, str | None]:
    with pytest.raises(InputError) as caught:
        check_reads(sample, sequenced.reference)
    return caught.value.code, caught.value.source


@pytest.mark.parametrize(
    ("names", "units"),
    [
        (("S1_R1.fastq.gz", "S1_R2.fastq.gz"), {"1": ("S1_R1.fastq.gz", "S1_R2.fastq.gz")}),
        (("S1_1.fq.gz", "S1_2.fq.gz"), {"1": ("S1_1.fq.gz", "S1_2.fq.gz")}),
        (("S1_R1.fastq",), {"1": ("S1_R1.fastq", None)}),
        (
            ("S1_S4_L001_R1_001.fastq.gz", "S1_S4_L001_R2_001.fastq.gz", "S1_S4_L002_R1_001.fastq.gz"),
            {
                "L001_001": ("S1_S4_L001_R1_001.fastq.gz", "S1_S4_L001_R2_001.fastq.gz"),
                "L002_001": ("S1_S4_L002_R1_001.fastq.gz", None),
            },
        ),
    ],
)
def test_names_of_sequencers_are_matched_to_samples(
    names: tuple[str, ...], units: dict[str, tuple[str, str | None]]
) -> None:
    others = ("S10_R1.fastq.gz", "S1_R1.fastq.gz.md5", "notes.txt")
    [found] = match_reads([Path(name) for name in (*names, *others)], {"S1": "male"})
    assert {unit.name: (unit.first.name, unit.second.name if unit.second else None) for unit in found.units} == units


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (("S2_R1.fastq.gz",), "reads_missing"),
        (("S1_R2.fastq.gz",), "mate_missing"),
        (("S1_R1.fastq.gz", "S1.bam"), "reads_doubled"),
        (("S1.cram", "S1.bam"), "reads_doubled"),
    ],
)
def test_files_that_do_not_fit_are_refused(names: tuple[str, ...], code: str) -> None:
    with pytest.raises(InputError) as caught:
        match_reads([Path(name) for name in names], {"S1": "male"})
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (gzip.compress(b"", mtime=0), "empty"),
        (b">chr1\nACGT\n", "not_fastq"),
        (READ[:-3], "truncated"),
        (gzip.compress(READ, mtime=0)[:-4], "truncated"),
        (gzip.compress(READ, mtime=0) + gzip.compress(READ, mtime=0)[:12], "truncated"),
        (gzip.compress(READ, mtime=0)[:14] + b"\xff\xff\xff" + gzip.compress(READ, mtime=0)[17:], "corrupt"),
    ],
)
def test_a_damaged_file_of_reads_is_refused(content: bytes, code: str, sequenced: Sequenced, tmp_path: Path) -> None:
    path = tmp_path / "S1_R1.fastq.gz"
    path.write_bytes(content)
    assert refused(SampleInput("S1", units=(Unit("1", path),)), sequenced) == (code, path.name)


def test_reads_of_several_members_are_counted(sequenced: Sequenced, tmp_path: Path) -> None:
    path = tmp_path / "S1_R1.fastq.gz"
    path.write_bytes(gzip.compress(READ, mtime=0) + gzip.compress(READ * 2, mtime=0))
    [checked] = check_reads(SampleInput("S1", units=(Unit("1", path),)), sequenced.reference)
    assert (checked.reads, checked.size_bytes) == (3, path.stat().st_size)


def test_pairs_of_different_length_are_refused(sequenced: Sequenced, tmp_path: Path) -> None:
    first, second = tmp_path / "S1_R1.fastq", tmp_path / "S1_R2.fastq"
    first.write_bytes(READ * 2)
    second.write_bytes(READ)
    assert refused(SampleInput("S1", units=(Unit("1", first, second),)), sequenced) == ("mates_differ", second.name)


@pytest.mark.parametrize(
    ("name", "length", "sample", "code"),
    [
        ("chr21", 24_000, "other", "sample_name"),
        ("chr21", 46_709_983, "S1", "wrong_build"),
        ("21", 24_000, "S1", "wrong_build"),
    ],
)
def test_an_alignment_to_another_reference_or_of_another_person_is_refused(
    name: str, length: int, sample: str, code: str, sequenced: Sequenced, tmp_path: Path
) -> None:
    path = tmp_path / "S1.bam"
    header = {"SQ": [{"SN": name, "LN": length}], "RG": [{"ID": "a", "SM": sample}]}
    pysam.AlignmentFile(str(path), "wb", header=header).close()
    assert refused(SampleInput("S1", alignment=path), sequenced) == (code, path.name)


def test_a_torn_alignment_is_refused(sequenced: Sequenced, tmp_path: Path) -> None:
    path = tmp_path / "S1.bam"
    header = {"SQ": [{"SN": "chr21", "LN": 24_000}], "RG": [{"ID": "a", "SM": "S1"}]}
    pysam.AlignmentFile(str(path), "wb", header=header).close()
    path.write_bytes(path.read_bytes()[:-28])
    assert refused(SampleInput("S1", alignment=path), sequenced) == ("not_alignment", path.name)


def test_ploidy_follows_sex_and_the_pseudoautosomal_regions(sequenced: Sequenced, tmp_path: Path) -> None:
    lay_out(sequenced.plan(), tmp_path / "run")
    assert (tmp_path / "run" / "ploidy.txt").read_text() == (
        "chrX 1 10000 M 1\nchrM 1 4000 M 1\nchrM 1 4000 F 1\nchrM 1 4000 U 1\n* * * M 2\n* * * F 2\n* * * U 2\n"
    )
    assert (tmp_path / "run" / "sexes.txt").read_text() == "child M\nmother F\nfather M\n"


def test_targets_are_merged_padded_and_named_as_in_the_reference(sequenced: Sequenced, tmp_path: Path) -> None:
    bed = tmp_path / "kit.bed"
    bed.write_text("21\t100\t200\n21\t210\t300\n21\t5\t8\nX\t9990\t10000\n")
    lay_out(sequenced.plan("child", target=bed), tmp_path / "run")
    assert (tmp_path / "run" / "target.bed").read_text() == (
        "chr21\t5\t8\nchr21\t100\t200\nchr21\t210\t300\nchrX\t9990\t10000\n"
    )
    assert (tmp_path / "run" / "targets" / "chr21.bed").read_text() == "chr21\t0\t28\nchr21\t80\t320\n"
    assert (tmp_path / "run" / "targets" / "chrX.bed").read_text() == "chrX\t9970\t10000\n"


def test_a_target_beyond_the_reference_writes_nothing(sequenced: Sequenced, tmp_path: Path) -> None:
    bed = tmp_path / "kit.bed"
    bed.write_text("21\t100\t30000\n")
    with pytest.raises(InputError) as caught:
        lay_out(sequenced.plan("child", target=bed), tmp_path / "run")
    assert caught.value.code == "target_beyond_reference"
    assert not (tmp_path / "run").exists()


def test_a_folder_of_something_else_is_left_alone(sequenced: Sequenced, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InputError) as caught:
        lay_out(sequenced.plan("child"), tmp_path)
    assert caught.value.code == "folder_in_use"
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"family": "../up"}, "bad_name"),
        ({"family": "a b; rm"}, "bad_name"),
        ({"samples": ()}, "no_samples"),
    ],
)
def test_names_that_could_leave_the_folder_or_reach_a_shell_are_refused(
    changes: dict[str, object], code: str, sequenced: Sequenced, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as caught:
        lay_out(replace(sequenced.plan("child"), **changes), tmp_path / "run")
    assert caught.value.code == code
    assert not (tmp_path / "run").exists()
