"""What a Beacon request asks of the register: one allele, several, a stretch, a bracket, or everything.

Shapes after the specification's "Genomic variant queries": sequence (start, alternateBases), range (start, end),
bracket (two starts, two ends), gene, genomic allele and amino-acid change. Positions are 0-based and interbase.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from varde.frequency.beacon.request import BeaconRequest, Filter, refused
from varde.frequency.lookup import as_counted
from varde.frequency.search import Searcher
from varde.genome.alleles import Variant
from varde.genome.builds import CONTIGS, Build, build_of_accession, contig_code, contig_length
from varde.genome.regions import Region

SNV, MNV, INSERTION, DELETION, DELINS = "SNP", "MNP", "INS", "DEL", "DELINS"
_TYPES = {
    **dict.fromkeys(("SNP", "SNV", "SO:0001483"), SNV),
    **dict.fromkeys(("MNP", "MNV", "SO:0002007"), MNV),
    **dict.fromkeys(("INS", "INSERTION", "SO:0000667"), INSERTION),
    **dict.fromkeys(("DEL", "DELETION", "SO:0000159"), DELETION),
    **dict.fromkeys(("DELINS", "INDEL", "SO:1000032"), DELINS),
}
TERMS = {
    "SO:0001483": ("SNV", SNV),
    "SO:0002007": ("MNV", MNV),
    "SO:0000667": ("insertion", INSERTION),
    "SO:0000159": ("deletion", DELETION),
    "SO:1000032": ("delins", DELINS),
}
"""Terms of the Sequence Ontology that a filter may name: label and the type of Beacon's legacy variation."""
FREQUENCY = "alleleFrequency"
_OPERATORS = ("=", "<", ">", "!", ">=", "<=")
_BASES = re.compile(r"[ACGTUNRYSWKMBDHV]*")
_ASSEMBLIES = (
    (re.compile(r"(GRCh38|hg38)(\.p\d+)?", re.I), Build.GRCH38),
    (re.compile(r"(GRCh37|hg19|b37|hs37d5)(\.p\d+)?", re.I), Build.GRCH37),
    (re.compile(r"GCF_000001405\.(2[6-9]|[34]\d)", re.I), Build.GRCH38),
    (re.compile(r"GCF_000001405\.(1[3-9]|2[0-5])", re.I), Build.GRCH37),
)


@dataclass(frozen=True)
class Narrowing:
    """What sites must be beside where they are. Lengths are those of the longer allele, trimmed of what both share."""

    kinds: frozenset[str] | None = None
    shortest: int = 0
    longest: int | None = None
    ref: str | None = None
    alt: str | None = None
    frequency: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Alleles:
    """Sites that are one of these, as the counts write them."""

    variants: tuple[Variant, ...]


@dataclass(frozen=True)
class Overlapping:
    """Sites that share a base with the region."""

    region: Region


@dataclass(frozen=True)
class Starting:
    """Sites whose 0-based start lies in [low, high) and, where given, whose end lies in [end_low, end_high)."""

    contig: int
    start: tuple[int, int]
    end: tuple[int, int] | None = None


@dataclass(frozen=True)
class Everything:
    """All sites."""


Place = Alleles | Overlapping | Starting | Everything


@dataclass(frozen=True)
class VariantQuery:
    """A place and what is asked of the sites in it."""

    place: Place
    narrowing: Narrowing = Narrowing()


def read_query(request: BeaconRequest, searcher: Searcher) -> VariantQuery:
    """The question in a request, for the searcher's build.

    Raises InputError ``bad_request`` (what is missing, unknown or not held), and as ``Searcher.understand`` and
    ``as_counted`` do.
    """
    given = request.parameters
    if "mateName" in given:
        raise refused("Breakends are not small variants.", "Leave mateName out.", "mateName")
    _check_assembly(given, searcher.build)
    narrowing = _narrowing(given, request.filters)
    if text := given.get("genomicAlleleShortForm"):
        return VariantQuery(_named(text, searcher, "genomicAlleleShortForm"), narrowing)
    if change := given.get("aminoacidChange"):
        if "geneId" not in given:
            raise refused("aminoacidChange needs geneId.", "Name the gene, such as BRAF.", "geneId")
        return VariantQuery(_named(f"{given['geneId']}:p.{change}", searcher, "aminoacidChange"), narrowing)
    if "geneId" in given and "start" not in given:
        return VariantQuery(Overlapping(searcher.gene(given["geneId"]).region), narrowing)
    if "referenceName" in given or "start" in given:
        return _placed(given, searcher, narrowing)
    if any(name in given for name in ("end", "referenceBases", "alternateBases", "assemblyId", "variantType")):
        raise refused("The provided parameters are incomplete: referenceName is missing.", "Add it.", "referenceName")
    return VariantQuery(Everything(), narrowing)


def read_place(given: Mapping[str, Any], searcher: Searcher) -> Place:
    """Where a request without letters asks: a gene, a range, a bracket, one start, a chromosome or everywhere.

    Raises InputError ``bad_request`` as ``read_query``.
    """
    _check_assembly(given, searcher.build)
    if "geneId" in given and "start" not in given:
        return Overlapping(searcher.gene(given["geneId"]).region)
    if "referenceName" in given or "start" in given:
        return _placed(given, searcher, Narrowing()).place
    if "end" in given or "assemblyId" in given:
        raise refused("The provided parameters are incomplete: referenceName is missing.", "Add it.", "referenceName")
    return Everything()


def kind_of(ref: str, alt: str) -> str:
    """The type of an allele in VCF's letters."""
    if len(ref) == len(alt):
        return SNV if len(ref) == 1 else MNV
    if len(ref) == 1 and alt.startswith(ref):
        return INSERTION
    return DELETION if len(alt) == 1 and ref.startswith(alt) else DELINS


def _check_assembly(given: Mapping[str, Any], build: Build) -> None:
    """The build must be told, by the assembly or by an accession, and be ours."""
    name = given.get("assemblyId")
    told = {found for pattern, found in _ASSEMBLIES if name and pattern.fullmatch(name)}
    accession = build_of_accession(_bare(given.get("referenceName", "")))
    if name and not told:
        raise refused(f"assemblyId {name[:40]!r} is not known.", f"Write {build}.", "assemblyId")
    if (told | ({accession} if accession else set())) - {build}:
        raise refused(f"This Beacon is of {build}.", f"Give positions in {build}.", "assemblyId")
    if "referenceName" in given and not told and not accession:
        raise refused("The provided parameters are incomplete: assemblyId is missing.", f"Add {build}.", "assemblyId")


def _placed(given: Mapping[str, Any], searcher: Searcher, narrowing: Narrowing) -> VariantQuery:
    contig = contig_code(_bare(given.get("referenceName", "")))
    if not contig:
        raise refused("referenceName is no chromosome.", "Write 20, chr20 or refseq:NC_000020.11.", "referenceName")
    length = contig_length(searcher.build, contig)
    if "start" not in given:
        if "end" in given:
            raise refused("The provided parameters are incomplete: start is missing.", "Add it.", "start")
        return VariantQuery(Overlapping(Region(searcher.build, contig, 0, length)), narrowing)
    start, end = given["start"], given.get("end")
    for name, values in (("start", start), ("end", end or [])):
        if any(value > length for value in values):
            raise refused(f"{name} lies beyond the {length:,} bases of {CONTIGS[contig - 1]}.", "Correct it.", name)
    if end is None:
        return _sequence(given, contig, searcher, narrowing)
    if len(start) != len(end):
        raise refused("start and end have one value each (range) or two each (bracket).", "Correct it.", "end")
    if len(start) == 1:
        if start[0] >= end[0]:
            raise refused("end must lie behind start (end is exclusive).", "Correct it.", "end")
        return VariantQuery(Overlapping(Region(searcher.build, contig, start[0], end[0])), narrowing)
    if start[0] >= start[1] or end[0] >= end[1]:
        raise refused("A bracket is two ascending values, the second exclusive.", "Correct it.", "start")
    return VariantQuery(Starting(contig, (start[0], start[1]), (end[0], end[1])), narrowing)


def _sequence(given: Mapping[str, Any], contig: int, searcher: Searcher, narrowing: Narrowing) -> VariantQuery:
    start, ref, alt = given["start"], given.get("referenceBases"), given.get("alternateBases")
    if len(start) != 1:
        raise refused("A bracket needs two values of end as well.", "Add end.", "end")
    if alt is None and "variantType" not in given:
        raise refused(
            "The provided parameters are incomplete: start alone needs alternateBases.", "Add it, or end.", "end"
        )
    letters = (ref or "") + (alt or "")
    if ref is None or alt is None or re.search("[^ACGT]", letters.upper()):
        return VariantQuery(Starting(contig, (start[0], start[0] + 1)), narrowing)
    variant = _spelled(searcher, contig, start[0], ref.upper(), alt.upper())
    plain = Narrowing(narrowing.kinds, narrowing.shortest, narrowing.longest, frequency=narrowing.frequency)
    return VariantQuery(Alleles((variant,)), plain)


def _spelled(searcher: Searcher, contig: int, start0: int, ref: str, alt: str) -> Variant:
    """The allele as counted; an empty REF or ALT gets the base before it."""
    if not ref or not alt:
        if searcher.reference is None or start0 < 1:
            raise refused("Empty bases need the base before them.", "Give it in both.", "referenceBases")
        before = searcher.reference.sequence(contig, start0 - 1, start0)
        start0, ref, alt = start0 - 1, before + ref, before + alt
    return as_counted(Variant(searcher.build, contig, start0 + 1, ref, alt), searcher.reference)


def _named(text: str, searcher: Searcher, name: str) -> Place:
    choices = searcher.understand(text).choices
    variants = tuple(dict.fromkeys(one.target for one in choices if isinstance(one.target, Variant)))
    if len(variants) != len(choices):
        raise refused(f"{text[:60]!r} names no single alleles.", "Name an allele, or ask by start and end.", name)
    return Alleles(variants)


def _narrowing(given: Mapping[str, Any], filters: tuple[Filter, ...]) -> Narrowing:
    kinds: frozenset[str] | None = None
    if wanted := given.get("variantType"):
        kinds = frozenset([_type(wanted, "variantType")])
    frequency: list[tuple[str, float]] = []
    terms = {TERMS[one.identifier][1] for one in filters if one.identifier in TERMS}
    for one in filters:
        if one.identifier == FREQUENCY:
            frequency.append(_bound(one))
        elif one.identifier not in TERMS:
            raise refused(f"There is no filter {one.identifier[:60]!r} here.", "See /filtering_terms.", "filters")
    if terms:
        kinds = frozenset(terms) if kinds is None else kinds & terms
    ref, alt = (_pattern(given.get(name), name) for name in ("referenceBases", "alternateBases"))
    shortest, longest = given.get("variantMinLength", 0), given.get("variantMaxLength")
    return Narrowing(kinds, shortest, longest, ref, alt, tuple(frequency))


def _type(text: str, name: str) -> str:
    found = _TYPES.get(text.upper())
    if found is None:
        raise refused(
            f"Variants of type {text[:40]!r} are not held here.",
            f"Held are {', '.join(sorted({*_TYPES.values()}))}; structural variants are not.",
            name,
        )
    return found


def _pattern(bases: str | None, name: str) -> str | None:
    if bases is None:
        return None
    if not _BASES.fullmatch(bases.upper()):
        raise refused(f"{name} holds other letters than those of bases.", "Write A, C, G, T or IUPAC codes.", name)
    return bases.upper()


def _bound(one: Filter) -> tuple[str, float]:
    try:
        value = float(one.value)
    except ValueError:
        value = -1.0
    if one.operator not in _OPERATORS or not 0 <= value <= 1:
        raise refused(f"{FREQUENCY} needs an operator and a number from 0 to 1.", f"{FREQUENCY}>=0.01", "filters")
    return one.operator, value


def _bare(name: str) -> str:
    return name.partition(":")[2] if name.lower().startswith(("refseq:", "ncbi:")) else name
