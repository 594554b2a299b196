"""Half-open regions of a build, and sets of them read from BED."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.genome.builds import CONTIGS, Build, build_of_accession, contig_code, contig_length, contig_lengths
from varde.genome.errors import InputError
from varde.genome.text_source import TextSource

_REGION = re.compile(r"\s*([^\s:]+)(?::([0-9][0-9,]{0,19})(?:-([0-9][0-9,]{0,19}))?)?\s*")


@dataclass(frozen=True, order=True)
class Region:
    """Bases ``start0`` to ``end0`` (0-based, end exclusive) of one contig; at least one base, within the contig.

    Raises InputError ``bad_region``.
    """

    build: Build
    contig_code: int
    start0: int
    end0: int

    def __post_init__(self) -> None:
        if not 1 <= self.contig_code <= len(CONTIGS):
            raise _refused(f"Contig code {self.contig_code} is not one of 1 to {len(CONTIGS)}.")
        length = contig_length(self.build, self.contig_code)
        if not 0 <= self.start0 < self.end0 <= length:
            contig = CONTIGS[self.contig_code - 1]
            raise _refused(
                f"{contig}:{self.start0 + 1}-{self.end0} is empty or beyond the {length:,} bases in {self.build}."
            )

    @classmethod
    def parse(cls, build: Build, text: str) -> Region:
        """From the usual 1-based inclusive notation: ``20:1,001-2,000``, ``chr20:1001`` (one base) or ``20`` (all).

        Raises InputError ``bad_region`` and, for an accession of the other build, ``wrong_build``.
        """
        found = _REGION.fullmatch(text)
        code = contig_code(found[1]) if found else 0
        if not found or not code:
            raise _refused(f"A region is written 20:1001-2000; found {text[:60]!r}.")
        told = build_of_accession(found[1])
        if told not in (None, build):
            raise InputError("wrong_build", f"{found[1]} belongs to {told}.", f"Give a contig of {build}.")
        if found[2] is None:
            return cls(build, code, 0, contig_length(build, code))
        start = int(found[2].replace(",", ""))
        end = int(found[3].replace(",", "")) if found[3] else start
        return cls(build, code, start - 1, end)

    def __str__(self) -> str:
        return f"{CONTIGS[self.contig_code - 1]}:{self.start0 + 1}-{self.end0}"

    def __len__(self) -> int:
        return self.end0 - self.start0

    def contains(self, contig: int, position: int) -> bool:
        """Whether a 1-based position lies in it."""
        return contig == self.contig_code and self.start0 < position <= self.end0

    def overlaps(self, other: Region) -> bool:
        """Whether they share a base. Raises ValueError for regions of different builds."""
        if other.build is not self.build:
            raise ValueError(f"regions of {self.build} and {other.build} cannot be compared")
        return self.contig_code == other.contig_code and self.start0 < other.end0 and other.start0 < self.end0


@dataclass(frozen=True, eq=False)
class RegionSet:
    """Regions sorted and merged: ``contig`` uint8 [n], ``start0`` and ``end0`` int64 [n], half-open, none touching.

    ``other_sequences`` counts intervals on sequences that the build does not number (decoys, unplaced): they are left
    out.
    """

    build: Build
    contig: NDArray[np.uint8]
    start0: NDArray[np.int64]
    end0: NDArray[np.int64]
    other_sequences: int = 0

    @classmethod
    def of(cls, build: Build, regions: Iterable[Region]) -> RegionSet:
        """From single regions of that build. Raises ValueError for one of another build."""
        chosen = list(regions)
        if any(region.build is not build for region in chosen):
            raise ValueError(f"a region is not of {build}")
        return _merged(
            build,
            np.array([region.contig_code for region in chosen], dtype=np.uint8),
            np.array([region.start0 for region in chosen], dtype=np.int64),
            np.array([region.end0 for region in chosen], dtype=np.int64),
            0,
        )

    def __len__(self) -> int:
        return len(self.contig)

    def __iter__(self) -> Iterator[Region]:
        for contig, start, end in zip(self.contig.tolist(), self.start0.tolist(), self.end0.tolist(), strict=True):
            yield Region(self.build, contig, start, end)

    @property
    def total_length(self) -> int:
        """Bases covered."""
        return int((self.end0 - self.start0).sum())

    def covers(self, contig: NDArray[np.uint8], position: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether each 1-based position is covered; False on contig code 0."""
        covered = np.zeros(len(position), dtype=np.bool_)
        if not len(self):
            return covered
        base = position.astype(np.int64) - 1
        place = np.searchsorted(_flat(self.contig, self.start0), _flat(contig, base), side="right") - 1
        found = np.maximum(place, 0)
        covered |= (place >= 0) & (self.contig[found] == contig) & (base < self.end0[found])
        return covered

    def contains(
        self, contig: NDArray[np.uint8], first: NDArray[np.int64], last: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Whether one interval covers all of the 1-based positions first to last; False on contig code 0."""
        # No two intervals touch: one covers both ends exactly when none begins between them.
        begins = _flat(self.contig, self.start0)
        places = [
            np.searchsorted(begins, _flat(contig, end.astype(np.int64) - 1), side="right") for end in (first, last)
        ]
        within: NDArray[np.bool_] = self.covers(contig, first) & self.covers(contig, last) & (places[0] == places[1])
        return within


def read_bed(path: str | Path, build: Build) -> RegionSet:
    """The intervals of a BED file (plain, gzip or bgzip; columns beyond three are not read), sorted and merged.

    Comment, ``track`` and ``browser`` lines are passed over. Raises InputError: ``not_found``, ``empty``,
    ``truncated``, ``corrupt``, ``encoding``, ``bad_bed`` and, for an interval beyond its contig, ``wrong_build``.
    """
    source = Path(path).name
    lines = _bed_lines(path, source)
    fields = lines.with_columns(
        pl.col("text").str.extract_groups(
            r"^(?<name>[^\t ]+)[\t ]+(?<start>[0-9]{1,10})[\t ]+(?<end>[0-9]{1,10})(?:[\t \r]|$)"
        )
    ).unnest("text")
    bad = fields.filter(pl.col("name").is_null() | (pl.col("start").cast(pl.Int64) > pl.col("end").cast(pl.Int64)))
    if bad.height:
        raise InputError(
            "bad_bed",
            "A BED line must be contig, start and end (0-based, end not before start), separated by tabs.",
            "Correct the line.",
            source=source,
            line=int(bad["line"][0]),
        )
    codes = {name: contig_code(name) for name in fields["name"].unique().to_list()}
    contig = fields["name"].replace_strict(codes, return_dtype=pl.UInt8).cast(pl.UInt8).to_numpy()
    start = fields["start"].cast(pl.Int64).to_numpy()
    end = fields["end"].cast(pl.Int64).to_numpy()
    beyond = np.flatnonzero(end > contig_lengths(build)[contig])
    if len(beyond):
        row = int(beyond[0])
        raise InputError(
            "wrong_build",
            f"{fields['name'][row]}:{start[row]}-{end[row]} ends beyond the contig in {build}.",
            "Give the BED of the build that is asked for.",
            source=source,
            line=int(fields["line"][row]),
        )
    kept = (contig > 0) & (end > start)
    return _merged(build, contig[kept], start[kept], end[kept], int((contig == 0).sum()))


def _bed_lines(path: str | Path, source: str) -> pl.DataFrame:
    """Columns ``line`` (1-based) and ``text`` of the lines that are intervals."""
    with TextSource(path) as text_source:
        data = text_source.read_all()
    try:
        text = pl.Series("text", [data.decode()]).str.split("\n").explode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            "encoding", "The text is not UTF-8.", "Save the BED as UTF-8.", source=source, line=line
        ) from error
    frame = pl.DataFrame({"line": pl.int_range(1, len(text) + 1, eager=True), "text": text})
    return frame.filter(~pl.col("text").str.contains(r"^(#|track\b|browser\b|\s*$)"))


def _merged(
    build: Build,
    contig: NDArray[np.uint8],
    start: NDArray[np.int64],
    end: NDArray[np.int64],
    other_sequences: int,
) -> RegionSet:
    order = np.lexsort((start, contig))
    contig, flat_start, flat_end = contig[order], _flat(contig, start)[order], _flat(contig, end)[order]
    reach = np.maximum.accumulate(flat_end) if len(flat_end) else flat_end
    opens = np.flatnonzero(np.concatenate(([True], flat_start[1:] > reach[:-1]))) if len(contig) else order
    closes = reach[np.append(opens[1:], len(contig)) - 1] if len(contig) else flat_end
    offset = contig[opens].astype(np.int64) << _CONTIG_SHIFT
    return RegionSet(build, contig[opens], flat_start[opens] - offset, closes - offset, other_sequences)


_CONTIG_SHIFT = 32


def _flat(contig: NDArray[np.uint8], base: NDArray[np.int64]) -> NDArray[np.int64]:
    """One coordinate over all contigs, far enough apart that no interval reaches the next."""
    return (contig.astype(np.int64) << _CONTIG_SHIFT) + base


def _refused(problem: str) -> InputError:
    return InputError("bad_region", problem, "Write it as contig:first-last, for example 20:1001-2000.")
