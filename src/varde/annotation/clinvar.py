"""ClinVar as an imported source: what it says of an allele, of a residue, and of a gene.

The look-ups of the criteria PS1, PM5, PM1, PP2 and BP1. A record never speaks for itself as an independent judgement:
callers leave out the variant in question by its key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.annotation.clinvar_import import GENES, KIND, RECORDS, RESIDUES
from varde.annotation.keyed_file import KeyedFile
from varde.annotation.source_folder import SourceDescription, read_description
from varde.genome.builds import CONTIGS
from varde.genome.keys import decode_key, place_key

AT_COLUMNS = (
    "variation_id", "classification", "conflicting", "stars", "significance", "condition", "protein_change",
)  # fmt: skip
"""What ``at`` gives of every key beside it."""


@dataclass(frozen=True)
class ClinVarRecord:
    """What ClinVar says of one allele.

    ``variant`` is ``contig-position-REF-ALT`` of the source's build. ``classification`` is 1 (benign) to 5
    (pathogenic), None when there is none or the submitters disagree (``conflicting``, how in ``conflict``); of
    "Pathogenic/Likely pathogenic" it is 4, of "Benign/Likely benign" 2. ``stars`` 0 to 4. ``aa_ref`` and ``aa_alt``
    are one letter, ``*`` a stop, ``=`` no change, ``fs`` a shifted frame; they and ``aa_position`` (of
    ``transcript``) are None where not one residue changed. ``condition`` joins several by ``|`` or ``;``.
    ``last_evaluated`` is text as in the file; the VCF does not tell it.
    """

    variation_id: int
    key: int
    variant: str
    gene: str | None
    classification: int | None
    conflicting: bool
    conflict: str | None
    stars: int
    significance: str
    review_status: str
    protein_change: str | None
    aa_position: int | None
    aa_ref: str | None
    aa_alt: str | None
    transcript: str | None
    consequence: str | None
    condition: str | None
    last_evaluated: str | None


@dataclass(frozen=True)
class GeneSpectrum:
    """Records of one star or more in a gene, counted: ``pathogenic`` is class 4 and 5, ``benign`` 1 and 2; ``lof``
    are stop gained, frameshift, start lost, and the two bases at either end of an intron."""

    gene: str
    pathogenic: int
    pathogenic_missense: int
    pathogenic_lof: int
    benign: int
    benign_missense: int
    uncertain_missense: int


@dataclass(frozen=True)
class ClinVar:
    """An imported ClinVar; open with ``ClinVar.open(folder)``."""

    folder: Path
    description: SourceDescription

    @classmethod
    def open(cls, folder: str | Path) -> ClinVar:
        """Raises InputError ``no_source``, ``unknown_format``, ``wrong_kind``, ``damaged_source``."""
        return cls(Path(folder), read_description(folder, KIND))

    @cached_property
    def _records(self) -> KeyedFile:
        return KeyedFile(self.folder / RECORDS)

    def at(self, keys: NDArray[np.uint64], columns: tuple[str, ...] = AT_COLUMNS) -> pl.DataFrame:
        """``key`` and ``columns`` of each key, in the order given; ``key`` null where ClinVar has nothing."""
        return self._records.find(keys, list(columns))

    def record(self, key: int) -> ClinVarRecord | None:
        """The record of one allele. Two long alleles of one place with one key (1 in 2**30) are not told apart."""
        row = self._records.find(np.array([key], dtype=np.uint64)).row(0, named=True)
        return None if row["key"] is None else _record(row)

    def same_residue(self, gene: str, position: int) -> tuple[ClinVarRecord, ...]:
        """Records that change residue ``position`` (from 1, on the gene's preferred transcript) of a gene."""
        return self.near(gene, position, 0)

    def near(self, gene: str, position: int, span: int) -> tuple[ClinVarRecord, ...]:
        """Records that change a residue at most ``span`` residues away, by residue."""
        return _near(self.folder, gene, position, span)

    def around(self, contig: int, position: int, bases: int) -> tuple[ClinVarRecord, ...]:
        """Records whose position is at most ``bases`` away, whatever they change."""
        first, last = place_key(contig, max(position - bases, 0)), place_key(contig, position + bases + 1) - 1
        return tuple(_record(row) for row in self._records.around(first, last).iter_rows(named=True))

    def spectrum(self, gene: str) -> GeneSpectrum | None:
        """How a gene's records are spread over kinds and classes; None when there is none of one star or more."""
        row = self._spectra.get(gene)
        return None if row is None else GeneSpectrum(**row)

    @cached_property
    def _spectra(self) -> Mapping[str, dict[str, Any]]:
        return {row["gene"]: row for row in pl.read_parquet(self.folder / GENES).iter_rows(named=True)}


@lru_cache(maxsize=4096)
def _near(folder: Path, gene: str, position: int, span: int) -> tuple[ClinVarRecord, ...]:
    """Kept in memory by folder: a source is never changed."""
    within = pl.col("aa_position").is_between(max(position - span, 0), position + span)
    rows = pl.scan_parquet(folder / RESIDUES).filter((pl.col("gene") == gene) & within).collect()
    return tuple(_record(row) for row in rows.iter_rows(named=True))


def _record(row: Mapping[str, Any]) -> ClinVarRecord:
    spelt = decode_key(row["key"])
    contig, position = row["key"] >> 59, row["key"] >> 31 & (1 << 28) - 1
    ref, alt = (spelt[2], spelt[3]) if spelt else (row["ref"], row["alt"])
    fields = {name: row[name] for name in ClinVarRecord.__dataclass_fields__ if name != "variant"}
    return ClinVarRecord(variant=f"{CONTIGS[contig - 1]}-{position}-{ref}-{alt}", **fields)
