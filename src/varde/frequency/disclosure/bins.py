"""Bins: what a public release says of a site in place of its allele count.

A scheme is a row of edges in allele counts, the same in every release. Bin ``i`` holds the counts from edge ``i`` up to
just before edge ``i + 1``; bin 0, the lowest, reaches from no allele at all to just before the first edge of at least
``LOWEST_EDGE``, so that "nobody carries it" and "hardly anybody carries it" are one answer. Bins keep the numbers of
their edges, so that bin 3 means the same in every release.

Source: reference page "Anonymity of a public frequency register", sections 5 and 8.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]

LOWEST_EDGE = 5
"""No edge below this many alleles: bins 0-15 (sqrt-2), 0-24 (sqrt-5), 0-9 (clinical, 1,000 and 10,000 people)."""
FEWEST_PEOPLE = 5
"""k: a site that fewer people carry stands in the lowest bin (people, not alleles: a homozygote is one person)."""
FEWEST_REGIONS = 2
"""A site that fewer regions have seen stands in the lowest bin."""
AN_STEP = 100
"""Allele numbers are published to the nearest multiple of this."""
CLINICAL_EDGES = (1, 5, 10, 50, 100, 200, 500, 1_000, 2_500)
"""Allele frequencies per 10,000 at which the bins of ``clinical`` begin: thresholds used in interpretation."""


def rounded_an(an: Whole) -> Whole:
    """Allele numbers as published: to the nearest multiple of ``AN_STEP``, halves up."""
    return (an + AN_STEP // 2) // AN_STEP * AN_STEP


@dataclass(frozen=True)
class Scheme:
    """Edges of bins. ``step`` > 0: edge i is (step x i)^2; 0: every count its own bin; None: ``CLINICAL_EDGES``."""

    name: str
    step: int | None

    def number(self, ac: Whole, an: Whole) -> Whole:
        """The bin of each count, among people with ``an`` alleles in all; both int64 [sites]."""
        if self.step is None:
            found = sum((ac >= self.edge(np.full_like(ac, i), an)).astype(np.int64) for i in range(1, self._last + 1))
            found = np.asarray(found, dtype=np.int64)
        else:
            found = ac.copy() if self.step == 0 else _square_root(ac) // self.step
        return np.where(self.edge(found, an) < LOWEST_EDGE, 0, found)

    def edge(self, number: Whole, an: Whole) -> Whole:
        """Where bins begin, int64 [sites]; the lowest at 0. Frequencies are of the published allele number.

        A bin that begins below ``LOWEST_EDGE`` is part of the lowest one.
        """
        if self.step is None:
            share = np.array([0, *CLINICAL_EDGES, 10_000], dtype=np.int64)[np.minimum(number, self._last + 1)]
            # Behind the last bin: more than any allele number that is rounded to this one.
            beyond = np.where(number > self._last, AN_STEP // 2, 0)
            return np.asarray(-(-share * rounded_an(an) // 10_000) + beyond, dtype=np.int64)
        return number if self.step == 0 else (self.step * number) ** 2

    @property
    def edges(self) -> dict[str, Any]:
        """The edges as plain values, for readers without this module; ``step`` -1: by ``shares`` of 10,000."""
        shares = [0, *CLINICAL_EDGES, 10_000] if self.step is None else []
        step = -1 if self.step is None else self.step
        return {"step": step, "shares": shares, "lowest": LOWEST_EDGE, "an_rounding": AN_STEP}

    def bounds(self, number: Whole, an: Whole) -> tuple[Whole, Whole]:
        """The least and the greatest count of each bin, both inclusive; they tell no more of ``an`` than its rounding.

        A bin that is part of the lowest one at this allele number has the bounds of the lowest.
        """
        first = self._first(an)
        lowest = number < first
        low = np.where(lowest, 0, self.edge(number, an))
        high = self.edge(np.where(lowest, first, number + 1), an) - 1
        return low, np.maximum(low, high)

    def _first(self, an: Whole) -> Whole:
        """The number of the first bin above the lowest."""
        if self.step is None:
            first = np.ones_like(an)
            for i in range(1, self._last + 1):
                first += self.edge(np.full_like(an, i), an) < LOWEST_EDGE
            return first
        return np.full_like(an, LOWEST_EDGE if self.step == 0 else int(np.ceil(LOWEST_EDGE**0.5 / self.step)))

    @property
    def _last(self) -> int:
        return len(CLINICAL_EDGES)


SCHEMES = {scheme.name: scheme for scheme in (Scheme("exact", 0), Scheme("sqrt-2", 2), Scheme("sqrt-5", 5))}
SCHEMES["clinical"] = Scheme("clinical", None)
"""Schemes by name, the finest first."""


@dataclass(frozen=True)
class Bins:
    """The bin of every site; int64 [sites] each.

    ``number`` is what is published. ``low`` and ``high`` are the counts, inclusive, that give that bin: its bounds, or
    with a previous release the counts that would have led to it from the bin of then, which is what somebody who has
    both releases knows. Of a site put into the lowest bin for too few people or regions they are all counts.
    """

    scheme: Scheme
    number: Whole
    low: Whole
    high: Whole


def assign(
    ac: Whole,
    an: Whole,
    scheme: Scheme,
    *,
    nobs: Whole | None = None,
    regions: Whole | None = None,
    previous: Whole | None = None,
    least_people: int = FEWEST_PEOPLE,
    least_regions: int = FEWEST_REGIONS,
) -> Bins:
    """Bins of sites with ``ac`` of ``an`` alleles, seen in ``nobs`` people and ``regions`` regions; int64 [sites] each.

    ``previous`` holds the bin numbers of the previous release, -1 for a site that was not in it. A site leaves its
    previous bin only when its count has crossed the edge by more than one standard deviation, sqrt(AC). Sites of too
    few people or regions stand in the lowest bin whatever their history. Raises ValueError unless 0 <= ac <= an.
    """
    if np.any((ac < 0) | (ac > an)):
        raise ValueError("allele counts must lie between 0 and the allele number")
    number = scheme.number(ac, an)
    low, high = scheme.bounds(number, an)
    if previous is not None:
        number, low, high = _held(scheme, ac, an, previous, number)
    too_few = np.zeros(len(ac), dtype=np.bool_)
    if nobs is not None:
        too_few |= nobs < least_people
    if regions is not None:
        too_few |= regions < least_regions
    # Whatever its count, such a site is in the lowest bin; taken for a rare one it would hide those who carry it.
    lowered = too_few & (number > 0)
    return Bins(scheme, np.where(too_few, 0, number), np.where(lowered, 0, low), np.where(lowered, an, high))


def _held(scheme: Scheme, ac: Whole, an: Whole, previous: Whole, number: Whole) -> tuple[Whole, Whole, Whole]:
    """Bin numbers with hysteresis, and the counts that lead to them from ``previous``."""
    known = previous >= 0
    old = np.where(previous < scheme._first(an), 0, previous)
    old_low, old_high = scheme.bounds(old, an)
    last_kept_below, last_kept_above = _slack_below(old_low), _slack_above(old_high + 1)
    stays = known & (ac >= last_kept_below) & (ac <= last_kept_above)
    low, high = scheme.bounds(number, an)
    moved_up, moved_down = known & (number > old), known & (number < old)
    low = np.where(moved_up, np.maximum(low, last_kept_above + 1), low)
    high = np.where(moved_down, np.minimum(high, last_kept_below - 1), high)
    return (
        np.where(stays, old, number),
        np.where(stays, last_kept_below, low),
        np.where(stays, last_kept_above, high),
    )


def _slack_above(edge: Whole) -> Whole:
    """The greatest count a with a - edge <= sqrt(a): it has reached the edge, not crossed it by one deviation."""
    guess = np.floor(((1 + np.sqrt(1 + 4.0 * edge)) / 2) ** 2).astype(np.int64)
    more, less = _within(guess + 1, guess + 1 - edge), ~_within(guess, guess - edge)
    return np.asarray(guess + more - less, dtype=np.int64)


def _slack_below(edge: Whole) -> Whole:
    """The least count a with edge - a <= sqrt(a); the lowest bin has nothing below."""
    guess = np.ceil(((-1 + np.sqrt(1 + 4.0 * edge)) / 2) ** 2).astype(np.int64)
    lower = np.maximum(guess - 1, 0)
    less, more = (guess > 0) & _within(lower, edge - lower), ~_within(guess, edge - guess)
    return np.asarray(guess - less + more, dtype=np.int64)


def _within(count: Whole, distance: Whole) -> NDArray[np.bool_]:
    return np.asarray(distance * distance <= count, dtype=np.bool_)


def _square_root(values: Whole) -> Whole:
    """The whole part of the square root, exactly."""
    root = np.sqrt(values.astype(np.float64)).astype(np.int64)
    root -= root * root > values
    return np.asarray(root + ((root + 1) ** 2 <= values), dtype=np.int64)
