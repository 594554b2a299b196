"""The coding exons of genes with their padding: what a laboratory promises to have read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

from varde.annotation.transcripts import Transcript, TranscriptSet

SCHEMA = pl.Schema(
    {
        "gene": pl.String,
        "transcript": pl.String,
        "exon": pl.UInt16,
        "contig": pl.UInt8,
        "start0": pl.Int64,
        "end0": pl.Int64,
    }
)


@dataclass(frozen=True)
class Padding:
    """Bases beside a coding exon that belong to the target, in the direction of the transcript. Raises ValueError for a
    negative one."""

    before: int = 10
    after: int = 10

    def __post_init__(self) -> None:
        if self.before < 0 or self.after < 0:
            raise ValueError("a padding cannot be negative")


PADDING = Padding()
"""10 bases on both sides, the common promise of panel reports; ELLA's region is 20 before and 6 after."""


def target_exons(
    transcripts: TranscriptSet, genes: Collection[str] | None = None, padding: Padding = PADDING
) -> pl.DataFrame:
    """Coding parts of the exons of each gene's transcript, padded, in the order of genes and exons.

    ``genes``: symbols, None for all. A gene's transcript is MANE Select, else the first by preference; exons that MANE
    Plus Clinical has beside it follow under its name. Exons in the untranslated regions are not in the target. Columns
    are those of ``SCHEMA``; a symbol without a coding transcript has no row.
    """
    wanted = sorted(transcripts.by_gene if genes is None else set(genes))
    rows: list[tuple[str, str, int, int, int, int]] = []
    for gene in wanted:
        coding = [one for one in transcripts.by_gene.get(gene, ()) if one.cds is not None]
        seen: set[tuple[int, int]] = set()
        for transcript in [one for place, one in enumerate(coding) if place == 0 or one.mane]:
            for number, start, end in _padded(transcript, padding):
                if (start, end) not in seen:
                    seen.add((start, end))
                    rows.append((gene, transcript.name, number, transcript.contig, start, end))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _padded(transcript: Transcript, padding: Padding) -> list[tuple[int, int, int]]:
    left, right = (padding.before, padding.after) if transcript.strand == 1 else (padding.after, padding.before)
    return [
        (transcript.exon_number(start) or 0, max(start - left, 0), end + right)
        for start, end in transcript.coding_segments
    ]
