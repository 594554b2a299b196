"""A counts folder: what it holds, as its manifest tells it, and how its sums are cut into segments.

::

    manifest.json             build, reference, gate, rules, people by cell, and the segments that count
    sums/<segment>/           an increment (``varde.frequency.increment``) with the lines of the runs behind it
    runs/<id>.parquet         one person's alleles; .callable.parquet and .structural.parquet beside it
    tracks/<digest>.parquet   intervals that several people share

The sums of the folder are the sum of its segments. A change writes one segment of its own size and then the manifest,
whose new name is the moment it happens; a segment swallows the ones after it as they grow to half its size, so there
are few, and one change costs, over time, what its own rows cost. ``varde.frequency.ledger`` makes the changes.
The nation's folder has no runs and tracks.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl

from varde.frequency import genotypes
from varde.frequency.callable_intervals import Intervals, intervals_digest
from varde.frequency.cells import Cell
from varde.frequency.damage import damaged, whole
from varde.frequency.genotypes import Gate
from varde.frequency.increment import Increment, read_increment, write_increment
from varde.frequency.ploidy import SEXES
from varde.frequency.run import write_parquet
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.keys import KEY_FORMAT
from varde.genome.pedigree import Sex
from varde.genome.references import Reference

FORMAT = 2
MANIFEST, SUMS, RUNS, TRACKS = "manifest.json", "sums", "runs", "tracks"

GATES: Mapping[Gate, Mapping[str, object]] = {
    Gate.ADJ: {
        "name": "adj",
        "source": "gnomAD, get_adj_expr",
        "genotype_quality_at_least": genotypes.MIN_GENOTYPE_QUALITY,
        "depth_x_at_least_diploid": genotypes.MIN_DEPTH_DIPLOID_X,
        "depth_x_at_least_haploid": genotypes.MIN_DEPTH_HAPLOID_X,
        "allele_balance_of_heterozygotes_at_least": 1 / genotypes.MAX_DEPTH_PER_ALTERNATE,
    },
    Gate.NONE: {"name": "none"},
}

RULES = {
    "allele_number": "people callable at the position of the allele (VCF POS, the anchor base of an indel)",
    "half_call": "not called",
    "haploid_call_where_two_are_expected": "not called",
    "heterozygous_call_where_one_is_expected": "not called, but on MT",
    "callable_intervals": "trimmed inward to blocks of 10 bases; places of a file of several people stay exact",
    "called_outside_callable_intervals": "counted for that allele alone",
    "x_and_y_of_unknown_sex": "not counted",
    "y_pseudoautosomal": "not counted; the sequence is counted on X",
    "mt": "one chromosome per person of any sex; homoplasmic (allele fraction from 0.95) in AC and nhemi, heteroplasmic"
    " (0.10 to 0.95) in nhet_mt, less is no observation (gnomAD v3.1)",
    "records_of_one_allele_that_disagree": "not called",
}
"""What the counts mean where the formats leave a choice; written into every manifest."""


class Status(StrEnum):
    """What a stored run is for. The place in this list is part of the stored format."""

    COUNTED = "counted"
    HELD_OUT = "held_out"  # only to measure what a release tells of people who are not in it
    RELATED = "related"  # kin of somebody counted; may be counted when that one leaves


RUN_LINES = pl.Schema(
    {
        "run": pl.String(),
        "cell": pl.UInt16(),
        "status": pl.Enum([str(status) for status in Status]),
        "tracks": pl.String(),
        "files": pl.String(),
        "contradictions": pl.Int32(),
        "bases_trimmed": pl.Int64(),
        "number": pl.Int32(),
    }
)
"""Lines of people, signed as increments are: ``number`` people of such a line. Several digests are joined by commas."""


@dataclass(frozen=True)
class StoredRun:
    """A person's line. ``files`` are digests of the files read for them.

    ``contradictions`` is the number of their alleles that records disagreed on, which counts as not called;
    ``bases_trimmed`` the callable bases outside whole blocks.
    """

    identifier: str
    cell: Cell
    tracks: tuple[str, ...]
    files: tuple[str, ...]
    contradictions: int
    bases_trimmed: int = 0
    status: Status = Status.COUNTED

    @property
    def sex(self) -> Sex:
        return self.cell.sex

    @classmethod
    def from_line(cls, line: Mapping[str, Any]) -> StoredRun:
        """From a row of ``RUN_LINES``."""
        tracks, files = (tuple(filter(None, line[name].split(","))) for name in ("tracks", "files"))
        cell, status = Cell.of_code(line["cell"]), Status(line["status"])
        return cls(line["run"], cell, tracks, files, line["contradictions"], line["bases_trimmed"], status)

    def as_line(self, number: int = 1) -> tuple[object, ...]:
        """A row of ``RUN_LINES``."""
        tracks, files = ",".join(self.tracks), ",".join(self.files)
        code, status = self.cell.code, str(self.status)
        return self.identifier, code, status, tracks, files, self.contradictions, self.bases_trimmed, number


@dataclass(frozen=True)
class Settings:
    """What all runs of a folder have in common. Counts of two settings are never added up."""

    build: Build
    gate: Gate
    passing_only: bool
    reference: str | None
    reference_sha256: str | None

    @classmethod
    def of(cls, build: Build, gate: Gate, reference: Reference | None, *, passing_only: bool) -> Settings:
        if reference is None:
            return cls(build, gate, passing_only, None, None)
        return cls(build, gate, passing_only, reference.name, cls.checksum_of(reference))

    @staticmethod
    def checksum_of(reference: Reference) -> str:
        """SHA-256 of the sequence that alleles are normalised with."""
        return reference.checksums[reference.fasta.name]

    def as_json(self) -> dict[str, object]:
        return {
            "build": str(self.build),
            "gate": GATES[self.gate],
            "passing_records_only": self.passing_only,
            "reference": {"name": self.reference, "sha256": self.reference_sha256} if self.reference else None,
            "normalised": "left-aligned and trimmed" if self.reference else "trimmed, not left-aligned (no reference)",
        }

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> Settings:
        reference = entry["reference"] or {"name": None, "sha256": None}
        return cls(
            Build(entry["build"]),
            Gate(entry["gate"]["name"]),
            entry["passing_records_only"],
            reference["name"],
            reference["sha256"],
        )

    def refuse_other(self, other: Settings) -> None:
        """Raise InputError ``other_settings`` when counts made so cannot be added to these."""
        for name, mine, theirs in (
            ("build", self.build, other.build),
            ("gate", self.gate, other.gate),
            ("passing records only", self.passing_only, other.passing_only),
            ("reference sequence", self.reference_sha256, other.reference_sha256),
        ):
            if mine != theirs:
                raise InputError(
                    "other_settings",
                    f"These counts were made with the {name} {mine}, and {theirs} was asked for.",
                    "Count with the same settings, or into another folder.",
                    field=name,
                )


@dataclass(frozen=True)
class Segment:
    """Part of the sums: an increment, the ``RUN_LINES`` behind it, and the tallies of the files read for them."""

    increment: Increment
    lines: pl.DataFrame = field(default_factory=RUN_LINES.to_frame)
    files: Mapping[str, Mapping[str, object]] = field(default_factory=dict)


def write_segment(folder: Path, segment: Segment) -> None:
    """Write a segment into a folder that exists."""
    write_increment(folder, segment.increment)
    if segment.lines.height:
        write_parquet(segment.lines, folder / "runs.parquet")
    if segment.files:
        text = json.dumps(segment.files, indent=1, sort_keys=True) + "\n"
        (folder / "files.json").write_text(text, encoding="utf-8")


def read_lines(folder: Path) -> pl.DataFrame:
    """``RUN_LINES`` of a segment. Raises InputError ``damaged``."""
    path = folder / "runs.parquet"
    if not path.exists():
        return RUN_LINES.to_frame()
    with whole(f"The list of runs in {SUMS}/{folder.name}", path.name):
        lines = pl.read_parquet(path, memory_map=False)
        if lines.schema != RUN_LINES:
            raise ValueError(f"it has the columns {', '.join(lines.columns)}")
        return lines


def read_files(folder: Path) -> dict[str, Mapping[str, object]]:
    """Tallies of the files of a segment, by digest. Raises InputError ``damaged``."""
    path = folder / "files.json"
    if not path.exists():
        return {}
    with whole(f"The list of files in {SUMS}/{folder.name}", path.name):
        return dict(json.loads(path.read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Contents:
    """The manifest of a folder. ``segments``: name and rows. ``cells``: people counted, by cell.

    ``digest``: 256 bits that depend on the people counted (in the nation: on the shards taken in), not on their order.
    ``accepted``: what the nation has taken in, in its order.
    """

    folder: Path
    settings: Settings
    holds_runs: bool = True
    segments: tuple[tuple[str, int], ...] = ()
    cells: Mapping[Cell, int] = field(default_factory=dict)
    statuses: Mapping[Status, int] = field(default_factory=dict)
    digest: str = "0" * 64
    accepted: tuple[Mapping[str, object], ...] = ()

    @property
    def people(self) -> int:
        """People counted."""
        return sum(self.cells.values())

    def as_json(self) -> dict[str, object]:
        by_sex = {str(sex): sum(n for cell, n in self.cells.items() if cell.sex is sex) for sex in SEXES}
        return {
            "format": "varde-counts",
            "format_version": FORMAT,
            "key_format": KEY_FORMAT,
            "software": f"varde {version('varde')}",
            **self.settings.as_json(),
            "rules": RULES,
            "holds_runs": self.holds_runs,
            "people": {"total": self.people, **by_sex},
            "cells": {str(cell.code): self.cells[cell] for cell in sorted(self.cells, key=lambda cell: cell.code)},
            "statuses": {str(status): self.statuses.get(status, 0) for status in Status},
            "digest": self.digest,
            "accepted": list(self.accepted),
            "segments": [list(segment) for segment in self.segments],
        }

    def segment_folders(self) -> list[Path]:
        return [self.folder / SUMS / name for name, _ in self.segments]

    def lines(self) -> pl.DataFrame:
        """``RUN_LINES`` of everybody in the folder. Raises InputError ``damaged`` unless it is as the manifest says."""
        lines = added_lines([read_lines(folder) for folder in self.segment_folders()])
        by_status = lines.group_by("status").agg(pl.col("number").sum()).rows()
        found = {Status(status): number for status, number in by_status}
        if found != self.statuses:
            told, are = sum(self.statuses.values()), sum(found.values())
            problem = f"have {are:,} people, by status not the {told:,} of {MANIFEST}"
            raise damaged(f"The lists of runs in {SUMS}", problem, "runs.parquet")
        return lines

    @cached_property
    def runs(self) -> tuple[StoredRun, ...]:
        """Everybody's line, sorted by run; as of the manifest, unless the folder has changed since."""
        rows = self.lines().iter_rows(named=True)
        return tuple(StoredRun.from_line(row) for row in rows for _ in range(row["number"]))

    @cached_property
    def files(self) -> dict[str, Mapping[str, object]]:
        """Tallies of the files read for the runs, by digest."""
        found = {digest: tally for folder in self.segment_folders() for digest, tally in read_files(folder).items()}
        return used_files(found, self.lines())

    def read_increment(self, only: Collection[str] | None = None) -> Increment:
        """The sum of the segments, or of ``only`` some of the increment's tables."""
        parts = [read_increment(folder, only) for folder in self.segment_folders()]
        return parts[0] if len(parts) == 1 else Increment.merged(self.settings.build, parts)

    def read_track(self, digest: str) -> pl.DataFrame:
        """A track, as ``Intervals.frame``. Raises InputError ``damaged`` when its content is not that of its name."""
        path = self.folder / TRACKS / f"{digest}.parquet"
        with whole(f"Track {digest}", path.name):
            frame = pl.read_parquet(path, memory_map=False)
            found = intervals_digest(Intervals.from_frame(frame))
        if found != digest:
            raise damaged(f"Track {digest}", f"holds another content, whose digest is {found}", path.name)
        return frame


def added_lines(tables: list[pl.DataFrame]) -> pl.DataFrame:
    """The sum of ``RUN_LINES``, sorted."""
    index = [name for name in RUN_LINES.names() if name != "number"]
    summed = pl.concat([RUN_LINES.to_frame(), *tables]).group_by(index).agg(pl.col("number").sum())
    return summed.filter(pl.col("number") != 0).sort(index).select(RUN_LINES.names())


def used_files(files: Mapping[str, Mapping[str, object]], lines: pl.DataFrame) -> dict[str, Mapping[str, object]]:
    """Only the files that lines name."""
    used = set(lines["files"].str.split(",").explode().to_list())
    return {digest: files[digest] for digest in sorted(files) if digest in used}


def read_manifest(folder: Path) -> Contents:
    """The manifest.

    Raises InputError ``no_counts`` when the folder is none of ours, ``unknown_format`` for another, ``damaged``.
    """
    try:
        entries = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        found = entries["format"], entries["format_version"], entries["key_format"]
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(
            "no_counts",
            f"{folder.name!r} holds no counts: {MANIFEST} is not there or cannot be read.",
            "Give the folder that 'varde count --out' wrote.",
            source=folder.name,
        ) from None
    if found != ("varde-counts", FORMAT, KEY_FORMAT):
        raise InputError(
            "unknown_format",
            f"The counts have the format {found}, expected {('varde-counts', FORMAT, KEY_FORMAT)}.",
            "Count again with this version of Varde.",
            source=MANIFEST,
        )
    with whole(f"The manifest of {folder.name!r}", MANIFEST):
        return Contents(
            folder,
            Settings.from_json(entries),
            entries["holds_runs"],
            tuple((name, rows) for name, rows in entries["segments"]),
            {Cell.of_code(int(code)): people for code, people in entries["cells"].items()},
            {Status(status): number for status, number in entries["statuses"].items() if number},
            entries["digest"],
            tuple(entries["accepted"]),
        )
