"""What the public may see: bins of the sites of chosen genes, and rounded allele numbers at every place of them.

Sites in the lowest bin have no row, as alleles that nobody carries have none: whoever asks gets the same answer for
both. The allele number of such an answer comes from ``public_coverage`` alone, which knows no site.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.frequency.callable_intervals import Intervals
from varde.frequency.disclosure.bins import SCHEMES, Bins, assign, rounded_an
from varde.frequency.increment import Increment, allele_number, sites
from varde.frequency.release.parameters import Parameters
from varde.genome.builds import PSEUDOAUTOSOMAL, Build

PUBLIC_SITES = pl.Schema(
    {
        "key": pl.UInt64(),
        "contig": pl.UInt8(),
        "position": pl.UInt32(),
        "ref": pl.String(),
        "alt": pl.String(),
        "an": pl.UInt32(),
        "bin": pl.UInt16(),
        "homozygotes": pl.Boolean(),
        "hemizygotes": pl.Boolean(),
    }
)
"""Rows of sites above the lowest bin, sorted by key. ``homozygotes`` and ``hemizygotes``: whether at least k people."""

PUBLIC_COVERAGE = pl.Schema({"contig": pl.UInt8(), "start0": pl.UInt32(), "end0": pl.UInt32(), "an": pl.UInt32()})
"""Stretches with one rounded allele number above 0, half-open, sorted."""

_CONTIG_SHIFT = 32
_POSITION_MASK = (1 << _CONTIG_SHIFT) - 1

Whole = NDArray[np.int64]


def regions_with(keys: NDArray[np.uint64], parts: Sequence[Increment]) -> Whole:
    """In how many of the parts somebody carries each allele; int64 [keys]. ``keys`` are sorted."""
    seen = np.zeros(len(keys), dtype=np.int64)
    for part in parts:
        carried = part.observations.group_by("key").agg(people=pl.sum_horizontal("het", "hom", "hemi").sum())
        found = carried.filter(pl.col("people") > 0)["key"].to_numpy()
        row = np.searchsorted(keys, found)
        inside = row < len(keys)
        row, found = row[inside], found[inside]
        seen[row[keys[row] == found]] += 1
    return seen


def binned(counted: pl.DataFrame, regions: Whole, parameters: Parameters, previous: NDArray[np.int64] | None) -> Bins:
    """The bin of every site of ``increment.sites``, with the rule of people and regions.

    A site whose rounded allele number is 0 stands in the lowest bin. ``previous`` as ``disclosure.bins.assign``.
    """
    ac, an, nobs = (counted[name].to_numpy().astype(np.int64) for name in ("ac", "an", "nobs"))
    people = np.where(rounded_an(an) > 0, nobs, 0)
    held = previous if parameters.hysteresis else None
    return assign(
        ac,
        an,
        SCHEMES[parameters.scheme],
        nobs=people,
        regions=regions,
        previous=held,
        least_people=parameters.people_per_site,
        least_regions=parameters.regions_per_site,
    )


def public_sites(counted: pl.DataFrame, bins: Bins, chosen: NDArray[np.bool_], parameters: Parameters) -> pl.DataFrame:
    """``PUBLIC_SITES`` of the chosen sites above the lowest bin."""
    least = parameters.people_per_site
    frame = counted.with_columns(
        an=rounded_an(counted["an"].to_numpy().astype(np.int64)),
        bin=bins.number,
        homozygotes=pl.col("nhomalt") >= least,
        hemizygotes=pl.col("nhemi") >= least,
    )
    shown = frame.filter(pl.Series(chosen & (bins.number > 0)))
    return shown.select(PUBLIC_SITES.names()).cast(PUBLIC_SITES)


def public_coverage(increment: Increment, chosen: Intervals, block: int) -> pl.DataFrame:
    """``PUBLIC_COVERAGE`` inside ``chosen``: the least allele number of each block of bases, rounded.

    The least of a block, because a single place that is covered by more people than its neighbours is often one where
    somebody was seen to differ.
    """
    if not len(chosen):
        return PUBLIC_COVERAGE.to_frame()
    wide = Intervals.of(chosen.start // block * block, -(-chosen.stop // block) * block)
    start, stop = _pieces(increment, wide)
    an = _allele_number(increment, start)
    start, stop, an = _by_block(start, stop, an, block)
    return _clipped(start, stop, rounded_an(an), chosen)


def _pieces(increment: Increment, wide: Intervals) -> tuple[Whole, Whole]:
    """The places cut where the allele number may change; ``start`` and ``stop``."""
    shared = [(contig << _CONTIG_SHIFT) + bound for contig, bound in _shared_bounds(increment.build)]
    changes = increment.coverage["place"].unique().to_numpy()
    cuts = np.unique(np.concatenate((changes, np.array(shared, dtype=np.int64))))
    cuts = cuts[wide.covers(cuts)]
    start = np.union1d(cuts, wide.start)
    stop = np.union1d(cuts[~np.isin(cuts, wide.start)], wide.stop)
    return start, stop


def _shared_bounds(build: Build) -> list[tuple[int, int]]:
    return [(contig, bound) for contig, pairs in PSEUDOAUTOSOMAL[build].items() for pair in pairs for bound in pair]


def _allele_number(increment: Increment, place: Whole) -> Whole:
    contig, position = (place >> _CONTIG_SHIFT).astype(np.uint8), (place & _POSITION_MASK) + 1
    return allele_number(increment, contig, position)


def _by_block(start: Whole, stop: Whole, an: Whole, block: int) -> tuple[Whole, Whole, Whole]:
    """Pieces that begin and end between blocks, with the least of what each block had."""
    # A piece touches whole blocks in its middle and at most two at its ends that it may share with neighbours.
    first, last = start // block, -(-stop // block)
    inner_first, inner_last = -(-start // block), stop // block
    shared_first, shared_last = first < inner_first, (inner_last < last) & (inner_last >= first)
    edge_block = np.concatenate((first[shared_first], inner_last[shared_last]))
    edge_an = np.concatenate((an[shared_first], an[shared_last]))
    order = np.argsort(edge_block, kind="stable")
    edge_block, edge_an = edge_block[order], edge_an[order]
    opens = np.flatnonzero(np.diff(edge_block, prepend=-1))
    least = np.minimum.reduceat(edge_an, opens) if len(opens) else edge_an
    whole = inner_last > inner_first
    starts = np.concatenate((inner_first[whole], edge_block[opens])) * block
    stops = np.concatenate((inner_last[whole], edge_block[opens] + 1)) * block
    numbers = np.concatenate((an[whole], least))
    order = np.argsort(starts, kind="stable")
    return starts[order], stops[order], numbers[order]


def _clipped(start: Whole, stop: Whole, an: Whole, chosen: Intervals) -> pl.DataFrame:
    filled = an > 0
    start, stop, an = start[filled], stop[filled], an[filled]
    if not len(start):
        return PUBLIC_COVERAGE.to_frame()
    opens = np.concatenate(([True], (start[1:] != stop[:-1]) | (an[1:] != an[:-1])))
    closes = np.concatenate((opens[1:], [True]))
    start, stop, an = start[opens], stop[closes], an[opens]
    inside = Intervals(start, stop) & chosen
    row = np.searchsorted(start, inside.start, side="right") - 1
    return inside.frame().with_columns(an=an[row].astype(np.uint32)).select(PUBLIC_COVERAGE.names())


def all_sites(increment: Increment) -> pl.DataFrame:
    """``increment.sites`` of everybody, without the alleles that nobody carries."""
    return sites(increment).filter(pl.col("nobs") > 0)
