"""Reads of the professional tier about structural variants: which counted events are like one, and among whom.

The denominator is the people read by a method that sees structural variants, in the nation and in each region; it is
another one than that of small variants. Every look is logged as those at small variants are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from varde.frequency.cells import Assay, Cell, DiseaseGroup
from varde.frequency.lookup import State
from varde.frequency.store import MANIFEST
from varde.frequency.structural_clusters import MEMBERS, StructuralCall
from varde.frequency.structural_events import EventCounts, StructuralEvents
from varde.frequency.structural_notation import parse_event
from varde.genome.builds import X
from varde_node.people import queries as people
from varde_node.people.services import Actor, require
from varde_node.registers.frequency.indexes import (
    NATION,
    SEX_PARTS,
    assay_part,
    contents_of,
    events_of,
    group_part,
    parts_of,
    region_parts,
)
from varde_node.registers.frequency.queries import LOOK_UP, Part, changed_at, estimates
from varde_node.registers.frequency.store import counted_regions, nation_folder, region_folder


@dataclass(frozen=True)
class EventPlace:
    """What one region, or the nation, counts of an event. ``people`` were read for such and have the chromosome, of
    ``counted`` in all. ``frequency`` and its 95 % interval: None where an is 0."""

    code: str
    counted: int
    people: int
    state: State
    carriers: int
    ac: int
    an: int
    homozygotes: int
    hemizygotes: int
    frequency: float | None
    low: float | None
    high: float | None
    as_of: datetime


@dataclass(frozen=True)
class LikeEvent:
    """A counted event like the one asked for. ``first`` and ``last``: where the ends of all its calls lie.

    ``overlap`` is reciprocal (None but for intervals), ``distance`` in bases; ``calls_alike`` of its ``calls`` are
    themselves like the one asked for, and ``carriers_alike`` people have these.
    """

    event: str
    call: StructuralCall
    first: tuple[int, int]
    last: tuple[int, int]
    overlap: float | None
    distance: int
    calls: int
    calls_alike: int
    carriers_alike: int
    nation: EventPlace


@dataclass(frozen=True)
class StructuralView:
    """The register's answer about one structural event. ``events`` are those like it, the most alike first; regions,
    sexes, groups and assays tell of the first of them, or of who was read where there is none. ``own``: the most alike
    event of the reader's own region, as it is now.
    """

    event: str
    call: StructuralCall
    asked: str
    build: str
    nation: EventPlace
    events: tuple[LikeEvent, ...]
    own: EventPlace | None
    regions: tuple[EventPlace, ...]
    sexes: tuple[Part, ...]
    groups: tuple[Part, ...]
    assays: tuple[Part, ...]
    sex_chromosome: bool
    calls: tuple[tuple[StructuralCall, int], ...]
    counted_at: datetime
    gate: str


def lookup(actor: Actor, text: str) -> StructuralView | None:
    """What is counted that is like an event such as ``X:1000-2000:DEL``; nothing while nobody is counted.

    Raises InputError as ``varde.frequency.structural_notation.parse_event``.
    """
    require(actor, LOOK_UP, details={"of": "structural"}, personal={"variant": text[:200]})
    nation = contents_of(nation_folder())
    if nation is None:
        return None
    held = events_of(nation_folder())
    call = parse_event(nation.settings.build, text)
    found = held.like(call)
    like = tuple(_like(row, held, nation.people) for row in found.iter_rows(named=True))
    best = int(found["event"][0]) if found.height else None
    parts = parts_of(nation)

    def part(of: Any, name: str) -> Part:
        counts = _counts(held, best, call, held, parts[name])
        share = counts.ac / counts.an if counts.an else None
        return Part(of, counts.people, counts.ac, counts.an, counts.homozygotes, counts.hemizygotes, share)

    named: dict[str, dict[Any, str]] = {
        "sexes": dict(SEX_PARTS),
        "groups": {group: group_part(group) for group in DiseaseGroup},
        "assays": {assay: assay_part(assay) for assay in Assay},
    }
    told = {key: tuple(part(of, name) for of, name in names.items() if name in parts) for key, names in named.items()}
    return StructuralView(
        event=str(call),
        call=call,
        asked=text,
        build=str(nation.settings.build),
        nation=_place(NATION, nation_folder(), nation.people, _counts(held, best, call, held)),
        events=like,
        own=_own_region(actor, call),
        regions=tuple(_regions(held, best, call)),
        **told,
        sex_chromosome=call.contig >= X,
        calls=_calls(held, best),
        counted_at=changed_at(nation_folder()),
        gate=str(nation.settings.gate),
    )


def members_of(call: StructuralCall) -> pl.DataFrame:
    """The calls of every counted event like one (``MEMBERS``), in the nation and in each region here as it is now."""
    folders = [nation_folder(), *(region_folder(code) for code in counted_regions())]
    held = [events_of(folder) for folder in folders if (folder / MANIFEST).is_file()]
    frames = [one.members.filter(pl.col("event").is_in(one.like(call)["event"].implode())) for one in held]
    return pl.concat([MEMBERS.to_frame(), *frames])


def _counts(
    held: StructuralEvents,
    event: int | None,
    call: StructuralCall,
    among: StructuralEvents,
    cells: Sequence[Cell] | None = None,
) -> EventCounts:
    """Counts of an event of ``held`` among other people, or who was read there where there is no such event."""
    if event is None:
        return among.people_at(call, cells)
    return held.counts(event, cells, among.increment)


def _place(code: str, folder: Path, counted: int, counts: EventCounts) -> EventPlace:
    low, high, _, _ = estimates(counts.ac, counts.an)
    return EventPlace(
        code=code,
        counted=counted,
        people=counts.people,
        state=State.OBSERVED if counts.carriers else State.ABSENT_COVERED if counts.an else State.NOT_COVERED,
        carriers=counts.carriers,
        ac=counts.ac,
        an=counts.an,
        homozygotes=counts.homozygotes,
        hemizygotes=counts.hemizygotes,
        frequency=counts.ac / counts.an if counts.an else None,
        low=low,
        high=high,
        as_of=changed_at(folder),
    )


def _like(row: dict[str, Any], held: StructuralEvents, counted: int) -> LikeEvent:
    call = StructuralCall.of(row)
    return LikeEvent(
        event=str(call),
        call=call,
        first=(row["start_low"], row["start_high"]),
        last=(row["end_low"], row["end_high"]),
        overlap=row["overlap"],
        distance=row["distance"],
        calls=row["calls"],
        calls_alike=row["calls_alike"],
        carriers_alike=row["carriers_alike"],
        nation=_place(NATION, nation_folder(), counted, held.counts(row["event"])),
    )


def _regions(held: StructuralEvents, event: int | None, call: StructuralCall) -> Iterable[EventPlace]:
    """Each region as the nation holds it."""
    for code, folder in region_parts().items():
        contents = contents_of(folder)
        if contents is not None:
            yield _place(code, folder, contents.people, _counts(held, event, call, events_of(folder)))


def _own_region(actor: Actor, call: StructuralCall) -> EventPlace | None:
    place = people.organisation(actor.organisation_id) if actor.organisation_id else None
    code = place.region if place else ""
    if code not in counted_regions():
        return None
    folder = region_folder(code)
    contents, held = contents_of(folder), events_of(folder)
    if contents is None:
        return None
    found = held.like(call)
    best = int(found["event"][0]) if found.height else None
    return _place(code, folder, contents.people, _counts(held, best, call, held))


def _calls(held: StructuralEvents, event: int | None) -> tuple[tuple[StructuralCall, int], ...]:
    """The calls of an event with how many carry each, those of most people first."""
    if event is None:
        return ()
    rows = held.calls_of(event).sort("carriers", descending=True, maintain_order=True).iter_rows(named=True)
    return tuple((StructuralCall.of(row), row["carriers"]) for row in rows)
