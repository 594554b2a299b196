"""The two kinds of holdings: a public release, in bins, and exact counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from varde.frequency.beacon.holdings import Holdings, Told
from varde.frequency.index import FrequencyIndex
from varde.frequency.release.answers import AtLeast
from varde.frequency.release.bounds import with_bounds
from varde.frequency.release.read import Release
from varde.frequency.statistics import faf

EXISTS_MEANS = (
    "exists is true for an allele counted above the lowest bin. It is false alike for an allele that nobody carries, "
    "for one that fewer carry than the lowest bin's upper edge, and where the release tells nothing."
)


def public_holdings(release: Release, reference_url: str) -> Holdings:
    """The sites of a public release. Raises InputError ``no_public_release``."""
    return Holdings(
        identifier=f"release-{release.name}",
        build=release.build,
        version=release.name,
        description="Frequencies in bins of allele counts; alleleFrequency is the middle of the bin",
        reference_url=reference_url,
        index=release.index,
        tell=lambda row: _told_in_bins(row, release.scheme),
        frequency=lambda frame: _middle(with_bounds(frame, release.scheme)),
    )


def exact_holdings(index: FrequencyIndex, version: str, reference_url: str) -> Holdings:
    """Exact counts, of an index with ac, an, nhomalt, nhemi and nobs. Found is what somebody carries."""
    return Holdings(
        identifier="exact-counts",
        build=index.build,
        version=version,
        description="Exact counts of the frequency register",
        reference_url=reference_url,
        index=index,
        tell=_told_exactly,
        frequency=lambda frame: (frame["ac"] / frame["an"]).fill_nan(None),
        held_by="nobs",
    )


def _told_in_bins(row: Mapping[str, Any], scheme: str) -> Told:
    bounds = with_bounds(pl.DataFrame({"an": [row["an"]], "bin": [row["bin"]]}), scheme)
    told = bounds.row(0, named=True)
    people = {name: str(list(AtLeast)[int(row[name])]) for name in ("homozygotes", "hemizygotes")}
    names = ("ac_low", "ac_high", "af_low", "af_high", "faf95_at_most")
    figures = {"an": row["an"], "bin": row["bin"], **{name: told[name] for name in names}, **people}
    return Told([{"population": "everybody counted", "alleleFrequency": float(_middle(bounds)[0])}], figures)


def _told_exactly(row: Mapping[str, Any]) -> Told:
    ac, an = row["ac"], row["an"]
    figures = {name: row[name] for name in ("ac", "an", "nhomalt", "nhemi", "nobs")}
    figures["faf95"] = float(faf(ac, an)) if an else None
    if not an:
        return Told([], figures)
    parts = {"everybody counted": "", "XX": "_xx", "XY": "_xy"}
    shares = [
        {"population": name, "alleleFrequency": row[f"ac{end}"] / row[f"an{end}"], "ac": row[f"ac{end}"]}
        | {"an": row[f"an{end}"]}
        for name, end in parts.items()
        if row.get(f"an{end}")
    ]
    return Told(shares, figures)


def _middle(bounded: pl.DataFrame) -> pl.Series:
    middle = (bounded["ac_low"].to_numpy() + np.minimum(bounded["ac_high"].to_numpy(), bounded["an"].to_numpy())) / 2
    return pl.Series(np.minimum(middle / bounded["an"].to_numpy(), 1.0))
