"""``varde annotate``: what it says, what it refuses, and how little it loads."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from varde.cli import run
from varde.frequency import machine_code
from varde.frequency.index import build_index
from varde.genome.builds import Build
from varde.genome.keys import encode_keys

TEXT = (
    "##fileformat=VCFv4.2\n##contig=<ID=20,length=63025520>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    "20\t5\t.\tA\tT\t.\t.\t.\n20\t6\t.\tC\tCAA,<DEL>\t.\t.\t.\n20\t90\t.\tC\t.\t.\t.\tX\n"
)


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str, str]:
    sites = pl.DataFrame(
        {"key": encode_keys([20], [5], ["A"], ["T"]), "ac": [3], "an": [8], "nhomalt": [1], "nhemi": [0]}
    )
    steps = pl.DataFrame({"place": [20 << 32], "an": [8]}, schema_overrides={"place": pl.UInt64})
    build_index(tmp_path / "r.index", Build.GRCH37, sites, steps, made_from={"release": "t"})
    (tmp_path / "a.vcf").write_text(TEXT)
    return str(tmp_path / "a.vcf"), str(tmp_path / "r.index"), str(tmp_path / "o.vcf.gz")


def test_summary_tells_what_was_not_matched(files: tuple[str, str, str], capsys: pytest.CaptureFixture[str]) -> None:
    vcf, index, out = files
    assert run(["annotate", vcf, "--index", index, "-o", out]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "3 records read, 3 written; 3 alternate alleles:",
        "  1 observed",
        "  1 not observed, though people were covered there",
        "  1 not looked up: symbolic allele (<DEL>, <NON_REF> ...)",
        "1 records have no alternate allele.",
        "1 insertions and deletions were looked up without being left-aligned; give --reference, or some may be missed "
        "in repeats.",
    ]
    assert run(["annotate", vcf, "--index", index, "-o", out, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["alleles"] == {"observed": 1, "absent_covered": 1, "symbolic": 1}
    assert (told["read"], told["kept"], told["index_written"], told["vcf"]) == (3, 3, True, out)


def test_standard_input_and_output_are_text(files: tuple[str, str, str]) -> None:
    program = Path(sys.executable).with_name("varde")
    command = [str(program), "annotate", "-", "--index", files[1]]
    done = subprocess.run(command, input=TEXT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "20\t90\t.\tC\t.\t.\t.\tX"
    assert "Varde_AC=3;Varde_AN=8;Varde_AF=0.375;" in done.stdout
    assert done.stderr.startswith("3 records read")


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ([], "one of the arguments --index --release --counts is required"),
        (["--index", "x", "--release", "y"], "not allowed with"),
        (["--index", "x", "--level", "0"], "invalid choice"),
        (["--index", "x", "--prefix", "a b"], "1 to 16 letters"),
        (["--index", "x", "--json"], "cannot both go to standard output"),
        (["--index", "nowhere.index"], "nowhere.index: The file cannot be opened"),
    ],
)
def test_bad_usage_is_named(
    files: tuple[str, str, str], options: list[str], what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["annotate", files[0], *options]) == 2
    assert what in capsys.readouterr().err


def test_machine_code_can_be_prepared_beforehand(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(["annotate", "--prepare"]) == 0  # makes it where this is the first call
    capsys.readouterr()
    monkeypatch.setattr(machine_code, "_compiled", lambda *_: pytest.fail("it was not kept"))
    assert run(["annotate", "--prepare"]) == 0
    assert capsys.readouterr() == ("", "")


def test_no_compiler_and_no_data_frames_are_loaded(files: tuple[str, str, str]) -> None:
    """They take longer to load than the half second in which the command must be done with a small file."""
    vcf, index, out = files
    run(["annotate", vcf, "--index", index, "-o", out])  # the machine code is kept by now
    script = (
        f"import sys, varde.cli; assert varde.cli.run({['annotate', vcf, '--index', index, '-o', out]!r}) == 0;"
        "print(sorted({'numba', 'numpy', 'polars', 'pyarrow', 'pysam', 'pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
