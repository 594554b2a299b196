"""Variants by rsID and rsIDs by variant, over the sources that are loaded."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.frequency.sources import Source
from varde.genome.alleles import Variant
from varde.genome.errors import InputError

_SHAPE = re.compile(r"\s*rs([1-9][0-9]{0,9})\s*", re.IGNORECASE)


def find(found: Iterable[Source], rsid: str) -> tuple[Variant, ...]:
    """The variants that any of the sources gives this rsID, each once, by position; empty when none does.

    An rsID names a place, not an allele: several variants are usual. Raises InputError ``bad_rsid``.
    """
    told = _SHAPE.fullmatch(rsid)
    if not told or int(told[1]) >= 1 << 32:
        raise InputError(
            "bad_rsid", f"{rsid[:40]!r} is no rsID.", "Write it as rs and a number, for example rs334.", field="rsid"
        )
    return tuple(sorted({variant for source in found for variant in source.of_rsid(int(told[1]))}))


def of_keys(found: Iterable[Source], keys: NDArray[np.uint64]) -> pl.Series:
    """The rsIDs that the sources give to each key, in the order given: ``rs1;rs22`` by number, as VCF's ID writes
    several; null where none does."""
    asked = pl.DataFrame({"key": keys}, schema={"key": pl.UInt64()})
    told = [one.names(keys).cast({"key": pl.UInt64(), "rsid": pl.UInt32()}) for one in found]
    if not told:
        return pl.Series("rsids", [None] * len(keys), dtype=pl.String())
    names = pl.concat(told).unique().sort("key", "rsid")
    joined = names.group_by("key").agg(pl.format("rs{}", "rsid").str.join(";").alias("rsids"))
    return asked.join(joined, on="key", how="left", maintain_order="left")["rsids"]
