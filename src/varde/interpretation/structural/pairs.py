"""A small variant and a structural one in the same gene, on different copies: the loss of the other copy.

The small variant must pass the consequences and the recessive ceiling of the laboratory's filters; the event must
reach an exon of the gene, or cut it. Both from the same parent lie on one
copy and are no pair; where the parents do not tell, the phase is unknown and the pair is offered as such.
"""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from varde.interpretation.filters import FilterSettings, passing_consequences
from varde.interpretation.inheritance import Phase
from varde.interpretation.prepared import PreparedCase
from varde.interpretation.structural.genes import Extent
from varde.interpretation.structural.prepared import PreparedStructural

PAIRS = pl.Schema(
    {
        "gene": pl.String(),
        "row": pl.UInt32(),
        "event": pl.UInt32(),
        "phase": pl.String(),
        "small_origin": pl.String(),
        "event_origin": pl.String(),
    }
)
"""``row`` is the small variant's in the prepared case, ``event`` the structural one's in its layer."""


def mixed_pairs(
    case: PreparedCase, layer: PreparedStructural, events: Collection[int], settings: FilterSettings | None = None
) -> pl.DataFrame:
    """``PAIRS`` of the child's small variants with these events (those that are shown), by gene, row and event."""
    asked = settings or FilterSettings()
    if not case.has_consequences or not layer.has_transcripts:
        return pl.DataFrame(schema=PAIRS)
    reached = layer.genes.filter(
        pl.col("event").is_in(list(events))
        & pl.col("extent").is_in([Extent.WHOLE.value, Extent.EXONS.value, Extent.BREAKPOINT.value])
    )
    chosen = layer.events.filter(
        (pl.col("kind").cast(pl.String) != "DUP") | pl.col("event").is_in(_cutting(reached).implode())
    )
    halves = reached.select("event", "gene").join(
        chosen.filter(pl.col("child_copies") < pl.max_horizontal("child_ploidy", pl.lit(2))).select(
            "event", event_origin="origin"
        ),
        on="event",
    )
    rare = pl.col("af").is_null() | (pl.col("af") <= asked.recessive_frequency) | (pl.col("an") < 1)
    small = case.alleles.filter(
        pl.col("child_carries") & pl.col("filter").is_in(["PASS", "."]) & (pl.col("child_gate") != 0) & rare
    ).select("row", small_origin=_origin())
    placed = passing_consequences(case.consequences, asked).select("row", "gene").drop_nulls().unique()
    both = small.join(placed, on="row").join(halves, on="gene")
    told = pl.col("small_origin").is_in(["mother", "father", "new"]) & pl.col("event_origin").is_in(
        ["mother", "father", "new"]
    )
    same = pl.col("small_origin") == pl.col("event_origin")
    by_parents = told & ~same & (pl.col("small_origin") != "new") & (pl.col("event_origin") != "new")
    phase = pl.when(by_parents).then(pl.lit(Phase.TRANS_BY_PARENTS.value)).otherwise(pl.lit(Phase.UNKNOWN.value))
    found = both.filter(~(told & same & (pl.col("small_origin") != "new"))).with_columns(phase=phase)
    return found.sort("gene", "row", "event").select(pl.col(name).cast(kind) for name, kind in PAIRS.items())


def _cutting(reached: pl.DataFrame) -> pl.Series:
    """Gains that cut a gene: a gene gained whole is not lost."""
    return reached.filter(pl.col("extent") != Extent.WHOLE.value)["event"].unique()


def _origin() -> pl.Expr:
    """Whose the small variant is, as far as the parents' calls tell."""
    mother, father = (pl.col(f"{one}_gt").str.contains("1").fill_null(value=False) for one in ("mother", "father"))
    called = pl.col("mother_gt").is_not_null() & pl.col("father_gt").is_not_null()
    return (
        pl.when(mother & father)
        .then(pl.lit("both"))
        .when(mother)
        .then(pl.lit("mother"))
        .when(father)
        .then(pl.lit("father"))
        .when(called)
        .then(pl.lit("new"))
        .otherwise(pl.lit("unknown"))
    )
