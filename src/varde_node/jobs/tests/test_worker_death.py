"""kill -9 a real worker in the middle of a job: the job ends done, and its effect exists once."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

PROGRAM = """
import os, sys, time
import django; django.setup()
from pathlib import Path
from varde_node.jobs.services import JobKind, enqueue, register_job, sweep, work
folder = Path(os.environ["VARDE_DATA"])

def slow(progress, name):
    progress(0.1, "begun")
    (folder / "begun").write_text(str(os.getpid()))
    while not (folder / "go").exists(): time.sleep(0.02)
    (folder / f"made-{name}").write_text("once")
    return [name]

register_job(JobKind("test.slow", "slow", slow))
if sys.argv[1] == "enqueue": print(enqueue("test.slow", "result"))
elif sys.argv[1] == "sweep":
    from datetime import timedelta
    from django.utils import timezone
    print(sweep(timezone.now() + timedelta(minutes=2)))
else: work(1)
"""


def until(true: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


def test_a_job_whose_worker_was_killed_ends_done(tmp_path: Path) -> None:
    environment = os.environ | {"VARDE_DATA": str(tmp_path), "VARDE_JOB_MODE": "queue", "VARDE_LOG_LEVEL": "ERROR"}
    environment["DJANGO_SETTINGS_MODULE"] = "varde_node.site.settings"
    environment.pop("VARDE_DATABASE_URL", None)
    started: list[subprocess.Popen[bytes]] = []

    def run(word: str) -> str:
        command = [sys.executable, "-c", PROGRAM, word]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()

    def worker() -> None:
        command = [sys.executable, "-c", PROGRAM, "work"]
        started.append(subprocess.Popen(command, env=environment, start_new_session=True, stderr=subprocess.DEVNULL))

    def row() -> tuple[str, int]:
        with sqlite3.connect(tmp_path / "varde.sqlite3", timeout=20) as connection:
            return connection.execute("SELECT state, attempts FROM jobs_job").fetchone()

    migrate = [sys.executable, "-m", "varde_node.site.launch", "migrate", "-v0"]
    subprocess.run(migrate, env=environment, check=True)
    run("enqueue")
    try:
        worker()
        until((tmp_path / "begun").exists)
        os.killpg(started[0].pid, signal.SIGKILL)
        assert row() == ("running", 1)
        (tmp_path / "go").touch()
        assert run("sweep") == "1"
        worker()
        until(lambda: row() == ("done", 2))
    finally:
        for process in started:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    assert [path.name for path in tmp_path.glob("made-*")] == ["made-result"]
