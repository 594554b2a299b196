"""``varde withdraw``: take one person out of the counts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from varde.cli import output
from varde.frequency.count import compact, remove_person
from varde.frequency.store import read_manifest


def command(
    run: Annotated[str, typer.Argument(help="The run that counting the person gave ('varde count --json').")],
    counts: Annotated[Path, typer.Option("--counts", help="Folder written by 'varde count'.")],
    keep_segments: Annotated[
        bool,
        typer.Option(
            "--keep-segments", help="Do not compact: faster, but what was added and taken away stays for now."
        ),
    ] = False,
    as_json: output.JsonOption = False,
) -> None:
    """Withdraw a person: the counts are then, byte by byte, those of never having had them."""
    remove_person(counts, run)
    if not keep_segments:
        compact(counts)
    people = read_manifest(counts).people
    output.print_result(
        {"withdrawn": run, "people": people}, as_json=as_json, text=f"{people:,} people are counted now"
    )
