"""Counting people from VCF files into a counts folder, adding one person to it and taking one out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from varde.frequency.callable_intervals import Tracks
from varde.frequency.cells import Assay, Cell, DiseaseGroup
from varde.frequency.cohort import CohortCounts, CohortReader
from varde.frequency.increment import Increment, run_increment, sum_runs
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
from varde.frequency.reading import FileReading, file_digest
from varde.frequency.reading_people import (
    CallableBed,
    Counting,
    Progress,
    StructuralVcf,
    cell_of,
    check_given,
    count_people,
    counting_on,
    read_files,
    refuse_again,
    samples_of,
)
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
from varde.genome.errors import InputError
from varde.genome.new_folder import new_folder
from varde.genome.pedigree import Sex

__all__ = [
    "CallableBed",
    "Counting",
    "StructuralVcf",
    "add_person",
    "add_run",
    "compact",
    "count",
    "count_sums",
    "remove_person",
    "runs_of",
    "set_status",
    "sum_again",
]


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
        readings = read_files(vcfs, None, cells, counting, progress)
        tracks = Tracks()
        people = count_people(readings, cells, callable_beds, structural, tracks, counting)
        contents = create(folder, counting.settings)
        store_runs(folder, [person.run for person in people], tracks)
        counted = [person.run for person in people if status is Status.COUNTED]
        lines = _lines([replace(person.stored, status=status) for person in people])
        increment = sum_runs(counting.build, counted, tracks)
        contents = append(contents, Segment(increment, lines, _tallies(readings)))
        if tell is not None:
            tell({person.sample: person.run.identifier for person in people})
    return replace(contents, folder=Path(out))


def count_sums(
    vcfs: Sequence[str | Path],
    *,
    out: str | Path,
    counting: Counting,
    cells: Mapping[str, Cell] | None = None,
    progress: Progress | None = None,
) -> Contents:
    """Add up files of several people each into the new folder ``out``: the sums of ``count`` without runs, and faster.

    Nobody can be taken out of these sums, measured against a release, or found to be somebody's twin; what was read of
    each file stands in ``accepted`` of the manifest. The order of the files does not matter.

    Raises InputError as ``count``, and ``one_person`` and ``person_in_two_files``: of neither are sums enough.
    """
    check_given(vcfs)
    people = _people_of_files([Path(vcf) for vcf in vcfs])
    entries: dict[str, dict[str, object]] = {}
    parts: list[Increment] = []
    with new_folder(Path(out)) as folder:
        for vcf, samples in people.items():
            counts, digest = _sum_file(vcf, samples, cells, counting, progress)
            refuse_again(digest, list(entries), vcf.name)
            entries[digest] = {"digest": digest, **counts.tally, "contradictions": counts.contradictions}
            parts.append(counts.increment)
            progress = counting_on(progress, counts.records)
        increment = parts[0] if len(parts) == 1 else Increment.merged(counting.build, parts)
        contents = create(folder, counting.settings, holds_runs=False)
        contents = append(contents, Segment(increment), [entries[digest] for digest in sorted(entries)])
    return replace(contents, folder=Path(out))


def _people_of_files(vcfs: Sequence[Path]) -> dict[Path, tuple[str, ...]]:
    """The samples of each file; everybody stands in one of them, and nobody alone."""
    people: dict[Path, tuple[str, ...]] = {}
    for vcf in vcfs:
        samples, before = samples_of(vcf), {name for names in people.values() for name in names}
        if vcf in people:
            refuse_again("", [""], vcf.name)
        if len(samples) == 1:
            raise InputError(
                "one_person",
                "The file is of one person, whose sums would be their genotypes.",
                "Count it with a run, which can be withdrawn (without --sums-only).",
                source=vcf.name,
                field="--sums-only",
            )
        if both := before.intersection(samples):
            raise InputError(
                "person_in_two_files",
                f"Sample {min(both)!r} is in two files; what they say of a person together needs a run of them.",
                "Count with runs (without --sums-only), or join the files first.",
                source=vcf.name,
                field="--sums-only",
            )
        people[vcf] = samples
    return people


def _sum_file(
    vcf: Path,
    samples: tuple[str, ...],
    cells: Mapping[str, Cell] | None,
    counting: Counting,
    progress: Progress | None,
) -> tuple[CohortCounts, str]:
    """What a file adds up to, and its digest."""
    each = [cell_of(name, cells, vcf.name) for name in samples]
    reader = CohortReader(
        vcf,
        each,
        build=counting.build,
        gate=counting.gate,
        passing_only=counting.passing_only,
        reference=counting.reference,
    )
    try:
        counts = reader.read(progress)
    except InputError as error:
        raise error if error.source else replace(error, source=vcf.name) from error
    for name, cell, signs in zip(samples, each, counts.signs, strict=True):
        refuse_contradiction(name, cell.sex, signs)
    return counts, file_digest(vcf)


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
    readings = read_files(vcfs, sample, cells, counting, progress)
    tracks = Tracks()
    (person,) = count_people(readings, cells, callable_beds, structural, tracks, counting)
    tallies = _tallies(readings)
    del readings  # of a genome as large as its run, which is summed and written from here on
    # Another person's reading of the same file stays beside this one.
    files = {f"{digest}:{person.run.identifier}": tally for digest, tally in tallies.items()}
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
        sweep(replace_sums(contents, Segment(increment, contents.lines(), contents.files), contents.accepted))


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


def _tallies(readings: Sequence[FileReading]) -> dict[str, dict[str, object]]:
    return {reading.digest: reading.tally for reading in readings}
