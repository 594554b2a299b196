"""Names of variants after the HGVS recommendations, made by ``hgvs`` from the reference's own transcripts.

The change is shifted as far 3' as it goes, on the contig for the genomic name and along the transcript for the coding
one; a duplication is preferred to an insertion; a predicted protein stands in parentheses; where the splicing may
change, or the change is not in the coding sequence, the protein is ``p.?``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from varde.annotation.cdot_data import ensure_transcripts_json
from varde.annotation.genes import reference_transcripts
from varde.annotation.transcripts import Transcript
from varde.genome.alleles import Variant
from varde.genome.builds import MT, contig_code, refseq_accession
from varde.genome.errors import InputError
from varde.genome.references import Reference

CACHE_NAMES = 65_536
_CACHE_TRANSCRIPTS = 512


@dataclass(frozen=True)
class HgvsNames:
    """Names of one variant on one transcript; ``error`` says why one that was asked for is None.

    ``genomic`` on the RefSeq contig (``NC_000020.10:g.1099523T>G``); ``coding`` on the transcript with version, ``n.``
    for one that codes for nothing; ``protein`` on the Ensembl protein, None for a transcript that codes for nothing;
    ``refseq`` is the RefSeq transcript that MANE holds equal.
    """

    genomic: str | None
    coding: str | None
    protein: str | None
    transcript: str
    refseq: str | None = None
    error: str | None = None


class HgvsNamer:
    """Names variants on the transcripts of one reference; equal questions are answered from memory.

    Making one reads the GFF3 and loads ``hgvs`` (about a second); raises InputError ``no_annotation``.
    """

    def __init__(self, reference: Reference) -> None:
        self._reference = reference
        self._transcripts = reference_transcripts(reference)
        self._tools = _Tools(reference)
        self.names: Callable[[Variant, str], HgvsNames] = lru_cache(maxsize=CACHE_NAMES)(self._names)

    def _names(self, variant: Variant, transcript_id: str) -> HgvsNames:
        """Names of a variant on a transcript (identifier with or without version). Never raises for a bad variant."""
        transcript = self._transcripts.get(transcript_id)
        if transcript is None:
            return HgvsNames(
                None, None, None, transcript_id, None, "the transcript is not in the reference's annotation"
            )
        found: dict[str, str | None] = {"genomic": None, "coding": None, "protein": None}
        error = self._refusal(variant, transcript)
        if error is None:
            try:
                self._tools.name(variant, transcript, found)
            except Exception as problem:  # one variant that hgvs cannot name must not stop the case
                error = f"{type(problem).__name__}: {problem}"
        return HgvsNames(found["genomic"], found["coding"], found["protein"], transcript.name, transcript.refseq, error)

    def _refusal(self, variant: Variant, transcript: Transcript) -> str | None:
        if variant.build != self._reference.build:
            return f"the variant is on {variant.build}, the reference is {self._reference.build}"
        if variant.contig != transcript.contig:
            return "the variant and the transcript lie on different contigs"
        start = variant.position - 1
        try:
            expected = self._reference.sequence(variant.contig, start, start + len(variant.ref)).upper()
        except InputError as error:
            return str(error)
        if expected != variant.ref.upper():
            return f"REF is {variant.ref}, the reference has {expected}"
        return None


class _Tools:
    """The parts of ``hgvs`` that name variants, set up on files of the reference."""

    def __init__(self, reference: Reference) -> None:
        from bioutils.sequences import TranslationTable
        from cdot.hgvs.dataproviders.json_data_provider import JSONDataProvider
        from hgvs.normalizer import Normalizer
        from hgvs.utils.reftranscriptdata import RefTranscriptData
        from hgvs.variantmapper import VariantMapper

        provider = JSONDataProvider([str(ensure_transcripts_json(reference))], seqfetcher=_Sequences(reference))
        self._mapper = VariantMapper(provider, replace_reference=True, prevalidation_level="NONE")
        settings = {
            "cross_boundaries": True,
            "alt_aln_method": "splign",
            "validate": False,
            "variantmapper": self._mapper,
        }
        self._shift = {
            strand: Normalizer(provider, shuffle_direction=direction, **settings)
            for strand, direction in ((1, 3), (-1, 5))
        }
        self._tables = {False: TranslationTable.standard, True: TranslationTable.vertebrate_mitochondrial}
        self._translated = lru_cache(maxsize=_CACHE_TRANSCRIPTS)(
            lambda name, protein, table: RefTranscriptData(provider, name, protein, translation_table=table)
        )

    def name(self, variant: Variant, transcript: Transcript, found: dict[str, str | None]) -> None:
        """Fill in ``genomic``, ``coding`` and ``protein``, as far as it goes before an error."""
        change = _genomic_change(variant)
        forward = self._shift[1].normalize(change)
        found["genomic"] = str(forward)
        along = forward if transcript.strand == 1 else self._shift[-1].normalize(change)
        if transcript.cds is None:
            found["coding"] = str(self._mapper.g_to_n(along, transcript.name, alt_aln_method="splign"))
            return
        coding = self._mapper.g_to_c(along, transcript.name, alt_aln_method="splign")
        found["coding"] = str(coding)
        found["protein"] = self._protein(coding, transcript)

    def _protein(self, coding: Any, transcript: Transcript) -> str:
        from hgvs.utils.altseq_to_hgvsp import AltSeqToHgvsp
        from hgvs.utils.altseqbuilder import AltSeqBuilder

        table = self._tables[transcript.is_mitochondrial]
        data = self._translated(transcript.name, transcript.protein or transcript.name, table)
        (altered,) = AltSeqBuilder(coding, data, translation_table=table).build_altseq()
        protein = AltSeqToHgvsp(data, altered).build_hgvsp()
        accession, _, change = str(protein).partition(":p.")
        return f"{accession}:p.{_recommended(change)}"


def _recommended(change: str) -> str:
    """A protein change as HGVS writes it where ``hgvs`` differs: start codon, no protein, stop kept."""
    if change == "Met1?":
        return "(Met1?)"
    if change.strip("()") == "0":
        return "0?"
    return re.sub(r"\(Ter(\d+)Ter\)", r"(Ter\1=)", change)


class _Sequences:
    """Contigs and spliced transcripts, as cdot's data provider asks for them."""

    source = "Varde reference"

    def __init__(self, reference: Reference) -> None:
        self._reference = reference
        self._transcripts = reference_transcripts(reference)
        self._spliced = lru_cache(maxsize=_CACHE_TRANSCRIPTS)(self._splice)

    def fetch_seq(self, accession: str, start: int | None = None, end: int | None = None) -> str:
        """Bases [start, end) of a contig or transcript; what lies beyond the end is left out, as hgvs expects."""
        code = contig_code(accession)
        if code == 0:
            return self._spliced(accession)[slice(start, end)]
        length = self._reference.contig(code).length
        last = length if end is None else min(end, length)
        first = min(max(start or 0, 0), last)
        return self._reference.sequence(code, first, last)

    def _splice(self, accession: str) -> str:
        from hgvs.exceptions import HGVSDataNotAvailableError

        transcript = self._transcripts.get(accession)
        if transcript is None:
            raise HGVSDataNotAvailableError(f"no sequence for {accession}")
        return transcript.spliced_sequence(self._reference)


def _genomic_change(variant: Variant) -> Any:
    """The variant as an hgvs object on its contig, with what REF and ALT share cut off."""
    from hgvs.edit import NARefAlt
    from hgvs.location import Interval, SimplePosition
    from hgvs.posedit import PosEdit
    from hgvs.sequencevariant import SequenceVariant

    start, ref, alt = _trimmed(variant.position, variant.ref.upper(), variant.alt.upper())
    first, last = (start, start + len(ref) - 1) if ref else (start - 1, start)
    place = Interval(start=SimplePosition(first), end=SimplePosition(last))
    accession = refseq_accession(variant.build, variant.contig)
    kind = "m" if variant.contig == MT else "g"
    return SequenceVariant(accession, kind, PosEdit(place, NARefAlt(ref=ref or None, alt=alt or None)))


def _trimmed(position: int, ref: str, alt: str) -> tuple[int, str, str]:
    while ref and alt and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while ref and alt and ref[0] == alt[0]:
        position, ref, alt = position + 1, ref[1:], alt[1:]
    return position, ref, alt
