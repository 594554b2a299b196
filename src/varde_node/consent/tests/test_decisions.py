"""Recording, changing and withdrawing; what is allowed afterwards; who may."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from varde.consent import Purpose
from varde.genome.errors import InputError
from varde_node.consent import contracts, queries, services
from varde_node.consent.models import ConsentEntry, ConsentForm
from varde_node.people.services import AccessDenied, Role

PANEL, ALL, INCIDENTAL, MATCH, COUNT = (
    Purpose.CARE_PANEL,
    Purpose.CARE_ALL_GENES,
    Purpose.INCIDENTAL_FINDINGS,
    Purpose.MATCHMAKING,
    Purpose.REGISTER_COUNT,
)


@pytest.fixture
def mother(people, actor_as):
    services.load_forms()
    return actor_as(Role.PATIENT, person=people.mother)


def record(actor, people, allowed, **changed):
    values = {
        "subject_id": people.child,
        "decided_by_id": people.mother,
        "allowed": allowed,
        "means": "portal",
    } | changed
    return services.record_consent(actor, **values)


def test_forms_stand_in_three_languages_and_load_once(db):
    assert services.load_forms() == 0  # they came with the tables
    ConsentForm.objects.all().delete()
    assert services.load_forms() == 3
    assert services.load_forms() == 0
    assert sorted(ConsentForm.objects.values_list("language", flat=True)) == ["en", "nb", "nn"]
    ConsentForm.objects.filter(language="nb").update(sha256="0" * 64)
    with pytest.raises(ValueError, match="new version"):
        services.load_forms()


def test_what_is_asked_and_not_allowed_is_refused(people, mother):
    record(mother, people, [PANEL, COUNT])
    assert queries.limits(people.child) == {PANEL: True, ALL: False, INCIDENTAL: False, MATCH: False, COUNT: True}


def test_without_a_decision_care_is_denied_and_anonymous_counting_is_not(people, mother):
    assert queries.limits(people.child) == {PANEL: False, ALL: False, INCIDENTAL: False, MATCH: False, COUNT: True}


def test_a_change_continues_the_stream_and_an_objection_is_lifted_by_a_later_yes(people, mother):
    stream = record(mother, people, [PANEL])
    assert not queries.decide(people.child, COUNT).allowed
    assert record(mother, people, [PANEL, ALL, COUNT]) == stream
    assert queries.limits(people.child) == {PANEL: True, ALL: True, INCIDENTAL: False, MATCH: False, COUNT: True}
    assert [row.kind for row in ConsentEntry.objects.order_by("number")] == ["given", "changed"]


def test_matchmaking_reaches_the_eea_and_no_further(people, mother):
    record(mother, people, [PANEL, MATCH])

    def asked(*countries):
        return queries.decide(people.child, MATCH, countries=frozenset(countries))

    assert asked("NO", "SE").allowed
    assert asked("NO", "US").reason.key == "consent.denied.country"
    assert asked().reason.key == "consent.denied.country_unknown"
    assert queries.decide(people.child, PANEL, countries=frozenset({"SE"})).reason.key == "consent.denied.country"


def test_after_a_withdrawal_everything_is_denied_and_a_new_yes_is_a_new_stream(people, mother):
    stream = record(mother, people, [PANEL, ALL, INCIDENTAL, COUNT])
    services.withdraw_consent(mother, stream=stream, decided_by_id=people.mother)
    assert not any(queries.limits(people.child).values())
    with pytest.raises(InputError, match="withdrawn already"):
        services.withdraw_consent(mother, stream=stream, decided_by_id=people.mother)
    assert record(mother, people, [PANEL]) != stream
    assert queries.limits(people.child)[PANEL]


def test_the_limits_of_many_are_those_of_each_in_two_questions(people, mother, django_assert_num_queries):
    record(mother, people, [PANEL, COUNT])
    record(mother, people, [ALL], subject_id=people.mother)
    asked = [people.child, people.mother, people.father, people.stranger, people.child]
    with django_assert_num_queries(2):
        found = queries.limits_of(asked)
    assert found == {one: queries.limits(one) for one in asked}
    assert found[people.mother] == {PANEL: False, ALL: True, INCIDENTAL: False, MATCH: False, COUNT: False}
    assert queries.limits_of([]) == {}
    with pytest.raises(LookupError, match="no such person"):
        queries.limits_of([people.child, uuid4()])


def test_a_stranger_is_refused_and_nothing_is_stored(people, mother, actor_as):
    stranger = actor_as(Role.PATIENT, person=people.stranger)
    with pytest.raises(AccessDenied):
        record(stranger, people, [PANEL], decided_by_id=people.stranger)
    stream = record(mother, people, [PANEL])
    with pytest.raises(AccessDenied):
        services.withdraw_consent(stranger, stream=stream, decided_by_id=people.stranger)
    with pytest.raises(AccessDenied):
        queries.consents_of(stranger, people.child)
    assert ConsentEntry.objects.count() == 1


def test_only_a_representative_decides_for_a_child(people, mother, actor_as):
    clinician = actor_as(Role.CLINICIAN)
    with pytest.raises(InputError, match="may not decide"):
        record(clinician, people, [PANEL], decided_by_id=people.stranger, in_care=True, means="desk")
    with pytest.raises(AccessDenied):
        record(clinician, people, [PANEL], means="desk")
    assert ConsentEntry.objects.count() == 0
    record(clinician, people, [PANEL], in_care=True, means="paper")
    assert ConsentEntry.objects.get().recorded_by_id == clinician.account_id


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"means": "telepathy"}, "means"),
        ({"allowed": [Purpose.RESEARCH]}, "allowed"),
        ({"form_code": "nothing"}, "form"),
        ({"decided_at": timezone.now() + timedelta(days=1)}, "decided_at"),
    ],
)
def test_wrong_values_name_their_field_and_store_nothing(people, mother, changed, field):
    with pytest.raises(InputError) as caught:
        record(mother, people, changed.pop("allowed", [PANEL]), **changed)
    assert caught.value.field == field
    assert ConsentEntry.objects.count() == 0


def test_others_hear_of_each_change(people, mother, monkeypatch):
    heard = []
    monkeypatch.setattr(contracts, "_change_handlers", [heard.append])
    stream = record(mother, people, [PANEL])
    services.withdraw_consent(mother, stream=stream, decided_by_id=people.mother)
    assert heard == [people.child, people.child]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    answers=st.lists(st.sets(st.sampled_from([PANEL, ALL, INCIDENTAL, COUNT])), max_size=4), days=st.integers(0, 4000)
)
def test_no_history_allows_anything_after_its_withdrawal(people, mother, answers, days):
    ConsentEntry.objects.all().delete()
    stream = None
    for allowed in [{PANEL}, *answers]:
        stream = record(mother, people, allowed)
    services.withdraw_consent(mother, stream=stream, decided_by_id=people.mother)
    later = timezone.now() + timedelta(days=days)
    assert not any(
        queries.decide(people.child, purpose, at=later).allowed for purpose in (PANEL, ALL, INCIDENTAL, COUNT)
    )
