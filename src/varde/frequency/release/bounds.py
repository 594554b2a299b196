"""The counts and frequencies that a bin stands for."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.frequency.disclosure.bins import SCHEMES

Whole = NDArray[np.int64]


def with_bounds(sites: pl.DataFrame, scheme: str) -> pl.DataFrame:
    """Rows with ``an`` and ``bin``, and with ac_low, ac_high, af_low and af_high (at most 1)."""
    an = sites["an"].cast(pl.Int64).to_numpy()
    low, high = SCHEMES[scheme].bounds(sites["bin"].cast(pl.Int64).to_numpy(), an)
    return sites.with_columns(
        ac_low=pl.Series(low),
        ac_high=pl.Series(high),
        af_low=pl.Series(np.minimum(low, an) / an),
        af_high=pl.Series(np.minimum(high, an) / an),
    )
