"""The 28 ACMG/AMP codes (Richards 2015) and one judged criterion: its state, its strength and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from varde.genome.message import Message
from varde.interpretation.acmg.texts import text

CONFIRMATION = "confirmation"
"""What an assisted criterion lacks until a person confirms it (a key of ``texts.MISSING``)."""


class State(StrEnum):
    MET = "met"
    NOT_MET = "not_met"
    NOT_EVALUATED = "not_evaluated"


class Direction(StrEnum):
    PATHOGENIC = "pathogenic"
    BENIGN = "benign"


class Strength(StrEnum):
    """Weight of a met criterion. STAND_ALONE is for BA1 and has no points: it decides alone."""

    SUPPORTING = "supporting"
    MODERATE = "moderate"
    STRONG = "strong"
    VERY_STRONG = "very_strong"
    STAND_ALONE = "stand_alone"

    @property
    def points(self) -> int:
        """Points without sign (Tavtigian 2020)."""
        return _POINTS[self]

    @property
    def weaker(self) -> Strength | None:
        """One level down; None below supporting."""
        scale = (None, Strength.SUPPORTING, Strength.MODERATE, Strength.STRONG, Strength.VERY_STRONG)
        return scale[scale.index(self) - 1]


_POINTS = {
    Strength.SUPPORTING: 1,
    Strength.MODERATE: 2,
    Strength.STRONG: 4,
    Strength.VERY_STRONG: 8,
    Strength.STAND_ALONE: 0,
}


class Handling(StrEnum):
    """Who judges a code: the programme; a person, to whom it suggests; a person alone; or nobody (PP5 and BP6, against
    which ClinGen advises)."""

    COMPUTED = "computed"
    ASSISTED = "assisted"
    MANUAL = "manual"
    OFF = "off"


class Code(StrEnum):
    PVS1 = "PVS1"
    PS1 = "PS1"
    PS2 = "PS2"
    PS3 = "PS3"
    PS4 = "PS4"
    PM1 = "PM1"
    PM2 = "PM2"
    PM3 = "PM3"
    PM4 = "PM4"
    PM5 = "PM5"
    PM6 = "PM6"
    PP1 = "PP1"
    PP2 = "PP2"
    PP3 = "PP3"
    PP4 = "PP4"
    PP5 = "PP5"
    BA1 = "BA1"
    BS1 = "BS1"
    BS2 = "BS2"
    BS3 = "BS3"
    BS4 = "BS4"
    BP1 = "BP1"
    BP2 = "BP2"
    BP3 = "BP3"
    BP4 = "BP4"
    BP5 = "BP5"
    BP6 = "BP6"
    BP7 = "BP7"

    @property
    def direction(self) -> Direction:
        return Direction.PATHOGENIC if self.value.startswith("P") else Direction.BENIGN


_A, _H, _OFF = Handling.COMPUTED, Handling.ASSISTED, Handling.OFF


@dataclass(frozen=True)
class CodeInfo:
    """One row of the code table. ``default`` is the strength the guideline's letters give; PM2 follows ClinGen 2020."""

    code: Code
    default: Strength
    handling: Handling
    title: Message


def _row(code: Code, default: Strength, handling: Handling) -> CodeInfo:
    return CodeInfo(code, default, handling, text(f"acmg.title.{code.value}"))


CODES: Mapping[Code, CodeInfo] = MappingProxyType(
    {
        row.code: row
        for row in (
            _row(Code.PVS1, Strength.VERY_STRONG, _A),
            _row(Code.PS1, Strength.STRONG, _A),
            _row(Code.PS2, Strength.STRONG, _A),
            _row(Code.PS3, Strength.STRONG, _H),
            _row(Code.PS4, Strength.STRONG, _H),
            _row(Code.PM1, Strength.MODERATE, _A),
            _row(Code.PM2, Strength.SUPPORTING, _A),
            _row(Code.PM3, Strength.MODERATE, _A),
            _row(Code.PM4, Strength.MODERATE, _A),
            _row(Code.PM5, Strength.MODERATE, _A),
            _row(Code.PM6, Strength.MODERATE, _A),
            _row(Code.PP1, Strength.SUPPORTING, _H),
            _row(Code.PP2, Strength.SUPPORTING, _A),
            _row(Code.PP3, Strength.SUPPORTING, _A),
            _row(Code.PP4, Strength.SUPPORTING, _H),
            _row(Code.PP5, Strength.SUPPORTING, _OFF),
            _row(Code.BA1, Strength.STAND_ALONE, _A),
            _row(Code.BS1, Strength.STRONG, _A),
            _row(Code.BS2, Strength.STRONG, _A),
            _row(Code.BS3, Strength.STRONG, _H),
            _row(Code.BS4, Strength.STRONG, _H),
            _row(Code.BP1, Strength.SUPPORTING, _A),
            _row(Code.BP2, Strength.SUPPORTING, _A),
            _row(Code.BP3, Strength.SUPPORTING, _A),
            _row(Code.BP4, Strength.SUPPORTING, _A),
            _row(Code.BP5, Strength.SUPPORTING, _H),
            _row(Code.BP6, Strength.SUPPORTING, _OFF),
            _row(Code.BP7, Strength.SUPPORTING, _A),
        )
    }
)
"""Every code once, in the guideline's order."""


@dataclass(frozen=True)
class Criterion:
    """One code, judged.

    ``strength`` is set exactly when the criterion is met. ``missing`` names what lacks, exactly when it is not
    evaluated (keys of ``texts.MISSING``). ``value`` is what was found, ``threshold`` what it was held against, both as
    a person reads them; ``data`` names the data and their version; ``source`` cites the rule; ``version`` is the rule
    set. ``decided_by`` is None for the programme, otherwise the person, and ``text`` is then their reason.
    ``suggested`` is the strength that an assisted code would have if a person confirmed it: until then it lacks
    ``confirmation`` and counts nothing.
    """

    code: Code
    state: State
    text: Message
    strength: Strength | None = None
    value: str | None = None
    threshold: str | None = None
    data: str | None = None
    source: str = ""
    version: str = ""
    missing: tuple[str, ...] = ()
    suggested: Strength | None = None
    decided_by: str | None = None

    def __post_init__(self) -> None:
        if (self.state is State.MET) != (self.strength is not None):
            raise ValueError(f"{self.code}: a strength belongs to a met criterion and to no other")
        if (self.state is State.NOT_EVALUATED) != bool(self.missing):
            raise ValueError(f"{self.code}: what is missing belongs to a criterion not evaluated and to no other")
        if (self.suggested is not None) != (CONFIRMATION in self.missing):
            raise ValueError(f"{self.code}: a suggested strength belongs to a criterion that lacks confirmation")
        if (self.strength is Strength.STAND_ALONE) != (self.code is Code.BA1 and self.state is State.MET):
            raise ValueError(f"{self.code}: stand-alone is the strength of BA1 and of no other code")

    @property
    def points(self) -> int:
        """Signed points: positive towards pathogenic; 0 unless met."""
        if self.strength is None:
            return 0
        return self.strength.points if self.code.direction is Direction.PATHOGENIC else -self.strength.points

    @property
    def label(self) -> str:
        """As laboratories write it: the code, with the strength when it is not the default (``PVS1_Strong``)."""
        if self.strength is None or self.strength is CODES[self.code].default:
            return self.code.value
        return f"{self.code.value}_{self.strength.value.replace('_', ' ').title().replace(' ', '')}"


def decide_by_person(code: Code, state: State, strength: Strength | None, *, reason: str, person: str) -> Criterion:
    """A criterion as a person sets it, with their reason.

    Raises ValueError for a code that is off (PP5, BP6), for an empty reason or name, for ``NOT_EVALUATED`` (leave the
    computed criterion instead) and for a strength that does not fit.
    """
    if CODES[code].handling is Handling.OFF:
        raise ValueError(f"{code} is not for use (Biesecker and Harrison 2018)")
    if not reason.strip() or not person.strip():
        raise ValueError(f"{code}: a person's decision needs a reason and a name")
    if state is State.NOT_EVALUATED:
        raise ValueError(f"{code}: a person decides met or not met")
    return Criterion(
        code, state, text("acmg.person", reason=reason), strength=strength, source="Richards 2015", decided_by=person
    )


def with_decisions(computed: tuple[Criterion, ...], decided: tuple[Criterion, ...]) -> tuple[Criterion, ...]:
    """Computed criteria with a person's decisions in their place, in the guideline's order.

    Raises ValueError when a code was decided twice. The computed criteria stay with the caller for the record.
    """
    by_code = {criterion.code: criterion for criterion in computed}
    if len({criterion.code for criterion in decided}) != len(decided):
        raise ValueError("a code was decided twice")
    by_code |= {criterion.code: criterion for criterion in decided}
    return tuple(by_code[code] for code in CODES if code in by_code)
