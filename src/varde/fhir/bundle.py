"""A report as a FHIR R4 bundle of type collection, after Genomics Reporting 3.0.0."""

from __future__ import annotations

from datetime import datetime
from html import escape
from typing import Any
from uuid import uuid5

from varde.fhir import codes
from varde.fhir.case import Relation, ReportedCase, ReportedPhase, ReportStatus, Term
from varde.fhir.codes import concept
from varde.fhir.findings import consequence_observation, implication_observation, phase_observation, variant_observation

Resource = dict[str, Any]


class Ids:
    """Ids of one report's resources: name-based UUIDs under the report's own, so that the same case gives the same
    bundle, an amendment renews the same resources, and no personal number can be guessed back from an id."""

    def __init__(self, case: ReportedCase) -> None:
        self._case = case
        self.variants = tuple(self.of(f"variant|{variant}") for variant in case.variants)

    def of(self, name: str) -> str:
        return str(uuid5(self._case.identifier, name))

    def reference(self, identifier: str) -> Resource:
        return {"reference": f"urn:uuid:{identifier}"}

    @property
    def patient(self) -> str:
        return self.of("patient")

    @property
    def specimen(self) -> str:
        return self.of("specimen")

    def phase(self, phase: ReportedPhase) -> str:
        return self.of(f"phase|{self.variants[phase.variant_a]}|{self.variants[phase.variant_b]}")


def report_bundle(case: ReportedCase) -> Resource:
    """The report with all it refers to, as plain dictionaries ready for JSON. The same case gives the same bundle."""
    ids = Ids(case)
    variants = [_finish(variant_observation(variant), own, case, ids) for variant, own in _with_ids(case, ids)]
    consequences = [
        _finish(consequence_observation(variant, ids.reference(own)), ids.of(f"consequence|{own}"), case, ids)
        for variant, own in _with_ids(case, ids)
        if variant.consequences
    ]
    implications = [
        _finish(
            implication_observation(implication, ids.reference(ids.variants[implication.variant])),
            ids.of(f"implication|{ids.variants[implication.variant]}"),
            case,
            ids,
        )
        for implication in case.implications
    ]
    phases = [
        _finish(
            phase_observation(
                phase, [ids.reference(ids.variants[place]) for place in (phase.variant_a, phase.variant_b)]
            ),
            ids.phase(phase),
            case,
            ids,
        )
        for phase in case.phases
    ]
    findings = [*variants, *consequences, *phases, *implications]
    resources = [_report(case, ids, findings), _patient(case, ids), *_relatives(case, ids)]
    resources += [*_specimen(case, ids), *_order(case, ids), *_recurrence(case, ids), *findings]
    if case.synthetic:
        for resource in resources:
            resource["meta"] = resource.get("meta", {}) | {
                "security": [{"system": codes.ACT_REASON, "code": "HTEST", "display": "test health data"}]
            }
    return {
        "resourceType": "Bundle",
        "id": ids.of("bundle"),
        "type": "collection",
        "timestamp": instant(case.issued),
        "entry": [{"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource} for resource in resources],
    }


def instant(moment: datetime) -> str:
    """A moment as FHIR's own serialisers write it, ``Z`` for UTC."""
    return moment.isoformat().replace("+00:00", "Z")


def _with_ids(case: ReportedCase, ids: Ids) -> list[tuple[Any, str]]:
    return list(zip(case.variants, ids.variants, strict=True))


def _finish(observation: Resource, identifier: str, case: ReportedCase, ids: Ids) -> Resource:
    """Fill in what every observation of the report shares."""
    profile = observation.pop("profile")
    finished: Resource = {
        "resourceType": "Observation",
        "id": identifier,
        "meta": {"profile": [codes.PROFILE + profile]},
        "status": case.status.value,
        "category": [
            concept(codes.OBSERVATION_CATEGORY, "laboratory", "Laboratory"),
            concept(codes.SERVICE_SECTION, "GE", "Genetics"),
        ],
        "subject": ids.reference(ids.patient),
        "issued": instant(case.issued),
        "performer": [{"display": case.performer}],
    }
    if case.specimen is not None:
        finished["specimen"] = ids.reference(ids.specimen)
        if case.specimen.collected is not None:
            finished["effectiveDateTime"] = instant(case.specimen.collected)
    return finished | observation


def _report(case: ReportedCase, ids: Ids, findings: list[Resource]) -> Resource:
    report: Resource = {
        "resourceType": "DiagnosticReport",
        "id": ids.of("report"),
        "meta": {"profile": [f"{codes.PROFILE}genomic-report"]},
        "text": {"status": "generated", "div": _narrative(case)},
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{case.identifier}"}],
        "status": case.status.value,
        "category": [
            concept(codes.SERVICE_SECTION, "GE", "Genetics"),
            concept(codes.SERVICE_SECTION, "LAB", "Laboratory"),
        ],
        "code": codes.LoincCode.REPORT.concept(),
        "subject": ids.reference(ids.patient),
        "issued": instant(case.issued),
        "performer": [{"display": case.performer}],
        "conclusion": conclusion_text(case),
    }
    notes = [*(_note(text, "test-disclaimer") for text in case.limits)]
    notes += [_note(text, "test-methodology") for text in case.methods]
    notes += [_note(text, None) for text in case.quality]
    if case.recurrence is not None:
        risk = ids.reference(ids.of("recurrence"))
        notes.append({"url": f"{codes.PROFILE}genomic-risk-assessment", "valueReference": risk})
    if notes:
        report["extension"] = notes
    if case.order is not None:
        report["basedOn"] = [ids.reference(ids.of("order"))]
    if case.specimen is not None:
        report["specimen"] = [ids.reference(ids.specimen)]
        if case.specimen.collected is not None:
            report["effectiveDateTime"] = instant(case.specimen.collected)
    if case.interpreters:
        report["resultsInterpreter"] = [{"display": name} for name in case.interpreters]
    if findings:
        report["result"] = [ids.reference(finding["id"]) for finding in findings]
    return report


def conclusion_text(case: ReportedCase) -> str:
    """The conclusion followed by recurrence, quality and limits: many receivers show this one element only."""
    return case.conclusion + closing_text(case)


def closing_text(case: ReportedCase) -> str:
    """What stands after the person's own words in the conclusion."""
    parts = []
    if case.recurrence is not None:
        parts.append(f"Recurrence risk: {case.recurrence.text}")
    parts += [
        f"{title}: {' '.join(texts)}" for title, texts in (("Quality", case.quality), ("Limits", case.limits)) if texts
    ]
    return "".join(f"\n\n{part}" for part in parts)


def _note(text: str, kind: str | None) -> Resource:
    annotation: Resource = {"text": text}
    if kind is not None:
        code = {"url": f"{codes.PROFILE}annotation-code", "valueCodeableConcept": concept(codes.NOTE_TYPES, kind)}
        annotation["extension"] = [code]
    return {"url": f"{codes.PROFILE}genomic-report-note", "valueAnnotation": annotation}


def _narrative(case: ReportedCase) -> str:
    variants = "".join(
        f"<li>{escape(' '.join(part for part in (v.gene, v.hgvs_coding, v.hgvs_protein) if part) or str(v))}</li>"
        for v in case.variants
    )
    paragraphs = "".join(f"<p>{escape(part)}</p>" for part in conclusion_text(case).split("\n\n") if part)
    listing = f"<ul>{variants}</ul>" if variants else ""
    return f'<div xmlns="http://www.w3.org/1999/xhtml">{paragraphs}{listing}</div>'


def _patient(case: ReportedCase, ids: Ids) -> Resource:
    identifier = {"value": case.patient.identifier}
    if case.patient.system is not None:
        identifier["system"] = case.patient.system
    patient: Resource = {
        "resourceType": "Patient",
        "id": ids.patient,
        "identifier": [identifier],
        "gender": case.patient.sex.value,
    }
    if case.patient.name is not None:
        patient["name"] = [{"text": case.patient.name}]
    if case.patient.birth_date is not None:
        patient["birthDate"] = case.patient.birth_date.isoformat()
    return patient


_RELATIONS = {
    Relation.MOTHER: "natural mother",
    Relation.FATHER: "natural father",
    Relation.SIBLING: "natural sibling",
    Relation.HALF_SIBLING: "half-sibling",
    Relation.MATERNAL_GRANDMOTHER: "maternal grandmother",
    Relation.MATERNAL_GRANDFATHER: "maternal grandfather",
    Relation.PATERNAL_GRANDMOTHER: "paternal grandmother",
    Relation.PATERNAL_GRANDFATHER: "paternal grandfather",
    Relation.CHILD: "natural child",
    Relation.FAMILY_MEMBER: "family member",
}


def _relatives(case: ReportedCase, ids: Ids) -> list[Resource]:
    return [
        {
            "resourceType": "RelatedPerson",
            "id": ids.of(f"relative|{relative.relation.value}|{relative.sample}"),
            "identifier": [{"value": relative.sample}],
            "patient": ids.reference(ids.patient),
            "relationship": [concept(codes.ROLE_CODE, relative.relation.value, _RELATIONS[relative.relation])],
        }
        for relative in case.relatives
    ]


def _term(term: Term) -> Resource:
    return concept(term.system, term.code, term.text if term.code is not None else None, term.text)


def _specimen(case: ReportedCase, ids: Ids) -> list[Resource]:
    if case.specimen is None:
        return []
    specimen: Resource = {
        "resourceType": "Specimen",
        "id": ids.specimen,
        "identifier": [{"value": case.specimen.identifier}],
        "subject": ids.reference(ids.patient),
    }
    if case.specimen.kind is not None:
        specimen["type"] = _term(case.specimen.kind)
    if case.specimen.collected is not None:
        specimen["collection"] = {"collectedDateTime": instant(case.specimen.collected)}
    return [specimen]


def _order(case: ReportedCase, ids: Ids) -> list[Resource]:
    if case.order is None:
        return []
    order: Resource = {
        "resourceType": "ServiceRequest",
        "id": ids.of("order"),
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{case.order.identifier}"}],
        "status": "active" if case.status is ReportStatus.PRELIMINARY else "completed",
        "intent": "order",
        "category": [concept(codes.SERVICE_SECTION, "GE", "Genetics")],
        "code": concept(codes.SNOMED_CT, *codes.MOLECULAR_GENETIC_TEST),
        "subject": ids.reference(ids.patient),
    }
    if case.order.family is not None:
        order["requisition"] = {"value": case.order.family}
    if case.order.requester is not None:
        order["requester"] = {"display": case.order.requester}
    if case.order.authored is not None:
        order["authoredOn"] = instant(case.order.authored)
    if case.order.reasons:
        order["reasonCode"] = [_term(reason) for reason in case.order.reasons]
    if case.specimen is not None:
        order["specimen"] = [ids.reference(ids.specimen)]
    return [order]


def _recurrence(case: ReportedCase, ids: Ids) -> list[Resource]:
    if case.recurrence is None:
        return []
    prediction: Resource = {"outcome": {"text": case.recurrence.text}}
    if case.recurrence.probability is not None:
        prediction["probabilityDecimal"] = case.recurrence.probability
    if case.recurrence.source is not None:
        prediction["rationale"] = case.recurrence.source
    risk: Resource = {
        "resourceType": "RiskAssessment",
        "id": ids.of("recurrence"),
        "status": case.status.value,
        "subject": ids.reference(ids.patient),
        "prediction": [prediction],
    }
    if ids.variants:
        risk["basis"] = [ids.reference(identifier) for identifier in ids.variants]
    return [risk]
