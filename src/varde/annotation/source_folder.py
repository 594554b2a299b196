"""An imported knowledge source: a folder with ``source.json`` and Parquet files, whole or not there, never changed.

Another version is another source. ``source.json`` says what it was made from, by what, and what was passed over.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from varde.annotation.keyed_file import damaged
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.keys import KEY_FORMAT
from varde.genome.new_folder import new_folder
from varde.genome.reference_files import file_sha256

FORMAT = 1
DESCRIPTION = "source.json"


@dataclass(frozen=True)
class Origin:
    """What is told of a source by whoever imports it. ``licence`` is a note; ``imported_on`` the day."""

    name: str
    version: str
    licence: str
    imported_on: date

    def __post_init__(self) -> None:
        for name in ("name", "version", "licence"):
            _check_word(name, getattr(self, name))


@dataclass(frozen=True)
class SourceDescription:
    """What stands in ``source.json``. ``build`` is None for tables of genes. ``read`` rows of ``file`` gave ``kept``
    rows; ``dropped`` counts the others by reason. ``details`` are of the kind: reference, engine, settings."""

    kind: str
    name: str
    version: str
    licence: str
    build: Build | None
    file: str
    file_sha256: str
    imported_on: date
    read: int
    kept: int
    dropped: Mapping[str, int]
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Name and version, as shown and as stored with a case."""
        return f"{self.name} {self.version}"

    @property
    def identity(self) -> str:
        """What a case stores to say exactly which file it saw."""
        return f"{self.title} sha256:{self.file_sha256}"


@contextmanager
def new_source(root: str | Path, origin: Origin) -> Iterator[Path]:
    """Yield a folder to fill with tables and ``describe``; it becomes ``<root>/<name>-<version>`` at the end.

    Raises InputError ``out_exists`` when that version is there, and ``bad_name``.
    """
    folder = Path(root) / f"{origin.name}-{origin.version}"
    if folder.exists():
        raise InputError(
            "out_exists",
            f"The source {folder.name} is there already.",
            "Give another version: a source is never changed.",
            field="version",
        )
    with new_folder(folder) as working:
        yield working


def describe(
    folder: Path,
    kind: str,
    origin: Origin,
    file: Path,
    *,
    build: Build | None,
    read: int,
    kept: int,
    dropped: Mapping[str, int],
    details: Mapping[str, str] | None = None,
) -> None:
    """Write ``source.json`` beside the tables, with the SHA-256 of the file read and of every table."""
    described = SourceDescription(
        kind, origin.name, origin.version, origin.licence, build, file.name, file_sha256(file), origin.imported_on,
        read, kept, dict(sorted(dropped.items())), dict(details or {}),
    )  # fmt: skip
    fields = asdict(described) | {
        "imported_on": origin.imported_on.isoformat(),
        "build": None if build is None else str(build),
    }
    files = {path.name: file_sha256(path) for path in sorted(folder.glob("*.parquet"))}
    text = json.dumps({"format": FORMAT, "key_format": KEY_FORMAT, **fields, "files": files}, indent=1)
    (folder / DESCRIPTION).write_text(text + "\n", encoding="utf-8")


def read_description(folder: str | Path, kind: str | None = None) -> SourceDescription:
    """What a folder holds. Raises InputError ``no_source``, ``unknown_format``, ``wrong_kind``, ``damaged_source``."""
    place = Path(folder)
    told = _told(place)
    try:
        fields: dict[str, Any] = {name: told[name] for name in SourceDescription.__dataclass_fields__}
        fields["build"] = None if fields["build"] is None else Build(fields["build"])
        fields["imported_on"] = date.fromisoformat(fields["imported_on"])
        described = SourceDescription(**fields)
        if not all((place / name).is_file() for name in told["files"]):
            raise KeyError("files")
    except (ValueError, KeyError, TypeError):
        raise damaged(place.name, DESCRIPTION) from None
    if kind is not None and described.kind != kind:
        raise InputError(
            "wrong_kind", f"{place.name} is a source of kind {described.kind}, not {kind}.", "Choose another source."
        )
    return described


def verify(folder: str | Path) -> None:
    """Compare the tables with their checksums. Raises InputError ``damaged_source``, naming the file."""
    place = Path(folder)
    for name, expected in _told(place)["files"].items():
        if not (place / name).is_file() or file_sha256(place / name) != expected:
            raise damaged(place.name, name)


def _told(place: Path) -> dict[str, Any]:
    path = place / DESCRIPTION
    if not path.is_file():
        raise InputError(
            "no_source", f"{place.name} is no imported knowledge source.", "Import one first.", field="source"
        )
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        written_by = (told["format"], told["key_format"])
    except (ValueError, KeyError, TypeError):
        raise damaged(place.name, DESCRIPTION) from None
    if written_by != (FORMAT, KEY_FORMAT):
        raise InputError("unknown_format", f"{place.name} was written by another version.", "Import the source anew.")
    return told  # type: ignore[no-any-return]


def _check_word(name: str, text: str) -> None:
    usable = text and len(text) <= 64 and text == text.strip() and "/" not in text and not text.startswith(".")
    if not usable or not text.isprintable():
        raise InputError(
            "bad_name",
            f"{text[:64]!r} cannot be the {name} of a source.",
            "Give 1-64 printable characters without '/', not starting with '.'.",
            field=name,
        )
