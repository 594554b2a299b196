"""What a text in the search box means: a variant, a region or a gene, with the reading said; several where it is open.

Read are VCF style (``20-1234-A-T``, a pasted VCF line), SPDI, HGVS g., c., n. and p. (by transcript, protein or gene),
rsIDs where a source with names is loaded, structural events (``structural_notation``), regions and gene symbols.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from varde.annotation.genes import reference_transcripts
from varde.annotation.reading_names import (
    Name,
    codon_places,
    genomic_variant,
    protein_variants,
    residue_number,
    transcript_variant,
)
from varde.annotation.transcripts import Transcript, TranscriptSet, preference
from varde.frequency.lookup import as_counted
from varde.frequency.structural_clusters import StructuralCall
from varde.frequency.structural_notation import looks_structural, parse_event
from varde.genome.alleles import Variant
from varde.genome.builds import Build, build_of_accession, contig_code, contig_length
from varde.genome.errors import InputError
from varde.genome.references import Reference
from varde.genome.regions import Region

LONGEST = 2_000
"""Characters of a question."""
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
    """One meaning of a text. ``through`` is the transcript that it was read on, or empty."""

    reading: Reading
    target: Variant | StructuralCall | Region | Gene
    through: str = ""


@dataclass(frozen=True)
class Understood:
    """What a text may mean, at least one choice. Variants are as the counts write them."""

    text: str
    choices: tuple[Choice, ...]

    @property
    def only(self) -> Choice | None:
        """The meaning, when there is one alone."""
        return self.choices[0] if len(self.choices) == 1 else None


RsidFinder = Callable[[str], Iterable[Variant]]
_RSID = re.compile(r"rs[1-9]\d{0,14}", re.IGNORECASE)
_VCF_LINE = re.compile(r"(?P<contig>\S+)\t(?P<position>\d+)\t\S+\t(?P<ref>[A-Za-z]+)\t(?P<alt>[A-Za-z,]+)(?:\t.*)?")
_SPDI = re.compile(
    r"(?P<accession>N[CGTW]_\d+\.\d+):(?P<start>\d{1,9}):(?P<ref>[ACGTN]*|\d{1,4}):(?P<alt>[ACGTN]*)", re.IGNORECASE
)
_REGION = re.compile(r"\S+?:[0-9][0-9,]*(?:-[0-9][0-9,]*)?")
_CHROMOSOME = re.compile(r"chr(?:[0-9]{1,2}|X|Y|MT?)", re.IGNORECASE)
_ALLELE = re.compile(r".*[\s:\-/>][ACGTN,]+", re.IGNORECASE)
_ALTERNATES = re.compile(r"(?P<site>.*[\s:\-/>])(?P<alts>[ACGTN]+(?:,[ACGTN]+)+)", re.IGNORECASE)
_SYMBOL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,40}")


@dataclass(frozen=True)
class Searcher:
    """Understands questions in one build. Without ``reference`` there are no genes, transcripts or left-alignment."""

    build: Build
    reference: Reference | None = None
    rsids: RsidFinder | None = None

    def understand(self, text: str) -> Understood:
        """What a text means. Raises InputError (field ``variant``) with the reason when it means nothing here:
        ``empty_search``, ``too_long``, ``not_understood``, ``unknown_gene``, ``unknown_transcript``, ``unknown_rsid``,
        ``no_rsids``, ``no_annotation``, ``ref_mismatch`` and as the notation's own reader.
        """
        asked = text.strip()
        try:
            choices = self._choices(asked)
        except InputError as error:
            error.field = "variant"
            raise
        return Understood(asked, tuple(dict.fromkeys(choices)))

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
        if name := Name.parse(text):
            return self._of_name(name)
        if found := _SPDI.fullmatch(text):
            return self._of_spdi(found)
        if _REGION.fullmatch(text) or _CHROMOSOME.fullmatch(text):
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

    def _of_spdi(self, found: re.Match[str]) -> list[Choice]:
        """SPDI counts from 0; an accession is also used with VCF's counting from 1, so the reference decides."""
        code = contig_code(found["accession"])
        if not code or build_of_accession(found["accession"]) not in (None, self.build):
            code_of = "wrong_build" if code else "bad_contig"
            raise _refused(
                code_of, f"{found['accession']} does not belong to {self.build}.", f"Give it in {self.build}."
            )
        start, ref, alt = int(found["start"]), found["ref"].upper(), found["alt"].upper()
        read: list[Choice] = []
        problems: list[InputError] = []
        for reading, first in ((Reading.SPDI, start), (Reading.VCF, start - 1)):
            if reading is Reading.VCF and (not ref or not alt or ref.isdigit()):
                break
            try:
                read.append(self._variant(reading, self._replaced(code, first, ref, alt)))
            except InputError as error:
                problems.append(error)
        if not read:
            raise problems[0]
        return read

    def _replaced(self, code: int, start0: int, ref: str, alt: str) -> Variant:
        if ref.isdigit():
            ref = self._held().sequence(code, start0, start0 + int(ref))
        if ref and alt:
            return Variant(self.build, code, start0 + 1, ref, alt)
        before = self._held().sequence(code, start0 - 1, start0)
        return Variant(self.build, code, start0, before + ref, before + alt)

    def _of_name(self, name: Name) -> list[Choice]:
        if name.kind in "gm":
            return [self._variant(Reading.HGVS_GENOMIC, genomic_variant(name, self.build, self.reference))]
        reference = self._held()
        transcript = self._transcript(name)
        if name.kind != "p":
            variant = transcript_variant(name, transcript, self.build, reference)
            return [self._variant(Reading.HGVS_TRANSCRIPT, variant, transcript.name)]
        try:
            spelled: Sequence[Variant] = protein_variants(name, transcript, self.build, reference)
        except InputError as error:
            if error.code != "not_one_codon":
                raise
            spelled = ()
        if spelled:
            return [self._variant(Reading.HGVS_PROTEIN, one, transcript.name) for one in spelled]
        places = codon_places(transcript, residue_number(name))
        codon = Region(self.build, transcript.contig, min(places), max(places) + 1)
        return [Choice(Reading.HGVS_PROTEIN, codon, transcript.name)]

    def _transcript(self, name: Name) -> Transcript:
        found = self._transcripts.get(name.where) or self._other_names.get(name.where.upper())
        if found is not None:
            return found
        if name.where.upper() in self._genes:
            return self.transcripts_of(name.where)[0]
        bare = name.where.rsplit(".", 1)[0]
        held = self._transcripts.get(bare) or self._other_names.get(bare.upper())
        hint = f"The version here is {held.name} ({held.refseq or '-'})." if held else "Name the variant on the contig."
        raise _refused("unknown_transcript", f"{name.where[:40]} is not among the transcripts here.", hint)

    def _variant(self, reading: Reading, variant: Variant, through: str = "") -> Choice:
        return Choice(reading, as_counted(variant, self.reference), through)

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
