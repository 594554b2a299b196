"""Which events a reader sees, and why the others fell: kept and dropped sum to the events."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from varde.interpretation.gate import FAIL
from varde.interpretation.inheritance import Mode
from varde.interpretation.structural.calls import Carried
from varde.interpretation.structural.criteria import COMMON_FREQUENCY, CONFIDENCE_Z
from varde.interpretation.structural.prepared import PreparedStructural


class Fall(StrEnum):
    """Why an event is not listed, in the order of asking."""

    CHILD = "child"  # a relative's alone
    QUALITY = "quality"  # the caller's filter
    GATE = "gate"  # the child's call is too weak
    FREQUENCY = "frequency"
    GENE = "gene"  # touches no gene
    PANEL = "panel"


_MODES = (
    Mode.DE_NOVO, Mode.X_LINKED_DE_NOVO, Mode.HOMOZYGOUS_RECESSIVE, Mode.X_LINKED_RECESSIVE, Mode.DOMINANT_INHERITED,
    Mode.RECESSIVE_UNIPARENTAL_HINT, Mode.POSSIBLE_DE_NOVO,
)  # fmt: skip


@dataclass(frozen=True)
class Selection:
    """``kept`` are events, the most telling first (by inheritance, then bases of coding sequence, then size);
    ``fallen`` has ``event`` and ``fall`` of all others."""

    kept: tuple[int, ...]
    fallen: pl.DataFrame

    @property
    def counts(self) -> dict[str, int]:
        """How many fell for each reason, in the order of asking."""
        found = dict(self.fallen.group_by("fall").len().iter_rows())
        return {fall.value: found.get(fall.value, 0) for fall in Fall}


def _frequent(layer: PreparedStructural, limit: float) -> pl.Series:
    """Events whose share of alleles is above a limit beyond doubt (``criteria.interval``) in any source."""
    total, share, square = pl.col("an").cast(pl.Float64), pl.col("af"), CONFIDENCE_Z**2
    half = CONFIDENCE_Z * (share * (1 - share) / total + square / (4 * total**2)).sqrt()
    low = (share + square / (2 * total) - half) / (1 + square / total)
    return layer.frequencies.filter((pl.col("an") > 0) & (low > limit))["event"].unique()


def select_events(
    layer: PreparedStructural, *, genes: Collection[str] | None = None, most_frequent: float = COMMON_FREQUENCY
) -> Selection:
    """The events to be looked at, of a panel's ``genes`` or of all (None).

    An event is the panel's when it touches one of its genes; it is then shown whole, being one variant. Without
    transcripts neither gene nor panel is asked, as for small variants.
    """
    frequent = _frequent(layer, most_frequent)
    touching = layer.genes["event"].unique()
    inside = touching if genes is None else layer.genes.filter(pl.col("gene").is_in(sorted(genes)))["event"].unique()
    known = pl.lit(layer.has_transcripts)
    # The promoter's side counts as touching; a breakend far from genes does not.
    fall = (
        pl.when(pl.col("child_state") != Carried.CARRIED.value)
        .then(pl.lit(Fall.CHILD.value))
        .when(~pl.col("filter").is_in(["PASS", "."]))
        .then(pl.lit(Fall.QUALITY.value))
        .when(pl.col("child_gate") == FAIL)
        .then(pl.lit(Fall.GATE.value))
        .when(pl.col("event").is_in(frequent.implode()))
        .then(pl.lit(Fall.FREQUENCY.value))
        .when(known & ~pl.col("event").is_in(touching.implode()))
        .then(pl.lit(Fall.GENE.value))
        .when(known & ~pl.col("event").is_in(inside.implode()))
        .then(pl.lit(Fall.PANEL.value))
    )
    judged = layer.events.with_columns(fall=fall)
    coding = layer.genes.group_by("event").agg(coding=pl.col("coding_bases").sum())
    order = pl.col("mode").replace_strict(
        {mode.value: n for n, mode in enumerate(_MODES)}, default=9, return_dtype=pl.Int8
    )
    kept = (
        judged.filter(pl.col("fall").is_null())
        .join(coding, on="event", how="left")
        .sort(order, "coding", "length", "event", descending=[False, True, True, False], nulls_last=True)
    )
    return Selection(
        tuple(kept["event"].to_list()), judged.filter(pl.col("fall").is_not_null()).select("event", "fall")
    )
