"""``run.json``: everything that a result came from, and what is needed to make it again."""

from __future__ import annotations

import gzip
import hashlib
import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from varde.genome.errors import InputError
from varde.genome.reference_files import file_sha256
from varde.pipeline.plan import LaidOut, Plan
from varde.pipeline.settings import PipelineVersion, version_of
from varde.pipeline.steps import read_attempts, read_steps

RECORD: Final = "run.json"
FORMAT: Final = 1
_OUTPUT_FOLDERS: Final = ("variants", "results", "quality")
_INDEXES: Final = (".bai", ".tbi", ".csi")
_BLOCK: Final = 1 << 20


@dataclass(frozen=True)
class Output:
    """A file that a run made. ``content_sha256`` is of what it says: a VCF's records, an alignment's records, a table
    without its comments; headers with dates and paths do not count. None for an index, which follows from its file, and
    for MultiQC's summary, which follows from the reports."""

    path: str
    size_bytes: int
    sha256: str
    content_sha256: str | None


@dataclass(frozen=True)
class RunRecord:
    """One run that ended well."""

    family: str
    version: PipelineVersion
    samples: Mapping[str, str]
    configuration: Mapping[str, Any]
    inputs: tuple[Mapping[str, Any], ...]
    target: Mapping[str, str] | None
    outputs: tuple[Output, ...]
    steps: tuple[Mapping[str, Any], ...]
    attempts: tuple[Mapping[str, str], ...]
    started: str
    ended: str
    host_class: str
    who: str

    def as_dict(self) -> dict[str, Any]:
        """As it stands in the file."""
        return {"format": FORMAT, **asdict(self), "version": self.version.as_dict()}


def make_record(
    plan: Plan, laid_out: LaidOut, version: PipelineVersion, *, host_class: str, who: str, ended: datetime
) -> RunRecord:
    """Count the sums of all outputs and write ``run.json``."""
    folder = laid_out.folder
    attempts = read_attempts(folder)
    record = RunRecord(
        family=plan.family,
        version=version,
        samples={sample.name: sample.sex for sample in plan.samples},
        configuration=laid_out.configuration,
        inputs=tuple({**asdict(file), "path": str(file.path.resolve())} for file in laid_out.inputs),
        target={"path": str(plan.target.resolve()), "sha256": laid_out.target_sha256 or ""} if plan.target else None,
        outputs=tuple(outputs_of(folder)),
        steps=tuple(
            {
                "rule": step.rule,
                "subject": step.subject,
                "command": step.command,
                "started": step.started.isoformat(),
                "seconds": step.seconds,
            }
            for step in read_steps(folder)
        ),
        attempts=tuple({"who": name, "at": at.isoformat()} for name, at in attempts),
        started=attempts[0][1].isoformat(),
        ended=ended.isoformat(),
        host_class=host_class,
        who=who,
    )
    part = folder / f".{RECORD}.part"
    part.write_text(json.dumps(record.as_dict(), indent=2) + "\n", encoding="utf-8")
    part.rename(folder / RECORD)
    return record


def read_record(path: Path) -> RunRecord:
    """Raises InputError ``not_found`` and ``bad_record``."""
    if not path.is_file():
        raise InputError(
            "not_found", "There is no such file.", "Give the run.json of a finished run.", source=path.name
        )
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        if told.pop("format") != FORMAT:
            raise ValueError(told)
        digest = told["version"]["digest"]
        version = version_of(told["version"])
        if version.digest != digest:
            raise ValueError(digest)
        outputs = tuple(Output(**output) for output in told.pop("outputs"))
        lists = {name: tuple(told.pop(name)) for name in ("inputs", "steps", "attempts")}
        return RunRecord(**{**told, **lists, "version": version, "outputs": outputs})
    except (ValueError, KeyError, TypeError, AttributeError, UnicodeDecodeError):
        raise InputError(
            "bad_record",
            "This is no record of a run, or it was changed: its version does not have the digest that it tells.",
            "Give the run.json as 'varde pipeline run' wrote it.",
            source=path.name,
        ) from None


def outputs_of(folder: Path) -> Iterator[Output]:
    """The files that a run made, sorted by path, with their sums."""
    for name in _OUTPUT_FOLDERS:
        for path in sorted((folder / name).rglob("*")):
            if path.is_file():
                told = str(path.relative_to(folder))
                yield Output(told, path.stat().st_size, file_sha256(path), content_sha256(path))


def content_sha256(path: Path) -> str | None:
    """SHA-256 of what a file says, see :class:`Output`."""
    if path.suffix in _INDEXES or any(part.startswith("multiqc") for part in path.parts[-2:]):
        return None
    digest = hashlib.sha256()
    if path.suffix in (".bam", ".cram"):
        for block in _alignment_text(path):
            digest.update(block)
    elif path.suffix == ".json":
        digest.update(_undated(path))
    else:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            for line in file:
                if not line.startswith((b"#", b"COMMAND:")):
                    digest.update(line)
    return digest.hexdigest()


def _alignment_text(path: Path) -> Iterator[bytes]:
    with subprocess.Popen(["samtools", "view", str(path)], stdout=subprocess.PIPE) as child:  # noqa: S603, S607
        while child.stdout is not None and (block := child.stdout.read(_BLOCK)):
            yield block
    if child.returncode:
        raise RuntimeError(f"samtools view ended with {child.returncode}")


def _undated(path: Path) -> bytes:
    """A tool's JSON without the command line, which names folders."""
    told = json.loads(path.read_bytes())
    kept = {name: value for name, value in told.items() if name != "command" and not name.startswith("config")}
    return json.dumps(kept, sort_keys=True).encode()
