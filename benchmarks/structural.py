"""A family's structural variants, from a VCF of 20,000 records to a scored list; the ratio is to a tenth of it."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from varde.annotation.transcripts import ManeStatus, Transcript, TranscriptSet
from varde.genome.builds import CONTIGS, Build, contig_length
from varde.genome.pedigree import Affected, Pedigree, Person, Sex
from varde.interpretation.structural import prepared as layer
from varde.interpretation.structural.selection import select_events
from varde.interpretation.structural.suggestion import evidence_of, suggest
from varde.interpretation.structural.tables import Table, read_frequencies

RECORDS, GENES, SCORED = 20_000, 20_000, 60
PEDIGREE = Pedigree(
    (
        Person("f", "C", "F", "M", Sex.FEMALE, Affected.AFFECTED),
        Person("f", "M", sex=Sex.FEMALE, affected=Affected.UNAFFECTED),
        Person("f", "F", sex=Sex.MALE, affected=Affected.UNAFFECTED),
    )
)


def run() -> list[dict[str, Any]]:
    transcripts = _transcripts()
    with tempfile.TemporaryDirectory() as folder:
        times = {count: _measured(Path(folder), count, transcripts) for count in (RECORDS // 10, RECORDS)}
    small, large = times[RECORDS // 10], times[RECORDS]
    told = ("read, matched, placed on genes, with frequencies", f"selected, and the first {SCORED} scored")
    return [
        {
            "what": f"{RECORDS:,} records of three people: {what}",
            "target": None,
            "measured": f"{large[place]:.2f} s of CPU",
            "peer": f"{small[place]:.2f} s for {RECORDS // 10:,}",
            "ratio": round(large[place] / max(small[place], 1e-6), 1),
        }
        for place, what in enumerate(told)
    ]


def _measured(folder: Path, count: int, transcripts: TranscriptSet) -> tuple[float, float]:
    vcf, table = _files(folder, count)
    layer.reference_transcripts = lambda _reference: transcripts
    reference: Any = type("WithGenes", (), {"gff3": "x"})()
    begin = time.process_time()
    tables = layer.StructuralTables(frequencies=(table,))
    found = layer.prepare_structural([vcf], PEDIGREE, build=Build.GRCH38, reference=reference, tables=tables)
    prepared = time.process_time()
    kept = select_events(found).kept[:SCORED]
    scores = [suggest(evidence).score for one in kept if (evidence := evidence_of(found, one)) is not None]
    if found.kept + sum(found.dropped.values()) != found.alleles or not scores:
        raise AssertionError("the benchmark's layer is not whole")
    return prepared - begin, time.process_time() - prepared


def _files(folder: Path, count: int) -> tuple[Path, Table]:
    rng = np.random.default_rng(count)
    contig = np.sort(rng.integers(1, 23, count))
    lines, rows = [], ["chrom\tstart\tend\tsvtype\tAC\tAN\tAF"]
    for number, code in enumerate(contig.tolist()):
        size = int(10 ** rng.uniform(1.8, 5.5))
        start = int(rng.integers(10_000, contig_length(Build.GRCH38, code) - size - 10_000))
        kind = ("DEL", "DUP", "INV")[int(rng.integers(0, 3))]
        calls = "\t".join(("0/0:60", "0/1:60", "1/1:60")[int(rng.choice(3, p=[0.5, 0.4, 0.1]))] for _ in range(3))
        info = f"SVTYPE={kind};END={start + size}"
        lines.append(f"{CONTIGS[code - 1]}\t{start}\tv{number}\tN\t<{kind}>\t.\tPASS\t{info}\tGT:GQ\t{calls}")
        if number % 2:
            rows.append(f"{CONTIGS[code - 1]}\t{start + 20}\t{start + size}\t{kind}\t{number % 900}\t20000\t0.02")
    vcf, bed = folder / f"{count}.vcf", folder / f"{count}.bed"
    columns = "\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", "C", "M", "F"])
    vcf.write_text("\n".join(["##fileformat=VCFv4.3", columns, *lines]) + "\n")
    bed.write_text("\n".join(rows) + "\n")
    return vcf, read_frequencies(bed, Build.GRCH38, "table", "1")


def _transcripts() -> TranscriptSet:
    rng = np.random.default_rng(1)
    found = []
    for number in range(GENES):
        code = int(rng.integers(1, 23))
        start = int(rng.integers(10_000, contig_length(Build.GRCH38, code) - 200_000))
        exons = tuple((start + 3_000 * place, start + 3_000 * place + 150) for place in range(10))
        cds = (exons[0][0] + 50, exons[-1][1] - 50)
        found.append(
            Transcript(f"T{number}", None, f"G{number}", f"g{number}", code, 1 - 2 * (number % 2), exons, cds,
                       "protein_coding", ManeStatus.SELECT)
        )  # fmt: skip
    return TranscriptSet(Build.GRCH38, tuple(found), "synthetic", "0" * 64)
