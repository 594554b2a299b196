"""Several counts folders as one: the nation from its regions, or a batch added to a region."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from varde.frequency.store import (
    RUNS,
    TRACKS,
    Contents,
    drop_unused,
    exclusively,
    read_manifest,
    write_sums,
)
from varde.genome.errors import InputError
from varde.genome.new_folder import new_folder


def combine(folders: Sequence[str | Path], out: str | Path) -> Contents:
    """Make ``out`` hold everybody of ``folders``, and nobody else; ``out`` may be one of them.

    The sums are, byte by byte, those of counting everybody into one folder. Runs are immutable, so they are linked
    rather than copied where the file system can. Raises InputError ``no_input``, ``no_counts``, ``other_settings``;
    nothing is then changed.
    """
    if not folders:
        raise InputError("no_input", "No counts folder was given.", "Give at least one.", field="folders")
    target, sources = Path(out), [Path(folder) for folder in folders]
    settings = read_manifest(sources[0]).settings
    if not target.exists():
        with new_folder(target) as partial:
            _make_rooms(partial)
            write_sums(partial, Contents(settings, (), {}))
    with ExitStack() as locks:
        for folder in sorted({folder.resolve() for folder in (*sources, target)}):
            locks.enter_context(exclusively(folder))
        together = Contents(settings, (), {})
        for source in sources:
            contents = read_manifest(source)
            settings.refuse_other(contents.settings)
            together = together.with_runs(contents.runs, contents.files)
        _make_rooms(target)
        for source in sources:
            _link_all(source, target)
        write_sums(target, together)
        drop_unused(target, together)
    return together


def _make_rooms(folder: Path) -> None:
    for name in (RUNS, TRACKS):
        (folder / name).mkdir(exist_ok=True)


def _link_all(source: Path, target: Path) -> None:
    """Every run and track of a folder, in another one too."""
    for room in (RUNS, TRACKS):
        if not (source / room).is_dir():
            continue
        for path in (source / room).iterdir():
            place = target / room / path.name
            if place.exists():
                continue
            try:
                os.link(path, place)
            except OSError:
                shutil.copyfile(path, place)
