"""A 2 GB body through granian to the laboratory's upload interface: speed, and the server's peak memory.

The node is the demo country of ``pages``. The body is no VCF: it is streamed to disk whole, read, refused with 422 and
gone, so the measurement leaves the node as it was. The peer is the same bytes written to the same disk by ``write``.
"""

from __future__ import annotations

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pages

BODY_BYTES = 2 * 1024**3
BLOCK = os.urandom(1024**2)
MEMORY_TARGET_MB = 50
MEGABYTE = 1e6


def run() -> list[dict[str, object]]:
    """Rows of ``what``, ``target``, ``measured``, ``peer`` and ``ratio``."""
    _seed()
    address = _address()
    with _server() as (port, process):
        headers = _signed_in(port)
        # From here on the peak counts, not that of the start: "5" sets it back (Linux, proc(5)).
        Path(f"/proc/{process}/clear_refs").write_text("5", encoding="ascii")
        before = _peak_mb(process)
        begun = time.perf_counter()
        status = _send(port, address, headers, BODY_BYTES, BODY_BYTES // len(BLOCK))
        took = time.perf_counter() - begun
        peak = _peak_mb(process)
        begun = time.perf_counter()
        refused = _send(port, address, headers, 11 * 1024**3, 0)
        refusal_ms = (time.perf_counter() - begun) * 1_000
    left = sum(path.stat().st_size for path in (pages.DATA / "uploads").rglob("*"))
    if (status, refused, left) != (422, 413, 0):
        raise SystemExit(f"expected 422, 413 and nothing left; came {status}, {refused} and {left} bytes")
    speed, plain = BODY_BYTES / MEGABYTE / took, BODY_BYTES / MEGABYTE / _written_s()
    return [
        _row("2 GB through granian to disk and refused, MB/s", None, speed, round(plain), round(speed / plain, 2)),
        _row("peak memory added by it, MB", MEMORY_TARGET_MB, peak - before),
        _row("memory of the web server before, MB", None, before),
        _row("11 GB announced until refused, ms", None, refusal_ms),
    ]


def _seed() -> None:
    os.environ.update(pages._environment())
    seeded = (pages.DATA / "demo" / "seeded").exists()
    for command in ("migrate",) if seeded else ("migrate", "seed_demo"):
        subprocess.run([sys.executable, "-m", "varde_node.site.launch", command], check=True, stdout=subprocess.DEVNULL)


def _address() -> str:
    import django

    django.setup()
    from varde_node.lab.models import Case, CaseState

    case = Case.objects.filter(state=CaseState.SAMPLES_RECEIVED).order_by("number").first()
    return f"/api/lab/cases/{case.id}/files/?name=large.vcf"


@contextmanager
def _server() -> Iterator[tuple[int, int]]:
    """Port and process of granian's worker."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port), "--workers", "1"]
    command += ["--blocking-threads", "4", "--no-ws", "--log-level", "warning", "varde_node.site.wsgi:application"]
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        yield port, _worker(server.pid, port)
    finally:
        server.terminate()
        server.wait(30)


def _worker(parent: int, port: int) -> int:
    for _ in range(300):
        with suppress(OSError):
            _answer(port, "GET", "/health/live")
            children = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split()
            return max((int(child) for child in children), key=_peak_mb)
        time.sleep(0.2)
    raise SystemExit("granian did not start")


def _peak_mb(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024 / MEGABYTE


def _signed_in(port: int) -> dict[str, str]:
    token = "t" * 32
    headers = {"Cookie": f"csrftoken={token}", "X-CSRFToken": token}
    form = {**headers, "Content-Type": "application/x-www-form-urlencoded"}
    cookies = _answer(port, "POST", "/sign-in/demo/", b"username=kari", form).headers.get_all("Set-Cookie") or []
    session = next(cookie.split(";")[0] for cookie in cookies if cookie.startswith("sessionid="))
    return {**headers, "Cookie": f"csrftoken={token}; {session}"}


def _answer(
    port: int, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    answer.read()
    return answer


def _send(port: int, path: str, headers: dict[str, str], announced: int, blocks: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    connection.putrequest("POST", path)
    kind = {"Content-Type": "application/octet-stream", "Content-Length": str(announced)}
    for name, value in {**headers, **kind}.items():
        connection.putheader(name, value)
    connection.endheaders()
    for _ in range(blocks):
        connection.send(BLOCK)
    return connection.getresponse().status


def _written_s() -> float:
    path = pages.DATA / "uploads" / "written"
    begun = time.perf_counter()
    with path.open("wb") as file:
        for _ in range(BODY_BYTES // len(BLOCK)):
            file.write(BLOCK)
    took = time.perf_counter() - begun
    path.unlink()
    return took


def _row(
    what: str, target: float | None, measured: float, peer: float | None = None, ratio: float | None = None
) -> dict[str, object]:
    return {"what": what, "target": target, "measured": round(measured), "peer": peer, "ratio": ratio}


if __name__ == "__main__":
    for told in run():
        print("\t".join(str(value) for value in told.values()))
