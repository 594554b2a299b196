"""Earlier interpretations of one variant put together: what laboratories concluded, and where they disagree.

The five classes are those of Richards et al. 2015: 1 benign, 2 likely benign, 3 uncertain significance, 4 likely
pathogenic, 5 pathogenic. Two answers are made of the same statements: one for health professionals, and one for
everybody, which holds the class, how many laboratories gave it (at least two) and the year, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from varde.frequency.cells import DiseaseGroup

BENIGN_SIDE, PATHOGENIC_SIDE = (1, 2), (4, 5)
FEWEST_LABORATORIES = 2
"""Laboratories that gave a class before the public hears of it."""


class Disagreement(StrEnum):
    """How far apart the laboratories' classes are."""

    NONE = "none"
    ONE_STEP = "one_step"
    SEVERAL_STEPS = "several_steps"
    ACROSS = "across"  # one laboratory on the benign side, another on the pathogenic


@dataclass(frozen=True, order=True)
class Statement:
    """One laboratory's present class of a variant. ``laboratory`` is any name that tells laboratories apart.

    Raises ValueError for a class outside 1-5 or a month outside 1-12.
    """

    laboratory: str
    acmg_class: int
    region: str
    disease_group: DiseaseGroup
    guideline: str
    year: int
    month: int

    def __post_init__(self) -> None:
        if not 1 <= self.acmg_class <= 5:
            raise ValueError(f"a class is 1 to 5, not {self.acmg_class}")
        if not 1 <= self.month <= 12:
            raise ValueError(f"a month is 1 to 12, not {self.month}")


@dataclass(frozen=True)
class ClassCount:
    """A class, how many laboratories hold it, and when the last of them signed it."""

    acmg_class: int
    laboratories: int
    year: int
    month: int


@dataclass(frozen=True)
class Summary:
    """For health professionals. ``classes`` by class, pathogenic first; the lists are sorted, each value once."""

    laboratories: int
    classes: tuple[ClassCount, ...]
    disagreement: Disagreement
    regions: tuple[str, ...]
    disease_groups: tuple[DiseaseGroup, ...]
    guidelines: tuple[str, ...]


@dataclass(frozen=True)
class PublicClass:
    """For everybody."""

    acmg_class: int
    laboratories: int
    year: int


def summarise(statements: Iterable[Statement]) -> Summary | None:
    """Everything said of one variant; None when nothing is. Raises ValueError when a laboratory speaks twice."""
    told = _one_each(statements)
    if not told:
        return None
    return Summary(
        laboratories=len(told),
        classes=_counts(told),
        disagreement=disagreement([one.acmg_class for one in told]),
        regions=tuple(sorted({one.region for one in told})),
        disease_groups=tuple(sorted({one.disease_group for one in told})),
        guidelines=tuple(sorted({one.guideline for one in told})),
    )


def public_classes(statements: Iterable[Statement]) -> tuple[PublicClass, ...]:
    """What everybody may see: classes that at least two laboratories hold, without month, region or disease group.

    Nothing at all is said while laboratories differ by more than a step: half of a disagreement would mislead. Raises
    ValueError when a laboratory speaks twice.
    """
    told = _one_each(statements)
    if disagreement([one.acmg_class for one in told]) in (Disagreement.SEVERAL_STEPS, Disagreement.ACROSS):
        return ()
    return tuple(
        PublicClass(one.acmg_class, one.laboratories, one.year)
        for one in _counts(told)
        if one.laboratories >= FEWEST_LABORATORIES
    )


def disagreement(classes: Sequence[int]) -> Disagreement:
    """How far apart classes are. Uncertain against pathogenic is several steps; only 1-2 against 4-5 crosses."""
    if not classes or min(classes) == max(classes):
        return Disagreement.NONE
    if min(classes) in BENIGN_SIDE and max(classes) in PATHOGENIC_SIDE:
        return Disagreement.ACROSS
    return Disagreement.ONE_STEP if max(classes) - min(classes) == 1 else Disagreement.SEVERAL_STEPS


def _one_each(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    told = tuple(sorted(statements))
    if len({one.laboratory for one in told}) != len(told):
        raise ValueError("a laboratory has one present class of a variant, not several")
    return told


def _counts(told: Sequence[Statement]) -> tuple[ClassCount, ...]:
    found = []
    for acmg_class in sorted({one.acmg_class for one in told}, reverse=True):
        dates = [(one.year, one.month) for one in told if one.acmg_class == acmg_class]
        found.append(ClassCount(acmg_class, len(dates), *max(dates)))
    return tuple(found)
