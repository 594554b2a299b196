"""What ``varde count`` says of people whose genotypes are equal, and the exit code of a damaged folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from varde.cli import run
from varde.frequency.tests.test_refusals import bytes_below, first_run, genotypes


@pytest.mark.parametrize(("number", "apart", "equal"), [(500, 100, 1), (29, 1_000_000, 1), (0, 1, 1)])
def test_equal_genotypes_that_cannot_tell_are_counted_and_said(
    tmp_path: Path, number: int, apart: int, equal: int, capsys: pytest.CaptureFixture[str]
) -> None:
    both = tmp_path / "both.vcf"
    both.write_text(genotypes(number, ["A", "B"], apart=apart))
    command = ["count", "--vcf", str(both), "--build", "GRCh38", "--gate", "none", "--out"]
    assert run([*command, str(tmp_path / "one")]) == 0
    assert f"{equal} people have the very run of somebody else." in capsys.readouterr().out
    assert run([*command, str(tmp_path / "two"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["people"]["total"], told["people_with_equal_runs"]) == (2, equal)


def test_a_run_that_is_cut_is_no_defect(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.vcf").write_text(genotypes(4, ["A"], apart=100))
    counts = tmp_path / "counts"
    assert (
        run(["count", "--vcf", str(tmp_path / "a.vcf"), "--build", "GRCh38", "--gate", "none", "--out", str(counts)])
        == 0
    )
    stored = first_run(counts)
    stored.write_bytes(stored.read_bytes()[:-20])
    before = bytes_below(counts)
    capsys.readouterr()
    assert run(["withdraw", stored.name.split(".")[0], "--counts", str(counts), "--json"]) == 2
    assert json.loads(capsys.readouterr().err)["code"] == "damaged"
    assert bytes_below(counts) == before
