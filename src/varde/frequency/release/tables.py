"""The public tables as Parquet: sites by chromosome and bucket of 2^24 bases, coverage and site sets whole.

Any Parquet reader understands them: ``position``, ``ref`` and ``alt`` are written as they are, delta-coded and by
dictionary, which is smaller than the 64-bit key would be. The same rows give the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from varde.frequency.release.public import PUBLIC_SITES
from varde.genome.builds import CONTIGS
from varde.genome.errors import InputError
from varde.genome.keys import encode_keys

BUCKET_BITS = 24
"""Bits of a position below its bucket: 16,777,216 bases, about 200 buckets in a genome."""

STORED_SITES = tuple(name for name in PUBLIC_SITES.names() if name != "key")
_ROW_GROUP = 131_072
_LEVEL = 9


def write_table(frame: pl.DataFrame, path: Path, delta: Sequence[str] = ()) -> None:
    """Parquet with ``delta`` columns of sorted whole numbers delta-coded and the others by dictionary."""
    pq.write_table(
        # Arrow's plain strings: readers of every language know them.
        frame.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(_plain(frame)),
        path,
        compression="zstd",
        compression_level=_LEVEL,
        row_group_size=_ROW_GROUP,
        use_dictionary=[name for name in frame.columns if name not in delta],
        column_encoding=dict.fromkeys(delta, "DELTA_BINARY_PACKED"),
        write_page_index=True,
        write_page_checksum=True,
        store_schema=False,
    )


def _plain(frame: pl.DataFrame) -> pa.Schema:
    table = frame.head(0).to_arrow(compat_level=pl.CompatLevel.oldest())
    kinds = [pa.string() if pa.types.is_large_string(kind) else kind for kind in table.schema.types]
    return pa.schema([pa.field(name, kind) for name, kind in zip(table.schema.names, kinds, strict=True)])


def bucket_name(contig: int, bucket: int) -> str:
    """``20.3``: chromosome 20, bases 50,331,648 to 67,108,863."""
    return f"{CONTIGS[contig - 1]}.{bucket}"


def write_sites(frame: pl.DataFrame, folder: Path) -> list[Path]:
    """``PUBLIC_SITES``, sorted by key, as one file per chromosome and bucket that has sites; the files."""
    return write_buckets(frame.select(STORED_SITES), folder)


def write_buckets(frame: pl.DataFrame, folder: Path) -> list[Path]:
    """Rows with ``contig`` and ``position``, sorted by them, as one file per chromosome and bucket; the files."""
    folder.mkdir(parents=True)
    if frame.is_empty():
        return []
    contig, bucket = frame["contig"].to_numpy(), frame["position"].to_numpy() >> BUCKET_BITS
    place = contig.astype(np.int64) << 32 | bucket
    starts = np.flatnonzero(np.diff(place, prepend=-1)).tolist()
    paths = []
    for start, stop in zip(starts, [*starts[1:], frame.height], strict=True):
        path = folder / f"{bucket_name(int(contig[start]), int(bucket[start]))}.parquet"
        write_table(frame[start:stop], path, delta=("position",))
        paths.append(path)
    return paths


def read_table(path: Path, schema: pl.Schema) -> pl.DataFrame:
    """Rows of one file. Raises InputError ``truncated_table``, ``unknown_table`` for other columns."""
    try:
        table = pq.ParquetFile(path, page_checksum_verification=True).read()
    except (OSError, pa.ArrowException) as error:
        raise InputError(
            "truncated_table",
            f"The table cannot be read: it is cut off or damaged ({str(error).splitlines()[0][:120]}).",
            "Fetch the file again, and verify the release with 'varde verify'.",
            source=path.name,
        ) from None
    frame = pl.DataFrame(pl.from_arrow(table))
    if frame.columns != schema.names():
        raise InputError(
            "unknown_table",
            f"The table has the columns {', '.join(frame.columns)[:120]}; expected {', '.join(schema.names())}.",
            "Give a release that this version of Varde knows.",
            source=path.name,
        )
    return frame.cast(schema)


def read_sites(path: Path) -> pl.DataFrame:
    """``PUBLIC_SITES`` of one bucket."""
    stored = read_table(path, pl.Schema({name: PUBLIC_SITES[name] for name in STORED_SITES}))
    keys = encode_keys(stored["contig"].to_numpy(), stored["position"].to_numpy(), stored["ref"], stored["alt"])
    return stored.with_columns(key=pl.Series(keys)).select(PUBLIC_SITES.names())
