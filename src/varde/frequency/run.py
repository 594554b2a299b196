"""A run: what one person brings to the counts. Immutable, without a name, identified by its content."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.frequency.callable_intervals import Intervals
from varde.frequency.ploidy import SEXES
from varde.genome.pedigree import Sex

HAPLOID = 1
"""Flag of an observation: the person counts with one chromosome here."""
BESIDE_INTERVALS = 2
"""Flag of an observation: called for this allele, though another record at the place was not, which took the place
out of the person's callable intervals."""

ALLELE_SCHEMA = pl.Schema({"key": pl.UInt64, "dosage": pl.UInt8, "flags": pl.UInt8, "ref": pl.String, "alt": pl.String})
"""One row per allele carried, sorted by key; ``ref`` and ``alt`` only where the key does not hold them.

``dosage`` is 1 or 2 copies; 0 for a call without this allele that stands beside the intervals.
"""


@dataclass(frozen=True)
class Run:
    """One person's alleles and callable places: (the union of ``tracks`` and ``added``) without ``cut``.

    ``tracks`` names interval sets that several people share. ``added`` has nothing of the tracks, ``cut`` only places
    of the tracks. No sample name and no file name is in it.
    """

    build: str
    gate: str
    sex: Sex
    alleles: pl.DataFrame
    tracks: tuple[str, ...]
    added: Intervals
    cut: Intervals
    identifier: str = field(init=False)

    def __post_init__(self) -> None:
        if self.alleles.schema != ALLELE_SCHEMA:
            raise ValueError(f"alleles have the columns {self.alleles.schema}, expected {ALLELE_SCHEMA}")
        if self.tracks != tuple(sorted(set(self.tracks))):
            raise ValueError("tracks must be sorted and distinct")
        object.__setattr__(self, "identifier", self._digest())

    @property
    def sex_column(self) -> int:
        return SEXES.index(self.sex)

    def _digest(self) -> str:
        """128 bits of SHA-256 over the content, whatever the file format or the versions of packages."""
        head = {"build": self.build, "gate": self.gate, "sex": self.sex.name, "tracks": self.tracks}
        digest = hashlib.sha256(json.dumps(head, sort_keys=True).encode())
        for column in ("key", "dosage", "flags"):
            digest.update(_little_endian(self.alleles[column].to_numpy()))
        hashed = self.alleles.filter(pl.col("ref").is_not_null()).select("ref", "alt")
        digest.update("".join(f"\n{ref}\t{alt}" for ref, alt in hashed.iter_rows()).encode())
        for intervals in (self.added, self.cut):
            digest.update(len(intervals).to_bytes(8, "little"))
            digest.update(_little_endian(intervals.start) + _little_endian(intervals.stop))
        return digest.hexdigest()[:32]


def intervals_digest(intervals: Intervals) -> str:
    """The name of a track: 128 bits of SHA-256 over its places."""
    content = _little_endian(intervals.start) + _little_endian(intervals.stop)
    return hashlib.sha256(content).hexdigest()[:32]


def _little_endian(values: NDArray[np.generic]) -> bytes:
    return np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<")).tobytes()


def write_run(folder: Path, run: Run) -> None:
    """Write ``<identifier>.parquet`` and, where there are own intervals, ``<identifier>.callable.parquet``."""
    write_parquet(run.alleles, folder / f"{run.identifier}.parquet")
    added = run.added.frame().with_columns(added=pl.lit(True))
    own = pl.concat([added, run.cut.frame().with_columns(added=pl.lit(False))])
    if own.height:
        write_parquet(own, folder / f"{run.identifier}.callable.parquet")


def read_alleles(folder: Path, identifier: str) -> pl.DataFrame:
    """The alleles of a stored run."""
    return pl.read_parquet(folder / f"{identifier}.parquet", memory_map=False)


def read_own_intervals(folder: Path, identifier: str) -> tuple[Intervals, Intervals]:
    """``added`` and ``cut`` of a stored run."""
    path = folder / f"{identifier}.callable.parquet"
    if not path.exists():
        return Intervals.empty(), Intervals.empty()
    frame = pl.read_parquet(path, memory_map=False)
    return Intervals.from_frame(frame.filter("added")), Intervals.from_frame(frame.filter(~pl.col("added")))


def write_parquet(frame: pl.DataFrame, path: Path, metadata: dict[str, str] | None = None) -> None:
    """Parquet with the settings of every file of a counts folder: the same rows give the same bytes."""
    frame.write_parquet(path, compression="zstd", compression_level=3, row_group_size=131_072, metadata=metadata)
