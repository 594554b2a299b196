"""What a Beacon holds: sites of an index with what is told of each; finding those that a query asks for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from varde.frequency.beacon.query import (
    DELETION,
    DELINS,
    INSERTION,
    MNV,
    SNV,
    Alleles,
    Everything,
    Narrowing,
    Overlapping,
    Starting,
    VariantQuery,
)
from varde.frequency.index import FrequencyIndex
from varde.genome.builds import Build
from varde.genome.keys import encode_keys

SHORT_REF = 12
"""Bases that a key can spell: without longer alleles no REF reaches further."""
PIECE = 1 << 18
"""Rows of which the letters are spelled at once."""
_IUPAC = {
    "N": "[ACGT]", "R": "[AG]", "Y": "[CT]", "S": "[CG]", "W": "[AT]", "K": "[GT]", "M": "[AC]", "B": "[CGT]",
    "D": "[AGT]", "H": "[ACT]", "V": "[ACG]", "U": "T",
}  # fmt: skip


@dataclass(frozen=True)
class Told:
    """What is told of one site: Beacon's frequencies, and figures that Beacon has no field for."""

    frequencies: list[dict[str, Any]]
    figures: dict[str, Any]


@dataclass(frozen=True)
class Finding:
    """What a query found: ``total`` sites, and of those one page, sorted: key, contig, position, ref, alt and the
    index's columns."""

    total: int
    page: pl.DataFrame


@dataclass(frozen=True)
class Holdings:
    """A data set of a Beacon.

    ``tell`` turns a row (contig, position, ref, alt and the index's columns) into what is told; ``frequency`` gives
    what the filter ``alleleFrequency`` compares. ``held_by`` is the column that is above 0 where a site counts as
    found; without it every site does.
    """

    identifier: str
    build: Build
    version: str
    description: str
    reference_url: str
    index: FrequencyIndex
    tell: Callable[[Mapping[str, Any]], Told]
    frequency: Callable[[pl.DataFrame], pl.Series]
    held_by: str | None = None

    def find(self, query: VariantQuery, first: int, last: int) -> Finding:
        """The number of sites that are asked for, and those from place ``first`` to before ``last`` among them.

        Memory does not grow with the sites in between: a query that narrows nothing is counted without spelling a
        letter, another is read in pieces of ``PIECE`` rows.
        """
        if isinstance(query.place, Alleles):
            found = self._narrowed(self._named(query.place), query.narrowing)
            return Finding(found.height, found[first:last])
        start, stop, shape = self._stretch(query.place)
        if not shape and query.narrowing == Narrowing():
            return self._all(start, stop, first, last)
        total, pages = 0, [self.index.frame(0, 0)]
        for low in range(start, stop, PIECE):
            piece = self.index.frame(low, min(low + PIECE, stop)).filter(*shape)
            found = self._narrowed(piece, query.narrowing)
            pages.append(found[max(first - total, 0) : max(last - total, 0)])
            total += found.height
        return Finding(total, pl.concat(pages))

    def _all(self, start: int, stop: int, first: int, last: int) -> Finding:
        """Every held site of a stretch of rows."""
        if self.held_by is None:
            low, high = (min(start + place, stop) for place in (first, last))
            return Finding(stop - start, self.index.frame(low, high))
        rows = start + np.flatnonzero(self.index.sites.column(self.held_by, start, stop))
        chosen = rows[first:last]
        low, high = (int(chosen[0]), int(chosen[-1]) + 1) if len(chosen) else (0, 0)
        return Finding(len(rows), self.index.frame(low, high).filter(pl.col(self.held_by) > 0))

    def _named(self, place: Alleles) -> pl.DataFrame:
        rows = [self._row_of(one.contig, one.position, one.ref, one.alt) for one in place.variants]
        frames = [self.index.frame(row, row + 1) for row in sorted(set(rows)) if row >= 0]
        return pl.concat([self.index.frame(0, 0), *frames])

    def _stretch(self, place: Overlapping | Starting | Everything) -> tuple[int, int, list[pl.Expr]]:
        """The rows, from the first to before the second, among which the sites lie, and what those must fulfil."""
        if isinstance(place, Everything):
            return 0, len(self.index), []
        if isinstance(place, Overlapping):
            region = place.region
            first = max(region.start0 + 2 - self._longest_ref, 1)
            return *self.index.range(region.contig_code, first, region.end0), [_end > region.start0]
        low, high = place.start
        shape = [] if place.end is None else [_end >= place.end[0], _end < place.end[1]]
        return *self.index.range(place.contig, low + 1, high), shape

    def _narrowed(self, found: pl.DataFrame, by: Narrowing) -> pl.DataFrame:
        wanted = [] if self.held_by is None else [pl.col(self.held_by) > 0]
        if by.kinds is not None:
            wanted.append(_kind.is_in(list(by.kinds)))
        if by.shortest:
            wanted.append(_length >= by.shortest)
        if by.longest is not None:
            wanted.append(_length <= by.longest)
        letters = (("ref", by.ref), ("alt", by.alt))
        wanted += [pl.col(name).str.contains(_matching(text)) for name, text in letters if text]
        found = found.filter(*wanted)
        if by.frequency and found.height:
            share = self.frequency(found)
            kept = np.logical_and.reduce([_compared(share, *one).to_numpy() for one in by.frequency])
            found = found.filter(pl.Series(kept))
        return found

    def _row_of(self, contig: int, position: int, ref: str, alt: str) -> int:
        row = int(self.index.find(encode_keys([contig], [position], [ref], [alt]))[0])
        return row if row >= 0 and self.index.spells(row, ref, alt) else -1

    @cached_property
    def _longest_ref(self) -> int:
        lengths = np.diff(np.asarray(self.index.long_offset, dtype=np.int64))[::2]
        return max(SHORT_REF, int(lengths.max())) if len(lengths) else SHORT_REF


_ref_length, _alt_length = pl.col("ref").str.len_bytes().cast(pl.Int64), pl.col("alt").str.len_bytes().cast(pl.Int64)
_end = pl.col("position").cast(pl.Int64) - 1 + _ref_length
_inserts = (_ref_length == 1) & (_alt_length > 1) & (pl.col("alt").str.head(1) == pl.col("ref"))
_deletes = (_alt_length == 1) & (_ref_length > 1) & (pl.col("ref").str.head(1) == pl.col("alt"))
_kind = (
    pl.when((_ref_length == 1) & (_alt_length == 1))
    .then(pl.lit(SNV))
    .when(_ref_length == _alt_length)
    .then(pl.lit(MNV))
    .when(_inserts)
    .then(pl.lit(INSERTION))
    .when(_deletes)
    .then(pl.lit(DELETION))
    .otherwise(pl.lit(DELINS))
)
_length = pl.max_horizontal(_ref_length, _alt_length) - (_inserts | _deletes).cast(pl.Int64)


def _matching(bases: str) -> str:
    return f"^{''.join(_IUPAC.get(letter, re.escape(letter)) for letter in bases)}$"


def _compared(share: pl.Series, operator: str, value: float) -> pl.Series:
    compared: Mapping[str, Callable[[], pl.Series]] = {
        "=": lambda: share == value,
        "!": lambda: share != value,
        "<": lambda: share < value,
        ">": lambda: share > value,
        "<=": lambda: share <= value,
        ">=": lambda: share >= value,
    }
    return compared[operator]().fill_null(False)
