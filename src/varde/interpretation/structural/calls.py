"""The structural calls of a family's files: every allele of every record, and what each person has of it.

Read are the styles of Manta, DELLY, GATK (gCNV, GATK-SV) and Sniffles: symbolic alleles, pairs of breakends (also the
older ``<BND>`` and ``<TRA>`` with CHR2), ``<CNV>`` and ``<CN0>`` with copy numbers against the ploidy of the person's
sex, GT of one allele beside CN, and GT missing. Places are those of ``varde.frequency.structural``.

Kept and dropped sum to the alleles read; a dropped one has its reason (``Unusable``).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import polars as pl

from varde.frequency.cells import Cell
from varde.frequency.genotypes import MIN_GENOTYPE_QUALITY
from varde.frequency.increment import STRUCTURAL
from varde.frequency.ploidy import PLOIDY
from varde.frequency.structural import (
    DECLARED,
    Unusable,
    UnusableError,
    by_copies,
    counted_region,
    format_values,
    info_of,
    is_structural,
    place_of,
    structural_lines,
)
from varde.frequency.structural_clusters import CALL, StructuralCall
from varde.genome.builds import Build, contig_code, contig_length
from varde.genome.errors import InputError
from varde.genome.pedigree import Pedigree
from varde.genome.text_source import TextSource
from varde.genome.vcf_header import VcfHeader, parse_header
from varde.genome.vcf_lines import LineWindow
from varde.interpretation.gate import FAIL, NOT_EVALUABLE, PASS

_COPIES = re.compile(r"<CN(\d+)>")
_OLD_BREAKEND = ("<BND>", "<TRA>")


class Carried(StrEnum):
    """What a person's call says of an allele, or why there is none."""

    CARRIED = "carried"
    ABSENT = "absent"  # called, without the allele
    NO_CALL = "no_call"  # the record gives this person no genotype
    NOT_CALLED = "not_called"  # the person's file has no such record: its caller saw nothing to write
    NOT_APPLICABLE = "not_applicable"  # no file of this person looked for structural variants


CALLS = pl.Schema(
    {name: STRUCTURAL[name] for name in CALL}
    | {
        "record": pl.UInt32(),
        "file": pl.UInt8(),
        "identifier": pl.String(),
        "filter": pl.String(),
        "sample": pl.String(),
        "state": pl.String(),
        "copies": pl.Int8(),
        "ploidy": pl.Int8(),
        "genotype": pl.String(),
        "copy_number": pl.Int16(),
        "quality": pl.Int32(),
        "depth_ref": pl.Int32(),
        "depth_alt": pl.Int32(),
        "gate": pl.Int8(),
    }
)
"""A row per allele, kind and person. ``copies`` of ``ploidy`` chromosomes have it; ``quality`` is GQ or CNQ; ``gate``
is PASS (1), FAIL (0: low quality, the caller's FT, two alleles on the only chromosome) or -1 where no quality is given.
``depth_ref`` and ``depth_alt`` count read pairs and split reads. What the file does not give is null."""


@dataclass(frozen=True)
class FamilyStructural:
    """``samples`` have structural data, in the pedigree's order; ``alleles`` were read in ``records``; ``dropped``
    counts alleles by reason, so that kept (``kept``) and dropped sum to ``alleles``."""

    build: Build
    samples: tuple[str, ...]
    calls: pl.DataFrame
    records: int
    alleles: int
    kept: int
    dropped: Mapping[str, int]

    def __post_init__(self) -> None:
        if self.kept + sum(self.dropped.values()) != self.alleles:
            raise AssertionError("kept and dropped alleles do not sum to those read")


def read_family(paths: Sequence[str | Path], pedigree: Pedigree, build: Build) -> FamilyStructural:
    """The calls of the pedigree's people in one or several files; the files may hold small variants as well.

    A person may be in several files (one per caller). Raises InputError as ``read_vcf`` for what is no VCF,
    ``wrong_build``, ``no_samples``, ``samples_not_of_case``, and ``not_structural`` for a file without any.
    """
    reader = _Reader(pedigree, build)
    for number, path in enumerate(paths):
        with TextSource(path) as source:
            window = LineWindow(source)
            header = parse_header(window.take_header(), source.name)
            reader.begin(header, number, source.name)
            for line in structural_lines(window):
                reader.read(line)
            reader.end(header, source.name)
    return reader.finish()


class _Reader:
    """What the family's records come to."""

    def __init__(self, pedigree: Pedigree, build: Build) -> None:
        self._build, self._pedigree = build, pedigree
        self._sex_column = {one.identifier: Cell(one.sex).sex_column for one in pedigree.persons}
        self._samples: set[str] = set()
        self._columns: dict[str, int] = {}
        self._rows: list[tuple[object, ...]] = []
        self._dropped: Counter[str] = Counter()
        self._records = self._alleles = self._kept = self._file = self._seen = 0
        self._source = ""

    def begin(self, header: VcfHeader, number: int, source: str) -> None:
        """Check a file's header against the family."""
        if header.build not in (None, self._build):
            raise InputError(
                "wrong_build",
                f"{self._build} is expected, but the header tells of {header.build}.",
                f"Give a file called on {self._build}.",
                source=source,
                field="##contig",
            )
        foreign = [name for name in header.samples if name not in self._sex_column]
        if foreign or not header.samples:
            raise InputError(
                "samples_not_of_case" if foreign else "no_samples",
                f"{foreign[0]!r} is not of this family." if foreign else "The file has no person.",
                f"Give a file with calls of {', '.join(self._sex_column)}.",
                source=source,
                line=header.line_count,
                field="#CHROM",
            )
        self._columns = {name: 9 + place for place, name in enumerate(header.samples)}
        self._samples.update(header.samples)
        self._file, self._seen, self._source = number, self._records, source

    def end(self, header: VcfHeader, source: str) -> None:
        """A file that neither declares nor holds structural variants did not look for them."""
        if self._records == self._seen and not DECLARED.search(header.text):
            raise InputError(
                "not_structural",
                "Neither the header nor a record speaks of structural variants.",
                "Give the file of a caller that looks for them.",
                source=source,
            )

    def read(self, line: str) -> None:
        """One record, each of its structural alleles for itself."""
        fields = line.split("\t")
        if len(fields) < 10:
            raise InputError(
                "bad_columns",
                f"The record at {':'.join(fields[:2])[:40]} has {len(fields)} columns; 10 or more are needed.",
                "Fetch the file again, or write it with its genotypes.",
                source=self._source,
            )
        info, alternates = info_of(fields[7]), fields[4].split(",")
        chosen = [n for n, alt in enumerate(alternates, start=1) if is_structural(fields[3], alt)]
        if not chosen:
            return
        self._records += 1
        told = {name: format_values(fields, column) for name, column in self._columns.items()}
        for number in chosen:
            self._alleles += 1
            try:
                self._read_allele(fields, info, alternates[number - 1], number, told)
                self._kept += 1
            except UnusableError as refusal:
                self._dropped[refusal.reason.value] += 1

    def _read_allele(
        self,
        fields: Sequence[str],
        info: Mapping[str, str],
        alt: str,
        number: int,
        told: Mapping[str, Mapping[str, str]],
    ) -> None:
        place = _old_breakend(self._build, fields, info) if alt in _OLD_BREAKEND else None
        place = place or place_of(self._build, fields, info, alt, number)
        if (stated := _COPIES.fullmatch(alt)) and int(stated[1]) == 1:
            raise UnusableError(Unusable.USUAL_COPIES)
        ploidy = PLOIDY[counted_region(self._build, place)]
        found = {
            name: carriage(place.kind, alt, number, values, int(ploidy[self._sex_column[name]]))
            for name, values in told.items()
        }
        kinds = {one.kind for one in found.values() if one.copies} or {place.kind}
        for kind in sorted(kinds):
            call = replace(place, kind=kind)
            key = tuple(getattr(call, name) for name in CALL)
            head = (*key, self._records, self._file, fields[2], fields[6])
            for name, one in found.items():
                self._rows.append((*head, name, *_row(one, kind, told[name])))

    def finish(self) -> FamilyStructural:
        """Everything read."""
        ordered = tuple(one.identifier for one in self._pedigree.persons if one.identifier in self._samples)
        frame = pl.DataFrame(self._rows, schema=CALLS, orient="row")
        dropped = dict(sorted(self._dropped.items()))
        return FamilyStructural(self._build, ordered, frame, self._records, self._alleles, self._kept, dropped)


@dataclass(frozen=True)
class Carriage:
    """``copies`` None: no call. ``doubt``: what is called does not fit the person's number of chromosomes."""

    kind: str
    copies: int | None
    ploidy: int
    copy_number: int | None = None
    doubt: bool = False


def carriage(kind: str, alt: str, number: int, values: Mapping[str, str], ploidy: int) -> Carriage:
    """What one person has of an allele. A copy number goes before a genotype that is missing or of one allele, and
    is the only thing that ``<CNV>`` tells. Without a chromosome (a woman's Y, X of unknown sex) nothing is called."""
    alleles = re.split(r"[/|]", values.get("GT", "."))
    text = values.get("CN", ".").partition(".")[0]
    copy_number = int(text) if text.isascii() and text.isdigit() else None
    if not ploidy:
        return Carriage(kind, None, ploidy, copy_number)
    if stated := _COPIES.fullmatch(alt):
        return _genotyped("DUP" if int(stated[1]) else "DEL", number, alleles, ploidy, copy_number)
    by_number = kind == "CNV" or (kind in ("DEL", "DUP") and ("." in alleles or len(alleles) < ploidy))
    if copy_number is not None and by_number:
        found, copies = by_copies(copy_number, ploidy)
        carried = copies > 0 and kind in ("CNV", found)
        return Carriage(found if carried else kind, copies if carried else 0, ploidy, copy_number)
    return _genotyped(kind, number, alleles, ploidy, copy_number)


def _genotyped(kind: str, number: int, alleles: Sequence[str], ploidy: int, copy_number: int | None) -> Carriage:
    copies = alleles.count(str(number))
    if not copies and "." in alleles:
        return Carriage(kind, None, ploidy, copy_number)
    doubt = len(set(alleles)) > 1 if ploidy == 1 else len(alleles) == 1
    return Carriage(kind, min(copies, ploidy), ploidy, copy_number, doubt)


def _row(one: Carriage, kind: str, values: Mapping[str, str]) -> tuple[object, ...]:
    copies = one.copies if one.copies is None or one.kind == kind else 0
    state = Carried.NO_CALL if copies is None else Carried.CARRIED if copies else Carried.ABSENT
    text = values.get("GQ", ".") if one.copy_number is None or "GQ" in values else values.get("CNQ", ".")
    quality = _whole(text)
    refused = one.doubt or values.get("FT", "PASS") not in ("PASS", ".")
    gate = NOT_EVALUABLE if quality is None else PASS if quality >= MIN_GENOTYPE_QUALITY else FAIL
    depth_ref, depth_alt = _depths(values)
    return (
        state.value, copies, one.ploidy, values.get("GT"), one.copy_number, quality, depth_ref, depth_alt,
        FAIL if refused else gate,
    )  # fmt: skip


def _depths(values: Mapping[str, str]) -> tuple[int | None, int | None]:
    """Pairs and split reads of the reference and of the allele: PR and SR (Manta), DR, DV, RR, RV (DELLY, Sniffles)."""
    pairs = [values[name].split(",") for name in ("PR", "SR") if "," in values.get(name, "")]
    if pairs:
        return sum(_whole(one[0]) or 0 for one in pairs), sum(_whole(one[1]) or 0 for one in pairs)
    ref, alt = ([_whole(values[name]) for name in names if name in values] for names in (("DR", "RR"), ("DV", "RV")))
    known_ref, known_alt = ([one for one in found if one is not None] for found in (ref, alt))
    return (sum(known_ref), sum(known_alt)) if known_ref and known_alt else (None, None)


def _whole(text: str) -> int | None:
    """The whole part of a number, None for anything else."""
    head = text.partition(".")[0]
    return int(head) if head.isascii() and head.isdigit() else None


def _old_breakend(build: Build, fields: Sequence[str], info: Mapping[str, str]) -> StructuralCall | None:
    """``<BND>`` and ``<TRA>`` of DELLY before 0.8: the mate in CHR2 with POS2, or in END."""
    mate, text = contig_code(info.get("CHR2", "")), info.get("POS2") or info.get("END", "")
    contig = contig_code(fields[0])
    if not mate or not contig:
        raise UnusableError(Unusable.BAD_BREAKEND)
    ends = [(contig, fields[1]), (mate, text)]
    if any(not one.isdigit() or not 1 <= int(one) <= contig_length(build, code) for code, one in ends):
        raise UnusableError(Unusable.BAD_POSITION)
    (first, start), (second, end) = sorted((code, int(one)) for code, one in ends)
    return StructuralCall("BND", first, start, start, second, end)
