"""Alleles at the edges of exons and of the coding sequence, judged a second time.

bcftools csq understates there: of a coding change within three bases of an exon's end it may say only that it lies in
the splice region, and of a deletion that takes the start codon, the stop codon or a whole exon only the untranslated
region. What Varde adds is certain from the sequence; what the engine found HIGH is left as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from varde.annotation.genetic_code import reverse_complement, translate
from varde.annotation.severity import IMPACT, RANK, Impact
from varde.annotation.transcripts import SequenceSource, Span, Transcript, TranscriptSet

REACH = 8
"""Bases from an exon's end within which the splice region ends: 3 in the exon, 8 in the intron (SO:0001630)."""

SPLICE_SITE = 2
"""Bases of an intron that make the donor or the acceptor (SO:0001575, SO:0001574)."""

CODING_TERMS = frozenset(
    {
        "stop_gained",
        "frameshift_variant",
        "stop_lost",
        "start_lost",
        "inframe_insertion",
        "inframe_deletion",
        "missense_variant",
        "protein_altering_variant",
        "start_retained_variant",
        "stop_retained_variant",
        "synonymous_variant",
    }
)

_KEY = np.int64(1) << 40


@dataclass(frozen=True)
class Change:
    """What differs from the reference: bases [start0, end0) become ``alt``, and share no end with it."""

    start0: int
    end0: int
    alt: str

    @staticmethod
    def of(position: int, ref: str, alt: str) -> Change:
        """From the columns of a VCF.

        >>> Change.of(100, "CAT", "CT")
        Change(start0=100, end0=101, alt='')
        """
        start = position - 1
        while ref and alt and ref[0] == alt[0]:
            start, ref, alt = start + 1, ref[1:], alt[1:]
        while ref and alt and ref[-1] == alt[-1]:
            ref, alt = ref[:-1], alt[:-1]
        return Change(start, start + len(ref), alt)


@dataclass(frozen=True)
class Judgement:
    """Terms that hold beside the engine's, and the amino acids before and after as the engine writes them."""

    terms: frozenset[str]
    amino_acid_change: str | None = None


def near_edges(
    transcripts: TranscriptSet, members: NDArray[np.int64], start0: NDArray[np.int64], end0: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Whether each range holds one of the ``REACH`` bases beside an edge of its transcript (``members``: its place)."""
    edges = [sorted({*(x for exon in t.exons for x in exon), *(t.cds or ())}) for t in transcripts.transcripts]
    owners = np.repeat(np.arange(len(edges)), [len(of) for of in edges])
    keys = owners * _KEY + np.array([x for of in edges for x in of], dtype=np.int64)
    low = np.searchsorted(keys, members * _KEY + np.maximum(start0 - REACH, -1), side="right")
    high = np.searchsorted(keys, members * _KEY + end0 + REACH, side="left")
    return np.asarray(high > low)


def inside_intron(
    transcripts: TranscriptSet, members: NDArray[np.int64], start0: NDArray[np.int64], end0: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Whether each range lies wholly in an intron of its transcript."""
    exons = [t.exons for t in transcripts.transcripts]
    owners = np.repeat(np.arange(len(exons)), [len(of) for of in exons])
    starts = np.array([start for of in exons for start, _ in of], dtype=np.int64)
    ends = np.array([end for of in exons for _, end in of], dtype=np.int64)
    following = np.searchsorted(owners * _KEY + ends, members * _KEY + start0, side="right")
    there = np.minimum(following, len(ends) - 1)
    before = np.maximum(following - 1, 0)
    has_both = (following < len(ends)) & (owners[there] == members) & (following > 0) & (owners[before] == members)
    return np.asarray(has_both & (ends[before] <= start0) & (starts[there] >= end0))


def reconsider(
    said: frozenset[str], change: Change, transcript: Transcript, source: SequenceSource
) -> Judgement | None:
    """The terms to be used in place of the engine's, None when those stand.

    ``said`` are the engine's terms, empty when it was silent. Only for transcripts with a coding sequence.
    """
    if change.start0 <= transcript.start0 and change.end0 >= transcript.end0:
        return Judgement(frozenset({"transcript_ablation"}))
    if any(IMPACT[term] is Impact.HIGH for term in said):
        return None
    lost = _lost_splice_sites(change, transcript, source)
    coding = None if lost or said & CODING_TERMS else _coding(change, transcript, source)
    added = lost | (coding.terms if coding else frozenset())
    if not added - said:
        return None
    if coding is None:
        return Judgement(said | added)
    return Judgement((said | added) - {"coding_sequence_variant"}, coding.amino_acid_change)


def joined(terms: frozenset[str]) -> str:
    """Terms joined by ``&``, the most severe first."""
    return "&".join(sorted(terms, key=RANK.__getitem__))


def _lost_splice_sites(change: Change, transcript: Transcript, source: SequenceSource) -> frozenset[str]:
    """Donors and acceptors that a deletion takes bases of, however it is placed among equal placements."""
    length = change.end0 - change.start0
    if length == 0:
        return frozenset()
    placements = [(change.start0, change.end0)]
    if not change.alt:
        placements = _placements(change, transcript, source)
    return frozenset.intersection(*(_touched_sites(span, transcript) for span in placements))


def _touched_sites(span: Span, transcript: Transcript) -> frozenset[str]:
    start, end = span
    names = ("splice_donor_variant", "splice_acceptor_variant")[:: transcript.strand]
    touched = set()
    for (_, left_end), (right_start, _) in zip(transcript.exons, transcript.exons[1:], strict=False):
        if start < left_end + SPLICE_SITE and end > left_end:
            touched.add(names[0])
        if start < right_start and end > right_start - SPLICE_SITE:
            touched.add(names[1])
    return frozenset(touched)


def _placements(change: Change, transcript: Transcript, source: SequenceSource) -> list[Span]:
    """All places where taking as many bases away leaves the same sequence, inside the transcript."""
    length = change.end0 - change.start0
    start, end = change.start0, change.end0
    low = max(transcript.start0, start - 2 * REACH - length)
    high = min(transcript.end0, end + 2 * REACH + length)
    low, high = min(low, start), max(high, end)
    bases = source.sequence(transcript.contig, low, high)
    first, last = start - low, end - low
    spans = [(start, end)]
    while first > 0 and bases[first - 1] == bases[last - 1]:
        first, last = first - 1, last - 1
        spans.append((first + low, last + low))
    first, last = start - low, end - low
    while last < len(bases) and bases[first] == bases[last]:
        first, last = first + 1, last + 1
        spans.append((first + low, last + low))
    return spans


def _coding(change: Change, transcript: Transcript, source: SequenceSource) -> Judgement | None:
    """Effect on the coding sequence of a change that lies within one exon; None when it does not touch it."""
    place = _on_transcript(change, transcript)
    if place is None or transcript.phase:
        return None
    start, end = place
    first = transcript.coding_start
    last = first + transcript.coding_length
    if end <= first or start >= last:
        return None
    spliced = transcript.spliced_sequence(source)
    alt = change.alt if transcript.strand == 1 else reverse_complement(change.alt)
    changed = spliced[:start] + alt + spliced[end:]
    if changed.endswith(spliced[first:]):  # the same bases as a change before the start codon, which stays whole
        kept_start = {"start_retained_variant"} if start < first else set()
        return Judgement(frozenset({"5_prime_UTR_variant", *kept_start}))
    if start < first:
        other_end = "stop_lost" if end > last else "5_prime_UTR_variant"
        return Judgement(frozenset({"start_lost", other_end}))
    if changed.startswith(spliced[:last]):
        kept_stop = {"stop_retained_variant"} if end > last else set()
        return Judgement(frozenset({"3_prime_UTR_variant", *kept_stop}))
    before = translate(spliced[first:last], mitochondrial=transcript.is_mitochondrial)
    after = translate(changed[first:], mitochondrial=transcript.is_mitochondrial)
    if end > last:
        kept = after.startswith(before)
        return Judgement(frozenset({"stop_retained_variant" if kept else "stop_lost", "3_prime_UTR_variant"}))
    return _within(before, after, (start - first, end - first), len(alt))


def _on_transcript(change: Change, transcript: Transcript) -> Span | None:
    for exon_start, exon_end in transcript.exons:
        if exon_start <= change.start0 and change.end0 <= exon_end:
            before = sum(end - start for start, end in transcript.exons if end <= exon_start)
            start, end = before + change.start0 - exon_start, before + change.end0 - exon_start
            if transcript.strand == 1:
                return start, end
            whole = sum(end - start for start, end in transcript.exons)
            return whole - end, whole - start
    return None


def _within(before: str, after: str, place: Span, alt_length: int) -> Judgement:
    """Of a change between the first and the last coding base.

    ``before`` is the protein with its stop, ``after`` the reading of the changed transcript to its end, ``place`` the
    changed bases in coding positions.
    """
    start, end = place
    grown = alt_length - (end - start)
    terms = set()
    if start < 3 and after[:1] != before[:1]:
        terms.add("start_lost")
    stop = before.find("*") if "*" in before else len(before)  # an inner one is a selenocysteine and ends nothing new
    if grown % 3:
        lost = {"stop_lost"} if end > 3 * stop and not after.startswith(before) else set()
        return Judgement(frozenset({*terms, *lost, "frameshift_variant"}))
    expected_stop = stop + grown // 3
    stop_after = after.find("*") if "*" in after else len(after)
    if stop_after < expected_stop:
        terms.add("stop_gained")
    elif stop_after > expected_stop and stop < len(before):
        terms.add("stop_lost")
    if grown:
        pure = start == end or alt_length == 0
        sized = "inframe_insertion" if grown > 0 else "inframe_deletion"
        terms.add(sized if pure else "protein_altering_variant")
        return Judgement(frozenset(terms))
    number, beyond = start // 3, (end - 1) // 3 + 1
    old, new = before[number:beyond], after[number:beyond]
    if old == new:
        terms.add("stop_retained_variant" if beyond > stop else "synonymous_variant")
        return Judgement(frozenset(terms), f"{number + 1}{old}")
    if not terms:
        terms.add("missense_variant")
    return Judgement(frozenset(terms), f"{number + 1}{old}>{number + 1}{new}")
