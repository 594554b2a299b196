"""Sex from the calls: heterozygosity on X outside the pseudo-autosomal regions, and calls on Y."""

from __future__ import annotations

import numpy as np

from varde.genome.pedigree import Sex
from varde.quality import thresholds as limits
from varde.quality.calls import Calls
from varde.quality.report import Light, Metric

_TEXT = (
    f"male <= {limits.X_HET_ONE_COPY.value:g}, female >= {limits.X_HET_TWO_COPIES.value:g}"
    " of the carried X SNVs heterozygous"
)


def sex_check(calls: Calls, person: int, declared: Sex) -> tuple[Metric, Metric]:
    """Share of heterozygous calls among carried, usable, passing non-PAR X SNVs, held against the declared sex."""
    sample = calls.table.samples[person]
    usable = calls.usable[:, person] & calls.passing & calls.snv & calls.x
    het = int(np.count_nonzero(usable & calls.het[:, person]))
    count = int(np.count_nonzero(usable & calls.carried[:, person]))
    y_metric = _y_calls(calls, person)
    source = limits.X_HET_TWO_COPIES.source
    least = limits.MINIMUM_X_SITES
    if count < least.value:
        note = f"{count} X SNVs carried, at least {least.value:g} are needed."
        return Metric(sample, "sex", None, "fraction", Light.NOT_EVALUATED, _TEXT, source, note), y_metric
    share = het / count
    light, note = _verdict(share, declared)
    y_note = "" if y_metric.value is None else f" Calls on Y: {y_metric.value:g}."
    return Metric(sample, "sex", share, "fraction", light, _TEXT, source, note + y_note), y_metric


def _verdict(share: float, declared: Sex) -> tuple[Light, str]:
    if share <= limits.X_HET_ONE_COPY.value:
        called = Sex.MALE
    elif share >= limits.X_HET_TWO_COPIES.value:
        called = Sex.FEMALE
    else:
        return Light.YELLOW, "The data show neither one X nor two clearly."
    if declared is Sex.UNKNOWN:
        return Light.YELLOW, f"No sex is declared; the data look {called.name.lower()}."
    if called is declared:
        return Light.GREEN, f"The data look {called.name.lower()}, as declared."
    return (
        Light.RED,
        f"The data look {called.name.lower()}, declared is {declared.name.lower()}: a swapped sample or pedigree.",
    )


def _y_calls(calls: Calls, person: int) -> Metric:
    sample = calls.table.samples[person]
    text, source = "supports the sex check, no limit", limits.X_HET_TWO_COPIES.source
    if not calls.y.any():
        note = "The file has no record on Y."
        return Metric(sample, "y_calls", None, "alleles", Light.NOT_EVALUATED, text, source, note)
    carried = calls.usable[:, person] & calls.passing & calls.snv & calls.y & calls.carried[:, person]
    return Metric(sample, "y_calls", float(np.count_nonzero(carried)), "alleles", Light.GREEN, text, source)
