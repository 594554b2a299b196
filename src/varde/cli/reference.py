"""``varde reference``: add reference genomes with their genes to the store, and list them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from varde.cli import output
from varde.genome.builds import CONTIGS, Build, contig_length
from varde.genome.errors import InputError
from varde.genome.references import Reference, ReferenceStore

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
    help="Add and list reference genomes with their genes.",
)


def reference_store() -> ReferenceStore:
    """The store at ``VARDE_REFERENCES``, else in the user's data folder."""
    root = os.environ.get("VARDE_REFERENCES")
    return ReferenceStore(Path(root) if root else Path.home() / ".local" / "share" / "varde" / "references")


@app.command("add")
def add(
    fasta: Annotated[
        list[Path], typer.Option("--fasta", help="FASTA, plain or compressed; give the option again for more files.")
    ],
    build: Annotated[Build, typer.Option("--build", help="The build that the FASTA is of.")],
    name: Annotated[str, typer.Option("--name", help="What to call the reference.")],
    gff3: Annotated[Path | None, typer.Option("--gff3", help="Genes of the same build, for consequences.")] = None,
    as_json: output.JsonOption = False,
) -> None:
    """Copy FASTA and GFF3 into the store, checked and with checksums."""
    with output.progress("Copying bases") as show:
        added = reference_store().add(fasta, gff3, build, name, progress=show)
    output.print_result(_described(added), as_json=as_json, text=f"Added {_line(added)}\n{added.folder}")


@app.command("list")
def list_references(
    verify: Annotated[bool, typer.Option("--verify", help="Also compare all files with their checksums.")] = False,
    as_json: output.JsonOption = False,
) -> None:
    """List the stored references."""
    store = reference_store()
    references = [store.get(name) for name in store.names()]
    if verify:
        for reference in references:
            reference.verify()
    text = "\n".join(_line(reference) for reference in references) or f"No reference is stored in {store.root}."
    output.print_result({"references": [_described(one) for one in references]}, as_json=as_json, text=text)


@app.command("genes")
def genes(
    name: Annotated[str, typer.Argument(help="A stored reference with genes.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The BED to write; nothing is written over.")],
    as_json: output.JsonOption = False,
) -> None:
    """Write the genes' exons with 20 bases beside them as a BED, by symbol: what 'varde release --genes' takes."""
    # Polars and what reads GFF3 would slow every command that only looks a reference up.
    from varde.annotation.genes import reference_transcripts
    from varde.frequency.release.site_sets import gene_sets, write_site_sets

    sets = gene_sets(reference_transcripts(reference_store().get(name)))
    try:
        write_site_sets(out, sets)
    except OSError as error:
        raise InputError(
            "out_not_writable",
            f"The file cannot be written: {error.strerror}.",
            "Choose a new name at a place you may write to.",
            source=out.name,
            field="--out",
        ) from None
    output.print_result({"genes": len(sets), "out": str(out)}, as_json=as_json, text=f"{len(sets):,} genes in {out}")


def _line(reference: Reference) -> str:
    contigs = ", ".join(
        CONTIGS[contig.code - 1] + ("" if contig.complete else f" (bases 1-{contig.length:,} only)")
        for contig in reference.contigs
        if contig.code
    )
    other = sum(not contig.code for contig in reference.contigs)
    genes = "with genes" if reference.gff3 else "without genes"
    return f"{reference.name}: {reference.build}, {genes}, {contigs}" + (f" and {other} others" if other else "")


def _described(reference: Reference) -> dict[str, Any]:
    return {
        "name": reference.name,
        "build": reference.build.value,
        "folder": str(reference.folder),
        "genes": reference.gff3 is not None,
        "contigs": [
            {
                "name": contig.name,
                "length": contig.length,
                "build_length": contig_length(reference.build, contig.code) if contig.code else None,
            }
            for contig in reference.contigs
        ],
        "sources": [dict(source) for source in reference.sources],
        "files": dict(reference.checksums),
    }
