"""What a newer version of a source says otherwise, of given alleles or genes: for finding the cases it would change."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.annotation.clinvar import ClinVar
from varde.annotation.knowledge import GeneKnowledge, KnowledgeTable
from varde.annotation.predictors import Predictor


class ClinVarChange(StrEnum):
    """How a ClinVar record differs between two versions, the gravest first."""

    CLASS = "class_changed"
    APPEARED = "appeared"
    VANISHED = "vanished"
    CONFLICT = "conflict_changed"
    STARS = "stars_changed"


CLINVAR_CHANGES = pl.Schema(
    {
        "key": pl.UInt64,
        "change": pl.String,
        "matters": pl.Boolean,
        "old_class": pl.UInt8,
        "new_class": pl.UInt8,
        "old_conflicting": pl.Boolean,
        "new_conflicting": pl.Boolean,
        "old_stars": pl.UInt8,
        "new_stars": pl.UInt8,
        "variation_id": pl.UInt32,
    }
)
"""``matters``: the side changes, of pathogenic (4, 5), benign (1, 2) and neither (3, none, conflicting)."""


def clinvar_changes(old: ClinVar | None, new: ClinVar, keys: NDArray[np.uint64]) -> pl.DataFrame:
    """One row (``CLINVAR_CHANGES``) per key of which the two versions say different things, by key.

    Without ``old`` every record of ``new`` has appeared. Two versions of different builds are not compared: ValueError.
    """
    if old is not None and old.description.build is not new.description.build:
        raise ValueError("the two versions are of different builds")
    asked = np.unique(keys)
    before = (new if old is None else old).at(asked)
    if old is None:
        before = before.clear(before.height)
    after = new.at(asked)
    names = {"classification": "class", "conflicting": "conflicting", "stars": "stars"}
    both = pl.concat(
        [
            pl.DataFrame({"key": asked}),
            before.select(
                pl.col("key").is_not_null().alias("was"), pl.col("variation_id").alias("old_id"),
                *(pl.col(name).alias(f"old_{short}") for name, short in names.items()),
            ),
            after.select(
                pl.col("key").is_not_null().alias("is"), pl.col("variation_id").alias("new_id"),
                *(pl.col(name).alias(f"new_{short}") for name, short in names.items()),
            ),
        ],
        how="horizontal",
    )  # fmt: skip
    change = (
        pl.when(pl.col("was") & ~pl.col("is"))
        .then(pl.lit(ClinVarChange.VANISHED.value))
        .when(~pl.col("was") & pl.col("is"))
        .then(pl.lit(ClinVarChange.APPEARED.value))
        .when(pl.col("old_conflicting") != pl.col("new_conflicting"))
        .then(pl.lit(ClinVarChange.CONFLICT.value))
        .when(pl.col("old_class").ne_missing(pl.col("new_class")))
        .then(pl.lit(ClinVarChange.CLASS.value))
        .when(pl.col("old_stars") != pl.col("new_stars"))
        .then(pl.lit(ClinVarChange.STARS.value))
    )
    told = both.with_columns(change=change, matters=_side("old") != _side("new")).filter(pl.col("change").is_not_null())
    return told.with_columns(variation_id=pl.coalesce("new_id", "old_id")).select(list(CLINVAR_CHANGES))


def _side(which: str) -> pl.Expr:
    called = pl.col(f"{which}_class")
    return (called >= 4).fill_null(value=False).cast(pl.Int8) - (called <= 2).fill_null(value=False).cast(pl.Int8)


def score_changes(old: Predictor | None, new: Predictor, keys: NDArray[np.uint64]) -> pl.DataFrame:
    """``key``, ``old``, ``new`` of every key whose score differs, by key; null where a version has none."""
    asked = np.unique(keys)
    after = new.at(asked)["score"]
    before = pl.Series([None] * len(asked), dtype=pl.Float64) if old is None else old.at(asked)["score"]
    frame = pl.DataFrame({"key": asked, "old": before, "new": after})
    return frame.filter(pl.col("old").ne_missing(pl.col("new")))


def gene_changes(old: KnowledgeTable | None, new: KnowledgeTable, genes: Iterable[str]) -> tuple[str, ...]:
    """Those of ``genes`` of which the two tables say different things, sorted; names of versions do not count."""
    before = {} if old is None else old.by_gene
    return tuple(sorted(gene for gene in set(genes) if _said(before.get(gene, ())) != _said(new.by_gene.get(gene, ()))))


def _said(rows: tuple[GeneKnowledge, ...]) -> frozenset[tuple[object, ...]]:
    return frozenset(
        (row.inheritance, row.lof_mechanism, row.disease, row.validity, row.hpo, row.pli, row.loeuf, row.missense_z)
        for row in rows
    )
