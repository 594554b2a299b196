"""What a file says about a person at a place where it has no record of the allele in question."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.genome.records import ABSENT, MISSING, AlleleKind, AlleleTable

Answers = dict[str, NDArray[np.generic]]


class ReferenceBlocks:
    """The reference blocks and sites of one keyed table, and its single-base variants as witnesses against others.

    A gVCF's block (or a site without alternate) says that the person has the reference from ``position`` to ``end``.
    The ``<NON_REF>`` allele of a variant record says the same of every allele not listed there. A record of a
    single-base variant says which bases the person has, so also that it is no other one.
    """

    def __init__(self, table: AlleleTable) -> None:
        rows, is_block = _witnesses(table.sites)
        sites = table.sites[rows]
        self._table = table
        self._row = rows
        self._is_block = is_block
        contig = sites["contig"].to_numpy()
        self._start = _places(contig, sites["position"].to_numpy())
        self._end = _places(contig, np.maximum(sites["end"].to_numpy(), sites["position"].to_numpy()))
        reach = np.maximum.accumulate(self._end) if len(rows) else self._end
        index = np.arange(len(rows))
        self._farthest = np.maximum.accumulate(np.where(self._end == reach, index, 0)) if len(rows) else index
        self._gaps = np.cumsum(np.concatenate(([0], self._start[1:] > self._end[:-1] + 1))[: len(rows)])

    def answers(self, sites: pl.DataFrame) -> tuple[NDArray[np.int64], Answers]:
        """Which of these alleles (normalised sites, shape [rows]) are answered, and the calls of everyone there.

        All REF bases must be covered without a gap. One witness: its genotype, depths and GQ are the answer, with its
        own alleles as "another allele" (2); a call of ``<NON_REF>`` itself leaves the genotype ``MISSING``. Several
        blocks in a row: the reference, when all say so, with the least DP, AD of REF and GQ and the greatest AD of ALT;
        a number that one of them lacks is ``MISSING``.
        """
        contig, position = sites["contig"].to_numpy(), sites["position"].to_numpy()
        spans = (
            sites.select(pl.col("position") + pl.col("ref").str.len_bytes().cast(pl.Int64) - 1).to_series().to_numpy()
        )
        first = self._covering(_places(contig, position))
        last = self._covering(_places(contig, spans))
        covered = np.flatnonzero((first >= 0) & (last >= first))
        covered = covered[self._gaps[last[covered]] == self._gaps[first[covered]]]
        is_snv = (sites["kind"] == AlleleKind.SNV).to_numpy()[covered]
        answered = covered[is_snv | (first[covered] != last[covered]) | self._is_block[first[covered]]]
        return answered, self._combined(first[answered], last[answered])

    def _covering(self, place: NDArray[np.int64]) -> NDArray[np.int64]:
        """The witness with the last start that covers each place, else the one that reaches farthest; -1 for none."""
        if not len(self._row):
            return np.full(len(place), -1, dtype=np.int64)
        latest = np.searchsorted(self._start, place, side="right") - 1
        known = np.maximum(latest, 0)
        farthest = self._farthest[known]
        found = np.where(self._end[known] >= place, known, np.where(self._end[farthest] >= place, farthest, -1))
        return np.where(latest >= 0, found, -1)

    def _combined(self, first: NDArray[np.int64], last: NDArray[np.int64]) -> Answers:
        table = self._table
        row = self._row[first]
        genotype = table.genotype[row].copy()
        own = self._is_block[first]
        genotype[~own] = np.where(genotype[~own] == 1, 2, genotype[~own])
        genotype[(genotype == 1).any(axis=2)] = MISSING
        numbers = {
            "depth_ref": table.depth_ref[row],
            "depth_alt": np.where(own[:, None], table.depth_alt[row], MISSING),
            "depth_x": table.depth_x[row],
            "genotype_quality": table.genotype_quality[row],
        }
        several = np.flatnonzero(last > first)
        if len(several):
            length = last[several] - first[several] + 1
            starts = np.cumsum(length) - length
            every = self._row[np.repeat(first[several] - starts, length) + np.arange(length.sum())]
            is_reference = np.isin(table.genotype[every], (0, ABSENT)).all(axis=2)
            agreed = np.logical_and.reduceat(is_reference, starts)
            genotype[several] = np.where(agreed[..., None], genotype[several], MISSING)
            for name, values in numbers.items():
                given = getattr(table, name)[every]
                least = np.minimum.reduceat(given, starts)
                extreme = np.maximum.reduceat(given, starts) if name == "depth_alt" else least
                values[several] = np.where(least == MISSING, MISSING, extreme)
        return {"genotype": genotype, **numbers}


def _places(contig: NDArray[np.uint8], position: NDArray[np.int64]) -> NDArray[np.int64]:
    """Contig and position as one number that sorts like both."""
    return contig.astype(np.int64) << 32 | position


def _witnesses(sites: pl.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Rows that say what a person has, by place with blocks after variants, and whether they are blocks.

    Single-base variants count where one record alone speaks of the position: records split by allele contradict one
    another about what "another allele" is.
    """
    marked = sites.select(
        pl.int_range(pl.len()).alias("row"),
        "contig",
        "position",
        "record",
        (pl.col("kind") == AlleleKind.REFERENCE).alias("block"),
        (pl.col("kind") == AlleleKind.SNV).alias("snv"),
    ).filter((pl.col("contig") > 0) & (pl.col("block") | pl.col("snv")))
    variants = marked.filter("snv")
    alone = pl.col("record").n_unique().over("contig", "position") == 1
    variants = variants.filter(alone).unique(["contig", "position"], keep="first", maintain_order=True)
    rows = pl.concat([variants, marked.filter("block")]).sort("contig", "position", "block", "row")
    return rows["row"].to_numpy(), rows["block"].to_numpy()
