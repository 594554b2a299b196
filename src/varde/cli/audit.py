"""``varde audit``: verify an exported transparency log without the node that wrote it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from varde.audit.events import canonical_bytes
from varde.audit.tree import stream_root
from varde.cli import output
from varde.genome.errors import InputError

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, add_completion=False, help="Verify a transparency log.")


@app.callback()
def _commands() -> None:
    """Commands on a transparency log."""


@app.command("verify")
def verify(
    log: Annotated[Path, typer.Argument(help="The log as 'varde-node verify-audit --export' wrote it.")],
    against: Annotated[
        str | None,
        typer.Option("--against", metavar="SIZE:ROOT", help="A checkpoint kept elsewhere: the log must begin with it."),
    ] = None,
    as_json: output.JsonOption = False,
) -> None:
    """Rebuild the tree from the entries and print its checkpoint; with --against, say whether the log only grew."""
    size, root = stream_root(_entries(log))
    if against is not None:
        _compare(log, size, against)
    checkpoint = f"{size}:{root.hex()}"
    text = checkpoint if against is None else f"{checkpoint}\nThe log begins with the entries of the kept checkpoint."
    result = {"checkpoint": checkpoint, "size": size, "root": root.hex(), "begins_with": against}
    output.print_result(result, as_json=as_json, text=text)


def _compare(log: Path, size: int, against: str) -> None:
    kept_size, _, kept_root = against.strip().partition(":")
    if not (kept_size.isascii() and kept_size.isdigit() and len(kept_root) == 64):
        raise InputError(
            "bad_checkpoint",
            f"{against!r} is no checkpoint; expected SIZE:ROOT, a number of entries and 64 hexadecimal digits.",
            "Give the line that an earlier verification printed.",
            field="--against",
        )
    wanted = int(kept_size)
    if size < wanted:
        problem = f"The kept checkpoint has {wanted:,} entries, the log only {size:,}: entries were taken away."
    elif stream_root(islice(_entries(log), wanted))[1].hex() != kept_root.lower():
        problem = f"The first {wanted:,} entries are not those of the kept checkpoint: the log was changed."
    else:
        return
    raise InputError("log_changed", problem, "Keep both, and find out who wrote which.", log.name, None, "--against")


def _entries(log: Path) -> Iterator[bytes]:
    """The stored bytes of each entry. Raises InputError for a line that is not one, or not in its place."""
    try:
        with log.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if not line.endswith(b"\n"):
                    raise _refusal(log, number, "The last line is cut short.")
                stored = line[:-1]
                try:
                    event = json.loads(stored)
                    canonical = canonical_bytes(event) == stored
                except (ValueError, TypeError, AttributeError):
                    canonical = False
                if not canonical:
                    raise _refusal(log, number, "The line is no event in its canonical form.")
                if event.get("index") != number - 1:
                    raise _refusal(log, number, f"Entry {number - 1} is expected, found entry {event.get('index')}.")
                yield stored
    except OSError as error:
        raise InputError(
            "not_found",
            f"The file cannot be opened ({error.strerror}).",
            "Give the path of a file that can be read.",
            source=log.name,
        ) from None


def _refusal(log: Path, line: int, problem: str) -> InputError:
    return InputError("bad_entry", problem, "Export the log anew; if it stays so, it was changed.", log.name, line)
