"""Box 4: the panel gives nothing certain, all genes are opened, and two variants in one gene explain the disease."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest
from django.db import IntegrityError, connection, transaction

from varde.consent import Purpose
from varde.frequency.lookup import Counts
from varde.genome.alleles import Variant
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.interpretation.acmg import Code, State, Strength
from varde_node.consent import services as consent
from varde_node.lab import contracts, queries, services
from varde_node.lab.judgement import CriteriaInput, CriterionDecision
from varde_node.lab.models import Assessment, CaseState, GeneOpening, Interpretation, Scope
from varde_node.lab.services.counting import count_case
from varde_node.lab.tests.interpretation_steps import (
    ALL_YES,
    FROM_FATHER,
    FROM_MOTHER,
    REASON,
    REASONING,
    assess_both,
    consent_of_parents,
    sign,
)
from varde_node.people.models import AuditEntry
from varde_node.people.services import AccessDenied, Role
from varde_node.registers.frequency.own_cases import own_cases
from varde_node.registers.frequency.store import region_folder
from varde_node.registers.interpretations.queries import interpretations_of


@pytest.fixture
def told(monkeypatch):
    """The signed cases that were announced."""
    heard = []
    monkeypatch.setattr(contracts, "_signed_handlers", [heard.append])
    return heard


def trail_of(case, action):
    return [
        (row.outcome, json.loads(bytes(row.stored))["rule"])
        for row in AuditEntry.objects.filter(object_id=str(case.id), action=action).order_by("index")
    ]


def refused(code, command, *arguments, **named):
    with pytest.raises(InputError) as caught:
        command(*arguments, **named)
    assert caught.value.code == code
    return caught.value


def test_the_story_of_box_4(analysed_case, people, actor_as, run_jobs, told):
    case, reader, second = analysed_case("solberg"), actor_as(Role.LABORATORY_GENETICIST), actor_as(Role.SECOND_READER)
    consent_of_parents(case, people, actor_as)

    panel = queries.candidates(reader, case.id)
    assert (panel.head.scope, panel.read) == ("panel", 3384)
    assert panel.kept + sum(step.dropped for step in panel.funnel) == panel.read
    assert "DEMO17" not in {line.gene for line in panel.lines}
    assert all(one.suggested_class is None for line in panel.lines for one in line.alleles)
    assert queries.interpretation(reader, case.id).proposal.conclusion == "no_certain_finding"

    services.open_all_genes(reader, case.id, REASON)
    opening = GeneOpening.objects.get(case_id=case.id)
    opened = queries.candidates(reader, case.id)
    assert (opening.reason, opening.consent_rule) == (REASON, "care-all-genes")
    assert opening.variants_added == opened.kept - panel.kept > 0
    first = opened.lines[0]
    assert (first.rank, first.gene, first.mode) == (1, "DEMO17", "compound_heterozygous")
    assert [(one.allele.variant, one.allele.origin, one.suggested_class, one.points) for one in first.alleles] == [
        (FROM_FATHER, "father", 4, 8),
        (FROM_MOTHER, "mother", 4, 8),
    ]

    blocked = queries.interpretation(reader, case.id)
    assert [(one.key, one.variant) for one in blocked.obstacles if one.blocks][:1] == [("candidate", FROM_FATHER)]
    refused("blocked", sign, reader, case)
    assess_both(reader, case)
    view = queries.interpretation(reader, case.id)
    assert not view.blocked
    assert (view.proposal.conclusion, view.proposal.gene, view.proposal.mode) == (
        "explains",
        "DEMO17",
        "compound_heterozygous",
    )
    sign(reader, case)
    assert case.row.state == CaseState.APPROVAL
    assert told == []

    with run_jobs():
        services.approve_interpretation(second, case.id)
    assert case.row.state == CaseState.SIGNED
    (signed,) = told
    assert (signed.gene, signed.conclusion, signed.scope, signed.panel_genes) == ("DEMO17", "explains", "all_genes", 40)
    assert (signed.author_name, signed.approver_name) == ("Laboratory Geneticist A", "Second Reader A")
    assert (signed.opening_reason, signed.recurrence["probability"]) == (REASON, 0.25)
    assert [(one.variant, one.acmg_class, one.zygosity) for one in signed.variants] == [
        (FROM_FATHER, 5, {"child": "0/1", "mother": "0/0", "father": "0/1"}),
        (FROM_MOTHER, 5, {"child": "0/1", "mother": "0/1", "father": "0/0"}),
    ]
    assert signed.variants[1].names["protein"] == "DEMOT00000017.1:p.(Cys78Ter)"
    assert signed.record_counts["read"] == signed.record_counts["kept"] + sum(
        count for step, count in signed.record_counts.items() if step not in ("read", "kept")
    )
    for one in signed.not_looked_at:
        assert set(one["parameters"]) == set(contracts.NOT_LOOKED_AT[one["key"]])
    assert "genes_outside_panel" not in {one["key"] for one in signed.not_looked_at}
    assert {"key": "incidental_findings", "parameters": {"consented": False}} in signed.not_looked_at
    json.dumps(asdict(signed), default=str)
    earlier = interpretations_of(second, Variant.parse(Build.GRCH38, FROM_FATHER))
    assert [(one.acmg_class, one.own, one.guideline) for one in earlier.lines] == [
        (5, True, signed.variants[0].ruleset)
    ]

    counts = Counts(region_folder("HSO"))
    found = {text: counts.lookup(Variant.parse(Build.GRCH38, text)) for text in (FROM_FATHER, FROM_MOTHER)}
    assert {text: (one.ac, one.an) for text, one in found.items()} == {FROM_FATHER: (1, 4), FROM_MOTHER: (1, 4)}
    assert case.row.counted_at is not None
    asked = actor_as(Role.LABORATORY_GENETICIST)
    own = {text: own_cases(asked, Variant.parse(Build.GRCH38, text)) for text in (FROM_FATHER, FROM_MOTHER)}
    assert {text: [(one.case_id, one.role) for one in found] for text, found in own.items()} == {
        FROM_FATHER: [(case.id, "father")],
        FROM_MOTHER: [(case.id, "mother")],
    }
    shown = AuditEntry.objects.filter(action="lab.case.shown_as_own")
    assert shown.count() == 2
    stranger = actor_as(Role.LABORATORY_GENETICIST, name="b", organisation=people.other_laboratory)
    assert own_cases(stranger, Variant.parse(Build.GRCH38, FROM_FATHER)) == ()
    with pytest.raises(AccessDenied):
        own_cases(actor_as(Role.CLINICIAN), Variant.parse(Build.GRCH38, FROM_FATHER))
    assert shown.count() == 2
    assert count_case(case.id) == ()
    assert Counts(region_folder("HSO")).people == 2


def test_opening_without_consent_changes_nothing_and_is_logged(analysed_case, people, actor_as):
    case, reader = analysed_case("solberg"), actor_as(Role.LABORATORY_GENETICIST)
    consent_of_parents(case, people, actor_as, allowed=(Purpose.CARE_PANEL,))
    error = refused("consent_lacks", services.open_all_genes, reader, case.id, REASON)
    assert error.problem == "Refused: the person said no to this."
    assert case.row.scope == Scope.PANEL
    assert not GeneOpening.objects.exists()
    assert trail_of(case, "lab.case.open_all_genes") == [("refused", "consent.denied.refused")]


def test_opening_asks_a_reason_and_happens_once(analysed_case, people, actor_as):
    case, reader = analysed_case("solberg"), actor_as(Role.LABORATORY_GENETICIST)
    consent_of_parents(case, people, actor_as)
    refused("reason_missing", services.open_all_genes, reader, case.id, " short   ")
    assert case.row.scope == Scope.PANEL
    services.open_all_genes(reader, case.id, REASON)
    refused("already_opened", services.open_all_genes, reader, case.id, REASON)
    assert trail_of(case, "lab.case.open_all_genes") == [("allowed", "lab.case.open_all_genes/organisation")]


def test_the_partner_s_class_decides_pm3(analysed_case, people, actor_as):
    case, reader = analysed_case("solberg"), actor_as(Role.LABORATORY_GENETICIST)
    consent_of_parents(case, people, actor_as)
    services.open_all_genes(reader, case.id, REASON)
    absent = CriterionDecision(Code.PM2, State.MET, Strength.SUPPORTING, "Absent from the other registers asked.")
    given = CriteriaInput((absent,))
    services.assess_variant(
        reader, case.id, FROM_FATHER, chosen_class=5, reasoning=REASONING, in_answer=True, given=given
    )
    stored = Assessment.objects.get()
    assert (stored.number, stored.points, stored.suggested_class, stored.chosen_class) == (1, 9, 4, 5)
    assert [(one["code"], one["by"], one["reason"]) for one in stored.criteria if one["by"]] == [
        ("PM2", "Laboratory Geneticist A", "Absent from the other registers asked.")
    ]
    services.assess_variant(reader, case.id, FROM_FATHER, chosen_class=4, reasoning="Lower.", in_answer=True)
    assert list(Assessment.objects.order_by("number").values_list("number", "chosen_class")) == [(1, 5), (2, 4)]
    earlier = queries.variant(reader, case.id, FROM_FATHER).beside.earlier
    assert [(one.said.number, one.said.chosen_class) for one in earlier] == [(2, 4)]


def decided(code, strength, reason):
    return CriteriaInput((CriterionDecision(code, State.MET, strength, reason),))


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"reasoning": "  "}, "reasoning_missing"),
        ({"chosen_class": 6}, "class_unknown"),
        ({"given": decided(Code.PS3, Strength.STRONG, "")}, "criterion_reason"),
        ({"given": decided(Code.PM2, Strength.STAND_ALONE, "x")}, "criterion_strength"),
    ],
)
def test_a_bad_assessment_stores_nothing(analysed_case, people, actor_as, changed, code):
    case, reader = analysed_case("solberg"), actor_as(Role.LABORATORY_GENETICIST)
    consent_of_parents(case, people, actor_as)
    services.open_all_genes(reader, case.id, REASON)
    asked = {"chosen_class": 3, "reasoning": "Because.", "in_answer": False, **changed}
    refused(code, services.assess_variant, reader, case.id, FROM_FATHER, **asked)
    assert not Assessment.objects.exists()


def signed_by_one(analysed_case, people, actor_as):
    case, reader = analysed_case("solberg"), actor_as(Role.SECOND_READER, name="author")
    consent_of_parents(case, people, actor_as)
    services.open_all_genes(reader, case.id, REASON)
    assess_both(reader, case)
    sign(reader, case)
    return case, reader


def test_the_author_never_approves(analysed_case, people, actor_as, told):
    case, author = signed_by_one(analysed_case, people, actor_as)
    refused("own_interpretation", services.approve_interpretation, author, case.id)
    assert (case.row.state, told) == (CaseState.APPROVAL, [])
    assert trail_of(case, "lab.interpretation.approve") == [("refused", "own_interpretation")]
    row = Interpretation.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Interpretation.objects.filter(id=row.id).update(approver_id=row.author_id, approved_at=row.signed_at)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE lab_interpretation SET approver_id = author_id, approved_at = signed_at")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE lab_interpretation SET approved_at = signed_at")
    row.refresh_from_db()
    assert row.approver_id is None


def test_a_returned_interpretation_begins_a_new_round(analysed_case, people, actor_as, told):
    case, author = signed_by_one(analysed_case, people, actor_as)
    second = actor_as(Role.SECOND_READER, name="second")
    refused("reason_missing", services.return_interpretation, second, case.id, " ")
    services.return_interpretation(second, case.id, "PM2 has no source.")
    assert case.row.state == CaseState.INTERPRETATION
    refused("not_waiting", services.approve_interpretation, second, case.id)
    sign(author, case)
    services.approve_interpretation(second, case.id)
    rounds = queries.interpretation(second, case.id).rounds
    assert [(one.number, one.return_reason, one.approver_name) for one in rounds] == [
        (2, "", "Second Reader SECOND"),
        (1, "PM2 has no source.", ""),
    ]
    assert len(told) == 1


def test_a_red_light_blocks_signing(analysed_case, actor_as):
    case, reader = analysed_case("berg"), actor_as(Role.LABORATORY_GENETICIST)
    view = queries.interpretation(reader, case.id)
    assert {"state", "quality"} <= {one.key for one in view.obstacles if one.blocks}
    refused("blocked", sign, reader, case)
    assert not Interpretation.objects.exists()


def test_a_parent_who_objects_is_not_counted_and_may_withdraw_later(analysed_case, people, actor_as, run_jobs, told):
    case, _author = signed_by_one(analysed_case, people, actor_as)
    with run_jobs():
        services.approve_interpretation(actor_as(Role.SECOND_READER, name="second"), case.id)
    assert Counts(region_folder("HSO")).people == 2
    assert {row.role for row in case.row.samples.exclude(register_run="")} == {"mother", "father"}
    with run_jobs():
        consent.record_consent(
            actor_as(Role.CLINICIAN),
            subject_id=people.mother,
            decided_by_id=people.mother,
            allowed=tuple(one for one in ALL_YES if one is not Purpose.REGISTER_COUNT),
            means="paper",
            in_care=True,
        )
    counts = Counts(region_folder("HSO"))
    assert counts.people == 1
    assert counts.lookup(Variant.parse(Build.GRCH38, FROM_MOTHER)).ac == 0
    assert {row.role for row in case.row.samples.exclude(register_run="")} == {"father"}
