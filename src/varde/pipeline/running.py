"""Running the workflow: one child process, followed by its log, stopped when asked, taken up again where it stopped."""

from __future__ import annotations

import fcntl
import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Final, cast

from varde.genome.errors import InputError
from varde.pipeline.plan import Plan, lay_out
from varde.pipeline.record import RunRecord, make_record
from varde.pipeline.settings import WORKFLOW
from varde.pipeline.steps import FAILED, LogReader, StepBook, read_log, read_steps

PROFILES: Final = ("local", "slurm")
_ASKED_EVERY_S: Final = 1.0
_STOP_PATIENCE_S: Final = 15.0
_WORKFLOW_LOG: Final = "logs/workflow.log"


@dataclass(frozen=True)
class Host:
    """Where the steps run: a shipped profile's name or a folder with one, and cores of this machine."""

    cores: int = 1
    profile: str = "local"
    in_containers: bool = False

    @property
    def folder(self) -> Path:
        """The profile's folder. Raises InputError ``unknown_profile``."""
        path = WORKFLOW / "profiles" / self.profile if self.profile in PROFILES else Path(self.profile)
        if not (path / "config.yaml").is_file():
            raise InputError(
                "unknown_profile",
                f"There is no profile {self.profile!r}.",
                f"Choose one of {', '.join(PROFILES)}, or give a folder with a config.yaml of Snakemake.",
                field="profile",
            )
        return path


@dataclass(frozen=True)
class Who:
    """Who runs it, and the clock that the record's times come from."""

    name: str
    clock: Callable[[], datetime]


Watch = Callable[[float, str], None]
"""Called about once a second with the share done (0 to 1) and the step that runs; what it raises stops the run."""


def run_pipeline(plan: Plan, folder: Path, host: Host, who: Who, watch: Watch | None = None) -> RunRecord:
    """Run a plan in a folder, or go on where an earlier try stopped, and write ``run.json`` there.

    Raises InputError: those of ``lay_out``; ``tool_missing`` before anything is written; ``run_in_progress``;
    ``step_failed``, naming the step, its log and the failing line; ``workflow_failed``.
    """
    profile, folder = host.folder.resolve(), folder.resolve()
    version = plan.version()
    with _locked(folder):
        laid_out = lay_out(plan, folder)
        book = StepBook(folder)
        started = who.clock()
        book.attempt(who.name, started)
        code = _follow(_command(folder, profile, host), folder, book, who.clock, watch or (lambda share, step: None))
        if code:
            raise _failure(folder)
        return make_record(plan, laid_out, version, host_class=_host_class(host), who=who.name, ended=who.clock())


def _command(folder: Path, profile: Path, host: Host) -> list[str]:
    words = [sys.executable, "-m", "snakemake", "--snakefile", str(WORKFLOW / "Snakefile"), "--directory", str(folder)]
    words += ["--configfile", str(folder / "config.json"), "--profile", str(profile), "--workflow-profile", "none"]
    words += ["--cores", str(host.cores), "--printshellcmds", "--rerun-incomplete", "--nolock", "--nocolor"]
    return [*words, *(["--software-deployment-method", "apptainer"] if host.in_containers else [])]


def _follow(command: list[str], folder: Path, book: StepBook, clock: Callable[[], datetime], watch: Watch) -> int:
    """Run the command, write its log and its steps down, and return its exit code."""
    log = folder / _WORKFLOW_LOG
    log.parent.mkdir(exist_ok=True)
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder / ".snakemake" / "cache"), "PYTHONUNBUFFERED": "1"}
    reader, share, step = LogReader(), 0.0, ""
    with log.open("a", encoding="utf-8") as kept:
        child = subprocess.Popen(  # noqa: S603 - our own command line
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            for line in _lines(cast(IO[bytes], child.stdout)):
                for event in reader.take(line, clock()) if line is not None else reader.rest():
                    book.note(event)
                    share = event.done / event.total if event.kind == "counted" else share
                    step = f"{event.rule} {event.subject}".strip() if event.kind == "began" else step
                if line is not None:
                    kept.write(line + "\n")
                else:
                    kept.flush()
                watch(min(share, 0.99), step)
            for event in reader.rest():
                book.note(event)
            return child.wait()
        except BaseException:
            _stop(child)
            book.stop(clock())
            raise
        finally:
            cast(IO[bytes], child.stdout).close()


def _lines(stream: IO[bytes]) -> Iterator[str | None]:
    """The lines of a child's output; None whenever a second has passed without one."""
    rest = b""
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        while True:
            if not selector.select(_ASKED_EVERY_S):
                yield None
                continue
            block = os.read(stream.fileno(), 1 << 16)
            *whole, rest = (rest + block).split(b"\n")
            yield from (line.decode("utf-8", "replace") for line in whole)
            if not block:
                return


def _stop(child: subprocess.Popen[bytes]) -> None:
    """End the workflow and the tools that it has started: the whole process group."""
    for sent in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(child.pid, sent)
            child.wait(_STOP_PATIENCE_S)
        except ProcessLookupError:
            break
        except subprocess.TimeoutExpired:
            continue
    try:
        os.killpg(child.pid, signal.SIGKILL)  # a tool may outlive the workflow
    except ProcessLookupError:
        return


def _failure(folder: Path) -> InputError:
    failed = next((step for step in reversed(read_steps(folder)) if step.state == FAILED), None)
    if failed is None:
        said = read_log(folder / _WORKFLOW_LOG)
        line = dict(said.lines).get(said.fault or 0, "")
        return InputError(
            "workflow_failed",
            f"The workflow could not start: {line[:300]}",
            "Look at the log; the same command goes on when the cause is mended.",
            source=_WORKFLOW_LOG,
            line=said.fault,
        )
    said = read_log(folder / failed.log)
    line = dict(said.lines).get(said.fault or 0, "The log is empty.")
    return InputError(
        "step_failed",
        f"The step {f'{failed.rule} {failed.subject}'.strip()} failed: {line[:300]}",
        "Look at the log, mend the cause, and run the same again: what is done is kept.",
        source=failed.log,
        line=said.fault,
    )


def _host_class(host: Host) -> str:
    machine = os.uname()
    return f"{machine.sysname} {machine.machine}, profile {host.profile}, {host.cores} cores"


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One run per folder at a time; the lock is the machine's and falls with the process. It stands beside the folder,
    so that a refused run has written nothing into it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    path = folder.parent / f".{folder.name}.lock"
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InputError(
                "run_in_progress",
                "This folder's run is going on already.",
                "Wait for it, or cancel it.",
                source=folder.name,
                field="out",
            ) from None
        yield
