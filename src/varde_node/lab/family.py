"""The people of a case by their place in the family: the same key for tube, call, metric and drawing.

A place is a role, with a number from the second of several: ``sibling``, ``sibling_2``.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from varde.genome.kin import SEX_OF_KIN, Kin, Related, pedigree_of_relations, places_of, role_of
from varde.genome.pedigree import Affected, Pedigree, Sex
from varde.interpretation.prepared import FamilyMember, PreparedCase
from varde_node.lab.models import Case
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


def placed(case: PreparedCase) -> tuple[Placed, ...]:
    """Everybody in a prepared case's pedigree, in the order of places."""
    order = list(Kin)
    listed = sorted(case.family, key=lambda one: order.index(one.kin))
    keys = places_of(one.kin.value for one in listed)
    return tuple(Placed(key, one) for key, one in zip(keys, listed, strict=True))


def place_words(place: str) -> str:
    """A place in the reader's language: Sibling, Sibling 2."""
    kin, number = role_of(place)
    return str(FAMILY_WORDS[kin]) + (f" {number}" if number > 1 else "")


def place_order(place: str) -> tuple[int, int]:
    """Sorts places."""
    kin, number = role_of(place)
    return list(Kin).index(kin), number


def pedigree_of(case: Case) -> Pedigree:
    """The family as the order gives it, by sample name: what the files are held against.

    Parents who were not ordered stand in it without data, so that siblings are siblings.
    """
    samples = sorted(case.samples.all(), key=lambda one: place_order(one.place))
    registered = people.persons([sample.person_id for sample in samples])
    return pedigree_of_relations(
        case.number,
        [
            Related(
                sample.name,
                Kin(sample.role),
                SEX_OF_KIN.get(Kin(sample.role), Sex(registered[sample.person_id].sex)),
                _AFFECTED[sample.affected],
            )
            for sample in samples
        ],
    )


_AFFECTED = {True: Affected.AFFECTED, False: Affected.UNAFFECTED, None: Affected.UNKNOWN}
