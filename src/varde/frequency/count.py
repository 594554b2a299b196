"""Counting people from VCF files into a counts folder, adding one person to it and taking one out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from varde.frequency.callable_intervals import Tracks, read_callable_bed, trimmed_inward
from varde.frequency.cells import Assay, Cell, DiseaseGroup
from varde.frequency.genotypes import Gate
from varde.frequency.increment import STRUCTURAL, Increment, run_increment, sum_runs
from varde.frequency.ledger import (
    append,
    changing,
    compact,
    create,
    drop_run,
    read_stored,
    read_tracks,
    replace_sums,
    store_runs,
    sweep,
)
from varde.frequency.person import assemble_run
from varde.frequency.reading import FileReader, FileReading, file_digest
from varde.frequency.run import Alleles, Run, read_alleles
from varde.frequency.sex_check import refuse_contradiction
from varde.frequency.store import (
    RUN_LINES,
    RUNS,
    Contents,
    Segment,
    Settings,
    Status,
    StoredRun,
    added_lines,
    read_manifest,
)
from varde.frequency.structural import structural_calls
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.keys import check_collisions
from varde.genome.new_folder import new_folder
from varde.genome.normalise import normalise, with_keys
from varde.genome.pedigree import Sex
from varde.genome.references import Reference
from varde.genome.vcf import read_header, read_vcf

__all__ = [
    "CallableBed",
    "Counting",
    "StructuralVcf",
    "add_person",
    "add_run",
    "compact",
    "count",
    "remove_person",
    "runs_of",
    "set_status",
    "sum_again",
]

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
class _Counted:
    """A person's run with their line."""

    sample: str
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
    cells: Mapping[str, Cell] | None = None,
    structural: Sequence[StructuralVcf] = (),
    status: Status = Status.COUNTED,
    tell: Callable[[Mapping[str, str]], None] | None = None,
) -> Contents:
    """Count everybody in the files into the new folder ``out``; people are told apart by their sample names.

    ``cells`` (sex, disease group, assay), or ``sexes`` alone, by sample. Without them nobody's sex is known, and X and
    Y are not counted. Where a file has no record, a person counts as reference inside ``callable_beds`` and reference
    blocks, and not at all elsewhere. Structural variants are counted of people with a file in ``structural``. The sums
    depend neither on the order of the files nor on names. ``progress`` is called with the number of records read.
    With the ``status`` held out the people are stored to measure releases with, and are in no sum. ``tell`` is called
    with the run of each sample, which the folder does not hold; when it raises, nothing is counted.

    Raises InputError and leaves nothing behind: the codes of ``read_vcf`` and ``normalise``, and ``no_input``,
    ``standard_input``, ``no_samples``, ``same_file_twice``, ``sample_not_in_ped``, ``unknown_sample``,
    ``gate_values_missing``, ``sex_contradicts_data``, ``key_collision``, ``out_exists``, ``out_not_writable``.
    """
    if cells is None and sexes is not None:
        cells = {name: Cell(sex) for name, sex in sexes.items()}
    with new_folder(Path(out)) as folder:
        readings = _read_files(vcfs, None, cells, counting, progress)
        tracks = Tracks()
        people = _count_people(readings, cells, callable_beds, structural, tracks, counting)
        contents = create(folder, counting.settings)
        store_runs(folder, [person.run for person in people], tracks)
        counted = [person.run for person in people if status is Status.COUNTED]
        lines = _lines([replace(person.stored, status=status) for person in people])
        increment = sum_runs(counting.build, counted, tracks)
        contents = append(contents, Segment(increment, lines, _tallies(readings)))
        if tell is not None:
            tell({person.sample: person.run.identifier for person in people})
    return replace(contents, folder=Path(out))


def add_person(
    folder: str | Path,
    vcfs: Sequence[str | Path],
    *,
    sample: str,
    sex: Sex,
    counting: Counting,
    callable_beds: Sequence[CallableBed] = (),
    progress: Progress | None = None,
    group: DiseaseGroup = DiseaseGroup.UNSPECIFIED,
    assay: Assay = Assay.UNSPECIFIED,
    status: Status = Status.COUNTED,
    structural: Sequence[StructuralVcf] = (),
) -> str:
    """Take one sample of the files into a counts folder, which is made when it does not exist; the run's identifier.

    The identifier is what ``remove_person`` needs. Two people of equal content have the same one, and either stands for
    the other. The cost is that of the person's own data. Raises InputError as ``count``, and ``other_settings``; the
    folder is then as it was.
    """
    folder, cells = Path(folder), {sample: Cell(sex, group, assay)}
    if folder.exists():
        read_manifest(folder).settings.refuse_other(counting.settings)
    readings = _read_files(vcfs, sample, cells, counting, progress)
    tracks = Tracks()
    (person,) = _count_people(readings, cells, callable_beds, structural, tracks, counting)
    # Another person's reading of the same file stays beside this one.
    files = {f"{digest}:{person.run.identifier}": tally for digest, tally in _tallies(readings).items()}
    stored = replace(person.stored, files=tuple(files), status=status)
    if not folder.exists():
        with new_folder(folder) as partial:
            create(partial, counting.settings)
    add_run(folder, person.run, tracks, stored, files, settings=counting.settings)
    return person.run.identifier


def add_run(
    folder: str | Path,
    run: Run,
    tracks: Tracks,
    stored: StoredRun,
    files: Mapping[str, Mapping[str, object]],
    *,
    settings: Settings,
) -> None:
    """Take a run that is made into a counts folder. Raises InputError ``other_settings``, ``key_collision``."""
    folder = Path(folder)
    with changing(folder) as contents:
        contents.settings.refuse_other(settings)
        counted = stored.status is Status.COUNTED
        increment = run_increment(run, tracks) if counted else Increment.empty(run.build)
        store_runs(folder, [run], tracks)
        append(contents, Segment(increment, _lines([stored]), files))


def remove_person(folder: str | Path, run: str, *, status: Status | None = None) -> None:
    """Take one person of this run out, at the cost of their own data.

    After ``compact`` the sums are, byte by byte, those of a folder that never had them; until then the folder keeps
    what adding and taking away wrote. ``status``: of several people of equal content, one of this. Raises InputError
    ``unknown_run`` and ``no_counts``; nothing is then changed.
    """
    with changing(Path(folder)) as contents:
        stored = _find(contents, run, status)
        changed = append(contents, _moved(contents, stored, None))
        drop_run(changed, stored)


def set_status(folder: str | Path, run: str, status: Status) -> None:
    """Count a stored person, hold them out, or set them aside as kin. Raises InputError as ``remove_person``."""
    with changing(Path(folder)) as contents:
        stored = _find(contents, run, None)
        if stored.status is not status:
            append(contents, _moved(contents, stored, status))


def runs_of(folder: str | Path, status: Status | None = None) -> Iterator[tuple[str, Cell, Alleles]]:
    """Identifier, cell and alleles of everybody in a folder, or of those of one status, in the order of runs."""
    contents = read_manifest(Path(folder))
    for stored in contents.runs:
        if status is None or stored.status is status:
            yield stored.identifier, stored.cell, read_alleles(contents.folder / RUNS, stored.identifier)


def sum_again(folder: str | Path) -> None:
    """Make the sums anew from the runs themselves, as a check or a repair; files that are not named go."""
    with changing(Path(folder)) as contents:
        counted = [stored for stored in contents.runs if stored.status is Status.COUNTED]
        tracks = read_tracks(contents, {digest for stored in counted for digest in stored.tracks})
        runs = (read_stored(contents, stored) for stored in counted)
        increment = sum_runs(contents.settings.build, runs, tracks)
        sweep(replace_sums(contents, Segment(increment, contents.lines(), contents.files)))


def _find(contents: Contents, run: str, status: Status | None) -> StoredRun:
    """A person of this run, of this status or else of the first there is."""
    rows = contents.lines().filter(pl.col("run") == run).sort("status").iter_rows(named=True)
    found = [stored for stored in map(StoredRun.from_line, rows) if status in (None, stored.status)]
    if not found:
        raise InputError(
            "unknown_run",
            f"No run {run} is counted here.",
            "Give the identifier that adding the person gave.",
            field="run",
        )
    return found[0]


def _moved(contents: Contents, stored: StoredRun, status: Status | None) -> Segment:
    """What changes when a person gets another status, or none."""
    lines = [stored.as_line(-1)] + ([replace(stored, status=status).as_line()] if status else [])
    increment = Increment.empty(contents.settings.build)
    if Status.COUNTED in (stored.status, status):
        tracks = read_tracks(contents, stored.tracks)
        increment = run_increment(read_stored(contents, stored), tracks)
        increment = increment if status is Status.COUNTED else increment.negated()
    return Segment(increment, added_lines([pl.DataFrame(lines, schema=RUN_LINES, orient="row")]))


def _lines(people: Sequence[StoredRun]) -> pl.DataFrame:
    rows = [person.as_line() for person in people]
    return added_lines([pl.DataFrame(rows, schema=RUN_LINES, orient="row")])


def _read_files(
    vcfs: Sequence[str | Path],
    sample: str | None,
    cells: Mapping[str, Cell] | None,
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
        readings.append(_read_file(Path(vcf), sample, cells, counting, shown))
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
    cells: Mapping[str, Cell] | None,
    counting: Counting,
    progress: Progress | None,
) -> FileReading:
    written = read_header(path).samples
    samples = written if sample is None else (sample,)
    if not samples:
        raise InputError(
            "no_samples", "The file has no sample.", "Give a VCF with genotypes.", source=path.name, field="#CHROM"
        )
    sex = np.array([_cell(name, cells, path.name).sex_column for name in samples], dtype=np.uint8)
    reader = FileReader(
        samples, sex, counting.build, counting.gate, passing_only=counting.passing_only, joint=len(written) > 1
    )
    try:
        for table in read_vcf(path, build=counting.build, samples=samples, progress=progress):
            reader.add(normalise(table, counting.reference) if counting.reference else with_keys(table))
        return reader.finish(file_digest(path), path.name)
    except InputError as error:
        raise error if error.source else replace(error, source=path.name) from error


def _cell(name: str, cells: Mapping[str, Cell] | None, source: str) -> Cell:
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


def _count_people(
    readings: Sequence[FileReading],
    cells: Mapping[str, Cell] | None,
    beds: Sequence[CallableBed],
    structural: Sequence[StructuralVcf],
    tracks: Tracks,
    counting: Counting,
) -> list[_Counted]:
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
        cell = _cell(name, cells, "")
        refuse_contradiction(name, cell.sex, np.sum([reading.signs[index] for reading, index in parts], axis=0))
        calls = _structural_calls(name, cell, structural, counting)
        made = assemble_run(
            parts, own, joint, tracks, build=counting.build, gate=counting.gate, cell=cell, structural=calls
        )
        files = tuple(reading.digest for reading, _ in parts)
        run = made.run
        stored = StoredRun(run.identifier, cell, run.tracks, files, made.contradictions, made.bases_trimmed)
        people.append(_Counted(name, run, stored))
    return people


def _structural_calls(name: str, cell: Cell, files: Sequence[StructuralVcf], counting: Counting) -> pl.DataFrame | None:
    """A person's structural calls in all files, each once; None when no file is of them."""
    found = [
        structural_calls(file.path, name, cell, counting.gate, build=counting.build).calls
        for file in files
        if name == file.sample or (file.sample is None and name in read_header(file.path).samples)
    ]
    if not found:
        return None
    index = [column for column in STRUCTURAL.names() if column not in ("het", "hom", "hemi")]
    return pl.concat(found).sort(STRUCTURAL.names()).unique(index, keep="last", maintain_order=True)


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
