"""The genotypes that the quality metrics stand on: which calls are complete, usable, heterozygous."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from varde.genome.builds import MT, X, Y, in_pseudoautosomal_region
from varde.genome.records import ABSENT, MISSING, AlleleKind, AlleleTable
from varde.quality.thresholds import MINIMUM_DEPTH, MINIMUM_GENOTYPE_QUALITY

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Calls:
    """Masks over a table. ``[rows]``: ``autosomal`` (1-22), ``x`` and ``y`` (outside the pseudo-autosomal regions),
    ``mitochondrial``, ``snv``, ``resolved`` (a sequence-resolved allele), ``biallelic``, ``passing`` (FILTER PASS or
    '.'), ``first`` (first row of its record). ``[rows, samples]``: ``complete`` (nothing missing in the call),
    ``usable`` (complete and not below the genotype gate), ``het``, ``hom_alt`` and ``carried`` of this row's allele.
    """

    table: AlleleTable
    autosomal: Mask
    x: Mask
    y: Mask
    mitochondrial: Mask
    snv: Mask
    resolved: Mask
    biallelic: Mask
    passing: Mask
    first: Mask
    complete: Mask
    usable: Mask
    het: Mask
    hom_alt: Mask
    carried: Mask


def read_calls(table: AlleleTable) -> Calls:
    """Masks of a table. A depth or genotype quality that is not given excludes nothing; one below the gate does.

    Raises ValueError for a table without a build.
    """
    sites = table.sites
    contig = sites["contig"].to_numpy()
    kind = sites["kind"].to_numpy()
    if table.build is None:
        raise ValueError("the table has no build; pseudo-autosomal regions are unknown")
    ordinary = ~in_pseudoautosomal_region(table.build, contig, sites["position"].to_numpy())
    genotype = table.genotype
    complete: Mask = (genotype != MISSING).all(axis=2)
    low = _below(table.depth_x, MINIMUM_DEPTH.value) | _below(table.genotype_quality, MINIMUM_GENOTYPE_QUALITY.value)
    carried = complete & (genotype == 1).any(axis=2)
    hom_alt = complete & ((genotype == 1) | (genotype == ABSENT)).all(axis=2)
    return Calls(
        table=table,
        autosomal=(contig >= 1) & (contig <= 22),
        x=(contig == X) & ordinary,
        y=(contig == Y) & ordinary,
        mitochondrial=contig == MT,
        snv=kind == AlleleKind.SNV,
        resolved=(kind >= AlleleKind.SNV) & (kind <= AlleleKind.DELINS),
        biallelic=sites["allele_count"].to_numpy() == 1,
        passing=sites["filter"].is_in(["PASS", "."]).to_numpy(),
        first=sites["allele"].to_numpy() <= 1,
        complete=complete,
        usable=complete & ~low,
        het=carried & ~hom_alt,
        hom_alt=hom_alt,
        carried=carried,
    )


def _below(values: NDArray[np.int32], limit: float) -> Mask:
    below: Mask = (values != MISSING) & (values < limit)
    return below
