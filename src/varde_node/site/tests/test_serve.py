"""The launcher: one command serves pages and runs jobs, one signal stops both and leaves no process behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def processes_with(text: str) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if text in line:
            found.append(line)
    return found


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="looks for processes in /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_stops_web_server_and_worker(tmp_path: Path, number: int) -> None:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "varde_node.site.settings", "VARDE_DATA": str(tmp_path)}
    environment |= {"VARDE_JOB_MODE": "queue", "VARDE_LOG_LEVEL": "ERROR", "VARDE_HASHED_STATIC": "false"}
    environment.pop("VARDE_DATABASE_URL", None)
    launch = [sys.executable, "-m", "varde_node.site.launch"]
    subprocess.run([*launch, "migrate", "-v0"], env=environment, check=True)
    port = free_port()
    server = subprocess.Popen([*launch, "serve", "--port", str(port)], env=environment, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=5) as answer:
                    assert answer.read() == b'{"status": "live"}'
                break
            except (urllib.error.URLError, ConnectionError):
                assert server.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.2)
        server.send_signal(number)
        assert server.wait(30) == 0
    finally:
        server.kill()
    assert processes_with(f"--port {port}") == []
