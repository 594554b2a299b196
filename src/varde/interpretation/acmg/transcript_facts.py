"""Geometry of one variant in one transcript: what PVS1 and BP7 ask, computed from exons and reference bases.

The altered transcript is spliced and translated. A change of an exon's sequence keeps all splice sites; a hit canonical
splice site (the two intronic bases beside an exon) is taken to skip its exon; a deletion between introns removes the
exons inside. Where neither can be told the facts say so and PVS1 stays not evaluated.
"""

from __future__ import annotations

from dataclasses import dataclass

from varde.annotation.genetic_code import reverse_complement, translate
from varde.annotation.transcripts import SequenceSource, Span, Transcript
from varde.interpretation.acmg.evidence import Branch, TranscriptFacts

SPLICE_SITE_BASES = 2
"""Intronic bases beside an exon that make the canonical splice site (GT-AG)."""

SHIFT_WINDOW = 1000
"""Bases on either side within which equivalent places of an insertion or deletion are looked for."""

NEAR_DONOR_BASES, NEAR_ACCEPTOR_BASES = 3, 1
"""Exonic bases that BP7 leaves out: the last three and the first of an exon (Walker 2023)."""


@dataclass(frozen=True)
class _Change:
    """Reference bases [start0, end0) give way to ``inserted``; equal ends are a pure insertion before ``start0``."""

    start0: int
    end0: int
    inserted: str

    def overlaps(self, start0: int, end0: int) -> bool:
        """Touches a base of the range, or is inserted between two of its bases."""
        if self.start0 == self.end0:
            return start0 < self.start0 < end0
        return self.start0 < end0 and start0 < self.end0

    def contains(self, start0: int, end0: int) -> bool:
        return self.start0 <= start0 and end0 <= self.end0 and self.start0 < self.end0


def transcript_facts(
    transcript: Transcript, position: int, ref: str, alt: str, source: SequenceSource
) -> TranscriptFacts:
    """Facts of a sequence-resolved allele; ``position`` is 1-based as in VCF. Raises ValueError for other alleles."""
    if not ref or not alt or set(ref.upper() + alt.upper()) - set("ACGT"):
        raise ValueError(f"alleles {ref!r} and {alt!r}, expected bases A, C, G and T")
    change = _trimmed(position - 1, ref.upper(), alt.upper())
    places = _equivalents(change, transcript, source)
    gentlest = _gentlest(transcript, places)
    if gentlest is None:
        return _Place(transcript, places[0]).unknown("splice_effect")
    return _facts(transcript, gentlest, source)


def deletion_facts(transcript: Transcript, start0: int, end0: int, source: SequenceSource) -> TranscriptFacts:
    """Facts of a deletion of [start0, end0), for example of a called copy-number loss. Raises ValueError when empty."""
    if start0 >= end0:
        raise ValueError(f"deletion from {start0} to {end0} is empty")
    return _facts(transcript, _Change(start0, end0, ""), source)


def _trimmed(start0: int, ref: str, alt: str) -> _Change:
    while ref and alt and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while ref and alt and ref[0] == alt[0]:
        start0, ref, alt = start0 + 1, ref[1:], alt[1:]
    return _Change(start0, start0 + len(ref), alt)


def _equivalents(change: _Change, transcript: Transcript, source: SequenceSource) -> list[_Change]:
    """All places in the transcript where the same insertion or deletion gives the same sequence."""
    length = change.end0 - change.start0
    low = max(transcript.start0, change.start0 - SHIFT_WINDOW)
    high = min(transcript.end0, change.end0 + SHIFT_WINDOW)
    if bool(length) == bool(change.inserted) or not low <= change.start0 <= change.end0 <= high:
        return [change]
    bases = source.sequence(transcript.contig, low, high).upper()
    found, unit = [change], change.inserted or bases[change.start0 - low : change.end0 - low]
    start, rolled = change.start0, unit
    while start > low and bases[start - low - 1] == rolled[-1]:
        start, rolled = start - 1, rolled[-1] + rolled[:-1]
        found.append(_Change(start, start + length, rolled if change.inserted else ""))
    start, rolled = change.start0, unit
    while start + length < high and bases[start + length - low] == rolled[0]:
        start, rolled = start + 1, rolled[1:] + rolled[0]
        found.append(_Change(start, start + length, rolled if change.inserted else ""))
    return sorted(found, key=lambda one: one.start0 * transcript.strand)


def _gentlest(transcript: Transcript, places: list[_Change]) -> _Change | None:
    """Of equivalent places one that leaves every splice site alone, where there is one: so does the sequence itself.

    None when such places lie both inside and outside an exon, or when the change may sit on an exon's very edge: then
    it cannot be told which of the two becomes longer or shorter.
    """
    edge = [place for place in places if _on_splice_boundary(transcript, place)]
    gentle = [place for place in places if place not in edge and not _skipped_exons(transcript, place)]
    inside = {any(place.overlaps(*exon) for exon in transcript.exons) for place in gentle}
    if len(inside) > 1:
        return None
    if gentle:
        return gentle[0]
    return None if edge else places[0]


def _facts(transcript: Transcript, change: _Change, source: SequenceSource) -> TranscriptFacts:
    place = _Place(transcript, change)
    if transcript.cds is None:
        return place.facts(Branch.NOT_NULL)
    if change.contains(*transcript.cds):
        length = max(transcript.protein_length, 1)
        return place.facts(Branch.DELETION, full_gene=True, protein_length=length, removed_residues=length)
    removed = [n for n, span in enumerate(transcript.ordered_exons, 1) if change.contains(*span)]
    skipped = [] if removed else _skipped_exons(transcript, change)
    touched = any(change.overlaps(*exon) for exon in transcript.exons)
    untranslated = bool(skipped) and all(transcript.exon_coding_range(number) is None for number in skipped)
    if untranslated or not (removed or skipped or touched):
        return place.facts(Branch.NOT_NULL)
    reference = _Product.of_reference(transcript, source)
    if reference is None:
        return place.unknown("coding_sequence")
    if removed:
        return _without_exons(place, Branch.DELETION, removed, reference, intact=not _cuts_an_exon(transcript, change))
    if skipped:
        return _without_exons(place, Branch.SPLICE, skipped, reference, intact=len(skipped) == 1)
    return _within_exon(place, reference, source)


@dataclass(frozen=True)
class _Place:
    """A change and the facts of its place that every outcome carries."""

    transcript: Transcript
    change: _Change

    def facts(
        self,
        branch: Branch,
        *,
        full_gene: bool | None = None,
        protein_position: int | None = None,
        protein_length: int | None = None,
        removed_residues: int | None = None,
        frame_kept: bool | None = None,
        ptc_to_last_junction: int | None = None,
        next_met: int | None = None,
    ) -> TranscriptFacts:
        return TranscriptFacts(
            branch=branch,
            transcript=self.transcript.name,
            mane=self.transcript.mane,
            exon=self._exon(),
            exon_count=len(self.transcript.exons),
            full_gene=bool(full_gene) if branch is Branch.DELETION else None,
            protein_position=protein_position,
            protein_length=protein_length,
            removed_residues=removed_residues,
            frame_kept=frame_kept,
            ptc_to_last_junction=ptc_to_last_junction,
            next_met=next_met,
            near_splice_site=self._near_splice_site(),
            intron_offset=self._intron_offset(),
        )

    def unknown(self, problem: str) -> TranscriptFacts:
        return TranscriptFacts(
            branch=None,
            problem=problem,
            transcript=self.transcript.name,
            mane=self.transcript.mane,
            exon=self._exon(),
            exon_count=len(self.transcript.exons),
            near_splice_site=self._near_splice_site(),
            intron_offset=self._intron_offset(),
        )

    @property
    def _bases(self) -> tuple[int, int]:
        """First and last base that the change touches; the two neighbours of a pure insertion."""
        if self.change.start0 == self.change.end0:
            return self.change.start0 - 1, self.change.start0
        return self.change.start0, self.change.end0 - 1

    def _exon(self) -> int | None:
        first, last = self._bases if self.transcript.strand == 1 else self._bases[::-1]
        found = self.transcript.exon_number(first)
        return self.transcript.exon_number(last) if found is None else found

    def _near_splice_site(self) -> bool | None:
        """For a change inside an exon: whether it touches bases next to an intron."""
        first, last = self._bases
        exons = self.transcript.ordered_exons
        for number, (start, end) in enumerate(exons, 1):
            if not (start <= first and last < end):
                continue
            at_start, at_end = (first - start, end - 1 - last)
            if self.transcript.strand == -1:
                at_start, at_end = at_end, at_start
            near_acceptor = number > 1 and at_start < NEAR_ACCEPTOR_BASES
            near_donor = number < len(exons) and at_end < NEAR_DONOR_BASES
            return near_acceptor or near_donor
        return None

    def _intron_offset(self) -> int | None:
        """For a change inside an intron: distance of its nearest base to the nearer exon, + after it, - before it."""
        first, last = self._bases
        for (_, left_end), (right_start, _) in zip(self.transcript.exons, self.transcript.exons[1:], strict=False):
            if left_end <= first and last < right_start:
                after, before = first - left_end + 1, right_start - last
                if self.transcript.strand == -1:
                    after, before = before, after
                return after if after <= before else -before
        return None


def _introns(transcript: Transcript) -> list[tuple[Span, int, int]]:
    """Introns in ascending order with the numbers of the exon to the left and to the right."""
    spans = [(left[1], right[0]) for left, right in zip(transcript.exons, transcript.exons[1:], strict=False)]
    count = len(transcript.exons)
    if transcript.strand == 1:
        return [(span, i + 1, i + 2) for i, span in enumerate(spans)]
    return [(span, count - i, count - i - 1) for i, span in enumerate(spans)]


def _skipped_exons(transcript: Transcript, change: _Change) -> list[int]:
    """Exons whose canonical splice site the change touches."""
    found = set()
    for (start, end), left, right in _introns(transcript):
        if change.overlaps(start, min(start + SPLICE_SITE_BASES, end)):
            found.add(left)
        if change.overlaps(max(end - SPLICE_SITE_BASES, start), end):
            found.add(right)
    return sorted(found)


def _on_splice_boundary(transcript: Transcript, change: _Change) -> bool:
    """A pure insertion exactly between an exon and its intron: which of the two it lengthens cannot be told."""
    return change.start0 == change.end0 and any(change.start0 in span for span, _, _ in _introns(transcript))


def _cuts_an_exon(transcript: Transcript, change: _Change) -> bool:
    return any(change.overlaps(*exon) and not change.contains(*exon) for exon in transcript.exons)


@dataclass(frozen=True)
class _Product:
    """A spliced transcript by exon, with the start of its coding sequence, and its protein up to the first stop.

    ``stop`` is the offset of the first base of the stop codon, None when translation meets none.
    """

    exons: tuple[str, ...]
    coding_start: int
    protein: str
    stop: int | None

    @classmethod
    def of(cls, exons: tuple[str, ...], coding_start: int) -> _Product:
        whole = translate("".join(exons)[coding_start:])
        end = whole.find("*")
        protein = whole if end < 0 else whole[:end]
        return cls(exons, coding_start, protein, None if end < 0 else coding_start + 3 * end)

    @classmethod
    def of_reference(cls, transcript: Transcript, source: SequenceSource) -> _Product | None:
        """None where the coding sequence is not whole (no ATG, no stop at its very end) or mitochondrial."""
        if transcript.cds is None or transcript.phase or transcript.is_mitochondrial or transcript.coding_length % 3:
            return None
        exons = tuple(_bases(transcript, span, source) for span in transcript.ordered_exons)
        product = cls.of(exons, transcript.coding_start)
        whole = product.stop is not None and product.stop == product.coding_start + transcript.coding_length - 3
        return product if whole and product.protein.startswith("M") and "X" not in product.protein else None

    @property
    def stop_to_last_junction(self) -> int | None:
        """Bases from the stop to the first base of the last exon; None with one exon or without a stop."""
        if self.stop is None or len(self.exons) == 1:
            return None
        return sum(map(len, self.exons[:-1])) - self.stop


def _bases(transcript: Transcript, span: Span, source: SequenceSource) -> str:
    bases = source.sequence(transcript.contig, *span).upper()
    return bases if transcript.strand == 1 else reverse_complement(bases)


def _without_exons(
    place: _Place, branch: Branch, numbers: list[int], reference: _Product, *, intact: bool
) -> TranscriptFacts:
    """The transcript without some exons; ``intact`` False when what remains cannot be told."""
    transcript, length = place.transcript, len(reference.protein)
    ranges = [transcript.exon_coding_range(number) for number in numbers]
    coding = [span for span in ranges if span is not None]
    holds_an_end = any(start == 0 or end == transcript.coding_length for start, end in coding)
    if not intact or not coding or holds_an_end:
        return place.facts(branch, protein_length=length)
    kept = tuple(bases for number, bases in enumerate(reference.exons, 1) if number not in numbers)
    altered = _Product.of(kept, reference.coding_start)
    lost = sum(end - start for start, end in coding)
    expected_stop = None if reference.stop is None else reference.stop - lost
    position = coding[0][0] // 3 + 1
    if lost % 3 == 0 and altered.stop == expected_stop:
        return place.facts(
            branch, frame_kept=True, protein_position=position, protein_length=length, removed_residues=lost // 3
        )
    return _truncated(place, branch, reference, altered)


def _within_exon(place: _Place, reference: _Product, source: SequenceSource) -> TranscriptFacts:
    """A change of the sequence of one exon."""
    transcript, change, length = place.transcript, place.change, len(reference.protein)
    number, offset, altered_exon = _altered_exon(place, reference)
    before = sum(map(len, reference.exons[: number - 1]))
    start = before + offset
    end = start + change.end0 - change.start0
    coding_start, coding_end = reference.coding_start, reference.coding_start + transcript.coding_length
    if end <= coding_start or start >= coding_end - 3:
        return place.facts(Branch.NOT_NULL, protein_length=length)
    exons = (*reference.exons[: number - 1], altered_exon, *reference.exons[number:])
    if "".join(exons).endswith("".join(reference.exons)[coding_start:]):
        return place.facts(Branch.NOT_NULL, protein_length=length)
    altered = _Product.of(exons, coding_start)
    if start < coding_start or not altered.protein.startswith("M"):
        return place.facts(
            Branch.START, protein_position=1, protein_length=length, next_met=transcript.next_in_frame_met(source)
        )
    shift = len(change.inserted) - (change.end0 - change.start0)
    stop_is_early = altered.stop is not None and altered.stop < coding_end - 3 + shift
    if shift % 3 == 0 and not stop_is_early:
        return place.facts(Branch.NOT_NULL, protein_length=length)
    return _truncated(place, Branch.NONSENSE_FRAMESHIFT, reference, altered)


def _altered_exon(place: _Place, reference: _Product) -> tuple[int, int, str]:
    """Number of the exon, offset of the change in it in the direction of the transcript, and its new bases."""
    transcript, change = place.transcript, place.change
    number = next(n for n, span in enumerate(transcript.ordered_exons, 1) if change.overlaps(*span))
    start, end = transcript.ordered_exons[number - 1]
    low, high = max(change.start0, start), min(change.end0, end)
    inserted = change.inserted
    if transcript.strand == -1:
        low, high, inserted = end - high, end - low, reverse_complement(inserted)
    else:
        low, high = low - start, high - start
    bases = reference.exons[number - 1]
    return number, low, bases[:low] + inserted + bases[high:]


def _truncated(place: _Place, branch: Branch, reference: _Product, altered: _Product) -> TranscriptFacts:
    """Residues before the first difference are kept, all from there are lost."""
    length = len(reference.protein)
    pairs = zip(reference.protein, altered.protein, strict=False)
    kept = next((i for i, (was, now) in enumerate(pairs) if was != now), min(length, len(altered.protein)))
    return place.facts(
        branch,
        frame_kept=False,
        protein_position=kept + 1,
        protein_length=length,
        removed_residues=length - kept,
        ptc_to_last_junction=altered.stop_to_last_junction,
    )
