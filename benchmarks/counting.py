"""Counting alleles: genotypes per CPU second against cyvcf2 with numpy and bcftools fill-tags; a register that grows.

``python benchmarks/counting.py`` prints the rows of ``run``, those of ``register`` included. The cohorts are shared
ones: 3,202 people in some genes of GRCh38, with genotypes alone and with made-up values of a joint-called file, and 503
people on chromosome 20, repeated along the chromosome so that the time is long enough; they lie in a temporary folder
for the time of the run.
Every measurement is a process of its own, imports and compilation excluded; CPU is user plus system with children.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import register
from reading import peak_megabytes

REPEATS = 4
SHIFT = 3_100_000
PEOPLE_SUMMED, ALLELES_EACH, SITES_SEEN = 1_000, 25_000, 1_000_000


def spent() -> float:
    """CPU seconds of this process and its children, so far."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def shared_cohort() -> list[Path]:
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("VARDE_SHARED_DATA", beside)) / "genotypes" / "1000g-chr20-grch37"
    return [folder / "phased_300.vcf.gz", folder / "unphased_203.vcf.gz"]


def repeated_cohort(folder: Path, repeats: int) -> tuple[Path, int]:
    """The 503 people with genotypes alone, several times along the chromosome; and the number of genotypes."""
    import pysam
    from pysam import bcftools

    merged, plain = folder / "merged.bcf", folder / "plain.vcf"
    bcftools.merge("-Ob", "-o", str(merged), *map(str, shared_cohort()), catch_stdout=False)
    bcftools.annotate("-x", "INFO,FORMAT/PS", "-Ov", "-o", str(plain), str(merged), catch_stdout=False)
    lines = plain.read_text().splitlines(keepends=True)
    records = [line.split("\t", 2) for line in lines if not line.startswith("#")]
    target = folder / f"cohort{repeats}.vcf.gz"
    with pysam.BGZFile(str(target), "wb", None) as file:
        file.write("".join(line for line in lines if line.startswith("#")).encode())
        for i in range(repeats):
            file.write("".join(f"{c}\t{int(pos) + i * SHIFT}\t{rest}" for c, pos, rest in records).encode())
    return target, repeats * len(records) * (len(records[0][2].split("\t")) - 7)


GENES = ("ABCB1", "TBXAS1", "CYP19A1", "F5", "RYR1", "CYP2B6", "SLCO1B3")
SMALL_GENE = "VKORC1"


def genes_of_3202_people() -> list[Path]:
    folder = shared_cohort()[0].parents[1] / "1000g-pharmacogenes-grch38"
    return [folder / f"{gene}.vcf.gz" for gene in (SMALL_GENE, *GENES)]


def genes_as_one_file(folder: Path, genes: Sequence[str]) -> Path:
    """The genes' records in one file, as they are."""
    from pysam import bcftools

    path = folder / f"{len(genes)}genes.vcf.gz"
    files = [gene for gene in genes_of_3202_people() if gene.name.partition(".")[0] in genes]
    bcftools.concat("-Oz", "-o", str(path), *map(str, files), catch_stdout=False)
    return path


JOINT = ("GT", "AD", "DP", "GQ", "PL")
JOINT_RECORDS = (1_500, 4_500)


def joint_called(folder: Path, source: Path, records: int) -> Path:
    """So many records of one alternate as a joint caller writes them, GT:AD:DP:GQ:PL: made-up values of unphased
    genotypes, two of a hundred below the gate."""
    import random

    import pysam

    draw = random.Random(7)
    values: dict[int, list[bytes]] = {0: [], 1: [], 2: []}
    for _ in range(4_001):
        depth, quality = draw.randint(15, 45), draw.choice([10, *[99] * 29, *range(20, 40)])
        half = depth // 2
        for copies, depths, likely in (
            (0, (depth, 0), (0, quality, 13 * quality)),
            (1, (depth - half, half), (9 * quality, 0, 8 * quality)),
            (2, (0, depth), (13 * quality, quality, 0)),
        ):
            values[copies].append(
                f":{depths[0]},{depths[1]}:{depth}:{quality}:{likely[0]},{likely[1]},{likely[2]}".encode()
            )
    path, written = folder / f"joint{records}.vcf.gz", 0
    tags = "".join(
        f'##FORMAT=<ID={tag},Number={number},Type=Integer,Description="Made up">\n'
        for tag, number in zip(JOINT[1:], ("R", "1", "1", "G"), strict=True)
    ).encode()
    with pysam.BGZFile(str(source), "rb", None) as lines, pysam.BGZFile(str(path), "wb", None) as file:
        for line in lines:
            fields = line.split(b"\t")
            if line.startswith(b"#"):
                file.write((tags if line.startswith(b"#CHROM") else b"") + line + b"\n")
            elif b"," not in fields[4] and written < records:
                drawn = draw.choices(range(4_001), k=len(fields) - 9)
                calls = [
                    c.replace(b"|", b"/") + values[c.count(b"1")][i] for c, i in zip(fields[9:], drawn, strict=True)
                ]
                file.write(b"\t".join([*fields[:8], ":".join(JOINT).encode(), *calls]) + b"\n")
                written += 1
    return path


def sum_with_varde(path: Path, folder: Path) -> int:
    """``varde count --sums-only``: everything written, of people of two sexes."""
    from varde.frequency.genotypes import Gate

    return _sum(path, folder, Gate.NONE)


def sum_gated_with_varde(path: Path, folder: Path) -> int:
    """The same with the gate of GQ, DP and AD."""
    from varde.frequency.genotypes import Gate

    return _sum(path, folder, Gate.ADJ)


def _sum(path: Path, folder: Path, gate: object) -> int:
    import shutil

    from varde.frequency.cells import Cell
    from varde.frequency.count import Counting, count_sums
    from varde.frequency.lookup import Counts
    from varde.genome.builds import Build
    from varde.genome.pedigree import Sex
    from varde.genome.vcf import read_header

    header, out = read_header(path), folder / f"sums-{path.name}"
    shutil.rmtree(out, ignore_errors=True)
    cells = {name: Cell((Sex.FEMALE, Sex.MALE)[i % 2]) for i, name in enumerate(header.samples)}
    counting = Counting(header.build or Build.GRCH37, gate)  # type: ignore[arg-type]
    count_sums([path], out=out, counting=counting, cells=cells)
    return int(Counts(out).sites["ac"].sum())


def count_with_varde(path: Path, folder: Path) -> int:
    """Everything: reading, a run per person, sums and callable people."""
    from varde.frequency.count import Counting, count
    from varde.frequency.genotypes import Gate
    from varde.frequency.lookup import Counts
    from varde.genome.builds import Build

    out = folder / f"counts-{path.name}"
    count([path], out=out, counting=Counting(Build.GRCH37, Gate.NONE))
    return int(Counts(out).sites["ac"].sum())


def call_with_varde(path: Path, folder: Path) -> int:
    """As far as the peers go: reading, calling and who carries what, without a run per person and without files."""
    import numpy as np

    from varde.frequency.calling import Caller, called_batches
    from varde.frequency.genotypes import Gate
    from varde.frequency.reading import FileReader
    from varde.genome.builds import Build
    from varde.genome.vcf import read_header

    samples = read_header(path).samples
    caller = Caller(np.full(len(samples), 2), Build.GRCH37, Gate.NONE)
    reader = FileReader(samples, caller, joint=True)
    for called in called_batches(path, caller):
        reader.add(called)
    return int(reader.finish("", path.name).carrier_dosage.sum())


def count_with_cyvcf2(path: Path, folder: Path) -> int:
    """Alleles, all alleles and homozygotes of each record, from cyvcf2's arrays."""
    import numpy as np
    from cyvcf2 import VCF

    total = 0
    for record in VCF(str(path)):
        alleles = record.genotype.array()[:, :2]
        for allele in range(1, len(record.ALT) + 1):
            carried = alleles == allele
            counts = (np.count_nonzero(carried), np.count_nonzero(alleles >= 0), np.count_nonzero(carried.all(axis=1)))
            total += int(counts[0])
    return total


def count_with_bcftools(path: Path, folder: Path) -> int:
    """fill-tags of Debian's bcftools, then the tags as text."""
    tags = 'bcftools +fill-tags -Ou "$1" -- -t AC,AN,AC_Hom,AC_Hemi'
    command = f"{tags} | bcftools query -f '%AC\\t%AN\\t%AC_Hom\\t%AC_Hemi\\n'"
    text = subprocess.run(["sh", "-c", command, "sh", str(path)], check=True, capture_output=True, text=True).stdout
    return sum(int(each) for line in text.splitlines() for each in line.partition("\t")[0].split(","))


def withdraw_one(path: Path, folder: Path) -> int:
    """Take one person out of the counts of ``count_with_varde``."""
    from varde.frequency.count import remove_person
    from varde.frequency.store import read_manifest

    out = folder / f"counts-{path.name}"
    remove_person(out, read_manifest(out).runs[0].identifier)
    return len(read_manifest(out).runs)


def sum_many_runs(path: Path, folder: Path) -> int:
    """Sum the runs of ``many_runs`` anew."""
    from varde.frequency.count import sum_again
    from varde.frequency.lookup import Counts

    sum_again(folder / "many")
    return int(Counts(folder / "many").sites["nobs"].sum())


def merge_in_memory(folder: Path) -> float:
    """CPU seconds to add up the runs of ``many_runs`` that were read before, without imports and compiling."""
    from varde.frequency.increment import sum_runs
    from varde.frequency.ledger import read_stored, read_tracks
    from varde.frequency.store import read_manifest

    contents = read_manifest(folder / "many")
    tracks = read_tracks(contents, {digest for stored in contents.runs for digest in stored.tracks})
    runs = [read_stored(contents, stored) for stored in contents.runs]
    sum_runs(contents.settings.build, runs[:10], tracks)
    began = spent()
    sum_runs(contents.settings.build, runs, tracks)
    return spent() - began


TASKS = {
    task.__name__: task
    for task in (
        sum_with_varde,
        sum_gated_with_varde,
        register.ingest_genome,
        register.ingest_genome_left_aligned,
        register.add_and_withdraw,
        register.make_people_alone,
        register.merge_registers,
        count_with_varde,
        call_with_varde,
        count_with_cyvcf2,
        count_with_bcftools,
        withdraw_one,
        sum_many_runs,
    )
}


def many_runs(folder: Path) -> None:
    """A counts folder of 1,000 people with 25,000 alleles each, drawn from a seed."""
    import numpy as np
    import polars as pl

    from varde.frequency.callable_intervals import Intervals, Tracks
    from varde.frequency.cells import Cell
    from varde.frequency.count import Counting
    from varde.frequency.genotypes import Gate
    from varde.frequency.increment import Increment
    from varde.frequency.ledger import create, replace_sums, store_runs
    from varde.frequency.run import NO_LONG_ALLELES, Alleles, Run
    from varde.frequency.store import RUN_LINES, Segment, StoredRun
    from varde.genome.builds import Build
    from varde.genome.keys import encode_keys
    from varde.genome.pedigree import Sex

    draw = np.random.default_rng(20)
    position = np.sort(draw.choice(50_000_000, SITES_SEEN, replace=False)) + 1
    contig = np.repeat(np.arange(1, 21), SITES_SEEN // 20)
    keys = encode_keys(contig, position, ["A"] * SITES_SEEN, ["G"] * SITES_SEEN)
    weight = draw.random(SITES_SEEN) ** 8
    weight /= weight.sum()
    tracks = Tracks()
    everywhere = np.arange(1, 21, dtype=np.int64) << 32
    track = tracks.add(Intervals.of(everywhere, everywhere + 50_000_001))
    runs = []
    for i in range(PEOPLE_SUMMED):
        chosen = np.sort(draw.choice(SITES_SEEN, ALLELES_EACH, replace=False, p=weight))
        dosage = draw.integers(1, 3, ALLELES_EACH).astype(np.uint8)
        alleles = Alleles(keys[chosen], dosage, np.zeros_like(dosage), NO_LONG_ALLELES)
        cell = Cell((Sex.FEMALE, Sex.MALE)[i % 2])
        runs.append(Run(Build.GRCH38, "none", cell, alleles, (track,), Intervals.empty(), Intervals.empty()))
    (folder / "many").mkdir()
    contents = create(folder / "many", Counting(Build.GRCH38, Gate.NONE).settings)
    store_runs(folder / "many", runs, tracks)
    lines = [StoredRun(run.identifier, run.cell, run.tracks, (), 0).as_line() for run in runs]
    nothing = Increment.empty(Build.GRCH38)
    replace_sums(contents, Segment(nothing, pl.DataFrame(lines, schema=RUN_LINES, orient="row")))


def measure_here(task: str, path: str, folder: str) -> dict[str, float]:
    """Result, CPU seconds and peak memory in MB of one task in this process."""
    before = spent()
    result = TASKS[task](Path(path), Path(folder))
    return {"result": result, "cpu_s": spent() - before, "peak_mb": peak_megabytes()}


def measure(task: str, path: Path, folder: Path, warm: Path | None = None) -> dict[str, float]:
    """The task in a process of its own, after the same on a small file when one is given."""
    arguments = [task, str(path), str(folder), *([str(warm)] if warm else [])]
    done = subprocess.run([sys.executable, __file__, "measure", *arguments], check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def sums_of_many() -> list[dict[str, object]]:
    """Sums of files of 3,202 people without runs, at two sizes: genotypes alone, and as a joint caller writes them."""
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        small = genes_as_one_file(folder, [SMALL_GENE])
        for genes in (GENES[:2], GENES):
            path = genes_as_one_file(folder, genes)
            rows += _sum_rows(path, folder, small, {"sum_with_varde": "GT alone"})
        warm = joint_called(folder, small, 100)
        for records in JOINT_RECORDS:
            deep = joint_called(folder, path, records)
            layout = ":".join(JOINT)
            tasks = {"sum_with_varde": f"{layout}, no gate", "sum_gated_with_varde": f"{layout}, gate adj"}
            rows += _sum_rows(deep, folder, warm, tasks)
    return rows


def _sum_rows(path: Path, folder: Path, warm: Path, tasks: dict[str, str]) -> list[dict[str, object]]:
    """Each task beside both peers, who count every genotype, as the first task does."""
    from varde.frequency.store import read_manifest

    peers = {
        "bcftools fill-tags and query": measure("count_with_bcftools", path, folder),
        "cyvcf2 and numpy": measure("count_with_cyvcf2", path, folder, warm),
    }
    rows: list[dict[str, object]] = []
    for number, (task, what) in enumerate(tasks.items()):
        mine = measure(task, path, folder, warm)
        if number == 0 and len({found["result"] for found in (mine, *peers.values())}) != 1:
            raise ValueError(f"the programs count differently: {mine}, {peers}")
        (entry,) = read_manifest(folder / f"sums-{path.name}").accepted
        genotypes = int(str(entry["genotypes_read"]))
        rows += [
            {
                "what": f"sums only, written: {what}, {genotypes / 1e6:.0f} M genotypes of 3,202 people"
                f" ({mine['cpu_s']:.2f} s, {mine['peak_mb']:.0f} MB)",
                "target": "60 M genotypes per CPU second, 6x fill-tags" if what == "GT alone" else "6x fill-tags",
                "measured": f"{genotypes / mine['cpu_s'] / 1e6:.1f} M/s",
                "peer": f"{peer}: {genotypes / found['cpu_s'] / 1e6:.1f} M/s",
                "ratio": round(found["cpu_s"] / mine["cpu_s"], 1),
            }
            for peer, found in peers.items()
        ]
    return rows


def growing_register() -> list[dict[str, object]]:
    """One genome taken in; adding and withdrawing at three sizes; merging."""
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        register.make_reference(folder)
        path, small = (register.make_genome(folder, size) for size in (register.GENOME, register.WARM))
        for task, what in (
            ("ingest_genome", "take in a genome, gate adj"),
            ("ingest_genome_left_aligned", "the same, REF checked and left-aligned"),
        ):
            found = measure(task, path, folder, small)
            rows.append(
                {
                    "what": f"{what}: {found['result'] / 1e6:.1f} M variants of 350 bytes",
                    "target": "300,000 variants per CPU second; 1 GB",
                    "measured": f"{found['result'] / found['cpu_s']:,.0f}/s; {found['peak_mb']:.0f} MB",
                    "peer": None,
                    "ratio": None,
                }
            )
        path.unlink()
        once = 0.0
        for size in register.SIZES:
            people = size * register.FIRST_SIZE
            folder_of_size = register.make_register(folder, people, size)
            small_folder = register.make_register(folder, 5, 100 + size)
            changed = measure("add_and_withdraw", folder_of_size, folder, small_folder)
            made = measure("make_people_alone", folder_of_size, folder, small_folder)
            each = (changed["cpu_s"] - made["cpu_s"]) / changed["result"]
            once = once or each
            rows.append(
                {
                    "what": f"add or withdraw one of {people:,} people of {register.ALLELES_EACH:,} alleles",
                    "target": "under 5 s; not growing with the register",
                    "measured": f"{1000 * each:.0f} ms",
                    "peer": None,
                    "ratio": round(each / once, 1),
                }
            )
        parts = folder / "parts"
        parts.mkdir()
        for i in range(4):
            register.make_register(parts, register.FIRST_SIZE * 4, 200 + i)
        found = measure("merge_registers", parts, folder, parts)
        rows.append(
            {
                "what": f"merge four registers of 200 people, {found['result'] / 1e6:.1f} M rows of observations",
                "target": "15 M rows per CPU second",
                "measured": f"{found['result'] / found['cpu_s'] / 1e6:.1f} M/s",
                "peer": None,
                "ratio": None,
            }
        )
    return rows


def run() -> list[dict[str, object]]:
    """Rows of what was measured, with target, peer and ratio; empty when the shared data are not present."""
    if not all(path.exists() for path in (*shared_cohort(), *genes_of_3202_people(), register.fasta())):
        return []
    return [*sums_of_many(), *cohort_by_person(), *growing_register()]


def cohort_by_person() -> list[dict[str, object]]:
    """A run per person: counting, summing and withdrawing."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        small, _ = repeated_cohort(folder, 1)
        path, genotypes = repeated_cohort(folder, REPEATS)
        ours = measure("call_with_varde", path, folder, small)
        whole = measure("count_with_varde", path, folder, small)
        peers = {
            "cyvcf2 and numpy": measure("count_with_cyvcf2", path, folder, small),
            "bcftools fill-tags and query": measure("count_with_bcftools", path, folder),
        }
        if len({found["result"] for found in (ours, whole, *peers.values())}) != 1:
            raise ValueError(f"the programs count differently: {ours}, {whole}, {peers}")
        withdrawn = measure("withdraw_one", path, folder)
        many_runs(folder)
        summed = measure("sum_many_runs", path, folder)
        merged = merge_in_memory(folder)
    rows: list[dict[str, object]] = [
        {
            "what": f"{what}, {genotypes / 1e6:.0f} M genotypes of 503 people ({mine['peak_mb']:.0f} MB)",
            "target": target,
            "measured": f"{genotypes / mine['cpu_s'] / 1e6:.1f} M/s",
            "peer": f"{peer}: {genotypes / found['cpu_s'] / 1e6:.1f} M/s",
            "ratio": round(found["cpu_s"] / mine["cpu_s"], 1),
        }
        for what, mine, target in (
            ("count per allele, as the peers do", ours, "60 M genotypes per CPU second"),
            ("count with a run per person, written and summed", whole, None),
        )
        for peer, found in peers.items()
    ]
    observations = PEOPLE_SUMMED * ALLELES_EACH
    rows.append(
        {
            "what": f"merge {PEOPLE_SUMMED:,} runs of {ALLELES_EACH:,} alleles in memory",
            "target": "15 M observations per CPU second",
            "measured": f"{observations / merged / 1e6:.1f} M/s, {merged:.1f} s",
            "peer": None,
            "ratio": None,
        }
    )
    rows.append(
        {
            "what": f"the same from disk: start-up, reading, holding each run against its digest, writing the sums"
            f" ({summed['peak_mb']:.0f} MB)",
            "target": "under 15 s",
            "measured": f"{observations / summed['cpu_s'] / 1e6:.1f} M/s, {summed['cpu_s']:.1f} s",
            "peer": None,
            "ratio": None,
        }
    )
    rows.append(
        {
            "what": "withdraw one of 503 people",
            "target": "under 5 s",
            "measured": f"{withdrawn['cpu_s']:.1f} s",
            "peer": None,
            "ratio": None,
        }
    )
    return rows


if __name__ == "__main__":
    if sys.argv[1:2] == ["measure"]:
        task, path, folder, *warm = sys.argv[2:]
        for small_file in warm:
            measure_here(task, small_file, folder)
        print(json.dumps(measure_here(task, path, folder)))
    else:
        for row in run():
            print(json.dumps(row))
