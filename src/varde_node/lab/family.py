"""The people of a case by their place in the family: the same key for tube, call, metric and drawing.

A place is a role, with a number from the second of several: ``sibling``, ``sibling_2``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from varde.genome.kin import SEX_OF_KIN, Kin
from varde.genome.pedigree import Affected, Pedigree, Person, Sex
from varde.interpretation.prepared import FamilyMember, PreparedCase
from varde_node.lab.models import Case, FamilyRole, Sample
from varde_node.lab.states import FAMILY_WORDS
from varde_node.lab.words import Text
from varde_node.people import queries as people

AFFECTED_WORDS: dict[bool | None, Text] = {
    True: _("affected"),
    False: _("not affected"),
    None: _("not known whether affected"),
}


@dataclass(frozen=True)
class Placed:
    """A member of the family with the place key."""

    place: str
    member: FamilyMember


def places_of_samples(samples: Iterable[Sample]) -> dict[str, str]:
    """Place by sample name, in the order child, mother, father, and the others by role and name."""
    order = list(FamilyRole)
    listed = sorted(samples, key=lambda one: (order.index(FamilyRole(one.role)), one.name))
    return dict(zip((one.name for one in listed), _numbered(one.role for one in listed), strict=True))


def placed(case: PreparedCase) -> tuple[Placed, ...]:
    """Everybody in a prepared case's pedigree, in the order of places."""
    order = list(Kin)
    listed = sorted(case.family, key=lambda one: (order.index(one.kin), one.person.identifier))
    keys = _numbered(one.kin.value for one in listed)
    return tuple(Placed(key, one) for key, one in zip(keys, listed, strict=True))


def place_words(place: str) -> str:
    """A place in the reader's language: Sibling, Sibling 2."""
    role, number = _parts(place)
    return str(FAMILY_WORDS[role]) + (f" {number}" if number else "")


def place_order(place: str) -> tuple[int, int]:
    """Sorts places."""
    role, number = _parts(place)
    return list(FAMILY_WORDS).index(role), int(number or 1)


def pedigree_of(case: Case) -> Pedigree:
    """The family as the order gives it, by sample name: what the files are held against.

    A parent who was not ordered stands in it without data, so that siblings are siblings.
    """
    samples = list(case.samples.all())
    by_role = {sample.role: sample.name for sample in samples}
    names = {role: by_role.get(role, f"{case.number}-{role.value}") for role in FamilyRole}
    registered = people.persons([sample.person_id for sample in samples])
    sexes = {sample.name: _sex(sample.role, registered[sample.person_id].sex) for sample in samples}
    known = [
        Person(
            family=case.number,
            identifier=sample.name,
            **_parents(sample, names, sexes[names[FamilyRole.CHILD]], set(by_role)),
            sex=sexes[sample.name],
            affected=_AFFECTED[sample.affected],
        )
        for sample in samples
    ]
    told = {person.identifier for person in known}
    named = {parent: sex for one in known for parent, sex in ((one.father, Sex.MALE), (one.mother, Sex.FEMALE))}
    absent = [
        Person(case.number, name, sex=sex, **_grandparents(name, names, set(by_role)))
        for name, sex in named.items()
        if name is not None and name not in told
    ]
    child = names[FamilyRole.CHILD]
    return Pedigree(tuple(sorted([*known, *absent], key=lambda one: one.identifier != child)))


_AFFECTED = {True: Affected.AFFECTED, False: Affected.UNAFFECTED, None: Affected.UNKNOWN}


def _parents(sample: Sample, names: dict[FamilyRole, str], child_sex: Sex, ordered: set[str]) -> dict[str, str | None]:
    mother, father = names[FamilyRole.MOTHER], names[FamilyRole.FATHER]
    match FamilyRole(sample.role):
        case FamilyRole.CHILD | FamilyRole.SIBLING:
            return {"father": father, "mother": mother}
        case FamilyRole.MATERNAL_HALF_SIBLING:
            return {"father": f"{sample.name}-father", "mother": mother}
        case FamilyRole.PATERNAL_HALF_SIBLING:
            return {"father": father, "mother": f"{sample.name}-mother"}
        case FamilyRole.OFFSPRING:
            of_father = child_sex is Sex.MALE
            child = names[FamilyRole.CHILD]
            return {"father": child if of_father else None, "mother": None if of_father else child}
        case FamilyRole.MOTHER:
            return _grandparents(mother, names, ordered)
        case FamilyRole.FATHER:
            return _grandparents(father, names, ordered)
    return {"father": None, "mother": None}


def _grandparents(parent: str, names: dict[FamilyRole, str], ordered: set[str]) -> dict[str, str | None]:
    """The ordered parents of a parent; of anybody else none."""
    sides = {
        names[FamilyRole.MOTHER]: (FamilyRole.MATERNAL_GRANDFATHER, FamilyRole.MATERNAL_GRANDMOTHER),
        names[FamilyRole.FATHER]: (FamilyRole.PATERNAL_GRANDFATHER, FamilyRole.PATERNAL_GRANDMOTHER),
    }
    asked = [role for role in sides.get(parent, ()) if role in ordered]
    return {side: next((names[role] for role in asked if role.endswith(side)), None) for side in ("father", "mother")}


def _sex(role: str, registered: str) -> Sex:
    return SEX_OF_KIN.get(Kin(role), Sex(registered))


def _numbered(roles: Iterable[str]) -> list[str]:
    seen: dict[str, int] = {}
    keys = []
    for role in roles:
        seen[role] = seen.get(role, 0) + 1
        keys.append(role if seen[role] == 1 else f"{role}_{seen[role]}")
    return keys


def _parts(place: str) -> tuple[str, str]:
    role, _underscore, number = place.rpartition("_")
    return (role, number) if number.isdigit() else (place, "")
