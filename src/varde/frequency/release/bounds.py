"""The counts and frequencies that a bin stands for."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.frequency.disclosure.bins import AN_STEP, SCHEMES
from varde.frequency.statistics import faf

Whole = NDArray[np.int64]


def with_bounds(sites: pl.DataFrame, scheme: str) -> pl.DataFrame:
    """Rows with ``an`` and ``bin``, and with ac_low, ac_high, af_low, af_high (at most 1) and faf95_at_most.

    ``faf95_at_most`` allows for the rounding of ``an`` and for a count that hysteresis keeps in a bin below its own.
    """
    an = sites["an"].cast(pl.Int64).to_numpy()
    low, high = SCHEMES[scheme].bounds(sites["bin"].cast(pl.Int64).to_numpy(), an)
    least = np.maximum(an - AN_STEP // 2, 1)
    return sites.with_columns(
        ac_low=pl.Series(low),
        ac_high=pl.Series(high),
        af_low=pl.Series(np.minimum(low, an) / an),
        af_high=pl.Series(np.minimum(high, an) / an),
        faf95_at_most=pl.Series(np.minimum(faf(np.minimum(_reach(high), least), least), 1.0)),
    )


def _reach(high: Whole) -> Whole:
    """The greatest count that has not crossed the edge above ``high`` by more than one deviation, sqrt(AC); or more."""
    return np.asarray(np.floor(((1 + np.sqrt(5 + 4.0 * high)) / 2) ** 2) + 1, dtype=np.int64)
