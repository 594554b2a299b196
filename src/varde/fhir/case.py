"""A genomic report as plain values: what goes into a bundle and what is read back from one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from varde.fhir.codes import (
    ASSEMBLIES,
    CHROMOSOMES,
    AllelicState,
    ConditionInheritance,
    Origin,
    PhaseRelation,
    Significance,
    StructuralChange,
)
from varde.genome.kin import Kin

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_BASES = re.compile(r"[ACGTN]+")


def _require_text(value: str | None, what: str) -> None:
    """FHIR strings are never empty, never blank and hold no control characters but tab and line ends."""
    if value is None:
        return
    if not value.strip():
        raise ValueError(f"{what} is empty, expected text or None")
    if value != value.strip() or _CONTROL.search(value):
        raise ValueError(f"{what} has blanks at its ends or control characters: {value!r}")


def _require_texts(values: tuple[str, ...], what: str) -> None:
    for value in values:
        _require_text(value, what)


def _require_zone(moment: datetime | None, what: str) -> None:
    if moment is not None and moment.tzinfo is None:
        raise ValueError(f"{what} has no time zone")


class Sex(StrEnum):
    """Administrative gender as FHIR writes it."""

    MALE = "male"
    FEMALE = "female"
    UNKNOWN = "unknown"


class ReportStatus(StrEnum):
    PRELIMINARY = "preliminary"
    FINAL = "final"
    AMENDED = "amended"
    CORRECTED = "corrected"


class Relation(StrEnum):
    """A relative's relation to the patient: codes of v3-RoleCode."""

    MOTHER = "NMTH"
    FATHER = "NFTH"
    SIBLING = "NSIB"
    HALF_SIBLING = "HSIB"
    MATERNAL_GRANDMOTHER = "MGRMTH"
    MATERNAL_GRANDFATHER = "MGRFTH"
    PATERNAL_GRANDMOTHER = "PGRMTH"
    PATERNAL_GRANDFATHER = "PGRFTH"
    CHILD = "NCHILD"
    FAMILY_MEMBER = "FAMMEMB"


RELATION_OF_KIN = {
    Kin.MOTHER: Relation.MOTHER,
    Kin.FATHER: Relation.FATHER,
    Kin.SIBLING: Relation.SIBLING,
    Kin.MATERNAL_HALF_SIBLING: Relation.HALF_SIBLING,
    Kin.PATERNAL_HALF_SIBLING: Relation.HALF_SIBLING,
    Kin.MATERNAL_GRANDMOTHER: Relation.MATERNAL_GRANDMOTHER,
    Kin.MATERNAL_GRANDFATHER: Relation.MATERNAL_GRANDFATHER,
    Kin.PATERNAL_GRANDMOTHER: Relation.PATERNAL_GRANDMOTHER,
    Kin.PATERNAL_GRANDFATHER: Relation.PATERNAL_GRANDFATHER,
    Kin.OFFSPRING: Relation.CHILD,
    Kin.OTHER: Relation.FAMILY_MEMBER,
}


@dataclass(frozen=True)
class Term:
    """A code with its system, or a text alone where no code is known."""

    text: str
    system: str | None = None
    code: str | None = None

    def __post_init__(self) -> None:
        _require_text(self.text, "text of a term")
        if (self.system is None) != (self.code is None):
            raise ValueError("a term has a system and a code, or neither")


@dataclass(frozen=True)
class ReportedPerson:
    """The patient. ``system`` is the identifier's URI, for example ``urn:oid:2.16.578.1.12.4.1.4.1``."""

    identifier: str
    sex: Sex
    system: str | None = None
    name: str | None = None
    birth_date: date | None = None

    def __post_init__(self) -> None:
        _require_text(self.identifier, "identifier of the patient")
        _require_text(self.name, "name of the patient")


@dataclass(frozen=True)
class ReportedRelative:
    """A relative whose sample was compared. Only the relation and the sample's label leave the laboratory."""

    relation: Relation
    sample: str

    def __post_init__(self) -> None:
        _require_text(self.sample, "sample of a relative")


@dataclass(frozen=True)
class ReportedSpecimen:
    identifier: str
    kind: Term | None = None
    collected: datetime | None = None

    def __post_init__(self) -> None:
        _require_text(self.identifier, "identifier of the specimen")
        _require_zone(self.collected, "time of collection")


@dataclass(frozen=True)
class ReportedOrder:
    """``family`` is the number that the orders of one family share (ServiceRequest.requisition)."""

    identifier: UUID
    reasons: tuple[Term, ...] = ()
    family: str | None = None
    requester: str | None = None
    authored: datetime | None = None

    def __post_init__(self) -> None:
        _require_text(self.family, "family number of the order")
        _require_text(self.requester, "requester")
        _require_zone(self.authored, "time of the order")


@dataclass(frozen=True)
class ReportedVariant:
    """One allele found in the patient.

    ``position`` is 1-based, ``ref`` and ``alt`` as in a normalised VCF record; a structural ``change`` has neither, but
    an ``end``, the last base affected. ``depth_alt`` counts the reads that
    show the allele, ``allele_fraction`` is their share (0 to 1). ``gene_code`` is an HGNC id (``HGNC:1100``).
    ``reference_sequence`` is a RefSeq accession; the mitochondrion needs it, as it has no LOINC chromosome code.
    """

    build: str
    chromosome: str
    position: int
    ref: str | None
    alt: str | None
    allelic_state: AllelicState | None = None
    origin: Origin = Origin.UNKNOWN
    gene: str | None = None
    gene_code: str | None = None
    reference_sequence: str | None = None
    transcript: str | None = None
    hgvs_genomic: str | None = None
    hgvs_coding: str | None = None
    hgvs_protein: str | None = None
    consequences: tuple[str, ...] = ()
    depth_alt: int | None = None
    allele_fraction: float | None = None
    note: str | None = None
    end: int | None = None
    change: StructuralChange | None = None

    def __post_init__(self) -> None:
        if self.build not in ASSEMBLIES:
            raise ValueError(f"build {self.build!r}, expected one of {', '.join(ASSEMBLIES)}")
        if self.chromosome not in CHROMOSOMES and (self.chromosome != "MT" or self.reference_sequence is None):
            raise ValueError(
                f"chromosome {self.chromosome!r}, expected 1-22, X, Y, or MT together with a reference sequence"
            )
        if self.position < 1:
            raise ValueError(f"position {self.position}, expected 1 or more")
        if self.change is None:
            if not _BASES.fullmatch(self.ref or "") or not _BASES.fullmatch(self.alt or "") or self.end is not None:
                raise ValueError(f"alleles {self.ref!r} and {self.alt!r}, expected bases A, C, G, T or N, and no end")
        elif (self.ref, self.alt) != (None, None) or self.end is None or self.end < self.position:
            raise ValueError("a structural change has an end, not before its position, and no alleles")
        if self.depth_alt is not None and self.depth_alt < 0:
            raise ValueError(f"depth of the allele {self.depth_alt}, expected 0 or more")
        if self.allele_fraction is not None and not 0 <= self.allele_fraction <= 1:
            raise ValueError(f"allele fraction {self.allele_fraction}, expected 0 to 1")
        if self.gene_code is not None and self.gene is None:
            raise ValueError("a gene code needs the gene's symbol")
        for what in ("gene", "gene_code", "reference_sequence", "transcript", "note"):
            _require_text(getattr(self, what), what)
        for what in ("hgvs_genomic", "hgvs_coding", "hgvs_protein"):
            _require_text(getattr(self, what), what)
        _require_texts(self.consequences, "consequence")

    def __str__(self) -> str:
        if self.change is not None:
            return f"{self.build}:{self.chromosome}-{self.position}-{self.end}-{self.change}"
        return f"{self.build}:{self.chromosome}-{self.position}-{self.ref}-{self.alt}"


@dataclass(frozen=True)
class ReportedImplication:
    """What one variant means for the patient. ``variant`` is its place in ``ReportedCase.variants``.

    ``criteria`` are sentences, one per criterion; ``ruleset`` names the rules and the sum of points.
    """

    variant: int
    significance: Significance
    phenotype: Term | None = None
    inheritance: ConditionInheritance | None = None
    criteria: tuple[str, ...] = ()
    ruleset: str | None = None

    def __post_init__(self) -> None:
        _require_texts(self.criteria, "criterion")
        _require_text(self.ruleset, "ruleset")


@dataclass(frozen=True)
class ReportedPhase:
    """How two variants of the report lie to each other, for example in trans in a compound heterozygote."""

    variant_a: int
    variant_b: int
    relation: PhaseRelation
    basis: str | None = None

    def __post_init__(self) -> None:
        if self.variant_a == self.variant_b:
            raise ValueError("a phase relation needs two different variants")
        _require_text(self.basis, "basis of the phase")


@dataclass(frozen=True)
class ReportedRecurrence:
    """Risk for the parents' next child. ``probability`` is None where it cannot be given as a number."""

    text: str
    probability: float | None = None
    source: str | None = None

    def __post_init__(self) -> None:
        _require_text(self.text, "text of the recurrence risk")
        _require_text(self.source, "source of the recurrence risk")
        if self.probability is not None and not 0 <= self.probability <= 1:
            raise ValueError(f"probability {self.probability}, expected 0 to 1")


@dataclass(frozen=True)
class ReportedCase:
    """One report. Every id in the bundle follows from ``identifier``: an amended report names the same resources.

    ``synthetic`` marks invented people with the security label HTEST on every resource.
    """

    identifier: UUID
    status: ReportStatus
    issued: datetime
    patient: ReportedPerson
    conclusion: str
    performer: str
    variants: tuple[ReportedVariant, ...] = ()
    implications: tuple[ReportedImplication, ...] = ()
    phases: tuple[ReportedPhase, ...] = ()
    relatives: tuple[ReportedRelative, ...] = ()
    specimen: ReportedSpecimen | None = None
    order: ReportedOrder | None = None
    recurrence: ReportedRecurrence | None = None
    interpreters: tuple[str, ...] = ()
    quality: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    synthetic: bool = False

    def __post_init__(self) -> None:
        _require_zone(self.issued, "time of issue")
        _require_text(self.conclusion, "conclusion")
        _require_text(self.performer, "performer")
        for what in ("interpreters", "quality", "methods", "limits"):
            _require_texts(getattr(self, what), what)
        named = {str(variant) for variant in self.variants}
        if len(named) != len(self.variants):
            raise ValueError("the same variant stands twice in the report")
        if len({implication.variant for implication in self.implications}) != len(self.implications):
            raise ValueError("a variant has two implications")
        if len({relative.sample for relative in self.relatives}) != len(self.relatives):
            raise ValueError("a sample stands twice among the relatives")
        parents = [one.relation for one in self.relatives if one.relation in (Relation.MOTHER, Relation.FATHER)]
        if len(set(parents)) != len(parents):
            raise ValueError("a parent stands twice among the relatives")
        places = [implication.variant for implication in self.implications]
        places += [place for phase in self.phases for place in (phase.variant_a, phase.variant_b)]
        if any(place not in range(len(self.variants)) for place in places):
            raise ValueError("an implication or phase names a variant that is not in the report")
