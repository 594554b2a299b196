"""``varde gdi``: a release in the layout of the European Genomic Data Infrastructure's mini node."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from varde.cli import output
from varde.frequency.release.gdi import export_release
from varde.frequency.release.read import Release


def command(
    release: Annotated[Path, typer.Argument(help="Folder of the release.", metavar="FOLDER")],
    out: Annotated[
        Path, typer.Option("-o", "--out", help="Folder of the data set to write; its name is the data set's.")
    ],
    population: Annotated[str, typer.Option("--population", help="Country code of the population.")] = "NO",
    as_json: output.JsonOption = False,
) -> None:
    """Write the public sites of a release for the mini node: the middle of each frequency bin, and no counts."""
    sites = export_release(Release(release), out, population)
    text = f"{sites:,} sites of population {population} in {out}"
    output.print_result({"sites": sites, "population": population, "out": str(out)}, as_json=as_json, text=text)
