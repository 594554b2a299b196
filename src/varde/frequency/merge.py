"""Several counts folders as one: a region from its laboratories, the nation from its regions."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from varde.frequency.increment import Increment
from varde.frequency.ledger import changing, create, replace_sums, sweep
from varde.frequency.store import RUNS, TRACKS, Contents, Segment, added_lines, read_manifest
from varde.genome.errors import InputError
from varde.genome.new_folder import new_folder


def merge(folders: Sequence[str | Path], out: str | Path, *, with_runs: bool = True) -> Contents:
    """Make ``out`` hold everybody of ``folders``, and nobody else; ``out`` may be one of them.

    The sums are, byte by byte, those of counting everybody into one folder. Runs are immutable, so they are linked
    rather than copied where the file system can. With ``with_runs`` False, and where one of the folders has no runs,
    only the sums are merged. Raises InputError ``no_input``, ``no_counts``, ``other_settings``, ``same_file_twice``,
    ``key_collision``; nothing is then changed.
    """
    if not folders:
        raise InputError("no_input", "No counts folder was given.", "Give at least one.", field="folders")
    target = Path(out)
    sources = list(dict.fromkeys(Path(folder).resolve() for folder in folders))
    if target.exists():
        return _merge_into(sources, target, with_runs=with_runs)
    contents = read_manifest(sources[0])
    with new_folder(target) as partial:
        create(partial, contents.settings, holds_runs=with_runs and all(read_manifest(s).holds_runs for s in sources))
        _merge_into(sources, partial, with_runs=with_runs)
    return read_manifest(target)


def _merge_into(sources: Sequence[Path], target: Path, *, with_runs: bool) -> Contents:
    with ExitStack() as locks:
        given = {}
        for folder in sorted({*sources, target.resolve()}):
            given[folder] = locks.enter_context(changing(folder))
        contents = given[target.resolve()]
        parts = [given[source] for source in sources]
        segment = _together(parts, holds_runs=contents.holds_runs and with_runs)
        if segment.lines.height:
            for source in sources:
                _link_all(source, target)
        accepted = [entry for part in parts for entry in part.accepted]
        changed = replace_sums(contents, segment, sorted(accepted, key=lambda entry: str(entry["digest"])))
        sweep(changed)
    return changed


def _together(parts: Sequence[Contents], *, holds_runs: bool) -> Segment:
    settings = parts[0].settings
    for part in parts[1:]:
        settings.refuse_other(part.settings)
    refuse_file_twice(parts)
    increment = Increment.merged(settings.build, [part.read_increment() for part in parts])
    if not holds_runs:
        return Segment(increment)
    files = {digest: tally for part in parts for digest, tally in part.files.items()}
    return Segment(increment, added_lines([part.lines() for part in parts]), files)


def refuse_file_twice(parts: Sequence[Contents]) -> None:
    """Raise InputError ``same_file_twice``: a whole file counted in two folders means people counted twice."""
    often = Counter(digest for part in parts for digest in part.files if ":" not in digest)
    often.update(str(entry["digest"]) for part in parts for entry in part.accepted)
    twice = [digest for digest, times in often.items() if times > 1]
    if twice:
        raise InputError(
            "same_file_twice",
            f"{len(twice)} files, one of them with the checksum {twice[0][:16]}..., are counted in two of the folders.",
            "Give folders of different people.",
            field="folders",
        )


def _link_all(source: Path, target: Path) -> None:
    """Every run and track of a folder, in another one too."""
    for room in (RUNS, TRACKS):
        for path in (source / room).iterdir():
            place = target / room / path.name
            if place.exists():
                continue
            try:
                os.link(path, place)
            except OSError:
                shutil.copyfile(path, place)
