"""Quality files, coverage, gates and charts in the node: what is stored, judged and shown, and what is refused."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from varde.annotation.genes import reference_transcripts
from varde.annotation.target_exons import target_exons
from varde.genome.builds import CONTIGS
from varde.genome.errors import InputError
from varde.quality.formats.tests import examples
from varde.quality.identity import Fingerprint
from varde_node.lab.case_access import current_analysis, in_data_folder
from varde_node.lab.models import (
    CaseState,
    GateProfileVersion,
    QualityFile,
    QualityValue,
    RunNote,
    SampleCoverage,
    SampleFingerprint,
    SequencingRun,
)
from varde_node.lab.queries import coverage as coverage_queries
from varde_node.lab.queries import quality_files as queries
from varde_node.lab.services import quality_files as services
from varde_node.lab.services import runs
from varde_node.lab.services.quality_gates import profile_of, store_gate_profile
from varde_node.people.models import AuditEntry
from varde_node.people.services import Role


def refusal(function: Callable, *arguments: object, **named: object) -> str:
    with pytest.raises(InputError) as caught:
        function(*arguments, **named)
    return caught.value.code


def uploads(family: str = "solberg", **texts: str) -> list[tuple[str, io.BytesIO]]:
    return [(f"{family}-{name}", io.BytesIO(text.encode())) for name, text in texts.items()]


def selfsm(share: float) -> str:
    return examples.SELFSM.replace("barn\t", "solberg-barn\t").replace("0.0017", str(share))


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())).replace("\u202f", " ")


@pytest.fixture
def received(open_demo_case, receive_all):
    """A case whose tubes have arrived and that has no variant file."""
    case = open_demo_case("solberg")
    receive_all(case)
    return case


def depth_file(demo, gene: str, gap: int) -> tuple[bytes, int]:
    """A per-base file of 30x over the gene's contig but for ``gap`` bases of 3x in its first exon; where they start."""
    exon = target_exons(reference_transcripts(demo.reference), [gene]).row(0, named=True)
    name, start = CONTIGS[exon["contig"] - 1], exon["start0"] + 2
    end = exon["end0"] + 5_000_000
    lines = [(0, start, 30), (start, start + gap, 3), (start + gap, end, 30)]
    text = "".join(f"chr{name}\t{first}\t{last}\t{depth}\n" for first, last, depth in lines)
    return gzip.compress(text.encode()), start


class TestImport:
    def test_reports_are_kept_once_and_a_changed_one_is_a_new_version(self, received, actor_as) -> None:
        actor = actor_as(Role.LABORATORY_GENETICIST)
        files = {"barn.flagstat": examples.FLAGSTAT, "mor.flagstat": examples.FLAGSTAT}
        done = services.import_quality(actor, received.id, uploads(**files))
        assert (done.stored, done.unchanged, done.other_files) == (2, 0, 0)
        again = services.import_quality(actor, received.id, uploads(**files))
        assert (again.stored, again.unchanged) == (0, 2)
        changed = {"barn.flagstat": examples.FLAGSTAT.replace("96 + 0 primary dup", "48 + 0 primary dup")}
        assert services.import_quality(actor, received.id, uploads(**changed)).stored == 1
        rows = QualityFile.objects.filter(case_id=received.id).order_by("uploaded_at")
        assert [(row.name, row.sample, row.superseded) for row in rows] == [
            ("solberg-barn.flagstat", "solberg-barn", True),
            ("solberg-mor.flagstat", "solberg-mor", False),
            ("solberg-barn.flagstat", "solberg-barn", False),
        ]
        values = QualityValue.objects.filter(metric="duplicate_rate", file__superseded=False)
        assert sorted(values.values_list("sample", "value")) == [("solberg-barn", 0.05), ("solberg-mor", 0.1)]
        assert AuditEntry.objects.filter(action="lab.quality.import", outcome="allowed").count() == 3

    @pytest.mark.parametrize(
        ("given", "code"),
        [
            ([], "no_file"),
            ([("kari.flagstat", examples.FLAGSTAT.encode())], "samples_unmatched"),
            ([("notes.txt", b"hello")], "nothing_found"),
            ([("solberg-barn.flagstat", b"hello")], "bad_table"),
            ([("solberg-barn.selfSM", b"\xff\xfe")], "encoding"),
        ],
    )
    def test_a_refused_import_stores_nothing(self, given, code, received, actor_as, settings) -> None:
        listed = [(name, io.BytesIO(content)) for name, content in given]
        assert refusal(services.import_quality, actor_as(Role.SECOND_READER), received.id, listed) == code
        assert QualityFile.objects.count() == 0
        folder = Path(settings.DATA) / "cases" / str(received.id)
        assert [path for path in folder.rglob("*") if path.is_file()] == []

    def test_an_archive_is_read_and_an_unsafe_one_refused(self, received, actor_as) -> None:
        actor = actor_as(Role.LABORATORY_GENETICIST)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("run/qc/solberg-barn.flagstat", examples.FLAGSTAT)
            archive.writestr("run/readme.md", "x")
        done = services.import_quality(actor, received.id, [("run.zip", io.BytesIO(packed.getvalue()))])
        assert (done.stored, done.other_files) == (1, 1)
        assert QualityFile.objects.get().name == "run/qc/solberg-barn.flagstat"
        with zipfile.ZipFile(packed, "a") as archive:
            archive.writestr("../../solberg-barn.stats", examples.SAMTOOLS_STATS)
        unsafe = [("run.zip", io.BytesIO(packed.getvalue()))]
        assert refusal(services.import_quality, actor, received.id, unsafe) == "unsafe_archive"
        assert QualityFile.objects.count() == 1

    def test_a_folder_of_this_machine_is_read_and_left_as_it_was(self, received, actor_as, tmp_path) -> None:
        folder = tmp_path / "results"
        folder.mkdir()
        (folder / "solberg-barn.flagstat").write_text(examples.FLAGSTAT)
        actor = actor_as(Role.LABORATORY_GENETICIST)
        assert services.import_quality_folder(actor, received.id, folder).stored == 1
        assert services.import_quality_folder(actor, received.id, folder).unchanged == 1
        assert [path.name for path in folder.iterdir()] == ["solberg-barn.flagstat"]

    def test_an_unknown_assay_another_laboratorys_run_and_a_case_without_tubes_are_refused(
        self, received, open_demo_case, actor_as, people
    ) -> None:
        actor = actor_as(Role.LABORATORY_GENETICIST)
        stranger = actor_as(Role.LABORATORY_GENETICIST, name="b", organisation=people.other_laboratory)
        theirs = runs.record_run(stranger, name="R1", instrument="N1", sequenced_on="2026-01-02")
        given = lambda: uploads(**{"barn.flagstat": examples.FLAGSTAT})  # noqa: E731 - a stream is read once
        assert refusal(services.import_quality, actor, received.id, given(), assay="rna") == "assay_unknown"
        assert refusal(services.import_quality, actor, received.id, given(), run_id=theirs) == "run_unknown"
        waiting = open_demo_case("nilsen")
        assert refusal(services.import_quality, actor, waiting.id, given()) == "not_expected"
        assert QualityFile.objects.count() == 0


class TestJudging:
    def test_a_red_gate_stops_an_open_case_and_a_mended_file_lets_it_go_on(
        self, analysed_case, actor_as, client_as
    ) -> None:
        case, actor = analysed_case("solberg"), actor_as(Role.LABORATORY_GENETICIST)
        before = current_analysis(case.row)
        told = {(one["sample"], one["name"]): one["light"] for one in before.quality["metrics"]}
        assert told["solberg-barn", "contamination"] == "not_evaluated"
        assert case.row.state == CaseState.INTERPRETATION
        services.import_quality(actor, case.id, uploads(**{"barn.selfSM": selfsm(0.08)}))
        assert case.row.state == CaseState.QUALITY_STOP
        after = current_analysis(case.row)
        assert (after.id != before.id, after.folder, after.stops_sign_off) == (True, before.folder, True)
        assert before.quality == case.row.analyses.get(id=before.id).quality
        shown = text_of(client_as(Role.SECOND_READER).get(f"/lab/cases/{case.id}/quality/"))
        assert "Reads of somebody else (FREEMIX): Child 0.0800 · expected &lt;= 0.02, fails &gt; 0.05" in shown
        assert "solberg-barn.selfSM · VerifyBamID2" in shown
        services.import_quality(actor, case.id, uploads(**{"barn.selfSM": selfsm(0.01)}))
        assert case.row.state == CaseState.INTERPRETATION
        assert case.row.analyses.count() == 3
        services.import_quality(actor, case.id, uploads(**{"barn.selfSM": selfsm(0.01)}))
        assert case.row.analyses.count() == 3

    def test_a_swapped_tube_is_found_by_the_earlier_sample_of_the_same_person(self, analysed_case, actor_as) -> None:
        first = analysed_case("solberg")
        kept = SampleFingerprint.objects.get(sample__case_id=first.id, sample__role="mother")
        assert len(Fingerprint.read(bytes(kept.genotypes))) > 100
        second = analysed_case("nilsen")
        report = current_analysis(second.row).quality["metrics"]
        found = {one["sample"]: one for one in report if one["name"] == "concordance"}
        assert set(found) == {"nilsen-mor", "nilsen-far"}
        assert found["nilsen-mor"]["light"] == "red"
        assert found["nilsen-mor"]["note"][0]["parameters"]["earlier"] == first.row.number
        assert second.row.state == CaseState.QUALITY_STOP
        assert first.row.state == CaseState.INTERPRETATION


class TestCoverage:
    def test_without_a_depth_file_coverage_is_not_evaluated(self, received, client_as) -> None:
        shown = text_of(client_as(Role.LABORATORY_GENETICIST).get(f"/lab/cases/{received.id}/coverage/"))
        assert "Coverage is not evaluated: no depth file has been taken in." in shown
        assert list(coverage_queries.coverage_limits(received.row)) == [{"key": "uncovered_places", "parameters": {}}]

    def test_gaps_are_computed_listed_drawn_and_told_in_the_answer(
        self, received, demo, actor_as, client_as, run_jobs, settings
    ) -> None:
        gene = next(
            one["symbol"]
            for one in received.row.panel.genes
            if one["symbol"] in reference_transcripts(demo.reference).by_gene
        )
        data, start = depth_file(demo, gene, 12)
        with run_jobs():
            given = [("solberg-barn.per-base.bed.gz", io.BytesIO(data))]
            services.import_quality(actor_as(Role.LABORATORY_GENETICIST), received.id, given)
            assert QualityFile.objects.get().stored_as
        file = QualityFile.objects.get()
        assert (file.stored_as, file.superseded, file.coverage.minimum_x) == ("", False, 20)
        assert in_data_folder(file.coverage.folder).is_dir()
        assert not any((Path(settings.DATA) / "cases" / str(received.id) / "quality").iterdir())
        client = client_as(Role.LABORATORY_GENETICIST)
        page = client.get(f"/lab/cases/{received.id}/coverage/?gene={gene}")
        assert "<svg" in page.content.decode()
        place = f"{start + 1}–{start + 12}".replace("\u202f", " ")
        assert place in text_of(page).replace(" ", "") or f"{start + 1:,}".replace(",", " ") in text_of(page)
        bed = client.get(f"/lab/cases/{received.id}/coverage/child.bed").content.decode()
        assert f"\t{start}\t{start + 12}\t{gene}:exon" in bed
        assert client.get(f"/lab/cases/{received.id}/coverage/mother.bed").status_code == 404
        limits = {one["key"]: one["parameters"] for one in coverage_queries.coverage_limits(received.row)}
        assert (limits["coverage_gaps"]["gaps"], limits["coverage_gaps"]["bases"]) == (1, 12)
        assert limits["coverage_gaps"]["person"] == "child"
        assert limits["uncovered_places"] == {}

    def test_a_wrong_depth_file_is_set_aside_with_its_reason(self, received, actor_as, client_as, run_jobs) -> None:
        given = [("solberg-barn.per-base.bed", io.BytesIO(b"chr1\t0\t10\t5\nchr1\t3\t20\t5\n"))]
        with run_jobs():
            services.import_quality(actor_as(Role.LABORATORY_GENETICIST), received.id, given)
        file = QualityFile.objects.get()
        assert (file.superseded, file.problem["code"], file.problem["line"], file.stored_as) == (True, "bad_bed", 2, "")
        assert SampleCoverage.objects.count() == 0
        shown = text_of(client_as(Role.LABORATORY_GENETICIST).get(f"/lab/cases/{received.id}/coverage/"))
        assert "The depth file could not be used" in shown
        assert "Coverage is not evaluated" in shown


class TestGates:
    def limits(self, **changed: str) -> dict[str, dict[str, str]]:
        return {"contamination": {"warn_above": "0,01", "fail_above": "0.03", **changed}}

    def test_new_limits_are_the_next_version_and_the_old_ones_stay(self, actor_as, people) -> None:
        reader = actor_as(Role.SECOND_READER)
        for number, fail in enumerate(("0.03", "0.04"), start=1):
            store_gate_profile(
                reader,
                "exome",
                self.limits(fail_above=fail),
                sources={"contamination": "Ours"},
                reason="Validated 2026",
            )
            profile = profile_of(people.laboratory, "exome")
            assert profile.label == f"laboratory exome {number}"
            assert [(gate.metric, gate.fail_above, gate.source) for gate in profile.gates] == [
                ("contamination", float(fail), "Ours")
            ]
        stored = GateProfileVersion.objects.order_by("number").values_list("gates", flat=True)
        assert [gates[0]["fail_above"] for gates in stored] == [0.03, 0.04]
        assert profile_of(people.other_laboratory, "exome").label == "Varde exome 1"
        assert profile_of(people.laboratory, "genome").label == "Varde genome 1"

    @pytest.mark.parametrize(
        ("limits", "reason", "code"),
        [
            ({"fail_above": "much"}, "Validated 2026", "bad_number"),
            ({"fail_above": "0.001"}, "Validated 2026", "bad_gate"),
            ({"fail_above": "nan"}, "Validated 2026", "bad_gate"),
            ({}, " short ", "reason_required"),
        ],
    )
    def test_bad_limits_store_nothing(self, limits, reason, code, actor_as, people) -> None:
        reader = actor_as(Role.SECOND_READER)
        stored = refusal(store_gate_profile, reader, "exome", self.limits(**limits), sources={}, reason=reason)
        assert (stored, GateProfileVersion.objects.count()) == (code, 0)
        assert profile_of(people.laboratory, "exome").label == "Varde exome 1"

    def test_the_page_shows_and_stores_them_and_only_a_second_reader_may(self, client_as) -> None:
        geneticist, reader = client_as(Role.LABORATORY_GENETICIST), client_as(Role.SECOND_READER)
        assert "A second reader stores new limits." in text_of(geneticist.get("/lab/gates/"))
        form = {"assay": "exome", "fail_above:contamination": "0.04", "warn_above:contamination": "0.02",
                "source:contamination": "Ours", "reason": "Validated in November"}  # fmt: skip
        assert geneticist.post("/lab/gates/", form).status_code == 403
        assert GateProfileVersion.objects.count() == 0
        refused = reader.post("/lab/gates/", {**form, "fail_above:contamination": "x"})
        assert (refused.status_code, "x is not a number" in text_of(refused)) == (422, True)
        assert reader.post("/lab/gates/", form).status_code == 302
        shown = reader.get("/lab/gates/?assay=exome")
        assert "laboratory exome 1" in text_of(shown)
        assert "Validated in November" in text_of(reader.get("/lab/gates/exome/1/"))
        assert reader.get("/lab/gates/exome/2/").status_code == 404


class TestCharts:
    def test_a_point_for_each_run_with_its_signals_and_changes(self, received, actor_as, client_as) -> None:
        actor = actor_as(Role.LABORATORY_GENETICIST)
        today = timezone.localdate()
        shares = [0.010, 0.011] * 6 + [0.09]
        for number, share in enumerate(shares):
            day = today - timedelta(days=20 - number)
            run = runs.record_run(actor, name=f"R{number:02}", instrument="NovaSeq A", sequenced_on=day.isoformat())
            given = uploads(**{f"barn.{number}.selfSM": selfsm(share)})
            services.import_quality(actor, received.id, given, run_id=run)
        view = queries.charts(actor, instrument="NovaSeq A", metric="contamination")
        assert [round(point.value, 3) for point in view.points] == shares
        assert [point.run.name for point in view.points if point.beyond] == ["R12"]
        runs.note_change(actor, instrument="NovaSeq A", on=(today - timedelta(days=10)).isoformat(), kind="reagent",
                         text="Kit 2", restarts=True)  # fmt: skip
        again = queries.charts(actor, instrument="NovaSeq A", metric="contamination")
        assert [len(stretch.points) for stretch in again.stretches] == [10, 3]
        page = client_as(Role.LABORATORY_GENETICIST).get("/lab/charts/?instrument=NovaSeq+A&metric=contamination")
        assert "<svg" in page.content.decode()
        assert "Kit 2" in text_of(page)
        run_page = client_as(Role.LABORATORY_GENETICIST).get(f"/lab/runs/{SequencingRun.objects.get(name='R12').id}/")
        assert received.row.number in text_of(run_page)

    @pytest.mark.parametrize(
        ("changed", "code"),
        [({"name": " "}, "missing"), ({"name": "x" * 81}, "too_long"), ({"sequenced_on": "yesterday"}, "bad_date"),
         ({"sequenced_on": "2999-01-01"}, "bad_date"), ({"name": "R1"}, "run_exists")],
    )  # fmt: skip
    def test_a_wrong_run_stores_nothing(self, changed, code, actor_as, db) -> None:
        actor = actor_as(Role.LABORATORY_GENETICIST)
        form = {"name": "R1", "instrument": "A", "sequenced_on": date(2026, 1, 2).isoformat()}
        runs.record_run(actor, **form)
        assert refusal(runs.record_run, actor, **{**form, "name": "R2", **changed}) == code
        assert SequencingRun.objects.count() == 1

    def test_a_wrong_change_stores_nothing_and_the_page_says_why(self, client_as, db) -> None:
        client = client_as(Role.LABORATORY_GENETICIST)
        form = {"instrument": "A", "on": "2026-01-02", "kind": "reagent", "text": ""}
        refused = client.post("/lab/charts/changes/", form)
        assert (refused.status_code, "The field is empty." in text_of(refused)) == (422, True)
        assert client.post("/lab/charts/changes/", {**form, "text": "Kit", "kind": "magic"}).status_code == 422
        assert RunNote.objects.count() == 0


@pytest.mark.parametrize("page", ["quality/files/", "coverage/", "coverage/child.bed"])
def test_another_laboratory_is_refused(page, received, client_as, people) -> None:
    stranger = client_as(Role.LABORATORY_GENETICIST, name="b", organisation=people.other_laboratory)
    assert stranger.get(f"/lab/cases/{received.id}/{page}").status_code == 403
    given = {"file": SimpleUploadedFile("solberg-barn.flagstat", examples.FLAGSTAT.encode()), "assay": "exome"}
    assert stranger.post(f"/lab/cases/{received.id}/quality/files/", given).status_code == 403
    assert QualityFile.objects.count() == 0


def test_the_page_takes_files_and_says_what_it_did(received, client_as) -> None:
    client = client_as(Role.LABORATORY_GENETICIST)
    address = f"/lab/cases/{received.id}/quality/files/"

    def given() -> dict[str, object]:
        return {"file": SimpleUploadedFile("solberg-barn.flagstat", examples.FLAGSTAT.encode()), "assay": "exome"}

    assert "1 file taken in." in text_of(client.post(address, given(), follow=True))
    assert "1 was here already." in text_of(client.post(address, given(), follow=True))
    refused = client.post(address, {"file": SimpleUploadedFile("x.txt", b"hello"), "assay": "exome"})
    assert (refused.status_code, "No file is a report that Varde reads" in text_of(refused)) == (422, True)
    assert QualityFile.objects.count() == 1
