"""Import of knowledge sources and their look-up: time, peak memory, growth; each case in a process of its own."""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np

from varde.annotation.clinvar import ClinVar
from varde.annotation.clinvar_import import import_clinvar
from varde.annotation.predictors import Predictor, import_predictor
from varde.annotation.source_folder import Origin
from varde.genome.builds import Build
from varde.interpretation.known import KnowledgeBase, with_known

DAY = date(2026, 12, 1)
MEGABYTE = 1 << 20
CLASSES = (
    ["Uncertain_significance"] * 10 + ["Likely_benign"] * 5 + ["Benign"] * 3 + ["Pathogenic"] * 2
    + ["Likely_pathogenic", "Conflicting_classifications_of_pathogenicity", "Pathogenic/Likely_pathogenic"]
)  # fmt: skip
HEADER = (
    "##fileformat=VCFv4.1\n##fileDate=2026-11-24\n##reference=GRCh38\n##INFO=<ID=CLNSIG>\n##INFO=<ID=CLNREVSTAT>\n"
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
)


def write_clinvar(path: Path, rows: int) -> None:
    """ClinVar's weekly layout: sorted by place, with the fields and the length of line of the real file."""
    letters = random.Random(rows)
    number = 0
    with path.open("w") as file:
        file.write(HEADER)
        for contig in range(1, 23):
            places = sorted(letters.sample(range(10_000, 46_000_000), rows // 22))
            for place in places:
                number += 1
                ref = letters.choice("ACGT")
                alt = (
                    letters.choice("ACGT".replace(ref, "")) if letters.random() < 0.9 else ref + letters.choice("ACGT")
                )
                file.write(
                    f"{contig}\t{place}\t{number}\t{ref}\t{alt}\t.\t.\tALLELEID={number + 15000};"
                    "CLNDISDB=MONDO:MONDO:0008863,MedGen:C4225374,OMIM:617020|MedGen:CN517202;"
                    f"CLNDN=Demo_disease_{number % 5000}|not_provided;CLNHGVS=NC_{contig:06d}.11:g.{place}{ref}>{alt};"
                    "CLNREVSTAT=criteria_provided,_single_submitter;"
                    f"CLNSIG={letters.choice(CLASSES)};CLNVC=single_nucleotide_variant;CLNVCSO=SO:0001483;"
                    f"GENEINFO=GENE{number % 18000}:{number % 18000};MC=SO:0001583|missense_variant;ORIGIN=1\n"
                )


def write_revel(path: Path, rows: int) -> None:
    """REVEL's layout: three alleles at every place."""
    with path.open("w") as file:
        file.write("chr,hg19_pos,grch38_pos,ref,alt,aaref,aaalt,REVEL,Ensembl_transcriptid\n")
        for at in range(rows // 3):
            contig, place = at * 22 // (rows // 3) + 1, 30_000 + at
            for alt in "CGT":
                file.write(f"{contig},{place},{place + 100},A,{alt},T,M,0.{at % 997:03d},ENST00000417324\n")


def imported(what: str, rows: int, folder: str) -> dict[str, float]:
    """In a process of its own: seconds and peak of memory of one import."""
    path, origin = Path(folder) / what, Origin(what, str(rows), "made", DAY)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    if what == "clinvar":
        import_clinvar(folder, path, origin, Build.GRCH38)
    else:
        import_predictor(folder, path, origin, Build.GRCH38, "revel")
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"seconds": seconds, "peak_mb": peak / 1024, "before_mb": before / 1024}


def apart(what: str, rows: int, folder: Path) -> dict[str, float]:
    """Write the file and import it elsewhere; the file goes away."""
    path = folder / what
    (write_clinvar if what == "clinvar" else write_revel)(path, rows)
    size = path.stat().st_size / MEGABYTE
    code = f"import sys, json; sys.path.insert(0, {str(Path(__file__).parent)!r}); import knowledge; "
    code += f"print(json.dumps(knowledge.imported({what!r}, {rows}, {str(folder)!r})))"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    path.unlink()
    return json.loads(ended.stdout) | {"text_mb": size}


def looked_up(folder: Path, rows: int) -> dict[str, float]:
    """Seconds of a case's join, and of a residue's question in the middle."""
    clinvar = ClinVar.open(folder / f"clinvar-{rows}")
    base = KnowledgeBase(clinvar=clinvar, predictors=(Predictor.open(folder / "revel-3000000"),))
    letters = np.random.default_rng(3)
    held = clinvar._records.around(0, (1 << 64) - 1, [])["key"].to_numpy()
    import polars as pl

    keys = np.unique(np.concatenate([letters.choice(held, 5_000), letters.choice(held, 55_000) ^ np.uint64(1)]))
    position = (keys >> np.uint64(31) & np.uint64((1 << 28) - 1)).astype(np.int64)
    contig = (keys >> np.uint64(59)).astype(np.uint8)
    alleles = pl.DataFrame({"key": keys, "contig": contig, "position": position, "ref": "A", "alt": "C"})
    told = {}
    for name in ("first", "again"):
        started = time.perf_counter()
        with_known(alleles, base, None)
        told[name] = time.perf_counter() - started
    times = []
    for at in range(200):
        started = time.perf_counter()
        clinvar.near(f"GENE{at * 80}", 100, 5)
        times.append(time.perf_counter() - started)
    return told | {"near": float(np.median(times)), "alleles": len(keys)}


def run() -> list[dict[str, object]]:
    """Rows for RESULTS.md."""
    rows = []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        small = apart("clinvar", 100_000, folder)
        large = apart("clinvar", 1_000_000, folder)
        revel = apart("revel", 3_000_000, folder)
        asked = looked_up(folder, 1_000_000)

    def row(what: str, measured: str, ratio: str = "", peer: str = "", target: str = "") -> None:
        rows.append({"what": what, "target": target, "measured": measured, "peer": peer, "ratio": ratio})

    for words, one in (("100,000", small), ("1,000,000", large)):
        growth = large["seconds"] / small["seconds"] if one is large else 1
        row(
            f"ClinVar VCF of {words} records ({one['text_mb']:,.0f} MB of text) imported, without a reference",
            f"{one['seconds']:.1f} s; peak {one['peak_mb']:,.0f} MB, {one['before_mb']:,.0f} MB of it the program",
            f"{growth:.1f}x for 10x" if one is large else "",
        )
    row(
        f"REVEL of 3,000,000 rows ({revel['text_mb']:,.0f} MB of text) imported",
        f"{revel['seconds']:.1f} s, {3_000_000 / revel['seconds']:,.0f} rows a second; peak {revel['peak_mb']:,.0f} MB",
    )
    row(
        f"ClinVar and REVEL joined to {asked['alleles']:,} alleles of a case",
        f"{asked['first'] * 1000:,.0f} ms the first time, {asked['again'] * 1000:,.0f} ms again",
    )
    row("ClinVar's records within five residues of a place, median", f"{asked['near'] * 1000:.1f} ms")
    return rows
