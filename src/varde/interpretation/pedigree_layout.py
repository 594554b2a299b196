"""Where the people of a pedigree stand in its drawing: generations from above, couples side by side, children below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from varde.genome.kin import expected_kinship
from varde.genome.pedigree import Pedigree, Person

_ROUNDS = 24
"""Times that parents and children are drawn towards each other; the drawings of real families rest after about ten."""


@dataclass(frozen=True)
class Couple:
    """Two parents, or one known parent, with their children. ``related``: the pedigree gives them a common ancestor."""

    parents: tuple[str, ...]
    children: tuple[str, ...]
    related: bool

    def middle(self, column: Mapping[str, float]) -> float:
        """The column from which the line to the children goes down: between the parents, or beside a single one."""
        first, *second = (column[one] for one in self.parents)
        return (first + second[0]) / 2 if second else first + 0.5


@dataclass(frozen=True)
class Layout:
    """``place``: column (0 is the leftmost, a unit apart at least) and generation (0 is the oldest) of each person."""

    place: Mapping[str, tuple[float, int]]
    couples: tuple[Couple, ...]

    @property
    def generations(self) -> int:
        """How many generations there are."""
        return 1 + max(generation for _, generation in self.place.values())

    @property
    def width(self) -> float:
        """The rightmost column."""
        return max(column for column, _ in self.place.values())


def lay_out(pedigree: Pedigree, proband: str) -> Layout:
    """The father's side to the left and the mother's to the right of the proband, nobody nearer than one column."""
    couples = _couples(pedigree)
    generation = _generations(pedigree, couples, proband)
    rows = _rows(pedigree, proband, generation)
    column = _columns(rows, couples)
    left = min(column.values())
    return Layout({name: (column[name] - left, generation[name]) for name in pedigree.identifiers}, couples)


def _couples(pedigree: Pedigree) -> tuple[Couple, ...]:
    children: dict[tuple[str, ...], list[str]] = {}
    for person in pedigree.persons:
        parents = tuple(one for one in (person.father, person.mother) if one is not None)
        if parents:
            children.setdefault(parents, []).append(person.identifier)
    return tuple(
        Couple(parents, tuple(listed), len(parents) == 2 and expected_kinship(pedigree, *parents) > 0)
        for parents, listed in children.items()
    )


def _generations(pedigree: Pedigree, couples: Sequence[Couple], proband: str) -> dict[str, int]:
    """Children below their parents and couples level, except where one is the other's ancestor; founders just above
    their children; people without relatives beside the proband."""
    ancestors = {person.identifier: pedigree.ancestors(person) for person in pedigree.persons}
    level = _levels(pedigree, couples, ancestors) or _levels(pedigree, (), ancestors) or {}
    children_of: dict[str, set[str]] = {}
    for couple in couples:
        for parent in couple.parents:
            children_of.setdefault(parent, set()).update(couple.children)
    for couple in sorted(couples, key=lambda one: -min(level[child] for child in one.children)):
        if all(not ancestors[one] and children_of[one] == set(couple.children) for one in couple.parents):
            above = min(level[child] for child in couple.children) - 1
            level.update(dict.fromkeys(couple.parents, above))
    bound = {name for couple in couples for name in (*couple.parents, *couple.children)}
    level.update({name: level[proband] for name in level if name not in bound})
    top = min(level.values())
    return {name: value - top for name, value in level.items()}


def _levels(
    pedigree: Pedigree, level_couples: Sequence[Couple], ancestors: Mapping[str, frozenset[str]]
) -> dict[str, int] | None:
    """Everybody below their parents, and these couples level; None where no levels satisfy both, as when somebody has
    children with a mother and with her daughter."""
    level = dict.fromkeys(pedigree.identifiers, 0)
    for _ in range(len(level) + 1):
        before = dict(level)
        for couple in level_couples:
            if len(couple.parents) == 2 and not _in_line(couple.parents, ancestors):
                level.update(dict.fromkeys(couple.parents, max(level[one] for one in couple.parents)))
        for person in pedigree.persons:
            above = [level[parent] for parent in (person.father, person.mother) if parent is not None]
            level[person.identifier] = max([level[person.identifier], *(one + 1 for one in above)])
        if level == before:
            return level
    return None


def _in_line(parents: tuple[str, ...], ancestors: Mapping[str, frozenset[str]]) -> bool:
    first, second = parents
    return first in ancestors[second] or second in ancestors[first]


def _rows(pedigree: Pedigree, proband: str, generation: Mapping[str, int]) -> list[list[str]]:
    """The people of each generation from left to right: a walk through the father's side, the person, the mother's."""
    walk: dict[str, None] = {}
    partners: dict[str, list[str]] = {}
    for couple in _couples(pedigree):
        if len(couple.parents) == 2:
            father, mother = couple.parents
            partners.setdefault(father, []).append(mother)
            partners.setdefault(mother, []).append(father)

    lineage = pedigree.ancestors(pedigree.person(proband))

    def visit(name: str, *, outwards_left: bool) -> None:
        """The parents' side, then the person with siblings and partners, those who lead away from the proband outside;
        siblings from whom the proband descends too (a marriage of kin) stand inside."""
        if name in walk:
            return
        person = pedigree.person(name)
        siblings = [one.identifier for one in pedigree.persons if one is not person and _share_parents(one, person)]
        if person.father is not None:
            visit(person.father, outwards_left=True)
        fathers = [one for one in siblings if _only_by_father(pedigree.person(one), person)]
        mothers = [one for one in siblings if _only_by_mother(pedigree.person(one), person)]
        inside = [one for one in siblings if one in lineage]
        outside = [one for one in siblings if one not in (*lineage, *fathers, *mothers)]
        alone = [one for one in partners.get(name, ()) if inside or one not in lineage]
        if name == proband:
            alone, own = [], alone
        else:
            own = []
        around: list[tuple[list[str], bool]] = [(outside, True), (alone, False), ([name, *own], False), (inside, True)]
        ordered = around if outwards_left else around[::-1]
        for names, with_partners in [(fathers, True), *ordered, (mothers, True)]:
            for one in names:
                walk.setdefault(one)
                walk.update(dict.fromkeys(partners.get(one, ()) if with_partners else ()))
        if person.mother is not None:
            visit(person.mother, outwards_left=False)

    visit(proband, outwards_left=False)
    for person in pedigree.persons:
        visit(person.identifier, outwards_left=False)
    rows: list[list[str]] = [[] for _ in range(1 + max(generation.values()))]
    for name in walk:
        rows[generation[name]].append(name)
    return rows


def _share_parents(one: Person, other: Person) -> bool:
    return (one.mother is not None and one.mother == other.mother) or (
        one.father is not None and one.father == other.father
    )


def _only_by_father(one: Person, other: Person) -> bool:
    return one.father is not None and one.father == other.father and one.mother != other.mother


def _only_by_mother(one: Person, other: Person) -> bool:
    return one.mother is not None and one.mother == other.mother and one.father != other.father


def _columns(rows: Sequence[Sequence[str]], couples: Sequence[Couple]) -> dict[str, float]:
    column = {name: float(place) for row in rows for place, name in enumerate(row)}
    last = float(len(column))
    for _ in range(_ROUNDS):
        for upwards in (True, False):
            wanted: dict[str, list[float]] = {}
            for couple in couples:
                above = couple.middle(column)
                below = sum(column[one] for one in couple.children) / len(couple.children)
                moved = couple.parents if upwards else couple.children
                shift = below - above if upwards else above - below
                for one in moved:
                    wanted.setdefault(one, []).append(column[one] + shift)
            for row in rows:
                asked = [sum(wanted[one]) / len(wanted[one]) if one in wanted else column[one] for one in row]
                asked = [min(max(value, -last), last) for value in asked]
                column.update(zip(row, _apart(asked), strict=True))
    return {name: round(value * 4) / 4 for name, value in column.items()} if _fits(rows, column) else column


def _fits(rows: Sequence[Sequence[str]], column: Mapping[str, float]) -> bool:
    """Whether columns rounded to quarters stay a unit apart."""
    rounded = {name: round(value * 4) / 4 for name, value in column.items()}
    return all(rounded[b] - rounded[a] >= 1 for row in rows for a, b in pairwise(row))


def _apart(wanted: Sequence[float]) -> list[float]:
    """The nearest places (least squares) to those wanted that keep the order and a unit between neighbours: isotonic
    regression by pooling adjacent violators (Barlow 1972)."""
    pools: list[list[float]] = []
    for place, value in enumerate(wanted):
        pools.append([value - place, 1])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            mean, count = pools.pop()
            total = pools[-1][1] + count
            pools[-1] = [(pools[-1][0] * pools[-1][1] + mean * count) / total, total]
    flat = [mean for mean, count in pools for _ in range(int(count))]
    return [value + place for place, value in enumerate(flat)]
