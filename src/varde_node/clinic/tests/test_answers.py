"""Answers: made when the second signature falls, frozen, read by clinic and family, and given as FHIR."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import translation
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.capabilitystatement import CapabilityStatement
from fhir.resources.R4B.operationoutcome import OperationOutcome

from varde.fhir import parse_report
from varde.genome.errors import InputError
from varde.interpretation.recurrence import TEXTS as RECURRENCE_TEXTS
from varde_node.clinic import queries, services, words
from varde_node.clinic.clinician_answer import clinician_document, frequency_sentence
from varde_node.clinic.content import from_plain, to_plain
from varde_node.clinic.family_answer import family_document
from varde_node.clinic.models import Answer, Order
from varde_node.clinic.tests.conftest import no_finding
from varde_node.lab.contracts import NOT_LOOKED_AT, announce_signed
from varde_node.people.models import AuditEntry
from varde_node.people.services import AccessDenied, Role


def test_a_signed_case_becomes_the_orders_answer_once(answered, signed_order) -> None:
    announce_signed(answered)
    assert [(one.order_id, one.version) for one in Answer.objects.all()] == [(signed_order, 1)]
    assert Order.objects.get().state == "answered"
    assert from_plain(Answer.objects.get().content) == answered


def test_a_corrected_case_is_a_new_version_and_the_old_one_stays(answered) -> None:
    announce_signed(replace(answered, summary="Corrected."))
    assert [(one.version, one.content["summary"]) for one in Answer.objects.order_by("version")] == [
        (1, "Two null variants in trans in DEMO17."),
        (2, "Corrected."),
    ]
    status = [one.fhir_bundle["entry"][0]["resource"]["status"] for one in Answer.objects.order_by("version")]
    assert status == ["final", "corrected"]


def test_the_plain_values_read_back_are_the_case(signed_case) -> None:
    plain = json.loads(json.dumps(to_plain(signed_case)))
    assert from_plain(plain) == signed_case
    assert from_plain(plain).signed_at.microsecond == 123456


@pytest.fixture
def as_migrated(answered) -> None:
    """The triggers as the migration makes them: the test run itself works without the one against deleting."""
    migration = import_module("varde_node.clinic.migrations.0002_answers_are_frozen")
    execute = connection.cursor().execute
    for verb in ("update", "delete"):
        on = " ON clinic_answer" if connection.vendor == "postgresql" else ""
        execute(f"DROP TRIGGER IF EXISTS clinic_answer_no_{verb}{on}")
    migration.install(None, SimpleNamespace(connection=connection, execute=execute))


@pytest.mark.parametrize("change", [{"content": {}}, {"fhir_bundle": {}}, {"version": 7}])
def test_the_database_refuses_to_change_or_delete_an_answer(answered, as_migrated, change) -> None:
    before = Answer.objects.values().get()
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Answer.objects.update(**change)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Answer.objects.all().delete()
    assert Answer.objects.values().get() == before


def test_the_first_reading_by_the_clinic_is_noted_and_the_laboratorys_is_not(answered, actor_as, signed_order) -> None:
    queries.answer(actor_as(Role.LABORATORY_GENETICIST), signed_order)
    assert Answer.objects.get().read_by_clinician_at is None
    queries.answer(actor_as(Role.CLINICIAN), signed_order)
    first = Answer.objects.get().read_by_clinician_at
    queries.answer(actor_as(Role.CLINICIAN), signed_order)
    assert first is not None
    assert Answer.objects.get().read_by_clinician_at == first


@pytest.mark.parametrize(
    ("role", "chosen"),
    [
        (Role.CLINICIAN, {"organisation": "other_clinic"}),
        (Role.COUNSELLOR, {"organisation": "other_clinic"}),
        (Role.SECOND_READER, {"organisation": "other_laboratory"}),
        (Role.PATIENT, {"person": "stranger"}),
        (Role.DATA_PROTECTION_OFFICER, {}),
        (Role.REGISTER_MANAGER, {}),
    ],
)
@pytest.mark.parametrize(
    "path", ["/answers/{}/", "/answers/{}/family/", "/answers/{}/pdf/", "/fhir/DiagnosticReport/{}"]
)
def test_others_are_refused_and_the_refusal_is_logged(
    client_as, people, answered, signed_order, role, chosen, path
) -> None:
    client = client_as(role, **{key: getattr(people, value) for key, value in chosen.items()})
    before = AuditEntry.objects.filter(outcome="refused").count()
    answer = client.get(path.format(signed_order))
    assert answer.status_code == 403
    assert b"DEMO17" not in answer.content
    assert AuditEntry.objects.filter(outcome="refused").count() == before + 1
    assert Answer.objects.get().read_by_clinician_at is None


def test_the_family_reads_when_it_is_shared_and_not_before(client_as, people, answered, signed_order) -> None:
    mother = client_as(Role.PATIENT, person=people.mother)
    assert mother.get(f"/answers/{signed_order}/family/").status_code == 404
    assert mother.get(f"/fhir/DiagnosticReport/{signed_order}").status_code == 404
    assert b"Not ready yet" in mother.get("/my/answers/").content
    clinician = client_as(Role.CLINICIAN)
    assert clinician.get(f"/answers/{signed_order}/family/").status_code == 200
    assert clinician.post(f"/answers/{signed_order}/share/").status_code == 302
    page = mother.get(f"/answers/{signed_order}/family/")
    assert page.status_code == 200
    assert b"the chance is 1 in 4 (25\xc2\xa0%)" in page.content or b"the chance is 1 in 4 (25 %)" in page.content
    assert b"The answer is ready" in mother.get("/my/answers/").content
    assert mother.get(f"/fhir/DiagnosticReport/{signed_order}").status_code == 200
    assert mother.get(f"/answers/{signed_order}/").status_code == 403
    assert client_as(Role.PATIENT, person=people.stranger).get("/my/answers/").content.count(b"Ada") == 0


def test_a_corrected_answer_is_not_shown_to_the_family_before_it_is_shared(
    client_as, people, answered, signed_order
) -> None:
    client_as(Role.CLINICIAN).post(f"/answers/{signed_order}/share/")
    announce_signed(no_finding(answered))
    mother = client_as(Role.PATIENT, person=people.mother)
    assert b"We have found the cause" in mother.get(f"/answers/{signed_order}/family/").content


def test_sharing_without_an_answer_is_refused(actor_as, signed_order) -> None:
    with pytest.raises(InputError, match="no answer yet"):
        services.share_with_family(actor_as(Role.CLINICIAN), signed_order)


def test_the_laboratory_may_not_share(actor_as, answered, signed_order) -> None:
    with pytest.raises(AccessDenied):
        services.share_with_family(actor_as(Role.LABORATORY_GENETICIST), signed_order)
    assert Answer.objects.get().shared_with_family_at is None


# What the answers say


def facts_of(actor_as, case, signed_order):
    announce_signed(case)
    return queries.family_answer(actor_as(Role.CLINICIAN), signed_order)


def text_of(document) -> str:
    return "\n".join(document.texts())


def test_the_clinicians_answer_holds_everything_of_the_case(actor_as, signed_case, signed_order) -> None:
    document = clinician_document(facts_of(actor_as, signed_case, signed_order))
    assert [section.key for section in document.sections] == [
        "meaning", "options", "findings", "variant-1", "variant-2", "not-looked-at", "quality", "method", "signatures",
    ]  # fmt: skip
    text = text_of(document)
    for said in (
        "The finding explains the child's disease.",
        "the risk of the disease is 25 %; the probability of being a healthy carrier is 50 %.",
        "prenatal and preimplantation diagnosis",
        "ENST00000000017.1:c.100C>T",
        "Class 5, pathogenic; 10 points by ACMG/AMP 2015 by points (Tavtigian 2020)",
        "PVS1 (very strong), PM2 (supporting)",
        "Child 21 of 45; Mother 19 of 39; Father 0 of 44",
        "Not seen among 2\u202f720 alleles",
        "Deletions and duplications of whole exons or genes (copy number variants).",
        "Genes of the panel that the transcript set lacks: DEMO03, DEMO04.",
        "1 of 1 quality checks are good.",
        "1 checks could not be evaluated: the files lack what they need.",
        "Kari Lunde, 20 Nov 2026, 10:00",
        "Nils Moe, 20 Nov 2026, 14:30",
        "The panel gave no certain finding.",
        "Alleles read: 9\u202f940; Frequency: 9\u202f000",
        "bcftools csq 1.24",
        "not a certified medical device (IVDR)",
    ):
        assert said in text
    table = document.section("findings").blocks[0]
    assert table.rows[0] == (
        "DEMO17",
        "c.100C>T",
        "p.(Arg34Ter)",
        "Class 5, pathogenic",
        "0/1",
        "0/1",
        "0/0",
    )


def test_an_overridden_quality_light_is_said_at_the_top_and_under_quality(actor_as, signed_case, signed_order) -> None:
    overridden = replace(signed_case, quality_override={"by": "Nils Moe", "reason": "Kinship was checked by STR."})
    document = clinician_document(facts_of(actor_as, overridden, signed_order))
    assert "A red quality light was overridden." in "\n".join(
        block.text for block in document.section("meaning").blocks if block.kind == "caution"
    )
    assert "A red light was overridden by Nils Moe: Kinship was checked by STR." in text_of(document)


FAMILY_CASES = {
    "recessive": (
        {},
        ["has two changes in this gene: one from the mother and one from the father", "the chance is 1 in 4 (25 %)",
         "2 of 4 are healthy and carry one change", "Therefore you are healthy"],
        ["new in Ada"],
    ),
    "homozygous": (
        {"inheritance_mode": "homozygous_recessive"},
        ["the same change in both copies of this gene", "the chance is 1 in 4 (25 %)"],
        ["one from the mother and one from the father"],
    ),
    "de_novo": (
        {"inheritance_mode": "de_novo", "recurrence": {"key": "recurrence.de_novo", "parameters": {"percent": 1.0},
                                                       "probability": 0.01, "prenatal_options": True}},
        ["The change is new in Ada. We did not find it in the mother or the father.", "about 1 in 100 (1 %)",
         "About 1 of 100 gets the disease"],
        ["1 in 4", "from the mother and one"],
    ),
    "x_linked": (
        {"inheritance_mode": "x_linked_recessive",
         "recurrence": {"key": "recurrence.x_recessive", "parameters": {"percent": 25.0}, "prenatal_options": True}},
        ["Ada has the change from the mother", "If the mother has another son, the chance is 1 in 2 (50 %)",
         "Of two daughters: 1 is a healthy carrier, 1 is not"],
        ["1 in 4"],
    ),
    "unphased": (
        {"inheritance_mode": "compound_heterozygous_unphased",
         "recurrence": {"key": "recurrence.unknown.unphased", "parameters": {}, "prenatal_options": False}},
        ["We cannot give you a number for another child yet."],
        ["1 in 4", "Nobody has to"],
    ),
    "possible": (
        {"conclusion": "possible"},
        ["may be the cause of Ada's disease, but we are not certain", "It may turn out to mean nothing."],
        ["1 in 4", "If you want more children", "We have found the cause"],
    ),
    "nothing": (
        {"conclusion": "no_certain_finding", "gene": "", "inheritance_mode": "", "variants": (), "recurrence": None},
        ["We have not found a certain cause of Ada's disease.", "This does not mean that there is no cause."],
        ["1 in 4", "If you want more children", "DEMO17"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("changed", "said", "unsaid"), FAMILY_CASES.values(), ids=FAMILY_CASES)
def test_the_family_is_told_what_was_found_and_nothing_that_was_not(
    actor_as, signed_case, signed_order, changed, said, unsaid
) -> None:
    text = text_of(family_document(facts_of(actor_as, replace(signed_case, **changed), signed_order)))
    assert [sentence for sentence in said if sentence not in text] == []
    assert [sentence for sentence in unsaid if sentence in text] == []
    assert "Pieces of a chromosome that are missing or doubled were not looked for." in text
    assert "Some genes of the list could not be examined: DEMO03, DEMO04." in text
    assert "Call Prøveby hospital, children's clinic and ask for Clinician A." in text


def test_ill_parents_are_not_called_healthy(actor_as, signed_case, signed_order) -> None:
    Order.objects.update(mother_affected=True)
    assert "healthy." not in text_of(family_document(facts_of(actor_as, signed_case, signed_order))).split("If you")[0]


def test_the_family_is_told_whether_it_is_counted(actor_as, answered, signed_order, people) -> None:
    clinician = actor_as(Role.CLINICIAN)
    counted = text_of(family_document(queries.family_answer(clinician, signed_order)))
    assert "You have agreed that your variants are counted in the anonymous register." in counted


def test_every_key_has_its_sentences_in_every_language() -> None:
    assert (
        set(words.RECURRENCE) == set(words.FAMILY_RECURRENCE) == set(RECURRENCE_TEXTS) - {"recurrence.prenatal_options"}
    )
    assert set(words.LIMITS) == set(words.FAMILY_LIMITS) == set(NOT_LOOKED_AT)
    tables = (words.RECURRENCE, words.FAMILY_RECURRENCE, words.LIMITS, words.FAMILY_LIMITS, words.MODES)
    sentences = [text for table in tables for text in table.values()]
    sentences += list(words.CONCLUSIONS.values())
    said = {}
    for language in ("en", "nb", "nn"):
        with translation.override(language):
            said[language] = [str(text) for text in sentences]
    for other in ("nb", "nn"):
        assert [text for text, own in zip(said["en"], said[other], strict=True) if text == own] == []


def test_a_key_that_is_not_known_is_shown_and_not_lost() -> None:
    assert words.sentence(words.LIMITS, "something_new", {}) == "Not described further: something_new"


@pytest.mark.parametrize(
    ("frequency", "sentence"),
    [
        ({"state": "observed", "ac": 3, "an": 2720, "af": 3 / 2720}, "3 of 2\u202f720 alleles (0.11\u00a0%)"),
        ({"state": "absent_covered", "an": 2720}, "Not seen among 2\u202f720 alleles"),
        ({"state": "not_covered"}, "The place is not covered: nothing is known"),
        ({}, "Not evaluated"),
    ],
)
def test_not_covered_is_never_absent(frequency, sentence) -> None:
    assert frequency_sentence(frequency) == sentence


def test_page_and_pdf_say_the_same(client_as, answered, signed_order, tmp_path) -> None:
    client = client_as(Role.CLINICIAN)
    for path in (f"/answers/{signed_order}/", f"/answers/{signed_order}/family/"):
        page, pdf = client.get(path), client.get(f"{path}pdf/")
        assert (page.status_code, pdf["Content-Type"]) == (200, "application/pdf")
        assert pdf.content.startswith(b"%PDF-1.7")
        assert client.get(f"{path}pdf/").content == pdf.content
        document = page.context["document"]
        shown = " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())
        for text in document.texts():
            assert " ".join(_escaped(text).split()) in shown


def _escaped(text: str) -> str:
    from django.utils.html import escape

    return escape(text)


# FHIR


def test_the_report_is_a_valid_bundle_of_the_newest_answer(client_as, answered, signed_order, people) -> None:
    response = client_as(Role.CLINICIAN).get(f"/fhir/DiagnosticReport/{signed_order}")
    assert (response.status_code, response["Content-Type"]) == (200, "application/fhir+json")
    Bundle.model_validate(response.json())
    report = parse_report(response.json())
    assert report.identifier == signed_order
    assert [(one.position, one.ref, one.alt, one.origin.value) for one in report.variants] == [
        (4101, "G", "A", "maternal"),
        (5202, "CAG", "C", "paternal"),
    ]
    assert [one.significance.value for one in report.implications] == ["pathogenic", "likely_pathogenic"]
    assert [one.relation.value for one in report.phases] == ["Trans"]
    assert (report.recurrence.probability, report.interpreters) == (0.25, ("Kari Lunde", "Nils Moe"))
    assert report.patient.birth_date == date(2022, 8, 14)
    assert report.issued == datetime(2026, 11, 20, 13, 30, tzinfo=UTC)
    assert report.synthetic is True
    assert [one.code for one in report.order.reasons] == ["HP:0001263", "HP:0001250"]
    assert len(report.limits) == 3


def test_the_bundle_is_the_same_whatever_the_readers_language(answered, client_as, signed_order) -> None:
    from varde_node.clinic.report import bundle_of

    order = Order.objects.get()
    bundles = []
    for language in ("nb", "nn", "en"):
        with translation.override(language):
            bundles.append(json.dumps(bundle_of(order, answered, version=1), sort_keys=True))
    assert len(set(bundles)) == 1
    assert bundles[0] == json.dumps(Answer.objects.get().fhir_bundle, sort_keys=True)


def test_no_finding_gives_a_report_without_observations(client_as, signed_case, signed_order) -> None:
    announce_signed(no_finding(signed_case))
    bundle = client_as(Role.CLINICIAN).get(f"/fhir/DiagnosticReport/{signed_order}").json()
    assert {entry["resource"]["resourceType"] for entry in bundle["entry"]} == {
        "DiagnosticReport",
        "Patient",
        "RelatedPerson",
        "ServiceRequest",
    }
    assert "No certain genetic cause was found." in bundle["entry"][0]["resource"]["conclusion"]


def test_errors_of_the_endpoint_are_outcomes(client_as, people, signed_order, answered) -> None:
    missing = client_as(Role.CLINICIAN).get("/fhir/DiagnosticReport/00000000-0000-4000-8000-000000000000")
    refused = client_as(Role.CLINICIAN, organisation=people.other_clinic).get(f"/fhir/DiagnosticReport/{signed_order}")
    for response, status, code in ((missing, 404, "not-found"), (refused, 403, "forbidden")):
        assert (response.status_code, response["Content-Type"]) == (status, "application/fhir+json")
        OperationOutcome.model_validate(response.json())
        assert response.json()["issue"][0]["code"] == code


def test_the_capability_statement_says_what_there_is(client) -> None:
    response = client.get("/fhir/metadata")
    CapabilityStatement.model_validate(response.json())
    rest = response.json()["rest"][0]["resource"]
    assert [(one["type"], [act["code"] for act in one["interaction"]]) for one in rest] == [
        ("DiagnosticReport", ["read"])
    ]
