"""Variants read back from their HGVS names: g. and m. on contigs, c. and n. on transcripts, p. on proteins.

The parser is that of ``hgvs``; places are worked out on the reference's own transcripts. A name that is uncertain, or
that says something else than the sequence, is refused with the reason; nothing is guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

from varde.annotation.genetic_code import reverse_complement, translate
from varde.annotation.transcripts import Span, Transcript
from varde.genome.alleles import Variant
from varde.genome.builds import MT, Build, build_of_accession, contig_code, contig_length
from varde.genome.errors import InputError
from varde.genome.references import Reference

LONGEST_NAME = 2_000
"""Characters; the parser is not asked about more."""
LONGEST_SPAN = 10_000
"""Bases that a name may leave to the reference; what is longer is a structural variant."""

_SHAPE = re.compile(
    r"(?P<where>[^\s:()]+)(?:\((?P<gene>[^\s()]+)\))?\s*[:\s]\s*(?P<kind>[gmcnpGMCNP])\.\s*(?P<change>.+?)"
    r"(?:[\s,;]+\(?[pP]\.(?P<protein>\S+))?"
)
_BARE_PROTEIN = re.compile(
    r"(?P<where>[^\s:()]+)\s*[:\s]\s*(?P<change>\(?(?:[A-Za-z]{3}|[A-Za-z*])[0-9]{1,5}(?:[A-Za-z]{3}|[A-Za-z*=])\)?)"
)
_DNA_WORD = re.compile(r"del|ins|dup|inv|[acgtn]+")
_PROTEIN = re.compile(
    r"\(?(?P<old>[A-Z][a-z]{2}|[A-Z*])(?P<number>\d{1,5})(?P<new>[A-Z][a-z]{2}|[A-Z*=?]|[a-z_].*)?\)?"
)
_RESIDUES = "AlaArgAsnAspCysGlnGluGlyHisIleLeuLysMetPheProSerThrTrpTyrValTer"
_LETTERS = {_RESIDUES[3 * place : 3 * place + 3]: letter for place, letter in enumerate("ARNDCQEGHILKMFPSTWYV*")}
_RESIDUES_ANY_CASE = re.compile(
    rf"(\(?)({'|'.join(_LETTERS)}|[A-Z*])([0-9]{{1,5}})(?:(?!fs|del|ins|dup|ext)({'|'.join(_LETTERS)}|[A-Z*]))?(.*)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Name:
    """A name taken apart: ``where`` (contig, transcript, protein or gene), ``kind`` (g, m, c, n, p) and the rest."""

    where: str
    kind: str
    change: str
    protein: str = ""

    @classmethod
    def parse(cls, text: str) -> Name | None:
        """The parts of ``NM_1.2(GENE):c.3A>T``, ``GENE c.3A>T p.(Ser1Cys)``, ``chr1:g.3A>T``, ``GENE S1C``, in any
        case; None for a text of another shape."""
        if len(text) > LONGEST_NAME:
            return None
        if found := _SHAPE.fullmatch(text.strip()):
            where, kind, change = found["where"], found["kind"].lower(), found["change"].strip()
            if kind == "p":
                return cls(where, kind, _residues_as_written(change))
            protein = _residues_as_written((found["protein"] or "").strip("()"))
            return cls(where, kind, _bases_as_written(change), protein)
        found = _BARE_PROTEIN.fullmatch(text.strip())
        return cls(found["where"], "p", _residues_as_written(found["change"])) if found else None


def _bases_as_written(change: str) -> str:
    """Bases in upper case, the words between them in lower case."""
    words = ("del", "ins", "dup", "inv")
    return _DNA_WORD.sub(lambda found: found[0] if found[0] in words else found[0].upper(), change.lower())


def _residues_as_written(change: str) -> str:
    """Residues as the protein code writes them: ``ser5ala`` is ``Ser5Ala``, ``s5a`` is ``S5A``."""
    found = _RESIDUES_ANY_CASE.fullmatch(change)
    if not found:
        return change
    before, old, number, new, rest = found.groups()
    return f"{before}{old.capitalize()}{number}{(new or '').capitalize()}{rest}"


def genomic_variant(name: Name, build: Build, reference: Reference | None) -> Variant:
    """The variant of a g. or m. name. ``reference`` may be None for substitutions only.

    Raises InputError: ``bad_contig``, ``wrong_build``, ``bad_hgvs``, ``hgvs_uncertain``, ``ref_mismatch``,
    ``no_reference`` and as ``Variant``.
    """
    code = contig_code(name.where)
    if not code:
        raise InputError("bad_contig", f"{name.where[:40]!r} is not a contig.", "Write for example NC_000020.11:g.…")
    if build_of_accession(name.where) not in (None, build):
        raise InputError("wrong_build", f"{name.where} does not belong to {build}.", f"Name the variant in {build}.")
    change = _parsed(f"NC_000001.11:{'m' if code == MT else 'g'}.{name.change}")
    first, last = change.pos.start.base, change.pos.end.base
    if not first or not last or not 1 <= first <= last <= contig_length(build, code):
        raise _bad("The positions are not on the contig, or not in order.")
    return _Place(build, code, (first - 1, last), 1, reference).variant(change.edit)


def transcript_variant(name: Name, transcript: Transcript, build: Build, reference: Reference) -> Variant:
    """The variant of a c. or n. name on its transcript.

    Raises InputError: ``bad_hgvs``, ``hgvs_uncertain``, ``outside_transcript``, ``ref_mismatch`` and as ``Variant``.
    """
    if (name.kind == "c") != (transcript.cds is not None):
        raise _bad(f"{transcript.name} is named by {'n.' if transcript.cds is None else 'c.'}")
    change = _parsed(f"NM_000001.1:{name.kind}.{name.change}")
    start, end = (_on_contig(place, transcript) for place in (change.pos.start, change.pos.end))
    span = (start, end + 1) if transcript.strand == 1 else (end, start + 1)
    if span[0] >= span[1]:
        raise _bad("The positions are not in order.")
    return _Place(build, transcript.contig, span, transcript.strand, reference).variant(change.edit)


def protein_variants(name: Name, transcript: Transcript, build: Build, reference: Reference) -> tuple[Variant, ...]:
    """Every change of one codon that spells a p. name, fewest changed bases first.

    A codon that an intron parts is changed within one exon only. Raises InputError: ``bad_hgvs``, ``not_one_codon``
    (a frameshift, deletion, insertion or extension: many changes of DNA give it), ``ref_mismatch``.
    """
    old, number, new = _protein_parts(name)
    places = codon_places(transcript, number)
    bases = "".join(_base(reference, transcript, place) for place in places)
    mitochondrial = transcript.is_mitochondrial
    residue = translate(bases, mitochondrial=mitochondrial)
    if residue != old:
        raise InputError(
            "ref_mismatch",
            f"Residue {number} of {transcript.protein or transcript.name} is {residue}, not {old}.",
            "Check the number and the transcript.",
        )
    wanted = old if new == "=" else new
    spelled = (
        codon for codon in _codons() if codon != bases and translate(codon, mitochondrial=mitochondrial) == wanted
    )
    found = (_codon_change(transcript, places, bases, codon, build) for codon in spelled)
    return tuple(sorted((one for one in found if one), key=lambda one: (len(one.ref), one)))


def codon_places(transcript: Transcript, number: int) -> tuple[int, int, int]:
    """0-based places on the contig of a codon's bases, 5' to 3'. Raises InputError ``outside_transcript``."""
    first = transcript.phase + 3 * (number - 1)
    if transcript.cds is None or number < 1 or first + 3 > transcript.coding_length:
        raise InputError(
            "outside_transcript",
            f"{transcript.name} has no residue {number}.",
            "Check the number and the transcript.",
        )
    one, two, three = (transcript.genomic_position(first + place) for place in range(3))
    return one, two, three


def residue_number(name: Name) -> int:
    """The residue that a p. name begins at. Raises InputError ``bad_hgvs``."""
    return int(_protein_match(name)["number"])


def is_one_residue(name: Name) -> bool:
    """Whether a p. name replaces one residue by one other, or by none."""
    found = _PROTEIN.fullmatch(name.change)
    return bool(found and _letter(found["old"]) and (found["new"] == "=" or _letter(found["new"] or "")))


def _protein_match(name: Name) -> re.Match[str]:
    found = _PROTEIN.fullmatch(name.change)
    if not found or _letter(found["old"]) is None:
        raise _bad("A protein change is written p.Gly12Val or p.(Gly12Val).")
    return found


def _protein_parts(name: Name) -> tuple[str, int, str]:
    found = _protein_match(name)
    old, new = _letter(found["old"]), "=" if found["new"] == "=" else _letter(found["new"] or "")
    if old is None or new is None:
        raise InputError(
            "not_one_codon",
            "Many changes of the DNA give this change of the protein.",
            "Name the variant on the contig (g.) or the transcript (c.), or look at the codon's place.",
        )
    return old, int(found["number"]), new


def _letter(residue: str) -> str | None:
    return _LETTERS.get(residue) or (residue if len(residue) == 1 and residue in _LETTERS.values() else None)


@cache
def _codons() -> tuple[str, ...]:
    return tuple("".join(bases) for bases in product("ACGT", repeat=3))


def _base(reference: Reference, transcript: Transcript, place: int) -> str:
    base = reference.sequence(transcript.contig, place, place + 1)
    return base if transcript.strand == 1 else reverse_complement(base)


def _codon_change(
    transcript: Transcript, places: tuple[int, int, int], old: str, new: str, build: Build
) -> Variant | None:
    changed = [i for i in range(3) if old[i] != new[i]]
    first, last = changed[0], changed[-1]
    if abs(places[last] - places[first]) != last - first:
        return None
    ref, alt = old[first : last + 1], new[first : last + 1]
    if transcript.strand == -1:
        ref, alt = reverse_complement(ref), reverse_complement(alt)
    return Variant(build, transcript.contig, min(places[first], places[last]) + 1, ref, alt)


def _parsed(text: str) -> Any:
    """The ``hgvs`` position and edit of a name. Raises InputError ``bad_hgvs`` or ``hgvs_uncertain``."""
    from hgvs.exceptions import HGVSError

    try:
        change = _parser().parse_hgvs_variant(text).posedit
    except (HGVSError, ValueError, OverflowError, RecursionError):
        raise _bad("The change is not written as HGVS writes it.") from None
    if change is None or getattr(change, "pos", None) is None:
        raise _bad("The name gives no position.")
    position = change.pos
    ends = (position.start, position.end)
    if change.uncertain or position.uncertain or any(getattr(end, "uncertain", False) for end in ends):
        raise InputError(
            "hgvs_uncertain",
            "The name gives an uncertain place or change.",
            "Give certain positions, or look at the region.",
        )
    return change


@cache
def _parser() -> Any:
    from hgvs.parser import Parser

    return Parser()


def _on_contig(place: Any, transcript: Transcript) -> int:
    """0-based place on the contig of a c. or n. position. Raises InputError ``outside_transcript``, ``bad_hgvs``."""
    from hgvs.enums import Datum

    if place.base is None or place.base == 0:
        raise _bad("There is no position 0, and no unknown one can be looked up.")
    if place.datum == Datum.CDS_END:
        spliced = transcript.coding_start + transcript.coding_length + place.base - 1
    elif place.datum == Datum.CDS_START:
        spliced = transcript.coding_start + place.base - (1 if place.base > 0 else 0)
    else:
        spliced = place.base - 1
    exon, offset0 = _exon_of(transcript, spliced)
    start, end = transcript.ordered_exons[exon]
    at = start + offset0 if transcript.strand == 1 else end - 1 - offset0
    if place.offset:
        _check_intron(transcript, exon, offset0, place.offset)
    return int(at + transcript.strand * place.offset)


def _exon_of(transcript: Transcript, spliced: int) -> tuple[int, int]:
    """The place of the exon in the transcript's order, and the bases into it. Raises InputError."""
    left = spliced
    for number, (start, end) in enumerate(transcript.ordered_exons):
        if 0 <= left < end - start:
            return number, left
        left -= end - start
    raise InputError(
        "outside_transcript", f"The position lies outside {transcript.name}.", "Name the variant on the contig (g.)."
    )


def _check_intron(transcript: Transcript, exon: int, offset0: int, offset: int) -> None:
    """Refuse an intron position that is not counted from the nearest exon's edge, or lies beyond the intron."""
    start, end = transcript.ordered_exons[exon]
    edge, neighbour = (end - start - 1, exon + 1) if offset > 0 else (0, exon - 1)
    if offset0 != edge:
        raise _bad("A position in an intron is counted from the exon's last or first base.")
    if not 0 <= neighbour < len(transcript.exons):
        raise InputError(
            "outside_transcript", f"There is no intron there in {transcript.name}.", "Name it on the contig (g.)."
        )
    low, high = sorted((transcript.ordered_exons[exon], transcript.ordered_exons[neighbour]))
    if abs(offset) > high[0] - low[1]:
        raise InputError(
            "outside_transcript", "The position lies beyond the intron.", "Count it from the other exon, or name it g."
        )


@dataclass(frozen=True)
class _Place:
    """A span of the contig named along a strand."""

    build: Build
    contig: int
    span: Span
    strand: int
    reference: Reference | None

    def variant(self, edit: Any) -> Variant:
        """The edit as VCF writes it, with a base before what would be empty."""
        start, end = self.span
        if edit.type == "ins":
            if end - start != 2:
                raise _bad("An insertion stands between two neighbouring bases.")
            return self._anchored(start + 1, "", self._along(edit.alt))
        if edit.type == "sub":
            if end - start != 1 or not edit.ref:
                raise _bad("A substitution replaces one base.")
            self._check(edit.ref)
            return Variant(self.build, self.contig, start + 1, self._along(edit.ref), self._along(edit.alt))
        if edit.type not in ("del", "delins", "dup", "inv"):
            raise _bad("The name tells of no change that can be looked up.")
        ref = self._bases()
        if edit.type != "inv" and edit.ref and not str(edit.ref).isdigit():
            self._check(edit.ref)
        if edit.type == "dup":
            return self._anchored(start, "", ref)
        alt = reverse_complement(ref) if edit.type == "inv" else self._along(edit.alt or "")
        return self._anchored(start, ref, alt)

    def _along(self, bases: str) -> str:
        upper = bases.upper()
        return upper if self.strand == 1 else reverse_complement(upper)

    def _bases(self) -> str:
        if self.span[1] - self.span[0] > LONGEST_SPAN:
            raise InputError(
                "too_long", f"The change spans more than {LONGEST_SPAN:,} bases.", "Look at the region instead."
            )
        return self._held().sequence(self.contig, *self.span)

    def _held(self) -> Reference:
        if self.reference is None:
            raise InputError(
                "no_reference",
                "The name leaves out bases that only the reference has, and the node has none.",
                "Write the variant as contig-position-REF-ALT.",
            )
        return self.reference

    def _check(self, stated: str) -> None:
        if self.reference is None:
            return
        found = self._bases()
        if found != self._along(stated):
            shown = found if self.strand == 1 else reverse_complement(found)
            raise InputError(
                "ref_mismatch",
                f"The name says {stated[:40]}, the reference has {shown[:40]}.",
                "Check the position, the transcript and the build.",
            )

    def _anchored(self, start0: int, ref: str, alt: str) -> Variant:
        if ref and alt:
            return Variant(self.build, self.contig, start0 + 1, ref, alt)
        return anchored(self.build, self._held(), self.contig, start0, ref, alt)


def anchored(build: Build, reference: Reference, contig: int, start0: int, ref: str, alt: str) -> Variant:
    """A change as VCF writes it: with a base before what would be empty, or after it at the contig's first base.

    Raises InputError as ``Reference.sequence`` and ``Variant``.
    """
    if ref and alt:
        return Variant(build, contig, start0 + 1, ref, alt)
    if start0 == 0:
        after = reference.sequence(contig, len(ref), len(ref) + 1)
        return Variant(build, contig, 1, ref + after, alt + after)
    before = reference.sequence(contig, start0 - 1, start0)
    return Variant(build, contig, start0, before + ref, before + alt)


def _bad(problem: str) -> InputError:
    return InputError("bad_hgvs", problem, "Write it for example NC_000020.11:g.1234A>T or ENST00000382410.3:c.8del.")
