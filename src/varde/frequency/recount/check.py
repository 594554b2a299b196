"""Whether the sums of a counts folder are what its runs give, counted again.

The alleles are counted by the Ibis expressions, which share no code with the engine that made the sums; callable
places, structural calls and people are summed from the runs afresh. On the way every run is read whole and must have
the content that its name is the digest of.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from ibis.backends import BaseBackend

from varde.frequency.increment import OBSERVATIONS, Increment, spelled, sum_runs
from varde.frequency.ledger import read_stored, read_tracks
from varde.frequency.recount import engines, expressions
from varde.frequency.run import Run
from varde.frequency.store import RUNS, Contents, Status, read_manifest
from varde.genome.builds import CONTIGS
from varde.genome.errors import InputError
from varde.genome.keys import key_contigs, key_positions

_TABLES = ("coverage", "structural", "people", "long")
_SHOWN = 5


@dataclass(frozen=True)
class Recount:
    """What a recount found.

    ``runs``: runs read, of every status; ``people``: those counted; ``rows``: rows of each table of the sums;
    ``differing``: rows that stand in the sums or in the recount and not in both; ``examples``: the first such alleles.
    """

    runs: int
    people: int
    rows: Mapping[str, int]
    differing: Mapping[str, int]
    examples: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether everything is the same, to the last count."""
        return not any(self.differing.values())


def recount(folder: str | Path, engine: BaseBackend) -> Recount:
    """Count the runs of a folder again and hold them against its sums; changes nothing.

    Raises InputError ``no_counts``, ``unknown_format``, ``damaged`` (sums or a run), ``no_runs``.
    """
    contents = read_manifest(Path(folder))
    if not contents.holds_runs:
        raise InputError(
            "no_runs",
            f"{contents.folder.name!r} holds sums without runs: there is nothing to count again.",
            "Recount in the regions, where the runs are.",
            source=contents.folder.name,
        )
    stored = contents.read_increment()
    tracks = read_tracks(contents, {digest for one in contents.runs for digest in one.tracks})
    again = sum_runs(contents.settings.build, _whole_runs(contents), tracks)
    counted = _observations(contents, engine)
    pairs = {"observations": (stored.observations, counted)}
    pairs |= {name: (getattr(stored, name), getattr(again, name)) for name in _TABLES}
    pairs["manifest"] = (_told(contents), _found(contents, again))
    differing = {name: _differing(*pair) for name, pair in pairs.items()}
    return Recount(
        len(contents.runs),
        again.number_of_people,
        {name: pair[0].height for name, pair in pairs.items()},
        {name: frame.height for name, frame in differing.items()},
        _spelled(differing["observations"], stored, again),
    )


def _whole_runs(contents: Contents) -> Iterator[Run]:
    """The counted runs, after each run of any status was found whole."""
    for stored in contents.runs:
        run = read_stored(contents, stored)
        if stored.status is Status.COUNTED:
            yield run


def _observations(contents: Contents, engine: BaseBackend) -> pl.DataFrame:
    """The observations of the runs counted, by the engine, in the form of an increment."""
    files: defaultdict[int, list[Path]] = defaultdict(list)
    for stored in contents.runs:
        if stored.status is Status.COUNTED:
            files[stored.cell.code].append(contents.folder / RUNS / f"{stored.identifier}.parquet")
    if not files:
        return OBSERVATIONS.to_frame()
    found = pl.DataFrame(expressions.observations(engines.runs_table(engine, files)).to_pyarrow())
    key = pl.col("contig").cast(pl.UInt64) * 2**expressions.REST_BITS + pl.col("rest").cast(pl.UInt64)
    return found.with_columns(key=key).select(OBSERVATIONS.names()).cast(OBSERVATIONS).sort("key", "cell")


def _told(contents: Contents) -> pl.DataFrame:
    cells = [(f"cell {cell.code}", number) for cell, number in contents.cells.items() if number]
    return _numbers([*cells, *((str(status), number) for status, number in contents.statuses.items() if number)])


def _found(contents: Contents, again: Increment) -> pl.DataFrame:
    cells = [(f"cell {code}", number) for code, number in again.people.select("cell", "people").iter_rows()]
    return _numbers([*cells, *Counter(str(stored.status) for stored in contents.runs).items()])


def _numbers(rows: list[tuple[str, int]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"of": pl.String, "number": pl.Int64}, orient="row")


def _differing(stored: pl.DataFrame, again: pl.DataFrame) -> pl.DataFrame:
    """Rows that only one of two tables has."""
    names = stored.columns
    sides = ((stored, again), (again, stored))
    return pl.concat([one.join(other, on=names, how="anti", nulls_equal=True) for one, other in sides]).sort(names)


def _spelled(differing: pl.DataFrame, *increments: Increment) -> tuple[str, ...]:
    """The first alleles of rows, as people write them."""
    keys = differing["key"].unique(maintain_order=True).head(_SHOWN).to_numpy()
    ref, alt = spelled(keys, pl.concat([one.long for one in increments]).unique())
    places = zip(key_contigs(keys).tolist(), key_positions(keys).tolist(), ref, alt, strict=True)
    return tuple(f"{CONTIGS[contig - 1]}-{position}-{first}-{second}" for contig, position, first, second in places)
