"""A small made-up genome with genes on both strands, and allele tables written by hand.

For tests only, and not for tests of reading: the columns a VCF would fill are filled with their plainest values.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from varde.annotation.genetic_code import reverse_complement
from varde.genome.builds import CONTIGS, Build
from varde.genome.records import SITE_SCHEMA, AlleleKind, AlleleTable
from varde.genome.references import Reference, ReferenceStore

CODING = (
    "ATGGCTAAAAAACGATGCGATCAACAGCAGTTCCCCGGTACATGGATGTCAGTCCTGGAAAACTACCATATCAGATTG"
    "GCCGACGTATCCCACCTAATAGGATTTAAGACGCCATGTGCAGAGCGTAGCGTTTATATTTAA"
)
CODONS = [CODING[i : i + 3] for i in range(0, len(CODING), 3)]
PROTEIN = "MAKKRCDQQQFPGTWMSVLENYHIRLADVSHLIGFKTPCAERSVYI"
assert len(CODING) == 141

EXONS = ((100, 160), (260, 320), (420, 500))
CDS = (120, 461)
"""Of PLUS, 0-based half-open; MINUS is its mirror image in the 600 bases after base 1000."""

MT_CODING = "ATGGCTAAAATATGAGCTGCTAGA"


def mirrored(position: int) -> int:
    """Place on the contig of PLUS's base (0-based) in MINUS."""
    return 1000 + 599 - position


def _gene_sequence(letters: random.Random) -> str:
    bases = [letters.choice("CT") for _ in range(600)]
    left = iter(CODING)
    for start, end in EXONS:
        for place in range(start, end):
            bases[place] = next(left) if CDS[0] <= place < CDS[1] else letters.choice("CT")
    for (_, end), (start, _) in itertools.pairwise(EXONS):
        bases[end : end + 2] = "GT"
        bases[start - 2 : start] = "AG"
    return "".join(bases)


def sequences() -> dict[str, str]:
    """Contigs ``1`` (2,000 bases), ``2`` (no gene) and ``MT``."""
    letters = random.Random(7)
    gene = _gene_sequence(letters)
    tail = "".join(letters.choice("ACGT") for _ in range(400))
    spacer = "".join(letters.choice("ACGT") for _ in range(400))
    mitochondrion = "C" * 50 + MT_CODING + "C" * 50
    return {"1": gene + spacer + reverse_complement(gene) + tail, "2": tail, "MT": mitochondrion}


def gene_rows(
    contig: str, gene: str, strand: str, exons: Sequence[tuple[int, int]], cds: tuple[int, int] | None, **of: str
) -> str:
    """GFF3 rows of a gene; ``of``: biotype, tags of its first transcript, transcripts (names joined by blanks)."""
    biotype = of.get("biotype", "protein_coding")
    place = f"{exons[0][0] + 1}\t{exons[-1][1]}\t.\t{strand}"
    text = f"{contig}\ttoy\tgene\t{place}\t.\tID=gene:G_{gene};Name={gene};biotype={biotype}\n"
    for transcript in of.get("transcripts", f"T_{gene}").split():
        tags = of.get("tags", "") if transcript == f"T_{gene}" else ""
        parent = f"Parent=transcript:{transcript}"
        attributes = f"ID=transcript:{transcript};Parent=gene:G_{gene};biotype={biotype};version=2{tags}"
        text += f"{contig}\ttoy\tmRNA\t{place}\t.\t{attributes}\n"
        for start, end in exons:
            text += f"{contig}\ttoy\texon\t{start + 1}\t{end}\t.\t{strand}\t.\t{parent}\n"
        if cds is None:
            continue
        parts = [(max(s, cds[0]), min(e, cds[1])) for s, e in exons if s < cds[1] and e > cds[0]]
        before = 0
        phases = {}
        for start, end in parts if strand == "+" else parts[::-1]:
            phases[start] = -before % 3
            before += end - start
        for start, end in parts:
            where = f"{start + 1}\t{end}\t.\t{strand}\t{phases[start]}"
            text += f"{contig}\ttoy\tCDS\t{where}\t{parent};protein_id=P_{gene}.1\n"
    return text


def annotation() -> str:
    """PLUS and MINUS (three exons, MANE Select), NONCODING, ODD (a biotype the engine ignores), MITO on MT."""
    minus = tuple((mirrored(end - 1), mirrored(start) + 1) for start, end in reversed(EXONS))
    mane = ";tag=basic,MANE_Select;refseq_transcript=NM_000001.4"
    return (
        "##gff-version 3\n"
        + gene_rows("1", "PLUS", "+", EXONS, CDS, tags=mane, transcripts="T_PLUS T_PLUS_B")
        + gene_rows("1", "MINUS", "-", minus, (mirrored(CDS[1] - 1), mirrored(CDS[0]) + 1), tags=mane)
        + gene_rows("1", "NONCODING", "+", ((700, 760), (800, 860)), None, biotype="lncRNA")
        + gene_rows("1", "ODD", "+", ((1700, 1760), (1800, 1860)), None, biotype="a_biotype_of_the_future")
        + gene_rows("MT", "MITO", "+", ((50, 74),), (50, 74))
    )


def make_reference(folder: Path, *, gff3: str | None = None, name: str = "toy") -> Reference:
    """The toy genome in a store under ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    fasta, genes = folder / "toy.fa", folder / "toy.gff3"
    fasta.write_text("".join(f">{contig}\n{bases}\n" for contig, bases in sequences().items()), encoding="ascii")
    genes.write_text(annotation() if gff3 is None else gff3, encoding="ascii")
    return ReferenceStore(folder / "store").add(fasta, genes, Build.GRCH38, name)


def allele(place: int, ref_length: int, alt: str, contig: str = "1") -> tuple[str, int, str, str]:
    """(contig, position, ref, alt) of a change at a 0-based place, REF read from the toy genome."""
    return contig, place + 1, sequences()[contig][place : place + ref_length], alt


def _kind(ref: str, alt: str) -> AlleleKind:
    if alt == ".":
        return AlleleKind.REFERENCE
    if alt == "*":
        return AlleleKind.SPANNING
    if alt.startswith("<"):
        return AlleleKind.SYMBOLIC
    if "[" in alt or "]" in alt:
        return AlleleKind.BREAKEND
    if len(ref) == len(alt):
        return AlleleKind.SNV if len(ref) == 1 else AlleleKind.MNV
    if min(len(ref), len(alt)) == 1 and ref[0] == alt[0]:
        return AlleleKind.INSERTION if len(ref) == 1 else AlleleKind.DELETION
    return AlleleKind.DELINS


def table(
    alleles: Sequence[tuple[str, int, str, str]], build: Build = Build.GRCH38, ends: Sequence[int] = ()
) -> AlleleTable:
    """Alleles as a table without samples."""
    codes = {name: code for code, name in enumerate(CONTIGS, start=1)}
    rows = [
        {
            **{"line": i + 1, "record": i, "allele": 1, "allele_count": 1, "contig": codes.get(contig, 0)},
            **{"contig_name": contig, "position": position, "identifier": ".", "ref": ref, "alt": alt},
            **{"end": ends[i] if ends else position + len(ref) - 1, "filter": ".", "kind": _kind(ref, alt).value},
        }
        for i, (contig, position, ref, alt) in enumerate(alleles)
    ]
    nothing = np.zeros((len(rows), 0), dtype=np.int32)
    return AlleleTable(
        build=build,
        samples=(),
        sites=pl.DataFrame(rows, schema=SITE_SCHEMA),
        genotype=np.zeros((len(rows), 0, 2), dtype=np.int8),
        phased=nothing.astype(np.bool_),
        phase_set=nothing,
        depth_ref=nothing,
        depth_alt=nothing,
        depth_x=nothing,
        genotype_quality=nothing,
    )
