"""Layouts in which predictors' scores are handed out, and a description for any other table.

Nothing is bundled: several of these scores may not be passed on. A laboratory loads the file that it has the right to
use.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from varde.annotation.text_table import TextTable, info_field, refuse_rows
from varde.genome.builds import Build, build_named
from varde.genome.errors import InputError

ALLELE = ("contig", "position", "ref", "alt")
_NO_SCORE = ("", ".", "NA", "na", "-")
_VCF = {"CHROM": "contig", "POS": "position", "REF": "ref", "ALT": "alt", "INFO": "info"}
_SPLICE = ("DS_AG", "DS_AL", "DS_DG", "DS_DL")
_EFFECTS = ("acceptor_gain", "acceptor_loss", "donor_gain", "donor_loss")
_SHIFTS = ("DP_AG", "DP_AL", "DP_DG", "DP_DL")


@dataclass(frozen=True)
class ColumnDescription:
    """Where a table has the allele and its score. ``least`` and ``greatest`` bound the score."""

    kind: str
    contig: str
    position: str
    ref: str
    alt: str
    score: str
    separator: str = "\t"
    least: float = float("-inf")
    greatest: float = float("inf")

    @property
    def columns(self) -> Mapping[str, str]:
        """New name by name in the file."""
        return {self.contig: "contig", self.position: "position", self.ref: "ref", self.alt: "alt", self.score: "score"}


def read_column_description(path: str | Path) -> ColumnDescription:
    """A JSON object with the fields of ``ColumnDescription`` (``kind`` is the score's name in lower case).

    Raises InputError ``bad_description`` naming the field.
    """
    source = Path(path)
    try:
        told = json.loads(source.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise _bad("The description is absent or no JSON in UTF-8.", source.name) from None
    return column_description(told, source.name)


def column_description(told: Any, source: str = "description") -> ColumnDescription:
    """A description from what JSON gives; raises InputError ``bad_description``."""
    if not isinstance(told, dict):
        raise _bad("The description is not one object.", source)
    fields = ColumnDescription.__dataclass_fields__
    texts = ("kind", *ALLELE, "score")
    unknown = next((name for name in told if name not in fields), None)
    missing = next((name for name in texts if not isinstance(told.get(name), str) or not told[name]), None)
    if unknown or missing:
        raise _bad("The field is not known." if unknown else "A text is expected.", source, unknown or missing)
    if not told["kind"].isidentifier() or told["kind"] != told["kind"].lower() or len(told["kind"]) > 32:
        raise _bad("A name of lower-case letters, digits and _ is expected.", source, "kind")
    if len({told[name] for name in texts[1:]}) != len(texts) - 1:
        raise _bad("Two fields name the same column.", source, "score")
    for name in ("least", "greatest"):
        if not isinstance(told.get(name, 0.0), int | float):
            raise _bad("A number is expected.", source, name)
    if told.get("separator", "\t") not in ("\t", ",", ";"):
        raise _bad("The separator is a tabulator, a comma or a semicolon.", source, "separator")
    return ColumnDescription(**told)


def _bad(problem: str, source: str, name: str | None = None) -> InputError:
    remedy = "Give kind, contig, position, ref, alt and score as names of columns; see the guide."
    return InputError("bad_description", problem, remedy, source=source, field=name)


Rows = Callable[[pl.DataFrame, str], pl.DataFrame]


@dataclass(frozen=True)
class PredictorFormat:
    """``wanted`` columns (new name by name) and how they become ``ALLELE``, ``score`` (Float32) and ``more``."""

    kind: str
    wanted: Mapping[str, str]
    rows: Rows
    build: Build | None = None
    more: Mapping[str, type[pl.DataType]] = field(default_factory=dict)


def predictor_format(kind: str, table: TextTable, build: Build) -> PredictorFormat:
    """The layout of REVEL, SpliceAI (VCF or table) or CADD found in a table. Raises InputError ``missing_column``."""
    return _FORMATS[kind](table, build)


def described_format(described: ColumnDescription, table: TextTable) -> PredictorFormat:
    """The layout that a description tells. Raises InputError ``missing_column``."""
    table.require(list(described.columns), "Let the description name columns of the table.")
    read = _plain(described.least, described.greatest)
    return PredictorFormat(described.kind, described.columns, read, build_named(table.preamble))


def _plain(least: float, greatest: float) -> Rows:
    return lambda rows, source: _scored(rows, source, least, greatest)


def _scored(rows: pl.DataFrame, source: str, least: float, greatest: float) -> pl.DataFrame:
    """``score`` as a number, null for the words for none."""
    text = pl.when(~pl.col("score").is_in(_NO_SCORE)).then("score")
    number = text.cast(pl.Float32, strict=False)
    bad = text.is_not_null() & ~(number.is_finite() & number.is_between(least, greatest)).fill_null(value=False)
    refuse_rows(
        rows, bad, source, "score", f"a number from {least:g} to {greatest:g} is expected.", "Fetch the file again."
    )
    return rows.with_columns(number.alias("score"))


def _revel(table: TextTable, build: Build) -> PredictorFormat:
    position = "hg19_pos" if build is Build.GRCH37 else "grch38_pos"
    wanted = {"chr": "contig", position: "position", "ref": "ref", "alt": "alt", "REVEL": "score"}
    table.require(list(wanted), "Use REVEL's table with all transcripts (revel_with_transcript_ids).")
    return PredictorFormat("revel", wanted, _plain(0, 1))


def _cadd(table: TextTable, _build: Build) -> PredictorFormat:
    wanted = {"Chrom": "contig", "Pos": "position", "Ref": "ref", "Alt": "alt", "PHRED": "score"}
    table.require(list(wanted), "Use CADD's table of scores (columns Chrom, Pos, Ref, Alt, RawScore, PHRED).")
    return PredictorFormat("cadd", wanted, _plain(0, 100), build_named(table.preamble))


def _spliceai(table: TextTable, _build: Build) -> PredictorFormat:
    more: Mapping[str, type[pl.DataType]] = {"effect": pl.String, "distance": pl.Int32, "gene": pl.String}
    if table.columns[:5] == ("CHROM", "POS", "ID", "REF", "ALT"):
        if "ID=SpliceAI," not in table.preamble:
            raise InputError(
                "missing_column", "The header does not declare INFO/SpliceAI.", "Use SpliceAI's VCF of scores.",
                source=table.name, field="INFO",
            )  # fmt: skip
        told = build_named(" ".join(line for line in table.preamble.splitlines() if line.startswith("##reference")))
        return PredictorFormat("spliceai", _VCF, _spliceai_vcf, told, more)
    names = {column.lower(): column for column in table.columns}
    places = {
        new: next((names[one] for one in given if one in names), given[0])
        for new, given in {
            "contig": ("chrom", "chr", "chromosome"), "position": ("pos", "position"), "ref": ("ref",), "alt": ("alt",),
        }.items()
    }  # fmt: skip
    wanted = {column: new for new, column in places.items()} | {one: one for one in (*_SPLICE, *_SHIFTS)}
    table.require(list(wanted), "Use SpliceAI's VCF, or a table with chrom, pos, ref, alt, DS_AG ... DP_DL.")
    symbol = next((names[one] for one in ("symbol", "gene") if one in names), None)
    wanted |= {symbol: "gene"} if symbol else {}
    return PredictorFormat("spliceai", wanted, _spliceai_table, build_named(table.preamble), more)


def _spliceai_vcf(rows: pl.DataFrame, source: str) -> pl.DataFrame:
    """One row per allele and gene of ``SpliceAI=ALLELE|SYMBOL|DS_AG|DS_AL|DS_DG|DS_DL|DP_AG|DP_AL|DP_DG|DP_DL``."""
    entries = rows.with_columns(entry=info_field("SpliceAI").fill_null("").str.split(",")).explode("entry")
    parts = entries.with_columns(part=pl.col("entry").str.split("|"))
    refuse_rows(
        parts.rename({"entry": "INFO"}), (pl.col("INFO") != "") & (pl.col("part").list.len() != 10), source, "INFO",
        "ten values joined by | are expected.", "Fetch the file again.",
    )  # fmt: skip
    names = ("allele", "gene", *_SPLICE, *_SHIFTS)
    told = parts.with_columns(
        pl.col("part").list.get(place, null_on_oob=True).fill_null(".").alias(name) for place, name in enumerate(names)
    )
    # a record may hold several ALT; an entry is of the one that it names
    each = told.with_columns(pl.col("alt").str.split(",")).explode("alt")
    return _spliceai_table(each.filter(pl.col("allele").is_in([".", ""]) | (pl.col("allele") == pl.col("alt"))), source)


def _spliceai_table(rows: pl.DataFrame, source: str) -> pl.DataFrame:
    """The greatest of the four delta scores, which it is, and how far away."""
    numbers = rows
    for name in _SPLICE:
        numbers = _scored(numbers.with_columns(score=name), source, 0, 1).with_columns(pl.col("score").alias(name))
    deltas = pl.concat_list(_SPLICE)
    shifts = pl.concat_list(pl.col(name).cast(pl.Int32, strict=False) for name in _SHIFTS)
    found = numbers.with_columns(score=deltas.list.max(), which=deltas.list.arg_max(), shifts=shifts)
    gene = pl.col("gene") if "gene" in found.columns else pl.lit(None, pl.String).alias("gene")
    effect = pl.when(pl.col("score") > 0).then(
        pl.col("which").replace_strict(dict(enumerate(_EFFECTS)), default=None, return_dtype=pl.String)
    )
    return found.with_columns(
        pl.max_horizontal(_SPLICE).cast(pl.Float32).alias("score"),
        effect.alias("effect"),
        pl.when(effect.is_not_null()).then(pl.col("shifts").list.get(pl.col("which"))).alias("distance"),
        gene,
    )


_FORMATS: Mapping[str, Callable[[TextTable, Build], PredictorFormat]] = {
    "revel": _revel,
    "spliceai": _spliceai,
    "cadd": _cadd,
}
SEPARATORS = {"revel": ",", "spliceai": "\t", "cadd": "\t"}
"""The known predictors, and what separates their columns."""
