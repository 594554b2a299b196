"""Criteria that say the same twice: of each such pair the stronger counts, the other stays shown.

What counts is the best set of met criteria without such a pair. Because a set that was possible stays possible when
pathogenic evidence is added or strengthened, that can never lower a class, under any rule set (see ``conflict_free``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from varde.genome.message import Message
from varde.interpretation.acmg.criterion import Code, Criterion, Direction, State, Strength
from varde.interpretation.acmg.texts import text


class Effect(StrEnum):
    """What follows: a person looks; the weaker does not count; the two are capped; a person must decide the class."""

    WARNING = "warning"
    STRONGER_COUNTS = "stronger_counts"
    CAPPED = "capped"
    DECISION = "decision"


@dataclass(frozen=True)
class Pair:
    first: Code
    second: Code
    effect: Effect
    source: str


_SCOUT = "Scout, ACMG conflicts"
_FASTVEP = "fastVEP, docs/ACMG.md"
_STRONGER, _WARNING, _CAPPED = Effect.STRONGER_COUNTS, Effect.WARNING, Effect.CAPPED

PAIRS: tuple[Pair, ...] = (
    Pair(Code.PVS1, Code.PM4, _STRONGER, _SCOUT),
    Pair(Code.PVS1, Code.PM1, _STRONGER, _SCOUT),
    Pair(Code.PVS1, Code.PP2, _STRONGER, _SCOUT),
    Pair(Code.PVS1, Code.PS3, _STRONGER, _SCOUT),
    Pair(Code.PS1, Code.PM4, _STRONGER, _SCOUT),
    Pair(Code.PS1, Code.PM5, _STRONGER, _SCOUT),
    Pair(Code.PS1, Code.PP3, _STRONGER, f"{_SCOUT}; {_FASTVEP}"),
    Pair(Code.PS2, Code.PM6, _STRONGER, _SCOUT),
    Pair(Code.PM1, Code.PP2, _STRONGER, _SCOUT),
    Pair(Code.PP1, Code.PP4, _STRONGER, _SCOUT),
    Pair(Code.BS4, Code.PP4, _WARNING, _SCOUT),
    Pair(Code.PS2, Code.PP4, _STRONGER, _SCOUT),
    Pair(Code.PM6, Code.PP4, _STRONGER, _SCOUT),
    Pair(Code.PVS1, Code.PP3, _STRONGER, _FASTVEP),
    Pair(Code.PM5, Code.PP3, _WARNING, _FASTVEP),
    Pair(Code.PM1, Code.PP3, _CAPPED, f"Pejaver 2022; {_FASTVEP}"),
)
"""The 13 pairs of Scout, then those of fastVEP's rules.

Two pairs only warn. BS4 and PP4 point in opposite directions: both must count. PM5 and PP3 are different evidence to
ClinGen's expert panels, who count both; fastVEP counts one. The guide says what that choice does to the agreement.
"""

HOT_SPOT_CAP = 4
"""Most points of PP3 and PM1 together, unless one alone has more (Pejaver 2022)."""

_WEIGHTY = frozenset({Strength.STRONG, Strength.VERY_STRONG, Strength.STAND_ALONE})


@dataclass(frozen=True)
class Conflict:
    codes: tuple[Code, ...]
    effect: Effect
    message: Message
    source: str = ""


def conflicts(criteria: Iterable[Criterion]) -> tuple[Conflict, ...]:
    """All conflicts among the met criteria, pairs first, then contradictions that a person must decide."""
    met = {criterion.code: criterion for criterion in criteria if criterion.state is State.MET}
    found = [
        Conflict((pair.first, pair.second), pair.effect, _said(pair), pair.source)
        for pair in PAIRS
        if met.keys() >= {pair.first, pair.second} and _holds(pair, met)
    ]
    return (*found, *_contradictions(met))


def conflict_free(criteria: Iterable[Criterion]) -> tuple[tuple[Criterion, ...], ...]:
    """Every way to leave out the weaker or the stronger half of each pair, the whole first where there is none.

    A rule set counts the way that gives most. Met criteria only; strengths are lowered only for the cap of PM1 and PP3.
    """
    met = {criterion.code: criterion for criterion in criteria if criterion.state is State.MET}
    found = {tuple(way.values()): None for way in _ways(met)}
    return tuple(found)


def set_aside(criteria: Iterable[Criterion], counted: Iterable[Criterion]) -> tuple[Code, ...]:
    """Met criteria that do not count, or count less, in a chosen way."""
    kept = {one.code: one.strength for one in counted}
    return tuple(one.code for one in criteria if one.state is State.MET and kept.get(one.code) is not one.strength)


def _ways(met: dict[Code, Criterion]) -> Iterator[dict[Code, Criterion]]:
    clash = next((p for p in PAIRS if met.keys() >= {p.first, p.second} and _excludes(p, met)), None)
    if clash is None:
        yield met
        return
    # The later half is left out first, so that of equally strong ways the guideline's earlier code counts.
    for left_out in (clash.second, clash.first):
        yield from _ways({code: one for code, one in met.items() if code is not left_out})
    if clash.effect is Effect.CAPPED:
        yield from _ways({code: _at_most_moderate(one, clash) for code, one in met.items()})


def _excludes(pair: Pair, met: dict[Code, Criterion]) -> bool:
    return pair.effect in (Effect.STRONGER_COUNTS, Effect.CAPPED) and _holds(pair, met)


def _holds(pair: Pair, met: dict[Code, Criterion]) -> bool:
    """A capped pair is one only where its points exceed the cap."""
    return pair.effect is not Effect.CAPPED or met[pair.first].points + met[pair.second].points > HOT_SPOT_CAP


def _at_most_moderate(criterion: Criterion, pair: Pair) -> Criterion:
    if criterion.code not in (pair.first, pair.second) or criterion.strength not in _WEIGHTY:
        return criterion
    return replace(criterion, strength=Strength.MODERATE)


def _said(pair: Pair) -> Message:
    first, second = pair.first.value, pair.second.value
    if pair.effect is Effect.CAPPED:
        return text("acmg.conflict.cap", first=first, second=second, points=HOT_SPOT_CAP)
    if pair.effect is Effect.WARNING:
        return text("acmg.conflict.pair", first=first, second=second)
    return text("acmg.conflict.stronger", first=first, second=second)


def _contradictions(met: dict[Code, Criterion]) -> list[Conflict]:
    pathogenic = tuple(code for code in met if code.direction is Direction.PATHOGENIC)
    weighty = [code for code in met if met[code].strength in _WEIGHTY]
    if {code.direction for code in weighty} == set(Direction):
        return [Conflict(tuple(weighty), Effect.DECISION, text("acmg.conflict.opposite"), _FASTVEP)]
    if Code.BA1 in met and pathogenic:
        return [Conflict((Code.BA1, *pathogenic), Effect.DECISION, text("acmg.conflict.stand_alone"))]
    return []
