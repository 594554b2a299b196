from __future__ import annotations

import gzip
from itertools import pairwise
from pathlib import Path

import numpy as np
import pysam
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_data import shared_data
from varde.genome.builds import Build, contig_code
from varde.genome.errors import InputError
from varde.genome.regions import Region, RegionSet, read_bed


def test_regions_are_written_one_based_and_kept_half_open():
    region = Region.parse(Build.GRCH38, "chr20:1,001-2,000")
    assert region == Region(Build.GRCH38, 20, 1000, 2000)
    assert (str(region), len(region)) == ("20:1001-2000", 1000)
    assert str(Region.parse(Build.GRCH38, "X:5")) == "X:5-5"
    assert str(Region.parse(Build.GRCH38, "chrM")) == "MT:1-16569"
    assert Region.parse(Build.GRCH37, str(region)).build is Build.GRCH37


def test_the_borders_of_a_region():
    region = Region(Build.GRCH38, 20, 1000, 2000)
    assert [region.contains(20, position) for position in (1000, 1001, 2000, 2001)] == [False, True, True, False]
    assert not region.contains(21, 1500)
    assert region.overlaps(Region(Build.GRCH38, 20, 1999, 2001))
    assert not region.overlaps(Region(Build.GRCH38, 20, 2000, 2001))
    assert not region.overlaps(Region(Build.GRCH38, 21, 1000, 2000))
    with pytest.raises(ValueError, match="cannot be compared"):
        region.overlaps(Region(Build.GRCH37, 20, 1000, 2000))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *(("", "bad_region"), ("20:", "bad_region"), ("20:5-4", "bad_region"), ("20:0-4", "bad_region")),
        *(("20:1-64444168", "bad_region"), ("chrUn:1-2", "bad_region"), ("20:a-b", "bad_region")),
        ("NC_000020.10:1-2", "wrong_build"),
    ],
)
def test_other_texts_are_refused(text, code):
    with pytest.raises(InputError) as caught:
        Region.parse(Build.GRCH38, text)
    assert caught.value.code == code


INTERVAL = st.tuples(st.integers(1, 3), st.integers(0, 60), st.integers(1, 20)).map(
    lambda found: Region(Build.GRCH38, found[0], found[1], found[1] + found[2])
)


@given(st.lists(INTERVAL, max_size=12))
def test_a_set_covers_what_its_regions_cover_and_is_merged(regions):
    chosen = RegionSet.of(Build.GRCH38, regions)
    contig, base = (array.ravel() for array in np.meshgrid(np.arange(0, 5, dtype=np.uint8), np.arange(0, 90)))
    told = chosen.covers(contig, base + 1)
    slow = [
        any(region.contains(c, b + 1) for region in regions)
        for c, b in zip(contig.tolist(), base.tolist(), strict=True)
    ]
    assert told.tolist() == slow
    assert chosen.total_length == sum(slow)
    merged = list(chosen)
    assert merged == sorted(merged)
    assert all(a.contig_code < b.contig_code or a.end0 < b.start0 for a, b in pairwise(merged))


def test_regions_of_another_build_are_not_taken_into_a_set():
    with pytest.raises(ValueError, match="not of GRCh37"):
        RegionSet.of(Build.GRCH37, [Region(Build.GRCH38, 20, 1, 2)])


def bed(folder: Path, raw: bytes) -> Path:
    path = folder / "a.bed"
    path.write_bytes(raw)
    return path


def test_bed_files_are_read_with_comments_spaces_and_other_sequences(tmp_path):
    raw = b"# made by hand\ntrack name=x\nbrowser hide all\n\nchr2\t10\t20\tname\t0\n1\t5\t9\r\n1 9 12\nGL1\t1\t2\n"
    raw += b"1\t3\t3\n"
    for path in (bed(tmp_path, raw), bed(tmp_path, gzip.compress(raw)), bed(tmp_path, raw.removesuffix(b"\n"))):
        chosen = read_bed(path, Build.GRCH37)
        assert [str(region) for region in chosen] == ["1:6-12", "2:11-20"]
        assert chosen.other_sequences == 1


@pytest.mark.parametrize(
    ("raw", "code", "line"),
    [
        (b"", "empty", None),
        (b"1\t5\t9\n1\t5\n", "bad_bed", 2),
        (b"#c\n1\t9\t5\n", "bad_bed", 2),
        (b"1\t-1\t5\n", "bad_bed", 1),
        (b"1\tx\t5\n", "bad_bed", 1),
        (b"1\t1\t5.5\n", "bad_bed", 1),
        (b"1\t1\t99999999999999999999\n", "bad_bed", 1),
        (b"1\t5\t9\n20\t5\t63025521\n", "wrong_build", 2),
        (b"1\t5\t9\n\xff\t5\t6\n", "encoding", 2),
        (gzip.compress(b"1\t5\t9\n", mtime=0)[:-3], "truncated", None),
    ],
)
def test_bad_bed_files_are_refused(tmp_path, raw, code, line):
    with pytest.raises(InputError) as caught:
        read_bed(bed(tmp_path, raw), Build.GRCH37)
    assert (caught.value.code, caught.value.line, caught.value.source) == (code, line, "a.bed")


def test_a_comment_alone_covers_nothing(tmp_path):
    chosen = read_bed(bed(tmp_path, b"#nothing\n"), Build.GRCH37)
    assert (len(chosen), chosen.total_length) == (0, 0)
    assert chosen.covers(np.array([1], dtype=np.uint8), np.array([5])).tolist() == [False]


def test_the_confident_regions_of_na12878_cover_the_bases_that_a_plain_count_finds():
    path = shared_data("na12878", "platinum_chr21_b37.confident.bed.gz")
    covered = np.zeros(48_129_895, dtype=np.bool_)
    with gzip.open(path, "rt") as file:
        lines = [line.split("\t")[:3] for line in file]
    for name, start, end in lines:
        assert contig_code(name) == 21
        covered[int(start) : int(end)] = True
    chosen = read_bed(path, Build.GRCH37)
    assert len(lines) == 145_870
    assert chosen.total_length == int(covered.sum())
    position = np.arange(1, 48_129_896, 7)
    assert np.array_equal(chosen.covers(np.full(len(position), 21, dtype=np.uint8), position), covered[position - 1])
    with pysam.TabixFile(str(path)) as indexed:
        assert sum(1 for _ in indexed.fetch()) == len(lines)


@pytest.mark.parametrize("text", [f"20:{'1' * 5_000}", f"20:1-{'1' * 5_000}", f"{'1' * 5_000}:1", f"20:{'9' * 21}"])
def test_numbers_too_long_to_be_positions_are_refused(text: str) -> None:
    with pytest.raises(InputError) as caught:
        Region.parse(Build.GRCH38, text)
    assert caught.value.code == "bad_region"
