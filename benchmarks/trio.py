"""A trio of 60,000 records, VCF to ranked candidates, at 1x, 4x and 16x; and a changed filter on an open case.

Each measurement is a process of its own, started cold: import, compiled functions from their cache, reading,
consequence, quality, inheritance, filters and ranking. The seconds are wall-clock; the memory is the process's peak.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from reading import peak_megabytes

DATA = Path(__file__).parent / "data"
SEED = 11
RECORDS = 60_000
GROWTH = (1, 4, 16)
TARGET_SECONDS, TARGET_MEGABYTES, TARGET_FILTER_MS = 10, 1_024, 300
INDELS_APART = 40
TRANSMITTED = {0: (0,), 1: (0, 1), 2: (1,)}


def made_reference() -> Path:
    """A reference store with the synthetic demo genome, made when it is not there."""
    from varde.genome.builds import Build
    from varde.genome.references import ReferenceStore
    from varde.simulate.genome import build_genome, write_fasta, write_gff3

    root = DATA / "references"
    if not (root / "demo").exists():
        DATA.mkdir(exist_ok=True)
        genome = build_genome(SEED)
        write_fasta(genome, DATA / "demo.fa")
        write_gff3(genome, DATA / "demo.gff3")
        ReferenceStore(root).add(DATA / "demo.fa", DATA / "demo.gff3", Build.GRCH38, "demo")
    return root


def made_trio(records: int) -> Path:
    """A joint trio VCF of that many records with GT:AD:DP:GQ:PL, made when it is not there."""
    import pysam

    from varde.simulate.files import write_vcf
    from varde.simulate.genome import build_genome
    from varde.simulate.variation import random_allele, sites_from_rows, vcf_line

    path = DATA / f"trio-{records}.vcf.gz"
    if path.exists():
        return path
    DATA.mkdir(exist_ok=True)
    rng = np.random.default_rng([SEED, records])
    genome = build_genome(SEED)
    lengths = {contig: len(sequence) - 20 for contig, sequence in genome.sequences.items()}
    shares = np.array(list(lengths.values())) / sum(lengths.values())
    rows = []
    for contig, count in zip(lengths, rng.multinomial(records, shares), strict=True):
        last_indel = 0
        for position0 in np.sort(rng.choice(np.arange(10, lengths[contig]), count, replace=False)).tolist():
            ref, alt = random_allele(rng, genome, contig, position0)
            if len(ref) != len(alt):
                if position0 - last_indel < INDELS_APART:
                    continue  # two ways to write one indel would be a repeated allele
                last_indel = position0
            rows.append((contig, position0 + 1, ref, alt, 0.5))
    sites = sites_from_rows(rows)

    def lines() -> list[str]:
        told = []
        for row in range(len(sites)):
            mother, father = (int(value) for value in rng.choice(3, 2, p=(0.5, 0.35, 0.15)))
            child = int(rng.choice(TRANSMITTED[mother]) + rng.choice(TRANSMITTED[father]))
            cells = [_call(rng, copies) for copies in (child, mother, father)]
            told.append(vcf_line(sites, row, "PASS", "GT:AD:DP:GQ:PL", cells))
        return told

    partial = path.with_name("partial-" + path.name)
    write_vcf(partial, ("child", "mother", "father"), lines())
    pysam.tabix_index(str(partial), preset="vcf", force=True)
    partial.rename(path)
    (DATA / "trio.ped").write_text("f\tchild\tfather\tmother\t2\t2\nf\tmother\t0\t0\t2\t1\nf\tfather\t0\t0\t1\t1\n")
    return path


def _call(rng: np.random.Generator, copies: int) -> str:
    depth = int(rng.integers(24, 60))
    alternate = (0, depth // 2, depth)[copies]
    return f"{('0/0', '0/1', '1/1')[copies]}:{depth - alternate},{alternate}:{depth}:99:{depth * 30},0,{depth * 28}"


def measure_here(path: str) -> dict[str, float]:
    """Seconds to candidates, milliseconds of a changed filter on the prepared case, peak megabytes."""
    started = time.perf_counter()
    from varde.genome.pedigree import read_ped
    from varde.genome.references import ReferenceStore
    from varde.interpretation.analysis import FilterSettings, filter_case, prepare

    reference = ReferenceStore(DATA / "references").get("demo")
    prepared = prepare([path], read_ped(DATA / "trio.ped"), reference=reference)
    outcome = filter_case(prepared)
    seconds = time.perf_counter() - started
    changes = []
    for ceiling in (0.001, 0.002, 0.004):
        before = time.perf_counter()
        filter_case(prepared, FilterSettings(recessive_frequency=ceiling))
        changes.append((time.perf_counter() - before) * 1_000)
    of_children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1_024
    return {
        "seconds": seconds,
        "filter_ms": sorted(changes)[1],
        "megabytes": max(peak_megabytes(), of_children),
        "alleles": len(outcome.trace),
        "candidates": len(outcome.candidates),
    }


def run() -> list[dict[str, object]]:
    """Rows of ``what``, ``target``, ``measured``, ``peer`` and ``ratio``; the ratio is to the 1x case."""
    made_reference()
    rows: list[dict[str, object]] = []
    first: dict[str, float] = {}
    for growth in GROWTH:
        path = made_trio(RECORDS * growth)
        subprocess.run(
            [sys.executable, __file__, str(path)], check=True, capture_output=True
        )  # fills the compile cache
        printed = subprocess.run([sys.executable, __file__, str(path)], check=True, capture_output=True).stdout
        found = json.loads(printed)
        first = first or found
        name = f"trio of {RECORDS * growth:,} records, with consequences"
        once = growth == 1
        rows += [
            _row(f"{name}: s to candidates", TARGET_SECONDS if once else None, found, first, "seconds"),
            _row(f"{name}: peak MB", TARGET_MEGABYTES if once else None, found, first, "megabytes"),
            _row(f"{name}: changed filter, ms", TARGET_FILTER_MS if once else None, found, first, "filter_ms"),
        ]
    return rows


def _row(
    what: str, target: float | None, found: dict[str, float], first: dict[str, float], key: str
) -> dict[str, object]:
    ratio = round(found[key] / first[key], 1)
    return {"what": what, "target": target, "measured": round(found[key], 2), "peer": None, "ratio": ratio}


if __name__ == "__main__":
    if len(sys.argv) == 2:
        print(json.dumps(measure_here(sys.argv[1])))
    else:
        for told in run():
            print("\t".join(str(value) for value in told.values()))
