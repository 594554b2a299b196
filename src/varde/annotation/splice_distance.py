"""How far every allele lies from the nearest junction of exon and intron of a transcript."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import polars as pl

from varde.annotation.transcripts import TranscriptSet

_KEY = np.int64(1) << 40


def splice_distance(alleles: pl.DataFrame, transcripts: TranscriptSet) -> pl.DataFrame:
    """``splice_site`` (``donor`` or ``acceptor``) and ``splice_distance`` of each allele, in the order given.

    ``alleles`` has ``position``, ``ref``, ``alt`` and ``transcript`` (identifier). The distance is that of the changed
    base nearest to the junction: 1 is the intron's first base (the ``+1`` or ``-1`` of a name), -1 the exon's last; an
    insertion has that of the base before it towards the junction; 0 when bases on both sides change, or an insertion
    stands in the junction. Null without transcript, and for a transcript of one exon.
    """
    junctions, donors, exon_is_left = _junctions(transcripts)
    places = {one.identifier: place for place, one in enumerate(transcripts.transcripts)}
    named = alleles["transcript"].replace_strict(places, default=None, return_dtype=pl.Int64)
    known = named.is_not_null().to_numpy()
    start, end = _span(alleles)
    owner = named.fill_null(0).to_numpy()
    right = np.searchsorted(junctions, owner * _KEY + end, side="left")
    left = np.searchsorted(junctions, owner * _KEY + start, side="right") - 1
    inserted = start == end
    crosses = (right - left > 1) | (inserted & (left >= right))
    last = len(junctions) - 1
    if last < 0:
        known &= False
        junctions, donors, exon_is_left, last = np.zeros(1, np.int64), np.zeros(1, bool), np.zeros(1, bool), 0
    at_left, at_right = np.clip(left, 0, last), np.clip(right, 0, last)
    far = np.iinfo(np.int64).max
    to_left = np.where((left >= 0) & (junctions[at_left] // _KEY == owner), start - junctions[at_left] % _KEY + 1, far)
    to_right = np.where(
        (right <= last) & (junctions[at_right] // _KEY == owner), junctions[at_right] % _KEY - end + 1, far
    )
    to_left, to_right = to_left - (inserted & (to_left < far)), to_right - (inserted & (to_right < far))
    crossed = np.clip(np.where(inserted, left, left + 1), 0, last)
    nearest = np.where(crosses, crossed, np.where(to_left <= to_right, at_left, at_right))
    bases = np.minimum(to_left, to_right)
    in_exon = np.where(to_left <= to_right, ~exon_is_left[at_left], exon_is_left[at_right])
    distance = np.where(crosses, 0, np.where(in_exon, -bases, bases))
    known = known & (crosses | (bases < far))
    frame = pl.DataFrame({"known": known, "donor": donors[nearest], "distance": np.where(known, distance, 0)})
    site = pl.when("donor").then(pl.lit("donor")).otherwise(pl.lit("acceptor"))
    return frame.select(
        pl.when("known").then(site).alias("splice_site"),
        pl.when("known").then(pl.col("distance").cast(pl.Int32)).alias("splice_distance"),
    )


def _junctions(transcripts: TranscriptSet) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of every junction: transcript and 0-based place in one number (ascending), whether it is a donor, whether the
    exon lies to its left on the contig."""
    rows = []
    for place, one in enumerate(transcripts.transcripts):
        for (_, end), (start, _) in pairwise(one.exons):
            rows.append((place, end, one.strand == 1, True))
            rows.append((place, start, one.strand == -1, False))
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    keys = table[:, 0] * _KEY + table[:, 1]
    order = np.argsort(keys, kind="stable")
    return keys[order], table[order, 2].astype(bool), table[order, 3].astype(bool)


def _span(alleles: pl.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Changed bases, 0-based half-open; an insertion is empty."""
    anchored = (pl.col("ref").str.len_bytes() != pl.col("alt").str.len_bytes()) & (
        pl.col("ref").str.slice(0, 1) == pl.col("alt").str.slice(0, 1)
    )
    start = pl.col("position").cast(pl.Int64) - 1 + anchored.cast(pl.Int64)
    end = pl.col("position").cast(pl.Int64) - 1 + pl.col("ref").str.len_bytes().cast(pl.Int64)
    found = alleles.select(start.alias("start"), pl.max_horizontal(start, end).alias("end"))
    return found["start"].to_numpy(), found["end"].to_numpy()
