"""Structural calls that mean the same event, grouped over everybody when a release is made.

Two calls of one kind and contig are linked when they overlap reciprocally by 0.8, or when both ends lie within a window
that grows with the shorter length (a half below 1 kb, a fifth below 10 kb, a tenth above, at most 3 kb); insertions
when they stand within that window and their lengths agree by 0.8; breakends when both ends lie within 2.5 kb. Linked
calls are one component; a component whose outermost members are not linked with each other (a chain) is cut at its
widest gap until none is. The rule sees only which calls there are: order and number of arrival do not matter.

Sources: reciprocal overlap and breakend distance as SVDB, length-scaled windows as loqusdb (whose centroids move with
each arrival; these do not).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.frequency.cells import Cell
from varde.frequency.increment import STRUCTURAL, Increment
from varde.frequency.ploidy import PLOIDY, regions
from varde.genome.builds import CONTIGS
from varde.genome.compiled import compiled

OVERLAP_OF_FIVE = 4
"""Fifths of the longer call that two calls share at least, and of the longer insertion that the shorter has."""
BREAKEND_DISTANCE = 2_500
WIDEST_WINDOW = 3_000
UNKNOWN_LENGTH_WINDOW = 50
"""Bases between two insertions of which neither caller knew the length."""

CALL = ("kind", "contig", "start", "end", "mate_contig", "mate_position", "length")
CLUSTERS = pl.Schema(
    {name: STRUCTURAL[name] for name in CALL}
    | {name: pl.UInt32() for name in ("start_low", "start_high", "end_low", "end_high")}
    | {name: pl.Int32() for name in ("calls", "ac", "an", "nhomalt", "nhemi", "nobs", "people")}
)
"""One row per event. ``start`` to ``length``: the call that most people carry; ``*_low``, ``*_high``: where the ends of
all its ``calls`` lie (``end`` of a breakend is its mate, of an insertion its length). ``people`` were read by a method
that sees structural variants and have the chromosome; ``an`` counts them by the ploidy of their sex at ``start``."""
COUNTED = ("ac", "an", "nhomalt", "nhemi", "nobs", "people")
MEMBERS = pl.Schema({name: STRUCTURAL[name] for name in CALL} | {"event": pl.UInt32(), "carriers": pl.Int32()})
"""The calls of events: ``event`` is the row of ``CLUSTERS`` that a call belongs to."""

_INTERVAL, _INSERTION, _BREAKEND = 0, 1, 2
_TYPES = {"DEL": _INTERVAL, "DUP": _INTERVAL, "INV": _INTERVAL, "CNV": _INTERVAL, "INS": _INSERTION, "BND": _BREAKEND}
Ends = NDArray[np.int64]


@dataclass(frozen=True, order=True)
class StructuralCall:
    """One call, as in ``increment.STRUCTURAL``: 1-based inclusive; mate columns 0 but for BND, lower end first."""

    kind: str
    contig: int
    start: int
    end: int
    mate_contig: int = 0
    mate_position: int = 0
    length: int = 0

    @property
    def ends(self) -> tuple[int, int]:
        """What it is compared by: start and end; position and length; position and the mate's."""
        return self.start, {"BND": self.mate_position, "INS": self.length}.get(self.kind, self.end)

    def __str__(self) -> str:
        """``X:1000-2000:DEL``, ``7:1000:INS:300``, ``2:1000-5:2000:BND``, as ``structural_notation`` reads it."""
        here = f"{CONTIGS[self.contig - 1]}:{self.start}"
        if self.kind == "BND":
            return f"{here}-{CONTIGS[self.mate_contig - 1]}:{self.mate_position}:BND"
        if self.kind == "INS":
            return f"{here}:INS:{self.length}" if self.length else f"{here}:INS"
        return f"{here}-{self.end}:{self.kind}"

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> StructuralCall:
        """From a row with the columns ``CALL``."""
        return cls(**{name: row[name] for name in CALL})


def clusters(increment: Increment, cells: Sequence[Cell] | None = None) -> pl.DataFrame:
    """``CLUSTERS`` of an increment, sorted by ``CALL``; the same people and calls give the same bytes.

    Over all cells, or the counts of ``cells`` (the clusters are then still those of all). A person with two calls in
    one cluster counts once as long as these are linked themselves (``one_of_each``).
    """
    return _clusters_and_members(increment, cells)[0]


def clusters_with_members(increment: Increment) -> tuple[pl.DataFrame, pl.DataFrame]:
    """``clusters`` over all cells, and the ``MEMBERS`` of them, sorted by ``CALL``."""
    return _clusters_and_members(increment, None)


def _clusters_and_members(increment: Increment, cells: Sequence[Cell] | None) -> tuple[pl.DataFrame, pl.DataFrame]:
    frame = increment.structural.sort(*CALL, "cell")
    if not frame.height:
        return CLUSTERS.to_frame(), MEMBERS.to_frame()
    calls = frame.select(CALL).unique(maintain_order=True)
    labelled = frame.join(calls.with_columns(cluster=pl.Series(labels(calls))), on=CALL, maintain_order="left")
    carriers = pl.col("het") + pl.col("hom") + pl.col("hemi")
    members = labelled.group_by("cluster", *CALL).agg(carriers=carriers.sum())
    counted = labelled if cells is None else labelled.filter(pl.col("cell").is_in([cell.code for cell in cells]))
    sums = counted.group_by("cluster").agg(
        ac=(pl.col("het") + 2 * pl.col("hom") + pl.col("hemi")).sum(),
        nhomalt=pl.col("hom").sum(),
        nhemi=pl.col("hemi").sum(),
        nobs=carriers.sum(),
    )
    found = _shapes(members).join(sums, on="cluster", how="left").sort(CALL).with_row_index("event")
    found = found.with_columns(pl.col("ac", "nhomalt", "nhemi", "nobs").fill_null(0))
    an, people = assayed(increment, found, cells)
    found = found.with_columns(an=pl.Series(an), people=pl.Series(people))
    of_events = members.join(found.select("cluster", "event"), on="cluster").sort(CALL)
    return (
        found.select(pl.col(name).cast(kind) for name, kind in CLUSTERS.items()),
        of_events.select(pl.col(name).cast(kind) for name, kind in MEMBERS.items()),
    )


def one_of_each(calls: pl.DataFrame) -> pl.DataFrame:
    """One person's calls with those that mean the same event as another left out: the one on most chromosomes stays.

    ``calls`` and the answer have the schema ``STRUCTURAL``; sorted.
    """
    ordered = calls.sort(*CALL, "hom", "het", "hemi")
    grouped = ordered.with_columns(cluster=pl.Series(labels(ordered)), copies=2 * pl.col("hom") + pl.col("het"))
    best = grouped.sort("copies", descending=True, maintain_order=True).unique("cluster", keep="first")
    return best.select(calls.columns).sort(CALL)


def labels(calls: pl.DataFrame) -> NDArray[np.int64]:
    """A number per call, the same for calls of one cluster; calls may stand in any order."""
    first, second = two_ends(calls)
    run, kind = comparable(calls)
    order = np.lexsort((second, first, run))
    found = np.empty(calls.height, dtype=np.int64)
    found[order] = _clustered(run[order], kind[order], first[order], second[order])
    return found


def comparable(calls: pl.DataFrame) -> tuple[Ends, Ends]:
    """A number that calls share which can mean the same event (kind and contigs), and how these are compared."""
    compared = calls["kind"].cast(pl.String).replace_strict(_TYPES, return_dtype=pl.Int64).to_numpy()
    contigs = calls.select(pl.col("contig").cast(pl.Int64) * 32 + pl.col("mate_contig")).to_series().to_numpy()
    return calls["kind"].to_physical().to_numpy().astype(np.int64) * 1024 + contigs, compared


def two_ends(calls: pl.DataFrame) -> tuple[Ends, Ends]:
    """The two numbers that calls are compared by: start and end; position and length; position and mate's position."""
    kind = pl.col("kind").cast(pl.String)
    second = pl.when(kind == "BND").then("mate_position").when(kind == "INS").then("length").otherwise("end")
    columns = calls.select(first=pl.col("start").cast(pl.Int64), second=second.cast(pl.Int64))
    return columns["first"].to_numpy(), columns["second"].to_numpy()


def _shapes(members: pl.DataFrame) -> pl.DataFrame:
    _, second = two_ends(members)
    ranked = members.with_columns(second=pl.Series(second)).sort(
        "carriers", *CALL, descending=[True, *[False] * len(CALL)]
    )
    return ranked.group_by("cluster", maintain_order=True).agg(
        *(pl.col(name).first() for name in CALL),
        start_low=pl.col("start").min(),
        start_high=pl.col("start").max(),
        end_low=pl.col("second").min(),
        end_high=pl.col("second").max(),
        calls=pl.len(),
    )


def assayed(increment: Increment, events: pl.DataFrame, cells: Sequence[Cell] | None = None) -> tuple[Ends, Ends]:
    """Alleles and people read by a method that sees structural variants, at the starts of events (columns ``CALL``).

    People count where they have the chromosome: of unknown sex not on X and Y.
    """
    region = regions(increment.build, events["contig"].to_numpy(), events["start"].to_numpy().astype(np.int64))
    wanted = None if cells is None else {cell.code for cell in cells}
    alleles, everybody = np.zeros(len(region), dtype=np.int64), np.zeros(len(region), dtype=np.int64)
    for code, people in increment.people.select("cell", "structural_people").iter_rows():
        if wanted is None or code in wanted:
            ploidy = PLOIDY[region, Cell.of_code(code).sex_column].astype(np.int64)
            alleles += ploidy * people
            everybody += (ploidy > 0) * people
    return alleles, everybody


@compiled
def _window(length: int) -> int:
    if length < 1_000:
        return length // 2
    return length // 5 if length < 10_000 else min(length // 10, WIDEST_WINDOW)


@compiled
def linked(kind: int, first: int, second: int, other_first: int, other_second: int) -> bool:
    """Whether two calls of one kind, contig and mate contig mean the same event."""
    apart, apart_too = abs(first - other_first), abs(second - other_second)
    if kind == 2:  # breakends
        return max(apart, apart_too) <= BREAKEND_DISTANCE
    if kind == 1:  # insertions: ``second`` is the length
        small, large = min(second, other_second), max(second, other_second)
        if small == 0:
            return large == 0 and apart <= UNKNOWN_LENGTH_WINDOW
        return 5 * small >= OVERLAP_OF_FIVE * large and apart <= _window(small)
    small = min(second - first, other_second - other_first) + 1
    large = max(second - first, other_second - other_first) + 1
    shared = min(second, other_second) - max(first, other_first) + 1
    near = _window(small)
    return 5 * shared >= OVERLAP_OF_FIVE * large or max(apart, apart_too) <= near


@compiled
def reach_of(kind: int, first: int, second: int) -> int:
    """How far from this call's start, to the left or right, a linked call may start (never too small)."""
    if kind == 2:
        return BREAKEND_DISTANCE
    if kind == 1:
        return WIDEST_WINDOW
    length = second - first + 1
    return max(length // 4, min(length // 2, WIDEST_WINDOW)) + 1


@compiled
def _root(parent: NDArray[np.int64], node: int) -> int:
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node


@compiled
def _clustered(run: Ends, kind: Ends, first: Ends, second: Ends) -> Ends:
    """A cluster's number per call; calls are sorted by run (kind and contigs), first and second."""
    count = len(run)
    parent = np.arange(count)
    for i in range(count):
        reach = first[i] + reach_of(kind[i], first[i], second[i])
        j = i + 1
        while j < count and run[j] == run[i] and first[j] <= reach:
            if linked(kind[i], first[i], second[i], first[j], second[j]):
                a, b = _root(parent, i), _root(parent, j)
                parent[max(a, b)] = min(a, b)
            j += 1
    roots = np.array([_root(parent, i) for i in range(count)])
    members = np.argsort(roots, kind="mergesort")
    label = np.zeros(count, dtype=np.int64)
    pending, number, at = [(0, 0)], 0, 0
    pending.pop()
    while at < count:
        stop = at
        while stop < count and roots[members[stop]] == roots[members[at]]:
            stop += 1
        pending.append((at, stop))
        while pending:
            low, high = pending.pop()
            cut = _cut(kind, first, second, members, low, high)
            if cut == high:
                label[members[low:high]] = number
                number += 1
            else:
                pending.append((cut, high))
                pending.append((low, cut))
        at = stop
    return label


@compiled
def _cut(kind: Ends, first: Ends, second: Ends, members: Ends, low: int, high: int) -> int:
    """Where to cut a part of ``members`` (its order changes); ``high`` when its outermost members are all linked."""
    part = members[low:high].copy()
    a, b = first[part], second[part]
    outer = (part[np.argmin(a)], part[np.argmax(a)], part[np.argmin(b)], part[np.argmax(b)])
    whole = True
    for x in outer:
        for y in outer:
            whole = whole and linked(kind[x], first[x], second[x], first[y], second[y])
    if whole:
        return high
    by_first, by_second = np.argsort(a, kind="mergesort"), np.argsort(b, kind="mergesort")
    gap_first, gap_second = np.diff(a[by_first]), np.diff(b[by_second])
    along_first = gap_first.max() >= gap_second.max()
    members[low:high] = part[by_first] if along_first else part[by_second]
    widest = np.argmax(gap_first) if along_first else np.argmax(gap_second)
    return low + 1 + int(widest)
