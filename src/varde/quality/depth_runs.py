"""Runs of equal depth as mosdepth writes them per base: streamed, contig by contig, only where they are asked for."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.genome.builds import HG19_MITOCHONDRION_LENGTH, MT, Build, contig_code, contig_length, contig_lengths
from varde.genome.errors import InputError
from varde.genome.text_source import TextSource

Ints = NDArray[np.int64]
_CHUNK_BYTES = 8 << 20
_DIGITS = 18
"""Of a number that fits 64 bits."""
_SCHEMA = {"contig": pl.String, "start0": pl.Int64, "end0": pl.Int64, "depth": pl.Int64}


@dataclass(frozen=True)
class DepthRuns:
    """Runs of one contig: ``start0``, ``end0`` (half-open) and ``depth`` [n], ascending and not overlapping. A base in
    no run is not known, which is not the same as a depth of 0."""

    contig: int
    start0: Ints
    end0: Ints
    depth: Ints

    @classmethod
    def joined(cls, contig: int, parts: list[Self]) -> DepthRuns:
        """Parts of one contig in their order."""
        columns = [np.concatenate([getattr(part, name) for part in parts]) for name in ("start0", "end0", "depth")]
        return cls(contig, *columns)


@dataclass(frozen=True)
class Wanted:
    """Places asked for, by contig: starts and ends, merged."""

    places: dict[int, tuple[Ints, Ints]]

    @classmethod
    def of(cls, contig: NDArray[np.uint8], start0: Ints, end0: Ints) -> Wanted:
        """From intervals in any order."""
        places = {}
        for code in np.unique(contig).tolist():
            mine = np.flatnonzero(contig == code)
            order = mine[np.argsort(start0[mine], kind="stable")]
            starts, reach = start0[order], np.maximum.accumulate(end0[order])
            opens = np.flatnonzero(np.concatenate(([True], starts[1:] > reach[:-1])))
            places[code] = (starts[opens], reach[np.append(opens[1:], len(order)) - 1])
        return cls(places)

    def touched(self, runs: DepthRuns) -> DepthRuns:
        """The runs that share a base with a place."""
        if runs.contig not in self.places:
            return DepthRuns(runs.contig, *(np.empty(0, dtype=np.int64) for _ in range(3)))
        starts, ends = self.places[runs.contig]
        place = np.searchsorted(ends, runs.start0, side="right")
        inside = place < len(ends)
        inside[inside] = starts[place[inside]] < runs.end0[inside]
        return DepthRuns(runs.contig, runs.start0[inside], runs.end0[inside], runs.depth[inside])


def read_per_base(path: Path, build: Build, wanted: Wanted, name: str | None = None) -> Iterator[DepthRuns]:
    """The runs of ``*.per-base.bed(.gz)`` that touch the wanted places, contig by contig.

    Raises InputError: ``not_found``, ``empty``, ``truncated``, ``corrupt``, ``encoding``, ``bad_bed`` (other columns,
    numbers out of order, runs unsorted or overlapping) and ``wrong_build`` (a run beyond its contig, or contigs that
    end where the other build's do).
    """
    shown = name or path.name
    parts: list[DepthRuns] = []
    check = _Check(build, shown)
    for runs in _runs(path, shown, check):
        if parts and parts[0].contig != runs.contig:
            yield from _whole(parts)
            parts = []
        parts.append(runs if runs.contig == MT else wanted.touched(runs))
    if parts:
        yield from _whole(parts)
    check.finish()


def _whole(parts: list[DepthRuns]) -> Iterator[DepthRuns]:
    """One contig's runs; none of hg19's older mitochondrion, whose positions are those of another sequence."""
    runs = DepthRuns.joined(parts[0].contig, parts)
    if runs.contig != MT or not len(runs.end0) or runs.end0[-1] <= contig_length(Build.GRCH38, MT):
        yield runs


def _runs(path: Path, shown: str, check: _Check) -> Iterator[DepthRuns]:
    line = 1
    for text in _whole_lines(path, shown):
        frame = _parsed(text, shown, line)
        contig = frame["contig"]
        places = np.flatnonzero((contig != contig.shift(1)).fill_null(value=True).to_numpy())
        columns = [frame[name].to_numpy() for name in ("start0", "end0", "depth")]
        for first, last in zip(places, np.append(places[1:], len(frame)), strict=True):
            start0, end0, depth = (column[first:last] for column in columns)
            code = check.next(str(contig[int(first)]), start0, end0, line + int(first))
            if code:
                yield DepthRuns(code, start0, end0, depth)
        line += len(frame)


def _whole_lines(path: Path, shown: str) -> Iterator[bytes]:
    rest = b""
    try:
        with TextSource(path) as source:
            buffer = memoryview(bytearray(_CHUNK_BYTES))
            filled = 0
            while True:
                count = source.readinto(buffer[filled:])
                filled += count
                if count and filled < _CHUNK_BYTES:
                    continue
                if not filled:
                    break
                text = rest + bytes(buffer[:filled])
                filled = 0
                cut = text.rfind(b"\n") + 1
                text, rest = text[:cut], text[cut:]
                if text:
                    yield text
                if not count:
                    break
    except InputError as error:
        raise InputError(error.code, error.problem, error.remedy, source=shown) from None
    if rest.strip():
        raise InputError(
            "truncated", "The last line has no end.", "Give the whole file, as mosdepth wrote it.", source=shown
        )


def _parsed(text: bytes, shown: str, line: int) -> pl.DataFrame:
    try:
        frame = pl.read_csv(io.BytesIO(text), separator="\t", has_header=False, schema=_SCHEMA, quote_char=None)
    except (pl.exceptions.PolarsError, OverflowError) as error:
        raise _bad(text, shown, line) from error
    if sum(frame.null_count().row(0)) or len(frame) != text.count(b"\n"):
        raise _bad(text, shown, line)
    return frame


def _bad(text: bytes, shown: str, line: int) -> InputError:
    """The error at the first line that is not contig, start, end and depth."""
    for number, one in enumerate(text.removesuffix(b"\n").split(b"\n"), start=line):
        cells = one.split(b"\t")
        if len(cells) != 4 or not all(cell.isdigit() and len(cell) <= _DIGITS for cell in cells[1:]):
            try:
                one.decode()
            except UnicodeDecodeError:
                return InputError("encoding", "The text is not UTF-8.", "Give mosdepth's own file.", shown, number)
            break
    return InputError(
        "bad_bed",
        "A line is contig, start, end and depth, separated by tabs.",
        "Give the per-base.bed.gz that mosdepth wrote.",
        source=shown,
        line=number,
    )


class _Check:
    """What must hold from one stretch of lines to the next."""

    def __init__(self, build: Build, shown: str) -> None:
        self._build, self._shown = build, shown
        self._ends: dict[str, int] = {}
        self._last = ""

    def next(self, name: str, start0: Ints, end0: Ints, line: int) -> int:
        """The contig's code, after its runs were looked at."""
        if name != self._last and name in self._ends:
            raise self._unsorted(f"{name} comes twice", line)
        before = np.concatenate(([self._ends.get(name, 0)], end0[:-1]))
        wrong = np.flatnonzero((start0 < before) | (end0 <= start0))
        if len(wrong):
            raise self._unsorted("a run begins before the last one ends, or is empty", line + int(wrong[0]))
        self._last, self._ends[name] = name, int(end0[-1])
        code = contig_code(name)
        beyond = code and end0[-1] > contig_lengths(self._build)[code]
        if beyond and not (code == MT and end0[-1] <= HG19_MITOCHONDRION_LENGTH):
            raise self._other_build(f"{name}:{start0[-1]}-{end0[-1]} ends beyond the contig in {self._build}", line)
        return code

    def finish(self) -> None:
        """Refuse contigs that end exactly where they do in the other build."""
        if not self._ends:
            raise InputError("empty", "The file has no line.", "Give a complete file.", source=self._shown)
        other = next(one for one in Build if one is not self._build)
        for name, end in self._ends.items():
            code = contig_code(name)
            if code not in (0, MT) and end == contig_length(other, code) != contig_length(self._build, code):
                raise self._other_build(f"{name} has the length that it has in {other}", None)

    def _unsorted(self, what: str, line: int) -> InputError:
        return InputError(
            "bad_bed", f"The runs are not in order: {what}.", "Give mosdepth's own file.", self._shown, line
        )

    def _other_build(self, what: str, line: int | None) -> InputError:
        return InputError(
            "wrong_build", f"{what}.", f"Give the depth of reads mapped to {self._build}.", self._shown, line
        )
