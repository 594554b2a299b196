"""The order of candidates: a weighted mean of parts that each stay visible. A suggestion where to look first."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import polars as pl

from varde.annotation.knowledge import Inheritance
from varde.annotation.severity import Impact
from varde.interpretation.inheritance import DOMINANT_MODES, PAIRED_MODES, Mode, Phase

SOURCE = "Varde's proposal, version 2 (varde.interpretation.ranking); the phenotype's weight from published cases"

WEIGHTS = MappingProxyType(
    {"consequence": 0.24, "mode": 0.16, "frequency": 0.12, "calls": 0.08, "gene_inheritance": 0.08, "phenotype": 0.32}
)
"""Weight of each part. That of the phenotype was chosen on half of the genes of ``benchmarks/phenotype.py``."""

NEUTRAL = MappingProxyType(
    {"consequence": 0.5, "mode": 0.5, "frequency": 0.5, "calls": 0.5, "gene_inheritance": 0.5, "phenotype": 0.1}
)
"""What a part that is not evaluated counts as: neither for nor against. Left out of the mean instead, a gene of which
nothing is known would stand above every gene whose known disease fits less than perfectly. A gene drawn at random has
a phenotype value of 1 / ln(genes), about 0.1."""

IMPACT_VALUES = MappingProxyType({Impact.HIGH: 1.0, Impact.MODERATE: 0.6, Impact.LOW: 0.25, Impact.MODIFIER: 0.05})
MODE_VALUES = MappingProxyType(
    {
        Mode.DE_NOVO: 1.0,
        Mode.X_LINKED_DE_NOVO: 1.0,
        Mode.COMPOUND_HETEROZYGOUS: 0.9,
        Mode.HOMOZYGOUS_RECESSIVE: 0.9,
        Mode.X_LINKED_RECESSIVE: 0.9,
        Mode.COMPOUND_HETEROZYGOUS_DE_NOVO: 0.8,
        Mode.X_LINKED_RECESSIVE_FEMALE: 0.8,
        Mode.DOMINANT_INHERITED: 0.7,
        Mode.RECESSIVE_UNIPARENTAL_HINT: 0.6,
        Mode.PARENTAL_MOSAICISM: 0.6,
        Mode.MITOCHONDRIAL: 0.5,
        Mode.POSSIBLE_DE_NOVO: 0.5,
        Mode.COMPOUND_HETEROZYGOUS_UNPHASED: 0.4,
    }
)
_ONE_ALLELE = DOMINANT_MODES - {Mode.MITOCHONDRIAL, Mode.X_LINKED_DE_NOVO}
_BOTH_ALLELES = PAIRED_MODES | {Mode.HOMOZYGOUS_RECESSIVE, Mode.RECESSIVE_UNIPARENTAL_HINT}
_ON_X = frozenset(Mode) - {Mode.MITOCHONDRIAL, Mode.HOMOZYGOUS_RECESSIVE}
_FITTING = MappingProxyType(
    {
        Inheritance.AUTOSOMAL_DOMINANT: _ONE_ALLELE,
        Inheritance.AUTOSOMAL_RECESSIVE: _BOTH_ALLELES,
        Inheritance.SEMIDOMINANT: _ONE_ALLELE | _BOTH_ALLELES,
        Inheritance.X_LINKED: _ON_X,
        Inheritance.X_LINKED_DOMINANT: _ON_X,
        Inheritance.X_LINKED_RECESSIVE: _ON_X,
        Inheritance.Y_LINKED: frozenset({Mode.DE_NOVO, Mode.POSSIBLE_DE_NOVO}),
        Inheritance.MITOCHONDRIAL: frozenset({Mode.MITOCHONDRIAL}),
    }
)
_RARE, _COMMON = 1e-6, 0.01
"""Frequencies that count as 1 and 0; between them the value falls with the logarithm."""

_PLACE = ("contig", "position", "ref", "alt")
GENE_SCHEMA = {"gene": pl.String, "mode": pl.String, "gene_inheritance": pl.Float64}


@dataclass(frozen=True)
class ScorePart:
    """One part of a score, 0 to 1; None when not evaluated."""

    name: str
    value: float | None
    weight: float


@dataclass(frozen=True)
class Candidate:
    """One gene and the one or two alleles that may explain the patient, under one mode of inheritance.

    ``rows`` are rows of the prepared case. ``evaluated`` is False when the mode cannot be excluded, but a call of the
    family lacks. ``explanations`` are stable keys of sentences, most important first. ``rank`` is 1 for the best.
    """

    rank: int
    gene: str | None
    mode: Mode
    rows: tuple[int, ...]
    evaluated: bool
    phase: Phase | None
    score: float
    parts: tuple[ScorePart, ...]
    explanations: tuple[str, ...]

    def part(self, name: str) -> float | None:
        """Value of a part. Raises KeyError for an unknown name."""
        return {part.name: part.value for part in self.parts}[name]


def rank_candidates(
    found: pl.DataFrame, alleles: pl.DataFrame, impacts: pl.DataFrame, fits: pl.DataFrame, phenotypes: pl.DataFrame
) -> pl.DataFrame:
    """Candidates by falling score, then place, gene and mode, the same in every run; ``rank`` counts from 1.

    ``found``: gene, mode, row_a, row_b (null for one allele), phase, evaluated. ``alleles``: row, contig, position,
    ref, alt, filter, af. ``impacts``: row, gene, impact. ``fits``: see ``inheritance_fits``. ``phenotypes``: gene and
    phenotype. Returns the columns of ``found``, ``part_<name>`` for each of ``WEIGHTS`` (null: not evaluated),
    ``score`` and ``rank``.
    """
    told = found
    for half in ("a", "b"):
        of_half = alleles.rename({name: f"{name}_{half}" for name in alleles.columns})
        told = told.join(of_half, on=f"row_{half}", how="left").join(
            impacts.rename({"row": f"row_{half}", "impact": f"impact_{half}"}),
            on=[f"row_{half}", "gene"],
            how="left",
            nulls_equal=True,
        )
    told = told.join(fits, on=["gene", "mode"], how="left").join(phenotypes, on="gene", how="left")
    parts = told.with_columns(
        consequence=pl.mean_horizontal(_impact("impact_a"), _impact("impact_b")),
        mode_value=pl.col("mode").replace_strict(_by_text(MODE_VALUES), return_dtype=pl.Float64),
        frequency=pl.min_horizontal(_rarity("af_a"), _rarity("af_b")),
        calls=pl.when("evaluated").then(0.6).otherwise(0.0)
        + pl.when(_passed("filter_a") & (pl.col("row_b").is_null() | _passed("filter_b"))).then(0.4).otherwise(0.0),
    )
    column = {name: pl.col("mode_value" if name == "mode" else name) for name in WEIGHTS}
    total = pl.sum_horizontal(column[name].fill_null(NEUTRAL[name]) * weight for name, weight in WEIGHTS.items())
    places = [f"{name}_{half}" for half in ("a", "b") for name in _PLACE]
    ordered = parts.with_columns(score=(total / sum(WEIGHTS.values())).round(6)).sort(
        "score", *places, "gene", "mode", descending=[True, *[False] * (len(places) + 2)], nulls_last=False
    )
    return ordered.select(
        *found.columns,
        *(column[name].alias(f"part_{name}") for name in WEIGHTS),
        "score",
        pl.int_range(1, pl.len() + 1, dtype=pl.UInt32).alias("rank"),
    )


def inheritance_fits(genes: Iterable[tuple[str, frozenset[Inheritance]]]) -> pl.DataFrame:
    """For every gene whose inheritance is known and every mode: 1 when the mode fits one of them, else 0."""
    rows = [
        (gene, mode.value, 1.0 if any(mode in _FITTING[inheritance] for inheritance in known) else 0.0)
        for gene, known in genes
        if known
        for mode in Mode
    ]
    return pl.DataFrame(rows, schema=GENE_SCHEMA, orient="row")


def candidate_of(row: dict[str, Any]) -> Candidate:
    """One row of ``rank_candidates`` as a value."""
    parts = tuple(ScorePart(name, row[f"part_{name}"], weight) for name, weight in WEIGHTS.items())
    phase = None if row["phase"] is None else Phase(row["phase"])
    mode = Mode(row["mode"])
    return Candidate(
        rank=row["rank"],
        gene=row["gene"],
        mode=mode,
        rows=tuple(number for number in (row["row_a"], row["row_b"]) if number is not None),
        evaluated=row["evaluated"],
        phase=phase,
        score=row["score"],
        parts=parts,
        explanations=_explanations(mode, parts, evaluated=row["evaluated"], phase=phase),
    )


def _by_text(values: Any) -> dict[str, float]:
    return {key.value: value for key, value in values.items()}


def _impact(column: str) -> pl.Expr:
    return pl.col(column).replace_strict(_by_text(IMPACT_VALUES), default=None, return_dtype=pl.Float64)


def _rarity(column: str) -> pl.Expr:
    bounded = pl.col(column).clip(_RARE, _COMMON)
    return 1 - (bounded / _RARE).log() / math.log(_COMMON / _RARE)


def _passed(column: str) -> pl.Expr:
    return pl.col(column).is_in(["PASS", "."])


def _explanations(mode: Mode, parts: tuple[ScorePart, ...], *, evaluated: bool, phase: Phase | None) -> tuple[str, ...]:
    keys = [f"mode.{mode.value}"]
    if phase is not None:
        keys.append(f"phase.{phase.value}")
    if not evaluated:
        keys.append("calls.not_evaluated")
    keys += [f"{part.name}.not_evaluated" for part in parts if part.value is None]
    value = {part.name: part.value for part in parts}["gene_inheritance"]
    if value is not None:
        keys.append("gene_inheritance.fits" if value else "gene_inheritance.differs")
    return tuple(keys)
