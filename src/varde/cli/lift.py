"""``varde lift``: a VCF of one build written in the other, with a list of what did not lift."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from varde.cli import output
from varde.cli.reference import reference_store
from varde.genome.builds import Build
from varde.genome.chains import read_chains
from varde.genome.errors import InputError
from varde.genome.lifted_bed import BedLift, lift_bed
from varde.genome.lifted_vcf import Lift, lift_vcf


def command(
    vcf: Annotated[Path, typer.Argument(help="VCF, VCF.gz, BCF or BED of the other build.")],
    to: Annotated[Build, typer.Option("--to", help="The build to write.")],
    chain: Annotated[Path, typer.Option("--chain", help="Chain file, such as hg19ToHg38.over.chain.gz.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The .vcf.gz (its index beside it) or .bed to write.")],
    rejected: Annotated[Path, typer.Option("--rejected", help="What did not lift, with reasons: a VCF or BED.")],
    source: Annotated[
        Build | None, typer.Option("--from", help="The file's build, when its header does not tell it.")
    ] = None,
    reference: Annotated[
        str | None, typer.Option("--reference", help="Stored reference of the build to write: REF is checked with it.")
    ] = None,
    as_json: output.JsonOption = False,
) -> None:
    """Lift records, or a BED's intervals, between GRCh37 and GRCh38. Nothing is left out silently."""
    bed = vcf.name.endswith((".bed", ".bed.gz"))
    _check_names(vcf, out, rejected, ".bed" if bed else ".vcf.gz")
    chains = read_chains(chain)
    if chains.target is not to:
        raise InputError(
            "wrong_chain",
            f"The chain file leads from {chains.source} to {chains.target}, not to {to}.",
            "Give the chain file of the other direction.",
            source=chain.name,
            field="--chain",
        )
    if bed:
        _print_bed(lift_bed(vcf, out, rejected, chains), as_json=as_json)
        return
    stored = reference_store().get(reference) if reference else None
    with output.progress("Lifting") as progress:
        lift = lift_vcf(vcf, out, rejected, chains, source_build=source, reference=stored, progress=progress)
    result = {
        "from": str(lift.source),
        "to": str(lift.target),
        "chain": chains.name,
        "chain_sha256": chains.sha256,
        "reference": reference,
        "records": lift.records,
        "lifted": lift.lifted,
        "strand_turned": lift.turned,
        "unlifted": lift.unlifted,
        "vcf": str(out),
        "rejected": str(rejected),
    }
    output.print_result(result, as_json=as_json, text=_text(lift, out, rejected))


def _check_names(vcf: Path, out: Path, rejected: Path, ending: str) -> None:
    if not out.name.endswith(ending):
        raise InputError(
            "bad_output_name", f"{out.name!r} must end in {ending}.", "Give it that ending.", field="--out"
        )
    if len({vcf.resolve(), out.resolve(), rejected.resolve()}) < 3:
        raise InputError(
            "same_file", "Input, output and rejected records must be three files.", "Name three.", field="--rejected"
        )


def _print_bed(lift: BedLift, *, as_json: bool) -> None:
    result = {
        "from": str(lift.source),
        "to": str(lift.target),
        "bases": lift.bases,
        "lifted": lift.lifted,
        "lost": lift.lost,
        "intervals_on_other_sequences": lift.other_sequences,
    }
    text = f"{lift.lifted:,} of {lift.bases:,} bases lifted from {lift.source} to {lift.target}; {lift.lost:,} lost."
    if lift.other_sequences:
        text += f"\n{lift.other_sequences:,} intervals lie on sequences that are no chromosome, and were left out."
    output.print_result(result, as_json=as_json, text=text)


def _text(lift: Lift, out: Path, rejected: Path) -> str:
    lines = [f"{lift.lifted:,} of {lift.records:,} records lifted from {lift.source} to {lift.target}: {out}"]
    if lift.turned:
        lines.append(f"On {lift.turned:,} of them the strand turned.")
    lines += [f"Not lifted, {reason.replace('_', ' ')}: {count:,}" for reason, count in lift.unlifted.items()]
    if lift.unlifted:
        lines.append(f"These are in {rejected}.")
    if not lift.checked:
        lines.append("REF was not compared with the target's sequence: no reference was given (--reference).")
    return "\n".join(lines)
