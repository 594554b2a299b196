"""Server time of every page that the demo country's people can reach by links, and of a changed filter on an open case.

The node is seeded into ``benchmarks/data/node`` when it is not there. Pages are asked of the application in this
process, without a network, after it has started as the web server starts it. Each page's first answer is timed, then
three more, whose median counts.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import time
from collections import deque
from pathlib import Path

DATA = Path(__file__).parent / "data" / "node"
TARGET_MS = 150
WORK_LIST_TARGET_MS = 200
WORK_LIST_CASES = 10_000
FILTER_TARGET_MS = 300
PAGES_PER_PERSON = 80


def _environment() -> dict[str, str]:
    told = {"VARDE_DATA": str(DATA), "VARDE_DEMO": "true", "VARDE_HASHED_STATIC": "false"}
    return {**os.environ, **told, "DJANGO_SETTINGS_MODULE": "varde_node.site.settings"}


def run() -> list[dict[str, object]]:
    """Rows of ``what``, ``target``, ``measured``, ``peer`` and ``ratio``; times in milliseconds."""
    os.environ.update(_environment())
    if not (DATA / "demo" / "seeded").exists():
        for command in ("migrate", "seed_demo"):
            subprocess.run(
                [sys.executable, "-m", "varde_node.site.launch", command],
                check=True,
                stdout=subprocess.DEVNULL,
                env=_environment(),
            )
    import varde_node.site.wsgi  # noqa: F401 - sets up Django and warms the process
    from varde_node.people.queries import demo_accounts

    times: dict[str, float] = {}
    first: dict[str, float] = {}
    for account in demo_accounts():
        of_account, first_of_account = _walk(account.username)
        times |= of_account
        first |= first_of_account
    slow = sorted(times.items(), key=lambda item: item[1], reverse=True)
    over = [path for path, took in slow if took > TARGET_MS]
    rows = [_row(f"slowest of {len(times)} pages, ms", TARGET_MS, slow[0][1])]
    rows += [_row("median page, ms", None, statistics.median(times.values())), _row("pages over 150 ms", 0, len(over))]
    rows += [_row("slowest first answer after start, ms", TARGET_MS, max(first.values()))]
    rows += [_row("first answers over 150 ms", 0, sum(took > TARGET_MS for took in first.values()))]
    rows += [_row(f"`{_shape(path)}`, ms", TARGET_MS, took) for path, took in slow[:5]]
    return [*rows, _filter_row(), *work_list_rows()]


def _walk(username: str) -> tuple[dict[str, float], dict[str, float]]:
    """Times of every page reached, median of three, and of their first answers."""
    from varde_node.site.management.commands.demo_check import Links, local_links

    client = _signed_in(username)
    waiting, known, times, first = deque(["/"]), {"/"}, {}, {}
    while waiting and len(times) < PAGES_PER_PERSON:
        path = waiting.popleft()
        before = time.perf_counter()
        response = client.get(path, follow=True)
        took = (time.perf_counter() - before) * 1_000
        if response.status_code != 200 or not response["Content-Type"].startswith("text/html"):
            continue
        first[f"{path} ({username})"] = took
        times[f"{path} ({username})"] = statistics.median(_timed(client, path) for _ in range(3))
        links = Links()
        links.feed(response.content.decode())
        new = [link for link in local_links(links.links, response.request["PATH_INFO"]) if link not in known]
        known.update(new)
        waiting.extend(new)
    return times, first


def _signed_in(username: str) -> object:
    from django.test import Client

    client = Client(headers={"host": "127.0.0.1"})
    start = client.post("/sign-in/demo/", {"username": username}, follow=True)
    if start.request["PATH_INFO"].startswith("/sign-in/"):
        raise SystemExit(f"{username} could not sign in: the pages behind would not be measured")
    return client


def _timed(client: object, path: str) -> float:
    before = time.perf_counter()
    client.get(path, follow=True)
    return (time.perf_counter() - before) * 1_000


def _filter_row() -> dict[str, object]:
    """A ceiling never asked for before on an open case, so no answer is cached."""
    from varde_node.lab.models import Case, CaseState

    client = _signed_in("kari")
    case = Case.objects.filter(state=CaseState.INTERPRETATION).order_by("number").first()
    path = f"/lab/cases/{case.id}/candidates/"
    client.get(path)
    took = [_timed(client, f"{path}?recessive={ceiling}&impact=low") for ceiling in ("0.001", "0.01", "0.05")]
    return _row("changed filter on an open case, whole page, ms", FILTER_TARGET_MS, statistics.median(took))


def work_list_rows() -> list[dict[str, object]]:
    """The work list of a laboratory with ten thousand cases, over its filters, pages and a search: made in a
    transaction that is taken back, so that the node is left as it was."""
    from uuid import uuid4

    from django.db import transaction

    from varde_node.lab.models import Case, CaseState

    client = _signed_in("kari")
    states = list(CaseState.values)
    with transaction.atomic():
        first = Case.objects.filter(laboratory_id=_laboratory(client)).order_by("number").first()
        values = {field.attname: getattr(first, field.attname) for field in Case._meta.concrete_fields}
        Case.objects.bulk_create(
            (
                Case(
                    **{
                        **values,
                        "id": uuid4(),
                        "order_id": uuid4(),
                        "number": f"NO-1999-{number:05d}",
                        "state": states[number % len(states)],
                        "urgent": number % 17 == 0,
                    }
                )
                for number in range(WORK_LIST_CASES)
            ),
            batch_size=1_000,
        )
        paths = [f"/lab/?state={state}" for state in ("open", "mine", "to_read", "written", "overdue", "all", *states)]
        paths += ["/lab/?state=all&page=150", "/lab/?state=open&text=epilepsi", "/lab/?state=all&text=NO-1999-0777"]
        client.get(paths[0])
        took = sorted(_timed(client, path) for path in paths for _ in range(3))
        transaction.set_rollback(True)
    worst = took[max(0, -(-len(took) * 95 // 100) - 1)]
    return [
        _row("work list of 10,000 cases, 95th percentile, ms", WORK_LIST_TARGET_MS, worst),
        _row("work list of 10,000 cases, median, ms", None, statistics.median(took)),
    ]


def _laboratory(client: object) -> object:
    """The laboratory that the signed-in person works in."""
    return client.get("/lab/").wsgi_request.actor.organisation_id


def _shape(path: str) -> str:
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "…", path)


def _row(what: str, target: float | None, measured: float) -> dict[str, object]:
    return {"what": what, "target": target, "measured": round(measured, 1), "peer": None, "ratio": None}


if __name__ == "__main__":
    for told in run():
        print("\t".join(str(value) for value in told.values()))
