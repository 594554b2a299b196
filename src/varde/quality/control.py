"""Individuals control charts: whether a metric of a process, run after run, still behaves as it did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from varde.quality.thresholds import Threshold

_HANDBOOK = "NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2 Individuals control charts"
_WESTERN_ELECTRIC = "Western Electric, Statistical Quality Control Handbook, 1956"

MOVING_RANGE_CONSTANT = Threshold(1.128, "d2 for ranges of two", _HANDBOOK, confirmed=True)
LIMIT_SIGMAS = Threshold(3, "sigma", _HANDBOOK, confirmed=True)
RUN_LENGTH = Threshold(8, "points in a row on one side", _WESTERN_ELECTRIC, confirmed=True)
MINIMUM_POINTS = Threshold(10, "points", "Fewer points give no limits; Varde's proposal")


class Signal(StrEnum):
    """Why a point is looked at."""

    BEYOND_LIMITS = "beyond_limits"
    RUN = "run"


@dataclass(frozen=True)
class Limits:
    """``centre`` is the mean of the points, ``sigma`` their mean moving range / 1.128; the limits are 3 sigma away."""

    centre: float
    sigma: float

    @property
    def lower(self) -> float:
        """Below it a point is beyond the limits."""
        return self.centre - LIMIT_SIGMAS.value * self.sigma

    @property
    def upper(self) -> float:
        """Above it a point is beyond the limits."""
        return self.centre + LIMIT_SIGMAS.value * self.sigma


@dataclass(frozen=True)
class ControlChart:
    """A stretch of points under one set of limits; ``limits`` is None with fewer points than ``MINIMUM_POINTS``, and
    then nothing is signalled. ``signals`` has an entry for each value."""

    values: tuple[float, ...]
    limits: Limits | None
    signals: tuple[frozenset[Signal], ...]


def limits_of(values: Sequence[float]) -> Limits:
    """Centre and sigma of two values or more. Raises ValueError for fewer."""
    if len(values) < 2:
        raise ValueError("limits need two values or more")
    ranges = [abs(later - earlier) for earlier, later in pairwise(values)]
    return Limits(sum(values) / len(values), sum(ranges) / len(ranges) / MOVING_RANGE_CONSTANT.value)


def control_chart(values: Sequence[float]) -> ControlChart:
    """The chart of values in their order in time, of one process that nobody changed on purpose meanwhile.

    Signalled are a point beyond a limit (Western Electric's first rule), and the eighth and later points of a run on
    one side of the centre (the fourth); a point on the centre ends a run.
    """
    chosen = tuple(values)
    if len(chosen) < MINIMUM_POINTS.value:
        return ControlChart(chosen, None, tuple(frozenset() for _ in chosen))
    limits = limits_of(chosen)
    signals, run, last = [], 0, 0
    for value in chosen:
        side = (value > limits.centre) - (value < limits.centre)
        run = run + 1 if side and side == last else abs(side)
        last = side
        found = {Signal.BEYOND_LIMITS} if value < limits.lower or value > limits.upper else set()
        signals.append(frozenset(found | ({Signal.RUN} if run >= RUN_LENGTH.value else set())))
    return ControlChart(chosen, limits, tuple(signals))
