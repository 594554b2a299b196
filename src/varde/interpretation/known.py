"""What imported sources say of a case's alleles, joined as columns: ClinVar, predictors, conservation, frequencies.

Nothing is said where no source is given or the source is silent: null, never zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from varde.annotation import clinvar_import, conservation, gene_names, gene_tables, predictors
from varde.annotation.clinvar import ClinVar
from varde.annotation.conservation import Conservation
from varde.annotation.gene_names import GeneNames
from varde.annotation.genes import reference_transcripts
from varde.annotation.knowledge import KnowledgeTable, merge
from varde.annotation.predictors import Predictor
from varde.annotation.source_folder import DESCRIPTION, read_description
from varde.annotation.splice_distance import splice_distance
from varde.frequency.sources import Source
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.references import Reference

FEWEST_ALLELES = 2000
"""AN of a group below which its frequency is not taken for the highest one. Source: seqr and gnomAD practice, as the
frequency ceilings of the filters."""

KNOWN_SCHEMA = pl.Schema(
    {
        "clinvar_id": pl.UInt32,
        "clinvar_class": pl.UInt8,
        "clinvar_conflicting": pl.Boolean,
        "clinvar_stars": pl.UInt8,
        "revel": pl.Float64,
        "cadd": pl.Float64,
        "spliceai": pl.Float64,
        "spliceai_effect": pl.String,
        "conservation": pl.Float64,
        "outside_af": pl.Float64,
        "outside_popmax": pl.Float64,
        "outside_faf95": pl.Float64,
        "outside_nhomalt": pl.UInt32,
        "splice_site": pl.String,
        "splice_distance": pl.Int32,
    }
)
"""Columns that ``with_known`` adds. ``clinvar_class`` 1 to 5, null when conflicting or none; ``outside_*`` are the
highest over the sources, never sums (``popmax`` over groups of ``FEWEST_ALLELES`` or more); ``splice_*`` as in
``varde.annotation.splice_distance``."""


@dataclass(frozen=True)
class KnowledgeBase:
    """The sources in use: at most one ClinVar and one of each predictor; tables of genes in the order of precedence."""

    clinvar: ClinVar | None = None
    predictors: tuple[Predictor, ...] = ()
    conservation: Conservation | None = None
    frequencies: tuple[Source, ...] = ()
    genes: KnowledgeTable | None = None
    gene_names: GeneNames | None = None

    @classmethod
    def open(cls, folders: Iterable[str | Path]) -> KnowledgeBase:
        """Open imported sources by their folders, whatever their kinds.

        Raises InputError ``two_sources`` when two fill one place, and those of ``read_description``.
        """
        base = cls()
        tables: list[tuple[int, KnowledgeTable]] = []
        for folder in folders:
            if not (Path(folder) / DESCRIPTION).is_file() or _is_frequency_source(Path(folder)):
                base = replace(base, frequencies=(*base.frequencies, Source(folder)))
                continue
            kind = read_description(folder).kind
            if kind in gene_tables.READERS:
                tables.append((list(gene_tables.READERS).index(kind), gene_tables.open_gene_table(folder)))
            else:
                base = base._with(kind, Path(folder))
        ordered = [table for _, table in sorted(tables, key=lambda one: one[0])]
        return replace(base, genes=merge(*ordered) if ordered else None)

    def _with(self, kind: str, folder: Path) -> KnowledgeBase:
        if kind == predictors.KIND:
            added = Predictor.open(folder)
            if added.predictor in {one.predictor for one in self.predictors}:
                raise _two(added.predictor)
            return replace(self, predictors=(*self.predictors, added))
        if kind == clinvar_import.KIND and self.clinvar is None:
            return replace(self, clinvar=ClinVar.open(folder))
        if kind == conservation.KIND and self.conservation is None:
            return replace(self, conservation=Conservation.open(folder))
        if kind == gene_names.KIND and self.gene_names is None:
            return replace(self, gene_names=GeneNames.open(folder))
        raise _two(kind)

    def predictor(self, name: str) -> Predictor | None:
        """``revel``, ``spliceai``, ``cadd`` or a described one; None when it is not loaded."""
        return next((one for one in self.predictors if one.predictor == name), None)

    @property
    def versions(self) -> Mapping[str, str]:
        """What a case stores of the sources it saw, by place: name, version and SHA-256 of the file."""
        named = {} if self.clinvar is None else {"clinvar": self.clinvar.description.identity}
        named |= {f"predictor_{one.predictor}": one.description.identity for one in self.predictors}
        if self.conservation is not None:
            named["conservation"] = self.conservation.description.identity
        for one in self.frequencies:
            told = one.description
            named[f"frequency_{told.name}"] = f"{told.name} {told.version} sha256:{told.file_sha256}"
        return named

    def check(self, build: Build) -> None:
        """Raise InputError ``wrong_build`` when a source is of another build."""
        told = [one.description for one in (self.clinvar, self.conservation, *self.predictors) if one is not None]
        named = [(one.title, one.build) for one in told]
        named += [(f"{one.name} {one.version}", one.build) for one in (two.description for two in self.frequencies)]
        for title, of in named:
            if of is not build:
                raise InputError(
                    "wrong_build",
                    f"Source {title} is of {of}, the case of {build}.",
                    f"Make a source of {build} the active one.",
                    source=title,
                )


def with_known(alleles: pl.DataFrame, base: KnowledgeBase | None, reference: Reference | None) -> pl.DataFrame:
    """The alleles with the columns of ``KNOWN_SCHEMA`` and ``score_<name>`` for every described predictor.

    ``alleles`` has ``key`` (null where there is none), ``contig``, ``position``, ``ref``, ``alt`` and ``transcript``;
    any part of a case may be given. Their build must have been held against ``KnowledgeBase.check``.
    """
    frames = [_splice(alleles, reference)]
    if base is not None:
        keyed = alleles["key"].is_not_null().to_numpy()
        keys = alleles["key"].drop_nulls().to_numpy()
        found = [_clinvar(base.clinvar, keys), _frequencies(base.frequencies, keys)]
        found += [_scores(one, keys) for one in base.predictors]
        place = pl.Series(np.where(keyed, np.cumsum(keyed) - 1, -1)).cast(pl.UInt32, strict=False)
        frames.append(pl.concat(found, how="horizontal")[place])
        if base.conservation is not None:
            at = alleles["position"].cast(pl.Int64).to_numpy()
            scores = base.conservation.at(alleles["contig"].to_numpy(), at)
            frames.append(pl.DataFrame({"conservation": scores}))
    told = pl.concat(frames, how="horizontal")
    absent = [pl.lit(None, dtype=kind).alias(name) for name, kind in KNOWN_SCHEMA.items() if name not in told.columns]
    more = [name for name in told.columns if name not in KNOWN_SCHEMA]
    typed = told.with_columns(absent).select(*(pl.col(name).cast(kind) for name, kind in KNOWN_SCHEMA.items()), *more)
    return pl.concat([alleles.drop(typed.columns, strict=False), typed], how="horizontal")


def _splice(alleles: pl.DataFrame, reference: Reference | None) -> pl.DataFrame:
    if reference is None or reference.gff3 is None or "transcript" not in alleles.columns:
        empty = {
            "splice_site": pl.Series([None], dtype=pl.String),
            "splice_distance": pl.Series([None], dtype=pl.Int32),
        }
        return pl.DataFrame(empty)[np.zeros(alleles.height, dtype=np.int64)]
    return splice_distance(alleles, reference_transcripts(reference))


def _clinvar(clinvar: ClinVar | None, keys: np.ndarray) -> pl.DataFrame:
    if clinvar is None:
        return pl.DataFrame({"clinvar_id": pl.Series([None] * len(keys), dtype=pl.UInt32)})
    found = clinvar.at(keys, ("variation_id", "classification", "conflicting", "stars"))
    return found.select(
        clinvar_id="variation_id", clinvar_class="classification", clinvar_conflicting="conflicting",
        clinvar_stars="stars",
    )  # fmt: skip


def _scores(predictor: Predictor, keys: np.ndarray) -> pl.DataFrame:
    found = predictor.at(keys)
    name = predictor.predictor
    if name == "spliceai":
        return found.select(spliceai="score", spliceai_effect="effect")
    return found.select(pl.col("score").alias(name if name in KNOWN_SCHEMA else f"score_{name}"))


def _frequencies(sources: tuple[Source, ...], keys: np.ndarray) -> pl.DataFrame:
    """The highest of every figure over the sources; null where none has the allele."""
    wanted = ("outside_af", "outside_popmax", "outside_faf95", "outside_nhomalt")
    parts = [_of_source(source, keys) for source in sources]
    if not parts:
        return pl.DataFrame({name: pl.Series([None] * len(keys), dtype=KNOWN_SCHEMA[name]) for name in wanted})
    if len(parts) == 1:
        return parts[0]
    together = pl.concat(
        [part.rename({name: f"{name}_{number}" for name in wanted}) for number, part in enumerate(parts)],
        how="horizontal",
    )
    return together.select(
        pl.max_horizontal(f"{name}_{number}" for number in range(len(parts))).alias(name) for name in wanted
    )


def _of_source(source: Source, keys: np.ndarray) -> pl.DataFrame:
    found = source.find(keys)
    shares = [
        pl.when(pl.col(f"an_{group}") >= FEWEST_ALLELES).then(pl.col(f"ac_{group}") / pl.col(f"an_{group}"))
        for group in source.description.groups
    ]
    popmax = pl.max_horizontal(shares) if shares else pl.lit(None, dtype=pl.Float64)
    return found.select(
        outside_af="af", outside_popmax=popmax, outside_faf95="faf95", outside_nhomalt="nhomalt",
    )  # fmt: skip


def _is_frequency_source(folder: Path) -> bool:
    return (folder / "sites.parquet").is_file()


def _two(kind: str) -> InputError:
    return InputError(
        "two_sources", f"Two sources of kind {kind} are given.", "Use one version at a time.", field="source"
    )
