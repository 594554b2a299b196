"""What only a person knows of a variant and its family, asked for on the page and kept with the assessment."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from varde.genome.errors import InputError
from varde.interpretation.acmg.evidence import CaseControl, PhenotypeFit, Segregation

A_PERSON = "a person's count"
"""Source of numbers that a person gives."""

_LARGEST = 10_000_000


@dataclass(frozen=True)
class Answers:
    """None: not answered. ``segregation`` of a person goes before what is computed from the family's files."""

    phenotype: PhenotypeFit | None = None
    full_penetrance: bool | None = None
    critical_region: bool | None = None
    segregation: Segregation | None = None
    case_control: CaseControl | None = None

    def stored(self) -> dict[str, str]:
        """As plain text by field, without what was not answered; ``answers_from`` reads it back."""
        told: dict[str, str] = {}
        if self.phenotype is not None:
            told["phenotype"] = self.phenotype.value
        for name in ("full_penetrance", "critical_region"):
            if (value := getattr(self, name)) is not None:
                told[name] = "yes" if value else "no"
        if self.segregation is not None:
            told["meioses"] = f"{self.segregation.meioses:g}"
            told["affected_without"] = str(self.segregation.affected_without)
            told["unaffected_with"] = str(self.segregation.unaffected_with)
        if self.case_control is not None:
            told |= {name: str(getattr(self.case_control, name)) for name in _CASE_CONTROL}
        return told


_CASE_CONTROL = ("cases_with", "cases", "controls_with", "controls")
_SEGREGATION = ("meioses", "affected_without", "unaffected_with")
FIELDS = ("phenotype", "full_penetrance", "critical_region", *_SEGREGATION, *_CASE_CONTROL)


def answers_from(told: Mapping[str, Any]) -> Answers:
    """The answers of a form or of a stored assessment; an empty field is not answered.

    Raises InputError ``bad_answer`` naming the field.
    """
    given = {name: str(told.get(name, "") or "").strip() for name in FIELDS}
    phenotype = given["phenotype"]
    if phenotype and phenotype not in set(PhenotypeFit):
        raise _bad("phenotype", "This is not one of the choices.")
    return Answers(
        phenotype=PhenotypeFit(phenotype) if phenotype else None,
        full_penetrance=_yes_or_no(given, "full_penetrance"),
        critical_region=_yes_or_no(given, "critical_region"),
        segregation=_segregation(given),
        case_control=_case_control(given),
    )


def _yes_or_no(given: Mapping[str, str], name: str) -> bool | None:
    if given[name] not in ("", "yes", "no"):
        raise _bad(name, "This is not one of the choices.")
    return given[name] == "yes" if given[name] else None


def _segregation(given: Mapping[str, str]) -> Segregation | None:
    if not any(given[name] for name in _SEGREGATION):
        return None
    return Segregation(
        meioses=_number(given, "meioses"),
        affected_without=_whole(given, "affected_without"),
        unaffected_with=_whole(given, "unaffected_with"),
        source=A_PERSON,
    )


def _case_control(given: Mapping[str, str]) -> CaseControl | None:
    if not any(given[name] for name in _CASE_CONTROL):
        return None
    missing = next((name for name in _CASE_CONTROL if not given[name]), None)
    if missing is not None:
        raise _bad(missing, "All four numbers of cases and controls are needed.")
    numbers = {name: _whole(given, name) for name in _CASE_CONTROL}
    for with_it, people in (("cases_with", "cases"), ("controls_with", "controls")):
        if not numbers[people] or numbers[with_it] > numbers[people]:
            raise _bad(people, "There must be people, and at least as many as carry the variant.")
    return CaseControl(**numbers, source=A_PERSON)


def _whole(given: Mapping[str, str], name: str) -> int:
    written = given[name] or "0"
    if not (written.isascii() and written.isdigit()) or len(written) > len(str(_LARGEST)) or int(written) > _LARGEST:
        raise _bad(name, "A whole number was expected.")
    return int(written)


def _number(given: Mapping[str, str], name: str) -> float:
    try:
        value = float((given[name] or "0").replace(",", "."))
    except ValueError:
        value = math.nan
    if not 0 <= value <= _LARGEST:
        raise _bad(name, "A number of 0 or more was expected.")
    return value


def _bad(name: str, problem: str) -> InputError:
    return InputError("bad_answer", problem, "Correct the number, or leave the field empty.", field=name)
