"""Where releases stand: prepared ones apart from published ones, which are never changed again."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from django.utils.translation import gettext as _

from varde.frequency.release.verify import verify_release
from varde.frequency.signing import PublicKey
from varde.genome.errors import InputError
from varde_node.registers.frequency.store import root

MANIFEST = "manifest.json"


def prepared_folder(name: str) -> Path:
    """A release that is measured and not published; it need not exist."""
    return root() / "prepared" / name


def published_folder(name: str) -> Path:
    """A release as readers have it; it need not exist."""
    return root() / "releases" / name


def folder_of(name: str) -> Path:
    """The published folder, or the prepared one."""
    return published_folder(name) if published_folder(name).is_dir() else prepared_folder(name)


def digest_of(name: str) -> str:
    """SHA-256 of the manifest, which names every other file by its own; empty when there is none."""
    path = folder_of(name) / MANIFEST
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def verify(name: str, key: PublicKey) -> None:
    """That every file is the one that was measured. Raises InputError as ``verify_release``."""
    verify_release(folder_of(name), key)


def publish(name: str) -> None:
    """Move the prepared folder to the published ones, in one step. Raises InputError ``not_prepared``."""
    if published_folder(name).is_dir():
        return
    published_folder(name).parent.mkdir(parents=True, exist_ok=True)
    try:
        prepared_folder(name).rename(published_folder(name))
    except FileNotFoundError:
        raise InputError(
            "not_prepared",
            _("The files of the release are not there."),
            _("Measure the release again."),
            source=name,
        ) from None


def take_back(name: str) -> None:
    """Move a folder back that was moved by a publication which was not stored."""
    prepared_folder(name).parent.mkdir(parents=True, exist_ok=True)
    published_folder(name).rename(prepared_folder(name))


def remove_prepared(name: str) -> None:
    """Delete what was measured of a release that was given up."""
    shutil.rmtree(prepared_folder(name), ignore_errors=True)


def published_names() -> list[str]:
    """The folders of published releases that are there."""
    folder = root() / "releases"
    return sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
