"""Signed classes become a ClinVar file: variants alone, by who may, once the laboratory has decided to share."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from varde_node.lab.models import Assessment, Case, ClinVarExport, Conclusion, Interpretation, PanelVersion
from varde_node.people.services import Role

PAGE = "/lab/clinvar/"


@pytest.fixture
def signed_class(people, actor_as):
    """``signed_class("2-100-A-T", 5)``: the variant in a signed answer of a case of its own; returns the assessment."""
    panel = PanelVersion.objects.create(name="Epilepsy", version="1.0", source="test", genes=[])
    author = actor_as(Role.LABORATORY_GENETICIST).account_id
    approver = actor_as(Role.SECOND_READER).account_id

    def make(variant, acmg_class, *, days_ago=0, in_answer=True):
        at = timezone.now() - timedelta(days=days_ago)
        case = Case.objects.create(
            number=f"L{uuid4().hex[:12]}", order_id=uuid4(), laboratory_id=people.laboratory,
            requester_id=people.clinic, patient_id=people.child, indication="x", panel=panel, state="signed",
            due_on=at.date(),
        )  # fmt: skip
        assessment = Assessment.objects.create(
            case=case, number=1, variant=variant, build="GRCh38", gene="SCN2A", names={"coding": "NM_1.1:c.1A>T"},
            points=10, suggested_class=acmg_class, chosen_class=acmg_class, ruleset="points", reasoning="r",
            in_answer=in_answer, author_id=author,
        )  # fmt: skip
        answer = Interpretation.objects.create(
            case=case, number=1, scope="panel", conclusion=Conclusion.EXPLAINS, summary="s", author_id=author,
            approver_id=approver, approved_at=at,
        )  # fmt: skip
        answer.assessments.set([assessment])
        return assessment

    return make


def test_a_file_is_made_of_chosen_classes_and_names_nobody(signed_class, client_as, people, settings) -> None:
    settings.CLINVAR_SHARING = True
    old, new = signed_class("2-100-A-T", 4, days_ago=30), signed_class("2-100-A-T", 5)
    hidden = signed_class("2-200-C-G", 3, in_answer=False)
    reader = client_as(Role.SECOND_READER)
    page = reader.get(PAGE).content.decode()
    assert (str(new.id) in page, str(old.id) in page, str(hidden.id) in page) == (True, False, False)

    made = reader.post(PAGE, {"variant": [str(new.id)], f"condition-{new.id}": "MONDO:0013387"})
    export = ClinVarExport.objects.get()
    assert (made.status_code, made["Location"]) == (302, PAGE)
    told = reader.get(f"{PAGE}{export.id}.json")
    (record,) = told.json()["germlineSubmission"]
    assert record["variantSet"]["variant"][0]["chromosomeCoordinates"] == {
        "assembly": "GRCh38",
        "chromosome": "2",
        "start": 100,
        "stop": 100,
        "referenceAllele": "A",
        "alternateAllele": "T",
    }
    assert record["germlineClassification"]["germlineClassificationDescription"] == "Pathogenic"
    assert record["observedIn"][0]["numberOfIndividuals"] == 2
    assert record["conditionSet"] == {"condition": [{"db": "MONDO", "id": "MONDO:0013387"}]}
    written = told.content.decode()
    secret = [str(new.case_id), new.case.number, str(people.child), new.case.patient.name, str(new.id)]
    assert [one for one in secret if one in written] == []
    assert "the same" in reader.get(PAGE).content.decode()

    again = signed_class("2-100-A-T", 3)
    page = reader.get(PAGE).content.decode()
    assert (str(again.id) in page, "class 5" in page) == (True, True)
    reader.post(PAGE, {"variant": [str(again.id)], f"condition-{again.id}": "MONDO:0013387"})
    second = ClinVarExport.objects.order_by("-at")[0].submission["germlineSubmission"][0]
    assert second["localID"] == record["localID"]


def test_who_may_not_and_what_lacks_stores_nothing(signed_class, client_as, people, settings) -> None:
    one = signed_class("2-100-A-T", 5)
    given = {"variant": [str(one.id)], f"condition-{one.id}": "Epilepsy"}
    reader = client_as(Role.SECOND_READER)
    assert reader.post(PAGE, given).status_code == 422  # the laboratory has not decided to share
    settings.CLINVAR_SHARING = True
    assert client_as(Role.LABORATORY_GENETICIST).post(PAGE, given).status_code == 403
    assert reader.post(PAGE, {"variant": [str(one.id)]}).status_code == 422
    assert reader.post(PAGE, {}).status_code == 422
    assert reader.post(PAGE, {"variant": ["1"]}).status_code == 404
    stranger = client_as(Role.SECOND_READER, name="b", organisation=people.other_laboratory)
    assert str(one.id) not in stranger.get(PAGE).content.decode()
    assert stranger.post(PAGE, given).status_code == 422
    assert ClinVarExport.objects.count() == 0

    reader.post(PAGE, given | {f"condition-{one.id}": "<script>alert(1)</script>"})
    assert "<script>alert" not in reader.get(PAGE).content.decode()
    made = ClinVarExport.objects.get()
    assert stranger.get(f"{PAGE}{made.id}.json").status_code == 404
    assert json.loads(reader.get(f"{PAGE}{made.id}.json").content)["germlineSubmission"][0]["conditionSet"] == {
        "condition": [{"name": "<script>alert(1)</script>"}]
    }
