"""``varde kin`` on families made by gene drop."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from varde.cli import run
from varde.frequency.callable_intervals import Intervals, Tracks
from varde.frequency.cells import Cell
from varde.frequency.genotypes import Gate
from varde.frequency.increment import sum_runs
from varde.frequency.ledger import append, create, store_runs
from varde.frequency.run import NO_LONG_ALLELES, Alleles, Run
from varde.frequency.store import RUN_LINES, Segment, Settings, Status, StoredRun, read_manifest
from varde.genome.builds import Build, contig_lengths
from varde.genome.keys import encode_keys
from varde.genome.pedigree import Sex

SITES, EVERY = 2_000, 1_000_000
CELL = Cell(Sex.UNKNOWN)


class Village:
    """Founders and children at one common allele a megabase, and the counts folder of all of them."""

    def __init__(self, seed: int = 1) -> None:
        self.random = np.random.default_rng(seed)
        lengths = contig_lengths(Build.GRCH38)
        places = [(c, p) for c in range(1, 23) for p in range(EVERY, int(lengths[c]), EVERY)][:SITES]
        contig, position = (np.array(column) for column in zip(*places, strict=True))
        self.keys = encode_keys(contig.astype(np.uint8), position, ["A"] * len(places), ["C"] * len(places))
        self.frequency = self.random.uniform(0.2, 0.5, len(places))
        start = np.arange(1, 23, dtype=np.int64) << 32
        self.tracks = Tracks()
        self.tracks.add(Intervals(start, start + lengths[1:23].astype(np.int64)))

    def founder(self) -> np.ndarray:
        return (self.random.random((2, len(self.keys))) < self.frequency).astype(np.int8)

    def child(self, *parents: np.ndarray) -> np.ndarray:
        return np.array([np.where(self.random.random(len(self.keys)) < 0.5, *parent) for parent in parents])

    def run(self, person: np.ndarray) -> Run:
        copies = person.sum(axis=0).astype(np.uint8)
        carried = np.flatnonzero(copies)
        flags, none = np.zeros(len(carried), dtype=np.uint8), Intervals.empty()
        alleles = Alleles(self.keys[carried], copies[carried], flags, NO_LONG_ALLELES)
        return Run(Build.GRCH38, str(Gate.NONE), CELL, alleles, tuple(self.tracks.by_digest), none, none)

    def store(self, folder: Path, people: list[Run], held_out: list[Run]) -> Path:
        folder.mkdir()
        contents = create(folder, Settings(Build.GRCH38, Gate.NONE, True, None, None))
        store_runs(folder, [*people, *held_out], self.tracks)
        both = [(run, Status.COUNTED) for run in people] + [(run, Status.HELD_OUT) for run in held_out]
        lines = [StoredRun(run.identifier, CELL, run.tracks, (), 0, 0, status).as_line() for run, status in both]
        frame = pl.DataFrame(sorted(lines), schema=RUN_LINES, orient="row")
        append(contents, Segment(sum_runs(Build.GRCH38, people, self.tracks), frame))
        return folder


def statuses(folder: Path) -> dict[str, Status]:
    return {run.identifier: run.status for run in read_manifest(folder).runs}


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_kin_are_found_and_set_aside(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    village = Village()
    mother, father, *others = (village.founder() for _ in range(40))
    children = [village.child(mother, father) for _ in range(2)]
    again = children[0].copy()
    again[0, :20] ^= 1  # the same child, read a second time with twenty differences
    outside = village.child(others[0], others[1])
    names = {
        name: village.run(person)
        for name, person in (("mother", mother), ("father", father), ("child", children[0]), ("again", again))
    }
    names["sibling"], names["outside"] = village.run(children[1]), village.run(outside)
    runs = {name: run.identifier for name, run in names.items()}
    counted = [*(run for name, run in names.items() if name != "outside"), *map(village.run, others)]
    folder = village.store(tmp_path / "west", counted, [names["outside"]])
    before, panel = tree(folder), tmp_path / "panel"
    assert run(["kin", str(folder), "--panel", str(panel), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    kin = {frozenset((pair["first"], pair["second"])): pair["kin"] for pair in found["pairs"]}
    near = {pair for pair, degree in kin.items() if degree in ("duplicate", "first_degree")}
    family = [runs[name] for name in ("child", "again", "sibling")]
    wanted = {frozenset((one, runs[parent])) for one in family for parent in ("mother", "father")}
    wanted |= {frozenset((one, other)) for one in family for other in family if one < other}
    wanted |= {frozenset((runs["outside"], village.run(parent).identifier)) for parent in others[:2]}
    assert near == wanted
    assert kin[frozenset((runs["child"], runs["again"]))] == "duplicate"
    assert sorted(found["set_aside"]) == sorted(family)  # both parents stay: they are the most who are no kin
    assert found["held_out_kin"] == [runs["outside"]]
    assert tree(folder) == before
    assert run(["kin", str(folder), "--panel", str(panel), "--apply"]) == 0
    assert "3 set aside:" in capsys.readouterr().out
    now = statuses(folder)
    assert {one for one, status in now.items() if status is Status.RELATED} == set(family)
    assert now[runs["outside"]] is Status.HELD_OUT
    assert read_manifest(folder).people == 40
    kept = [village.run(person) for person in (mother, father, *others)]
    assert (
        read_manifest(folder)
        .read_increment()
        .observations.equals(sum_runs(Build.GRCH38, kept, village.tracks).observations)
    )
    for parent in ("mother", "father"):  # when both leave, one of the family may be counted again
        assert run(["withdraw", runs[parent], "--counts", str(folder)]) == 0
    capsys.readouterr()
    assert run(["kin", str(folder), "--panel", str(panel), "--apply", "--json"]) == 0
    (back,) = json.loads(capsys.readouterr().out)["counted_again"]
    assert back in family
    assert statuses(folder)[back] is Status.COUNTED


def test_what_cannot_tell_kin_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    village = Village()
    folder = village.store(tmp_path / "few", [village.run(village.founder()) for _ in range(5)], [])
    before = tree(folder)
    assert run(["kin", str(folder), "--apply"]) == 2
    assert "5 people" in capsys.readouterr().err
    (tmp_path / "panel").write_bytes(b"none")
    assert run(["kin", str(folder), "--panel", str(tmp_path / "panel")]) == 2
    assert run(["kin", str(tmp_path / "absent")]) == 2
    assert tree(folder) == before
