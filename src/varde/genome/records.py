"""Alleles as columns: what a VCF says, one row per record and alternate allele."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.genome.builds import Build

MISSING = -1
ABSENT = -2
"""Genotype codes beside 0 (reference), 1 (this row's allele) and 2 (another alternate allele of the same record).

``MISSING`` is ``.``; ``ABSENT`` fills the second place of a haploid call (a lone ``.`` is MISSING twice: it does not
tell the ploidy). In the integer columns ``MISSING`` means
"not given", never zero.
"""


class AlleleKind(IntEnum):
    """What an ALT is. Only SNV, MNV, INSERTION, DELETION and DELINS are sequence-resolved and get a key."""

    REFERENCE = 0  # '.', <NON_REF>, <*> or ALT equal to REF: a reference block or a site without alternate
    SNV = 1
    MNV = 2
    INSERTION = 3
    DELETION = 4
    DELINS = 5
    SPANNING = 6  # '*'
    SYMBOLIC = 7  # <DEL>, <DUP>, <INS> ...
    BREAKEND = 8


SITE_SCHEMA = pl.Schema(
    {
        "line": pl.Int64,  # 1-based, in the decompressed text
        "record": pl.Int64,  # 0-based record number in its file
        "allele": pl.Int16,  # 1-based ALT number; 0 for a record without alternate
        "allele_count": pl.Int16,  # ALT alleles of the record
        "contig": pl.UInt8,  # 1-22, 23 X, 24 Y, 25 MT; 0 = another sequence
        "contig_name": pl.String,  # as written in the file
        "position": pl.Int64,  # 1-based, VCF convention
        "end": pl.Int64,  # 1-based inclusive; INFO/END where given, else position + len(ref) - 1
        "identifier": pl.String,  # VCF ID, '.' kept
        "ref": pl.String,
        "alt": pl.String,
        "filter": pl.String,  # as written; 'PASS', '.' or names joined by ';'
        "kind": pl.UInt8,  # AlleleKind
    }
)


@dataclass(frozen=True)
class AlleleTable:
    """Rows of ``sites`` (``SITE_SCHEMA``; ``normalise`` adds ``key``) and, in step with them, the genotypes.

    Shapes: ``genotype`` int8 [rows, samples, 2]; ``phased`` bool [rows, samples]; ``phase_set``, ``depth_ref``,
    ``depth_alt``, ``depth_x``, ``genotype_quality`` int32 [rows, samples]. ``depth_ref`` and ``depth_alt`` are AD of
    REF and of this row's allele; ``depth_x`` is DP; ``phase_set`` is PS, or the position inside PID. ``fraction``
    float32 [rows, samples] is the caller's share of this row's allele (AF, VAF or HF), NaN where not given; it is read
    of mitochondrial calls alone, and None where no row has any.
    """

    build: Build | None
    samples: tuple[str, ...]
    sites: pl.DataFrame
    genotype: NDArray[np.int8]
    phased: NDArray[np.bool_]
    phase_set: NDArray[np.int32]
    depth_ref: NDArray[np.int32]
    depth_alt: NDArray[np.int32]
    depth_x: NDArray[np.int32]
    genotype_quality: NDArray[np.int32]
    fraction: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        shape = (self.sites.height, len(self.samples))
        if self.genotype.shape != (*shape, 2):
            raise ValueError(f"genotype has shape {self.genotype.shape}, expected {(*shape, 2)}")
        for name in ("phased", "phase_set", "depth_ref", "depth_alt", "depth_x", "genotype_quality"):
            found = getattr(self, name).shape
            if found != shape:
                raise ValueError(f"{name} has shape {found}, expected {shape}")
        if self.fraction is not None and self.fraction.shape != shape:
            raise ValueError(f"fraction has shape {self.fraction.shape}, expected {shape}")

    def __len__(self) -> int:
        return self.sites.height

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> AlleleTable:
        """Rows chosen by index or mask, in the order given."""
        index = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
        return replace(
            self,
            sites=self.sites[index],
            genotype=self.genotype[index],
            phased=self.phased[index],
            phase_set=self.phase_set[index],
            depth_ref=self.depth_ref[index],
            depth_alt=self.depth_alt[index],
            depth_x=self.depth_x[index],
            genotype_quality=self.genotype_quality[index],
            fraction=None if self.fraction is None else self.fraction[index],
        )

    def select_samples(self, names: Sequence[str]) -> AlleleTable:
        """The same rows with the named samples, in the order given. Raises KeyError for an unknown name."""
        where = {name: i for i, name in enumerate(self.samples)}
        columns = np.array([where[name] for name in names], dtype=np.int64)
        return replace(
            self,
            samples=tuple(names),
            genotype=self.genotype[:, columns],
            phased=self.phased[:, columns],
            phase_set=self.phase_set[:, columns],
            depth_ref=self.depth_ref[:, columns],
            depth_alt=self.depth_alt[:, columns],
            depth_x=self.depth_x[:, columns],
            genotype_quality=self.genotype_quality[:, columns],
            fraction=None if self.fraction is None else self.fraction[:, columns],
        )


def concatenate(tables: Sequence[AlleleTable]) -> AlleleTable:
    """Tables with the same samples, one after the other. Raises ValueError when none is given or samples differ."""
    if not tables:
        raise ValueError("no table to concatenate")
    if len({table.samples for table in tables}) != 1:
        raise ValueError("tables have different samples")
    return replace(
        tables[0],
        sites=pl.concat([table.sites for table in tables], rechunk=True),
        genotype=np.concatenate([table.genotype for table in tables]),
        phased=np.concatenate([table.phased for table in tables]),
        phase_set=np.concatenate([table.phase_set for table in tables]),
        depth_ref=np.concatenate([table.depth_ref for table in tables]),
        depth_alt=np.concatenate([table.depth_alt for table in tables]),
        depth_x=np.concatenate([table.depth_x for table in tables]),
        genotype_quality=np.concatenate([table.genotype_quality for table in tables]),
        fraction=_fractions(tables),
    )


def _fractions(tables: Sequence[AlleleTable]) -> NDArray[np.float32] | None:
    if all(table.fraction is None for table in tables):
        return None
    nothing = np.float32(np.nan)
    return np.concatenate(
        [
            np.full(table.genotype.shape[:2], nothing, dtype=np.float32) if table.fraction is None else table.fraction
            for table in tables
        ]
    )
