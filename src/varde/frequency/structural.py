"""Structural calls of one person: deletions, duplications, insertions, inversions and breakends of a VCF.

Read are symbolic alleles, breakends, and spelled alleles whose lengths differ by 50 bases or more (the field's bound;
these are counted by their letters too, in a key space and with an allele number of their own). Intervals are the bases
affected, 1-based inclusive: a symbolic deletion with POS 100 and END 200 is 101-200. An insertion, between two bases,
is at the base before it. A pair of breakends is one call, its lower end first. Copy numbers (FORMAT/CN) are compared
with the ploidy of the person's sex, so that one copy of X is no loss in a man.

Every record that is not used has a reason in ``StructuralReading.unusable``; nothing is left out silently.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.frequency.cells import Cell
from varde.frequency.genotypes import MIN_GENOTYPE_QUALITY, Gate
from varde.frequency.increment import STRUCTURAL
from varde.frequency.ploidy import PLOIDY, Region, regions
from varde.frequency.structural_clusters import CALL, StructuralCall, one_of_each
from varde.genome.builds import Build, contig_code, contig_length
from varde.genome.compiled import compiled
from varde.genome.errors import InputError
from varde.genome.text_source import TextSource
from varde.genome.vcf_header import VcfHeader, parse_header
from varde.genome.vcf_lines import LineWindow

SHORTEST_SPELLED = 50
"""Bases by which REF and ALT of a spelled structural allele differ at least (gnomAD-SV, GA4GH: 50)."""

_BREAKEND = re.compile(r"[A-Za-z.]*([\[\]])(.+):(\d+)\1[A-Za-z.]*")
_COPIES = re.compile(r"<CN(\d+)>")
_SYMBOL = re.compile(r"<(DEL|DUP|INS|INV|CNV)(?::[^<>]*)?>")
DECLARED = re.compile(r"^##(?:ALT=<ID=(?:DEL|DUP|INS|INV|BND|CNV)\b|INFO=<ID=SVTYPE,)", re.MULTILINE)
_LENGTH_TOLERANCE = 10
"""SVLEN and END of one record may differ by a tenth of the length: imprecise callers round them apart."""


class Unusable(StrEnum):
    """Why an allele of a record was not taken."""

    OTHER_SEQUENCE = "other_sequence"  # a contig, or the mate's, that is no chromosome of the build
    MITOCHONDRIAL = "mitochondrial"
    BAD_POSITION = "bad_position"  # no number, or outside the contig
    NO_END = "no_end"  # neither END nor SVLEN
    BAD_END = "bad_end"  # before POS, beyond the contig, or no number
    LENGTH_CONTRADICTS_END = "length_contradicts_end"
    UNKNOWN_SYMBOL = "unknown_symbol"
    USUAL_COPIES = "usual_copies"  # <CN1>, one copy on a chromosome
    BAD_BREAKEND = "bad_breakend"
    SINGLE_BREAKEND = "single_breakend"  # the mate is nowhere: nothing to compare
    FILTERED = "filtered"
    NO_CALL = "no_call"
    LOW_GENOTYPE_QUALITY = "low_genotype_quality"
    UNEXPECTED_HAPLOID = "unexpected_haploid"  # one allele written where two chromosomes are expected
    HETEROZYGOUS_HAPLOID = "heterozygous_haploid"  # two alleles where one chromosome is expected
    NO_CHROMOSOME = "no_chromosome"  # a woman's Y; X and Y of a person of unknown sex; Y pseudo-autosomal


@dataclass(frozen=True)
class StructuralReading:
    """``calls`` has the schema ``increment.STRUCTURAL``, each call once; ``unusable`` counts alleles by reason.

    ``records`` were read as structural; ``merged`` of the calls were another spelling of one that stands (two callers,
    both ends of a breakend); ``not_carried`` are alleles that the sample does not have.
    """

    calls: pl.DataFrame
    records: int
    merged: int
    not_carried: int
    unusable: Mapping[str, int]


class UnusableError(Exception):
    """An allele that is not taken, with the reason."""

    def __init__(self, reason: Unusable) -> None:
        super().__init__(reason)
        self.reason = reason


def structural_calls(
    path: str | Path,
    sample: str,
    cell: Cell,
    gate: Gate = Gate.ADJ,
    *,
    build: Build,
    passing_only: bool = True,
) -> StructuralReading:
    """The structural calls of ``sample`` in a VCF, VCF.gz or BCF; the file may hold small variants as well.

    ``gate`` ADJ asks for GQ (or CNQ) of at least 20 where the caller gives one. Raises InputError as ``read_vcf`` for
    what is no VCF, ``unknown_sample``, ``wrong_build``, and ``not_structural`` for a file whose caller did not look for
    structural variants (neither header nor records have any): its people must not count among those who were read.
    """
    with TextSource(path) as source:
        window = LineWindow(source)
        header = parse_header(window.take_header(), source.name)
        column = _column(header, sample, build, source.name)
        reader = _Reader(cell, gate, build, passing_only, column)
        for line in structural_lines(window):
            reader.read(line)
    if not reader.has_structural and not DECLARED.search(header.text):
        raise InputError(
            "not_structural",
            "Neither the header nor a record speaks of structural variants.",
            "Give the file of a caller that looks for them, or none.",
            source=source.name,
        )
    return reader.finish()


def _column(header: VcfHeader, sample: str, build: Build, source: str) -> int:
    if header.build not in (None, build):
        raise InputError(
            "wrong_build",
            f"{build} is expected, but the header tells of {header.build}.",
            f"Give a file called on {build}.",
            source=source,
            field="##contig",
        )
    if sample not in header.samples:
        raise InputError(
            "unknown_sample",
            f"No sample is named {sample!r}.",
            f"The file has {', '.join(header.samples[:5]) or 'no samples'}.",
            source=source,
            field="#CHROM",
        )
    return 9 + header.samples.index(sample)


def structural_lines(window: LineWindow) -> Iterator[str]:
    """The records of a VCF, past its header, whose ALT may be structural, as text."""
    while not window.is_done:
        if window.start == window.stop:
            window.refill()
        bounds = _candidates(window.text, window.start, window.stop)
        for start, stop in bounds:
            yield window.text[start:stop].tobytes().decode().removesuffix("\r")
        window.start = window.stop


@compiled
def _candidates(text: NDArray[np.uint8], start: int, stop: int) -> NDArray[np.int64]:
    """Start and end of the lines whose ALT may be structural: brackets, a lone dot at an end, or a long difference."""
    found = np.empty((1024, 2), dtype=np.int64)
    count, at = 0, start
    while at < stop:
        line, column, mark, marks, dots = at, 0, at, False, False
        ref, longest, shortest = 0, 0, 1 << 30
        while at < stop and text[at] != 10:
            letter = text[at]
            if letter == 9:
                if column == 3:
                    ref = at - mark
                elif column == 4:
                    longest, shortest = max(longest, at - mark), min(shortest, at - mark)
                    dots = dots or (at - mark > 1 and (text[mark] == 46 or text[at - 1] == 46))
                column += 1
                mark = at + 1
            elif column == 4:
                marks = marks or letter in (60, 91, 93)
                if letter == 44:
                    longest, shortest = max(longest, at - mark), min(shortest, at - mark)
                    dots = dots or (at - mark > 1 and (text[mark] == 46 or text[at - 1] == 46))
                    mark = at + 1
            elif column == 5:
                while at + 1 < stop and text[at + 1] != 10:
                    at += 1
            at += 1
        if marks or dots or longest - ref >= 50 or ref - shortest >= 50:
            if count == len(found):
                larger = np.empty((2 * count, 2), dtype=np.int64)
                larger[:count] = found
                found = larger
            found[count, 0], found[count, 1] = line, at
            count += 1
        at += 1
    return found[:count]


class _Reader:
    """What one sample's structural records come to."""

    def __init__(self, cell: Cell, gate: Gate, build: Build, passing_only: bool, column: int) -> None:
        self._cell, self._gate, self._build = cell, gate, build
        self._passing_only, self._column = passing_only, column
        self._unusable: Counter[str] = Counter()
        self._records = self._not_carried = self._other_ends = 0
        self._rows: list[tuple[StructuralCall, int, bool]] = []
        self._mates: set[str] = set()
        self.has_structural = False

    def read(self, line: str) -> None:
        """One record, each of its structural alleles for itself."""
        fields = line.split("\t")
        info = info_of(fields[7])
        alternates = fields[4].split(",")
        chosen = [n for n, alt in enumerate(alternates, start=1) if is_structural(fields[3], alt)]
        self._records += bool(chosen)
        self.has_structural = self.has_structural or any(not alternates[n - 1].isalpha() for n in chosen)
        for number in chosen:
            try:
                self._read_allele(fields, info, alternates[number - 1], number)
            except UnusableError as refusal:
                self._unusable[refusal.reason.value] += 1

    def _read_allele(self, fields: Sequence[str], info: Mapping[str, str], alt: str, number: int) -> None:
        if self._passing_only and fields[6] not in ("PASS", "."):
            raise UnusableError(Unusable.FILTERED)
        place = place_of(self._build, fields, info, alt, number)
        ploidy = self._ploidy(place)
        values = format_values(fields, self._column)
        kind, copies = _carried(place.kind, alt, number, values, ploidy)
        if not copies:
            self._not_carried += 1
            return
        self._check_quality(values)
        if fields[2] in self._mates:
            self._other_ends += 1  # of a pair that stands already
            return
        if place.kind == "BND":
            self._mates.update(info.get("MATEID", "").split(","))
        self._rows.append((replace(place, kind=kind), copies, ploidy == 1))

    def _ploidy(self, place: StructuralCall) -> int:
        ploidy = int(PLOIDY[counted_region(self._build, place), self._cell.sex_column])
        if not ploidy:
            raise UnusableError(Unusable.NO_CHROMOSOME)
        return ploidy

    def _check_quality(self, values: Mapping[str, str]) -> None:
        if values.get("FT", "PASS") not in ("PASS", ".") and self._passing_only:
            raise UnusableError(Unusable.FILTERED)
        given = values.get("GQ", ".") if "GT" in values and "." not in values["GT"] else values.get("CNQ", ".")
        if self._gate is Gate.ADJ and given not in (".", "") and float(given) < MIN_GENOTYPE_QUALITY:
            raise UnusableError(Unusable.LOW_GENOTYPE_QUALITY)

    def finish(self) -> StructuralReading:
        """What was read, each call once."""
        columns = {name: [getattr(place, name) for place, _, _ in self._rows] for name in CALL}
        copies = np.array([copies for _, copies, _ in self._rows], dtype=np.int32)
        haploid = np.array([alone for _, _, alone in self._rows], dtype=np.bool_)
        frame = pl.DataFrame(
            columns
            | {
                "cell": np.full(len(copies), self._cell.code, dtype=np.uint16),
                "het": (~haploid & (copies == 1)).astype(np.int32),
                "hom": (~haploid & (copies >= 2)).astype(np.int32),
                "hemi": haploid.astype(np.int32),
            },
            schema=STRUCTURAL,
        )
        calls = one_of_each(frame)
        merged = frame.height - calls.height + self._other_ends
        return StructuralReading(calls, self._records, merged, self._not_carried, dict(sorted(self._unusable.items())))


def info_of(text: str) -> dict[str, str]:
    """INFO as names and values; of flags an empty value."""
    return dict(one.partition("=")[::2] for one in text.split(";"))


def is_structural(ref: str, alt: str) -> bool:
    """Whether an allele is read as a structural one."""
    if alt.startswith("<"):
        return alt not in ("<*>", "<NON_REF>", "<X>")
    ends_nowhere = len(alt) > 1 and (alt[0] == "." or alt[-1] == ".")
    return "[" in alt or "]" in alt or ends_nowhere or abs(len(ref) - len(alt)) >= SHORTEST_SPELLED


def place_of(build: Build, fields: Sequence[str], info: Mapping[str, str], alt: str, number: int) -> StructuralCall:
    """Where a structural allele of a record lies and what it is; ``number`` counts ALT from 1. Raises UnusableError."""
    contig, position = _checked_place(build, fields[0], fields[1])
    if "[" in alt or "]" in alt:
        return _breakend(build, contig, position, alt)
    if alt.startswith("<"):
        return _symbolic(build, contig, position, info, alt, number)
    if alt[0] == "." or alt[-1] == ".":
        raise UnusableError(Unusable.SINGLE_BREAKEND)
    return _spelled(contig, position, fields[3].upper(), alt.upper())


def counted_region(build: Build, call: StructuralCall) -> int:
    """What decides the ploidy where a call begins. Raises UnusableError where structural variants are never counted."""
    contig, start = np.array([call.contig], dtype=np.uint8), np.array([call.start], dtype=np.int64)
    region = int(regions(build, contig, start)[0])
    if region == Region.MITOCHONDRIAL:
        raise UnusableError(Unusable.MITOCHONDRIAL)
    if region == Region.EXCLUDED:
        raise UnusableError(Unusable.NO_CHROMOSOME)
    return region


def as_counted_kind(call: StructuralCall, alt: str) -> StructuralCall:
    """The call of a copy number allele (``<CN0>``) as a loss or a gain; raises UnusableError for the usual one copy."""
    if stated := _COPIES.fullmatch(alt):
        if int(stated[1]) == 1:
            raise UnusableError(Unusable.USUAL_COPIES)
        return replace(call, kind="DUP" if int(stated[1]) else "DEL")
    return call


def _checked_place(build: Build, name: str, position: str) -> tuple[int, int]:
    contig = contig_code(name)
    if not contig:
        raise UnusableError(Unusable.OTHER_SEQUENCE)
    if not (position.isascii() and position.isdigit() and 1 <= int(position) <= contig_length(build, contig)):
        raise UnusableError(Unusable.BAD_POSITION)
    return contig, int(position)


def _breakend(build: Build, contig: int, position: int, alt: str) -> StructuralCall:
    found = _BREAKEND.fullmatch(alt)
    if not found:
        raise UnusableError(Unusable.BAD_BREAKEND)
    here, there = (contig, position), _checked_place(build, found[2].strip("<>"), found[3])
    (contig, position), (mate_contig, mate_position) = min(here, there), max(here, there)
    return StructuralCall("BND", contig, position, position, mate_contig, mate_position)


def _spelled(contig: int, position: int, ref: str, alt: str) -> StructuralCall:
    shorter = min(len(ref), len(alt))
    head = next((i for i in range(shorter) if ref[i] != alt[i]), shorter)
    tail = next((i for i in range(shorter - head) if ref[-1 - i] != alt[-1 - i]), shorter - head)
    start, end = position + head, position + len(ref) - tail - 1
    if len(ref) > len(alt):
        return StructuralCall("DEL", contig, start, end, length=end - start + 1)
    return StructuralCall("INS", contig, start - 1, start - 1, length=len(alt) - head - tail)


def _symbolic(
    build: Build, contig: int, position: int, info: Mapping[str, str], alt: str, number: int
) -> StructuralCall:
    copies, symbol = _COPIES.fullmatch(alt), _SYMBOL.fullmatch(alt)
    if not copies and not symbol:
        raise UnusableError(Unusable.UNKNOWN_SYMBOL)
    kind = symbol[1] if symbol else "CNV"
    size = _size(info, number)
    if kind == "INS":
        return StructuralCall(kind, contig, position, position, length=size or _inserted(info))
    end = _end(info, position, size)
    if not position < end <= contig_length(build, contig):
        raise UnusableError(Unusable.BAD_END)
    if size and abs(size - (end - position)) > max(1, max(size, end - position) // _LENGTH_TOLERANCE):
        raise UnusableError(Unusable.LENGTH_CONTRADICTS_END)
    return StructuralCall(kind, contig, position + 1, end, length=end - position)


def _size(info: Mapping[str, str], number: int) -> int:
    """Bases of INFO/SVLEN, of this allele where there is one for each; 0 when it is not told."""
    told = info.get("SVLEN", ".").split(",")
    text = (told[number - 1] if number <= len(told) else told[0]).removeprefix("-")
    return int(text) if text.isascii() and text.isdigit() else 0


def _inserted(info: Mapping[str, str]) -> int:
    length = info.get("SVINSLEN", ".").split(",")[0]
    return int(length) if length.isascii() and length.isdigit() else len(info.get("SVINSSEQ", "").split(",")[0])


def _end(info: Mapping[str, str], position: int, size: int) -> int:
    told = info.get("END", ".")
    if told == ".":
        if not size:
            raise UnusableError(Unusable.NO_END)
        return position + size
    if not (told.isascii() and told.isdigit()):
        raise UnusableError(Unusable.BAD_END)
    return int(told)


def format_values(fields: Sequence[str], column: int) -> dict[str, str]:
    """What a record says of the sample in a column, by FORMAT key; empty where the record ends before it."""
    if len(fields) <= column:
        return {}
    return dict(zip(fields[8].split(":"), fields[column].split(":"), strict=False))


def _carried(kind: str, alt: str, number: int, values: Mapping[str, str], ploidy: int) -> tuple[str, int]:
    """What the sample has of the allele: its kind, and on how many chromosomes."""
    stated, alleles = _COPIES.fullmatch(alt), re.split(r"[/|]", values.get("GT", "."))
    if stated:
        copies = int(stated[1])
        return ("DEL" if copies < 1 else "DUP", _dosage(alleles, number, ploidy) if copies != 1 else 0)
    number_of_copies = values.get("CN", ".").split(".")[0]
    if number_of_copies.isdigit() and (kind == "CNV" or (kind in ("DEL", "DUP") and "." in alleles)):
        found, copies = by_copies(int(number_of_copies), ploidy)
        return found, copies if kind in ("CNV", found) else 0
    return kind, _dosage(alleles, number, ploidy)


def by_copies(copies: int, ploidy: int) -> tuple[str, int]:
    """Loss or gain against the ploidy. How more than one gained copy lies on two chromosomes is not known: once."""
    if copies < ploidy:
        return "DEL", ploidy - copies
    return "DUP", int(copies > ploidy)


def _dosage(alleles: Sequence[str], number: int, ploidy: int) -> int:
    if "." in alleles:
        raise UnusableError(Unusable.NO_CALL)
    copies = alleles.count(str(number))
    if ploidy == 1:
        if len(set(alleles)) > 1:
            raise UnusableError(Unusable.HETEROZYGOUS_HAPLOID)
        return min(copies, 1)
    if len(alleles) == 1:
        raise UnusableError(Unusable.UNEXPECTED_HAPLOID)
    return copies
