"""Funnel plots: the shares of several places against limits that widen with small numbers.

Source: Spiegelhalter, Statistics in Medicine 2005;24:1185 (limits of a proportion, exact binomial, interpolated; 95 %
and 99.8 %). A place outside is looked at, not judged: with twenty places one lies outside the inner limits by chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from math import exp, lgamma, log

import numpy as np
from numpy.typing import NDArray

INNER, OUTER = 0.95, 0.998
"""Shares of places that lie within the limits when nothing but chance tells them apart."""
FEWEST = 5
"""Below so many cases a place's share is not told: it would say what happened to single patients. Varde's proposal,
the threshold of small cells in Norwegian health statistics."""


class Place(StrEnum):
    """Where a share lies against the limits of its size."""

    WITHIN = "within"
    ABOVE = "above"
    BELOW = "below"
    FAR_ABOVE = "far_above"
    FAR_BELOW = "far_below"
    TOO_FEW = "too_few"


@dataclass(frozen=True)
class Tally:
    """Cases of one group: ``met`` of ``total`` have the property."""

    group: str
    met: int
    total: int

    def __post_init__(self) -> None:
        if not 0 <= self.met <= self.total:
            raise ValueError(f"{self.group}: {self.met} of {self.total} is no share")

    @property
    def share(self) -> float | None:
        """0 to 1, None without cases."""
        return self.met / self.total if self.total else None


@dataclass(frozen=True)
class Point:
    """A group in the funnel with the limits of its size; limits are None without cases."""

    tally: Tally
    place: Place
    inner: tuple[float, float] | None
    outer: tuple[float, float] | None


@dataclass(frozen=True)
class Funnel:
    """All groups against their common share. ``target`` is None when there are no cases."""

    target: float | None
    points: tuple[Point, ...]


def funnel(tallies: Sequence[Tally], target: float | None = None) -> Funnel:
    """Each group against the limits around ``target``, by default the share of all groups together.

    Raises ValueError for a target outside 0 to 1.
    """
    if target is not None and not 0 <= target <= 1:
        raise ValueError(f"target {target}, expected 0 to 1")
    met, total = sum(one.met for one in tallies), sum(one.total for one in tallies)
    centre = target if target is not None else (met / total if total else None)
    return Funnel(centre, tuple(_point(one, centre) for one in tallies))


def limits(target: float, total: int, coverage: float) -> tuple[float, float]:
    """Lower and upper limit of a share of ``total`` cases, 0 to 1.

    With r the least count of which at least the tail's probability lies at or below, the limit is r less the part of
    r's own probability that is not needed, over ``total``. Raises ValueError for no cases.
    """
    if total < 1:
        raise ValueError("no cases have no limits")
    tail = (1 - coverage) / 2
    return _quantile(target, total, tail), _quantile(target, total, 1 - tail)


def _point(tally: Tally, target: float | None) -> Point:
    if target is None or tally.total == 0:
        return Point(tally, Place.TOO_FEW, None, None)
    inner, outer = limits(target, tally.total, INNER), limits(target, tally.total, OUTER)
    share = tally.met / tally.total
    if tally.total < FEWEST:
        place = Place.TOO_FEW
    elif share > outer[1]:
        place = Place.FAR_ABOVE
    elif share < outer[0]:
        place = Place.FAR_BELOW
    elif share > inner[1]:
        place = Place.ABOVE
    elif share < inner[0]:
        place = Place.BELOW
    else:
        place = Place.WITHIN
    return Point(tally, place, inner, outer)


@lru_cache(maxsize=4096)
def _quantile(target: float, total: int, probability: float) -> float:
    if target in (0.0, 1.0):
        return target
    at_or_below = np.cumsum(_probabilities(target, total))
    count = int(np.searchsorted(at_or_below, probability))
    count = min(count, total)
    below = float(at_or_below[count - 1]) if count else 0.0
    own = float(at_or_below[count]) - below
    surplus = (float(at_or_below[count]) - probability) / own if own > 0 else 0.0
    return min(1.0, max(0.0, (count - surplus) / total))


def _probabilities(target: float, total: int) -> NDArray[np.float64]:
    """Of each count 0 ... total."""
    whole, met, missed = lgamma(total + 1), log(target), log(1 - target)
    return np.array(
        [
            exp(whole - lgamma(count + 1) - lgamma(total - count + 1) + count * met + (total - count) * missed)
            for count in range(total + 1)
        ]
    )
