"""mosdepth: summary, distributions, thresholds and regions."""

from __future__ import annotations

from collections.abc import Iterator

from varde.quality.formats.reading import QualityText, given, share, table
from varde.quality.measurement import Measurement

_TOOL = "mosdepth"
_DEPTHS = (1, 10, 15, 20, 30, 50, 100)
"""Depths whose share is kept out of a distribution."""


def read_summary(source: QualityText, sample: str | None = None) -> Iterator[Measurement]:
    """``*.mosdepth.summary.txt``: mean depth by contig, ``total`` of the genome and ``total_region`` of the target."""
    rows = list(table(source, "\t", ("chrom", "length", "bases", "mean")))
    if not any(row["chrom"] == "total" for row in rows):
        raise source.refused("truncated", "The row 'total' is missing.", "Give the whole file.")
    for row in rows:
        yield source.measured(_TOOL, sample, f"mean.{row['chrom']}", given(row["mean"]))


def read_distribution(source: QualityText, sample: str | None = None) -> Iterator[Measurement]:
    """``*.global.dist.txt`` and ``*.region.dist.txt``: the share of all bases with at least a depth.

    Depths above the greatest of the file have a share of 0.
    """
    shares: dict[int, float] = {}
    for number, line in enumerate(source.text.rstrip("\n").split("\n"), start=1):
        cells = line.split("\t")
        depth, part = (given(cells[1]), given(cells[2])) if len(cells) == 3 else (None, None)
        if not isinstance(depth, float) or not isinstance(part, float):
            raise source.refused("bad_table", "A line is contig, depth and share.", "Give the whole file.", line=number)
        if cells[0] == "total":
            shares[int(depth)] = part
    if 0 not in shares:
        raise source.refused("truncated", "The rows 'total' down to depth 0 are missing.", "Give the whole file.")
    where = "regions" if ".region.dist" in source.name else "global"
    for depth in _DEPTHS:
        least = [part for at, part in shares.items() if at >= depth]
        yield source.measured(_TOOL, sample, f"{where}.{depth}x", max(least, default=0.0))


def read_thresholds(source: QualityText, sample: str | None = None) -> Iterator[Measurement]:
    """``*.thresholds.bed.gz``: bases of each region with at least a depth, as the share of all regions' bases."""
    length, bases = 0.0, dict[str, float]()
    for row in table(source, "\t", ("chrom", "start", "end")):
        length += _length(source, row)
        for column in row:
            if column.endswith("X") and column[:-1].isdigit():
                value = given(row[column])
                bases[column] = bases.get(column, 0.0) + (value if isinstance(value, float) else 0.0)
    if not bases:
        raise source.refused("wrong_columns", "No column is a threshold such as 20X.", "Run mosdepth with -T.")
    for column, covered in bases.items():
        yield source.measured(_TOOL, sample, f"regions.{column.lower()}", share(covered, length))


def read_regions(source: QualityText, sample: str | None = None) -> Iterator[Measurement]:
    """``*.regions.bed.gz``: the mean depth of all regions, weighted by length, and the lowest region's."""
    weighted, length, lowest = 0.0, 0.0, None
    for number, line in enumerate(source.text.rstrip("\n").split("\n"), start=1):
        cells = line.split("\t")
        row = dict(zip(("chrom", "start", "end"), cells, strict=False))
        mean = given(cells[-1])
        if len(cells) not in (4, 5) or not isinstance(mean, float):
            raise source.refused(
                "bad_table", "A region is contig, start, end, a name and its mean depth.", "Give the whole file.",
                line=number,
            )  # fmt: skip
        bases = _length(source, row)
        weighted, length = weighted + mean * bases, length + bases
        lowest = mean if lowest is None else min(lowest, mean)
    yield source.measured(_TOOL, sample, "regions.mean", share(weighted, length))
    yield source.measured(_TOOL, sample, "regions.lowest_mean", lowest)


def _length(source: QualityText, row: dict[str, str]) -> float:
    start, end = given(row.get("start", "")), given(row.get("end", ""))
    if not isinstance(start, float) or not isinstance(end, float) or end < start:
        raise source.refused("bad_table", "A region's start and end are not numbers in order.", "Give mosdepth's file.")
    return end - start
