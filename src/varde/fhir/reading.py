"""A report bundle read back into the same plain values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from varde.fhir import codes
from varde.fhir.bundle import closing_text
from varde.fhir.case import (
    Relation,
    ReportedCase,
    ReportedImplication,
    ReportedOrder,
    ReportedPerson,
    ReportedPhase,
    ReportedRecurrence,
    ReportedRelative,
    ReportedSpecimen,
    ReportedVariant,
    ReportStatus,
    Sex,
    Term,
)
from varde.fhir.codes import ConditionInheritance, LoincCode, Origin, PhaseRelation, Significance
from varde.genome.errors import InputError

Resource = Mapping[str, Any]


def _refuse(problem: str, field: str | None = None) -> InputError:
    return InputError(
        code="fhir_report",
        problem=problem,
        remedy="Send a bundle that follows Genomics Reporting 3.0.0, as `report_bundle` writes it.",
        field=field,
    )


def parse_report(bundle: Resource) -> ReportedCase:
    """Read a bundle that ``report_bundle`` wrote, or one shaped like it.

    Raises InputError (code ``fhir_report``) when the bundle is no valid R4 or lacks a part; the field is the
    element's path where it is known.
    """
    _validate(bundle)
    entries = bundle.get("entry", [])
    by_url = {entry["fullUrl"]: entry["resource"] for entry in entries if "fullUrl" in entry and "resource" in entry}
    reports = [resource for resource in by_url.values() if resource["resourceType"] == "DiagnosticReport"]
    if len(reports) != 1:
        raise _refuse(f"The bundle holds {len(reports)} DiagnosticReport resources, expected one.", "Bundle.entry")
    try:
        return _case(reports[0], _Resolver(by_url))
    except KeyError as error:
        raise _refuse(f"The element {error.args[0]!r} is missing.", "DiagnosticReport") from error
    except ValueError as error:
        raise _refuse(f"A value cannot be used: {error}.") from error


def _validate(bundle: Resource) -> None:
    from fhir.resources.R4B.bundle import Bundle  # the top package is R5

    try:
        Bundle.model_validate(bundle)
    except ValueError as error:
        details: list[Any] = getattr(error, "errors", list)()
        place = ".".join(str(part) for part in details[0]["loc"]) if details else ""
        what = details[0]["msg"] if details else str(error)
        raise _refuse(f"The bundle is not valid FHIR R4 ({what}).", place or "Bundle") from error


class _Resolver:
    def __init__(self, by_url: Mapping[str, Resource]) -> None:
        self._by_url = by_url

    def __call__(self, reference: Resource) -> Resource:
        target = self._by_url.get(reference["reference"])
        if target is None:
            raise _refuse(f"The reference {reference['reference']} leads to nothing in the bundle.")
        return target

    def of_type(self, name: str) -> Iterator[Resource]:
        return (resource for resource in self._by_url.values() if resource["resourceType"] == name)


def _has_profile(resource: Resource, name: str) -> bool:
    return any(url.split("|")[0] == codes.PROFILE + name for url in resource.get("meta", {}).get("profile", []))


def _case(report: Resource, resolve: _Resolver) -> ReportedCase:
    findings = {reference["reference"]: resolve(reference) for reference in report.get("result", [])}
    variants = {url: found for url, found in findings.items() if _has_profile(found, "variant")}
    places = {url: place for place, url in enumerate(variants)}
    terms = {
        found["derivedFrom"][0]["reference"]: _consequences(found)
        for found in findings.values()
        if _has_profile(found, "molecular-consequence")
    }
    recurrence = None
    notes: dict[str | None, list[str]] = {}
    for extension in report.get("extension", []):
        if extension["url"] == f"{codes.PROFILE}genomic-report-note":
            kind, text = _note(extension["valueAnnotation"])
            notes.setdefault(kind, []).append(text)
        elif extension["url"] == f"{codes.PROFILE}genomic-risk-assessment":
            recurrence = _recurrence(resolve(extension["valueReference"]))
    case = ReportedCase(
        identifier=UUID(report["identifier"][0]["value"]),
        status=ReportStatus(report["status"]),
        issued=datetime.fromisoformat(report["issued"]),
        patient=_patient(resolve(report["subject"])),
        conclusion=report["conclusion"],
        performer=report["performer"][0]["display"],
        variants=tuple(replace(_variant(found), consequences=terms.get(url, ())) for url, found in variants.items()),
        implications=tuple(
            _implication(found, places) for found in findings.values() if _has_profile(found, "diagnostic-implication")
        ),
        phases=tuple(
            _phase(found, places) for found in findings.values() if _has_profile(found, "sequence-phase-relationship")
        ),
        relatives=tuple(_relative(resource) for resource in resolve.of_type("RelatedPerson")),
        specimen=_specimen(resolve(report["specimen"][0])) if report.get("specimen") else None,
        order=_order(resolve(report["basedOn"][0])) if report.get("basedOn") else None,
        recurrence=recurrence,
        interpreters=tuple(reference["display"] for reference in report.get("resultsInterpreter", [])),
        quality=tuple(notes.get(None, ())),
        methods=tuple(notes.get("test-methodology", ())),
        limits=tuple(notes.get("test-disclaimer", ())),
        synthetic=any(label.get("code") == "HTEST" for label in report.get("meta", {}).get("security", [])),
    )
    return replace(case, conclusion=case.conclusion.removesuffix(closing_text(case)))


def _note(annotation: Resource) -> tuple[str | None, str]:
    for extension in annotation.get("extension", []):
        if extension["url"] == f"{codes.PROFILE}annotation-code":
            return _code(extension["valueCodeableConcept"], codes.NOTE_TYPES), annotation["text"]
    return None, annotation["text"]


def _code(concept: Resource, system: str) -> str | None:
    return next((coding["code"] for coding in concept.get("coding", []) if coding.get("system") == system), None)


def _coded(concept: Resource, system: str) -> str:
    code = _code(concept, system)
    if code is None:
        raise ValueError(f"no code of {system}")
    return code


def _component(observation: Resource, system: str, code: str) -> Resource | None:
    return next(
        (part for part in observation.get("component", []) if _code(part["code"], system) == code),
        None,
    )


def _answer(observation: Resource, code: LoincCode, system: str) -> str | None:
    part = _component(observation, codes.LOINC, code.code)
    return None if part is None else _code(part["valueCodeableConcept"], system)


def _required(observation: Resource, code: LoincCode) -> Resource:
    part = _component(observation, codes.LOINC, code.code)
    if part is None:
        raise _refuse(f"The component {code.code} is missing.", f"Observation/{observation['id']}")
    return part


def _named(table: Mapping[Any, tuple[str, str]], code: str | None) -> Any:
    return next((name for name, (own, _) in table.items() if own == code), None)


def _conclusion(observation: Resource) -> str | None:
    part = _component(observation, codes.TBD, "conclusion-string")
    return None if part is None else part["valueString"]


def _term(concept: Resource) -> Term:
    coding = concept.get("coding", [{}])[0]
    return Term(concept.get("text") or coding["display"], coding.get("system"), coding.get("code"))


def _variant(observation: Resource) -> ReportedVariant:
    gene = _component(observation, codes.LOINC, LoincCode.GENE.code)
    chromosome = _answer(observation, LoincCode.CHROMOSOME, codes.LOINC)
    transcript = _component(observation, codes.LOINC, LoincCode.TRANSCRIPT.code)
    depth = _component(observation, codes.LOINC, LoincCode.ALLELIC_READ_DEPTH.code)
    share = _component(observation, codes.LOINC, LoincCode.ALLELE_FRACTION.code)
    assembly = _answer(observation, LoincCode.ASSEMBLY, codes.LOINC)
    return ReportedVariant(
        build=next((build for build, code in codes.ASSEMBLIES.items() if code == assembly), str(assembly)),
        chromosome=next((name for name, code in codes.CHROMOSOMES.items() if code == chromosome), "MT"),
        **_place(observation),
        allelic_state=_named(codes.ALLELIC_STATES, _answer(observation, LoincCode.ALLELIC_STATE, codes.LOINC)),
        origin=_origin(observation),
        gene=None if gene is None else _term(gene["valueCodeableConcept"]).text,
        gene_code=None if gene is None else _code(gene["valueCodeableConcept"], codes.HGNC),
        reference_sequence=_answer(observation, LoincCode.GENOMIC_REFERENCE, codes.REFSEQ),
        transcript=None if transcript is None else _identifier(transcript["valueCodeableConcept"]),
        hgvs_genomic=_answer(observation, LoincCode.GENOMIC_HGVS, codes.HGVS),
        hgvs_coding=_answer(observation, LoincCode.CODING_HGVS, codes.HGVS),
        hgvs_protein=_answer(observation, LoincCode.PROTEIN_HGVS, codes.HGVS),
        depth_alt=None if depth is None else int(depth["valueQuantity"]["value"]),
        allele_fraction=None if share is None else float(share["valueQuantity"]["value"]),
        note=_conclusion(observation),
    )


def _place(observation: Resource) -> Resource:
    """Position with the alleles, or with the end of a structural change: that has no alleles."""
    span = _required(observation, LoincCode.EXACT_START_END)["valueRange"]
    position = int(span["low"]["value"])
    ontology = _answer(observation, LoincCode.CHANGE_TYPE, codes.SEQUENCE_ONTOLOGY)
    if _component(observation, codes.LOINC, LoincCode.REF_ALLELE.code) is None:
        change = next((one for one, code in codes.STRUCTURAL_CHANGES.items() if code == ontology), None)
        if change is not None:
            end = int(span["high"]["value"]) if "high" in span else position
            return {"position": position, "ref": None, "alt": None, "end": end, "change": change}
    alleles = [_required(observation, one)["valueString"] for one in (LoincCode.REF_ALLELE, LoincCode.ALT_ALLELE)]
    return {"position": position, "ref": alleles[0], "alt": alleles[1]}


def _identifier(concept: Resource) -> str:
    code = _code(concept, codes.REFSEQ)
    return str(concept["text"]) if code is None else code


def _origin(observation: Resource) -> Origin:
    if _answer(observation, LoincCode.SOURCE_CLASS, codes.LOINC) == codes.DE_NOVO[0]:
        return Origin.DE_NOVO
    inheritance = _component(observation, codes.LOINC, LoincCode.INHERITANCE.code)
    if inheritance is None:
        return Origin.UNKNOWN
    named = _named(codes.INHERITANCE, _code(inheritance["valueCodeableConcept"], codes.LOINC))
    return Origin.BOTH if named is None else Origin(named)


def _consequences(observation: Resource) -> tuple[str, ...]:
    return tuple(
        _term(part["valueCodeableConcept"]).text
        for part in observation.get("component", [])
        if _code(part["code"], codes.TBD) == "feature-consequence"
    )


def _implication(observation: Resource, places: Mapping[str, int]) -> ReportedImplication:
    significance = _named(codes.SIGNIFICANCES, _answer(observation, LoincCode.SIGNIFICANCE, codes.LOINC))
    phenotype = _component(observation, codes.LOINC, LoincCode.PHENOTYPE.code)
    mode = _component(observation, codes.TBD, "condition-inheritance")
    return ReportedImplication(
        variant=places[observation["derivedFrom"][0]["reference"]],
        significance=Significance(significance),
        phenotype=None if phenotype is None else _term(phenotype["valueCodeableConcept"]),
        inheritance=None if mode is None else ConditionInheritance(_coded(mode["valueCodeableConcept"], codes.HPO)),
        criteria=tuple(note["text"] for note in observation.get("note", [])),
        ruleset=_conclusion(observation),
    )


def _phase(observation: Resource, places: Mapping[str, int]) -> ReportedPhase:
    first, second = (places[reference["reference"]] for reference in observation["derivedFrom"])
    relation = PhaseRelation(_coded(observation["valueCodeableConcept"], codes.PHASE_RELATIONS))
    return ReportedPhase(first, second, relation, _conclusion(observation))


def _patient(resource: Resource) -> ReportedPerson:
    identifier = resource["identifier"][0]
    return ReportedPerson(
        identifier=identifier["value"],
        sex=Sex(resource["gender"]),
        system=identifier.get("system"),
        name=resource["name"][0]["text"] if resource.get("name") else None,
        birth_date=date.fromisoformat(resource["birthDate"]) if "birthDate" in resource else None,
    )


def _relative(resource: Resource) -> ReportedRelative:
    code = _coded(resource["relationship"][0], codes.ROLE_CODE)
    return ReportedRelative(Relation(code), resource["identifier"][0]["value"])


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _specimen(resource: Resource) -> ReportedSpecimen:
    return ReportedSpecimen(
        identifier=resource["identifier"][0]["value"],
        kind=_term(resource["type"]) if "type" in resource else None,
        collected=_moment(resource.get("collection", {}).get("collectedDateTime")),
    )


def _order(resource: Resource) -> ReportedOrder:
    return ReportedOrder(
        identifier=UUID(resource["identifier"][0]["value"]),
        reasons=tuple(_term(reason) for reason in resource.get("reasonCode", [])),
        family=resource.get("requisition", {}).get("value"),
        requester=resource.get("requester", {}).get("display"),
        authored=_moment(resource.get("authoredOn")),
    )


def _recurrence(resource: Resource) -> ReportedRecurrence:
    prediction = resource["prediction"][0]
    return ReportedRecurrence(
        text=prediction["outcome"]["text"],
        probability=float(prediction["probabilityDecimal"]) if "probabilityDecimal" in prediction else None,
        source=prediction.get("rationale"),
    )
