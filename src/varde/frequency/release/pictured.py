"""What the pictures of an attack need, from its two histograms of scores."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from varde.frequency.disclosure.scores import CELLS, REACH

Whole = NDArray[np.int64]

BARS = 40
POINTS = 60


def pictured(
    members: Whole, held_out: Whole
) -> tuple[tuple[tuple[float, float], ...], tuple[float, ...], tuple[int, ...], tuple[int, ...]]:
    """Curve of false alarms and power; edges of bars in deviations, and people of either kind in them.

    Both histograms are over the cells of ``disclosure.scores``. No bar is narrower than what both together fill.
    """
    both = members + held_out
    used = np.flatnonzero(both)
    if not len(used):
        return (), (), (), ()
    z = np.sinh((np.arange(CELLS + 1) / CELLS * 2 - 1) * REACH)
    edges = np.linspace(z[used[0]], z[used[-1] + 1], BARS + 1)
    middle = (z[:-1] + z[1:]) / 2
    bars = [np.histogram(middle, edges, weights=counts)[0].round().astype(int) for counts in (members, held_out)]
    return (
        _curve(members, held_out),
        tuple(np.round(edges, 4).tolist()),
        tuple(bars[0].tolist()),
        tuple(bars[1].tolist()),
    )


def _curve(members: Whole, held_out: Whole) -> tuple[tuple[float, float], ...]:
    if not members.sum() or not held_out.sum():
        return ()
    false, power = (np.cumsum(counts[::-1]) / counts.sum() for counts in (held_out, members))
    at = np.unique(np.linspace(0, 1, POINTS).round(4))
    found = np.interp(at, np.concatenate(([0.0], false)), np.concatenate(([0.0], power)))
    return tuple(zip(at.tolist(), np.round(found, 4).tolist(), strict=True))
