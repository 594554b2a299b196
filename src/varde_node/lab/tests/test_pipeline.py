"""Standard processing in the laboratory: measured, signed by another, run on a case's reads, its file in the case."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.references import ReferenceStore
from varde.pipeline.tools import ASKED
from varde.simulate.sequencing import SequencedFamily
from varde_node.jobs.models import Job, JobState
from varde_node.lab import services
from varde_node.lab.models import PipelineRun, PipelineVersion, QualityFile, TruthRun, VariantFile, VersionSignature
from varde_node.lab.pipeline_words import duration
from varde_node.lab.tests.conftest import COUNTS, DemoCase
from varde_node.people.services import AccessDenied, Actor, Role

needs_tools = pytest.mark.skipif(
    any(shutil.which(name) is None for name in ASKED), reason="fastp, bwa, samtools, bcftools or mosdepth not installed"
)
pytestmark = [pytest.mark.django_db, needs_tools]
REASON = "Looked at the missed indels; all in repeats."


def refusal(call: Callable[..., object], *arguments: object) -> str:
    with pytest.raises(InputError) as caught:
        call(*arguments)
    return caught.value.code


@pytest.mark.slow
def test_from_a_truth_sample_to_a_case_file(
    received: DemoCase,
    geneticist: Actor,
    reader: Actor,
    client_as: Callable[..., Client],
    run_jobs: Callable[[], object],
) -> None:
    with run_jobs():
        row_id = services.measure_version(geneticist, "Simulated child")
    row = TruthRun.objects.get(id=row_id)
    strata = row.result["strata"]
    for kind in ("snv", "mnv"):
        assert [strata[kind][error] for error in ("false_negative", "false_positive", "genotype_error")] == [0, 0, 0]
    # bcftools writes a change of two bases as two; only the replay tells that they are the truth's one.
    assert strata["snv"]["calls_right"] == strata["snv"]["truth_found"] + 2 * strata["mnv"]["truth_found"]
    assert row.result["replayed"] >= 3 * strata["mnv"]["truth_found"] > 0
    assert strata["snv"]["truth_found"] > 40
    assert row.result["truth_not_assessed"] > 0
    assert refusal(services.start_processing, geneticist, received.id) == "version_not_signed"
    assert refusal(services.sign_version, geneticist, row_id, REASON) == "same_person"
    services.sign_version(reader, row_id, REASON)
    with run_jobs():
        run_id = services.start_processing(geneticist, received.id)
    run = PipelineRun.objects.get(id=run_id)
    assert run.problem is None
    file = VariantFile.objects.get(id=run.variant_file_id)
    assert sorted(file.samples) == ["child", "father", "mother"]
    assert (file.uploaded_by_id, file.case_id) == (geneticist.account_id, received.id)
    assert run.record["version"]["digest"] == row.version.digest
    assert {output["path"] for output in run.record["outputs"]} >= {"quality/child.mosdepth.summary.txt"}
    kinds = set(QualityFile.objects.filter(case_id=received.id).values_list("kind", flat=True))
    assert kinds >= {"fastp", "flagstat", "samtools_stats", "mosdepth_per_base", "mosdepth_summary", "bcftools_stats"}
    assert services.run_processing(run_id, lambda share, step: None) == received.id
    assert VariantFile.objects.filter(case_id=received.id).count() == 1
    client = client_as(Role.SECOND_READER)
    page = client.get(f"/lab/cases/{received.id}/processing/").content.decode()
    assert "Calling variants" in page
    assert file.given_name in page
    said = client.get(f"/lab/cases/{received.id}/processing/{run_id}/log/?rule=align&of=child+1").content.decode()
    assert "bwa mem" in said
    assert received.row.number in client.get("/lab/processing/").content.decode()


def test_a_version_is_used_only_when_another_has_signed_it(
    received: DemoCase, measured: TruthRun, geneticist: Actor, reader: Actor
) -> None:
    assert refusal(services.start_processing, geneticist, received.id) == "version_not_signed"
    assert not PipelineRun.objects.exists()
    assert refusal(services.sign_version, reader, measured.id, "short") == "reason_required"
    assert not VersionSignature.objects.exists()
    services.sign_version(reader, measured.id, REASON)
    assert refusal(services.sign_version, reader, measured.id, REASON) == "signed_already"
    services.start_processing(geneticist, received.id)
    assert PipelineRun.objects.get().inputs["mother"] == ["mother_R1.fastq.gz", "mother_R2.fastq.gz"]
    assert refusal(services.start_processing, geneticist, received.id) == "run_in_progress"


def test_the_database_itself_refuses_one_person_and_a_run_without_a_signature(
    received: DemoCase, measured: TruthRun, geneticist: Actor, people: object
) -> None:
    signature = {"laboratory_id": people.laboratory, "version": measured.version, "truth_run": measured}
    same = {"measured_by_id": geneticist.account_id, "signed_by_id": geneticist.account_id, "reason": REASON}
    run = {"case_id": received.id, "folder": "x", "inputs": {}, "started_by_id": geneticist.account_id}
    for model, values in ((VersionSignature, {**signature, **same}), (PipelineRun, {**run, "started_as": "x"})):
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.create(**values)
    assert not VersionSignature.objects.exists()
    assert not PipelineRun.objects.exists()


def test_another_setting_is_another_version(
    received: DemoCase, measured: TruthRun, geneticist: Actor, reader: Actor, settings: object, tmp_path: Path
) -> None:
    services.sign_version(reader, measured.id, REASON)
    other = ReferenceStore(tmp_path / "references")
    (tmp_path / "other.fa").write_text(">chr21\nACGTACGT\n")
    other.add(tmp_path / "other.fa", None, Build.GRCH38, "example")
    settings.REFERENCES = tmp_path / "references"
    assert refusal(services.start_processing, geneticist, received.id) == "version_not_signed"


def test_a_version_that_changed_after_the_start_stops_the_run(
    received: DemoCase, measured: TruthRun, geneticist: Actor, reader: Actor
) -> None:
    services.sign_version(reader, measured.id, REASON)
    run_id = services.start_processing(geneticist, received.id)
    PipelineVersion.objects.update(digest="0" * 64)
    assert refusal(services.run_processing, run_id, lambda share, step: None) == "version_changed"
    run = PipelineRun.objects.get(id=run_id)
    assert (run.record, run.problem["code"], run.variant_file) == (None, "version_changed", None)


def test_reads_that_are_not_there_and_tubes_that_have_not_come(
    laboratory: SequencedFamily,
    measured: TruthRun,
    geneticist: Actor,
    open_demo_case: Callable[..., DemoCase],
    receive_all: Callable[[DemoCase], None],
) -> None:
    case = open_demo_case("solberg")
    assert refusal(services.start_processing, geneticist, case.id) == "not_expected"
    receive_all(case)
    assert refusal(services.start_processing, geneticist, case.id) == "reads_missing"
    assert not PipelineRun.objects.exists()


def test_a_stopped_run_is_gone_on_with_and_a_cancelled_one_says_so(
    received: DemoCase, measured: TruthRun, geneticist: Actor, reader: Actor, client_as: Callable[..., Client]
) -> None:
    services.sign_version(reader, measured.id, REASON)
    first = PipelineRun.objects.get(id=services.start_processing(geneticist, received.id))
    Job.objects.filter(id=first.job_id).update(state=JobState.CANCELLED)
    second = PipelineRun.objects.get(id=services.start_processing(geneticist, received.id))
    assert second.folder == first.folder
    page = client_as(Role.LABORATORY_GENETICIST).get(f"/lab/cases/{received.id}/processing/").content.decode()
    assert "Cancelled" in page
    assert "Waiting" in page


def test_a_truth_sample_is_chosen_by_name_only(laboratory: SequencedFamily, geneticist: Actor) -> None:
    for name in ("", "../inbox", "Simulated child/.."):
        assert refusal(services.measure_version, geneticist, name) == "unknown_truth"
    assert not TruthRun.objects.exists()


def test_another_laboratory_sees_and_starts_nothing(
    received: DemoCase,
    measured: TruthRun,
    people: object,
    actor_as: Callable[..., Actor],
    client_as: Callable[..., Client],
) -> None:
    stranger = client_as(Role.SECOND_READER, organisation=people.other_laboratory)
    case = f"/lab/cases/{received.id}/processing/"
    for address in (case, f"{case}{uuid4()}/log/", f"/lab/truth/{measured.id}/"):
        assert stranger.get(address).status_code == 403
    assert stranger.post(f"{case}start/").status_code == 403
    assert stranger.post(f"/lab/truth/{measured.id}/sign/", {"reason": REASON}).status_code == 403
    assert str(measured.id) not in stranger.get("/lab/truth/").content.decode()
    assert stranger.get(f"/lab/truth/{uuid4()}/").status_code == 404
    own = client_as(Role.SECOND_READER)
    assert own.get(f"{case}{uuid4()}/log/").status_code == 404
    clinician = client_as(Role.CLINICIAN)
    assert clinician.get("/lab/processing/").status_code == 403
    with pytest.raises(AccessDenied):
        services.start_processing(actor_as(Role.SECOND_READER, organisation=people.other_laboratory), received.id)
    assert not PipelineRun.objects.exists()
    assert not VersionSignature.objects.exists()


def test_the_measurement_page_tells_strata_intervals_and_the_older_version(
    measured: TruthRun, geneticist: Actor, client_as: Callable[..., Client]
) -> None:
    told = {**measured.version.told, "tools": {**measured.version.told["tools"], "bcftools": "1.17"}}
    newer = PipelineVersion.objects.create(digest="f" * 64, told=told)
    better = {**COUNTS, "truth_found": 99, "false_negative": 1}
    row = TruthRun.objects.create(
        laboratory_id=measured.laboratory_id,
        version=newer,
        truth_set=measured.truth_set,
        folder="truth-runs/y",
        result={"sample": "child", "strata": {"all": better, "snv": better}},
        started_by_id=geneticist.account_id,
    )
    client = client_as(Role.SECOND_READER)
    page = client.get(f"/lab/truth/{row.id}/").content.decode()
    # 99 of 100 by Wilson: 0.9455 to 0.9982; the older 95 of 100.
    for figure in ("99.00", "94.55", "99.82", "95.00", "tools.bcftools", "1.17", "Sign for use"):
        assert figure in page
    assert "Sign for use" not in client_as(Role.LABORATORY_GENETICIST).get(f"/lab/truth/{row.id}/").content.decode()
    refused = client.post(f"/lab/truth/{row.id}/sign/", {"reason": "<script>"})
    assert refused.status_code == 422
    assert "<script>" not in refused.content.decode().split("csrf")[-1].replace("&lt;script&gt;", "")
    assert client.post(f"/lab/truth/{row.id}/sign/", {"reason": REASON}).status_code == 302
    assert VersionSignature.objects.get().signed_by_id == client.actor.account_id
    assert REASON in client.get(f"/lab/truth/{row.id}/").content.decode()


@pytest.mark.parametrize(
    ("seconds", "text"), [(None, "–"), (0.4, "0:00"), (7, "0:07"), (760, "12:40"), (11100, "3:05:00")]
)
def test_durations(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text
