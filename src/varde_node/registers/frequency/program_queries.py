"""Reads for programs beside those of the pages: batches, and the two data sets of the Beacon."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import polars as pl

from varde.frequency.batch import exact_answers, public_answers, read_batch
from varde.frequency.beacon.held import exact_holdings, public_holdings
from varde.frequency.beacon.holdings import Holdings
from varde.frequency.release import layout
from varde.frequency.release.read import Release
from varde.frequency.structural_events import StructuralEvents
from varde.genome.regions import Region
from varde_node.people.services import Actor, require
from varde_node.registers.frequency.indexes import (
    contents_of,
    events_of,
    index_of,
    public_release,
)
from varde_node.registers.frequency.queries import LOOK_UP
from varde_node.registers.frequency.search import searcher
from varde_node.registers.frequency.store import nation_folder


def stretch_of(region: str | None = None, gene: str | None = None) -> Region:
    """The bases of a region or of a gene. Raises InputError."""
    found = searcher()
    return found.gene(gene).region if gene is not None else Region.parse(found.build, region or "")


def public_batch(texts: Sequence[str]) -> tuple[Release, pl.DataFrame] | None:
    """What the newest release says of many variants; nothing while there is none. Raises InputError ``too_large``."""
    release = public_release()
    return (release, public_answers(release, read_batch(texts, searcher()))) if release else None


def exact_batch(actor: Actor, texts: Sequence[str]) -> pl.DataFrame | None:
    """Exact counts of many variants; nothing while nobody is counted. Raises InputError ``too_large``."""
    require(actor, LOOK_UP, details={"of": "batch", "variants": len(texts)}, personal={"variants": "\n".join(texts)})
    index = index_of(nation_folder())
    return exact_answers(index, read_batch(texts, searcher())) if index else None


def public_data_set(address: str) -> Holdings | None:
    """The Beacon's data set of the newest release; nothing while there is none."""
    release = public_release()
    return _public_data_set(release, address) if release else None


def exact_data_set(actor: Actor, asked: str, address: str) -> Holdings | None:
    """The Beacon's data set of exact counts; nothing while nobody is counted."""
    require(actor, LOOK_UP, details={"of": "beacon"}, personal={"query": asked[:2000]})
    folder = nation_folder()
    contents, index = contents_of(folder), index_of(folder)
    if contents is None or index is None:
        return None
    return exact_holdings(index, contents.digest[:16], address)


def exact_events() -> StructuralEvents:
    """The structural events beside ``exact_data_set``, whose question is logged; somebody must be counted."""
    return events_of(nation_folder())


def digest_of(release: Release) -> str:
    """Checksum of a published release's manifest: it never changes."""
    return _digest(release.folder)


@lru_cache(maxsize=8)
def _public_data_set(release: Release, address: str) -> Holdings:
    return public_holdings(release, address)


@lru_cache(maxsize=8)
def _digest(folder: Path) -> str:
    return hashlib.sha256((folder / layout.MANIFEST).read_bytes()).hexdigest()
