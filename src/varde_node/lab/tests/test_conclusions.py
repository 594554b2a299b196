"""What may not be signed, counted or looked at: each of these gave a wrong figure or a look that nobody allowed."""

from __future__ import annotations

import pytest

from varde.consent import Purpose
from varde.frequency.cells import Cell, DiseaseGroup
from varde.frequency.lookup import Counts
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.pedigree import read_ped
from varde.interpretation.inheritance import Mode
from varde_node.consent import services as consent
from varde_node.lab import contracts, queries, services
from varde_node.lab.conclusions import parents_show, shows
from varde_node.lab.evidence import Allele, Call, RegisterFrequency
from varde_node.lab.models import Assessment, CaseState, Interpretation, VariantFile
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
from varde_node.people.services import Role
from varde_node.registers.frequency import exchange
from varde_node.registers.frequency import services as register_services
from varde_node.registers.frequency.store import region_folder


def refused(code, command, *arguments, **named):
    with pytest.raises(InputError) as caught:
        command(*arguments, **named)
    assert caught.value.code == code


@pytest.fixture
def opened_case(analysed_case, people, actor_as):
    case = analysed_case("solberg")
    consent_of_parents(case, people, actor_as)
    services.open_all_genes(actor_as(Role.LABORATORY_GENETICIST), case.id, REASON)
    return case


def test_a_mode_that_the_calls_do_not_show_is_not_signed(opened_case, actor_as):
    reader = actor_as(Role.LABORATORY_GENETICIST)
    assess_both(reader, opened_case)
    for mode in Mode:
        if mode in (Mode.COMPOUND_HETEROZYGOUS, Mode.COMPOUND_HETEROZYGOUS_UNPHASED):
            continue
        refused(
            "mode_not_shown",
            services.sign_interpretation,
            reader,
            opened_case.id,
            conclusion="explains",
            summary="x",
            gene="DEMO17",
            mode=mode.value,
        )
    assert opened_case.row.state == CaseState.INTERPRETATION
    assert not Interpretation.objects.exists()


def test_one_half_alone_gives_no_compound_heterozygote(opened_case, actor_as):
    reader = actor_as(Role.LABORATORY_GENETICIST)
    for variant, in_answer in ((FROM_FATHER, True), (FROM_MOTHER, False)):
        services.assess_variant(
            reader, opened_case.id, variant, chosen_class=5, reasoning=REASONING, in_answer=in_answer
        )
    refused(
        "mode_not_shown",
        services.sign_interpretation,
        reader,
        opened_case.id,
        conclusion="explains",
        summary="x",
        gene="DEMO17",
        mode="compound_heterozygous",
    )
    assert not Interpretation.objects.exists()


@pytest.mark.parametrize(
    ("conclusion", "chosen_class", "gene", "code"),
    [
        ("explains", 3, "DEMO17", "class_too_low"),
        ("possible", 2, "DEMO17", "class_too_low"),
        ("explains", 5, "DEMO1", "gene_without_variant"),
    ],
)
def test_a_conclusion_rests_on_its_variants(opened_case, actor_as, conclusion, chosen_class, gene, code):
    reader = actor_as(Role.LABORATORY_GENETICIST)
    assess_both(reader, opened_case, chosen_class)
    asked = {"conclusion": conclusion, "summary": "x", "gene": gene, "mode": "compound_heterozygous"}
    refused(code, services.sign_interpretation, reader, opened_case.id, **asked)
    assert not Interpretation.objects.exists()


def allele(child, mother, father, *modes):
    calls = tuple(
        Call(member, genotype, None, None, None, None, None, None)
        for member, genotype in (("child", child), ("mother", mother), ("father", father))
    )
    unknown = RegisterFrequency("not_evaluated", None, None, None, None, None)
    return Allele(0, "1-1-A-T", "G", "", None, None, None, None, None, "PASS", "", calls, unknown, modes)


MATERNAL, PATERNAL = allele("0/1", "0/1", "0/0"), allele("0/1", "0/0", "0/1")
NEW, OPEN = allele("0/1", "0/0", "0/0"), allele("0/1", "./.", "./.")


@pytest.mark.parametrize(
    ("mode", "alleles", "shown", "number"),
    [
        (Mode.COMPOUND_HETEROZYGOUS, (MATERNAL, PATERNAL), True, True),
        (Mode.COMPOUND_HETEROZYGOUS, (allele("0|1", "0|1", "0|0"), allele("1|0", "0/0", "1|0")), True, True),
        (Mode.COMPOUND_HETEROZYGOUS, (MATERNAL, MATERNAL), False, False),
        (Mode.COMPOUND_HETEROZYGOUS, (MATERNAL, NEW), False, False),
        (Mode.COMPOUND_HETEROZYGOUS, (OPEN, OPEN), False, False),
        (Mode.COMPOUND_HETEROZYGOUS, (allele("0/1", "0/1", "0/1"), PATERNAL), False, False),
        (Mode.COMPOUND_HETEROZYGOUS_DE_NOVO, (MATERNAL, NEW), True, True),
        (Mode.COMPOUND_HETEROZYGOUS_DE_NOVO, (MATERNAL, PATERNAL), False, False),
        (Mode.COMPOUND_HETEROZYGOUS_UNPHASED, (OPEN, OPEN), False, True),
        (Mode.HOMOZYGOUS_RECESSIVE, (allele("1/1", "0/1", "0/1", Mode.HOMOZYGOUS_RECESSIVE),), True, True),
        (Mode.HOMOZYGOUS_RECESSIVE, (allele("1/1", "0/1", "./.", Mode.HOMOZYGOUS_RECESSIVE),), True, False),
        (Mode.HOMOZYGOUS_RECESSIVE, (allele("1/1", "0/1", "0/0", Mode.RECESSIVE_UNIPARENTAL_HINT),), False, False),
        (Mode.X_LINKED_RECESSIVE, (allele("1", "0/1", "0", Mode.X_LINKED_RECESSIVE),), True, True),
        (Mode.X_LINKED_RECESSIVE, (allele("1", "./.", "0", Mode.X_LINKED_RECESSIVE),), True, False),
        (Mode.X_LINKED_RECESSIVE_FEMALE, (allele("1/1", "0/1", "1", Mode.X_LINKED_RECESSIVE_FEMALE),), True, True),
        (Mode.X_LINKED_RECESSIVE_FEMALE, (allele("1/1", "0/1", ".", Mode.X_LINKED_RECESSIVE_FEMALE),), True, False),
        (Mode.DOMINANT_INHERITED, (allele("0/1", "./.", "0/0", Mode.DOMINANT_INHERITED),), True, False),
    ],
)
def test_what_calls_show_and_when_a_figure_may_follow(mode, alleles, shown, number):
    # The pair of open halves is shown by two heterozygous calls; its mode never has a figure.
    assert shows(mode, alleles) is (shown or mode is Mode.COMPOUND_HETEROZYGOUS_UNPHASED)
    assert parents_show(mode, alleles) is number


def test_a_parent_without_a_call_gives_no_figure(opened_case, actor_as, monkeypatch):
    heard = []
    monkeypatch.setattr(contracts, "_signed_handlers", [heard.append])
    reader = actor_as(Role.LABORATORY_GENETICIST)
    assess_both(reader, opened_case)
    sign(reader, opened_case)
    monkeypatch.setattr("varde_node.lab.queries.signed.parents_show", lambda mode, alleles: False)
    services.approve_interpretation(actor_as(Role.SECOND_READER), opened_case.id)
    said = heard[0].recurrence
    assert (said["key"], said["probability"]) == ("recurrence.unknown.possible_de_novo", None)


def test_the_genes_outside_the_panel_stay_closed(analysed_case, people, actor_as, client_as):
    case, reader = analysed_case("solberg"), actor_as(Role.LABORATORY_GENETICIST)
    consent_of_parents(case, people, actor_as, allowed=(Purpose.CARE_PANEL,))
    address = f"/lab/cases/{case.id}/variants/{FROM_FATHER}/"
    client = client_as(Role.LABORATORY_GENETICIST)
    for response in (client.get(address), client.post(f"{address}points/", {})):
        assert response.status_code == 422
        assert b"DEMO17" not in response.content
    asked = {"chosen_class": 5, "reasoning": REASONING, "in_answer": True}
    refused("outside_panel", services.assess_variant, reader, case.id, FROM_FATHER, **asked)
    assert not Assessment.objects.exists()
    assert AuditEntry.objects.filter(action="lab.variant.read", outcome="refused").count() == 2
    rows = queries.trace(reader, case.id, text=FROM_FATHER).rows
    assert [(row.variant, row.opens) for row in rows] == [(FROM_FATHER, False)]


def test_nothing_is_analysed_after_a_withdrawal(open_demo_case, receive_all, people, actor_as):
    case, reader = open_demo_case("solberg"), actor_as(Role.LABORATORY_GENETICIST)
    receive_all(case)
    stream = consent_of_parents(case, people, actor_as)
    consent.withdraw_consent(actor_as(Role.CLINICIAN), stream=stream, decided_by_id=people.mother, in_care=True)
    with case.vcf.open("rb") as file:
        refused("consent_lacks", services.upload_file, reader, case.id, "solberg.vcf.gz", file)
    assert case.row.state == CaseState.SAMPLES_RECEIVED
    assert not VariantFile.objects.exists()


def answered(case, people, actor_as, run_jobs):
    reader = actor_as(Role.LABORATORY_GENETICIST)
    services.open_all_genes(reader, case.id, REASON)
    assess_both(reader, case)
    sign(reader, case)
    with run_jobs():
        services.approve_interpretation(actor_as(Role.SECOND_READER), case.id)


def send_to_the_nation(demo, manager):
    """A shard of the region, with enough others of the family's kind for it."""
    people = read_ped(demo.files.population_ped).persons
    for region in ("HSO", "HV", "HMN"):
        register_services.import_population(
            manager,
            vcfs={"HSO": demo.files.population_vcf(region)},
            sexes={},
            cells={one.identifier: Cell(one.sex, DiseaseGroup.DEVELOPMENT) for one in people},
            build=Build.GRCH38,
            reference=demo.reference,
        )
    exchange.make_keys()
    exchange.send(manager, "HSO")


def test_the_parents_of_two_orders_are_counted_once(demo, analysed_case, people, actor_as, run_jobs, monkeypatch):
    monkeypatch.setattr(contracts, "_signed_handlers", [])
    first = analysed_case("solberg")
    consent_of_parents(first, people, actor_as)
    answered(first, people, actor_as, run_jobs)
    send_to_the_nation(demo, actor_as(Role.REGISTER_MANAGER))
    second = analysed_case("solberg")
    warnings = queries.interpretation(actor_as(Role.LABORATORY_GENETICIST), second.id).obstacles
    assert [(one.blocks, "counts 2 of this family" in one.text) for one in warnings if one.key == "own_counts"] == [
        (False, True)
    ]
    answered(second, people, actor_as, run_jobs)
    assert Counts(region_folder("HSO")).people == 2 + 12
    assert second.row.counted_at is not None
    assert not second.row.samples.exclude(register_run="").exists()


def test_a_child_is_not_counted_beside_a_parent(analysed_case, people, actor_as, run_jobs, monkeypatch):
    monkeypatch.setattr(contracts, "_signed_handlers", [])
    first = analysed_case("solberg")
    consent_of_parents(first, people, actor_as)
    answered(first, people, actor_as, run_jobs)
    with run_jobs():
        consent.record_consent(
            actor_as(Role.CLINICIAN),
            subject_id=people.mother,
            decided_by_id=people.mother,
            allowed=tuple(one for one in ALL_YES if one is not Purpose.REGISTER_COUNT),
            means="paper",
            in_care=True,
        )
    assert Counts(region_folder("HSO")).people == 1
    answered(analysed_case("solberg"), people, actor_as, run_jobs)
    assert Counts(region_folder("HSO")).people == 1
