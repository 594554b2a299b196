"""A release of 5,000,000 sites: bytes per site of every form, and the time to write, verify and ask it.

``python benchmarks/run.py release``. Sites are drawn from a seed over chromosomes 1 to 22, in proportion to length:
92 % single bases, the rest insertions and deletions of up to 8 bases; the counts of 20,000 people are log-uniform.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from varde.frequency.callable_intervals import Intervals
from varde.frequency.cells import Cell
from varde.frequency.increment import COVERAGE, LONG, PEOPLE, STRUCTURAL, Increment, write_increment
from varde.frequency.observations import OBSERVATIONS
from varde.frequency.release.parameters import Parameters
from varde.frequency.release.public import all_sites, binned, public_coverage, public_sites
from varde.frequency.release.publish import PublicPart, told_interpretations, write_index
from varde.frequency.release.site_sets import SiteSet
from varde.frequency.release.tables import read_sites, write_sites, write_table
from varde.frequency.release.vcf import write_vcf
from varde.genome.builds import Build, contig_length
from varde.genome.keys import encode_keys
from varde.genome.pedigree import Sex

SITES, PEOPLE_COUNTED = 5_000_000, 20_000
BUILD = Build.GRCH38


def drawn(sites: int) -> Increment:
    """Everybody's counts."""
    random = np.random.default_rng(7)
    lengths = np.array([contig_length(BUILD, code) for code in range(1, 23)], dtype=np.float64)
    contig = np.sort(random.choice(22, sites, p=lengths / lengths.sum()) + 1).astype(np.uint8)
    position = (random.random(sites) * (lengths[contig - 1] - 1_000)).astype(np.int64) + 1
    bases = np.array(["A", "C", "G", "T"])
    first = random.integers(0, 4, sites)
    ref, alt = bases[first], bases[(first + random.integers(1, 4, sites)) % 4]
    longer = random.random(sites) < 0.08
    extra = np.array(["".join(bases[random.integers(0, 4, random.integers(1, 9))]) for _ in range(2_000)])
    tail = extra[random.integers(0, len(extra), sites)]
    insertion = random.random(sites) < 0.5
    ref_text = np.where(longer & ~insertion, np.char.add(ref, tail), ref)
    alt_text = np.where(longer, np.where(insertion, np.char.add(ref, tail), ref), alt)
    keys = encode_keys(contig, position, pl.Series(ref_text), pl.Series(alt_text))
    keys, kept = np.unique(keys, return_index=True)
    ac = np.exp(random.uniform(0, np.log(PEOPLE_COUNTED), len(keys))).astype(np.int64)
    share = ac / (2 * PEOPLE_COUNTED)
    hom = random.binomial(PEOPLE_COUNTED, share**2)
    cell = np.full(len(keys), Cell(Sex.UNKNOWN).code)
    counts = {"het": np.maximum(ac - 2 * hom, 0), "hom": hom, "hemi": 0 * hom, "beside": 0 * hom}
    observed = pl.DataFrame({"key": keys, "cell": cell, **counts}, schema=OBSERVATIONS)
    hashed = (keys >> np.uint64(30) & np.uint64(1)).astype(bool)
    long = pl.DataFrame(
        {"key": keys[hashed], "ref": ref_text[kept][hashed], "alt": alt_text[kept][hashed]}, schema=LONG
    )
    starts = np.arange(1, 23, dtype=np.int64) << 32
    place = np.sort(np.concatenate([starts + step * 400_000 for step in range(100)]))
    change = np.where(np.isin(place, starts), PEOPLE_COUNTED, random.integers(-40, 41, len(place)))
    ends = starts + 250_000_000
    levels = [change[place >> 32 == code].sum() for code in range(1, 23)]
    steps = pl.DataFrame(
        {"place": np.concatenate((place, ends)), "change": np.concatenate((change, np.negative(levels)))}
    )
    coverage = steps.sort("place").with_columns(cell=pl.lit(cell[0])).select(COVERAGE.names()).cast(dict(COVERAGE))
    people = pl.DataFrame({"cell": [cell[0]], "people": [PEOPLE_COUNTED], "structural_people": [0]}, schema=PEOPLE)
    return Increment(BUILD, observed, coverage.filter(pl.col("change") != 0), STRUCTURAL.to_frame(), people, long)


def timed(work: Callable[[], object]) -> float:
    """CPU seconds."""
    start = time.process_time()
    work()
    return time.process_time() - start


def run(sites: int = SITES) -> list[dict[str, object]]:
    """Rows for RESULTS.md."""
    folder = Path(tempfile.mkdtemp())
    try:
        return _rows(drawn(sites), folder)
    finally:
        shutil.rmtree(folder)


def _rows(increment: Increment, folder: Path) -> list[dict[str, object]]:
    parameters = Parameters(hysteresis=False)
    counted = all_sites(increment)
    bins = binned(counted, np.full(counted.height, 2), parameters, None)
    everywhere = np.ones(counted.height, dtype=bool)
    shown = public_sites(counted, bins, everywhere, parameters)
    # Every site, the lowest bin's too: more than any release has, so that all 5,000,000 are weighed.
    whole = public_sites(counted, type(bins)(bins.scheme, bins.number + 1, bins.low, bins.high), everywhere, parameters)
    starts = np.arange(1, 23, dtype=np.int64) << 32
    genome = SiteSet("all", Intervals(starts, starts + 248_000_000))
    coverage = public_coverage(increment, genome.places, parameters.coverage_block)
    part = PublicPart(whole, coverage, (genome,), told_interpretations(None, (genome,), parameters))
    rows = []

    def weigh(what: str, work: Callable[[], object], target: str | None) -> None:
        seconds = timed(work)
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        rate = whole.height / seconds
        rows.append(_row(f"{what}, bytes per site", target, round(size / whole.height, 2)))
        rows.append(_row(f"{what}, sites written per CPU second", None, round(rate)))

    weigh("released Parquet, bins, by chromosome and bucket", lambda: write_sites(whole, folder / "sites"), "<= 6")
    seconds = timed(lambda: [read_sites(path) for path in (folder / "sites").iterdir()])
    rows.append(_row("released Parquet, sites read per CPU second", None, round(whole.height / seconds)))
    shutil.rmtree(folder / "sites")
    exact = counted.select("contig", "position", "ref", "alt", "ac", "an", "nhomalt", "nhemi")
    weigh(
        "exact AC, AN, hom and hemi in the same form",
        lambda: write_table(exact, folder / "exact.parquet", delta=("position",)),
        "<= 6",
    )
    (folder / "exact.parquet").unlink()
    (folder / "counts").mkdir()
    weigh("professional counts by cell", lambda: write_increment(folder / "counts", increment), None)
    shutil.rmtree(folder / "counts")
    weigh(
        "memory-mapped index of the release",
        lambda: write_index(folder / "index", part, BUILD, {"scheme": parameters.scheme}),
        "<= 12",
    )
    (folder / "index").unlink()
    weigh("VCF", lambda: write_vcf(whole, folder / "sites.vcf.gz", BUILD, "2026-11.1", parameters), None)
    rows.append(_row("sites above the lowest bin, of all", None, f"{shown.height:,} of {whole.height:,}"))
    return rows


def _row(what: str, target: object, measured: object) -> dict[str, object]:
    return {"what": what, "target": target, "measured": measured, "peer": None, "ratio": None}


if __name__ == "__main__":
    for line in run():
        print(line)
