"""A long case filtered in parts, so that what a filter needs for a moment is needed for one part only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from varde.interpretation.prepared import PreparedCase
from varde.interpretation.spool import let_go

LONG_ROWS = 400_000
"""Alleles from which a case is filtered in parts; an exome has a tenth to a third."""
PART_ROWS = 200_000


def is_long(case: PreparedCase) -> bool:
    """Whether the case is filtered in parts."""
    return case.alleles.height > LONG_ROWS


_NOT_ASKED = re.compile(
    r"line|record|allele|allele_count|end|identifier|source|moved|raw_position|transcript|mane|amino_acid_change"
    r"|dna_change|not_evaluated|child_ad_(ref|alt)|(mother|father|relative_\d+)_(ad_ref|ad_alt|dp|gq|ab|gate)"
)
"""Columns of alleles that no filter asks; without them less is read from disk."""


def parts(case: PreparedCase, rows: int = PART_ROWS) -> Iterator[PreparedCase]:
    """The case in parts of at least so many rows: no gene of a contig lies in two of them."""
    asked = [name for name in case.alleles.columns if not _NOT_ASKED.fullmatch(name)]
    start = 0
    for end in _cuts(case, rows):
        yield replace(
            case,
            alleles=case.alleles.slice(start, end - start).select(asked),
            consequences=_between(case.consequences, start, end),
            modes=_between(case.modes, start, end),
            halves=_between(case.halves, start, end),
        )
        let_go()
        start = end


def _between(frame: pl.DataFrame, start: int, end: int) -> pl.DataFrame:
    """The rows of a frame sorted by ``row``, without a look at the others."""
    first, last = (int(place) for place in np.searchsorted(frame["row"].to_numpy(), [start, end]))
    return frame.slice(first, last - first)


def _cuts(case: PreparedCase, rows: int) -> list[int]:
    """The rows before which the case is cut, the last one its height."""
    contig = pl.DataFrame([case.alleles["row"], case.alleles["contig"]])
    genes = (
        pl.DataFrame([case.consequences["row"], case.consequences["gene"]])
        .drop_nulls()
        .join(contig, on="row")
        .group_by("gene", "contig")
        .agg(first=pl.col("row").min(), last=pl.col("row").max())
        .sort("first")
    )
    cuts, wanted = [], rows
    for first, last in genes.select("first", "last").iter_rows():
        while wanted <= first:
            cuts.append(wanted)
            wanted += rows
        wanted = max(wanted, last + 1)
    height = case.alleles.height
    while wanted < height:
        cuts.append(wanted)
        wanted += rows
    return [*(cut for cut in cuts if cut < height), height]


def ranked_together(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The candidates of all parts by falling score, then place, gene and mode, numbered anew."""
    together = pl.concat(frames).sort(
        "score", "row_a", "row_b", "gene", "mode", descending=[True, False, False, False, False], nulls_last=False
    )
    return together.with_columns(rank=pl.int_range(1, pl.len() + 1, dtype=pl.UInt32))


_WORDS = ("contig_name", "dropped_by", "parameter", "threshold", "rescued_by")


def slim_trace(trace: pl.DataFrame) -> pl.DataFrame:
    """The trace with the words that repeat written once."""
    return trace.with_columns(pl.col(name).cast(pl.Categorical) for name in _WORDS if name in trace.columns)
