"""Changes of a counts folder: each happens whole, at the moment the manifest takes its new name, or not at all.

One writer at a time. While a change is under way the folder holds a mark; whoever comes after an interruption finds
it and clears away what the manifest does not name.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from varde.frequency.callable_intervals import Intervals, Tracks
from varde.frequency.cells import Cell
from varde.frequency.increment import Increment, read_increment
from varde.frequency.run import RUN_FILES, Run, read_run, write_parquet, write_run
from varde.frequency.store import (
    MANIFEST,
    RUNS,
    SUMS,
    TRACKS,
    Contents,
    Segment,
    Settings,
    Status,
    StoredRun,
    added_lines,
    read_files,
    read_lines,
    read_manifest,
    used_files,
    write_segment,
)

_UNDER_WAY = "unfinished"
_DIGEST_BITS = 256


def create(folder: Path, settings: Settings, *, holds_runs: bool = True) -> Contents:
    """Make an existing empty folder a counts folder of nobody."""
    contents = Contents(folder, settings, holds_runs)
    (folder / SUMS).mkdir()
    for room in (RUNS, TRACKS) if holds_runs else ():
        (folder / room).mkdir()
    _write_manifest(contents)
    return contents


@contextmanager
def changing(folder: Path) -> Iterator[Contents]:
    """One writer at a time, over processes, the next one waits; gives the manifest. After an error all is as before.

    Raises InputError as ``read_manifest``.
    """
    read_manifest(folder)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        contents = read_manifest(folder)
        mark = folder / _UNDER_WAY
        if mark.exists():
            sweep(contents)
        mark.touch()
        try:
            yield contents
        except BaseException:
            sweep(read_manifest(folder))
            raise
        finally:
            mark.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def append(contents: Contents, segment: Segment, entries: Sequence[Mapping[str, object]] = ()) -> Contents:
    """Add a segment; ``entries`` is what the nation notes of it. Call within ``changing``. The new manifest."""
    kept, number, joined = list(contents.segments), _next_number(contents), segment
    while kept and kept[-1][1] <= 2 * _rows(joined):
        name, _ = kept.pop()
        number = int(name.partition("-")[0])
        joined = _join([_read(contents, name), joined], first=not kept)
    named = [*kept, _put(contents.folder, joined, number)] if kept or _rows(joined) else []
    return _commit(contents, named, segment, entries)


def replace_sums(contents: Contents, segment: Segment, entries: Sequence[Mapping[str, object]] = ()) -> Contents:
    """Let one segment stand for everything, and ``entries`` for what was accepted, also in what the manifest says."""
    nobody = replace(contents, cells={}, statuses={}, digest="0" * 64, accepted=())
    named = [_put(contents.folder, segment, 0)] if _rows(segment) else []
    return _commit(nobody, named, segment, entries)


def compact(folder: str | Path) -> None:
    """Join all segments. The folder is then, byte by byte, that of having counted just these people, in any order.

    Raises InputError as ``read_manifest``.
    """
    with changing(Path(folder)) as contents:
        nothing = Segment(Increment.empty(contents.settings.build))
        joined = _join([nothing, *(_read(contents, name) for name, _ in contents.segments)], first=True)
        named = [_put(contents.folder, joined, 0)] if _rows(joined) else []
        sweep(_commit(contents, named, nothing, ()))


def add_increment(folder: str | Path, increment: Increment, entry: Mapping[str, object]) -> Contents:
    """Add an increment to a folder without runs, and ``entry`` to what it has accepted, at one moment.

    Raises ValueError for a folder with runs or another build, InputError as ``read_manifest`` and ``key_collision``.
    """
    with changing(Path(folder)) as contents:
        if contents.holds_runs or contents.settings.build is not increment.build:
            raise ValueError("an increment without runs is added to a folder without runs, of its own build")
        return append(contents, Segment(increment), [entry])


def _next_number(contents: Contents) -> int:
    return 1 + max((int(name.partition("-")[0]) for name, _ in contents.segments), default=-1)


def _rows(segment: Segment) -> int:
    added = segment.increment
    tables = (added.observations, added.coverage, added.structural, added.people, segment.lines)
    return sum(table.height for table in tables)


def _put(folder: Path, segment: Segment, number: int) -> tuple[str, int]:
    """Write a segment below a name that its content gives; the name and its rows."""
    private = folder / SUMS / "new"
    shutil.rmtree(private, ignore_errors=True)
    private.mkdir()
    write_segment(private, segment)
    digest = hashlib.sha256()
    for path in sorted(private.iterdir()):
        digest.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
        _to_disk(path)
    name = f"{number}-{digest.hexdigest()[:24]}"
    if (folder / SUMS / name).exists():  # the same content, unless it was damaged
        for path in private.iterdir():
            path.replace(folder / SUMS / name / path.name)
        private.rmdir()
    else:
        private.rename(folder / SUMS / name)
    _to_disk(folder / SUMS)
    return name, _rows(segment)


def _read(contents: Contents, name: str) -> Segment:
    folder = contents.folder / SUMS / name
    return Segment(read_increment(folder), read_lines(folder), read_files(folder))


def _join(parts: Sequence[Segment], *, first: bool) -> Segment:
    """One segment for several that follow on each other; ``first``: none is before them."""
    increment = Increment.merged(parts[0].increment.build, [part.increment for part in parts])
    lines = added_lines([part.lines for part in parts])
    files = {digest: tally for part in parts for digest, tally in part.files.items()}
    # A line taken away can be one of an earlier segment, with its files; what comes first names all of its own.
    return Segment(increment, lines, used_files(files, lines) if first else files)


def _commit(
    contents: Contents,
    named: Sequence[tuple[str, int]],
    change: Segment,
    entries: Sequence[Mapping[str, object]],
) -> Contents:
    cells, statuses = Counter(contents.cells), Counter(contents.statuses)
    digest = int(contents.digest, 16)
    for code, people in change.increment.people.select("cell", "people").iter_rows():
        cells[Cell.of_code(code)] += people
    for line in change.lines.select("run", "status", "number").iter_rows():
        run, status, number = line
        statuses[Status(status)] += number
        digest += number * _number_of(f"{run} {status}")
    digest += sum(_number_of(json.dumps(entry, sort_keys=True)) for entry in entries)
    changed = replace(
        contents,
        segments=tuple(named),
        cells={cell: people for cell, people in cells.items() if people},
        statuses={status: number for status, number in statuses.items() if number},
        digest=f"{digest % 2**_DIGEST_BITS:064x}",
        accepted=(*contents.accepted, *entries),
    )
    _write_manifest(changed)
    kept = {name for name, _ in named}
    for name, _ in contents.segments:
        if name not in kept:
            shutil.rmtree(contents.folder / SUMS / name, ignore_errors=True)
    return changed


def _number_of(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")


def _write_manifest(contents: Contents) -> None:
    path = contents.folder / MANIFEST
    new = path.with_suffix(".new")
    new.write_text(json.dumps(contents.as_json(), indent=1, sort_keys=True) + "\n", encoding="utf-8")
    _to_disk(new)
    new.replace(path)
    _to_disk(contents.folder)


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def store_runs(folder: Path, runs: Iterable[Run], tracks: Tracks) -> None:
    """Write runs and the tracks they name into a folder."""
    used: set[str] = set()
    for run in runs:
        write_run(folder / RUNS, run)
        used.update(run.tracks)
    for digest in used:
        path = folder / TRACKS / f"{digest}.parquet"
        if not path.exists():
            write_parquet(tracks.by_digest[digest].frame(), path.with_suffix(".new"))
            path.with_suffix(".new").replace(path)


def read_stored(contents: Contents, stored: StoredRun) -> Run:
    """A person's run."""
    settings = contents.settings
    rooms = contents.folder / RUNS
    return read_run(rooms, stored.identifier, settings.build, str(settings.gate), stored.cell, stored.tracks)


def read_tracks(contents: Contents, digests: Iterable[str]) -> Tracks:
    """Tracks of a folder."""
    return Tracks({digest: Intervals.from_frame(contents.read_track(digest)) for digest in digests})


def drop_run(contents: Contents, stored: StoredRun) -> None:
    """Remove the files of a run and its tracks, as far as nobody else of ``contents`` has the same."""
    lines = contents.lines()
    if not (lines["run"] == stored.identifier).any():
        for part in RUN_FILES:
            (contents.folder / RUNS / f"{stored.identifier}{part}").unlink(missing_ok=True)
    for digest in stored.tracks:
        if not lines["tracks"].str.contains(digest, literal=True).any():
            (contents.folder / TRACKS / f"{digest}.parquet").unlink(missing_ok=True)


def sweep(contents: Contents) -> None:
    """Remove everything in the folder that the manifest does not name."""
    folder = contents.folder
    segments = {name for name, _ in contents.segments}
    for path in (folder / SUMS).iterdir():
        if path.name not in segments:
            shutil.rmtree(path, ignore_errors=True)
    with suppress(FileNotFoundError):
        (folder / MANIFEST).with_suffix(".new").unlink()
    if not contents.holds_runs:
        return
    lines = contents.lines()
    named = {RUNS: set(lines["run"]), TRACKS: set(lines["tracks"].str.split(",").explode())}
    for room, names in named.items():
        for path in (folder / room).iterdir():
            if path.name.split(".")[0] not in names or path.suffix != ".parquet":
                path.unlink()
