"""Alleles of a knowledge table brought to the form in which a case's alleles are looked up."""

from __future__ import annotations

from collections import Counter

import polars as pl

from varde.annotation.text_table import refuse_rows
from varde.genome.builds import Build, contig_code, contig_length
from varde.genome.errors import InputError
from varde.genome.keys import is_hashed
from varde.genome.liftover import bare_table
from varde.genome.normalise import Agreement, agreement, normalise, with_keys
from varde.genome.records import AlleleKind
from varde.genome.references import Reference

MOSTLY_WRONG = 0.5
"""Share of a block's alleles with another REF than the reference above which the build is at fault; unrelated
sequences differ at three bases of four, a right file at next to none."""
FEWEST_TO_JUDGE = 20
"""Alleles below which that share says nothing."""


def keyed(
    frame: pl.DataFrame, build: Build, reference: Reference | None, source: str, dropped: Counter[str]
) -> pl.DataFrame:
    """Rows with ``contig``, ``position``, ``ref``, ``alt`` (text as in the file) brought to codes, numbers, normalised
    alleles and ``key``; the other columns stay. ``ref`` and ``alt`` are in capitals.

    With ``reference`` alleles are checked and left-aligned, without it trimmed. Counted in ``dropped`` and left out:
    ``other_sequence``, ``no_position``, ``not_sequence``, ``same_as_reference``, ``contig_not_in_reference``,
    ``beyond_reference``, ``reference_differs``. Raises InputError ``bad_row`` and ``wrong_build``.
    """
    refuse_rows(
        frame, ~pl.col("position").str.contains(r"^(?:[0-9]{1,9}|-1|\.|na|NA|)$"), source, "position",
        "a whole number is expected.", "Fetch the file again.",
    )  # fmt: skip
    codes = {name: contig_code(name) for name in frame["contig"].unique()}
    rows = frame.with_columns(
        pl.col("contig").replace_strict(codes, default=0, return_dtype=pl.UInt8),
        pl.col("position").cast(pl.Int64, strict=False),
        pl.col("ref", "alt").str.to_uppercase(),
    )
    reason = (
        pl.when(pl.col("contig") == 0)
        .then(pl.lit("other_sequence"))
        .when(pl.col("position").fill_null(0) < 1)
        .then(pl.lit("no_position"))
        .when(~pl.col("ref").str.contains("^[ACGTN]+$") | ~pl.col("alt").str.contains("^[ACGTN]+$"))
        .then(pl.lit("not_sequence"))
        .when(pl.col("ref") == pl.col("alt"))
        .then(pl.lit("same_as_reference"))
    )
    rows = without(rows, reason, dropped)
    _refuse_beyond(rows, build, source)
    if reference is not None:
        rows = _agreeing(rows, reference, source, dropped)
    table = bare_table(rows.select("contig", "position", "ref", "alt"), build)
    sites = (with_keys(table) if reference is None else normalise(table, reference)).sites
    return rows.with_columns(sites.get_column(name) for name in ("key", "position", "ref", "alt"))


def without(rows: pl.DataFrame, reason: pl.Expr, dropped: Counter[str]) -> pl.DataFrame:
    """The rows for which ``reason`` is null; the others are counted."""
    marked = rows.with_columns(reason.alias("_reason"))
    for name, count in marked.drop_nulls("_reason").group_by("_reason").len().iter_rows():
        dropped[name] += count
    return marked.filter(pl.col("_reason").is_null()).drop("_reason")


def long_alleles() -> tuple[pl.Expr, pl.Expr]:
    """``ref`` and ``alt`` null where the key spells them: for storing."""
    hashed = pl.col("key").map_batches(lambda keys: pl.Series(is_hashed(keys.to_numpy())), return_dtype=pl.Boolean)
    return pl.when(hashed).then("ref").alias("ref"), pl.when(hashed).then("alt").alias("alt")


def _refuse_beyond(rows: pl.DataFrame, build: Build, source: str) -> None:
    lengths = {code: contig_length(build, code) for code in rows["contig"].unique()}
    end = pl.col("position") + pl.col("ref").str.len_bytes() - 1
    beyond = rows.filter(end > pl.col("contig").replace_strict(lengths, default=0, return_dtype=pl.Int64))
    if beyond.height:
        raise _wrong_build(
            f"Position {beyond['position'][0]:,} lies beyond its contig in {build}.", source, int(beyond["line"][0])
        )


def _agreeing(rows: pl.DataFrame, reference: Reference, source: str, dropped: Counter[str]) -> pl.DataFrame:
    held = without(
        rows,
        pl.when(~pl.col("contig").is_in(list(reference.codes))).then(pl.lit("contig_not_in_reference")),
        dropped,
    )
    checked = held.select("line", "contig", "position", "ref", kind=pl.lit(int(AlleleKind.DELINS)))
    state = pl.Series("_state", agreement(checked, reference))
    compared = int((state != Agreement.BEYOND).sum())
    wrong = int((state == Agreement.DIFFERS).sum())
    if compared >= FEWEST_TO_JUDGE and wrong > MOSTLY_WRONG * compared:
        line = int(held.filter(state == Agreement.DIFFERS)["line"][0])
        raise _wrong_build(
            f"{wrong:,} of {compared:,} alleles have another REF than reference {reference.name} ({reference.build}).",
            source,
            line,
        )
    reasons = {int(Agreement.BEYOND): "beyond_reference", int(Agreement.DIFFERS): "reference_differs"}
    reason = pl.col("_state").replace_strict(reasons, default=None, return_dtype=pl.String)
    return without(held.with_columns(state), reason, dropped).drop("_state")


def _wrong_build(problem: str, source: str, line: int | None) -> InputError:
    return InputError("wrong_build", problem, "Use the file of the other build.", source=source, line=line, field="POS")


def check_build(told: Build | None, expected: Build, source: str) -> None:
    """Raise InputError ``wrong_build`` when the file's own words name another build."""
    if told not in (None, expected):
        raise InputError(
            "wrong_build",
            f"{expected} is expected, but the file says {told}.",
            f"Use the file of {expected}.",
            source=source,
            field="build",
        )
