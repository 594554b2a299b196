"""What all readers share: the whole text with its checksum, tables with named columns, and numbers."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from varde.genome.errors import InputError
from varde.genome.text_source import TextSource
from varde.quality.formats.names import KNOWN
from varde.quality.measurement import Measurement, Value
from varde.quality.report import Origin

TEXT_LIMIT_BYTES = 256 << 20
"""Largest decompressed report. A MultiQC file of a thousand people has some ten megabytes."""
_CHUNK = 1 << 20
_CURVES = frozenset({"kmer_count", "read1_adapter_counts", "read2_adapter_counts"})
"""Objects with an entry for each sequence: drawings, not numbers of the person."""
_NOT_GIVEN = frozenset({"", "na", "n/a", "nan", "-nan", "?", ".", "null", "none", "inf", "-inf", "∞"})


@dataclass(frozen=True)
class QualityText:
    """A file's text: ``name`` without folder, and the checksum of the file as it lies."""

    name: str
    text: str
    sha256: str

    def refused(
        self, code: str, problem: str, remedy: str, *, line: int | None = None, field: str | None = None
    ) -> InputError:
        """The error that names this file."""
        return InputError(code, problem, remedy, source=self.name, line=line, field=field)

    def measured(
        self, tool: str, sample: str | None, column: str, value: Value, version: str | None = None
    ) -> Measurement:
        """The measurement of a tool's column, under the metric's own name and unit where Varde knows it."""
        known = KNOWN.get((tool, column))
        origin = Origin(self.name, self.sha256, tool, version)
        if known is None:
            return Measurement(sample, f"{tool}.{column}", value, "", origin)
        scaled = value * known.factor if isinstance(value, float) else None
        return Measurement(sample, known.metric, scaled, known.unit, origin)


def read_text(path: Path, name: str | None = None) -> QualityText:
    """The text of a plain or gzipped file, named ``name`` in errors (else its own).

    Raises InputError: ``not_found``, ``empty``, ``truncated``, ``corrupt``, ``too_large``, ``encoding``.
    """
    shown = name or path.name
    try:
        with TextSource(path) as source:
            data = _all(source, shown)
    except InputError as error:
        raise InputError(error.code, error.problem, error.remedy, source=shown) from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            "encoding", "The text is not UTF-8.", "Give the file as the tool wrote it.", shown, line
        ) from (None)
    if "\x00" in text:
        raise InputError("encoding", "The file holds zero bytes: it is no text.", "Give the tool's text file.", shown)
    with path.open("rb") as file:
        return QualityText(shown, text.replace("\r\n", "\n"), hashlib.file_digest(file, "sha256").hexdigest())


def _all(source: TextSource, shown: str) -> bytes:
    pieces, size, buffer = [], 0, bytearray(_CHUNK)
    while count := source.readinto(memoryview(buffer)):
        size += count
        if size > TEXT_LIMIT_BYTES:
            raise InputError(
                "too_large",
                f"The report has more than {TEXT_LIMIT_BYTES >> 20} MB of text.",
                "Give the report of fewer people.",
                source=shown,
            )
        pieces.append(bytes(buffer[:count]))
    return b"".join(pieces)


def table(
    source: QualityText, separator: str, required: tuple[str, ...], *, start: int = 0
) -> Iterator[dict[str, str]]:
    """Rows by column of a table whose header is line ``start`` (0-based, without its ``#``), up to an empty line.

    Columns may stand in any order. Raises InputError ``wrong_columns``, ``truncated`` (the last row is cut) and
    ``bad_table``.
    """
    lines = source.text.split("\n")
    columns = [name.strip() for name in lines[start].removeprefix("#").split(separator)]
    missing = [name for name in required if name not in columns]
    if missing or len(set(columns)) != len(columns):
        what = f"lacks the column {missing[0]}" if missing else "names a column twice"
        raise source.refused(
            "wrong_columns",
            f"The table {what}.",
            f"Expected are at least {', '.join(required)}.",
            line=start + 1,
            field=missing[0] if missing else None,
        )
    for number, line in enumerate(lines[start + 1 :], start=start + 2):
        if not line.strip():
            return
        if line.startswith("#"):
            continue
        cells = line.split(separator)
        if len(cells) != len(columns):
            cut = number == len(lines) and len(cells) < len(columns)
            raise source.refused(
                "truncated" if cut else "bad_table",
                f"The row has {len(cells)} columns, the header {len(columns)}.",
                "Give the whole file, as the tool wrote it.",
                line=number,
            )
        yield dict(zip(columns, (cell.strip() for cell in cells), strict=True))


def json_object(source: QualityText) -> dict[str, Any]:
    """The JSON object of a file. Raises InputError ``truncated`` or ``bad_document``."""
    try:
        found = json.loads(source.text, parse_constant=lambda _name: None)
    except json.JSONDecodeError as error:
        cut = error.pos >= len(source.text.rstrip()) or error.msg.startswith("Unterminated")
        raise source.refused(
            "truncated" if cut else "bad_document",
            f"The JSON cannot be read ({error.msg}).",
            "Give the whole file, as the tool wrote it.",
            line=error.lineno,
        ) from None
    except RecursionError:
        raise source.refused("bad_document", "The JSON is nested too deep.", "Give the tool's own file.") from None
    if not isinstance(found, dict):
        raise source.refused("bad_document", "The JSON is not an object.", "Give the tool's own file.")
    return found


def leaves(document: dict[str, Any], before: str = "") -> Iterator[tuple[str, Value]]:
    """Every single value of nested objects by its dotted path, without histograms and curves."""
    for name, value in document.items():
        if name in _CURVES:
            continue
        if isinstance(value, dict):
            yield from leaves(value, f"{before}{name}.")
        elif not isinstance(value, list):
            yield f"{before}{name}", given(value)


def given(value: object) -> Value:
    """A cell as a number where it is a finite one, None where the tool could not give it, else its text."""
    if value is None or isinstance(value, bool):
        return None if value is None else str(value)
    if isinstance(value, int | float):
        number = float(value)
        return number if math.isfinite(number) else None
    text = str(value).strip()
    if text.lower() in _NOT_GIVEN:
        return None
    try:
        number = float(text.removesuffix("%"))
    except ValueError:
        return text
    return number if math.isfinite(number) and "_" not in text else None


def share(part: Value, whole: Value) -> float | None:
    """A part of a whole; None without either or with nothing in it."""
    if not isinstance(part, float) or not isinstance(whole, float) or whole <= 0:
        return None
    return part / whole


def pair(first: str, second: str) -> str:
    """Two persons as one sample, in the order of their names: either order of a table is one pair."""
    return " / ".join(sorted((first, second)))
