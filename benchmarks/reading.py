"""Reading VCF: records per CPU second (user and system) with the genotype fields, against cyvcf2 in the same run.

``python benchmarks/reading.py`` prints the rows of ``run``. The files are made from a seed into ``benchmarks/data``.
Every measurement is a process of its own: the libraries are imported and compiled on a small file first, then the file
is read once and the CPU seconds of that reading are counted. The lower of two measurements is kept.
"""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

DATA = Path(__file__).parent / "data"
SEED = 20
RECORDS = 200_000
GROWTH = 4
PEOPLE, PEOPLE_RECORDS = 500, 20_000

HEADER = """##fileformat=VCFv4.2
##FILTER=<ID=LowQual,Description="Low quality">
{contigs}
{infos}
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Allelic depths">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">
##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Genotype quality">
##FORMAT=<ID=PL,Number=G,Type=Integer,Description="Likelihoods">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{samples}
"""
LENGTHS = (248956422, 242193529, 198295559, 190214555)
INFO_FLOATS = ("BaseQRankSum", "ClippingRankSum", "FS", "InbreedingCoeff", "MQRankSum", "QD", "ReadPosRankSum", "SOR")


def long_line(draw: random.Random, contig: str, position: int) -> str:
    """A record as GATK's joint calling and recalibration write it, about 350 bytes."""
    ref, alt = draw.sample("ACGT", 2)
    if draw.random() < 0.1:
        alt += ref
    depth, first = draw.randint(10, 60), draw.randint(0, 10)
    floats = ";".join(f"{name}={draw.gauss(0, 3):.3f}" for name in INFO_FLOATS)
    info = (
        f"AC=1;AF=0.500;AN=2;{floats};DB;DP={depth};ExcessHet=3.0103;MLEAC=1;MLEAF=0.500;MQ={60 - draw.random():.2f};"
        f"NEGATIVE_TRAIN_SITE;POSITIVE_TRAIN_SITE;VQSLOD={draw.random() * 20:.2f};culprit=MQRankSum"
    )
    quality, likelihoods = draw.randint(0, 99), f"{draw.randint(100, 999)},0,{draw.randint(100, 999)}"
    call = f"{draw.choice(('0/1', '1/1'))}:{first},{depth - first}:{depth}:{quality}:{likelihoods}"
    name = f"rs{draw.randint(1, 99_999_999)}"
    score = draw.random() * 1000
    return f"{contig}\t{position}\t{name}\t{ref}\t{alt}\t{score:.2f}\tPASS\t{info}\tGT:AD:DP:GQ:PL\t{call}\n"


def short_line(draw: random.Random, contig: str, position: int) -> str:
    """A record of a truth set, 44 to 67 bytes."""
    ref, alt = draw.sample("ACGT", 2)
    call = f"{draw.choice(('0/1', '1/1', '0|1'))}:{draw.randint(1, 20)},{draw.randint(1, 30)}:{draw.randint(2, 50)}:99"
    return f"{contig}\t{position}\t.\t{ref}\t{alt}\t50\tPASS\t.\tGT:AD:DP:GQ\t{call}\n"


def people_line(draw: random.Random, contig: str, position: int) -> str:
    """Genotypes alone, of many people."""
    frequency = draw.random() ** 4
    calls = "\t".join(f"{int(draw.random() < frequency)}|{int(draw.random() < frequency)}" for _ in range(PEOPLE))
    ref, alt = draw.sample("ACGT", 2)
    return f"{contig}\t{position}\t.\t{ref}\t{alt}\t100\tPASS\tAC=1\tGT\t{calls}\n"


def made(name: str, records: int, line: Callable[[random.Random, str, int], str], samples: int = 1) -> Path:
    """A bgzip file of that many records in ``DATA``, made when it is not there."""
    import pysam

    path = DATA / f"{name}-{records}.vcf.gz"
    if path.exists():
        return path
    DATA.mkdir(exist_ok=True)
    draw = random.Random(SEED)
    contigs = "\n".join(f"##contig=<ID=chr{i},length={length}>" for i, length in enumerate(LENGTHS, start=1))
    kinds = [
        ("Flag", "0", ("DB", "NEGATIVE_TRAIN_SITE", "POSITIVE_TRAIN_SITE")),
        ("Integer", "A", ("AC", "MLEAC")),
        ("Float", "A", ("AF", "MLEAF")),
        ("Integer", "1", ("AN", "DP")),
        ("Float", "1", ("ExcessHet", "MQ", "VQSLOD", *INFO_FLOATS)),
        ("String", "1", ("culprit",)),
    ]
    infos = "\n".join(
        f'##INFO=<ID={name},Number={number},Type={kind},Description="Synthetic">'
        for kind, number, names in kinds
        for name in names
    )
    partial = path.with_suffix(".partial")
    with pysam.BGZFile(str(partial), "wb", None) as file:
        names = "\t".join(f"S{i}" for i in range(samples))
        file.write(HEADER.format(contigs=contigs, infos=infos, samples=names).encode())
        for contig in range(1, len(LENGTHS) + 1):
            position, lines = 10_000, []
            for _ in range(records // len(LENGTHS)):
                position += draw.randint(1, 400)
                lines.append(line(draw, f"chr{contig}", position))
            file.write("".join(lines).encode())
    partial.rename(path)
    return path


def as_bcf(path: Path) -> Path:
    from pysam import bcftools

    target = path.with_name(path.name.replace(".vcf.gz", ".bcf"))
    if not target.exists():
        partial = target.with_suffix(".partial")
        bcftools.view("-Ob", "-o", str(partial), str(path), catch_stdout=False)
        partial.rename(target)
    return target


def read_with_varde(path: str) -> int:
    from varde.genome.vcf import read_vcf

    return sum(len(table) for table in read_vcf(path))


def read_with_cyvcf2(path: str) -> int:
    """The same fields, by cyvcf2's arrays."""
    from cyvcf2 import VCF

    rows = 0
    for found in VCF(path):
        site = (found.CHROM, found.POS, found.end, found.ID, found.REF, found.ALT, found.FILTER)
        calls = (found.genotype.array(), found.gt_ref_depths, found.gt_alt_depths, found.gt_depths, found.gt_quals)
        rows += len(site[5]) if calls else 0
    return rows


READERS = {"varde": read_with_varde, "cyvcf2": read_with_cyvcf2}


def measure_here(reader: str, small: str, path: str) -> dict[str, float]:
    """CPU seconds, with those of child processes, and peak memory in MB of reading one file in this process."""

    def spent() -> float:
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(usage.ru_utime + usage.ru_stime for usage in used)

    READERS[reader](small)
    before = spent()
    rows = READERS[reader](path)
    seconds = spent() - before
    return {"rows": rows, "seconds": seconds, "megabytes": peak_megabytes()}


def peak_megabytes() -> float:
    """Peak resident memory of this process since it began (getrusage would count its parent's from before exec)."""
    told = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line.split()[1] for line in told.splitlines() if line.startswith("VmHWM"))) / 1_024


def measure(reader: str, small: Path, path: Path, times: int = 2) -> dict[str, float]:
    """The quickest of some measurements, each in a process of its own."""
    arguments = [sys.executable, __file__, reader, str(small), str(path)]
    found = [json.loads(subprocess.run(arguments, check=True, capture_output=True).stdout) for _ in range(times)]
    return min(found, key=lambda one: one["seconds"])


def row(what: str, target: float | None, measured: float, peer: float | None = None) -> dict[str, object]:
    ratio = round(measured / peer, 1) if peer else None
    return {"what": what, "target": target, "measured": round(measured), "peer": peer and round(peer), "ratio": ratio}


def _single_sample() -> Iterator[dict[str, object]]:
    for name, line, target in (("long", long_line, 300_000), ("short", short_line, 600_000)):
        small, path, larger = (made(name, records, line) for records in (400, RECORDS, RECORDS * GROWTH))
        ours, theirs = measure("varde", small, path), measure("cyvcf2", small, path)
        grown = measure("varde", small, larger)
        rate = ours["rows"] / ours["seconds"]
        yield row(f"{name} lines, VCF.gz: records/CPU s", target, rate, theirs["rows"] / theirs["seconds"])
        yield row(f"{name} lines, VCF.gz, {GROWTH}x records: records/CPU s", target, grown["rows"] / grown["seconds"])
        yield row(f"{name} lines, VCF.gz: peak MB", None, ours["megabytes"], theirs["megabytes"])
        yield row(f"{name} lines, VCF.gz, {GROWTH}x records: peak MB", None, grown["megabytes"])
        bcf, small_bcf = as_bcf(path), as_bcf(small)
        ours, theirs = measure("varde", small_bcf, bcf), measure("cyvcf2", small_bcf, bcf)
        rate = ours["rows"] / ours["seconds"]
        yield row(f"{name} lines, BCF: records/CPU s", None, rate, theirs["rows"] / theirs["seconds"])


def _many_samples() -> Iterator[dict[str, object]]:
    small, path = (made("people", records, people_line, PEOPLE) for records in (400, PEOPLE_RECORDS))
    ours, theirs = measure("varde", small, path), measure("cyvcf2", small, path)
    rates = [found["rows"] * PEOPLE / found["seconds"] for found in (ours, theirs)]
    yield row(f"{PEOPLE} people, GT alone: genotypes/CPU s", 20_000_000, rates[0], rates[1])
    yield row(f"{PEOPLE} people, GT alone: peak MB", None, ours["megabytes"], theirs["megabytes"])


def run() -> list[dict[str, object]]:
    """Rows of ``what``, ``target``, ``measured``, ``peer`` (cyvcf2) and ``ratio`` (measured to peer)."""
    return [*_single_sample(), *_many_samples()]


if __name__ == "__main__":
    if len(sys.argv) == 4:
        print(json.dumps(measure_here(*sys.argv[1:])))
    else:
        for found in run():
            print("\t".join(str(value) for value in found.values()))
