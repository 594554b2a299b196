"""Who may decide, for what, for whom, under which rule: each refusal and each permission once."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from varde.consent import (
    NORWAY,
    TEXTS,
    Approval,
    ApprovalKind,
    ConsentDecision,
    ConsentEvent,
    Decider,
    DeciderKind,
    EventKind,
    Examination,
    ExaminationPurpose,
    Form,
    LegalRule,
    Objection,
    Purpose,
    Reach,
    Reason,
    Recipient,
    RecipientKind,
    RuleSet,
    Scope,
    Subject,
    Terms,
    Use,
    evaluate,
    examination_gate,
)
from varde.consent.evaluation import age_on, birthday
from varde.consent.rules import Basis

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
SIGNED = datetime(2026, 2, 1, 9, tzinfo=UTC)
LAB = Recipient(RecipientKind.OWN_LABORATORY)
CHILD = Subject("child", date(2022, 1, 15))
MOTHER = Decider(DeciderKind.PARENT, "mother")
FORM = Form("family-exome", "2", "nn", "ab" * 32)
CARE = frozenset({Purpose.CARE_PANEL, Purpose.CARE_ALL_GENES})


def given(allowed=CARE, *, decider=MOTHER, at=SIGNED, subject="child", project=None, identifier="c1", **other):
    settled = {"recipients": frozenset(RecipientKind)}
    terms = Terms(FORM, decider, frozenset(allowed), **(settled | other))
    event = ConsentEvent(EventKind.GIVEN, at, decider.person, terms)
    return ConsentDecision(identifier, subject, (event,), project)


def ask(*decisions, purpose=Purpose.CARE_PANEL, recipient=LAB, at=NOW, subject=CHILD, rules=NORWAY, **scope):
    return evaluate(decisions, purpose, recipient, at=at, subject=subject, scope=Scope(**scope), rules=rules)


def key(decision):
    return decision.reason.key.removeprefix("consent.")


def test_the_worked_example():
    """A four-year-old: the parents agreed to a panel; all genes are opened only after they agreed to that."""
    panel_only = given({Purpose.CARE_PANEL})
    found = ask(panel_only)
    assert found.allowed
    assert (found.rule, found.consent, found.form_version) == ("care-panel", "c1", "family-exome 2 nn")
    assert found.citation == "pasient- og brukerrettighetsloven (LOV-1999-07-02-63) §§ 4-1, 4-2"
    assert (found.rule_set, found.confirmed) == ("norway 2026.1", False)
    assert str(found.reason) == "Allowed by the consent given on 2026-02-01."
    assert key(ask(panel_only, purpose=Purpose.CARE_ALL_GENES)) == "denied.not_asked"
    opened = panel_only.with_event(
        ConsentEvent(EventKind.CHANGED, NOW, "mother", replace(panel_only.events[0].terms, allowed=CARE))
    )
    assert ask(opened, purpose=Purpose.CARE_ALL_GENES).allowed
    assert not ask(opened, purpose=Purpose.CARE_ALL_GENES, at=NOW - timedelta(seconds=1)).allowed


class TestConsent:
    @pytest.mark.parametrize(
        ("decision", "reason"),
        [
            (given(refused=frozenset({Purpose.MATCHMAKING})), "denied.refused"),
            (given(), "denied.not_asked"),
            (given(CARE | {Purpose.MATCHMAKING}, written=False), "denied.not_written"),
            (given({Purpose.MATCHMAKING}, recipients=frozenset({RecipientKind.PATIENT})), "denied.recipient"),
            (given({Purpose.MATCHMAKING}, valid_from=NOW + timedelta(1)), "denied.not_yet_valid"),
            (given({Purpose.MATCHMAKING}, valid_until=NOW), "denied.expired"),
            (given({Purpose.MATCHMAKING}, at=NOW + timedelta(1)), "denied.none"),
            (given({Purpose.MATCHMAKING}), "allowed.consent"),
        ],
    )
    def test_each_reason(self, decision, reason):
        assert key(ask(decision, purpose=Purpose.MATCHMAKING)) == reason

    def test_no_consent_and_a_draft(self):
        draft = ConsentDecision("c1", "child", (ConsentEvent(EventKind.DRAFTED, SIGNED, "mother"),))
        assert (key(ask()), key(ask(draft))) == ("denied.none", "denied.draft")

    def test_a_consent_of_another_person_is_refused(self):
        with pytest.raises(ValueError, match="another person"):
            ask(given(subject="brother"))

    def test_a_time_without_zone_is_refused(self):
        with pytest.raises(ValueError, match="no time zone"):
            ask(given(), at=datetime(2026, 3, 1))


class TestRecipients:
    @pytest.mark.parametrize(
        ("reach", "countries", "allowed"),
        [
            (Reach.NORWAY, {"NO"}, True),
            (Reach.NORWAY, {"NO", "SE"}, False),
            (Reach.EEA, {"NO", "SE", "IS"}, True),
            (Reach.EEA, {"NO", "GB"}, False),
            (Reach.EEA, {"CH"}, False),
            (Reach.THIRD_COUNTRY, {"NO", "US"}, True),
        ],
    )
    def test_every_place_of_processing_counts(self, reach, countries, allowed):
        recipient = Recipient(RecipientKind.MATCHMAKING_SERVICE, countries=frozenset(countries))
        found = ask(given({Purpose.MATCHMAKING}, reach=reach), purpose=Purpose.MATCHMAKING, recipient=recipient)
        assert key(found) == ("allowed.consent" if allowed else "denied.country")

    def test_a_reach_of_its_own_widens_one_purpose_alone(self):
        sweden = frozenset({"SE"})
        wide = given({Purpose.MATCHMAKING, Purpose.CARE_PANEL}, reach_by_purpose={Purpose.MATCHMAKING: Reach.EEA})
        service = Recipient(RecipientKind.MATCHMAKING_SERVICE, countries=sweden)
        laboratory = Recipient(RecipientKind.OWN_LABORATORY, countries=sweden)
        assert key(ask(wide, purpose=Purpose.MATCHMAKING, recipient=service)) == "allowed.consent"
        assert key(ask(wide, purpose=Purpose.CARE_PANEL, recipient=laboratory)) == "denied.country"

    def test_an_unknown_country_is_refused(self):
        nowhere = Recipient(RecipientKind.OWN_LABORATORY, countries=frozenset())
        assert key(ask(given(), recipient=nowhere)) == "denied.country_unknown"

    def test_commercial_actors(self):
        company = Recipient(RecipientKind.OTHER_LABORATORY, commercial=True)
        assert key(ask(given(), recipient=company)) == "denied.commercial"
        assert ask(given(commercial=True), recipient=company).allowed


class TestAges:
    """pasient- og brukerrettighetsloven §§ 4-3 and 4-4: parents up to 16, the child heard from 12."""

    BORN = date(2010, 3, 1)

    def at_age(self, years, days=0):
        return datetime.combine(birthday(self.BORN, years) + timedelta(days), datetime.min.time(), UTC)

    def answer(self, signed, asked, decider, rules=NORWAY, use=Use.NEW, **other):
        decision = given(decider=decider, at=signed, **other)
        return key(ask(decision, at=asked, subject=Subject("child", self.BORN), rules=rules, use=use))

    SELF = Decider(DeciderKind.SELF, "child")

    def test_who_decides(self):
        day_before, day = self.at_age(16, -1), self.at_age(16)
        assert self.answer(day_before, day_before, self.SELF) == "denied.too_young"
        assert self.answer(day, day, self.SELF) == "allowed.consent"
        assert self.answer(day_before, day_before, MOTHER, child_view_recorded=True) == "allowed.consent"
        assert self.answer(day, day, MOTHER, child_view_recorded=True) == "denied.parent_of_adult"

    def test_the_child_is_heard_from_twelve(self):
        before, day = self.at_age(12, -1), self.at_age(12)
        assert self.answer(before, before, MOTHER) == "allowed.consent"
        assert self.answer(day, day, MOTHER) == "denied.child_not_heard"
        assert self.answer(day, day, MOTHER, child_view_recorded=True) == "allowed.consent"

    def test_a_parents_consent_waits_for_the_person_at_sixteen(self):
        signed = self.at_age(4)
        assert self.answer(signed, self.at_age(16, -1), MOTHER) == "allowed.consent"
        for use in Use:
            assert self.answer(signed, self.at_age(16), MOTHER, use=use) == "denied.awaiting_self"

    def test_a_grace_is_a_rule_that_must_be_set(self):
        signed = self.at_age(4)
        ninety = replace(NORWAY, ages=replace(NORWAY.ages, grace_after_majority=timedelta(90)))
        last, over = self.at_age(16, 89), self.at_age(16, 90)
        assert self.answer(signed, last, MOTHER, ninety, Use.UNDER_WAY) == "allowed.awaiting_self"
        assert self.answer(signed, over, MOTHER, ninety, Use.UNDER_WAY) == "denied.awaiting_self"
        assert self.answer(signed, last, MOTHER, ninety, Use.NEW) == "denied.awaiting_self"

    def test_the_persons_own_answer_takes_over(self):
        parents = given(at=self.at_age(4))
        own = given(at=self.at_age(16), decider=self.SELF, identifier="c2")
        found = ask(parents, own, at=self.at_age(16, 1), subject=Subject("child", self.BORN))
        assert (found.allowed, found.consent) == (True, "c2")

    def test_an_unknown_birth_date_is_refused(self):
        assert key(ask(given(), subject=Subject("child"))) == "denied.birth_date"

    def test_a_representation_has_its_time(self):
        late = replace(MOTHER, valid_from=SIGNED.date() + timedelta(1))
        over = replace(MOTHER, valid_until=SIGNED.date())
        assert (key(ask(given(decider=late))), key(ask(given(decider=over)))) == ("denied.representation",) * 2
        assert ask(given(decider=replace(MOTHER, valid_from=SIGNED.date()))).allowed

    def test_a_guardian_of_an_adult(self):
        guardian = Decider(DeciderKind.GUARDIAN, "g", date(2020, 1, 1), NOW.date() + timedelta(1))
        adult = Subject("child", date(1960, 1, 1))
        assert ask(given(decider=guardian), subject=adult).allowed
        later = NOW + timedelta(1)
        assert key(ask(given(decider=guardian), subject=adult, at=later)) == "denied.representation"

    @pytest.mark.parametrize(
        ("born", "day", "age"),
        [
            (date(2010, 3, 1), date(2026, 2, 28), 15),
            (date(2010, 3, 1), date(2026, 3, 1), 16),
            (date(2008, 2, 29), date(2026, 2, 28), 17),
            (date(2008, 2, 29), date(2026, 3, 1), 18),
            (date(2008, 2, 29), date(2024, 2, 29), 16),
            (date(2026, 1, 2), date(2026, 1, 1), -1),
        ],
    )
    def test_age(self, born, day, age):
        assert age_on(born, day) == age


class TestRegister:
    """The anonymous register counts without consent; whoever has said no is not counted."""

    REGISTER = Recipient(RecipientKind.NATIONAL_REGISTER)

    def answer(self, *decisions, **scope):
        return key(ask(*decisions, purpose=Purpose.REGISTER_COUNT, recipient=self.REGISTER, **scope))

    def test_counted_without_consent(self):
        assert self.answer() == "allowed.no_consent_needed"
        assert self.answer(given()) == "allowed.no_consent_needed"

    def test_every_kind_of_no_is_honoured(self):
        assert self.answer(given(refused=frozenset({Purpose.REGISTER_COUNT}))) == "denied.refused"
        for end, reason in ((EventKind.WITHDRAWN, "denied.withdrawn"), (EventKind.SUSPENDED, "denied.suspended")):
            assert self.answer(given().with_event(ConsentEvent(end, NOW, "mother"))) == reason
        for purpose in (Purpose.REGISTER_COUNT, None):
            assert self.answer(given(), objections=(Objection("child", NOW, purpose),)) == "denied.objection"

    def test_an_objection_of_another_or_to_another_use_or_lifted_does_not_hold(self):
        others = (
            Objection("brother", SIGNED),
            Objection("child", SIGNED, Purpose.RESEARCH),
            Objection("child", SIGNED, lifted_at=NOW),
            Objection("child", NOW + timedelta(1)),
        )
        assert self.answer(objections=others) == "allowed.no_consent_needed"

    def test_a_general_objection_leaves_care_alone(self):
        assert ask(given(), objections=(Objection("child", SIGNED),)).allowed
        stopped = ask(given(), objections=(Objection("child", SIGNED, Purpose.CARE_PANEL),))
        assert str(stopped.reason) == "Refused: the person objected on 2026-02-01."

    def test_before_the_rule_was_in_force(self):
        found = ask(purpose=Purpose.REGISTER_COUNT, recipient=self.REGISTER, at=datetime(2016, 12, 31, tzinfo=UTC))
        assert (key(found), found.rule) == ("denied.rule_not_set", "none")


class TestQualityAndResearch:
    LEADERSHIP = Approval(ApprovalKind.LEADERSHIP, "2026/17", date(2026, 1, 1), date(2027, 1, 1))
    ETHICS = Approval(ApprovalKind.ETHICS, "REK 1234", date(2026, 1, 1), date(2030, 1, 1), "epilepsy")
    WAIVER = Approval(ApprovalKind.ETHICS_WAIVED_CONSENT, "REK 99", date(2026, 1, 1), None, "epilepsy")
    GROUP = Recipient(RecipientKind.RESEARCH_GROUP, "group-a")

    def research(self, *decisions, project="epilepsy", approvals=(ETHICS,), rules=NORWAY, **other):
        return ask(
            *decisions,
            purpose=Purpose.RESEARCH,
            recipient=self.GROUP,
            project=project,
            approvals=approvals,
            rules=rules,
            **other,
        )

    def test_quality_work_needs_a_decision_and_stays_in_the_enterprise(self):
        found = ask(purpose=Purpose.QUALITY, approvals=(self.LEADERSHIP,))
        assert (key(found), found.citation) == ("allowed.decision", "helsepersonelloven (LOV-1999-07-02-64) § 26")
        assert key(ask(purpose=Purpose.QUALITY)) == "denied.approval"
        expired = datetime(2027, 1, 1, tzinfo=UTC)
        assert key(ask(purpose=Purpose.QUALITY, approvals=(self.LEADERSHIP,), at=expired)) == "denied.approval"
        outside = Recipient(RecipientKind.OTHER_LABORATORY)
        found = ask(purpose=Purpose.QUALITY, approvals=(self.LEADERSHIP,), recipient=outside)
        assert key(found) == "denied.own_enterprise"

    def test_research_needs_approval_and_consent(self):
        base = given(CARE | {Purpose.RESEARCH})
        assert key(self.research(base)) == "allowed.consent"
        assert key(self.research()) == "denied.none"
        assert key(self.research(given())) == "denied.not_asked"
        assert key(self.research(base, approvals=())) == "denied.approval"
        assert key(self.research(base, project="other")) == "denied.approval"
        assert key(self.research(base, project=None)) == "denied.project"

    def test_a_project_stream_goes_before_what_the_base_says(self):
        base = given(CARE | {Purpose.RESEARCH})
        no = given((), refused=frozenset({Purpose.RESEARCH}), project="epilepsy", identifier="p1")
        yes = given({Purpose.RESEARCH}, project="epilepsy", identifier="p1")
        assert key(self.research(base, no)) == "denied.refused"
        found = self.research(given(), yes)
        assert (key(found), found.consent) == ("allowed.consent", "p1")
        assert key(self.research(yes)) == "denied.none", "the base decision must stand"
        elsewhere = replace(no, project="heart")
        assert key(self.research(base, elsewhere)) == "allowed.consent"

    def test_withdrawing_a_project_leaves_care_alone_and_withdrawing_the_base_ends_all(self):
        end = ConsentEvent(EventKind.WITHDRAWN, NOW, "mother")
        base = given(CARE | {Purpose.RESEARCH})
        project = given({Purpose.RESEARCH}, project="epilepsy", identifier="p1")
        assert key(self.research(base, project.with_event(end))) == "denied.withdrawn"
        assert ask(base, project.with_event(end)).allowed
        assert key(self.research(base.with_event(end), project)) == "denied.withdrawn"

    def test_only_named_groups(self):
        base = given({Purpose.RESEARCH}, groups=frozenset({"group-b"}))
        assert key(self.research(base)) == "denied.recipient"
        assert self.research(given({Purpose.RESEARCH}, groups=frozenset({"group-a"}))).allowed

    def test_a_waiver_whose_law_has_no_date_allows_nothing(self):
        found = self.research(approvals=(self.WAIVER,))
        assert (key(found), found.rule) == ("denied.rule_not_set", "research-waived")

    def test_a_waiver_replaces_consent_and_not_an_objection(self):
        in_force = replace(NORWAY.rules[6], in_force_from=date(2026, 1, 1))
        assert in_force.identifier == "research-waived"
        rules = NORWAY.with_rules("test", [in_force])
        assert key(self.research(approvals=(self.WAIVER,), rules=rules)) == "allowed.waived"
        stopped = self.research(approvals=(self.WAIVER,), rules=rules, objections=(Objection("child", SIGNED),))
        assert key(stopped) == "denied.objection"
        no = given((), refused=frozenset({Purpose.RESEARCH}))
        assert not self.research(no, approvals=(self.WAIVER,), rules=rules).allowed
        before = datetime(2025, 12, 31, tzinfo=UTC)
        assert not self.research(approvals=(self.WAIVER,), rules=rules, at=before).allowed
        assert rules.name == "norway test"
        assert NORWAY.rules[6].in_force_from is None


class TestRules:
    def test_every_purpose_has_a_cited_rule_and_none_is_said_to_be_confirmed(self):
        assert {rule.purpose for rule in NORWAY.rules} == set(Purpose)
        assert all(rule.citation and not rule.confirmed for rule in NORWAY.rules)

    def test_in_force_dates_are_half_open(self):
        rule = LegalRule("r", Purpose.QUALITY, Basis.CONSENT, "law", date(2026, 1, 1), date(2026, 2, 1))
        days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 31), date(2026, 2, 1)]
        assert [rule.in_force(day) for day in days] == [False, True, True, False]

    def test_a_rule_stands_once(self):
        with pytest.raises(ValueError, match="twice"):
            RuleSet("x", "1", (NORWAY.rules[0], NORWAY.rules[0]), NORWAY.ages)

    def test_every_text_is_used_and_formatted_with_its_names(self):
        folder = Path(__file__).parents[1]
        source = "".join(path.read_text() for path in folder.glob("*.py") if path.name != "texts.py")
        assert set(re.findall(r'"(consent\.[a-z_.]+)"', source)) == set(TEXTS)
        with pytest.raises(ValueError, match="asks for"):
            Reason("k", "{a}", ())


class TestExamination:
    """clinic.md section 5, rules 1 to 8, each refusal with its paragraph."""

    DAY = date(2026, 3, 1)
    ADULT = date(1990, 1, 1)

    def order(self, purpose, **other):
        return examination_gate(Examination(purpose, self.DAY, **other))

    def predictive(self, **other):
        complete = {"birth_date": self.ADULT, "written_consent_on": self.DAY, "counselled_on": self.DAY}
        return self.order(ExaminationPurpose.PREDICTIVE, **(complete | other))

    @pytest.mark.parametrize(
        ("found", "outcome", "rule", "paragraph"),
        [
            (lambda t: t.order(None), "purpose_missing", "1", "§ 5-1"),
            (lambda t: t.order(ExaminationPurpose.DIAGNOSTIC), "diagnostic", "2", "§ 5-1"),
            (
                lambda t: t.order(ExaminationPurpose.PHARMACOGENETIC, predicts_disease=False),
                "pharmacogenetic",
                "3",
                "2016",
            ),
            (lambda t: t.order(ExaminationPurpose.PHARMACOGENETIC), "prediction_unknown", "3", "2016"),
            (
                lambda t: t.order(ExaminationPurpose.PHARMACOGENETIC, predicts_disease=True, birth_date=t.ADULT),
                "no_written_consent",
                "5",
                "§ 5-4",
            ),
            (lambda t: t.predictive(), "predictive", "5-8", "§§ 5-4, 5-5"),
            (lambda t: t.predictive(written_consent_on=None), "no_written_consent", "5", "§ 5-4"),
            (lambda t: t.predictive(written_consent_on=date(2026, 3, 2)), "no_written_consent", "5", "§ 5-4"),
            (lambda t: t.predictive(counselled_on=None), "no_counselling", "6", "§ 5-5"),
            (lambda t: t.predictive(birth_date=None), "birth_date", "7", "§ 5-7"),
            (lambda t: t.predictive(birth_date=date(2010, 3, 2)), "child", "7", "§ 5-7"),
            (lambda t: t.predictive(birth_date=date(2010, 3, 1)), "predictive", "5-8", "§§ 5-4, 5-5"),
            (
                lambda t: t.predictive(birth_date=date(2020, 1, 1), treatment_prevents_harm=True),
                "parents",
                "8",
                "§§ 5-4, 5-5",
            ),
            (
                lambda t: t.predictive(
                    birth_date=date(2020, 1, 1),
                    treatment_prevents_harm=True,
                    signed_by_parent=True,
                    parents_counselled=True,
                ),
                "predictive",
                "5-8",
                "§§ 5-4, 5-5",
            ),
        ],
    )
    def test_each_rule(self, found, outcome, rule, paragraph):
        decision = found(self)
        assert (key(decision), decision.rule) == (f"examination.{outcome}", f"examination-{rule}")
        assert paragraph in decision.citation
        assert decision.allowed is str(decision.reason).startswith("Allowed")
