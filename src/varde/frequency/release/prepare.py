"""Preparing a release: the sites of the sets on offer, each with its set and its bin."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.frequency.disclosure.bins import Bins
from varde.frequency.release import layout
from varde.frequency.release.parameters import Parameters
from varde.frequency.release.public import all_sites, binned, regions_with
from varde.frequency.release.read import Release
from varde.frequency.release.site_sets import SiteSet, all_places, set_of_sites
from varde.frequency.release.sources import Sources
from varde.genome.errors import InputError
from varde.genome.keys import key_contigs, key_positions

_NAME = re.compile(r"(\d{4}-(?:0[1-9]|1[0-2]))\.([1-9]\d*)")


@dataclass(frozen=True)
class Order:
    """What is asked for. ``name`` is month and number, ``2026-11.1``; ``sets`` stand in the order of priority.

    ``previous`` is the release before. A ``correction`` may come with fewer people than a batch needs. ``wanted`` is
    the number of sets that somebody answerable wants told of, whatever the measure; None: as many as pass.
    Raises InputError ``bad_release_name``, ``no_site_sets``, ``bad_number_of_sets``.
    """

    name: str
    sets: Sequence[SiteSet]
    parameters: Parameters = field(default_factory=Parameters)
    previous: Release | None = None
    interpretations: pl.DataFrame | None = None
    correction: bool = False
    wanted: int | None = None

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            remedy = "Name it by its month and a number: 2026-11.1."
            raise InputError("bad_release_name", f"{self.name!r} is no name of a release.", remedy, field="--name")
        if self.wanted is not None and not 1 <= self.wanted <= len(self.sets):
            remedy = f"Give a number from 1 to {len(self.sets)}, or none."
            raise InputError("bad_number_of_sets", f"There are no {self.wanted} sets.", remedy, field="--sets")
        if not self.sets:
            raise InputError("no_site_sets", "No site set was given.", "Name the genes that may be told of.")

    @property
    def month(self) -> str:
        return self.name.partition(".")[0]


@dataclass(frozen=True)
class Prepared:
    """``sites``: ``increment.sites`` inside the sets on offer; ``sets`` [sites] the number of each one's set."""

    sources: Sources
    order: Order
    sites: pl.DataFrame
    sets: NDArray[np.int64]
    bins: Bins

    def chosen(self, sets: int) -> NDArray[np.bool_]:
        """Sites of the first ``sets`` sets."""
        return self.sets < sets


def prepare(sources: Sources, order: Order) -> Prepared:
    """Bin the sites of the sets on offer. Raises InputError ``other_build`` for a previous release of another build."""
    previous = order.previous
    if previous is not None and previous.build is not sources.settings.build:
        raise InputError(
            "other_build",
            f"Release {previous.name} is of {previous.build}, the counts are of {sources.settings.build}.",
            "Give the previous release of the same build.",
            field="--previous",
        )
    counted = all_sites(sources.total)
    sets = set_of_sites(order.sets, counted["key"].to_numpy())
    offered, sets = counted.filter(pl.Series(sets >= 0)), sets[sets >= 0]
    keys = offered["key"].to_numpy()
    parts = [sources.regions[name] for name in sorted(sources.regions)]
    bins = binned(offered, regions_with(keys, parts), order.parameters, bins_before(previous, order.parameters, keys))
    return Prepared(sources, order, offered, sets, bins)


def bins_before(previous: Release | None, parameters: Parameters, keys: NDArray[np.uint64]) -> NDArray[np.int64] | None:
    """Bin numbers in the release before, -1 where it told nothing; None when it has no bins to hold on to."""
    if previous is None or not previous.is_public or previous.scheme != parameters.scheme:
        return None
    found = previous.find(keys)
    return found["bin"].fill_null(-1).cast(pl.Int64).to_numpy()


def enough_laboratories(interpretations: pl.DataFrame, parameters: Parameters) -> pl.DataFrame:
    """``layout.INTERPRETED`` rows of as many laboratories as it takes to speak of one."""
    rows = interpretations.select(layout.INTERPRETED.names()).cast(layout.INTERPRETED)
    return rows.filter(pl.col("laboratories") >= parameters.least_laboratories)


def interpreted_first(
    sets: Sequence[SiteSet], interpretations: pl.DataFrame | None, parameters: Parameters
) -> tuple[SiteSet, ...]:
    """Sets with an earlier interpretation of enough laboratories before those without, otherwise as they stand.

    No genotype decides this, and the order, which is published, tells nothing of one laboratory's case.
    """
    if interpretations is None:
        return tuple(sets)
    keys = enough_laboratories(interpretations, parameters)["key"].sort().to_numpy()
    place = key_contigs(keys).astype(np.int64) << 32 | key_positions(keys) - 1
    return tuple(sorted(sets, key=lambda chosen: not all_places([chosen]).covers(place).any()))
