"""What a region does for the measure of a release: it counts those held out, and scores its people. Nobody is named."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import numpy as np

from varde.frequency.disclosure.scores import Meter, Person, RegionScores, score_region
from varde.frequency.increment import Increment, sum_runs
from varde.frequency.ledger import read_stored, read_tracks
from varde.frequency.run import HAPLOID, Run
from varde.frequency.store import Contents, Status, read_manifest
from varde.genome.builds import MT
from varde.genome.keys import key_contigs

_HETEROPLASMIC = 3


def held_out_counts(folder: str | Path) -> Increment:
    """The counts of the people that a region holds out. Raises InputError as ``read_manifest``."""
    contents = read_manifest(Path(folder))
    held = [stored for stored in contents.runs if stored.status is Status.HELD_OUT]
    tracks = read_tracks(contents, {digest for stored in held for digest in stored.tracks})
    return sum_runs(contents.settings.build, (read_stored(contents, stored) for stored in held), tracks)


def score_folder(
    folder: str | Path,
    meters: Mapping[str, Meter],
    *,
    relatives: int,
    seed: int,
    members: Collection[str] | None = None,
) -> RegionScores:
    """Score the people counted and held out in a region. Raises InputError as ``read_manifest``.

    ``members``: runs that the nation has been told of, where others are counted since; None: everybody counted.
    """
    contents = read_manifest(Path(folder))
    people = people_of(contents, Status.COUNTED, members), people_of(contents, Status.HELD_OUT)
    return score_region(meters, *people, relatives=relatives, seed=seed)


def score_strangers(folder: str | Path, meters: Mapping[str, Meter]) -> RegionScores:
    """Score everybody counted in a folder of people who are not in the register, as held out."""
    return score_region(meters, (), people_of(read_manifest(Path(folder)), Status.COUNTED))


def people_of(contents: Contents, status: Status, among: Collection[str] | None = None) -> Iterator[Person]:
    """People of one status, of the runs ``among`` if given, as the measure sees them, in the order of their runs."""
    chosen = [run for run in contents.runs if run.status is status and (among is None or run.identifier in among)]
    tracks = read_tracks(contents, {digest for stored in chosen for digest in stored.tracks})
    for stored in chosen:
        run = read_stored(contents, stored)
        intervals = (tracks.union(run.tracks) | run.added) - run.cut
        yield Person(run.alleles.keys, _dosage(run), run.cell.sex_column, intervals)


def _dosage(run: Run) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Copies, with heteroplasmic alleles marked: they are not counted."""
    alleles = run.alleles
    mixed = (key_contigs(alleles.keys) == MT) & (alleles.flags & HAPLOID == 0) & (alleles.dosage == 1)
    return np.where(mixed, _HETEROPLASMIC, alleles.dosage).astype(np.uint8)
