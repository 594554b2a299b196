"""How well two profiles fit: by candidate gene first, then by signs; both parts stay visible."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from varde.interpretation.likeness import terms_likeness
from varde.interpretation.matchmaking.profile import Profile

GENE_WEIGHT, PHENOTYPE_WEIGHT = 0.7, 0.3
"""Share of the score that a shared gene and that likeness of signs give. Varde's proposal: the exchange leaves the
score to each service (API 1.1), and patientMatcher's default is 0.75 and 0.25."""
SAME_GENE, SAME_VARIANT = 0.8, 1.0
"""The gene's part when a candidate gene is shared, and when the very variant is. Varde's proposal."""

Likeness = Callable[[tuple[str, ...], tuple[str, ...]], float | None]


@dataclass(frozen=True)
class Match:
    """A profile that fits. ``phenotype`` is None when one of the two tells no signs: it is left out of the score."""

    profile: Profile
    score: float
    gene: float
    phenotype: float | None
    shared_genes: tuple[str, ...]


def _by_ontology(asked: tuple[str, ...], held: tuple[str, ...]) -> float | None:
    return terms_likeness(asked, held) if held else None


def match(asked: Profile, held: Profile, *, likeness: Likeness = _by_ontology) -> Match | None:
    """How well a held profile fits the one asked about; None when they share no candidate gene.

    Signs alone never match: two children with epilepsy are not a finding, and each answer tells of a patient.
    """
    shared = asked.genes & held.genes
    if not shared or asked.species != held.species:
        return None
    exact = any(
        one.variant.same_place(other.variant)
        for one in asked.genomic_features
        for other in held.genomic_features
        if one.variant is not None and other.variant is not None and one.gene.upper() == other.gene.upper()
    )
    gene = SAME_VARIANT if exact else SAME_GENE
    alike = likeness(asked.observed, held.observed) if asked.observed and held.observed else None
    score = gene if alike is None else GENE_WEIGHT * gene + PHENOTYPE_WEIGHT * alike
    return Match(held, score, gene, alike, tuple(sorted(shared)))


def ranked(
    asked: Profile, held: Iterable[Profile], *, most: int = 20, likeness: Likeness = _by_ontology
) -> tuple[Match, ...]:
    """The profiles that fit, best first, at most so many; test profiles answer test questions only, none itself."""
    others = [one for one in held if one.test == asked.test and one.identifier != asked.identifier]
    found = [match(asked, one, likeness=likeness) for one in others]
    fitting = [one for one in found if one is not None]
    return tuple(sorted(fitting, key=lambda one: (-one.score, one.profile.identifier))[:most])
