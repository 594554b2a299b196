"""Reads and alignments: fastp, samtools stats, samtools flagstat."""

from __future__ import annotations

import re
from collections.abc import Iterator

from varde.quality.formats.reading import QualityText, given, json_object, leaves, share
from varde.quality.measurement import Measurement, Value

_FASTP, _STATS, _FLAGSTAT = "fastp", "samtools stats", "samtools flagstat"
_STATS_VERSION = re.compile(r"produced by samtools stats \(([^+)]+)")
_FLAG_LINE = re.compile(r"(\d+) \+ (\d+) (.+?)(?: \(([^()]*:[^()]*)\))?(?: \(mapQ>=5\))?")


def read_fastp(source: QualityText, sample: str | None = None) -> Iterator[Measurement]:
    """fastp's JSON: every single number of it; the histograms stay in the file."""
    document = json_object(source)
    if not isinstance(document.get("summary"), dict) or "before_filtering" not in document["summary"]:
        raise source.refused("wrong_columns", "The JSON has no summary of fastp.", "Give fastp's JSON report.")
    version = document["summary"].get("fastp_version")
    for column, value in leaves(document):
        if column not in ("command", "summary.fastp_version"):
            yield source.measured(_FASTP, sample, column, value, str(version) if version else None)


def read_samtools_stats(source: QualityText, sample: str | None = None) -> Iterator[Measurement]:
    """The summary numbers (SN) of ``samtools stats``, and the rates of mapped and duplicate reads from them."""
    found = dict(_summary_numbers(source))
    version = _STATS_VERSION.search(source.text)
    total = found.get("raw total sequences")
    found["mapped_rate"] = share(found.get("reads mapped"), total)
    found["duplicate_rate"] = share(found.get("reads duplicated"), total)
    for column, value in found.items():
        yield source.measured(_STATS, sample, column, value, version[1] if version else None)


def read_flagstat(source: QualityText, sample: str | None = None) -> Iterator[Measurement]:
    """``samtools flagstat``: reads that passed, by line; rates over primary reads where they are told apart."""
    found: dict[str, Value] = {}
    for number, line in enumerate(source.text.rstrip("\n").split("\n"), start=1):
        parts = _FLAG_LINE.fullmatch(line.strip())
        if parts is None:
            raise source.refused(
                "bad_table", "The line is not one of samtools flagstat.", "Give its default text output.", line=number
            )
        name = parts[3].removesuffix(" (QC-passed reads + QC-failed reads)")
        found[name + (" (mapQ>=5)" if line.rstrip().endswith("(mapQ>=5)") else "")] = float(parts[1])
    if "in total" not in found or "mapped" not in found:
        raise source.refused("truncated", "The lines of all and of mapped reads are missing.", "Give the whole file.")
    first = "primary " if "primary" in found else ""
    total = found["primary" if first else "in total"]
    found["mapped_rate"] = share(found.get(f"{first}mapped"), total)
    found["duplicate_rate"] = share(found.get(f"{first}duplicates"), total)
    found["properly_paired_rate"] = share(found.get("properly paired"), found.get("paired in sequencing"))
    for column, value in found.items():
        yield source.measured(_FLAGSTAT, sample, column, value)


def _summary_numbers(source: QualityText) -> Iterator[tuple[str, Value]]:
    lines = source.text.split("\n")
    seen = False
    for number, line in enumerate(lines, start=1):
        if not line.startswith("SN\t"):
            continue
        cells = line.split("\t")
        if len(cells) < 3 or not cells[1].endswith(":"):
            raise source.refused("truncated", "A summary line is cut.", "Give the whole file.", line=number)
        seen = True
        yield cells[1].removesuffix(":"), given(cells[2])
    if not seen:
        raise source.refused("wrong_columns", "The file has no SN line.", "Give the output of samtools stats.")
