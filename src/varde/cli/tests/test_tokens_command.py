"""``varde tokens``: from identity numbers to who is in several regions, and no number anywhere."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from varde.cli import run
from varde.frequency.tests.test_tokens import PEOPLE


@pytest.fixture
def room(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert run(["tokens", "key", str(tmp_path / "key"), "--epoch", "2026-11"]) == 0
    capsys.readouterr()
    return tmp_path


def make(room: Path, name: str, text: str, key: str = "key") -> int:
    people = room / f"{name}.people"
    people.write_text(text, encoding="utf-8")
    try:
        return run(["tokens", "make", "--key", str(room / key), "--people", str(people), "-o", str(room / name)])
    finally:
        people.unlink()


def no_number_in(room: Path, *texts: str) -> bool:
    everything = [*texts, *(path.read_text() for path in room.iterdir()), *(path.name for path in room.iterdir())]
    return not any(person in text for person in PEOPLE for text in everything)


def test_regions_find_whom_they_share(
    room: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (room / "key").stat().st_mode & 0o777 == 0o600
    spaced = f"{PEOPLE[4][:6]} {PEOPLE[4][6:]}"
    assert make(room, "west", "\n".join([*PEOPLE[:4], spaced])) == 0
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(PEOPLE[4:9]) + "\n"))
    assert run(["tokens", "make", "--key", str(room / "key"), "-o", str(room / "north")]) == 0
    assert make(room, "south", "\n".join(PEOPLE[9:])) == 0
    said = capsys.readouterr()
    tokens = (room / "west").read_text().split()
    assert tokens == sorted(tokens)
    assert len(tokens) == 5
    regions = [f"{name}={room / name}" for name in ("south", "north", "west")]
    assert run(["tokens", "compare", *regions, "--json"]) == 0
    compared = capsys.readouterr()
    found = json.loads(compared.out)
    (shared,) = set(tokens) & set((room / "north").read_text().split())
    assert [(one["token"], one["regions"]) for one in found["several"]] == [(shared, ["north", "west"])]
    assert found["several"][0]["keeps"] in ("north", "west")
    assert found["people"] == {"south": 3, "north": 5, "west": 5}
    assert no_number_in(room, *said, *compared)


def test_bad_input_is_refused_without_repeating_it(room: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(path.name for path in room.iterdir())
    wrong = PEOPLE[0][:-1] + str((int(PEOPLE[0][-1]) + 1) % 10)
    for text, said in (
        (f"{PEOPLE[1]}\n{wrong}\n", "line 2"),
        (f"{PEOPLE[1]}\n\n{PEOPLE[1]}\n", "line 3"),
        ("\n", "no identity number"),
    ):
        assert make(room, "west", text) == 2
        told = capsys.readouterr().err
        assert said in told
        assert wrong not in told
        assert no_number_in(room, told)
    assert sorted(path.name for path in room.iterdir()) == before
    (room / "key").chmod(0o644)
    assert make(room, "west", PEOPLE[1]) == 2
    assert "chmod 600" in capsys.readouterr().err
    (room / "key").chmod(0o600)
    (room / "numbers").write_text(f"{PEOPLE[1]}\n")
    (room / "numbers").chmod(0o600)
    assert make(room, "west", PEOPLE[1], key="numbers") == 2
    assert run(["tokens", "compare", f"west={room / 'numbers'}"]) == 2
    told = capsys.readouterr().err
    assert "no key of tokens" in told
    assert "line 1" in told
    assert PEOPLE[1] not in told
    assert run(["tokens", "key", str(room / "key"), "--epoch", "2026-12"]) == 2
    assert run(["tokens", "key", str(room / "other"), "--epoch", PEOPLE[1]]) == 2
    assert not (room / "other").exists()
    assert run(["tokens", "compare", str(room / "numbers")]) == 2


def test_tokens_of_two_keys_are_not_compared(room: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["tokens", "key", str(room / "later"), "--epoch", "2026-12"]) == 0
    assert make(room, "west", PEOPLE[0]) == 0
    assert make(room, "north", PEOPLE[0], key="later") == 0
    assert make(room, "west", PEOPLE[1]) == 2  # nothing is written over
    capsys.readouterr()
    assert run(["tokens", "compare", f"west={room / 'west'}", f"north={room / 'north'}"]) == 2
    assert "different keys" in capsys.readouterr().err
