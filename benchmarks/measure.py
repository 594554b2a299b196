"""The measure: time and memory at register size, growth, the page's table of mechanisms, and linkage in real genomes.

``python benchmarks/measure.py`` prints the rows of ``run``. People are from the model of the reference page: unlinked
sites, frequencies log-uniform from 1e-4 to 0.5; ``DISTINCT`` different people are scored again and again.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path

import numpy as np

from reading import peak_megabytes
from varde.frequency.disclosure.bins import SCHEMES, assign
from varde.frequency.disclosure.linkage import STRETCHES, thinned
from varde.frequency.disclosure.populations import drawn_frequencies
from varde.frequency.disclosure.power import predicted_power, risk
from varde.frequency.disclosure.scores import Meter, Person, score_region
from varde.frequency.disclosure.tests.simulated import Register, as_people, drawn, site_keys
from varde.frequency.disclosure.weights import site_weights
from varde.genome.builds import Build

DISTINCT = 400
METERS = 16
"""Of a release with one before it and people who left: 5 attackers in 3 ways of adding up each, and one in one."""
TABLE = (
    # people, sites, mechanism, power at 5 % in the page's table B and in its second run
    (10_000, 50_000, "exact", "0.72"),
    (10_000, 50_000, "sqrt-2", "0.41, 0.33"),
    (10_000, 50_000, "sqrt-5", "0.22, 0.21"),
    (10_000, 50_000, "clinical", "0.26, 0.28"),
    (10_000, 200_000, "sqrt-2", "0.83, 0.83"),
    (10_000, 200_000, "sqrt-5", "0.44, 0.48"),
    (10_000, 200_000, "clinical", "0.69, 0.58"),
    (1_000, 20_000, "sqrt-2", "0.72, 0.67"),
    (1_000, 20_000, "sqrt-5", "0.52, 0.48"),
    (1_000, 20_000, "clinical", "0.68, 0.59"),
)


def score_register(sites: int, people: int, meters: int = 1) -> dict[str, float]:
    """CPU seconds to weigh ``sites`` and to score ``people`` members and as many held-out people by ``meters``."""
    random = np.random.default_rng(1)
    p = np.exp(random.uniform(np.log(1e-4), np.log(0.5), sites))
    keys = site_keys(sites)
    pool = [one for _ in range(DISTINCT // 50) for one in as_people(keys, drawn(random, 50, p))]
    ac, an = random.binomial(2 * people, p), np.full(sites, 2 * people)
    _weigh_and_score(keys[:10], ac[:10], an[:10], p[:10], pool, 10)  # compiles
    start = time.process_time()
    _weigh_and_score(keys, ac, an, p, pool, people, meters)
    return {"seconds": time.process_time() - start, "megabytes": peak_megabytes(), "carried": len(pool[0].keys)}


def _weigh_and_score(keys, ac, an, p, pool: list[Person], people: int, number: int = 1) -> None:
    bins = assign(ac, an, SCHEMES["sqrt-5"])
    meters = {str(i): Meter.of(Build.GRCH38, keys, site_weights(bins.low, bins.high, an, p), p) for i in range(number)}
    endless = (pool[i % len(pool)] for i in range(10**9))
    risk(score_region(meters, islice(endless, people), islice(endless, people), relatives=200), "0")


def table_row(people: int, sites: int, mechanism: str) -> float:
    """Power at 5 % against people of the model: the mean of three registers, 500 members of each tested."""
    powers = []
    for seed in range(3):
        register = Register.drawn(people, sites, 500, seed)
        bins = assign(register.ac, register.an, SCHEMES[mechanism])
        powers.append(risk(register.scores(bins.low, bins.high), "true").members[0].estimate or 0.0)
    return float(np.mean(powers))


def real_genomes() -> dict[str, float]:
    """Half of the labelled 1000 Genomes people against the other half, each population split evenly; sqrt-5 bins.

    Sites of the pharmacogenes, linked as they are; ``formula`` is what unlinked sites would give.
    """
    genotypes, populations, keys = _pharmacogenes()
    random = np.random.default_rng(1)
    halves = [np.array_split(random.permutation(np.flatnonzero(populations == one)), 2) for one in set(populations)]
    members, held = (np.concatenate([half[i] for half in halves]) for i in (0, 1))
    ac, held_ac = (genotypes[who].sum(axis=0, dtype=np.int64) for who in (members, held))
    an, held_an = (np.full(len(keys), 2 * len(who)) for who in (members, held))
    p = drawn_frequencies(ac + held_ac, an + held_an, seed=1)
    bins = assign(ac, an, SCHEMES["sqrt-5"])
    weights = site_weights(bins.low, bins.high, an, p)
    meters = {str(one): Meter.of(Build.GRCH38, keys, thinned(keys, weights, p, one), p) for one in STRETCHES}
    meters["all"] = Meter.of(Build.GRCH38, keys, weights, p)
    scores = score_region(meters, as_people(keys, genotypes[members]), as_people(keys, genotypes[held]))
    found = {name: risk(scores, name).members[0].estimate or 0.0 for name in meters}
    formula = predicted_power(len(members), len(keys), 0.05, 0.13)
    thin = max(found[str(one)] for one in STRETCHES)
    return {"sites": len(keys), "measured": found["all"], "thinned": thin, "formula": formula}


def _pharmacogenes():
    from cyvcf2 import VCF

    from varde.genome.keys import encode_keys

    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("VARDE_SHARED_DATA", beside)) / "genotypes"
    with (folder / "1000g-samples.tsv").open() as file:
        labels = {row["sample"]: row["superpopulation"] for row in csv.DictReader(file, delimiter="\t")}
    rows, places = [], []
    for path in sorted((folder / "1000g-pharmacogenes-grch38").glob("*.vcf.gz")):
        vcf = VCF(str(path), gts012=True)
        labelled = [i for i, name in enumerate(vcf.samples) if name in labels]
        for record in vcf:
            if record.CHROM != "chrX" and len(record.ALT) == 1:
                copies = record.gt_types[labelled].astype(np.uint8)
                rows.append(np.where(copies == 3, 0, copies))
                places.append((int(record.CHROM.removeprefix("chr")), record.POS, record.REF, record.ALT[0]))
        populations = np.array([labels[vcf.samples[i]] for i in labelled])
    keys = encode_keys(*(list(column) for column in zip(*places, strict=True)))
    keys, first = np.unique(keys, return_index=True)
    genotypes = np.array(rows, dtype=np.uint8)[first].T
    seen = genotypes.any(axis=0)
    return np.ascontiguousarray(genotypes[:, seen]), populations, keys[seen]


def apart(name: str, *arguments: int) -> dict[str, float]:
    """A measurement in a process of its own."""
    command = [sys.executable, __file__, name, *map(str, arguments)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def run() -> list[dict[str, object]]:
    whole = apart("score_register", 100_000, 10_000)
    all_attackers = apart("score_register", 100_000, 10_000, METERS)
    fewer_sites, fewer_people = apart("score_register", 50_000, 10_000), apart("score_register", 100_000, 5_000)
    what = "scoring 10,000 members and 10,000 held-out people at 100,000 sites"
    rows = [
        _row(f"{what}, CPU s", "300", round(whole["seconds"], 1)),
        _row(f"{what}, MB", "2,000", round(whole["megabytes"])),
        _row(f"the same by all {METERS} meters of a second release, CPU s", "300", round(all_attackers["seconds"], 1)),
        _row(f"the same by all {METERS} meters of a second release, MB", "2,000", round(all_attackers["megabytes"])),
        _row("one meter, half the sites, CPU s", None, round(fewer_sites["seconds"], 1), whole, fewer_sites),
        _row("one meter, half the people, CPU s", None, round(fewer_people["seconds"], 1), whole, fewer_people),
    ]
    for people, sites, mechanism, published in TABLE:
        found = round(table_row(people, sites, mechanism), 2)
        what = f"power at 5 %, {mechanism}, {people:,} people, {sites:,} sites"
        rows.append({"what": what, "target": f"{published} (± 0.05)", "measured": found, "peer": None, "ratio": None})
    real = apart("real_genomes")
    what = f"power at 5 %, sqrt-5, 1,252 real people, {real['sites']:,} linked sites (peer: formula for unlinked)"
    for name, measured in (("", "measured"), ("; attacker who thins", "thinned")):
        rows.append(_row(what + name, None, round(real[measured], 2)) | {"peer": round(real["formula"], 2)})
    return rows


def _row(what: str, target: str | None, measured: float, whole=None, part=None) -> dict[str, object]:
    ratio = f"{whole['seconds'] / part['seconds']:.2f}x more for 2x" if whole else None
    return {"what": what, "target": target, "measured": measured, "peer": None, "ratio": ratio}


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(globals()[sys.argv[1]](*map(int, sys.argv[2:]))))
    else:
        for row in run():
            print(row)
