"""Processes that are killed while they write leave the last good state."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from varde.frequency.count import remove_person, sum_again
from varde.frequency.ledger import create
from varde.frequency.lookup import Counts
from varde.frequency.nation import accept_shard, found_nation, recover, regions_of
from varde.frequency.release.build import build_release
from varde.frequency.release.tests.registers import as_if_measured, keys, region
from varde.frequency.signing import PrivateKey, new_key
from varde.frequency.store import RUNS, Status, read_manifest
from varde.frequency.tests import killed
from varde.frequency.tests.people import SETTINGS, crowd
from varde.frequency.tests.test_increment import same
from varde.frequency.tests.test_ledger import content
from varde.frequency.tests.test_nation import Sender
from varde.genome.new_folder import new_folder

KILLS = 10


class Children:
    """Starts children (see ``killed``) and kills them at random moments, by their own pace however slow the machine."""

    def __init__(self, work: str, folder: Path, seed: int, most_steps: int) -> None:
        self._command = [sys.executable, "-m", "varde.frequency.tests.killed", work, str(folder)]
        self._random, self._most_steps, self._step_s = random.Random(seed), most_steps, 0.02

    def __enter__(self) -> Children:
        self._parent = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._parent.communicate()

    def kill_one(self) -> None:
        """Start a child, and kill it after none to ``most_steps`` steps and part of another."""
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        print(file=self._parent.stdin, flush=True)
        child = int(next(line for line in self._parent.stdout if line.strip()))  # others are of the one before
        began = time.monotonic()
        steps = self._random.randint(0, self._most_steps)
        for _ in range(steps):
            self._parent.stdout.readline()
        if steps:
            self._step_s = (time.monotonic() - began) / steps
        time.sleep(self._random.uniform(0, 1.2) * self._step_s)
        os.kill(child, signal.SIGKILL)
        while Path(f"/proc/{child}").exists():
            time.sleep(0.001)


def test_a_kill_at_any_moment_leaves_the_last_good_state(tmp_path: Path) -> None:
    """50 processes are killed at random moments; what stands is always the sum of the runs that are named."""
    folder = tmp_path / "register"
    with new_folder(folder) as private:
        create(private, killed.COUNTING.settings)
    stay = {killed.add(folder, number) for number in (1, 2)}
    states: Counter[object] = Counter()
    with Children("counts", folder, seed=5, most_steps=6) as children:
        for _ in range(50):
            children.kill_one()
            states["unfinished"] += (folder / "unfinished").exists()
            runs, before = read_manifest(folder).runs, Counts(folder).increment
            states[len(runs)] += 1
            assert stay <= {stored.identifier for stored in runs}
            assert sum(stored.status is Status.COUNTED for stored in runs) == Counts(folder).people
            sum_again(folder)
            assert same(Counts(folder).increment, before)
            assert {path.name.split(".")[0] for path in (folder / RUNS).iterdir()} == {s.identifier for s in runs}
            for extra in {stored.identifier for stored in runs} - stay:
                remove_person(folder, extra)
    assert states["unfinished"] >= 10, states
    assert min(states[2], states[3]) >= 3, states


def test_a_kill_while_shards_are_taken_in_leaves_the_nation_the_sum_of_its_regions(tmp_path: Path) -> None:
    """Two people come with every shard after the first and one goes."""
    (tmp_path / "shards").mkdir()
    new_key(tmp_path / "west", tmp_path / "west.pem", "west")
    west = Sender(tmp_path / "shards", PrivateKey.load(tmp_path / "west"))
    nation = tmp_path / "nation"
    found_nation(nation, SETTINGS)
    shards = [west.send(range(10))]
    shards += [west.send(range(10 + 6 * i, 16 + 6 * i), going=(i,)) for i in range(40)]
    for number, shard in enumerate(shards):
        shards[number] = shard.rename(shard.with_name(f"{number:03}.zip"))
    accept_shard(nation, shards[0], {"west": west.key.public})
    states: Counter[str] = Counter()
    with Children("shards", tmp_path, seed=6, most_steps=3) as children:
        for _ in range(KILLS):
            children.kill_one()
            states["unfinished"] += (nation / "unfinished").exists()
            recover(nation)
            part, whole = regions_of(nation)["west"], read_manifest(nation)
            taken = len(part.accepted) - 1
            expected = crowd(range(taken, 10 + 6 * taken))
            assert same(part.read_increment(), expected)
            assert same(whole.read_increment(), expected)
            assert whole.accepted == part.accepted
            assert [entry["sequence"] for entry in whole.accepted] == list(range(1, taken + 2))
            states["taken"] = taken
    assert states["unfinished"] >= 2, states
    assert states["taken"] >= 1, states


def test_a_kill_while_a_release_is_built_leaves_it_whole_or_absent(tmp_path: Path) -> None:
    key, _ = keys(tmp_path)
    region(tmp_path / "north", killed.TOWN, killed.TOWN.people(40, seed=3))
    assert build_release(tmp_path / "whole", killed.small_release(tmp_path), as_if_measured(), key).public
    expected, built = content(tmp_path / "whole"), tmp_path / "built"
    built.mkdir()
    cut_short = 0
    with Children("releases", tmp_path, seed=7, most_steps=1) as children:
        for _ in range(KILLS):
            children.kill_one()
            left = list(built.iterdir())
            cut_short += any(path.name.startswith(".") for path in left)
            for path in left:
                if path.name.startswith("."):
                    shutil.rmtree(path)
                else:
                    assert content(path) == expected
    assert cut_short >= 3
    assert build_release(built / "after", killed.small_release(tmp_path), as_if_measured(), key).public
    assert content(built / "after") == expected
