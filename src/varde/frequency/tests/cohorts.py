"""Random cohorts as VCF texts: haploid and half calls, several alternates, X, Y, their shared regions, and MT."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

PLACES = {
    "20": (1_000, 60),
    "X": (2_781_460, 40),  # the border of PAR1 lies within
    "Y": (2_781_470, 30),
    "MT": (150, 20),
}
"""Contig to first position and number of positions, on GRCh38."""

ALTERNATES = ("C", "G", "T", "AG", "ACCGTTACGATTGA", "*", "<DEL>")
GENOTYPES = ("0/0", "0|1", "1/1", "1|0", "./.", "0/.", "./1", "0", "1", ".", "1/2", "2/2", "0|2", "1/3", "3/3", "2|3")


@dataclass(frozen=True)
class Cohort:
    """``sexes`` by name, VCF texts, and covered intervals (0-based) for everybody, as BED text, or none."""

    sexes: dict[str, str]
    texts: list[str]
    bed: str | None


def vcf_text(samples: list[str], records: list[str]) -> str:
    header = [
        "##fileformat=VCFv4.2",
        "##contig=<ID=20,length=64444167>",
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
        '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Quality">',
        '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">',
        '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Depths">',
        "\t".join(("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *samples)),
    ]
    return "\n".join([*header, *records]) + "\n"


def random_cohort(seed: int) -> Cohort:
    """One to three files of one to five people each; people may be in several files, alleles in several records."""
    random = np.random.default_rng(seed)
    names = [f"P{i}" for i in range(6)]
    sexes = {name: str(random.choice(["female", "male", "unknown"])) for name in names}
    texts = []
    for _ in range(random.integers(1, 4)):
        samples = [str(name) for name in random.permutation(names)[: random.integers(1, 6)]]
        texts.append(vcf_text(samples, _records(random, len(samples))))
    bed = "20\t995\t1030\nX\t2781470\t2781490\nchrMT\t140\t160\n" if random.random() < 0.5 else None
    return Cohort(sexes, texts, bed)


def _records(random: np.random.Generator, samples: int) -> list[str]:
    records = []
    for contig, (first, length) in PLACES.items():
        repeats = random.random() < 0.3
        drawn = random.choice(length, size=random.integers(1, 14), replace=repeats)
        records += [_record(random, contig, first + int(place), samples) for place in sorted(drawn)]
    return records


def _record(random: np.random.Generator, contig: str, position: int, samples: int) -> str:
    kind = random.random()
    ref, info = "A", "."
    if kind < 0.1:
        alts = ["."] if random.random() < 0.5 else ["<NON_REF>"]
        info = f"END={position + int(random.integers(0, 9))}"
    elif kind < 0.2:
        ref, alts = ("AGTC", ["A"]) if random.random() < 0.5 else ("ACGTACGTACGTAC", ["A"])
    else:
        alts = [str(alt) for alt in random.permutation(ALTERNATES)[: random.integers(1, 4)]]
    allowed = [g for g in GENOTYPES if all(not c.isdigit() or int(c) <= (alts != ["."]) * len(alts) for c in g)]
    cells = [_cell(random, str(random.choice(allowed)), len(alts) if alts != ["."] else 0) for _ in range(samples)]
    return "\t".join((contig, str(position), ".", ref, ",".join(alts), ".", "PASS", info, "GT:AD:DP:GQ", *cells))


def _cell(random: np.random.Generator, genotype: str, alternates: int) -> str:
    depths = random.integers(0, 15, size=alternates + 1)
    depth = str(max(int(depths.sum()), 1)) if random.random() < 0.95 else "."
    quality = str(random.choice([19, 20, 21, 50, 99])) if random.random() < 0.95 else "."
    by_allele = ",".join(map(str, depths)) if random.random() < 0.95 else "."
    return f"{genotype}:{by_allele}:{depth}:{quality}"
