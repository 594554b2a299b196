"""``varde pipeline``: from reads to variants, and how good the variants are."""

from __future__ import annotations

import getpass
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from varde.cli import output
from varde.cli.reference import reference_store
from varde.genome.errors import InputError
from varde.genome.regions import read_bed
from varde.genome.vcf import read_whole_vcf
from varde.pipeline.inputs import match_reads
from varde.pipeline.plan import Plan
from varde.pipeline.record import RECORD, RunRecord, read_record
from varde.pipeline.reproducing import Reproduction, plan_of, reproduce
from varde.pipeline.running import Host, Who, run_pipeline
from varde.pipeline.settings import COMMAND, Caller
from varde.pipeline.tools import multiqc_version, tool_versions
from varde.quality.concordance import Concordance, Share, compare_calls

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
    help="From reads to variants: run the workflow, run a recorded run again, hold calls against a truth.",
)

OutOption = Annotated[Path, typer.Option("--out", help="The run's folder; the same command goes on where it stopped.")]
CoresOption = Annotated[int, typer.Option("--cores", min=1, help="Cores of this machine to use.")]
ProfileOption = Annotated[str, typer.Option("--profile", help="local, slurm, or a folder with a Snakemake profile.")]
ContainersOption = Annotated[bool, typer.Option("--containers", help="Run the tools in the image, by Apptainer.")]


@app.command("run")
def run(
    family: Annotated[str, typer.Argument(help="The family's name: that of the variant file.")],
    sample: Annotated[list[str], typer.Option("--sample", metavar="NAME=SEX", help="male, female or unknown.")],
    reads: Annotated[
        Path, typer.Option("--reads", help="Folder with files named after the samples (FASTQ, BAM, CRAM).")
    ],
    reference: Annotated[str, typer.Option("--reference", help="Name of the reference in the store.")],
    out: OutOption,
    target: Annotated[
        Path | None, typer.Option("--target", help="BED of what was captured; none for a genome.")
    ] = None,
    caller: Annotated[
        Path | None, typer.Option("--caller", help="A file of rules that calls instead of bcftools.")
    ] = None,
    caller_command: Annotated[
        str, typer.Option(help="A command that calls: {reference} {alignments} {contig} {targets} {output}.")
    ] = "",
    image: Annotated[str, typer.Option("--image", help="Container image with the tools, for --containers.")] = "",
    cores: CoresOption = 1,
    profile: ProfileOption = "local",
    containers: ContainersOption = False,
    as_json: output.JsonOption = False,
) -> None:
    """Reads of one family to alignments, one VCF, callable places and quality, with a record of everything."""
    chosen = (
        Caller(COMMAND, caller_command) if caller_command else Caller(caller.stem, "", caller) if caller else Caller()
    )
    if not reads.is_dir():
        raise InputError("not_found", "There is no such folder.", "Check the path.", source=reads.name, field="reads")
    plan = Plan(
        family=family,
        samples=match_reads(reads.iterdir(), dict(_pair(text) for text in sample)),
        reference=reference_store().get(reference),
        target=target,
        caller=chosen,
        container=image,
        threads=cores,
    )
    with output.progress("Running the workflow", 100) as show:
        record = run_pipeline(
            plan, out, Host(cores, profile, containers), _who(), lambda share, step: show(round(100 * share))
        )
    text = (
        f"{out / 'variants' / f'{family}.vcf.gz'}\nPipeline {record.version.digest[:12]}, "
        f"{len(record.steps)} steps, {len(record.outputs)} files; record: {out / RECORD}"
    )
    output.print_result(_summary(record), as_json=as_json, text=text)


@app.command("reproduce")
def reproduce_run(
    record: Annotated[Path, typer.Argument(help="The run.json of a finished run.")],
    out: OutOption,
    cores: CoresOption = 1,
    profile: ProfileOption = "local",
    containers: ContainersOption = False,
    as_json: output.JsonOption = False,
) -> None:
    """Run a recorded run again with the same inputs and settings, and say which outputs differ."""
    first = read_record(record)
    plan = plan_of(first, reference_store().get(first.version.reference), cores)
    with output.progress("Running the workflow", 100) as show:
        again = reproduce(
            first, plan, out, Host(cores, profile, containers), _who(), lambda share, step: show(round(100 * share))
        )
    result = {
        "reproduced": again.reproduced,
        "equal": list(again.equal),
        "different": list(again.different),
        "missing": list(again.missing),
        "versions": [{"name": name, "then": then, "now": now} for name, then, now in again.versions],
    }
    output.print_result(result, as_json=as_json, text=_told(again))
    if not again.reproduced:
        raise InputError(
            "not_reproduced",
            f"{len(again.different) + len(again.missing)} of the outputs are not what the record tells.",
            "Bring back the versions that differ (above), then run again in a new folder.",
            source=record.name,
        )


@app.command("compare")
def compare(
    truth: Annotated[Path, typer.Argument(help="VCF of what is true; its first person.")],
    calls: Annotated[Path, typer.Argument(help="VCF of what was called.")],
    confident: Annotated[Path, typer.Option("--confident", help="BED of where the truth is known.")],
    reference: Annotated[str, typer.Option("--reference", help="Name of the reference in the store.")],
    sample: Annotated[
        str | None, typer.Option("--sample", help="The person in the calls; the first when left out.")
    ] = None,
    within: Annotated[
        list[Path] | None, typer.Option("--within", help="More BEDs that must cover. Repeatable.")
    ] = None,
    coding: Annotated[
        Path | None, typer.Option("--coding", help="BED of coding regions: a stratum of its own.")
    ] = None,
    differences: Annotated[Path | None, typer.Option("--differences", help="Write each error as a row (TSV).")] = None,
    as_json: output.JsonOption = False,
) -> None:
    """Hold one person's calls against a truth: found, missed and invented by kind of variant, with intervals."""
    known = reference_store().get(reference)
    found = compare_calls(
        read_whole_vcf(truth),
        read_whole_vcf(calls, samples=[sample] if sample else None),
        [read_bed(path, known.build) for path in (confident, *(within or ()))],
        reference=known,
        coding=read_bed(coding, known.build) if coding else None,
    )
    if differences is not None:
        found.differences.write_csv(differences, separator="\t")
    strata = {
        name: {
            **asdict(tally),
            "recall": tally.recall.value,
            "recall_interval": tally.recall.interval,
            "precision": tally.precision.value,
            "precision_interval": tally.precision.interval,
            "f1": tally.f1,
        }
        for name, tally in found.strata.items()
    }
    rest = ("truth_not_assessed", "calls_not_assessed", "replayed", "too_dense")
    result = {"strata": strata, **{name: getattr(found, name) for name in rest}}
    output.print_result(result, as_json=as_json, text=_table(found))


@app.command("tools")
def tools(as_json: output.JsonOption = False) -> None:
    """The programs that the workflow calls, with their versions; those that are missing, with what installs them."""
    found = tool_versions()
    if (summary := multiqc_version()) is not None:
        found["multiqc"] = summary
    text = "\n".join(f"{name:<10} {told}" for name, told in found.items())
    output.print_result(
        found, as_json=as_json, text=text + ("" if summary else "\nmultiqc    not installed (optional)")
    )


@app.command("example")
def example(
    folder: Annotated[Path, typer.Argument(help="A new folder.")],
    seed: Annotated[int, typer.Option("--seed", help="Another number gives another family.")] = 1,
    depth: Annotated[float, typer.Option("--depth", min=1, max=500, help="Reads over each base, on average.")] = 30.0,
    as_json: output.JsonOption = False,
) -> None:
    """Write a small simulated family to try it with: reference, reads, and the truth about the child."""
    from varde.simulate.sequencing import MEMBERS, write_sequenced_family

    if folder.exists():
        raise InputError("folder_in_use", "The folder exists.", "Give a new folder.", source=folder.name)
    files = write_sequenced_family(folder, seed, depth)
    result = {
        "reference": str(files.fasta),
        "reads": str(files.inbox),
        "truth": str(files.truth),
        "confident": str(files.confident),
        "samples": list(MEMBERS),
    }
    output.print_result(result, as_json=as_json, text="\n".join(str(value) for value in list(result.values())[:4]))


def _table(found: Concordance) -> str:
    lines = [f"{'':<15}{'found':>9}{'missed':>9}{'invented':>9}{'copies':>8}  {'recall':<24}precision"]
    for name, tally in found.strata.items():
        counts = (
            f"{tally.truth_found:>9,}{tally.false_negative:>9,}{tally.false_positive:>9,}{tally.genotype_error:>8,}"
        )
        lines.append(f"{name:<15}{counts}  {_share(tally.recall):<24}{_share(tally.precision)}")
    lines.append(
        f"Not assessed: {found.truth_not_assessed:,} of the truth, {found.calls_not_assessed:,} of the calls. "
        f"Equal only by replay: {found.replayed:,}; windows too dense to replay: {found.too_dense:,}."
    )
    return "\n".join(lines)


def _share(share: Share) -> str:
    if share.value is None or share.interval is None:
        return "-"
    return f"{share.value:.4f} ({share.interval[0]:.4f}-{share.interval[1]:.4f})"


def _pair(text: str) -> tuple[str, str]:
    name, _, sex = text.partition("=")
    return name, sex or "unknown"


def _who() -> Who:
    return Who(getpass.getuser(), lambda: datetime.now(UTC))


def _summary(record: RunRecord) -> dict[str, Any]:
    told = record.as_dict()
    return {name: told[name] for name in ("family", "version", "samples", "started", "ended", "host_class", "outputs")}


def _told(again: Reproduction) -> str:
    lines = [f"{len(again.equal)} outputs say the same."]
    lines += [f"differs: {path}" for path in again.different] + [f"missing: {path}" for path in again.missing]
    lines += [f"{name}: then {then}, now {now}" for name, then, now in again.versions]
    return "\n".join(lines)
