"""How well calls agree with a truth: precision and recall by kind of variant, inside the regions that are known.

Alleles are compared, not records: normalised, so that one allele has one form, and then by replaying both sides'
haplotypes where neighbouring alleles are written differently. Outside the regions nothing is assessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np
import polars as pl

from varde.genome.normalise import normalise, with_keys
from varde.genome.records import ABSENT, AlleleTable
from varde.genome.references import Reference
from varde.genome.regions import RegionSet
from varde.quality.concordance_replay import Carried, Window, equal_parts

STRATA: Final = ("all", "snv", "mnv", "indel_1_5", "indel_6_15", "indel_over_15", "het", "hom", "coding")
"""``mnv``: equally long substitutions of several bases; indels by the difference in length; ``hom``: every called
allele is this one, on one or two copies."""
WINDOW: Final = 30
"""Bases between neighbouring alleles that are replayed together. Varde's proposal: longer than most repeats that shift
a variant, short enough to try all phasings."""
_Z: Final = 1.959963984540054
"""97.5th percentile of the normal distribution: intervals of 95 %."""
_PASSING: Final = ("PASS", ".")


@dataclass(frozen=True)
class Share:
    """``part`` of ``whole`` with Wilson's 95 % interval (1927); all None where the whole is 0."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """The share."""
        return self.part / self.whole if self.whole else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Lower and upper bound.

        >>> [round(bound, 4) for bound in Share(9, 10).interval]
        [0.5958, 0.9821]
        """
        if not self.whole:
            return None
        share, spread = self.part / self.whole, _Z * _Z / self.whole
        middle = share + spread / 2
        half = _Z * sqrt(share * (1 - share) / self.whole + spread / self.whole / 4)
        return max(0.0, (middle - half) / (1 + spread)), min(1.0, (middle + half) / (1 + spread))


@dataclass(frozen=True)
class Tally:
    """Alleles of one stratum. Truth and calls are counted each in their own writing: one substitution of two bases in
    the truth may answer to two calls. A genotype error (right allele, wrong number of copies) is a false negative and
    a false positive, and counted apart too."""

    truth_found: int = 0
    false_negative: int = 0
    calls_right: int = 0
    false_positive: int = 0
    genotype_error: int = 0

    @property
    def recall(self) -> Share:
        """Part of the truth that was found."""
        return Share(self.truth_found, self.truth_found + self.false_negative)

    @property
    def precision(self) -> Share:
        """Part of the calls that are true."""
        return Share(self.calls_right, self.calls_right + self.false_positive)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of both."""
        recall, precision = self.recall.value, self.precision.value
        if recall is None or precision is None:
            return None
        return 2 * recall * precision / (recall + precision) if recall + precision else 0.0


@dataclass(frozen=True)
class Concordance:
    """``strata`` by name in the order of ``STRATA``; ``coding`` only where coding regions were given.

    ``replayed`` counts alleles of truth and calls that only the replay brought together; ``too_dense`` windows with
    more unmatched alleles than are tried, whose alleles stay counted as errors. ``differences`` has a row per false
    negative, false positive and genotype error: ``contig`` (code), ``position``, ``ref``, ``alt``, ``verdict`` (``fn``,
    ``fp``, ``genotype``), ``stratum``, ``zygosity``.
    """

    strata: Mapping[str, Tally]
    truth_not_assessed: int
    calls_not_assessed: int
    replayed: int
    too_dense: int
    normalised: bool
    differences: pl.DataFrame


def compare_calls(
    truth: AlleleTable,
    calls: AlleleTable,
    regions: Sequence[RegionSet],
    *,
    reference: Reference | None = None,
    coding: RegionSet | None = None,
) -> Concordance:
    """Hold the first sample's calls against the first sample's truth, where all of ``regions`` cover the whole allele.

    Records whose filter is neither PASS nor missing, reference blocks and symbolic alleles are left out on both sides;
    of an allele written twice the first counts. Without ``reference`` alleles are only trimmed and nothing is
    replayed (``normalised`` is False). Raises InputError as ``normalise`` and ``with_keys`` do.
    """
    sides = [_alleles(table, regions, reference, coding) for table in (truth, calls)]
    left, right = (_matched(one, other) for one, other in (sides, sides[::-1]))
    too_dense = replayed = 0
    if reference is not None:
        left, right, replayed, too_dense = _replay(left, right, reference)
    names = [name for name in STRATA if name != "coding" or coding is not None]
    return Concordance(
        strata={name: _tally(_of(left, name), _of(right, name)) for name in names},
        truth_not_assessed=left.filter(~pl.col("assessed")).height,
        calls_not_assessed=right.filter(~pl.col("assessed")).height,
        replayed=replayed,
        too_dense=too_dense,
        normalised=reference is not None,
        differences=_differences(left, right),
    )


def _alleles(
    table: AlleleTable, regions: Sequence[RegionSet], reference: Reference | None, coding: RegionSet | None
) -> pl.DataFrame:
    """The carried alleles of the first sample, one row each, sorted by place."""
    kept = table.sites["filter"].is_in(_PASSING).to_numpy() & (table.genotype[:, 0] == 1).any(axis=1)
    chosen = table.take(kept)
    keyed = normalise(chosen, reference) if reference is not None else with_keys(chosen)
    copies = keyed.genotype[:, 0]
    sites = keyed.sites.select("contig", "position", "ref", "alt", "key").with_columns(
        pl.Series("both", ((copies == 1) | (copies == ABSENT)).all(axis=1)),
        pl.Series("row", np.arange(len(keyed)), dtype=pl.Int64),
    )
    sites = sites.filter(pl.col("key").is_not_null()).unique("key", keep="first", maintain_order=True)
    contig, first = sites["contig"].to_numpy(), sites["position"].to_numpy()
    last = first + sites["ref"].str.len_bytes().to_numpy().astype(np.int64) - 1
    assessed = np.ones(sites.height, dtype=np.bool_)
    for region in regions:
        assessed &= region.contains(contig, first, last)
    in_coding = coding.covers(contig, first) if coding is not None else np.zeros(sites.height, dtype=np.bool_)
    return sites.with_columns(
        pl.Series("assessed", assessed), pl.Series("coding", in_coding), _stratum().alias("stratum")
    ).sort("contig", "position", "ref", "alt")


def _stratum() -> pl.Expr:
    ref, alt = pl.col("ref").str.len_bytes().cast(pl.Int64), pl.col("alt").str.len_bytes().cast(pl.Int64)
    length = (alt - ref).abs()
    return (
        pl.when((ref == 1) & (alt == 1))
        .then(pl.lit("snv"))
        .when(length == 0)
        .then(pl.lit("mnv"))
        .when(length <= 5)
        .then(pl.lit("indel_1_5"))
        .when(length <= 15)
        .then(pl.lit("indel_6_15"))
        .otherwise(pl.lit("indel_over_15"))
    )


def _matched(side: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """``found``: the other side has the allele on as many copies; ``genotype_error``: on another number."""
    joined = side.join(
        other.select("key", pl.col("both").alias("other_both")), on="key", how="left", maintain_order="left"
    )
    found = (pl.col("other_both") == pl.col("both")).fill_null(False)
    return joined.with_columns(
        found.alias("found"), (pl.col("other_both").is_not_null() & ~found).alias("genotype_error")
    ).drop("other_both")


def _replay(
    truth: pl.DataFrame, calls: pl.DataFrame, reference: Reference
) -> tuple[pl.DataFrame, pl.DataFrame, int, int]:
    found = [truth["found"].to_numpy().copy(), calls["found"].to_numpy().copy()]
    replayed = too_dense = 0
    for contig, left, right in _windows(truth, calls):
        carried = [
            tuple(Carried.trimmed(*row) for row in side[rows].select("position", "ref", "alt", "both").iter_rows())
            for side, rows in ((truth, left), (calls, right))
        ]
        unmatched = [
            tuple(index for index, row in enumerate(rows) if not flags[row])
            for rows, flags in zip((left, right), found, strict=True)
        ]
        window = Window(carried[0], carried[1], unmatched[0], unmatched[1])
        equal = equal_parts(window, lambda start, end, contig=contig: reference.sequence(contig, start, end))  # type: ignore[misc]
        if equal is None:
            too_dense += 1
            continue
        for rows, flags, part in zip((left, right), found, equal, strict=True):
            flags[[rows[index] for index in part]] = True
            replayed += len(part)
    sides = [
        side.with_columns(pl.Series("found", flags)).with_columns(pl.col("genotype_error") & ~pl.col("found"))
        for side, flags in zip((truth, calls), found, strict=True)
    ]
    return sides[0], sides[1], replayed, too_dense


def _windows(truth: pl.DataFrame, calls: pl.DataFrame) -> Iterator[tuple[int, list[int], list[int]]]:
    """Contig and rows of truth and calls of each group of neighbours in which both sides have an unmatched allele."""
    columns = ["contig", "position", "ref", "found"]
    both = pl.concat(
        [
            side.select(*columns).with_row_index("row").with_columns(pl.lit(which).alias("side"))
            for which, side in enumerate((truth, calls))
        ]
    ).sort("contig", "position", "side", "row")
    end = pl.col("position") + pl.col("ref").str.len_bytes().cast(pl.Int64)
    reached = end.cum_max().shift(1).over("contig")
    begins = (pl.col("position") > reached + WINDOW).fill_null(True)
    grouped = both.with_columns(begins.cum_sum().alias("window"))
    missing = ~pl.col("found")
    wanted = (
        grouped.group_by("window")
        .agg(
            (missing & (pl.col("side") == 0)).any().alias("truth"),
            (missing & (pl.col("side") == 1)).any().alias("calls"),
        )
        .filter(pl.col("truth") & pl.col("calls"))
    )
    for _, group in grouped.join(wanted, on="window", how="semi").group_by("window", maintain_order=True):
        rows = [group.filter(pl.col("side") == which)["row"].to_list() for which in (0, 1)]
        yield int(group["contig"][0]), rows[0], rows[1]


def _of(side: pl.DataFrame, stratum: str) -> pl.DataFrame:
    wanted = {
        "all": pl.lit(True),
        "het": ~pl.col("both"),
        "hom": pl.col("both"),
        "coding": pl.col("coding"),
    }.get(stratum, pl.col("stratum") == stratum)
    return side.filter(pl.col("assessed") & wanted)


def _tally(truth: pl.DataFrame, calls: pl.DataFrame) -> Tally:
    found, right = int(truth["found"].sum()), int(calls["found"].sum())
    return Tally(
        truth_found=found,
        false_negative=truth.height - found,
        calls_right=right,
        false_positive=calls.height - right,
        genotype_error=int(truth["genotype_error"].sum()),
    )


def _differences(truth: pl.DataFrame, calls: pl.DataFrame) -> pl.DataFrame:
    wrong = pl.col("assessed") & ~pl.col("found")
    kind = pl.when("genotype_error").then(pl.lit("genotype"))
    rows = [
        truth.filter(wrong).with_columns(kind.otherwise(pl.lit("fn")).alias("verdict")),
        calls.filter(wrong & ~pl.col("genotype_error")).with_columns(pl.lit("fp").alias("verdict")),
    ]
    zygosity = pl.when("both").then(pl.lit("hom")).otherwise(pl.lit("het")).alias("zygosity")
    chosen = ["contig", "position", "ref", "alt", "verdict", "stratum"]
    return pl.concat([side.select(*chosen, zygosity) for side in rows]).sort("contig", "position", "verdict", "alt")
