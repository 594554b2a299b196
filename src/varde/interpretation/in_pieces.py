"""A long case filtered contig by contig, so that what a filter needs for a moment is needed for one part only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import polars as pl

from varde.interpretation.prepared import PreparedCase

LONG_ROWS = 1_500_000
"""Alleles from which a case is filtered in parts; an exome and its surroundings have a tenth."""
PART_ROWS = 500_000


def is_long(case: PreparedCase) -> bool:
    """Whether the case is filtered in parts."""
    return case.alleles.height > LONG_ROWS


def parts(case: PreparedCase, rows: int = PART_ROWS) -> Iterator[PreparedCase]:
    """The case in parts of whole contigs, at least so many rows each: no gene lies in two of them."""
    start = 0
    for length in _lengths(case.alleles, rows):
        within = pl.col("row").is_between(start, start + length - 1)
        yield replace(
            case,
            alleles=case.alleles.slice(start, length),
            consequences=case.consequences.filter(within),
            modes=case.modes.filter(within),
            halves=case.halves.filter(within),
        )
        start += length


def _lengths(alleles: pl.DataFrame, rows: int) -> list[int]:
    runs = alleles["contig"].rle().struct.field("len").to_list()
    lengths = [0]
    for run in runs:
        if lengths[-1] >= rows:
            lengths.append(0)
        lengths[-1] += run
    return [length for length in lengths if length]


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
