"""A release measured by files between nation and regions: the same bytes as in one process, and what is refused."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import polars as pl
import pytest

from varde.cli import run
from varde.frequency.disclosure.scores import HELD_OUT, MEMBER
from varde.frequency.release.passages import ANSWER, HELD, QUESTION, read_answer, read_held_out, read_question
from varde.frequency.release.tests.registers import Town, keys, region
from varde.frequency.sealed import Draft
from varde.genome.errors import InputError

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
    # The next one, in which those who came are looked for: both questions are of one round.
    again, newcomers = tmp_path / "again", tmp_path / "newcomers"
    newcomers.write_text("\n".join(person.identifier for person in COUNTED[:60]))
    options = ["--previous", str(out), "--correction", "--sets", "10"]
    next_room, command = tmp_path / "next", [*country.afar(tmp_path / "next"), *options]
    next_room.mkdir()
    for name in NAMES:
        country.hold_out(name, next_room)
    country.release(again, *command, name="2026-12.1", code=3)
    questions = sorted(next_room.glob("question-*.zip"))
    assert [path.name for path in questions] == ["question-01-came.zip", "question-01.zip"]
    for name in NAMES:
        country.answer(name, questions[0], "--came", str(newcomers))
        country.answer(name, questions[1])
    country.release(again, *command, name="2026-12.1", code=2)  # nobody has accepted the risk of ten genes
    here = [*country.here(), *options, "--came", str(newcomers)]
    country.release(tmp_path / "again-in-one", *here, name="2026-12.1", code=2)
    assert tree(again) == tree(tmp_path / "again-in-one")
    assert json.loads((again / "manifest.json").read_text())["measured"]["difference"]["measured"]
    people = {person.identifier.encode() for person in (*COUNTED, *HELD_OUT_PEOPLE)}
    for path in [*room.iterdir(), *next_room.iterdir()]:
        with zipfile.ZipFile(path) as archive:
            members = [archive.read(member) for member in archive.namelist()]
        assert not any(run in member for member in members for run in people)


def refusal(action) -> str:
    with pytest.raises(InputError) as caught:
        action()
    assert caught.value.remedy
    return caught.value.code


def resealed(path: Path, out: Path, kind, country, signer: str, **changes):
    """The file at ``path`` with other header entries or tables, signed by ``signer`` in whoever's name it says."""
    with zipfile.ZipFile(path) as archive:
        header = json.loads(archive.read("header.json"))
        tables = {name: pl.read_parquet(archive.read(f"{name}.parquet")) for name in kind.members}
    del header["members"]
    tables |= {name: changes.pop(name) for name in kind.members if isinstance(changes.get(name), pl.DataFrame)}
    draft = Draft.of(kind, header | changes, tables)
    key = country.keys[signer][0]
    with zipfile.ZipFile(out, "w") as archive:
        for name, body in {"header.json": draft.head, "header.sig": key.sign(draft.head), **draft.members}.items():
            archive.writestr(name, body)
    return out


def test_the_reader_refuses_what_is_no_answer_of_the_region(country, asked, tmp_path):
    question, digest = read_question(asked / "question-01.zip", country.trusted())
    path, other = asked / "question-01.north.answer.zip", tmp_path / "other.answer.zip"
    whole = read_answer(path, country.trusted(), {digest: question})
    assert (whole.region, whole.people) == ("north", {MEMBER: 200, HELD_OUT: 210, "relative": 200})

    def read(changed: Path = other, trusted=None, questions=None):
        known = {digest: question} if questions is None else questions
        return read_answer(changed, country.trusted() if trusted is None else trusted, known)

    assert refusal(lambda: read(path, questions={"0" * 64: question})) == "other_question"
    assert refusal(lambda: read(path, trusted={"south": country.keys["south"][1]})) == "unknown_region"
    for length in (0, 500, path.stat().st_size - 1):
        other.write_bytes(path.read_bytes()[:length])
        assert refusal(read) == "damaged_answer"
    resealed(path, other, ANSWER, country, "south")
    assert refusal(read) == "wrong_signature"
    histogram, greatest = whole.scores.histogram, whole.scores.greatest
    lost, doubled = histogram[1:], pl.concat([histogram[:1], histogram])
    for tables, code in (
        ({"histogram": lost}, "implausible_scores"),
        ({"histogram": doubled}, "implausible_scores"),
        ({"greatest": greatest.with_columns(pl.col("z") + 5)}, "implausible_scores"),
        ({"greatest": greatest[:-1]}, "implausible_scores"),
        ({"histogram": histogram.rename({"cell": "bin"})}, "damaged_answer"),
        ({"people": {MEMBER: 200, HELD_OUT: 210, "relative": 199}}, "implausible_scores"),
        ({"people": {MEMBER: -1}}, "unknown_format"),
        ({"format_version": 2}, "unknown_format"),
    ):
        resealed(path, other, ANSWER, country, "north", **tables)
        assert refusal(read) == code, tables.keys()
    first = ["attacker", "stage", "kind"]
    few = histogram.unique(first, keep="last").sort(first).with_columns(people=pl.lit(3, pl.Int64))
    resealed(path, other, ANSWER, country, "north", histogram=few, people=dict.fromkeys(whole.people, 3))
    assert refusal(read) == "too_few_people"


def test_the_register_refuses_files_that_are_not_of_its_release(country, asked, tmp_path, capsys):
    room = tmp_path / "room"

    def refused(*arguments: str) -> str:
        before = tree(room)
        capsys.readouterr()
        country.release(tmp_path / "out", *country.afar(room), "--json", *arguments, code=2)
        assert tree(room) == before
        return json.loads(capsys.readouterr().err)["code"]

    def twice(name: str, again: str) -> str:
        shutil.copy(asked / name, room / again)
        code = refused()
        (room / again).unlink()
        return code

    shutil.copytree(asked, room)
    assert refused("--seed", "7") == "question_changed"
    assert refused(*country.here()) == "two_ways"
    assert twice("question-01.north.answer.zip", "again.answer.zip") == "answered_twice"
    assert twice("north.held-out.zip", "again.held-out.zip") == "answered_twice"
    keys(tmp_path, "east")
    country.told("measure", "held-out", str(country.folder / "north"), "--key", str(tmp_path / "east.private.pem"),
                 "-o", str(room / "east.held-out.zip"))  # fmt: skip
    assert refused() == "unknown_region"  # no key
    assert refused("--trust", str(tmp_path / "east.public.pem")) == "unknown_region"  # nobody of theirs is counted
    assert not (tmp_path / "out").exists()


def test_a_region_refuses_to_answer_what_it_should_not(country, asked, tmp_path, capsys):
    question, register = asked / "question-01.zip", country.keys["register"][1]
    forged = resealed(question, tmp_path / "forged.zip", QUESTION, country, "north")
    assert refusal(lambda: read_question(forged, {"register": register})) == "wrong_signature"
    assert refusal(lambda: read_question(question, {"north": country.keys["north"][1]})) == "unknown_register"
    (tmp_path / "short.zip").write_bytes(question.read_bytes()[:-1])
    assert refusal(lambda: read_question(tmp_path / "short.zip", {"register": register})) == "damaged_question"
    settings = read_question(question, {"register": register})[0].settings.as_json()
    other = tmp_path / "build.zip"
    resealed(question, other, QUESTION, country, "register", settings=settings | {"build": "GRCh37"})
    country.answer("north", other, code=2)
    assert "build" in capsys.readouterr().err
    came = resealed(question, tmp_path / "came.zip", QUESTION, country, "register", asked="came")
    country.answer("north", came, code=2)
    assert "--came" in capsys.readouterr().err
    assert not list(tmp_path.glob("*.answer.zip"))
    newcomers = tmp_path / "newcomers"
    for number, scored in ((4, 0), (5, 5)):  # fewer than five are not scored
        newcomers.write_text("\n".join(person.identifier for person in COUNTED[0 : 2 * number : 2]))
        path = country.answer("north", came, "--came", str(newcomers), "--json")
        assert json.loads(capsys.readouterr().out)["people"][MEMBER] == scored
        path.unlink()


def test_few_people_held_out_are_refused_and_none_is_told(country, tmp_path, capsys):
    for number, name in ((4, "four"), (0, "none"), (5, "five")):
        region(tmp_path / name, TOWN, COUNTED[:10], HELD_OUT_PEOPLE[:number])
    key = ["--key", country.private("north"), "-o", str(tmp_path / "x.held-out.zip")]
    country.told("measure", "held-out", str(tmp_path / "four"), *key, code=2)
    assert "4 people are held out" in capsys.readouterr().err
    assert not list(tmp_path.glob("*.zip"))
    for number, name in ((0, "none"), (5, "five")):
        country.told("measure", "held-out", str(tmp_path / name), *key)
        path = tmp_path / "x.held-out.zip"
        held = read_held_out(path, country.trusted())
        assert (held.people, held.increment.number_of_people) == (number, number)
        if number:
            resealed(path, tmp_path / "few", HELD, country, "north", people=4)
            assert refusal(lambda: read_held_out(tmp_path / "few", country.trusted())) == "too_few_people"
            resealed(path, tmp_path / "more", HELD, country, "north", people=6)
            assert refusal(lambda: read_held_out(tmp_path / "more", country.trusted())) == "implausible_counts"
        path.unlink()
