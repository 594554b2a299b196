"""``varde source``: import other registers' sites, list them, look a variant up in all of them."""

from __future__ import annotations

import os
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from varde.cli import output
from varde.cli.reference import reference_store
from varde.frequency.sources import Source, add_source, sources, verify_source
from varde.genome.builds import Build

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
    help="Import other registers' sites as named sources, and list them.",
)


def source_folder() -> Path:
    """The folder at ``VARDE_SOURCES``, else in the user's data folder."""
    root = os.environ.get("VARDE_SOURCES")
    return Path(root) if root else Path.home() / ".local" / "share" / "varde" / "sources"


@app.command("add")
def add(
    vcf: Annotated[Path, typer.Argument(help="VCF of sites with AC and AN (or AF) in INFO, named as gnomAD does.")],
    name: Annotated[str, typer.Option("--name", help="What to call the source, for example gnomAD-exomes.")],
    version: Annotated[str, typer.Option("--version", help="The source's own version, for example 4.1.")],
    licence: Annotated[str, typer.Option("--licence", help="Under which licence it may be used, for example CC0.")],
    build: Annotated[Build, typer.Option("--build", help="The build that the sites are of.")],
    reference: Annotated[
        str | None, typer.Option("--reference", help="Stored reference: REF is checked, indels are left-aligned.")
    ] = None,
    identifiers_only: Annotated[
        bool, typer.Option("--identifiers-only", help="The file has rsIDs and no counts.")
    ] = False,
    as_json: output.JsonOption = False,
) -> None:
    """Import the sites of one VCF. A source is never changed: another version is another source."""
    added = add_source(
        source_folder(),
        vcf,
        name=name,
        version=version,
        licence=licence,
        build=build,
        imported_on=date.today(),
        reference=reference_store().get(reference) if reference else None,
        identifiers_only=identifiers_only,
    )
    output.print_result(_described(added), as_json=as_json, text=f"Added {_line(added)}\n{added.folder}")


@app.command("list")
def list_sources(
    verify: Annotated[bool, typer.Option("--verify", help="Also compare all files with their checksums.")] = False,
    as_json: output.JsonOption = False,
) -> None:
    """List the imported sources."""
    found = sources(source_folder())
    if verify:
        for source in found:
            verify_source(source)
    text = "\n".join(_line(source) for source in found) or f"No source is imported in {source_folder()}."
    output.print_result({"sources": [_described(one) for one in found]}, as_json=as_json, text=text)


def _line(source: Source) -> str:
    told = source.description
    passed_over = "".join(f", {count:,} {reason.replace('_', ' ')}" for reason, count in told.passed_over.items())
    how = f"left-aligned with {told.reference}" if told.reference else "trimmed; no reference to left-align with"
    groups = f", groups {' '.join(told.groups)}" if told.groups else ""
    return (
        f"{told.name} {told.version} ({told.licence}), {told.build}: {told.sites:,} alleles, {told.rsids:,} with rsID"
        f"{groups}; {how}; imported {told.imported_on}"
        + (f"; passed over{passed_over.lstrip(',')}" if passed_over else "")
    )


def _described(source: Source) -> dict[str, Any]:
    told = asdict(source.description)
    return told | {
        "build": str(told["build"]),
        "imported_on": told["imported_on"].isoformat(),
        "folder": str(source.folder),
    }
