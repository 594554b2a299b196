"""KING-robust kinship of every pair, held against the pedigree."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from varde.genome.kin import expected_kinship
from varde.genome.message import Message
from varde.genome.pedigree import Pedigree
from varde.quality import thresholds as limits
from varde.quality.calls import Calls
from varde.quality.report import Light, Metric
from varde.quality.texts import text


class Relation(StrEnum):
    """What the pedigree says two persons are to each other."""

    PARENT_CHILD = "parent and child"
    FULL_SIBLINGS = "full siblings"
    PARENTS = "parents of one child"
    SECOND_DEGREE = "second-degree relatives"
    OTHER = "not stated"


@dataclass(frozen=True)
class PairCounts:
    """Counts over autosomal biallelic passing SNVs where both calls are usable.

    ``ibs0`` is opposite homozygotes; ``het_first`` and ``het_second`` count heterozygotes at those shared sites.
    """

    sites: int
    both_het: int
    ibs0: int
    het_first: int
    het_second: int

    @property
    def kinship(self) -> float | None:
        """(both het - 2 x IBS0) / (het of one + het of the other); None without heterozygotes."""
        hets = self.het_first + self.het_second
        return (self.both_het - 2 * self.ibs0) / hets if hets else None

    @property
    def ibs0_share(self) -> float | None:
        """Opposite homozygotes over shared sites; None without sites."""
        return self.ibs0 / self.sites if self.sites else None


def pair_counts(calls: Calls, first: int, second: int) -> PairCounts:
    """Counts of one pair of columns of the table."""
    shared = calls.usable[:, first] & calls.usable[:, second]
    shared &= calls.autosomal & calls.snv & calls.biallelic & calls.passing
    het_a, het_b = calls.het[shared, first], calls.het[shared, second]
    hom_a, hom_b = calls.hom_alt[shared, first], calls.hom_alt[shared, second]
    ref_a, ref_b = ~het_a & ~hom_a, ~het_b & ~hom_b
    return PairCounts(
        sites=int(np.count_nonzero(shared)),
        both_het=int(np.count_nonzero(het_a & het_b)),
        ibs0=int(np.count_nonzero((hom_a & ref_b) | (ref_a & hom_b))),
        het_first=int(np.count_nonzero(het_a)),
        het_second=int(np.count_nonzero(het_b)),
    )


def relation(pedigree: Pedigree, first: str, second: str) -> Relation:
    """What the pedigree states for two persons."""
    a, b = pedigree.person(first), pedigree.person(second)
    if first in (b.father, b.mother) or second in (a.father, a.mother):
        return Relation.PARENT_CHILD
    if a.father and a.mother and (a.father, a.mother) == (b.father, b.mother):
        return Relation.FULL_SIBLINGS
    if any({first, second} == {person.father, person.mother} for person in pedigree.persons):
        return Relation.PARENTS
    return Relation.SECOND_DEGREE if expected_kinship(pedigree, first, second) == 0.125 else Relation.OTHER


def kinship_metric(calls: Calls, first: int, second: int, expected: Relation) -> Metric:
    """Kinship of one pair with its light. Too few heterozygous calls give ``NOT_EVALUATED``."""
    counts = pair_counts(calls, first, second)
    pair = f"{calls.table.samples[first]} / {calls.table.samples[second]}"
    limit, source = _limit(expected), limits.KINSHIP_FIRST_DEGREE.source
    least = limits.MINIMUM_KINSHIP_HETS
    value = counts.kinship
    if value is None or counts.het_first + counts.het_second < least.value:
        few = text("quality.too_few.hets", n=counts.het_first + counts.het_second, least=least.value)
        return Metric(pair, "kinship", None, "kinship", Light.NOT_EVALUATED, limit, source, (few,))
    light, verdict = relation_verdict(value, counts.ibs0_share or 0.0, expected)
    told = text(f"quality.kinship.counts.{expected.name.lower()}", sites=counts.sites, n=counts.ibs0)
    return Metric(pair, "kinship", value, "kinship", light, limit, source, (told, *verdict))


def _limit(expected: Relation) -> Message:
    first, duplicate = limits.KINSHIP_FIRST_DEGREE.value, limits.KINSHIP_DUPLICATE.value
    key = f"quality.limit.kinship.{expected.name.lower()}"
    if expected is Relation.PARENT_CHILD:
        return text(key, low=first, high=duplicate, share=limits.PARENT_CHILD_IBS0.value)
    if expected is Relation.FULL_SIBLINGS:
        return text(key, low=first, high=duplicate)
    if expected is Relation.SECOND_DEGREE:
        return text(key, low=limits.KINSHIP_SECOND_DEGREE.value, high=first)
    return text(key, limit=limits.KINSHIP_THIRD_DEGREE.value if expected is Relation.PARENTS else duplicate)


def relation_verdict(value: float, ibs0_share: float, expected: Relation) -> tuple[Light, tuple[Message, ...]]:
    """The light of a kinship (KING's scale) and a share of opposite homozygotes against what the pedigree states."""
    if value > limits.KINSHIP_DUPLICATE.value:
        return Light.RED, (text("quality.kinship.duplicate"),)
    first_degree = value >= limits.KINSHIP_FIRST_DEGREE.value
    if expected is Relation.PARENT_CHILD:
        if not first_degree:
            return Light.RED, (text("quality.kinship.not_parent_child"),)
        if ibs0_share > limits.PARENT_CHILD_IBS0.value:
            return Light.RED, (text("quality.kinship.rather_siblings"),)
        return Light.GREEN, ()
    if expected is Relation.FULL_SIBLINGS:
        return (Light.GREEN, ()) if first_degree else (Light.RED, (text("quality.kinship.not_siblings"),))
    if expected is Relation.PARENTS:
        return _parents(value)
    return _second_degree(value) if expected is Relation.SECOND_DEGREE else (Light.GREEN, ())


def _second_degree(value: float) -> tuple[Light, tuple[Message, ...]]:
    """Grandparent and grandchild, half siblings, uncle or aunt: relatives whose shared part varies, so that only what
    is farther than third degree is red."""
    if value < limits.KINSHIP_THIRD_DEGREE.value:
        return Light.RED, (text("quality.kinship.not_second_degree"),)
    if value < limits.KINSHIP_SECOND_DEGREE.value:
        return Light.YELLOW, (text("quality.kinship.beyond_second_degree"),)
    if value >= limits.KINSHIP_FIRST_DEGREE.value:
        return Light.YELLOW, (text("quality.kinship.within_second_degree"),)
    return Light.GREEN, ()


def _parents(value: float) -> tuple[Light, tuple[Message, ...]]:
    if value >= limits.KINSHIP_FIRST_DEGREE.value:
        return Light.RED, (text("quality.kinship.parents_first_degree"),)
    if value >= limits.KINSHIP_THIRD_DEGREE.value:
        degree = "second" if value >= limits.KINSHIP_SECOND_DEGREE.value else "third"
        return Light.YELLOW, (text(f"quality.kinship.parents_{degree}_degree"),)
    return Light.GREEN, ()
