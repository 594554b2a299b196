"""A process that lets children write until they are killed. It does nothing itself but import.

``python -m varde.frequency.tests.killed WORK FOLDER``: for every line it is given it starts a child, which prints its
number when its work begins, and an empty line after every step.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from varde.frequency import observations
from varde.frequency.callable_intervals import Intervals, Tracks
from varde.frequency.cells import Cell
from varde.frequency.count import Counting, add_run, compact, remove_person, set_status
from varde.frequency.genotypes import Gate
from varde.frequency.nation import REGIONS, accept_shard
from varde.frequency.release.build import build_release
from varde.frequency.release.parameters import Parameters
from varde.frequency.release.prepare import Order, Prepared, prepare
from varde.frequency.release.sources import Sources
from varde.frequency.release.tests.registers import Town, as_if_measured
from varde.frequency.run import NO_LONG_ALLELES, Alleles, Run
from varde.frequency.signing import PrivateKey, PublicKey
from varde.frequency.store import Status, StoredRun, read_manifest
from varde.genome.builds import Build
from varde.genome.pedigree import Sex

COUNTING = Counting(Build.GRCH38, Gate.NONE)
TOWN = Town.of(genes=2, sites_per_gene=20)


def person(number: int) -> tuple[Run, Tracks]:
    """Somebody with alleles and callable places of their own, and some that others have."""
    keys = np.array([20 << 59 | place << 31 | 2 << 25 | 1 << 4 for place in (100, 200 + number)], dtype=np.uint64)
    ones = np.ones(len(keys), dtype=np.uint8)
    own = Intervals(np.array([(20 << 32) + 10 * number]), np.array([(20 << 32) + 300]))
    tracks = Tracks()
    track = tracks.add(Intervals(np.array([21 << 32]), np.array([(21 << 32) + 100 + 10 * (number % 2)])))
    alleles = Alleles(keys, ones, ones * 0, NO_LONG_ALLELES)
    return Run(Build.GRCH38, "none", Cell(Sex.FEMALE), alleles, (track,), own, Intervals.empty()), tracks


def add(folder: Path, number: int) -> str:
    run, tracks = person(number)
    stored = StoredRun(run.identifier, run.cell, run.tracks, (f"file{number}",), 0)
    add_run(folder, run, tracks, stored, {f"file{number}": {"people": 1}}, settings=COUNTING.settings)
    return run.identifier


def changes(folder: Path) -> Iterator[None]:
    """Somebody comes, is set aside, comes back and goes, for ever; now and then everything is compacted."""
    yield
    number = 2
    while True:
        number += 1
        run = add(folder, number)
        yield
        set_status(folder, run, Status.RELATED)
        yield
        compact(folder)
        yield
        set_status(folder, run, Status.COUNTED)
        yield
        remove_person(folder, run)
        yield


def shards(folder: Path) -> Iterator[None]:
    """The nation takes in the shards that lie beside it, from the first that it has not."""
    trusted = {"west": PublicKey.load(folder / "west.pem")}
    taken = len(read_manifest(folder / "nation" / REGIONS / "west").accepted)
    yield
    for file in sorted((folder / "shards").iterdir())[taken:]:
        accept_shard(folder / "nation", file, trusted)
        yield
    time.sleep(600)


def releases(folder: Path) -> Iterator[None]:
    """The same release, built over and over, each time below the next free name."""
    prepared, key = small_release(folder), PrivateKey.load(folder / "register.private.pem")
    yield
    for number in range(1_000):
        if not (folder / "built" / str(number)).exists():
            build_release(folder / "built" / str(number), prepared, as_if_measured(), key)
            yield


def small_release(folder: Path) -> Prepared:
    """A release of the people in the folder ``north``, of the first ones of ``TOWN``."""
    order = Order("2026-11.1", TOWN.genes, Parameters(least_people=5, least_batch=5, hysteresis=False))
    return prepare(Sources.of_regions([folder / "north"]), order)


def warm_up() -> None:
    """Load the machine code, so that children need not; nothing that starts threads, which do not survive a fork."""
    keys, cells = np.array([20 << 59 | 1 << 31], dtype=np.uint64), np.zeros(1, dtype=np.uint16)
    packed, ones = np.empty(1, dtype=np.uint64), np.ones(1, dtype=np.uint8)
    rows, values = np.ones((4, 1), dtype=np.int32), np.empty((2, 4), dtype=np.int32)
    observations._pack_alleles(keys, ones, ones, packed)
    observations._pack_rows(keys, rows, packed)
    observations._count_packed(packed, np.empty(observations._count_distinct(packed), dtype=np.uint64), values)
    both = np.empty(2, dtype=np.uint64), np.empty(2, dtype=np.uint16), np.empty((4, 2), dtype=np.int32)
    observations._merge_rows((keys, keys), (cells, cells), (rows, rows), *both)


WORK = {"counts": changes, "shards": shards, "releases": releases}


def main(work: str, folder: Path) -> None:
    warm_up()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _ in sys.stdin:
        child = os.fork()
        if not child:
            steps = WORK[work](folder)
            next(steps)
            print(os.getpid(), flush=True)
            for _ in steps:
                print(flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
