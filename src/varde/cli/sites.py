"""``varde sites``: the counts as a VCF of sites without people."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from varde.cli import output
from varde.frequency.sites import write_sites
from varde.genome.errors import InputError


def command(
    counts: Annotated[Path, typer.Option("--counts", help="Folder written by 'varde count'.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The VCF to write, ending in .vcf.gz; its index beside it.")],
    as_json: output.JsonOption = False,
) -> None:
    """Write AC, AN, AF, nhomalt and nhemi of every observed allele as an indexed VCF."""
    if not out.name.endswith(".vcf.gz"):
        raise InputError(
            "bad_output_name",
            f"{out.name!r} must end in .vcf.gz: the file is compressed with bgzip.",
            f"Write to {out.name.removesuffix('.gz').removesuffix('.vcf')}.vcf.gz.",
            field="--out",
        )
    alleles = write_sites(counts, out)
    output.print_result({"alleles": alleles, "vcf": str(out)}, as_json=as_json, text=f"{alleles:,} alleles in {out}")
