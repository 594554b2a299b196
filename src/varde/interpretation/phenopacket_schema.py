"""The messages of the GA4GH Phenopacket schema, version 2.0 (phenopackets.org, VRSATILE for variation), as a table.

A message is a table of its fields. A type is a scalar of protobuf's JSON, the name of a message, a set of the names of
an enumeration, or a list of one of these for a repeated field. ``open`` is a message whose inside is not looked at
(VRS variation, arbitrary files): it must be an object.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

_CLASS, _TIME, _TEXT = "OntologyClass", "TimeElement", "string"
Type = str | frozenset[str] | list["Type"]


def _one_of(names: str) -> frozenset[str]:
    return frozenset(names.split())


MESSAGES: Mapping[str, Mapping[str, Type]] = {
    "Phenopacket": {
        "id": _TEXT,
        "subject": "Individual",
        "phenotypicFeatures": ["PhenotypicFeature"],
        "measurements": ["Measurement"],
        "biosamples": ["open"],
        "interpretations": ["Interpretation"],
        "diseases": ["Disease"],
        "medicalActions": ["open"],
        "files": ["File"],
        "metaData": "MetaData",
    },
    "OntologyClass": {"id": _TEXT, "label": _TEXT},
    "Individual": {
        "id": _TEXT,
        "alternateIds": [_TEXT],
        "dateOfBirth": "timestamp",
        "timeAtLastEncounter": _TIME,
        "vitalStatus": "VitalStatus",
        "sex": _one_of("UNKNOWN_SEX FEMALE MALE OTHER_SEX"),
        "karyotypicSex": _one_of("UNKNOWN_KARYOTYPE XX XY XO XXY XXX XXYY XXXY XXXX XYY OTHER_KARYOTYPE"),
        "gender": _CLASS,
        "taxonomy": _CLASS,
    },
    "VitalStatus": {
        "status": _one_of("UNKNOWN_STATUS ALIVE DECEASED"),
        "timeOfDeath": _TIME,
        "causeOfDeath": _CLASS,
        "survivalTimeInDays": "integer",
    },
    "TimeElement": {
        "gestationalAge": "GestationalAge",
        "age": "Age",
        "ageRange": "AgeRange",
        "ontologyClass": _CLASS,
        "timestamp": "timestamp",
        "interval": "TimeInterval",
    },
    "GestationalAge": {"weeks": "integer", "days": "integer"},
    "Age": {"iso8601duration": _TEXT},
    "AgeRange": {"start": "Age", "end": "Age"},
    "TimeInterval": {"start": "timestamp", "end": "timestamp"},
    "PhenotypicFeature": {
        "description": _TEXT,
        "type": _CLASS,
        "excluded": "boolean",
        "severity": _CLASS,
        "modifiers": [_CLASS],
        "onset": _TIME,
        "resolution": _TIME,
        "evidence": ["Evidence"],
    },
    "Evidence": {"evidenceCode": _CLASS, "reference": "ExternalReference"},
    "ExternalReference": {"id": _TEXT, "reference": _TEXT, "description": _TEXT},
    "Procedure": {"code": _CLASS, "bodySite": _CLASS, "performed": _TIME},
    "Measurement": {
        "description": _TEXT,
        "assay": _CLASS,
        "value": "Value",
        "complexValue": "ComplexValue",
        "timeObserved": _TIME,
        "procedure": "Procedure",
    },
    "Value": {"quantity": "Quantity", "ontologyClass": _CLASS},
    "ComplexValue": {"typedQuantities": ["TypedQuantity"]},
    "TypedQuantity": {"type": _CLASS, "quantity": "Quantity"},
    "Quantity": {"unit": _CLASS, "value": "number", "referenceRange": "ReferenceRange"},
    "ReferenceRange": {"unit": _CLASS, "low": "number", "high": "number"},
    "Disease": {
        "term": _CLASS,
        "excluded": "boolean",
        "onset": _TIME,
        "resolution": _TIME,
        "diseaseStage": [_CLASS],
        "clinicalTnmFinding": [_CLASS],
        "primarySite": _CLASS,
        "laterality": _CLASS,
    },
    "Interpretation": {
        "id": _TEXT,
        "progressStatus": _one_of("UNKNOWN_PROGRESS IN_PROGRESS COMPLETED SOLVED UNSOLVED"),
        "diagnosis": "Diagnosis",
        "summary": _TEXT,
    },
    "Diagnosis": {"disease": _CLASS, "genomicInterpretations": ["GenomicInterpretation"]},
    "GenomicInterpretation": {
        "subjectOrBiosampleId": _TEXT,
        "interpretationStatus": _one_of("UNKNOWN_STATUS REJECTED CANDIDATE CONTRIBUTORY CAUSATIVE"),
        "gene": "GeneDescriptor",
        "variantInterpretation": "VariantInterpretation",
    },
    "VariantInterpretation": {
        "acmgPathogenicityClassification": _one_of(
            "NOT_PROVIDED BENIGN LIKELY_BENIGN UNCERTAIN_SIGNIFICANCE LIKELY_PATHOGENIC PATHOGENIC"
        ),
        "therapeuticActionability": _one_of("UNKNOWN_ACTIONABILITY NOT_ACTIONABLE ACTIONABLE"),
        "variationDescriptor": "VariationDescriptor",
    },
    "VariationDescriptor": {
        "id": _TEXT,
        "variation": "open",
        "label": _TEXT,
        "description": _TEXT,
        "geneContext": "GeneDescriptor",
        "expressions": ["Expression"],
        "vcfRecord": "VcfRecord",
        "xrefs": [_TEXT],
        "alternateLabels": [_TEXT],
        "extensions": ["open"],
        "moleculeContext": _one_of("unspecified_molecule_context genomic transcript protein"),
        "structuralType": _CLASS,
        "vrsRefAlleleSeq": _TEXT,
        "allelicState": _CLASS,
    },
    "GeneDescriptor": {
        "valueId": _TEXT,
        "symbol": _TEXT,
        "description": _TEXT,
        "alternateIds": [_TEXT],
        "xrefs": [_TEXT],
        "alternateSymbols": [_TEXT],
    },
    "Expression": {"syntax": _TEXT, "value": _TEXT, "version": _TEXT},
    "VcfRecord": {
        "genomeAssembly": _TEXT,
        "chrom": _TEXT,
        "pos": "integer",
        "id": _TEXT,
        "ref": _TEXT,
        "alt": _TEXT,
        "qual": _TEXT,
        "filter": _TEXT,
        "info": _TEXT,
    },
    "File": {"uri": _TEXT, "individualToFileIdentifiers": "open", "fileAttributes": "open"},
    "MetaData": {
        "created": "timestamp",
        "createdBy": _TEXT,
        "submittedBy": _TEXT,
        "resources": ["Resource"],
        "updates": ["Update"],
        "phenopacketSchemaVersion": _TEXT,
        "externalReferences": ["ExternalReference"],
    },
    "Resource": {
        "id": _TEXT,
        "name": _TEXT,
        "url": _TEXT,
        "version": _TEXT,
        "namespacePrefix": _TEXT,
        "iriPrefix": _TEXT,
    },
    "Update": {"timestamp": "timestamp", "updatedBy": _TEXT, "comment": _TEXT},
}

REQUIRED: Mapping[str, tuple[str, ...]] = {
    "Phenopacket": ("id", "metaData"),
    "PhenotypicFeature": ("type",),
    "OntologyClass": ("id",),
    "Individual": ("id",),
    "Interpretation": ("id", "progressStatus"),
    "MetaData": ("created", "createdBy", "phenopacketSchemaVersion"),
}
"""What the schema's text requires and a case cannot be read without. Its resources are asked of writers alone."""

_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)\Z")
_INTEGER = re.compile(r"-?\d{1,19}\Z")


@dataclass(frozen=True)
class Fault:
    """The first thing that does not follow the schema: a path such as ``subject.sex`` and what is wrong with it."""

    field: str
    problem: str


def fault_in(value: Any, kind: Type, path: str = "") -> Fault | None:
    """The first fault of a value against its type, or None."""
    if isinstance(kind, list):
        return _fault_in_list(value, kind[0], path)
    if isinstance(kind, frozenset):
        fits = isinstance(value, str) and value in kind
        return None if fits else Fault(path, f"{_short(value)} is none of {', '.join(sorted(kind))}.")
    if kind in MESSAGES:
        return _fault_in_message(value, kind, path)
    return None if _is_scalar(value, kind) else Fault(path, f"{_short(value)} is not of the type {kind}.")


def _fault_in_list(value: Any, kind: Type, path: str) -> Fault | None:
    if not isinstance(value, list):
        return Fault(path, f"{_short(value)} is not a list.")
    faults = (fault_in(one, kind, f"{path}[{place}]") for place, one in enumerate(value))
    return next((fault for fault in faults if fault is not None), None)


def _fault_in_message(value: Any, kind: str, path: str) -> Fault | None:
    if not isinstance(value, dict):
        return Fault(path, f"{_short(value)} is not an object.")
    start = f"{path}." if path else ""
    fields = _fields(kind)
    named = {fields.get(name, (name, None))[0] for name, one in value.items() if one not in (None, "")}
    for name in REQUIRED.get(kind, ()):
        if name not in named:
            return Fault(f"{start}{name}", f"{kind} has no {name}.")
    for name, one in value.items():
        if name not in fields:
            return Fault(f"{start}{name[:60]}", f"{kind} has no field of this name.")
        fault = None if one is None else fault_in(one, fields[name][1], f"{start}{name}")
        if fault is not None:
            return fault
    return None


@cache
def _fields(kind: str) -> dict[str, tuple[str, Any]]:
    """Field names as they may be written: lowerCamelCase, or the schema's own with underscores."""
    camel = {name: (name, type_) for name, type_ in MESSAGES[kind].items()}
    return camel | {re.sub(r"([A-Z])", r"_\1", name).lower(): told for name, told in camel.items()}


def _is_scalar(value: Any, kind: str) -> bool:
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "number":
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if kind == "integer":
        written = isinstance(value, str) and _INTEGER.match(value) is not None
        return written or (isinstance(value, int) and not isinstance(value, bool))
    if kind == "timestamp":
        return isinstance(value, str) and _TIMESTAMP.match(value) is not None
    return isinstance(value, dict if kind == "open" else str)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
