"""Ten thousand exomes through the register, and a million genomes on paper.

``python benchmarks/scale.py`` prints the rows of ``run``: 625, 2,500 and 10,000 semi-synthetic exomes in four regions,
as runs on disk, summed, sent as signed shards and taken in by the nation, with one withdrawal at each size. Every size
is a process of its own; CPU is user plus system; drawing the genotypes is not counted. ``--paper`` computes the sheet
for a million genomes from the unit costs of the middle size, which the rows end with, alone.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from counting import spent
from reading import peak_megabytes

SIZES = (625, 2_500, 10_000)
REGIONS = ("hso", "hv", "hmn", "hn")
BATCH = 125
VARIANTS_OF_A_GENOME, VARIANTS_OF_AN_EXOME = 5_000_000, 28_000
PAPER_PEOPLE = 1_000_000


def store_region(folder: Path, sites: object, first: int, people: int) -> float:
    """Runs of ``people`` exomes with their sums, in batches; CPU seconds without drawing the genotypes."""
    import polars as pl

    from varde.frequency.callable_intervals import Intervals, Tracks
    from varde.frequency.cells import Assay, Cell
    from varde.frequency.genotypes import Gate
    from varde.frequency.increment import sum_runs
    from varde.frequency.ledger import append, changing, create, store_runs
    from varde.frequency.ploidy import SEXES
    from varde.frequency.run import Run
    from varde.frequency.store import RUN_LINES, Segment, Settings, StoredRun, added_lines
    from varde.genome.builds import Build

    folder.mkdir(parents=True)
    create(folder, Settings(Build.GRCH38, Gate.ADJ, False, None, None))
    tracks = Tracks()
    kit = tracks.add(sites.targets)
    used = 0.0
    for start in range(first, first + people, BATCH):
        runs = []
        for person in range(start, min(start + BATCH, first + people)):
            cell = Cell(SEXES[person % 2], assay=Assay.EXOME)
            alleles = sites.alleles(person, person % 2)
            runs.append(Run(Build.GRCH38, Gate.ADJ, cell, alleles, (kit,), Intervals.empty(), Intervals.empty()))
        began = spent()
        with changing(folder) as contents:
            store_runs(folder, runs, tracks)
            lines = [StoredRun(run.identifier, run.cell, run.tracks, (), 0).as_line() for run in runs]
            frame = added_lines([pl.DataFrame(lines, schema=RUN_LINES, orient="row")])
            append(contents, Segment(sum_runs(Build.GRCH38, runs, tracks), frame))
        used += spent() - began
    return used


def road(people: int) -> dict[str, float]:
    """From runs to the nation; every figure in CPU seconds, bytes or megabytes."""
    from varde.frequency.count import remove_person
    from varde.frequency.ledger import compact
    from varde.frequency.lookup import Counts
    from varde.frequency.nation import accept_shard, found_nation
    from varde.frequency.outbox import ship
    from varde.frequency.signing import PrivateKey, new_key, trusted_keys
    from varde.frequency.store import read_manifest
    from varde.simulate.exomes import exome_sites

    sites = exome_sites(seed=3)
    sites.alleles(0, 0)
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        warm = root / "warm"
        store_region(warm, sites, 0, 10)
        each = people // len(REGIONS)
        result: dict[str, float] = {"store": 0.0, "ship": 0.0, "accept": 0.0, "shard_bytes": 0.0}
        for place, region in enumerate(REGIONS):
            result["store"] += store_region(root / region, sites, place * each, each)
        result["runs_bytes"] = sum(
            f.stat().st_size for r in REGIONS for f in (root / r / "runs").rglob("*") if f.is_file()
        )
        found_nation(root / "nation", read_manifest(root / REGIONS[0]).settings)
        for region in REGIONS:
            private, public = root / f"{region}.key", root / f"{region}.pub"
            new_key(private, public, region)
            began = spent()
            shipped = ship(root / region, root / f"{region}-outbox", PrivateKey.load(private), "2026-11")
            result["ship"] += spent() - began
            result["shard_bytes"] += shipped.path.stat().st_size
            began = spent()
            accept_shard(root / "nation", shipped.path, trusted_keys([public]))
            result["accept"] += spent() - began
        nation = Counts(root / "nation")
        result["alleles"] = nation.sites.height
        result["copies"] = int(nation.sites["ac"].sum())
        result["people"] = nation.people
        began, clock = spent(), time.perf_counter()
        remove_person(root / REGIONS[0], read_manifest(root / REGIONS[0]).runs[0].identifier)
        result["withdraw"], result["withdraw_wall"] = spent() - began, time.perf_counter() - clock
        began = spent()
        compact(root / "nation")
        result["compact"] = spent() - began
    return result | {"peak": peak_megabytes()}


def measured(people: int) -> dict[str, float]:
    """``road`` in a process of its own."""
    answer = subprocess.run(
        [sys.executable, __file__, "--road", str(people)], check=True, capture_output=True, text=True
    ).stdout
    return json.loads(answer)


def run() -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    by_size: dict[int, dict[str, float]] = {}
    for people in SIZES:
        found = by_size[people] = measured(people)
        first = by_size[SIZES[0]]
        growth = people / SIZES[0]
        for key, what, unit in (
            ("store", "runs written and summed in four regions", "CPU s"),
            ("ship", "four signed shards made", "CPU s"),
            ("accept", "four shards taken in by the nation", "CPU s"),
            ("withdraw", "one person withdrawn in a region", "CPU s"),
            ("runs_bytes", "runs on disk", "bytes per person"),
            ("shard_bytes", "shards", "bytes per allele of the nation"),
            ("peak", "peak memory", "MB"),
        ):
            per = {"runs_bytes": people, "shard_bytes": found["alleles"]}.get(key, 1)
            grown = (
                f"{found[key] / first[key]:.1f} at {growth:.0f}x people" if people != SIZES[0] and per == 1 else None
            )
            target = "under 5 s" if key == "withdraw" else None
            rows.append(
                {
                    "what": f"{people:,} exomes: {what}, {unit}",
                    "target": target,
                    "measured": round(found[key] / per, 2),
                    "peer": None,
                    "ratio": grown,
                }
            )
    empty = dict.fromkeys(("target", "measured", "peer", "ratio"))
    return [*rows, *({"what": f"on paper: {line}", **empty} for line in paper(by_size[SIZES[1]], SIZES[1]))]


def paper(unit: dict[str, float], people: int) -> list[str]:
    """A million genomes from the unit costs of ``people`` exomes; the assumptions stand in the lines."""
    observations = people * VARIANTS_OF_AN_EXOME
    per_observation = unit["store"] / observations
    bytes_each = unit["runs_bytes"] / observations
    total = PAPER_PEOPLE * VARIANTS_OF_A_GENOME
    # 1,000 Genomes and gnomAD see most alleles once; a site per 4 bases of 3.1 billion at a million genomes (gnomAD v4:
    # 786 million alleles at 807,162 people, most of them exomes).
    alleles = 800_000_000
    summed, genome = total * per_observation, VARIANTS_OF_A_GENOME
    return [
        f"Unit costs, measured with {people:,} exomes, per observation: {per_observation * 1e9:.0f} ns CPU,"
        f" {bytes_each:.1f} bytes.",
        f"{PAPER_PEOPLE:,} genomes of {genome:,} variants: {total:.1e} observations.",
        f"Runs in the regions: {total * bytes_each / 1e12:.1f} TB.",
        f"Written and summed once: {summed / 3600:,.0f} CPU hours.",
        f"Reading the VCFs at 300,000 records per CPU second: {total / 300_000 / 3600:,.0f} CPU hours.",
        f"The nation's sums at {alleles:.0e} alleles (an assumption), 24 bytes each: {alleles * 24 / 1e9:.0f} GB; in"
        f" about 200 buckets of 2^24 bases {alleles * 24 / 200 / 1e6:.0f} MB each, one task per bucket.",
        f"A withdrawal reads one run: {genome * bytes_each / 1e6:.0f} MB and {genome * per_observation:.1f} CPU s.",
    ]


if __name__ == "__main__":
    if "--road" in sys.argv:
        print(json.dumps(road(int(sys.argv[-1]))))
    elif "--paper" in sys.argv:
        print("\n".join(paper(measured(SIZES[1]), SIZES[1])))
    else:
        for row in run():
            print(row)
