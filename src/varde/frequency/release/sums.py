"""Checksums and the signature over them: what a stranger verifies without Varde.

::

    openssl pkeyutl -verify -pubin -inkey register.public.pem -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig
    sha256sum --check --strict SHA256SUMS
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from varde.frequency.signing import PrivateKey

SUMS, SIGNATURE = "SHA256SUMS", "SHA256SUMS.sig"
COMMANDS = (
    f"openssl pkeyutl -verify -pubin -inkey register.public.pem -rawin -in {SUMS} -sigfile {SIGNATURE}",
    f"sha256sum --check --strict {SUMS}",
)
"""What to run in the folder of a release, with the register's public key beside it."""


def digest_of(path: Path) -> str:
    """SHA-256 of a file in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def files_below(folder: Path, but: Iterable[str] = ()) -> list[str]:
    """Paths of all files below a folder, with ``/``, sorted; without those in a top folder or of a name in ``but``."""
    left_out = set(but)
    paths = (path.relative_to(folder) for path in folder.rglob("*") if not path.is_dir() or path.is_symlink())
    return sorted(path.as_posix() for path in paths if path.parts[0] not in left_out)


def seal(folder: Path, names: Iterable[str], key: PrivateKey) -> None:
    """Write the sums of the named files and the key's signature over them."""
    lines = "".join(f"{digest_of(folder / name)}  {name}\n" for name in sorted(names))
    (folder / SUMS).write_text(lines, encoding="utf-8")
    (folder / SIGNATURE).write_bytes(key.sign(lines.encode()))


def artefacts(folder: Path, names: Iterable[str]) -> list[Mapping[str, object]]:
    """Name, size in bytes and sha256 of files, for a manifest."""
    return [
        {"name": name, "bytes": (folder / name).stat().st_size, "sha256": digest_of(folder / name)}
        for name in sorted(names)
    ]


def write_json(content: Mapping[str, Any], path: Path) -> None:
    """Always the same bytes for the same content."""
    text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    path.write_text(text, encoding="utf-8")
