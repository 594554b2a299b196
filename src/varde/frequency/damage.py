"""Stored files that were cut, lost or changed are refused as such; they are no defect of the program."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import polars as pl

from varde.genome.errors import InputError

_UNREADABLE = (OSError, ValueError, LookupError, TypeError, AttributeError, pl.exceptions.PolarsError)
"""What readers of Parquet and JSON raise on bytes that are not what was written (Arrow's errors are among them)."""


@contextmanager
def whole(what: str, source: str) -> Iterator[None]:
    """Raise InputError ``damaged`` when what is read inside cannot be; ``what`` begins the sentence."""
    try:
        yield
    except _UNREADABLE as problem:
        raise damaged(what, f"cannot be read: {problem}", source) from None


def damaged(what: str, problem: str, source: str) -> InputError:
    """That a stored file is not what was written."""
    return InputError(
        "damaged",
        f"{what} {problem}.",
        "Nothing was changed. Put this file back from a backup of the folder; without one, count everybody into a new "
        "folder.",
        source=source,
    )
