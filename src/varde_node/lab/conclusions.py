"""What a conclusion may say of the variants it rests on: the gene is theirs, the class is high enough, and the family's
calls show the mode of inheritance. The figure of the next child's risk follows from the mode: none is taken on trust.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import polars as pl
from django.utils.translation import gettext as _

from varde.genome.errors import InputError
from varde.interpretation.analysis import PreparedCase
from varde.interpretation.inheritance import Mode
from varde_node.lab.evidence import Allele, Call, alleles_of, row_of
from varde_node.lab.models import Conclusion
from varde_node.lab.structural_evidence import EventAllele

LOWEST_CLASS = {Conclusion.EXPLAINS: 4, Conclusion.POSSIBLE: 3}
"""Lowest class of every variant that a conclusion rests on (Richards 2015: a class 3 variant explains nothing)."""


def alleles_in(
    prepared: PreparedCase, gene: str, variants: Iterable[str], structural: Iterable[EventAllele] = ()
) -> tuple[Allele, ...]:
    """The alleles of these texts of small variants that lie in a gene, also where it is not the one they are filed
    under, and of the structural ones those that touch it."""
    rows = [row for row in (row_of(prepared, variant) for variant in variants) if row is not None]
    placed = set(prepared.consequences.filter(pl.col("gene") == gene)["row"])
    small = (one for one in alleles_of(prepared, rows).values() if one.row in placed or (one.gene or "") == gene)
    return (*small, *(one.allele for one in structural if gene in one.genes))


def check_conclusion(conclusion: str, mode: str, classes: Mapping[str, int], alleles: Sequence[Allele]) -> None:
    """``alleles`` are those of the conclusion's gene marked for the answer, ``classes`` what a person gave each.

    Raises InputError ``gene_without_variant``, ``class_too_low`` or ``mode_not_shown``.
    """
    if not alleles:
        raise InputError(
            code="gene_without_variant",
            problem=_("No variant of this gene is marked for the answer."),
            remedy=_("Name the gene of a variant that is marked, or mark its variants."),
            field="gene",
        )
    if min(classes[allele.variant] for allele in alleles) < LOWEST_CLASS[Conclusion(conclusion)]:
        raise InputError(
            code="class_too_low",
            problem=_("A variant of this gene that is marked for the answer has too low a class for the conclusion."),
            remedy=_("A disease is explained by class 4 and 5, and possibly explained from class 3."),
            field="conclusion",
        )
    if mode and not shows(Mode(mode), alleles):
        raise InputError(
            code="mode_not_shown",
            problem=_("The family's calls of the variants marked for the answer do not show this mode of inheritance."),
            remedy=_("Choose the mode that the calls show; the family's risk is given after it."),
            field="mode",
        )


def shows(mode: Mode, alleles: Iterable[Allele]) -> bool:
    """Whether the calls of a gene's alleles show the mode; a pair of unknown phase needs two heterozygous alleles."""
    found = list(alleles)
    halves = [_half(allele) for allele in found if _is_het(allele.call("child"))]
    match mode:
        case Mode.COMPOUND_HETEROZYGOUS:
            return "mother" in halves and "father" in halves
        case Mode.COMPOUND_HETEROZYGOUS_DE_NOVO:
            return "new" in halves and ("mother" in halves or "father" in halves)
        case Mode.COMPOUND_HETEROZYGOUS_UNPHASED:
            return len(halves) >= 2
    return any(mode in allele.modes for allele in found)


def parents_show(mode: Mode, alleles: Iterable[Allele]) -> bool:
    """Whether the parents' own calls are what a figure of the next child's risk rests on; true of modes without one."""
    found = list(alleles)
    if mode in (Mode.COMPOUND_HETEROZYGOUS, Mode.COMPOUND_HETEROZYGOUS_DE_NOVO):
        return shows(mode, found)
    seen = _SEEN_IN_PARENTS.get(mode)
    return seen is None or any(mode in one.modes and seen(one.call("mother"), one.call("father")) for one in found)


def _half(allele: Allele) -> str:
    """``mother``, ``father`` or ``new`` where both parents' calls say so, else empty."""
    mother, father = allele.call("mother"), allele.call("father")
    if _is_het(mother) and father.carries is False:
        return "mother"
    if _is_het(father) and mother.carries is False:
        return "father"
    return "new" if mother.carries is False and father.carries is False else ""


def _is_het(call: Call) -> bool:
    places = [] if call.genotype is None else call.genotype.replace("|", "/").split("/")
    return len(places) == 2 and places.count("1") == 1 and "." not in places


_SEEN_IN_PARENTS: Mapping[Mode, Callable[[Call, Call], bool]] = {
    Mode.HOMOZYGOUS_RECESSIVE: lambda mother, father: _is_het(mother) and _is_het(father),
    Mode.X_LINKED_RECESSIVE: lambda mother, _father: _is_het(mother),
    Mode.X_LINKED_RECESSIVE_FEMALE: lambda mother, father: _is_het(mother) and bool(father.carries),
    Mode.DOMINANT_INHERITED: lambda mother, father: bool(mother.carries or father.carries),
}
