"""The pages of the first half, per role: what they show, and that a refusal changes nothing and is logged."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from varde_node.lab import services
from varde_node.lab.models import CaseState, VariantFile
from varde_node.people.models import AuditEntry
from varde_node.people.services import Role

OURS = ("", "samples/", "files/", "quality/", "panel/")


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())).replace("\u202f", " ")


def questions(client, address: str) -> int:
    """Questions to the database, without those of the trail's tree, whose number follows from how far it has grown."""
    with CaptureQueriesContext(connection) as asked:
        client.get(address)
    return sum("auditnode" not in one["sql"] for one in asked.captured_queries)


@pytest.mark.parametrize("role", [Role.LABORATORY_GENETICIST, Role.SECOND_READER])
def test_the_work_list_shows_initials_age_and_state_but_no_name(role, open_demo_case, client_as) -> None:
    case = open_demo_case("solberg")
    shown = text_of(client_as(role).get("/lab/"))
    assert case.row.number in shown
    assert "I.S. 4 years" in shown
    assert "Waiting for samples" in shown
    assert "Quality not evaluated" in shown
    assert "Solberg" not in shown
    assert "60 days left" in shown


def test_the_work_list_filters_by_state_and_text(open_demo_case, client_as) -> None:
    number = open_demo_case("solberg").row.number
    client = client_as(Role.LABORATORY_GENETICIST)
    shows = {
        address: number in client.get(address).content.decode()
        for address in (
            "/lab/",
            "/lab/?state=ordered",
            "/lab/?state=signed",
            "/lab/?state=overdue",
            "/lab/?state=all&text=HP:0001250",
            "/lab/?text=epileptiske+" + number[-4:],
            "/lab/?text=nowhere",
        )
    }
    assert list(shows.values()) == [True, True, False, False, True, True, False]


def test_an_overdue_case_says_by_how_many_days(open_demo_case, client_as) -> None:
    from datetime import timedelta

    from django.utils import timezone

    row = open_demo_case("solberg").row
    row.due_on = timezone.localdate() - timedelta(days=3)
    row.save()
    shown = text_of(client_as(Role.SECOND_READER).get("/lab/?state=overdue"))
    assert "3 days overdue" in shown


@pytest.mark.parametrize("page", OURS)
def test_another_laboratory_is_refused_and_the_refusal_is_logged(page, analysed_case, client_as, people) -> None:
    case = analysed_case("solberg")
    client = client_as(Role.LABORATORY_GENETICIST, name="b", organisation=people.other_laboratory)
    assert case.row.number not in client.get("/lab/?state=all").content.decode()
    before = AuditEntry.objects.filter(outcome="refused").count()
    response = client.get(f"/lab/cases/{case.id}/{page}")
    assert response.status_code == 403
    assert "Ida" not in response.content.decode()
    assert AuditEntry.objects.filter(outcome="refused").count() == before + 1


@pytest.mark.parametrize(
    "role", [Role.CLINICIAN, Role.COUNSELLOR, Role.PATIENT, Role.REGISTER_MANAGER, Role.ADMINISTRATOR]
)
@pytest.mark.parametrize("page", OURS)
def test_other_roles_are_refused(role, page, open_demo_case, client_as) -> None:
    case = open_demo_case("solberg")
    assert client_as(role).get(f"/lab/cases/{case.id}/{page}").status_code == 403


@pytest.mark.parametrize("page", OURS)
def test_each_page_of_an_analysed_case_names_it_once_and_writes_one_look(page, analysed_case, client_as) -> None:
    case = analysed_case("solberg")
    client = client_as(Role.LABORATORY_GENETICIST)
    before = AuditEntry.objects.filter(object_id=str(case.id)).count()
    response = client.get(f"/lab/cases/{case.id}/{page}")
    assert response.status_code == 200
    assert response.content.decode().count("<h1") == 1
    assert AuditEntry.objects.filter(object_id=str(case.id)).count() == before + 1


def test_tubes_are_registered_from_the_page(open_demo_case, client_as) -> None:
    case = open_demo_case("solberg")
    client = client_as(Role.LABORATORY_GENETICIST)
    child, mother, father = (case.row.samples.get(role=role) for role in ("child", "mother", "father"))
    address = f"/lab/cases/{case.id}/samples/receive/"
    assert client.post(address, {f"barcode-{child.id}": " solberg-barn "}).status_code == 302
    assert case.row.state == CaseState.ORDERED
    both = {f"barcode-{mother.id}": "solberg-mor", f"barcode-{father.id}": "solberg-mor"}
    refused = client.post(address, both)
    assert refused.status_code == 422
    assert "belongs to another person" in text_of(refused)
    assert [sample.received_at for sample in case.row.samples.exclude(id=child.id)] == [None, None]
    assert 'value="solberg-mor"' in refused.content.decode()
    both[f"barcode-{father.id}"] = "solberg-far"
    assert client.post(address, both).status_code == 302
    assert case.row.state == CaseState.SAMPLES_RECEIVED
    assert sorted(case.row.samples.values_list("name", flat=True)) == ["solberg-barn", "solberg-far", "solberg-mor"]


@pytest.mark.parametrize("typed", [{}, {"barcode-x": "1"}])
def test_an_empty_or_foreign_form_of_tubes_changes_nothing(typed, open_demo_case, client_as) -> None:
    case = open_demo_case("solberg")
    response = client_as(Role.LABORATORY_GENETICIST).post(f"/lab/cases/{case.id}/samples/receive/", typed)
    assert response.status_code == (422 if not typed else 404)
    assert case.row.samples.filter(received_at=None).count() == 3


def test_a_file_is_uploaded_from_the_page_and_analysed(open_demo_case, receive_all, client_as, run_jobs) -> None:
    case = open_demo_case("solberg")
    receive_all(case)
    client = client_as(Role.LABORATORY_GENETICIST)
    with run_jobs():
        response = client.post(
            f"/lab/cases/{case.id}/files/", {"file": SimpleUploadedFile("family.vcf.gz", case.vcf.read_bytes())}
        )
        assert response.status_code == 302
        assert case.row.state == CaseState.ANALYSING
        waiting = text_of(client.get(f"/lab/cases/{case.id}/files/"))
        assert "Waiting" in waiting
        assert "The job's own page" in waiting
    assert case.row.state == CaseState.INTERPRETATION
    shown = text_of(client.get(f"/lab/cases/{case.id}/files/"))
    assert "family.vcf.gz" in shown
    assert "solberg-barn, solberg-mor, solberg-far" in shown


def test_the_quality_page_shows_every_light_with_value_threshold_and_source(analysed_case, client_as) -> None:
    case = analysed_case("solberg")
    stored = case.row.analyses.get().quality["metrics"]
    measured = {(one["name"], one["sample"]): one["value"] for one in stored}
    shown = text_of(client_as(Role.SECOND_READER).get(f"/lab/cases/{case.id}/quality/"))
    family = [f"solberg-{name}" for name in ("barn", "mor", "far")]
    ratios = " ".join(f"{measured['ti_tv', name]:.2f} ✓ Passed" for name in family)
    assert f"{ratios} 2.6 to 3.1 Common laboratory practice" in shown
    depths = " ".join(f"{measured['mean_depth', name]:.0f}× ✓ Passed" for name in family)
    assert f"{depths} &gt;= 80" in shown
    kinship = measured["kinship", "solberg-barn / solberg-mor"]
    assert f"Kinship: Child – Mother {kinship:.3f} ✓ Passed 0.25 (0.177 to 0.354)" in shown
    assert "Mendel errors: Child 0.0000 ✓ Passed" in shown
    assert "Alleles called on Y – Not evaluated – Not evaluated – Not evaluated" in shown
    assert "Quality passed" in shown
    assert "Override" not in shown


def test_a_red_light_is_explained_and_only_a_second_reader_may_override_it(analysed_case, client_as) -> None:
    case = analysed_case("berg")
    address = f"/lab/cases/{case.id}/quality/"
    geneticist, reader = client_as(Role.LABORATORY_GENETICIST), client_as(Role.SECOND_READER)
    shown = text_of(geneticist.get(address))
    assert "Quality stops" in shown
    assert "The data look male, declared is female" in shown
    assert "Only a second reader can let the case go on" in shown
    assert geneticist.post(f"{address}override/", {"reason": "the tubes were exchanged"}).status_code == 403
    short = reader.post(f"{address}override/", {"reason": " too few "})
    assert short.status_code == 422
    assert "fewer than 10 characters" in text_of(short)
    assert case.row.state == CaseState.QUALITY_STOP
    assert reader.post(f"{address}override/", {"reason": "Tubes exchanged, see note 7."}).status_code == 302
    assert case.row.state == CaseState.INTERPRETATION
    assert "Overridden" in text_of(geneticist.get(address))
    again = reader.post(f"{address}override/", {"reason": "Tubes exchanged, see note 7."})
    assert again.status_code == 422


def test_the_panel_page_lists_its_genes_and_finds_them_in_the_transcripts(open_demo_case, client_as) -> None:
    case = open_demo_case("solberg")
    shown = text_of(client_as(Role.LABORATORY_GENETICIST).get(f"/lab/cases/{case.id}/panel/"))
    assert "Utviklingsforstyrrelse og epilepsi (demo) 1.0" in shown
    assert f"Genes {len(case.row.panel.genes)}" in shown
    assert "Every gene is in the transcript set" in shown


def test_the_panel_page_names_genes_that_the_transcripts_lack(
    demo, open_demo_case, actor_as, client_as, tmp_path
) -> None:
    table = tmp_path / "panel.tsv"
    table.write_text("# name: Other\n# version: 2\ngene\tconfidence\nDEMO01\tgreen\nNOSUCH1\tamber\n")
    services.store_panel(actor_as(Role.LABORATORY_GENETICIST), table)
    case = open_demo_case("solberg", panel_name="Other", panel_version="2")
    shown = text_of(client_as(Role.LABORATORY_GENETICIST).get(f"/lab/cases/{case.id}/panel/"))
    assert "1 gene is not in the transcript set" in shown
    assert "not looked at. NOSUCH1" in shown


def test_an_unknown_case_is_not_found(client_as, demo) -> None:
    client = client_as(Role.LABORATORY_GENETICIST)
    assert client.get("/lab/cases/00000000-0000-4000-8000-000000000000/").status_code == 404


@pytest.mark.parametrize("page", ["/lab/?state=all", *(f"case/{page}" for page in OURS)])
def test_pages_ask_a_bounded_number_of_questions(
    page, analysed_case, open_demo_case, client_as, django_assert_max_num_queries
) -> None:
    case = analysed_case("solberg")
    open_demo_case("nilsen")
    client = client_as(Role.LABORATORY_GENETICIST)
    address = page.replace("case/", f"/lab/cases/{case.id}/")
    client.get(address)
    with django_assert_max_num_queries(45):
        client.get(address)


def test_the_list_asks_as_many_questions_for_four_cases_as_for_one(open_demo_case, client_as) -> None:
    open_demo_case("solberg")
    client = client_as(Role.LABORATORY_GENETICIST)
    client.get("/lab/")
    of_one = questions(client, "/lab/")
    for family in ("nilsen", "berg", "solberg"):
        open_demo_case(family)
    assert questions(client, "/lab/") == of_one
    assert len({row.id for row in client.get("/lab/").context["list"].rows}) == 4


def test_nothing_is_stored_of_files_for_a_case_without_tubes(open_demo_case, client_as) -> None:
    case = open_demo_case("solberg")
    response = client_as(Role.LABORATORY_GENETICIST).post(
        f"/lab/cases/{case.id}/files/", {"file": SimpleUploadedFile("a.vcf", b"##fileformat=VCFv4.2\n")}
    )
    assert response.status_code == 422
    assert "Not every tube has arrived" in text_of(response)
    assert VariantFile.objects.count() == 0
