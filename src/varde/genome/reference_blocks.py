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
        self._table = table
        numbered = table.sites.select(
            pl.int_range(pl.len()).alias("row"), "contig", "position", "end", "record", "kind"
        ).filter(pl.col("contig") > 0)
        blocks = numbered.filter(pl.col("kind") == AlleleKind.REFERENCE).sort("contig", "position", maintain_order=True)
        self._row = blocks["row"].to_numpy()
        contig, start = blocks["contig"].to_numpy(), blocks["position"].to_numpy()
        self._start = _places(contig, start)
        self._end = _places(contig, np.maximum(blocks["end"].to_numpy(), start))
        index = np.arange(len(self._row))
        reaches_on = self._end == np.maximum.accumulate(self._end)
        self._farthest = np.maximum.accumulate(np.where(reaches_on, index, 0))
        self._gaps = np.cumsum(np.r_[0, self._start[1:] > self._end[:-1] + 1][: len(index)])
        alone = pl.col("record").n_unique().over("contig", "position") == 1
        variants = numbered.filter(pl.col("kind") == AlleleKind.SNV).filter(alone)
        variants = variants.unique(["contig", "position"], keep="first").sort("contig", "position")
        self._variant_row = variants["row"].to_numpy()
        self._variant_place = _places(variants["contig"].to_numpy(), variants["position"].to_numpy())

    def answers(self, sites: pl.DataFrame) -> tuple[NDArray[np.int64], Answers]:
        """Which of these alleles (normalised sites, shape [rows]) are answered, and the calls of everyone there.

        One block over all REF bases: its genotype, depths and GQ; a call of ``<NON_REF>`` itself leaves the genotype
        ``MISSING``. Several blocks without a gap: the reference, when all say so, with the least DP, AD of REF and GQ
        and the greatest AD of ALT; a number that one of them lacks is ``MISSING``. No block but one record of a
        single-base variant at the place of another: its genotype, with its own allele as another one (2), its DP, AD of
        REF and GQ; reads of the allele asked for are not known. Records split by allele are no such witness, for each
        may hide what the other says.
        """
        contig, position = sites["contig"].to_numpy(), sites["position"].to_numpy()
        place = _places(contig, position)
        first = self._covering(place)
        last = self._covering(place + sites["ref"].str.len_bytes().to_numpy().astype(np.int64) - 1)
        covered = np.flatnonzero((first >= 0) & (last >= first))
        covered = covered[self._gaps[last[covered]] == self._gaps[first[covered]]]
        open_questions = (sites["kind"] == AlleleKind.SNV).to_numpy().copy()
        open_questions[covered] = False
        witnessed, witness = self._witnesses(np.flatnonzero(open_questions), place)
        blocks, variants = self._of_blocks(first[covered], last[covered]), self._of_variants(witness)
        together = {name: np.concatenate([blocks[name], variants[name]]) for name in blocks}
        return np.concatenate([covered, witnessed]), together

    def _covering(self, place: NDArray[np.int64]) -> NDArray[np.int64]:
        """The block with the last start that covers each place, else the one that reaches farthest; -1 for none."""
        if not len(self._row):
            return np.full(len(place), -1, dtype=np.int64)
        latest = np.searchsorted(self._start, place, side="right") - 1
        known = np.maximum(latest, 0)
        farthest = self._farthest[known]
        found = np.where(self._end[known] >= place, known, np.where(self._end[farthest] >= place, farthest, -1))
        return np.where(latest >= 0, found, -1)

    def _witnesses(
        self, asked: NDArray[np.int64], place: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Which of the single bases asked for have another single-base variant at their place, and its row."""
        at = np.searchsorted(self._variant_place, place[asked])
        known = at < len(self._variant_place)
        known[known] = self._variant_place[at[known]] == place[asked[known]]
        return asked[known], self._variant_row[at[known]]

    def _of_blocks(self, first: NDArray[np.int64], last: NDArray[np.int64]) -> Answers:
        table, row = self._table, self._row[first]
        genotype = table.genotype[row].copy()
        genotype[(genotype == 1).any(axis=2)] = MISSING
        numbers = {
            name: getattr(table, name)[row] for name in ("depth_ref", "depth_alt", "depth_x", "genotype_quality")
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

    def _of_variants(self, row: NDArray[np.int64]) -> Answers:
        table = self._table
        genotype = table.genotype[row]
        return {
            "genotype": np.where(genotype == 1, np.int8(2), genotype),
            "depth_ref": table.depth_ref[row],
            "depth_alt": np.full_like(table.depth_alt[row], MISSING),
            "depth_x": table.depth_x[row],
            "genotype_quality": table.genotype_quality[row],
        }


def _places(contig: NDArray[np.uint8], position: NDArray[np.int64]) -> NDArray[np.int64]:
    """Contig and position as one number that sorts like both."""
    return contig.astype(np.int64) << 32 | position
