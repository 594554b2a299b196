"""All quality metrics of a family from its table of alleles and its pedigree."""

from __future__ import annotations

from itertools import combinations

from varde.genome.pedigree import Pedigree
from varde.genome.records import AlleleTable
from varde.quality.calls import Calls, read_calls
from varde.quality.kinship import kinship_metric, relation
from varde.quality.mendel import TrioColumns, mendel_metric, uniparental_metrics
from varde.quality.ratios import call_rate, depth, het_hom, ti_tv
from varde.quality.report import Metric, QualityReport
from varde.quality.sex import sex_check
from varde.quality.thresholds import PROFILE_VERSION, Assay


def assess(table: AlleleTable, pedigree: Pedigree, *, assay: Assay = Assay.EXOME) -> QualityReport:
    """The quality report of a family.

    ``table`` has the persons of ``pedigree`` as samples. Sex, kinship and Mendel errors turn red; the other metrics
    warn. A metric with too few observations is ``NOT_EVALUATED``. Raises KeyError for a sample that the pedigree lacks.
    """
    calls = read_calls(table)
    metrics: list[Metric] = []
    for person, name in enumerate(table.samples):
        metrics += [ti_tv(calls, person, assay), het_hom(calls, person), *depth(calls, person, assay)]
        metrics += [call_rate(calls, person), *sex_check(calls, person, pedigree.person(name).sex)]
    for first, second in combinations(range(len(table.samples)), 2):
        expected = relation(pedigree, table.samples[first], table.samples[second])
        metrics.append(kinship_metric(calls, first, second, expected))
    for trio in _trios(calls, pedigree):
        metrics += [mendel_metric(calls, trio), *uniparental_metrics(calls, trio)]
    return QualityReport(metrics=tuple(metrics), profile_version=PROFILE_VERSION)


def _trios(calls: Calls, pedigree: Pedigree) -> list[TrioColumns]:
    column = {name: index for index, name in enumerate(calls.table.samples)}
    return [
        TrioColumns(column[child.identifier], column[child.mother], column[child.father], child.sex)
        for child in pedigree.persons
        if child.identifier in column and child.mother in column and child.father in column
    ]
