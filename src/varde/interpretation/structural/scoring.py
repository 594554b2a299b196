"""From criteria to a sum and a class, and what a person may set in place of the programme."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from varde.genome.message import Message
from varde.interpretation.acmg.criterion import State
from varde.interpretation.structural.criteria import (
    BENIGN,
    LIKELY_BENIGN,
    LIKELY_PATHOGENIC,
    METRIC,
    PATHOGENIC,
    RULESET,
    SOURCE,
    Change,
)
from varde.interpretation.structural.texts import text


@dataclass(frozen=True)
class Scored:
    """One criterion of an event. ``points`` are hundredths, 0 unless met. ``missing`` names what lacks, exactly when it
    is not evaluated (keys of ``texts.MISSING``). ``decided_by`` is None for the programme, else the person, whose
    reason is then the text."""

    code: str
    state: State
    text: Message
    points: int = 0
    value: str | None = None
    threshold: str | None = None
    data: str | None = None
    missing: tuple[str, ...] = ()
    decided_by: str | None = None
    source: str = SOURCE
    version: str = RULESET

    def __post_init__(self) -> None:
        if self.state is not State.MET and self.points:
            raise ValueError(f"{self.code}: points belong to a met criterion")
        if (self.state is State.NOT_EVALUATED) != bool(self.missing):
            raise ValueError(f"{self.code}: what is missing belongs to a criterion not evaluated and to no other")


@dataclass(frozen=True)
class Score:
    """The sum in hundredths, the class 1 to 5, and the sums of the sections."""

    points: int
    acmg_class: int
    sections: Mapping[int, int]
    ruleset: str = RULESET


def class_of(points: int) -> int:
    """The class of a sum in hundredths: 0.99 pathogenic (5), 0.90 likely pathogenic, -0.90 likely benign, -0.99 benign.

    >>> [class_of(sum) for sum in (99, 98, 90, 89, -89, -90, -98, -99)]
    [5, 4, 4, 3, 3, 2, 2, 1]
    """
    if points >= PATHOGENIC:
        return 5
    if points >= LIKELY_PATHOGENIC:
        return 4
    if points <= BENIGN:
        return 1
    return 2 if points <= LIKELY_BENIGN else 3


def score(criteria: Iterable[Scored]) -> Score:
    """What the criteria sum to."""
    sections: dict[int, int] = dict.fromkeys(range(1, 6), 0)
    for one in criteria:
        sections[int(one.code[0])] += one.points
    total = sum(sections.values())
    return Score(total, class_of(total), sections)


def decide_by_person(
    change: Change, code: str, state: State, points: int | None, *, reason: str, person: str
) -> Scored:
    """A criterion as a person sets it; ``points`` None: the published suggestion.

    Raises ValueError for an unknown code, an empty reason or name, ``NOT_EVALUATED``, and points outside the range.
    """
    info = METRIC[change].get(code)
    if info is None:
        raise ValueError(f"{code} is not a criterion of a copy-number {change}")
    if not reason.strip() or not person.strip():
        raise ValueError(f"{code}: a person's decision needs a reason and a name")
    if state is State.NOT_EVALUATED:
        raise ValueError(f"{code}: a person decides met or not met")
    message = text("cnv.person", reason=reason)
    if state is State.NOT_MET:
        return Scored(code, state, message, decided_by=person)
    given = info.suggested if points is None else points
    if not info.lowest <= given <= info.highest:
        raise ValueError(
            f"{code}: {given / 100:.2f} points, allowed are {info.lowest / 100:.2f} to {info.highest / 100:.2f}"
        )
    return Scored(code, state, message, given, decided_by=person)


def with_decisions(change: Change, computed: Iterable[Scored], decided: Iterable[Scored]) -> tuple[Scored, ...]:
    """Computed criteria with a person's in their place, in the metric's order. Of a group of which one at most is met,
    a person's choice puts the programme's aside.

    Raises ValueError when a code was decided twice, or two of a group were set as met.
    """
    own = list(decided)
    by_code = {one.code: one for one in own}
    if len(by_code) != len(own):
        raise ValueError("a code was decided twice")
    chosen: dict[str, str] = {}
    for one in own:
        group = METRIC[change][one.code].group
        if group and one.state is State.MET:
            if group in chosen:
                raise ValueError(f"{chosen[group]} and {one.code} exclude each other")
            chosen[group] = one.code
    found = {one.code: by_code.get(one.code, one) for one in computed} | by_code
    for code, one in found.items():
        other = chosen.get(METRIC[change][code].group, code)
        if other != code and one.state is State.MET:
            found[code] = replace(
                one, state=State.NOT_MET, points=0, text=text("cnv.put_aside", other=other), missing=()
            )
    return tuple(found[code] for code in METRIC[change] if code in found)
