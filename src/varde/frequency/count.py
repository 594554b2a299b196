"""Counting people from VCF files into a counts folder, adding one person to it and taking one out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from varde.frequency.callable_intervals import Intervals, read_callable_bed
from varde.frequency.genotypes import Gate
from varde.frequency.person import Tracks, assemble_run
from varde.frequency.ploidy import SEXES
from varde.frequency.reading import FileReader, FileReading, file_digest
from varde.frequency.run import Run
from varde.frequency.store import (
    Contents,
    Settings,
    StoredRun,
    drop_unused,
    exclusively,
    read_manifest,
    store_runs,
    write_sums,
)
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.keys import check_collisions
from varde.genome.new_folder import new_folder
from varde.genome.normalise import normalise, with_keys
from varde.genome.pedigree import Sex
from varde.genome.references import Reference
from varde.genome.vcf import read_header, read_vcf

Progress = Callable[[int], None]


@dataclass(frozen=True)
class CallableBed:
    """Where a person was callable, from the laboratory; ``sample`` None is everybody. Absent there is reference."""

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
class _Counted:
    """A person's run with what the manifest says about it."""

    run: Run
    stored: StoredRun


def count(
    vcfs: Sequence[str | Path],
    *,
    out: str | Path,
    counting: Counting,
    sexes: Mapping[str, Sex] | None = None,
    callable_beds: Sequence[CallableBed] = (),
    progress: Progress | None = None,
) -> Contents:
    """Count everybody in the files into the new folder ``out``; people are told apart by their sample names.

    Without ``sexes`` nobody's sex is known, and X and Y are not counted. Where a file has no record, a person counts as
    reference inside ``callable_beds`` and reference blocks, and not at all elsewhere. The sums depend neither on the
    order of the files nor on names. ``progress`` is called with the number of records read so far.

    Raises InputError and leaves nothing behind: the codes of ``read_vcf`` and ``normalise``, and ``no_input``,
    ``standard_input``, ``no_samples``, ``same_file_twice``, ``sample_not_in_ped``, ``unknown_sample``,
    ``gate_values_missing``, ``key_collision``, ``out_exists``, ``out_not_writable``.
    """
    with new_folder(Path(out)) as folder:
        readings = _read_files(vcfs, None, sexes, counting, progress)
        tracks = Tracks.none()
        people = _count_people(readings, sexes, callable_beds, tracks, counting)
        contents = Contents(counting.settings, (), {}).with_runs([p.stored for p in people], _tallies(readings))
        store_runs(folder, [person.run for person in people], tracks)
        write_sums(folder, contents)
    return contents


def add_person(
    folder: str | Path,
    vcfs: Sequence[str | Path],
    *,
    sample: str,
    sex: Sex,
    counting: Counting,
    callable_beds: Sequence[CallableBed] = (),
    progress: Progress | None = None,
) -> str:
    """Count one sample of the files into a counts folder, which is made when it does not exist; the run's identifier.

    The identifier is what ``remove_person`` needs. Two people of equal content have the same one, and either stands for
    the other. Raises InputError as ``count``, and ``other_settings``; the folder is then as it was.
    """
    folder = Path(folder)
    if not folder.exists():
        with new_folder(folder) as partial:
            write_sums(partial, Contents(counting.settings, (), {}))
    with exclusively(folder):
        contents = read_manifest(folder)
        contents.settings.refuse_other(counting.settings)
        readings = _read_files(vcfs, sample, {sample: sex}, counting, progress)
        tracks = Tracks.none()
        (person,) = _count_people(readings, {sample: sex}, callable_beds, tracks, counting)
        # Another person's reading of the same file stays beside this one.
        tallies = {f"{digest}:{person.run.identifier}": tally for digest, tally in _tallies(readings).items()}
        enlarged = contents.with_runs([replace(person.stored, files=tuple(tallies))], tallies)
        try:
            store_runs(folder, [person.run], tracks)
            write_sums(folder, enlarged)
        except BaseException:
            drop_unused(folder, read_manifest(folder))
            raise
    return person.run.identifier


def remove_person(folder: str | Path, run: str) -> None:
    """Take one person of this run out. The sums are then, byte by byte, those of a folder that never had them.

    Raises InputError ``unknown_run`` and ``no_counts``; nothing is then changed.
    """
    folder = Path(folder)
    with exclusively(folder):
        contents = read_manifest(folder).without_run(run)
        write_sums(folder, contents)
        drop_unused(folder, contents)


def sum_again(folder: str | Path) -> None:
    """Make the sums anew from the runs that the manifest names, after an interruption; files it does not name go."""
    folder = Path(folder)
    with exclusively(folder):
        contents = read_manifest(folder)
        write_sums(folder, contents)
        drop_unused(folder, contents)


def _read_files(
    vcfs: Sequence[str | Path],
    sample: str | None,
    sexes: Mapping[str, Sex] | None,
    counting: Counting,
    progress: Progress | None,
) -> list[FileReading]:
    """Every file, or of every file one sample, in the order of their digests."""
    if not vcfs:
        raise InputError("no_input", "No VCF was given.", "Give at least one with --vcf.", field="--vcf")
    readings: list[FileReading] = []
    for vcf in vcfs:
        if str(vcf) == "-":
            raise InputError(
                "standard_input",
                "Counts name their files by checksum, and standard input cannot be read a second time for it.",
                "Write the stream to a file first.",
                field="--vcf",
            )
        done = sum(reading.records for reading in readings)
        shown = None if progress is None else _counting_on(progress, done)
        readings.append(_read_file(Path(vcf), sample, sexes, counting, shown))
        if readings[-1].digest in {reading.digest for reading in readings[:-1]}:
            raise InputError(
                "same_file_twice",
                "The same content was given twice, and everybody in it would be read twice.",
                "Give each file once.",
                source=Path(vcf).name,
                field="--vcf",
            )
    return sorted(readings, key=lambda reading: reading.digest)


def _tallies(readings: Sequence[FileReading]) -> dict[str, dict[str, object]]:
    return {reading.digest: reading.tally() for reading in readings}


def _counting_on(progress: Progress, done: int) -> Progress:
    return lambda records: progress(done + records)


def _read_file(
    path: Path,
    sample: str | None,
    sexes: Mapping[str, Sex] | None,
    counting: Counting,
    progress: Progress | None,
) -> FileReading:
    samples = (sample,) if sample is not None else read_header(path).samples
    if not samples:
        raise InputError(
            "no_samples", "The file has no sample.", "Give a VCF with genotypes.", source=path.name, field="#CHROM"
        )
    sex = np.array([SEXES.index(_sex(name, sexes, path.name)) for name in samples], dtype=np.uint8)
    reader = FileReader(samples, sex, counting.build, counting.gate, passing_only=counting.passing_only)
    try:
        for table in read_vcf(path, build=counting.build, samples=samples, progress=progress):
            reader.add(normalise(table, counting.reference) if counting.reference else with_keys(table))
        return reader.finish(file_digest(path), path.name)
    except InputError as error:
        raise error if error.source else replace(error, source=path.name) from error


def _sex(name: str, sexes: Mapping[str, Sex] | None, source: str) -> Sex:
    if sexes is None:
        return Sex.UNKNOWN
    if name not in sexes:
        raise InputError(
            "sample_not_in_ped",
            f"Sample {name!r} is not in the pedigree.",
            "Add a line for this person, with sex 0 when it is not known; without --ped X and Y are not counted.",
            source=source,
            field="--ped",
        )
    return sexes[name]


def _count_people(
    readings: Sequence[FileReading],
    sexes: Mapping[str, Sex] | None,
    beds: Sequence[CallableBed],
    tracks: Tracks,
    counting: Counting,
) -> list[_Counted]:
    """Everybody in the readings."""
    check_collisions(pl.concat([reading.side for reading in readings]))
    said: dict[str, list[tuple[FileReading, int]]] = {}
    for reading in readings:
        for index, name in enumerate(reading.samples):
            said.setdefault(name, []).append((reading, index))
    given = _given_tracks(beds, said, tracks, counting.build)
    places = {reading.digest: tracks.add(reading.spans) for reading in readings if reading.joint}
    people = []
    for name, parts in said.items():
        shared = {*given.get(None, ()), *given.get(name, ())}
        shared |= {places[reading.digest] for reading, _ in parts if reading.joint}
        sex = _sex(name, sexes, "")
        run, contradictions = assemble_run(
            parts, tuple(sorted(shared)), tracks, build=counting.build, gate=counting.gate, sex=sex
        )
        files = tuple(reading.digest for reading, _ in parts)
        people.append(_Counted(run, StoredRun(run.identifier, sex, run.tracks, files, contradictions)))
    return people


def _given_tracks(
    beds: Sequence[CallableBed], people: Mapping[str, object], tracks: Tracks, build: Build
) -> dict[str | None, list[str]]:
    """Digests of the callable intervals given, by sample; None is everybody."""
    given: dict[str | None, list[str]] = {}
    for bed in beds:
        if bed.sample is not None and bed.sample not in people:
            raise InputError(
                "unknown_sample",
                f"Callable intervals were given for {bed.sample!r}, who is in none of the files.",
                f"The files have {', '.join(sorted(people)[:5])}{' and others' if len(people) > 5 else ''}.",
                source=bed.path.name,
                field="--callable",
            )
        intervals: Intervals = read_callable_bed(bed.path, build)
        given.setdefault(bed.sample, []).append(tracks.add(intervals))
    return given
