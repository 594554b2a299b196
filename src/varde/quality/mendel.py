"""Genotypes of a child that its parents' genotypes cannot give, and chromosomes that come from one parent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from varde.genome.builds import CONTIGS
from varde.genome.pedigree import Sex
from varde.genome.records import ABSENT
from varde.quality import thresholds as limits
from varde.quality.calls import Calls, Mask
from varde.quality.report import Light, Metric
from varde.quality.texts import text


@dataclass(frozen=True)
class TrioColumns:
    """Columns of child, mother and father in a table, and the child's sex."""

    child: int
    mother: int
    father: int
    child_sex: Sex


@dataclass(frozen=True)
class MendelCounts:
    """Allele rows where all three can be judged, and those that break Mendel's rules."""

    sites: int
    errors: int


def mendel_counts(calls: Calls, trio: TrioColumns, *, gated: bool = True) -> MendelCounts:
    """Mendel errors by allele row. ``gated`` asks usable calls and a passing FILTER; else complete calls are enough.

    Autosomes, pseudo-autosomal regions and a girl's X need one allele from each parent; a boy's X comes from his
    mother; a haploid call elsewhere may come from either. Y, mitochondria and X of a child of unknown sex are left out.
    """
    judged = calls.usable if gated else calls.complete
    rows = judged[:, [trio.child, trio.mother, trio.father]].all(axis=1) & calls.resolved
    rows &= ~calls.y & ~calls.mitochondrial
    if gated:
        rows &= calls.passing
    if trio.child_sex is Sex.UNKNOWN:
        rows &= ~calls.x
    error = _impossible(calls, trio) & rows
    return MendelCounts(sites=int(np.count_nonzero(rows)), errors=int(np.count_nonzero(error)))


def _impossible(calls: Calls, trio: TrioColumns) -> Mask:
    genotype = calls.table.genotype
    child, mother, father = genotype[:, trio.child], genotype[:, trio.mother], genotype[:, trio.father]
    first, haploid = child[:, 0], child[:, 1] == ABSENT
    second = np.where(haploid, first, child[:, 1])
    possible = (_has(mother, first) & _has(father, second)) | (_has(mother, second) & _has(father, first))
    possible = np.where(haploid, _has(mother, first) | _has(father, first), possible)
    if trio.child_sex is Sex.MALE:
        possible = np.where(calls.x, _has(mother, first) & _has(mother, second), possible)
    return ~possible


def _has(genotype: NDArray[np.int8], allele: NDArray[np.int8]) -> Mask:
    found: Mask = (genotype == allele[:, None]).any(axis=1)
    return found


def mendel_metric(calls: Calls, trio: TrioColumns) -> Metric:
    """Mendel error rate of a trio over allele rows where all three calls pass the genotype gate."""
    counts = mendel_counts(calls, trio)
    limit, least = limits.MENDEL_ERROR_RATE, limits.MINIMUM_MENDEL_SITES
    below, sample = text("quality.limit.below", limit=limit.value), calls.table.samples[trio.child]
    if counts.sites < least.value:
        few = text("quality.too_few.sites", n=counts.sites, least=least.value)
        return Metric(sample, "mendel_error_rate", None, "fraction", Light.NOT_EVALUATED, below, limit.source, (few,))
    rate = counts.errors / counts.sites
    light = Light.GREEN if rate < limit.value else Light.RED
    told = text("quality.mendel.counts", n=counts.errors, all=counts.sites)
    note = (told, text("quality.mendel.red")) if light is Light.RED else (told,)
    return Metric(sample, "mendel_error_rate", rate, "fraction", light, below, limit.source, note)


def uniparental_metrics(calls: Calls, trio: TrioColumns) -> tuple[Metric, ...]:
    """One metric for every autosome in the table: share of informative sites that show one parent only.

    Informative: the parents are opposite homozygotes. A heterozygous child has both; a homozygous one shows only the
    parent it equals. The value is the larger of the two parents' shares.
    """
    three = calls.usable[:, [trio.child, trio.mother, trio.father]].all(axis=1)
    rows = three & calls.autosomal & calls.snv & calls.biallelic & calls.passing
    hom, het = calls.hom_alt, calls.het
    mother_alt, father_alt = hom[:, trio.mother], hom[:, trio.father]
    mother_ref = ~mother_alt & ~het[:, trio.mother]
    father_ref = ~father_alt & ~het[:, trio.father]
    rows &= (mother_alt & father_ref) | (mother_ref & father_alt)
    maternal = rows & ~het[:, trio.child] & (hom[:, trio.child] == mother_alt)
    paternal = rows & ~het[:, trio.child] & (hom[:, trio.child] == father_alt)
    contig = calls.table.sites["contig"].to_numpy()
    present = np.unique(contig[calls.autosomal])
    informative, from_mother, from_father = (
        np.bincount(contig[mask], minlength=256) for mask in (rows, maternal, paternal)
    )
    sample = calls.table.samples[trio.child]
    return tuple(
        _uniparental(sample, int(code), int(informative[code]), (int(from_mother[code]), int(from_father[code])))
        for code in present
    )


def _uniparental(sample: str, code: int, informative: int, from_one: tuple[int, int]) -> Metric:
    limit, least = limits.UNIPARENTAL_SHARE, limits.MINIMUM_UNIPARENTAL_SITES
    name = f"uniparental_share_chromosome_{CONTIGS[code - 1]}"
    below = text("quality.limit.below", limit=limit.value)
    mother, father = from_one
    told = text("quality.uniparental.counts", n=informative, mother=mother, father=father,
                both=informative - mother - father)  # fmt: skip
    if informative < least.value:
        note = (told, text("quality.too_few.informative", least=least.value))
        return Metric(sample, name, None, "fraction", Light.NOT_EVALUATED, below, limit.source, note)
    share = max(from_one) / informative
    if share < limit.value:
        return Metric(sample, name, share, "fraction", Light.GREEN, below, limit.source, (told,))
    suspected = text(f"quality.uniparental.{'mother' if mother > father else 'father'}")
    return Metric(sample, name, share, "fraction", Light.YELLOW, below, limit.source, (told, suspected))
