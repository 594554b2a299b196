"""A patient as laboratories tell one another of: signs, candidate genes, and whom to ask. Never a name or a number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

HPO = re.compile(r"HP:\d{7}\Z")
SEQUENCE_ONTOLOGY = re.compile(r"SO:\d{7}\Z")
HUMAN = "NCBITaxon:9606"
LONGEST_TEXT = 255
"""Characters of an identifier, label or name (API 1.1)."""


class Sex(StrEnum):
    """Genetic sex as the exchange writes it."""

    FEMALE = "FEMALE"
    MALE = "MALE"
    OTHER = "OTHER"
    MIXED_SAMPLE = "MIXED_SAMPLE"
    NOT_APPLICABLE = "NOT_APPLICABLE"


@dataclass(frozen=True)
class Contact:
    """Whom to ask about a profile. ``href`` is an address (https: or mailto:) that needs no sign-in."""

    name: str
    href: str
    institution: str = ""


@dataclass(frozen=True)
class Feature:
    """An HPO term that was seen, or looked for and not seen."""

    identifier: str
    observed: bool = True
    label: str = ""

    def __post_init__(self) -> None:
        if not HPO.match(self.identifier):
            raise ValueError(f"{self.identifier!r}, expected an HPO identifier such as HP:0001250")


@dataclass(frozen=True)
class PlacedVariant:
    """A variant by place. ``start`` is 0-based; ``ref`` and ``alt`` are empty when not told."""

    assembly: str
    chromosome: str
    start: int
    end: int | None = None
    ref: str = ""
    alt: str = ""

    def __post_init__(self) -> None:
        if self.start < 0 or (self.end is not None and self.end < self.start):
            raise ValueError(f"start {self.start}, end {self.end}: expected 0-based positions in order")

    def same_place(self, other: PlacedVariant) -> bool:
        """Whether both are told to be the same variant: build (without its patch), place and alleles."""
        return (
            _release(self.assembly) == _release(other.assembly)
            and _bare(self.chromosome) == _bare(other.chromosome)
            and (self.start, self.ref, self.alt) == (other.start, other.ref, other.alt)
            and bool(self.alt)
        )


@dataclass(frozen=True)
class GenomicFeature:
    """A candidate gene (symbol, Ensembl or Entrez identifier), with or without the variant.

    ``zygosity`` is 1 (heterozygous, hemizygous) or 2; ``effect`` a Sequence Ontology identifier.
    """

    gene: str
    variant: PlacedVariant | None = None
    zygosity: int | None = None
    effect: str = ""

    def __post_init__(self) -> None:
        if not self.gene.strip():
            raise ValueError("a genomic feature names a gene")
        if self.zygosity not in (None, 1, 2):
            raise ValueError(f"zygosity {self.zygosity}, expected 1 or 2")
        if self.effect and not SEQUENCE_ONTOLOGY.match(self.effect):
            raise ValueError(f"{self.effect!r}, expected a Sequence Ontology identifier such as SO:0001583")


@dataclass(frozen=True)
class Profile:
    """What is told of one patient. ``identifier`` is a name without meaning, the same as long as the profile lives."""

    identifier: str
    contact: Contact
    features: tuple[Feature, ...] = ()
    genomic_features: tuple[GenomicFeature, ...] = ()
    label: str = ""
    sex: Sex | None = None
    age_of_onset: str = ""
    inheritance_mode: str = ""
    disorders: tuple[str, ...] = ()
    species: str = HUMAN
    test: bool = False

    def __post_init__(self) -> None:
        if not self.features and not self.genomic_features:
            raise ValueError("a profile has features or genomicFeatures")
        for text in (self.identifier, self.contact.name, self.contact.href):
            if not text.strip():
                raise ValueError("id, contact.name and contact.href must not be empty")

    @property
    def observed(self) -> tuple[str, ...]:
        """Identifiers of the signs that were seen."""
        return tuple(one.identifier for one in self.features if one.observed)

    @property
    def genes(self) -> frozenset[str]:
        """The candidate genes as written, in one case."""
        return frozenset(one.gene.upper() for one in self.genomic_features)


def _release(assembly: str) -> str:
    named = {"HG38": "GRCH38", "HG19": "GRCH37", "HG18": "NCBI36"}
    bare = assembly.upper().partition(".")[0]
    return named.get(bare, bare)


def _bare(chromosome: str) -> str:
    return chromosome.upper().removeprefix("CHR")
