"""Every kind of knowledge source imported by its name, and what two versions would change in a case."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from varde.annotation import gene_tables
from varde.annotation.clinvar import ClinVar
from varde.annotation.clinvar_import import KIND as CLINVAR
from varde.annotation.clinvar_import import import_clinvar
from varde.annotation.conservation import KIND as CONSERVATION
from varde.annotation.conservation import import_conservation
from varde.annotation.gene_names import KIND as GENE_NAMES
from varde.annotation.gene_names import import_gene_names
from varde.annotation.knowledge_changes import clinvar_changes, gene_changes, score_changes
from varde.annotation.predictor_formats import SEPARATORS, ColumnDescription
from varde.annotation.predictors import KIND as PREDICTOR
from varde.annotation.predictors import Predictor, import_predictor
from varde.annotation.source_folder import Origin, read_description, verify
from varde.frequency.sources import Source, add_source, verify_source
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.references import Reference

FREQUENCY = "frequency"
DESCRIBED = "described"
OF_ONE_FILE = (CLINVAR, *SEPARATORS, DESCRIBED, CONSERVATION, FREQUENCY, *gene_tables.READERS)
"""What is imported from one file; ``described`` is a table of scores with a description of its columns."""
KINDS = (*OF_ONE_FILE, GENE_NAMES)
"""With the symbols of genes, of which a second file tells the aliases."""


@dataclass(frozen=True)
class Imported:
    """An imported source. ``place`` is what it fills: one source of a place is in use at a time."""

    folder: Path
    place: str
    build: Build | None
    sha256: str
    read: int
    kept: int
    dropped: dict[str, int]
    details: dict[str, str]


def import_source(
    root: str | Path,
    kind: str,
    file: str | Path,
    origin: Origin,
    build: Build,
    *,
    reference: Reference | None = None,
    described: ColumnDescription | None = None,
    aliases: str | Path | None = None,
    progress: Callable[[int], None] | None = None,
) -> Imported:
    """Import a file as a source of one of the ``KINDS``. Tables of genes have no build.

    Raises InputError ``unknown_kind``, ``bad_description`` and ``no_aliases`` when one is missing, and those of the
    kind's own import; nothing is then stored.
    """
    if kind not in KINDS:
        raise InputError(
            "unknown_kind", f"{kind!r} is no kind of source.", f"Known are {', '.join(KINDS)}.", field="kind"
        )
    if kind in gene_tables.READERS:
        return imported(gene_tables.import_gene_table(root, file, origin, kind))
    if kind == GENE_NAMES:
        if aliases is None:
            raise InputError("no_aliases", "The table of aliases is missing.", "Give both tables.", field="aliases")
        return imported(import_gene_names(root, file, aliases, origin))
    if kind == CLINVAR:
        return imported(import_clinvar(root, file, origin, build, reference=reference, progress=progress))
    if kind == CONSERVATION:
        return imported(import_conservation(root, file, origin, build))
    if kind == FREQUENCY:
        source = add_source(
            root,
            file,
            name=origin.name,
            version=origin.version,
            licence=origin.licence,
            build=build,
            imported_on=origin.imported_on,
            reference=reference,
        )
        return imported(source.folder)
    if kind == DESCRIBED and described is None:
        raise InputError("bad_description", "The columns are not described.", "Give a description.", field="described")
    chosen = described if kind == DESCRIBED and described is not None else kind
    return imported(import_predictor(root, file, origin, build, chosen, reference=reference, progress=progress))


def imported(folder: str | Path) -> Imported:
    """What an imported source's folder says of itself."""
    place = Path(folder)
    if (place / "sites.parquet").is_file():
        told = Source(place).description
        dropped = dict(told.passed_over)
        read = told.sites + sum(dropped.values())
        details = {"reference": told.reference or "", "groups": " ".join(told.groups)}
        return Imported(
            place, f"{FREQUENCY} {told.name}", told.build, told.file_sha256, read, told.sites, dropped, details
        )
    said = read_description(place)
    fills = f"{PREDICTOR} {said.details['predictor']}" if said.kind == PREDICTOR else said.kind
    return Imported(
        place, fills, said.build, said.file_sha256, said.read, said.kept, dict(said.dropped), dict(said.details)
    )


def verify_imported(folder: str | Path) -> None:
    """Compare an imported source's files with their checksums. Raises InputError ``damaged_source``, ``no_source``."""
    if (Path(folder) / "sites.parquet").is_file():
        verify_source(Source(folder))
    else:
        verify(folder)


@dataclass(frozen=True)
class Said:
    """What a version says: ClinVar's class with ``conflicting`` and ``stars``, or a score; None where it does not."""

    called: int | None = None
    conflicting: bool = False
    stars: int | None = None
    score: float | None = None


@dataclass(frozen=True)
class CaseChange:
    """What a newer source says otherwise of one allele of a case, or of its gene (``change`` ``gene_changed``).

    ``old`` and ``new`` are None where the version has nothing of the allele. ``matters``: it crosses between
    pathogenic, uncertain and benign (ClinVar), or concerns an assessed variant.
    """

    key: int
    gene: str | None
    change: str
    matters: bool
    old: Said | None
    new: Said | None


CASE_COLUMNS = ("key", "gene", "child_carries")


@dataclass(frozen=True)
class Comparison:
    """Two versions of one place, compared once for many cases; ``old`` None when there was none before."""

    old: Path | None
    new: Path

    def of_case(self, alleles: pl.DataFrame, assessed: Sequence[int], genes: Iterable[str]) -> tuple[CaseChange, ...]:
        """What would change. ``alleles`` has ``CASE_COLUMNS``, of the alleles that may be looked at; ``assessed`` are
        the keys of variants that a person has classified, ``genes`` those they lie in.

        ClinVar: of the child's alleles every change that matters, of assessed ones every change. Scores and tables of
        genes: assessed ones alone. A frequency source is not compared: empty.
        """
        filled = imported(self.new).place
        if filled == CLINVAR:
            return self._of_clinvar(alleles, assessed)
        if filled.startswith(PREDICTOR):
            old = None if self.old is None else Predictor.open(self.old)
            return _of_scores(old, Predictor.open(self.new), alleles, assessed)
        if filled in gene_tables.READERS:
            before = None if self.old is None else gene_tables.open_gene_table(self.old)
            found = gene_changes(before, gene_tables.open_gene_table(self.new), genes)
            return tuple(CaseChange(0, gene, "gene_changed", True, None, None) for gene in found)
        return ()

    def _of_clinvar(self, alleles: pl.DataFrame, assessed: Sequence[int]) -> tuple[CaseChange, ...]:
        old = None if self.old is None else ClinVar.open(self.old)
        carried = alleles.filter(pl.col("child_carries") | pl.col("key").is_in(list(assessed))).drop_nulls("key")
        changes = clinvar_changes(old, ClinVar.open(self.new), carried["key"].to_numpy())
        kept = changes.filter(pl.col("matters") | pl.col("key").is_in(list(assessed)))
        named = kept.join(carried.unique("key").select("key", "gene"), on="key", how="left", maintain_order="left")
        return tuple(
            CaseChange(
                row["key"],
                row["gene"],
                row["change"],
                row["matters"],
                _said(row["old_class"], row["old_conflicting"], row["old_stars"]),
                _said(row["new_class"], row["new_conflicting"], row["new_stars"]),
            )
            for row in named.iter_rows(named=True)
        )


def _of_scores(
    old: Predictor | None, new: Predictor, alleles: pl.DataFrame, assessed: Sequence[int]
) -> tuple[CaseChange, ...]:
    looked_at = alleles.filter(pl.col("key").is_in(list(assessed))).unique("key")
    changes = score_changes(old, new, looked_at["key"].to_numpy())
    named = changes.join(looked_at.select("key", "gene"), on="key", how="left", maintain_order="left")
    return tuple(
        CaseChange(row["key"], row["gene"], "score_changed", True, _scored(row["old"]), _scored(row["new"]))
        for row in named.iter_rows(named=True)
    )


def _said(called: int | None, conflicting: bool | None, stars: int | None) -> Said | None:
    return None if stars is None else Said(called, bool(conflicting), stars)


def _scored(value: float | None) -> Said | None:
    return None if value is None else Said(score=value)
