"""What a laboratory judges by: stored whole or not at all, its own alone, and told on every variant."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404

from varde.genome.errors import InputError
from varde.interpretation.acmg import Code, Ruleset, State, Strength
from varde.interpretation.acmg.answers import answers_from
from varde_node.lab import queries, services
from varde_node.lab.criteria import LaboratoryCriteria, criteria_of
from varde_node.lab.judgement import CriteriaInput, CriterionDecision
from varde_node.lab.models import Assessment, ChosenRuleset, CriteriaTable
from varde_node.lab.tests.interpretation_steps import FROM_FATHER, FROM_MOTHER, REASON, REASONING, consent_of_parents
from varde_node.people.services import AccessDenied, Role

FUNCTIONAL = b"gene\tchange\tresult\tscore\todds_path\tassay\tversion\nDEMO17\tR97C\tabnormal\t1\t20\tSGE\t1\n"


def specifications(version="1", **criteria):
    told = {"gene": "DEMO17", "inheritance": ["AR"], "name": "DEMO17 panel", "version": "2", "source": "x"}
    file = {"format": "varde-gene-specifications", "format_version": 1, "name": "Regional rules", "version": version}
    return json.dumps({**file, "specifications": [{**told, "criteria": criteria}]}).encode()


@pytest.fixture
def reader(actor_as):
    return actor_as(Role.LABORATORY_GENETICIST)


@pytest.fixture
def opened_case(analysed_case, people, actor_as):
    case = analysed_case("solberg")
    consent_of_parents(case, people, actor_as)
    services.open_all_genes(actor_as(Role.LABORATORY_GENETICIST), case.id, REASON)
    return case


def row_of(view, code):
    return next(one for one in view.criteria if one.code == code)


def test_a_specification_changes_the_suggestion_and_is_named(opened_case, reader):
    before = queries.variant(reader, opened_case.id, FROM_MOTHER)
    assert (before.tally.points, before.specification) == (8, "")
    content = specifications(PVS1={"at_most": "strong"})
    services.store_criteria_table(reader, "gene_specifications", content, "rules.json")
    found = queries.variant(reader, opened_case.id, FROM_MOTHER)
    assert (found.tally.points, found.specification) == (4, "DEMO17 panel 2")
    assert row_of(found, "PVS1").machine.label == "PVS1_Strong"
    page = queries.criteria_page(reader)
    assert [(one.name, one.version, one.entries, one.in_use) for one in page.tables] == [
        ("Regional rules", "1", 1, True)
    ]
    assert [(one.gene, one.changes) for one in page.specifications] == [("DEMO17", ("PVS1: <= strong",))]
    services.retire_criteria_table(reader, page.tables[0].id)
    assert queries.variant(reader, opened_case.id, FROM_MOTHER).tally.points == 8


def test_the_newest_table_is_in_use_and_none_is_changed(reader):
    first = services.store_criteria_table(reader, "gene_specifications", specifications("1"), "a.json")
    second = services.store_criteria_table(reader, "gene_specifications", specifications("2"), "b.json")
    functional = services.store_criteria_table(reader, "functional", FUNCTIONAL, "mave.tsv")
    assert criteria_of(reader.organisation_id) == LaboratoryCriteria(
        specifications=second, functional=functional, sources=()
    )
    services.retire_criteria_table(reader, second)
    assert criteria_of(reader.organisation_id).specifications == first
    with pytest.raises(InputError) as refused:
        services.store_criteria_table(reader, "gene_specifications", specifications("2", PM2={}), "b.json")
    assert refused.value.code == "stored_before"
    assert CriteriaTable.objects.count() == 3


@pytest.mark.parametrize(
    ("kind", "content", "code"),
    [
        ("panel", b"{}", "unknown_kind"),
        ("gene_specifications", b"{", "unreadable"),
        ("gene_specifications", b"x" * 10_000_001, "too_large"),
        ("gene_specifications", specifications(PM9={}), "bad_specification"),
        ("gene_specifications", FUNCTIONAL, "unreadable"),
        ("functional", specifications(), "missing_column"),
        ("functional", b"", "bad_row"),
    ],
)
def test_a_table_that_cannot_be_used_is_not_stored(reader, kind, content, code):
    with pytest.raises(InputError) as refused:
        services.store_criteria_table(reader, kind, content, "x")
    assert refused.value.code == code
    assert not CriteriaTable.objects.exists()


def test_another_laboratory_s_tables_are_its_own(reader, actor_as, people, opened_case):
    table = services.store_criteria_table(
        reader, "gene_specifications", specifications(PVS1={"applies": False}), "a.json"
    )
    foreign = actor_as(Role.LABORATORY_GENETICIST, name="b", organisation=people.other_laboratory)
    assert queries.criteria_page(foreign).tables == ()
    assert criteria_of(foreign.organisation_id) == LaboratoryCriteria()
    for unknown in (table, uuid4()):
        with pytest.raises(Http404):
            services.retire_criteria_table(foreign, unknown)
    assert CriteriaTable.objects.get().retired_at is None
    services.choose_ruleset(foreign, "acgs-2020")
    assert criteria_of(reader.organisation_id).ruleset is Ruleset.POINTS


def test_outsiders_neither_read_nor_change(actor_as, client_as):
    for role in (Role.CLINICIAN, Role.COUNSELLOR):
        with pytest.raises(AccessDenied):
            services.store_criteria_table(actor_as(role), "functional", FUNCTIONAL, "x")
        with pytest.raises(AccessDenied):
            services.choose_ruleset(actor_as(role), "acgs-2020")
        assert client_as(role).get("/lab/criteria/").status_code == 403
    with pytest.raises(AccessDenied):
        services.choose_ruleset(actor_as(Role.SECOND_READER), "acgs-2020")
    assert client_as(Role.SECOND_READER).get("/lab/criteria/").status_code == 200
    assert not CriteriaTable.objects.exists()
    assert not ChosenRuleset.objects.exists()


def test_the_chosen_rule_set_is_suggested_and_stored(opened_case, reader):
    services.choose_ruleset(reader, "richards-2015")
    found = queries.variant(reader, opened_case.id, FROM_MOTHER)
    assert (found.tally.ruleset, found.tally.acmg_class, found.tally.agree) == ("richards-2015", 3, False)
    assert [(one.acmg_class, one.chosen) for one in found.tally.verdicts] == [
        (4, False),
        (4, False),
        (3, True),
        (3, False),
    ]
    common = {"chosen_class": 4, "reasoning": REASONING, "in_answer": True}
    services.assess_variant(reader, opened_case.id, FROM_MOTHER, **common)
    services.assess_variant(reader, opened_case.id, FROM_FATHER, given=CriteriaInput(ruleset=Ruleset.ACGS), **common)
    stored = Assessment.objects.order_by("at").values_list("ruleset", "points", "suggested_class")
    assert list(stored) == [("richards-2015", 8, 3), ("acgs-2020", 8, 3)]
    with pytest.raises(InputError, match="no rule set"):
        services.choose_ruleset(reader, "svc-4")


def test_a_decision_keeps_its_person_and_day(opened_case, reader, actor_as):
    """A second reader who stores the form anew takes over only what they changed."""
    ps4 = CriterionDecision(Code.PS4, State.MET, Strength.STRONG, "Own cases.")
    answers = answers_from({"cases_with": "12", "cases": "1000", "controls_with": "2", "controls": "10000"})
    common = {"chosen_class": 5, "reasoning": REASONING, "in_answer": True}
    services.assess_variant(reader, opened_case.id, FROM_MOTHER, given=CriteriaInput((ps4,), answers), **common)
    first = next(one for one in Assessment.objects.get().criteria if one["by"])
    second = actor_as(Role.SECOND_READER)
    pm2 = CriterionDecision(Code.PM2, State.MET, Strength.SUPPORTING, "Absent abroad.")
    services.assess_variant(second, opened_case.id, FROM_MOTHER, given=CriteriaInput((ps4, pm2), answers), **common)
    newest = Assessment.objects.order_by("number").last()
    decided = {one["code"]: one for one in newest.criteria if one["by"]}
    assert decided["PS4"] == first
    assert decided["PM2"]["by"] == second.display_name
    assert newest.answers == {"cases_with": "12", "cases": "1000", "controls_with": "2", "controls": "10000"}
    view = queries.variant(reader, opened_case.id, FROM_MOTHER)
    assert view.answers == newest.answers
    assert row_of(view, "PS4").decision.by == reader.display_name
    assert row_of(view, "PS4").decided_at.isoformat() == first["at"]
    assert view.tally.points == 13


def test_the_page_stores_chooses_and_refuses(client_as):
    client = client_as(Role.LABORATORY_GENETICIST)
    assert "No table yet" in client.get("/lab/criteria/").content.decode()
    file = SimpleUploadedFile("rules.json", specifications(PM2={"strength": "moderate"}))
    answer = client.post("/lab/criteria/", {"act": "table", "kind": "gene_specifications", "file": file})
    assert answer.status_code == 302
    shown = client.get("/lab/criteria/").content.decode()
    assert "Regional rules 1" in shown
    assert "PM2: moderate" in shown
    assert client.post("/lab/criteria/", {"act": "ruleset", "ruleset": "acgs-2020"}).status_code == 302
    assert ChosenRuleset.objects.get().ruleset == "acgs-2020"
    bad = SimpleUploadedFile("rules.json", specifications("2", PM2={"strength": "<script>"}))
    refused = client.post("/lab/criteria/", {"act": "table", "kind": "gene_specifications", "file": bad})
    assert refused.status_code == 422
    assert "DEMO17, PM2: the strength is one of" in refused.content.decode()
    assert client.post("/lab/criteria/", {"act": "table", "kind": "functional"}).status_code == 422
    assert client.post("/lab/criteria/", {"act": "ruleset", "ruleset": "x"}).status_code == 422
    assert CriteriaTable.objects.count() == 1
    table = CriteriaTable.objects.get()
    assert client.post(f"/lab/criteria/{table.id}/retire/").status_code == 302
    assert CriteriaTable.objects.get().retired_at is not None
    assert client.post(f"/lab/criteria/{uuid4()}/retire/").status_code == 404
