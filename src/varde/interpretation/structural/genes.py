"""What an event does to genes: the whole gene, which exons, an intron, a breakpoint, or the side of the promoter.

One transcript speaks for a gene: MANE Select, else MANE Plus Clinical, else the longest coding sequence
(``transcripts.preference``). Exon numbers are the transcript's own, from its 5' end.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.annotation.transcripts import Transcript, TranscriptSet

PROMOTER_BASES = 1_000
"""Bases before the transcript in which an event is told as at the promoter's side. Varde's proposal."""


class Extent(StrEnum):
    """How much of a gene an event takes, gains or cuts."""

    WHOLE = "whole"
    EXONS = "exons"
    INTRON = "intron"
    BREAKPOINT = "breakpoint"  # of an inversion, insertion or breakend, inside the gene
    PROMOTER = "promoter"


class Side(StrEnum):
    """Which end of the gene the event holds."""

    BOTH = "both"
    FIVE_PRIME = "five_prime"
    THREE_PRIME = "three_prime"
    INSIDE = "inside"  # both breakpoints lie in the gene


GENES = pl.Schema(
    {
        "event": pl.UInt32(),
        "gene": pl.String(),
        "transcript": pl.String(),
        "mane": pl.Boolean(),
        "protein_coding": pl.Boolean(),
        "extent": pl.String(),
        "side": pl.String(),
        "first_exon": pl.Int32(),
        "last_exon": pl.Int32(),
        "exons": pl.Int32(),
        "coding_bases": pl.Int64(),
        "coding_length": pl.Int64(),
        "exon_breakpoint": pl.Boolean(),
    }
)
"""A row per event and gene. ``first_exon`` to ``last_exon`` of ``exons`` are touched (null: none). ``coding_bases`` of
``coding_length`` lie within the event; ``exon_breakpoint`` says that an end of the event lies inside an exon."""


def genes_hit(events: pl.DataFrame, transcripts: TranscriptSet) -> pl.DataFrame:
    """``GENES`` of events (columns event and ``CALL``), by event and place."""
    ranges = _ranges(events)
    spoken = _spokesmen(transcripts)
    contig, start0, end0 = (ranges[name].to_numpy() for name in ("contig", "start0", "end0"))
    wide_start, wide_end = np.maximum(start0 - PROMOTER_BASES, 0), end0 + PROMOTER_BASES
    place, which = transcripts.overlap_pairs(contig, wide_start, wide_end)
    kept = spoken[which]
    place, which = place[kept], which[kept]
    rows = [_row(transcripts.transcripts[t], int(start0[p]), int(end0[p])) for p, t in zip(place, which, strict=True)]
    frame = pl.DataFrame(rows, schema={name: kind for name, kind in GENES.items() if name != "event"}, orient="row")
    told = frame.with_columns(
        event=ranges["event"].gather(pl.Series(place, dtype=pl.UInt32)),
        interval=ranges["interval"].gather(pl.Series(place, dtype=pl.UInt32)),
        start0=pl.Series(start0[place]),
    ).filter(pl.col("extent").is_not_null())
    broken = ~pl.col("interval") & pl.col("extent").is_in([Extent.EXONS.value, Extent.INTRON.value, Extent.WHOLE.value])
    told = told.with_columns(extent=pl.when(broken).then(pl.lit(Extent.BREAKPOINT.value)).otherwise("extent"))
    # Both breakpoints of an inversion may lie in one gene: told once, the one that meets an exon first.
    told = told.sort("event", "gene", pl.col("first_exon").is_null(), "start0", maintain_order=True)
    found = told.unique(["event", "gene"], keep="first", maintain_order=True)
    return found.sort("event", "start0", "gene").select(pl.col(name).cast(kind) for name, kind in GENES.items())


def _ranges(events: pl.DataFrame) -> pl.DataFrame:
    """Where events act: of a loss or gain all its bases, of others the bases at their breakpoints."""
    kind = pl.col("kind").cast(pl.String)
    base = events.select(
        "event",
        kind,
        *(pl.col(name).cast(pl.Int64) for name in ("contig", "start", "end", "mate_contig", "mate_position")),
    )
    interval = base.filter(kind.is_in(["DEL", "DUP", "CNV"])).select(
        "event",
        "contig",
        (pl.col("start") - 1).alias("start0"),
        pl.col("end").alias("end0"),
        interval=pl.lit(value=True),
    )
    ends = [base.filter(~kind.is_in(["DEL", "DUP", "CNV"])).select("event", "contig", place=pl.col("start"))]
    ends.append(base.filter(kind == "INV").select("event", "contig", place=pl.col("end")))
    ends.append(base.filter(kind == "BND").select("event", contig=pl.col("mate_contig"), place=pl.col("mate_position")))
    points = pl.concat(ends).select(
        "event",
        "contig",
        (pl.col("place") - 1).alias("start0"),
        pl.col("place").alias("end0"),
        interval=pl.lit(value=False),
    )
    return pl.concat([interval, points]).with_columns(pl.col("contig").cast(pl.UInt8))


def _spokesmen(transcripts: TranscriptSet) -> NDArray[np.bool_]:
    """Whether a transcript is the one that speaks for its gene, on its contig (a gene of X and Y has two)."""
    frame = transcripts.frame.select("gene", "contig", rank=pl.Series(transcripts.ranks))
    first = pl.col("rank") == pl.col("rank").min().over("gene", "contig")
    return frame.select(first)["rank"].to_numpy()


def _row(transcript: Transcript, start0: int, end0: int) -> tuple[object, ...]:
    head = (transcript.gene, transcript.name, transcript.mane, transcript.cds is not None)
    tail = (len(transcript.exons), None, transcript.coding_length)
    if end0 <= transcript.start0 or start0 >= transcript.end0:
        before = end0 <= transcript.start0 if transcript.strand == 1 else start0 >= transcript.end0
        extent = Extent.PROMOTER.value if before else None
        return (*head, extent, None, None, None, tail[0], 0, tail[2], False)
    left, right = start0 <= transcript.start0, end0 >= transcript.end0
    touched = [n for n, (a, b) in enumerate(transcript.ordered_exons, start=1) if a < end0 and b > start0]
    coding = sum(max(0, min(b, end0) - max(a, start0)) for a, b in transcript.coding_segments)
    inside = any(a < edge < b for edge in (start0, end0) for a, b in transcript.exons)
    extent = Extent.WHOLE if left and right else Extent.EXONS if touched else Extent.INTRON
    return (
        *head,
        extent.value,
        _side(left, right, transcript.strand).value,
        touched[0] if touched else None,
        touched[-1] if touched else None,
        len(transcript.exons),
        coding,
        transcript.coding_length,
        inside,
    )


def _side(left: bool, right: bool, strand: int) -> Side:
    if left and right:
        return Side.BOTH
    if not left and not right:
        return Side.INSIDE
    return Side.FIVE_PRIME if left == (strand == 1) else Side.THREE_PRIME
