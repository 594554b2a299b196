"""Export in the layout that the mini node of the European Genomic Data Infrastructure reads.

One data set is a folder ``<dataset>/<build>/allele-freq-chr<C>.<I>.parquet`` beside ``<dataset>/metadata.yaml``: C is
1-22, X, Y or M, I the 0-based position divided by 10,000,000; rows are sorted by POS, which is 0-based too. Columns and
their types are ``GDI_SITES``; AC_HOM counts alleles, so two of every homozygous person. A count may be null.
Source: github.com/GenomicDataInfrastructure/gdi-mini-node, parquet-writer/_parquet.py and _vcf_base_reader.py,
mini_node/data/registry.py and mini_node/fdp/config.py of v0.9.1. A release of the demo country was loaded into that
version: every site was answered as it is published, the data set's description passed the node's own SHACL shapes, and
the node's own writer gave the same tables for the same alleles.

Public sites alone are written. They have bins: AF is the middle of the bin, the counts are null, and sites in the
lowest bin have no row, as alleles that nobody carries have none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from varde.frequency.release.read import Release
from varde.genome.builds import CONTIGS, MT, Build
from varde.genome.new_folder import new_folder

GDI_BUCKET = 10_000_000
GDI_SITES = pa.schema(
    [
        ("POS", pa.int32()),
        ("REF", pa.string()),
        ("ALT", pa.string()),
        ("VT", pa.string()),
        ("POPULATION", pa.string()),
        ("AF", pa.float64()),
        ("AC", pa.int32()),
        ("AC_HET", pa.int32()),
        ("AC_HOM", pa.int32()),
        ("AC_HEMI", pa.int32()),
        ("AN", pa.int32()),
    ]
)
_LEVEL = 19


def export_release(release: Release, out: str | Path, population: str) -> int:
    """Write the public sites of a release as a data set of one population; the number of sites.

    Raises InputError ``no_public_release``, ``out_exists``.
    """
    found = release.all_sites()
    middle = found.with_columns(AF=(pl.col("af_low") + pl.col("af_high")) / 2, AN=pl.col("an"))
    empty = middle.with_columns(pl.lit(None, pl.Int32).alias(name) for name in ("AC", "AC_HET", "AC_HOM", "AC_HEMI"))
    title = f"Varde register of variants, release {release.name}, frequency bins"
    metadata = _metadata(release.manifest, title, population, empty.height)
    return write_data_set(empty, Path(out), release.build, population, metadata)


def write_data_set(
    frame: pl.DataFrame, out: Path, build: Build, population: str, metadata: Mapping[str, object]
) -> int:
    """Write a data set of one population, whole or not at all; the number of rows.

    ``frame`` holds contig (code), position (1-based), ref, alt, AF, AC, AC_HET, AC_HOM, AC_HEMI and AN, in any order.
    Raises InputError ``out_exists``.
    """
    rows = frame.select(
        "contig",
        "AF",
        *("AC", "AC_HET", "AC_HOM", "AC_HEMI", "AN"),
        POS=pl.col("position").cast(pl.Int32) - 1,
        REF="ref",
        ALT="alt",
        VT=_kind(),
        POPULATION=pl.lit(population),
    ).sort("contig", "POS", "REF", "ALT")
    with new_folder(out) as folder:
        (folder / str(build)).mkdir()
        # JSON is YAML, and needs no library to be written.
        (folder / "metadata.yaml").write_text(json.dumps(metadata, indent=1, ensure_ascii=False) + "\n", "utf-8")
        contig, bucket = rows["contig"].to_numpy(), rows["POS"].to_numpy() // GDI_BUCKET
        starts = np.flatnonzero(np.diff(contig.astype(np.int64) << 32 | bucket, prepend=-1)).tolist()
        for start, stop in zip(starts, [*starts[1:], rows.height][: len(starts)], strict=True):
            name = "M" if contig[start] == MT else CONTIGS[contig[start] - 1]
            _write_bucket(rows[start:stop], folder / str(build) / f"allele-freq-chr{name}.{bucket[start]}.parquet")
    return rows.height


def _write_bucket(rows: pl.DataFrame, path: Path) -> None:
    table = rows.select(GDI_SITES.names).to_arrow(compat_level=pl.CompatLevel.oldest()).cast(GDI_SITES)
    order = pq.SortingColumn.from_ordering(GDI_SITES, [("POS", "ascending")])
    pq.write_table(
        table,
        path,
        sorting_columns=order,
        write_page_index=True,
        compression="zstd",
        compression_level=_LEVEL,
        write_page_checksum=True,
    )


def _kind() -> pl.Expr:
    """SNP, INDEL or UNKNOWN, as the mini node names trimmed alleles."""
    ref, alt = pl.col("ref").str.len_bytes(), pl.col("alt").str.len_bytes()
    return (
        pl.when((ref == 1) & (alt == 1))
        .then(pl.lit("SNP"))
        .when(ref != alt)
        .then(pl.lit("INDEL"))
        .otherwise(pl.lit("UNKNOWN"))
    )


def _metadata(manifest: Mapping[str, object], title: str, population: str, records: int) -> dict[str, object]:
    month = f"{manifest['month']}-01T00:00:00Z"
    return {
        "title": title,
        "description": "Allele frequencies are the middle of published bins; counts are not published.",
        "catalog_id": "genome-of-europe",
        "keywords": ["allele frequency", population],
        "since": month,
        "updated": month,
        "record_count": records,
        "individual_count": manifest["people"]["all"],  # type: ignore[index]
        "data_provider_name": str(manifest["register"]),
    }
