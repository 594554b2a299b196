"""The frequency index: bytes by site, building, point and batch look-ups on 5 million sites; against DuckDB on Parquet.

``python benchmarks/index.py`` prints the rows of ``run``. The sites are drawn from a seed over chromosomes 1-20, with
counts of 10,000 people. Look-ups are timed one by one on keys drawn at random, a fifth of them absent.
"""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
import polars as pl

from varde.frequency.index import FrequencyIndex, build_index
from varde.genome.builds import Build
from varde.genome.keys import encode_keys

SITES, POINTS, BATCH, STEPS = 5_000_000, 10_000, 10_000, 400_000
PEER_POINTS = 200


def drawn() -> tuple[pl.DataFrame, pl.DataFrame]:
    """Sites with exact counts, and coverage steps of an exome-like kind."""
    draw = np.random.default_rng(5)
    contig = np.repeat(np.arange(1, 21), SITES // 20)
    position = np.concatenate([np.sort(draw.choice(60_000_000, SITES // 20, replace=False)) + 1 for _ in range(20)])
    ref = draw.integers(0, 4, SITES)
    letters = np.array(list("ACGT"))
    alt = letters[(ref + draw.integers(1, 4, SITES)) % 4]
    keys = encode_keys(contig, position, pl.Series(letters[ref]), pl.Series(alt))
    share = draw.beta(0.15, 3, SITES)
    frame = pl.DataFrame(
        {
            "key": keys,
            "ac": draw.binomial(20_000, share) + 1,
            "an": np.full(SITES, 20_002) - 2 * draw.integers(0, 3, SITES) * (draw.random(SITES) < 0.05),
            "nhomalt": draw.binomial(10_000, share**2),
            "nhemi": np.zeros(SITES, dtype=np.int64),
        }
    )
    place = np.sort(draw.choice(20 * 6_000_000, STEPS, replace=False)).astype(np.uint64) * 10
    place = ((place // 60_000_000 + 1) << 32) + place % 60_000_000
    steps = pl.DataFrame({"place": place.astype(np.uint64), "an": 2 * draw.integers(9_000, 10_001, STEPS)})
    return frame.sort("key"), steps


def quantiles(seconds: list[float]) -> tuple[float, float]:
    """Median and 95th percentile in microseconds."""
    return tuple((np.percentile(seconds, [50, 95]) * 1e6).tolist())


def points(index: FrequencyIndex, keys: list[int]) -> list[float]:
    """Seconds of every point look-up: the counts, or the coverage where there is no such site."""
    spent = []
    for key in keys:
        start = time.perf_counter()
        if index.row(key) is None:
            index.at(key >> 59, (key >> 31) & ((1 << 28) - 1))
        spent.append(time.perf_counter() - start)
    return spent


def run() -> list[dict[str, object]]:
    """Rows of what was measured, with target, peer and ratio."""
    frame, steps = drawn()
    draw = np.random.default_rng(6)
    asked = draw.choice(frame["key"].to_numpy(), POINTS)
    asked = np.where(draw.random(POINTS) < 0.2, asked + np.uint64(1 << 33), asked)
    with tempfile.TemporaryDirectory() as name:
        path, parquet = Path(name) / "register.index", Path(name) / "sites.parquet"
        before = time.process_time()
        build_index(path, Build.GRCH38, frame, steps, made_from={"release": "benchmark"})
        building = time.process_time() - before
        frame.write_parquet(parquet, row_group_size=128_000, statistics=True, compression="zstd")
        index = FrequencyIndex.open(path)
        size = path.stat().st_size
        index.find(asked[:10])
        middle, slow = quantiles(points(index, asked.tolist()))
        batches = []
        for _ in range(9):
            keys = draw.choice(frame["key"].to_numpy(), BATCH)
            start = time.perf_counter()
            rows = index.find(keys)
            found = {column: index.sites.values(column, rows) for column in index.columns}
            batches.append(time.perf_counter() - start)
        expected = frame["ac"].to_numpy()[np.searchsorted(frame["key"].to_numpy(), keys)]
        if not np.array_equal(found["ac"], expected):
            raise ValueError("the index tells other counts than the sites it was made from")
        theirs = []
        for key in asked[:PEER_POINTS].tolist():
            start = time.perf_counter()
            duckdb.execute(f"select * from '{parquet}' where key = {key}").fetchall()  # noqa: S608 - a number
            theirs.append(time.perf_counter() - start)
        peer, peer_slow = quantiles(theirs)
    what = f"{SITES:,} sites with {STEPS:,} coverage steps"
    return [
        _row(f"{what}, all in", "12 bytes/site", f"{size / SITES:.1f} bytes/site"),
        _row(f"build and write it, {what}", None, f"{SITES / building / 1e6:.1f} M sites per CPU second"),
        _row(
            f"{POINTS:,} random point look-ups, warm",
            "microseconds",
            f"median {middle:.0f} us, p95 {slow:.0f} us",
            f"DuckDB on Parquet: median {peer / 1e3:.1f} ms, p95 {peer_slow / 1e3:.1f} ms",
            round(peer / middle, 1),
        ),
        _row(f"{BATCH:,} random keys at once, four columns", "under 1 s", f"{np.median(batches) * 1e3:.0f} ms"),
    ]


def _row(
    what: str, target: str | None, measured: str, peer: str | None = None, ratio: float | None = None
) -> dict[str, object]:
    return {"what": what, "target": target, "measured": measured, "peer": peer, "ratio": ratio}


if __name__ == "__main__":
    for row in run():
        print(json.dumps(row))
