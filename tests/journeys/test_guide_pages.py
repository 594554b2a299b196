"""The guide as its reader meets it: the shell blocks of a page, taken from the page, run in order in one shell."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from varde.simulate.country import COHORTS, SEED
from varde.simulate.files import write_country

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^## (.*)$", re.MULTILINE)
MOST_ROUNDS = 5


def blocks(page: str) -> dict[str, list[str]]:
    """The shell blocks of a page by the heading above them."""
    text = (ROOT / page).read_text(encoding="utf-8")
    _, *parts = HEADING.split(text)
    found = {heading: BLOCK.findall(body) for heading, body in zip(parts[::2], parts[1::2], strict=True)}
    return {heading: of_heading for heading, of_heading in found.items() if of_heading}


class Shell:
    """One bash that a reader types a page into. ``failed`` has the exit code of every command that failed."""

    def __init__(self, folder: Path) -> None:
        environment = os.environ | {"VARDE_REFERENCES": str(folder / "references"), "VARDE_DATA": str(folder / "var")}
        self.process = subprocess.Popen(
            ["bash", "--norc", "--noprofile"], cwd=folder, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self.failed: list[int] = []
        self.say("trap 'echo \"[failed $?]\"' ERR")

    def say(self, block: str) -> str:
        """Type a block; what the commands printed."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{block}\necho '[end of the block]'\n")
        self.process.stdin.flush()
        lines = list(iter(self.process.stdout.readline, "[end of the block]\n"))
        assert self.process.poll() is None, lines
        self.failed = [int(code) for line in lines for code in re.findall(r"^\[failed (\d+)\]$", line)]
        return "".join(line for line in lines if not line.startswith("[failed "))

    def ends_well(self, block: str) -> str:
        """Type a block none of whose commands may fail."""
        told = self.say(block)
        assert self.failed == [], told
        return told


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the demo country, which no page changes."""
    return write_country(tmp_path_factory.mktemp("country") / "files", SEED, cohorts=COHORTS).folder


@pytest.fixture
def shell(tmp_path: Path, country: Path) -> Iterator[Shell]:
    """A reader in a folder like the repository's after ``make demo-check``, as far as the pages use it."""
    if shutil.which("bash") is None:
        pytest.skip("bash is not installed")
    (tmp_path / "var" / "demo").mkdir(parents=True)
    (tmp_path / "var" / "demo" / "country").symlink_to(country)
    activate = tmp_path / ".venv" / "bin" / "activate"
    activate.parent.mkdir(parents=True)
    activate.write_text(f"PATH='{Path(sys.executable).parent}':$PATH\n")
    started = Shell(tmp_path)
    yield started
    started.process.kill()
    started.process.communicate()


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_readme_runs_without_a_server(shell: Shell, tmp_path: Path) -> None:
    (block,) = blocks("README.md")["Without a server"]
    told = shell.ends_well(block)
    assert "AC 0, AN 2720, AF 0, 0 homozygous, 0 hemizygous." in told
    assert {"result", "result2", "counts", "solberg.annotated.vcf.gz"} <= {path.name for path in tmp_path.iterdir()}


def test_the_page_of_the_frequency_register_runs_and_tells_the_truth(shell: Shell, tmp_path: Path) -> None:
    page = blocks("docs/guide/frequency-register.md")
    here = tmp_path / "var" / "register"
    said = iter(page)

    assert next(said) == "Before you begin"
    (begin,) = page["Before you begin"]
    shell.ends_well(begin)

    assert next(said) == "1. Each region counts"
    told = shell.ends_well(*page["1. Each region counts"])
    assert told.count("340 people counted and 340 held out") == 4
    assert "AC 0, AN 680, AF 0, 0 homozygous" in told
    assert "not observed, though people were covered there" in told

    assert next(said) == "2. Keys, and a shard to the nation"
    send, again = page["2. Keys, and a shard to the nation"]
    assert "AC 0, AN 2720" in shell.ends_well(send)
    before = contents(here / "nation")
    assert "Shard 1 of hso was taken in before" in shell.say(again)
    assert shell.failed == [2]
    assert contents(here / "nation") == before

    assert next(said) == "3. What would a release tell? The dry run"
    told = shell.ends_well(*page["3. What would a release tell? The dry run"])
    passing = int(re.findall(r"(\d+) genes pass", told)[0])
    assert {path.name for path in (here / "trial").iterdir()} >= {
        "trade-off.svg", "scores.svg", "roc.svg", "trade-off.csv",
    }  # fmt: skip
    assert not list((here / "trial").rglob("*.sig"))

    assert next(said) == "4. The release"
    told = shell.ends_well(*page["4. The release"])
    assert told.splitlines()[-2].startswith("This release is anonymous by the measure that the register has set itself")
    assert told.splitlines()[-1] == f"2026-11.1: release 2026-11.1, {passing} genes."
    assert {path.name for path in (here / "2026-11.1").iterdir()} == {
        "public", "professional", "manifest.json", "anonymity.html", "SHA256SUMS", "SHA256SUMS.sig",
    }  # fmt: skip

    assert next(said) == "5. A stranger verifies"
    by_varde, by_openssl = page["5. A stranger verifies"]
    assert "whole and signed" in shell.ends_well(by_varde)
    told = shell.ends_well(by_openssl)
    assert told.startswith("Signature Verified Successfully\n")
    assert "manifest.json: OK" in told
    assert "FAILED" not in told

    assert next(said) == "6. The next case"
    told = shell.ends_well(*page["6. The next case"])
    assert "74 not observed, though people were covered there" in told

    assert next(said) == "7. Somebody withdraws, others come"
    told = shell.ends_well(*page["7. Somebody withdraws, others come"])
    accepted = re.findall(r"2026-12, GRCh38: (\d+) people added, (\d+) withdrawn", told)
    assert set(accepted) == {("60", "0"), ("60", "1")}

    assert next(said) == "8. The second release"
    told = shell.ends_well(*page["8. The second release"])
    assert "2026-12.1: release 2026-12.1, " in told

    assert next(said) == "When the regions are elsewhere"
    ask, answer = page["When the regions are elsewhere"]
    told, rounds = shell.say(ask), 0
    while shell.failed == [3] and rounds < MOST_ROUNDS:
        rounds += 1
        shell.ends_well(answer)
        told = shell.say(ask.splitlines()[-1])
    assert (shell.failed, rounds) == ([], 2), told
    assert contents(here / "by-files") == contents(here / "2026-12.1")

    assert next(said) == "To others"
    assert "sites of population NO in GDI-1" in shell.ends_well(*page["To others"])

    assert next(said) == "One person once"
    told = shell.ends_well(*page["One person once"])
    assert "1 person is counted in several of 2 regions." in told

    assert next(said) == "Structural variants"
    told = shell.ends_well(*page["Structural variants"])
    assert "1:122500-124200:DEL (GRCh38): events like it were counted." in told
    assert "146 of 340 people counted were read by a method that sees such" in told
    assert "251 like an event that was counted" in told

    assert next(said, None) is None


@pytest.mark.django_db(transaction=True)
def test_the_page_for_programs_asks_the_demo_country(demo_country: None, live_server, tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    page = blocks("docs/guide/programs.md")
    asked = [page[heading] for heading in ("One variant", "Many variants", "The Beacon")]
    commands = [block.replace("http://127.0.0.1:8000", live_server.url) for (block,) in asked]
    one, many, beacon = (json.loads(subprocess.check_output(["bash", "-c", command])) for command in commands)
    assert one["answer"]["state"] == "in_bin"
    assert many["statuses"] == {"matched": 1, "below": 1}
    assert beacon["responseSummary"] == {"exists": True, "numTotalResults": 1}
    assert set(page) == {"One variant", "Many variants", "The Beacon"}
