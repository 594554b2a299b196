"""Transcripts of an Ensembl-style GFF3: exons, coding sequence, strand, MANE; and the geometry that PVS1 asks for.

Positions are 0-based and ranges half-open. A coding position counts bases of the coding sequence in the direction of
the transcript, 0 being the A of the start codon; codon and exon numbers are 1-based, as people say them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.annotation.genetic_code import reverse_complement
from varde.genome.builds import MT, Build

Span = tuple[int, int]


class SequenceSource(Protocol):
    """Anything that gives reference bases; a ``Reference`` does."""

    def sequence(self, contig_code: int, start0: int, end0: int) -> str:
        """Upper-case bases of the half-open range."""
        ...


class ManeStatus(StrEnum):
    """Place in the Matched Annotation from NCBI and EMBL-EBI."""

    NONE = "none"
    SELECT = "MANE_Select"
    PLUS_CLINICAL = "MANE_Plus_Clinical"


@dataclass(frozen=True)
class Codon:
    """A codon of a transcript: ``number`` from 1, its three ``bases``, and at which of them we stand (0-2)."""

    number: int
    bases: str
    offset: int


@dataclass(frozen=True)
class Transcript:
    """One transcript on one build.

    ``exons`` are in ascending order on the contig whatever the strand; ``cds`` runs from the first to the last coding
    base on the contig, stop codon included. ``phase`` is the number of bases before the first whole codon (0 but for
    coding sequences whose start is not known).
    """

    identifier: str
    version: int | None
    gene: str
    gene_id: str
    contig: int
    strand: int
    exons: tuple[Span, ...]
    cds: Span | None
    biotype: str
    mane_status: ManeStatus = ManeStatus.NONE
    refseq: str | None = None
    protein: str | None = None
    phase: int = 0

    def __post_init__(self) -> None:
        if self.strand not in (1, -1):
            raise ValueError(f"{self.identifier}: strand is {self.strand}, expected 1 or -1")
        if not self.exons or any(start >= end for start, end in self.exons):
            raise ValueError(f"{self.identifier}: needs exons that are not empty")
        if any(left[1] > right[0] for left, right in zip(self.exons, self.exons[1:], strict=False)):
            raise ValueError(f"{self.identifier}: exons overlap or are not in ascending order")
        if self.cds is not None and (
            self.exon_number(self.cds[0]) is None or self.exon_number(self.cds[1] - 1) is None
        ):
            raise ValueError(f"{self.identifier}: the coding sequence starts or ends outside the exons")

    @property
    def name(self) -> str:
        """Identifier with version where the source gives one: ``ENST00000382410.3``."""
        return self.identifier if self.version is None else f"{self.identifier}.{self.version}"

    @property
    def mane(self) -> bool:
        """MANE Select or MANE Plus Clinical."""
        return self.mane_status is not ManeStatus.NONE

    @property
    def start0(self) -> int:
        """First base on the contig."""
        return self.exons[0][0]

    @property
    def end0(self) -> int:
        """One past the last base on the contig."""
        return self.exons[-1][1]

    @property
    def is_mitochondrial(self) -> bool:
        """Translated by the mitochondrial code."""
        return self.contig == MT

    @cached_property
    def ordered_exons(self) -> tuple[Span, ...]:
        """Exons in the order of the transcript; exon number n is at place n - 1."""
        return self.exons if self.strand == 1 else self.exons[::-1]

    @cached_property
    def coding_segments(self) -> tuple[Span, ...]:
        """Coding parts of the exons, in the order of the transcript; empty for a non-coding transcript."""
        if self.cds is None:
            return ()
        first, last = self.cds
        clipped = ((max(start, first), min(end, last)) for start, end in self.ordered_exons)
        return tuple((start, end) for start, end in clipped if start < end)

    @cached_property
    def coding_length(self) -> int:
        """Bases of the coding sequence, stop codon included; 0 for a non-coding transcript."""
        return sum(end - start for start, end in self.coding_segments)

    @property
    def protein_length(self) -> int:
        """Residues of the protein, without the stop; 0 for a non-coding transcript.

        A last codon that is not whole is a stop completed by the poly(A) tail, or the end is not known.
        """
        whole, part = divmod(self.coding_length - self.phase, 3)
        return max(whole if part else whole - 1, 0)

    def exon_number(self, position0: int) -> int | None:
        """1-based number of the exon that holds the position, None in an intron or outside."""
        for number, (start, end) in enumerate(self.ordered_exons, start=1):
            if start <= position0 < end:
                return number
        return None

    def transcript_position(self, position0: int) -> int | None:
        """Bases from the 5' end of the spliced transcript, None outside the exons."""
        return _offset(self.ordered_exons, self.strand, position0)

    def coding_position(self, position0: int) -> int | None:
        """0-based place in the coding sequence, None outside it."""
        return _offset(self.coding_segments, self.strand, position0)

    def genomic_position(self, coding0: int) -> int:
        """Place on the contig of a coding position. Raises IndexError outside the coding sequence."""
        if coding0 < 0:
            raise IndexError(f"coding position {coding0} is before the start of {self.name}")
        left = coding0
        for start, end in self.coding_segments:
            if left < end - start:
                return start + left if self.strand == 1 else end - 1 - left
            left -= end - start
        raise IndexError(f"coding position {coding0} is beyond the end of {self.name}")

    def exon_coding_range(self, exon_number: int) -> Span | None:
        """Coding positions that an exon holds, None when it is wholly untranslated."""
        wanted_start, wanted_end = self.ordered_exons[exon_number - 1]
        before = 0
        for start, end in self.coding_segments:
            if wanted_start <= start and end <= wanted_end:
                return before, before + end - start
            before += end - start
        return None

    @cached_property
    def last_junction(self) -> int | None:
        """Coding position of the first base after the last exon-exon junction; None with a single exon or without CDS.

        Beyond ``coding_length`` when the junction lies in the 3' untranslated region, negative when it lies before the
        start codon.
        """
        if self.cds is None or len(self.exons) == 1:
            return None
        spliced = sum(end - start for start, end in self.ordered_exons[:-1])
        return spliced - self.coding_start

    @cached_property
    def coding_start(self) -> int:
        """Bases of the spliced transcript before the coding sequence. Raises ValueError for a non-coding transcript."""
        if self.cds is None:
            raise ValueError(f"{self.name} has no coding sequence")
        offset = self.transcript_position(self.cds[0] if self.strand == 1 else self.cds[1] - 1)
        if offset is None:
            raise ValueError(f"{self.name}: the coding sequence starts outside the exons")
        return offset

    def spliced_sequence(self, source: SequenceSource) -> str:
        """Bases of all exons, 5' to 3'."""
        return self._joined(self.ordered_exons, source)

    def coding_sequence(self, source: SequenceSource) -> str:
        """Bases of the coding sequence, 5' to 3'; empty for a non-coding transcript."""
        return self._joined(self.coding_segments, source)

    def codon_at(self, position0: int, source: SequenceSource) -> Codon | None:
        """The whole codon that holds a position on the contig; None outside the coding sequence or in a part codon."""
        coding0 = self.coding_position(position0)
        if coding0 is None or coding0 < self.phase:
            return None
        number, offset = divmod(coding0 - self.phase, 3)
        first = self.phase + 3 * number
        if first + 3 > self.coding_length:
            return None
        bases = "".join(self._base(self.genomic_position(first + i), source) for i in range(3))
        return Codon(number + 1, bases, offset)

    def next_in_frame_met(self, source: SequenceSource, after_codon: int = 1) -> int | None:
        """Number of the first ATG codon after ``after_codon`` in the same frame, None when there is none."""
        coding = self.coding_sequence(source)
        starts = range(self.phase + 3 * after_codon, len(coding) - 2, 3)
        place = next((i for i in starts if coding[i : i + 3] == "ATG"), None)
        return None if place is None else (place - self.phase) // 3 + 1

    def _joined(self, spans: Iterable[Span], source: SequenceSource) -> str:
        parts = (source.sequence(self.contig, start, end).upper() for start, end in spans)
        return "".join(parts if self.strand == 1 else map(reverse_complement, parts))

    def _base(self, position0: int, source: SequenceSource) -> str:
        base = source.sequence(self.contig, position0, position0 + 1).upper()
        return base if self.strand == 1 else reverse_complement(base)


def _offset(spans: Iterable[Span], strand: int, position0: int) -> int | None:
    before = 0
    for start, end in spans:
        if start <= position0 < end:
            return before + (position0 - start if strand == 1 else end - 1 - position0)
        before += end - start
    return None


@dataclass(frozen=True)
class _ContigIndex:
    order: NDArray[np.int64]  # places in TranscriptSet.transcripts, by start
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    furthest_end: NDArray[np.int64]  # running maximum of ends, so the first candidate is found by bisection


@dataclass(frozen=True)
class TranscriptSet:
    """All transcripts of one GFF3 on one build.

    ``checksum`` is the SHA-256 of the file as it lies on disk. ``refused`` names the transcripts that were not taken,
    with the reason; ``elsewhere`` counts those on sequences other than the 25 chromosomes.
    """

    build: Build
    transcripts: tuple[Transcript, ...]
    source: str
    checksum: str
    refused: Mapping[str, str] = field(default_factory=dict)
    elsewhere: int = 0

    def __len__(self) -> int:
        return len(self.transcripts)

    @cached_property
    def by_gene(self) -> Mapping[str, tuple[Transcript, ...]]:
        """Transcripts by gene symbol, MANE Select first, then MANE Plus Clinical, then by coding length."""
        grouped: dict[str, list[Transcript]] = {}
        for transcript in self.transcripts:
            grouped.setdefault(transcript.gene, []).append(transcript)
        return {gene: tuple(sorted(members, key=preference)) for gene, members in grouped.items()}

    @cached_property
    def _by_identifier(self) -> Mapping[str, Transcript]:
        return {transcript.identifier: transcript for transcript in self.transcripts}

    def get(self, identifier: str) -> Transcript | None:
        """A transcript by identifier, with or without version; None when unknown or when the version is another one."""
        found = self._by_identifier.get(identifier)
        if found is None and "." in identifier:
            found = self._by_identifier.get(identifier.rsplit(".", 1)[0])
            return found if found is not None and found.name == identifier else None
        return found

    def overlapping(self, contig: int, start0: int, end0: int) -> tuple[Transcript, ...]:
        """Transcripts that share a base with the range, introns included, by start. An empty range finds none."""
        index = self._contigs.get(contig)
        if index is None or start0 >= end0:
            return ()
        low = int(np.searchsorted(index.furthest_end, start0, side="right"))
        high = int(np.searchsorted(index.starts, end0, side="left"))
        inside = np.flatnonzero(index.ends[low:high] > start0) + low
        return tuple(self.transcripts[place] for place in index.order[inside])

    def overlap_pairs(
        self, contig: NDArray[np.uint8], start0: NDArray[np.int64], end0: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Every pair (place in the ranges, place in ``transcripts``) that overlaps, the ranges in ascending order.

        A range with ``start0 == end0`` is the gap before that base, and overlaps what has bases on both sides of it.
        """
        pairs = []
        for code, index in self._contigs.items():
            rows = np.flatnonzero(contig == code)
            low = np.searchsorted(index.furthest_end, start0[rows], side="right")
            high = np.maximum(np.searchsorted(index.starts, end0[rows], side="left"), low)
            counts = high - low
            first = np.repeat(low - np.concatenate(([0], np.cumsum(counts)[:-1])), counts)
            candidates = first + np.arange(int(counts.sum()))
            ranges = np.repeat(rows, counts)
            hit = index.ends[candidates] > start0[ranges]
            pairs.append((ranges[hit], index.order[candidates[hit]]))
        if not pairs:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
        ranges, places = (np.concatenate(column) for column in zip(*pairs, strict=True))
        ascending = np.argsort(ranges, kind="stable")
        return ranges[ascending], places[ascending]

    @cached_property
    def _contigs(self) -> Mapping[int, _ContigIndex]:
        contigs = np.array([t.contig for t in self.transcripts], dtype=np.int64)
        starts = np.array([t.start0 for t in self.transcripts], dtype=np.int64)
        ends = np.array([t.end0 for t in self.transcripts], dtype=np.int64)
        index = {}
        for contig in np.unique(contigs).tolist():
            members = np.flatnonzero(contigs == contig)
            order = members[np.argsort(starts[members], kind="stable")]
            index[contig] = _ContigIndex(order, starts[order], ends[order], np.maximum.accumulate(ends[order]))
        return index

    @cached_property
    def ranks(self) -> NDArray[np.int64]:
        """Place of each transcript in the order of ``preference``, int64 [transcripts]."""
        order = sorted(range(len(self)), key=lambda place: preference(self.transcripts[place]))
        ranks = np.empty(len(self), dtype=np.int64)
        ranks[order] = np.arange(len(self))
        return ranks

    @cached_property
    def frame(self) -> pl.DataFrame:
        """One row per transcript: transcript, gene, gene_id, contig, start0, end0, mane, coding, biotype."""
        return pl.DataFrame(
            {
                "transcript": [t.identifier for t in self.transcripts],
                "gene": [t.gene for t in self.transcripts],
                "gene_id": [t.gene_id for t in self.transcripts],
                "contig": [t.contig for t in self.transcripts],
                "start0": [t.start0 for t in self.transcripts],
                "end0": [t.end0 for t in self.transcripts],
                "mane": [t.mane for t in self.transcripts],
                "coding": [t.cds is not None for t in self.transcripts],
                "biotype": [t.biotype for t in self.transcripts],
            },
            schema={
                "transcript": pl.String,
                "gene": pl.String,
                "gene_id": pl.String,
                "contig": pl.UInt8,
                "start0": pl.Int64,
                "end0": pl.Int64,
                "mane": pl.Boolean,
                "coding": pl.Boolean,
                "biotype": pl.String,
            },
        )


_MANE_ORDER = {ManeStatus.SELECT: 0, ManeStatus.PLUS_CLINICAL: 1, ManeStatus.NONE: 2}


def preference(transcript: Transcript) -> tuple[int, int, str]:
    """Sorting key: MANE Select, MANE Plus Clinical, then the longest coding sequence, then the identifier."""
    return _MANE_ORDER[transcript.mane_status], -transcript.coding_length, transcript.identifier
