"""HGVS names read slowly and independently of the ``hgvs`` package: a name is applied to the sequence it speaks of."""

from __future__ import annotations

import re

from varde.annotation.genes import Transcript
from varde.annotation.genetic_code import reverse_complement, translate
from varde.genome.references import Reference

_NAMES = "AlaArgAsnAspCysGlnGluGlyHisIleLeuLysMetPheProSerThrTrpTyrValTer"
THREE = {letter: _NAMES[3 * i : 3 * i + 3] for i, letter in enumerate("ARNDCQEGHILKMFPSTWYV*")}
ONE = {three: one for one, three in THREE.items()}

_PLACE = r"[-*]?\d+(?:[+-]\d+)?"
_EDIT = re.compile(rf"({_PLACE})(?:_({_PLACE}))?(?:([ACGT])>([ACGT])|(delins|ins|del|dup|inv)([ACGT]*))")


def transcript_places(transcript: Transcript) -> list[int]:
    """Contig places of the exon bases, 5' to 3'."""
    places = [place for start, end in transcript.exons for place in range(start, end)]
    return places if transcript.strand == 1 else places[::-1]


def coding_name_of(transcript: Transcript, place: int) -> str:
    """``c.`` place of a contig place: 12, -3, *4, 40+1, 41-2 (the nearer exon; the upstream one of equals)."""
    places = transcript_places(transcript)
    first = transcript.coding_start

    def number(index: int) -> str:
        relative = index - first
        if relative < 0:
            return str(relative)
        return (
            str(relative + 1) if relative < transcript.coding_length else f"*{relative - transcript.coding_length + 1}"
        )

    if place in places:
        return number(places.index(place))
    distances = [(place - base) * transcript.strand for base in places]
    after = max(i for i, distance in enumerate(distances) if distance > 0)
    before = after + 1
    if distances[after] <= -distances[before]:
        return f"{number(after)}+{distances[after]}"
    return f"{number(before)}-{-distances[before]}"


def contig_place_of(transcript: Transcript, text: str) -> int:
    """The contig place of a ``c.`` place."""
    base, offset = re.fullmatch(r"([-*]?\d+)([+-]\d+)?", text).groups()
    first = transcript.coding_start
    if base.startswith("*"):
        index = first + transcript.coding_length + int(base[1:]) - 1
    else:
        index = first + int(base) - (int(base) > 0)
    return transcript_places(transcript)[index] + int(offset or 0) * transcript.strand


def applied(name: str, transcript: Transcript | None, reference: Reference, window: tuple[int, int]) -> str:
    """The contig's window after the change that the name tells; a ``g.`` name with ``transcript`` None."""
    accession, _, change = name.partition(":")
    kind, text = change[0], change[2:]
    assert accession
    found = _EDIT.fullmatch(text)
    assert found is not None, name
    first_text, last_text, ref, alt, edit, bases = found.groups()
    if kind == "c":
        assert transcript is not None
        ends = [contig_place_of(transcript, place) for place in (first_text, last_text or first_text)]
    else:
        ends = [int(place) - 1 for place in (first_text, last_text or first_text)]
    start, end = min(ends), max(ends) + 1
    turn = reverse_complement if kind == "c" and transcript.strand == -1 else str
    low, high = window
    contig = reference.sequence(20, low, high)
    now = contig[start - low : end - low]
    if ref:
        assert now == turn(ref), name
        new = turn(alt)
    elif edit == "ins":
        assert end - start == 2, name
        new = now[0] + turn(bases) + now[1]
    else:
        new = {"del": "", "delins": turn(bases), "dup": now + now, "inv": reverse_complement(now)}[edit]
    return contig[: start - low] + new + contig[end - low :]


def slow_frameshift(before: str, after: str) -> str:
    """``p.`` of a change of frame; both with all residues to the end of the reading, ``*`` for stops."""
    first = next(i for i, (old, new) in enumerate(zip(before, after, strict=False)) if old != new)
    old, new = THREE[before[first]], after[first]
    if new == "*":
        return f"p.({old}{first + 1}Ter)"
    stop = after.find("*", first)
    return f"p.({old}{first + 1}{THREE[new]}fsTer{stop - first + 1 if stop >= 0 else '?'})"


_PROTEIN = re.compile(
    r"p\.\(([A-Z][a-z]{2})(\d+)(?:_([A-Z][a-z]{2})(\d+))?(delins|del|dup|ins|=)?((?:[A-Z][a-z]{2})*)\)"
)


def applied_protein(name: str, before: str) -> str:
    """The protein after the change that a ``p.`` name without change of frame tells, up to its stop."""
    found = _PROTEIN.fullmatch(name)
    assert found is not None, name
    old, start_text, last, end_text, edit, new_text = found.groups()
    start, end = int(start_text) - 1, int(end_text or start_text)
    new = "".join(ONE[new_text[i : i + 3]] for i in range(0, len(new_text), 3))
    assert before[start] == ONE[old], name
    assert last is None or before[end - 1] == ONE[last], name
    now = before[start:end]
    replaced = {"del": "", "dup": now + now, "ins": now[:1] + new + now[1:], "=": now}.get(edit or "", new)
    return (before[:start] + replaced + before[end:]).split("*")[0] + "*"


def reading(transcript: Transcript, reference: Reference, start: int, end: int, alt: str) -> tuple[str, str]:
    """The protein before and after a change of contig bases [start, end), read to the transcript's end."""
    places = transcript_places(transcript)
    contig = reference.sequence(transcript.contig, transcript.start0, transcript.end0)
    left = "".join(contig[p - transcript.start0] for p in sorted(places) if p < start)
    kept = "".join(contig[p - transcript.start0] for p in sorted(places) if p >= end)
    whole = "".join(contig[p - transcript.start0] for p in sorted(places))
    changed = left + alt + kept
    if transcript.strand == -1:
        whole, changed = reverse_complement(whole), reverse_complement(changed)
    first = transcript.coding_start
    before = translate(whole[first:]).split("*")[0] + "*"
    return before, translate(changed[first:])
