"""The frequency index: one memory-mapped file of keys, counts and coverage, read in microseconds without loading it.

::

    8 bytes   b"VARDEIX" and the format's number as one byte
    8 bytes   length of the header, little-endian
    header    JSON: build, what it was made from, the tables with their columns, each section's offset, bytes and CRC-32
    sections  each at a multiple of 8 bytes

``sites`` is a ``PackedTable`` by variant key, with whatever columns of whole numbers the maker gives (exact counts, or
the bins of a public release). ``coverage`` is one by place (contig << 32 | 0-based position): its columns hold from
each place to the next, so that the allele number is known at every position, for a few bytes per step. ``long`` holds
the letters of alleles that their key does not spell: the row of each, then REF and ALT as text.

The same input gives the same bytes.
"""

from __future__ import annotations

import json
import mmap
import os
import zlib
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.frequency.callable_intervals import places
from varde.frequency.cells import Cell
from varde.frequency.increment import Increment, allele_number, sites, spelled
from varde.frequency.index_file import FORMAT, MAGIC, START, open_index
from varde.frequency.packed import SECTIONS, PackedTable
from varde.genome.builds import PSEUDOAUTOSOMAL, Build
from varde.genome.errors import InputError
from varde.genome.keys import (
    KEY_FORMAT,
    LAST_CONTIG,
    check_collisions,
    is_hashed,
    key_contigs,
    key_positions,
    place_key,
    string_buffers,
)

TABLES = ("sites", "coverage")
EXACT_COLUMNS = ("ac", "an", "nhomalt", "nhemi")
"""Columns of an index of exact counts; ``an`` is of the site, which beside the coverage counts people called there."""

_TYPES = {"first": "<u8", "place": "<i8", "width": "<u1", "bits": "<u1", "row": "<u4", "offset": "<u4", "text": "<u1"}
_LONG_SECTIONS = ("row", "offset", "text")


@dataclass(frozen=True)
class FrequencyIndex:
    """An open index. Arrays are mapped from the file, so many processes share one copy in memory."""

    path: Path
    build: Build
    made_from: Mapping[str, Any]
    sites: PackedTable
    coverage: PackedTable
    long_row: NDArray[np.uint32]
    long_offset: NDArray[np.uint32]
    long_text: NDArray[np.uint8]
    _sections: Mapping[str, Mapping[str, int]]

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """Map an index. Raises InputError ``not_found``, ``no_index``, ``unknown_format``, ``truncated``."""
        path = Path(path)
        mapped, header = open_index(path)
        arrays = {name: _section(mapped, name, where) for name, where in header["sections"].items()}
        sites, coverage = (_table(name, arrays, **header["tables"][name]) for name in TABLES)
        row, offset, text = (arrays[f"long.{name}"] for name in _LONG_SECTIONS)
        build = Build(header["build"])
        return cls(path, build, header["made_from"], sites, coverage, row, offset, text, header["sections"])

    def __len__(self) -> int:
        return self.sites.rows

    @property
    def columns(self) -> tuple[str, ...]:
        """What is told of each site."""
        return self.sites.columns

    @property
    def bytes_per_site(self) -> float:
        """Size of the whole file by site."""
        return self.path.stat().st_size / max(len(self), 1)

    def find(self, keys: NDArray[np.uint64]) -> NDArray[np.int64]:
        """The row of each key, -1 where there is none; quickest in ascending order. Long alleles: see ``spells``."""
        return self.sites.find(keys)

    def spells(self, row: int, ref: str, alt: str) -> bool:
        """Whether a row with a hashed key is of these letters (1 in 2**30 of other alleles of the place has its key).

        Capitals are expected. True for a row whose key spells its alleles.
        """
        at = bisect_left(self.long_row.data, row)
        if at == len(self.long_row) or self.long_row[at] != row:
            return True
        return self._letters(at) == (ref, alt)

    def row(self, key: int, ref: str | None = None, alt: str | None = None) -> dict[str, int] | None:
        """The columns of one key, in microseconds; None when it is not there, or of other letters where given."""
        row = self.sites.find_one(key)
        if row < 0 or (ref is not None and alt is not None and not self.spells(row, ref, alt)):
            return None
        return self.sites.row(row)

    def at(self, contig: int, position: int) -> dict[str, int]:
        """The coverage columns at one 1-based position; 0 where nothing covers it."""
        row = self.coverage.last_up_to((contig << 32) + position - 1)
        return self.coverage.row(row) if row >= 0 else dict.fromkeys(self.coverage.columns, 0)

    def covered(self, contig: NDArray[np.uint8], position: NDArray[np.int64], name: str) -> NDArray[np.int64]:
        """One coverage column at many 1-based positions."""
        place = places(contig, position).astype(np.uint64)
        return self.coverage.values(name, self.coverage.lower(place + np.uint64(1)) - 1)

    def range(self, contig: int, start: int, end: int) -> tuple[int, int]:
        """The rows, from the first to before the second, of sites at 1-based positions from ``start`` to ``end``."""
        borders = [place_key(contig, max(start, 0)), place_key(contig, max(end, 0) + 1)]
        first, last = self.sites.lower(np.array(borders, dtype=np.uint64)).tolist()
        return first, max(first, last)

    def frame(self, start: int = 0, stop: int | None = None) -> pl.DataFrame:
        """Rows as key, contig, position, ref, alt and the columns (Int64)."""
        stop = len(self) if stop is None else min(stop, len(self))
        keys = self.sites.keys(start, stop)
        ref, alt = spelled(keys, self._long_frame(keys, start, stop))
        columns = {"key": keys, "contig": key_contigs(keys), "position": key_positions(keys).astype(np.uint32)}
        columns |= {"ref": ref, "alt": alt}
        return pl.DataFrame(columns | {name: self.sites.column(name, start, stop) for name in self.columns})

    def verify(self) -> None:
        """Compare every section with its checksum. Raises InputError ``damaged_index``."""
        with self.path.open("rb") as file:
            for name, where in self._sections.items():
                file.seek(where["offset"])
                if zlib.crc32(file.read(where["bytes"])) != where["crc32"]:
                    raise InputError(
                        "damaged_index",
                        f"Section {name} is not what was written.",
                        "Fetch or build the index anew.",
                        source=self.path.name,
                    )

    @cached_property
    def _text(self) -> bytes:
        return self.long_text.tobytes()

    def _letters(self, at: int) -> tuple[str, str]:
        start, middle, stop = self.long_offset[2 * at : 2 * at + 3].tolist()
        return self._text[start:middle].decode(), self._text[middle:stop].decode()

    def _long_frame(self, keys: NDArray[np.uint64], start: int, stop: int) -> pl.DataFrame:
        low, high = np.searchsorted(self.long_row, [start, stop]).tolist()
        letters = [self._letters(at) for at in range(low, high)]
        rows = self.long_row[low:high].astype(np.int64) - start
        return pl.DataFrame(
            {"key": keys[rows], "ref": [one[0] for one in letters], "alt": [one[1] for one in letters]},
            schema={"key": pl.UInt64, "ref": pl.String, "alt": pl.String},
        )


def build_index(
    path: str | Path,
    build: Build,
    sites: pl.DataFrame,
    coverage: pl.DataFrame,
    *,
    long: pl.DataFrame | None = None,
    made_from: Mapping[str, Any],
) -> None:
    """Write an index, put in place when complete.

    ``sites``: ``key`` (ascending, each once) and columns of whole numbers from 0 on. ``coverage``: ``place``
    (ascending, each once) and such columns, which hold up to the next place. ``long``: ``key``, ``ref``, ``alt`` of
    hashed keys, one for each of them. ``made_from`` is JSON: release, digests, dates, thresholds; it stands in the
    header.
    Raises ValueError for frames of another shape, InputError ``key_collision``, ``cannot_write``.
    """
    tables = {"sites": _packed(sites, "key"), "coverage": _packed(coverage, "place")}
    parts: dict[str, NDArray[Any]] = {}
    for name, table in tables.items():
        parts |= {f"{name}.{section}": getattr(table, section) for section in SECTIONS}
    parts |= _long_parts(sites["key"].to_numpy(), long)
    header = {
        "format": "varde-frequency-index",
        "key_format": KEY_FORMAT,
        "build": str(build),
        "made_from": dict(made_from),
        "tables": {name: {"rows": table.rows, "columns": table.columns} for name, table in tables.items()},
    }
    _write(Path(path), header, {name: _little(name, array) for name, array in parts.items()})


def index_increment(
    path: str | Path,
    increment: Increment,
    *,
    made_from: Mapping[str, Any],
    groups: Mapping[str, Sequence[Cell]] | None = None,
    columns: Sequence[str] = EXACT_COLUMNS,
) -> None:
    """Write the index of exact counts: ``columns`` of ``sites`` by site, ``an`` by place. Raises as ``build_index``.

    ``groups`` names parts of the people; each adds its own columns with the name as suffix (``ac_xx``) to sites and
    coverage. A site's AN differs from the coverage's where people were called beside their callable intervals. On MT,
    AC counts homoplasmic carriers.
    """
    parts = {"": None, **{f"_{name}": cells for name, cells in (groups or {}).items()}}
    frames = [
        sites(increment, cells).select("key", *(pl.col(name).cast(pl.Int64).alias(name + end) for name in columns))
        for end, cells in parts.items()
    ]
    steps = [coverage_of(increment if cells is None else increment.of_cells(cells)) for cells in parts.values()]
    build_index(
        path,
        increment.build,
        pl.concat([frames[0], *(frame.drop("key") for frame in frames[1:])], how="horizontal"),
        _beside_each_other({f"an{end}": step for end, step in zip(parts, steps, strict=True)}),
        long=increment.long,
        made_from=made_from,
    )


def coverage_of(increment: Increment) -> pl.DataFrame:
    """AN as a step function: ``place`` (UInt64) and ``an`` (Int64), which holds up to the next place."""
    borders = [np.arange(1, LAST_CONTIG + 1, dtype=np.int64) << 32]
    for contig, intervals in PSEUDOAUTOSOMAL[increment.build].items():
        borders.append((contig << 32) + np.array(intervals, dtype=np.int64).ravel())
    place = np.unique(np.concatenate([increment.coverage["place"].to_numpy(), *borders]))
    codes: NDArray[np.uint8] = (place >> 32).astype(np.uint8)
    an = allele_number(increment, codes, (place & 0xFFFFFFFF) + 1)
    moves = np.diff(an, prepend=0) != 0
    return pl.DataFrame({"place": place[moves].astype(np.uint64), "an": an[moves]})


def _beside_each_other(steps: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Several step functions as columns of one."""
    named = [step.rename({"an": name}).lazy() for name, step in steps.items()]
    joined = pl.concat(named, how="diagonal").group_by("place").agg(pl.col(list(steps)).drop_nulls().first())
    return joined.sort("place").with_columns(pl.col(list(steps)).forward_fill().fill_null(0)).collect()


def _packed(frame: pl.DataFrame, key: str) -> PackedTable:
    columns = {name: frame[name].cast(pl.Int64).to_numpy() for name in frame.columns if name != key}
    return PackedTable.pack(frame[key].cast(pl.UInt64).to_numpy(), columns)


def _long_parts(keys: NDArray[np.uint64], long: pl.DataFrame | None) -> dict[str, NDArray[Any]]:
    """Row, offsets and letters of the hashed keys, in the order of the keys."""
    rows = np.flatnonzero(is_hashed(keys))
    given = pl.DataFrame(schema={"key": pl.UInt64, "ref": pl.String, "alt": pl.String}) if long is None else long
    check_collisions(given)
    letters = pl.DataFrame({"key": keys[rows]}).join(given.unique(), on="key", how="left", maintain_order="left")
    if letters["ref"].null_count() or letters["alt"].null_count():
        raise ValueError("long must spell every hashed key")
    text = (
        letters.select(pl.concat_list("ref", "alt").explode()).to_series()
        if len(rows)
        else pl.Series([], dtype=pl.String)
    )
    offsets, data = string_buffers(text)
    return {
        "long.row": rows.astype(np.uint32),
        "long.offset": (offsets - offsets[0]).astype(np.uint32),
        "long.text": data[offsets[0] : offsets[-1]].copy(),
    }


def _little(name: str, array: NDArray[Any]) -> bytes:
    return np.ascontiguousarray(array, dtype=_TYPES[name.partition(".")[2]]).tobytes()


def _write(path: Path, header: dict[str, Any], parts: Mapping[str, bytes]) -> None:
    sizes = {name: {"bytes": len(part), "crc32": zlib.crc32(part)} for name, part in parts.items()}
    text, start = b"", 0
    while True:  # the offsets stand in the header, and their digits in its length
        sections, offset = {}, start
        for name, size in sizes.items():
            sections[name] = {"offset": offset, **size}
            offset = _padded(offset + size["bytes"])
        text = json.dumps({**header, "sections": sections, "bytes": offset}, sort_keys=True).encode()
        if _padded(START + len(text)) <= start:
            break
        start = _padded(START + len(text) + 64)
    partial = path.with_name(f".{path.name}.partial")
    try:
        with partial.open("wb") as file:
            file.write(MAGIC + bytes([FORMAT]) + len(text).to_bytes(8, "little") + text)
            for name, part in parts.items():
                file.write(bytes(sections[name]["offset"] - file.tell()))
                file.write(part)
            file.write(bytes(offset - file.tell()))
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise InputError(
            "cannot_write",
            f"The file cannot be written ({error.strerror or error}).",
            "Give a folder that exists, can be written and has room.",
            source=path.name,
        ) from error
    finally:
        partial.unlink(missing_ok=True)


def _padded(size: int) -> int:
    return -(-size // 8) * 8


def _table(name: str, arrays: Mapping[str, NDArray[Any]], rows: int, columns: Sequence[str]) -> PackedTable:
    first, place, width, bits = (arrays[f"{name}.{section}"] for section in SECTIONS)
    return PackedTable(rows, tuple(columns), first, place, width.reshape(-1, 1 + len(columns)), bits)


def _section(mapped: mmap.mmap, name: str, where: Mapping[str, int]) -> NDArray[Any]:
    kind = np.dtype(_TYPES[name.partition(".")[2]])
    return np.frombuffer(mapped, dtype=kind, count=where["bytes"] // kind.itemsize, offset=where["offset"])
