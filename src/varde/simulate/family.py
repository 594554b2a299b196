"""Trios of the demo country: founders drawn from the population, a child by Mendel's laws, and planted answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from varde.genome.builds import X
from varde.simulate.genome import COMPLEMENT, STOP_CODONS, DemoGene, DemoGenome
from varde.simulate.variation import Sites, exome_places, random_allele, sites_from_rows, vcf_line

PRIVATE_SITES = 40
"""Rare alleles of each founder that the population does not have."""
MEAN_DEPTH = 96
LOW_QUALITY_SHARE = 0.012


class Origin(StrEnum):
    """Whose chromosome carries a planted allele."""

    MOTHER = "mother"
    FATHER = "father"
    BOTH = "both"
    DE_NOVO = "de_novo"


class Damage(StrEnum):
    """What a planted allele does to its gene."""

    STOP_GAINED = "stop_gained"
    FRAMESHIFT = "frameshift"
    SPLICE_DONOR = "splice_donor"


@dataclass(frozen=True)
class Plant:
    """An answer to be found: the damage, the gene, the parent it comes from, and how far into the coding sequence."""

    gene: str
    damage: Damage
    origin: Origin
    fraction: float = 0.3

    def __post_init__(self) -> None:
        if not 0 <= self.fraction < 1:
            raise ValueError(f"fraction is {self.fraction}, expected a share of the coding sequence from 0 to below 1")


@dataclass(frozen=True)
class Loss:
    """A deletion to be found: exons ``first`` to ``last`` of a gene, counted from its 5' end, with what lies between
    them and, where the first is 1, what lies before the gene."""

    gene: str
    first: int
    last: int
    origin: Origin

    def __post_init__(self) -> None:
        if not 1 <= self.first <= self.last:
            raise ValueError(f"exons {self.first} to {self.last}, expected 1 or more, ascending")


@dataclass(frozen=True)
class FamilyPlan:
    """A trio to draw. Sample names follow the family name."""

    name: str
    child_male: bool
    plants: tuple[Plant, ...] = ()
    losses: tuple[Loss, ...] = ()
    """With any, the family has a file of structural variants too."""
    number: int = 1
    swapped_parents: bool = False
    """The tubes of mother and father were exchanged: the answer of the quality control must be red."""

    @property
    def child(self) -> str:
        return f"{self.name}-barn"

    @property
    def mother(self) -> str:
        return f"{self.name}-mor"

    @property
    def father(self) -> str:
        return f"{self.name}-far"


@dataclass(frozen=True)
class Family:
    """``dosage`` int [sites, 3]: child, mother, father; ``planted``: (contig, position, ref, alt) of each plant."""

    plan: FamilyPlan
    seed: int
    sites: Sites
    dosage: NDArray[np.int64]
    planted: tuple[tuple[int, int, str, str], ...] = field(default=())

    def vcf_lines(self) -> list[str]:
        """Joint data lines GT:AD:DP:GQ of the sites where at least one of the three carries the alternate allele."""
        rng = np.random.default_rng([self.seed, 6, self.plan.number])
        x_only = self.sites.is_x_only
        male = np.array([self.plan.child_male, False, True])
        order = [0, 2, 1] if self.plan.swapped_parents else [0, 1, 2]
        planted = set(self.planted)
        lines = []
        for row in np.flatnonzero(self.dosage.sum(axis=1) > 0):
            allele = (
                int(self.sites.contig[row]), int(self.sites.position[row]), self.sites.ref[row], self.sites.alt[row],
            )  # fmt: skip
            doubtful = allele not in planted and rng.random() < LOW_QUALITY_SHARE
            cells = [_cell(rng, int(self.dosage[row, who]), bool(x_only[row] and male[who]), doubtful) for who in order]
            lines.append(vcf_line(self.sites, int(row), "LowQual" if doubtful else "PASS", "GT:AD:DP:GQ", cells))
        return lines


def _cell(rng: np.random.Generator, copies: int, haploid: bool, doubtful: bool) -> str:
    depth = max(14, int(rng.poisson(MEAN_DEPTH)))
    if doubtful:
        depth = int(rng.integers(3, 9))
    quality = min(99, 3 * depth if not doubtful else depth)
    if copies == 0:
        return f"0/0:{depth},0:{depth}:{quality}"
    if copies == 2 or haploid:
        return f"1/1:0,{depth}:{depth}:{quality}"
    alternate = int(np.clip(rng.binomial(depth, 0.49), int(np.ceil(depth * 0.3)), int(depth * 0.7)))
    return f"0/1:{depth - alternate},{alternate}:{depth}:{quality}"


def draw_family(genome: DemoGenome, population_sites: Sites, plan: FamilyPlan) -> Family:
    """The trio of a plan: population alleles, private alleles, transmission with one crossover, then the plants."""
    rng = np.random.default_rng([genome.seed, 5, plan.number])
    planted = tuple(plant_allele(genome, plant) for plant in plan.plants)
    sites, founder_of = _with_private_sites(genome, population_sites, planted, rng)
    mother, father = (_founder(sites, founder_of, who, rng) for who in (1, 2))
    x_only = sites.is_x_only
    on_x = sites.contig == X
    father[1, x_only] = 0  # his Y carries no allele of X outside the pseudo-autosomal regions
    from_mother = _transmitted(sites, rng)
    from_father = np.where(on_x, int(plan.child_male), _transmitted(sites, rng))
    rows = np.arange(len(sites))
    for plant, allele in zip(plan.plants, planted, strict=True):
        row = _row_of(sites, allele)
        mother[:, row], father[:, row] = 0, 0
        if plant.origin in (Origin.MOTHER, Origin.BOTH):
            mother[from_mother[row], row] = 1
        if plant.origin in (Origin.FATHER, Origin.BOTH):
            father[from_father[row], row] = 1
    child = np.stack([mother[from_mother, rows], father[from_father, rows]])
    for plant, allele in zip(plan.plants, planted, strict=True):
        if plant.origin is Origin.DE_NOVO:
            child[0, _row_of(sites, allele)] = 1
    dosage = np.column_stack([child.sum(axis=0), mother.sum(axis=0), father.sum(axis=0)])
    return Family(plan, genome.seed, sites, dosage, planted)


def _with_private_sites(
    genome: DemoGenome, sites: Sites, planted: tuple[tuple[int, int, str, str], ...], rng: np.random.Generator
) -> tuple[Sites, NDArray[np.int64]]:
    """Population sites, private ones and the plants in genome order, and per site who founded it (0 = population)."""
    places = exome_places(genome)
    near_plants = {(contig, position + step) for contig, position, _, _ in planted for step in range(-12, 13)}
    taken = set(zip(sites.contig.tolist(), sites.position.tolist(), strict=True))
    private: dict[tuple[int, int, str, str], int] = dict.fromkeys(planted, 3)
    for contig, position0 in places[rng.choice(len(places), 2 * PRIVATE_SITES, replace=False)]:
        if (contig, position0 + 1) in taken or (contig, position0 + 1) in near_plants:
            continue
        ref, alt = random_allele(rng, genome, int(contig), int(position0))
        private[(int(contig), int(position0) + 1, ref, alt)] = 1 + len(private) % 2
    kept = [row for row in range(len(sites)) if (int(sites.contig[row]), int(sites.position[row])) not in near_plants]
    rows = [
        (int(sites.contig[row]), int(sites.position[row]), sites.ref[row], sites.alt[row], float(sites.frequency[row]))
        for row in kept
    ]
    merged = sites_from_rows(rows + [(*allele, 0.0) for allele in private])
    alleles = zip(merged.contig.tolist(), merged.position.tolist(), merged.ref, merged.alt, strict=True)
    return merged, np.array([private.get(allele, 0) for allele in alleles], dtype=np.int64)


def _founder(sites: Sites, founder_of: NDArray[np.int64], who: int, rng: np.random.Generator) -> NDArray[np.int64]:
    haplotypes = (rng.random((2, len(sites))) < sites.frequency).astype(np.int64)
    own = np.flatnonzero(founder_of == who)
    haplotypes[rng.integers(0, 2, len(own)), own] = 1
    return haplotypes


def _transmitted(sites: Sites, rng: np.random.Generator) -> NDArray[np.int64]:
    """Which of a parent's two haplotypes the child gets at each site: one crossover per contig."""
    chosen = np.zeros(len(sites), dtype=np.int64)
    for contig in np.unique(sites.contig):
        rows = np.flatnonzero(sites.contig == contig)
        first = int(rng.integers(0, 2))
        chosen[rows] = np.where(np.arange(len(rows)) < rng.integers(0, len(rows) + 1), first, 1 - first)
    return chosen


def _row_of(sites: Sites, allele: tuple[int, int, str, str]) -> int:
    contig, position, ref, alt = allele
    for row in np.flatnonzero((sites.contig == contig) & (sites.position == position)):
        if (sites.ref[row], sites.alt[row]) == (ref, alt):
            return int(row)
    raise KeyError(f"{allele} is not a site of the family")


def plant_allele(genome: DemoGenome, plant: Plant) -> tuple[int, int, str, str]:
    """The (contig, position, ref, alt) that does the damage, as near as can be to the wanted place in the gene."""
    gene = genome.gene(plant.gene)
    if plant.damage is Damage.SPLICE_DONOR:
        return _splice_donor(genome, gene, plant.fraction)
    if plant.damage is Damage.FRAMESHIFT:
        return _frameshift(genome, gene, plant.fraction)
    return _stop_gained(genome, gene, plant.fraction)


def _stop_gained(genome: DemoGenome, gene: DemoGene, fraction: float) -> tuple[int, int, str, str]:
    coding = genome.coding_sequence(gene)
    first_codon = max(1, int(fraction * len(coding)) // 3)
    for codon_start in range(first_codon * 3, len(coding) - 3, 3):
        for offset in range(3):
            for base in "ACGT":
                codon = bytearray(coding[codon_start : codon_start + 3].encode())
                if codon[offset] == ord(base):
                    continue
                codon[offset] = ord(base)
                if bytes(codon) in STOP_CODONS:
                    position0 = gene.genomic_position0(codon_start + offset)
                    alt = base if gene.strand > 0 else base.encode().translate(COMPLEMENT).decode()
                    return gene.contig, position0 + 1, genome.text(gene.contig, position0, position0 + 1), alt
    raise ValueError(f"{gene.symbol} has no codon one base from a stop after {fraction:.0%} of its coding sequence")


def _frameshift(genome: DemoGenome, gene: DemoGene, fraction: float) -> tuple[int, int, str, str]:
    """A one-base deletion inside an exon, where the base differs from its neighbours (so it has one place only)."""
    for offset in range(max(4, int(fraction * gene.coding_length)), gene.coding_length - 4):
        position0 = gene.genomic_position0(offset)
        inside = any(start + 3 < position0 < end - 3 for start, end in gene.coding)
        around = genome.text(gene.contig, position0 - 1, position0 + 2)
        if inside and around[0] != around[1] != around[2]:
            return gene.contig, position0, around[:2], around[0]
    raise ValueError(f"{gene.symbol} has no place for a one-base deletion after {fraction:.0%} of its coding sequence")


def _splice_donor(genome: DemoGenome, gene: DemoGene, fraction: float) -> tuple[int, int, str, str]:
    """The first intronic base after an exon (G of GT), changed to A in transcript direction."""
    ordered = gene.coding if gene.strand > 0 else tuple(reversed(gene.coding))
    start, end = ordered[min(int(fraction * len(ordered)), len(ordered) - 2)]
    if gene.strand > 0:
        return gene.contig, end + 1, genome.text(gene.contig, end, end + 1), "A"
    return gene.contig, start, genome.text(gene.contig, start - 1, start), "T"
