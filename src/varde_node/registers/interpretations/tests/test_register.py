"""The register of earlier interpretations: entered, superseded, withdrawn, read."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from varde.frequency.cells import DiseaseGroup
from varde.frequency.interpretations import ClassCount, Disagreement, PublicClass
from varde.genome.alleles import Variant
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde_node.people.models import AuditEntry
from varde_node.people.services import AccessDenied, Role
from varde_node.registers.interpretations import queries, services
from varde_node.registers.interpretations.models import EarlierInterpretation

VARIANT = Variant(Build.GRCH38, 2, 247_146, "G", "T")
MARCH, MAY = date(2026, 3, 17), date(2026, 5, 2)


@pytest.fixture
def own(people, actor_as):
    return actor_as(Role.SECOND_READER)


@pytest.fixture
def other(people, actor_as):
    return actor_as(Role.SECOND_READER, organisation=people.other_laboratory)


def enter(actor, acmg_class=5, day=MARCH, variant=str(VARIANT), **changed):
    return services.record_interpretation(
        actor,
        variant=variant,
        build=Build.GRCH38,
        acmg_class=acmg_class,
        signed_on=day,
        **{"laboratory": actor.organisation_id, "guideline": "ACMG 2015"} | changed,
    )


def states():
    rows = EarlierInterpretation.objects.order_by("year", "month", "acmg_class")
    return [(row.acmg_class, row.state) for row in rows]


def test_no_row_names_a_person_or_a_case_or_a_day():
    names = {field.name for field in EarlierInterpretation._meta.get_fields()}
    kept = {
        "id",
        "build",
        "variant",
        "acmg_class",
        "guideline",
        "laboratory",
        "disease_group",
        "year",
        "month",
        "state",
    }
    assert names == kept


def test_two_laboratories_side_by_side(own, other):
    enter(own, 5, disease_group=DiseaseGroup.HEART)
    enter(other, 4, MAY)
    view = queries.interpretations_of(own, VARIANT)
    assert (view.variant, view.build) == ("2-247146-G-T", "GRCh38")
    assert view.summary.classes == (ClassCount(5, 1, 2026, 3), ClassCount(4, 1, 2026, 5))
    assert (view.summary.disagreement, view.summary.regions) == (Disagreement.ONE_STEP, ("HSO", "HV"))
    assert [(line.acmg_class, line.laboratory_name, line.own, line.disease_group) for line in view.lines] == [
        (4, "Annenby lab", False, DiseaseGroup.UNSPECIFIED),
        (5, "Prøveby lab", True, DiseaseGroup.HEART),
    ]
    assert not view.basis.confirmed
    assert queries.public_interpretations_of(VARIANT) == ()
    enter(other, 5, MAY)
    assert queries.public_interpretations_of(VARIANT) == (PublicClass(5, 2, 2026),)
    assert queries.interpreted_variants(Build.GRCH38) == ("2-247146-G-T",)
    assert queries.interpreted_variants(Build.GRCH37) == ()


def test_a_later_class_of_the_same_laboratory_supersedes(own):
    enter(own, 3)
    enter(own, 4)  # in the same month: the one entered last
    assert states() == [(3, "superseded"), (4, "current")]
    enter(own, 5, MAY)
    enter(own, 2, date(2019, 1, 1))  # an old one, entered late
    assert states() == [(2, "superseded"), (3, "superseded"), (4, "superseded"), (5, "current")]
    assert queries.interpretations_of(own, VARIANT).summary.classes == (ClassCount(5, 1, 2026, 5),)


def test_withdrawing(own, other):
    enter(own, 4)
    name = enter(own, 5, MAY)
    with pytest.raises(InputError, match="reason"):
        services.withdraw_interpretation(own, name, "  ")
    with pytest.raises(AccessDenied):
        services.withdraw_interpretation(other, name, "not ours")
    assert states() == [(4, "superseded"), (5, "current")]
    services.withdraw_interpretation(own, name, "The segregation was wrong.")
    assert states() == [(4, "superseded"), (5, "withdrawn")]
    view = queries.interpretations_of(other, VARIANT)
    assert view.summary is None
    assert [line.state for line in view.lines] == ["withdrawn", "superseded"]
    for missing in (name, uuid4()):
        with pytest.raises(InputError) as refused:
            services.withdraw_interpretation(own, missing, "again")
        assert refused.value.code == "unknown_interpretation"
    assert queries.interpreted_variants(Build.GRCH38) == ()


def test_the_variant_is_trimmed_before_it_is_kept(own):
    enter(own, variant="2-247145-AG-AT")
    assert queries.interpretations_of(own, VARIANT).summary.laboratories == 1


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"acmg_class": 0}, "bad_class"),
        ({"acmg_class": 6}, "bad_class"),
        ({"guideline": " "}, "bad_guideline"),
        ({"guideline": "x" * 61}, "bad_guideline"),
        ({"variant": "2-247146-G"}, "bad_variant"),
        ({"variant": "2-247146-G-" + "T" * 400}, "variant_too_long"),
    ],
)
def test_bad_entries_change_nothing(own, changed, code):
    enter(own, 4)
    with pytest.raises(InputError) as refused:
        enter(own, **changed)
    assert refused.value.code == code
    assert states() == [(4, "current")]


@pytest.mark.parametrize("role", [Role.LABORATORY_GENETICIST, Role.CLINICIAN, Role.REGISTER_MANAGER])
def test_only_a_second_reader_of_that_laboratory_enters(people, actor_as, other, role):
    for actor in (actor_as(role), other):
        with pytest.raises(AccessDenied):
            enter(actor, laboratory=people.laboratory)
    assert states() == []


def test_a_look_is_written_and_patients_do_not_read_in_full(own, actor_as):
    before = AuditEntry.objects.filter(action="registers.interpretation.read").count()
    queries.interpretations_of(own, VARIANT)
    assert AuditEntry.objects.filter(action="registers.interpretation.read").count() == before + 1
    with pytest.raises(AccessDenied):
        queries.interpretations_of(actor_as(Role.PATIENT), VARIANT)


def test_the_database_keeps_one_present_class_per_laboratory(own, people):
    enter(own)
    row = EarlierInterpretation.objects.get()
    row.pk = uuid4()
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)
