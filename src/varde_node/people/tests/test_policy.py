"""The access decision against a slow restatement of the rules."""

from __future__ import annotations

from datetime import date
from itertools import combinations
from uuid import uuid4

import pytest

from varde.genome.errors import InputError
from varde_node.people import policy, services
from varde_node.people.actors import PURPOSE_OF_ROLE, Actor, Purpose, Relation, Role
from varde_node.people.models import AuditEntry, Person
from varde_node.people.policy import Rule, evaluate
from varde_node.people.services import AccessDenied

RULES = (
    Rule("test.case.read", [Role.CLINICIAN], [Relation.CARE]),
    Rule(
        "test.case.read", [Role.LABORATORY_GENETICIST, Role.SECOND_READER], [Relation.ORGANISATION, Relation.ASSIGNED]
    ),
    Rule("test.case.read", [Role.PATIENT], [Relation.SELF, Relation.PROXY]),
    Rule("test.board.open", [Role.CLINICIAN], logged=False),
)


@pytest.fixture(autouse=True)
def rules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy, "_RULES", {key: list(value) for key, value in policy._RULES.items()})
    services.register_rules(RULES)


def someone(role: Role, purpose: Purpose | None = None) -> Actor:
    organisation = None if role is Role.PATIENT else uuid4()
    return Actor(uuid4(), "A", role, organisation, "", purpose or PURPOSE_OF_ROLE[role])


ALLOWED = {
    Role.CLINICIAN: {Relation.CARE},
    Role.LABORATORY_GENETICIST: {Relation.ORGANISATION, Relation.ASSIGNED},
    Role.SECOND_READER: {Relation.ORGANISATION, Relation.ASSIGNED},
    Role.PATIENT: {Relation.SELF, Relation.PROXY},
}


@pytest.mark.parametrize("role", list(Role))
def test_every_combination_of_relations_gives_what_the_table_says(role: Role) -> None:
    for count in range(len(Relation) + 1):
        for held in combinations(Relation, count):
            expected = bool(ALLOWED.get(role, set()) & set(held))
            decision = evaluate(someone(role), "test.case.read", frozenset(held))
            assert decision.allowed is expected
            reason = "allowed" if expected else "no_relation" if role in ALLOWED else "role_not_allowed"
            assert decision.sentence == reason


@pytest.mark.parametrize("role", list(Role))
def test_what_no_rule_names_is_denied_to_everybody(role: Role) -> None:
    decision = evaluate(someone(role), "test.unheard.of", frozenset(Relation))
    assert (decision.allowed, decision.rule, decision.sentence) == (False, "default", "unknown_action")


def test_another_purpose_than_the_rule_s_is_denied() -> None:
    decision = evaluate(someone(Role.CLINICIAN, Purpose.SUPERVISION), "test.case.read", frozenset({Relation.CARE}))
    assert decision.sentence == "purpose_not_allowed"


def test_shielded_data_need_a_direct_relation() -> None:
    geneticist = someone(Role.LABORATORY_GENETICIST)
    by_organisation = frozenset({Relation.ORGANISATION})
    assert evaluate(geneticist, "test.case.read", by_organisation).allowed
    assert evaluate(geneticist, "test.case.read", by_organisation, protected=True).sentence == "protected_person"
    assert evaluate(geneticist, "test.case.read", frozenset({Relation.ASSIGNED}), protected=True).allowed


def test_every_sentence_has_words() -> None:
    assert all(str(text) for text in policy.SENTENCES.values())
    assert (
        str(evaluate(someone(Role.ADMINISTRATOR), "test.case.read", frozenset()).text)
        == "Your role does not include this."
    )


@pytest.mark.parametrize("action", ["case", "Lab.case.read", ""])
def test_an_action_that_is_not_well_named_is_refused(action: str) -> None:
    with pytest.raises(ValueError, match=r"domain\.object\.verb"):
        Rule(action, [Role.CLINICIAN])


def test_a_rule_without_a_role_is_refused() -> None:
    with pytest.raises(ValueError, match="names no role"):
        Rule("test.case.read", [])


def test_staff_without_organisation_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="staff act for an organisation"):
        Actor(uuid4(), "A", Role.CLINICIAN, None, "", Purpose.TREATMENT)
    with pytest.raises(ValueError, match="patients for themselves"):
        Actor(uuid4(), "A", Role.PATIENT, uuid4(), "", Purpose.OWN_DATA)


@pytest.mark.django_db
class TestRequire:
    """The decision with the database behind it."""

    def test_parent_child_and_stranger(self, actor_as, people) -> None:
        mother = actor_as(Role.PATIENT)
        assert services.decide(mother, "test.case.read", subject=people.mother).allowed
        assert services.decide(mother, "test.case.read", subject=people.child).allowed
        assert not services.decide(mother, "test.case.read", subject=people.father).allowed
        assert not services.decide(mother, "test.case.read", subject=people.stranger).allowed

    def test_representation_ends_on_its_day(self, actor_as, people, monkeypatch) -> None:
        mother = actor_as(Role.PATIENT)
        for day, expected in ((date(2038, 8, 13), True), (date(2038, 8, 14), False), (date(2022, 8, 13), False)):
            monkeypatch.setattr(services.timezone, "localdate", lambda day=day: day)
            assert services.decide(mother, "test.case.read", subject=people.child).allowed is expected

    @pytest.mark.parametrize("end", [None, date(2060, 1, 1)])
    def test_a_parent_represents_until_the_child_is_sixteen(self, actor_as, people, monkeypatch, end) -> None:
        child = services.add_person("29822412349", "Kim Prøve", date(2024, 2, 29), "female")
        services.add_representation(people.stranger, child, "parent", date(2024, 2, 29), end)
        parent = actor_as(Role.PATIENT, person=people.stranger)
        for day, expected in ((date(2040, 2, 28), True), (date(2040, 2, 29), False)):
            monkeypatch.setattr(services.timezone, "localdate", lambda day=day: day)
            assert services.decide(parent, "test.case.read", subject=child).allowed is expected
        with pytest.raises(InputError, match="until the age at which it decides alone"):
            services.add_representation(people.mother, child, "parent", date(2040, 2, 29))

    def test_staff_who_are_also_patients_do_not_see_their_own_data_through_their_job(self, people) -> None:
        account = services.add_account("lege", "Lege Mor", person=people.mother)
        actor = services.actor_for(account, services.add_membership(account, Role.CLINICIAN, people.clinic))
        assert services.decide(actor, "test.case.read", subject=people.mother).sentence == "no_relation"

    def test_own_organisation_is_found_out_here(self, actor_as, people) -> None:
        geneticist = actor_as(Role.LABORATORY_GENETICIST)
        assert services.decide(geneticist, "test.case.read", organisation=people.laboratory).allowed
        assert not services.decide(geneticist, "test.case.read", organisation=people.other_laboratory).allowed
        Person.objects.filter(id=people.child).update(protected=True)
        answer = services.decide(geneticist, "test.case.read", subject=people.child, organisation=people.laboratory)
        assert answer.sentence == "protected_person"

    def test_an_allowed_look_and_a_refusal_are_written_and_a_board_is_not(self, actor_as, people) -> None:
        doctor = actor_as(Role.CLINICIAN)
        services.require(doctor, "test.case.read", subject=people.child, relations=[Relation.CARE], object_id="c1")
        entry = AuditEntry.objects.latest("index")
        assert (entry.action, entry.outcome, entry.object_id) == ("test.case.read", "allowed", "c1")
        with pytest.raises(AccessDenied) as refused:
            services.require(doctor, "test.case.read", subject=people.stranger)
        assert refused.value.recorded
        assert AuditEntry.objects.latest("index").outcome == "refused"
        count = AuditEntry.objects.count()
        services.require(doctor, "test.board.open")
        assert AuditEntry.objects.count() == count

    def test_a_disabled_account_has_no_actor(self, actor_as, people) -> None:
        from varde_node.people.models import Account, Membership

        doctor = actor_as(Role.CLINICIAN)
        membership = Membership.objects.get(account_id=doctor.account_id)
        Account.objects.filter(id=doctor.account_id).update(is_active=False)
        with pytest.raises(LookupError):
            services.actor_for(doctor.account_id, membership.id)
