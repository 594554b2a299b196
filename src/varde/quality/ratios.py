"""Per person: transition/transversion and het/hom ratios, depth and call rate."""

from __future__ import annotations

import numpy as np
import polars as pl

from varde.genome.records import MISSING
from varde.quality import thresholds as limits
from varde.quality.calls import Calls
from varde.quality.report import Light, Metric
from varde.quality.thresholds import Assay, Threshold

_TRANSITIONS = ("AG", "GA", "CT", "TC")


def ti_tv(calls: Calls, person: int, assay: Assay) -> Metric:
    """Transitions over transversions among the passing autosomal SNVs that the person carries."""
    carried = calls.carried[:, person] & calls.snv & calls.autosomal & calls.passing
    change = calls.table.sites.select((_upper("ref") + _upper("alt")).alias("change"))["change"]
    transition = change.is_in(_TRANSITIONS).to_numpy()
    transitions = int(np.count_nonzero(carried & transition))
    transversions = int(np.count_nonzero(carried & ~transition))
    low, high = limits.TI_TV_RANGE[assay]
    return _ratio_metric(
        calls.table.samples[person],
        "ti_tv",
        (transitions, transversions),
        (low, high),
        limits.MINIMUM_TI_TV_ALLELES,
    )


def het_hom(calls: Calls, person: int) -> Metric:
    """Heterozygous over homozygous alternate calls among passing autosomal alleles."""
    chosen = calls.autosomal & calls.passing & calls.resolved
    het = int(np.count_nonzero(calls.het[:, person] & chosen))
    hom = int(np.count_nonzero(calls.hom_alt[:, person] & chosen))
    low, high = limits.HET_HOM_RANGE
    return _ratio_metric(
        calls.table.samples[person], "het_hom", (het, hom), (low, high), limits.MINIMUM_HET_HOM_ALLELES
    )


def depth(calls: Calls, person: int, assay: Assay) -> tuple[Metric, Metric]:
    """Mean and median DP over the autosomal records where it is given. Says nothing of places without a record."""
    values = calls.table.depth_x[:, person]
    values = values[calls.autosomal & calls.first & (values != MISSING)]
    sample = calls.table.samples[person]
    limit = limits.MEAN_DEPTH[assay]
    text = f">= {limit.value:g} {limit.unit}"
    if len(values) < limits.MINIMUM_DEPTH_SITES.value:
        note = _too_few(len(values), limits.MINIMUM_DEPTH_SITES)
        empty = Metric(sample, "mean_depth", None, "x", Light.NOT_EVALUATED, text, limit.source, note)
        return empty, Metric(sample, "median_depth", None, "x", Light.NOT_EVALUATED, text, limit.source, note)
    note = "Depth at the records of the VCF, not over the whole target."
    mean, median = float(values.mean()), float(np.median(values))
    return (
        Metric(sample, "mean_depth", mean, "x", _at_least(mean, limit), text, limit.source, note),
        Metric(sample, "median_depth", median, "x", _at_least(median, limit), text, limit.source, note),
    )


def call_rate(calls: Calls, person: int) -> Metric:
    """Share of autosomal records where the person has a complete genotype."""
    sites = calls.autosomal & calls.first
    limit = limits.CALL_RATE
    text = f">= {limit.value:g}"
    count = int(np.count_nonzero(sites))
    sample = calls.table.samples[person]
    if count < limits.MINIMUM_CALL_RATE_SITES.value:
        note = _too_few(count, limits.MINIMUM_CALL_RATE_SITES)
        return Metric(sample, "call_rate", None, "fraction", Light.NOT_EVALUATED, text, limit.source, note)
    value = np.count_nonzero(calls.complete[:, person] & sites) / count
    return Metric(sample, "call_rate", value, "fraction", _at_least(value, limit), text, limit.source, f"{count} sites")


def _ratio_metric(
    sample: str, name: str, counts: tuple[int, int], between: tuple[Threshold, Threshold], least: Threshold
) -> Metric:
    low, high = between
    text = f"{low.value:g} to {high.value:g}"
    above, below = counts
    if above + below < least.value or below == 0:
        note = _too_few(above + below, least) if below or not above else "The denominator is 0."
        return Metric(sample, name, None, "ratio", Light.NOT_EVALUATED, text, low.source, note)
    value = above / below
    light = Light.GREEN if low.value <= value <= high.value else Light.YELLOW
    return Metric(sample, name, value, "ratio", light, text, low.source, f"{above} over {below}")


def _at_least(value: float, limit: Threshold) -> Light:
    return Light.GREEN if value >= limit.value else Light.YELLOW


def _too_few(count: int, least: Threshold) -> str:
    return f"{count} {least.unit}, at least {least.value:g} are needed."


def _upper(column: str) -> pl.Expr:
    return pl.col(column).str.to_uppercase()
