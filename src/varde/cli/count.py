"""``varde count``: count alleles over people into a counts folder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from varde.cli import output
from varde.cli.reference import reference_store
from varde.frequency.cells import Cell
from varde.frequency.count import CallableBed, Counting, StructuralVcf, count, count_sums
from varde.frequency.genotypes import Gate
from varde.frequency.lookup import Counts
from varde.frequency.new_file import new_file
from varde.frequency.people_table import read_people
from varde.frequency.store import Status
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.pedigree import read_ped


def command(
    vcf: Annotated[list[str], typer.Option("--vcf", help="VCF, VCF.gz or BCF; give the option again for more files.")],
    out: Annotated[Path, typer.Option("--out", help="The folder to make.")],
    ped: Annotated[Path | None, typer.Option("--ped", help="Sexes; without them X and Y are not counted.")] = None,
    people: Annotated[
        Path | None,
        typer.Option("--people", help="Table with the columns sample, sex, group and assay, instead of --ped."),
    ] = None,
    callable_: Annotated[
        list[str] | None,
        typer.Option(
            "--callable",
            metavar="[SAMPLE=]BED",
            help="Where everybody, or one sample, was callable: without a record there, one is reference. A BED or "
            "the name of a capture kit: NAME.bed in the folder VARDE_KITS. Repeatable.",
        ),
    ] = None,
    structural: Annotated[
        list[str] | None,
        typer.Option(
            "--structural",
            metavar="[SAMPLE=]VCF",
            help="Structural variants of everybody in it, or of one. Repeatable.",
        ),
    ] = None,
    gate: Annotated[
        Gate, typer.Option("--gate", help="Genotypes that count: gnomAD's adj (GQ, DP, allele balance), or all.")
    ] = Gate.ADJ,
    passing_only: Annotated[
        bool, typer.Option("--passing-only", help="Take records whose FILTER is not PASS or '.' as not called.")
    ] = False,
    reference: Annotated[
        str | None, typer.Option("--reference", help="Stored reference: REF is checked, indels are left-aligned.")
    ] = None,
    build: Annotated[Build | None, typer.Option("--build", help="Build, when no reference is given.")] = None,
    held_out: Annotated[
        bool,
        typer.Option("--held-out", help="Store these people to measure releases with; they are in no sum."),
    ] = False,
    runs: Annotated[
        Path | None,
        typer.Option(
            "--runs", help="A table to write: whose run is which, to withdraw people. Keep it apart from the counts."
        ),
    ] = None,
    sums_only: Annotated[
        bool,
        typer.Option(
            "--sums-only",
            help="Add up files of several people without a run per person: faster, and nobody can be withdrawn.",
        ),
    ] = False,
    as_json: output.JsonOption = False,
) -> None:
    """Count AC, AN, homozygotes and hemizygotes: one immutable run per person, then their sums."""
    stored = reference_store().get(reference) if reference is not None else None
    if build is None and stored is not None:
        build = stored.build
    if build is None:
        raise InputError(
            "no_build",
            "Neither a reference nor a build was given.",
            "Give --reference NAME (see 'varde reference list'), or --build GRCh37 or --build GRCh38.",
            field="--build",
        )
    counting = Counting(build, gate, stored, passing_only)
    if runs is not None and runs.exists():
        raise _runs_not_writable(runs, "It exists, and nothing is written over")
    cells = _cells(ped, people)
    beds = [CallableBed(_bed_of(path), sample) for path, sample in map(_of_sample, callable_ or ())]
    calls = [StructuralVcf(*_of_sample(text)) for text in structural or ()]
    if sums_only:
        _refuse_beside_sums({"--callable": beds, "--structural": calls, "--held-out": held_out, "--runs": runs})
    with output.progress("Reading records") as show:
        if sums_only:
            count_sums(vcf, out=out, counting=counting, cells=cells, progress=show)
        else:
            count(
                vcf,
                out=out,
                counting=counting,
                cells=cells,
                callable_beds=beds,
                structural=calls,
                status=Status.HELD_OUT if held_out else Status.COUNTED,
                progress=show,
                tell=partial(_write_runs, runs) if runs else None,
            )
    summary = _summary(Counts(out))
    output.print_result(summary, as_json=as_json, text=_text(summary, out))


def _refuse_beside_sums(options: Mapping[str, object]) -> None:
    """What is said of single people has no place where there are no runs."""
    for name, value in options.items():
        if value:
            raise InputError(
                "sums_only",
                f"{name} is of single people, and --sums-only keeps none.",
                f"Leave out {name}, or count with runs (without --sums-only).",
                field=name,
            )


def _cells(ped: Path | None, people: Path | None) -> dict[str, Cell] | None:
    """What is known of the people, by sample; None when nothing is."""
    if ped is not None and people is not None:
        raise InputError(
            "two_tables", "Both a pedigree and a table of people were given.", "Give one of them.", field="--people"
        )
    if people is not None:
        return read_people(people)
    return None if ped is None else {person.identifier: Cell(person.sex) for person in read_ped(ped).persons}


def _of_sample(text: str) -> tuple[Path, str | None]:
    """``FILE`` or ``SAMPLE=FILE``; a file whose name has an equals sign is a file."""
    sample, equals, path = text.partition("=")
    return (Path(text), None) if not equals or Path(text).exists() else (Path(path), sample)


def kit_folder() -> Path:
    """The folder of capture kits at ``VARDE_KITS``, else in the user's data folder."""
    root = os.environ.get("VARDE_KITS")
    return Path(root) if root else Path.home() / ".local" / "share" / "varde" / "kits"


def _bed_of(path: Path) -> Path:
    """A BED file as it is; of a bare name without an ending that is no file, the capture kit of that name."""
    if path.exists() or path.suffix or path.name != str(path):
        return path
    kit = kit_folder() / f"{path.name}.bed"
    if not kit.exists():
        known = ", ".join(sorted(one.stem for one in kit_folder().glob("*.bed"))) or "none"
        raise InputError(
            "unknown_kit",
            f"{path.name!r} is neither a file nor a capture kit; kits here: {known}.",
            f"Give a BED file, or lay {path.name}.bed into {kit_folder()}.",
            field="--callable",
        )
    return kit


def _write_runs(path: Path, runs: Mapping[str, str]) -> None:
    """The table of whose run is which: readable by its owner alone, since it undoes the pseudonyms."""
    lines = ["run\tsample", *(f"{run}\t{sample}" for sample, run in runs.items())]
    try:
        with new_file(path) as written:
            written.write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError as error:
        raise _runs_not_writable(path, error.strerror or "It cannot be written") from None


def _runs_not_writable(path: Path, why: str) -> InputError:
    return InputError(
        "out_not_writable",
        f"The table of runs cannot be written: {why}.",
        "Choose a new name at a place you may write to.",
        source=path.name,
        field="--runs",
    )


def _summary(counts: Counts) -> dict[str, Any]:
    """The manifest without its segments, with the number of alleles, and what was said of people and files, summed."""
    manifest = counts.manifest.as_json()
    del manifest["segments"]
    runs = counts.manifest.runs
    added_up = {str(entry["digest"]): entry for entry in counts.manifest.accepted}
    return {
        "alleles": counts.sites.filter(counts.sites["nobs"] > 0).height,
        "contradictions": sum(run.contradictions for run in runs)
        + sum(int(str(entry["contradictions"])) for entry in added_up.values()),
        "callable_bases_trimmed": sum(run.bases_trimmed for run in runs),
        "files": counts.manifest.files | added_up,
        "runs": [run.identifier for run in runs],
        "people_with_equal_runs": len(runs) - len({run.identifier for run in runs}),
        **manifest,
        "cells": [
            {"sex": str(cell.sex), "group": str(cell.group), "assay": str(cell.assay), "people": number}
            for cell, number in counts.people_by_cell.items()
        ],
    }


def _text(summary: Mapping[str, Any], out: Path) -> str:
    people, held_out = summary["people"], summary["statuses"][Status.HELD_OUT]
    lines = [f"{held_out:,} people held out: stored to measure releases with, in no sum."] if held_out else []
    lines += [
        f"{summary['alleles']:,} alleles of {people['total']:,} people"
        f" ({people['female']} female, {people['male']} male, {people['unknown']} of unknown sex)"
        f" in {summary['build']}, gate {summary['gate']['name']}, alleles {summary['normalised']}.",
    ]
    if not summary["holds_runs"]:
        lines.append("Sums only, without runs: nobody can be withdrawn, and the risk of a release cannot be measured.")
    if people["unknown"]:
        lines.append(
            f"X and Y are not counted for the {people['unknown']:,} people whose sex is not known"
            " (--ped or --people tells it)."
        )
    if len(summary["cells"]) > len({cell["sex"] for cell in summary["cells"]}):
        lines += [f"  {cell['people']:,} {cell['sex']}, {cell['group']}, {cell['assay']}" for cell in summary["cells"]]
    if summary["callable_bases_trimmed"]:
        lines.append(
            f"{summary['callable_bases_trimmed']:,} callable bases were left out with blocks that are not whole."
        )
    if summary["people_with_equal_runs"]:
        lines.append(
            f"{summary['people_with_equal_runs']:,} people have the very run of somebody else. Of so few alleles that"
            " can be chance; see that nobody was given twice under two names."
        )
    if summary["contradictions"]:
        lines.append(f"{summary['contradictions']:,} genotypes that records disagree on count as not called.")
    for tally in summary["files"].values():
        kept = sum(tally["alleles_kept"].values())
        dropped, not_called = _parts(tally, "alleles_dropped"), _parts(tally, "genotypes_not_called")
        lines += [
            f"File of {tally['people']:,}: {tally['alleles_read']:,} alleles read, {kept:,} kept{dropped}.",
            f"  {tally['genotypes_read']:,} genotypes read, {tally['genotypes_called']:,} called{not_called}.",
        ]
    return "\n".join([*lines, str(out)])


def _parts(tally: Mapping[str, Any], name: str) -> str:
    """``; 3 of these, 4 of those`` for the reasons that occurred."""
    parts = [f"{number:,} {reason.replace('_', ' ')}" for reason, number in tally[name].items() if number]
    return "; " + ", ".join(parts) if parts else ""
