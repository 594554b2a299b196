"""``varde keys``: keys that sign shards and releases."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from varde.cli import output
from varde.frequency.signing import PublicKey, new_key
from varde.genome.errors import InputError

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, add_completion=False, help="Make and show signing keys.")


@app.command("new")
def new(
    name: Annotated[str, typer.Argument(help="Whose key: a region or a register; a-z, 0-9 and hyphens.")],
    folder: Annotated[
        Path,
        typer.Option("--out", help="The folder for NAME.private.pem and NAME.public.pem; made when it is not there."),
    ],
    as_json: output.JsonOption = False,
) -> None:
    """Make a pair of Ed25519 keys. The private file stays with the signer; the public file goes to the readers."""
    made = not folder.exists()
    with suppress(OSError):  # the key's own message tells what is wrong
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    private, public = (folder / f"{name}.{half}.pem" for half in ("private", "public"))
    try:
        key = new_key(private, public, name)
    except InputError:
        if made:
            with suppress(OSError):
                folder.rmdir()
        raise
    result = {"name": key.name, "key": key.identifier, "private": str(private), "public": str(public)}
    lines = [
        f"Key {key.identifier} of {key.name}.",
        f"Keep secret:  {private}",
        f"Hand out:     {public}",
        "Read the 32 digits to whoever shall trust the key, by another way than the file went.",
    ]
    output.print_result(result, as_json=as_json, text="\n".join(lines))


@app.command("show")
def show(key: Annotated[Path, typer.Argument(help="A public key file.")], as_json: output.JsonOption = False) -> None:
    """Print the name and the identifier of a public key, to be compared with what its owner reads out."""
    loaded = PublicKey.load(key)
    result = {"name": loaded.name, "key": loaded.identifier}
    output.print_result(result, as_json=as_json, text=f"Key {loaded.identifier} of {loaded.name}.")
