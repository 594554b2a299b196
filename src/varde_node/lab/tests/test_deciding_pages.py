"""The pages of deciding: script in a field stays text, another laboratory gets nothing, nothing typed is lost."""

from __future__ import annotations

import re
from html import unescape
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.conf import settings as node_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.html import strip_tags

from varde_node.lab import contracts, queries, services
from varde_node.lab.models import (
    Assessment,
    Assignment,
    Attachment,
    CaseState,
    Comment,
    Confirmation,
    Dismissal,
    LaboratoryRules,
    LiteratureReference,
    Reopening,
    SavedView,
)
from varde_node.lab.tests.interpretation_steps import (
    FROM_FATHER,
    FROM_MOTHER,
    REASON,
    REASONING,
    assess_both,
    consent_of_parents,
    send,
    sign,
)
from varde_node.lab.tests.test_file_content import PLAIN_PDF, pdf
from varde_node.people.services import Role

SCRIPT = "<script>alert('x')</script>"
VARIANT = f"variants/{FROM_FATHER}/"


def text_of(response) -> str:
    return re.sub(r"\s+", " ", unescape(strip_tags(response.content.decode())))


def address(case, page: str) -> str:
    return f"/lab/cases/{case.id}/{page}"


@pytest.fixture(autouse=True)
def no_clinic(monkeypatch):
    """The orders of these cases are no rows of the clinic's."""
    monkeypatch.setattr(contracts, "_signed_handlers", [])


@pytest.fixture
def opened_case(analysed_case, people, actor_as):
    case = analysed_case("solberg")
    consent_of_parents(case, people, actor_as)
    services.open_all_genes(actor_as(Role.LABORATORY_GENETICIST), case.id, REASON)
    return case


def test_two_editors_see_both_texts(opened_case, client_as):
    one, other = client_as(Role.LABORATORY_GENETICIST), client_as(Role.SECOND_READER)
    page = address(opened_case, VARIANT)
    shown = other.get(page)
    token = re.search(r'name="seen" value="([^"]+)"', shown.content.decode()).group(1)
    body = {"chosen_class": "3", "reasoning": "I doubt it: PVS1 is too strong here.", "seen": token}
    assert send(one, page, {"chosen_class": "5", "reasoning": REASONING, "in_answer": "yes"}).status_code == 302
    refused = other.post(page, body)
    assert refused.status_code == 422
    told = text_of(refused)
    assert "Somebody has saved here since you opened the page." in told
    assert REASONING in told
    assert "Laboratory Geneticist A" in told
    assert "I doubt it: PVS1 is too strong here." in told
    assert Assessment.objects.count() == 1
    again = re.search(r'name="seen" value="([^"]+)"', refused.content.decode()).group(1)
    assert other.post(page, {**body, "seen": again}).status_code == 302
    assert list(Assessment.objects.order_by("number").values_list("chosen_class", flat=True)) == [5, 3]


def test_a_form_without_the_token_is_refused(opened_case, client_as):
    client = client_as(Role.LABORATORY_GENETICIST)
    bare = {"chosen_class": "5", "reasoning": REASONING, "in_answer": "yes"}
    assert client.post(address(opened_case, VARIANT), bare).status_code == 422
    assert not Assessment.objects.exists()


def test_an_outdated_round_is_not_approved_by_the_form(opened_case, client_as):
    author, second = client_as(Role.SECOND_READER, name="author"), client_as(Role.SECOND_READER, name="second")
    assess_both(author.actor, opened_case)
    sign(author.actor, opened_case)
    page = address(opened_case, "approval/")
    token = re.search(r'name="seen" value="([^"]+)"', second.get(page).content.decode()).group(1)
    services.return_interpretation(second.actor, opened_case.id, "Look again.")
    sign(author.actor, opened_case)
    refused = second.post(page, {"act": "approve", "seen": token})
    assert refused.status_code == 422
    assert opened_case.row.state == CaseState.APPROVAL
    assert send(second, page, {"act": "approve"}).status_code == 302


def test_the_loser_of_two_conclusions_keeps_the_text(opened_case, client_as):
    one, other = client_as(Role.SECOND_READER, name="one"), client_as(Role.SECOND_READER, name="other")
    assess_both(one.actor, opened_case)
    page = address(opened_case, "interpretation/")
    token = re.search(r'name="seen" value="([^"]+)"', other.get(page).content.decode()).group(1)
    sign(one.actor, opened_case)
    lost = {"conclusion": "possible", "summary": "My own careful words.", "seen": token}
    refused = other.post(page, lost)
    assert refused.status_code == 422
    assert "Your own text, not storedMy own careful words." in text_of(refused)


def test_an_earlier_class_is_taken_over_by_the_form(opened_case, analysed_case, people, actor_as, client_as):
    client = client_as(Role.LABORATORY_GENETICIST)
    before = services.assess_variant(
        client.actor, opened_case.id, FROM_FATHER, chosen_class=4, reasoning="Of March.", in_answer=True
    )
    later = analysed_case("solberg")
    consent_of_parents(later, people, actor_as)
    services.open_all_genes(client.actor, later.id, REASON)
    page = address(later, VARIANT)
    assert f"?use={before}#assess" in client.get(page).content.decode()
    filled = client.get(f"{page}?use={before}").content.decode()
    assert '<option value="4" data-key="4" selected>' in filled
    assert ">Of March.</textarea>" in filled
    assert f'name="based_on" value="{before}"' in filled
    body = {"chosen_class": "4", "reasoning": "Of March.", "in_answer": "yes", "based_on": str(before)}
    assert send(client, page, body).status_code == 302
    assert f"Taken over from {opened_case.row.number}: class 4" in text_of(client.get(page))


FIELDS = {
    "assessment": (VARIANT, {"chosen_class": "5", "reasoning": SCRIPT, "in_answer": "yes"}),
    "dismissal": (
        f"{VARIANT}dismiss/",
        {"dismissal_reason": "other", "dismissal_comment": SCRIPT},
    ),
    "comment": ("notes/", {"act": "comment", "variant": FROM_FATHER, "text": SCRIPT}),
    "discussion": ("notes/", {"act": "discuss", "text": SCRIPT}),
    "reference": (
        "notes/",
        {"act": "reference", "variant": FROM_FATHER, "build": "GRCh38", "reference": "1", "note": SCRIPT},
    ),
    "gap": ("notes/", {"act": "order", "gap": SCRIPT, "method": "sanger", "note": SCRIPT}),
    "handing over": ("assign/", {"to": "me", "note": SCRIPT}),
}


@pytest.mark.parametrize("name", FIELDS)
def test_script_in_a_text_field_stays_text(name, opened_case, client_as):
    client = client_as(Role.LABORATORY_GENETICIST)
    page, body = FIELDS[name]
    token = re.search(r'name="seen" value="([^"]+)"', client.get(address(opened_case, VARIANT)).content.decode())
    assert client.post(address(opened_case, page), {"seen": token.group(1), **body}).status_code == 302
    rows = (Assessment, Dismissal, Comment, LiteratureReference, Confirmation, Assignment)
    assert sum(model.objects.count() for model in rows) == 1
    shown = [
        client.get(address(opened_case, one)).content.decode() for one in (VARIANT, "interpretation/", "notes/", "")
    ]
    assert all("<script>alert" not in one for one in shown)
    assert any("&lt;script&gt;alert" in one for one in shown)


COMMANDS = {
    "dismiss": (f"{VARIANT}dismiss/", {"dismissal_reason": "other", "dismissal_comment": "x"}),
    "comment": ("notes/", {"act": "comment", "text": "x"}),
    "discuss": ("notes/", {"act": "discuss", "text": "x"}),
    "reference": ("notes/", {"act": "reference", "variant": FROM_FATHER, "build": "GRCh38", "reference": "1"}),
    "order": ("notes/", {"act": "order", "gap": "x", "method": "sanger"}),
    "attach": ("notes/", {"act": "attach"}),
    "assign": ("assign/", {"to": "me"}),
    "reopen": ("reopen/", {"kind": "correction", "reason": "Long enough a reason."}),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_another_laboratory_s_case_by_guessed_address(name, opened_case, people, client_as):
    page, body = COMMANDS[name]
    kept = services.attach(client_as(Role.LABORATORY_GENETICIST).actor, opened_case.id, "a.pdf", BytesIO(PLAIN_PDF))
    models = (Dismissal, Comment, LiteratureReference, Confirmation, Assignment, Reopening, Attachment)
    before = [model.objects.count() for model in models]
    strangers = [
        client_as(Role.SECOND_READER, name="b", organisation=people.other_laboratory),
        client_as(Role.CLINICIAN),
        client_as(Role.PATIENT),
    ]
    for client in strangers:
        filled = {**body, **({"file": SimpleUploadedFile("b.pdf", PLAIN_PDF)} if name == "attach" else {})}
        assert client.post(address(opened_case, page), filled).status_code == 403
        for place in (f"attachments/{kept}/", "notes/", "evaluated.xlsx", "reopen/"):
            assert client.get(address(opened_case, place)).status_code == 403
    assert [model.objects.count() for model in models] == before


def test_an_attachment_is_handed_out_as_a_download_in_a_sandbox(opened_case, client_as):
    client = client_as(Role.LABORATORY_GENETICIST)
    file = SimpleUploadedFile("../../Gel <b>1</b>.html", PLAIN_PDF, content_type="text/html")
    body = {"act": "attach", "variant": FROM_FATHER, "file": file}
    assert client.post(address(opened_case, "notes/"), body).status_code == 302
    row = Attachment.objects.get()
    assert (row.media_type, row.size_bytes, row.variant) == ("application/pdf", len(PLAIN_PDF), FROM_FATHER)
    assert "/" not in row.given_name
    response = client.get(address(opened_case, f"attachments/{row.id}/"))
    assert b"".join(response.streaming_content) == PLAIN_PDF
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment;")
    assert response["Content-Disposition"].rstrip('"').endswith(".pdf")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    again = {**body, "file": SimpleUploadedFile("copy.pdf", PLAIN_PDF)}
    assert client.post(address(opened_case, "notes/"), again).status_code == 302
    assert Attachment.objects.count() == 1
    assert len(list(stored(opened_case))) == 1
    taken_out = {"act": "withdraw", "attachment_id": str(row.id), "reason": ""}
    assert client.post(address(opened_case, "notes/"), taken_out).status_code == 422
    assert client.post(address(opened_case, "notes/"), {**taken_out, "reason": "Wrong family."}).status_code == 302
    assert client.get(address(opened_case, f"attachments/{row.id}/")).status_code == 404
    assert len(list(stored(opened_case))) == 1


def stored(case) -> list[Path]:
    folder = Path(node_settings.DATA) / f"cases/{case.id}/attachments"
    return list(folder.glob("*")) if folder.exists() else []


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        (b"<svg onload=alert(1)>", 422, "could run when it is opened"),
        (pdf(b"<< /S /JavaScript >>"), 422, "could run when it is opened (JavaScript)"),
        (b"\x7fELF\x00\x01", 422, "Files of this kind are not taken."),
        (b"", 422, "The file is empty."),
        (b"a" * 25_000_001, 413, "larger than 25 MB"),
    ],
    ids=["svg", "script in PDF", "program", "empty", "huge"],
)
def test_a_refused_attachment_leaves_nothing(content, status, said, opened_case, client_as):
    client = client_as(Role.LABORATORY_GENETICIST)
    body = {"act": "attach", "file": SimpleUploadedFile("x.png", content, content_type="image/png")}
    refused = client.post(address(opened_case, "notes/"), body)
    assert refused.status_code == status
    assert said in text_of(refused)
    assert not Attachment.objects.exists()
    assert stored(opened_case) == []


def test_what_was_typed_into_a_refused_note_is_kept(opened_case, client_as):
    client = client_as(Role.LABORATORY_GENETICIST)
    for body, kept in (
        ({"act": "discuss", "text": "x" * 10_001}, "x" * 10_001),
        ({"act": "order", "gap": "SCN1A 5", "method": "", "note": "Asked by phone"}, 'value="SCN1A 5"'),
        ({"act": "nonsense"}, "The form was not understood."),
        ({"act": "result", "confirmation_id": "no"}, "The form was not understood."),
    ):
        refused = client.post(address(opened_case, "notes/"), body)
        assert refused.status_code == 422
        assert kept in refused.content.decode()
    assert not Comment.objects.exists()
    assert not Confirmation.objects.exists()


def test_tables_hold_no_formula(opened_case, client_as):
    client = client_as(Role.LABORATORY_GENETICIST)
    evil = '=HYPERLINK("http://example.org","x")'
    services.assess_variant(client.actor, opened_case.id, FROM_MOTHER, chosen_class=3, reasoning=evil, in_answer=False)
    response = client.get(address(opened_case, "evaluated.xlsx"))
    assert response["Content-Disposition"] == f'attachment; filename="{opened_case.row.number}-variants.xlsx"'
    with ZipFile(BytesIO(response.content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        texts = book.read("xl/sharedStrings.xml").decode()
        styles = book.read("xl/styles.xml").decode()
    assert "<f>" not in sheet
    assert evil in unescape(texts)
    assert 'quotePrefix="1"' in styles
    assert FROM_MOTHER in texts
    listed = client.get("/lab/work-list.xlsx?state=all")
    with ZipFile(BytesIO(listed.content)) as book:
        assert opened_case.row.number in book.read("xl/sharedStrings.xml").decode()


def test_rules_views_and_keys_by_the_forms(people, client_as):
    reader, second = client_as(Role.LABORATORY_GENETICIST), client_as(Role.SECOND_READER)
    body = {"confirmation": "every", "days-5": "1825", "days-4": "730", "days-3": "90", "days-2": "730", "days-1": ""}
    assert reader.post("/lab/rules/", {**body, "reason": "x"}).status_code == 403
    refused = second.post("/lab/rules/", {**body, "days-3": "1e3", "reason": "x"})
    assert refused.status_code == 422
    assert 'value="1e3"' in refused.content.decode()
    assert not LaboratoryRules.objects.exists()
    assert second.post("/lab/rules/", {**body, "reason": SCRIPT}).status_code == 302
    assert LaboratoryRules.objects.get().validity_days == {"3": 90}
    assert "<script>alert" not in second.get("/lab/rules/").content.decode()
    assert reader.post("/lab/views/", {"name": SCRIPT, "query": "state=mine"}).status_code == 302
    assert "<script>alert" not in reader.get("/lab/").content.decode()
    kept = SavedView.objects.get()
    assert second.post("/lab/views/", {"forget": str(kept.id)}).status_code == 302
    assert SavedView.objects.count() == 1
    assert 'data-shortcuts="off"' not in reader.get("/lab/").content.decode()
    assert reader.post("/keys/", {"shortcuts": "off"}).status_code == 302
    assert 'data-shortcuts="off"' in reader.get("/lab/").content.decode()


def test_opening_again_by_the_form(opened_case, client_as):
    author, second = client_as(Role.LABORATORY_GENETICIST), client_as(Role.SECOND_READER)
    assess_both(author.actor, opened_case)
    sign(author.actor, opened_case)
    services.approve_interpretation(second.actor, opened_case.id)
    page = address(opened_case, "reopen/")
    short = author.post(page, {"kind": "correction", "reason": "x"})
    assert short.status_code == 422
    assert opened_case.row.state == CaseState.SIGNED
    assert author.post(page, {"kind": "correction", "reason": f"Wrong name. {SCRIPT}"}).status_code == 302
    shown = author.get(address(opened_case, "interpretation/")).content.decode()
    assert "stands until a new one is approved" in shown
    assert "<script>alert" not in shown
    assert queries.interpretation(author.actor, opened_case.id).reopening.kind == "correction"
