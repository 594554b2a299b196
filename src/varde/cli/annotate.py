"""``varde annotate``: what a register knows of each allele, written into a VCF."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from varde.cli import output
from varde.frequency.annotate import PREFIX, STANDARD_OUTPUT, Summary, annotate
from varde.genome.errors import InputError

if TYPE_CHECKING:
    from varde.genome.references import Reference

_WORDS = {
    "observed": "observed",
    "absent_covered": "not observed, though people were covered there",
    "not_covered": "not covered: nothing is known there",
    "in_bin": "in a bin of the release",
    "below": "covered, with fewer carriers than the lowest bin tells of, or none",
    "not_in_release": "outside the genes of the release",
    "symbolic": "not looked up: symbolic allele (<DEL>, <NON_REF> ...)",
    "breakend": "not looked up: breakend",
    "spanning_deletion": "not looked up: '*', told of in the deletion's own record",
    "ref_mismatch": "not looked up: REF differs from the reference",
    "unknown_contig": "not looked up: not a chromosome of the build",
    "y_pseudoautosomal": "not looked up: pseudo-autosomal on Y, counted on X",
    "same_as_ref": "not looked up: ALT is the same as REF",
}
_RELEASE_INDEX = "public/register.index"


def command(
    vcf: Annotated[str, typer.Argument(help="VCF, VCF.gz or BCF; '-' reads standard input.")],
    out: Annotated[
        str, typer.Option("-o", "--out", help="VCF to write; bgzip-compressed when it ends in .gz; '-' writes text.")
    ] = STANDARD_OUTPUT,
    index: Annotated[Path | None, typer.Option("--index", help="Frequency index, as a release holds it.")] = None,
    release: Annotated[Path | None, typer.Option("--release", help="Folder of a release: its public index.")] = None,
    counts: Annotated[Path | None, typer.Option("--counts", help="Folder of counts; an index is made first.")] = None,
    reference: Annotated[
        str | None, typer.Option("--reference", help="Reference to left-align with and to check REF against.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace fields of an earlier annotation.")] = False,
    prefix: Annotated[str, typer.Option("--prefix", help="What the names of the new INFO fields begin with.")] = PREFIX,
    level: Annotated[int, typer.Option("--level", min=1, max=9, help="Compression, 1 (fast) to 9.")] = 1,
    threads: Annotated[int, typer.Option("--threads", min=1, max=64)] = 2,
    as_json: output.JsonOption = False,
) -> None:
    """Write what a register knows of each allele into a VCF; every record and its INFO is kept, in its order.

    Each alternate allele is normalised by itself. What could not be matched is told by reason, in the field
    Varde_state and at the end.
    """
    if out == STANDARD_OUTPUT and as_json:
        raise InputError(
            "bad_output_name",
            "The records and the summary cannot both go to standard output.",
            "Name a file with --out, or leave --json off.",
            field="--out",
        )
    given = [one for one in (index, release, counts) if one is not None]
    if len(given) != 1:
        raise InputError(
            "no_source",
            f"{len(given)} sources of frequencies are given; one is needed.",
            "Give one of --index, --release and --counts.",
            field="--index",
        )
    with tempfile.TemporaryDirectory() as folder:
        if counts is not None:
            index = _indexed(counts, Path(folder) / "counts.index")
        elif release is not None:
            index = release / _RELEASE_INDEX
        found = annotate(
            vcf,
            out,
            index or "",
            reference=_reference(reference),
            overwrite=overwrite,
            level=level,
            threads=threads,
            prefix=prefix,
        )
    if out == STANDARD_OUTPUT:
        typer.echo(_text(found, out), err=True)
    else:
        output.print_result({**found.as_json(), "vcf": out}, as_json=as_json, text=_text(found, out))


def _indexed(counts: Path, path: Path) -> Path:
    from varde.frequency.index import index_increment
    from varde.frequency.lookup import Counts

    index_increment(path, Counts(counts).increment, made_from={"counts": counts.name})
    return path


def _reference(name: str | None) -> Reference | None:
    if name is None:
        return None
    from varde.cli.reference import reference_store

    return reference_store().get(name)


def _text(found: Summary, out: str) -> str:
    total = sum(found.alleles.values())
    lines = [f"{found.read:,} records read, {found.kept:,} written; {total:,} alternate alleles:"]
    lines += [f"  {found.alleles[state]:,} {words}" for state, words in _WORDS.items() if state in found.alleles]
    if found.without_alternate:
        lines.append(f"{found.without_alternate:,} records have no alternate allele.")
    if found.not_left_aligned:
        lines.append(
            f"{found.not_left_aligned:,} insertions and deletions were looked up without being left-aligned; "
            "give --reference, or some may be missed in repeats."
        )
    if found.replaced:
        lines.append(f"{found.replaced:,} fields of an earlier annotation were replaced.")
    if not found.is_sorted and out.endswith(".gz"):
        lines.append("The records are not sorted, so no index was written beside the file.")
    return "\n".join(lines)
