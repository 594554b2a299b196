"""What a run can be told beside its inputs, and a pipeline's version: what must be equal for results to be equal."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from varde.genome.errors import InputError
from varde.genome.reference_files import file_sha256

WORKFLOW: Final = Path(__file__).parent / "workflow"
BCFTOOLS: Final = "bcftools"
COMMAND: Final = "command"


@dataclass(frozen=True)
class Caller:
    """Who finds the variants: Varde's own ``bcftools``, one command (``command``), or a file of rules of the site."""

    name: str = BCFTOOLS
    command: str = ""
    """With {reference}, {alignments}, {contig}, {targets} and {output}; for the caller ``command``."""
    rules: Path | None = None
    """A Snakemake file with a rule that makes ``work/calls/{contig}.bcf``; None for the two that are shipped."""

    @property
    def rule_file(self) -> Path:
        """The file that is included. Raises InputError ``unknown_caller``."""
        path = self.rules or WORKFLOW / "callers" / f"{self.name}.smk"
        if not path.is_file() or (self.name == COMMAND) != bool(self.command):
            raise InputError(
                "unknown_caller",
                f"The caller {self.name!r} has no file of rules, or 'command' has no command.",
                "Choose 'bcftools', give 'command' with the command, or a file of rules.",
                field="caller",
            )
        return path


@dataclass(frozen=True)
class Settings:
    """The steps' parameters; all of them change results and are part of the pipeline's version.

    Depth of a callable base, mapping quality and the least QUAL are proposals of Varde (20 is what accredited
    laboratories commonly report as read); the thresholds are those that the quality gates ask for.
    """

    callable_from: int = 20
    """Reads that make a base callable."""
    mapping_quality: int = 20
    """Least mapping quality (Phred) of a read that counts as depth."""
    thresholds: tuple[int, ...] = (1, 10, 15, 20, 30)
    window: int = 500
    """Bases per row of the depth table where no target is given."""
    least_quality: int = 20
    """QUAL below which bcftools' calls are marked LOWQUAL; they are kept."""
    padding: int = 20
    """Bases beside each target interval in which variants are called."""
    fastp: str = ""
    mpileup: str = "--min-MQ 20 --min-BQ 13 --max-depth 1000"
    call: str = ""


@dataclass(frozen=True)
class PipelineVersion:
    """All that decides what comes out of given reads: equal versions give equal results."""

    workflow: str
    workflow_sha256: str
    caller: str
    caller_sha256: str
    command: str
    settings: Settings
    tools: Mapping[str, str]
    reference: str
    build: str
    reference_sha256: str
    container: str = ""
    digest: str = field(init=False, default="")

    def __post_init__(self) -> None:
        told = {name: value for name, value in asdict(self).items() if name not in ("digest", "reference")}
        text = json.dumps(told, sort_keys=True, separators=(",", ":"), default=list)
        object.__setattr__(self, "digest", hashlib.sha256(text.encode()).hexdigest())

    def as_dict(self) -> dict[str, Any]:
        """For a record or a row."""
        return {**asdict(self), "settings": {**asdict(self.settings), "thresholds": list(self.settings.thresholds)}}


def version_of(told: Mapping[str, Any]) -> PipelineVersion:
    """The version that a record tells of; the digest is counted anew."""
    settings = {**told["settings"], "thresholds": tuple(told["settings"]["thresholds"])}
    rest = {name: value for name, value in told.items() if name not in ("settings", "digest")}
    return PipelineVersion(settings=Settings(**settings), **rest)


@lru_cache(maxsize=1)
def workflow_version() -> tuple[str, str]:
    """Varde's version, and the SHA-256 over the workflow's files (the shipped callers and profiles aside)."""
    digest = hashlib.sha256()
    for path in sorted([WORKFLOW / "Snakefile", *WORKFLOW.glob("*.smk")]):
        digest.update(f"{path.name} {file_sha256(path)}\n".encode())
    return version("varde"), digest.hexdigest()
