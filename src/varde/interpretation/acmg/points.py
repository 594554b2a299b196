"""The point system (Tavtigian 2020): criteria to a sum, a class 1 to 5, a tier of class 3 and a probability."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from varde.interpretation.acmg.conflicts import Conflict, Effect, conflict_free, conflicts, set_aside
from varde.interpretation.acmg.criterion import Code, Criterion, State

PATHOGENIC_FROM, LIKELY_PATHOGENIC_FROM, UNCERTAIN_FROM, LIKELY_BENIGN_FROM = 10, 6, 0, -6
"""Lowest sum of the classes 5, 4, 3 and 2 (Tavtigian 2020); anything lower is class 1."""

HOT_FROM, TEPID_FROM = 4, 2
"""Lowest sum of the tiers of class 3; below is cold. A convention of laboratories, not of the guideline."""

PRIOR = 0.10
ODDS_VERY_STRONG = 350.0
"""Prior probability and odds of very strong evidence (Tavtigian 2018)."""


class Tier(StrEnum):
    """How near an uncertain variant (class 3) is to likely pathogenic."""

    HOT = "hot"
    TEPID = "tepid"
    COLD = "cold"


@dataclass(frozen=True)
class Classification:
    """Result of the point system.

    ``acmg_class`` 5 pathogenic, 4 likely pathogenic, 3 uncertain, 2 likely benign, 1 benign. ``counted`` lists what
    counts with its signed points, ``points`` is their sum, ``set_aside`` are met criteria that say the same as a
    counted one and count less or nothing. ``stand_alone``: BA1 decided, and there is no probability.
    ``decision_required``: the evidence contradicts itself.
    """

    points: int
    acmg_class: int
    tier: Tier | None
    posterior: float | None
    stand_alone: bool
    counted: tuple[tuple[str, int], ...]
    set_aside: tuple[Code, ...]
    conflicts: tuple[Conflict, ...]

    @property
    def decision_required(self) -> bool:
        return any(conflict.effect is Effect.DECISION for conflict in self.conflicts)


def class_of_points(points: int, likely_benign_at: int = -1) -> int:
    """Class of a sum. ``likely_benign_at`` -2 asks for two benign points before a variant is likely benign."""
    if likely_benign_at not in (-1, -2):
        raise ValueError(f"likely benign at {likely_benign_at}, expected -1 or -2")
    if points >= PATHOGENIC_FROM:
        return 5
    if points >= LIKELY_PATHOGENIC_FROM:
        return 4
    if points > likely_benign_at:
        return 3
    return 2 if points >= LIKELY_BENIGN_FROM else 1


def tier_of_points(points: int) -> Tier:
    """Tier of an uncertain variant."""
    if points >= HOT_FROM:
        return Tier.HOT
    return Tier.TEPID if points >= TEPID_FROM else Tier.COLD


def posterior_probability(points: int, prior: float = PRIOR) -> float:
    """Probability of pathogenicity: odds 350^(points/8) on a prior of 0.10 (Tavtigian 2018, 2020).

    >>> round(posterior_probability(6), 3), round(posterior_probability(10), 3)
    (0.9, 0.994)
    """
    odds = float(ODDS_VERY_STRONG ** (points / 8))
    return odds * prior / ((odds - 1) * prior + 1)


def classify(criteria: Iterable[Criterion], *, likely_benign_at: int = -1) -> Classification:
    """Sum and class of the met criteria. Raises ValueError when a code stands twice."""
    judged = tuple(criteria)
    codes = [criterion.code for criterion in judged]
    if len(set(codes)) != len(codes):
        raise ValueError(f"a code stands twice: {', '.join(sorted({c.value for c in codes if codes.count(c) > 1}))}")
    met = tuple(criterion for criterion in judged if criterion.state is State.MET)
    counted = max(conflict_free(met), key=lambda way: sum(one.points for one in way))
    points = sum(one.points for one in counted)
    stand_alone = any(criterion.code is Code.BA1 for criterion in met)
    acmg_class = 1 if stand_alone else class_of_points(points, likely_benign_at)
    return Classification(
        points=points,
        acmg_class=acmg_class,
        tier=tier_of_points(points) if acmg_class == 3 else None,
        posterior=None if stand_alone else posterior_probability(points),
        stand_alone=stand_alone,
        counted=tuple((criterion.label, criterion.points) for criterion in counted),
        set_aside=set_aside(met, counted),
        conflicts=conflicts(met),
    )
