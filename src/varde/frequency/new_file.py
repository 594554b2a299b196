"""A file that exists whole or not at all, and never takes the place of another."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from varde.genome.errors import InputError


def refuse_taken(target: Path) -> None:
    """Raise InputError ``out_exists`` when something bears that name already."""
    if os.path.lexists(target):
        raise InputError(
            "out_exists",
            f"{target.name} is already there.",
            "Name a new file with --out, or remove the old one first: nothing is overwritten.",
            source=target.name,
            field="--out",
        )


@contextmanager
def new_file(target: Path, mode: int = 0o600) -> Iterator[Path]:
    """Yield a private file to fill; at the end its bytes reach the disk and it takes the name ``target``.

    Raises FileExistsError when something bears that name then, OSError when it cannot be written; nothing is left.
    """
    descriptor, name = tempfile.mkstemp(prefix=".new.", dir=target.parent)  # made with mode 0600
    try:
        with os.fdopen(descriptor, "rb") as stream:
            yield Path(name)
            os.fchmod(stream.fileno(), mode)
            os.fsync(stream.fileno())
            os.link(name, target)
    finally:
        Path(name).unlink()
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder reach the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
