"""Building and reading back, judged by fhir.resources.R4B and by codes copied from the guide's own examples."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid5

import pytest
from fhir.resources.R4B import get_fhir_model_class
from fhir.resources.R4B.bundle import Bundle
from hypothesis import given, settings
from hypothesis import strategies as st

from varde.fhir import parse_report, report_bundle
from varde.fhir.case import ReportedPerson, ReportedVariant, ReportStatus, Sex, Term
from varde.fhir.codes import CHROMOSOMES, AllelicState, Origin, Significance, change_type
from varde.fhir.tests.example import CASE
from varde.genome.errors import InputError

LOINC = "http://loinc.org"
GUIDE = "http://hl7.org/fhir/uv/genomics-reporting/StructureDefinition/"


def resources(bundle: dict, kind: str) -> list[dict]:
    return [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == kind]


def components(observation: dict) -> dict[str, dict]:
    return {part["code"]["coding"][0]["code"]: part for part in observation.get("component", [])}


def with_profile(bundle: dict, name: str) -> list[dict]:
    return [found for found in resources(bundle, "Observation") if found["meta"]["profile"] == [GUIDE + name]]


def test_round_trip_gives_the_same_values() -> None:
    text = json.dumps(report_bundle(CASE))
    assert parse_report(json.loads(text)) == CASE


def test_every_resource_is_valid_r4b_and_survives_its_own_serialisation() -> None:
    bundle = report_bundle(CASE)
    for entry in bundle["entry"]:
        resource = entry["resource"]
        parsed = get_fhir_model_class(resource["resourceType"]).model_validate(resource)
        assert json.loads(parsed.model_dump_json()) == resource
    assert Bundle.model_validate(bundle).type == "collection"


def test_kinds_and_number_of_resources() -> None:
    kinds = [entry["resource"]["resourceType"] for entry in report_bundle(CASE)["entry"]]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "DiagnosticReport": 1,
        "Patient": 1,
        "RelatedPerson": 2,
        "Specimen": 1,
        "ServiceRequest": 1,
        "RiskAssessment": 1,
        "Observation": 7,  # 2 variants, 2 consequences, 1 phase, 2 implications
    }


def test_every_reference_leads_to_a_resource_of_the_bundle() -> None:
    bundle = report_bundle(CASE)
    known = {entry["fullUrl"] for entry in bundle["entry"]}
    found = json.dumps(bundle).split('"reference": "')[1:]
    # report 11; subject and specimen of 7 observations; derived from 6; relatives 2, specimen 1, order 2, risk 3
    assert len(found) == 11 + 14 + 6 + 2 + 1 + 2 + 3
    assert {part.split('"')[0] for part in found} <= known


def test_report_profile_and_fixed_codes() -> None:
    (report,) = resources(report_bundle(CASE), "DiagnosticReport")
    assert report["meta"]["profile"] == [GUIDE + "genomic-report"]
    assert report["code"]["coding"][0] == {"system": LOINC, "code": "51969-4", "display": "Genetic analysis report"}
    assert [category["coding"][0]["code"] for category in report["category"]] == ["GE", "LAB"]
    assert report["conclusion"] == (
        "Two variants in GENEA, one from each parent, explain the child's disease."
        "\n\nRecurrence risk: 25 % for each child of the same parents."
        "\n\nQuality: All quality lights are green."
        "\n\nLimits: Repeat expansions were not looked at. Deletions of whole exons were not looked at."
    )


def test_variant_components() -> None:
    first, second = with_profile(report_bundle(CASE), "variant")
    assert first["code"]["coding"][0]["code"] == "69548-6"
    assert first["valueCodeableConcept"]["coding"][0] == {"system": LOINC, "code": "LA9633-4", "display": "Present"}
    found = components(first)

    def answer(code: str) -> tuple[str, str]:
        coding = found[code]["valueCodeableConcept"]["coding"][0]
        return coding["system"], coding["code"]

    assert answer("48018-6") == ("http://www.genenames.org", "HGNC:1100")
    assert answer("62374-4") == (LOINC, "LA26806-2")
    assert answer("48000-4") == (LOINC, "LA21273-0")
    assert answer("48013-7") == ("http://www.ncbi.nlm.nih.gov/refseq", "NC_000020.11")
    assert answer("92822-6") == (LOINC, "LA30102-0")
    assert answer("53034-5") == (LOINC, "LA6706-1")
    assert answer("48002-0") == (LOINC, "LA6683-2")
    assert answer("94186-4") == (LOINC, "LA26320-4")
    assert answer("51958-7") == ("http://www.ncbi.nlm.nih.gov/refseq", "NM_000001.1")
    assert answer("81290-9") == ("http://varnomen.hgvs.org", "NC_000020.11:g.1234567G>A")
    assert answer("48004-6") == ("http://varnomen.hgvs.org", "NM_000001.1:c.100G>A")
    assert answer("48005-3") == ("http://varnomen.hgvs.org", "NP_000001.1:p.(Gly34Arg)")
    assert answer("48019-4") == ("http://www.sequenceontology.org", "SO:0001483")
    assert found["81254-5"]["valueRange"] == {"low": {"value": 1234567}}
    assert (found["69547-8"]["valueString"], found["69551-0"]["valueString"]) == ("G", "A")
    assert found["82121-5"]["valueQuantity"]["value"] == 21
    assert found["81258-6"]["valueQuantity"] == {"value": 0.4565, "system": "http://unitsofmeasure.org", "code": "1"}
    assert found["82309-6"]["valueCodeableConcept"] == {"text": "Family DNA"}
    other = components(second)
    assert other["81254-5"]["valueRange"] == {"low": {"value": 1240000}, "high": {"value": 1240002}}
    assert other["51958-7"]["valueCodeableConcept"] == {"text": "ENST00000000001.1"}
    assert "81290-9" not in other
    assert "82121-5" not in other


def test_every_observation_has_both_categories_of_the_guide() -> None:
    for observation in resources(report_bundle(CASE), "Observation"):
        codes = [category["coding"][0]["code"] for category in observation["category"]]
        assert codes == ["laboratory", "GE"]


def test_implication_phase_and_consequence() -> None:
    bundle = report_bundle(CASE)
    variants = with_profile(bundle, "variant")
    first, second = with_profile(bundle, "diagnostic-implication")
    assert first["derivedFrom"] == [{"reference": f"urn:uuid:{variants[0]['id']}"}]
    found = components(first)
    assert found["53037-8"]["valueCodeableConcept"]["coding"][0]["code"] == "LA26332-9"
    assert found["81259-4"]["valueCodeableConcept"] == {"text": "Developmental and epileptic encephalopathy"}
    assert found["condition-inheritance"]["valueCodeableConcept"]["coding"][0]["code"] == "HP:0000007"
    assert components(second)["53037-8"]["valueCodeableConcept"]["coding"][0]["code"] == "LA6668-3"
    (phase,) = with_profile(bundle, "sequence-phase-relationship")
    assert phase["code"]["coding"][0]["code"] == "82120-7"
    assert phase["valueCodeableConcept"]["coding"][0]["code"] == "Trans"
    assert phase["derivedFrom"] == [{"reference": f"urn:uuid:{variant['id']}"} for variant in variants]
    consequence = with_profile(bundle, "molecular-consequence")[1]["component"]
    assert consequence[0]["valueCodeableConcept"]["coding"][0]["code"] == "SO:0001589"
    assert consequence[1]["valueCodeableConcept"] == {"text": "a_term_of_tomorrow"}


def test_recurrence_is_a_number_and_a_sentence() -> None:
    (risk,) = resources(report_bundle(CASE), "RiskAssessment")
    assert risk["prediction"][0]["probabilityDecimal"] == 0.25
    assert risk["prediction"][0]["outcome"]["text"] == "25 % for each child of the same parents."


def test_synthetic_people_are_marked_on_every_resource_and_others_on_none() -> None:
    marked = [entry["resource"]["meta"]["security"][0]["code"] for entry in report_bundle(CASE)["entry"]]
    assert marked == ["HTEST"] * 14
    assert "HTEST" not in json.dumps(report_bundle(replace(CASE, synthetic=False)))


def test_same_case_gives_the_same_bytes_and_an_amendment_renews_the_same_resources() -> None:
    assert json.dumps(report_bundle(CASE)) == json.dumps(report_bundle(copy.deepcopy(CASE)))
    amended = replace(CASE, status=ReportStatus.AMENDED, issued=datetime(2027, 1, 5, tzinfo=UTC))
    before = [entry["fullUrl"] for entry in report_bundle(CASE)["entry"]]
    assert [entry["fullUrl"] for entry in report_bundle(amended)["entry"]] == before


def test_no_id_can_be_computed_from_the_national_number() -> None:
    other = replace(CASE, patient=replace(CASE.patient, identifier="29842012382"))
    (mine,) = resources(report_bundle(CASE), "Patient")
    (theirs,) = resources(report_bundle(other), "Patient")
    assert mine["id"] == theirs["id"] == str(uuid5(CASE.identifier, "patient"))


def test_a_report_without_findings() -> None:
    empty = replace(
        CASE,
        variants=(),
        implications=(),
        phases=(),
        relatives=(),
        specimen=None,
        order=None,
        recurrence=None,
        interpreters=(),
        quality=(),
        methods=(),
        limits=(),
        patient=ReportedPerson("P-1", Sex.UNKNOWN),
        synthetic=False,
    )
    bundle = report_bundle(empty)
    assert [entry["resource"]["resourceType"] for entry in bundle["entry"]] == ["DiagnosticReport", "Patient"]
    assert parse_report(bundle) == empty


def test_mitochondrion_is_named_by_its_reference_sequence() -> None:
    variant = ReportedVariant(
        "GRCh38", "MT", 3243, "A", "G", AllelicState.HETEROPLASMIC, Origin.UNKNOWN, reference_sequence="NC_012920.1"
    )
    case = replace(CASE, variants=(variant,), implications=(), phases=())
    assert "48000-4" not in components(with_profile(report_bundle(case), "variant")[0])
    assert parse_report(report_bundle(case)) == case
    with pytest.raises(ValueError, match="MT together with a reference sequence"):
        replace(variant, reference_sequence=None)


def test_markup_in_text_is_escaped_in_the_narrative() -> None:
    case = replace(CASE, conclusion="<script>alert(1)</script> & more")
    (report,) = resources(report_bundle(case), "DiagnosticReport")
    assert "<script>" not in report["text"]["div"]
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in report["text"]["div"]
    assert parse_report(report_bundle(case)) == case


variants = st.builds(
    ReportedVariant,
    build=st.sampled_from(["GRCh37", "GRCh38"]),
    chromosome=st.sampled_from(sorted(CHROMOSOMES)),
    position=st.integers(1, 250_000_000),
    ref=st.text("ACGTN", min_size=1, max_size=5),
    alt=st.text("ACGTN", min_size=1, max_size=5),
    allelic_state=st.none() | st.sampled_from(AllelicState),
    origin=st.sampled_from(Origin),
    gene=st.sampled_from(["GENEA", "GENE-B"]),
    gene_code=st.none() | st.just("HGNC:5"),
    depth_alt=st.none() | st.integers(0, 10_000),
    allele_fraction=st.none() | st.floats(0, 1).map(lambda share: round(share, 4)),
    consequences=st.lists(st.sampled_from(["missense_variant", "unheard_of"]), unique=True).map(tuple),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(variants, max_size=4, unique_by=str))
def test_round_trip_of_any_variants(found: list[ReportedVariant]) -> None:
    case = replace(CASE, variants=tuple(found), implications=(), phases=())
    assert parse_report(json.loads(json.dumps(report_bundle(case)))) == case


@pytest.mark.parametrize(
    ("ref", "alt", "code"),
    [
        ("G", "A", "SO:0001483"),
        ("GC", "AT", "SO:0002007"),
        ("G", "GA", "SO:0000667"),
        ("GA", "G", "SO:0000159"),
        ("GAC", "GT", "SO:1000032"),
    ],
)
def test_change_types(ref: str, alt: str, code: str) -> None:
    assert change_type(ref, alt)[0] == code


def test_class_to_significance() -> None:
    names = [Significance.of_class(number).value for number in range(1, 6)]
    assert names == ["benign", "likely_benign", "uncertain_significance", "likely_pathogenic", "pathogenic"]
    with pytest.raises(ValueError, match="ACMG class 6"):
        Significance.of_class(6)


def broken(change: str) -> dict:
    bundle = report_bundle(CASE)
    report = bundle["entry"][0]["resource"]
    variant = with_profile(bundle, "variant")[0]
    if change == "no report":
        del bundle["entry"][0]
    elif change == "no status":
        del report["status"]
    elif change == "unknown element":
        report["patientMood"] = "good"
    elif change == "dangling":
        report["subject"]["reference"] = "urn:uuid:00000000-0000-0000-0000-000000000000"
    elif change == "no alleles":
        variant["component"] = [part for part in variant["component"] if "valueString" not in part]
    elif change == "no conclusion":
        del report["conclusion"]
    elif change == "other build":
        components(variant)["62374-4"]["valueCodeableConcept"]["coding"][0]["code"] = "LA14031-1"
    return bundle


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("no report", "0 DiagnosticReport"),
        ("no status", "not valid FHIR R4"),
        ("unknown element", "not valid FHIR R4"),
        ("dangling", "leads to nothing"),
        ("no alleles", "69547-8 is missing"),
        ("no conclusion", "'conclusion' is missing"),
        ("other build", "build"),
    ],
)
def test_bundles_that_cannot_be_used_are_refused(change: str, problem: str) -> None:
    with pytest.raises(InputError, match=problem) as caught:
        parse_report(broken(change))
    assert caught.value.code == "fhir_report"


@pytest.mark.parametrize(
    "value", [{}, {"resourceType": "Patient"}, {"resourceType": "Bundle", "type": "odd", "entry": 3}]
)
def test_other_documents_are_refused(value: dict) -> None:
    with pytest.raises(InputError):
        parse_report(value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"conclusion": "  "}, "conclusion is empty"),
        ({"conclusion": "a\x00b"}, "control characters"),
        ({"issued": datetime(2026, 1, 1)}, "no time zone"),
        ({"variants": CASE.variants[:1]}, "not in the report"),
        ({"variants": (CASE.variants[0], CASE.variants[0])}, "stands twice"),
        ({"implications": (CASE.implications[0], CASE.implications[0])}, "two implications"),
    ],
)
def test_a_case_that_cannot_be_true_cannot_be_made(change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(CASE, **change)


def test_a_term_needs_both_or_neither_of_system_and_code() -> None:
    with pytest.raises(ValueError, match="a system and a code, or neither"):
        Term("Seizure", code="HP:0001250")
