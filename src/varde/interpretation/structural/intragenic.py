"""PVS1 for a deletion with both ends in one gene: what is left of the protein, by the tree of Abou Tayoun 2018."""

from __future__ import annotations

from dataclasses import dataclass

from varde.annotation.transcripts import SequenceSource, Transcript
from varde.interpretation.acmg.criterion import Strength
from varde.interpretation.acmg.evidence import Branch
from varde.interpretation.acmg.pvs1 import TREE, Ask, reachable

STOPS = frozenset({"TAA", "TAG", "TGA"})
NMD_DISTANCE, REMOVED_FRACTION = 50, 0.10
"""Abou Tayoun 2018: decay is expected for a stop more than 50 bases before the last junction; large is > 10 %."""


@dataclass(frozen=True)
class Intragenic:
    """``strength`` None with ``known``: PVS1 does not apply. Not known: the tree can end in several strengths."""

    leaf: str
    strength: Strength | None
    known: bool


def deletion_leaf(transcript: Transcript, start0: int, end0: int, source: SequenceSource | None) -> Intragenic:
    """The leaf of the tree that a deletion of whole exons reaches. An end inside an exon leaves the frame open, as the
    new splice is not known; so does a transcript whose coding sequence cannot be read."""
    answers: dict[Ask, bool | None] = {Ask.FULL_GENE: False, Ask.RELEVANT_TRANSCRIPT: True if transcript.mane else None}
    cut = any(a < edge < b for edge in (start0, end0) for a, b in transcript.exons)
    lost = sum(max(0, min(b, end0) - max(a, start0)) for a, b in transcript.coding_segments)
    if transcript.cds is not None and transcript.coding_length and not cut:
        answers[Ask.FRAME_KEPT] = lost % 3 == 0
        answers[Ask.REMOVED_FRACTION] = lost / transcript.coding_length > REMOVED_FRACTION
        if lost % 3:
            answers[Ask.NMD] = _decays(transcript, start0, end0, source)
    ends, _ = reachable(TREE[Branch.DELETION], answers)
    strengths = {leaf.strength for leaf in ends}
    names = ", ".join(dict.fromkeys(leaf.name for leaf in ends))
    return Intragenic(names, ends[0].strength if len(strengths) == 1 else None, len(strengths) == 1)


def _decays(transcript: Transcript, start0: int, end0: int, source: SequenceSource | None) -> bool | None:
    """Whether the first stop of the new frame lies far enough before the last junction that is left."""
    if source is None:
        return None
    exons = [(a, b) for a, b in transcript.ordered_exons if not (a < end0 and b > start0)]
    if len(exons) < 2 or transcript.phase:
        return False if len(exons) < 2 else None
    segments = [(a, b) for a, b in transcript.coding_segments if not (a < end0 and b > start0)]
    left = Transcript(
        transcript.identifier, None, transcript.gene, transcript.gene_id, transcript.contig, transcript.strand,
        tuple(sorted(exons)), None, transcript.biotype,
    )  # fmt: skip
    start = (segments[0][0] if transcript.strand == 1 else segments[0][1] - 1) if segments else None
    first = left.transcript_position(start) if start is not None else None
    if first is None or segments[0] != transcript.coding_segments[0]:
        return None
    bases = left.spliced_sequence(source)
    stop = next((at for at in range(first, len(bases) - 2, 3) if bases[at : at + 3] in STOPS), None)
    junction = len(bases) - (exons[-1][1] - exons[-1][0])
    return None if stop is None else junction - (stop + 3) > NMD_DISTANCE
