"""Families: who is whose child, of which sex, and affected or not; read from and written to PED files.

PED: six columns, family, person, father, mother, sex, phenotype (PLINK; GATK and slivar read the same).
https://www.cog-genomics.org/plink/1.9/formats#fam
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from varde.genome.errors import InputError


class Sex(StrEnum):
    MALE = "male"
    FEMALE = "female"
    UNKNOWN = "unknown"


class Affected(StrEnum):
    AFFECTED = "affected"
    UNAFFECTED = "unaffected"
    UNKNOWN = "unknown"


Code = TypeVar("Code", Sex, Affected)

_NOT_GIVEN = frozenset({"", "0", ".", "-9", "na", "none", "unknown", "other"})
_NO_PARENT = frozenset({"", "0", ".", "-9"})
_SEX = {"1": Sex.MALE, "m": Sex.MALE, "male": Sex.MALE, "2": Sex.FEMALE, "f": Sex.FEMALE, "female": Sex.FEMALE}
_AFFECTED = {
    "1": Affected.UNAFFECTED,
    "unaffected": Affected.UNAFFECTED,
    "2": Affected.AFFECTED,
    "affected": Affected.AFFECTED,
}
_SEX_CODE = {Sex.MALE: "1", Sex.FEMALE: "2", Sex.UNKNOWN: "0"}
_AFFECTED_CODE = {Affected.UNAFFECTED: "1", Affected.AFFECTED: "2", Affected.UNKNOWN: "0"}
_LARGEST_PED_BYTES = 10_000_000


@dataclass(frozen=True)
class Person:
    """One member of a family. ``father`` and ``mother`` are identifiers of the same pedigree, or None."""

    family: str
    identifier: str
    father: str | None = None
    mother: str | None = None
    sex: Sex = Sex.UNKNOWN
    affected: Affected = Affected.UNKNOWN

    def __post_init__(self) -> None:
        for name, text in (("family", self.family), ("identifier", self.identifier)):
            if not text.strip() or text != text.strip() or not text.isprintable():
                raise InputError(
                    "bad_identifier",
                    f"{text!r} is not a name for a {'family' if name == 'family' else 'person'}.",
                    "Use printable characters, without blanks at either end.",
                    field=name,
                )
        if self.identifier in _NO_PARENT:
            raise InputError(
                "bad_identifier",
                f"{self.identifier!r} means 'no parent' in PED and cannot name a person.",
                "Give the person another identifier, the same as in the VCF.",
                field="identifier",
            )


@dataclass(frozen=True)
class Pedigree:
    """People in the order of their file. Raises InputError when they cannot be one another's relatives."""

    persons: tuple[Person, ...]
    _by_identifier: Mapping[str, Person] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        found = _first_problem(self.persons)
        if found is not None:
            raise found[1]
        by_identifier = MappingProxyType({person.identifier: person for person in self.persons})
        object.__setattr__(self, "_by_identifier", by_identifier)

    def __reduce__(self) -> tuple[type[Pedigree], tuple[tuple[Person, ...]]]:
        return type(self), (self.persons,)

    @property
    def identifiers(self) -> tuple[str, ...]:
        return tuple(person.identifier for person in self.persons)

    def person(self, identifier: str) -> Person:
        """The person of that name. Raises InputError ``unknown_person``."""
        try:
            return self._by_identifier[identifier]
        except KeyError:
            raise InputError(
                "unknown_person",
                f"{identifier!r} is not in the pedigree.",
                f"The pedigree has {_listed(self.identifiers)}.",
            ) from None

    def parents(self, person: Person) -> tuple[Person | None, Person | None]:
        """Mother and father, None where the pedigree does not have them."""
        mother = None if person.mother is None else self._by_identifier[person.mother]
        return mother, None if person.father is None else self._by_identifier[person.father]

    def proband(self, name: str | None = None) -> Person:
        """The named person, or the one affected person who is nobody's affected ancestor.

        Raises InputError ``unknown_person``, ``no_proband`` when nobody is affected, ``ambiguous_proband`` when several
        may be meant.
        """
        if name is not None:
            return self.person(name)
        affected = [person for person in self.persons if person.affected is Affected.AFFECTED]
        elder = {ancestor for person in affected for ancestor in self.ancestors(person)}
        youngest = [person for person in affected if person.identifier not in elder]
        if len(youngest) == 1:
            return youngest[0]
        if youngest:
            raise InputError(
                "ambiguous_proband",
                f"{len(youngest)} people are affected: {_listed(tuple(person.identifier for person in youngest))}.",
                "Say who is examined.",
                field="phenotype",
            )
        raise InputError(
            "no_proband",
            "Nobody in the pedigree is affected.",
            "Give the examined person phenotype 2, or say who is examined.",
            field="phenotype",
        )

    def ancestors(self, person: Person) -> frozenset[str]:
        """Identifiers of parents, grandparents and so on, as far as the pedigree goes."""
        found: set[str] = set()
        waiting = [parent for parent in (person.mother, person.father) if parent is not None]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                parent = self._by_identifier[name]
                waiting += [one for one in (parent.mother, parent.father) if one is not None]
        return frozenset(found)


def read_ped(path: str | Path) -> Pedigree:
    """The pedigree in a PED file: tabs or blanks between six columns, lines starting with ``#`` are comments.

    Parents are not given as ``0``, ``.``, ``-9`` or an empty column (tabs only); sex is 1/male, 2/female, else unknown;
    phenotype is 1 unaffected, 2 affected, 0 or -9 unknown. Raises InputError with the line and the column's name.
    """
    source = Path(path)
    lines: list[int] = []
    persons: list[Person] = []
    for number, text in enumerate(_text_of(source).split("\n"), start=1):
        if not text.strip() or text.startswith("#"):
            continue
        try:
            persons.append(_person_of(text))
        except InputError as error:
            raise replace(error, source=source.name, line=number) from None
        lines.append(number)
    if not persons:
        raise InputError("empty_ped", "The file names no person.", "Give one line per person.", source=source.name)
    found = _first_problem(persons)
    if found is not None:
        raise replace(found[1], source=source.name, line=lines[found[0]])
    return Pedigree(tuple(persons))


def write_ped(pedigree: Pedigree, path: str | Path) -> None:
    """Write six columns with tabs between them; ``read_ped`` gives the same pedigree back."""
    rows = (
        (
            person.family,
            person.identifier,
            person.father or "0",
            person.mother or "0",
            _SEX_CODE[person.sex],
            _AFFECTED_CODE[person.affected],
        )
        for person in pedigree.persons
    )
    Path(path).write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")


def _text_of(source: Path) -> str:
    try:
        with source.open("rb") as file:
            content = file.read(_LARGEST_PED_BYTES + 1)
    except OSError as error:
        raise InputError(
            "unreadable", f"The file cannot be read: {error.strerror}.", "Check the path.", source=source.name
        ) from None
    if len(content) > _LARGEST_PED_BYTES or b"\0" in content:
        raise InputError(
            "not_ped",
            "This is not a PED file: it is binary or larger than 10 MB.",
            "Give the text file with one line per person.",
            source=source.name,
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            "not_utf8",
            f"The text is not UTF-8: byte {content[error.start]:#04x} cannot be read.",
            "Save the file as UTF-8.",
            source=source.name,
            line=content.count(b"\n", 0, error.start) + 1,
        ) from None


def _person_of(text: str) -> Person:
    columns = [column.strip() for column in text.split("\t")] if "\t" in text else text.split()
    while len(columns) > 6 and not columns[-1]:
        columns.pop()
    if len(columns) != 6:
        raise InputError(
            "ped_columns",
            f"{len(columns)} columns found, 6 expected: family, person, father, mother, sex, phenotype.",
            "Separate the columns by tabs, write 0 for what is not known, and start a heading with '#'.",
        )
    family, identifier, father, mother, sex, affected = columns
    return Person(
        family,
        identifier,
        None if father in _NO_PARENT else father,
        None if mother in _NO_PARENT else mother,
        _SEX.get(sex.lower()) or _unknown(sex, "sex", "1 (male), 2 (female) or 0 (unknown)", Sex.UNKNOWN),
        _AFFECTED.get(affected.lower())
        or _unknown(affected, "phenotype", "1 (unaffected), 2 (affected) or 0 (unknown)", Affected.UNKNOWN),
    )


def _unknown(text: str, column: str, expected: str, unknown: Code) -> Code:
    if text.lower() in _NOT_GIVEN:
        return unknown
    raise InputError(f"ped_{column}", f"{text!r} is not a {column}.", f"Write {expected}.", field=column)


def _first_problem(persons: Iterable[Person]) -> tuple[int, InputError] | None:
    """Index of the first person who contradicts the pedigree, and why."""
    people = list(persons)
    names: set[str] = set()
    for index, person in enumerate(people):
        if person.identifier in names:
            return index, InputError(
                "duplicate_person",
                f"{person.identifier} is given twice.",
                "Give each person one line and an identifier of their own.",
                field="identifier",
            )
        names.add(person.identifier)
    by_identifier = {person.identifier: person for person in people}
    for index, person in enumerate(people):
        for role, sex in (("father", Sex.MALE), ("mother", Sex.FEMALE)):
            problem = _parent_problem(person, role, sex, by_identifier)
            if problem is not None:
                return index, problem
    for index, person in enumerate(people):
        if _is_own_ancestor(person, by_identifier):
            return index, InputError(
                "pedigree_cycle",
                f"{person.identifier} is among their own ancestors.",
                "Correct the father and mother columns.",
                field="father",
            )
    return None


def _parent_problem(person: Person, role: str, sex: Sex, people: Mapping[str, Person]) -> InputError | None:
    parent = person.father if role == "father" else person.mother
    if parent is None:
        return None
    if parent not in people:
        return InputError(
            "unknown_parent",
            f"{parent}, {role} of {person.identifier}, has no line in the pedigree.",
            f"Add a line for {parent}, or write 0 when the {role} was not examined.",
            field=role,
        )
    known = people[parent]
    if known.sex not in (sex, Sex.UNKNOWN):
        return InputError(
            "parent_sex",
            f"{parent} is the {role} of {person.identifier} but is given as {known.sex.value}.",
            "Check whether father and mother changed places, and the sex column.",
            field=role,
        )
    if known.family != person.family:
        return InputError(
            "parent_family",
            f"{parent}, {role} of {person.identifier}, is in family {known.family}, not {person.family}.",
            "Give a child and its parents the same family.",
            field="family",
        )
    return None


def _is_own_ancestor(person: Person, people: Mapping[str, Person]) -> bool:
    seen: set[str] = set()
    waiting = [person]
    while waiting:
        current = waiting.pop()
        for parent in (current.father, current.mother):
            if parent == person.identifier:
                return True
            if parent is not None and parent not in seen:
                seen.add(parent)
                waiting.append(people[parent])
    return False


def _listed(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:5])
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown
