"""Classified variants as a ClinVar submission: the JSON of ClinVar's submission interface, and the same as a table.

Source: submission_api_schema.json of github.com/ncbi/clinvar (germlineSubmission; 2026). A submission is of variants,
not of people: no date of birth, no number, no name, and no variant is tied to another of the same person.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from varde.annotation.knowledge import Inheritance
from varde.genome.builds import Build
from varde.genome.errors import InputError

MOST_RECORDS = 10_000
"""Records of one submission (maxItems of the schema)."""

CLASS_WORDS = {5: "Pathogenic", 4: "Likely pathogenic", 3: "Uncertain significance", 2: "Likely benign", 1: "Benign"}
INHERITANCE_WORDS = {
    Inheritance.AUTOSOMAL_DOMINANT: "Autosomal dominant inheritance",
    Inheritance.AUTOSOMAL_RECESSIVE: "Autosomal recessive inheritance",
    Inheritance.SEMIDOMINANT: "Semidominant inheritance",
    Inheritance.X_LINKED: "X-linked inheritance",
    Inheritance.X_LINKED_DOMINANT: "X-linked dominant inheritance",
    Inheritance.X_LINKED_RECESSIVE: "X-linked recessive inheritance",
    Inheritance.Y_LINKED: "Y-linked inheritance",
    Inheritance.MITOCHONDRIAL: "Mitochondrial inheritance",
}
_CONDITION = {
    "OMIM": re.compile(r"\d{6}\Z"),
    "MONDO": re.compile(r"MONDO:\d{7}\Z"),
    "Orphanet": re.compile(r"ORPHA\d+\Z"),
    "MedGen": re.compile(r"CN?\d+\Z"),
    "HP": re.compile(r"HP:\d{7}\Z"),
}
_HPO = re.compile(r"HP:\d{7}\Z")
_ACCESSION = re.compile(r"SCV\d{9}\Z")
_PUBMED = re.compile(r"\d{1,9}\Z")


class AlleleOrigin(StrEnum):
    """Where the allele came from, in ClinVar's words."""

    GERMLINE = "germline"
    DE_NOVO = "de novo"
    MATERNAL = "maternal"
    PATERNAL = "paternal"
    BIPARENTAL = "biparental"
    INHERITED = "inherited"
    UNKNOWN = "unknown"


class CopyNumberChange(StrEnum):
    """Kinds of structural variants that ClinVar takes by place."""

    LOSS = "copy number loss"
    GAIN = "copy number gain"
    DELETION = "Deletion"
    DUPLICATION = "Duplication"
    INVERSION = "Inversion"


@dataclass(frozen=True)
class Condition:
    """What the class is of: an identifier in a source, or a name where there is none. Exactly one of the two."""

    source: str = ""
    identifier: str = ""
    name: str = ""

    def __post_init__(self) -> None:
        if bool(self.name) == bool(self.identifier):
            raise ValueError("a condition has an identifier with its source, or a name, not both")
        if self.identifier and not _CONDITION.get(self.source, re.compile(r"(?!)")).match(self.identifier):
            raise ValueError(f"{self.source} {self.identifier!r} is no identifier of {', '.join(_CONDITION)}")


@dataclass(frozen=True)
class SubmittedVariant:
    """One class of one variant for one condition.

    ``start`` and ``stop`` are 1-based, both included. A small variant has ``ref`` and ``alt``; a structural one
    ``change`` instead, and its copy number where it is known. ``local_id`` is the laboratory's name without meaning
    outside: it must not lead to a person.
    """

    local_id: str
    build: Build
    chromosome: str
    start: int
    stop: int
    gene: str
    acmg_class: int
    evaluated_on: date
    condition: Condition
    ref: str = ""
    alt: str = ""
    change: CopyNumberChange | None = None
    copy_number: int | None = None
    points: float | None = None
    inheritance: Inheritance = Inheritance.UNKNOWN
    comment: str = ""
    citations: tuple[str, ...] = ()
    origin: AlleleOrigin = AlleleOrigin.GERMLINE
    affected: bool | None = True
    features: tuple[str, ...] = ()
    individuals: int = 1
    accession: str = ""
    names: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if self.acmg_class not in CLASS_WORDS:
            raise ValueError(f"class {self.acmg_class}, expected 1 to 5")
        if not 1 <= self.start <= self.stop:
            raise ValueError(f"start {self.start}, stop {self.stop}: expected 1-based positions in order")
        if (self.change is None) != bool(self.ref and self.alt):
            raise ValueError("a small variant has ref and alt, a structural one the kind of its change")
        if self.accession and not _ACCESSION.match(self.accession):
            raise ValueError(f"{self.accession!r}, expected an accession such as SCV000123456")
        for term in self.features:
            if not _HPO.match(term):
                raise ValueError(f"{term!r}, expected an HPO identifier")
        for pmid in self.citations:
            if not _PUBMED.match(pmid):
                raise ValueError(f"{pmid!r}, expected a PubMed number")


@dataclass(frozen=True)
class AssertionCriteria:
    """The published rules that the classes follow, by PubMed number."""

    name: str
    pubmed: str


RICHARDS_2015 = AssertionCriteria("ACMG Guidelines, 2015", "25741868")
RIGGS_2020 = AssertionCriteria("ACMG/ClinGen CNV Guidelines, 2019", "31690835")


def submission(
    variants: Sequence[SubmittedVariant], criteria: AssertionCriteria = RICHARDS_2015, *, name: str = ""
) -> dict[str, Any]:
    """The submission as ClinVar's interface takes it. Raises InputError ``nothing_to_submit``, ``too_many`` or
    ``repeated_record`` (one variant for one condition stands once)."""
    _check(variants)
    return {
        **({"submissionName": name} if name else {}),
        "clinvarSubmissionReleaseStatus": "public",
        "assertionCriteria": {"db": "PubMed", "id": criteria.pubmed},
        "germlineSubmission": [_record(one) for one in variants],
    }


COLUMNS = (
    "Local ID", "Gene symbol", "Assembly", "Chromosome", "Start", "Stop", "Reference allele", "Alternate allele",
    "Variant type", "Copy number", "Alternate designations", "Condition ID type", "Condition ID value",
    "Preferred condition name", "Assertion method", "Assertion method citation", "Germline classification",
    "Date last evaluated", "Mode of inheritance", "Score", "Comment on classification", "Citations", "Allele origin",
    "Affected status", "Collection method", "Number of individuals", "Clinical features", "ClinVarAccession",
)  # fmt: skip


def table(
    variants: Sequence[SubmittedVariant], criteria: AssertionCriteria = RICHARDS_2015
) -> tuple[tuple[str, ...], ...]:
    """The same as rows of text under ``COLUMNS``, for whoever fills ClinVar's spreadsheet by hand. Raises as
    ``submission``."""
    _check(variants)
    return tuple(_row(one, criteria) for one in variants)


def _check(variants: Sequence[SubmittedVariant]) -> None:
    if not variants:
        raise InputError(
            "nothing_to_submit", "No classified variant is chosen.", "Choose at least one variant of a signed answer."
        )
    if len(variants) > MOST_RECORDS:
        raise InputError(
            "too_many",
            f"{len(variants)} records; a submission has at most {MOST_RECORDS}.",
            "Divide it into several.",
        )
    seen = set()
    for one in variants:
        what = (one.build, one.chromosome, one.start, one.stop, one.ref, one.alt, one.change, one.condition)
        if what in seen:
            raise InputError(
                "repeated_record",
                f"{one.chromosome}:{one.start} {one.ref}>{one.alt} stands twice for the same condition.",
                "Send one class of a variant for a condition: the newest.",
                field="variant",
            )
        seen.add(what)


def _record(one: SubmittedVariant) -> dict[str, Any]:
    return {
        "localID": one.local_id,
        "recordStatus": "update" if one.accession else "novel",
        **({"clinvarAccession": one.accession} if one.accession else {}),
        "variantSet": {"variant": [_variant(one)]},
        "conditionSet": {"condition": [_condition(one.condition)]},
        "germlineClassification": _classification(one),
        "observedIn": [_observation(one)],
    }


def _variant(one: SubmittedVariant) -> dict[str, Any]:
    place: dict[str, Any] = {
        "assembly": str(one.build),
        "chromosome": _chromosome(one),
        "start": one.start,
        "stop": one.stop,
    }
    told: dict[str, Any] = {"chromosomeCoordinates": place, "gene": [{"symbol": one.gene}]}
    if one.change is None:
        place |= {"referenceAllele": one.ref, "alternateAllele": one.alt}
    else:
        told["variantType"] = str(one.change)
    if one.copy_number is not None:
        told["copyNumber"] = str(one.copy_number)
    if one.names:
        told["alternateDesignations"] = list(one.names)
    return told


def _chromosome(one: SubmittedVariant) -> str:
    bare = one.chromosome.removeprefix("chr")
    return "MT" if bare == "M" else bare


def _condition(condition: Condition) -> dict[str, str]:
    if condition.name:
        return {"name": condition.name}
    return {"db": condition.source, "id": condition.identifier}


def _classification(one: SubmittedVariant) -> dict[str, Any]:
    told: dict[str, Any] = {
        "germlineClassificationDescription": CLASS_WORDS[one.acmg_class],
        "dateLastEvaluated": one.evaluated_on.isoformat(),
    }
    if one.inheritance in INHERITANCE_WORDS:
        told["modeOfInheritance"] = INHERITANCE_WORDS[one.inheritance]
    if one.comment:
        told["comment"] = one.comment
    if one.points is not None:
        told["customClassificationScore"] = one.points
    if one.citations:
        told["citation"] = [{"db": "PubMed", "id": pmid} for pmid in one.citations]
    return told


_AFFECTED = {True: "yes", False: "no", None: "unknown"}


def _observation(one: SubmittedVariant) -> dict[str, Any]:
    seen = [{"db": "HP", "id": term, "clinicalFeaturesAffectedStatus": "present"} for term in one.features]
    return {
        "alleleOrigin": str(one.origin),
        "affectedStatus": _AFFECTED[one.affected],
        "collectionMethod": "clinical testing",
        "numberOfIndividuals": one.individuals,
        **({"clinicalFeatures": seen} if seen else {}),
    }


def _row(one: SubmittedVariant, criteria: AssertionCriteria) -> tuple[str, ...]:
    return (
        one.local_id, one.gene, str(one.build), _chromosome(one), str(one.start), str(one.stop), one.ref, one.alt,
        str(one.change or ""), "" if one.copy_number is None else str(one.copy_number), "|".join(one.names),
        one.condition.source, one.condition.identifier, one.condition.name, criteria.name, f"PMID:{criteria.pubmed}",
        CLASS_WORDS[one.acmg_class], one.evaluated_on.isoformat(), INHERITANCE_WORDS.get(one.inheritance, ""),
        "" if one.points is None else f"{one.points:g}", one.comment,
        "|".join(f"PMID:{pmid}" for pmid in one.citations), str(one.origin), _AFFECTED[one.affected],
        "clinical testing", str(one.individuals), "|".join(one.features), one.accession,
    )  # fmt: skip
