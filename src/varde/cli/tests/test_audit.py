"""``varde audit verify``: an untouched log gives its root, and every kind of change is found and named."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest

from varde.audit.events import canonical_bytes
from varde.cli import run

EVENTS = [{"index": i, "action": "case.read", "recorded": f"2026-11-23T0{i}:00:00Z"} for i in range(5)]
LINES = [canonical_bytes(event) for event in EVENTS]


def root_of(lines: list[bytes]) -> str:
    """RFC 9162, section 2.1.1, by its definition."""

    def tree(part: list[bytes]) -> bytes:
        if len(part) == 1:
            return sha256(b"\0" + part[0]).digest()
        split = max(2**k for k in range(10) if 2**k < len(part))
        return sha256(b"\1" + tree(part[:split]) + tree(part[split:])).digest()

    return tree(lines).hex() if lines else sha256(b"").hexdigest()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "audit.jsonl"
    path.write_bytes(b"".join(line + b"\n" for line in LINES))
    return path


def test_the_root_is_that_of_the_definition(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["audit", "verify", str(log)]) == 0
    assert capsys.readouterr().out == f"5:{root_of(LINES)}\n"


@pytest.mark.parametrize("size", range(6))
def test_a_log_that_grew_begins_with_what_was_kept(size: int, log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = f"{size}:{root_of(LINES[:size])}"
    assert run(["audit", "verify", str(log), "--against", kept, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["size"], told["root"], told["begins_with"]) == (5, root_of(LINES), kept)


@pytest.mark.parametrize(
    ("change", "code", "line"),
    [
        (lambda raw: raw.replace(b"T03:", b"T13:"), "log_changed", None),
        (lambda raw: b"".join(raw.splitlines(keepends=True)[:3]), "log_changed", None),
        (lambda raw: b"".join(raw.splitlines(keepends=True)[::2]), "bad_entry", 2),
        (lambda raw: raw.replace(b'"index":2', b'"index": 2'), "bad_entry", 3),
        (lambda raw: raw.replace(b'"action"', b"action", 1), "bad_entry", 1),
        (lambda raw: raw + b"[1]\n", "bad_entry", 6),
        (lambda raw: raw[:-1], "bad_entry", 5),
    ],
    ids=[
        "an entry changed",
        "the end taken away",
        "entries taken out",
        "other form",
        "no JSON",
        "no event",
        "cut short",
    ],
)
def test_what_was_changed_is_found(
    change, code: str, line: int | None, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = f"4:{root_of(LINES[:4])}"
    log.write_bytes(change(log.read_bytes()))
    assert run(["audit", "verify", str(log), "--against", kept, "--json"]) == 2
    problem = json.loads(capsys.readouterr().err)
    assert (problem["code"], problem["source"], problem["line"]) == (code, "audit.jsonl", line)


@pytest.mark.parametrize("text", ["", "4", "x:" + "0" * 64, "4:abc"])
def test_a_checkpoint_that_is_none(text: str, log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["audit", "verify", str(log), "--against", text, "--json"]) == 2
    assert json.loads(capsys.readouterr().err)["code"] == "bad_checkpoint"


def test_a_log_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["audit", "verify", str(tmp_path / "none"), "--json"]) == 2
    assert json.loads(capsys.readouterr().err)["code"] == "not_found"
