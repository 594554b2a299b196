"""Commands of the first half: numbers, states, idempotence, and what each refuses."""

from __future__ import annotations

import io
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from varde.genome.errors import InputError
from varde.interpretation.analysis import PreparedCase
from varde_node.jobs.models import Job, JobState
from varde_node.lab import queries, services
from varde_node.lab.case_access import current_analysis, in_data_folder
from varde_node.lab.contracts import LabOrder, OrderedPerson
from varde_node.lab.models import Analysis, Case, CaseState, PanelVersion, Sample
from varde_node.lab.services.analysis import pedigree_of
from varde_node.people.models import AuditEntry
from varde_node.people.services import AccessDenied, Role


def refused_code(call, *arguments, **named) -> str:
    with pytest.raises(InputError) as refused:
        call(*arguments, **named)
    return refused.value.code


def order(people, **changes) -> LabOrder:
    return LabOrder(
        **{
            "order_id": uuid4(),
            "laboratory_id": people.laboratory,
            "requester_id": people.clinic,
            "patient_id": people.child,
            "family": (OrderedPerson("child", people.child, affected=True),),
            "indication": "seizures",
            "hpo_terms": ("HP:0001250",),
            "panel_name": "Utviklingsforstyrrelse og epilepsi (demo)",
            "panel_version": "1.0",
            "urgent": False,
            **changes,
        }
    )


def test_a_panel_is_stored_once_and_its_version_never_changes(demo, panel_id, actor_as, tmp_path) -> None:
    actor = actor_as(Role.LABORATORY_GENETICIST)
    assert services.store_panel(actor, demo.files.panel) == panel_id
    assert PanelVersion.objects.count() == 1
    changed = tmp_path / "panel.tsv"
    changed.write_text(demo.files.panel.read_text() + "DEMO99\tgreen\t\n")
    assert refused_code(services.store_panel, actor, changed) == "panel_changed"
    with pytest.raises(AccessDenied):
        services.store_panel(actor_as(Role.CLINICIAN), demo.files.panel)
    (choice,) = queries.panels()
    assert (choice.name, choice.version) == ("Utviklingsforstyrrelse og epilepsi (demo)", "1.0")
    assert choice.genes == len(PanelVersion.objects.get().genes)


def test_cases_are_numbered_by_year_and_an_order_has_one(panel_id, people, actor_as) -> None:
    clinician = actor_as(Role.CLINICIAN)
    year = timezone.localdate().year
    first = order(people)
    case_id = services.open_case(clinician, first)
    assert services.open_case(clinician, first) == case_id
    assert Case.objects.get(id=case_id).number == f"NO-{year}-0001"
    Case.objects.filter(id=case_id).update(number=f"NO-{year}-9999")
    second = Case.objects.get(id=services.open_case(clinician, order(people)))
    assert second.number == f"NO-{year}-10000"
    assert Case.objects.get(id=services.open_case(clinician, order(people))).number == f"NO-{year}-10001"


@pytest.mark.parametrize(("urgent", "days"), [(False, 60), (True, 21)])
def test_the_due_date_follows_the_urgency(urgent, days, panel_id, people, actor_as) -> None:
    case = Case.objects.get(id=services.open_case(actor_as(Role.CLINICIAN), order(people, urgent=urgent)))
    assert case.due_on == timezone.localdate() + timedelta(days=days)


def test_an_order_that_does_not_hold_together_opens_no_case(panel_id, people, actor_as) -> None:
    clinician = actor_as(Role.CLINICIAN)
    child = OrderedPerson("child", people.child, affected=True)
    mother = OrderedPerson("mother", people.mother, affected=False)
    families = (
        (),
        (mother,),
        (OrderedPerson("child", people.mother, affected=True),),
        (child, mother, mother),
        (child, OrderedPerson("aunt", people.stranger, affected=False)),
        (child, OrderedPerson("mother", people.child, affected=False)),
    )
    for family in families:
        assert refused_code(services.open_case, clinician, order(people, family=family)) == "family"
    assert refused_code(services.open_case, clinician, order(people, panel_version="9")) == "unknown_panel"
    assert refused_code(services.open_case, clinician, order(people, hpo_terms=("seizure",))) == "unknown_hpo"
    assert refused_code(services.open_case, clinician, order(people, laboratory_id=people.clinic)) == (
        "unknown_laboratory"
    )
    assert (Case.objects.count(), Sample.objects.count()) == (0, 0)


def test_a_clinician_of_another_clinic_opens_and_cancels_nothing(panel_id, people, actor_as) -> None:
    other = actor_as(Role.CLINICIAN, name="b", organisation=people.other_clinic)
    mine = order(people)
    with pytest.raises(AccessDenied):
        services.open_case(other, mine)
    assert Case.objects.count() == 0
    services.open_case(actor_as(Role.CLINICIAN), mine)
    with pytest.raises(AccessDenied):
        services.cancel_case(other, mine.order_id, "wrong child")
    assert Case.objects.get().state == CaseState.ORDERED


def test_an_order_is_cancelled_with_a_reason_until_it_is_analysed(analysed_case, open_demo_case, actor_as) -> None:
    clinician = actor_as(Role.CLINICIAN)
    analysed, waiting = analysed_case("solberg"), open_demo_case("nilsen")
    assert refused_code(services.cancel_case, clinician, waiting.order_id, "  ") == "reason_required"
    assert refused_code(services.cancel_case, clinician, uuid4(), "moved") == "unknown_order"
    assert refused_code(services.cancel_case, clinician, analysed.order_id, "moved") == "too_late"
    services.cancel_case(clinician, waiting.order_id, "moved")
    services.cancel_case(clinician, waiting.order_id, "moved")
    assert (waiting.row.state, analysed.row.state) == (CaseState.CANCELLED, CaseState.INTERPRETATION)
    sample = waiting.row.samples.first()
    assert (
        refused_code(services.receive_sample, actor_as(Role.LABORATORY_GENETICIST), waiting.id, sample.id, "x")
        == "not_expected"
    )


def test_a_tube_keeps_the_name_it_was_registered_under(open_demo_case, receive_all, actor_as) -> None:
    case = open_demo_case("solberg")
    actor = actor_as(Role.LABORATORY_GENETICIST)
    child = case.row.samples.get(role="child")
    services.receive_sample(actor, case.id, child.id)
    registered = Sample.objects.get(id=child.id)
    assert registered.name == f"{case.row.number}-child"
    services.receive_sample(actor, case.id, child.id)
    assert Sample.objects.get(id=child.id).received_at == registered.received_at
    assert refused_code(services.receive_sample, actor, case.id, child.id, "other") == "already_received"
    mother = case.row.samples.get(role="mother")
    for wrong in ("has space", "-begins", "x" * 61, "æ", "a/b"):
        assert refused_code(services.receive_sample, actor, case.id, mother.id, wrong) == "barcode"


def test_a_barcode_of_another_person_of_the_laboratory_is_refused(open_demo_case, receive_all, actor_as) -> None:
    first, second = open_demo_case("solberg"), open_demo_case("nilsen")
    receive_all(first)
    actor = actor_as(Role.LABORATORY_GENETICIST)
    child, mother = (second.row.samples.get(role=role) for role in ("child", "mother"))
    assert refused_code(services.receive_sample, actor, second.id, child.id, "solberg-barn") == "barcode_taken"
    services.receive_sample(actor, second.id, mother.id, "solberg-mor")  # the same mother: her tube is used again
    assert Sample.objects.get(id=mother.id).received_at is not None


def test_the_pedigree_follows_the_order_and_the_tubes(open_demo_case, receive_all) -> None:
    case = open_demo_case("solberg")
    receive_all(case)
    child, mother, father = pedigree_of(case.row).persons
    assert (child.identifier, child.mother, child.father) == ("solberg-barn", "solberg-mor", "solberg-far")
    assert [person.sex.value for person in (child, mother, father)] == ["female", "female", "male"]
    assert [person.affected.value for person in (child, mother, father)] == ["affected", "unaffected", "unaffected"]


def test_the_prepared_case_is_stored_with_its_versions(analysed_case) -> None:
    case = analysed_case("solberg")
    analysis = current_analysis(case.row)
    prepared = PreparedCase.load(in_data_folder(analysis.folder))
    assert prepared.members == ("solberg-barn", "solberg-mor", "solberg-far")
    assert analysis.versions == dict(prepared.versions)
    own = [one for one in analysis.quality["metrics"] if one["value"] is not None]
    assert own == [one for one in prepared.quality.as_dict()["metrics"] if one["value"] is not None]
    assert "reference" in analysis.versions
    assert analysis.stops_sign_off is False


def test_an_analysis_that_ended_is_not_run_again(analysed_case) -> None:
    case = analysed_case("solberg")
    analysis = Analysis.objects.get(case_id=case.id)
    assert services.analyse_case(analysis.id, lambda share, step: pytest.fail("it ran again")) == case.id
    assert Analysis.objects.get(case_id=case.id).finished_at == analysis.finished_at


def test_after_a_lost_job_the_analysis_can_be_started_again(open_demo_case, receive_all, actor_as, run_jobs) -> None:
    case = open_demo_case("solberg")
    receive_all(case)
    actor = actor_as(Role.LABORATORY_GENETICIST)
    services.upload_file(actor, case.id, "family.vcf.gz", io.BytesIO(case.vcf.read_bytes()))
    assert case.row.state == CaseState.ANALYSING
    assert refused_code(services.start_analysis, actor, case.id) == "not_expected"
    Job.objects.update(state=JobState.FAILED, error_code="worker_lost")
    view = queries.case(actor, case.id)
    assert (view.can_start, str(view.next_step.label)) == (True, "Start the analysis again")
    with run_jobs():
        services.start_analysis(actor, case.id)
    assert case.row.state == CaseState.INTERPRETATION
    assert refused_code(services.start_analysis, actor, case.id) == "not_expected"


def test_a_node_without_its_reference_says_so_and_stores_nothing(
    open_demo_case, receive_all, actor_as, settings
) -> None:
    case = open_demo_case("solberg")
    receive_all(case)
    settings.REFERENCE = "absent"
    actor = actor_as(Role.LABORATORY_GENETICIST)
    content = io.BytesIO(case.vcf.read_bytes())
    assert refused_code(services.upload_file, actor, case.id, "a.vcf.gz", content) == "unknown_reference"
    assert case.row.files.count() == 0


def test_progress_tells_the_clinic_each_station(open_demo_case, receive_all, analysed_case) -> None:
    assert queries.progress(uuid4()) is None
    waiting = open_demo_case("nilsen")
    before = queries.progress(waiting.order_id)
    assert (before.state, before.samples_received_at, before.analysed_at) == ("ordered", None, None)
    receive_all(waiting)
    assert queries.progress(waiting.order_id).samples_received_at is not None
    done = queries.progress(analysed_case("solberg").order_id)
    assert done.state == "interpretation"
    assert done.analysed_at is not None
    assert (done.signed_at, done.genes_opened_at, done.scope) == (None, None, "panel")


def test_the_reason_of_an_override_is_personal_and_kept_out_of_the_log_itself(analysed_case, actor_as) -> None:
    case = analysed_case("berg")
    with pytest.raises(AccessDenied):
        services.override_quality(actor_as(Role.LABORATORY_GENETICIST), case.id, "The tubes were exchanged.")
    services.override_quality(actor_as(Role.SECOND_READER), case.id, "The tubes were exchanged.")
    entry = AuditEntry.objects.get(action="lab.quality.override", outcome="allowed")
    assert b"exchanged" not in bytes(entry.stored)
    assert entry.personal.get(field="reason").value == "The tubes were exchanged."


def test_ages_change_on_the_birthday(open_demo_case, actor_as, monkeypatch) -> None:
    case = open_demo_case("solberg")  # born 14 March 2022
    actor = actor_as(Role.SECOND_READER)
    ages = []
    for today in (date(2026, 3, 13), date(2026, 3, 14)):
        monkeypatch.setattr("django.utils.timezone.localdate", lambda *_, today=today: today)
        ages.append(queries.case(actor, case.id).age_years)
    assert ages == [3, 4]


def test_a_worker_thought_lost_does_not_end_a_newer_analysis(open_demo_case, receive_all, actor_as) -> None:
    case, geneticist = open_demo_case(), actor_as(Role.LABORATORY_GENETICIST)
    receive_all(case)
    with case.vcf.open("rb") as stream:
        services.upload_file(geneticist, case.id, case.vcf.name, stream)
    lost = Analysis.objects.get()

    def report(share: float, step: str) -> None:
        if step == "Storing":
            Job.objects.filter(id=lost.job_id).update(state=JobState.FAILED)
            services.start_analysis(geneticist, case.id)

    services.analyse_case(lost.id, report)
    assert (case.row.state, Analysis.objects.exclude(folder="").count()) == (CaseState.ANALYSING, 0)
    newest = Analysis.objects.order_by("-created_at")[0]
    services.analyse_case(newest.id, lambda share, step: None)
    assert case.row.state == CaseState.INTERPRETATION
    assert Analysis.objects.exclude(folder="").get() == newest
