"""Annotating a VCF of structural variants with the counts of the events that its alleles are like.

Symbolic alleles, breakends and long spelled ones, as Manta, DELLY, GATK-SV and Sniffles write them. Every record and
all that stands in it is kept, in its order. An allele gets the counts of the most alike event, and how many events are
like it; one that cannot be compared gets the reason. Samples and filters of the file are not looked at.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from varde.frequency.annotate import PREFIX, Target
from varde.frequency.increment import STRUCTURAL
from varde.frequency.structural import UnusableError, as_counted_kind, counted_region, info_of, is_structural, place_of
from varde.frequency.structural_clusters import CALL, StructuralCall, assayed
from varde.frequency.structural_events import StructuralEvents
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.text_source import TextSource
from varde.genome.vcf_header import VcfHeader, parse_header
from varde.genome.vcf_lines import LineWindow

FIELDS: Mapping[str, tuple[str, str]] = {
    "event": ("String", "The counted event that is most alike, as varde lookup reads it"),
    "AC": ("Integer", "Alternate alleles of that event; 0 where none is like it"),
    "AN": ("Integer", "Alleles of the people read by a method that sees structural variants"),
    "AF": ("Float", "AC / AN"),
    "carriers": ("Integer", "People who have that event"),
    "people": ("Integer", "People read by a method that sees structural variants, who have the chromosome"),
    "nhomalt": ("Integer", "People homozygous for that event"),
    "nhemi": ("Integer", "People with that event on their only copy"),
    "overlap": ("Float", "Reciprocal overlap with that event; of intervals alone"),
    "distance": ("Integer", "Bases between the ends of the allele and of that event, the larger number"),
    "events": ("Integer", "Events that the allele is like; the others are not in these counts"),
    "state": ("String", "observed, absent_assayed, not_assayed, small (no structural allele), or why not compared"),
}
_COUNTS = {"AC": "ac", "AN": "an", "carriers": "nobs", "people": "people", "nhomalt": "nhomalt", "nhemi": "nhemi"}
MARK = "SV_"


@dataclass
class StructuralSummary:
    """What was done: records read and written (the same), alternate alleles by state, and fields replaced."""

    read: int = 0
    kept: int = 0
    alleles: Counter[str] = field(default_factory=Counter)
    replaced: int = 0

    def as_json(self) -> dict[str, Any]:
        return {**vars(self), "alleles": dict(self.alleles)}


def annotate_structural(
    source: str | Path,
    target: str | Path,
    events: StructuralEvents,
    *,
    made_from: Mapping[str, object],
    overwrite: bool = False,
    level: int = 1,
    threads: int = 2,
    prefix: str = PREFIX,
) -> StructuralSummary:
    """Write ``source`` (VCF, VCF.gz, BCF or ``-``) with what the events tell of each allele to ``target``.

    A file appears when it is complete; ``-`` is standard output. Raises InputError as the reader of VCFs does, and:
    ``wrong_build``, ``info_exists``, ``bad_columns``, ``cannot_write``.
    """
    summary, name = StructuralSummary(), f"{prefix}{MARK}"
    with TextSource(source) as text:
        window = LineWindow(text)
        header = parse_header(window.take_header(), text.name)
        _check_build(header, events.build, text.name)
        head = _header(header, name, made_from, overwrite=overwrite, source=text.name)
        with Target(target, level, threads) as out:
            out.write(memoryview(head.encode()))
            number = header.line_count + 1
            for lines in _batches(window):
                written = _annotated(lines, events, name, summary, (text.name, number), overwrite=overwrite)
                out.write(memoryview(written))
                number += len(lines)
            out.finish(None)
    return summary


def _batches(window: LineWindow) -> Iterator[list[str]]:
    while not window.is_done:
        if window.start == window.stop:
            window.refill()
        lines = window.text[window.start : window.stop].tobytes().decode().split("\n")
        window.start = window.stop
        yield [line for line in lines if line]


def _annotated(
    lines: Sequence[str],
    events: StructuralEvents,
    name: str,
    summary: StructuralSummary,
    place: tuple[str, int],
    *,
    overwrite: bool,
) -> bytes:
    """The lines with what is told of their alleles."""
    records = [line.removesuffix("\r").split("\t") for line in lines]
    source, first = place
    told = [
        one for line, fields in enumerate(records, start=first) for one in _read(events.build, fields, (source, line))
    ]
    rows = told_of(events, [one for one in told if isinstance(one, StructuralCall)])
    taken = iter(rows)
    answers = iter([next(taken) if isinstance(one, StructuralCall) else {"state": one} for one in told])
    written = []
    for fields in records:
        mine = [next(answers) for alt in fields[4].split(",") if alt != "."]
        summary.alleles.update(str(one["state"]) for one in mine)
        kept = [one for one in fields[7].split(";") if not one.startswith(name)]
        summary.replaced += len(fields[7].split(";")) - len(kept)
        if mine:
            kept = [one for one in kept if one != "."]
            kept += [f"{name}{field}={','.join(_shown(one.get(field)) for one in mine)}" for field in FIELDS]
        fields[7] = ";".join(kept)
        written.append("\t".join(fields))
    summary.read += len(records)
    summary.kept += len(written)
    return ("\n".join(written) + "\n").encode() if written else b""


def _read(build: Build, fields: list[str], place: tuple[str, int]) -> list[StructuralCall | str]:
    """What each alternate allele of a record is: a call, or why it is none."""
    if len(fields) < 8:
        raise InputError(
            "bad_columns", f"The record has {len(fields)} columns; at least 8 are needed.",
            "Give a VCF whose columns are parted by tabulators.", *place,
        )  # fmt: skip
    info = info_of(fields[7])
    found: list[StructuralCall | str] = []
    for number, alt in enumerate(fields[4].split(","), start=1):
        if alt == ".":
            continue
        if not is_structural(fields[3], alt):
            found.append("small")
            continue
        try:
            call = as_counted_kind(place_of(build, fields, info, alt, number), alt)
            counted_region(build, call)
            found.append(call)
        except UnusableError as unusable:
            found.append(unusable.reason.value)
    return found


def told_of(events: StructuralEvents, calls: list[StructuralCall]) -> list[dict[str, Any]]:
    """What is told of each call, in order: ``FIELDS`` by name, those that do not apply left out."""
    if not calls:
        return []
    asked = pl.DataFrame(calls, schema={name: STRUCTURAL[name] for name in CALL})
    an, people = assayed(events.increment, asked)
    ranked = events.ranked(asked)
    number = dict(ranked.group_by("call").len().iter_rows())
    best = {row["call"]: row for row in ranked.unique("call", keep="first").iter_rows(named=True)}
    rows = []
    for place in range(len(calls)):
        row = best.get(place)
        if row is None:
            state = "absent_assayed" if an[place] else "not_assayed"
            nothing = dict.fromkeys(("AC", "carriers", "nhomalt", "nhemi", "events"), 0)
            share = 0.0 if an[place] else None
            rows.append({**nothing, "AN": int(an[place]), "people": int(people[place]), "AF": share, "state": state})
            continue
        counts = {field: row[column] for field, column in _COUNTS.items()}
        share = row["ac"] / row["an"] if row["an"] else None
        like = {"overlap": row["overlap"], "distance": row["distance"], "events": number[place]}
        rows.append({"event": str(StructuralCall.of(row)), **counts, "AF": share, **like, "state": "observed"})
    return rows


def _shown(value: object) -> str:
    if value is None:
        return "."
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _header(header: VcfHeader, name: str, made_from: Mapping[str, object], *, overwrite: bool, source: str) -> str:
    *lines, columns = header.text.split("\n")
    ours = (f"##INFO=<ID={name}", f"##{name}source=")
    kept = [line for line in lines if not line.startswith(ours)]
    if len(kept) < len(lines) and not overwrite:
        first = next(number for number, line in enumerate(lines, start=1) if line.startswith(ours))
        raise InputError(
            "info_exists",
            f"The header declares fields of this annotation already: {lines[first - 1][:80]}",
            "Use --overwrite to replace what an earlier annotation wrote.",
            source=source,
            line=first,
            field="##INFO",
        )
    new = [f"##{name}source={json.dumps(made_from, ensure_ascii=False, sort_keys=True)}"]
    new += [
        f'##INFO=<ID={name}{field},Number=A,Type={kind},Description="{text}">' for field, (kind, text) in FIELDS.items()
    ]
    return "\n".join([*kept, *new, columns]) + "\n"


def _check_build(header: VcfHeader, build: Build, source: str) -> None:
    if header.build not in (None, build):
        raise InputError(
            "wrong_build",
            f"The counts are of {build}, but the header tells of {header.build}.",
            f"Give a file called on {build}.",
            source=source,
        )
