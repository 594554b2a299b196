"""A long frame kept on disk instead of in memory, and slim tables of calls for what must see all alleles at once."""

from __future__ import annotations

import mmap
import os
import tempfile
import weakref
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from varde.genome.records import AlleleTable


class Spool:
    """Frames of one schema, one after the other. The first stays in memory; with a second all go to files that are
    mapped into memory and unlinked at once, so that they are gone when the last reader is.

    Mapped pages are read when they are asked for and can be dropped by the system at any time.
    """

    def __init__(self, folder: str | Path | None = None) -> None:
        self._folder = folder
        self._first: pl.DataFrame | None = None
        self._mapped: list[pl.DataFrame] = []

    def add(self, frame: pl.DataFrame) -> None:
        """Takes the next frame."""
        if self._first is None and not self._mapped:
            self._first = frame
            return
        if self._first is not None:
            first, self._first = self._first, None
            self._mapped.append(mapped(first, self._folder))
        self._mapped.append(mapped(frame, self._folder))

    def frame(self) -> pl.DataFrame:
        """All frames as one, without a copy."""
        return self._first if self._first is not None else pl.concat(self._mapped, rechunk=False)


_LIVE: weakref.WeakSet[mmap.mmap] = weakref.WeakSet()


def mapped(frame: pl.DataFrame, folder: str | Path | None = None) -> pl.DataFrame:
    """The same frame, its columns in an unlinked file."""
    handle, name = tempfile.mkstemp(suffix=".arrow", dir=folder)
    os.close(handle)
    path = Path(name)
    try:
        frame.write_ipc(path, compression="uncompressed")
        with path.open("rb") as file:
            pages = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    finally:
        path.unlink()
    _LIVE.add(pages)
    table = pa.ipc.open_file(pa.py_buffer(pages)).read_all()
    return pl.DataFrame(pl.from_arrow(table, rechunk=False))


def let_go() -> None:
    """Gives the memory of all mapped pages back; they are read anew where they are asked for."""
    for pages in list(_LIVE):
        pages.madvise(mmap.MADV_DONTNEED)


_SLIM = ("record", "allele", "allele_count", "contig", "position", "end", "ref", "alt", "filter", "kind")


def slim(table: AlleleTable) -> AlleleTable:
    """The table with those site columns alone that inheritance and quality ask for."""
    return replace(table, sites=table.sites.select(_SLIM))


def for_quality(tables: Sequence[AlleleTable]) -> AlleleTable:
    """All tables as one for ``varde.quality.assess``: depths of single alleles and phases are not given."""
    first = tables[0]
    if len(tables) == 1:
        return first
    sites = pl.concat([one.sites.drop("record", "end") for one in tables])
    shape = (sites.height, len(first.samples))
    nothing: NDArray[np.int32] = np.broadcast_to(np.array(-1, dtype=np.int32), shape)
    return AlleleTable(
        build=first.build,
        samples=first.samples,
        sites=sites,
        genotype=np.concatenate([one.genotype for one in tables]),
        phased=np.broadcast_to(np.array(False), shape),
        phase_set=nothing,
        depth_ref=nothing,
        depth_alt=nothing,
        depth_x=np.concatenate([one.depth_x for one in tables]),
        genotype_quality=np.concatenate([one.genotype_quality for one in tables]),
    )
