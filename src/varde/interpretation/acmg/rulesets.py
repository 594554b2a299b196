"""The rule sets from criteria to a class, side by side: one is chosen, and a disagreement with the others is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from varde.genome.message import Message
from varde.interpretation.acmg.combinations import ACGS, RICHARDS, Combination, classify_by_combination
from varde.interpretation.acmg.criterion import Criterion
from varde.interpretation.acmg.points import Classification, classify
from varde.interpretation.acmg.texts import text


class Ruleset(StrEnum):
    """Rule sets by the identifier that an assessment stores: a name with the year of its publication."""

    POINTS = "points-tavtigian-2020"
    POINTS_TWO_BENIGN = "points-tavtigian-2020-benign-2"
    RICHARDS = "richards-2015"
    ACGS = "acgs-2020"


DEFAULT = Ruleset.POINTS

TITLES: Mapping[Ruleset, Message] = MappingProxyType(
    {
        Ruleset.POINTS: text("acmg.ruleset.points"),
        Ruleset.POINTS_TWO_BENIGN: text("acmg.ruleset.points_two"),
        Ruleset.RICHARDS: text("acmg.ruleset.richards"),
        Ruleset.ACGS: text("acmg.ruleset.acgs"),
    }
)

_LIKELY_BENIGN_AT = {Ruleset.POINTS: -1, Ruleset.POINTS_TWO_BENIGN: -2}
_TABLES: Mapping[Ruleset, tuple[Combination, ...]] = {Ruleset.RICHARDS: RICHARDS, Ruleset.ACGS: ACGS}


@dataclass(frozen=True)
class Verdict:
    """The class under one rule set. ``rule`` is the combination that decided; None for points, or where none fits."""

    ruleset: Ruleset
    acmg_class: int
    rule: str | None
    contradictory: bool


@dataclass(frozen=True)
class Assessment:
    """All rule sets at once. ``points`` is the point sum, whichever rule set is chosen."""

    ruleset: Ruleset
    points: Classification
    verdicts: tuple[Verdict, ...]

    def verdict(self, ruleset: Ruleset) -> Verdict:
        return next(one for one in self.verdicts if one.ruleset is ruleset)

    @property
    def chosen(self) -> Verdict:
        """Under the chosen rule set."""
        return self.verdict(self.ruleset)

    @property
    def acmg_class(self) -> int:
        """Class 1 to 5 under the chosen rule set."""
        return self.chosen.acmg_class

    @property
    def differing(self) -> tuple[Verdict, ...]:
        """Rule sets that come to another class than the chosen one."""
        return tuple(one for one in self.verdicts if one.acmg_class != self.acmg_class)

    @property
    def agree(self) -> bool:
        return not self.differing


def assess(criteria: Iterable[Criterion], ruleset: Ruleset = DEFAULT) -> Assessment:
    """Class of the criteria under every rule set, one of them chosen. Raises ValueError when a code stands twice."""
    judged = tuple(criteria)
    points = classify(judged, likely_benign_at=_LIKELY_BENIGN_AT.get(ruleset, -1))
    return Assessment(ruleset, points, tuple(_verdict(judged, one) for one in Ruleset))


def _verdict(criteria: tuple[Criterion, ...], ruleset: Ruleset) -> Verdict:
    if ruleset in _TABLES:
        found = classify_by_combination(criteria, _TABLES[ruleset])
        return Verdict(ruleset, found.acmg_class, found.combination, found.contradictory)
    found_points = classify(criteria, likely_benign_at=_LIKELY_BENIGN_AT[ruleset])
    return Verdict(ruleset, found_points.acmg_class, None, found_points.decision_required)
