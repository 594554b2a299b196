"""GA4GH Phenopackets v2, read and written as protobuf's JSON: a case's phenotype, and the variants said to explain it.

Reading checks the whole document against the messages of the schema that a case uses (``phenopacket_schema``); what a
message does not have is refused, as protobuf's own readers do.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from varde.genome.errors import InputError
from varde.genome.pedigree import Sex
from varde.interpretation.phenopacket_schema import fault_in

SCHEMA_VERSION = "2.0"
LARGEST_BYTES = 20_000_000
_TERM = re.compile(r"HP:\d{7}\Z")
_AGE = re.compile(r"P(?=.)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T.*)?\Z")
_SEXES = {"MALE": Sex.MALE, "FEMALE": Sex.FEMALE}
_ZYGOSITY = {
    "heterozygous": ("GENO:0000135", "heterozygous"),
    "homozygous": ("GENO:0000136", "homozygous"),
    "hemizygous": ("GENO:0000134", "hemizygous"),
}
_ACMG = ("NOT_PROVIDED", "BENIGN", "LIKELY_BENIGN", "UNCERTAIN_SIGNIFICANCE", "LIKELY_PATHOGENIC", "PATHOGENIC")


@dataclass(frozen=True)
class Feature:
    """A phenotype term: present, or with ``excluded`` looked for and not found. ``onset`` is a term of onset (HP:) or
    an ISO 8601 age such as P3M, None when not told."""

    term: str
    label: str = ""
    excluded: bool = False
    onset: str | None = None

    def __post_init__(self) -> None:
        if not self.term:
            raise ValueError("a feature has a term")
        if self.onset is not None and not (_TERM.match(self.onset) or _AGE.match(self.onset)):
            raise ValueError(f"{self.onset!r} is neither an HPO term nor an ISO 8601 age")


@dataclass(frozen=True)
class PacketVariant:
    """A variant of an interpretation. ``record`` is contig-position-ref-alt of the packet's own assembly, which is text
    as the packet has it; ``status`` is its interpretation status; ``acmg_class`` 1 to 5, None when not provided."""

    gene: str
    gene_identifier: str = ""
    record: str | None = None
    assembly: str | None = None
    expressions: tuple[tuple[str, str], ...] = ()
    zygosity: str | None = None
    acmg_class: int | None = None
    status: str = "UNKNOWN_STATUS"
    label: str = ""

    def expression(self, syntax: str) -> str | None:
        """The name in a syntax such as ``hgvs.p``."""
        return dict(self.expressions).get(syntax)


@dataclass(frozen=True)
class Phenopacket:
    """One case. ``diseases`` are (identifier, label); ``resources`` (prefix, version) of the ontologies used."""

    identifier: str
    subject: str
    sex: Sex
    features: tuple[Feature, ...]
    variants: tuple[PacketVariant, ...] = ()
    diseases: tuple[tuple[str, str], ...] = ()
    solved: bool = False
    resources: tuple[tuple[str, str], ...] = ()

    @property
    def observed(self) -> tuple[str, ...]:
        """Terms that the person has, each once, in order."""
        return tuple(dict.fromkeys(one.term for one in self.features if not one.excluded))

    @property
    def excluded(self) -> tuple[str, ...]:
        """Terms that the person was examined for and does not have."""
        return tuple(dict.fromkeys(one.term for one in self.features if one.excluded))

    @property
    def genes(self) -> tuple[str, ...]:
        """Genes of the variants, each once."""
        return tuple(dict.fromkeys(one.gene for one in self.variants if one.gene))


def read_phenopacket(path: str | Path) -> Phenopacket:
    """The case in a file. Raises InputError as ``parse_phenopacket`` does, and ``unreadable``."""
    source = Path(path)
    try:
        with source.open("rb") as file:
            raw = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise InputError(
            "unreadable", f"The file cannot be read: {error.strerror}.", "Check the path.", source=source.name
        ) from None
    return parse_phenopacket(raw, source.name)


def parse_phenopacket(raw: bytes, name: str = "phenopacket") -> Phenopacket:
    """The case in the bytes of a file named so.

    Raises InputError ``not_a_phenopacket`` naming the field that is missing, unknown or of another type, and
    ``too_large``.
    """
    if len(raw) > LARGEST_BYTES:
        raise InputError(
            "too_large", "A phenopacket is not larger than 20 MB.", "Give one case in a file.", source=name
        )
    try:
        stored = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise _refusal("The text is not JSON in UTF-8.", name, None) from None
    if not isinstance(stored, dict):
        raise _refusal("A phenopacket is a JSON object.", name, None)
    fault = fault_in(stored, "Phenopacket")
    if fault is not None:
        raise _refusal(fault.problem, name, fault.field)
    try:
        return _packet(_camel(stored))
    except ValueError as error:
        raise _refusal(f"{error}.", name, "phenotypicFeatures") from None


def write_phenopacket(packet: Phenopacket, *, created: datetime, created_by: str) -> str:
    """The case as protobuf JSON, indented. ``created`` carries its zone."""
    document: dict[str, Any] = {
        "id": packet.identifier,
        "subject": {"id": packet.subject, "sex": packet.sex.name if packet.sex is not Sex.UNKNOWN else "UNKNOWN_SEX"},
        "phenotypicFeatures": [_written_feature(one) for one in packet.features],
        "interpretations": _written_interpretations(packet),
        "diseases": [{"term": {"id": key, "label": label}} for key, label in packet.diseases],
        "metaData": {
            "created": created.isoformat().replace("+00:00", "Z"),
            "createdBy": created_by,
            "resources": [_resource(prefix, version) for prefix, version in packet.resources],
            "phenopacketSchemaVersion": SCHEMA_VERSION,
        },
    }
    for empty in [name for name, value in document.items() if value == []]:
        del document[empty]
    fault = fault_in(document, "Phenopacket")
    if fault is not None:
        raise AssertionError(f"{fault.field}: {fault.problem}")
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _refusal(problem: str, name: str, field: str | None) -> InputError:
    return InputError(
        "not_a_phenopacket", problem, "Export the case as a GA4GH Phenopacket, version 2, in JSON.", name, field=field
    )


def _camel(value: Any) -> Any:
    """Field names in lowerCamelCase: protobuf's readers take the schema's own names too."""
    if isinstance(value, dict):
        return {re.sub(r"_([a-z])", lambda m: m[1].upper(), name): _camel(one) for name, one in value.items()}
    return [_camel(one) for one in value] if isinstance(value, list) else value


def _packet(stored: Mapping[str, Any]) -> Phenopacket:
    subject = stored.get("subject") or {}
    interpretations = stored.get("interpretations") or []
    diagnoses = [one.get("diagnosis") or {} for one in interpretations]
    variants = [_variant(one) for diagnosis in diagnoses for one in diagnosis.get("genomicInterpretations") or []]
    diseases = [one["disease"] for one in diagnoses if one.get("disease")]
    diseases += [one["term"] for one in stored.get("diseases") or [] if one.get("term")]
    resources = (stored.get("metaData") or {}).get("resources") or []
    return Phenopacket(
        identifier=stored["id"],
        subject=str(subject.get("id", "")),
        sex=_SEXES.get(subject.get("sex", ""), Sex.UNKNOWN),
        features=tuple(_feature(one) for one in stored.get("phenotypicFeatures") or []),
        variants=tuple(one for one in variants if one is not None),
        diseases=tuple(dict.fromkeys((one.get("id", ""), one.get("label", "")) for one in diseases)),
        solved=any(one.get("progressStatus") == "SOLVED" for one in interpretations),
        resources=tuple((one.get("namespacePrefix", ""), one.get("version", "")) for one in resources),
    )


def _feature(stored: Mapping[str, Any]) -> Feature:
    onset = stored.get("onset") or {}
    told = (onset.get("ontologyClass") or {}).get("id") or (onset.get("age") or {}).get("iso8601duration")
    kind = stored.get("type") or {}
    return Feature(
        term=kind.get("id", ""),
        label=kind.get("label", ""),
        excluded=bool(stored.get("excluded", False)),
        onset=told if told and (_TERM.match(told) or _AGE.match(told)) else None,
    )


def _variant(stored: Mapping[str, Any]) -> PacketVariant | None:
    status = stored.get("interpretationStatus", "UNKNOWN_STATUS")
    told = stored.get("variantInterpretation") or {}
    if not told:
        gene = stored.get("gene") or {}
        return PacketVariant(gene.get("symbol", ""), gene.get("valueId", ""), status=status) if gene else None
    described = told.get("variationDescriptor") or {}
    gene, record = described.get("geneContext") or {}, described.get("vcfRecord")
    acmg = told.get("acmgPathogenicityClassification", "NOT_PROVIDED")
    return PacketVariant(
        gene=gene.get("symbol", ""),
        gene_identifier=gene.get("valueId", ""),
        record=None
        if record is None
        else "-".join(str(record.get(name, "")).removeprefix("chr") for name in ("chrom", "pos", "ref", "alt")),
        assembly=None if record is None else record.get("genomeAssembly"),
        expressions=tuple((one.get("syntax", ""), one.get("value", "")) for one in described.get("expressions") or []),
        zygosity=(described.get("allelicState") or {}).get("label"),
        acmg_class=_ACMG.index(acmg) or None,
        status=status,
        label=described.get("label", ""),
    )


def _written_feature(feature: Feature) -> dict[str, Any]:
    written: dict[str, Any] = {"type": {"id": feature.term, "label": feature.label}}
    if feature.excluded:
        written["excluded"] = True
    if feature.onset is not None:
        is_term = _TERM.match(feature.onset) is not None
        written["onset"] = (
            {"ontologyClass": {"id": feature.onset, "label": ""}}
            if is_term
            else {"age": {"iso8601duration": feature.onset}}
        )
    return written


def _written_interpretations(packet: Phenopacket) -> list[dict[str, Any]]:
    if not packet.variants:
        return []
    key, label = packet.diseases[0] if packet.diseases else ("", "")
    diagnosis: dict[str, Any] = {"disease": {"id": key, "label": label}} if key else {}
    diagnosis["genomicInterpretations"] = [_written_variant(one, packet.subject) for one in packet.variants]
    status = "SOLVED" if packet.solved else "IN_PROGRESS"
    return [{"id": packet.identifier, "progressStatus": status, "diagnosis": diagnosis}]


def _written_variant(variant: PacketVariant, subject: str) -> dict[str, Any]:
    described: dict[str, Any] = {
        "id": variant.record or variant.label or variant.gene,
        "moleculeContext": "genomic",
        "geneContext": {"valueId": variant.gene_identifier or variant.gene, "symbol": variant.gene},
    }
    if variant.label:
        described["label"] = variant.label
    if variant.expressions:
        described["expressions"] = [{"syntax": syntax, "value": value} for syntax, value in variant.expressions]
    if variant.record is not None:
        contig, position, ref, alt = variant.record.split("-", 3)
        described["vcfRecord"] = {
            "genomeAssembly": variant.assembly or "",
            "chrom": contig,
            "pos": position,
            "ref": ref,
            "alt": alt,
        }
    if variant.zygosity in _ZYGOSITY:
        key, label = _ZYGOSITY[variant.zygosity]
        described["allelicState"] = {"id": key, "label": label}
    return {
        "subjectOrBiosampleId": subject,
        "interpretationStatus": variant.status,
        "variantInterpretation": {
            "acmgPathogenicityClassification": _ACMG[variant.acmg_class or 0],
            "variationDescriptor": described,
        },
    }


def _resource(prefix: str, version: str) -> dict[str, str]:
    known = {
        "HP": ("hp", "human phenotype ontology", "http://purl.obolibrary.org/obo/hp.owl", "obo/HP_"),
        "OMIM": ("omim", "An Online Catalog of Human Genes and Genetic Disorders", "https://www.omim.org", "entry/"),
        "GENO": ("geno", "Genotype Ontology", "http://purl.obolibrary.org/obo/geno.owl", "obo/GENO_"),
        "HGNC": ("hgnc", "HUGO Gene Nomenclature Committee", "https://www.genenames.org", "symbol_report/"),
    }
    key, name, url, path = known.get(prefix, (prefix.lower(), prefix, "", ""))
    start = "http://purl.obolibrary.org/" if path.startswith("obo/") else f"{url}/" if url else ""
    return {
        "id": key,
        "name": name,
        "url": url,
        "version": version,
        "namespacePrefix": prefix,
        "iriPrefix": f"{start}{path}",
    }
