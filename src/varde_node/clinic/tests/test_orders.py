"""Orders: what they ask for, what is refused, and who may do what."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from varde.genome.errors import InputError
from varde_node.clinic import queries, services
from varde_node.clinic.models import Counselling, Order, OrderState
from varde_node.clinic.orders import FamilyConsent, OrderedRelative, Station, stations
from varde_node.clinic.tests.conftest import TALK
from varde_node.consent.models import ConsentEntry
from varde_node.lab import queries as lab_queries
from varde_node.lab.contracts import Progress
from varde_node.lab.models import Case
from varde_node.people import services as people_services
from varde_node.people.models import AuditEntry, AuditPersonalField, Person
from varde_node.people.services import AccessDenied, Role


def refusals() -> int:
    return AuditEntry.objects.filter(outcome="refused").count()


def questions(client, address: str) -> int:
    """Questions to the database, without those of the trail's tree, whose number follows from how far it has grown."""
    with CaptureQueriesContext(connection) as asked:
        client.get(address)
    return sum("auditnode" not in one["sql"] for one in asked.captured_queries)


def test_a_signed_order_opens_the_laboratorys_case_with_the_same_content(signed_order, people) -> None:
    order, case = Order.objects.get(), Case.objects.get()
    assert (order.state, case.order_id, case.patient_id) == ("signed", order.id, people.child)
    assert (case.indication, case.hpo_terms) == (order.indication, ["HP:0001263", "HP:0001250"])
    assert [(one.role, one.person_id, one.affected) for one in case.samples.order_by("role")] == [
        ("child", people.child, True),
        ("father", people.father, False),
        ("mother", people.mother, False),
    ]
    assert re.fullmatch(r"RQ-\d{4}-00001", order.number)


def test_numbers_follow_each_other(actor_as, content) -> None:
    clinician = actor_as(Role.CLINICIAN)
    for _ in range(3):
        services.draft_order(clinician, content)
    assert [row.number[-5:] for row in Order.objects.order_by("number")] == ["00001", "00002", "00003"]


def test_signing_twice_changes_nothing(actor_as, signed_order) -> None:
    first = Order.objects.get().signed_at
    assert services.sign_order(actor_as(Role.CLINICIAN), signed_order) == signed_order
    assert (Order.objects.get().signed_at, Case.objects.count()) == (first, 1)


def test_an_order_without_consent_is_refused_and_nothing_is_stored(actor_as, content, agreed) -> None:
    with pytest.raises(InputError) as refused:
        services.submit_order(actor_as(Role.CLINICIAN), content, counselling=TALK, sign=True)
    assert (refused.value.code, refused.value.field) == ("no_consent", "consent")
    assert (Order.objects.count(), Counselling.objects.count(), Case.objects.count()) == (0, 0, 0)


def test_a_no_to_the_panel_is_no_consent(actor_as, content, agreed, people) -> None:
    only_register = replace(agreed, purposes=("register_count",))
    with pytest.raises(InputError) as refused:
        services.submit_order(actor_as(Role.CLINICIAN), content, consent=only_register, counselling=TALK, sign=True)
    assert refused.value.code == "no_consent"
    assert ConsentEntry.objects.count() == 0


def test_an_order_without_counselling_is_refused_and_nothing_is_stored(actor_as, content, agreed) -> None:
    with pytest.raises(InputError) as refused:
        services.submit_order(actor_as(Role.CLINICIAN), content, consent=agreed, sign=True)
    assert (refused.value.code, refused.value.field) == ("no_counselling", "counselling")
    assert (Order.objects.count(), ConsentEntry.objects.count()) == (0, 0)


def test_consent_is_recorded_for_each_of_the_three_by_who_may_decide(signed_order, people) -> None:
    rows = {row.subject_id: row for row in ConsentEntry.objects.all()}
    assert {subject: row.decided_by_id for subject, row in rows.items()} == {
        people.child: people.mother,
        people.mother: people.mother,
        people.father: people.father,
    }
    assert {(row.form.version, row.form.language, row.means) for row in rows.values()} == {("2", "nb", "desk")}


def test_only_a_parent_of_the_order_signs_for_the_child(actor_as, content, agreed, people) -> None:
    clinician = actor_as(Role.CLINICIAN)
    draft = services.draft_order(clinician, content)
    with pytest.raises(InputError, match="parents of the order"):
        services.record_family_consent(clinician, draft, replace(agreed, decided_by_id=people.stranger))
    assert ConsentEntry.objects.count() == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"indication": "  "}, "indication"),
        ({"hpo_terms": ()}, "hpo_terms"),
        ({"hpo_terms": ("HP:9999999",)}, "hpo_terms"),
        ({"mother_id": "child"}, "mother"),
        ({"mother_id": "father", "father_id": "mother"}, "mother"),
        ({"laboratory_id": "clinic"}, "laboratory"),
    ],
)
def test_content_that_cannot_be_ordered_is_refused_at_its_field(actor_as, content, people, change, field) -> None:
    changed = {name: getattr(people, value) if name.endswith("_id") else value for name, value in change.items()}
    with pytest.raises(InputError) as refused:
        services.draft_order(actor_as(Role.CLINICIAN), replace(content, **changed))
    assert (refused.value.field, Order.objects.count()) == (field, 0)


def test_a_signed_order_is_not_changed(actor_as, signed_order, content) -> None:
    with pytest.raises(InputError) as refused:
        services.change_draft(actor_as(Role.CLINICIAN), signed_order, replace(content, indication="Something else"))
    assert refused.value.code == "not_a_draft"
    assert Order.objects.get().indication == content.indication


def test_an_order_is_cancelled_with_a_reason_before_the_analysis_only(actor_as, signed_order) -> None:
    clinician = actor_as(Role.CLINICIAN)
    with pytest.raises(InputError) as refused:
        services.cancel_order(clinician, signed_order, "   ")
    assert refused.value.code == "reason"
    Case.objects.update(state="interpretation")
    with pytest.raises(InputError) as refused:
        services.cancel_order(clinician, signed_order, "The family has moved.")
    assert refused.value.code == "too_late"
    assert Order.objects.get().state == OrderState.SIGNED
    Case.objects.update(state="samples_received")
    services.cancel_order(clinician, signed_order, "The family has moved.")
    order = Order.objects.get()
    assert (order.state, order.cancel_reason, Case.objects.get().state) == (
        "cancelled",
        "The family has moved.",
        "cancelled",
    )


@pytest.mark.parametrize(
    ("role", "chosen"),
    [
        (Role.CLINICIAN, {"organisation": "other_clinic"}),
        (Role.LABORATORY_GENETICIST, {"organisation": "other_laboratory"}),
        (Role.PATIENT, {"person": "stranger"}),
        (Role.PATIENT, {"person": "mother"}),
        (Role.REGISTER_MANAGER, {}),
        (Role.ADMINISTRATOR, {}),
    ],
)
def test_others_do_not_see_an_order_and_the_refusal_is_logged(actor_as, people, signed_order, role, chosen) -> None:
    actor = actor_as(role, **{key: getattr(people, value) for key, value in chosen.items()})
    before = refusals()
    with pytest.raises(AccessDenied):
        queries.order(actor, signed_order)
    assert refusals() == before + 1


def test_another_clinic_can_neither_sign_nor_cancel(actor_as, people, content) -> None:
    draft = services.draft_order(actor_as(Role.CLINICIAN), content)
    stranger = actor_as(Role.CLINICIAN, organisation=people.other_clinic)
    for act in (
        lambda: services.sign_order(stranger, draft),
        lambda: services.cancel_order(stranger, draft, "No"),
        lambda: services.change_draft(stranger, draft, content),
        lambda: services.record_counselling(stranger, draft, TALK),
    ):
        with pytest.raises(AccessDenied):
            act()
    assert (Order.objects.get().state, Counselling.objects.count()) == ("draft", 0)


def test_the_counsellor_writes_but_does_not_sign(actor_as, content, agreed) -> None:
    counsellor = actor_as(Role.COUNSELLOR)
    draft = services.submit_order(counsellor, content, consent=agreed, counselling=TALK)
    with pytest.raises(AccessDenied):
        services.sign_order(counsellor, draft)
    assert Order.objects.get().state == OrderState.DRAFT


def test_the_list_holds_only_the_clinics_own_orders(actor_as, people, content) -> None:
    services.draft_order(actor_as(Role.CLINICIAN), content)
    assert [line.initials for line in queries.orders(actor_as(Role.CLINICIAN))] == ["AP"]
    assert queries.orders(actor_as(Role.CLINICIAN, organisation=people.other_clinic)) == ()
    assert queries.orders(actor_as(Role.CLINICIAN), text="no such text") == ()
    assert len(queries.orders(actor_as(Role.CLINICIAN), state="draft", text="seizures")) == 1


def test_the_road_is_what_clinic_and_laboratory_know() -> None:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    progress = Progress(
        TALK, "NO-1", "interpretation", now, now, now + timedelta(days=1), None, now.date(), "panel", None
    )
    views = stations(now, progress, None)
    assert [(one.station, one.reached, one.current) for one in views] == [
        (Station.ORDERED, True, False),
        (Station.SAMPLES, True, False),
        (Station.ANALYSED, True, False),
        (Station.INTERPRETED, False, True),
        (Station.APPROVED, False, False),
        (Station.ANSWERED, False, False),
    ]
    assert views[2].at == now + timedelta(days=1)
    assert [one.current for one in stations(None, None, None)] == [True, False, False, False, False, False]
    assert all(one.reached for one in stations(now, progress, now))


def test_a_real_looking_number_is_refused_in_the_demo(actor_as, people) -> None:
    clinician = actor_as(Role.CLINICIAN)
    with pytest.raises(InputError) as refused:
        services.look_up_patient(clinician, "14082212345")
    assert refused.value.code == "real_identifier"
    with pytest.raises(InputError) as refused:
        services.look_up_patient(clinician, "148822")
    assert refused.value.code == "national_identifier"
    with pytest.raises(InputError) as refused:
        services.look_up_patient(clinician, "14882200000")
    assert refused.value.code == "unknown_person"
    assert services.look_up_patient(clinician, "148822 12345").id == people.child
    assert AuditEntry.objects.filter(action="clinic.patient.look_up", outcome="allowed").count() == 1


def form_of(content, **changed) -> dict[str, str]:
    values = {
        "mother_identifier": "03919012346",
        "father_identifier": "20858812347",
        "indication": content.indication,
        "term_1": "Global developmental delay (HP:0001263)",
        "term_2": "seizure",
        "panel": f"{content.panel_version}|{content.panel_name}",
        "laboratory": str(content.laboratory_id),
        "consent_by": "mother",
        "agreed_panel": "on",
        "agreed_register": "on",
        "consent_means": "desk",
        "consent_language": "nn",
        "counselled_by": "Sara Hætta",
        "counsellor_competence": "Genetic counsellor",
        "counselled_on": "2026-10-01",
        "counselling_language": "Norwegian",
        "do": "sign",
    }
    return {key: value for key, value in (values | changed).items() if value is not None}


def test_the_page_finds_the_child_orders_signs_and_shows_the_road(client_as, people, content, agreed) -> None:
    client = client_as(Role.CLINICIAN)
    found = client.post("/orders/new/", {"national_identifier": "14882212345"})
    assert found["Location"] == f"/orders/new/{people.child}/"
    page = client.get(found["Location"])
    assert page.status_code == 200
    assert b"03919012346" in page.content
    sent = client.post(found["Location"], form_of(content))
    order = Order.objects.get()
    assert (sent.status_code, sent["Location"]) == (302, f"/orders/{order.id}/")
    assert (order.state, order.hpo_terms) == ("signed", ["HP:0001263", "HP:0001250"])
    assert {(row.form.language, tuple(row.allowed)) for row in ConsentEntry.objects.all()} == {
        ("nn", ("care_panel", "register_count"))
    }
    shown = client.get(sent["Location"])
    assert shown.content.count(b'aria-current="step"') == 1
    assert client.get("/orders/").content.count(order.number.encode()) == 1


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (
            {"consent_by": "", "agreed_panel": None, "agreed_register": None},
            b"Consent to the examination is not recorded",
        ),
        ({"consent_by": ""}, b"Say who signed."),
        (
            {"counselled_by": "", "counsellor_competence": "", "counselling_language": ""},
            b"counselling is not recorded",
        ),
        ({"counselled_on": ""}, b"leave the whole talk empty"),
        ({"term_1": "no such thing", "term_2": ""}, b"is no phenotype term"),
        ({"term_1": "", "term_2": ""}, b"At least one phenotype term"),
        ({"mother_identifier": "03919099999"}, b"Nobody with this number is known here."),
        ({"counselled_on": "2099-01-01"}, b"The talk lies in the future."),
    ],
)
def test_the_page_says_at_the_field_what_is_missing_and_stores_nothing(
    client_as, people, content, agreed, changed, words
) -> None:
    answer = client_as(Role.CLINICIAN).post(f"/orders/new/{people.child}/", form_of(content, **changed))
    assert answer.status_code == 422
    assert words in answer.content
    assert b"ds-error-summary" in answer.content
    assert (Order.objects.count(), ConsentEntry.objects.count(), Case.objects.count()) == (0, 0, 0)


def test_a_draft_is_kept_and_signed_later(client_as, people, content, agreed) -> None:
    client = client_as(Role.CLINICIAN)
    client.post(
        f"/orders/new/{people.child}/",
        form_of(content, do="draft", consent_by="", agreed_panel=None, agreed_register=None),
    )
    order = Order.objects.get()
    assert order.state == "draft"
    assert b"Consent to the examination is not recorded" in client.get(f"/orders/{order.id}/").content
    assert client.post(f"/orders/{order.id}/sign/")["Location"] == f"/orders/{order.id}/edit/"
    assert Order.objects.get().state == "draft"
    assert client.get(f"/orders/{order.id}/edit/").status_code == 200
    assert (
        client.post(
            f"/orders/{order.id}/edit/",
            form_of(content, counselled_by="", counsellor_competence="", counselling_language="", counselled_on=""),
        ).status_code
        == 302
    )
    assert (Order.objects.get().state, Counselling.objects.count()) == ("signed", 1)


def test_phenotypes_are_found_by_words_of_their_name(client_as) -> None:
    page = client_as(Role.CLINICIAN).get("/lab/phenotype-terms/?term_2=tonic+clonic+bilateral").content.decode()
    assert "Bilateral tonic-clonic seizure (HP:0002069)" in page


def test_cancelling_by_the_page_needs_a_reason(client_as, signed_order) -> None:
    client = client_as(Role.CLINICIAN)
    assert client.get(f"/orders/{signed_order}/cancel/").status_code == 200
    assert client.post(f"/orders/{signed_order}/cancel/", {"reason": ""}).status_code == 422
    assert Order.objects.get().state == "signed"
    assert client.post(f"/orders/{signed_order}/cancel/", {"reason": "Moved"}).status_code == 302
    assert Order.objects.get().state == "cancelled"


def test_a_consent_in_the_future_is_refused(actor_as, content, agreed, people) -> None:
    late = FamilyConsent(people.mother, agreed.purposes, "paper", "nb", timezone.now() + timedelta(days=1))
    with pytest.raises(InputError) as refused:
        services.submit_order(actor_as(Role.CLINICIAN), content, consent=late)
    assert (refused.value.field, Order.objects.count()) == ("decided_at", 0)


def test_the_list_asks_as_many_questions_for_six_orders_as_for_one(client_as, content, signed_order) -> None:
    client = client_as(Role.CLINICIAN)
    client.get("/orders/")
    of_one = questions(client, "/orders/")
    for _ in range(5):
        services.submit_order(client.actor, content, counselling=TALK, sign=True)
    assert questions(client, "/orders/") == of_one
    page = client.get("/orders/").content.decode()
    assert len(set(re.findall(r"RQ-\d{4}-\d{5}", page))) == Order.objects.filter(state="signed").count() == 6


def test_the_progress_of_many_orders_is_that_of_each(actor_as, content, signed_order) -> None:
    clinician = actor_as(Role.CLINICIAN)
    second = services.submit_order(clinician, content, counselling=TALK, sign=True)
    draft = services.draft_order(clinician, content)
    found = lab_queries.progress_of([second, draft, signed_order])
    assert set(found) == {second, signed_order}
    assert {one: lab_queries.progress(one) for one in found} == found
    assert found[second].case_id == Case.objects.get(order_id=second).id
    assert lab_queries.progress_of([]) == {}


def looks_at(person) -> int:
    fields = AuditPersonalField.objects.filter(field="subject", value=str(person))
    return fields.filter(entry__action="clinic.patient.look_up", entry__outcome="allowed").count()


def test_naming_a_parent_is_a_look_in_that_person_s_trail(actor_as, client_as, content, people) -> None:
    assert client_as(Role.CLINICIAN).get(f"/orders/new/{people.child}/").status_code == 200
    assert (looks_at(people.mother), looks_at(people.father)) == (1, 1)
    services.draft_order(actor_as(Role.CLINICIAN), replace(content, father_id=people.stranger))
    assert (looks_at(people.mother), looks_at(people.stranger)) == (2, 1)


def test_a_shielded_person_is_not_shown_by_naming_them_as_a_parent(actor_as, content, people) -> None:
    clinician = actor_as(Role.CLINICIAN)
    Person.objects.filter(id__in=[people.mother, people.stranger]).update(protected=True)
    with pytest.raises(AccessDenied):
        services.draft_order(clinician, replace(content, father_id=people.stranger))
    assert Order.objects.count() == 0
    draft = services.draft_order(clinician, content)
    with pytest.raises(AccessDenied):
        services.change_draft(clinician, draft, replace(content, father_id=people.stranger))
    assert Order.objects.get().father_id == people.father


class TestFamiliesOfOtherShapes:
    """The patient alone, with one parent, with siblings: what is asked for is what the laboratory gets."""

    @pytest.fixture
    def sibling(self, people) -> object:
        """A younger sister whom the mother represents."""
        sister = people_services.add_person("03919055555", "Siri Solberg", date(2021, 3, 3), "female")
        people_services.add_representation(people.mother, sister, "parent", date(2021, 3, 3), date(2039, 3, 3))
        return sister

    def family_of(self) -> list[tuple]:
        rows = Case.objects.get().samples.order_by("place")
        return [(one.place, one.role, one.person_id, one.affected) for one in rows]

    def test_the_patient_with_one_parent(self, actor_as, content, agreed, people) -> None:
        duo = replace(content, father_id=None)
        services.submit_order(actor_as(Role.CLINICIAN), duo, consent=agreed, counselling=TALK, sign=True)
        assert self.family_of() == [
            ("child", "child", people.child, True),
            ("mother", "mother", people.mother, False),
        ]
        assert {row.subject_id for row in ConsentEntry.objects.all()} == {people.child, people.mother}

    def test_an_adult_patient_alone_decides_alone(self, actor_as, content, agreed, people) -> None:
        alone = replace(content, patient_id=people.stranger, mother_id=None, father_id=None)
        own = replace(agreed, decided_by_id=people.stranger)
        services.submit_order(actor_as(Role.CLINICIAN), alone, consent=own, counselling=TALK, sign=True)
        assert self.family_of() == [("child", "child", people.stranger, True)]

    def test_siblings_come_with_the_consent_of_the_parent_who_signs(
        self, actor_as, content, agreed, people, sibling
    ) -> None:
        more = replace(content, relatives=(OrderedRelative("sibling", sibling, affected=True),))
        order = services.submit_order(actor_as(Role.CLINICIAN), more, consent=agreed, counselling=TALK, sign=True)
        assert self.family_of()[-1] == ("sibling", "sibling", sibling, True)
        assert ConsentEntry.objects.get(subject_id=sibling).decided_by_id == people.mother
        shown = queries.order(actor_as(Role.CLINICIAN), order)
        assert [(one.role, one.role_word, one.affected) for one in shown.family] == [
            ("child", "Child", True), ("mother", "Mother", False), ("father", "Father", False),
            ("sibling", "Sibling", True),
        ]  # fmt: skip

    def test_an_adult_sibling_who_has_not_consented_stops_the_order(self, actor_as, content, agreed, people) -> None:
        more = replace(content, relatives=(OrderedRelative("sibling", people.stranger, affected=None),))
        with pytest.raises(InputError) as refused:
            services.submit_order(actor_as(Role.CLINICIAN), more, consent=agreed, counselling=TALK, sign=True)
        assert (refused.value.code, Order.objects.count(), Case.objects.count()) == ("no_consent", 0, 0)

    @pytest.mark.parametrize(
        "relatives",
        [
            [("sibling", "mother")],
            [("sibling", "child")],
            [("neighbour", "stranger")],
            [("mother", "stranger")],
        ],
    )
    def test_a_family_that_cannot_be_is_refused(self, actor_as, content, people, relatives) -> None:
        named = tuple(OrderedRelative(role, getattr(people, who), None) for role, who in relatives)
        with pytest.raises(InputError) as refused:
            services.draft_order(actor_as(Role.CLINICIAN), replace(content, relatives=named))
        assert (refused.value.code, Order.objects.count()) == ("family", 0)

    def test_the_form_takes_a_sibling_and_shows_it_again(self, client_as, content, people, sibling) -> None:
        client = client_as(Role.CLINICIAN)
        sent = form_of(
            content, do="draft", father_identifier="", consent_by="", agreed_panel="",
            relative_1_identifier="03919055555", relative_1_role="sibling", relative_1_affected="yes",
        )  # fmt: skip
        sent = {name: value for name, value in sent.items() if not name.startswith("agreed")}
        assert client.post(f"/orders/new/{people.child}/", sent).status_code == 302
        order = Order.objects.get()
        assert (order.mother_id, order.father_id) == (people.mother, None)
        assert list(order.relatives.values_list("role", "person_id", "affected")) == [("sibling", sibling, True)]
        page = client.get(f"/orders/{order.id}/edit/").content.decode()
        assert 'value="03919055555"' in page
        assert '<details class="ds-details" open>' in page
