"""Fingerprints: how many copies a person has of some thousand common alleles, to know people again inside a region.

A fingerprint is as personal as a genotype, since it is one. It stays beside the run and goes with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq
from numpy.typing import NDArray

from varde.frequency.callable_intervals import Intervals, Tracks, places
from varde.frequency.run import Alleles, Run, write_parquet
from varde.genome.builds import Build, X, contig_lengths
from varde.genome.compiled import compiled
from varde.genome.errors import InputError
from varde.genome.keys import is_hashed, key_contigs, key_positions

MISSING = 3
"""Copies of an allele that the person was not called for."""

PANEL_SITES = 10_000
SPACING = 100_000
"""Bases between two sites of a panel: allelic association has mostly decayed by then."""
LEAST_FREQUENCY, GREATEST_FREQUENCY = 0.05, 0.5
OTHER_ALLELES = 0.01
"""Sites where other alleles together are as common as this are left out: they count as reference here."""
LEAST_CALLED = 0.9
"""Share of the greatest allele number that a site of the panel has: sites of few people's assays tell little."""

_FINGERPRINT = ".fingerprint.parquet"


@dataclass(frozen=True)
class Panel:
    """The alleles that are looked at: ``keys`` uint64, sorted. Fingerprints of two panels are not compared."""

    build: Build
    keys: NDArray[np.uint64]

    @cached_property
    def digest(self) -> str:
        """128 bits of SHA-256 over the build and the keys."""
        return hashlib.sha256(self.build.encode() + self.keys.astype("<u8").tobytes()).hexdigest()[:32]

    def write(self, path: Path) -> None:
        """Write the panel as Parquet, whole or not at all."""
        partial = path.with_name(f"{path.name}.new")
        write_parquet(pl.DataFrame({"key": self.keys}), partial, {"build": str(self.build)})
        partial.replace(path)

    @classmethod
    def read(cls, path: Path) -> Panel:
        """Raises InputError ``no_panel``."""
        try:
            table = pq.ParquetFile(path)
            build = Build(table.metadata.metadata[b"build"].decode())
            return cls(build, table.read().column("key").to_numpy())
        except (OSError, ValueError, KeyError, TypeError):
            raise InputError(
                "no_panel",
                "The panel of common alleles cannot be read.",
                "Choose it anew, and take everybody's fingerprint again.",
                source=path.name,
            ) from None


def choose_panel(build: Build, sites: pl.DataFrame, size: int = PANEL_SITES, spacing: int = SPACING) -> Panel:
    """At most ``size`` common autosomal single-base alleles, spread over the genome. The same sites, the same panel.

    ``sites`` is that of ``varde.frequency.increment.sites``. Taken are frequencies of 0.05 to 0.5, from equally wide
    windows in turns, in each the most heterozygous first; no two within ``spacing`` bases, because alleles that are
    inherited together tell one thing twice, and make kin of strangers.
    """
    usable = _usable(sites)
    contig, position = usable["contig"].to_numpy(), usable["position"].to_numpy().astype(np.int64)
    lengths = contig_lengths(build)[1:X] + spacing
    line = np.concatenate(([0], np.cumsum(lengths)))[contig.astype(np.int64) - 1] + position  # autosomes in one line
    window = line // max(1, int(lengths.sum()) // max(size, 1))
    placed = usable.with_columns(line=pl.Series(line), window=pl.Series(window)).sort("key")
    turn = pl.col("frequency").rank("ordinal", descending=True).over("window")
    ordered = placed.with_columns(turn=turn).sort("turn", pl.col("frequency") * -1, "key")
    apart = _apart(ordered["line"].to_numpy(), max(spacing, 1), size)
    return Panel(build, ordered["key"].filter(pl.Series(apart, dtype=pl.Boolean)).sort().to_numpy())


def _apart(line: NDArray[np.int64], spacing: int, size: int) -> NDArray[np.bool_]:
    """Which places are taken when each is, in turn, unless one within ``spacing`` was, until ``size`` are."""
    order = np.argsort(line)
    rank = np.empty(len(line), dtype=np.int64)
    rank[order] = np.arange(len(line))
    return _take(line[order], rank, spacing, size)[rank]


@compiled
def _take(places: NDArray[np.int64], rank: NDArray[np.int64], spacing: int, size: int) -> NDArray[np.bool_]:
    """Of sorted ``places``, asked in the order of ``rank``: those taken; whatever is near a taken one is struck out."""
    taken, struck = np.zeros(len(places), dtype=np.bool_), np.zeros(len(places), dtype=np.bool_)
    number = 0
    for at in rank:
        if number == size:
            break
        if struck[at]:
            continue
        taken[at] = True
        number += 1
        other = at
        while other >= 0 and places[at] - places[other] < spacing:
            struck[other] = True
            other -= 1
        other = at
        while other < len(places) and places[other] - places[at] < spacing:
            struck[other] = True
            other += 1
    return taken


def _usable(sites: pl.DataFrame) -> pl.DataFrame:
    """Key, contig, position and frequency of the sites that may stand in a panel."""
    single = (pl.col("ref").str.len_bytes() == 1) & (pl.col("alt").str.len_bytes() == 1)
    here = pl.col("frequency").sum().over("contig", "position") - pl.col("frequency")
    called = pl.col("an") >= LEAST_CALLED * pl.col("an").max()
    return (
        sites.filter((pl.col("contig") < X) & (pl.col("an") > 0))
        .with_columns(frequency=pl.col("ac") / pl.col("an"))
        .with_columns(others=here)
        .filter(called & single & (pl.col("others") < OTHER_ALLELES))
        .filter(pl.col("frequency").is_between(LEAST_FREQUENCY, GREATEST_FREQUENCY))
        .select("key", "contig", "position", "frequency")
    )


def fingerprint(panel: Panel, alleles: Alleles, callable_at: Intervals) -> NDArray[np.uint8]:
    """Copies of each allele of the panel, 0, 1, 2 or ``MISSING``: uint8 [sites]. ``callable_at`` is the person's."""
    copies = np.full(len(panel.keys), MISSING, dtype=np.uint8)
    copies[callable_at.covers(places(key_contigs(panel.keys), key_positions(panel.keys)))] = 0
    row = np.minimum(np.searchsorted(alleles.keys, panel.keys), max(len(alleles.keys) - 1, 0))
    if len(alleles.keys):
        said = (alleles.keys[row] == panel.keys) & ~is_hashed(panel.keys)
        copies[said] = alleles.dosage[row[said]]
    return copies


def fingerprint_of(panel: Panel, run: Run, tracks: Tracks) -> NDArray[np.uint8]:
    """The fingerprint of a stored run; ``tracks`` has those that the run names."""
    return fingerprint(panel, run.alleles, (tracks.union(run.tracks) | run.added) - run.cut)


def write_fingerprint(runs: Path, run: str, panel: Panel, copies: NDArray[np.uint8]) -> None:
    """Write ``<run>.fingerprint.parquet`` into the folder of runs, whole or not at all."""
    partial = runs / f"{run}.new"
    write_parquet(pl.DataFrame({"copies": copies}), partial, {"panel": panel.digest})
    partial.replace(runs / f"{run}{_FINGERPRINT}")


def read_fingerprints(runs: Path, names: Sequence[str], panel: Panel) -> Fingerprints:
    """Those of the runs ``names`` that have one of this panel; the others are not in the answer."""
    found: dict[str, NDArray[np.uint8]] = {}
    for name in names:
        path = runs / f"{name}{_FINGERPRINT}"
        if path.exists():
            table = pq.ParquetFile(path)
            if table.metadata.metadata[b"panel"].decode() == panel.digest:
                found[name] = table.read().column("copies").to_numpy()
    return Fingerprints.of(tuple(found), list(found.values()), len(panel.keys))


@dataclass(frozen=True)
class Fingerprints:
    """Fingerprints with a bit per site: ``het``, and homozygous ``ref`` and ``alt``; each uint64 [people, words]."""

    names: tuple[str, ...]
    het: NDArray[np.uint64]
    ref: NDArray[np.uint64]
    alt: NDArray[np.uint64]

    @classmethod
    def of(
        cls, names: tuple[str, ...], copies: Sequence[NDArray[np.uint8]] | NDArray[np.uint8], sites: int
    ) -> Fingerprints:
        """From copies, uint8 [people, sites]."""
        matrix = np.array(copies, dtype=np.uint8).reshape(len(names), sites)
        return cls(names, *(_packed(matrix == value) for value in (1, 0, 2)))


def _packed(bits: NDArray[np.bool_]) -> NDArray[np.uint64]:
    people, sites = bits.shape
    words = -(-sites // 64)
    padded = np.zeros((people, words * 64), dtype=np.bool_)
    padded[:, :sites] = bits
    return np.packbits(padded, axis=1).view(np.uint64).reshape(people, words)
