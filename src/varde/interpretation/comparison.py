"""Two filter runs of one case held against each other: what came, what went, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from varde.interpretation.analysis import FilterOutcome

_PLACE = ("contig_name", "position", "ref", "alt")
_SAID = ("kept", "dropped_by", "parameter", "value", "threshold", "rescued_by")


@dataclass(frozen=True)
class OutcomeDiff:
    """``kept`` and ``lost`` are alleles (contig_name, position, ref, alt) that only the second run keeps, and only the
    first. ``row`` is that of the run that read it, the second where both did; ``row_before``, ``row_after`` each run's;
    ``*_before`` and ``*_after`` what each run said, null where it did not read the allele.

    ``moved`` are alleles that both drop, at different steps. ``same`` counts alleles of which both say the same.
    ``versions`` are the sources that differ: name to (before, after).
    """

    kept: pl.DataFrame
    lost: pl.DataFrame
    moved: pl.DataFrame
    same: int
    read_before: int
    read_after: int
    versions: Mapping[str, tuple[str | None, str | None]]

    @property
    def is_empty(self) -> bool:
        """Whether the two keep the same alleles."""
        return not self.kept.height and not self.lost.height


def compare_outcomes(before: FilterOutcome, after: FilterOutcome) -> OutcomeDiff:
    """What another chain, panel or analysis of the same case changes. Alleles are matched by place and bases."""
    first = before.trace.select(*_PLACE, row_before="row", **{f"{name}_before": pl.col(name) for name in _SAID})
    second = after.trace.select(*_PLACE, row_after="row", **{f"{name}_after": pl.col(name) for name in _SAID})
    both = first.join(second, on=list(_PLACE), how="full", coalesce=True).with_columns(
        row=pl.coalesce("row_after", "row_before"),
    )
    was, now = (pl.col(f"kept_{when}").fill_null(value=False) for when in ("before", "after"))
    moved = ~was & ~now & pl.col("dropped_by_before").ne(pl.col("dropped_by_after")).fill_null(value=False)
    ordered = both.select(
        "row", "row_before", "row_after", *_PLACE, *(f"{name}_{when}" for when in ("before", "after") for name in _SAID)
    )
    marked = ordered.with_columns(_came=now & ~was, _went=was & ~now, _moved=moved).sort("row")
    kept, lost, elsewhere = (
        marked.filter(name).drop("_came", "_went", "_moved") for name in ("_came", "_went", "_moved")
    )
    read_by_both = both.select((pl.col("row_before").is_not_null() & pl.col("row_after").is_not_null()).sum()).item()
    changed_in_both = marked.filter(
        (pl.col("_came") | pl.col("_went") | pl.col("_moved"))
        & pl.col("kept_before").is_not_null()
        & pl.col("kept_after").is_not_null()
    ).height
    names = sorted(set(before.versions) | set(after.versions))
    return OutcomeDiff(
        kept=kept,
        lost=lost,
        moved=elsewhere,
        same=read_by_both - changed_in_both,
        read_before=before.trace.height,
        read_after=after.trace.height,
        versions={
            name: (before.versions.get(name), after.versions.get(name))
            for name in names
            if before.versions.get(name) != after.versions.get(name)
        },
    )
