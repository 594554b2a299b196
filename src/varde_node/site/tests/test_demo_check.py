"""How long the walk through the demo waits for its server: as long as that works."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error

import pytest

from varde_node.site.management.commands.demo_check import wait_until_ready, work_done


class Knocking:
    """Answers with the statuses given, one each time; None is no answer, and the last one stays."""

    def __init__(self, *statuses: int | None) -> None:
        self.statuses = list(statuses)

    def get(self, path: str) -> tuple[int, str, bytes]:
        assert path == "health/ready"
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        if status is None:
            raise urllib.error.URLError("refused")
        return status, "text/plain", b""


def waited(code: str, *statuses: int | None, **limits: float) -> None:
    with subprocess.Popen([sys.executable, "-c", code]) as server:
        try:
            wait_until_ready(Knocking(*statuses), server, **limits)  # type: ignore[arg-type]
        finally:
            server.kill()


BUSY = "while True: pass"
BUSY_CHILD = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BUSY!r}], timeout=20)"
IDLE = "import time; time.sleep(60)"


@pytest.mark.parametrize("code", [BUSY, BUSY_CHILD])
def test_a_server_that_computes_makes_progress(code: str) -> None:
    """Also when what computes is its child, as a server's workers are."""
    with subprocess.Popen([sys.executable, "-c", code], start_new_session=True) as server:
        try:
            seen, deadline = {tuple(work_done(server.pid))}, time.monotonic() + 120
            while len(seen) < 4 and time.monotonic() < deadline:
                time.sleep(0.1)
                seen.add(tuple(work_done(server.pid)))
        finally:
            os.killpg(server.pid, signal.SIGKILL)
    assert len(seen) == 4


def test_a_server_that_answers_at_last_is_waited_for() -> None:
    waited(BUSY, None, None, 503, 200, standstill_s=60, limit_s=60)


def test_a_server_that_stands_still_is_given_up_with_the_reason() -> None:
    with pytest.raises(SystemExit) as caught:
        waited(IDLE, None, standstill_s=1, limit_s=60)
    assert str(caught.value) == "The node did not become ready: it does not answer, 1 seconds without computing."


def test_a_server_that_is_never_ready_is_given_up_with_the_reason() -> None:
    with pytest.raises(SystemExit) as caught:
        waited(BUSY, 503, standstill_s=60, limit_s=2)
    assert (
        str(caught.value) == "The node did not become ready: health/ready answers 503, 2 seconds since it was started."
    )


def test_a_server_that_ended_is_not_waited_for() -> None:
    with pytest.raises(SystemExit) as caught:
        waited("raise SystemExit(7)", None, standstill_s=60, limit_s=60)
    assert str(caught.value).startswith("The node did not become ready: it ended with code 7 after ")
