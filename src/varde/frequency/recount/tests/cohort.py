"""A seeded cohort as runs, coverage and people, over contigs whose keys sort apart in signed and unsigned numbers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from varde.frequency.cells import Assay, Cell, DiseaseGroup
from varde.frequency.increment import COVERAGE, LONG, OBSERVATIONS, PEOPLE, STRUCTURAL, Increment
from varde.frequency.ploidy import PLOIDY, regions
from varde.frequency.run import BESIDE_INTERVALS, HAPLOID
from varde.genome.builds import Build
from varde.genome.keys import encode_keys, key_contigs, key_positions
from varde.genome.pedigree import Sex

BUILD = Build.GRCH38
CELLS = (
    Cell(Sex.FEMALE, DiseaseGroup.HEART, Assay.EXOME),
    Cell(Sex.MALE, DiseaseGroup.HEART, Assay.EXOME),
    Cell(Sex.MALE),
    Cell(Sex.UNKNOWN),
)
PLACES = (
    (1, 1_000),
    (15, 5_000),
    (16, 5_000),
    (22, 77_000),
    (23, 2_781_470),
    (23, 60_000_000),
    (24, 12_000_000),
    (25, 300),
)
"""Contig and first position; the border of PAR1 of X lies within."""


@dataclass(frozen=True)
class Cohort:
    """Runs' files by cell code, and what adding them up must give, counted person by person in plain Python."""

    files_by_cell: dict[int, list[Path]]
    increment: Increment


def seeded_cohort(folder: Path, seed: int, people: int = 24) -> Cohort:
    """Write ``people`` runs to ``folder``."""
    random = np.random.default_rng(seed)
    keys = _keys(random)
    told: dict[tuple[int, int], list[int]] = {}
    coverage: dict[tuple[int, int], int] = {}
    members: dict[int, int] = {}
    files: dict[int, list[Path]] = {}
    for person in range(people):
        cell = CELLS[person % len(CELLS)]
        members[cell.code] = members.get(cell.code, 0) + 1
        rows = np.sort(random.choice(len(keys), size=random.integers(1, 20), replace=False))
        dosage, flags = _genotypes(random, keys[rows], cell)
        path = folder / f"{person}.parquet"
        pl.DataFrame({"key": keys[rows], "dosage": dosage, "flags": flags}).write_parquet(path)
        files.setdefault(cell.code, []).append(path)
        for key, copies, flag in zip(keys[rows].tolist(), dosage.tolist(), flags.tolist(), strict=True):
            row = told.setdefault((key, cell.code), [0, 0, 0, 0])
            row[0] += copies == 1 and not flag & HAPLOID
            row[1] += copies == 2
            row[2] += copies == 1 and bool(flag & HAPLOID)
            row[3] += bool(flag & BESIDE_INTERVALS)
        contig, start = PLACES[random.integers(len(PLACES))]
        place = (contig << 32) + start + int(random.integers(0, 20))
        for where, change in ((place, 1), (place + 25, -1)):
            coverage[cell.code, where] = coverage.get((cell.code, where), 0) + change
    return Cohort(files, _increment(told, coverage, members))


def _keys(random: np.random.Generator) -> np.ndarray:
    contigs, positions = zip(
        *((contig, start + int(step)) for contig, start in PLACES for step in range(12)), strict=True
    )
    alts = random.choice(["C", "G", "T", "ACC"], size=len(contigs))
    return np.sort(
        encode_keys(np.array(contigs, dtype=np.uint8), np.array(positions), ["A"] * len(contigs), list(alts))
    )


def _genotypes(random: np.random.Generator, keys: np.ndarray, cell: Cell) -> tuple[np.ndarray, np.ndarray]:
    ploidy = PLOIDY[regions(BUILD, key_contigs(keys), key_positions(keys)), cell.sex_column]
    dosage = np.where(ploidy == 2, random.integers(0, 3, len(keys)), np.minimum(ploidy, 1)).astype(np.uint8)
    beside = np.where(random.random(len(keys)) < 0.4, BESIDE_INTERVALS, 0)
    return dosage, (np.where(ploidy == 1, HAPLOID, 0) | beside).astype(np.uint8)


def _increment(told: dict, coverage: dict, members: dict) -> Increment:
    rows = [(key, cell, *counts) for (key, cell), counts in sorted(told.items()) if any(counts)]
    steps = [(cell, place, change) for (cell, place), change in sorted(coverage.items()) if change]
    people = [(cell, number, 0) for cell, number in sorted(members.items())]
    return Increment(
        BUILD,
        pl.DataFrame(rows, schema=OBSERVATIONS, orient="row"),
        pl.DataFrame(steps, schema=COVERAGE, orient="row"),
        STRUCTURAL.to_frame(),
        pl.DataFrame(people, schema=PEOPLE, orient="row"),
        LONG.to_frame(),
    )
