"""The register over HTTP, served as in production, from a public release of five million sites.

The release is made of random sites (seeded) and stands in ``benchmarks/data/serving``; no reference is loaded, so
alleles are trimmed and keyed but not left-aligned. Point look-ups are sent at a fixed rate, and their times count from
the moment when they were due: a server that stalls is not forgiven.
"""

from __future__ import annotations

import functools
import http.client
import json
import os
import queue
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import numpy as np
import polars as pl

DATA = Path(__file__).parent / "data" / "serving"
NAME, PORT = "2026-11.1", 8140
SITES, REGION_SITES, BATCH = 5_000_000, 100_000, 10_000
RATE, SECONDS, CLIENTS = 50, 20, 16
POINT_TARGET_MS, OTHER_TARGET_MS = 20, 1_000
BASES = np.array(["A", "C", "G", "T"])


def _environment() -> dict[str, str]:
    told = {"VARDE_DATA": str(DATA), "VARDE_JOB_MODE": "immediate", "VARDE_PUBLIC_BUDGET": "100000000"}
    told |= {
        "VARDE_LOG_LEVEL": "WARNING",
        "VARDE_REFERENCE": "none",
        "DJANGO_SETTINGS_MODULE": "varde_node.site.settings",
    }
    return {**os.environ, **told}


def run() -> list[dict[str, object]]:
    """Rows of ``what``, ``target``, ``measured``, ``peer`` and ``ratio``; times in milliseconds."""
    _make()
    sites = pl.read_parquet(DATA / "asked.parquet")
    command = [sys.executable, "-m", "varde_node.site.launch", "serve", "--port", str(PORT)]
    server = subprocess.Popen(command, env=_environment(), stdout=subprocess.DEVNULL)
    try:
        _wait()
        return _measure(sites)
    finally:
        server.terminate()
        server.wait(30)


def _measure(sites: pl.DataFrame) -> list[dict[str, object]]:
    texts = sites["text"].to_list()
    _paced(texts[:50], 2)
    before = _server_cpu()
    times = sorted(_paced(texts, SECONDS))
    cpu = (_server_cpu() - before) / len(times) * 1000
    rows = [
        _row(f"point look-up at {RATE}/s, p95, ms", POINT_TARGET_MS, times[int(len(times) * 0.95)]),
        _row("the same, median, ms", None, statistics.median(times)),
        _row("the same, CPU of the server by look-up, ms", None, cpu),
    ]
    body = json.dumps(texts[:BATCH])
    rows.append(_row(f"POST of {BATCH:,} variants, ms", OTHER_TARGET_MS, _median(lambda: _post(body))))
    chosen = sites.filter(pl.col("contig") == 1)["position"].sort()
    held = round(SITES * len(chosen) / len(sites))
    width = int(chosen[-1] * REGION_SITES / held)
    address = f"/api/frequencies/regions/1:1-{width}?limit={REGION_SITES}"
    told = json.loads(_get(address))
    what = f"region of {told['total']:,} variants, one answer of {len(told['sites']):,}, ms"
    rows.append(_row(what, OTHER_TARGET_MS, _median(lambda: _get(address))))
    query = f"/beacon/g_variants?assemblyId=GRCh38&referenceName=1&start=0&end={width}"
    rows.append(
        _row(
            "the same region counted by the Beacon, ms",
            OTHER_TARGET_MS,
            _median(lambda: _get(f"{query}&requestedGranularity=count")),
        )
    )
    every = "/beacon/g_variants?requestedGranularity="
    for what, address in (
        ("the whole release counted by the Beacon, ms", f"{every}count"),
        ("one page of the whole release from the Beacon, the last, ms", f"{every}record&limit=100&skip=49000"),
        ("the substitutions of the whole release counted by the Beacon, ms", f"{every}count&filters=SO:0001483"),
    ):
        rows.append(_row(what, OTHER_TARGET_MS, _median(functools.partial(_get, address))))
    return rows


def _make() -> None:
    """The release, its index and the row that publishes it, once."""
    if (DATA / "asked.parquet").is_file():
        return
    os.environ.update(_environment())
    DATA.mkdir(parents=True, exist_ok=True)
    import django

    django.setup()
    from django.core.management import call_command

    from varde_node.registers.frequency import release_files
    from varde_node.registers.frequency.models import Release

    call_command("migrate", verbosity=0)
    folder = release_files.published_folder(NAME)
    asked = _write_release(folder)
    if not Release.objects.filter(name=NAME).exists():
        people = {name: uuid4() for name in ("prepared_by", "first_by", "second_by")}
        Release.objects.create(
            name=NAME,
            state="published",
            gate="passed",
            digest=release_files.digest_of(NAME),
            people=50_000,
            published_at=datetime(2026, 11, 1, tzinfo=UTC),
            open=None,
            **people,
        )
    asked.write_parquet(DATA / "asked.parquet")


def _write_release(folder: Path) -> pl.DataFrame:
    """A public part with random sites; returns a sample of them."""
    from varde.frequency.index import build_index
    from varde.frequency.release import layout
    from varde.frequency.release.public import PUBLIC_COVERAGE
    from varde.frequency.release.site_sets import SITE_SETS
    from varde.frequency.release.tables import write_table
    from varde.genome.builds import Build, contig_lengths
    from varde.genome.keys import encode_keys

    (folder / layout.PUBLIC).mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(1)
    lengths = contig_lengths(Build.GRCH38)[1:23]
    per_contig = (SITES * lengths / lengths.sum()).astype(int)
    contig = np.repeat(np.arange(1, 23, dtype=np.uint8), per_contig)
    position = random.integers(1, np.repeat(lengths, per_contig))
    ref = random.integers(0, 4, len(contig))
    alt = pl.Series(BASES[(ref + random.integers(1, 4, len(contig))) % 4])
    ref = pl.Series(BASES[ref])
    longer = pl.Series(random.random(len(contig)) < 0.07)
    alt = pl.select(pl.when(longer).then(ref + alt + "A").otherwise(alt)).to_series()
    frame = pl.DataFrame({"key": encode_keys(contig, position, ref, alt), "contig": contig, "position": position})
    frame = frame.with_columns(ref=ref, alt=alt).unique("key").sort("key")
    columns = {"an": np.full(frame.height, 100_000), "bin": 1 + random.geometric(0.2, frame.height) % 60}
    columns |= {name: (random.random(frame.height) < 0.1).astype(int) for name in ("homozygotes", "hemizygotes")}
    place = np.arange(1, 24, dtype=np.uint64) << np.uint64(32)
    told = (np.arange(23) < 22).astype(int)
    coverage = pl.DataFrame({"place": place, "an": told * 100_000, "told": told})
    build_index(
        folder / layout.INDEX, Build.GRCH38, frame.select("key").with_columns(**columns), coverage, made_from={}
    )
    spans = {"contig": range(1, 23), "start0": [0] * 22, "end0": lengths, "an": [100_000] * 22}
    write_table(pl.DataFrame(spans).cast(PUBLIC_COVERAGE), folder / layout.COVERAGE)
    write_table(SITE_SETS.to_frame(), folder / layout.SITE_SETS)
    write_table(layout.INTERPRETED.to_frame(), folder / layout.INTERPRETATIONS)
    manifest = {"format": layout.KIND, "format_version": layout.FORMAT, "release": NAME, "build": "GRCh38"}
    manifest |= {"gate": {"public": True, "sentence": ""}, "parameters": {"scheme": {"value": "sqrt-5"}}}
    (folder / layout.MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    written = pl.concat_str(["contig", "position", "ref", "alt"], separator="-")
    return frame.sample(50_000, seed=1, shuffle=True).with_columns(text=written)


def _paced(texts: list[str], seconds: float) -> list[float]:
    """Look-ups at the fixed rate; milliseconds from when each was due."""
    due: queue.SimpleQueue[tuple[float, str] | None] = queue.SimpleQueue()
    begun, times = time.perf_counter() + 0.2, []
    for number in range(int(RATE * seconds)):
        due.put((begun + number / RATE, texts[number % len(texts)]))
    for _ in range(CLIENTS):
        due.put(None)
    clients = [threading.Thread(target=_client, args=(due, times)) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    return times


def _client(due: queue.SimpleQueue[tuple[float, str] | None], times: list[float]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", PORT)
    while (one := due.get()) is not None:
        at, text = one
        time.sleep(max(0.0, at - time.perf_counter()))
        connection.request("GET", f"/api/frequencies/variants/{text}")
        answer = connection.getresponse()
        if b"in_bin" not in answer.read():
            raise ValueError(f"{text} was not found ({answer.status})")
        times.append((time.perf_counter() - at) * 1000)


def _get(address: str) -> bytes:
    return _send("GET", address)


def _post(body: str) -> bytes:
    return _send("POST", "/api/frequencies/variants", body)


def _send(method: str, address: str, body: str | None = None) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", PORT)
    connection.request(method, address, body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    told = answer.read()
    if answer.status != 200:
        raise ValueError(f"{address}: {answer.status} {told[:200]!r}")
    return told


def _wait() -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            _get("/health/live")
            return
        except OSError:
            time.sleep(0.3)
    raise TimeoutError("the server did not start")


def _server_cpu() -> float:
    """CPU seconds of every process that listens for us: those whose environment has our data folder."""
    total = 0
    for folder in Path("/proc").iterdir():
        try:
            if not folder.name.isdecimal() or int(folder.name) == os.getpid():
                continue
            if f"VARDE_DATA={DATA}\0".encode() in (folder / "environ").read_bytes():
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                total += int(fields[11]) + int(fields[12])
        except OSError:
            continue
    return total / os.sysconf("SC_CLK_TCK")


def _median(call: Callable[[], object], times: int = 5) -> float:
    call()
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        call()
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken)


def _row(what: str, target: float | None, measured: float) -> dict[str, object]:
    return {"what": what, "target": target, "measured": round(measured, 1), "peer": None, "ratio": None}


if __name__ == "__main__":
    for row in run():
        print(row["what"], row["measured"], f"(target {row['target']})" if row["target"] else "")
