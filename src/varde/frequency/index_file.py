"""The file of a frequency index: its first bytes and its header. Light, for commands that must start at once.

See ``varde.frequency.index`` for the layout.
"""

from __future__ import annotations

import json
import mmap
import os
from pathlib import Path
from typing import Any

from varde.genome.errors import InputError

MAGIC = b"VARDEIX"
FORMAT = 1
KEY_FORMAT = 1
"""That of ``varde.genome.keys``, which is too heavy to be loaded here; a test holds the two together."""

START = len(MAGIC) + 1 + 8
"""Where the header begins."""


def open_index(path: Path) -> tuple[mmap.mmap, dict[str, Any]]:
    """The mapped file and its header. Raises InputError ``not_found``, ``no_index``, ``unknown_format``, ``truncated``.

    The mapping is private to the process, so that its address can be had; nothing written to it reaches the file.
    """
    content = _mapped(path)
    return content, _header(content, path.name)


def _mapped(path: Path) -> mmap.mmap:
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size < START:
                raise _no_index(path.name)
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    except OSError as error:
        raise InputError(
            "not_found",
            f"The file cannot be opened ({error.strerror}).",
            "Give the path of an index that 'varde release' wrote.",
            source=path.name,
        ) from error


def _no_index(source: str) -> InputError:
    return InputError(
        "no_index", "This is no frequency index.", "Give an index that 'varde release' wrote.", source=source
    )


def _header(content: mmap.mmap, source: str) -> dict[str, Any]:
    if content[: len(MAGIC)] != MAGIC:
        raise _no_index(source)
    if content[len(MAGIC)] != FORMAT:
        raise _unknown(source, f"format {content[len(MAGIC)]}")
    length = int.from_bytes(content[len(MAGIC) + 1 : START], "little")
    if START + length > len(content):
        raise _truncated(source, START + length, len(content))
    try:
        header: dict[str, Any] = json.loads(content[START : START + length])
        size, key_format = header["bytes"], header["key_format"]
    except (ValueError, KeyError, TypeError):
        raise _no_index(source) from None
    if key_format != KEY_FORMAT:
        raise _unknown(source, f"key format {key_format}")
    if size != len(content):
        raise _truncated(source, size, len(content))
    return header


def _unknown(source: str, found: str) -> InputError:
    return InputError(
        "unknown_format",
        f"The index has {found}; this version of Varde reads format {FORMAT} with key format {KEY_FORMAT}.",
        "Build the index anew with this version of Varde.",
        source=source,
    )


def _truncated(source: str, expected: int, found: int) -> InputError:
    return InputError(
        "truncated",
        f"The file has {found:,} bytes instead of {expected:,}.",
        "Fetch the index again; the copy at hand is not whole.",
        source=source,
    )
