"""A trio of 60,000 (an exome's), 960,000 and 5,000,000 records (a genome's), VCF to ranked candidates; and a changed
filter on an open case.

The genome's reference is the synthetic one with 45 million random bases more on each autosome: 960,000 records lie in
its dense part with the genes, the others between genes.

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
EXOME, MIDDLE, GENOME = 60_000, 960_000, 5_000_000
TARGETS = {EXOME: (10, 1_024, 300), MIDDLE: (None, None, None), GENOME: (240, 2_048, None)}
"""Seconds to candidates, peak megabytes, milliseconds of a changed filter."""
LONGER = 45_000_000
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


def made_long_reference() -> None:
    """The synthetic genome with long stretches without genes, as 'long'."""
    from dataclasses import replace

    from varde.genome.builds import Build
    from varde.genome.references import ReferenceStore
    from varde.simulate.genome import build_genome, write_fasta, write_gff3

    root = DATA / "references"
    if (root / "long").exists():
        return
    genome = build_genome(SEED)
    rng = np.random.default_rng([SEED, LONGER])
    bases = np.frombuffer(b"ACGT", dtype=np.uint8)
    longer = {
        contig: np.concatenate([sequence, bases[rng.integers(0, 4, LONGER)]]) if contig < 23 else sequence
        for contig, sequence in genome.sequences.items()
    }
    write_fasta(replace(genome, sequences=longer), DATA / "long.fa")
    write_gff3(genome, DATA / "long.gff3")
    ReferenceStore(root).add(DATA / "long.fa", DATA / "long.gff3", Build.GRCH38, "long")


def made_genome() -> Path:
    """A joint genome trio: the records of the middle one, and those between genes behind them on each autosome."""
    import pysam

    path = DATA / f"trio-{GENOME}.vcf.gz"
    if path.exists():
        return path
    rng = np.random.default_rng([SEED, GENOME])
    dense = made_trio(MIDDLE)
    contigs = [f"chr{number}" for number in range(1, 7)]
    each = (GENOME - MIDDLE) // len(contigs)
    reference = pysam.FastaFile(str(DATA / "long.fa"))
    partial = path.with_name("partial-" + path.name)
    pysam.tabix_index(str(dense), preset="vcf", force=True)
    with pysam.TabixFile(str(dense)) as source, pysam.BGZFile(str(partial), "w") as out:
        out.write(("\n".join(source.header) + "\n").encode())
        for contig in [*contigs, "chrX"]:
            lines = list(source.fetch(contig))
            if contig != "chrX":
                lines += _between_genes(contig, reference.fetch(contig), each, rng)
            out.write(("\n".join(lines) + "\n").encode())
    pysam.tabix_index(str(partial), preset="vcf", force=True)
    partial.rename(path)
    return path


def _between_genes(contig: str, sequence: str, count: int, rng: np.random.Generator) -> list[str]:
    start = len(sequence) - LONGER + 5_000
    places = np.unique(rng.integers(start, len(sequence) - 10, count))
    parents = rng.choice(3, (2, len(places)), p=(0.5, 0.35, 0.15))
    child = (rng.random(parents.shape) < parents / 2).sum(axis=0)
    depths = rng.integers(24, 60, (3, len(places)))
    cell = {(copies, depth): _cell(copies, depth) for copies in range(3) for depth in range(24, 60)}
    other = {"A": "G", "C": "T", "G": "A", "T": "C"}
    return [
        f"{contig}\t{place + 1}\t.\t{sequence[place]}\t{other[sequence[place]]}\t50\tPASS\t.\tGT:AD:DP:GQ:PL\t"
        + "\t".join(cell[one] for one in zip(copies, depth, strict=True))
        for place, copies, depth in zip(
            places.tolist(), np.stack([child, *parents]).T.tolist(), depths.T.tolist(), strict=True
        )
    ]


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
    return _cell(copies, int(rng.integers(24, 60)))


def _cell(copies: int, depth: int) -> str:
    alternate = (0, depth // 2, depth)[copies]
    return f"{('0/0', '0/1', '1/1')[copies]}:{depth - alternate},{alternate}:{depth}:99:{depth * 30},0,{depth * 28}"


def measure_here(path: str) -> dict[str, float]:
    """Seconds to candidates, milliseconds of a changed filter on the prepared case, peak megabytes."""
    started = time.perf_counter()
    from varde.genome.pedigree import read_ped
    from varde.genome.references import ReferenceStore
    from varde.interpretation.analysis import FilterSettings, filter_case, prepare

    reference = ReferenceStore(DATA / "references").get("long" if str(GENOME) in path else "demo")
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
    for records, (seconds, megabytes, milliseconds) in TARGETS.items():
        if records == GENOME:
            made_long_reference()
        path = made_genome() if records == GENOME else made_trio(records)
        if records == EXOME:
            subprocess.run(
                [sys.executable, __file__, str(path)], check=True, capture_output=True
            )  # fills the compile cache
        printed = subprocess.run([sys.executable, __file__, str(path)], check=True, capture_output=True).stdout
        found = json.loads(printed)
        first = first or found
        name = f"trio of {records:,} records, with consequences"
        rows += [
            _row(f"{name}: s to candidates", seconds, found, first, "seconds"),
            _row(f"{name}: peak MB", megabytes, found, first, "megabytes"),
            _row(f"{name}: changed filter, ms", milliseconds, found, first, "filter_ms"),
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
