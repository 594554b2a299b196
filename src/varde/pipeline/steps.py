"""What the workflow's log says of its steps: which began, which ended, which failed and where in its own log."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

STEPS: Final = "steps.jsonl"
RUNNING, DONE, FAILED, STOPPED = "running", "done", "failed", "stopped"

_BEGIN = re.compile(r"(?:local)?(?:rule|checkpoint) (\w+):\s*\Z")
_ERROR = re.compile(r"Error in (?:rule|group) (\w+)")
_FINISHED = re.compile(r"Finished jobid: (\d+)")
_COUNT = re.compile(r"(\d+) of (\d+) steps \(")
_FIELD = re.compile(r"    (\w+): (.*)")
_FAULT = re.compile(
    r"\[E::|\w*error\b|\bfail(?:ed|ure)?\b|\babort|\bfatal\b|\bcould not\b|\bcannot\b|not found|no such"
    r"|unrecogni[sz]ed|invalid",
    re.IGNORECASE,
)
_LOG_BYTES: Final = 1 << 20


@dataclass(frozen=True)
class Step:
    """One step of a run. ``subject`` is what it is of: a sample, a sample's lane, a contig; empty for the family."""

    rule: str
    subject: str
    state: str
    started: datetime
    ended: datetime | None = None
    command: str = ""
    log: str = ""

    @property
    def seconds(self) -> float | None:
        """How long it took; None while it runs."""
        return (self.ended - self.started).total_seconds() if self.ended else None


@dataclass(frozen=True)
class Event:
    """What one piece of the log tells: ``kind`` is ``began``, ``finished``, ``failed`` or ``counted``."""

    kind: str
    job: str = ""
    rule: str = ""
    subject: str = ""
    command: str = ""
    log: str = ""
    done: int = 0
    total: int = 0
    at: datetime | None = None


class LogReader:
    """Takes the workflow's log line by line; ``take`` gives the events that a line completes."""

    def __init__(self) -> None:
        self._block: dict[str, str] | None = None
        self._command: list[str] | None = None
        self._kind = ""
        self._at: datetime | None = None

    def take(self, line: str, at: datetime) -> Iterator[Event]:
        """The events that are complete with this line (without its line end), which came at that time. What a step is
        stands in a block whose end only the next line shows; ``rest`` asks for it when no line comes."""
        if self._block is not None:
            if self._command is None and (field := _FIELD.match(line)):
                self._block.setdefault(field[1], field[2].strip())
                return
            if self._command is None and line.startswith("Shell command: "):
                self._command = [line.removeprefix("Shell command: ")]
                return
            if self._command is not None and line.startswith((" ", "\t")):
                self._command.append(line)
                return
            yield self._ended_block()
        if found := _BEGIN.match(line):
            self._block, self._kind, self._at = {"rule": found[1]}, "began", at
        elif found := _ERROR.match(line):
            self._block, self._kind, self._at = {"rule": found[1]}, "failed", at
        elif found := _FINISHED.match(line):
            yield Event("finished", job=found[1], at=at)
        elif found := _COUNT.match(line):
            yield Event("counted", done=int(found[1]), total=int(found[2]), at=at)

    def rest(self) -> Iterator[Event]:
        """The event of a block that no line has ended yet."""
        if self._block is not None:
            yield self._ended_block()

    def _ended_block(self) -> Event:
        block, command = self._block or {}, self._command or []
        self._block = self._command = None
        wildcards = dict(part.split("=", 1) for part in block.get("wildcards", "").split(", ") if "=" in part)
        subject = " ".join(wildcards[name] for name in ("sample", "unit", "contig") if name in wildcards)
        text = "\n".join(part.strip() for part in command if part.strip())
        log = block.get("log", "").split(" (")[0].split(", ")[0]
        return Event(self._kind, block.get("jobid", ""), block["rule"], subject, command=text, log=log, at=self._at)


class StepBook:
    """The steps of a run as lines of a file, added to and never changed; a run taken up again goes on in it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / STEPS
        self._open: dict[str, Step] = {}

    def attempt(self, who: str, at: datetime) -> None:
        """Somebody started or resumed the run."""
        self._add({"attempt": who, "at": at.isoformat()})

    def note(self, event: Event) -> None:
        """Write down what an event changes."""
        at = event.at
        if at is None:
            return
        if event.kind == "began" and event.rule != "all":
            step = Step(event.rule, event.subject, RUNNING, at, command=event.command, log=event.log)
            self._write(event.job, step)
        elif event.kind == "finished" and event.job in self._open:
            self._write(event.job, replace(self._open[event.job], state=DONE, ended=at))
        elif event.kind == "failed" and event.rule != "all":
            known = self._open.get(event.job) or Step(event.rule, event.subject, RUNNING, at, log=event.log)
            self._write(event.job, replace(known, state=FAILED, ended=at, log=event.log or known.log))

    def stop(self, at: datetime) -> None:
        """What still ran has been stopped."""
        for job, step in self._open.items():
            if step.state == RUNNING:
                self._write(job, replace(step, state=STOPPED, ended=at))

    def _write(self, job: str, step: Step) -> None:
        self._open = {**self._open, job: step}
        ended = step.ended.isoformat() if step.ended else None
        self._add({**asdict(step), "started": step.started.isoformat(), "ended": ended})

    def _add(self, line: Mapping[str, Any]) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def read_steps(folder: Path) -> tuple[Step, ...]:
    """The steps of a run's folder as they stand, in the order in which they first began; none where nothing ran yet."""
    steps: dict[tuple[str, str], Step] = {}
    for told in _lines(folder):
        if "rule" in told:
            ended = datetime.fromisoformat(told["ended"]) if told["ended"] else None
            step = Step(**{**told, "started": datetime.fromisoformat(told["started"]), "ended": ended})
            steps[step.rule, step.subject] = step
    return tuple(steps.values())


def read_attempts(folder: Path) -> tuple[tuple[str, datetime], ...]:
    """Who started or resumed the run, and when."""
    return tuple((told["attempt"], datetime.fromisoformat(told["at"])) for told in _lines(folder) if "attempt" in told)


def _lines(folder: Path) -> Iterable[dict[str, Any]]:
    path = folder / STEPS
    if not path.is_file():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            yield json.loads(line)
        except ValueError:  # the last line of a run whose machine stopped
            continue


@dataclass(frozen=True)
class LogExcerpt:
    """The lines of a step's log around the one that tells of the fault; ``fault`` is its number, 1-based, or None."""

    lines: tuple[tuple[int, str], ...]
    fault: int | None


def read_log(path: Path, around: int = 15) -> LogExcerpt:
    """The part of a log around its failing line: the first that speaks of an error, else the last; the last megabyte is
    looked at. Line numbers are those of the whole file. An absent or empty log gives no lines."""
    if not path.is_file() or not path.stat().st_size:
        return LogExcerpt((), None)
    with path.open("rb") as file:
        skipped = max(0, path.stat().st_size - _LOG_BYTES)
        first = 1 + sum(block.count(b"\n") for block in _blocks(file, skipped))
        text = file.read().decode("utf-8", "replace")
    lines = list(enumerate(text.splitlines(), start=first))
    told = [line for line in lines if line[1].strip()] or lines
    fault = next((number for number, line in lines if _FAULT.search(line)), max(number for number, _ in told))
    return LogExcerpt(tuple(line for line in lines if abs(line[0] - fault) <= around), fault)


def _blocks(file: Any, size: int) -> Iterator[bytes]:
    while size > 0 and (block := file.read(min(size, _LOG_BYTES))):
        size -= len(block)
        yield block
