"""A Parquet file sorted by variant key: some rows of many found without reading it all."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq
from numpy.typing import NDArray

from varde.genome.builds import CONTIGS
from varde.genome.errors import InputError
from varde.genome.keys import key_contigs

ROWS_PER_GROUP = 1 << 16
GROUPS_HELD = 64
"""Row groups of a file whose keys stay in memory: 32 MB."""
WINDOW_ROWS = 1 << 23
"""Rows that wait to be sorted: some 200 MB with one score."""
PREFIX = "scores"


class KeyedFile:
    """A file with an ascending column ``key`` (UInt64, each once); keys read stay in memory for a while.

    Raises InputError ``damaged_source`` when the file cannot be read.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._held: dict[int, NDArray[np.uint64]] = {}

    @cached_property
    def _file(self) -> pq.ParquetFile:
        try:
            return pq.ParquetFile(self.path, memory_map=True)
        except (OSError, ValueError) as error:
            raise damaged(self.path.parent.name, self.path.name) from error

    @cached_property
    def _last(self) -> NDArray[np.uint64]:
        """The last key of every row group."""
        metadata = self._file.metadata
        place = self._file.schema_arrow.get_field_index("key")
        groups = range(metadata.num_row_groups)
        return np.array([metadata.row_group(n).column(place).statistics.max for n in groups], dtype=np.uint64)

    def __len__(self) -> int:
        return int(self._file.metadata.num_rows)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of all columns."""
        return tuple(self._file.schema_arrow.names)

    def find(self, keys: NDArray[np.uint64], columns: list[str] | None = None) -> pl.DataFrame:
        """What stands at each key, in the order given: all rows, ``key`` null where the file has none."""
        wanted = ["key", *(name for name in columns or self.columns if name != "key")]
        asked = pl.DataFrame({"asked": keys})
        parts = [self._rows_of(group, some, wanted) for group, some in self._by_group(np.unique(keys))]
        empty = self._empty(wanted)
        found = pl.concat([empty, *parts]).with_columns(asked=pl.col("key"))
        return asked.join(found, on="asked", how="left", maintain_order="left").select(wanted)

    def around(self, first: int, last: int, columns: list[str] | None = None) -> pl.DataFrame:
        """All rows with keys from ``first`` to ``last``."""
        wanted = ["key", *(name for name in columns or self.columns if name != "key")]
        low, high = (int(np.searchsorted(self._last, np.uint64(key))) for key in (first, last))
        groups = list(range(low, min(high + 1, len(self._last))))
        if not groups:
            return self._empty(wanted)
        rows: pl.DataFrame = pl.from_arrow(self._file.read_row_groups(groups, columns=wanted))  # type: ignore[assignment]
        return rows.select(wanted).filter(pl.col("key").is_between(first, last))

    def last_up_to(self, keys: NDArray[np.uint64]) -> pl.DataFrame:
        """The row with the greatest key that is not above each of ``keys``, in the order given; nulls where none is."""
        group = np.searchsorted(self._last, keys)
        firsts = np.array([self._keys_of(int(number))[0] for number in range(len(self._last))], dtype=np.uint64)
        before = (group == len(self._last)) | (firsts[np.minimum(group, len(firsts) - 1)] > keys)
        group = group - before
        found = np.full(len(keys), 0, dtype=np.uint64)
        for number in np.unique(group[group >= 0]):
            here = group == number
            held = self._keys_of(int(number))
            found[here] = held[np.searchsorted(held, keys[here], side="right") - 1]
        return self.find(found)

    def _by_group(self, keys: NDArray[np.uint64]) -> list[tuple[int, NDArray[np.uint64]]]:
        group = np.searchsorted(self._last, keys)
        inside = group < len(self._last)
        return [(int(number), keys[inside & (group == number)]) for number in np.unique(group[inside])]

    def _rows_of(self, group: int, keys: NDArray[np.uint64], wanted: list[str]) -> pl.DataFrame:
        held = self._keys_of(group)
        place = np.searchsorted(held, keys)
        place = place[(place < len(held)) & (held[np.minimum(place, len(held) - 1)] == keys)]
        if not len(place):
            return self._empty(wanted)
        rows: pl.DataFrame = pl.from_arrow(self._file.read_row_group(group, columns=wanted))  # type: ignore[assignment]
        chosen: pl.DataFrame = rows.select(wanted)[place]
        return chosen

    def _keys_of(self, group: int) -> NDArray[np.uint64]:
        if group not in self._held:
            if len(self._held) >= GROUPS_HELD:
                self._held.pop(next(iter(self._held)))
            self._held[group] = self._file.read_row_group(group, columns=["key"]).column("key").to_numpy()
        return self._held[group]

    def _empty(self, wanted: list[str]) -> pl.DataFrame:
        schema = pl.read_parquet_schema(self.path)
        return pl.DataFrame(schema={name: schema[name] for name in wanted})


class KeyedFolder:
    """The files of a source that has one for every contig (``scores-01.parquet``), asked as one."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self._files = {int(path.stem[-2:]): KeyedFile(path) for path in sorted(self.folder.glob(f"{PREFIX}-*.parquet"))}
        if not self._files:
            raise damaged(self.folder.name, f"{PREFIX}-*.parquet")

    def find(self, keys: NDArray[np.uint64]) -> pl.DataFrame:
        """As ``KeyedFile.find``."""
        return self._by_contig(keys, KeyedFile.find)

    def last_up_to(self, keys: NDArray[np.uint64]) -> pl.DataFrame:
        """As ``KeyedFile.last_up_to``, within the contig."""
        return self._by_contig(keys, KeyedFile.last_up_to)

    def _by_contig(
        self, keys: NDArray[np.uint64], ask: Callable[[KeyedFile, NDArray[np.uint64]], pl.DataFrame]
    ) -> pl.DataFrame:
        contig = key_contigs(keys)
        schema = pl.read_parquet_schema(next(iter(self._files.values())).path)
        place = np.full(len(keys), -1, dtype=np.int64)
        parts = [pl.DataFrame(schema=schema)]
        height = 0
        for code in np.unique(contig):
            if (file := self._files.get(int(code))) is not None:
                rows = np.flatnonzero(contig == code)
                parts.append(ask(file, keys[rows]).match_to_schema(schema))
                place[rows] = height + np.arange(len(rows))
                height += len(rows)
        taken = pl.Series(place).cast(pl.UInt32, strict=False)
        return pl.concat(parts)[taken]


class KeyedWriter:
    """Rows by contig into files sorted by key, in bounded memory.

    Rows may come out of order by at most ``window`` rows; beyond that InputError ``unsorted``. Of rows with one key the
    one with the greatest ``score`` stays. ``kept`` and ``repeated`` count rows.
    """

    def __init__(self, folder: Path, source: str, window: int = WINDOW_ROWS) -> None:
        self._folder, self._source, self._window = folder, source, window
        self._waiting: list[pl.DataFrame] = []
        self._count = 0
        self._writers: dict[int, tuple[pq.ParquetWriter, int]] = {}
        self.kept = self.repeated = 0

    def add(self, rows: pl.DataFrame) -> None:
        """Take ``key``, ``score`` and other columns; ``line`` is for messages."""
        self._waiting.append(rows)
        self._count += rows.height
        if self._count > self._window:
            self._flush(hold_back=True)

    def close(self) -> None:
        """Write what waits and end the files."""
        self._flush(hold_back=False)
        for writer, _ in self._writers.values():
            writer.close()

    def abandon(self) -> None:
        """End the files after an error; the folder goes away with them."""
        for writer, _ in self._writers.values():
            writer.close()

    def _flush(self, *, hold_back: bool) -> None:
        if not self._count:
            return
        rows = pl.concat(self._waiting).sort("key", "score", descending=[False, True], nulls_last=True)
        contig = pl.Series(key_contigs(rows["key"].to_numpy()))
        self._waiting, self._count = [], 0
        for code in contig.unique(maintain_order=True).to_list():
            here = rows.filter(contig == code)
            if hold_back:
                cut = here.height - max(here.height // 2, 1)
                border = (here["key"][cut] >> 31) << 31
                kept, here = here.filter(pl.col("key") >= border), here.filter(pl.col("key") < border)
                self._waiting.append(kept)
                self._count += kept.height
            if here.height:
                self._write(code, here)

    def _write(self, code: int, rows: pl.DataFrame) -> None:
        writer, last = self._writers.get(code, (None, -1))
        if rows["key"][0] <= last:
            late = rows.filter(pl.col("key") <= last)
            raise InputError(
                "unsorted",
                f"Contig {CONTIGS[code - 1]} is not in ascending order of positions.",
                "Sort the table by chromosome and position.",
                source=self._source,
                line=int(late["line"].min()),  # type: ignore[arg-type]
            )
        alone = rows.unique("key", keep="first", maintain_order=True)
        self.repeated += rows.height - alone.height
        self.kept += alone.height
        table = alone.drop("line").to_arrow(compat_level=pl.CompatLevel.oldest())
        if writer is None:
            path = self._folder / f"{PREFIX}-{code:02d}.parquet"
            writer = pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table, row_group_size=ROWS_PER_GROUP)
        self._writers[code] = (writer, int(rows["key"][-1]))


def as_written(name: str) -> pl.Expr:
    """A column kept as Float32 with the digits of the file, so that 0.644 is not below a threshold of 0.644."""
    return pl.col(name).cast(pl.Float64).round_sig_figs(6)


def damaged(source: str, file: str) -> InputError:
    """The error for a file of an imported source that is not what was written."""
    return InputError(
        "damaged_source", f"Source {source} is damaged: {file}.", "Remove its folder and import it anew.", source=file
    )
