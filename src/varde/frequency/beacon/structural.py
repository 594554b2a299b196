"""Structural events as a Beacon's data set: for professionals alone, beside the small variants and apart from them.

Asked for are kinds (``variantType`` DEL, DUP, INS, INV, BND or CNV, or a term that means one) in a range, a bracket, a
gene or everywhere, with ``variantMinLength`` and ``variantMaxLength``; of breakends also ``mateName``. A range finds
events that touch it; likeness by overlap is what the register's own look-up tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from varde.frequency.beacon.query import Everything, Overlapping, Place, Starting, read_place
from varde.frequency.beacon.request import BeaconRequest, refused
from varde.frequency.search import Searcher
from varde.frequency.structural_clusters import StructuralCall
from varde.frequency.structural_events import ASKED_OF, StructuralEvents
from varde.frequency.structural_notation import KINDS
from varde.genome.builds import Build, contig_code, refseq_accession

SMALL_TOO = ("DEL", "INS")
"""Kinds that small variants have as well."""
_LETTERS = ("referenceBases", "alternateBases", "genomicAlleleShortForm", "aminoacidChange")


@dataclass(frozen=True)
class EventQuery:
    """What is asked of events: kinds, a place, lengths in bases, and the contig of a breakend's mate (0: any)."""

    kinds: tuple[str, ...]
    place: Place
    shortest: int = 0
    longest: int | None = None
    mate: int = 0


def read_events_query(request: BeaconRequest, searcher: Searcher) -> EventQuery | None:
    """The question for events in a request; None where it asks for small variants alone.

    Raises InputError ``bad_request`` as ``read_query`` does, and for a filter, which events have none of.
    """
    given = request.parameters
    word = given.get("variantType", "BND" if "mateName" in given else "")
    kind = KINDS.get(word.upper())
    if kind is None or any(name in given for name in _LETTERS):
        return None
    if request.filters:
        if kind in SMALL_TOO:
            return None
        raise refused("Filters are for small variants.", "Leave them out.", "filters")
    mate = contig_code(given["mateName"]) if "mateName" in given else 0
    if "mateName" in given and (kind != "BND" or not mate):
        raise refused("mateName is the chromosome of a breakend's mate.", "Use it with variantType BND.", "mateName")
    shortest, longest = given.get("variantMinLength", 0), given.get("variantMaxLength")
    return EventQuery(ASKED_OF.get(kind, (kind,)), read_place(given, searcher), shortest, longest, mate)


def asks_for_small(request: BeaconRequest) -> bool:
    """Whether a request is for small variants as well as, or instead of, structural events."""
    given = request.parameters
    kind = KINDS.get(given.get("variantType", "BND" if "mateName" in given else "").upper())
    return kind is None or kind in SMALL_TOO


def find_events(events: StructuralEvents, query: EventQuery) -> pl.DataFrame:
    """``CLUSTERS`` that are asked for, in order of place."""
    found = _at(events, query.place).filter(pl.col("kind").cast(pl.String).is_in(list(query.kinds)))
    if query.shortest:
        found = found.filter(pl.col("length") >= query.shortest)
    if query.longest is not None:
        found = found.filter(pl.col("length") <= query.longest)
    if query.mate:
        found = found.filter((pl.col("mate_contig") == query.mate) | (pl.col("contig") == query.mate))
    return found


def event_of(events: StructuralEvents, call: StructuralCall) -> pl.DataFrame:
    """The one of ``CLUSTERS`` that a counted call belongs to, or none."""
    row = events.row_of(call)
    return events.clusters[[] if row is None else [row]]


def event_record(build: Build, row: Mapping[str, Any], source: str, address: str, version: str) -> dict[str, Any]:
    """One event as a genomic variation; counts and where the ends of its calls lie stand under ``info``."""
    call = StructuralCall.of(row)
    start, end = (call.start, call.start) if call.kind in ("INS", "BND") else (call.start - 1, call.end)
    counts = {name: row[name] for name in ("ac", "an", "nhomalt", "nhemi", "nobs", "people", "calls")}
    info: dict[str, Any] = {**counts, "length": call.length}
    info |= {name: row[name] for name in ("start_low", "start_high", "end_low", "end_high")}
    if call.kind == "BND":
        there = f"refseq:{refseq_accession(build, call.mate_contig)}"
        info["mate"] = {"sequence_id": there, "position": call.mate_position}
    everybody = "everybody read for structural variants"
    shares = [{"population": everybody, "alleleFrequency": row["ac"] / row["an"]}] if row["an"] else []
    return {
        "variantInternalId": str(call),
        "variation": {
            "variantType": call.kind,
            "referenceBases": "",
            "alternateBases": "",
            "location": {
                "type": "SequenceLocation",
                "sequence_id": f"refseq:{refseq_accession(build, call.contig)}",
                "interval": {
                    "type": "SequenceInterval",
                    "start": {"type": "Number", "value": start},
                    "end": {"type": "Number", "value": end},
                },
            },
        },
        "identifiers": {},
        "frequencyInPopulations": [
            {"source": source, "sourceReference": address, "version": version, "frequencies": shares}
        ]
        if shares
        else [],
        "info": info,
    }


def _at(events: StructuralEvents, place: Place) -> pl.DataFrame:
    if isinstance(place, Everything):
        return events.clusters.sort("contig", "start", "end", "kind")
    if isinstance(place, Overlapping):
        region = place.region
        return events.touching(region.contig_code, region.start0 + 1, region.end0)
    if isinstance(place, Starting):
        first = pl.when(_is_point).then("start").otherwise(pl.col("start").cast(pl.Int64) - 1)
        last = pl.when(_is_point).then("start").otherwise("end")
        wanted = [pl.col("contig") == place.contig, _within(first, place.start)]
        if place.end is not None:
            wanted.append(_within(last, place.end))
        return events.clusters.filter(*wanted).sort("contig", "start", "end", "kind")
    raise TypeError("events have no letters")


_is_point = pl.col("kind").cast(pl.String).is_in(["INS", "BND"])


def _within(value: pl.Expr, span: tuple[int, int]) -> pl.Expr:
    return (value >= span[0]) & (value < span[1])
