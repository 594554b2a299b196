"""Coverage of target exons: how much of each was read well enough, and where the gaps are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.genome.builds import CONTIGS, MT
from varde.quality.depth_runs import DepthRuns, Ints, Wanted

MINIMUM_DEPTH_X = 20
"""Depth below which a base is in a gap. Common laboratory practice, to be set by each laboratory."""

EXONS = pl.Schema(
    {
        "gene": pl.String,
        "transcript": pl.String,
        "exon": pl.UInt16,
        "contig": pl.UInt8,
        "start0": pl.Int64,
        "end0": pl.Int64,
        "known": pl.Int64,
        "covered": pl.Int64,
        "lowest": pl.Int64,
        "mean": pl.Float64,
    }
)
GAPS = pl.Schema(
    {
        "gene": pl.String,
        "transcript": pl.String,
        "exon": pl.UInt16,
        "contig": pl.UInt8,
        "start0": pl.Int64,
        "end0": pl.Int64,
        "lowest": pl.Int64,
        "mean": pl.Float64,
    }
)
_IDENTITY = ("gene", "transcript", "exon", "contig")


@dataclass(frozen=True)
class Coverage:
    """Coverage of one person.

    ``exons``: a row for each target exon: ``known`` bases that the depth file tells of, ``covered`` of them at least
    ``minimum_x`` deep, the ``lowest`` and ``mean`` depth of the known ones (null without any). ``gaps``: every maximal
    run of bases below ``minimum_x`` inside one exon's target. A base that is not known is neither covered nor in a gap.
    """

    minimum_x: int
    exons: pl.DataFrame
    gaps: pl.DataFrame

    @property
    def genes(self) -> pl.DataFrame:
        """By gene: ``bases``, ``known``, ``covered``, ``gaps`` and ``completeness``: covered of all bases, null where
        not all are known and those known are covered. In the order of the exons."""
        counted = self.gaps.group_by("gene").agg(pl.len().alias("gaps"))
        summed = self.exons.group_by("gene", maintain_order=True).agg(
            (pl.col("end0") - pl.col("start0")).sum().alias("bases"), pl.col("known").sum(), pl.col("covered").sum()
        )
        judged = (pl.col("known") == pl.col("bases")) | (pl.col("covered") < pl.col("known"))
        completeness = pl.when(judged).then(pl.col("covered") / pl.col("bases"))
        return summed.join(counted, on="gene", how="left", maintain_order="left").with_columns(
            completeness.alias("completeness"), pl.col("gaps").fill_null(0)
        )


def gap_bed(gaps: pl.DataFrame, *, prefix: str = "chr") -> str:
    """The gaps as BED, each place once, sorted: contig, start, end, genes and exons, lowest depth.

    ``prefix`` stands before the contig's name; MT is chrM with UCSC's.
    """
    names = {code: f"{prefix}{'M' if prefix and code == MT else CONTIGS[code - 1]}" for code in range(1, MT + 1)}
    label = pl.format("{}:exon{}", "gene", "exon")
    rows = (
        gaps.group_by("contig", "start0", "end0")
        .agg(label.unique().sort().str.join(","), pl.col("lowest").min())
        .sort("contig", "start0", "end0")
        .rows()
    )
    return "".join(
        f"{names[contig]}\t{start}\t{end}\t{label}\t{lowest}\n" for contig, start, end, label, lowest in rows
    )


def wanted_of(targets: pl.DataFrame) -> Wanted:
    """The places of targets, for the readers of depth."""
    return Wanted.of(targets["contig"].to_numpy(), targets["start0"].to_numpy(), targets["end0"].to_numpy())


def coverage(runs: Iterable[DepthRuns], targets: pl.DataFrame, minimum_x: int = MINIMUM_DEPTH_X) -> Coverage:
    """Coverage of ``targets`` (columns of ``varde.annotation.target_exons.SCHEMA``) by runs of each contig once.

    Targets may overlap and stand in any order; the rows of ``exons`` are theirs, in their order.
    """
    contig = targets["contig"].to_numpy()
    count = len(targets)
    known, covered, area = (np.zeros(count, dtype=np.int64) for _ in range(3))
    lowest = np.full(count, np.iinfo(np.int64).max)
    gaps: list[pl.DataFrame] = []
    for one in runs:
        rows = np.flatnonzero(contig == one.contig)
        if not len(rows) or not len(one.start0):
            continue
        found = _overlaps(one, targets["start0"].to_numpy()[rows], targets["end0"].to_numpy()[rows])
        length, place = found.end0 - found.start0, rows[found.target]
        np.add.at(known, place, length)
        np.add.at(covered, place, np.where(found.depth >= minimum_x, length, 0))
        np.add.at(area, place, length * found.depth)
        np.minimum.at(lowest, place, found.depth)
        gaps.append(_gaps(found, targets[rows], minimum_x))
    read = pl.Series(known > 0)
    exons = targets.select(EXONS.names()[:6]).with_columns(
        known=known,
        covered=covered,
        lowest=pl.when(read).then(pl.Series(lowest)),
        mean=pl.when(read).then(pl.Series(area) / pl.Series(np.maximum(known, 1))),
    )
    return Coverage(minimum_x, exons.cast(EXONS), pl.concat([pl.DataFrame(schema=GAPS), *gaps]))


@dataclass(frozen=True)
class _Overlaps:
    """Every stretch that a run and a target share: the target's place, start, end and depth; by target, ascending."""

    target: NDArray[np.int64]
    start0: Ints
    end0: Ints
    depth: Ints


def _overlaps(runs: DepthRuns, start0: Ints, end0: Ints) -> _Overlaps:
    first = np.searchsorted(runs.end0, start0, side="right")
    last = np.maximum(np.searchsorted(runs.start0, end0, side="left"), first)
    counts = last - first
    target = np.repeat(np.arange(len(start0)), counts)
    run = np.arange(int(counts.sum())) + np.repeat(first - np.concatenate(([0], np.cumsum(counts)[:-1])), counts)
    return _Overlaps(
        target,
        np.maximum(runs.start0[run], start0[target]),
        np.minimum(runs.end0[run], end0[target]),
        runs.depth[run],
    )


def _gaps(found: _Overlaps, targets: pl.DataFrame, minimum_x: int) -> pl.DataFrame:
    low = np.flatnonzero(found.depth < minimum_x)
    target, start0, end0, depth = (one[low] for one in (found.target, found.start0, found.end0, found.depth))
    if not len(low):
        return pl.DataFrame(schema=GAPS)
    opens = np.flatnonzero(np.concatenate(([True], (target[1:] != target[:-1]) | (start0[1:] != end0[:-1]))))
    first, end = start0[opens], end0[np.append(opens[1:], len(low)) - 1]
    area = np.add.reduceat((end0 - start0) * depth, opens)
    return targets[target[opens]].select(
        *_IDENTITY,
        pl.Series("start0", first),
        pl.Series("end0", end),
        pl.Series("lowest", np.minimum.reduceat(depth, opens)),
        pl.Series("mean", area / (end - first)),
    )
