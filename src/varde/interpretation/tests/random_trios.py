"""Random families for comparing the columnar code with the slow one: every odd call and place is common in them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from varde.genome.builds import CONTIGS, Build
from varde.genome.records import SITE_SCHEMA, AlleleTable
from varde.interpretation.tests.slow_modes import Call, place_of

GENOTYPES = [
    (0, 0), (0, 1), (1, 0), (1, 1), (0, 2), (1, 2), (2, 1), (2, 2), (-1, -1), (-1, 1), (1, -1), (0, -1), (-1, -2),
    (0, -2), (1, -2), (2, -2),
]  # fmt: skip
WEIGHTS = np.array([24, 16, 4, 12, 3, 3, 2, 1, 4, 1, 1, 1, 2, 4, 6, 1], dtype=float)
PLACES = [  # GRCh37
    (1, 1_000), (7, 5_000_000), (0, 77),
    (23, 60_000), (23, 60_001), (23, 2_699_520), (23, 2_699_521), (23, 50_000_000), (23, 154_931_043),
    (23, 154_931_044),
    (24, 10_001), (24, 2_649_521), (25, 3_243),
]  # fmt: skip
PLACE_WEIGHTS = np.array([20, 20, 2, 3, 3, 3, 6, 20, 3, 3, 2, 8, 5], dtype=float)


def random_table(rows: int, seed: int, samples=("child", "mother", "father")) -> AlleleTable:
    draw = np.random.default_rng(seed)
    place = draw.choice(len(PLACES), rows, p=PLACE_WEIGHTS / PLACE_WEIGHTS.sum())
    contig = np.array([PLACES[i][0] for i in place], dtype=np.uint8)
    position = np.array([PLACES[i][1] for i in place])
    shape = (rows, len(samples))
    genotype = np.array(GENOTYPES, dtype=np.int8)[draw.choice(len(GENOTYPES), shape, p=WEIGHTS / WEIGHTS.sum())]
    alts = (genotype == 1).sum(axis=2)
    called = np.maximum((genotype >= 0).sum(axis=2), 1)
    total = draw.integers(0, 60, shape)
    wanted = np.where(
        draw.random(shape) < 0.75, alts / called, draw.choice([0.01, 0.02, 0.1, 0.2, 0.3, 0.75, 0.8, 0.98, 1], shape)
    )
    alt = np.rint(total * wanted).astype(np.int32)
    ref = (total - alt).astype(np.int32)
    depth = (total + draw.integers(0, 3, shape)).astype(np.int32)
    quality = draw.choice([0, 9, 10, 11, 19, 20, 21, 60, 99, 99, 99, 99], shape).astype(np.int32)
    without_ad, without_dp, without_gq = (draw.random(shape) < share for share in (0.06, 0.06, 0.05))
    ref[without_ad] = alt[without_ad] = -1
    depth[without_dp] = -1
    quality[without_gq] = -1
    record = np.cumsum(draw.random(rows) < 0.8)
    sites = pl.DataFrame(
        {
            "line": np.arange(rows) + 1,
            "record": record,
            "allele": np.ones(rows, dtype=np.int16),
            "allele_count": np.ones(rows, dtype=np.int16),
            "contig": contig,
            "contig_name": [CONTIGS[code - 1] if code else "other" for code in contig],
            "position": position,
            "end": position + draw.integers(0, 3, rows),
            "identifier": ["."] * rows,
            "ref": ["A"] * rows,
            "alt": ["C"] * rows,
            "filter": draw.choice(["PASS", ".", "LowQual"], rows, p=[0.8, 0.1, 0.1]),
            "kind": draw.choice(9, rows, p=[0.02, 0.7, 0.04, 0.06, 0.06, 0.04, 0.04, 0.02, 0.02]).astype(np.uint8),
        },
        schema=SITE_SCHEMA,
    )
    return AlleleTable(
        build=Build.GRCH37,
        samples=tuple(samples),
        sites=sites,
        genotype=genotype,
        phased=draw.random(shape) < 0.4,
        phase_set=draw.choice([-1, 1000, 2000], shape).astype(np.int32),
        depth_ref=ref,
        depth_alt=alt,
        depth_x=depth,
        genotype_quality=quality,
    )


def with_inherited_hets(table: AlleleTable, share: float, seed: int) -> AlleleTable:
    """A share of the rows turned into well-called autosomal hets of the child, from any parent or none."""
    draw = np.random.default_rng(seed)
    rows = np.flatnonzero(draw.random(len(table)) < share)
    ways = np.array(
        [
            [child, mother, father]
            for child in ((0, 1), (1, 0), (1, 2))
            for mother in ((0, 0), (0, 1), (-1, -1))
            for father in ((0, 0), (0, 1), (-1, -1))
        ],
        dtype=np.int8,
    )
    genotype, ref, alt = table.genotype.copy(), table.depth_ref.copy(), table.depth_alt.copy()
    depth, quality = table.depth_x.copy(), table.genotype_quality.copy()
    genotype[rows, :3] = ways[draw.integers(0, len(ways), len(rows))]
    others = np.array([(0, 0), (0, 1), (1, 1), (-1, -1)], dtype=np.int8)
    extra = genotype.shape[1] - 3
    genotype[rows, 3:] = others[draw.choice(4, (len(rows), extra), p=[0.55, 0.3, 0.05, 0.1])]
    reads = 15 * (genotype[rows] == 1).sum(axis=2)
    ref[rows], alt[rows], depth[rows], quality[rows] = 30 - reads, reads, 30, 99
    chosen = pl.Series(np.isin(np.arange(len(table)), rows))
    sites = table.sites.with_columns(
        contig=pl.when(chosen).then(pl.lit(7, pl.UInt8)).otherwise("contig"),
        kind=pl.when(chosen).then(pl.lit(1, pl.UInt8)).otherwise("kind"),
    )
    return replace(
        table,
        sites=sites,
        genotype=genotype,
        depth_ref=ref,
        depth_alt=alt,
        depth_x=depth,
        genotype_quality=quality,
    )


def slow_calls(table: AlleleTable, gate, males) -> list[list[Call]]:
    """The calls of every row as the slow code wants them; ``males`` tells it of every sample."""
    rows = zip(table.sites["contig"], table.sites["position"], strict=True)
    numbers = [a.tolist() for a in (table.depth_ref, table.depth_alt, table.depth_x, table.genotype_quality)]
    genotype = table.genotype.tolist()
    calls = []
    for row, (contig, position) in enumerate(rows):
        place = place_of(table.build, contig, position)
        calls.append(
            [
                Call(
                    genotype[row][s],
                    [None if column[row][s] == -1 else column[row][s] for column in numbers],
                    male=males[s],
                    place=place,
                    gate=gate,
                )
                for s in range(len(table.samples))
            ]
        )
    return calls
