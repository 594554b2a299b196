"""``varde quality``: a finished pipeline's folder to gates, one line each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from varde.cli import output
from varde.genome.errors import InputError
from varde.genome.pedigree import read_ped
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
    as_json: output.JsonOption = False,
) -> None:
    """Hold what quality tools measured against gates: value, limit, source file and tool of each.

    Every gate has a line for each person; one without a value is 'not evaluated', which is never a pass.
    """
    pedigree = read_ped(ped)
    people = [person.identifier for person in pedigree.persons]
    found = read_folder(folder, people)
    report = judge(None, found.measurements, pedigree, _profile(profile, assay))
    result = {**report.as_dict(), "files": _files(found), "other_files": found.other_files}
    output.print_result(result, as_json=as_json, text="\n".join(_lines(report, found)))


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
