"""Answers after the first: a correction and a re-analysis for clinician, family and machine; and the discussion."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest
from django.utils.html import strip_tags

from varde_node.clinic import services
from varde_node.clinic.clinician_answer import clinician_document
from varde_node.clinic.family_answer import family_document
from varde_node.clinic.models import Answer
from varde_node.clinic.queries import answer, family_answer
from varde_node.clinic.tests.conftest import no_finding
from varde_node.lab.contracts import announce_signed
from varde_node.lab.models import Comment
from varde_node.people.services import Role

WHY = "New signs were told; all genes were looked at again."
EVALUATED = (
    {
        "kind": "small", "variant": "3-1000-A-C", "build": "GRCh38", "gene": "DEMO03", "names": {"coding": "T3:c.5A>C"},
        "acmg_class": 3, "in_answer": False, "reason": "", "comment": "",
    },
    {
        "kind": "small", "variant": "4-1000-A-C", "build": "", "gene": "DEMO04", "names": {},
        "acmg_class": None, "in_answer": False, "reason": "technical", "comment": "Reads end here.",
    },
)  # fmt: skip


def text_of(response) -> str:
    return re.sub(r"\s+", " ", unescape(strip_tags(response.content.decode().replace("<", " <"))))


@pytest.fixture
def turned_positive(signed_case):
    """Negative first, positive a year later."""
    announce_signed(no_finding(signed_case))
    later = replace(
        signed_case,
        kind="reanalysis",
        reason=WHY,
        evaluated=EVALUATED,
        confirmations=({"variant": "", "gap": "DEMO01 exon 2", "method": "sanger", "result": "confirmed"},),
    )
    announce_signed(later)
    return later


def test_the_later_answer_supersedes_and_the_first_stays(turned_positive, signed_order, actor_as, client_as):
    rows = list(Answer.objects.order_by("version"))
    assert [(one.version, one.content["conclusion"], one.content["kind"]) for one in rows] == [
        (1, "no_certain_finding", "first"),
        (2, "explains", "reanalysis"),
    ]
    assert [one.fhir_bundle["entry"][0]["resource"]["status"] for one in rows] == ["final", "amended"]
    announce_signed(replace(turned_positive, kind="correction", reason="The gene's name was wrong.", summary="Mended."))
    newest = Answer.objects.order_by("-version").first()
    assert newest.fhir_bundle["entry"][0]["resource"]["status"] == "corrected"
    client = client_as(Role.CLINICIAN)
    page = f"/answers/{signed_order}/"
    now = text_of(client.get(page))
    assert "Corrected answer It replaces version 2, which can still be read. The gene's name was wrong." in now
    second = text_of(client.get(f"{page}?version=2"))
    assert "This version is no longer valid. Version 3 of" in second
    assert f"Answer after a new analysis It replaces version 1, which can still be read. {WHY}" in second
    assert "Share with the family" not in second
    first = text_of(client.get(f"{page}?version=1"))
    assert "This version is no longer valid. Version 2 of" in first
    for wrong in ("9", "x", "-1", "99999"):
        assert client.get(f"{page}?version={wrong}").status_code == 404
    assert client.get(f"{page}pdf/?version=1")["Content-Disposition"].endswith('-v1-en.pdf"')
    assert len(Answer.objects.all()) == 3


def test_every_evaluated_variant_stands_in_the_clinician_s_answer(turned_positive, signed_order, actor_as):
    document = clinician_document(answer(actor_as(Role.CLINICIAN), signed_order))
    (section,) = [one for one in document.sections if one.key == "evaluated"]
    tables = [block.rows for block in section.blocks]
    assert tables == [
        (
            ("DEMO03", "c.5A>C", "Class 3, uncertain significance"),
            ("DEMO04", "4-1000-A-C", "Set aside: not a true call"),
        ),
        (("DEMO01 exon 2", "Sanger sequencing", "confirmed"),),
    ]


def test_the_family_is_told_that_the_answer_is_new_and_why(turned_positive, signed_order, people, actor_as):
    services.share_with_family(actor_as(Role.CLINICIAN), signed_order)
    document = family_document(family_answer(actor_as(Role.PATIENT, person=people.mother), signed_order))
    assert document.sections[0].heading == "This is a new answer"
    assert [block.text for block in document.sections[0].blocks] == [
        "We have looked at the test again. This answer replaces the one you had before.",
        WHY,
    ]
    assert "evaluated" not in {section.key for section in document.sections}


def test_the_discussion_on_the_order(signed_order, people, client_as):
    client = client_as(Role.CLINICIAN)
    page = f"/orders/{signed_order}/discussion/"
    assert "Nothing has been said." in text_of(client.get(f"/orders/{signed_order}/"))
    assert client.post(page, {"text": " "}).status_code == 422
    assert client.post(page, {"text": "<script>alert(1)</script> She walks now."}).status_code == 302
    shown = client.get(f"/orders/{signed_order}/").content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; She walks now." in shown
    assert (
        client_as(Role.CLINICIAN, name="b", organisation=people.other_clinic).post(page, {"text": "x"}).status_code
        == 403
    )
    assert client_as(Role.PATIENT).post(page, {"text": "x"}).status_code == 403
    assert list(Comment.objects.values_list("from_requester", "shared")) == [(True, True)]
