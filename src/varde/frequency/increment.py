"""Increments: signed sums of counts without people in them, the one thing that is added up everywhere.

A person's run, withdrawn or added, is an increment; so are a region's shard, the nation's sum, and what a correction
changes. Adding is commutative and associative, and every increment has its negative.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.frequency.callable_intervals import Intervals, Tracks, places, without_chromosome
from varde.frequency.cells import Cell
from varde.frequency.coverage import COVERAGE, Coverage, add_coverage, sum_intervals
from varde.frequency.observations import OBSERVATIONS, add_observations, sum_alleles
from varde.frequency.ploidy import PLOIDY, SEXES, Region, regions
from varde.frequency.run import Alleles, Run, write_parquet
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.keys import check_collisions, decode_alleles, is_hashed, key_contigs, key_positions

__all__ = [
    "COUNTS",
    "COVERAGE",
    "LONG",
    "OBSERVATIONS",
    "PEOPLE",
    "STRUCTURAL",
    "Increment",
    "allele_number",
    "read_increment",
    "run_increment",
    "sites",
    "spelled",
    "sum_runs",
    "write_increment",
]

STRUCTURAL = pl.Schema(
    {
        "kind": pl.Enum(["DEL", "DUP", "INS", "INV", "BND", "CNV"]),
        "contig": pl.UInt8(),
        "start": pl.UInt32(),
        "end": pl.UInt32(),
        "mate_contig": pl.UInt8(),
        "mate_position": pl.UInt32(),
        "length": pl.UInt32(),
        "cell": pl.UInt16(),
        "het": pl.Int32(),
        "hom": pl.Int32(),
        "hemi": pl.Int32(),
    }
)
"""People by structural call as called, 1-based inclusive; clustered at release only. Mate columns: 0 but for BND."""

PEOPLE = pl.Schema({"cell": pl.UInt16, "people": pl.Int32, "structural_people": pl.Int32})
"""People by cell; ``structural_people`` are those read by a method that sees structural variants."""

LONG = pl.Schema({"key": pl.UInt64, "ref": pl.String, "alt": pl.String})
"""Letters of alleles that their key does not hold."""

FORMAT, HEAD = 1, "increment.json"

_WAITING = 256  # sets of intervals of whole genomes that are held at once

COUNTS = ("ac", "an", "nhomalt", "nhemi", "nobs")
"""Alternate alleles, all alleles called, people homozygous, people hemizygous, people carrying."""


@dataclass(frozen=True)
class Increment:
    """Signed counts. Frames hold each index once, sorted by it, without rows of zeros; ``long`` just what is needed."""

    build: Build
    observations: pl.DataFrame
    coverage: pl.DataFrame
    structural: pl.DataFrame
    people: pl.DataFrame
    long: pl.DataFrame

    def __post_init__(self) -> None:
        for name, schema in _SCHEMAS.items():
            if getattr(self, name).schema != schema:
                raise ValueError(f"{name} of an increment must have the schema {schema}")

    @classmethod
    def empty(cls, build: Build) -> Increment:
        """Nobody."""
        return cls(build, **{name: schema.to_frame() for name, schema in _SCHEMAS.items()})

    @classmethod
    def merged(cls, build: Build, parts: Sequence[Increment]) -> Increment:
        """The sum, whatever the order. Raises ValueError for another build, InputError ``key_collision``."""
        if any(part.build is not build for part in parts):
            raise ValueError("increments of two builds cannot be added")
        frames = {
            "observations": add_observations([part.observations for part in parts]),
            "coverage": add_coverage([part.coverage for part in parts]),
            "structural": _added_up([part.structural for part in parts], STRUCTURAL, ("het", "hom", "hemi")),
            "people": _added_up([part.people for part in parts], PEOPLE, ("people", "structural_people")),
        }
        letters = pl.concat([LONG.to_frame(), *(part.long for part in parts)]).unique()
        check_collisions(letters)
        return cls(build, **frames, long=_needed(letters, frames["observations"]))

    def negated(self) -> Increment:
        """What takes this increment away again."""
        frames = {
            name: getattr(self, name).with_columns(-pl.col(value) for value in values)
            for name, values in zip(_SCHEMAS, _VALUES, strict=False)
        }
        return replace(self, **frames)

    @property
    def number_of_people(self) -> int:
        """People, net."""
        return int(self.people["people"].sum())

    def of_cells(self, cells: Sequence[Cell]) -> Increment:
        """Only the people of some cells."""
        codes = pl.Series([cell.code for cell in cells], dtype=pl.UInt16)
        frames = {name: getattr(self, name).filter(pl.col("cell").is_in(codes.implode())) for name in _WITH_CELLS}
        return replace(self, **frames, long=_needed(self.long, frames["observations"]))

    def cells(self) -> tuple[Cell, ...]:
        """Cells with people, in the order of their codes."""
        return tuple(Cell.of_code(code) for code in self.people["cell"])


_SCHEMAS = {
    "observations": OBSERVATIONS,
    "coverage": COVERAGE,
    "structural": STRUCTURAL,
    "people": PEOPLE,
    "long": LONG,
}
_VALUES = (
    ("het", "hom", "hemi", "beside"),
    ("change",),
    ("het", "hom", "hemi"),
    ("people", "structural_people"),
)
_WITH_CELLS = ("observations", "coverage", "structural", "people")


def _added_up(frames: Sequence[pl.DataFrame], schema: pl.Schema, values: Sequence[str]) -> pl.DataFrame:
    """The sum of small tables."""
    frame = pl.concat([schema.to_frame(), *frames])
    index = [name for name in frame.columns if name not in values]
    summed = frame.lazy().group_by(index).agg(pl.col(values).sum())
    some = summed.filter(pl.any_horizontal(pl.col(values) != 0))
    return some.sort(index).select(frame.columns).collect()


def run_increment(run: Run, tracks: Tracks | None = None) -> Increment:
    """What one person brings; ``tracks`` holds the sets of intervals that the run names."""
    return sum_runs(run.build, [run], tracks or Tracks())


def sum_runs(build: Build, runs: Iterable[Run], tracks: Tracks) -> Increment:
    """What people bring together; each run is read once and let go. Raises InputError ``key_collision``."""
    summing = _Summing(build, tracks)
    observations = sum_alleles(summing.listening(runs))
    letters = pl.concat([LONG.to_frame(), *summing.letters]).unique()
    check_collisions(letters)
    return Increment(
        build,
        observations,
        add_coverage([*summing.own, sum_intervals(summing.shared())]),
        _added_up(summing.structural, STRUCTURAL, ("het", "hom", "hemi")),
        summing.people(),
        letters.sort("key", "ref", "alt"),
    )


class _Summing:
    """Takes note of everything but the alleles while runs pass by."""

    def __init__(self, build: Build, tracks: Tracks) -> None:
        self._tracks = tracks
        self._nowhere = [without_chromosome(build, sex) for sex in range(len(SEXES))]
        self._people: Counter[tuple[Cell, tuple[str, ...]]] = Counter()
        self._structural_people: Counter[Cell] = Counter()
        self._waiting: list[tuple[int, Intervals, int]] = []
        self.own: list[pl.DataFrame] = []
        self.structural: list[pl.DataFrame] = []
        self.letters: list[pl.DataFrame] = []

    def listening(self, runs: Iterable[Run]) -> Iterator[tuple[int, Alleles]]:
        for run in runs:
            self._note(run)
            yield run.cell.code, run.alleles
        self._sum_waiting()

    def _note(self, run: Run) -> None:
        self._people[run.cell, run.tracks] += 1
        for intervals, people in ((run.added, 1), (run.cut, -1)):
            if len(intervals):
                self._waiting.append((run.cell.code, intervals - self._nowhere[run.cell.sex_column], people))
        if len(self._waiting) >= _WAITING:
            self._sum_waiting()
        if run.structural is not None:
            self._structural_people[run.cell] += 1
            self.structural.append(run.structural)
        if run.alleles.long.height:
            self.letters.append(run.alleles.long)

    def _sum_waiting(self) -> None:
        self.own.append(sum_intervals(self._waiting))
        self._waiting = []

    def shared(self) -> Iterator[tuple[int, Intervals, int]]:
        """Shared tracks, once per group of people."""
        for (cell, tracks), people in self._people.items():
            yield cell.code, self._tracks.union(tracks) - self._nowhere[cell.sex_column], people

    def people(self) -> pl.DataFrame:
        by_cell: Counter[Cell] = Counter()
        for (cell, _), people in self._people.items():
            by_cell[cell] += people
        rows = [(cell.code, people, self._structural_people[cell]) for cell, people in by_cell.items()]
        return pl.DataFrame(rows, schema=PEOPLE, orient="row").sort("cell")


def _needed(letters: pl.DataFrame, observations: pl.DataFrame) -> pl.DataFrame:
    if letters.is_empty():
        return letters
    long = observations.select("key").filter(pl.Series(is_hashed(observations["key"].to_numpy())))
    return letters.join(long, on="key", how="semi").sort("key", "ref", "alt")


def write_increment(folder: Path, increment: Increment) -> None:
    """Write an increment into a folder that exists; tables without rows have no file. Same content, same bytes."""
    for name in _SCHEMAS:
        frame: pl.DataFrame = getattr(increment, name)
        if frame.height:
            write_parquet(frame, folder / f"{name}.parquet")
    kept = {name: getattr(increment, name).height for name in _SCHEMAS}
    head = {"format": FORMAT, "build": str(increment.build), "rows": kept}
    (folder / HEAD).write_text(json.dumps(head, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def read_increment(folder: Path, only: Collection[str] | None = None) -> Increment:
    """Read what ``write_increment`` wrote, or ``only`` some of its tables and the others empty.

    Raises InputError ``damaged`` when a part is missing, cut or foreign.
    """
    try:
        head = json.loads((folder / HEAD).read_text(encoding="utf-8"))
        if head["format"] != FORMAT:
            raise ValueError(f"it is of format {head['format']}, expected {FORMAT}")
        rows = {name: head["rows"][name] if only is None or name in only else 0 for name in _SCHEMAS}
        frames = {name: _read_table(folder, name, schema, rows[name]) for name, schema in _SCHEMAS.items()}
        return Increment(Build(head["build"]), **frames)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, pl.exceptions.PolarsError) as problem:
        raise InputError(
            "damaged",
            f"An increment of counts cannot be read: {problem}.",
            "Take the file from where it was made once more.",
            source=folder.name,
        ) from None


def _read_table(folder: Path, name: str, schema: pl.Schema, rows: int) -> pl.DataFrame:
    path = folder / f"{name}.parquet"
    frame = pl.read_parquet(path, memory_map=False) if rows else schema.to_frame()
    if frame.height != rows:
        raise ValueError(f"{name} has {frame.height} rows, expected {rows}")
    return frame


def allele_number(increment: Increment, contig: NDArray[np.uint8], position: NDArray[np.int64]) -> NDArray[np.int64]:
    """Alleles of the people callable at 1-based positions, all cells together; for alleles nobody carries."""
    region, place = regions(increment.build, contig, position), places(contig, position)
    coverage, total = Coverage(increment.coverage), np.zeros(len(contig), dtype=np.int64)
    for cell in increment.cells():
        total += PLOIDY[region, cell.sex_column].astype(np.int64) * coverage.people(cell.code, place)
    return total


def sites(increment: Increment, cells: Sequence[Cell] | None = None) -> pl.DataFrame:
    """One row per allele that anybody counted carries or was called for: key, contig, position, ref, alt, ``COUNTS``.

    Over all cells, or over ``cells`` (the alleles are then still those of all). Sorted by key. On MT ``ac`` counts
    homoplasmic carriers and ``nhet_mt`` the heteroplasmic ones; ``nhet_mt`` is 0 elsewhere.
    """
    observed = increment.observations
    keys = observed["key"].unique().sort().to_numpy()
    contig, position = key_contigs(keys), key_positions(keys)
    region, place = regions(increment.build, contig, position), places(contig, position)
    mitochondrial, coverage = region == Region.MITOCHONDRIAL, Coverage(increment.coverage)
    sums = {name: np.zeros(len(keys), dtype=np.int64) for name in (*COUNTS, "nhet_mt")}
    for cell in increment.cells() if cells is None else cells:
        rows = observed.filter(pl.col("cell") == cell.code)
        row = np.searchsorted(keys, rows["key"].to_numpy())
        het, hom, hemi, beside = (_spread(rows[name], row, len(keys)) for name in ("het", "hom", "hemi", "beside"))
        callable_people = coverage.people(cell.code, place) + beside
        sums["ac"] += np.where(mitochondrial, 0, het) + 2 * hom + hemi
        sums["an"] += PLOIDY[region, cell.sex_column].astype(np.int64) * callable_people
        sums["nhomalt"] += hom
        sums["nhemi"] += hemi
        sums["nobs"] += het + hom + hemi
        sums["nhet_mt"] += np.where(mitochondrial, het, 0)
    columns = {"key": keys, "contig": contig, "position": position.astype(np.uint32)}
    columns |= {name: values.astype(np.int32) for name, values in sums.items()}
    frame = pl.DataFrame(columns)
    ref, alt = spelled(keys, increment.long)
    return frame.with_columns(ref=ref, alt=alt).select("key", "contig", "position", "ref", "alt", *COUNTS, "nhet_mt")


def spelled(keys: NDArray[np.uint64], long: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """REF and ALT of keys; ``long`` spells those that a key does not hold."""
    ref, alt = decode_alleles(keys)
    hashed = pl.Series(is_hashed(keys))
    looked_up = pl.DataFrame({"key": keys}).join(long, on="key", how="left", maintain_order="left")
    letters = pl.DataFrame({"ref": ref, "alt": alt, "r": looked_up["ref"], "a": looked_up["alt"], "hashed": hashed})
    chosen = letters.select(
        ref=pl.when("hashed").then("r").otherwise("ref"), alt=pl.when("hashed").then("a").otherwise("alt")
    )
    return chosen["ref"], chosen["alt"]


def _spread(values: pl.Series, row: NDArray[np.int64], rows: int) -> NDArray[np.int64]:
    spread = np.zeros(rows, dtype=np.int64)
    spread[row] = values.to_numpy()
    return spread
