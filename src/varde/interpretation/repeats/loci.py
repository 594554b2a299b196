"""Loci of repeats with their limits: a laboratory's table, or a catalogue in ExpansionHunter's form with limits.

Limits are whole repeat units. Up to ``normal_max`` is normal, from ``pathogenic_min`` expanded, between intermediate.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from varde.annotation.knowledge import Inheritance
from varde.genome.builds import Build, contig_code, contig_length
from varde.genome.errors import InputError

COLUMNS = (
    "locus", "gene", "motif", "contig", "start", "end", "normal_max", "pathogenic_min", "inheritance", "disease",
    "source",
)  # fmt: skip
_MOTIF = re.compile(r"[ACGTNRYKMSWBDHV]{1,60}")
_REGION = re.compile(r"(?:chr)?(\w+):([0-9]+)-([0-9]+)")
_MODES = {"XR": "XLR", "XD": "XLD"}


@dataclass(frozen=True)
class Locus:
    """One repeat. ``start`` and ``end`` are 1-based inclusive."""

    name: str
    gene: str
    motif: str
    contig: int
    start: int
    end: int
    normal_max: int
    pathogenic_min: int
    inheritance: Inheritance
    disease: str
    source: str

    def __post_init__(self) -> None:
        if not 0 < self.normal_max < self.pathogenic_min:
            raise ValueError(f"{self.name}: normal up to {self.normal_max}, pathogenic from {self.pathogenic_min}")
        if not _MOTIF.fullmatch(self.motif):
            raise ValueError(f"{self.name}: {self.motif[:20]!r} is no motif")


@dataclass(frozen=True)
class LocusTable:
    """Loci by name, with the file they came from."""

    build: Build
    loci: tuple[Locus, ...]
    source: str
    checksum: str
    without_limits: int = 0
    """Entries of a catalogue that give no limits: read, and not used."""

    @cached_property
    def by_name(self) -> Mapping[str, Locus]:
        """Loci by name."""
        return {one.name: one for one in self.loci}

    def at(self, contig: int, start: int, end: int, motif: str) -> Locus | None:
        """The locus that shares a base with a place and has the motif, turned or read from the other strand."""
        spellings = _spellings(motif)
        fitting = (one for one in self.loci if one.contig == contig and one.start <= end and one.end >= start)
        return next((one for one in fitting if one.motif in spellings), None)

    def __str__(self) -> str:
        return f"{self.source} ({len(self.loci)} loci, sha256:{self.checksum[:12]})"


def read_loci(path: str | Path, build: Build) -> LocusTable:
    """A table (tab-separated, header ``COLUMNS``) or a catalogue (JSON list with LocusId, RepeatUnit, ReferenceRegion,
    and the limits NormalMax and PathologicMin).

    Raises InputError ``unreadable``, ``missing_column``, ``bad_row`` and ``duplicate_row``; then nothing is read.
    """
    file = Path(path)
    try:
        raw = file.read_bytes()
        text = raw.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            "unreadable", "The file is absent or not UTF-8.", "Fetch the file again.", source=file.name
        ) from error
    rows, left = _catalogue(text, file.name) if text.lstrip().startswith("[") else (_table(text, file.name), 0)
    found: dict[str, Locus] = {}
    for line, row in rows:
        locus = _locus(row, build, file.name, line)
        if locus.name in found:
            raise InputError(
                "duplicate_row", f"{locus.name} stands twice.", "Keep one of them.", source=file.name, line=line
            )
        found[locus.name] = locus
    return LocusTable(build, tuple(found.values()), file.name, hashlib.sha256(raw).hexdigest(), left)


def _table(text: str, name: str) -> list[tuple[int, dict[str, str]]]:
    columns, rows = None, []
    for line, written in enumerate(text.splitlines(), start=1):
        if not written.strip() or written.startswith("#"):
            continue
        cells = [cell.strip() for cell in written.split("\t")]
        if columns is None:
            columns = cells
            if missing := [one for one in COLUMNS if one not in columns]:
                remedy = f"The first line must name the columns: {', '.join(COLUMNS)}."
                problem = f"Columns are missing: {', '.join(missing)}."
                raise InputError("missing_column", problem, remedy, source=name, line=line)
        elif len(cells) != len(columns):
            raise _bad(f"{len(columns)} columns were expected, {len(cells)} found.", name, line)
        else:
            rows.append((line, dict(zip(columns, cells, strict=True))))
    if columns is None:
        raise InputError("missing_column", "The table is empty.", f"Its columns are {', '.join(COLUMNS)}.", source=name)
    return rows


def _catalogue(text: str, name: str) -> tuple[list[tuple[int, dict[str, str]]], int]:
    try:
        entries: Any = json.loads(text)
    except ValueError as error:
        raise InputError("unreadable", "The catalogue is no JSON.", "Fetch it again.", source=name) from error
    rows, left = [], 0
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry, dict) or not isinstance(entry.get("LocusId"), str):
            raise _bad("An entry has no LocusId.", name, number)
        region = entry.get("ReferenceRegion")
        place = _REGION.fullmatch(region) if isinstance(region, str) else None
        if place is None or entry.get("NormalMax") is None or entry.get("PathologicMin") is None:
            left += 1  # several repeats at one locus, or no limits
            continue
        mode = str(entry.get("InheritanceMode", ""))
        values = {
            "locus": entry["LocusId"],
            "gene": str(entry.get("HGNC_SYMBOL") or entry.get("Gene") or entry["LocusId"]),
            "motif": str(entry.get("DisplayRU") or entry.get("RepeatUnit") or ""),
            "contig": place[1],
            "start": str(int(place[2]) + 1),  # catalogues are 0-based
            "end": place[3],
            "normal_max": str(entry["NormalMax"]),
            "pathogenic_min": str(entry["PathologicMin"]),
            "inheritance": _MODES.get(mode, mode),
            "disease": str(entry.get("Disease") or ""),
            "source": f"{entry.get('SourceDisplay') or entry.get('Source') or name}",
        }
        rows.append((number, values))
    return rows, left


def _locus(row: Mapping[str, str], build: Build, name: str, line: int) -> Locus:
    numbers = {}
    for field in ("start", "end", "normal_max", "pathogenic_min"):
        text = row[field].removesuffix(".0")
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise _bad(f"{row[field][:20]!r} is no whole number.", name, line, field)
        numbers[field] = int(text)
    contig = contig_code(row["contig"])
    if not contig or not 1 <= numbers["start"] <= numbers["end"] <= contig_length(build, contig):
        raise _bad(f"{row['contig'][:20]}:{row['start']}-{row['end']} is no place of {build}.", name, line, "start")
    for field in ("locus", "gene", "source"):
        if not row[field]:
            raise _bad("The value is empty.", name, line, field)
    known = {one.value for one in Inheritance}
    inheritance = row["inheritance"] if row["inheritance"] in known else Inheritance.UNKNOWN.value
    if row["inheritance"] and row["inheritance"] not in known:
        raise _bad(f"{row['inheritance'][:20]!r} is not one of {', '.join(sorted(known))}.", name, line, "inheritance")
    try:
        return Locus(
            name=row["locus"],
            gene=row["gene"],
            motif=row["motif"].upper(),
            contig=contig,
            inheritance=Inheritance(inheritance),
            disease=row["disease"],
            source=row["source"],
            **numbers,
        )
    except ValueError as error:
        raise _bad(f"{error}.", name, line, "normal_max") from None


def _spellings(motif: str) -> frozenset[str]:
    """A motif begun at each of its bases, on both strands."""
    turned = motif.upper()
    other = turned.translate(str.maketrans("ACGTRYKMBDHV", "TGCAYRMKVHDB"))[::-1]
    return frozenset(one[n:] + one[:n] for one in (turned, other) for n in range(len(one)))


def _bad(problem: str, name: str, line: int, field: str | None = None) -> InputError:
    return InputError("bad_row", problem, "Correct it, or fetch the file again.", source=name, line=line, field=field)
