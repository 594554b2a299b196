"""Distances to junctions against a slow reference that walks base by base."""

from __future__ import annotations

import random
from itertools import pairwise

import polars as pl

from varde.annotation.genes import reference_transcripts
from varde.annotation.splice_distance import splice_distance
from varde.annotation.tests.toy import EXONS, mirrored
from varde.annotation.transcripts import Transcript
from varde.genome.references import Reference


def slow(transcript: Transcript, start: int, end: int) -> tuple[str, int]:
    """Of every junction the least distance of the changed bases, the first in the contig's order winning a tie."""
    best: tuple[int, str, int] | None = None
    exons = transcript.exons
    for (_, stop), (begin, _) in pairwise(exons):
        for junction, exon_left in ((stop, True), (begin, False)):
            site = "donor" if exon_left == (transcript.strand == 1) else "acceptor"
            if start < junction < end or start == end == junction:
                found = (0, site, 0)
            elif end <= junction:
                bases = junction - end + (start != end)
                found = (bases, site, -bases if exon_left else bases)
            else:
                bases = start - junction + (start != end)
                found = (bases, site, bases if exon_left else -bases)
            if best is None or found[0] < best[0]:
                best = found
    assert best is not None
    return best[1], best[2]


def test_plain_places(toy_reference: Reference) -> None:
    transcripts = reference_transcripts(toy_reference)
    end, start = EXONS[0][1], EXONS[1][0]  # the first intron, 0-based half-open
    rows = [
        (end, "A", "C", "T_PLUS"),  # the exon's last base, 1-based
        (end + 1, "G", "C", "T_PLUS"),
        (end + 5, "G", "C", "T_PLUS"),
        (start, "G", "C", "T_PLUS"),
        (start + 1, "A", "C", "T_PLUS"),
        (end, "AGT", "A", "T_PLUS"),  # the two bases of the donor
        (end, "A", "AC", "T_PLUS"),  # an insertion in the junction
        (end - 1, "AAG", "A", "T_PLUS"),  # the exon's last base and the intron's first
        (mirrored(end) + 1, "C", "G", "T_MINUS"),  # the intron's first base on the other strand
        (5, "A", "C", None),
    ]
    alleles = pl.DataFrame(rows, schema=["position", "ref", "alt", "transcript"], orient="row")
    assert splice_distance(alleles, transcripts).rows() == [
        ("donor", -1),
        ("donor", 1),
        ("donor", 5),
        ("acceptor", 1),
        ("acceptor", -1),
        ("donor", 1),
        ("donor", 0),
        ("donor", 0),
        ("donor", 1),
        (None, None),
    ]


def test_every_place_of_both_strands_against_the_slow_reference(toy_reference: Reference) -> None:
    transcripts = reference_transcripts(toy_reference)
    letters = random.Random(11)
    rows, expected = [], []
    for name in ("T_PLUS", "T_MINUS"):
        transcript = transcripts.get(name)
        assert transcript is not None
        for position in range(transcript.start0 + 1, transcript.end0 - 8):
            size = letters.choice([0, 0, 1, 2, 5])
            ref, alt = "A" * (size + 1), "A"
            kind = letters.choice(["snv", "deletion", "insertion"])
            if kind == "snv":
                ref, alt, span = "A", "C", (position - 1, position)
            elif kind == "insertion" or not size:
                ref, alt, span = "A", "AC", (position, position)
            else:
                span = (position, position + size)
            rows.append((position, ref, alt, name))
            expected.append(slow(transcript, *span))
    alleles = pl.DataFrame(rows, schema=["position", "ref", "alt", "transcript"], orient="row")
    assert len(rows) > 700
    assert splice_distance(alleles, transcripts).rows() == expected


def test_a_transcript_of_one_exon_has_no_junction(toy_reference: Reference) -> None:
    transcripts = reference_transcripts(toy_reference)
    single = next(one for one in transcripts.transcripts if len(one.exons) == 1)
    alleles = pl.DataFrame(
        {"position": [single.start0 + 2], "ref": ["A"], "alt": ["C"], "transcript": [single.identifier]}
    )
    assert splice_distance(alleles, transcripts).rows() == [(None, None)]
