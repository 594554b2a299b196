"""The sites of a region as columns: filtered, sorted and paged without loading more than the region.

A window holds numbers only; letters are spelled for the rows that are shown, so that 100,000 sites cost milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.frequency.increment import LONG, spelled
from varde.frequency.index import FrequencyIndex
from varde.genome.keys import is_hashed, is_substitution, key_contigs, key_positions
from varde.genome.regions import Region

Numbers = NDArray[Any]


class Kind(StrEnum):
    """What a table is narrowed to."""

    ALL = "all"
    SUBSTITUTION = "substitution"
    OTHER = "other"


@dataclass(frozen=True)
class Window:
    """Sites of a region in the order of their keys; ``columns`` are arrays in step with ``rows`` of ``index``."""

    index: FrequencyIndex
    region: Region
    rows: NDArray[np.int64]
    keys: NDArray[np.uint64]
    columns: Mapping[str, Numbers]

    @classmethod
    def of(cls, index: FrequencyIndex, region: Region, columns: Sequence[str]) -> Window:
        """All sites of ``index`` whose position lies in the region, with these columns of it."""
        first, last = index.range(region.contig_code, region.start0 + 1, region.end0)
        values = {name: index.sites.column(name, first, last) for name in columns}
        return cls(index, region, np.arange(first, last, dtype=np.int64), index.sites.keys(first, last), values)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def positions(self) -> NDArray[np.int64]:
        """1-based."""
        return key_positions(self.keys)

    def beside(self, **columns: Numbers) -> Window:
        """With more columns."""
        return Window(self.index, self.region, self.rows, self.keys, {**self.columns, **columns})

    def only(self, kept: NDArray[np.bool_]) -> Window:
        """The sites where ``kept`` is true."""
        columns = {name: values[kept] for name, values in self.columns.items()}
        return Window(self.index, self.region, self.rows[kept], self.keys[kept], columns)

    def of_kind(self, kind: Kind) -> Window:
        """Substitutions of one base, or everything else."""
        if kind is Kind.ALL:
            return self
        return self.only(is_substitution(self.keys) == (kind is Kind.SUBSTITUTION))

    def order(self, by: str, *, descending: bool = False) -> NDArray[np.int64]:
        """Places in the window sorted by ``position`` or a column; equal ones by key. Missing numbers come last."""
        if by == "position":
            places = np.arange(len(self), dtype=np.int64)
            return places[::-1] if descending else places
        values = np.asarray(self.columns[by], dtype=np.float64)
        return np.argsort(-values if descending else values, kind="stable")

    def frame(self, places: NDArray[np.int64]) -> pl.DataFrame:
        """Those places, in their order, as contig, position, ref, alt and the columns."""
        keys = self.keys[places]
        hashed = [self.index.frame(row, row + 1).select(LONG.names()) for row in self.rows[places][is_hashed(keys)]]
        ref, alt = spelled(keys, pl.concat([LONG.to_frame(), *hashed]))
        shown = {"contig": key_contigs(keys), "position": key_positions(keys).astype(np.uint32), "ref": ref, "alt": alt}
        return pl.DataFrame(shown | {name: values[places] for name, values in self.columns.items()})


@dataclass(frozen=True)
class Density:
    """How many sites fall into each cell of a grid over the region and a log axis of frequency.

    ``count`` is int64 [columns, rows]; column 0 begins at the region's first base, row 0 at ``lowest``, and holds what
    lies below. The last row ends at a frequency of 1.
    """

    count: NDArray[np.int64]

    @classmethod
    def of(cls, window: Window, frequency: Numbers, *, columns: int, rows: int, lowest: float) -> Density:
        """Sites with a frequency above 0."""
        shown = frequency > 0
        offset = (window.positions[shown] - 1 - window.region.start0) / len(window.region)
        height = 1 - np.log10(np.maximum(frequency[shown], lowest)) / np.log10(lowest)
        at_x = np.minimum((offset * columns).astype(np.int64), columns - 1)
        at_y = np.minimum((height * rows).astype(np.int64), rows - 1)
        return cls(np.bincount(at_x * rows + at_y, minlength=columns * rows).reshape(columns, rows))


def coverage_steps(index: FrequencyIndex, region: Region, name: str = "an") -> pl.DataFrame:
    """Stretches of the region with one value of a coverage column: ``start0``, ``end0``, half-open, and the column."""
    table = index.coverage
    contig = region.contig_code << 32
    edges = np.array([contig + region.start0 + 1, contig + region.end0], dtype=np.uint64)
    first, last = table.lower(edges).tolist()
    places = table.keys(first, last).astype(np.int64) - contig
    start = np.concatenate(([region.start0], places))
    rows = np.arange(first - 1, last, dtype=np.int64)
    values = table.values(name, rows)
    return pl.DataFrame({"start0": start, "end0": np.append(start[1:], region.end0), name: values})
