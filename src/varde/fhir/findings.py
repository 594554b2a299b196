"""Observations of a report: variant, molecular consequence, phase and diagnostic implication.

Each function gives the parts that are the observation's own; ``profile`` is the last part of its profile's URL.
"""

from __future__ import annotations

from typing import Any

from varde.fhir import codes
from varde.fhir.case import ReportedImplication, ReportedPhase, ReportedVariant
from varde.fhir.codes import LoincCode, Origin, concept

Observation = dict[str, Any]
Component = dict[str, Any]


def _coded(code: LoincCode, system: str | None, value: str | None, display: str | None = None) -> Component:
    return {"code": code.concept(), "valueCodeableConcept": concept(system, value, display)}


def _guide_component(name: str, value: Component) -> Component:
    return {"code": concept(codes.TBD, name), **value}


def _conclusion(text: str) -> Component:
    return _guide_component("conclusion-string", {"valueString": text})


def variant_observation(variant: ReportedVariant) -> Observation:
    """Profile ``variant``: one allele, present. Positions are 1-based; the end includes the last base of REF."""
    return {
        "profile": "variant",
        "code": LoincCode.VARIANT.concept(),
        "valueCodeableConcept": concept(codes.LOINC, *codes.PRESENT),
        "method": concept(codes.LOINC, *codes.SEQUENCING),
        "component": [
            *_gene(variant),
            *_place(variant),
            *_names(variant),
            *_genotype(variant),
            *([_conclusion(variant.note)] if variant.note is not None else []),
        ],
    }


def _gene(variant: ReportedVariant) -> list[Component]:
    if variant.gene is None:
        return []
    value = (
        concept(None, None, text=variant.gene)
        if variant.gene_code is None
        else concept(codes.HGNC, variant.gene_code, variant.gene)
    )
    return [{"code": LoincCode.GENE.concept(), "valueCodeableConcept": value}]


def _place(variant: ReportedVariant) -> list[Component]:
    components = [_coded(LoincCode.ASSEMBLY, codes.LOINC, codes.ASSEMBLIES[variant.build], variant.build)]
    if variant.chromosome in codes.CHROMOSOMES:
        answer = codes.CHROMOSOMES[variant.chromosome]
        components.append(_coded(LoincCode.CHROMOSOME, codes.LOINC, answer, f"Chromosome {variant.chromosome}"))
    if variant.reference_sequence is not None:
        components.append(_coded(LoincCode.GENOMIC_REFERENCE, codes.REFSEQ, variant.reference_sequence))
    span = {"low": {"value": variant.position}}
    last = variant.end or variant.position + len(variant.ref or "") - 1
    if last > variant.position:
        span["high"] = {"value": last}
    components += [
        _coded(LoincCode.COORDINATE_SYSTEM, codes.LOINC, *codes.ONE_BASED),
        {"code": LoincCode.EXACT_START_END.concept(), "valueRange": span},
    ]
    if variant.change is not None:
        code = codes.STRUCTURAL_CHANGES[variant.change]
        return [*components, _coded(LoincCode.CHANGE_TYPE, codes.SEQUENCE_ONTOLOGY, code, variant.change.value)]
    if variant.ref is None or variant.alt is None:
        raise AssertionError("a variant without a structural change has alleles")
    return [
        *components,
        {"code": LoincCode.REF_ALLELE.concept(), "valueString": variant.ref},
        {"code": LoincCode.ALT_ALLELE.concept(), "valueString": variant.alt},
        _coded(LoincCode.CHANGE_TYPE, codes.SEQUENCE_ONTOLOGY, *codes.change_type(variant.ref, variant.alt)),
    ]


def _names(variant: ReportedVariant) -> list[Component]:
    components = []
    if variant.transcript is not None:
        refseq = variant.transcript.startswith(("NM_", "NR_", "XM_", "XR_"))
        value = concept(codes.REFSEQ, variant.transcript) if refseq else concept(None, None, text=variant.transcript)
        components.append({"code": LoincCode.TRANSCRIPT.concept(), "valueCodeableConcept": value})
    for code, name in (
        (LoincCode.GENOMIC_HGVS, variant.hgvs_genomic),
        (LoincCode.CODING_HGVS, variant.hgvs_coding),
        (LoincCode.PROTEIN_HGVS, variant.hgvs_protein),
    ):
        if name is not None:
            components.append(_coded(code, codes.HGVS, name, name))
    return components


def _genotype(variant: ReportedVariant) -> list[Component]:
    source = codes.DE_NOVO if variant.origin is Origin.DE_NOVO else codes.GERMLINE
    components = [_coded(LoincCode.SOURCE_CLASS, codes.LOINC, *source)]
    if variant.allelic_state is not None:
        answer = codes.ALLELIC_STATES[variant.allelic_state]
        components.append(_coded(LoincCode.ALLELIC_STATE, codes.LOINC, *answer))
    if variant.origin in codes.INHERITANCE:
        components.append(_coded(LoincCode.INHERITANCE, codes.LOINC, *codes.INHERITANCE[variant.origin]))
    elif variant.origin is Origin.BOTH:
        value = concept(None, None, text="Maternal and paternal")
        components.append({"code": LoincCode.INHERITANCE.concept(), "valueCodeableConcept": value})
    if variant.origin is not Origin.UNKNOWN:
        value = concept(None, None, text="Family DNA")
        components.append({"code": LoincCode.INHERITANCE_BASIS.concept(), "valueCodeableConcept": value})
    if variant.depth_alt is not None:
        depth = {"value": variant.depth_alt, "unit": "reads", "system": codes.UCUM, "code": "1"}
        components.append({"code": LoincCode.ALLELIC_READ_DEPTH.concept(), "valueQuantity": depth})
    if variant.allele_fraction is not None:
        share = {"value": variant.allele_fraction, "system": codes.UCUM, "code": "1"}
        components.append({"code": LoincCode.ALLELE_FRACTION.concept(), "valueQuantity": share})
    return components


def consequence_observation(variant: ReportedVariant, source: Component) -> Observation:
    """Profile ``molecular-consequence``: the Sequence Ontology terms of the variant on its transcript."""
    return {
        "profile": "molecular-consequence",
        "code": concept(codes.TBD, "molecular-consequence", "Molecular Consequence"),
        "derivedFrom": [source],
        "component": [
            _guide_component(
                "feature-consequence",
                {
                    "valueCodeableConcept": concept(codes.SEQUENCE_ONTOLOGY, codes.CONSEQUENCES[term], term)
                    if term in codes.CONSEQUENCES
                    else concept(None, None, text=term)
                },
            )
            for term in variant.consequences
        ],
    }


def implication_observation(implication: ReportedImplication, source: Component) -> Observation:
    """Profile ``diagnostic-implication``: significance, phenotype, mode of inheritance and the criteria as notes."""
    components = [
        _coded(LoincCode.SIGNIFICANCE, codes.LOINC, *codes.SIGNIFICANCES[implication.significance]),
    ]
    if implication.phenotype is not None:
        term = implication.phenotype
        value = concept(term.system, term.code, term.text if term.code is not None else None, term.text)
        components.append({"code": LoincCode.PHENOTYPE.concept(), "valueCodeableConcept": value})
    if implication.inheritance is not None:
        mode = concept(codes.HPO, implication.inheritance.value, implication.inheritance.display)
        components.append(_guide_component("condition-inheritance", {"valueCodeableConcept": mode}))
    if implication.ruleset is not None:
        components.append(_conclusion(implication.ruleset))
    observation: Observation = {
        "profile": "diagnostic-implication",
        "code": concept(codes.TBD, "diagnostic-implication", "Diagnostic Implication"),
        "derivedFrom": [source],
        "component": components,
    }
    if implication.criteria:
        observation["note"] = [{"text": text} for text in implication.criteria]
    return observation


def phase_observation(phase: ReportedPhase, sources: list[Component]) -> Observation:
    """Profile ``sequence-phase-relationship``: two variants in cis or in trans."""
    observation: Observation = {
        "profile": "sequence-phase-relationship",
        "code": LoincCode.PHASE.concept(),
        "valueCodeableConcept": concept(codes.PHASE_RELATIONS, phase.relation.value, phase.relation.value),
        "derivedFrom": sources,
    }
    if phase.basis is not None:
        observation["component"] = [_conclusion(phase.basis)]
    return observation
