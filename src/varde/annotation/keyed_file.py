"""A Parquet file sorted by variant key: some rows of many found without reading it all."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq
from numpy.typing import NDArray

from varde.genome.errors import InputError

ROWS_PER_GROUP = 1 << 16


class KeyedFile:
    """A file with an ascending column ``key`` (UInt64, each once); the keys of row groups asked for stay in memory.

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

    def _by_group(self, keys: NDArray[np.uint64]) -> list[tuple[int, NDArray[np.uint64]]]:
        group = np.searchsorted(self._last, keys)
        inside = group < len(self._last)
        return [(int(number), keys[inside & (group == number)]) for number in np.unique(group[inside])]

    def _rows_of(self, group: int, keys: NDArray[np.uint64], wanted: list[str]) -> pl.DataFrame:
        if group not in self._held:
            self._held[group] = self._file.read_row_group(group, columns=["key"]).column("key").to_numpy()
        held = self._held[group]
        place = np.searchsorted(held, keys)
        place = place[(place < len(held)) & (held[np.minimum(place, len(held) - 1)] == keys)]
        if not len(place):
            return self._empty(wanted)
        rows: pl.DataFrame = pl.from_arrow(self._file.read_row_group(group, columns=wanted))  # type: ignore[assignment]
        return rows.select(wanted)[place]

    def _empty(self, wanted: list[str]) -> pl.DataFrame:
        schema = pl.read_parquet_schema(self.path)
        return pl.DataFrame(schema={name: schema[name] for name in wanted})


def damaged(source: str, file: str) -> InputError:
    """The error for a file of an imported source that is not what was written."""
    return InputError(
        "damaged_source", f"Source {source} is damaged: {file}.", "Remove its folder and import it anew.", source=file
    )
