"""How much a family says: informative meioses of a pedigree of any size, exactly, by the chances of transmission.

One founder brings the rare variant in; each child of a carrier gets it with the chance that the mode of inheritance
gives. Given that the proband carries it, the genotypes seen in the relatives have a probability P by chance; were the
variant the cause, they had to come so. The evidence is -log2 P, counted in meioses (Thompson 2003; Jarvik and Browning
2016). Only affected relatives who carry it count, and, with full penetrance, unaffected ones who do not.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from varde.genome.pedigree import Affected, Pedigree, Person, Sex
from varde.interpretation.acmg.evidence import Inheritance, Segregation

UNREAD_AT_MOST = 16
"""More relatives than this between the observed ones, not read themselves, and the sum is not taken."""

_FULL_SIB_BOTH = 0.25
"""Chance that a full sib of a recessive patient has both copies too."""


def segregation_of(
    pedigree: Pedigree,
    proband: str,
    carries: Mapping[str, bool],
    inheritance: Inheritance,
    *,
    full_penetrance: bool = False,
) -> Segregation | None:
    """What the relatives of a proband show; None when no relative of known status was read, or the family is too large.

    ``carries`` says of each person read well whether they carry the variant (recessive: both copies); who is not in it
    was not read. Raises InputError when the proband is not of the pedigree.
    """
    pedigree.person(proband)
    relatives = [person for person in pedigree.persons if person.identifier != proband]
    seen = [p for p in relatives if p.identifier in carries and p.affected is not Affected.UNKNOWN]
    if not seen:
        return None
    affected = {p.identifier: carries[p.identifier] for p in seen if p.affected is Affected.AFFECTED}
    unaffected = {p.identifier: carries[p.identifier] for p in seen if p.affected is Affected.UNAFFECTED}
    counted = {name: True for name, carried in affected.items() if carried}
    if full_penetrance:
        counted |= {name: False for name, carried in unaffected.items() if not carried}
    meioses = informative_meioses(pedigree, proband, counted, inheritance)
    if meioses is None:
        return None
    return Segregation(
        meioses=meioses,
        affected_without=sum(not carried for carried in affected.values()),
        unaffected_with=sum(unaffected.values()),
        source="pedigree",
    )


def informative_meioses(
    pedigree: Pedigree, proband: str, seen: Mapping[str, bool], inheritance: Inheritance
) -> float | None:
    """-log2 of the chance of ``seen`` given that the proband carries the variant; None where it is not computed.

    Relatives whom the pedigree does not connect to the proband say nothing. For a recessive disease full sibs alone
    count: 2 meioses for one who has both copies, 0.415 for one who has not.
    """
    if inheritance is Inheritance.AUTOSOMAL_RECESSIVE:
        return _recessive(pedigree, proband, seen)
    if inheritance is Inheritance.MITOCHONDRIAL:
        return None
    fixed = {**seen, proband: True}
    needed = _ancestry(pedigree, fixed)
    if len(needed) - len(fixed) > UNREAD_AT_MOST:
        return None
    order = _parents_first(pedigree, needed)
    both = _chance(order, fixed, inheritance)
    alone = _chance(order, {proband: True}, inheritance)
    if not both or not alone:
        return None
    return -math.log2(both / alone) + 0.0


def _recessive(pedigree: Pedigree, proband: str, seen: Mapping[str, bool]) -> float:
    own = pedigree.person(proband)
    parents = (own.father, own.mother)
    if None in parents:
        return 0.0
    sibs = [name for name in seen if (pedigree.person(name).father, pedigree.person(name).mother) == parents]
    return sum(-math.log2(_FULL_SIB_BOTH if seen[name] else 1 - _FULL_SIB_BOTH) for name in sibs)


def _ancestry(pedigree: Pedigree, names: Mapping[str, bool]) -> set[str]:
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        person = pedigree.person(name)
        waiting += [parent for parent in (person.father, person.mother) if parent is not None]
    return found


def _parents_first(pedigree: Pedigree, names: set[str]) -> list[Person]:
    order: list[Person] = []
    placed: set[str] = set()

    def place(name: str) -> None:
        if name in placed:
            return
        placed.add(name)
        person = pedigree.person(name)
        for parent in (person.father, person.mother):
            if parent is not None:
                place(parent)
        order.append(person)

    for name in sorted(names):
        place(name)
    return order


def _chance(order: list[Person], fixed: Mapping[str, bool], inheritance: Inheritance) -> float:
    """Summed over the founder who brings the variant in, each as likely as the other per copy of the chromosome."""
    founders = [person for person in order if person.father is None and person.mother is None]
    return sum(
        _copies(person, inheritance) * _below(order, 0, {person.identifier: True}, fixed, inheritance)
        for person in founders
        if fixed.get(person.identifier, True)
    )


def _below(
    order: list[Person], place: int, carried: dict[str, bool], fixed: Mapping[str, bool], inheritance: Inheritance
) -> float:
    if place == len(order):
        return 1.0
    person = order[place]
    name = person.identifier
    chance = 1.0 if carried.get(name) else _transmission(person, carried, inheritance)
    total = 0.0
    for value, weight in ((True, chance), (False, 1 - chance)):
        if weight and fixed.get(name, value) is value:
            before = carried.get(name)
            carried[name] = value
            total += weight * _below(order, place + 1, carried, fixed, inheritance)
            if before is None:
                del carried[name]
            else:
                carried[name] = before
    return total


def _transmission(person: Person, carried: Mapping[str, bool], inheritance: Inheritance) -> float:
    """Chance that a child carries what its parents carry."""
    spared = 1.0
    if person.mother is not None and carried.get(person.mother):
        spared *= 0.5
    if person.father is not None and carried.get(person.father):
        if not inheritance.is_x_linked:
            spared *= 0.5
        elif person.sex is Sex.FEMALE:
            spared = 0.0
        elif person.sex is Sex.UNKNOWN:
            spared *= 0.5
    return 1 - spared


def _copies(person: Person, inheritance: Inheritance) -> float:
    return 1.0 if inheritance.is_x_linked and person.sex is Sex.MALE else 2.0
