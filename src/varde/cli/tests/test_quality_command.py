"""``varde quality``: gates and gaps of a folder, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from varde.cli import run
from varde.genome.builds import Build
from varde.genome.references import ReferenceStore
from varde.quality.formats.tests import examples

PED = "F\tbarn\tfar\tmor\t2\t2\nF\tmor\t0\t0\t2\t1\nF\tfar\t0\t0\t1\t1\n"
GFF3 = """\
##gff-version 3
20\tensembl\tgene\t101\t400\t.\t+\t.\tID=gene:G1;Name=ALFA;biotype=protein_coding
20\tensembl\tmRNA\t101\t400\t.\t+\t.\tID=transcript:T1;Parent=gene:G1;biotype=protein_coding
20\tensembl\texon\t101\t400\t.\t+\t.\tParent=transcript:T1
20\tensembl\tCDS\t101\t400\t.\t+\t0\tParent=transcript:T1
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "run").mkdir()
    for name, text in examples.FILES.items():
        (tmp_path / "run" / name).write_text(text)
    (tmp_path / "family.ped").write_text(PED)
    return tmp_path


def test_the_gates_of_a_folder_are_printed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["quality", str(folder / "run"), "--ped", str(folder / "family.ped"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    lights = {(one["sample"], one["name"]): one["light"] for one in told["metrics"]}
    assert (lights["barn", "target_coverage"], lights["mor", "target_coverage"]) == ("green", "not_evaluated")
    assert (told["stops_sign_off"], len(told["files"]), told["other_files"]) == (True, 17, 0)
    assert run(["quality", str(folder / "run"), "--ped", str(folder / "family.ped")]) == 0
    assert "A red gate stops the sign-off. Judged by varde-quality-2, Varde exome 1; 17 reports" in (
        capsys.readouterr().out
    )


def test_a_profile_of_ones_own_is_used_and_a_wrong_one_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["quality", str(folder / "run"), "--ped", str(folder / "family.ped"), "--json"]
    gate = {"metric": "contamination", "unit": "fraction", "source": "Ours", "fail_above": 0.001}
    profile = folder / "gates.json"
    profile.write_text(json.dumps({"name": "Ours", "version": "7", "assay": "exome", "gates": [gate]}))
    assert run([*command, "--profile", str(profile)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["profile_version"] == "varde-quality-2, Ours 7"
    assert {one["light"] for one in told["metrics"] if one["value"] is not None and one["name"] == "contamination"} == {
        "red"
    }
    for text in ("{", "[]", '{"gates": 3}'):
        profile.write_text(text)
        assert run([*command, "--profile", str(profile)]) == 2


def test_gaps_of_a_depth_file_are_printed_as_bed(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a.fa").write_text(">20\n" + "ACGTACGTAC" * 100 + "\n")
    (folder / "a.gff3").write_text(GFF3)
    monkeypatch.setenv("VARDE_REFERENCES", str(folder / "references"))
    ReferenceStore(folder / "references").add(folder / "a.fa", folder / "a.gff3", Build.GRCH38, "small")
    (folder / "run" / "barn.per-base.bed").write_text("chr20\t0\t200\t30\nchr20\t200\t250\t4\nchr20\t250\t900\t30\n")
    command = ["quality", str(folder / "run"), "--ped", str(folder / "family.ped"), "--reference", "small"]
    assert run([*command, "--gene", "ALFA"]) == 0
    assert capsys.readouterr().out.endswith(
        "# barn: 1 gaps below 20x, 0 bases not known\nchr20  200  250  ALFA:exon1  4\n"
    )
    assert run([*command, "--gene", "BETA"]) == 2
    assert "no gene BETA" in capsys.readouterr().err
