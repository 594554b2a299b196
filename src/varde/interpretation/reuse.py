"""How long a class holds before somebody looks at the evidence again, and when an earlier one may be used.

Only age is judged here. A class that is outdated is not wrong: it is used again only by a person who has looked at the
evidence anew and says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

VALIDITY_VERSION = "varde-validity-1"
SOON_DAYS = 30
"""Days before the end of the validity from which the age is marked. Varde's proposal."""

_CLASS_3 = "Days of validity for each class, as laboratories do for class 3; the number is Varde's proposal"
_LIKELY = "Varde's proposal: likely classes move with new evidence, more slowly than class 3"
_FIRM = "Varde's proposal: firm classes seldom move"


@dataclass(frozen=True)
class Validity:
    """How long a class holds. ``days`` None: without end. ``confirmed`` is False where the value is a proposal."""

    days: int | None
    source: str
    confirmed: bool = False

    def __post_init__(self) -> None:
        if self.days is not None and not 1 <= self.days <= 36_500:
            raise ValueError(f"a validity is 1 to 36500 days, not {self.days}")


VALIDITY: Mapping[int, Validity] = MappingProxyType(
    {
        1: Validity(None, _FIRM),
        2: Validity(730, _LIKELY),
        3: Validity(180, _CLASS_3),
        4: Validity(730, _LIKELY),
        5: Validity(1825, _FIRM),
    }
)
"""Validity by class (1 benign ... 5 pathogenic). A laboratory may set its own days."""


class Age(StrEnum):
    """Whether a class may be used as it stands."""

    CURRENT = "current"
    SOON = "soon"
    OUTDATED = "outdated"


@dataclass(frozen=True)
class Freshness:
    """The age of a class on a day. ``until`` is the last day it holds, None without end; ``source`` says why."""

    age: Age
    until: date | None
    source: str

    @property
    def outdated(self) -> bool:
        """Whether it must be confirmed again before use."""
        return self.age is Age.OUTDATED


def validity_of(acmg_class: int, own_days: Mapping[int, int | None] | None = None) -> Validity:
    """The validity of a class, where ``own_days`` (a laboratory's) goes before the table.

    Raises ValueError for a class outside 1-5 or days outside 1-36500.
    """
    if acmg_class not in VALIDITY:
        raise ValueError(f"a class is 1 to 5, not {acmg_class}")
    if own_days is not None and acmg_class in own_days:
        return Validity(own_days[acmg_class], "The laboratory's own rule", confirmed=True)
    return VALIDITY[acmg_class]


def freshness(
    acmg_class: int, judged_on: date, today: date, own_days: Mapping[int, int | None] | None = None
) -> Freshness:
    """The age on ``today`` of a class that was given, or last confirmed, on ``judged_on``.

    It holds to the end of the day ``days`` after it was given; the next day it is outdated.
    """
    rule = validity_of(acmg_class, own_days)
    if rule.days is None:
        return Freshness(Age.CURRENT, None, rule.source)
    until = judged_on + timedelta(days=rule.days)
    if today > until:
        return Freshness(Age.OUTDATED, until, rule.source)
    age = Age.SOON if today > until - timedelta(days=SOON_DAYS) else Age.CURRENT
    return Freshness(age, until, rule.source)


SAME_EVENT_SHARE = (4, 5)
"""Share of the longer of two structural events that both must cover to be one event: 0.8 reciprocal overlap, the limit
of SVDB and of the frequency register's clusters."""


def same_event(first: str, second: str) -> bool:
    """Whether two structural variants, as ``contig-start-end-type`` (1-based, both ends included), are one event.

    Same contig, same type and at least 0.8 reciprocal overlap; texts that are not of this shape must be equal.

    >>> same_event("X-1000-2000-DEL", "X-1100-2000-DEL"), same_event("X-1000-2000-DEL", "X-1000-2000-DUP")
    (True, False)
    """
    if first == second:
        return True
    one, other = _interval(first), _interval(second)
    if one is None or other is None or (one[0], one[3]) != (other[0], other[3]):
        return False
    shared = min(one[2], other[2]) - max(one[1], other[1]) + 1
    longer = max(one[2] - one[1], other[2] - other[1]) + 1
    part, whole = SAME_EVENT_SHARE
    return whole * shared >= part * longer


def _interval(text: str) -> tuple[str, int, int, str] | None:
    parts = text.split("-")
    if len(parts) != 4 or not (parts[1].isdecimal() and parts[2].isdecimal()):
        return None
    return parts[0], int(parts[1]), int(parts[2]), parts[3].upper()
