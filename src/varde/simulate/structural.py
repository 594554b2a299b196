"""Structural variation of the demo country: events at genes and between them, called with breakpoints that vary.

Only people who were read as genomes are in these files: the denominator is theirs, not that of the small variants.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from varde.genome.builds import CONTIGS, Build, X, in_pseudoautosomal_region
from varde.simulate.family import FamilyPlan, Loss, Origin
from varde.simulate.genome import DemoGenome

EVENTS = 64
COMMON_SHARE = 0.3
COMMON_FREQUENCY, RARE_FREQUENCY = (0.02, 0.3), (0.001, 0.01)
KINDS = ("DEL", "DUP", "INS", "INV", "BND")
KIND_SHARES = (0.45, 0.2, 0.2, 0.08, 0.07)
JITTER = (0, 0, 0, 0, 7, -5, 18)
"""Bases by which a call lies beside the event's own breakpoints, one drawn for each end and carrier."""
DEMO_COPY_LOSS = "DEMO17"
"""In this gene somebody has lost two exons, so that the story's gene has an event."""

HEADER = (
    '##ALT=<ID=DEL,Description="Deletion">',
    '##ALT=<ID=DUP,Description="Duplication">',
    '##ALT=<ID=INS,Description="Insertion">',
    '##ALT=<ID=INV,Description="Inversion">',
    '##ALT=<ID=BND,Description="Breakend">',
    '##INFO=<ID=SVTYPE,Number=1,Type=String,Description="Type of structural variant">',
    '##INFO=<ID=END,Number=1,Type=Integer,Description="End position of the variant">',
    '##INFO=<ID=SVLEN,Number=1,Type=Integer,Description="Difference in length between REF and ALT">',
    '##INFO=<ID=MATEID,Number=.,Type=String,Description="ID of mate breakends">',
)
FAMILY_HEADER = (
    *HEADER,
    '##FORMAT=<ID=PR,Number=R,Type=Integer,Description="Spanning pairs of each allele">',
    '##FORMAT=<ID=SR,Number=R,Type=Integer,Description="Split reads of each allele">',
)


@dataclass(frozen=True)
class DemoEvent:
    """``start`` is the 1-based base before the event; ``end`` its last base, of an insertion its length; of a breakend
    ``start`` is its own base and ``end`` that of the mate on ``mate``. ``frequency`` is that of the other allele."""

    kind: str
    contig: int
    start: int
    end: int
    frequency: float
    mate: int = 0


def structural_events(genome: DemoGenome) -> tuple[DemoEvent, ...]:
    """The events of the population, one beside each of some genes; the same for the same genome."""
    rng = np.random.default_rng([genome.seed, 8])
    genes = [genome.genes[int(i)] for i in rng.choice(len(genome.genes), min(EVENTS, len(genome.genes)), replace=False)]
    found = []
    for gene in genes:
        kind = KINDS[int(rng.choice(len(KINDS), p=KIND_SHARES))]
        bounds = COMMON_FREQUENCY if rng.random() < COMMON_SHARE else RARE_FREQUENCY
        share, length = float(rng.uniform(*bounds)), int(10 ** rng.uniform(2.3, 4.2))
        start = max(gene.exons[0][0] - int(rng.integers(0, 1_500)), 1_000)
        start = max(start, 300_000) if gene.contig == X else start
        limit = len(genome.sequences[gene.contig]) - 1_000
        if kind == "BND":
            other = 1 + gene.contig % 3 if gene.contig > 3 else gene.contig + 3
            first, last = sorted([(gene.contig, start), (other, int(rng.integers(10_000, 90_000)))])
            found.append(DemoEvent(kind, *first, last[1], share, last[0]))
        elif kind == "INS":
            found.append(DemoEvent(kind, gene.contig, start, min(length, 1_200), share))
        else:
            found.append(DemoEvent(kind, gene.contig, start, min(start + length, limit), share))
    story = genome.gene(DEMO_COPY_LOSS)
    found = [one for one in found if one.contig != story.contig or abs(one.start - story.exons[0][0]) > 30_000]
    found.append(DemoEvent("DEL", story.contig, story.exons[1][0] - 80, story.exons[2][1] + 120, 0.004))
    return tuple(sorted(found, key=lambda one: (one.contig, one.start, one.kind)))


def structural_vcf_lines(events: Sequence[DemoEvent], male: NDArray[np.bool_], seed: int, name: str) -> Iterator[str]:
    """Data lines with GT:GQ, sorted; each carrier's call at its own breakpoints. ``name`` seeds the draw."""
    rng = np.random.default_rng([seed, 9, *name.encode()])
    lines: list[tuple[int, int, str]] = []
    for number, event in enumerate(events):
        alone = np.array([event.contig], dtype=np.uint8), np.array([event.start], dtype=np.int64)
        haploid = male & (event.contig == X) & ~in_pseudoautosomal_region(Build.GRCH38, *alone)[0]
        dosage = rng.binomial(np.where(haploid, 1, 2), event.frequency)
        jitter = rng.choice(JITTER, (len(male), 2))
        quality = rng.integers(30, 99, len(male))
        for shift in np.unique(jitter[dosage > 0], axis=0).tolist():
            here = (dosage > 0) & (jitter == shift).all(axis=1)
            cells = [
                f"{_genotype(int(copies) if mine else 0, bool(one))}:{grade}"
                for copies, mine, one, grade in zip(dosage, here, haploid, quality, strict=True)
            ]
            sites = _sites(event, f"demo{number}_{shift[0]}_{shift[1]}", *shift)
            lines += [(contig, at, "\t".join([text, "GT:GQ", *cells])) for contig, at, text in sites]
    for _, _, text in sorted(lines):
        yield text


def family_structural_lines(genome: DemoGenome, plan: FamilyPlan, events: Sequence[DemoEvent]) -> Iterator[str]:
    """Data lines GT:GQ:PR:SR of child, mother and father, sorted: the plan's losses, and the population's events as the
    parents drew them and handed them on."""
    rng = np.random.default_rng([genome.seed, 10, plan.number])
    lines: list[tuple[int, int, str]] = []
    for number, event in enumerate(events):
        alleles = rng.random((2, 2)) < event.frequency
        handed = rng.integers(0, 2, 2)
        if event.contig == X or not alleles.any():
            continue
        child = int(alleles[0, handed[0]]) + int(alleles[1, handed[1]])
        copies = (child, int(alleles[0].sum()), int(alleles[1].sum()))
        cells = "\t".join(_call(rng, one) for one in copies)
        lines += [(c, at, f"{text}\tGT:GQ:PR:SR\t{cells}") for c, at, text in _sites(event, f"demo{number}", 0, 0)]
    for number, loss in enumerate(plan.losses):
        event = _loss(genome, loss)
        mother, father = (int(loss.origin in (one, Origin.BOTH)) for one in (Origin.MOTHER, Origin.FATHER))
        child = 1 if loss.origin is Origin.DE_NOVO else mother + father
        cells = "\t".join(_call(rng, one) for one in (child, mother, father))
        lines += [(c, at, f"{text}\tGT:GQ:PR:SR\t{cells}") for c, at, text in _sites(event, f"loss{number}", 0, 0)]
    for _, _, text in sorted(lines):
        yield text


def _loss(genome: DemoGenome, loss: Loss) -> DemoEvent:
    gene = genome.gene(loss.gene)
    ordered = gene.exons if gene.strand > 0 else gene.exons[::-1]
    chosen = ordered[loss.first - 1 : loss.last]
    start, end = min(one[0] for one in chosen), max(one[1] for one in chosen)
    before, after = (600 if loss.first == 1 else 80), 80
    left, right = (before, after) if gene.strand > 0 else (after, before)
    return DemoEvent("DEL", gene.contig, start - left, end + right, 0.0)


def _call(rng: np.random.Generator, copies: int) -> str:
    """One person's call with its pairs and split reads, about 30 of each where both copies are there."""
    quality = int(rng.integers(60, 99))
    share = copies / 2
    counts = [(int(rng.poisson(30 * (1 - share))), int(rng.poisson(24 * share))) for _ in range(2)]
    reads = ":".join(f"{ref},{alt}" for ref, alt in counts)
    return f"{('0/0', '0/1', '1/1')[copies]}:{quality}:{reads}"


def _genotype(copies: int, haploid: bool) -> str:
    return "1/1" if copies == 2 or (copies and haploid) else "0/1" if copies else "0/0"


def _sites(event: DemoEvent, name: str, first: int, second: int) -> list[tuple[int, int, str]]:
    """Contig, position and the fixed columns of an event's records: two of a breakend, one of the others."""
    contig, start = f"chr{CONTIGS[event.contig - 1]}", event.start + first
    if event.kind == "BND":
        mate, there = f"chr{CONTIGS[event.mate - 1]}", event.end + second
        passed, one, two = ".\tPASS\tSVTYPE=BND;MATEID", f"{name}_1", f"{name}_2"
        here = f"{contig}\t{start}\t{one}\tN\tN[{mate}:{there}[\t{passed}={two}"
        opposite = f"{mate}\t{there}\t{two}\tN\t]{contig}:{start}]N\t{passed}={one}"
        return [(event.contig, start, here), (event.mate, there, opposite)]
    if event.kind == "INS":
        info = f"SVTYPE=INS;END={start};SVLEN={max(event.end + second, 50)}"
    else:
        end = event.end + second
        length = (end - start) * (-1 if event.kind == "DEL" else 1)
        info = f"SVTYPE={event.kind};END={end};SVLEN={length}"
    return [(event.contig, start, f"{contig}\t{start}\t{name}\tN\t<{event.kind}>\t.\tPASS\t{info}")]
