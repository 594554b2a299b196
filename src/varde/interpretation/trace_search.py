"""Finding alleles in a trace of millions of rows: by gene, place, variant or name, and by the step where they fell."""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from varde.interpretation.filters import Step

KEPT = "kept"
_PLACE = re.compile(r"(?:CHR)?([0-9]{1,2}|X|Y|M|MT)[:-]([0-9]{1,9})(?:-([0-9]{1,9}))?\Z")
_VARIANT = re.compile(r"(?:CHR)?([0-9]{1,2}|X|Y|M|MT)-([0-9]{1,9})-([ACGTN]+)-([ACGTN]+)\Z")
_GENOMIC = re.compile(r"NC_0000(\d\d)\.\d+:G\.([0-9]{1,9})(?:_([0-9]{1,9}))?.*\Z")
_PROTEIN = re.compile(r"(?:[A-Z0-9_.]+:)?P\.\(?([A-Z]{3})([0-9]{1,5})([A-Z]{3}|=|FS.*|\*)?\)?.*\Z")
_NAMES = "ALAARGASNASPCYSGLNGLUGLYHISILELEULYSMETPHEPROSERTHRTRPTYRVALTER"
_LETTERS = {_NAMES[3 * place : 3 * place + 3]: letter for place, letter in enumerate("ARNDCQEGHILKMFPSTWYV*")}
_SPECIAL = {"23": "X", "24": "Y", "12920": "MT"}


@dataclass(frozen=True)
class TraceQuery:
    """``text`` is a gene, a place (chr2:1234, 2:1234-5678, 1234), a variant (2-1234-A-G), HGVS on the genome
    (NC_000002.12:g.1234A>G) or the protein (p.Arg97Cys); ``step`` a filter step or ``kept``. Empty asks nothing."""

    text: str = ""
    step: str = ""

    def condition(self) -> pl.Expr:
        """Which rows of the trace with the case's ``gene`` and ``amino_acid_change`` fit; at a place of many bases,
        alleles that begin within them."""
        return self._of_step() & self._of_text()

    def _of_step(self) -> pl.Expr:
        if self.step == KEPT:
            return pl.col("kept")
        if self.step in set(Step):
            return (pl.col("dropped_by") == self.step).fill_null(value=False)
        return pl.lit(value=True)

    def _of_text(self) -> pl.Expr:
        wanted = self.text.strip().upper().replace(",", "").replace("\N{NO-BREAK SPACE}", "")
        if not wanted:
            return pl.lit(value=True)
        if found := _VARIANT.match(wanted):
            contig, position, ref, alt = found.groups()
            return _on(contig) & (pl.col("position") == int(position)) & (pl.col("ref") == ref) & (pl.col("alt") == alt)
        if found := _GENOMIC.match(wanted):
            number, start, end = found.groups()
            return _on(_SPECIAL.get(number, str(int(number)))) & _between(start, end)
        if found := _PLACE.match(wanted):
            contig, start, end = found.groups()
            return _on(contig) & _between(start, end)
        if wanted.isdigit() and len(wanted) <= 9:
            return pl.col("position") == int(wanted)
        if found := _PROTEIN.match(wanted):
            return _protein(*found.groups())
        return (pl.col("gene").str.to_uppercase() == wanted).fill_null(value=False)


def search_trace(trace: pl.DataFrame, alleles: pl.DataFrame, query: TraceQuery) -> pl.Series:
    """Places in the trace (its row order) of the rows that fit, ascending: small, so that pages are cut from it.

    ``trace`` is that of ``FilterOutcome``; ``alleles`` the case's, in step with it.
    """
    named = trace.lazy().with_columns(gene=alleles["gene"], amino_acid_change=alleles["amino_acid_change"])
    return named.with_row_index("place").filter(query.condition()).select("place").collect()["place"]


def _on(contig: str) -> pl.Expr:
    named = "MT" if contig == "M" else contig
    names = [named, f"chr{named}", *(["M", "chrM"] if named == "MT" else [])]
    return pl.col("contig_name").is_in(names)


def _between(start: str, end: str | None) -> pl.Expr:
    return pl.col("position").is_between(int(start), int(end or start))


def _protein(ref: str, position: str, alt: str | None) -> pl.Expr:
    """Of the consequence engine's ``97R>97C``."""
    change = pl.col("amino_acid_change")
    first = _LETTERS.get(ref)
    if first is None:
        return pl.lit(value=False)
    if alt is None or alt.startswith("FS"):
        fits = change.str.starts_with(f"{position}{first}")
    elif alt == "=":
        fits = change == f"{position}{first}"
    else:
        last = "*" if alt == "*" else _LETTERS.get(alt, "?")
        fits = change == f"{position}{first}>{position}{last}"
    return fits.fill_null(value=False)
