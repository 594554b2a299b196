"""Unpacking a zip or tar of reports: nothing outside its folder, no link, and no more than was agreed."""

from __future__ import annotations

import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from varde.genome.errors import InputError
from varde.quality.folder import MOST_FILES

_CHUNK = 1 << 20
_LONGEST_NAME = 255
Entry = tuple[str, Callable[[], IO[bytes]]]


def is_archive(path: Path) -> bool:
    """Whether a file is a zip or a tar (plain, gzip, bzip2, xz); a gzipped report is neither."""
    try:
        return zipfile.is_zipfile(path) or tarfile.is_tarfile(path)
    except (OSError, EOFError, zlib.error, lzma.LZMAError):
        return False


def unpack(path: Path, into: Path, limit_bytes: int, name: str | None = None) -> list[tuple[Path, str]]:
    """The files of an archive, written below ``into`` under numbers, each with the name that it had.

    No name of the archive becomes a path. Links, devices, encrypted files and names that lead elsewhere are refused.
    ``limit_bytes`` counts what comes out, whatever the archive says. Raises InputError: ``corrupt``,
    ``unsafe_archive``, ``too_large``; what was written stays for the caller, who owns the folder.
    """
    shown, left, files = name or path.name, limit_bytes, []
    into.mkdir(parents=True, exist_ok=True)
    try:
        for number, (entry, opened) in enumerate(_entries(path, shown)):
            if number >= MOST_FILES:
                raise _too_large(f"The archive has more than {MOST_FILES} files.", shown)
            target = into / f"{number:06d}"
            with opened() as source, target.open("xb") as out:
                while chunk := source.read(_CHUNK):
                    left -= len(chunk)
                    if left < 0:
                        raise _too_large(f"The archive unpacks to more than {limit_bytes} bytes.", shown)
                    out.write(chunk)
            files.append((target, entry))
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, OSError, zlib.error, lzma.LZMAError) as error:
        raise InputError(
            "corrupt", f"The archive cannot be read ({error}).", "Pack the folder again.", source=shown
        ) from None
    return files


def _entries(path: Path, shown: str) -> Iterator[Entry]:
    return _zip(path, shown) if zipfile.is_zipfile(path) else _tar(path, shown)


def _zip(path: Path, shown: str) -> Iterator[Entry]:
    with zipfile.ZipFile(path) as archive:
        for one in archive.infolist():
            if one.is_dir():
                continue
            kind = one.external_attr >> 28
            if kind not in (0, 0o10):
                raise _unsafe("a link or a device", one.filename, shown)
            if one.flag_bits & 1:
                raise _unsafe("an encrypted file", one.filename, shown)
            yield _safe_name(one.filename, shown), lambda one=one: archive.open(one)  # type: ignore[misc]


def _tar(path: Path, shown: str) -> Iterator[Entry]:
    with tarfile.open(path) as archive:
        for one in archive:
            if one.isdir():
                continue
            if not one.isreg():
                raise _unsafe("a link or a device", one.name, shown)
            yield _safe_name(one.name, shown), lambda one=one: archive.extractfile(one)  # type: ignore[misc]


def _safe_name(given: str, shown: str) -> str:
    name = PurePosixPath(given.replace("\\", "/"))
    if name.is_absolute() or ".." in name.parts or not name.parts or ":" in name.parts[0] or "\0" in given:
        raise _unsafe("a name that leads out of the folder", given, shown)
    if any(len(part) > _LONGEST_NAME for part in name.parts):
        raise _unsafe("a name that is too long", given, shown)
    return str(name)


def _unsafe(what: str, entry: str, shown: str) -> InputError:
    return InputError(
        "unsafe_archive",
        f"The archive holds {what}: {entry[:80]!r}.",
        "Pack the pipeline's reports only, as plain files.",
        source=shown,
    )


def _too_large(problem: str, shown: str) -> InputError:
    return InputError("too_large", problem, "Pack the reports and depth files of one family only.", source=shown)
