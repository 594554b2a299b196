"""A laboratory's table of functional results (MAVE) by gene and amino-acid change, for PS3 and BS3."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from varde.genome.errors import InputError
from varde.interpretation.acmg.evidence import FunctionalEvidence, FunctionalResult, ProteinChange

COLUMNS = ("gene", "change", "result", "score", "odds_path", "assay", "version")
LARGEST_BYTES = 50_000_000

_NAMES = "AlaArgAsnAspCysGlnGluGlyHisIleLeuLysMetPheProSerThrTrpTyrVal"
_THREE = {_NAMES[3 * place : 3 * place + 3]: letter for place, letter in enumerate("ARNDCQEGHILKMFPSTWYV")}
_LONG = re.compile(r"(?:p\.)?\(?([A-Z][a-z]{2})([1-9]\d{0,5})([A-Z][a-z]{2})\)?")
_SHORT = re.compile(r"(?:p\.)?\(?([A-Z])([1-9]\d{0,5})([A-Z])\)?")


@dataclass(frozen=True)
class FunctionalTable:
    """Results by gene and change."""

    results: Mapping[tuple[str, ProteinChange], FunctionalEvidence]

    def find(self, gene: str | None, change: ProteinChange | None) -> FunctionalEvidence | None:
        """The result for one change; None where the table has none: that says nothing of the variant."""
        return None if gene is None or change is None else self.results.get((gene, change))


def protein_change(written: str) -> ProteinChange | None:
    """One residue for another as HGVS writes it, in three letters or one; None for anything else.

    >>> str(protein_change("p.(Arg97Cys)")), str(protein_change("R97C")), protein_change("p.Arg97Ter")
    ('R97C', 'R97C', None)
    """
    long, short = _LONG.fullmatch(written.strip()), _SHORT.fullmatch(written.strip())
    if long and long[1] in _THREE and long[3] in _THREE:
        return ProteinChange(int(long[2]), _THREE[long[1]], _THREE[long[3]])
    if short and {short[1], short[3]} <= set(_THREE.values()):
        return ProteinChange(int(short[2]), short[1], short[3])
    return None


def read_functional_table(path: str | Path) -> FunctionalTable:
    """A table from its file. Raises InputError as ``parse_functional_table``, and ``unreadable``."""
    file = Path(path)
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise InputError("unreadable", "The file cannot be read.", "Choose the file again.", file.name) from error
    return parse_functional_table(raw, file.name)


def parse_functional_table(raw: bytes, name: str) -> FunctionalTable:
    """Tab-separated with the header ``COLUMNS``; ``score`` and ``odds_path`` may be empty.

    Raises InputError ``unreadable``, ``missing_column``, ``bad_row`` and ``duplicate_row`` with line and field; then
    nothing is read.
    """
    if len(raw) > LARGEST_BYTES:
        raise InputError("unreadable", f"The file is larger than {LARGEST_BYTES // 1_000_000} MB.", "Split it.", name)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("unreadable", "The text is not UTF-8.", "Convert the file to UTF-8.", name) from error
    rows = csv.reader(io.StringIO(text, newline=""), delimiter="\t", quoting=csv.QUOTE_NONE)
    try:
        return _table(rows, name)
    except csv.Error as error:
        raise InputError("unreadable", "The file is not a table.", "Export it again as text.", name) from error


def _table(rows: Iterable[list[str]], name: str) -> FunctionalTable:
    results: dict[tuple[str, ProteinChange], FunctionalEvidence] = {}
    header: list[str] | None = None
    for line, cells in enumerate(rows, start=1):
        if not cells or cells[0].startswith("#"):
            continue
        if header is None:
            header = _header(cells, name, line)
            continue
        if len(cells) != len(header):
            problem = f"{len(header)} columns were expected, {len(cells)} found."
            raise InputError("bad_row", problem, "Separate columns by one tabulator each.", name, line)
        key, found = _result(dict(zip(header, (cell.strip() for cell in cells), strict=True)), name, line)
        if key in results:
            problem = f"{key[0]} {key[1]} stands twice."
            raise InputError("duplicate_row", problem, "Keep one of the lines.", name, line, "change")
        results[key] = found
    if not results:
        raise InputError("bad_row", "The table has no rows.", "Export it again.", name)
    return FunctionalTable(results)


def _header(cells: list[str], name: str, line: int) -> list[str]:
    missing = [column for column in COLUMNS if column not in cells]
    if missing or len(set(cells)) != len(cells):
        problem = f"Columns are missing: {', '.join(missing)}." if missing else "A column is named twice."
        remedy = f"The first line must name the columns: {', '.join(COLUMNS)}."
        raise InputError("missing_column", problem, remedy, name, line)
    return cells


def _result(row: Mapping[str, str], name: str, line: int) -> tuple[tuple[str, ProteinChange], FunctionalEvidence]:
    for column in ("gene", "assay", "version"):
        if not row[column]:
            raise InputError("bad_row", "The value is empty.", "Fill it in.", name, line, column)
    change = protein_change(row["change"])
    if change is None:
        problem = f"{row['change'][:40]!r} is not a change of one residue."
        raise InputError("bad_row", problem, "Write it as p.Arg97Cys or R97C.", name, line, "change")
    if row["result"] not in set(FunctionalResult):
        problem = f"{row['result'][:40]!r} is not a result."
        raise InputError("bad_row", problem, f"Use {', '.join(FunctionalResult)}.", name, line, "result")
    score, odds = (_number(row[column], name, line, column) for column in ("score", "odds_path"))
    if odds is not None and odds <= 0:
        raise InputError("bad_row", "Odds are above 0.", "Correct the number.", name, line, "odds_path")
    source = f"{row['assay']} {row['version']}"
    return (row["gene"], change), FunctionalEvidence(FunctionalResult(row["result"]), score, odds, source)


def _number(written: str, name: str, line: int, column: str) -> float | None:
    if not written:
        return None
    try:
        value = float(written)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError("bad_row", f"{written[:40]!r} is not a number.", "Correct it.", name, line, column)
    return value
