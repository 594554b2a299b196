"""A folder of results that exists whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from varde.genome.errors import InputError


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Yield a temporary folder beside ``target``; at the end it takes that name, on an error it vanishes.

    An empty folder at ``target`` is replaced. Raises InputError when something else is there or it cannot be made.
    """
    check_free(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        working = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    except OSError as error:
        raise InputError(
            "out_not_writable",
            f"The folder cannot be made: {error.strerror}.",
            "Choose a place you may write to.",
            source=target.name,
            field="--out",
        ) from None
    try:
        yield working
        working.chmod(0o777 & ~_umask())
        check_free(target)
        if target.exists():
            target.rmdir()
        working.rename(target)
    finally:
        shutil.rmtree(working, ignore_errors=True)


def check_free(target: Path) -> None:
    """Raise InputError when ``target`` is a file or a folder with content."""
    if target.is_dir() and not any(target.iterdir()):
        return
    if os.path.lexists(target):
        raise InputError(
            "out_exists",
            f"{'The folder' if target.is_dir() else 'A file'} {target.name} is already there.",
            "Name a new folder with --out, or remove the old one first: nothing is overwritten.",
            source=target.name,
            field="--out",
        )


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
