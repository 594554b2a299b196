"""A long frame kept on disk instead of in memory, and slim tables of calls for what must see all alleles at once."""

from __future__ import annotations

import os
import tempfile
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


def mapped(frame: pl.DataFrame, folder: str | Path | None = None) -> pl.DataFrame:
    """The same frame, its columns in an unlinked file."""
    handle, name = tempfile.mkstemp(suffix=".arrow", dir=folder)
    os.close(handle)
    path = Path(name)
    try:
        frame.write_ipc(path, compression="uncompressed")
        with pa.memory_map(str(path)) as source:
            table = pa.ipc.open_file(source).read_all()
        return pl.DataFrame(pl.from_arrow(table, rechunk=False))
    finally:
        path.unlink()


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
