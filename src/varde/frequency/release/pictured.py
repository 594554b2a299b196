"""What the pictures of an attack need, from its two histograms of scores."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from varde.frequency.disclosure.bins import FEWEST_PEOPLE
from varde.frequency.disclosure.scores import CELLS, REACH

Whole = NDArray[np.int64]

BARS = 40
POINTS = 60


def pictured(
    members: Whole, held_out: Whole
) -> tuple[tuple[tuple[float, float], ...], tuple[float, ...], tuple[int, ...], tuple[int, ...]]:
    """Curve of false alarms and power; edges of bars in deviations, and people of either kind in them.

    Both histograms are over the cells of ``disclosure.scores``. Fewer than k people of either kind at an end stand in
    the bar before: somebody whose score is known would be found in a bar of their own.
    """
    ends = [_ends(counts) for counts in (members, held_out) if counts.sum() >= 2 * FEWEST_PEOPLE]
    if len(ends) < 2:
        return (), (), (), ()
    first, last = max(low for low, _ in ends), min(high for _, high in ends)
    if first >= last:
        return (), (), (), ()
    z = np.sinh((np.arange(CELLS + 1) / CELLS * 2 - 1) * REACH)
    edges = np.linspace(z[first], z[last + 1], BARS + 1)
    middle = np.clip((z[:-1] + z[1:]) / 2, edges[0], edges[-1])
    bars = [np.histogram(middle, edges, weights=counts)[0].round().astype(int) for counts in (members, held_out)]
    return (
        _curve(members, held_out),
        tuple(np.round(edges, 4).tolist()),
        tuple(bars[0].tolist()),
        tuple(bars[1].tolist()),
    )


def _ends(counts: Whole) -> tuple[int, int]:
    """The cells beyond which fewer than k people lie, at either end."""
    below, above = np.cumsum(counts), np.cumsum(counts[::-1])[::-1]
    return int(np.argmax(below >= FEWEST_PEOPLE)), int(len(above) - 1 - np.argmax(above[::-1] >= FEWEST_PEOPLE))


def _curve(members: Whole, held_out: Whole) -> tuple[tuple[float, float], ...]:
    if not members.sum() or not held_out.sum():
        return ()
    false, power = (np.cumsum(counts[::-1]) / counts.sum() for counts in (held_out, members))
    at = np.unique(np.linspace(0, 1, POINTS).round(4))
    found = np.interp(at, np.concatenate(([0.0], false)), np.concatenate(([0.0], power)))
    return tuple(zip(at.tolist(), np.round(found, 3).tolist(), strict=True))
