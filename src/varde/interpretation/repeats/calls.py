"""Repeat sizes of a family, as ExpansionHunter (and STRipy after it) or GangSTR report them, and what they mean.

Both give REPCN, the units of each allele, and REPCI, an interval for each. ExpansionHunter names the locus (REPID,
VARID) and parts alleles by ``/``; GangSTR names the motif (RU) and the place alone, and parts them by ``,``.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from varde.annotation.knowledge import Inheritance
from varde.frequency.structural import info_of
from varde.genome.builds import Build, contig_code
from varde.genome.errors import InputError
from varde.genome.text_source import TextSource
from varde.genome.vcf_header import VcfHeader, parse_header
from varde.genome.vcf_lines import LineWindow
from varde.interpretation.repeats.loci import Locus, LocusTable

DECLARES_REPEATS = re.compile(r"^##FORMAT=<ID=REPCN\b", re.MULTILINE)
FORMAT = 1


class RepeatState(StrEnum):
    """What a size means at its locus."""

    NORMAL = "normal"
    INTERMEDIATE = "intermediate"
    EXPANDED = "expanded"
    NOT_EVALUATED = "not_evaluated"


_RANK = {RepeatState.NORMAL: 0, RepeatState.INTERMEDIATE: 1, RepeatState.EXPANDED: 2, RepeatState.NOT_EVALUATED: -1}


@dataclass(frozen=True)
class RepeatAllele:
    """Units of one allele with the caller's interval. ``state`` is that of the size; ``low_state`` and ``high_state``
    those of the interval's ends: where they differ the interval crosses a limit, and the size alone does not decide."""

    units: int
    low: int | None
    high: int | None
    state: RepeatState
    low_state: RepeatState
    high_state: RepeatState

    @property
    def crosses(self) -> bool:
        """Whether the interval crosses a limit."""
        return self.low_state is not self.high_state


@dataclass(frozen=True)
class RepeatCall:
    """One locus in one person. ``name`` is the caller's; ``locus`` the table's, empty where the table has none."""

    sample: str
    name: str
    locus: str
    gene: str
    motif: str
    contig: str
    position: int
    filter: str
    alleles: tuple[RepeatAllele, ...]
    why: str = ""
    """Why it is not evaluated: ``no_locus`` (not in the table), ``no_call``, ``other_motif``, or empty."""

    @property
    def state(self) -> RepeatState:
        """The largest allele's state; not evaluated without a table's locus or a call."""
        if self.why or not self.alleles:
            return RepeatState.NOT_EVALUATED
        return max((one.state for one in self.alleles), key=_RANK.__getitem__)

    @property
    def crosses(self) -> bool:
        """Whether any allele's interval crosses a limit."""
        return any(one.crosses for one in self.alleles)

    @property
    def expanded(self) -> int:
        """How many alleles are expanded."""
        return sum(1 for one in self.alleles if one.state is RepeatState.EXPANDED)


@dataclass(frozen=True)
class FamilyRepeats:
    """All calls of a family's files; ``records`` were read. ``samples`` have repeat data."""

    build: Build
    samples: tuple[str, ...]
    calls: tuple[RepeatCall, ...]
    records: int
    table: str
    sha256: tuple[str, ...]

    def save(self, path: str | Path) -> None:
        """Write as one file."""
        plain = {"format": FORMAT, **asdict(self), "build": self.build.value}
        Path(path).write_text(json.dumps(plain, indent=1, sort_keys=True), encoding="utf-8")

    @classmethod
    def load(cls, path: str | Path) -> FamilyRepeats:
        """As saved. Raises InputError ``damaged_layer``."""
        try:
            stored = json.loads(Path(path).read_text(encoding="utf-8"))
            if stored.pop("format") != FORMAT:
                raise ValueError("another format")
            calls = tuple(
                RepeatCall(**{**one, "alleles": tuple(_stored_allele(allele) for allele in one["alleles"])})
                for one in stored.pop("calls")
            )
            texts: dict[str, Any] = {name: tuple(stored.pop(name)) for name in ("samples", "sha256")}
            return cls(build=Build(stored.pop("build")), calls=calls, **texts, **stored)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(
                "damaged_layer",
                f"The stored repeats are damaged: {error}.",
                "Prepare them anew.",
                source=Path(path).name,
            ) from None


def state_of(locus: Locus, units: int) -> RepeatState:
    """Normal up to the locus' ``normal_max``, expanded from ``pathogenic_min``, intermediate between."""
    if units <= locus.normal_max:
        return RepeatState.NORMAL
    return RepeatState.EXPANDED if units >= locus.pathogenic_min else RepeatState.INTERMEDIATE


def affects(call: RepeatCall, inheritance: Inheritance) -> bool | None:
    """Whether the expanded alleles suffice: one for dominant and X-linked disease, all for recessive; None where the
    inheritance or the call is not known."""
    if call.state is RepeatState.NOT_EVALUATED or inheritance is Inheritance.UNKNOWN:
        return None
    if inheritance in (Inheritance.AUTOSOMAL_RECESSIVE, Inheritance.X_LINKED_RECESSIVE):
        return call.expanded > 0 and call.expanded == len(call.alleles)
    return call.expanded > 0


def read_repeats(
    paths: Sequence[str | Path], samples: Sequence[str], build: Build, table: LocusTable | None
) -> FamilyRepeats:
    """The repeat calls of a family's people. Without a table every call stays not evaluated.

    Raises InputError as ``read_vcf`` for what is no VCF, ``not_repeats``, ``wrong_build``, ``samples_not_of_case``,
    ``build_mismatch`` and ``bad_columns``.
    """
    if table is not None and table.build is not build:
        raise InputError("build_mismatch", f"The loci are of {table.build}.", f"Give them in {build}.", field="loci")
    calls: list[RepeatCall] = []
    seen: list[str] = []
    digests, records = [], 0
    for path in paths:
        with TextSource(path) as source:
            window = LineWindow(source)
            header = parse_header(window.take_header(), source.name)
            _check(header, samples, build, source.name)
            seen += header.samples
            for line in _lines(window):
                records += 1
                calls += _of_record(line.split("\t"), header.samples, table, source.name)
        digests.append(hashlib.sha256(Path(path).read_bytes()).hexdigest())
    ordered = tuple(name for name in samples if name in seen)
    return FamilyRepeats(build, ordered, tuple(calls), records, str(table) if table else "", tuple(digests))


def _check(header: VcfHeader, samples: Sequence[str], build: Build, source: str) -> None:
    if not DECLARES_REPEATS.search(header.text):
        raise InputError(
            "not_repeats", "The header does not declare REPCN.", "Give the file of a caller of repeats.", source=source
        )
    if header.build not in (None, build):
        raise InputError("wrong_build", f"The file is {header.build}.", f"Call again on {build}.", source=source)
    foreign = [name for name in header.samples if name not in samples]
    if foreign or not header.samples:
        problem = f"{foreign[0]!r} is not of this family." if foreign else "The file has no person."
        raise InputError(
            "samples_not_of_case", problem, f"Expected are {', '.join(samples)}.", source=source, line=header.line_count
        )


def _lines(window: LineWindow) -> list[str]:
    found = []
    while not window.is_done:
        if window.start == window.stop:
            window.refill()
        found += window.text[window.start : window.stop].tobytes().decode().splitlines()
        window.start = window.stop
    return [one for one in found if one]


def _of_record(
    fields: Sequence[str], samples: Sequence[str], table: LocusTable | None, source: str
) -> list[RepeatCall]:
    if len(fields) < 9 + len(samples) or not fields[1].isdigit():
        raise InputError(
            "bad_columns",
            f"The record at {':'.join(fields[:2])[:40]} has {len(fields)} columns; {9 + len(samples)} are needed.",
            "Fetch the file again.",
            source=source,
        )
    info = info_of(fields[7])
    motif, name = info.get("RU", ""), info.get("REPID") or info.get("VARID") or fields[2]
    end = info.get("END", "")
    contig, position = contig_code(fields[0]), int(fields[1])
    locus, why = None, "no_locus"
    if table is not None:
        # GangSTR writes the first base of the repeat, ExpansionHunter the base before it.
        last = int(end) if end.isdigit() else position
        locus = table.by_name.get(name) or table.by_name.get(info.get("VARID", ""))
        locus = locus or (table.at(contig, position, last, motif) if motif else None)
        why = "" if locus else "no_locus"
    shown = name if name not in ("", ".") else f"{fields[0]}:{position}"
    return [
        _call(sample, shown, locus, why, motif, fields, _values(fields, 9 + place))
        for place, sample in enumerate(samples)
    ]


def _call(
    sample: str,
    name: str,
    locus: Locus | None,
    why: str,
    motif: str,
    fields: Sequence[str],
    values: Mapping[str, str],
) -> RepeatCall:
    alleles = _alleles(values, locus)
    return RepeatCall(
        sample=sample,
        name=name,
        locus=locus.name if locus else "",
        gene=locus.gene if locus else "",
        motif=motif.upper(),
        contig=fields[0],
        position=int(fields[1]),
        filter=fields[6],
        alleles=alleles,
        why=why or ("" if alleles else "no_call"),
    )


def _values(fields: Sequence[str], column: int) -> dict[str, str]:
    return dict(zip(fields[8].split(":"), fields[column].split(":"), strict=False))


def _alleles(values: Mapping[str, str], locus: Locus | None) -> tuple[RepeatAllele, ...]:
    sizes = re.split(r"[/,]", values.get("REPCN", "."))
    if not all(one.isascii() and one.isdigit() for one in sizes):
        return ()
    intervals = re.split(r"[/,]", values.get("REPCI", "."))
    bounds = [_interval(intervals[n]) if n < len(intervals) else None for n in range(len(sizes))]
    return tuple(_allele(int(size), bound, locus) for size, bound in zip(sizes, bounds, strict=True))


def _interval(text: str) -> tuple[int, int] | None:
    found = re.fullmatch(r"([0-9]+)-([0-9]+)", text)
    return (int(found[1]), int(found[2])) if found else None


def _allele(units: int, bound: tuple[int, int] | None, locus: Locus | None) -> RepeatAllele:
    low, high = bound or (None, None)
    if locus is None:
        none = RepeatState.NOT_EVALUATED
        return RepeatAllele(units, low, high, none, none, none)
    states = [state_of(locus, units if one is None else one) for one in (units, low, high)]
    return RepeatAllele(units, low, high, *states)


def _stored_allele(stored: Mapping[str, object]) -> RepeatAllele:
    states = {name: RepeatState(str(stored[name])) for name in ("state", "low_state", "high_state")}
    return RepeatAllele(**{**stored, **states})  # type: ignore[arg-type]
