"""A release measured by files between nation and regions: the same bytes as in one process, and what is refused."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from varde.cli import run
from varde.frequency.release.tests.registers import Town, keys, region

GENES = 48  # more than one round tells apart
TOWN = Town.of(genes=GENES, sites_per_gene=8, seed=2)
COUNTED, HELD_OUT_PEOPLE = TOWN.people(400, seed=5), TOWN.people(420, seed=6)
NAMES = ("north", "south")


class Country:
    """Two regions and a nation in one folder, who speak by files alone."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.keys = folder, {name: keys(folder, name) for name in (*NAMES, "register")}
        lines = (f"chr20\t{gene * 1000}\t{(gene + 1) * 1000}\tGENE{gene}\n" for gene in range(GENES))
        (folder / "genes.bed").write_text("".join(lines))
        for number, name in enumerate(NAMES):
            region(folder / name, TOWN, COUNTED[number::2], HELD_OUT_PEOPLE[number::2])
            self.told("shard", "make", str(folder / name), "--out", str(folder / f"{name}-out"), "--month", "2026-11",
                      "--key", self.private(name))  # fmt: skip
            shard = str(folder / f"{name}-out" / "000001" / "shard.zip")
            new = ["--new"] if number == 0 else []
            self.told("shard", "accept", str(folder / "nation"), shard, "--trust", self.public(name), *new)

    def private(self, name: str) -> str:
        return str(self.folder / f"{name}.private.pem")

    def public(self, name: str) -> str:
        return str(self.folder / f"{name}.public.pem")

    def told(self, *arguments: str, code: int = 0) -> None:
        assert run([*arguments]) == code, arguments

    def release(self, out: Path, *arguments: str, name: str = "2026-11.1", code: int = 0) -> None:
        self.told(
            "release", "--nation", str(self.folder / "nation"), "--genes", str(self.folder / "genes.bed"),
            "--name", name, "--least-people", "100", "--key", self.private("register"), "-o", str(out),
            *arguments, code=code,
        )  # fmt: skip

    def here(self) -> list[str]:
        return [word for name in NAMES for word in ("--region", str(self.folder / name))]

    def afar(self, room: Path) -> list[str]:
        trust = [word for name in NAMES for word in ("--trust", self.public(name))]
        return ["--exchange", str(room), *trust]

    def hold_out(self, name: str, room: Path) -> Path:
        path = room / f"{name}.held-out.zip"
        self.told("measure", "held-out", str(self.folder / name), "--key", self.private(name), "-o", str(path))
        return path

    def answer(self, name: str, question: Path, *arguments: str, code: int = 0) -> Path:
        path = question.with_name(f"{question.stem}.{name}.answer.zip")
        self.told(
            "measure", "answer", str(question), str(self.folder / name), "--key", self.private(name),
            "--trust", self.public("register"), "-o", str(path), *arguments, code=code,
        )  # fmt: skip
        return path

    def trusted(self):
        return {name: self.keys[name][1] for name in (*NAMES, "register")}


@pytest.fixture(scope="module")
def country(tmp_path_factory):
    return Country(tmp_path_factory.mktemp("country"))


@pytest.fixture(scope="module")
def asked(country):
    """A folder with the people held out, the first question, and the answer of one region."""
    room = country.folder / "asked"
    room.mkdir()
    for name in NAMES:
        country.hold_out(name, room)
    country.release(country.folder / "never", *country.afar(room), code=3)
    country.answer("north", room / "question-01.zip", "--sent", str(country.folder / "north-out"))
    return room


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_release_by_files_is_that_of_one_process(country, tmp_path, capsys):
    room, out = tmp_path / "room", tmp_path / "by-files"
    command = country.afar(room)

    def waiting_for() -> dict[str, list[str]]:
        capsys.readouterr()
        country.release(out, *command, "--json", code=3)
        assert not out.exists()
        return json.loads(capsys.readouterr().out)["waiting_for"]

    assert waiting_for() == {"people held out": list(NAMES)}
    for name in NAMES:
        country.hold_out(name, room)
    for number in (1, 2):
        question = room / f"question-{number:02d}.zip"
        assert waiting_for() == {question.name: list(NAMES)}
        country.answer("south", question)
        assert waiting_for() == {question.name: ["north"]}
        country.answer("north", question, "--sent", str(country.folder / "north-out"))
    country.release(out, *command)
    country.release(tmp_path / "in-one", *country.here())
    assert tree(out) == tree(tmp_path / "in-one")
    assert json.loads((out / "manifest.json").read_text())["gate"]["public"]
    people = {person.identifier.encode() for person in (*COUNTED, *HELD_OUT_PEOPLE)}
    for path in room.iterdir():
        with zipfile.ZipFile(path) as archive:
            members = [archive.read(member) for member in archive.namelist()]
        assert not any(run in member for member in members for run in people)
