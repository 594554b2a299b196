"""Consequence terms: what the engine says, the Sequence Ontology's name for it, how severe it is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import polars as pl


class Impact(StrEnum):
    """Ensembl's four classes of consequence."""

    HIGH = "HIGH"
    MODERATE = "MODERATE"
    LOW = "LOW"
    MODIFIER = "MODIFIER"


@dataclass(frozen=True)
class Term:
    """A Sequence Ontology term. ``engine`` is the word bcftools csq uses for it, None for one that Varde adds."""

    name: str
    accession: str
    impact: Impact
    engine: str | None = None


SOURCE = "Ensembl Variation, calculated consequences (order and impact); Sequence Ontology (names and accessions)"

TERMS: tuple[Term, ...] = (
    Term("transcript_ablation", "SO:0001893", Impact.HIGH),
    Term("splice_acceptor_variant", "SO:0001574", Impact.HIGH, "splice_acceptor"),
    Term("splice_donor_variant", "SO:0001575", Impact.HIGH, "splice_donor"),
    Term("stop_gained", "SO:0001587", Impact.HIGH, "stop_gained"),
    Term("frameshift_variant", "SO:0001589", Impact.HIGH, "frameshift"),
    Term("stop_lost", "SO:0001578", Impact.HIGH, "stop_lost"),
    Term("start_lost", "SO:0002012", Impact.HIGH, "start_lost"),
    Term("feature_elongation", "SO:0001907", Impact.HIGH, "feature_elongation"),
    Term("feature_truncation", "SO:0001906", Impact.HIGH, "feature_truncation"),
    Term("inframe_insertion", "SO:0001821", Impact.MODERATE, "inframe_insertion"),
    Term("inframe_deletion", "SO:0001822", Impact.MODERATE, "inframe_deletion"),
    Term("missense_variant", "SO:0001583", Impact.MODERATE, "missense"),
    Term("protein_altering_variant", "SO:0001818", Impact.MODERATE, "inframe_altering"),
    Term("splice_region_variant", "SO:0001630", Impact.LOW, "splice_region"),
    Term("start_retained_variant", "SO:0002019", Impact.LOW, "start_retained"),
    Term("stop_retained_variant", "SO:0001567", Impact.LOW, "stop_retained"),
    Term("synonymous_variant", "SO:0001819", Impact.LOW, "synonymous"),
    Term("coding_sequence_variant", "SO:0001580", Impact.MODIFIER, "coding_sequence"),
    Term("5_prime_UTR_variant", "SO:0001623", Impact.MODIFIER, "5_prime_utr"),
    Term("3_prime_UTR_variant", "SO:0001624", Impact.MODIFIER, "3_prime_utr"),
    Term("intron_variant", "SO:0001627", Impact.MODIFIER, "intron"),
    Term("non_coding_transcript_variant", "SO:0001619", Impact.MODIFIER, "non_coding"),
    Term("intergenic_variant", "SO:0001628", Impact.MODIFIER),
)
"""From the most to the least severe."""

RANK = {term.name: rank for rank, term in enumerate(TERMS)}
IMPACT = {term.name: term.impact for term in TERMS}
BY_ENGINE_WORD = {term.engine: term.name for term in TERMS if term.engine is not None}
LEAST_SEVERE = len(TERMS)


def severity(consequence: pl.Expr) -> pl.Expr:
    """Rank of the most severe of the terms joined by ``&``, 0 the worst; null where the consequence is null."""
    ranks = pl.element().replace_strict(RANK, return_dtype=pl.Int32)
    return consequence.str.split("&").list.eval(ranks).list.min()


def impact(consequence: pl.Expr) -> pl.Expr:
    """Impact of the most severe term; null where the consequence is null."""
    by_rank = {rank: term.impact.value for rank, term in enumerate(TERMS)}
    return severity(consequence).replace_strict(by_rank, return_dtype=pl.String)


def by_severity(terms: pl.Expr) -> pl.Expr:
    """Lists of terms as one text, each term once, the most severe first, joined by ``&``."""
    ranks = terms.list.eval(pl.element().replace_strict(RANK, return_dtype=pl.Int32)).list.unique().list.sort()
    names = dict(enumerate(RANK))
    return ranks.list.eval(pl.element().replace_strict(names, return_dtype=pl.String)).list.join("&")
