"""Sex from the calls: heterozygosity on X outside the pseudo-autosomal regions, and calls on Y."""

from __future__ import annotations

import numpy as np

from varde.genome.message import Message
from varde.genome.pedigree import Sex
from varde.quality import thresholds as limits
from varde.quality.calls import Calls
from varde.quality.report import Light, Metric
from varde.quality.texts import text

_LIMIT = text("quality.limit.sex", one=limits.X_HET_ONE_COPY.value, two=limits.X_HET_TWO_COPIES.value)


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
        few = text("quality.too_few.x", n=count, least=least.value)
        return Metric(sample, "sex", None, "fraction", Light.NOT_EVALUATED, _LIMIT, source, (few,)), y_metric
    share = het / count
    called = _called(share)
    light, note = declared_verdict(called, declared)
    notes = (note,) if y_metric.value is None else (note, text("quality.sex.y_calls", n=y_metric.value))
    return Metric(sample, "sex", share, "fraction", light, _LIMIT, source, notes), y_metric


def declared_verdict(called: Sex, declared: Sex) -> tuple[Light, Message]:
    """The light of a sex that data show against the one declared. ``called`` UNKNOWN: the data do not tell."""
    if called is Sex.UNKNOWN:
        return Light.YELLOW, text("quality.sex.unclear")
    looks = called.name.lower()
    if declared is Sex.UNKNOWN:
        return Light.YELLOW, text(f"quality.sex.undeclared.{looks}")
    if called is declared:
        return Light.GREEN, text(f"quality.sex.agrees.{looks}")
    return Light.RED, text(f"quality.sex.differs.{looks}")


def _called(share: float) -> Sex:
    if share <= limits.X_HET_ONE_COPY.value:
        return Sex.MALE
    return Sex.FEMALE if share >= limits.X_HET_TWO_COPIES.value else Sex.UNKNOWN


def _y_calls(calls: Calls, person: int) -> Metric:
    sample = calls.table.samples[person]
    limit, source = text("quality.limit.y_calls"), limits.X_HET_TWO_COPIES.source
    if not calls.y.any():
        none = text("quality.sex.no_y")
        return Metric(sample, "y_calls", None, "alleles", Light.NOT_EVALUATED, limit, source, (none,))
    carried = calls.usable[:, person] & calls.passing & calls.snv & calls.y & calls.carried[:, person]
    return Metric(sample, "y_calls", float(np.count_nonzero(carried)), "alleles", Light.GREEN, limit, source)
