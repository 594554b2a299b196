"""Allele tables and references written by hand for the tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from varde.genome.builds import Build, contig_code
from varde.genome.records import SITE_SCHEMA, AlleleKind, AlleleTable
from varde.genome.references import Reference, ReferenceStore

Row = tuple[str, int, str, str]
"""Contig, position, REF and ALT."""


def kind_of(ref: str, alt: str) -> AlleleKind:
    if alt in {".", "<NON_REF>", "<*>"}:
        return AlleleKind.REFERENCE
    if alt == "*":
        return AlleleKind.SPANNING
    if alt.startswith("<"):
        return AlleleKind.SYMBOLIC
    if "[" in alt or "]" in alt:
        return AlleleKind.BREAKEND
    if len(ref) == len(alt):
        return AlleleKind.SNV if len(ref) == 1 else AlleleKind.MNV
    return AlleleKind.DELINS


def table_of(rows: Sequence[Row], build: Build | None = Build.GRCH37, samples: Sequence[str] = ("S",)) -> AlleleTable:
    """One record of one allele per row, each sample 0/1 with AD 10,9, DP 19 and GQ 60; the first record is line 11."""
    count, shape = len(rows), (len(rows), len(samples))
    contig, position, ref, alt = ([row[i] for row in rows] for i in range(4))
    sites = pl.DataFrame(
        {
            "line": np.arange(count) + 11,
            "record": np.arange(count),
            "allele": np.ones(count),
            "allele_count": np.ones(count),
            "contig": [contig_code(name) for name in contig],
            "contig_name": contig,
            "position": position,
            "end": [start + len(bases) - 1 for start, bases in zip(position, ref, strict=True)],
            "identifier": ["."] * count,
            "ref": ref,
            "alt": alt,
            "filter": ["PASS"] * count,
            "kind": [int(kind_of(*pair)) for pair in zip(ref, alt, strict=True)],
        },
        schema_overrides=SITE_SCHEMA,
    ).cast(dict(SITE_SCHEMA))
    genotype = np.zeros((*shape, 2), dtype=np.int8)
    genotype[..., 1] = 1
    numbers = {"phase_set": -1, "depth_ref": 10, "depth_alt": 9, "depth_x": 19, "genotype_quality": 60}
    return AlleleTable(
        build=build,
        samples=tuple(samples),
        sites=sites,
        genotype=genotype,
        phased=np.zeros(shape, dtype=np.bool_),
        **{name: np.full(shape, value, dtype=np.int32) for name, value in numbers.items()},
    )


def reference_of(folder: Path, sequences: dict[str, str], build: Build = Build.GRCH37) -> Reference:
    """A stored reference of these sequences."""
    fasta = folder / "made.fa"
    fasta.write_text("".join(f">{name}\n{bases}\n" for name, bases in sequences.items()))
    return ReferenceStore(folder / "references").add(fasta, None, build, "made")


def alleles_of(table: AlleleTable) -> list[tuple[int, str, str]]:
    """Position, REF and ALT of every row."""
    return table.sites.select("position", "ref", "alt").rows()
