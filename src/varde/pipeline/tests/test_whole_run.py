"""The whole workflow with the real programs, on a family whose variants are known."""

from __future__ import annotations

import gzip
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pysam
import pytest

from varde.genome.errors import InputError
from varde.pipeline.record import RunRecord, read_record
from varde.pipeline.reproducing import compare, plan_of, reproduce
from varde.pipeline.running import Host, run_pipeline
from varde.pipeline.settings import COMMAND, Caller
from varde.pipeline.steps import read_steps
from varde.pipeline.tests.conftest import ME, Sequenced, needs_tools
from varde.simulate.sequencing import UNREAD

pytestmark = needs_tools
COMMAND_CALLER = Caller(
    COMMAND, "bcftools mpileup -Ou -f {reference} {targets} {alignments} | bcftools call -mv -Oz -o {output} -"
)


@pytest.fixture(scope="module")
def trio(sequenced: Sequenced, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, RunRecord]:
    folder = tmp_path_factory.mktemp("trio") / "run"
    return folder, run_pipeline(sequenced.plan(), folder, Host(2), ME)


def genotypes(vcf: Path, sample: str) -> dict[tuple[str, int, str, str], tuple[int | None, ...]]:
    with pysam.VariantFile(str(vcf)) as file:
        return {
            (row.chrom, row.pos, row.ref, alt): tuple(sorted(row.samples[sample]["GT"], key=str))
            for row in file
            for alt in row.alts
        }


def records(bam: Path) -> list[tuple[str, int, int, str]]:
    with pysam.AlignmentFile(str(bam)) as file:
        return sorted((read.query_name, read.flag, read.reference_start, read.cigarstring or "") for read in file)


@pytest.mark.slow
def test_a_trio_is_called_jointly_and_unread_is_not_reference(
    trio: tuple[Path, RunRecord], sequenced: Sequenced
) -> None:
    folder, record = trio
    vcf = folder / "variants" / "F1.vcf.gz"
    called = {key: value for key, value in genotypes(vcf, "child").items() if any(value)}
    truth = {key: value for key, value in genotypes(sequenced.files.truth, "child").items() if len(key[2]) == 1}
    snvs = {key: value for key, value in truth.items() if len(key[3]) == 1}
    assert len(snvs) > 40
    assert {key: called.get(key) for key in snvs} == snvs
    contig, start, end = UNREAD
    of_mother = genotypes(vcf, "mother")
    in_hole = [value for (where, place, _, _), value in of_mother.items() if where == contig and start < place <= end]
    assert set(in_hole) == {(None, None)}
    beside = [value for (where, place, _, _), value in of_mother.items() if where == contig and place <= start]
    assert (0, 0) in beside
    assert (None, None) not in beside
    assert {len(value) for (where, *_), value in genotypes(vcf, "child").items() if where != "chr21"} == {1}
    with gzip.open(folder / "results" / "mother" / "mother.callable.bed.gz", "rt") as bed:
        rows = [line.split("\t") for line in bed]
    assert not [row for row in rows if row[0] == contig and int(row[1]) < end - 200 and int(row[2]) > start + 200]
    assert record.version.tools.keys() >= {"bwa", "bcftools", "snakemake"}


@pytest.mark.slow
def test_the_record_tells_where_everything_came_from(trio: tuple[Path, RunRecord], sequenced: Sequenced) -> None:
    folder, record = trio
    assert read_record(folder / "run.json") == record
    assert {Path(file["path"]).name: file["reads"] for file in record.inputs}["child_R1.fastq.gz"] > 4000
    assert record.version.reference_sha256 == sequenced.reference.checksums["sequence.fa"]
    [call] = [step for step in record.steps if step["rule"] == "call" and step["subject"] == "chr21"]
    assert "bcftools mpileup" in call["command"]
    assert (record.who, record.attempts[0]["who"]) == ("Kari Nordmann", "Kari Nordmann")
    assert {output.path for output in record.outputs} >= {
        "variants/F1.vcf.gz",
        "results/child/child.bam",
        "quality/child.1.fastp.json",
        "quality/mother.mosdepth.summary.txt",
        "quality/F1.bcftools_stats.txt",
    }
    assert not list((folder / "work").rglob("*.bam"))


@pytest.mark.slow
def test_a_run_is_stopped_taken_up_again_and_reproduced_with_another_caller(
    sequenced: Sequenced, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    bed = tmp_path / "kit.bed"
    bed.write_text("chr21\t250\t6000\nchrX\t250\t3000\n")
    plan = sequenced.plan("child", target=bed, caller=COMMAND_CALLER)

    class CancelledError(Exception):
        pass

    def cancel(share: float, step: str) -> None:
        if share > 0.2:
            raise CancelledError

    with pytest.raises(CancelledError):
        run_pipeline(plan, tmp_path / "run", Host(2), ME, cancel)
    assert not (tmp_path / "run" / "run.json").exists()
    done = {(step.rule, step.subject) for step in read_steps(tmp_path / "run") if step.state == "done"}
    trimmed = [step for step in read_steps(tmp_path / "run") if step.rule == "trim"]
    assert ("trim", "child 1") in done
    first = run_pipeline(plan, tmp_path / "run", Host(2), ME)
    assert len(first.attempts) == 2
    assert [step for step in read_steps(tmp_path / "run") if step.rule == "trim"] == trimmed
    called = genotypes(tmp_path / "run" / "variants" / "F1.vcf.gz", "child")
    assert called
    assert all((where, place > 230) in (("chr21", True), ("chrX", True)) for where, place, *_ in called)
    assert max(place for where, place, *_ in called if where == "chr21") <= 6020

    record = read_record(tmp_path / "run" / "run.json")
    again = reproduce(record, plan_of(record, sequenced.reference, 1), Path("again"), Host(1), ME)
    assert (again.different, again.missing, again.versions) == ((), (), ())
    assert {"variants/F1.vcf.gz", "results/child/child.bam", "quality/child.1.fastp.json"} <= set(again.equal)

    other = replace(record, outputs=(replace(record.outputs[0], content_sha256="0"), *record.outputs[1:]))
    assert compare(other, record).different == (record.outputs[0].path,)
    bed.write_text("chr21\t250\t6001\n")
    with pytest.raises(InputError) as caught:
        plan_of(record, sequenced.reference, 1)
    assert (caught.value.code, caught.value.source) == ("input_changed", "kit.bed")


@pytest.mark.slow
def test_a_failing_step_is_named_with_its_line_and_an_alignment_can_be_the_input(
    trio: tuple[Path, RunRecord], sequenced: Sequenced, tmp_path: Path
) -> None:
    folder, _ = trio
    (tmp_path / "in").mkdir()
    shutil.copy(folder / "results" / "child" / "child.bam", tmp_path / "in" / "child.bam")
    child = replace(sequenced.plan("child").samples[0], units=(), alignment=tmp_path / "in" / "child.bam")
    broken = Caller(COMMAND, "bcftools mpileup --nonsense {alignments} > {output}")
    with pytest.raises(InputError) as caught:
        run_pipeline(sequenced.plan("child", samples=(child,), caller=broken), tmp_path / "run", Host(2), ME)
    assert caught.value.code == "step_failed"
    assert "unrecognized option '--nonsense'" in caught.value.problem
    assert (caught.value.source or "").startswith("logs/call.chr")
    assert records(tmp_path / "run" / "results" / "child" / "child.bam") == records(tmp_path / "in" / "child.bam")


def test_missing_programs_are_named_with_what_installs_them_and_nothing_is_written(
    sequenced: Sequenced, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "bwa").write_text("#!/bin/sh\necho 'could not load: libhts.so' >&2\nexit 1\n")
    (tmp_path / "bwa").chmod(0o700)
    with pytest.raises(InputError) as caught:
        run_pipeline(sequenced.plan("child"), tmp_path / "run", Host(1), ME)
    assert caught.value.code == "tool_missing"
    assert caught.value.remedy == "On Debian: apt-get install fastp bwa samtools bcftools mosdepth libhts-dev tabix."
    assert not (tmp_path / "run").exists()


def test_a_record_that_was_changed_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    for text in ("", "[]", "{}", json.dumps({"format": 1, "version": {}})):
        path.write_text(text)
        with pytest.raises(InputError) as caught:
            read_record(path)
        assert caught.value.code == "bad_record"
