"""Picard's metrics files: CollectHsMetrics, CollectWgsMetrics, MarkDuplicates; others are kept under their class."""

from __future__ import annotations

import re
from collections.abc import Iterator

from varde.quality.formats.reading import QualityText, given, share, table
from varde.quality.measurement import Measurement, Value

_CLASS = re.compile(r"^## METRICS CLASS\s+(\S+)", re.MULTILINE)
_VERSION = re.compile(r"^# Version:\s*(\S+)", re.MULTILINE)
_TOOLS = {
    "HsMetrics": "Picard CollectHsMetrics",
    "WgsMetrics": "Picard CollectWgsMetrics",
    "DuplicationMetrics": "Picard MarkDuplicates",
}
_LEVELS = ("SAMPLE", "LIBRARY", "READ_GROUP")
WHOLE_GENOME_BASES = 1e9
"""A smaller territory is a part of the genome: pipelines measure Y or MT alone, too."""


def read_picard(source: QualityText, sample: str | None = None) -> Iterator[Measurement]:
    """The rows over all reads. Raises InputError ``wrong_columns`` without a metrics table, ``truncated`` when cut."""
    found = _CLASS.search(source.text)
    start = source.text.count("\n", 0, found.end()) + 1 if found else _sentieon_header(source)
    kind = found[1].rsplit(".", 1)[-1] if found else "WgsMetrics"
    if start >= len(source.text.split("\n")):
        raise source.refused("truncated", "The file ends before its table.", "Give the whole file.")
    tool = _TOOLS.get(kind, f"Picard {kind}")
    rows = [row for row in table(source, "\t", (), start=start) if kind == "DuplicationMetrics" or _all_reads(row)]
    if not rows:
        raise source.refused("truncated", "The table has no row over all reads.", "Give the whole file.")
    row: dict[str, Value] = {name: given(cell) for name, cell in rows[0].items() if name not in _LEVELS}
    if kind == "DuplicationMetrics":
        row = _over_libraries(rows)
    territory = row.get("GENOME_TERRITORY")
    if kind == "WgsMetrics" and isinstance(territory, float) and territory < WHOLE_GENOME_BASES:
        tool = f"{tool} (part of the genome)"
    version = _VERSION.search(source.text)
    for column, value in row.items():
        yield source.measured(tool, sample, column, value, version[1] if version else None)


def _sentieon_header(source: QualityText) -> int:
    for number, line in enumerate(source.text.split("\n")):
        if line.startswith("GENOME_TERRITORY\t"):
            return number
    raise source.refused(
        "wrong_columns", "The file has no table of Picard's metrics.", "Give the metrics file that Picard wrote."
    )


def _all_reads(row: dict[str, str]) -> bool:
    return not any(row.get(level) for level in _LEVELS)


def _over_libraries(rows: list[dict[str, str]]) -> dict[str, Value]:
    """Libraries added up: PERCENT_DUPLICATION counts both reads of a pair, as Picard does."""
    total: dict[str, float] = {}
    for row in rows:
        for name, cell in row.items():
            value = given(cell)
            if isinstance(value, float) and name not in ("PERCENT_DUPLICATION", "ESTIMATED_LIBRARY_SIZE"):
                total[name] = total.get(name, 0.0) + value
    duplicates = total.get("UNPAIRED_READ_DUPLICATES", 0.0) + 2 * total.get("READ_PAIR_DUPLICATES", 0.0)
    examined = total.get("UNPAIRED_READS_EXAMINED", 0.0) + 2 * total.get("READ_PAIRS_EXAMINED", 0.0)
    return {**total, "PERCENT_DUPLICATION": share(duplicates, examined)}
