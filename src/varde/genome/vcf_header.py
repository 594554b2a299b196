"""The header of a VCF: samples, contigs, filters and the build they tell of."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from varde.genome.builds import Build, build_named, build_of_header
from varde.genome.errors import InputError

COLUMNS = ("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO")
_STRUCTURED = re.compile(r"##(contig|FILTER|FORMAT)=<(.*)>\s*")
_ATTRIBUTE = re.compile(r'\s*([^=,]+?)\s*=\s*("(?:[^"\\]|\\.)*"|[^,]*)(?:,|$)')
_VERSION = re.compile(r"##fileformat=VCFv4\.[0-5]\s*")


@dataclass(frozen=True)
class VcfHeader:
    """What stands above the records.

    ``contigs`` maps names as written to their declared length, or None; ``filters`` maps names to descriptions;
    ``text`` is the whole header, lines joined by line feeds, with the #CHROM line; ``depths_per_allele`` is False when
    the header declares FORMAT/AD as something else than one depth per allele (VarScan), so that AD is not read.
    """

    samples: tuple[str, ...]
    contigs: dict[str, int | None]
    filters: dict[str, str]
    text: str
    build: Build | None
    has_format: bool
    depths_per_allele: bool

    @property
    def line_count(self) -> int:
        return self.text.count("\n") + 1


def parse_header(text: str, source: str) -> VcfHeader:
    """The header from its text (``##`` lines and the #CHROM line, without the last line end).

    Raises InputError: ``no_header``, ``version``, ``bad_columns``, ``duplicate_sample``, ``mixed_build``.
    """
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    _check_version(lines[0], source)
    samples, has_format = _read_column_line(lines[-1], len(lines), source)
    contigs: dict[str, int | None] = {}
    filters: dict[str, str] = {}
    assemblies: list[str] = []
    depths_per_allele = True
    for number, line in enumerate(lines[:-1], start=1):
        found = _STRUCTURED.fullmatch(line)
        if not found:
            continue
        attributes = {key: value.strip('"') for key, value in _ATTRIBUTE.findall(found[2])}
        name = attributes.get("ID", "")
        if found[1] == "contig":
            length = _contig_length(attributes.get("length"), number, source)
            if contigs.setdefault(name, length) != length:
                raise _bad_contig(f"{name[:40]!r} is declared twice with different lengths.", number, source)
            assemblies.append(attributes.get("assembly", ""))
        elif found[1] == "FILTER":
            filters[name] = attributes.get("Description", "")
        elif name == "AD":
            depths_per_allele = attributes.get("Number") not in ("0", "1", "2", "A", "G")
    build = _build(lines, contigs, assemblies, source)
    return VcfHeader(samples, contigs, filters, "\n".join(lines), build, has_format, depths_per_allele)


def _check_version(first: str, source: str) -> None:
    if _VERSION.fullmatch(first):
        return
    if first.startswith("##fileformat=VCF"):
        raise InputError(
            "version",
            f"The file says {first[2:40]}; VCF 4.0 to 4.5 can be read.",
            "Convert it, for example with bcftools view.",
            source=source,
            line=1,
            field="##fileformat",
        )
    raise InputError(
        "no_header",
        "The first line must be ##fileformat=VCFv4.x; this is no VCF, or its header is lost.",
        "Give the VCF with its header (bcftools view keeps it; grep -v '#' loses it).",
        source=source,
        line=1,
    )


def _read_column_line(line: str, number: int, source: str) -> tuple[tuple[str, ...], bool]:
    names = line.split("\t")
    if tuple(names[:8]) != COLUMNS or (len(names) > 8 and names[8] != "FORMAT"):
        raise InputError(
            "bad_columns",
            f"The column line must read {' '.join(COLUMNS)} [FORMAT sample ...], separated by tabs.",
            "Check that the file was not edited in a program that changes tabs.",
            source=source,
            line=number,
            field="#CHROM",
        )
    samples = tuple(names[9:])
    repeated = [name for name, count in Counter(samples).items() if count > 1]
    if repeated or "" in samples:
        which = ", ".join(sorted(repeated)[:5]) or "an empty name"
        raise InputError(
            "duplicate_sample",
            f"Sample names must be unique and not empty; found {which} more than once or empty.",
            "Rename the samples, for example with bcftools reheader.",
            source=source,
            line=number,
            field="#CHROM",
        )
    return samples, len(names) > 8


def _contig_length(text: str | None, line: int, source: str) -> int | None:
    if text is None:
        return None
    if text.isascii() and text.isdigit():
        return int(text)
    raise _bad_contig(f"A contig's length must be a whole number; found {text[:40]!r}.", line, source)


def _bad_contig(problem: str, line: int, source: str) -> InputError:
    return InputError("bad_header", problem, "Correct the line.", source=source, line=line, field="##contig")


def _build(lines: Iterable[str], contigs: dict[str, int | None], assemblies: list[str], source: str) -> Build | None:
    """By contigs first; a ##reference line is free text and only asked when they are silent."""
    try:
        build = build_of_header(contigs, assemblies)
    except InputError as error:
        raise InputError(error.code, error.problem, error.remedy, source=source, field=error.field) from error
    if build is not None or any(contigs.values()):
        return build
    named = {build_named(line) for line in lines if line.startswith("##reference=")} - {None}
    return named.pop() if len(named) == 1 else None
