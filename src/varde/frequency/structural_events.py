"""Asking for structural events: which of those counted are like this one, by the rule that made them.

An event is like a call when the rule of ``structural_clusters`` links the call with at least one of the event's own, so
that every call that was counted finds its own event, whatever the order of arrival. A question for a change of copy
number (CNV) is put to losses and gains as well, for callers write the same change either way.

The denominator is of its own: people read by a method that sees structural variants, not those whose bases were read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.frequency.cells import Cell
from varde.frequency.increment import STRUCTURAL, Increment
from varde.frequency.structural_clusters import (
    CALL,
    CLUSTERS,
    StructuralCall,
    assayed,
    clusters_with_members,
    comparable,
    linked,
    reach_of,
    two_ends,
)
from varde.genome.builds import Build
from varde.genome.compiled import compiled

Whole = NDArray[np.int64]

ASKED_OF: Mapping[str, tuple[str, ...]] = {"CNV": ("CNV", "DEL", "DUP")}
"""Kinds that a question is put to, where these are more than its own."""

PAIRS = pl.Schema({"call": pl.UInt32(), "event": pl.UInt32(), "calls_alike": pl.Int32(), "carriers_alike": pl.Int32()})
"""A question's row, the row of an event like it, and how many of its calls (and people with them) it is linked with."""

MATCHES = pl.Schema(
    CLUSTERS
    | {name: PAIRS[name] for name in ("event", "calls_alike", "carriers_alike")}
    | {"overlap": pl.Float64(), "distance": pl.Int64()}
)
"""Events like a call: ``overlap`` is reciprocal with the call that stands for the event (0 to 1; null but for
intervals), ``distance`` the larger one between their starts, and their ends, in bases (of insertions: their places)."""


@dataclass(frozen=True)
class EventCounts:
    """Counts of one event among some people. ``people`` were read by a method that sees it."""

    ac: int
    an: int
    homozygotes: int
    hemizygotes: int
    carriers: int
    people: int


@dataclass(frozen=True)
class StructuralEvents:
    """The events of an increment: ``clusters`` (``CLUSTERS``) and the calls behind them, ``members`` (``MEMBERS``)."""

    build: Build
    clusters: pl.DataFrame
    members: pl.DataFrame
    increment: Increment

    @classmethod
    def of(cls, increment: Increment) -> StructuralEvents:
        """The events of everybody."""
        return cls(increment.build, *clusters_with_members(increment), increment)

    @property
    def people(self) -> int:
        """People read by a method that sees structural variants."""
        return int(self.increment.people["structural_people"].sum())

    def like(self, call: StructuralCall) -> pl.DataFrame:
        """``MATCHES`` of one call, the most alike first."""
        asked = pl.DataFrame([call], schema={name: STRUCTURAL[name] for name in CALL})
        return self.ranked(asked).drop("call")

    def ranked(self, calls: pl.DataFrame) -> pl.DataFrame:
        """``MATCHES`` of calls (columns ``CALL``) with their row as ``call``, by it, and then the most alike first."""
        pairs = self.pairs(calls)
        found = self.clusters[pairs["event"].to_list()].hstack(pairs)
        asked = calls[pairs["call"].to_list()]
        (first, second), (a, b) = two_ends(found), two_ends(asked)
        interval = found["kind"].cast(pl.String).is_in(["INS", "BND"]).not_()
        apart = np.abs(first - a)
        further = np.where((asked["kind"] == "INS").to_numpy(), apart, np.maximum(apart, np.abs(second - b)))
        shared = np.maximum(np.minimum(second, b) - np.maximum(first, a) + 1, 0)
        share = shared / np.maximum(np.maximum(second - first, b - a) + 1, 1)
        found = found.with_columns(
            overlap=pl.when(interval).then(pl.Series(share, dtype=pl.Float64)),
            distance=pl.Series(further, dtype=pl.Int64),
        )
        order = ["call", "overlap", "distance", "nobs", *CALL]
        down = [False, True, False, True, *[False] * len(CALL)]
        return found.sort(order, descending=down, nulls_last=True).select("call", *MATCHES.names())

    def pairs(self, calls: pl.DataFrame) -> pl.DataFrame:
        """``PAIRS`` of calls (columns ``CALL``) and the events like them, sorted."""
        asked = calls.select(CALL).with_row_index("call")
        more = [
            asked.filter(kind=kind).with_columns(kind=pl.lit(other, STRUCTURAL["kind"]))
            for kind, others in ASKED_OF.items()
            for other in others
            if other != kind
        ]
        asked = pl.concat([asked, *more])
        run, compared = comparable(asked)
        question, member = _alike(*self._sorted, run, compared, *two_ends(asked))
        rows = self._ordered.select("event", "carriers")[member]
        found = rows.with_columns(call=pl.Series(asked["call"].to_numpy()[question], dtype=pl.UInt32))
        summed = found.group_by("call", "event").agg(
            calls_alike=pl.len().cast(pl.Int32), carriers_alike=pl.col("carriers").sum()
        )
        return summed.sort("call", "event").select(pl.col(name).cast(kind) for name, kind in PAIRS.items())

    def touching(self, contig: int, start: int, end: int) -> pl.DataFrame:
        """``CLUSTERS`` with a base, a place of insertion or a breakend at 1-based positions ``start`` to ``end``; with
        their row as ``event``, in order of place."""
        here = (pl.col("contig") == contig) & (pl.col("start") <= end) & (pl.col("end") >= start)
        mate = (pl.col("mate_contig") == contig) & pl.col("mate_position").is_between(start, end)
        found = self.clusters.with_row_index("event").filter(here | mate)
        return found.sort("contig", "start", "end", "kind", "event")

    def row_of(self, call: StructuralCall) -> int | None:
        """The event that a counted call belongs to; None for a call that nobody has."""
        asked = pl.DataFrame([call], schema={name: STRUCTURAL[name] for name in CALL})
        found = self.members.join(asked, on=CALL, how="semi")["event"]
        return int(found[0]) if len(found) else None

    def calls_of(self, event: int) -> pl.DataFrame:
        """``MEMBERS`` of one event."""
        return self.members.filter(event=event)

    def counts(
        self, event: int, cells: Sequence[Cell] | None = None, increment: Increment | None = None
    ) -> EventCounts:
        """Counts of an event among the people of some cells, or of another ``increment`` (a region of the nation)."""
        among = increment or self.increment
        if cells is not None:
            codes = pl.Series([cell.code for cell in cells], dtype=pl.UInt16)
            among = replace(among, structural=among.structural.filter(pl.col("cell").is_in(codes.implode())))
        calls = among.structural.join(self.calls_of(event), on=CALL, how="semi")
        het, hom, hemi = (int(calls[name].sum()) for name in ("het", "hom", "hemi"))
        an, people = assayed(among, self.clusters[event], cells)
        return EventCounts(het + 2 * hom + hemi, int(an[0]), hom, hemi, het + hom + hemi, int(people[0]))

    def people_at(self, call: StructuralCall, cells: Sequence[Cell] | None = None) -> EventCounts:
        """The counts of a call that is like no event: nobody, of those who were read."""
        asked = pl.DataFrame([call], schema={name: STRUCTURAL[name] for name in CALL})
        an, people = assayed(self.increment, asked, cells)
        return EventCounts(0, int(an[0]), 0, 0, 0, int(people[0]))

    @cached_property
    def _ordered(self) -> pl.DataFrame:
        """The members by kind, contigs and ends."""
        run, _ = comparable(self.members)
        first, second = two_ends(self.members)
        return self.members[np.lexsort((second, first, run))]

    @cached_property
    def _sorted(self) -> tuple[Whole, Whole, Whole]:
        run, _ = comparable(self._ordered)
        return run, *two_ends(self._ordered)


def linked_rows(asked: pl.DataFrame, among: pl.DataFrame) -> tuple[Whole, Whole]:
    """Rows of ``asked`` and of ``among`` (columns ``CALL``) that the rule of clusters links, pair by pair, sorted."""
    run, _ = comparable(among)
    first, second = two_ends(among)
    order = np.lexsort((second, first, run))
    wanted, kind = comparable(asked)
    question, member = _alike(run[order], first[order], second[order], wanted, kind, *two_ends(asked))
    found = order[member]
    ascending = np.lexsort((found, question))
    return question[ascending], found[ascending]


@compiled
def _alike(
    run: Whole, first: Whole, second: Whole, asked: Whole, kind: Whole, asked_first: Whole, asked_second: Whole
) -> tuple[Whole, Whole]:
    """Questions and the members they are linked with; members are sorted by run and ends."""
    question, member = np.empty(1024, dtype=np.int64), np.empty(1024, dtype=np.int64)
    count = 0
    for i in range(len(asked)):
        low, high = np.searchsorted(run, asked[i]), np.searchsorted(run, asked[i] + 1)
        reach = reach_of(kind[i], asked_first[i], asked_second[i])
        j = low + np.searchsorted(first[low:high], asked_first[i] - reach)
        while j < high and first[j] <= asked_first[i] + reach:
            if linked(kind[i], asked_first[i], asked_second[i], first[j], second[j]):
                if count == len(question):
                    question, member = np.append(question, question), np.append(member, member)
                question[count], member[count] = i, j
                count += 1
            j += 1
    return question[:count], member[:count]
