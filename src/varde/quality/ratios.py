"""Per person: transition/transversion and het/hom ratios, depth and call rate, measured; a profile gives the lights."""

from __future__ import annotations

import numpy as np
import polars as pl

from varde.genome.message import Message
from varde.genome.records import MISSING
from varde.quality import thresholds as limits
from varde.quality.calls import Calls
from varde.quality.report import Light, Metric
from varde.quality.texts import text
from varde.quality.thresholds import Threshold

_TRANSITIONS = ("AG", "GA", "CT", "TC")


def ti_tv(calls: Calls, person: int) -> Metric:
    """Transitions over transversions among the passing autosomal SNVs that the person carries."""
    carried = calls.carried[:, person] & calls.snv & calls.autosomal & calls.passing
    change = calls.table.sites.select((_upper("ref") + _upper("alt")).alias("change"))["change"]
    transition = change.is_in(_TRANSITIONS).to_numpy()
    transitions = int(np.count_nonzero(carried & transition))
    transversions = int(np.count_nonzero(carried & ~transition))
    counts = (transitions, transversions)
    return _ratio(calls.table.samples[person], "ti_tv", counts, limits.MINIMUM_TI_TV_ALLELES)


def het_hom(calls: Calls, person: int) -> Metric:
    """Heterozygous over homozygous alternate calls among passing autosomal alleles."""
    chosen = calls.autosomal & calls.passing & calls.resolved
    het = int(np.count_nonzero(calls.het[:, person] & chosen))
    hom = int(np.count_nonzero(calls.hom_alt[:, person] & chosen))
    return _ratio(calls.table.samples[person], "het_hom", (het, hom), limits.MINIMUM_HET_HOM_ALLELES)


def depth(calls: Calls, person: int) -> tuple[Metric, Metric]:
    """Mean and median DP over the autosomal records where it is given. Says nothing of places without a record."""
    values = calls.table.depth_x[:, person]
    values = values[calls.autosomal & calls.first & (values != MISSING)]
    sample, least = calls.table.samples[person], limits.MINIMUM_DEPTH_SITES
    if len(values) < least.value:
        few = text("quality.too_few.sites", n=len(values), least=least.value)
        return _measured(sample, "mean_depth", None, "x", few), _measured(sample, "median_depth", None, "x", few)
    note = text("quality.depth_at_records")
    return (
        _measured(sample, "mean_depth", float(values.mean()), "x", note),
        _measured(sample, "median_depth", float(np.median(values)), "x", note),
    )


def call_rate(calls: Calls, person: int) -> Metric:
    """Share of autosomal records where the person has a complete genotype."""
    sites = calls.autosomal & calls.first
    count, least = int(np.count_nonzero(sites)), limits.MINIMUM_CALL_RATE_SITES
    sample = calls.table.samples[person]
    if count < least.value:
        few = text("quality.too_few.sites", n=count, least=least.value)
        return _measured(sample, "call_rate", None, "fraction", few)
    value = float(np.count_nonzero(calls.complete[:, person] & sites) / count)
    return _measured(sample, "call_rate", value, "fraction", text("quality.sites", n=count))


def _ratio(sample: str, name: str, counts: tuple[int, int], least: Threshold) -> Metric:
    above, below = counts
    if above + below < least.value or below == 0:
        few = text("quality.too_few.alleles", n=above + below, least=least.value)
        return _measured(sample, name, None, "ratio", few if below or not above else text("quality.denominator_zero"))
    return _measured(sample, name, above / below, "ratio", text("quality.over", above=above, below=below))


def _measured(sample: str, name: str, value: float | None, unit: str, note: Message) -> Metric:
    return Metric(sample, name, value, unit, Light.NOT_EVALUATED, text("quality.limit.none"), "", (note,))


def _upper(column: str) -> pl.Expr:
    return pl.col(column).str.to_uppercase()
