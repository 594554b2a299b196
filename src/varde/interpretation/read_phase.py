"""Phase of two variants of one person from the reads of a BAM or CRAM: fragments that cover both places.

Meant for the few pairs of a gene that parents do not phase, not for whole files. A fragment (a read, or a read and its
mate) counts when it shows REF or ALT of both variants; reads that are duplicates, secondary, supplementary, failed or
of low mapping quality are left out, and bases of low quality say nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import polars as pl
import pysam

from varde.genome.builds import CONTIGS
from varde.genome.errors import InputError

LEAST_FRAGMENTS = 2
LEAST_SHARE = 0.9
LEAST_MAPPING_QUALITY, LEAST_BASE_QUALITY = 20, 13
SOURCE = (
    "Varde's proposal: at least 2 fragments that agree, and 9 of 10 of those that tell; mapping quality as in common "
    "practice, base quality as samtools mpileup's default"
)
FARTHEST = 5_000
"""Bases between variants beyond which no pair of short reads, and few long reads, cover both."""
_LEFT_OUT = 0x4 | 0x100 | 0x200 | 0x400 | 0x800


class Relation(StrEnum):
    """How the alternate alleles of two variants lie."""

    CIS = "cis"
    TRANS = "trans"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Place:
    """A variant: contig code, 1-based position, REF and ALT as normalised."""

    contig: int
    position: int
    ref: str
    alt: str


@dataclass(frozen=True)
class ReadPhase:
    """Fragments that show both alternates or both references (``cis``), and those that show one of each (``trans``)."""

    relation: Relation
    cis: int
    trans: int


READ_PHASES = pl.Schema(
    {"row_a": pl.UInt32, "row_b": pl.UInt32, "relation": pl.String, "cis": pl.UInt32, "trans": pl.UInt32}
)
"""Pairs of rows of a case with their ``ReadPhase``; ``row_a`` < ``row_b``."""


def phased_by_reads(
    alleles: pl.DataFrame, pairs: Iterable[tuple[int, int]], reads: str | Path, *, fasta: str | Path | None = None
) -> pl.DataFrame:
    """``READ_PHASES`` of these pairs of rows of a case. Raises InputError as ``phase_pairs``."""
    asked = sorted(set(pairs))
    wanted = pl.Series(sorted({row for pair in asked for row in pair}), dtype=pl.UInt32)
    columns = ("row", "contig", "position", "ref", "alt")
    found = alleles.filter(pl.col("row").is_in(wanted.implode())).select(columns)
    place = {row: Place(*rest) for row, *rest in found.iter_rows()}
    told = phase_pairs(reads, [(place[a], place[b]) for a, b in asked], fasta=fasta)
    rows = [(a, b, one.relation.value, one.cis, one.trans) for (a, b), one in zip(asked, told, strict=True)]
    return pl.DataFrame(rows, schema=READ_PHASES, orient="row")


def phase_pairs(
    reads: str | Path, pairs: Iterable[tuple[Place, Place]], *, fasta: str | Path | None = None
) -> list[ReadPhase]:
    """The phase of each pair in one person's reads; ``fasta`` is needed for CRAM.

    Raises InputError ``unreadable_reads``, ``no_index``, and ``unknown_contig`` for reads mapped to other sequences.
    """
    with _opened(reads, fasta) as file:
        return [_phase(file, a, b) for a, b in pairs]


@contextmanager
def _opened(reads: str | Path, fasta: str | Path | None) -> Iterator[pysam.AlignmentFile]:
    name = Path(reads).name
    try:
        file = pysam.AlignmentFile(str(reads), reference_filename=None if fasta is None else str(fasta))
    except (OSError, ValueError) as error:
        raise InputError(
            "unreadable_reads", f"The reads cannot be opened: {error}.", "Give a BAM or CRAM.", source=name
        ) from None
    with file:
        if not file.has_index():
            raise InputError("no_index", "The reads have no index.", "Make one: samtools index.", source=name)
        yield file


def _phase(file: pysam.AlignmentFile, a: Place, b: Place) -> ReadPhase:
    if a.contig != b.contig or abs(a.position - b.position) > FARTHEST:
        return ReadPhase(Relation.UNKNOWN, 0, 0)
    first, second = _shown(file, a), _shown(file, b)
    told = [first[name] == second[name] for name in first.keys() & second.keys()]
    cis, trans = told.count(True), told.count(False)
    most = max(cis, trans)
    if most < LEAST_FRAGMENTS or most < LEAST_SHARE * (cis + trans):
        return ReadPhase(Relation.UNKNOWN, cis, trans)
    return ReadPhase(Relation.CIS if cis > trans else Relation.TRANS, cis, trans)


def _shown(file: pysam.AlignmentFile, place: Place) -> dict[str, bool]:
    """Whether each fragment shows ALT (True) or REF (False); fragments whose reads disagree show nothing."""
    shown: dict[str, bool | None] = {}
    start = place.position - 1
    for read in file.fetch(_sequence(file, place.contig), start, start + max(1, len(place.ref))):
        if read.flag & _LEFT_OUT or read.mapping_quality < LEAST_MAPPING_QUALITY or read.query_sequence is None:
            continue
        said = _allele(read, start, place)
        if said is None or read.query_name is None:
            continue
        known = shown.get(read.query_name, said)
        shown[read.query_name] = said if known == said else None
    return {name: said for name, said in shown.items() if said is not None}


def _allele(read: pysam.AlignedSegment, start: int, place: Place) -> bool | None:
    """Whether the read shows ALT or REF: the bases between the aligned base at the place and that behind REF."""
    end = start + len(place.ref)
    at: dict[int, int] = {}
    for query, reference in read.get_aligned_pairs(matches_only=True):
        if start <= reference <= end:
            at[reference] = query
    if start not in at or end not in at:
        return None
    bases = (read.query_sequence or "")[at[start] : at[end]].upper()
    qualities = read.query_qualities
    if qualities is not None and min(qualities[at[start] : at[end]]) < LEAST_BASE_QUALITY:
        return None
    return True if bases == place.alt else False if bases == place.ref else None


def _sequence(file: pysam.AlignmentFile, contig: int) -> str:
    name = CONTIGS[contig - 1]
    names = (name, f"chr{name}", *(("M", "chrM") if name == "MT" else ()))
    found = next((one for one in names if one in file.references), None)
    if found is None:
        raise InputError(
            "unknown_contig",
            f"The reads are not mapped to chromosome {name}.",
            "Give reads mapped to the build of the variants.",
            source=Path(file.filename.decode()).name,
        )
    return found
