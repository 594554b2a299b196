"""``varde verify``: whether a release is whole and signed by the register."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from varde.cli import output
from varde.frequency.release.verify import verify_release
from varde.frequency.signing import PublicKey


def command(
    release: Annotated[Path, typer.Argument(help="Folder of the release.", metavar="FOLDER")],
    key: Annotated[
        Path, typer.Option("--key", help="The register's public key (.public.pem), from a place you trust.")
    ],
    as_json: output.JsonOption = False,
) -> None:
    """Verify the signature of a release, the sum of every file, and that its parts tell the same."""
    found = verify_release(release, PublicKey.load(key))
    extra = " The professional part is whole too." if found.professional else ""
    text = (
        f"Release {found.release} is whole and signed with key {found.key}: {found.files} files, "
        f"{found.bytes:,} bytes, {found.sites:,} sites.{extra}"
    )
    output.print_result(dict(vars(found)), as_json=as_json, text=text)
