"""A register that grows: one genome taken in, people added and withdrawn at three sizes, and registers merged.

``counting.py`` prints these rows after its own. The genome has 5 million made-up variants on the sequence of GRCh37
chromosome 20, a tenth of them insertions and deletions, in lines as GATK writes them.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

GENOME, WARM = 5_000_000, 20_000
FIRST_SIZE, SIZES, ALLELES_EACH, SITES_SEEN = 50, (1, 4, 16), 25_000, 1_000_000
TAILS = 2_000
HEADER = """##fileformat=VCFv4.2
##contig=<ID=20,length=63025520>
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Allelic depths">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">
##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Genotype quality">
##FORMAT=<ID=PL,Number=G,Type=Integer,Description="Likelihoods">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS
"""


def fasta() -> Path:
    """The sequence of chromosome 20 among the shared data."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    return Path(os.environ.get("VARDE_SHARED_DATA", beside)) / "reference" / "GRCh37_chr20.fa.gz"


def make_reference(folder: Path) -> None:
    """Store chromosome 20 as the reference ``chr20``."""
    from varde.genome.builds import Build
    from varde.genome.references import ReferenceStore

    ReferenceStore(folder / "references").add(fasta(), None, Build.GRCH37, "chr20")


def stored_reference(folder: Path) -> object:
    from varde.genome.references import ReferenceStore

    return ReferenceStore(folder / "references").get("chr20")


def make_genome(folder: Path, variants: int) -> Path:
    """One person's VCF of that many variants, evenly along the chromosome."""
    import pysam

    from reading import long_line
    from varde.genome.references import ReferenceStore

    bases = ReferenceStore(folder / "references").get("chr20").bases(20).tobytes().decode().upper()
    draw = random.Random(20)
    tails = [long_line(draw, "20", 1).split("\t", 5)[5] for _ in range(TAILS)]
    other = {"A": "G", "C": "T", "G": "A", "T": "C"}
    step = (len(bases) - 200_000) / variants
    path = folder / f"genome{variants}.vcf.gz"
    with pysam.BGZFile(str(path), "wb1", None) as file:
        file.write(HEADER.encode())
        lines: list[str] = []
        for i in range(variants):
            at = 100_000 + int(i * step)
            ref = bases[at]
            if ref not in other or "N" in bases[at : at + 4]:
                continue
            alt = other[ref]
            if i % 20 == 0:
                ref, alt = bases[at : at + 2 + i % 3], ref
            elif i % 20 == 10:
                alt = ref + bases[at + 1 : at + 2 + i % 3]
            lines.append(f"20\t{at + 1}\trs{i}\t{ref}\t{alt}\t{tails[i % TAILS]}")
            if len(lines) == 100_000:
                file.write("".join(lines).encode())
                lines.clear()
        file.write("".join(lines).encode())
    return path


def ingest_genome(path: Path, folder: Path) -> int:
    """A person taken into a new folder."""
    return _ingest(path, folder, None)


def ingest_genome_left_aligned(path: Path, folder: Path) -> int:
    """The same, every allele checked against the sequence and left-aligned."""
    return _ingest(path, folder, stored_reference(folder))


def _ingest(path: Path, folder: Path, reference: object) -> int:
    import shutil

    from varde.frequency.count import Counting, add_person
    from varde.frequency.genotypes import Gate
    from varde.frequency.store import read_manifest
    from varde.genome.builds import Build
    from varde.genome.pedigree import Sex

    out = folder / "one"
    shutil.rmtree(out, ignore_errors=True)
    counting = Counting(Build.GRCH37, Gate.ADJ, reference)  # type: ignore[arg-type]
    add_person(out, [path], sample="S", sex=Sex.FEMALE, counting=counting)
    (tally,) = read_manifest(out).files.values()
    return int(str(tally["alleles_read"]))


def made_people(number: int, seed: int) -> list[object]:
    """Runs of that many people, 25,000 alleles each of a million sites, most of them rare."""
    import numpy as np

    from varde.frequency.callable_intervals import Intervals
    from varde.frequency.cells import Cell
    from varde.frequency.run import NO_LONG_ALLELES, Alleles, Run
    from varde.genome.builds import Build
    from varde.genome.keys import encode_keys
    from varde.genome.pedigree import Sex

    sites = np.random.default_rng(20)
    position = np.sort(sites.choice(50_000_000, SITES_SEEN, replace=False)) + 1
    contig = np.repeat(np.arange(1, 21), SITES_SEEN // 20)
    keys = encode_keys(contig, position, ["A"] * SITES_SEEN, ["G"] * SITES_SEEN)
    weight = sites.random(SITES_SEEN) ** 8
    reach = np.cumsum(weight / weight.sum())
    draw = np.random.default_rng(seed)
    runs: list[object] = []
    for i in range(number):
        chosen = np.unique(np.searchsorted(reach, draw.random(2 * ALLELES_EACH)))[:ALLELES_EACH]
        chosen = chosen[chosen < SITES_SEEN]
        dosage = draw.integers(1, 3, len(chosen)).astype(np.uint8)
        alleles = Alleles(keys[chosen], dosage, np.zeros_like(dosage), NO_LONG_ALLELES)
        cell = Cell((Sex.FEMALE, Sex.MALE)[i % 2])
        runs.append(Run(Build.GRCH38, "adj", cell, alleles, (), Intervals.empty(), Intervals.empty()))
    return runs


def make_register(folder: Path, people: int, seed: int) -> Path:
    """A counts folder of made-up people with runs."""
    import polars as pl

    from varde.frequency.callable_intervals import Tracks
    from varde.frequency.count import Counting
    from varde.frequency.increment import sum_runs
    from varde.frequency.ledger import create, replace_sums, store_runs
    from varde.frequency.store import RUN_LINES, Segment, StoredRun, added_lines
    from varde.genome.builds import Build

    out = folder / f"register{people}-{seed}"
    out.mkdir()
    runs = made_people(people, seed)
    contents = create(out, Counting(Build.GRCH38).settings)
    store_runs(out, runs, Tracks())  # type: ignore[arg-type]
    lines = [StoredRun(r.identifier, r.cell, (), (), 0).as_line() for r in runs]  # type: ignore[attr-defined]
    increment = sum_runs(Build.GRCH38, runs, Tracks())  # type: ignore[arg-type]
    replace_sums(contents, Segment(increment, added_lines([pl.DataFrame(lines, schema=RUN_LINES, orient="row")])))
    return out


def add_and_withdraw(path: Path, folder: Path) -> int:
    """Ten new people added and withdrawn again, one by one; the number of changes."""
    from varde.frequency.callable_intervals import Tracks
    from varde.frequency.count import Counting, add_run, remove_person
    from varde.frequency.store import StoredRun
    from varde.genome.builds import Build

    settings = Counting(Build.GRCH38).settings
    new = made_people(10, 99)
    for run in new:
        stored = StoredRun(run.identifier, run.cell, (), (), 0)  # type: ignore[attr-defined]
        add_run(path, run, Tracks(), stored, {}, settings=settings)  # type: ignore[arg-type]
    for run in new:
        remove_person(path, run.identifier)  # type: ignore[attr-defined]
    return 2 * len(new)


def make_people_alone(path: Path, folder: Path) -> int:
    """What ``add_and_withdraw`` spends on making its people."""
    return len(made_people(10, 99))


def merge_registers(path: Path, folder: Path) -> int:
    """Four registers as one, without runs; rows of observations read."""
    import shutil

    from varde.frequency.merge import merge
    from varde.frequency.store import read_manifest

    parts = sorted(path.iterdir())
    shutil.rmtree(folder / "merged", ignore_errors=True)
    merge(parts, folder / "merged", with_runs=False)
    return sum(read_manifest(part).read_increment().observations.height for part in parts)
