"""Structural calls by the words of the rule: every pair compared, the graph walked, chains cut; slow and plain."""

from __future__ import annotations

from itertools import pairwise

import polars as pl
from hypothesis import strategies as st

from varde.frequency.cells import Cell
from varde.frequency.increment import PEOPLE, STRUCTURAL, Increment
from varde.genome.builds import Build
from varde.genome.pedigree import Sex

WOMAN, MAN, UNKNOWN = Cell(Sex.FEMALE), Cell(Sex.MALE), Cell(Sex.UNKNOWN)


def increment(calls: list[tuple[object, ...]], people: dict[Cell, int], build: Build = Build.GRCH38) -> Increment:
    """An increment of calls (``CALL`` columns, cell, het, hom, hemi), in the order given."""
    frame = pl.DataFrame(calls, schema=STRUCTURAL, orient="row")
    heads = [(cell.code, number, number) for cell, number in people.items()]
    empty = Increment.empty(build)
    return Increment(
        build, empty.observations, empty.coverage, frame, pl.DataFrame(heads, PEOPLE, orient="row"), empty.long
    )


def deletion(start: int, end: int, het: int = 1, hom: int = 0, hemi: int = 0, contig: int = 1, cell: Cell = WOMAN):
    return ("DEL", contig, start, end, 0, 0, end - start + 1, cell.code, het, hom, hemi)


def same_event(a: tuple[object, ...], b: tuple[object, ...]) -> bool:
    if (a[0], a[1], a[4]) != (b[0], b[1], b[4]):
        return False
    if a[0] == "BND":
        return abs(a[2] - b[2]) <= 2500 and abs(a[5] - b[5]) <= 2500

    def window(length: int) -> int:
        return length // 2 if length < 1000 else length // 5 if length < 10_000 else min(length // 10, 3000)

    if a[0] == "INS":
        if a[6] == 0 or b[6] == 0:
            return a[6] == b[6] and abs(a[2] - b[2]) <= 50
        return min(a[6], b[6]) / max(a[6], b[6]) >= 0.8 and abs(a[2] - b[2]) <= window(min(a[6], b[6]))
    lengths = a[3] - a[2] + 1, b[3] - b[2] + 1
    shared = min(a[3], b[3]) - max(a[2], b[2]) + 1
    near = window(min(lengths))
    return shared * 10 >= 8 * max(lengths) or (abs(a[2] - b[2]) <= near and abs(a[3] - b[3]) <= near)


def slow_clusters(calls: list[tuple[object, ...]]) -> set[frozenset[tuple[object, ...]]]:
    left, found = set(calls), set()
    while left:
        component, frontier = set(), [left.pop()]
        while frontier:
            one = frontier.pop()
            component.add(one)
            near = {other for other in left if same_event(one, other)}
            left -= near
            frontier.extend(near)
        found |= cut(component)
    return found


def cut(part: set[tuple[object, ...]]) -> set[frozenset[tuple[object, ...]]]:
    def second(call: tuple[object, ...]) -> int:
        return {"BND": call[5], "INS": call[6]}.get(call[0], call[3])

    ordered = sorted(part, key=lambda call: (call[2], second(call)))
    by_second = sorted(ordered, key=second)
    latest, longest = max(ordered, key=lambda c: c[2]), max(ordered, key=second)
    outer = [ordered[0], latest, min(ordered, key=second), longest]
    if all(same_event(a, b) for a in outer for b in outer):
        return {frozenset(part)}
    gaps = [b[2] - a[2] for a, b in pairwise(ordered)]
    other = [second(b) - second(a) for a, b in pairwise(by_second)]
    along, gap = (ordered, gaps) if max(gaps) >= max(other) else (by_second, other)
    place = gap.index(max(gap)) + 1
    return cut(set(along[:place])) | cut(set(along[place:]))


@st.composite
def some_calls(draw: st.DrawFn) -> list[tuple[object, ...]]:
    found = []
    for _ in range(draw(st.integers(1, 40))):
        kind = draw(st.sampled_from(["DEL", "DUP", "INS", "BND"]))
        start, length = draw(st.integers(1000, 9000)), draw(st.sampled_from([60, 300, 900, 1000, 3000, 12_000]))
        length += draw(st.integers(0, length // 4))
        if kind == "BND":
            found.append((kind, 1, start, start, draw(st.integers(1, 3)), 10_000 + draw(st.integers(0, 9000)), 0))
        elif kind == "INS":
            found.append((kind, 1, start, start, 0, 0, draw(st.sampled_from([0, length]))))
        else:
            found.append((kind, 1, start, start + length - 1, 0, 0, length))
    return sorted(set(found))
