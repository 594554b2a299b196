"""What the people of a pedigree are to one another: names of relations, and the kinship that one expects of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from varde.genome.pedigree import Affected, Pedigree, Person, Sex


class Kin(StrEnum):
    """What a person is to the examined one (the proband, here ``child``)."""

    CHILD = "child"
    MOTHER = "mother"
    FATHER = "father"
    SIBLING = "sibling"
    MATERNAL_HALF_SIBLING = "maternal_half_sibling"
    PATERNAL_HALF_SIBLING = "paternal_half_sibling"
    MATERNAL_GRANDMOTHER = "maternal_grandmother"
    MATERNAL_GRANDFATHER = "maternal_grandfather"
    PATERNAL_GRANDMOTHER = "paternal_grandmother"
    PATERNAL_GRANDFATHER = "paternal_grandfather"
    OFFSPRING = "offspring"
    OTHER = "other"


def kin_of(pedigree: Pedigree, proband: Person, person: Person) -> Kin:
    """What ``person`` is to ``proband``. Siblings share every parent that both have in the pedigree."""
    if person.identifier == proband.identifier:
        return Kin.CHILD
    direct = {proband.mother: Kin.MOTHER, proband.father: Kin.FATHER}
    if person.identifier in direct:
        return direct[person.identifier]
    if proband.identifier in (person.mother, person.father):
        return Kin.OFFSPRING
    mother, father = pedigree.parents(proband)
    for parent, grandmother, grandfather in (
        (mother, Kin.MATERNAL_GRANDMOTHER, Kin.MATERNAL_GRANDFATHER),
        (father, Kin.PATERNAL_GRANDMOTHER, Kin.PATERNAL_GRANDFATHER),
    ):
        if parent is not None and person.identifier in (parent.mother, parent.father):
            return grandmother if person.identifier == parent.mother else grandfather
    return _sibling(proband, person)


def _sibling(proband: Person, person: Person) -> Kin:
    same_mother = proband.mother is not None and proband.mother == person.mother
    same_father = proband.father is not None and proband.father == person.father
    if same_mother and None not in (proband.father, person.father) and not same_father:
        return Kin.MATERNAL_HALF_SIBLING
    if same_father and None not in (proband.mother, person.mother) and not same_mother:
        return Kin.PATERNAL_HALF_SIBLING
    return Kin.SIBLING if same_mother or same_father else Kin.OTHER


def expected_kinship(pedigree: Pedigree, first: str, second: str) -> float:
    """The kinship coefficient that the pedigree gives two people: 0.25 parent and child or full siblings, 0.125
    grandparent or half siblings, 0 for people without a common ancestor in it.

    Founders count as unrelated (Lange 2002, Mathematical and Statistical Methods for Genetic Analysis, section 5.2).
    """

    @cache
    def generation(name: str | None) -> int:
        if name is None:
            return 0
        person = pedigree.person(name)
        return 1 + max(generation(person.mother), generation(person.father))

    @cache
    def kinship(a: str | None, b: str | None) -> float:
        if a is None or b is None:
            return 0.0
        if a == b:
            person = pedigree.person(a)
            return 0.5 * (1 + kinship(person.mother, person.father))
        # The younger one is taken apart: nobody is the ancestor of somebody of an older generation.
        younger, other = (a, b) if generation(a) >= generation(b) else (b, a)
        person = pedigree.person(younger)
        return 0.5 * (kinship(person.mother, other) + kinship(person.father, other))

    return kinship(first, second)


def on_maternal_line(pedigree: Pedigree, first: str, second: str) -> bool:
    """Whether two people have their mitochondria from one woman of the pedigree."""
    return _first_mother(pedigree, first) == _first_mother(pedigree, second)


def _first_mother(pedigree: Pedigree, name: str) -> str:
    person = pedigree.person(name)
    while person.mother is not None:
        person = pedigree.person(person.mother)
    return person.identifier


SEX_OF_KIN = {
    Kin.MOTHER: Sex.FEMALE,
    Kin.FATHER: Sex.MALE,
    Kin.MATERNAL_GRANDMOTHER: Sex.FEMALE,
    Kin.PATERNAL_GRANDMOTHER: Sex.FEMALE,
    Kin.MATERNAL_GRANDFATHER: Sex.MALE,
    Kin.PATERNAL_GRANDFATHER: Sex.MALE,
}
"""The sex that a relation tells by itself."""


@dataclass(frozen=True)
class Related:
    """A person by what they are to the proband."""

    identifier: str
    kin: Kin
    sex: Sex = Sex.UNKNOWN
    affected: Affected = Affected.UNKNOWN


def pedigree_of_relations(family: str, people: Sequence[Related]) -> Pedigree:
    """The pedigree of people named by relation, the proband (the one ``Kin.CHILD``) first, the others in their order.

    A parent whom siblings or grandparents ask for but who is not among the people stands in it under the proband's
    name with '-mother' or '-father' (half siblings have another parent of their own name).
    """
    (proband,) = (one for one in people if one.kin is Kin.CHILD)
    named = {one.kin: one.identifier for one in people}
    mother = named.get(Kin.MOTHER, f"{proband.identifier}-mother")
    father = named.get(Kin.FATHER, f"{proband.identifier}-father")
    parents = {one.identifier: _parents(one, (father, mother), proband) for one in people if one.kin not in _ELDER} | {
        mother: (named.get(Kin.MATERNAL_GRANDFATHER), named.get(Kin.MATERNAL_GRANDMOTHER)),
        father: (named.get(Kin.PATERNAL_GRANDFATHER), named.get(Kin.PATERNAL_GRANDMOTHER)),
    }
    listed = [proband, *(one for one in people if one is not proband)]
    told = {one.identifier for one in listed}
    for given in [parents.get(one.identifier, (None, None)) for one in listed]:
        for name, sex in zip(given, (Sex.MALE, Sex.FEMALE), strict=True):
            if name is not None and name not in told:
                told.add(name)
                listed.append(Related(name, Kin.OTHER, sex))
    return Pedigree(
        tuple(
            Person(family, one.identifier, *parents.get(one.identifier, (None, None)), one.sex, one.affected)
            for one in listed
        )
    )


_ELDER = frozenset(SEX_OF_KIN)


def _parents(one: Related, of_proband: tuple[str, str], proband: Related) -> tuple[str | None, str | None]:
    """Father and mother of somebody who is no ancestor."""
    father, mother = of_proband
    match one.kin:
        case Kin.CHILD | Kin.SIBLING:
            return father, mother
        case Kin.MATERNAL_HALF_SIBLING:
            return f"{one.identifier}-father", mother
        case Kin.PATERNAL_HALF_SIBLING:
            return father, f"{one.identifier}-mother"
        case Kin.OFFSPRING:
            of_male = proband.sex is Sex.MALE
            return (proband.identifier, None) if of_male else (None, proband.identifier)
    return None, None


def places_of(roles: Iterable[str]) -> list[str]:
    """A place in the family for each role, in the order given: the role, with a number from the second of several
    (``sibling``, ``sibling_2``)."""
    seen: dict[str, int] = {}
    keys = []
    for role in roles:
        seen[role] = seen.get(role, 0) + 1
        keys.append(role if seen[role] == 1 else f"{role}_{seen[role]}")
    return keys


def role_of(place: str) -> tuple[Kin, int]:
    """The relation and the number of a place."""
    role, _underscore, number = place.rpartition("_")
    return (Kin(role), int(number)) if number.isdigit() else (Kin(place), 1)
