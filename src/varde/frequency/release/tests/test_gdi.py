"""The mini node's layout, allele by allele.

The expected files, columns and rows were compared once with those that the writer of gdi-mini-node v0.9.1
(github.com/GenomicDataInfrastructure/gdi-mini-node, parquet-writer) makes of a VCF of the same alleles: equal names,
schemas, orders and values. The node itself, with both data sets loaded, answered every allele.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from varde.frequency.release.gdi import write_data_set
from varde.genome.builds import MT, Build, X, Y
from varde.genome.errors import InputError

COLUMNS = (
    *(("POS", pa.int32()), ("REF", pa.string()), ("ALT", pa.string()), ("VT", pa.string())),
    *(("POPULATION", pa.string()), ("AF", pa.float64()), ("AC", pa.int32()), ("AC_HET", pa.int32())),
    *(("AC_HOM", pa.int32()), ("AC_HEMI", pa.int32()), ("AN", pa.int32())),
)
# Contig, 1-based position, REF, ALT and frequency, out of order.
ALLELES = [
    (MT, 16_000, "T", "C", 0.33),
    (1, 10_000_001, "CAG", "C", 0.25),
    (1, 10_000_001, "C", "T", 0.3),
    (1, 10_000_000, "C", "T", 0.21),
    (1, 9_999_999, "AT", "A", 0.2),
    (1, 12_000_000, "AC", "GT", 0.4),
    (1, 12_000_100, "AC", "GTT", 0.4),
    (2, 1, "A", "C", 0.5),
    (22, 50_000_000, "T", "TGG", 0.5),
    (X, 155_000_000, "G", "A", 0.1),
    (Y, 2_800_000, "G", "C", 0.05),
]
WRITTEN = {
    "1.0": [(9_999_998, "AT", "A", "INDEL", 0.2), (9_999_999, "C", "T", "SNP", 0.21)],
    "1.1": [
        (10_000_000, "C", "T", "SNP", 0.3),
        (10_000_000, "CAG", "C", "INDEL", 0.25),
        (11_999_999, "AC", "GT", "UNKNOWN", 0.4),
        (12_000_099, "AC", "GTT", "INDEL", 0.4),
    ],
    "2.0": [(0, "A", "C", "SNP", 0.5)],
    "22.4": [(49_999_999, "T", "TGG", "INDEL", 0.5)],
    "X.15": [(154_999_999, "G", "A", "SNP", 0.1)],
    "Y.0": [(2_799_999, "G", "C", "SNP", 0.05)],
    "M.0": [(15_999, "T", "C", "SNP", 0.33)],
}


def alleles() -> pl.DataFrame:
    names = ("contig", "position", "ref", "alt", "AF")
    counts = {name: pl.lit(None, pl.Int32) for name in ("AC", "AC_HET", "AC_HOM", "AC_HEMI")}
    return pl.DataFrame(ALLELES, schema=names, orient="row").with_columns(AN=pl.lit(100), **counts)


def test_every_kind_of_allele_and_chromosome_is_where_the_mini_node_looks(tmp_path: Path) -> None:
    assert write_data_set(alleles(), tmp_path / "SET-1", Build.GRCH38, "NO", {"title": "x"}) == len(ALLELES)
    files = {path.name: path for path in (tmp_path / "SET-1" / "GRCh38").iterdir()}
    assert files.keys() == {f"allele-freq-chr{name}.parquet" for name in WRITTEN}
    for name, rows in WRITTEN.items():
        file = pq.ParquetFile(files[f"allele-freq-chr{name}.parquet"])
        table = file.read()
        assert tuple((one.name, one.type) for one in table.schema) == COLUMNS
        told = table.to_pylist()
        assert [tuple(one[column] for column in ("POS", "REF", "ALT", "VT", "AF")) for one in told] == rows
        assert {(one["POPULATION"], one["AN"], one["AC"]) for one in told} == {("NO", 100, None)}
        assert file.metadata.row_group(0).sorting_columns == (pq.SortingColumn(0, descending=False),)


def test_a_folder_with_content_is_kept(tmp_path: Path) -> None:
    write_data_set(alleles().head(1), tmp_path / "SET-1", Build.GRCH38, "NO", {})
    before = {path: path.read_bytes() for path in (tmp_path / "SET-1").rglob("*") if path.is_file()}
    with pytest.raises(InputError) as refused:
        write_data_set(alleles(), tmp_path / "SET-1", Build.GRCH38, "NO", {})
    assert refused.value.code == "out_exists"
    assert {path: path.read_bytes() for path in (tmp_path / "SET-1").rglob("*") if path.is_file()} == before
