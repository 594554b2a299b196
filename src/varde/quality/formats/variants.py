"""bcftools stats: counts of the file, and of each person."""

from __future__ import annotations

import re
from collections.abc import Iterator

from varde.quality.formats.reading import QualityText, given, share
from varde.quality.measurement import Measurement, Value

_TOOL = "bcftools stats"
_VERSION = re.compile(r"produced by bcftools stats \(([^+)]+)")
_HEADER = re.compile(r"^# (PSC|TSTV)\t(.*)$", re.MULTILINE)
_NUMBERED = re.compile(r"^\[\d+\]")
_FIRST_SET = "0"
"""With two files compared, set 0 is what only the first has; a file alone is set 0."""


def read_bcftools_stats(source: QualityText, sample: str | None = None) -> Iterator[Measurement]:
    """SN and TSTV of the whole file, PSC of each person with Ti/Tv and het/hom of it.

    Raises InputError ``two_files`` for a comparison of two files.
    """
    found = _VERSION.search(source.text)
    version = found[1] if found else None
    columns = {kind: [_NUMBERED.sub("", name) for name in names.split("\t")] for kind, names in _header(source)}
    seen = False
    for number, line in enumerate(source.text.split("\n"), start=1):
        kind, *cells = line.split("\t")
        if kind == "ID" and len(cells) > 2:
            raise source.refused("two_files", "The statistics compare two files.", "Run it on one file.", line=number)
        if kind not in ("SN", "TSTV", "PSC") or (cells and cells[0] != _FIRST_SET):
            continue
        seen = True
        if kind == "SN" and len(cells) == 3:
            yield source.measured(_TOOL, sample, cells[1].removesuffix(":"), given(cells[2]), version)
            continue
        row = dict(zip(columns.get(kind, ()), cells, strict=False))
        if kind == "SN" or len(row) != len(columns.get(kind, ())) or not row:
            raise source.refused("truncated", "A line is cut.", "Give the whole file.", line=number)
        del row["id"]
        person = row.pop("sample", sample)
        values: dict[str, Value] = {f"{kind}.{name}": given(cell) for name, cell in row.items()}
        for column, value in {**values, **(_ratios(values) if kind == "PSC" else {})}.items():
            yield source.measured(_TOOL, person, column, value, version)
    if not seen:
        raise source.refused("wrong_columns", "The file has no SN line.", "Give the output of bcftools stats.")


def _header(source: QualityText) -> Iterator[tuple[str, str]]:
    for found in _HEADER.finditer(source.text):
        if found[2].startswith("[2]id"):
            yield found[1], found[2]


def _ratios(row: dict[str, Value]) -> dict[str, Value]:
    return {
        "ti_tv": share(row.get("PSC.nTransitions"), row.get("PSC.nTransversions")),
        "het_hom": share(row.get("PSC.nHets"), row.get("PSC.nNonRefHom")),
    }
