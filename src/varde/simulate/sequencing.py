"""A small sequenced family: reference, reads of child, mother and father, truth and confident regions of the child."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from varde.simulate.files import write_vcf
from varde.simulate.genome import BASES
from varde.simulate.reads import Planted, write_reads

LENGTHS: Final = {"chr21": 24_000, "chrX": 10_000, "chrM": 4_000}
MEMBERS: Final = ("child", "mother", "father")
APART: Final = 260
"""Bases between planted places, so that a read rarely spans two of them."""
NOT_CONFIDENT: Final = ("chr21", 20_000, 24_000)
UNREAD: Final = ("chr21", 8_000, 10_000)
"""The mother's reads from here are left out: what a hole in a parent looks like."""


@dataclass(frozen=True)
class SequencedFamily:
    """Where the pieces stand, below one folder."""

    folder: Path

    @property
    def fasta(self) -> Path:
        return self.folder / "reference.fa"

    @property
    def inbox(self) -> Path:
        return self.folder / "inbox"

    @property
    def truth(self) -> Path:
        return self.folder / "truth" / "truth.vcf.gz"

    @property
    def confident(self) -> Path:
        return self.folder / "truth" / "confident.bed"


def write_sequenced_family(folder: Path, seed: int, depth: float = 30.0) -> SequencedFamily:
    """Write all files of the family. The child (a boy) has one allele of each parent at every place."""
    files = SequencedFamily(folder)
    rng = np.random.default_rng(seed)
    sequences = {name: BASES[rng.integers(0, 4, length)] for name, length in LENGTHS.items()}
    files.inbox.mkdir(parents=True)
    files.truth.parent.mkdir()
    _write_fasta(sequences, files.fasta)
    people = _draw(sequences, rng)
    for name in MEMBERS:
        paths = (files.inbox / f"{name}_R1.fastq.gz", files.inbox / f"{name}_R2.fastq.gz")
        write_reads(sequences, people[name], depth, rng, paths, hole=UNREAD if name == "mother" else None)
    _write_truth(people["child"], files)
    return files


def _write_fasta(sequences: dict[str, NDArray[np.uint8]], path: Path) -> None:
    text = (f">{name}\n{bases.tobytes().decode()}\n" for name, bases in sequences.items())
    path.write_text("".join(text), encoding="ascii")


def _draw(sequences: dict[str, NDArray[np.uint8]], rng: np.random.Generator) -> dict[str, list[Planted]]:
    people: dict[str, list[Planted]] = {name: [] for name in MEMBERS}
    for contig, sequence in sequences.items():
        for place in range(300, len(sequence) - 400, APART):
            ref, alt = _allele(sequence, place, rng)
            mother, father = (tuple(np.flatnonzero(rng.random(2) < 0.45).tolist()) for _ in range(2))
            if contig == "chrX":
                father = (0, 1) if father else ()
            if contig == "chrM":
                mother, father = ((0, 1) if mother else ()), ((0, 1) if father and not mother else ())
            child = _inherited(contig, mother, father)
            for name, carried in zip(MEMBERS, (child, mother, father), strict=True):
                if carried:
                    people[name].append(Planted(contig, place, ref, alt, carried))
    return people


def _inherited(contig: str, mother: tuple[int, ...], father: tuple[int, ...]) -> tuple[int, ...]:
    if contig in ("chrX", "chrM"):
        return (0, 1) if 0 in mother else ()
    return tuple(which for which, parent in enumerate((mother, father)) if 0 in parent)


def _allele(sequence: NDArray[np.uint8], place: int, rng: np.random.Generator) -> tuple[str, str]:
    """Of ten: six SNVs, one substitution of two bases, three insertions or deletions of 1 to 20 bases."""
    kind = rng.integers(0, 10)
    first = sequence[place : place + 1].tobytes().decode()
    if kind < 7:
        ref = sequence[place : place + (2 if kind == 6 else 1)].tobytes()
        alt = bytes(BASES[(BASES.tolist().index(base) + rng.integers(1, 4)) % 4] for base in ref)
        return ref.decode(), alt.decode()
    length = int(rng.choice([1, 2, 4, 8, 12, 20]))
    if kind == 7:
        return first, first + BASES[rng.integers(0, 4, length)].tobytes().decode()
    return sequence[place : place + length + 1].tobytes().decode(), first


def _write_truth(alleles: list[Planted], files: SequencedFamily) -> None:
    lines = []
    for allele in alleles:
        haploid = allele.contig != "chr21"
        genotype = "1" if haploid else "|".join(str(int(which in allele.haplotypes)) for which in (0, 1))
        place = f"{allele.contig}\t{allele.position0 + 1}\t.\t{allele.ref}\t{allele.alt}"
        lines.append(f"{place}\t.\tPASS\t.\tGT\t{genotype}")
    write_vcf(files.truth, ("child",), lines)
    contig, start, _ = NOT_CONFIDENT
    rest = [f"{name}\t0\t{length}\n" for name, length in LENGTHS.items() if name != contig]
    files.confident.write_text("".join([f"{contig}\t0\t{start}\n", *rest]), encoding="ascii")
