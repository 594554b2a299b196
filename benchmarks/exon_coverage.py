"""Coverage gaps of an exome's per-base file: Varde's streamed reader beside bedtools on the same file and targets."""

from __future__ import annotations

import resource
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl
import pysam

from varde.annotation.target_exons import SCHEMA
from varde.genome.builds import Build, contig_length
from varde.quality.coverage import Coverage, coverage, wanted_of
from varde.quality.depth_runs import read_per_base

LINES = 5_000_000
GENES, EXONS = 500, 12
ALL_GENES = 19_000


def run() -> list[dict[str, object]]:
    with tempfile.TemporaryDirectory() as folder:
        path = _per_base(Path(folder))
        rows = []
        for genes in (GENES, ALL_GENES):
            targets = _targets(genes)
            took, found = _varde(path, targets)
            peer = _bedtools(path, targets, Path(folder)) if genes == GENES else None
            if peer is not None and peer[1] != found.gaps.height:
                raise AssertionError(f"{peer[1]} gaps by bedtools, {found.gaps.height} by Varde")
            rows.append(
                {
                    "what": f"{LINES / 1e6:g} M lines to the gaps of {genes:,} genes ({len(targets):,} exons, "
                    f"{found.gaps.height:,} gaps), s",
                    "target": "seconds",
                    "measured": round(took, 2),
                    "peer": None if peer is None else f"{peer[0]:.2f} (bedtools intersect, sort and merge)",
                    "ratio": None if peer is None else f"{peer[0] / took:.1f}x faster",
                }
            )
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
        rows.append({"what": "peak memory, MB", "target": None, "measured": peak, "peer": None, "ratio": None})
        return rows


def _targets(genes: int) -> pl.DataFrame:
    draw = np.random.default_rng(2)
    total = genes * EXONS
    contig = np.sort(draw.integers(1, 23, genes)).repeat(EXONS)
    lengths = np.array([0, *(contig_length(Build.GRCH38, code) for code in range(1, 23))])
    start = (draw.random(total) * (lengths[contig] - 10_000)).astype(np.int64)
    return pl.DataFrame(
        {
            "gene": [f"G{number // EXONS}" for number in range(total)],
            "transcript": [f"T{number // EXONS}" for number in range(total)],
            "exon": np.arange(total) % EXONS + 1,
            "contig": contig,
            "start0": start,
            "end0": start + draw.integers(60, 400, total),
        },
        schema=SCHEMA,
    )


def _per_base(folder: Path) -> Path:
    """Runs over whole chromosomes, dense as an exome's: LINES lines in all."""
    draw = np.random.default_rng(1)
    plain = folder / "exome.per-base.bed"
    with plain.open("wb") as out:
        for code in range(1, 23):
            length = contig_length(Build.GRCH38, code)
            count = int(LINES * length / sum(contig_length(Build.GRCH38, one) for one in range(1, 23)))
            cuts = np.unique(draw.integers(1, length, count))
            start, end = np.concatenate(([0], cuts)), np.concatenate((cuts, [length]))
            frame = pl.DataFrame(
                {"c": [f"chr{code}"] * len(start), "s": start, "e": end, "d": draw.integers(0, 120, len(start))}
            )
            frame.write_csv(out, separator="\t", include_header=False)
    path = folder / "exome.per-base.bed.gz"
    pysam.tabix_compress(str(plain), str(path))
    plain.unlink()
    return path


def _varde(path: Path, targets: pl.DataFrame) -> tuple[float, Coverage]:
    begun = time.perf_counter()
    found = coverage(read_per_base(path, Build.GRCH38, wanted_of(targets)), targets)
    return time.perf_counter() - begun, found


def _bedtools(path: Path, targets: pl.DataFrame, folder: Path) -> tuple[float, int] | None:
    """The same gaps by the usual pipe: low runs cut by the exons, then merged within each exon."""
    if shutil.which("bedtools") is None:
        return None
    bed = folder / "targets.bed"
    named = targets.select(
        pl.format("chr{}", "contig"), "start0", "end0", pl.format("{}_{}", "gene", "exon").alias("name")
    )
    named.write_csv(bed, separator="\t", include_header=False)
    pipe = (
        f"zcat {path} | awk '$4 < 20' | bedtools intersect -a {bed} -b - "
        "| awk 'BEGIN{OFS=\"\\t\"}{print $4, $2, $3}' | sort -k1,1 -k2,2n | bedtools merge -d 0 -i - | wc -l"
    )
    begun = time.perf_counter()
    done = subprocess.run(["bash", "-c", pipe], check=True, capture_output=True, text=True)
    return time.perf_counter() - begun, int(done.stdout)
