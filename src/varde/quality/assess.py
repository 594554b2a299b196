"""All quality metrics of a family from its table of alleles and its pedigree."""

from __future__ import annotations

from itertools import combinations

from varde.genome.pedigree import Pedigree
from varde.genome.records import AlleleTable
from varde.quality.calls import Calls, read_calls
from varde.quality.kinship import kinship_metric, relation
from varde.quality.mendel import TrioColumns, mendel_metric, uniparental_metrics
from varde.quality.profiles import STANDARD, Profile
from varde.quality.ratios import call_rate, depth, het_hom, ti_tv
from varde.quality.report import Metric, QualityReport
from varde.quality.sex import sex_check
from varde.quality.thresholds import RULES_VERSION, Assay

GATED = frozenset({"ti_tv", "het_hom", "mean_depth", "median_depth", "call_rate"})
"""What variant files tell that a profile's gates judge; the rest has fixed rules."""


def assess(
    table: AlleleTable, pedigree: Pedigree, *, assay: Assay = Assay.EXOME, profile: Profile | None = None
) -> QualityReport:
    """The quality report of a family under a gate profile, Varde's own for the assay when none is given.

    ``table`` has the persons of ``pedigree`` as samples. Sex, kinship and Mendel errors turn red by fixed rules; the
    other metrics have the profile's lights. A metric with too few observations is ``NOT_EVALUATED``. Raises KeyError
    for a sample that the pedigree lacks.
    """
    calls, gates = read_calls(table), profile or STANDARD[assay]
    metrics: list[Metric] = []
    for person, name in enumerate(table.samples):
        measured = (ti_tv(calls, person), het_hom(calls, person), *depth(calls, person), call_rate(calls, person))
        metrics += [gates.judge(one) for one in measured]
        metrics += sex_check(calls, person, pedigree.person(name).sex)
    for first, second in combinations(range(len(table.samples)), 2):
        expected = relation(pedigree, table.samples[first], table.samples[second])
        metrics.append(kinship_metric(calls, first, second, expected))
    for trio in _trios(calls, pedigree):
        metrics += [mendel_metric(calls, trio), *uniparental_metrics(calls, trio)]
    return QualityReport(metrics=tuple(metrics), profile_version=profile_version(gates))


def profile_version(profile: Profile) -> str:
    """What a report keeps of the numbers that it was judged by: the fixed rules' version and the profile's."""
    return f"{RULES_VERSION}, {profile.label}"


def _trios(calls: Calls, pedigree: Pedigree) -> list[TrioColumns]:
    column = {name: index for index, name in enumerate(calls.table.samples)}
    return [
        TrioColumns(column[child.identifier], column[child.mother], column[child.father], child.sex)
        for child in pedigree.persons
        if child.identifier in column and child.mother in column and child.father in column
    ]
