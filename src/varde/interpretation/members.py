"""The examined child and its parents: what each one's calls say of every row's allele."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from varde.genome.builds import MT, Build, X, Y, in_pseudoautosomal_region
from varde.genome.errors import InputError
from varde.genome.pedigree import Affected, Pedigree, Person, Sex
from varde.genome.records import ABSENT, MISSING, AlleleTable
from varde.interpretation.gate import FAIL, PASS, Gate, allele_balance, evaluate, incomplete, missing, too_shallow

Mask = NDArray[np.bool_]

MOSAIC_FRACTION = (0.02, 0.20)
MOSAIC_ALT_READS = 2
"""A parent called hom-ref with this fraction and number of alternate reads may be mosaic (proposed limits)."""


@dataclass(frozen=True)
class Member:
    """A person of the family and their column in a table; both None when the family or the table lacks them."""

    person: Person | None
    column: int | None

    @property
    def affected(self) -> Affected:
        return Affected.UNKNOWN if self.person is None else self.person.affected


@dataclass(frozen=True)
class Family:
    """The examined child and its parents."""

    child: Member
    mother: Member
    father: Member
    child_sex: Sex


def family_of(table: AlleleTable, pedigree: Pedigree, child: str | None = None) -> Family:
    """The named child, or the pedigree's one affected child, with its parents as far as they are known.

    Raises InputError when the pedigree has no such child, several, or when the table lacks it.
    """
    person = examined(pedigree, child)
    column = {name: index for index, name in enumerate(table.samples)}
    if person.identifier not in column:
        raise InputError(
            "child_without_data",
            f"{person.identifier}, the examined child, is not a sample of the VCF.",
            "Use the sample's name in the PED, or give the child's VCF.",
            field="identifier",
        )
    mother, father = (
        Member(parent, column.get(parent.identifier) if parent else None) for parent in pedigree.parents(person)
    )
    return Family(Member(person, column[person.identifier]), mother, father, person.sex)


def examined(pedigree: Pedigree, child: str | None) -> Person:
    """The named child, or the pedigree's one affected child. Raises InputError as ``family_of``."""
    if child is not None:
        return pedigree.person(child)
    affected = [person for person in pedigree.persons if person.affected is Affected.AFFECTED]
    if len(affected) == 1 and None in pedigree.parents(affected[0]):
        return affected[0]
    return pedigree.trio().child


@dataclass(frozen=True)
class MemberCalls:
    """One person's calls of each row's allele; every array is [rows].

    ``lacking``: the call says nothing, because it is missing or below the gate's depth. ``silent``: lacking and the
    allele is not in the call. ``none``, ``het``, ``hom`` and ``carries`` hold only for calls that are neither missing,
    nor lacking, nor failed by the gate; a half call './1' is ``het``. ``passes``: the gate's PASS. ``mosaic``: called
    without the allele at sufficient depth, yet with reads of it. ``alt_reads`` is AD of the allele or ``MISSING``.
    """

    affected: Affected
    lacking: Mask
    silent: Mask
    none: Mask
    het: Mask
    hom: Mask
    carries: Mask
    passes: Mask
    mosaic: Mask
    alt_reads: NDArray[np.int32]
    balance: NDArray[np.float64]

    @property
    def carrier(self) -> Mask:
        """Heterozygous, as a healthy carrier is; in an affected person homozygous too."""
        return self.carries if self.affected is Affected.AFFECTED else self.het


@dataclass(frozen=True)
class FamilyCalls:
    """The calls of child, mother and father."""

    child: MemberCalls
    mother: MemberCalls
    father: MemberCalls

    @property
    def all_pass(self) -> Mask:
        """All three pass the gate."""
        return self.child.passes & self.mother.passes & self.father.passes


def family_calls(table: AlleleTable, pedigree: Pedigree, gate: Gate, family: Family) -> FamilyCalls:
    """The calls of the three. A call of the child below the gate's depth fails; a parent's says nothing."""
    verdict, shallow = evaluate(table, pedigree, gate), too_shallow(table, pedigree, gate)
    balance, unsaid, part = allele_balance(table), missing(table), incomplete(table)
    carried = (table.genotype == 1).any(axis=2)
    hom = ((table.genotype == 1) | (table.genotype == ABSENT)).all(axis=2)

    def calls_of(member: Member, *, is_child: bool) -> MemberCalls:
        column = member.column
        if column is None:
            return _absent(member.affected, len(table))
        lacking = unsaid[:, column] if is_child else unsaid[:, column] | shallow[:, column]
        known = ~lacking & (verdict[:, column] != FAIL)
        alt_reads, fraction = table.depth_alt[:, column], balance[:, column]
        low, high = MOSAIC_FRACTION
        mosaic = (fraction >= low) & (fraction <= high) & (alt_reads >= MOSAIC_ALT_READS)
        return MemberCalls(
            affected=member.affected,
            lacking=lacking,
            silent=lacking & ~carried[:, column],
            none=known & ~carried[:, column],
            het=known & carried[:, column] & ~hom[:, column],
            hom=known & hom[:, column],
            carries=known & carried[:, column],
            passes=verdict[:, column] == PASS,
            mosaic=mosaic & ~lacking & ~part[:, column] & ~carried[:, column],
            alt_reads=alt_reads,
            balance=fraction,
        )

    return FamilyCalls(
        calls_of(family.child, is_child=True),
        calls_of(family.mother, is_child=False),
        calls_of(family.father, is_child=False),
    )


def _absent(affected: Affected, rows: int) -> MemberCalls:
    yes, no = np.ones(rows, dtype=np.bool_), np.zeros(rows, dtype=np.bool_)
    reads, balance = np.full(rows, MISSING, dtype=np.int32), np.full(rows, np.nan)
    return MemberCalls(affected, yes, yes, no, no, no, no, no, no, reads, balance)


@dataclass(frozen=True)
class Inherited:
    """How each row's place reaches this child; every array is [rows].

    ``autosomal`` includes the pseudo-autosomal regions and other sequences. With the child's sex unknown, X counts as
    ``x_two_copies`` and as ``x_one_copy``, and ``sex_known`` is False there and on Y.
    """

    autosomal: Mask
    x_two_copies: Mask
    x_one_copy: Mask
    y: Mask
    mitochondrial: Mask
    sex_known: Mask


def inherited(table: AlleleTable, build: Build, child_sex: Sex) -> Inherited:
    """The way of inheritance of every row's place."""
    contig = table.sites["contig"].to_numpy()
    shared = in_pseudoautosomal_region(build, contig, table.sites["position"].to_numpy())
    x, y = (contig == X) & ~shared, (contig == Y) & ~shared
    return Inherited(
        autosomal=~x & ~y & (contig != MT),
        x_two_copies=x & (child_sex is not Sex.MALE),
        x_one_copy=x & (child_sex is not Sex.FEMALE),
        y=y & (child_sex is not Sex.FEMALE),
        mitochondrial=contig == MT,
        sex_known=~(x | y) | (child_sex is not Sex.UNKNOWN),
    )
