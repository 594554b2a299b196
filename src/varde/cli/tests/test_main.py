"""The frame around the commands: help, version, exit codes, problems as text and as JSON."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

import varde.cli
from varde.cli import COMMANDS, run
from varde.genome.errors import InputError


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == "varde 0.1.0\n"


def test_help_lists_every_command_that_is_installed_and_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    folder = Path(varde.cli.__file__).parent
    for name, line in COMMANDS.items():
        assert (f"{name} {line[:40]}" in text) == (folder / f"{name}.py").exists()
    assert "1 unexpected error; 2 input or arguments cannot be used and nothing was written" in text


def test_help_loads_no_heavy_part() -> None:
    script = (
        "import sys, varde.cli; varde.cli.run(['--help']);"
        "print([name for name in ('numba', 'polars', 'pysam', 'fhir', 'hgvs') if name in sys.modules])"
    )
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert time.perf_counter() - start < 5  # the aim is 0.5 s; the bound allows for a busy machine


def test_unknown_command_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["bogus"]) == 2
    assert "No such command 'bogus'" in capsys.readouterr().err


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch):
    def fail_with(error: Exception) -> None:
        def fails(**options: object) -> None:
            raise error

        monkeypatch.setattr(varde.cli, "app", fails)

    return fail_with


def test_input_error_names_file_line_field_and_remedy(failing, capsys: pytest.CaptureFixture[str]) -> None:
    failing(InputError("ref_mismatch", "REF is A, the reference has G.", "Choose GRCh38.", "a.vcf", 12, "REF"))
    assert run(["case"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "varde: a.vcf, line 12, REF: REF is A, the reference has G. Choose GRCh38.\n"


def test_input_error_as_json(failing, capsys: pytest.CaptureFixture[str]) -> None:
    failing(InputError("ref_mismatch", "REF is A.", "Choose GRCh38.", "a.vcf", 12, "REF"))
    assert run(["case", "--json"]) == 2
    assert json.loads(capsys.readouterr().err) == {
        "title": "Input cannot be used",
        "code": "ref_mismatch",
        "problem": "REF is A.",
        "remedy": "Choose GRCh38.",
        "source": "a.vcf",
        "line": 12,
        "field": "REF",
        "exit_code": 2,
    }


def test_unexpected_error_is_code_1_with_a_traceback_on_demand(failing, capsys: pytest.CaptureFixture[str]) -> None:
    failing(RuntimeError("odd"))
    assert run(["case"]) == 1
    assert capsys.readouterr().err.startswith("varde: unexpected error: RuntimeError: odd\nThis is a defect of Varde.")
    assert run(["--traceback", "case"]) == 1
    assert "Traceback (most recent call last)" in capsys.readouterr().err
    assert run(["case", "--json"]) == 1
    assert json.loads(capsys.readouterr().err)["exit_code"] == 1
