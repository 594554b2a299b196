"""A synthetic genome in pieces: random sequence with genes, at GRCh38 coordinates but never GRCh38 sequence.

The contigs are the first bases of their chromosomes only, so a query beyond a piece fails and never returns sequence.
X is long enough to hold both pseudo-autosomal and other sequence.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from varde.genome.builds import CONTIGS, X

BASES = np.frombuffer(b"ACGT", dtype=np.uint8)
STOP_CODONS = (b"TAA", b"TAG", b"TGA")
COMPLEMENT = bytes.maketrans(b"ACGT", b"TGCA")

AUTOSOMES = (1, 2, 3, 4, 5, 6)
AUTOSOME_LENGTH = 400_000
X_LENGTH = 3_200_000
X_GENES_FROM = 2_800_000
"""Beyond the first pseudo-autosomal region, which ends at 2,781,479 on GRCh38."""

GENES_PER_AUTOSOME = 10
GENES_ON_X = 8
FIVE_PRIME_UTR = 80
THREE_PRIME_UTR = 220


@dataclass(frozen=True)
class DemoGene:
    """A gene with one transcript. Exons and CDS pieces are 0-based half-open, in genomic order."""

    symbol: str
    number: int
    contig: int
    strand: int
    exons: tuple[tuple[int, int], ...]
    coding: tuple[tuple[int, int], ...]

    @property
    def gene_id(self) -> str:
        return f"DEMOG{self.number:08d}"

    @property
    def transcript_id(self) -> str:
        return f"DEMOT{self.number:08d}"

    @property
    def coding_length(self) -> int:
        return sum(end - start for start, end in self.coding)

    def genomic_position0(self, coding_offset: int) -> int:
        """The 0-based genomic place of a 0-based offset in the coding sequence, counted along the transcript."""
        if not 0 <= coding_offset < self.coding_length:
            raise ValueError(f"offset {coding_offset} is outside the coding sequence of {self.coding_length} bases")
        rest = coding_offset
        for start, end in self.coding if self.strand > 0 else reversed(self.coding):
            if rest < end - start:
                return start + rest if self.strand > 0 else end - 1 - rest
            rest -= end - start
        raise AssertionError("unreachable: the offset was checked")


@dataclass(frozen=True)
class DemoGenome:
    """Sequences by contig code (uint8 ASCII) and the genes on them."""

    seed: int
    sequences: dict[int, NDArray[np.uint8]]
    genes: tuple[DemoGene, ...]

    def gene(self, symbol: str) -> DemoGene:
        return next(gene for gene in self.genes if gene.symbol == symbol)

    def text(self, contig: int, start0: int, end0: int) -> str:
        return self.sequences[contig][start0:end0].tobytes().decode()

    def coding_sequence(self, gene: DemoGene) -> str:
        """The coding sequence in transcript direction, from ATG to the stop codon."""
        joined = "".join(self.text(gene.contig, start, end) for start, end in gene.coding)
        return joined if gene.strand > 0 else joined.encode().translate(COMPLEMENT)[::-1].decode()


def build_genome(seed: int) -> DemoGenome:
    """Random sequence, then genes written into it with ATG, open frame, stop codon and GT-AG introns."""
    rng = np.random.default_rng([seed, 1])
    sequences = {contig: rng.choice(BASES, AUTOSOME_LENGTH) for contig in AUTOSOMES}
    sequences[X] = rng.choice(BASES, X_LENGTH)
    genes: list[DemoGene] = []
    for contig in (*AUTOSOMES, X):
        count = GENES_ON_X if contig == X else GENES_PER_AUTOSOME
        first = X_GENES_FROM if contig == X else 5_000
        space = (len(sequences[contig]) - first) // count
        for place in range(count):
            start0 = first + place * space + int(rng.integers(0, 2_000))
            genes.append(_write_gene(rng, sequences[contig], len(genes) + 1, contig, start0))
    return DemoGenome(seed, sequences, tuple(genes))


def _write_gene(
    rng: np.random.Generator, sequence: NDArray[np.uint8], number: int, contig: int, start0: int
) -> DemoGene:
    strand = 1 if rng.random() < 0.5 else -1
    piece_lengths = rng.integers(90, 260, int(rng.integers(4, 11)))
    piece_lengths[-1] += -piece_lengths.sum() % 3
    introns = rng.integers(300, 1_400, len(piece_lengths) - 1)
    coding_text = _open_frame(rng, int(piece_lengths.sum()) // 3)
    # Laid out along the transcript first; a gene on the minus strand is then mirrored as a whole.
    length = FIVE_PRIME_UTR + int(piece_lengths.sum() + introns.sum()) + THREE_PRIME_UTR
    text = bytearray(rng.choice(BASES, length).tobytes())
    pieces: list[tuple[int, int]] = []
    cursor, used = FIVE_PRIME_UTR, 0
    for index, piece in enumerate(int(value) for value in piece_lengths):
        text[cursor : cursor + piece] = coding_text[used : used + piece]
        pieces.append((cursor, cursor + piece))
        cursor, used = cursor + piece, used + piece
        if index < len(introns):
            text[cursor : cursor + 2] = b"GT"
            cursor += int(introns[index])
            text[cursor - 2 : cursor] = b"AG"
    exons = list(pieces)
    exons[0] = (0, exons[0][1])
    exons[-1] = (exons[-1][0], length)
    if strand < 0:
        text = bytearray(bytes(text).translate(COMPLEMENT)[::-1])
        pieces = [(length - end, length - start) for start, end in reversed(pieces)]
        exons = [(length - end, length - start) for start, end in reversed(exons)]
    sequence[start0 : start0 + length] = np.frombuffer(bytes(text), dtype=np.uint8)
    return DemoGene(
        symbol=f"DEMO{number:02d}",
        number=number,
        contig=contig,
        strand=strand,
        exons=tuple((start0 + start, start0 + end) for start, end in exons),
        coding=tuple((start0 + start, start0 + end) for start, end in pieces),
    )


def _open_frame(rng: np.random.Generator, codons: int) -> bytes:
    middle: list[bytes] = []
    while len(middle) < codons - 2:
        codon = rng.choice(BASES, 3).tobytes()
        if codon not in STOP_CODONS:
            middle.append(codon)
    return b"ATG" + b"".join(middle) + b"TAA"


def write_fasta(genome: DemoGenome, path: Path) -> None:
    """One contig a sequence, 60 bases a line, the synthetic origin in each title."""
    with path.open("w", encoding="ascii") as out:
        for contig, sequence in genome.sequences.items():
            text = sequence.tobytes().decode("ascii")
            out.write(
                f">chr{CONTIGS[contig - 1]} SYNTHETIC Varde demo country, seed {genome.seed}, not human sequence\n"
            )
            out.writelines(f"{text[start : start + 60]}\n" for start in range(0, len(text), 60))


def write_gff3(genome: DemoGenome, path: Path) -> None:
    """Genes in the Ensembl dialect: gene, mRNA, exon and CDS with phases."""
    lines = ["##gff-version 3", f"#!SYNTHETIC Varde demo country, seed {genome.seed}"]
    for contig, sequence in genome.sequences.items():
        lines.append(f"##sequence-region chr{CONTIGS[contig - 1]} 1 {len(sequence)}")
    for gene in sorted(genome.genes, key=lambda gene: (gene.contig, gene.exons[0][0])):
        lines.extend(_gff3_lines(gene))
    path.write_text("\n".join(lines) + "\n", encoding="ascii")


def _gff3_lines(gene: DemoGene) -> list[str]:
    contig = f"chr{CONTIGS[gene.contig - 1]}"
    sign = "+" if gene.strand > 0 else "-"
    start, end = gene.exons[0][0] + 1, gene.exons[-1][1]

    def line(kind: str, first: int, last: int, phase: str, attributes: str) -> str:
        return f"{contig}\tvarde_demo\t{kind}\t{first}\t{last}\t.\t{sign}\t{phase}\t{attributes}"

    parent = f"Parent=transcript:{gene.transcript_id}"
    gene_facts = f"Name={gene.symbol};biotype=protein_coding;gene_id={gene.gene_id};version=1"
    transcript_facts = f"Name={gene.symbol}-201;biotype=protein_coding;transcript_id={gene.transcript_id};version=1"
    lines = [
        line("gene", start, end, ".", f"ID=gene:{gene.gene_id};{gene_facts}"),
        line(
            "mRNA",
            start,
            end,
            ".",
            f"ID=transcript:{gene.transcript_id};Parent=gene:{gene.gene_id};{transcript_facts};tag=MANE_Select",
        ),
    ]
    for rank, (first, last) in enumerate(gene.exons if gene.strand > 0 else reversed(gene.exons), start=1):
        lines.append(line("exon", first + 1, last, ".", f"{parent};Name={gene.transcript_id}.exon{rank};rank={rank}"))
    phases: dict[tuple[int, int], int] = {}
    used = 0
    for piece in gene.coding if gene.strand > 0 else reversed(gene.coding):
        phases[piece] = -used % 3
        used += piece[1] - piece[0]
    lines.extend(
        line("CDS", first + 1, last, str(phases[first, last]), f"ID=CDS:{gene.transcript_id}P;{parent}")
        for first, last in gene.coding
    )
    return lines
