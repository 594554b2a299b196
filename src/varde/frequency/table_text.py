"""A window of sites as CSV or VCF, in pieces, so that any number of rows can be streamed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.frequency.browse import Window
from varde.frequency.sites import contig_names
from varde.genome.builds import Build, contig_length

ROWS_AT_ONCE = 20_000

Names = Callable[[NDArray[np.uint64]], pl.Series]
"""Gives the identifiers of alleles by their keys, null for none."""


@dataclass(frozen=True)
class InfoField:
    """A column of a window as an INFO field: ``number`` and ``kind`` as VCF says them."""

    name: str
    column: str
    number: str
    kind: str
    meaning: str


def csv_pieces(
    window: Window, places: NDArray[np.int64], columns: Sequence[tuple[str, str]], named: Names | None = None
) -> Iterator[bytes]:
    """Header line, then rows: contig, position (1-based), ref, alt, with ``named`` their identifiers as ``id``, and
    ``columns`` as (heading, name)."""
    fixed = ["contig", "position", "ref", "alt", *(["id"] if named else [])]
    yield (",".join([*fixed, *(heading for heading, _ in columns)]) + "\n").encode()
    names = contig_names(window.index.build)
    for frame in _frames(window, places, named):
        shown = frame.select(
            pl.col("contig").replace_strict(names, return_dtype=pl.String),
            *fixed[1:],
            *(_without_nan(frame, name).alias(heading) for heading, name in columns),
        )
        yield shown.write_csv(include_header=False).encode()


def vcf_pieces(
    window: Window,
    places: NDArray[np.int64],
    fields: Sequence[InfoField],
    told: Sequence[str] = (),
    named: Names | None = None,
) -> Iterator[bytes]:
    """A sites-only VCF in the order given; a missing number is left out of INFO. ``told``: further header lines;
    ``named``: identifiers for ID."""
    yield _header(window.index.build, fields, told)
    names = contig_names(window.index.build)
    dot = pl.lit(".")
    for frame in _frames(window, places, named):
        contig = pl.col("contig").replace_strict(names, return_dtype=pl.String)
        info = pl.concat_str(
            [
                pl.when(value.is_not_null()).then(pl.format("{}={}", pl.lit(field.name), value))
                for field, value in ((field, _without_nan(frame, field.column)) for field in fields)
            ],
            separator=";",
            ignore_nulls=True,
        )
        name = pl.col("id").fill_null(".") if named else dot.alias("id")
        row = frame.select(contig, "position", name, "ref", "alt", dot.alias("q"), dot.alias("f"), info.alias("i"))
        yield row.write_csv(include_header=False, separator="\t", quote_style="never").encode()


def _without_nan(frame: pl.DataFrame, name: str) -> pl.Expr:
    if not frame.schema[name].is_float():
        return pl.col(name)
    return pl.col(name).fill_nan(None).round_sig_figs(6)


def _frames(window: Window, places: NDArray[np.int64], named: Names | None) -> Iterator[pl.DataFrame]:
    for start in range(0, len(places), ROWS_AT_ONCE):
        some = places[start : start + ROWS_AT_ONCE]
        frame = window.frame(some)
        yield frame if named is None else frame.with_columns(named(window.keys[some]).alias("id"))


def _header(build: Build, fields: Sequence[InfoField], told: Sequence[str]) -> bytes:
    lines = ["##fileformat=VCFv4.3", *told]
    lines += [
        f"##contig=<ID={name},length={contig_length(build, code)},assembly={build}>"
        for code, name in contig_names(build).items()
    ]
    lines += [
        f'##INFO=<ID={one.name},Number={one.number},Type={one.kind},Description="{one.meaning}">' for one in fields
    ]
    return "\n".join([*lines, "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"]).encode()
