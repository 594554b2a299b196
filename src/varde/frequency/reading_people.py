"""People as files tell of them: how to count, what was given of each person, and a run made of all of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from varde.frequency.callable_intervals import Tracks, read_callable_bed, trimmed_inward
from varde.frequency.calling import Caller, called_batches
from varde.frequency.cells import Cell
from varde.frequency.genotypes import Gate
from varde.frequency.person import assemble_run
from varde.frequency.reading import FileReader, FileReading, file_digest
from varde.frequency.run import Run
from varde.frequency.sex_check import refuse_contradiction
from varde.frequency.store import Settings, StoredRun
from varde.frequency.structural import structural_calls
from varde.frequency.structural_clusters import one_of_each
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.keys import check_collisions
from varde.genome.pedigree import Sex
from varde.genome.references import Reference
from varde.genome.vcf import read_header

Progress = Callable[[int], None]


@dataclass(frozen=True)
class CallableBed:
    """Where a person was callable, from the laboratory; ``sample`` None is everybody. Absent there is reference."""

    path: Path
    sample: str | None = None


@dataclass(frozen=True)
class StructuralVcf:
    """A VCF of a method that sees structural variants; ``sample`` None is everybody whose name is in it."""

    path: Path
    sample: str | None = None


@dataclass(frozen=True)
class Counting:
    """How to count: one reference build, one gate, and the reference sequence for normalisation, if there is one."""

    build: Build
    gate: Gate = Gate.ADJ
    reference: Reference | None = None
    passing_only: bool = False

    def __post_init__(self) -> None:
        if self.reference is not None and self.reference.build is not self.build:
            raise InputError(
                "build_mismatch",
                f"Build {self.build} was asked for, and reference {self.reference.name} is {self.reference.build}.",
                "Give one of the two.",
                field="--build",
            )

    @property
    def settings(self) -> Settings:
        return Settings.of(self.build, self.gate, self.reference, passing_only=self.passing_only)


@dataclass(frozen=True)
class CountedPerson:
    """A person's run with their line."""

    sample: str
    run: Run
    stored: StoredRun


def check_given(vcfs: Sequence[str | Path]) -> None:
    """Raise InputError ``no_input`` or ``standard_input``."""
    if not vcfs:
        raise InputError("no_input", "No VCF was given.", "Give at least one with --vcf.", field="--vcf")
    if "-" in map(str, vcfs):
        raise InputError(
            "standard_input",
            "Counts name their files by checksum, and standard input cannot be read a second time for it.",
            "Write the stream to a file first.",
            field="--vcf",
        )


def refuse_again(digest: str, before: Sequence[str], source: str) -> None:
    """Raise InputError ``same_file_twice`` for the digest of a file that is one of those before."""
    if digest in before:
        raise InputError(
            "same_file_twice",
            "The same content was given twice, and everybody in it would be read twice.",
            "Give each file once.",
            source=source,
            field="--vcf",
        )


def samples_of(path: Path) -> tuple[str, ...]:
    """Names of the samples of a file. Raises InputError ``no_samples`` and as ``read_header``."""
    samples = read_header(path).samples
    if not samples:
        raise InputError(
            "no_samples", "The file has no sample.", "Give a VCF with genotypes.", source=path.name, field="#CHROM"
        )
    return samples


def read_files(
    vcfs: Sequence[str | Path],
    sample: str | None,
    cells: Mapping[str, Cell] | None,
    counting: Counting,
    progress: Progress | None,
) -> list[FileReading]:
    """Every file, or of every file one sample, in the order of their digests."""
    check_given(vcfs)
    readings: list[FileReading] = []
    for vcf in vcfs:
        shown = counting_on(progress, sum(reading.records for reading in readings))
        reading = _read_file(Path(vcf), sample, cells, counting, shown)
        refuse_again(reading.digest, [before.digest for before in readings], Path(vcf).name)
        readings.append(reading)
    return sorted(readings, key=lambda reading: reading.digest)


def counting_on(progress: Progress | None, done: int) -> Progress | None:
    """``progress`` of another file, after ``done`` records of those before."""
    return None if progress is None else lambda records: progress(done + records)


def _read_file(
    path: Path,
    sample: str | None,
    cells: Mapping[str, Cell] | None,
    counting: Counting,
    progress: Progress | None,
) -> FileReading:
    written = samples_of(path) if sample is None else read_header(path).samples
    samples = written if sample is None else (sample,)
    sex = np.array([cell_of(name, cells, path.name).sex_column for name in samples])
    caller = Caller(
        sex, counting.build, counting.gate, passing_only=counting.passing_only, reference=counting.reference
    )
    reader = FileReader(samples, caller, joint=len(written) > 1)
    try:
        for called in called_batches(path, caller, samples):
            reader.add(called)
            if progress is not None:
                progress(caller.records)
        return reader.finish(file_digest(path), path.name)
    except InputError as error:
        raise error if error.source else replace(error, source=path.name) from error


def cell_of(name: str, cells: Mapping[str, Cell] | None, source: str) -> Cell:
    if cells is None:
        return Cell(Sex.UNKNOWN)
    if name not in cells:
        raise InputError(
            "sample_not_in_ped",
            f"Sample {name!r} is not in the pedigree or table of people.",
            "Add a line for this person, with sex 0 (in a table: unknown) when it is not known; without either X and Y "
            "are not counted.",
            source=source,
            field="--ped",
        )
    return cells[name]


def count_people(
    readings: Sequence[FileReading],
    cells: Mapping[str, Cell] | None,
    beds: Sequence[CallableBed],
    structural: Sequence[StructuralVcf],
    tracks: Tracks,
    counting: Counting,
) -> list[CountedPerson]:
    """Everybody in the readings."""
    check_collisions(pl.concat([reading.side for reading in readings]))
    _refuse_strangers("structural variants", "--structural", structural, readings)
    _refuse_strangers("callable intervals", "--callable", beds, readings)
    said: dict[str, list[tuple[FileReading, int]]] = {}
    for reading in readings:
        for index, name in enumerate(reading.samples):
            said.setdefault(name, []).append((reading, index))
    given = _given_tracks(beds, tracks, counting.build)
    places = {reading.digest: tracks.add(reading.spans) for reading in readings if reading.joint}
    people = []
    for name, parts in said.items():
        own = tuple(sorted({*given.get(None, ()), *given.get(name, ())}))
        joint = tuple(sorted({places[reading.digest] for reading, _ in parts if reading.joint}))
        cell = cell_of(name, cells, "")
        refuse_contradiction(name, cell.sex, np.sum([reading.signs[index] for reading, index in parts], axis=0))
        calls = _structural_calls(name, cell, structural, counting)
        made = assemble_run(
            parts, own, joint, tracks, build=counting.build, gate=counting.gate, cell=cell, structural=calls
        )
        files = tuple(reading.digest for reading, _ in parts)
        run = made.run
        stored = StoredRun(run.identifier, cell, run.tracks, files, made.contradictions, made.bases_trimmed)
        people.append(CountedPerson(name, run, stored))
    return people


def _structural_calls(name: str, cell: Cell, files: Sequence[StructuralVcf], counting: Counting) -> pl.DataFrame | None:
    """A person's structural calls in all files, one of each event; None when no file is of them."""
    found = [
        structural_calls(file.path, name, cell, counting.gate, build=counting.build).calls
        for file in files
        if name == file.sample or (file.sample is None and name in read_header(file.path).samples)
    ]
    if not found:
        return None
    return one_of_each(pl.concat(found))


def _refuse_strangers(
    what: str, option: str, given: Sequence[CallableBed | StructuralVcf], readings: Sequence[FileReading]
) -> None:
    people = {name for reading in readings for name in reading.samples}
    for file in given:
        if file.sample is not None and file.sample not in people:
            raise InputError(
                "unknown_sample",
                f"A file of {what} was given for {file.sample!r}, who is in none of the files.",
                f"The files have {', '.join(sorted(people)[:5])}{' and others' if len(people) > 5 else ''}.",
                source=file.path.name,
                field=option,
            )


def _given_tracks(beds: Sequence[CallableBed], tracks: Tracks, build: Build) -> dict[str | None, list[str]]:
    """Digests of the callable intervals given, by sample; None is everybody."""
    given: dict[str | None, list[str]] = {}
    for bed in beds:
        intervals = trimmed_inward(read_callable_bed(bed.path, build))
        given.setdefault(bed.sample, []).append(tracks.add(intervals))
    return given
