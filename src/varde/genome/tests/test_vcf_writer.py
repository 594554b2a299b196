from __future__ import annotations

import polars as pl
import pysam
import pytest

from varde.genome.errors import InputError
from varde.genome.vcf import read_whole_vcf
from varde.genome.vcf_writer import SITE_COLUMNS, write_sites_vcf

LINES = [
    "##fileformat=VCFv4.2",
    "##contig=<ID=20,length=64444167>",
    "##contig=<ID=3,length=198295559>",
    '##INFO=<ID=AC,Number=A,Type=Integer,Description="Count">',
]


def frame(*rows: tuple) -> pl.DataFrame:
    schema = dict.fromkeys(SITE_COLUMNS, pl.String) | {"POS": pl.Int64, "QUAL": pl.Float64}
    return pl.DataFrame(list(rows), schema=schema, orient="row")


ROWS = frame(
    ("20", 10, None, "A", "C", None, "PASS", "AC=1"),
    ("20", 10, "rs1", "A", "G", 3.5, None, "AC=2"),
    ("20", 500, None, "AC", "A", None, "PASS", "AC=3"),
    ("3", 7, None, "T", "TA", None, "PASS", "AC=4"),
)


def test_the_file_is_read_back_and_found_through_its_index(tmp_path):
    path = tmp_path / "sites.vcf.gz"
    write_sites_vcf(path, LINES, ROWS)
    table = read_whole_vcf(path)
    columns = ["contig_name", "position", "identifier", "ref", "alt", "filter"]
    assert table.sites.select(columns).rows() == [
        ("20", 10, ".", "A", "C", "PASS"),
        ("20", 10, "rs1", "A", "G", "."),
        ("20", 500, ".", "AC", "A", "PASS"),
        ("3", 7, ".", "T", "TA", "PASS"),
    ]
    with pysam.VariantFile(str(path)) as file:
        assert [(found.pos, found.info["AC"], found.qual) for found in file.fetch("20", 0, 20)] == [
            *((10, (1,), None), (10, (2,), 3.5))
        ]
        assert [found.info["AC"] for found in file.fetch("3")] == [(4,)]
    assert sorted(found.name for found in tmp_path.iterdir()) == ["sites.vcf.gz", "sites.vcf.gz.tbi"]


def test_the_same_input_gives_the_same_bytes_and_replaces_the_older_file(tmp_path):
    first, second = tmp_path / "a.vcf.gz", tmp_path / "b.vcf.gz"
    write_sites_vcf(first, LINES, ROWS)
    write_sites_vcf(second, LINES, ROWS.head(1))
    write_sites_vcf(second, LINES, ROWS)
    for suffix in ("", ".tbi"):
        names = [path.with_name(path.name + suffix) for path in (first, second)]
        assert names[0].read_bytes() == names[1].read_bytes()


def test_indexing_keeps_no_state_between_files_of_other_contigs(tmp_path):
    for name in ("one", "two"):
        lines = [LINES[0], f"##contig=<ID={name}>", LINES[3]]
        rows = ROWS.head(2).with_columns(CHROM=pl.lit(name))
        write_sites_vcf(tmp_path / f"{name}.vcf.gz", lines, rows)
    for name in ("one", "two"):
        with pysam.TabixFile(str(tmp_path / f"{name}.vcf.gz")) as file:
            assert file.contigs == [name]


def test_no_sites_is_a_header_alone(tmp_path):
    write_sites_vcf(tmp_path / "a.vcf.gz", LINES, ROWS.clear())
    assert len(read_whole_vcf(tmp_path / "a.vcf.gz")) == 0


@pytest.mark.parametrize(
    ("lines", "rows", "message"),
    [
        (LINES[1:], ROWS, "fileformat"),
        ([*LINES, "#CHROM"], ROWS, "start with ##"),
        ([*LINES, "##a\n##b"], ROWS, "one line"),
        (LINES, ROWS.reverse(), "sorted"),
        (LINES, pl.concat([ROWS, ROWS.head(1)]), "sorted"),
        (LINES, ROWS.drop("INFO"), "columns"),
    ],
)
def test_what_would_make_a_broken_file_is_refused_and_leaves_nothing(tmp_path, lines, rows, message):
    with pytest.raises(ValueError, match=message):
        write_sites_vcf(tmp_path / "a.vcf.gz", lines, rows)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_missing_is_named_in_the_refusal(tmp_path):
    with pytest.raises(InputError) as caught:
        write_sites_vcf(tmp_path / "none" / "a.vcf.gz", LINES, ROWS)
    assert (caught.value.code, caught.value.source) == ("cannot_write", "a.vcf.gz")
    assert str(tmp_path) not in str(caught.value)
    with pytest.raises(ValueError, match=r"must end in \.gz"):
        write_sites_vcf(tmp_path / "a.vcf", LINES, ROWS)
