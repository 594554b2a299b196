"""Double counting and contradiction among met criteria, and what the point sum does about them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from varde.genome.message import Message
from varde.interpretation.acmg.criterion import Code, Criterion, Direction, State, Strength
from varde.interpretation.acmg.texts import text

PAIRS: tuple[tuple[Code, Code], ...] = (
    (Code.PVS1, Code.PM4),
    (Code.PVS1, Code.PM1),
    (Code.PVS1, Code.PP2),
    (Code.PVS1, Code.PS3),
    (Code.PS1, Code.PM4),
    (Code.PS1, Code.PM5),
    (Code.PS1, Code.PP3),
    (Code.PS2, Code.PM6),
    (Code.PM1, Code.PP2),
    (Code.PP1, Code.PP4),
    (Code.BS4, Code.PP4),
    (Code.PS2, Code.PP4),
    (Code.PM6, Code.PP4),
)
"""Pairs that a person looks at (the 13 pairs of Scout). They warn; the sum is not changed."""

ALSO_LOOK = ((Code.PM5, Code.PP3),)
"""A pair that fastVEP counts once and expert panels count twice: it warns."""

PP3_REPEATS = (Code.PVS1, Code.PS1)
"""Codes that say what PP3 says of the same change: of PP3 only what exceeds the strongest of them counts (fastVEP)."""

HOT_SPOT_CAP = 4
"""Most points of PP3 and PM1 together, unless one alone has more (Pejaver 2022)."""


class Effect(StrEnum):
    """What follows: a person looks; the weaker does not count; the two are capped; a person must decide the class."""

    WARNING = "warning"
    STRONGER_COUNTS = "stronger_counts"
    CAPPED = "capped"
    DECISION = "decision"


@dataclass(frozen=True)
class Conflict:
    codes: tuple[Code, ...]
    effect: Effect
    message: Message
    points_removed: int = 0


def conflicts(criteria: Iterable[Criterion]) -> tuple[Conflict, ...]:
    """All conflicts among the met criteria. ``points_removed`` is what ``points.classify`` takes off the sum.

    The two adjustments keep the sum monotonic: raising a pathogenic criterion never lowers it.
    """
    met = {criterion.code: criterion for criterion in criteria if criterion.state is State.MET}
    found = [
        Conflict(pair, Effect.WARNING, text("acmg.conflict.pair", first=pair[0].value, second=pair[1].value))
        for pair in (*PAIRS, *ALSO_LOOK)
        if met.keys() >= set(pair)
    ]
    return (*found, *_adjustments(met), *_contradictions(met))


def _adjustments(met: dict[Code, Criterion]) -> list[Conflict]:
    if Code.PP3 not in met:
        return []
    found = []
    left = met[Code.PP3].points
    same = [met[code] for code in PP3_REPEATS if code in met]
    if same:
        strongest = max(same, key=lambda criterion: criterion.points)
        removed = min(left, strongest.points)
        left -= removed
        message = text("acmg.conflict.stronger", first=strongest.code.value, second=Code.PP3.value)
        found.append(Conflict((strongest.code, Code.PP3), Effect.STRONGER_COUNTS, message, removed))
    if Code.PM1 in met:
        hot_spot = met[Code.PM1].points
        removed = max(0, hot_spot + left - max(HOT_SPOT_CAP, hot_spot, left))
        if removed:
            message = text("acmg.conflict.cap", first=Code.PM1.value, second=Code.PP3.value, points=HOT_SPOT_CAP)
            found.append(Conflict((Code.PM1, Code.PP3), Effect.CAPPED, message, removed))
    return found


def _contradictions(met: dict[Code, Criterion]) -> list[Conflict]:
    strong = {Strength.STRONG, Strength.VERY_STRONG, Strength.STAND_ALONE}
    pathogenic = tuple(code for code in met if code.direction is Direction.PATHOGENIC)
    weighty = [code for code in met if met[code].strength in strong]
    if {code.direction for code in weighty} == set(Direction):
        return [Conflict(tuple(weighty), Effect.DECISION, text("acmg.conflict.opposite"))]
    if Code.BA1 in met and pathogenic:
        return [Conflict((Code.BA1, *pathogenic), Effect.DECISION, text("acmg.conflict.stand_alone"))]
    return []
