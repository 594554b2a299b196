"""The disagreement board: what is on it, what is written, how it ends, and that nothing leads to a patient."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone

from varde.frequency.interpretations import Disagreement
from varde.genome.alleles import Variant
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde_node.people.services import AccessDenied, Role
from varde_node.registers.interpretations import disagreements, services
from varde_node.registers.interpretations.free_text import checked
from varde_node.registers.models import DisagreementMessage, DisagreementOutcome, EarlierInterpretation

BUILD = Build.GRCH38
ACROSS, SEVERAL, STEP, EQUAL = ("2-247146-G-T", "2-245474-GC-G", "3-1000-A-C", "4-1000-A-C")
PAGE = f"/register/disagreements/GRCh38/{ACROSS}/"


@pytest.fixture
def own(people, actor_as):
    return actor_as(Role.SECOND_READER)


@pytest.fixture
def other(people, actor_as):
    return actor_as(Role.SECOND_READER, organisation=people.other_laboratory)


def enter(actor, variant, acmg_class, day=date(2026, 3, 17)):
    return services.record_interpretation(
        actor,
        variant=variant,
        build=BUILD,
        acmg_class=acmg_class,
        guideline="ACMG 2015",
        laboratory=actor.organisation_id,
        signed_on=day,
    )


@pytest.fixture
def differing(own, other):
    for variant, ours, theirs in ((STEP, 4, 5), (EQUAL, 5, 5), (SEVERAL, 5, 3), (ACROSS, 2, 5)):
        enter(own, variant, ours)
        enter(other, variant, theirs)


def refused(code, command, *arguments, **named):
    with pytest.raises(InputError) as caught:
        command(*arguments, **named)
    assert caught.value.code == code


def test_the_board_shows_who_differs_the_widest_first(differing, own, people, actor_as):
    found = disagreements.board(own)
    assert [(one.variant, one.disagreement, one.classes, one.ours) for one in found] == [
        (ACROSS, Disagreement.ACROSS, ((5, ("Annenby lab",)), (2, ("Prøveby lab",))), True),
        (SEVERAL, Disagreement.SEVERAL_STEPS, ((5, ("Prøveby lab",)), (3, ("Annenby lab",))), True),
        (STEP, Disagreement.ONE_STEP, ((5, ("Annenby lab",)), (4, ("Prøveby lab",))), True),
    ]
    register = actor_as(Role.REGISTER_MANAGER)
    assert [one.ours for one in disagreements.board(register)] == [False, False, False]
    assert disagreements.board(register, ours_only=True) == ()
    enter(own, ACROSS, 5, date(2026, 5, 1))
    assert [one.variant for one in disagreements.board(own)] == [SEVERAL, STEP]
    view = disagreements.thread(own, BUILD, ACROSS)
    assert [(line.acmg_class, line.laboratory_name, line.state) for line in view.log] == [
        (5, "Prøveby lab", "current"),
        (5, "Annenby lab", "current"),
        (2, "Prøveby lab", "superseded"),
    ]
    assert view.disagreement is Disagreement.NONE


def test_a_thread_and_its_outcome_change_no_class(differing, own, other, actor_as):
    disagreements.write(own, BUILD, ACROSS, "We see it in two healthy adults over seventy.")
    disagreements.write(other, BUILD, ACROSS, "Ours rests on one report; PVS1 may be too strong.")
    view = disagreements.thread(own, BUILD, ACROSS)
    assert [(one.laboratory, one.own) for one in view.messages] == [("Prøveby lab", True), ("Annenby lab", False)]
    settle = disagreements.settle
    refused("outcome_unknown", settle, own, BUILD, ACROSS, outcome="won", text="x")
    refused("bad_class", settle, own, BUILD, ACROSS, outcome="agreed", text="x")
    refused("bad_class", settle, own, BUILD, ACROSS, outcome="different", text="x", acmg_class=3)
    refused("text_missing", settle, own, BUILD, ACROSS, outcome="different", text=" ")
    assert not DisagreementOutcome.objects.exists()
    settle(own, BUILD, ACROSS, outcome="agreed", text="Frequency in healthy adults.", acmg_class=2)
    classes = EarlierInterpretation.objects.filter(variant=ACROSS).values_list("acmg_class", "state")
    assert sorted(classes) == [(2, "current"), (5, "current")]
    line = disagreements.board(own)[0]
    assert (line.messages, line.outcome.outcome, line.outcome.acmg_class) == (2, "agreed", 2)
    later = timezone.localdate().replace(day=1)
    enter(other, ACROSS, 4, later.replace(year=later.year + 1))
    assert disagreements.board(own)[0].outcome is None
    with pytest.raises(IntegrityError), transaction.atomic():
        DisagreementOutcome.objects.update(acmg_class=None)


def test_who_may_read_write_and_settle(differing, own, people, actor_as):
    third = people_laboratory(actor_as)
    disagreements.write(third, BUILD, ACROSS, "We have not seen it.")
    refused("not_ours", disagreements.settle, third, BUILD, ACROSS, outcome="different", text="x")
    for role in (Role.CLINICIAN, Role.PATIENT, Role.ADMINISTRATOR):
        with pytest.raises(AccessDenied):
            disagreements.board(actor_as(role))
    with pytest.raises(AccessDenied):
        disagreements.write(actor_as(Role.REGISTER_MANAGER), BUILD, ACROSS, "x")
    with pytest.raises(Http404):
        disagreements.thread(own, BUILD, "5-1-A-T")
    with pytest.raises(Http404):
        disagreements.thread(own, BUILD, "<script>")
    assert DisagreementMessage.objects.count() == 1


def people_laboratory(actor_as):
    from varde_node.people import services as people_services

    place = people_services.add_organisation("Third hospital, genetics", "Third lab", "laboratory", "HN")
    return actor_as(Role.LABORATORY_GENETICIST, name="c", organisation=place)


@pytest.mark.parametrize(
    "text",
    [
        "The patient 14882212345 has it.",
        "148822 12345",
        "Compare our case NO-2026-0017.",
        "Ordered as rq-2026-00012",
        "born 14.8.2022",
        "born 14/08/22",
        "seen 2022-08-14",
        "write to kari.nordmann@example.org",
        "call +47 22 33 44 55",
    ],
)
def test_what_leads_to_a_patient_is_refused(text, differing, own):
    refused("names_somebody", disagreements.write, own, BUILD, ACROSS, text)
    assert not DisagreementMessage.objects.exists()


@pytest.mark.parametrize(
    "text",
    [
        "chr2:247146 G>T, DEMOT00000017.1:c.234C>A, p.(Cys78Ter)",
        "PMID 25741868, doi:10.1038/gim.2015.30, 12 of 152 000 alleles in 2024",
        "BRCA1 c.5266dup; REVEL 0.644; 3 of 14 families; version 4.1",
        "2-245474-GC-G against 2-247146-G-T",
    ],
)
def test_what_speaks_of_the_variant_is_let_be(text):
    assert checked(f"  {text} ") == text


def test_the_pages(differing, people, client_as):
    client = client_as(Role.SECOND_READER)
    shown = client.get("/register/disagreements/").content.decode()
    assert shown.index(ACROSS) < shown.index(SEVERAL) < shown.index(STEP)
    assert EQUAL not in shown
    assert client.post(PAGE, {"text": "<script>alert(1)</script>"}).status_code == 302
    page = client.get(PAGE).content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    refused_page = client.post(PAGE, {"text": "Born 14.08.2022, walks well."})
    assert refused_page.status_code == 422
    assert ">Born 14.08.2022, walks well.</textarea>" in refused_page.content.decode()
    body = {"act": "settle", "outcome": "agreed", "acmg_class": "9", "text": "x"}
    assert client.post(PAGE, body).status_code == 422
    assert client.post(PAGE, {**body, "acmg_class": "5"}).status_code == 302
    assert client.get("/register/disagreements/GRCh39/2-1-A-T/").status_code == 404
    assert client_as(Role.CLINICIAN).get(PAGE).status_code == 403
    assert client_as(Role.CLINICIAN).post(PAGE, {"text": "x"}).status_code == 403
    assert str(Variant.parse(BUILD, ACROSS)) == ACROSS
