"""Running a recorded run again, and saying what differs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from varde.genome.errors import InputError
from varde.genome.reference_files import file_sha256
from varde.genome.references import Reference
from varde.pipeline.inputs import SampleInput, Unit
from varde.pipeline.plan import Plan
from varde.pipeline.record import RunRecord
from varde.pipeline.running import Host, Watch, Who, run_pipeline
from varde.pipeline.settings import COMMAND, WORKFLOW, Caller, PipelineVersion


@dataclass(frozen=True)
class Reproduction:
    """What a second run said beside the first: ``equal``, ``different`` and ``missing`` are output paths; ``versions``
    tells of each part of the pipeline that is not as it was (name, then, now)."""

    equal: tuple[str, ...]
    different: tuple[str, ...]
    missing: tuple[str, ...]
    versions: tuple[tuple[str, str, str], ...]

    @property
    def reproduced(self) -> bool:
        """Whether all outputs say the same."""
        return not self.different and not self.missing


def plan_of(record: RunRecord, reference: Reference, threads: int) -> Plan:
    """The plan that a record tells of. Raises InputError ``input_changed`` where an input, target, reference or caller
    is not the one of then, naming it."""
    told = record.configuration
    for file in record.inputs:
        _same(Path(file["path"]), file["sha256"])
    if record.target:
        _same(Path(record.target["path"]), record.target["sha256"])
    if reference.checksums["sequence.fa"] != record.version.reference_sha256:
        raise _changed(reference.name, "The reference has another sequence than then.")
    rules = Path(told["caller"]["rules"])
    shipped = WORKFLOW / "callers" / f"{record.version.caller}.smk"
    if record.version.caller != COMMAND and rules.name != shipped.name:
        _same(rules, record.version.caller_sha256)
    else:
        _same(shipped, record.version.caller_sha256)
        rules = shipped
    return Plan(
        family=record.family,
        samples=tuple(_sample(name, sample) for name, sample in told["samples"].items()),
        reference=reference,
        target=Path(record.target["path"]) if record.target else None,
        caller=Caller(record.version.caller, record.version.command, None if rules == shipped else rules),
        settings=record.version.settings,
        container=record.version.container,
        threads=threads,
    )


def reproduce(
    record: RunRecord, plan: Plan, folder: Path, host: Host, who: Who, watch: Watch | None = None
) -> Reproduction:
    """Run ``plan_of(record)`` in a new folder and compare what the outputs say. Raises what ``run_pipeline`` does."""
    again = run_pipeline(replace(plan, threads=host.cores), folder, host, who, watch)
    return compare(record, again)


def compare(first: RunRecord, second: RunRecord) -> Reproduction:
    """What the outputs of two runs say, and how their versions differ."""
    then = {output.path: output.content_sha256 for output in first.outputs if output.content_sha256}
    now = {output.path: output.content_sha256 for output in second.outputs if output.content_sha256}
    return Reproduction(
        equal=tuple(path for path in then if now.get(path) == then[path]),
        different=tuple(path for path in then if path in now and now[path] != then[path]),
        missing=tuple(path for path in then if path not in now),
        versions=version_differences(first.version, second.version),
    )


def version_differences(first: PipelineVersion, second: PipelineVersion) -> tuple[tuple[str, str, str], ...]:
    """Name, then and now of each part of a pipeline's version that changed, sorted by name."""
    then, now = _parts(first.as_dict()), _parts(second.as_dict())
    return tuple(
        (name, then.get(name, "–"), now.get(name, "–"))
        for name in sorted(then.keys() | now.keys())
        if then.get(name) != now.get(name)
    )


def _parts(told: dict[str, Any], prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in told.items():
        if name == "digest":
            continue
        if isinstance(value, dict):
            found |= _parts(value, f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}"] = str(value)
    return found


def _sample(name: str, told: dict[str, Any]) -> SampleInput:
    if told["alignment"]:
        return SampleInput(name, told["sex"], alignment=Path(told["alignment"]))
    units = tuple(
        Unit(unit["name"], Path(unit["first"]), Path(unit["second"]) if unit["second"] else None)
        for unit in told["units"]
    )
    return SampleInput(name, told["sex"], units)


def _same(path: Path, sha256: str) -> None:
    if not path.is_file():
        raise _changed(path.name, "The file is not where it was.")
    if file_sha256(path) != sha256:
        raise _changed(path.name, "The file has another checksum than then.")


def _changed(name: str, problem: str) -> InputError:
    return InputError(
        "input_changed", problem, "Bring back what the record names; another input is another run.", source=name
    )
