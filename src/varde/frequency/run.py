"""A run: what one person brings to the counts. Immutable, without a name, identified by its content."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from varde.frequency.callable_intervals import Intervals, little_endian
from varde.frequency.cells import Cell
from varde.frequency.damage import damaged, whole
from varde.genome.builds import Build
from varde.genome.keys import is_hashed

HAPLOID = 1
"""Flag of an observation: the person counts with one chromosome here."""
BESIDE_INTERVALS = 2
"""Flag of an observation: called for this allele, though another record at the place was not, which took the place
out of the person's callable intervals."""

RUN_FILES = (".parquet", ".callable.parquet", ".structural.parquet", ".fingerprint.parquet")
"""What the names of a run's files end in, after its identifier."""

NO_LONG_ALLELES = pl.DataFrame(schema={"key": pl.UInt64, "ref": pl.String, "alt": pl.String})


@dataclass(frozen=True)
class Alleles:
    """Alleles of a person, sorted by key: ``keys`` uint64, ``dosage`` and ``flags`` uint8 [alleles].

    ``dosage`` is 1 or 2 copies; 0 for a call without this allele that stands beside the intervals. On MT one copy that
    is not flagged ``HAPLOID`` is a heteroplasmy. ``long`` has key, ref and alt of the alleles that their key does not
    hold, sorted by key.
    """

    keys: NDArray[np.uint64]
    dosage: NDArray[np.uint8]
    flags: NDArray[np.uint8]
    long: pl.DataFrame

    def __post_init__(self) -> None:
        if not len(self.keys) == len(self.dosage) == len(self.flags):
            raise ValueError("keys, dosage and flags must have the same length")
        if int(is_hashed(self.keys).sum()) != self.long.height:
            raise ValueError("every long allele needs its letters, once")


@dataclass(frozen=True)
class Run:
    """One person's alleles and callable places: (the union of ``tracks`` and ``added``) without ``cut``.

    ``tracks`` names interval sets that several people share. ``added`` has nothing of the tracks, ``cut`` only places
    of the tracks. ``structural``: calls in the columns of ``increment.STRUCTURAL``; None where the method of reading
    sees none. No sample name and no file name is in it.
    """

    build: Build
    gate: str
    cell: Cell
    alleles: Alleles
    tracks: tuple[str, ...]
    added: Intervals
    cut: Intervals
    structural: pl.DataFrame | None = None

    def __post_init__(self) -> None:
        if self.tracks != tuple(sorted(set(self.tracks))):
            raise ValueError("tracks must be sorted and distinct")

    @cached_property
    def identifier(self) -> str:
        """128 bits of SHA-256 over the content, whatever the file format or the versions of packages."""
        head = {"build": self.build, "gate": self.gate, "cell": self.cell.code, "tracks": self.tracks}
        digest = hashlib.sha256(json.dumps(head, sort_keys=True).encode())
        alleles = self.alleles
        for values in (alleles.keys, alleles.dosage, alleles.flags):
            digest.update(little_endian(values))
        if alleles.long.height:
            digest.update("".join(f"\n{ref}\t{alt}" for _, ref, alt in alleles.long.iter_rows()).encode())
        for intervals in (self.added, self.cut):
            digest.update(len(intervals).to_bytes(8, "little"))
            digest.update(little_endian(intervals.start) + little_endian(intervals.stop))
        if self.structural is not None:
            digest.update(self.structural.write_csv().encode())
        return digest.hexdigest()[:32]


def write_run(folder: Path, run: Run) -> None:
    """Write ``<identifier>.parquet`` and, where there are such, ``.callable.parquet`` and ``.structural.parquet``."""
    alleles = run.alleles
    columns = pl.DataFrame({"key": alleles.keys, "dosage": alleles.dosage, "flags": alleles.flags})
    hashed = pl.Series(is_hashed(alleles.keys))
    row = pl.select(pl.when(hashed).then(hashed.cast(pl.Int64).cum_sum() - 1)).to_series()
    letters = {name: alleles.long[name].gather(row) for name in ("ref", "alt")}
    pq.write_table(
        columns.with_columns(**letters).to_arrow(compat_level=pl.CompatLevel.oldest()),
        folder / f"{run.identifier}.parquet",
        compression="zstd",
        compression_level=3,
        use_dictionary=["dosage", "flags"],
        row_group_size=131_072,
    )
    if len(run.added) or len(run.cut):
        added = run.added.frame().with_columns(added=pl.lit(True))
        own = pl.concat([added, run.cut.frame().with_columns(added=pl.lit(False))])
        write_parquet(own, folder / f"{run.identifier}.callable.parquet")
    if run.structural is not None:
        write_parquet(run.structural, folder / f"{run.identifier}.structural.parquet")


def read_alleles(folder: Path, identifier: str) -> Alleles:
    """The alleles of a stored run. Raises InputError ``damaged``."""
    path = folder / f"{identifier}.parquet"
    with whole(f"Run {identifier}", path.name), pq.ParquetFile(path) as file:
        table = file.read(["key", "dosage", "flags"], use_threads=False)
        keys, dosage, flags = (_numbers(table.column(name), kind) for name, kind in _COLUMNS)
        hashed = np.flatnonzero(is_hashed(keys))
        if not len(hashed):
            return Alleles(keys, dosage, flags, NO_LONG_ALLELES)
        letters = file.read(["ref", "alt"], use_threads=False)
        ref, alt = (pl.Series(letters.column(name).take(hashed)) for name in ("ref", "alt"))
        return Alleles(keys, dosage, flags, pl.DataFrame({"key": keys[hashed], "ref": ref, "alt": alt}))


_COLUMNS = (("key", np.uint64), ("dosage", np.uint8), ("flags", np.uint8))


def _numbers(column: pa.ChunkedArray, kind: type[np.unsignedinteger[Any]]) -> NDArray[Any]:
    """The numbers of a column without nulls; ``to_numpy`` would first import a library that nothing here needs."""
    size = np.dtype(kind).itemsize
    parts = [
        np.frombuffer(part.buffers()[1], dtype=kind, count=len(part), offset=size * part.offset)
        for part in column.chunks
        if len(part)
    ]
    return parts[0] if len(parts) == 1 else np.concatenate([np.empty(0, dtype=kind), *parts])


def read_run(folder: Path, identifier: str, build: Build, gate: str, cell: Cell, tracks: tuple[str, ...]) -> Run:
    """A stored run; what its files do not hold is given.

    Raises InputError ``damaged`` when a file cannot be read, or the content is not the one that the identifier names.
    """
    alleles, path = read_alleles(folder, identifier), folder / f"{identifier}.structural.parquet"
    with whole(f"Run {identifier}", path.name):
        added, cut = _read_own_intervals(folder / f"{identifier}.callable.parquet")
        structural = read_structural(folder, identifier)
        run = Run(build, gate, cell, alleles, tracks, added, cut, structural)
        found = run.identifier
    if found != identifier:
        raise damaged(f"Run {identifier}", f"holds another content, whose digest is {found}", f"{identifier}.parquet")
    return run


def read_structural(folder: Path, identifier: str) -> pl.DataFrame | None:
    """The structural calls of a run; None of somebody who was not read for such."""
    path = folder / f"{identifier}.structural.parquet"
    return pl.read_parquet(path, memory_map=False) if path.exists() else None


def _read_own_intervals(path: Path) -> tuple[Intervals, Intervals]:
    """``added`` and ``cut`` of a stored run."""
    if not path.exists():
        return Intervals.empty(), Intervals.empty()
    frame = pl.read_parquet(path, memory_map=False)
    return Intervals.from_frame(frame.filter("added")), Intervals.from_frame(frame.filter(~pl.col("added")))


def write_parquet(frame: pl.DataFrame, path: Path, metadata: dict[str, str] | None = None) -> None:
    """Parquet with the settings of every file of a counts folder: the same rows give the same bytes."""
    frame.write_parquet(path, compression="zstd", compression_level=3, row_group_size=131_072, metadata=metadata)
