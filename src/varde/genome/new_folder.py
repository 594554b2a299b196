"""A folder of results that exists whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from varde.genome.errors import InputError


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Yield a folder to fill, private until the end, when it takes the name ``target``; after an error nothing is left.

    An empty folder at ``target`` is replaced. Raises InputError ``out_exists`` when something else is there,
    ``out_not_writable`` when it cannot be made.
    """
    check_free(target)
    made = [parent for parent in target.parents if not parent.exists()]
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        private = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    except OSError as error:
        raise InputError(
            "out_not_writable",
            f"The folder cannot be made: {error.strerror}.",
            "Choose a place you may write to.",
            source=target.name,
            field="--out",
        ) from None
    try:
        working = private / "new"
        working.mkdir()
        yield working
        check_free(target)
        working.rename(target)
    except BaseException:
        shutil.rmtree(private, ignore_errors=True)
        with suppress(OSError):
            for parent in made:
                parent.rmdir()
        raise
    private.rmdir()


def check_free(target: Path) -> None:
    """Raise InputError ``out_exists`` when ``target`` is a file or a folder with content."""
    if target.is_dir() and not target.is_symlink() and not any(target.iterdir()):
        return
    if os.path.lexists(target):
        raise InputError(
            "out_exists",
            f"{'The folder' if target.is_dir() else 'A file'} {target.name} is already there.",
            "Name a new folder with --out, or remove the old one first: nothing is overwritten.",
            source=target.name,
            field="--out",
        )
