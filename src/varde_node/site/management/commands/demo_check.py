"""``varde-node demo-check``: serve the demo, walk its pages as every person by plain HTTP, report and stop."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import deque
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from varde_node.people.queries import demo_accounts

STANDSTILL_S = 60
"""Without an answer and without having computed anything for so long, the server is given up."""
START_LIMIT_S = 1_200
"""A loaded machine is slow; no server that works takes longer."""
PAGES_PER_PERSON = 60


@dataclass
class Links(HTMLParser):
    """Links, first-level headings and the form token of a page."""

    links: list[str] = field(default_factory=list)
    headings: int = 0
    token: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what is of interest."""
        attributes = dict(attrs)
        if tag == "a" and attributes.get("href"):
            self.links.append(attributes["href"] or "")
        if tag == "h1":
            self.headings += 1
        if tag == "input" and attributes.get("name") == "csrfmiddlewaretoken":
            self.token = attributes.get("value") or ""


class Visitor:
    """A browser without JavaScript."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def get(self, path: str, data: dict[str, str] | None = None) -> tuple[int, str, bytes]:
        """Status, content type and body of an address."""
        body = urllib.parse.urlencode(data).encode() if data else None
        request = urllib.request.Request(urllib.parse.urljoin(self.base, path), body)  # noqa: S310 - our own server
        try:
            with self.opener.open(request, timeout=60) as response:
                return response.status, response.headers.get_content_type(), response.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers.get_content_type(), error.read()

    def page(self, path: str, data: dict[str, str] | None = None) -> tuple[int, Links]:
        """Status of a page and what it holds."""
        status, kind, body = self.get(path, data)
        links = Links()
        if kind == "text/html":
            links.feed(body.decode())
        return status, links


class Command(BaseCommand):
    """Walk the demo."""

    help = "Serve the demo, walk its pages by plain HTTP as every person, report and stop."

    def add_arguments(self, parser: CommandParser) -> None:
        """``--pages``: how many pages per person at most."""
        parser.add_argument("--pages", type=int, default=PAGES_PER_PERSON)

    def handle(self, *_args: object, pages: int, **_options: object) -> None:
        """Exit code 1 when any page fails."""
        if not settings.DEMO:
            raise CommandError("This node is no demo (VARDE_DEMO is false). Run it by `make demo-check`.")
        port = _free_port()
        command = [sys.executable, "-m", "varde_node.site.launch", "serve", "--port", str(port)]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
        failures: list[str] = []
        try:
            base = f"http://127.0.0.1:{port}/"
            wait_until_ready(Visitor(base), server)
            for account in demo_accounts():
                seen, failed = _walk(Visitor(base), account.username, pages)
                failures += failed
                self.stdout.write(f"{account.username:<12} {seen:>4} pages, {len(failed)} failures")
        finally:
            server.terminate()
            server.wait(30)
        for failure in failures:
            self.stderr.write(failure)
        self.stdout.write("The demo works." if not failures else f"{len(failures)} pages failed.")
        if failures:
            raise SystemExit(1)


def _walk(visitor: Visitor, username: str, limit: int) -> tuple[int, list[str]]:
    _, sign_in = visitor.page("sign-in/")
    status, start = visitor.page("sign-in/demo/", {"username": username, "csrfmiddlewaretoken": sign_in.token})
    failures = [] if status == 200 else [f"{username}: signing in answered {status}"]
    waiting, known, seen = deque(local_links(start.links)), set(local_links(start.links)), 1
    while waiting and seen < limit:
        path = waiting.popleft()
        status, found = visitor.page(path)
        seen += 1
        if status != 200:
            failures.append(f"{username}: {path} answered {status}")
        elif found.links and found.headings != 1:
            failures.append(f"{username}: {path} has {found.headings} first-level headings")
        new = [link for link in local_links(found.links, path) if link not in known]
        known.update(new)
        waiting.extend(new)
    return seen, failures


def local_links(links: list[str], page: str = "/") -> list[str]:
    """Paths of this node among the links of a page, without static files, each once."""
    joined = (urllib.parse.urljoin(page, link).split("#")[0] for link in links)
    return list(
        dict.fromkeys(link for link in joined if link.startswith("/") and not link.startswith(("//", "/static/")))
    )


def wait_until_ready(
    visitor: Visitor,
    server: subprocess.Popen[bytes],
    *,
    standstill_s: float = STANDSTILL_S,
    limit_s: float = START_LIMIT_S,
) -> None:
    """Wait while the server makes progress: it lives, and its processes use the CPU.

    Raises SystemExit, which says why and after how long, when it has ended, stood still or taken ``limit_s``.
    """
    began = moved = time.monotonic()
    done: list[str] = []
    said = "it does not answer"
    while server.poll() is None:
        try:
            status = visitor.get("health/ready")[0]
            if status == 200:
                return
            said = f"health/ready answers {status}"
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            pass
        now, before, done = time.monotonic(), done, work_done(server.pid)
        if done != before:
            moved = now
        for waited, limit, why in (
            (now - moved, standstill_s, "without computing"),
            (now - began, limit_s, "since it was started"),
        ):
            if waited > limit:
                raise SystemExit(f"The node did not become ready: {said}, {limit:g} seconds {why}.")
        time.sleep(0.3)
    ended = time.monotonic() - began
    raise SystemExit(
        f"The node did not become ready: it ended with code {server.returncode} after {ended:.0f} seconds."
    )


def work_done(leader: int) -> list[str]:
    """Number and CPU time of a process and of all that it started, as text: it changes while they compute."""
    command = ["ps", "-A", "-o", "pid=,ppid=,time="]
    table = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603
    ours, found = {str(leader)}, []
    for pid, parent, used in sorted((line.split() for line in table.splitlines()), key=lambda row: int(row[0])):
        if pid in ours or parent in ours:
            ours.add(pid)
            found.append(f"{pid} {used}")
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
