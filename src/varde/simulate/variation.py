"""Variation sites of the synthetic genome and the genotypes that a population draws from them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from varde.genome.builds import CONTIGS, Build, X, in_pseudoautosomal_region
from varde.simulate.genome import BASES, COMPLEMENT, STOP_CODONS, DemoGene, DemoGenome

COMMON_SITES = 4_200
RARE_SITES = 2_600
FLANK = 60
"""Sites lie in exons and this many bases beside them, as in an exome."""

COMMON_FREQUENCY = (0.03, 0.85)
"""Uniform bounds; give a heterozygote to alternate-homozygote ratio near 1.5 per person, as exomes have."""
RARE_FREQUENCY = (0.0003, 0.002)
TRANSITION_SHARE = 0.74
"""Gives a transition to transversion ratio of 2.85, inside the usual exome range."""
INDEL_SHARE = 0.06
TRANSITIONS = {"A": "G", "G": "A", "C": "T", "T": "C"}


@dataclass(frozen=True)
class Sites:
    """Bi-allelic sites in genome order; ``position`` is 1-based (VCF), ``frequency`` that of the alternate allele."""

    contig: NDArray[np.uint8]
    position: NDArray[np.int64]
    ref: tuple[str, ...]
    alt: tuple[str, ...]
    frequency: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.ref)

    @property
    def is_x_only(self) -> NDArray[np.bool_]:
        """Sites where a male carries one copy: X outside the pseudo-autosomal regions."""
        on_x: NDArray[np.bool_] = self.contig == X
        return on_x & ~in_pseudoautosomal_region(Build.GRCH38, self.contig, self.position)


def common_and_rare_sites(genome: DemoGenome) -> Sites:
    """The sites of the demo population. Common alleles never break a gene; rare ones may."""
    rng = np.random.default_rng([genome.seed, 2])
    places = exome_places(genome)
    chosen = _spaced(rng.permutation(places)[: (COMMON_SITES + RARE_SITES) * 2])
    rng.shuffle(chosen)
    rows: list[tuple[int, int, str, str, float]] = []
    for contig, position0 in chosen[: COMMON_SITES + RARE_SITES]:
        common = len(rows) < COMMON_SITES
        bounds = COMMON_FREQUENCY if common else RARE_FREQUENCY
        ref, alt = random_allele(rng, genome, int(contig), int(position0))
        if not common or not breaks_a_gene(genome, int(contig), int(position0), ref, alt):
            rows.append((int(contig), int(position0) + 1, ref, alt, float(rng.uniform(*bounds))))
    return sites_from_rows(rows)


def sites_from_rows(rows: list[tuple[int, int, str, str, float]]) -> Sites:
    """Sites from (contig, position, ref, alt, frequency), sorted into genome order."""
    rows = sorted(rows)
    return Sites(
        contig=np.array([row[0] for row in rows], dtype=np.uint8),
        position=np.array([row[1] for row in rows], dtype=np.int64),
        ref=tuple(row[2] for row in rows),
        alt=tuple(row[3] for row in rows),
        frequency=np.array([row[4] for row in rows], dtype=np.float64),
    )


def exome_places(genome: DemoGenome) -> NDArray[np.int64]:
    """[n, 2] contig code and 0-based position of every base in or near an exon, and some in the first PAR of X."""
    pieces = [
        np.column_stack([np.full(end - start + 2 * FLANK, gene.contig), np.arange(start - FLANK, end + FLANK)])
        for gene in genome.genes
        for start, end in gene.exons
    ]
    pseudoautosomal = np.arange(200_000, 203_000)
    pieces.append(np.column_stack([np.full(len(pseudoautosomal), X), pseudoautosomal]))
    return np.unique(np.concatenate(pieces), axis=0)


def _spaced(places: NDArray[np.int64], apart: int = 10) -> NDArray[np.int64]:
    ordered = places[np.lexsort((places[:, 1], places[:, 0]))]
    kept = [0]
    for row in range(1, len(ordered)):
        last = ordered[kept[-1]]
        if ordered[row, 0] != last[0] or ordered[row, 1] - last[1] >= apart:
            kept.append(row)
    return ordered[kept]


def random_allele(rng: np.random.Generator, genome: DemoGenome, contig: int, position0: int) -> tuple[str, str]:
    """REF and ALT at a place: mostly a single base, now and then a short insertion or deletion."""
    first = genome.text(contig, position0, position0 + 1)
    draw = rng.random()
    if draw < INDEL_SHARE / 2:
        return genome.text(contig, position0, position0 + 1 + int(rng.integers(1, 6))), first
    if draw < INDEL_SHARE:
        return first, first + rng.choice(BASES, int(rng.integers(1, 6))).tobytes().decode()
    if rng.random() < TRANSITION_SHARE:
        return first, TRANSITIONS[first]
    return first, str(rng.choice([base for base in "ACGT" if base not in (first, TRANSITIONS[first])]))


def breaks_a_gene(genome: DemoGenome, contig: int, position0: int, ref: str, alt: str) -> bool:
    """Whether an allele makes or loses a stop or start codon, touches a splice dinucleotide, or is an exonic indel."""
    end0 = position0 + len(ref)
    for gene in genome.genes:
        if gene.contig != contig or end0 <= gene.exons[0][0] - 8 or position0 >= gene.exons[-1][1] + 8:
            continue
        if len(ref) != len(alt):
            return any(position0 < end + 8 and end0 > start - 8 for start, end in gene.exons)
        if any(0 < start - position0 <= 2 or 0 <= position0 - end < 2 for start, end in gene.exons):
            return True
        return _changes_start_or_stop(genome, gene, position0, alt)
    return False


def _changes_start_or_stop(genome: DemoGenome, gene: DemoGene, position0: int, alt: str) -> bool:
    offset = coding_offset(gene, position0)
    if offset is None:
        return False
    codon_start = offset - offset % 3
    codon = bytearray(genome.coding_sequence(gene)[codon_start : codon_start + 3].encode())
    was_stop = bytes(codon) in STOP_CODONS
    codon[offset % 3] = (alt if gene.strand > 0 else alt.encode().translate(COMPLEMENT).decode()).encode()[0]
    return codon_start == 0 or was_stop != (bytes(codon) in STOP_CODONS)


def coding_offset(gene: DemoGene, position0: int) -> int | None:
    """0-based offset in the coding sequence, along the transcript; None outside it."""
    used = 0
    for start, end in gene.coding if gene.strand > 0 else reversed(gene.coding):
        if start <= position0 < end:
            return used + (position0 - start if gene.strand > 0 else end - 1 - position0)
        used += end - start
    return None


@dataclass(frozen=True)
class Population:
    """Unrelated people of one region. ``dosage`` uint8 [sites, people]: alternate alleles carried (a male's X-only
    allele counts 1)."""

    region: str
    names: tuple[str, ...]
    male: NDArray[np.bool_]
    dosage: NDArray[np.uint8]


def draw_population(sites: Sites, region: str, people: int, seed: int) -> Population:
    """Independent draws at Hardy-Weinberg proportions; half of the people are male."""
    rng = np.random.default_rng([seed, 3, *region.encode()])
    male = np.arange(people) % 2 == 0
    ploidy = np.where(sites.is_x_only[:, None] & male[None, :], 1, 2)
    dosage = rng.binomial(ploidy, sites.frequency[:, None]).astype(np.uint8)
    names = tuple(f"{region}-{number:04d}" for number in range(1, people + 1))
    return Population(region, names, male, dosage)


def population_vcf_lines(population: Population, sites: Sites, seed: int) -> Iterator[str]:
    """Data lines with GT:AD:DP:GQ, every genotype passing the usual quality gate; depths are drawn per genotype."""
    rng = np.random.default_rng([seed, 4, *population.region.encode()])
    texts = {
        (copies, haploid): _genotype_texts(rng, copies, haploid) for copies in (0, 1, 2) for haploid in (False, True)
    }
    x_only = sites.is_x_only
    for row in range(len(sites)):
        choice = rng.integers(0, len(texts[0, False]), len(population.names))
        cells = [
            texts[int(copies), bool(x_only[row] and male)][draw]
            for copies, male, draw in zip(population.dosage[row], population.male, choice, strict=True)
        ]
        yield vcf_line(sites, row, "PASS", "GT:AD:DP:GQ", cells)


def _genotype_texts(rng: np.random.Generator, copies: int, haploid: bool) -> list[str]:
    """Sixteen ways to write a genotype; callers write a male's X as two equal alleles."""
    texts = []
    for depth in rng.integers(24, 60, 16):
        if copies == 0:
            texts.append(f"0/0:{depth},0:{depth}:{min(99, 3 * depth)}")
        elif copies == 2 or haploid:
            texts.append(f"1/1:0,{depth}:{depth}:{min(99, 3 * depth)}")
        else:
            alternate = int(depth * rng.uniform(0.4, 0.6))
            texts.append(f"0/1:{depth - alternate},{alternate}:{depth}:99")
    return texts


def vcf_line(sites: Sites, row: int, filters: str, form: str, cells: list[str]) -> str:
    """One VCF data line of a site."""
    contig = f"chr{CONTIGS[sites.contig[row] - 1]}"
    site = f"{contig}\t{sites.position[row]}\t.\t{sites.ref[row]}\t{sites.alt[row]}\t.\t{filters}\t.\t{form}"
    return "\t".join([site, *cells])
