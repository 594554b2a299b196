"""Counts of a file of many people without a run per person: what the file adds up to, at the speed of reading it.

The sums are those of ``varde.frequency.count.count`` of the same file. Nobody can be taken out of them again, and
duplicates and kin are not looked for: a folder made so says in its manifest which files it has taken in.

Each record is added up on its own, by cell. That is all where the genotypes of one place stand in one record. Where
several records speak of one place and somebody is not called in one of them, or where an allele is written twice, what
counts depends on what else the same person has there; those records are read a second time, person by person.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.frequency.call_lines import HET, MISSED
from varde.frequency.callable_intervals import Intervals, Tracks, without_chromosome
from varde.frequency.calling import Called, Caller, called_batches
from varde.frequency.cells import Cell
from varde.frequency.coverage import COVERAGE, add_coverage, sum_intervals
from varde.frequency.genotypes import Gate
from varde.frequency.increment import LONG, OBSERVATIONS, PEOPLE, STRUCTURAL, Increment, sum_runs
from varde.frequency.person import assemble_run
from varde.frequency.reading import FileReader
from varde.frequency.run import Run
from varde.genome.builds import Build, X, Y
from varde.genome.compiled import compiled
from varde.genome.keys import check_collisions, is_hashed
from varde.genome.references import Reference
from varde.genome.text_source import TextSource
from varde.genome.vcf import LineReader

_SPARSE = pl.Schema(
    {"row": pl.Int64, "cell": pl.UInt16, "het": pl.Int32, "hom": pl.Int32, "hemi": pl.Int32, "missed": pl.Int32}
)


@dataclass(frozen=True)
class CohortCounts:
    """What a file adds up to. ``signs`` of the sex, int64 [samples, sex_check.SIGNS]; ``contradictions``: alleles of a
    person that records disagreed on."""

    increment: Increment
    tally: dict[str, object]
    signs: NDArray[np.int64]
    contradictions: int

    @property
    def records(self) -> int:
        return int(str(self.tally["records_read"]))


@compiled
def _add_by_cell(
    row: NDArray[np.int32],
    person: NDArray[np.int32],
    kind: NDArray[np.uint8],
    cell_of: NDArray[np.int64],
    people: NDArray[np.int32],
) -> None:
    """Count what was found into ``people`` [rows, cells, kinds]."""
    for i in range(len(row)):
        people[row[i], cell_of[person[i]], kind[i] - HET] += 1


@dataclass(frozen=True)
class _Kept:
    """Rows of a batch, as in ``Called``; ``line`` int64 [rows] is the one of their record."""

    keys: NDArray[np.uint64]
    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    line: NDArray[np.int64]
    side: pl.DataFrame


class CohortReader:
    """Adds up one file; ``cells`` are those of its samples, in the order of the file."""

    def __init__(
        self,
        path: Path,
        cells: Sequence[Cell],
        *,
        build: Build,
        gate: Gate,
        passing_only: bool = False,
        reference: Reference | None = None,
    ) -> None:
        self._path, self._cells, self._build = path, tuple(cells), build
        self._gate, self._passing_only, self._reference = gate, passing_only, reference
        codes = np.array([cell.code for cell in cells], dtype=np.int64)
        self._codes, self._cell_of = np.unique(codes, return_inverse=True)
        self._sex = np.array([cell.sex_column for cell in cells])
        self._caller = self._new_caller()
        self._kept: list[_Kept] = []
        self._sparse: list[pl.DataFrame] = [_SPARSE.to_frame()]
        self._rows = 0

    def _new_caller(self, given: Sequence[str] = ()) -> Caller:
        return Caller(
            self._sex,
            self._build,
            self._gate,
            passing_only=self._passing_only,
            reference=self._reference,
            given=given,
        )

    def read(self, progress: Callable[[int], None] | None = None) -> CohortCounts:
        """Read the file. Raises InputError as ``read_vcf`` and ``normalise``, ``gate_values_missing``."""
        for called in called_batches(self._path, self._caller):
            self._keep(called)
            if progress is not None:
                progress(self._caller.records)
        self._caller.refuse_ungated(self._path.name)
        return self._finish()

    def _keep(self, called: Called) -> None:
        sites, keys = called.sites, called.keys
        side = sites.select("key", "ref", "alt").filter(pl.Series(is_hashed(keys)))
        self._kept.append(_Kept(keys, called.start, called.stop, sites["line"].to_numpy(), side))
        people = np.zeros((len(keys), len(self._codes), MISSED), dtype=np.int32)
        _add_by_cell(called.row, called.person, called.kind, self._cell_of, people)
        row, cell = np.nonzero(people.any(axis=2))
        het, hom, hemi, missed = people[row, cell].T
        columns = {"row": row + self._rows, "cell": self._codes[cell], "het": het, "hom": hom, "hemi": hemi}
        self._sparse.append(pl.DataFrame({**columns, "missed": missed}, schema=_SPARSE))
        self._rows += len(keys)

    def _finish(self) -> CohortCounts:
        keys, start, stop, line = (
            np.concatenate([np.empty(0, dtype=kind), *(getattr(part, name) for part in self._kept)])
            for name, kind in (("keys", np.uint64), ("start", np.int64), ("stop", np.int64), ("line", np.int64))
        )
        side = pl.concat([LONG.to_frame(), *(part.side for part in self._kept)]).unique()
        check_collisions(side)
        self._kept.clear()
        sparse = pl.concat(self._sparse)
        repeated = _repeated(keys)
        duplicates = int(repeated.sum()) - len(np.unique(keys[repeated]))
        self._caller.note_duplicates(duplicates)
        missed = np.zeros(len(keys), dtype=np.bool_)
        missed[sparse.filter(pl.col("missed") != 0)["row"].to_numpy()] = True
        apart = _to_read_apart(keys, start, stop, line, repeated, missed)
        alone = sparse.filter(pl.Series(~apart[sparse["row"].to_numpy()]))
        total, contradictions = self._sum_rows(keys, start, stop, line, ~apart, alone, side), 0
        if apart.any():
            rest, contradictions = self._by_person(np.unique(line[apart]))
            total = Increment.merged(self._build, [total, rest])
        return CohortCounts(total, self._caller.tally(), self._caller.signs, contradictions)

    def _sum_rows(
        self,
        keys: NDArray[np.uint64],
        start: NDArray[np.int64],
        stop: NDArray[np.int64],
        line: NDArray[np.int64],
        chosen: NDArray[np.bool_],
        sparse: pl.DataFrame,
        side: pl.DataFrame,
    ) -> Increment:
        """Everybody, and the rows that tell all there is of their places."""
        row = sparse["row"].to_numpy()
        where = sparse.with_columns(key=pl.Series(keys[row]), start=start[row], stop=stop[row], line=line[row])
        seen = where.filter((pl.col("key") != 0) & pl.any_horizontal(pl.col("het", "hom", "hemi") != 0))
        seen = seen.with_columns(beside=pl.lit(0, pl.Int32)).select(OBSERVATIONS.names()).sort("key", "cell")
        people = Counter(self._cells)
        everywhere = Intervals.of(start[chosen], stop[chosen])
        there = [
            (cell.code, everywhere - without_chromosome(self._build, cell.sex_column), number)
            for cell, number in people.items()
        ]
        told = [(cell.code, number, 0) for cell, number in people.items()]
        return Increment(
            self._build,
            seen,
            add_coverage([sum_intervals(there), _not_called(where)]),
            STRUCTURAL.to_frame(),
            pl.DataFrame(told, schema=PEOPLE, orient="row").sort("cell"),
            side.join(seen.select("key").unique(), on="key", how="semi").sort("key", "ref", "alt"),
        )

    def _by_person(self, lines: NDArray[np.int64]) -> tuple[Increment, int]:
        """The lines of these numbers read again, person by person: what they add, and how many alleles contradict."""
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "lines.vcf"
            samples = self._copy_lines(lines, copy)
            caller = self._new_caller(self._caller.given)
            reader = FileReader(samples, caller, joint=True)
            for called in called_batches(copy, caller):
                reader.add(called)
            reading = reader.finish("", self._path.name)
        tracks, contradictions = Tracks(), 0

        def runs() -> Iterator[Run]:
            nonlocal contradictions
            joint = (tracks.add(reading.spans),)
            for index, cell in enumerate(self._cells):
                made = assemble_run(
                    [(reading, index)], (), joint, tracks, build=self._build, gate=self._gate, cell=cell
                )
                contradictions += made.contradictions
                yield made.run

        increment = sum_runs(self._build, runs(), tracks)
        return replace(increment, people=PEOPLE.to_frame()), contradictions

    def _copy_lines(self, lines: NDArray[np.int64], copy: Path) -> tuple[str, ...]:
        """Write the header and the lines of these numbers; the names of the samples."""
        with TextSource(self._path) as source, copy.open("wb") as file:
            reader = LineReader(source, self._build)
            file.write(reader.header_text.encode() + b"\n")
            for batch in reader:
                sites = batch.table.sites
                record = sites.filter(pl.col("line").is_in(pl.Series(lines).implode()))["record"].unique().sort()
                text = batch.text.tobytes() if len(record) else b""
                for at in batch.samples_at[record.to_numpy() - (sites["record"][0] if len(record) else 0)].tolist():
                    file.write(text[text.rfind(b"\n", 0, at) + 1 : text.index(b"\n", at) + 1])
            return reader.header.samples


def _not_called(rows: pl.DataFrame) -> pl.DataFrame:
    """``COVERAGE`` of people not called: of a record's rows that stand at one place, one is taken."""
    index = ["line", "start", "stop", "cell"]
    missed = rows.filter(pl.col("missed") != 0).unique(index).sort("cell")
    steps = [
        missed.select("cell", place=pl.col("start"), change=-pl.col("missed")),
        missed.select("cell", place=pl.col("stop"), change=pl.col("missed")),
    ]
    return pl.concat([COVERAGE.to_frame(), *steps])


def _to_read_apart(
    keys: NDArray[np.uint64],
    start: NDArray[np.int64],
    stop: NDArray[np.int64],
    line: NDArray[np.int64],
    repeated: NDArray[np.bool_],
    missed: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Rows of records that tell too little on their own, bool [rows]; ``missed``: somebody is not called.

    Rows that overlap stand together. Blocks of X and Y may reach where a person has no chromosome.
    """
    order = np.argsort(start, kind="stable")
    reach = np.maximum.accumulate(stop[order]) if len(order) else stop
    opens = np.concatenate(([True], start[order][1:] >= reach[:-1])) if len(order) else np.empty(0, dtype=np.bool_)
    together = np.empty(len(keys), dtype=np.int64)
    together[order] = np.cumsum(opens) - 1
    groups = int(opens.sum())
    same_first = order[np.flatnonzero(opens)][together]
    uneven = (line != line[same_first]) | (start != start[same_first]) | (stop != stop[same_first])
    on_x_or_y = np.isin(start >> 32, (X, Y))
    some_missed = np.bincount(together, weights=missed, minlength=groups) > 0
    some_uneven = np.bincount(together, weights=uneven, minlength=groups) > 0
    marked = np.bincount(together, weights=repeated | (missed & (keys == 0) & on_x_or_y), minlength=groups) > 0
    marked |= some_missed & some_uneven
    while True:  # what stands in one record is read together
        rows = marked[together]
        whole = np.isin(line, line[rows]) if rows.any() else rows
        if whole.sum() == rows.sum():
            return rows
        marked[together[whole]] = True


def _repeated(keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Rows whose allele stands in another row, too."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    again = np.zeros(len(keys), dtype=np.bool_)
    again[1:] = (ordered[1:] == ordered[:-1]) & (ordered[1:] != 0)
    found = np.zeros(len(keys), dtype=np.bool_)
    found[order] = again | np.append(again[1:], False)[: len(keys)]
    return found
