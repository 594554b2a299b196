"""Reads as they come: files matched to samples by name, and looked at before hours are spent on them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from isal import isal_zlib

from varde.genome.builds import contig_code
from varde.genome.errors import InputError
from varde.genome.references import Reference

_BLOCK: Final = 1 << 22
_INFLATE_ERROR: Final = cast(type[Exception], isal_zlib.error)
_FASTQ = re.compile(
    r"(?P<sample>.+?)(?:_S\d+)?(?:_(?P<lane>L\d{3}))?(?:[_.](?P<mate>R?[12]))(?:_(?P<part>\d{3}))?\.f(?:ast)?q(?:\.gz)?"
)
"""Illumina's ``S1_S4_L001_R1_001.fastq.gz`` and the short forms ``S1_R1.fastq.gz``, ``S1_1.fq.gz``."""
_ALIGNMENT = re.compile(r"(?P<sample>.+?)(?:\.sorted|\.md|\.dedup)?\.(?:bam|cram)")


@dataclass(frozen=True)
class Unit:
    """One pair of read files (or one file of single reads) of a sample: a lane."""

    name: str
    first: Path
    second: Path | None = None


@dataclass(frozen=True)
class SampleInput:
    """What is known of one person's reads. ``sex`` is ``male``, ``female`` or ``unknown``: the ploidy of X and Y.

    Either ``units`` or ``alignment`` is given.
    """

    name: str
    sex: str = "unknown"
    units: tuple[Unit, ...] = ()
    alignment: Path | None = None

    @property
    def files(self) -> tuple[Path, ...]:
        """All files, in order."""
        if self.alignment is not None:
            return (self.alignment,)
        return tuple(path for unit in self.units for path in (unit.first, unit.second) if path is not None)


@dataclass(frozen=True)
class CheckedFile:
    """A file that was read to its end."""

    path: Path
    sha256: str
    size_bytes: int
    reads: int | None = None


def match_reads(files: Iterable[Path], samples: Mapping[str, str]) -> tuple[SampleInput, ...]:
    """The files of each sample (name to sex) by their names; files of others are passed over.

    Raises InputError ``reads_missing``, naming the samples without files, ``reads_doubled`` where a sample has both
    reads and an alignment or two alignments, and ``mate_missing``.
    """
    units: dict[str, dict[str, dict[str, Path]]] = {name: {} for name in samples}
    alignments: dict[str, list[Path]] = {name: [] for name in samples}
    for path in sorted(files):
        if (found := _FASTQ.fullmatch(path.name)) and found["sample"] in units:
            unit = "_".join(part for part in (found["lane"], found["part"]) if part) or "1"
            units[found["sample"]].setdefault(unit, {})[found["mate"][-1]] = path
        elif (found := _ALIGNMENT.fullmatch(path.name)) and found["sample"] in alignments:
            alignments[found["sample"]].append(path)
    missing = [name for name in samples if not units[name] and not alignments[name]]
    if missing:
        raise InputError(
            "reads_missing",
            f"There is no file of reads of {', '.join(missing)}.",
            "A file is named after its sample: SAMPLE_R1.fastq.gz and SAMPLE_R2.fastq.gz, also with lanes, or "
            "SAMPLE.bam.",
            field="reads",
        )
    return tuple(_sample_input(name, sex, units[name], alignments[name]) for name, sex in samples.items())


def _sample_input(name: str, sex: str, units: Mapping[str, Mapping[str, Path]], alignments: list[Path]) -> SampleInput:
    if len(alignments) + bool(units) > 1:
        raise InputError(
            "reads_doubled",
            f"{name} has both files of reads and an alignment, or several alignments.",
            "Leave one of them; the others are moved away.",
            source=alignments[0].name,
            field="reads",
        )
    if alignments:
        return SampleInput(name, sex, alignment=alignments[0])
    for unit, mates in units.items():
        if "1" not in mates:
            raise InputError(
                "mate_missing",
                f"{name} has the second reads of {unit}, and not the first.",
                "Add the file of the first reads.",
                source=mates["2"].name,
                field="reads",
            )
    return SampleInput(name, sex, tuple(Unit(unit, mates["1"], mates.get("2")) for unit, mates in units.items()))


def check_reads(sample: SampleInput, reference: Reference) -> tuple[CheckedFile, ...]:
    """Read every file of a sample to its end. Raises InputError: ``not_found``, ``empty``, ``truncated``, ``corrupt``,
    ``not_fastq``, ``mates_differ`` and, for an alignment, ``not_alignment``, ``wrong_build``, ``sample_name``."""
    if sample.alignment is not None:
        _check_alignment(sample, sample.alignment, reference)
        return (_hashed(sample.alignment),)
    checked = []
    for unit in sample.units:
        pair = [_check_fastq(path) for path in (unit.first, unit.second) if path is not None]
        if len(pair) == 2 and pair[0].reads != pair[1].reads:
            raise InputError(
                "mates_differ",
                f"{pair[0].path.name} has {pair[0].reads:,} reads, and {pair[1].path.name} {pair[1].reads:,}.",
                "Both files of a pair have the same reads in the same order; fetch them again.",
                source=pair[1].path.name,
            )
        checked += pair
    return tuple(checked)


def _hashed(path: Path) -> CheckedFile:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            size += len(block)
    return CheckedFile(path, digest.hexdigest(), size)


def _check_fastq(path: Path) -> CheckedFile:
    """Sum, and number of reads; the compressed text is followed to its end, for fastp takes a torn file as whole."""
    if not path.is_file():
        raise InputError("not_found", "There is no such file.", "Check the path.", source=path.name)
    digest, size, lines, start, last, whole = hashlib.sha256(), 0, 0, b"", b"", True
    inflater = _Inflater()
    with path.open("rb") as file:
        compressed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        while block := file.read(_BLOCK):
            digest.update(block)
            size += len(block)
            try:
                text = inflater.text(block) if compressed else block
            except _INFLATE_ERROR:
                raise InputError(
                    "corrupt", "The compressed text is damaged.", "Fetch the file again.", source=path.name
                ) from None
            start, last, whole = start or text[:1], text[-1:] or last, not inflater.inside
            lines += text.count(b"\n")
    if not start:
        raise InputError("empty", "The file holds no reads.", "Fetch the file again.", source=path.name)
    if start != b"@":
        raise InputError(
            "not_fastq", "The first line does not start with '@'.", "Give a FASTQ file.", source=path.name, line=1
        )
    if lines % 4 or last != b"\n" or not whole:
        raise InputError(
            "truncated",
            f"The file ends in the middle of a read, after {lines:,} lines.",
            "Fetch it again, and compare checksums.",
            source=path.name,
            line=lines,
        )
    return CheckedFile(path, digest.hexdigest(), size, lines // 4)


class _Inflater:
    """The text of gzip members that follow one another in blocks; ``inside`` says that one has begun and not ended."""

    def __init__(self) -> None:
        self.inside = False
        self._member = isal_zlib.decompressobj(wbits=31)

    def text(self, block: bytes) -> bytes:
        """The text of the next block."""
        pieces = []
        while block:
            self.inside = True
            pieces.append(self._member.decompress(block))
            block = self._member.unused_data
            if self._member.eof:
                self.inside = False
                self._member = isal_zlib.decompressobj(wbits=31)
        return b"".join(pieces)


def _check_alignment(sample: SampleInput, path: Path, reference: Reference) -> None:
    import pysam
    from pysam.utils import SamtoolsError

    if not path.is_file():
        raise InputError("not_found", "There is no such file.", "Check the path.", source=path.name)
    try:
        pysam.set_verbosity(0)
        with pysam.AlignmentFile(str(path), reference_filename=str(reference.fasta), check_sq=False) as file:
            lengths = dict(zip(file.references, file.lengths, strict=True))
            groups = {group.get("SM") for group in file.header.to_dict().get("RG", [])}
        pysam.quickcheck(str(path))
    except (ValueError, OSError, SamtoolsError):
        raise InputError(
            "not_alignment",
            "This is no whole BAM or CRAM file: the header or the closing block is missing.",
            "Fetch it again, and compare checksums.",
            source=path.name,
        ) from None
    _check_sequences(path, lengths, reference)
    if groups != {sample.name}:
        told = ", ".join(sorted(name or "none" for name in groups)) or "none"
        raise InputError(
            "sample_name",
            f"The read groups are of {told}; the file is given as {sample.name}'s.",
            "Check whose file this is; where only the name is wrong, rewrite it with 'samtools addreplacerg'.",
            source=path.name,
            field="@RG SM",
        )


def _check_sequences(path: Path, lengths: Mapping[str, int], reference: Reference) -> None:
    expected = {contig.name: contig.length for contig in reference.contigs if contig.code}
    aligned_to = {name: length for name, length in lengths.items() if contig_code(name)}
    wrong = next((name for name, length in aligned_to.items() if expected.get(name) != length), None)
    if wrong is not None or not aligned_to:
        held = f"{expected.get(wrong, 0):,}" if wrong in expected else "none"
        raise InputError(
            "wrong_build",
            f"The file was aligned to other sequences than reference {reference.name}: {wrong or 'it names no contig'} "
            f"has {aligned_to.get(wrong or '', 0):,} bases there, {held} here.",
            "Give the reads as FASTQ (samtools fastq), or choose the reference it was aligned to.",
            source=path.name,
            field="@SQ",
        )


def paths_of(samples: Sequence[SampleInput]) -> tuple[Path, ...]:
    """All files of all samples."""
    return tuple(path for sample in samples for path in sample.files)
