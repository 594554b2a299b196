"""Increments: signed sums of counts without people in them, the one thing that is added up everywhere.

A person's run, withdrawn or added, is an increment; so are a region's shard, the nation's sum, and what a correction
changes. Adding is commutative and associative, and every increment has its negative.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.frequency.callable_intervals import places
from varde.frequency.cells import Cell
from varde.frequency.ploidy import PLOIDY, Region, regions
from varde.genome.builds import Build
from varde.genome.keys import check_collisions, decode_alleles, is_hashed, key_contigs, key_positions

OBSERVATIONS = pl.Schema(
    {"key": pl.UInt64, "cell": pl.UInt16, "het": pl.Int32, "hom": pl.Int32, "hemi": pl.Int32, "beside": pl.Int32}
)
"""People by allele and cell: ``het`` one copy of two, ``hom`` two, ``hemi`` one of one (on MT: homoplasmic; ``het``
there is heteroplasmic). ``beside``: people called for this allele at a place outside their callable intervals."""

COVERAGE = pl.Schema({"cell": pl.UInt16, "place": pl.Int64, "change": pl.Int32})
"""Steps of the number of people callable: ``change`` at ``place`` (contig << 32 | 0-based position), by cell."""

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
            name: _added_up(pl.concat([schema.to_frame(), *(getattr(part, name) for part in parts)]), values)
            for (name, schema), values in zip(_SCHEMAS.items(), _VALUES, strict=False)
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


def _added_up(frame: pl.DataFrame, values: Sequence[str]) -> pl.DataFrame:
    index = [name for name in frame.columns if name not in values]
    return (
        frame.lazy()
        .group_by(index)
        .agg(pl.col(values).sum())
        .filter(pl.any_horizontal(pl.col(values) != 0))
        .sort(index)
        .select(frame.columns)
        .collect()
    )


def _needed(letters: pl.DataFrame, observations: pl.DataFrame) -> pl.DataFrame:
    return letters.join(observations.select("key").unique(), on="key", how="semi").sort("key", "ref", "alt")


def people_callable(coverage: pl.DataFrame, cell: int, place: NDArray[np.int64]) -> NDArray[np.int64]:
    """People of a cell callable at places, by the steps of ``coverage`` (not by what stands beside them)."""
    steps = coverage.filter(pl.col("cell") == cell)
    level = np.concatenate(([0], np.cumsum(steps["change"].to_numpy().astype(np.int64))))
    return level[np.searchsorted(steps["place"].to_numpy(), place, side="right")]


def allele_number(increment: Increment, contig: NDArray[np.uint8], position: NDArray[np.int64]) -> NDArray[np.int64]:
    """Alleles of the people callable at 1-based positions, all cells together; for alleles nobody carries."""
    region, place = regions(increment.build, contig, position), places(contig, position)
    total = np.zeros(len(contig), dtype=np.int64)
    for cell in increment.cells():
        total += PLOIDY[region, cell.sex_column].astype(np.int64) * people_callable(
            increment.coverage, cell.code, place
        )
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
    mitochondrial = region == Region.MITOCHONDRIAL
    sums = {name: np.zeros(len(keys), dtype=np.int64) for name in (*COUNTS, "nhet_mt")}
    for cell in increment.cells() if cells is None else cells:
        rows = observed.filter(pl.col("cell") == cell.code)
        row = np.searchsorted(keys, rows["key"].to_numpy())
        het, hom, hemi, beside = (_spread(rows[name], row, len(keys)) for name in ("het", "hom", "hemi", "beside"))
        callable_people = people_callable(increment.coverage, cell.code, place) + beside
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
