"""Annotating VCF to VCF: records per CPU second and start-up, against bcftools annotate and, where installed, vcfanno.

``python benchmarks/annotating.py`` prints the rows of ``run``. The input is drawn from a seed: a register of sites on
two chromosomes and a file of GATK-style lines (about 350 bytes), three of four of them at sites of the register. Every
measurement is a process of its own, start-up included; CPU is user plus system with children. The peer's output is
compared with ours, allele by allele, before any figure is given.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

RECORDS, SITES, REPEATS = 1_000_000, 2_000_000, 3
CHROMOSOMES = (20, 21)
HEADER = """##fileformat=VCFv4.2
##contig=<ID=chr20,length=64444167>
##contig=<ID=chr21,length=46709983>
"""
INFO = """##INFO=<ID=AC,Number=A,Type=Integer,Description="AC">
##INFO=<ID=AN,Number=1,Type=Integer,Description="AN">
##INFO=<ID=AF,Number=A,Type=Float,Description="AF">
##INFO=<ID=nhomalt,Number=A,Type=Integer,Description="nhomalt">
"""
GATK = """##FILTER=<ID=PASS,Description="All filters passed">
##FORMAT=<ID=GT,Number=1,Type=String,Description="GT">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="AD">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="DP">
##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="GQ">
##FORMAT=<ID=PGT,Number=1,Type=String,Description="PGT">
##FORMAT=<ID=PID,Number=1,Type=String,Description="PID">
##FORMAT=<ID=PL,Number=G,Type=Integer,Description="PL">
"""
FLOATS = (
    "BaseQRankSum",
    "ExcessHet",
    "FS",
    "MLEAF",
    "MQ",
    "MQRankSum",
    "QD",
    "ReadPosRankSum",
    "SOR",
    "InbreedingCoeff",
)


def drawn(sites: int) -> dict[str, np.ndarray]:
    """Contig, position, letters and counts of distinct sites, in order; a tenth are insertions of two bases."""
    draw = np.random.default_rng(15)
    each = sites // len(CHROMOSOMES)
    position = np.concatenate([np.sort(draw.choice(40_000_000, each, replace=False)) + 5_000_000 for _ in CHROMOSOMES])
    ref = draw.integers(0, 4, len(position))
    share = draw.beta(0.15, 3, len(position))
    return {
        "contig": np.repeat(CHROMOSOMES, each),
        "position": position,
        "ref": np.array(list("ACGT"))[ref],
        "alt": np.array(list("ACGT"))[(ref + draw.integers(1, 4, len(position))) % 4],
        "inserts": draw.random(len(position)) < 0.1,
        "ac": draw.binomial(20_000, share) + 1,
        "nhomalt": draw.binomial(10_000, share**2),
    }


def written(folder: Path, records: int, sites: int) -> tuple[Path, Path, Path]:
    """The file to annotate, the register as index and the same as VCF with its index for the peers."""
    import polars as pl
    import pysam

    from varde.frequency.index import build_index
    from varde.genome.builds import Build
    from varde.genome.keys import encode_keys

    site = drawn(sites)
    alt = np.where(site["inserts"], np.char.add(np.char.add(site["ref"], site["alt"]), "A"), site["alt"])
    keys = encode_keys(site["contig"], site["position"], site["ref"].tolist(), alt.tolist())
    frame = pl.DataFrame({"key": keys, "ac": site["ac"], "an": 20_002, "nhomalt": site["nhomalt"], "nhemi": 0})
    steps = pl.DataFrame({"place": [c << 32 for c in CHROMOSOMES], "an": 20_002}, schema_overrides={"place": pl.UInt64})
    build_index(folder / "register.index", Build.GRCH38, frame.sort("key"), steps, made_from={"release": "benchmark"})
    with pysam.BGZFile(str(folder / "register.vcf.gz"), "wb", None) as file:
        file.write((HEADER + INFO + "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n").encode())
        rows = zip(*(site[n].tolist() for n in ("contig", "position", "ref")), alt.tolist(), site["ac"].tolist(),
                   site["nhomalt"].tolist(), strict=True)  # fmt: skip
        for c, p, r, a, ac, hom in rows:
            line = f"chr{c}\t{p}\t.\t{r}\t{a}\t.\t.\tAC={ac};AN=20002;AF={ac / 20_002:.6g};nhomalt={hom}\n"
            file.write(line.encode())
    subprocess.run(["bcftools", "index", "-t", str(folder / "register.vcf.gz")], check=True)
    _write_lines(folder / "sample.vcf.gz", site, alt, records)
    subprocess.run(["bcftools", "index", str(folder / "sample.vcf.gz")], check=True)  # bcftools annotate wants one
    return folder / "sample.vcf.gz", folder / "register.index", folder / "register.vcf.gz"


def _write_lines(path: Path, site: dict[str, np.ndarray], alt: np.ndarray, records: int) -> None:
    import pysam

    draw = np.random.default_rng(16)
    chosen = np.sort(draw.choice(len(alt), records, replace=False))
    floats = draw.normal(0, 2, (5_000, len(FLOATS))).round(3).tolist()
    texts = [";".join(f"{n}={v}" for n, v in zip(FLOATS, row, strict=True)) for row in floats]
    declared = "".join(f'##INFO=<ID={n},Number=1,Type=Float,Description="{n}">\n' for n in FLOATS)
    declared += "".join(f'##INFO=<ID={n},Number=1,Type=Integer,Description="{n}">\n' for n in ("DP", "MLEAC"))
    numbers = draw.integers(5, 60, (records, 4)).tolist()
    elsewhere = (draw.random(records) < 0.25).tolist()
    with pysam.BGZFile(str(path), "wb", None) as file:
        columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n"
        file.write((HEADER + GATK + declared + columns).encode())
        rows = zip(*(site[n][chosen].tolist() for n in ("contig", "position", "ref")), alt[chosen].tolist(), numbers,
                   elsewhere, strict=True)  # fmt: skip
        for i, (c, p, r, a, (d, e, q, g), other) in enumerate(rows):
            allele = (r + "TTTT") if other else a
            file.write(
                f"chr{c}\t{p}\t.\t{r}\t{allele}\t{q * 11.77:.2f}\tPASS\tDP={d + e};MLEAC=1;{texts[i % 5_000]}"
                f"\tGT:AD:DP:GQ:PGT:PID:PL\t0/1:{d},{e}:{d + e}:{g}:0|1:{p}_{r}_{allele}:{q * 21},0,{d * 33}\n".encode()
            )


def measured(command: list[str], repeats: int = REPEATS) -> tuple[float, float]:
    """Median CPU and wall seconds of a command."""
    cpu, wall = [], []
    for _ in range(repeats):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        wall.append(time.perf_counter() - start)
        cpu.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(cpu), statistics.median(wall)


def ours(source: Path, index: Path, out: Path, *options: str) -> list[str]:
    program = Path(sys.executable).with_name("varde")
    return [str(program), "annotate", str(source), "--index", str(index), "-o", str(out), *options]


def bcftools(source: Path, register: Path, out: Path, level: int) -> list[str]:
    columns = "INFO/X_AC:=INFO/AC,INFO/X_AN:=INFO/AN,INFO/X_AF:=INFO/AF,INFO/X_nhomalt:=INFO/nhomalt"
    return ["bcftools", "annotate", "--threads", "1", "-a", str(register), "-c", columns, f"-Oz{level}", "-o", str(out),
            str(source)]  # fmt: skip


def compared(mine: Path, theirs: Path) -> int:
    """Observed alleles for which both tell the same. Raises ValueError for any other."""
    fields = "%CHROM\t%POS\t%REF\t%ALT\t"
    texts = []
    for path, prefix in ((mine, "Varde_"), (theirs, "X_")):
        what = fields + "\t".join(f"%INFO/{prefix}{n}" for n in ("AC", "AN", "AF", "nhomalt")) + "\n"
        options = ["-i", 'INFO/Varde_state="observed"'] if prefix == "Varde_" else ["-i", 'INFO/X_AC!="."']
        done = subprocess.run(["bcftools", "query", *options, "-f", what, str(path)], check=True, capture_output=True)
        texts.append(done.stdout)
    if texts[0] != texts[1] or not texts[0]:
        raise ValueError("bcftools annotate and varde annotate tell different values")
    return texts[0].count(b"\n")


def run() -> list[dict[str, object]]:
    """Rows of what was measured, with target, peer and ratio."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source, index, register = written(folder, RECORDS, SITES)
        few = folder / "few.vcf"
        shell = f"bcftools view {source} 2>/dev/null | head -100 > {few}"
        subprocess.run(["sh", "-c", shell], check=True)
        measured(ours(few, index, folder / "few.out.vcf.gz"), 1)
        _, start = measured(ours(few, index, folder / "few.out.vcf.gz"), 7)
        out, peer = folder / "mine.vcf.gz", folder / "theirs.vcf.gz"
        rows: list[dict[str, object]] = []
        # Level 3 is ISA-L's best and gives files of the size of bgzip's level 1.
        for level, their_level, target in ((1, 1, "250,000 records per CPU second"), (3, 1, "1.5x bcftools at equal "
                                           "size"), (6, 6, "90,000 records per CPU second")):  # fmt: skip
            cpu, wall = measured(ours(source, index, out, "--level", str(level)))
            theirs, their_wall = measured(bcftools(source, register, peer, their_level), 1)
            same = compared(out, peer)
            sizes = f"{out.stat().st_size / 1e6:.0f} MB", f"{peer.stat().st_size / 1e6:.0f} MB"
            peers = f"bcftools annotate, level {their_level}: {RECORDS / theirs / 1e3:.0f},000/s"
            rows.append(
                {
                    "what": f"annotate {RECORDS:,} records against {SITES:,} sites, level {level}, start-up included "
                    f"({wall:.1f} s wall, {sizes[0]}; the same {same:,} values)",
                    "target": target,
                    "measured": f"{RECORDS / cpu / 1e3:.0f},000/s",
                    "peer": f"{peers} ({their_wall:.1f} s, {sizes[1]})",
                    "ratio": round(theirs / cpu, 1),
                }
            )
        if shutil.which("vcfanno"):
            rows.append(_vcfanno(folder, source, register, measured(ours(source, index, out))[0]))
        rows.append(
            {
                "what": "annotate 100 records: start to end, wall",
                "target": "under 0.5 s",
                "measured": f"{start:.2f} s",
                "peer": None,
                "ratio": None,
            }
        )
    return rows


def _vcfanno(folder: Path, source: Path, register: Path, cpu: float) -> dict[str, object]:
    names = '"AC", "AN", "AF", "nhomalt"'
    ops = ", ".join(['"self"'] * 4)
    (folder / "conf.toml").write_text(
        f'[[annotation]]\nfile="{register}"\nfields=[{names}]\n'
        f'names=["X_AC", "X_AN", "X_AF", "X_nhomalt"]\nops=[{ops}]\n'
    )
    theirs, wall = measured(["vcfanno", "-p", "2", str(folder / "conf.toml"), str(source)], 1)
    return {
        "what": f"the same against vcfanno ({wall:.1f} s wall; it writes plain text)",
        "target": "5x vcfanno",
        "measured": f"{RECORDS / cpu / 1e3:.0f},000/s",
        "peer": f"vcfanno: {RECORDS / theirs / 1e3:.0f},000/s",
        "ratio": round(theirs / cpu, 1),
    }


if __name__ == "__main__":
    if sys.argv[1:2] == ["write"]:
        print(written(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])))
    else:
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        for row in run():
            print(json.dumps(row))
