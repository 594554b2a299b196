"""Small registers made for tests: seeded people as runs, in regions' counts folders, with people held out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from varde.frequency.callable_intervals import Intervals, Tracks
from varde.frequency.cells import Cell
from varde.frequency.disclosure.power import Power, Risk, Worst
from varde.frequency.genotypes import Gate
from varde.frequency.increment import sum_runs
from varde.frequency.ledger import append, create, store_runs
from varde.frequency.release.measured import Attack, Choice, Measured
from varde.frequency.release.site_sets import SiteSet
from varde.frequency.run import NO_LONG_ALLELES, Alleles, Run
from varde.frequency.signing import PrivateKey, PublicKey, new_key
from varde.frequency.store import RUN_LINES, Segment, Settings, Status, StoredRun
from varde.genome.builds import Build
from varde.genome.keys import encode_keys, key_positions
from varde.genome.pedigree import Sex

CONTIG = 20
BASE = CONTIG << 32
SETTINGS = Settings(Build.GRCH38, Gate.NONE, True, None, None)
CELL = Cell(Sex.UNKNOWN)
GENE_BASES = 1_000


@dataclass(frozen=True)
class Town:
    """Sites at which people of a made population differ; ``genes`` lie end to end from ``BASE``."""

    keys: np.ndarray
    frequency: np.ndarray
    genes: tuple[SiteSet, ...]
    tracks: Tracks

    @classmethod
    def of(cls, genes: int, sites_per_gene: int, seed: int = 1) -> Town:
        random = np.random.default_rng(seed)
        places = [np.sort(random.choice(GENE_BASES, sites_per_gene, replace=False)) for _ in range(genes)]
        position = np.concatenate([place + gene * GENE_BASES + 1 for gene, place in enumerate(places)])
        ref, alt = ["A"] * len(position), ["T"] * len(position)
        keys = encode_keys(np.full(len(position), CONTIG), position, ref, alt)
        frequency = np.exp(random.uniform(np.log(1e-3), np.log(0.5), len(keys)))
        bounds = [(BASE + gene * GENE_BASES, BASE + (gene + 1) * GENE_BASES) for gene in range(genes)]
        sets = tuple(
            SiteSet(f"GENE{number}", Intervals(np.array([start]), np.array([stop])))
            for number, (start, stop) in enumerate(bounds)
        )
        tracks = Tracks()
        tracks.add(Intervals(np.array([BASE]), np.array([BASE + genes * GENE_BASES])))
        return cls(keys, frequency, sets, tracks)

    def people(self, number: int, seed: int) -> list[Run]:
        """Unrelated people."""
        random = np.random.default_rng(seed)
        dosage = random.binomial(2, self.frequency, (number, len(self.keys))).astype(np.uint8)
        return [self.person(row) for row in dosage]

    def patchy(self, number: int, seed: int, chance: float) -> tuple[list[Run], np.ndarray, np.ndarray]:
        """The same, each callable at a site of their own with ``chance``; with dosage and callable, [people, sites]."""
        random = np.random.default_rng(seed)
        dosage = random.binomial(2, self.frequency, (number, len(self.keys))).astype(np.uint8)
        seen = random.random(dosage.shape) < chance
        dosage[~seen] = 0
        place = BASE + key_positions(self.keys).astype(np.int64) - 1
        cuts = [Intervals(place[~row], place[~row] + 1) for row in seen]
        return [replace(self.person(row), cut=cut) for row, cut in zip(dosage, cuts, strict=True)], dosage, seen

    def person(self, dosage: np.ndarray) -> Run:
        carried = np.flatnonzero(dosage)
        flags = np.zeros(len(carried), dtype=np.uint8)
        alleles = Alleles(self.keys[carried], dosage[carried], flags, NO_LONG_ALLELES)
        none = Intervals.empty()
        return Run(Build.GRCH38, str(Gate.NONE), CELL, alleles, tuple(self.tracks.by_digest), none, none)


def region(folder: Path, town: Town, counted: Sequence[Run], held_out: Sequence[Run] = ()) -> Path:
    """A region's counts folder."""
    folder.mkdir(parents=True)
    contents = create(folder, SETTINGS)
    people = [(run, Status.COUNTED) for run in counted] + [(run, Status.HELD_OUT) for run in held_out]
    store_runs(folder, [run for run, _ in people], town.tracks)
    lines = [StoredRun(run.identifier, CELL, run.tracks, (), 0, 0, status).as_line() for run, status in people]
    frame = pl.DataFrame(sorted(lines), schema=RUN_LINES, orient="row")
    append(contents, Segment(sum_runs(Build.GRCH38, counted, town.tracks), frame))
    return folder


def keys(folder: Path, name: str = "register") -> tuple[PrivateKey, PublicKey]:
    """A new pair."""
    public = new_key(folder / f"{name}.private.pem", folder / f"{name}.public.pem", name)
    return PrivateKey.load(folder / f"{name}.private.pem"), public


def as_if_measured(high: float | None = 0.09, chosen: int = 1) -> Measured:
    """What the measure might have found, for tests of what follows from it."""
    estimate = None if high is None else 0.07
    low = None if high is None else 0.05
    powers = (Power(0.05, estimate, low, high), Power(0.01, None, None, None), Power(0.001, None, None, None))
    roc = ((0.0, 0.0), (0.05, 0.07), (1.0, 1.0))
    risk = Risk("population", 200, 100, 20, powers, powers, Worst(3.2, 2.9, 0.01))
    attack = Attack(risk, 40, roc, (-3.0, 0.0, 3.0), (60, 40), (50, 50))
    return Measured(200, 100, chosen, (attack,), (Choice(1, 40, 30, 0.9, estimate, low, high),))
