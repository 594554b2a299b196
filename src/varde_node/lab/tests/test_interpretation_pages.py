"""The pages of the interpretation per role: what they show, what they refuse, and that a refusal changed nothing."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
from django.utils.html import strip_tags

from varde_node.lab import contracts, services
from varde_node.lab.models import Assessment, CaseState, GeneOpening, Interpretation, Scope
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
from varde_node.people.models import AuditEntry
from varde_node.people.services import Role

PAGES = (
    "candidates/",
    "trace/",
    f"variants/{FROM_FATHER}/",
    "interpretation/",
    "approval/",
    "open-all-genes/",
)
OUTSIDERS = [role for role in Role if role not in (Role.LABORATORY_GENETICIST, Role.SECOND_READER)]


def text_of(response) -> str:
    return re.sub(r"\s+", " ", unescape(strip_tags(response.content.decode())))


def address(case, page: str) -> str:
    return f"/lab/cases/{case.id}/{page}"


@pytest.fixture
def opened_case(analysed_case, people, actor_as):
    case = analysed_case("solberg")
    consent_of_parents(case, people, actor_as)
    services.open_all_genes(actor_as(Role.LABORATORY_GENETICIST), case.id, REASON)
    return case


@pytest.mark.parametrize("page", PAGES)
def test_pages_are_for_the_case_s_laboratory_alone(page, opened_case, people, client_as):
    case = opened_case
    for role in (Role.LABORATORY_GENETICIST, Role.SECOND_READER):
        assert client_as(role).get(address(case, page)).status_code == 200
        foreign = client_as(role, name="b", organisation=people.other_laboratory)
        before = AuditEntry.objects.filter(outcome="refused").count()
        assert foreign.get(address(case, page)).status_code == 403
        assert AuditEntry.objects.filter(outcome="refused").count() == before + 1
    for role in OUTSIDERS:
        assert client_as(role).get(address(case, page)).status_code == 403


def test_commands_by_outsiders_change_nothing(analysed_case, people, actor_as, client_as):
    case = analysed_case("solberg")
    consent_of_parents(case, people, actor_as)
    clients = [client_as(role) for role in OUTSIDERS]
    clients.append(client_as(Role.SECOND_READER, name="b", organisation=people.other_laboratory))
    for client in clients:
        for page, body in (
            ("open-all-genes/", {"reason": REASON}),
            (f"variants/{FROM_FATHER}/", {"chosen_class": "5", "reasoning": "x"}),
            ("interpretation/", {"conclusion": "no_certain_finding", "summary": "x"}),
            ("approval/", {"act": "approve"}),
        ):
            assert client.post(address(case, page), body).status_code == 403
    assert (case.row.scope, case.row.state) == (Scope.PANEL, CaseState.INTERPRETATION)
    assert not GeneOpening.objects.exists()
    assert not Assessment.objects.exists()
    assert not Interpretation.objects.exists()


def test_the_trace_accounts_for_every_allele(opened_case, client_as):
    client = client_as(Role.LABORATORY_GENETICIST)
    whole = client.get(address(opened_case, "trace/")).context["view"]
    assert (whole.read, whole.matching, len(whole.rows)) == (3384, 3384, 50)
    assert whole.kept + whole.dropped == whole.read
    by_step = {step.key: step.dropped for step in whole.funnel}
    for step, dropped in by_step.items():
        assert client.get(address(opened_case, f"trace/?step={step}")).context["view"].matching == dropped
    kept = client.get(address(opened_case, "trace/?step=kept")).context["view"]
    assert kept.matching == whole.kept
    found = client.get(address(opened_case, f"trace/?text={FROM_MOTHER.lower()}")).context["view"]
    assert [(row.variant, row.gene, row.kept) for row in found.rows] == [(FROM_MOTHER, "DEMO17", True)]
    assert client.get(address(opened_case, "trace/?text=chr2:247146")).context["view"].matching == 1
    assert {row.gene for row in client.get(address(opened_case, "trace/?text=demo17")).context["view"].rows} == {
        "DEMO17"
    }
    last = client.get(address(opened_case, "trace/?page=9999")).context["view"]
    assert (last.page, len(last.rows)) == (68, 34)
    assert "No allele fits the search" in text_of(client.get(address(opened_case, "trace/?text=nosuchgene")))


def test_filters_are_the_address(opened_case, client_as):
    client = client_as(Role.LABORATORY_GENETICIST)
    wide = client.get(address(opened_case, "candidates/?impact=low")).context["view"]
    narrow = client.get(address(opened_case, "candidates/?impact=high")).context["view"]
    usual = client.get(address(opened_case, "candidates/")).context["view"]
    assert narrow.kept < usual.kept < wide.kept
    assert {one.allele.impact for line in narrow.lines for one in line.alleles} >= {"HIGH"}
    panel = client.get(address(opened_case, "candidates/?genes=panel")).context["view"]
    assert "DEMO17" not in {line.gene for line in panel.lines}
    refused = client.get(address(opened_case, "candidates/?impact=nonsense"))
    assert refused.status_code == 422
    assert refused.context["view"].kept == usual.kept


def test_the_panel_s_scope_cannot_be_widened_by_the_address(analysed_case, client_as):
    case = analysed_case("solberg")
    client = client_as(Role.LABORATORY_GENETICIST)
    view = client.get(address(case, "candidates/?genes=all_genes")).context["view"]
    assert view.scope == "panel"
    assert "DEMO17" not in {line.gene for line in view.lines}
    assert FROM_MOTHER not in client.get(address(case, "trace/?step=kept&genes=all_genes")).content.decode()


def test_the_candidate_page_shows_the_pair_with_its_parents(opened_case, client_as):
    response = client_as(Role.LABORATORY_GENETICIST).get(address(opened_case, "candidates/"))
    shown = text_of(response)
    assert "Two variants in one gene: on different copies of the gene, shown by the parents." in shown
    assert "2-245474-GC-G · frameshift · from the father" in shown
    assert "2-247146-G-T · stop gained · from the mother" in shown
    assert (
        shown.count("Suggestion: class 4")
        == len([one for line in response.context["view"].lines for one in line.alleles if one.suggested_class == 4]) + 2
    )
    body = response.content.decode()
    assert 'class="picture figure pedigree"' in body
    assert body.count('class="picture figure allele-balance"') == 2


def test_the_variant_page_shows_names_evidence_and_earlier_assessments_first(opened_case, actor_as, client_as):
    client = client_as(Role.LABORATORY_GENETICIST)
    page = address(opened_case, f"variants/{FROM_MOTHER}/")
    shown = text_of(client.get(page))
    assert "DEMOT00000017.1:c.234C>A" in shown
    assert "DEMOT00000017.1:p.(Cys78Ter)" in shown
    assert "Not evaluated: the case was analysed without a frequency register." in shown
    assert "This laboratory has not assessed it before." in shown
    services.assess_variant(
        actor_as(Role.SECOND_READER), opened_case.id, FROM_MOTHER, chosen_class=5, reasoning=REASONING, in_answer=True
    )
    shown = text_of(client.get(page))
    assert shown.index("class 5") < shown.index("ACMG criteria")
    assert "Second Reader A, NO-2026-0001 (this case)" in shown
    assert client.get(address(opened_case, "variants/2-1-A-T/")).status_code == 404
    assert client.get(address(opened_case, "variants/<script>/")).status_code == 404


def test_points_follow_the_form_and_nothing_is_stored(opened_case, client_as):
    client = client_as(Role.LABORATORY_GENETICIST)
    page = address(opened_case, f"variants/{FROM_MOTHER}/points/")
    assert "8 points → class 4" in text_of(client.post(page, {}))
    raised = text_of(client.post(page, {"state-PM2": "met", "strength-PM2": "moderate"}))
    assert "10 points → class 5" in raised
    lowered = text_of(client.post(page, {"state-PVS1": "not_met"}))
    assert "0 points → class 3" in lowered
    doubled = text_of(client.post(page, {"state-PM4": "met"}))
    assert "PVS1 and PM4 rest on the same evidence: only the stronger counts." in doubled
    assert not Assessment.objects.exists()


def test_answers_and_rule_set_follow_the_form(opened_case, client_as):
    client = client_as(Role.LABORATORY_GENETICIST)
    page = address(opened_case, f"variants/{FROM_MOTHER}/points/")
    counts = {"cases_with": "12", "cases": "1000", "controls_with": "2", "controls": "10000"}
    standing = client.post(page, counts).content.decode()
    assert 'id="standing-PS4" hx-swap-oob="true"' in standing
    assert "to confirm: strong" in text_of(client.post(page, counts))
    assert "8 points → class 4" in text_of(client.post(page, counts))
    confirmed = {**counts, "state-PS4": "met", "strength-PS4": "strong", "reason-PS4": "Own cases."}
    assert "12 points → class 5" in text_of(client.post(page, confirmed))
    by_combination = text_of(client.post(page, {"ruleset": "richards-2015"}))
    assert "8 points → class 3" in by_combination
    assert "The rule sets disagree." in by_combination
    wrong = text_of(client.post(page, {**counts, "cases": "3"}))
    assert "to confirm: strong" not in wrong
    assert not Assessment.objects.exists()


def test_an_assessment_by_the_form(opened_case, client_as):
    client = client_as(Role.LABORATORY_GENETICIST)
    page = address(opened_case, f"variants/{FROM_MOTHER}/")
    body = {
        "chosen_class": "5",
        "reasoning": "",
        "in_answer": "yes",
        "state-PM2": "met",
        "reason-PM2": "Absent abroad.",
    }
    refused = send(client, page, body)
    assert refused.status_code == 422
    assert "The reasoning is missing." in text_of(refused)
    assert 'value="Absent abroad."' in refused.content.decode()
    assert not Assessment.objects.exists()
    assert send(client, page, {**body, "state-PS3": "met", "reasoning": REASONING}).status_code == 422
    assert send(client, page, {**body, "reasoning": REASONING}).status_code == 302
    stored = Assessment.objects.get()
    assert (stored.points, stored.chosen_class, stored.in_answer, stored.author_id) == (
        9,
        5,
        True,
        client.actor.account_id,
    )
    assert stored.names["coding"] == "DEMOT00000017.1:c.234C>A"


def test_opening_by_the_form(analysed_case, people, actor_as, client_as):
    case, client = analysed_case("solberg"), client_as(Role.LABORATORY_GENETICIST)
    refused = client.post(address(case, "open-all-genes/"), {"reason": REASON})
    assert refused.status_code == 422
    assert "Refused: no consent is recorded." in text_of(refused)
    assert case.row.scope == Scope.PANEL
    consent_of_parents(case, people, actor_as)
    assert client.post(address(case, "open-all-genes/"), {"reason": ""}).status_code == 422
    assert client.post(address(case, "open-all-genes/"), {"reason": REASON}).status_code == 302
    assert REASON in text_of(client.get(address(case, "open-all-genes/")))
    entry = AuditEntry.objects.filter(action="lab.case.open_all_genes", outcome="allowed").get()
    assert REASON not in bytes(entry.stored).decode()
    assert entry.personal.get(field="reason").value == REASON
    assert json.loads(bytes(entry.stored))["object"] == str(case.id)


def test_two_signatures_by_the_forms(opened_case, client_as, monkeypatch):
    # The order of these cases is no row of the clinic's: its handler has its own tests.
    monkeypatch.setattr(contracts, "_signed_handlers", [])
    author, second = client_as(Role.SECOND_READER, name="author"), client_as(Role.SECOND_READER, name="second")
    blocked = text_of(author.get(address(opened_case, "interpretation/")))
    assert "What still blocks signing" in blocked
    proposal = {"conclusion": "explains", "gene": "DEMO17", "mode": "compound_heterozygous", "summary": "Both."}
    assert send(author, address(opened_case, "interpretation/"), proposal).status_code == 422
    assess_both(author.actor, opened_case)
    assert "Nothing blocks signing" in text_of(author.get(address(opened_case, "interpretation/")))
    assert send(author, address(opened_case, "interpretation/"), {**proposal, "summary": " "}).status_code == 422
    assert send(author, address(opened_case, "interpretation/"), proposal).status_code == 302
    own = author.get(address(opened_case, "approval/"))
    assert "You signed this interpretation yourself." in text_of(own)
    assert "Approve and send the answer" not in text_of(own)
    assert author.post(address(opened_case, "approval/"), {"act": "approve"}).status_code == 422
    geneticist = client_as(Role.LABORATORY_GENETICIST)
    assert "Approve and send the answer" not in text_of(geneticist.get(address(opened_case, "approval/")))
    assert geneticist.post(address(opened_case, "approval/"), {"act": "approve"}).status_code == 403
    assert send(second, address(opened_case, "approval/"), {"act": "return", "reason": ""}).status_code == 422
    assert opened_case.row.state == CaseState.APPROVAL
    assert (
        send(second, address(opened_case, "approval/"), {"act": "return", "reason": "Look again."}).status_code == 302
    )
    assert "Look again." in text_of(author.get(address(opened_case, "interpretation/")))
    sign(author.actor, opened_case)
    assert send(second, address(opened_case, "approval/"), {"act": "approve"}).status_code == 302
    assert opened_case.row.state == CaseState.SIGNED
    closed = author.post(
        address(opened_case, f"variants/{FROM_MOTHER}/"), {"chosen_class": "1", "reasoning": "x", "in_answer": ""}
    )
    assert closed.status_code == 422
    assert Assessment.objects.count() == 2


@pytest.mark.parametrize("page", PAGES)
def test_pages_ask_a_bounded_number_of_questions(page, opened_case, client_as, django_assert_max_num_queries):
    client = client_as(Role.LABORATORY_GENETICIST)
    client.get(address(opened_case, page))
    with django_assert_max_num_queries(60):
        assert client.get(address(opened_case, page)).status_code == 200
