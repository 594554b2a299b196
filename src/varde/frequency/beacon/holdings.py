"""What a Beacon holds: sites of an index with what is told of each; finding those that a query asks for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
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
    Place,
    Starting,
    VariantQuery,
)
from varde.frequency.index import FrequencyIndex
from varde.genome.builds import Build
from varde.genome.keys import encode_keys

SHORT_REF = 12
"""Bases that a key can spell: without longer alleles no REF reaches further."""
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
class Holdings:
    """A data set of a Beacon.

    ``tell`` turns a row (contig, position, ref, alt and the index's columns) into what is told; ``frequency`` gives
    what the filter ``alleleFrequency`` compares; ``is_held`` which rows count as found.
    """

    identifier: str
    build: Build
    version: str
    description: str
    reference_url: str
    index: FrequencyIndex
    tell: Callable[[Mapping[str, Any]], Told]
    frequency: Callable[[pl.DataFrame], pl.Series]
    is_held: pl.Expr = field(default_factory=lambda: pl.lit(True))

    def find(self, query: VariantQuery) -> pl.DataFrame:
        """Sites that are asked for, sorted: key, contig, position, ref, alt and the index's columns."""
        found = self._at(query.place)
        return self._narrowed(found, query.narrowing)

    def _at(self, place: Place) -> pl.DataFrame:
        if isinstance(place, Alleles):
            rows = [self._row_of(one.contig, one.position, one.ref, one.alt) for one in place.variants]
            frames = [self.index.frame(row, row + 1) for row in sorted(set(rows)) if row >= 0]
            return pl.concat([self.index.frame(0, 0), *frames])
        if isinstance(place, Everything):
            return self.index.frame()
        if isinstance(place, Overlapping):
            region = place.region
            first = max(region.start0 + 2 - self._longest_ref, 1)
            found = self.index.frame(*self.index.range(region.contig_code, first, region.end0))
            return found.filter(_end > region.start0)
        return self._starting(place)

    def _starting(self, place: Starting) -> pl.DataFrame:
        low, high = place.start
        found = self.index.frame(*self.index.range(place.contig, low + 1, high))
        if place.end is None:
            return found
        return found.filter((_end >= place.end[0]) & (_end < place.end[1]))

    def _narrowed(self, found: pl.DataFrame, by: Narrowing) -> pl.DataFrame:
        wanted = [self.is_held]
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
