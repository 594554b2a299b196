"""The workflow of deciding: earlier classes, two editors, variants set aside, second methods, later answers, notes."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone

from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde_node.lab import contracts, queries, services
from varde_node.lab.models import (
    Assessment,
    Assignment,
    Case,
    CaseState,
    Comment,
    Confirmation,
    Dismissal,
    Interpretation,
    LaboratoryRules,
    LiteratureReference,
    Reading,
    Reconfirmation,
    Reopening,
)
from varde_node.lab.queries.work_list import WorkListFilter
from varde_node.lab.seen import case_token, variant_token
from varde_node.lab.services import TakenOver
from varde_node.lab.tests.interpretation_steps import (
    FROM_FATHER,
    FROM_MOTHER,
    REASON,
    REASONING,
    assess_both,
    consent_of_parents,
    sign,
)
from varde_node.people.services import AccessDenied, Role
from varde_node.registers.interpretations.services import record_interpretation

WHY = "New signs were told by the clinic; all genes are looked at with today's knowledge."


@pytest.fixture
def told(monkeypatch):
    """The signed cases that were announced; the clinic's part has tests of its own."""
    heard = []
    monkeypatch.setattr(contracts, "_signed_handlers", [heard.append])
    return heard


@pytest.fixture
def reader(actor_as):
    return actor_as(Role.LABORATORY_GENETICIST)


@pytest.fixture
def second(actor_as):
    return actor_as(Role.SECOND_READER)


@pytest.fixture
def opened_case(analysed_case, people, actor_as, reader):
    case = analysed_case("solberg")
    consent_of_parents(case, people, actor_as)
    services.open_all_genes(reader, case.id, REASON)
    return case


def refused(code, command, *arguments, **named):
    with pytest.raises(InputError) as caught:
        command(*arguments, **named)
    assert caught.value.code == code
    return caught.value


def assess(actor, case, variant=FROM_FATHER, **changes):
    asked = {"chosen_class": 5, "reasoning": REASONING, "in_answer": True, **changes}
    return services.assess_variant(actor, case.id, variant, **asked)


def obstacles(actor, case, key):
    """The variants that an obstacle of this key names."""
    return {one.variant for one in queries.interpretation(actor, case.id).obstacles if one.key == key}


def older(identifier, days):
    """Make an assessment as old as that."""
    Assessment.objects.filter(id=identifier).update(at=timezone.now() - timedelta(days=days))


# --- Two people at once ---


def test_the_later_of_two_editors_is_refused_and_nothing_is_lost(opened_case, reader, second):
    shown = variant_token(opened_case.row, FROM_FATHER)
    first = assess(reader, opened_case, seen=shown)
    error = refused("changed_since", assess, second, opened_case, chosen_class=3, reasoning="Unsure.", seen=shown)
    assert "Somebody has saved here" in error.problem
    assert list(Assessment.objects.values_list("id", "chosen_class")) == [(first, 5)]
    now = variant_token(opened_case.row, FROM_FATHER)
    assess(second, opened_case, chosen_class=3, reasoning="Unsure.", seen=now)
    assert list(Assessment.objects.order_by("number").values_list("chosen_class", "reasoning")) == [
        (5, REASONING),
        (3, "Unsure."),
    ]
    assess(reader, opened_case, FROM_MOTHER, seen=variant_token(opened_case.row, FROM_MOTHER))


def test_the_approval_of_an_outdated_round_is_refused(opened_case, actor_as, second, told):
    author, other = actor_as(Role.SECOND_READER, name="author"), actor_as(Role.SECOND_READER, name="other")
    assess_both(author, opened_case)
    sign(author, opened_case)
    shown = queries.interpretation(second, opened_case.id).token
    services.return_interpretation(other, opened_case.id, "Look at PM2 again.", seen=shown)
    sign(author, opened_case)
    refused("changed_since", services.approve_interpretation, second, opened_case.id, seen=shown)
    refused("changed_since", services.return_interpretation, second, opened_case.id, "Why?", seen=shown)
    assert (opened_case.row.state, told) == (CaseState.APPROVAL, [])
    assert Interpretation.objects.filter(approved_at__isnull=False).count() == 0
    services.approve_interpretation(second, opened_case.id, seen=case_token(opened_case.row))
    assert [one.summary for one in told] == [queries.interpretation(second, opened_case.id).current.summary]


def test_what_a_signature_rests_on_includes_second_methods(opened_case, reader, second, actor_as, told):
    author = actor_as(Role.SECOND_READER, name="author")
    assess_both(author, opened_case)
    sign(author, opened_case)
    shown = queries.interpretation(second, opened_case.id).token
    order = services.order_confirmation(reader, opened_case.id, method="sanger", variant=FROM_FATHER)
    refused("changed_since", services.approve_interpretation, second, opened_case.id, seen=shown)
    shown = queries.interpretation(second, opened_case.id).token
    services.record_confirmation(reader, opened_case.id, order, result="refuted", note="Run 12")
    refused("changed_since", services.approve_interpretation, second, opened_case.id, seen=shown)
    assert told == []


def test_two_accounts_of_one_person_are_not_two_readers(opened_case, people, actor_as, told):
    from varde_node.people.models import Account

    author, again = actor_as(Role.SECOND_READER, name="author"), actor_as(Role.SECOND_READER, name="again")
    Account.objects.filter(id__in=[author.account_id, again.account_id]).update(person_id=people.stranger)
    assess_both(author, opened_case)
    sign(author, opened_case)
    refused("own_interpretation", services.approve_interpretation, again, opened_case.id)
    assert (opened_case.row.state, told) == (CaseState.APPROVAL, [])


# --- Earlier classes used again ---


def test_an_earlier_class_is_taken_over_with_its_provenance(opened_case, analysed_case, people, actor_as, reader):
    before = assess(reader, opened_case, chosen_class=4)
    later = analysed_case("solberg")
    consent_of_parents(later, people, actor_as)
    services.open_all_genes(reader, later.id, REASON)
    (line,) = queries.variant(reader, later.id, FROM_FATHER).beside.earlier
    assert (line.said.id, line.said.case_number, line.fresh.age) == (before, opened_case.row.number, "current")
    taken = assess(reader, later, chosen_class=4, taken_over=TakenOver(assessment_id=before))
    row = Assessment.objects.get(id=taken)
    assert (row.based_on_id, row.based_on_register, row.reconfirmed) == (before, None, False)
    shown = queries.interpretation(reader, later.id).assessments[0].based_on
    assert (shown.case_number, shown.acmg_class, shown.reconfirmed) == (opened_case.row.number, 4, False)
    refused("not_to_be_taken_over", assess, reader, later, FROM_MOTHER, taken_over=TakenOver(assessment_id=before))
    refused("not_to_be_taken_over", assess, reader, later, taken_over=TakenOver(assessment_id=uuid4()))
    assert Assessment.objects.count() == 2


def test_an_outdated_class_is_used_only_after_a_new_look(opened_case, analysed_case, people, actor_as, reader):
    before = assess(reader, opened_case, chosen_class=3)
    older(before, 181)
    later = analysed_case("solberg")
    consent_of_parents(later, people, actor_as)
    services.open_all_genes(reader, later.id, REASON)
    (line,) = queries.variant(reader, later.id, FROM_FATHER).beside.earlier
    assert (line.fresh.age, line.fresh.until) == ("outdated", timezone.localdate() - timedelta(days=1))
    error = refused("outdated", assess, reader, later, chosen_class=3, taken_over=TakenOver(assessment_id=before))
    assert error.field == "reconfirmed"
    assert Assessment.objects.count() == 1
    taken = assess(reader, later, chosen_class=3, taken_over=TakenOver(assessment_id=before, reconfirmed=True))
    assert Assessment.objects.get(id=taken).reconfirmed


def test_another_laboratory_s_class_is_shown_with_its_age_and_taken_over(opened_case, people, actor_as, reader):
    elsewhere = actor_as(Role.SECOND_READER, name="b", organisation=people.other_laboratory)
    entered = {
        "variant": FROM_FATHER,
        "build": Build.GRCH38,
        "acmg_class": 3,
        "guideline": "SVI points",
        "laboratory": people.other_laboratory,
    }
    entry = record_interpretation(elsewhere, **entered, signed_on=date(2020, 3, 17))
    view = queries.variant(reader, opened_case.id, FROM_FATHER).beside
    (line,) = view.others
    assert (line.laboratory, line.acmg_class, line.month, line.fresh.age) == (
        "Annenby lab",
        3,
        date(2020, 3, 1),
        "outdated",
    )
    refused("outdated", assess, reader, opened_case, chosen_class=3, taken_over=TakenOver(entry_id=entry))
    taken = assess(reader, opened_case, chosen_class=3, taken_over=TakenOver(entry_id=entry, reconfirmed=True))
    assert Assessment.objects.get(id=taken).based_on_register == {
        "laboratory": "Annenby lab",
        "acmg_class": 3,
        "guideline": "SVI points",
        "year": 2020,
        "month": 3,
    }
    assess(reader, opened_case, chosen_class=5)
    assert queries.variant(reader, opened_case.id, FROM_FATHER).beside.disagreement


def test_an_outdated_class_blocks_signing_until_it_is_looked_at_again(opened_case, reader):
    assess_both(reader, opened_case)
    stored = Assessment.objects.get(variant=FROM_FATHER)
    older(stored.id, 1826)
    view = queries.interpretation(reader, opened_case.id)
    assert [(one.key, one.variant) for one in view.obstacles if one.blocks] == [("outdated", FROM_FATHER)]
    refused("blocked", sign, reader, opened_case)
    refused("reasoning_missing", services.reconfirm_class, reader, stored.id, " ")
    services.reconfirm_class(reader, stored.id, "ClinVar and the literature of the year were read.")
    assert not queries.interpretation(reader, opened_case.id).blocked
    assert list(Reconfirmation.objects.values_list("assessment", "by")) == [(stored.id, reader.account_id)]


# --- Set aside, and second methods ---


def test_a_dismissal_needs_a_reason_and_own_words_and_can_be_undone(opened_case, reader):
    ask = services.dismiss_variant
    refused("dismissal_reason", ask, reader, opened_case.id, FROM_FATHER, reason="because", comment="x")
    refused("comment_missing", ask, reader, opened_case.id, FROM_FATHER, reason="technical", comment=" ")
    assert not Dismissal.objects.exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        Dismissal.objects.create(
            case=opened_case.row,
            number=1,
            variant="x",
            active=True,
            reason="",
            comment="x",
            author_id=reader.account_id,
        )
    ask(reader, opened_case.id, FROM_FATHER, reason="technical", comment="Reads end here.")
    waiting = {
        one.variant for one in queries.interpretation(reader, opened_case.id).obstacles if one.key == "candidate"
    }
    assert FROM_FATHER not in waiting
    assert FROM_MOTHER in waiting
    services.take_up_variant(reader, opened_case.id, FROM_FATHER)
    refused("not_dismissed", services.take_up_variant, reader, opened_case.id, FROM_FATHER)
    assert list(Dismissal.objects.order_by("number").values_list("number", "active")) == [(1, True), (2, False)]
    waiting = {
        one.variant for one in queries.interpretation(reader, opened_case.id).obstacles if one.key == "candidate"
    }
    assert FROM_FATHER in waiting
    assess(reader, opened_case)
    refused("in_answer", ask, reader, opened_case.id, FROM_FATHER, reason="technical", comment="x")


def test_every_evaluated_variant_is_in_the_answer(opened_case, reader, second, told):
    services.dismiss_variant(
        reader, opened_case.id, FROM_FATHER, reason="phenotype", comment="The child hears normally."
    )
    assess(reader, opened_case, FROM_MOTHER, chosen_class=3, in_answer=False, reasoning="Alone.")
    services.order_confirmation(reader, opened_case.id, method="sanger", gap="DEMO01 exon 2", note="12x")
    services.sign_interpretation(reader, opened_case.id, conclusion="no_certain_finding", summary="Nothing certain.")
    services.approve_interpretation(second, opened_case.id)
    (signed,) = told
    assert signed.variants == ()
    assert [
        (one["variant"], one["acmg_class"], one["in_answer"], one["reason"], one["comment"]) for one in signed.evaluated
    ] == [
        (FROM_MOTHER, 3, False, "", ""),
        (FROM_FATHER, None, False, "phenotype", "The child hears normally."),
    ]
    touched = set(Assessment.objects.values_list("variant", flat=True))
    touched |= set(Dismissal.objects.filter(active=True).values_list("variant", flat=True))
    assert {one["variant"] for one in signed.evaluated} == touched
    assert signed.confirmations == ({"variant": "", "gap": "DEMO01 exon 2", "method": "sanger", "result": ""},)


def test_the_laboratory_s_rules_may_ask_a_second_method_before_signing(opened_case, people, actor_as, reader, second):
    assess_both(reader, opened_case)
    refused("need_unknown", services.set_rules, second, confirmation="often", validity_days={}, reason="x")
    refused("reason_missing", services.set_rules, second, confirmation="every", validity_days={}, reason=" ")
    refused("validity", services.set_rules, second, confirmation="every", validity_days={3: 0}, reason="x")
    with pytest.raises(AccessDenied):
        services.set_rules(reader, confirmation="every", validity_days={}, reason="x")
    assert not LaboratoryRules.objects.exists()
    services.set_rules(second, confirmation="class_4_and_5", validity_days={3: 90}, reason="House rule of 2026.")
    view = queries.interpretation(reader, opened_case.id)
    assert {(one.key, one.variant) for one in view.obstacles if one.blocks} == {
        ("confirmation", FROM_FATHER),
        ("confirmation", FROM_MOTHER),
    }
    refused("blocked", sign, reader, opened_case)
    for variant in (FROM_FATHER, FROM_MOTHER):
        order = services.order_confirmation(reader, opened_case.id, method="sanger", variant=variant)
        refused(
            "already_ordered", services.order_confirmation, reader, opened_case.id, method="sanger", variant=variant
        )
        refused(
            "note_missing", services.record_confirmation, reader, opened_case.id, order, result="confirmed", note=""
        )
        services.record_confirmation(reader, opened_case.id, order, result="confirmed", note="Run 12, lane 3")
        refused("result_given", services.record_confirmation, reader, opened_case.id, order, result="refuted", note="x")
    assert not queries.interpretation(reader, opened_case.id).blocked
    rules = queries.laboratory_rules(second)
    assert [(one.acmg_class, one.days, one.own) for one in rules.validity] == [
        (5, 1825, False),
        (4, 730, False),
        (3, 90, True),
        (2, 730, False),
        (1, None, False),
    ]
    with pytest.raises(IntegrityError), transaction.atomic():
        Confirmation.objects.update(result="confirmed", result_by=None)
    elsewhere = actor_as(Role.SECOND_READER, name="b", organisation=people.other_laboratory)
    assert queries.laboratory_rules(elsewhere).number == 0


def test_a_refuted_variant_cannot_be_answered_and_a_gap_or_a_variant_is_named(opened_case, reader):
    assess_both(reader, opened_case)
    ask = services.order_confirmation
    refused("confirmation_of_nothing", ask, reader, opened_case.id, method="sanger")
    refused("confirmation_of_nothing", ask, reader, opened_case.id, method="sanger", variant=FROM_FATHER, gap="x")
    refused("method_unknown", ask, reader, opened_case.id, method="guess", variant=FROM_FATHER)
    refused("variant_not_assessed", ask, reader, opened_case.id, method="sanger", variant="1-1-A-T")
    assert not Confirmation.objects.exists()
    order = ask(reader, opened_case.id, method="sanger", variant=FROM_FATHER)
    assert obstacles(reader, opened_case, "confirmation_waits") == {FROM_FATHER}
    services.record_confirmation(reader, opened_case.id, order, result="refuted", note="Not there.")
    blocking = [
        (one.key, one.variant) for one in queries.interpretation(reader, opened_case.id).obstacles if one.blocks
    ]
    assert blocking == [("refuted", FROM_FATHER)]
    with pytest.raises(Http404):
        services.record_confirmation(reader, opened_case.id, uuid4(), result="confirmed", note="x")


# --- Corrected answers and re-analysis ---


def test_a_negative_case_becomes_positive_a_year_later(analysed_case, people, actor_as, reader, second, told, run_jobs):
    case = analysed_case("solberg")
    consent_of_parents(case, people, actor_as)
    services.sign_interpretation(reader, case.id, conclusion="no_certain_finding", summary="Nothing in the panel.")
    services.approve_interpretation(second, case.id)
    a_year_ago = timezone.now() - timedelta(days=365)
    Interpretation.objects.update(signed_at=a_year_ago, approved_at=a_year_ago)
    refused("kind_unknown", services.reopen_case, reader, case.id, kind="first", reason=WHY)
    refused("reason_missing", services.reopen_case, reader, case.id, kind="reanalysis", reason="new")
    assert (case.row.state, Reopening.objects.count()) == (CaseState.SIGNED, 0)
    services.reopen_case(reader, case.id, kind="reanalysis", reason=WHY)
    refused("not_signed", services.reopen_case, reader, case.id, kind="reanalysis", reason=WHY)
    view = queries.interpretation(reader, case.id)
    assert (view.current, view.standing.summary) == (None, "Nothing in the panel.")
    assert (case.row.state, case.row.due_on) == (
        CaseState.INTERPRETATION,
        timezone.localdate() + timedelta(days=60),
    )
    services.open_all_genes(reader, case.id, REASON)
    assess_both(reader, case)
    sign(reader, case)
    with run_jobs():
        services.approve_interpretation(second, case.id)
    assert [(one.kind, one.conclusion, one.gene, one.reason) for one in told] == [
        ("first", "no_certain_finding", "", ""),
        ("reanalysis", "explains", "DEMO17", WHY),
    ]
    assert [(one.number, one.kind, one.approver_name) for one in queries.interpretation(reader, case.id).rounds] == [
        (2, "reanalysis", "Second Reader A"),
        (1, "first", "Second Reader A"),
    ]
    with pytest.raises(IntegrityError), transaction.atomic():
        Interpretation.objects.filter(number=2).update(reopening=None)


def test_a_correction_supersedes_and_the_register_follows(opened_case, reader, second, told):
    from varde.genome.alleles import Variant
    from varde_node.registers.interpretations.queries import interpretations_of

    assess_both(reader, opened_case)
    sign(reader, opened_case)
    services.approve_interpretation(second, opened_case.id)
    services.reopen_case(reader, opened_case.id, kind="correction", reason="The father's tube was exchanged.")
    assess(reader, opened_case, FROM_FATHER, chosen_class=3, in_answer=False, reasoning="Not from the father.")
    assess(reader, opened_case, FROM_MOTHER, chosen_class=3, in_answer=False, reasoning="Alone.")
    services.sign_interpretation(reader, opened_case.id, conclusion="no_certain_finding", summary="Corrected.")
    services.approve_interpretation(second, opened_case.id)
    assert [(one.kind, one.conclusion, len(one.variants), len(one.evaluated)) for one in told] == [
        ("first", "explains", 2, 2),
        ("correction", "no_certain_finding", 0, 2),
    ]
    lines = interpretations_of(second, Variant.parse(Build.GRCH38, FROM_FATHER)).lines
    assert [(one.acmg_class, one.state) for one in lines] == [(3, "current"), (5, "superseded")]
    assert Interpretation.objects.filter(number=1, conclusion="explains", approved_at__isnull=False).exists()


def test_a_reanalysis_of_new_files_waits_for_them_and_cannot_be_cancelled(
    opened_case, reader, second, actor_as, told, run_jobs
):
    assess_both(reader, opened_case)
    sign(reader, opened_case)
    services.approve_interpretation(second, opened_case.id)
    services.reopen_case(reader, opened_case.id, kind="reanalysis", reason=WHY, new_files=True)
    assert opened_case.row.state == CaseState.SAMPLES_RECEIVED
    refused("too_late", services.cancel_case, actor_as(Role.CLINICIAN), opened_case.order_id, "By mistake.")
    with run_jobs():
        services.start_analysis(reader, opened_case.id)
    assert opened_case.row.state == CaseState.INTERPRETATION
    assert opened_case.row.analyses.count() == 2
    assert {one.variant for one in queries.interpretation(reader, opened_case.id).assessments} == {
        FROM_FATHER,
        FROM_MOTHER,
    }


def test_classes_of_signed_answers_come_up_again(opened_case, reader, second, told):
    assess_both(reader, opened_case)
    sign(reader, opened_case)
    services.approve_interpretation(second, opened_case.id)
    assert queries.re_evaluation(reader).lines == ()
    stored = Assessment.objects.get(variant=FROM_FATHER)
    older(stored.id, 1800)
    view = queries.re_evaluation(reader)
    assert [(one.said.variant, one.fresh.age) for one in view.lines] == [(FROM_FATHER, "soon")]
    assert (view.due, view.counted) == (1, 2)
    assert queries.work_list(reader, WorkListFilter("due")).counts["due"] == 0
    older(stored.id, 1827)
    assert [row.id for row in queries.work_list(reader, WorkListFilter("due")).rows] == [opened_case.id]
    services.reconfirm_class(reader, stored.id, "Read anew.")
    assert queries.re_evaluation(reader).lines == ()
    assert queries.work_list(reader, WorkListFilter("due")).rows == ()


def test_signed_cases_that_new_knowledge_would_change_come_up_again(opened_case, reader, second, told):
    from varde_node.lab.models import KnowledgeComparison, KnowledgeEffect, KnowledgeSource

    assess_both(reader, opened_case)
    sign(reader, opened_case)
    services.approve_interpretation(second, opened_case.id)
    source = KnowledgeSource.objects.create(
        kind="clinvar", name="ClinVar", version="2027-01", imported_by_id=reader.account_id
    )
    asked = KnowledgeComparison.objects.create(
        source=source,
        laboratory_id=reader.organisation_id,
        asked_by_id=reader.account_id,
        finished_at=timezone.now(),
    )
    old, new = {"called": 5}, {"called": 2}
    change = {"variant": FROM_FATHER, "gene": "DEMO17", "change": "class", "old": old, "new": new, "given_class": 5}
    effect = KnowledgeEffect.objects.create(
        comparison=asked, case=opened_case.row, changes=[change | {"matters": False}]
    )
    assert queries.re_evaluation(reader).knowledge == ()
    effect.changes = [change | {"matters": True}, change | {"matters": False}]
    effect.save()
    assert [(one.number, len(one.changes)) for one in queries.re_evaluation(reader).knowledge] == [
        (opened_case.row.number, 1)
    ]
    assert [row.id for row in queries.work_list(reader, WorkListFilter("due")).rows] == [opened_case.id]


# --- Who works on it, what is said, what is read ---


def test_a_case_is_taken_handed_over_and_let_go(opened_case, people, actor_as, reader, second):
    services.assign_case(reader, opened_case.id, reader.account_id)
    services.assign_case(reader, opened_case.id, reader.account_id)
    assert queries.work_list(reader, WorkListFilter("mine")).counts["mine"] == 1
    assert queries.work_list(second, WorkListFilter("mine")).rows == ()
    services.assign_case(reader, opened_case.id, second.account_id, "On leave from Monday.")
    assert [row.assignee for row in queries.work_list(second, WorkListFilter("mine")).rows] == ["Second Reader A"]
    foreign = actor_as(Role.LABORATORY_GENETICIST, name="b", organisation=people.other_laboratory)
    refused("not_a_colleague", services.assign_case, reader, opened_case.id, foreign.account_id)
    refused("not_a_colleague", services.assign_case, reader, opened_case.id, actor_as(Role.CLINICIAN).account_id)
    services.assign_case(second, opened_case.id, None)
    assert list(Assignment.objects.order_by("at").values_list("to", flat=True)) == [
        reader.account_id,
        second.account_id,
        None,
    ]
    assert queries.work_list(reader, WorkListFilter("unassigned")).counts["unassigned"] == 1


def test_the_discussion_is_seen_by_both_and_by_nobody_else(opened_case, people, actor_as, reader):
    clinician = actor_as(Role.CLINICIAN)
    services.comment(reader, opened_case.id, "Only for us.", variant=FROM_FATHER)
    services.comment(reader, opened_case.id, "Has she had fever seizures?", shared=True)
    assert queries.work_list(reader, WorkListFilter("written")).counts["written"] == 0
    services.answer_in_discussion(clinician, opened_case.order_id, "Two, at eleven months.")
    assert [(one.text, one.from_requester) for one in queries.discussion(clinician, opened_case.order_id).messages] == [
        ("Has she had fever seizures?", False),
        ("Two, at eleven months.", True),
    ]
    assert [one.text for one in queries.notes(reader, opened_case.id).comments] == ["Only for us."]
    assert queries.work_list(reader, WorkListFilter("written")).counts["written"] == 1
    elsewhere = actor_as(Role.CLINICIAN, name="b", organisation=people.other_clinic)
    foreign = actor_as(Role.LABORATORY_GENETICIST, name="b", organisation=people.other_laboratory)
    with pytest.raises(AccessDenied):
        services.answer_in_discussion(elsewhere, opened_case.order_id, "x")
    with pytest.raises(AccessDenied):
        queries.discussion(elsewhere, opened_case.order_id)
    with pytest.raises(AccessDenied):
        services.comment(foreign, opened_case.id, "x", shared=True)
    with pytest.raises(AccessDenied):
        services.comment(clinician, opened_case.id, "x", shared=True)
    refused("text_missing", services.comment, reader, opened_case.id, " ")
    refused("text_too_long", services.comment, reader, opened_case.id, "x" * 10_001)
    assert Comment.objects.count() == 3


def test_references_follow_the_variant_and_each_says_for_oneself_what_is_read(
    opened_case, people, actor_as, reader, second
):
    add = services.add_reference
    one = add(reader, opened_case.id, FROM_FATHER, "GRCh38", "PMID: 25741868", "The guideline.")
    assert add(second, opened_case.id, FROM_FATHER, "GRCh38", "25741868") == one
    refused("bad_reference", add, reader, opened_case.id, FROM_FATHER, "GRCh38", "javascript:alert(1)")
    services.mark_read(reader, opened_case.id, one, read=True)
    services.mark_read(reader, opened_case.id, one, read=True)
    (mine,) = queries.variant(reader, opened_case.id, FROM_FATHER).beside.references
    (theirs,) = queries.variant(second, opened_case.id, FROM_FATHER).beside.references
    assert (mine.label, mine.read, theirs.read, theirs.readers) == (
        "PMID 25741868",
        True,
        False,
        ("Laboratory Geneticist A",),
    )
    services.mark_read(reader, opened_case.id, one, read=False)
    assert (LiteratureReference.objects.count(), Reading.objects.count()) == (1, 0)
    foreign = LiteratureReference.objects.create(
        laboratory_id=people.other_laboratory, build="GRCh38", variant=FROM_FATHER, kind="pmid", identifier="1",
        by_id=reader.account_id,
    )  # fmt: skip
    with pytest.raises(Http404):
        services.mark_read(reader, opened_case.id, foreign.id, read=True)


def test_views_of_the_work_list_are_one_s_own(reader, second, db):
    refused("name_missing", services.save_view, reader, " ", "state=mine")
    kept = services.save_view(reader, "Epilepsy, mine", "state=mine&text=epilepsi")
    services.save_view(reader, "Epilepsy, mine", "state=mine&text=epilepsy")
    assert queries.work_list(reader, WorkListFilter()).views == ((kept, "Epilepsy, mine", "state=mine&text=epilepsy"),)
    services.forget_view(second, kept)
    assert len(queries.work_list(reader, WorkListFilter()).views) == 1
    services.forget_view(reader, kept)
    assert queries.work_list(reader, WorkListFilter()).views == ()


def test_the_work_list_is_paged(open_demo_case, reader):
    first = open_demo_case().row
    Case.objects.bulk_create(replace_case(first, number) for number in range(2, 53))
    pages = [queries.work_list(reader, WorkListFilter(page=number)) for number in (1, 2, 99)]
    assert [(one.page, one.pages, one.matching, len(one.rows)) for one in pages] == [
        (1, 2, 52, 50),
        (2, 2, 52, 2),
        (2, 2, 52, 2),
    ]
    assert len({row.id for one in pages[:2] for row in one.rows}) == 52


def replace_case(case, number):
    """A like case with a number of its own."""
    values = {field.attname: getattr(case, field.attname) for field in Case._meta.concrete_fields}
    return Case(**{**values, "id": uuid4(), "order_id": uuid4(), "number": f"NO-2026-{number:04d}"})
