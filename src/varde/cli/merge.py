"""``varde merge``: several counts folders as one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from varde.cli import output
from varde.frequency.merge import merge
from varde.frequency.store import Status
from varde.genome.errors import InputError
from varde.genome.new_folder import check_free


def command(
    folders: Annotated[list[Path], typer.Argument(help="Folders written by 'varde count', of different people.")],
    out: Annotated[Path, typer.Option("--out", help="The folder to make.")],
    sums_only: Annotated[
        bool, typer.Option("--sums-only", help="Without the runs of people: what a nation keeps of its regions.")
    ] = False,
    as_json: output.JsonOption = False,
) -> None:
    """Merge counts of disjoint people: the sums are, byte by byte, those of having counted them together."""
    if not folders:
        raise InputError("no_input", "No counts folder was given.", "Give at least one.", field="folders")
    check_free(out)
    contents = merge(folders, out, with_runs=not sums_only)
    result = {
        "people": contents.people,
        "statuses": {str(status): number for status, number in contents.statuses.items()},
        "folders": len(folders),
        "holds_runs": contents.holds_runs,
        "out": str(out),
    }
    held_out = contents.statuses.get(Status.HELD_OUT, 0)
    beside = f" and {held_out:,} held out" if held_out else ""
    text = f"{contents.people:,} people counted{beside}, of {len(folders)} folders, in {out}"
    output.print_result(result, as_json=as_json, text=text)
