"""What a text in the search box means: a variant, a region or a gene, with the reading said; several where it is open.

Read are VCF style (``20-1234-A-T``, a pasted VCF line), SPDI, HGVS g., c., n. and p. (by transcript, protein or gene),
rsIDs where a source with names is loaded, structural events (``structural_notation``), regions, chromosomes and gene
symbols. An accession with colons is SPDI, which counts from 0; everything else counts from 1. Pages, programs, the
Beacon and the command line all read through here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from varde.annotation.genes import reference_transcripts
from varde.annotation.genetic_code import reverse_complement
from varde.annotation.reading_names import (
    LONGEST_SPAN,
    Name,
    anchored,
    codon_places,
    genomic_variant,
    is_one_residue,
    protein_variants,
    residue_number,
    transcript_variant,
)
from varde.annotation.transcripts import Transcript, TranscriptSet, preference
from varde.frequency.lookup import as_counted
from varde.frequency.structural_clusters import StructuralCall
from varde.frequency.structural_notation import looks_structural, parse_event
from varde.genome.alleles import Spdi, Variant, as_typed
from varde.genome.builds import Build, contig_code, contig_length, refseq_accession
from varde.genome.errors import InputError
from varde.genome.references import Reference
from varde.genome.regions import Region

LONGEST = 2_000
"""Characters of a question."""
LONGEST_WRITTEN = 500
"""Characters of an address that names a variant; proxies refuse addresses of some thousands."""
MOST_GENES_OFFERED = 12


class Reading(StrEnum):
    """The notation that a text was read as."""

    VCF = "vcf"
    SPDI = "spdi"
    HGVS_GENOMIC = "hgvs_genomic"
    HGVS_TRANSCRIPT = "hgvs_transcript"
    HGVS_PROTEIN = "hgvs_protein"
    RSID = "rsid"
    STRUCTURAL = "structural"
    REGION = "region"
    GENE = "gene"


@dataclass(frozen=True)
class Gene:
    """A gene: its symbol and the region that its transcripts fill."""

    symbol: str
    identifier: str
    region: Region


@dataclass(frozen=True)
class Choice:
    """One meaning of a text. ``through`` is the transcript that it was read on, or empty; ``asked`` the variant as it
    was written, before it was left-aligned."""

    reading: Reading
    target: Variant | StructuralCall | Region | Gene
    through: str = ""
    asked: Variant | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Understood:
    """What a text may mean, at least one choice. Variants are as the counts write them."""

    text: str
    choices: tuple[Choice, ...]

    @property
    def only(self) -> Choice | None:
        """The meaning, when there is one alone."""
        return self.choices[0] if len(self.choices) == 1 else None


class SeveralVariants(InputError):  # noqa: N818 - an answer, not a fault
    """A text that names several variants, where one is needed. ``candidates`` are as the counts write them."""

    def __init__(self, text: str, candidates: tuple[Variant, ...]) -> None:
        meant = ", ".join(map(str, candidates[:10]))
        super().__init__("ambiguous", f"{text[:60]!r} may mean {meant}.", "Choose one of them.", field="variant")
        self.text, self.candidates = text, candidates

    def __reduce__(self) -> tuple[type[InputError], tuple[Any, ...]]:
        return type(self), (self.text, self.candidates)


RsidFinder = Callable[[str], Iterable[Variant]]
_RSID = re.compile(r"rs[1-9]\d{0,14}", re.IGNORECASE)
_VCF_LINE = re.compile(r"(?P<contig>\S+)\t(?P<position>\d+)\t\S+\t(?P<ref>[A-Za-z]+)\t(?P<alt>[A-Za-z,]+)(?:\t.*)?")
_BARE_NAME = re.compile(r"[cnp]\.\S+")
_REGION = re.compile(r"\S+?:[0-9][0-9,]*(?:-[0-9][0-9,]*)?")
_CHROMOSOME = re.compile(r"chr(?:[0-9]{1,2}|X|Y|MT?)", re.IGNORECASE)
_ALLELE = re.compile(r".*[\s:\-/>_][ACGTN,]+", re.IGNORECASE)
_ALTERNATES = re.compile(r"(?P<site>.*[\s:\-/>_])(?P<alts>[ACGTN]+(?:,[ACGTN]+)+)", re.IGNORECASE)
_SYMBOL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,40}")
_FROM_ZERO = "An accession with colons is SPDI, which counts from 0. Written 20-1234-A-T, a variant counts from 1."


@dataclass(frozen=True)
class Searcher:
    """Understands questions in one build. Without ``reference`` there are no genes, transcripts or left-alignment."""

    build: Build
    reference: Reference | None = None
    rsids: RsidFinder | None = None

    def understand(self, text: str) -> Understood:
        """What a text means. Raises InputError (field ``variant``) with the reason when it means nothing here:
        ``empty_search``, ``too_long``, ``not_understood``, ``unknown_gene``, ``gene_missing``, ``unknown_transcript``,
        ``unknown_rsid``, ``no_rsids``, ``no_annotation``, ``ref_mismatch`` and as the notation's own reader.
        """
        asked = as_typed(text)
        try:
            choices = self._choices(asked)
        except InputError as error:
            error.field = "variant"
            raise
        return Understood(asked, tuple(dict.fromkeys(choices)))

    def one(self, text: str) -> Choice:
        """The one variant that a text means. Raises InputError as ``understand``, ``no_variant`` for a region or a
        gene, and SeveralVariants."""
        understood = self.understand(text)
        if understood.only and isinstance(understood.only.target, Variant):
            return understood.only
        variants = tuple(one.target for one in understood.choices if isinstance(one.target, Variant))
        if variants:
            raise SeveralVariants(understood.text, variants)
        raise _refused("no_variant", f"{understood.text[:60]!r} names no variant.", "Ask for a region or a gene.")

    def written(self, variant: Variant) -> str | None:
        """A text of at most ``LONGEST_WRITTEN`` characters that is read back as the variant: VCF style, or for a long
        one SPDI with the number of deleted bases, or a dup or inv of HGVS. None where there is none."""
        text = str(variant)
        if len(text) > LONGEST_WRITTEN and self.reference is not None and variant.contig in self.reference.codes:
            text = self._shorter(variant)
        return text if len(text) <= LONGEST_WRITTEN else None

    def _shorter(self, variant: Variant) -> str:
        accession = refseq_accession(self.build, variant.contig)
        ref, alt, first = variant.ref, variant.alt, variant.position
        if len(ref) > LONGEST_SPAN:
            return str(variant)
        if alt == reverse_complement(ref):
            return f"{accession}:g.{first}_{first + len(ref) - 1}inv"
        added = alt[1:]
        end = min(first + len(added), contig_length(self.build, variant.contig))
        is_inserted = len(ref) == 1 and alt[0] == ref and len(added) <= LONGEST_SPAN
        if is_inserted and self._held().sequence(variant.contig, first, end) == added:
            return f"{accession}:g.{first + 1}_{end}dup"
        return f"{accession}:{variant.start0}:{len(ref)}:{alt}"

    def genes_like(self, text: str) -> tuple[str, ...]:
        """Symbols that begin with a text, in any case."""
        wanted = text.strip().upper()
        if not wanted or not self._has_genes:
            return ()
        return tuple(symbol for symbol in self._symbols if symbol.upper().startswith(wanted))[:MOST_GENES_OFFERED]

    def gene(self, symbol: str) -> Gene:
        """The gene of a symbol or Ensembl gene identifier, in any case. Raises InputError ``unknown_gene``."""
        found = self._genes.get(symbol.upper()) if self._has_genes else None
        if found is None:
            near = ", ".join(self.genes_like(symbol[:3])) or "none"
            raise _refused(
                "unknown_gene", f"There is no gene {symbol[:40]!r} here.", f"Genes that begin alike: {near}."
            )
        return found

    def transcripts_of(self, symbol: str) -> tuple[Transcript, ...]:
        """The gene's transcripts, MANE Select first."""
        return self._transcripts.by_gene[self.gene(symbol).symbol]

    def transcripts_in(self, region: Region) -> tuple[Transcript, ...]:
        """Transcripts that share a base with the region: the best of each gene first, then the others."""
        if not self._has_genes:
            return ()
        found = self._transcripts.overlapping(region.contig_code, region.start0, region.end0)
        ranked = sorted(found, key=preference)
        best = {one.gene: one for one in reversed(ranked)}
        return tuple(sorted(ranked, key=lambda one: one is not best[one.gene]))

    def _choices(self, text: str) -> list[Choice]:
        if not text:
            raise _refused("empty_search", "Nothing was asked.", "Write a variant, a region or a gene.")
        if len(text) > LONGEST:
            raise _refused("too_long", f"More than {LONGEST:,} characters.", "Ask for one variant.")
        if _RSID.fullmatch(text):
            return self._of_rsid(text.lower())
        if looks_structural(text):
            return [Choice(Reading.STRUCTURAL, parse_event(self.build, text))]
        if spdi := Spdi.parse(self.build, text):
            return self._of_spdi(spdi)
        if name := Name.parse(text):
            return self._of_name(name)
        if _BARE_NAME.fullmatch(text):
            raise _refused(
                "gene_missing", f"{text[:40]} does not say of which gene.", "Write it in front, as in GENE:c.8del."
            )
        if _REGION.fullmatch(text) or _CHROMOSOME.fullmatch(text) or contig_code(text):
            return [Choice(Reading.REGION, Region.parse(self.build, text))]
        if _VCF_LINE.fullmatch(text) or _ALLELE.fullmatch(text) or not _SYMBOL.fullmatch(text):
            return self._of_vcf(text)
        return [Choice(Reading.GENE, self.gene(text))]

    def _of_rsid(self, rsid: str) -> list[Choice]:
        if self.rsids is None:
            raise _refused(
                "no_rsids", "No source with rsIDs is loaded here.", "Give the variant's position and alleles."
            )
        found = sorted(self.rsids(rsid))
        if not found:
            raise _refused(
                "unknown_rsid", f"{rsid} is in no loaded source.", "Give the variant's position and alleles."
            )
        return [self._variant(Reading.RSID, one) for one in found]

    def _of_vcf(self, text: str) -> list[Choice]:
        line = _VCF_LINE.fullmatch(text)
        written = f"{line['contig']}-{line['position']}-{line['ref']}-{line['alt']}" if line else text
        several = _ALTERNATES.fullmatch(written)
        wanted = [several["site"] + alt for alt in several["alts"].split(",")] if several else [written]
        return [self._variant(Reading.VCF, Variant.parse(self.build, one)) for one in wanted]

    def _of_spdi(self, spdi: Spdi) -> list[Choice]:
        try:
            return [self._variant(Reading.SPDI, spdi.variant or self._filled(spdi))]
        except InputError as error:
            if error.code != "ref_mismatch" or spdi.variant is None:
                raise
            raise _refused("spdi_mismatch", error.problem, _FROM_ZERO) from None

    def _filled(self, spdi: Spdi) -> Variant:
        """With the bases that the text leaves to the reference."""
        reference, code, start = self._held(), spdi.contig, spdi.start0
        if isinstance(spdi.deleted, int):
            if spdi.deleted > LONGEST_SPAN:
                raise _refused("too_long", f"More than {LONGEST_SPAN:,} bases.", "Ask for the region instead.")
            ref = reference.sequence(code, start, start + spdi.deleted)
        else:
            ref = spdi.deleted
        return anchored(self.build, reference, code, start, ref, spdi.inserted)

    def _of_name(self, name: Name) -> list[Choice]:
        if name.kind in "gm":
            return [self._variant(Reading.HGVS_GENOMIC, genomic_variant(name, self.build, self.reference))]
        transcript = self._transcript(name)
        if name.kind == "p":
            return self._of_protein(name, transcript)
        variant = transcript_variant(name, transcript, self.build, self._held())
        if name.protein:
            self._refuse_other_protein(variant, name, transcript)
        return [self._variant(Reading.HGVS_TRANSCRIPT, variant, transcript.name)]

    def _of_protein(self, name: Name, transcript: Transcript) -> list[Choice]:
        spelled = self._spelled(name, transcript)
        if spelled:
            return [self._variant(Reading.HGVS_PROTEIN, one, transcript.name) for one in spelled]
        places = codon_places(transcript, residue_number(name))
        codon = Region(self.build, transcript.contig, min(places), max(places) + 1)
        return [Choice(Reading.HGVS_PROTEIN, codon, transcript.name)]

    def _spelled(self, name: Name, transcript: Transcript) -> Sequence[Variant]:
        """The changes of one codon that give a p. name; none where many changes of the DNA may give it."""
        try:
            return protein_variants(name, transcript, self.build, self._held())
        except InputError as error:
            if error.code != "not_one_codon":
                raise
            return ()

    def _refuse_other_protein(self, variant: Variant, name: Name, transcript: Transcript) -> None:
        """The p. name beside a c. name of one base must be one that this base gives; others are not compared."""
        told = Name(name.where, "p", name.protein)
        spelled = self._spelled(told, transcript) if is_one_residue(told) else ()
        if len(variant.ref) == len(variant.alt) == 1 and spelled and variant not in spelled:
            raise _refused(
                "names_disagree",
                f"c.{name.change[:40]} does not give p.{name.protein[:40]} on {transcript.name}.",
                "Check the names and the transcript, or leave one of them out.",
            )

    def _transcript(self, name: Name) -> Transcript:
        found = self._transcripts.get(name.where) or self._transcripts.get(name.where.upper())
        found = found or self._other_names.get(name.where.upper())
        if found is not None:
            return found
        if name.where.upper() in self._genes:
            return self.transcripts_of(name.where)[0]
        bare = name.where.upper().rsplit(".", 1)[0]
        held = self._transcripts.get(bare) or self._other_names.get(bare.upper())
        hint = f"The version here is {held.name} ({held.refseq or '-'})." if held else "Name the variant on the contig."
        raise _refused("unknown_transcript", f"{name.where[:40]} is not among the transcripts here.", hint)

    def _variant(self, reading: Reading, variant: Variant, through: str = "") -> Choice:
        return Choice(reading, as_counted(variant, self.reference), through, variant)

    def _held(self) -> Reference:
        if self.reference is None:
            raise _refused(
                "no_annotation",
                "The node has no reference with genes.",
                "Write the variant as contig-position-REF-ALT.",
            )
        return self.reference

    @property
    def _has_genes(self) -> bool:
        return self.reference is not None and self.reference.gff3 is not None

    @cached_property
    def _transcripts(self) -> TranscriptSet:
        return reference_transcripts(self._held())

    @cached_property
    def _other_names(self) -> dict[str, Transcript]:
        """Transcripts by RefSeq and protein identifier, with and without version."""
        names: dict[str, Transcript] = {}
        for transcript in self._transcripts.transcripts:
            for name in (
                transcript.refseq,
                transcript.protein,
                transcript.protein and transcript.protein.split(".")[0],
            ):
                if name:
                    names.setdefault(name.upper(), transcript)
        return names

    @cached_property
    def _symbols(self) -> tuple[str, ...]:
        return tuple(sorted(self._transcripts.by_gene))

    @cached_property
    def _genes(self) -> dict[str, Gene]:
        genes: dict[str, Gene] = {}
        for symbol, members in self._transcripts.by_gene.items():
            first = members[0]
            same = [one for one in members if one.contig == first.contig]
            start, end = min(one.start0 for one in same), max(one.end0 for one in same)
            region = Region(self.build, first.contig, start, min(end, contig_length(self.build, first.contig)))
            gene = Gene(symbol, first.gene_id, region)
            genes.setdefault(symbol.upper(), gene)
            genes.setdefault(first.gene_id.upper(), gene)
        return genes


def _refused(code: str, problem: str, remedy: str) -> InputError:
    return InputError(code, problem, remedy, field="variant")
