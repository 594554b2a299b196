"""``varde-node serve``: web server and workers together; one signal stops both."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from types import FrameType

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError

from varde.genome.errors import InputError
from varde_node.registers.frequency.services import reconcile

GRACE_S = 15


class Command(BaseCommand):
    """Serve the node."""

    help = "Start web server and workers, and stop both on SIGINT or SIGTERM."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to listen."""
        parser.add_argument("--host", default=settings.CONFIGURATION.web_host)
        parser.add_argument("--port", type=int, default=settings.CONFIGURATION.web_port)

    def handle(self, *_args: object, host: str, port: int, **_options: object) -> None:
        """Start both, wait until one ends or a signal comes, then stop the other."""
        if settings.CONFIGURATION.hashed_static:
            call_command("collectstatic", interactive=False, verbosity=0)
        self._reconcile()
        asked = _stop_on_signal()
        # Sessions of their own: Ctrl+C in a terminal reaches only the launcher, which then stops each of them once.
        processes = {
            name: subprocess.Popen(command, start_new_session=True)  # noqa: S603
            for name, command in _commands(host, port).items()
        }
        self.stdout.write(f"Varde: http://{host}:{port}  (Ctrl+C stops it)")
        self.stdout.flush()
        while not asked and all(process.poll() is None for process in processes.values()):
            time.sleep(0.2)
        ended = [name for name, process in processes.items() if process.poll() is not None]
        _stop(processes)
        if not asked:
            self.stderr.write(f"The {' and the '.join(ended)} ended by itself; everything was stopped.")
            raise SystemExit(1)

    def _reconcile(self) -> None:
        """Nothing runs yet: what is unfinished was interrupted. What cannot be mended must not keep the node down."""
        try:
            reconcile(older_than_s=0)
        except (DatabaseError, InputError, OSError) as error:
            self.stderr.write(f"The frequency register was not reconciled: {type(error).__name__}. Run reconcile.")


def _commands(host: str, port: int) -> dict[str, list[str]]:
    web = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port)]
    web += ["--workers", str(settings.CONFIGURATION.web_workers), "--blocking-threads", "4", "--no-ws"]
    web += ["--log-level", "warning", "varde_node.site.wsgi:application"]
    commands = {"web server": web}
    if settings.JOB_MODE == "queue":
        commands["worker"] = [sys.executable, "-m", "varde_node.site.launch", "run_worker"]
    return commands


def _stop_on_signal() -> list[int]:
    asked: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        asked.append(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, note)
    return asked


def _stop(processes: dict[str, subprocess.Popen[bytes]]) -> None:
    for process in processes.values():
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
    deadline = time.monotonic() + GRACE_S
    for process in processes.values():
        with suppress(subprocess.TimeoutExpired):
            process.wait(max(0.1, deadline - time.monotonic()))
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # whatever the process left behind
        process.wait()
