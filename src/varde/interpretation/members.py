"""The examined person, the parents and the other relatives: what each one's calls say of every row's allele."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from varde.genome.builds import MT, Build, X, Y, in_pseudoautosomal_region
from varde.genome.errors import InputError
from varde.genome.pedigree import Affected, Pedigree, Person, Sex
from varde.genome.records import ABSENT, MISSING, AlleleTable
from varde.interpretation.gate import FAIL, PASS, Gate, allele_balance, evaluate, incomplete, missing, too_shallow

Mask = NDArray[np.bool_]

MOST_RELATIVES = 60
"""Relatives beside the parents: each is a bit of a 64-bit number."""

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
    """The examined person (the child), the parents, and those other relatives who have data, in the pedigree's order.

    ``child_sex`` is unknown when the genotypes refute the declared one.
    """

    child: Member
    mother: Member
    father: Member
    child_sex: Sex
    relatives: tuple[Member, ...] = ()


def family_of(
    table: AlleleTable, pedigree: Pedigree, child: str | None = None, *, refuted: Collection[str] = ()
) -> Family:
    """The named person, or the one of ``Pedigree.proband``, with the relatives as far as they are known.

    The calls of ``refuted`` people, whom the genotypes show to be somebody else, are not asked. Raises InputError
    ``child_without_data`` when the table lacks the examined person, ``too_many_relatives``, and those of ``proband``.
    """
    person = pedigree.proband(child)
    column = {name: index for index, name in enumerate(table.samples)}
    if person.identifier not in column:
        raise InputError(
            "child_without_data",
            f"{person.identifier}, the examined person, is not a sample of the VCF.",
            "Use the sample's name in the PED, or give the person's VCF.",
            field="identifier",
        )
    asked = {name: place for name, place in column.items() if name not in refuted}
    mother, father = (
        Member(parent, asked.get(parent.identifier) if parent else None) for parent in pedigree.parents(person)
    )
    direct = {person.identifier, person.mother, person.father}
    relatives = tuple(
        Member(one, asked.get(one.identifier))
        for one in pedigree.persons
        if one.identifier in column and one.identifier not in direct
    )
    if len(relatives) > MOST_RELATIVES:
        raise InputError(
            "too_many_relatives",
            f"The pedigree has {len(relatives)} relatives with data beside child and parents.",
            f"Give at most {MOST_RELATIVES}: the family of one examined person.",
            field="identifier",
        )
    sex = Sex.UNKNOWN if person.identifier in refuted else person.sex
    return Family(Member(person, column[person.identifier]), mother, father, sex, relatives)


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
class RelativeCalls:
    """What another relative's calls say; every array is [rows]. A call that is missing, too shallow or fails the gate
    is in none of ``none``, ``het`` and ``hom``: it says nothing, and so removes nothing."""

    sex: Sex
    affected: Affected
    none: Mask
    het: Mask
    hom: Mask

    @property
    def carries(self) -> Mask:
        """Has the allele at least once."""
        return self.het | self.hom

    @property
    def unsure(self) -> Mask:
        """Says nothing."""
        return ~(self.none | self.het | self.hom)


@dataclass(frozen=True)
class FamilyCalls:
    """The calls of child, mother and father, and of the other relatives."""

    child: MemberCalls
    mother: MemberCalls
    father: MemberCalls
    relatives: tuple[RelativeCalls, ...] = ()

    @property
    def all_pass(self) -> Mask:
        """Child, mother and father pass the gate."""
        return self.child.passes & self.mother.passes & self.father.passes


def family_calls(table: AlleleTable, pedigree: Pedigree, gate: Gate, family: Family) -> FamilyCalls:
    """The calls of the family. A call of the child below the gate's depth fails; a relative's says nothing."""
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

    def relative(member: Member) -> RelativeCalls:
        calls = calls_of(member, is_child=False)
        sex = Sex.UNKNOWN if member.person is None else member.person.sex
        return RelativeCalls(sex, member.affected, calls.none, calls.het, calls.hom)

    return FamilyCalls(
        calls_of(family.child, is_child=True),
        calls_of(family.mother, is_child=False),
        calls_of(family.father, is_child=False),
        tuple(relative(member) for member in family.relatives),
    )


def _absent(affected: Affected, rows: int) -> MemberCalls:
    yes, no = np.ones(rows, dtype=np.bool_), np.zeros(rows, dtype=np.bool_)
    reads, balance = np.full(rows, MISSING, dtype=np.int32), np.full(rows, np.nan)
    return MemberCalls(affected, yes, yes, no, no, no, no, no, no, reads, balance)


@dataclass(frozen=True)
class Inherited:
    """How each row's place reaches this child; every array is [rows].

    ``autosomal`` includes the pseudo-autosomal regions and other sequences; ``x`` and ``y`` do not. With the child's
    sex unknown, X counts as ``x_two_copies`` and as ``x_one_copy``, and ``sex_known`` is False there and on Y.
    """

    autosomal: Mask
    x: Mask
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
        x=x,
        x_two_copies=x & (child_sex is not Sex.MALE),
        x_one_copy=x & (child_sex is not Sex.FEMALE),
        y=y & (child_sex is not Sex.FEMALE),
        mitochondrial=contig == MT,
        sex_known=~(x | y) | (child_sex is not Sex.UNKNOWN),
    )
