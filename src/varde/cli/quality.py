"""``varde quality``: a finished pipeline's folder to gates, one line each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from varde.annotation.genes import reference_transcripts
from varde.annotation.target_exons import target_exons
from varde.cli import output
from varde.cli.reference import reference_store
from varde.genome.errors import InputError
from varde.genome.pedigree import read_ped
from varde.quality.coverage import Coverage, coverage, gap_bed, wanted_of
from varde.quality.depth_runs import read_per_base
from varde.quality.folder import FolderQuality, read_folder
from varde.quality.judge import judge
from varde.quality.profiles import STANDARD, Profile
from varde.quality.report import QualityReport
from varde.quality.thresholds import Assay


def command(
    folder: Annotated[Path, typer.Argument(help="Folder that the pipeline wrote (nf-core/raredisease, MultiQC ...).")],
    ped: Annotated[Path, typer.Option("--ped", help="The family, as a PED file.")],
    assay: Annotated[Assay, typer.Option("--assay", help="Whose gates: exome, genome or panel.")] = Assay.EXOME,
    profile: Annotated[
        Path | None, typer.Option("--profile", help="Your own gates as JSON, instead of Varde's for the assay.")
    ] = None,
    reference: Annotated[
        str | None, typer.Option("--reference", help="With depth files: the reference whose genes are looked at.")
    ] = None,
    gene: Annotated[
        list[str] | None, typer.Option("--gene", help="A gene to look for gaps in, several times; all without it.")
    ] = None,
    as_json: output.JsonOption = False,
) -> None:
    """Hold what quality tools measured against gates: value, limit, source file and tool of each.

    Every gate has a line for each person; one without a value is 'not evaluated', which is never a pass. With a
    reference that has genes, each person's gaps in the coding exons are told too.
    """
    pedigree = read_ped(ped)
    people = [person.identifier for person in pedigree.persons]
    found = read_folder(folder, people)
    report = judge(None, found.measurements, pedigree, _profile(profile, assay))
    covered = {} if reference is None else _coverage(found, reference, gene)
    result = {
        **report.as_dict(),
        "files": _files(found),
        "other_files": found.other_files,
        "gaps": {sample: one.gaps.to_dicts() for sample, one in covered.items()},
    }
    lines = [*_lines(report, found), *(line for sample, one in covered.items() for line in _gap_lines(sample, one))]
    output.print_result(result, as_json=as_json, text="\n".join(lines))


def _coverage(found: FolderQuality, reference: str, genes: list[str] | None) -> dict[str, Coverage]:
    """By person, of those with a depth file."""
    chosen = reference_store().get(reference)
    transcripts = reference_transcripts(chosen)
    unknown = sorted(set(genes or ()) - set(transcripts.by_gene))
    if unknown:
        raise InputError(
            "unknown_gene",
            f"The reference has no gene {', '.join(unknown)}.",
            "Write the symbol as the reference's GFF3 does.",
            field="--gene",
        )
    targets = target_exons(transcripts, genes or None)
    wanted = wanted_of(targets)
    return {
        one.sample: coverage(read_per_base(one.path, chosen.build, wanted, one.name), targets) for one in found.depths
    }


def _gap_lines(sample: str, found: Coverage) -> list[str]:
    """The gaps under a heading, counted as in BED."""
    unknown = int((found.exons["end0"] - found.exons["start0"] - found.exons["known"]).sum())
    heading = f"# {sample}: {found.gaps.height} gaps below {found.minimum_x}x, {unknown} bases not known"
    return ["", heading, *gap_bed(found.gaps).replace("\t", "  ").splitlines()]


def _profile(path: Path | None, assay: Assay) -> Profile:
    if path is None:
        return STANDARD[assay]
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            "bad_profile", f"The profile cannot be read ({error}).", "Give a JSON file.", source=path.name
        ) from None
    return Profile.from_dict(stored)


def _files(found: FolderQuality) -> list[dict[str, Any]]:
    reports = [{"file": one.name, "kind": one.kind.key, "sha256": one.sha256} for one in found.reports]
    depths = [{"file": one.name, "kind": "mosdepth_per_base", "sha256": one.sha256} for one in found.depths]
    return [*reports, *depths]


def _lines(report: QualityReport, found: FolderQuality) -> list[str]:
    rows = [
        (
            metric.light.value.replace("_", " "),
            metric.sample or "family",
            metric.name,
            "–" if metric.value is None else f"{metric.value:.4g}",
            str(metric.threshold),
            ""
            if metric.origin is None
            else f"{metric.origin.file} ({metric.origin.producer}"
            f"{' ' + metric.origin.version if metric.origin.version else ''})",
        )
        for metric in report.metrics
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(5)] if rows else []
    lines = ["  ".join((*(c.ljust(w) for c, w in zip(row, widths, strict=False)), row[5])).rstrip() for row in rows]
    read = f"{len(found.reports)} reports, {len(found.depths)} depth files, {found.other_files} other files"
    verdict = "A red gate stops the sign-off." if report.stops_sign_off else "No gate is red."
    return [*lines, "", f"{verdict} Judged by {report.profile_version}; {read}."]
