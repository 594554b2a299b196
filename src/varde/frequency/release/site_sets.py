"""Site sets: what a public release may tell of, gene by gene, in an order that no genotype decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.annotation.transcripts import TranscriptSet
from varde.frequency.callable_intervals import Intervals, places, union
from varde.frequency.new_file import new_file
from varde.genome.builds import CONTIGS, Build, contig_code, contig_length
from varde.genome.errors import InputError
from varde.genome.keys import key_contigs, key_positions
from varde.genome.text_source import TextSource

_CONTIG_SHIFT = 32
_COLUMNS = 4
FLANK_BASES = 20
"""Bases beside an exon that belong to its gene's sites: the splice region."""


@dataclass(frozen=True)
class SiteSet:
    """The places of one gene, or of another named set."""

    name: str
    places: Intervals


def read_site_sets(path: str | Path, build: Build) -> tuple[SiteSet, ...]:
    """Sets of a BED file with names (column 4), in the order in which the names first stand there.

    Lines of one name are one set. Raises InputError as ``TextSource``, ``bad_bed``, ``wrong_build``, ``no_site_sets``.
    """
    source = Path(path).name
    with TextSource(path) as text:
        lines = text.read_all().decode("utf-8", errors="replace").split("\n")
    found: dict[str, list[tuple[int, int]]] = {}
    for number, line in enumerate(lines, start=1):
        if line.strip() and not line.startswith(("#", "track", "browser")):
            name, interval = _interval(line, build, source, number)
            found.setdefault(name, []).append(interval)
    if not found:
        raise InputError(
            "no_site_sets", "The file names no gene.", "Give a BED with a name in column 4.", source=source
        )
    return tuple(SiteSet(name, _together(intervals)) for name, intervals in found.items())


def _interval(line: str, build: Build, source: str, number: int) -> tuple[str, tuple[int, int]]:
    parts = line.rstrip("\r").split("\t")
    code = contig_code(parts[0]) if parts else 0
    if len(parts) < _COLUMNS or not (code and parts[1].isdigit() and parts[2].isdigit() and parts[3].strip()):
        raise InputError(
            "bad_bed",
            "A line must be a chromosome, start, end (0-based, end exclusive) and name, separated by tabs.",
            "Correct the line.",
            source=source,
            line=number,
        )
    start, end = int(parts[1]), int(parts[2])
    if not start < end <= contig_length(build, code):
        raise InputError(
            "wrong_build",
            f"{parts[0]}:{start}-{end} is empty or beyond the contig in {build}.",
            "Give the BED of the build that was counted in.",
            source=source,
            line=number,
        )
    return parts[3].strip(), (code << _CONTIG_SHIFT | start, code << _CONTIG_SHIFT | end)


def _together(intervals: Sequence[tuple[int, int]]) -> Intervals:
    bounds = np.array(intervals, dtype=np.int64)
    return Intervals.of(bounds[:, 0], bounds[:, 1])


def gene_sets(transcripts: TranscriptSet) -> tuple[SiteSet, ...]:
    """The exons of every gene with their flanks, by symbol: an order that no genotype decides."""
    found = []
    for symbol, members in sorted(transcripts.by_gene.items()):
        spans = [
            (
                one.contig << _CONTIG_SHIFT | max(start - FLANK_BASES, 0),
                one.contig << _CONTIG_SHIFT | min(end + FLANK_BASES, contig_length(transcripts.build, one.contig)),
            )
            for one in members
            for start, end in one.exons
        ]
        found.append(SiteSet(symbol, _together(spans)))
    return tuple(found)


def write_site_sets(path: Path, sets: Sequence[SiteSet]) -> None:
    """A BED as ``read_site_sets`` reads it, the sets in their order. Raises OSError; then there is no file."""
    rows = frame_of(sets).select("contig", "start0", "end0", "name").iter_rows()
    lines = [f"{CONTIGS[contig - 1]}\t{start}\t{end}\t{name}\n" for contig, start, end, name in rows]
    with new_file(path, 0o644) as written:
        written.write_text("".join(lines), encoding="utf-8")


def all_places(sets: Sequence[SiteSet]) -> Intervals:
    """Where a release of these sets tells anything."""
    return union([Intervals.empty(), *(chosen.places for chosen in sets)])


def set_of_sites(sets: Sequence[SiteSet], keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """The number of the first set that a site lies in, -1 for none; int64 [keys]."""
    place = places(key_contigs(keys), key_positions(keys))
    found = np.full(len(keys), -1, dtype=np.int64)
    for number in range(len(sets) - 1, -1, -1):
        intervals = sets[number].places
        for start, stop in zip(intervals.start.tolist(), intervals.stop.tolist(), strict=True):
            # Keys are sorted as places are: each interval is one stretch of them.
            found[np.searchsorted(place, start) : np.searchsorted(place, stop)] = number
    return found


SITE_SETS = pl.Schema({"name": pl.String(), "contig": pl.UInt8(), "start0": pl.UInt32(), "end0": pl.UInt32()})
"""Places of site sets, half-open."""


def frame_of(sets: Sequence[SiteSet]) -> pl.DataFrame:
    """``SITE_SETS``, in the order of priority."""
    frames = [chosen.places.frame().with_columns(name=pl.lit(chosen.name)) for chosen in sets]
    return pl.concat([SITE_SETS.to_frame(), *(frame.select(SITE_SETS.names()) for frame in frames)])


def sets_of(frame: pl.DataFrame) -> tuple[SiteSet, ...]:
    """The inverse of ``frame_of``."""
    parts = frame.partition_by("name", maintain_order=True)
    return tuple(SiteSet(part["name"][0], Intervals.from_frame(part)) for part in parts)
