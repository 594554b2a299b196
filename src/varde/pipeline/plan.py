"""What is to be run: a family's reads, a reference, a target, a caller; checked, and laid out as a folder."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from varde.genome.builds import CONTIGS, MT, PSEUDOAUTOSOMAL, X, Y
from varde.genome.errors import InputError
from varde.genome.reference_files import Contig, file_sha256
from varde.genome.references import Reference
from varde.genome.regions import RegionSet, read_bed
from varde.pipeline.inputs import CheckedFile, SampleInput, check_reads
from varde.pipeline.settings import Caller, PipelineVersion, Settings, workflow_version
from varde.pipeline.tools import multiqc_version, tool_versions

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
SEXES: Final = {"male": "M", "female": "F", "unknown": "U"}
CONFIGURATION: Final = "config.json"


@dataclass(frozen=True)
class Plan:
    """One run. ``container`` names an image; it is used when the profile or ``--sdm apptainer`` says so."""

    family: str
    samples: tuple[SampleInput, ...]
    reference: Reference
    target: Path | None = None
    caller: Caller = field(default_factory=Caller)
    settings: Settings = field(default_factory=Settings)
    container: str = ""
    threads: int = 1

    def version(self) -> PipelineVersion:
        """The version that this run would be of. Raises InputError ``tool_missing`` and ``unknown_caller``."""
        workflow, files = workflow_version()
        return PipelineVersion(
            workflow=workflow,
            workflow_sha256=files,
            caller=self.caller.name,
            caller_sha256=file_sha256(self.caller.rule_file),
            command=self.caller.command,
            settings=self.settings,
            tools=tool_versions(),
            reference=self.reference.name,
            build=self.reference.build.value,
            reference_sha256=self.reference.checksums["sequence.fa"],
            container=self.container,
        )


@dataclass(frozen=True)
class LaidOut:
    """A folder that is ready to run."""

    folder: Path
    inputs: tuple[CheckedFile, ...]
    target_sha256: str | None
    configuration: dict[str, Any]


def check_plan(plan: Plan) -> None:
    """Raises InputError ``bad_name``, ``duplicate_sample``, ``no_samples``, ``unknown_sex`` or ``unknown_caller``."""
    if not plan.samples:
        raise InputError("no_samples", "No sample is given.", "Give one or more samples.", field="samples")
    names = [sample.name for sample in plan.samples]
    for name in (plan.family, *names):
        if not _NAME.fullmatch(name):
            raise InputError(
                "bad_name",
                f"{name[:60]!r} cannot be the name of a sample or family.",
                "A name has 1 to 60 letters, digits, dots, hyphens or underscores, and starts with a letter or digit.",
                field="samples",
            )
    doubled = next((name for name in names if names.count(name) > 1), None)
    if doubled:
        raise InputError(
            "duplicate_sample", f"{doubled} is given twice.", "Give each person once, with all lanes.", field="samples"
        )
    for sample in plan.samples:
        if sample.sex not in SEXES:
            raise InputError(
                "unknown_sex", f"{sample.sex[:20]!r} is no sex.", f"Give one of {', '.join(SEXES)}.", field="sex"
            )
    _ = plan.caller.rule_file


def lay_out(plan: Plan, folder: Path) -> LaidOut:
    """Check everything, then write the run's folder: configuration, ploidy, target. A folder of the same run is taken
    up again. Raises InputError as ``check_plan``, ``check_reads`` and ``read_bed`` do, ``target_beyond_reference``, and
    ``folder_in_use`` where the folder holds something else; then nothing was written."""
    check_plan(plan)
    inputs = tuple(file for sample in plan.samples for file in check_reads(sample, plan.reference))
    target = read_bed(plan.target, plan.reference.build) if plan.target else None
    contigs = _contigs_of(plan, target)
    configuration = _configuration(plan, folder, contigs, inputs, target is not None)
    _refuse_other_use(folder, configuration)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write_ploidy(plan, folder)
    if target is not None:
        _write_targets(plan, folder, target)
    (folder / CONFIGURATION).write_text(json.dumps(configuration, indent=2) + "\n", encoding="utf-8")
    return LaidOut(folder, inputs, file_sha256(plan.target) if plan.target else None, configuration)


def _contigs_of(plan: Plan, target: RegionSet | None) -> list[str]:
    held = {contig.code: contig for contig in plan.reference.contigs if contig.code}
    if target is None:
        return [contig.name for contig in held.values()]
    for code, end in zip(target.contig.tolist(), target.end0.tolist(), strict=True):
        if code not in held or end > held[code].length:
            raise InputError(
                "target_beyond_reference",
                f"The target asks for {CONTIGS[code - 1]} up to {end:,}, which reference {plan.reference.name} lacks.",
                "Give the target of this reference.",
                source=plan.target.name if plan.target else None,
            )
    asked = set(target.contig.tolist())
    return [contig.name for code, contig in held.items() if code in asked]


def _configuration(
    plan: Plan, folder: Path, contigs: Sequence[str], inputs: Sequence[CheckedFile], targeted: bool
) -> dict[str, Any]:
    settings = plan.settings
    return {
        "family": plan.family,
        "samples": {
            sample.name: {
                "sex": sample.sex,
                "alignment": str(sample.alignment.resolve()) if sample.alignment else None,
                "units": [
                    {
                        "name": re.sub(r"\W", "_", unit.name),
                        "first": str(unit.first.resolve()),
                        "second": str(unit.second.resolve()) if unit.second else None,
                    }
                    for unit in sample.units
                ],
            }
            for sample in plan.samples
        },
        "inputs": {str(file.path.resolve()): file.sha256 for file in inputs},
        "reference": {
            "name": plan.reference.name,
            "build": plan.reference.build.value,
            "fasta": str(plan.reference.fasta.resolve()),
            "bwa_index": str(_index_prefix(plan.reference, folder)),
            "contigs": list(contigs),
        },
        "target": {"bed": "target.bed"} if targeted else None,
        "caller": {
            "name": plan.caller.name,
            "rules": str(plan.caller.rule_file.resolve()),
            "command": plan.caller.command,
        },
        "depth": {
            "callable_from": settings.callable_from,
            "mapping_quality": settings.mapping_quality,
            "thresholds": list(settings.thresholds),
            "window": settings.window,
            "least_quality": settings.least_quality,
        },
        "options": {"fastp": settings.fastp, "mpileup": settings.mpileup, "call": settings.call},
        "padding": settings.padding,
        "container": plan.container,
        "multiqc": multiqc_version(),
        "threads": plan.threads,
    }


def _index_prefix(reference: Reference, folder: Path) -> Path:
    """bwa's index stands beside the reference; in the run's folder where the store is read-only."""
    beside = reference.folder.resolve() / "bwa"
    home = beside if beside.is_dir() or os.access(reference.folder, os.W_OK) else folder.resolve() / "work" / "bwa"
    return home / "sequence.fa"


def _refuse_other_use(folder: Path, configuration: dict[str, Any]) -> None:
    known = folder / CONFIGURATION
    if not folder.exists() or not any(folder.iterdir()):
        return
    earlier = json.loads(known.read_text(encoding="utf-8")) if known.is_file() else None
    if earlier is None or {**earlier, "threads": 0} != {**configuration, "threads": 0}:
        raise InputError(
            "folder_in_use",
            "The folder holds something else, or a run of other inputs or settings.",
            "Give a new folder; the same command in the same folder goes on where a run stopped.",
            source=folder.name,
            field="out",
        )


def _write_ploidy(plan: Plan, folder: Path) -> None:
    """Sex chromosomes and mitochondrion by sex, in the form of bcftools; what is not named is diploid. Whose sex is not
    known is called as diploid everywhere, which loses no variant."""
    lines = []
    for contig in plan.reference.contigs:
        if contig.code == X:
            lines += [f"{contig.name} {start + 1} {end} M 1" for start, end in _beside_pseudoautosomal(plan, contig)]
        elif contig.code == Y:
            lines += [f"{contig.name} 1 {contig.length} M 1", f"{contig.name} 1 {contig.length} F 0"]
        elif contig.code == MT:
            lines += [f"{contig.name} 1 {contig.length} {letter} 1" for letter in "MFU"]
    lines += [f"* * * {letter} 2" for letter in "MFU"]
    (folder / "ploidy.txt").write_text("\n".join(lines) + "\n", encoding="ascii")
    sexes = [f"{sample.name} {SEXES[sample.sex]}\n" for sample in plan.samples]
    (folder / "sexes.txt").write_text("".join(sexes), encoding="ascii")


def _beside_pseudoautosomal(plan: Plan, contig: Contig) -> list[tuple[int, int]]:
    """Half-open intervals of X outside PAR1 and PAR2, as far as the reference goes."""
    edges = [0, *(edge for pair in PSEUDOAUTOSOMAL[plan.reference.build][X] for edge in pair), contig.length]
    pairs = ((edges[i], min(edges[i + 1], contig.length)) for i in range(0, len(edges), 2))
    return [(start, end) for start, end in pairs if start < end]


def _write_targets(plan: Plan, folder: Path, target: RegionSet) -> None:
    """The target as given, merged and with the reference's names, and the padded places of each contig."""
    held = {contig.code: contig for contig in plan.reference.contigs if contig.code}
    places = folder / "targets"
    shutil.rmtree(places, ignore_errors=True)
    places.mkdir()
    with (folder / "target.bed").open("w", encoding="ascii") as whole:
        for code in np.unique(target.contig).tolist():
            contig = held[code]
            rows = target.contig == code
            starts, ends = target.start0[rows], target.end0[rows]
            np.savetxt(whole, np.stack([starts, ends], axis=1), fmt=f"{contig.name}\t%d\t%d")
            padded = _padded(starts, ends, plan.settings.padding, contig.length)
            np.savetxt(places / f"{contig.name}.bed", padded, fmt=f"{contig.name}\t%d\t%d")


def _padded(starts: np.ndarray, ends: np.ndarray, padding: int, length: int) -> np.ndarray:
    """Intervals [n, 2] widened on both sides, those that now meet joined."""
    wide_starts, wide_ends = np.maximum(starts - padding, 0), np.minimum(ends + padding, length)
    opens = np.concatenate([[True], wide_starts[1:] > wide_ends[:-1]])
    return np.stack([wide_starts[opens], wide_ends[np.concatenate([opens[1:], [True]])]], axis=1)
