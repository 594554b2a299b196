"""Combination rules as data: the 18 of Richards 2015, and ACGS 2020. Stronger evidence can stand for weaker."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from varde.interpretation.acmg.conflicts import conflict_free
from varde.interpretation.acmg.criterion import Code, Criterion, Direction, State, Strength

_SCALE = (Strength.VERY_STRONG, Strength.STRONG, Strength.MODERATE, Strength.SUPPORTING)


@dataclass(frozen=True)
class Combination:
    """At least so many criteria of each strength; ``needs`` is very strong, strong, moderate, supporting."""

    name: str
    acmg_class: int
    needs: tuple[int, int, int, int]
    stand_alone: bool = False


_BENIGN = (
    Combination("BA1", 1, (0, 0, 0, 0), stand_alone=True),
    Combination("2 BS", 1, (0, 2, 0, 0)),
    Combination("1 BS + 1 BP", 2, (0, 1, 0, 1)),
    Combination("2 BP", 2, (0, 0, 0, 2)),
)

RICHARDS: tuple[Combination, ...] = (
    Combination("1 VS + 1 S", 5, (1, 1, 0, 0)),
    Combination("1 VS + 2 M", 5, (1, 0, 2, 0)),
    Combination("1 VS + 1 M + 1 P", 5, (1, 0, 1, 1)),
    Combination("1 VS + 2 P", 5, (1, 0, 0, 2)),
    Combination("2 S", 5, (0, 2, 0, 0)),
    Combination("1 S + 3 M", 5, (0, 1, 3, 0)),
    Combination("1 S + 2 M + 2 P", 5, (0, 1, 2, 2)),
    Combination("1 S + 1 M + 4 P", 5, (0, 1, 1, 4)),
    Combination("1 VS + 1 M", 4, (1, 0, 1, 0)),
    Combination("1 S + 1 M", 4, (0, 1, 1, 0)),
    Combination("1 S + 2 P", 4, (0, 1, 0, 2)),
    Combination("3 M", 4, (0, 0, 3, 0)),
    Combination("2 M + 2 P", 4, (0, 0, 2, 2)),
    Combination("1 M + 4 P", 4, (0, 0, 1, 4)),
    *_BENIGN,
)
"""The 18 combinations of table 5 in Richards 2015, pathogenic ones first, the first that fits wins."""

ACGS: tuple[Combination, ...] = (
    Combination("1 VS + 1 S", 5, (1, 1, 0, 0)),
    Combination("1 VS + 1 M", 5, (1, 0, 1, 0)),
    Combination("1 VS + 2 P", 5, (1, 0, 0, 2)),
    Combination("3 S", 5, (0, 3, 0, 0)),
    Combination("2 S + 1 M", 5, (0, 2, 1, 0)),
    Combination("2 S + 2 P", 5, (0, 2, 0, 2)),
    Combination("1 S + 3 M", 5, (0, 1, 3, 0)),
    Combination("1 S + 2 M + 2 P", 5, (0, 1, 2, 2)),
    Combination("1 S + 1 M + 4 P", 5, (0, 1, 1, 4)),
    Combination("2 S", 4, (0, 2, 0, 0)),
    Combination("1 S + 1 M", 4, (0, 1, 1, 0)),
    Combination("1 S + 2 P", 4, (0, 1, 0, 2)),
    Combination("3 M", 4, (0, 0, 3, 0)),
    Combination("2 M + 2 P", 4, (0, 0, 2, 2)),
    Combination("1 M + 4 P", 4, (0, 0, 1, 4)),
    *_BENIGN,
)
"""Table 3 of the ACGS guidelines of 2020 (version 4.01), as Exomiser's Acgs2020Classifier restates it."""


@dataclass(frozen=True)
class CombinedClass:
    """``combination`` is the rule that decided; None for uncertain, also when both directions reach a class."""

    acmg_class: int
    combination: str | None
    contradictory: bool


def classify_by_combination(criteria: Iterable[Criterion], table: tuple[Combination, ...]) -> CombinedClass:
    """Class by a table of combinations, over the way to leave out double counting that gives most.

    A criterion may stand for a weaker one, so that raising a strength never lowers the class. Moderate benign evidence,
    which the tables do not know, counts as supporting.
    """
    met = tuple(criterion for criterion in criteria if criterion.state is State.MET)
    ways = [_first_fit(way, Direction.PATHOGENIC, table) for way in conflict_free(met)]
    pathogenic = min((way for way in ways if way is not None), key=table.index, default=None)
    benign = _first_fit(met, Direction.BENIGN, table)
    decided = None if pathogenic and benign else pathogenic or benign
    return CombinedClass(
        acmg_class=3 if decided is None else decided.acmg_class,
        combination=None if decided is None else decided.name,
        contradictory=bool(pathogenic and benign),
    )


def _first_fit(met: tuple[Criterion, ...], direction: Direction, table: tuple[Combination, ...]) -> Combination | None:
    own = [criterion for criterion in met if criterion.code.direction is direction]
    counts = tuple(sum(criterion.strength is strength for criterion in own) for strength in _SCALE)
    stand_alone = any(criterion.code is Code.BA1 for criterion in own)
    classes = (5, 4) if direction is Direction.PATHOGENIC else (1, 2)
    return next(
        (
            rule
            for rule in table
            if rule.acmg_class in classes and (stand_alone if rule.stand_alone else _covers(counts, rule.needs))
        ),
        None,
    )


def _covers(counts: tuple[int, ...], needs: tuple[int, ...]) -> bool:
    """Whether the criteria can be dealt out, each to a need of its own strength or a weaker one."""
    spare = 0
    for count, need in zip(counts, needs, strict=True):
        spare += count - need
        if spare < 0:
            return False
    return True
