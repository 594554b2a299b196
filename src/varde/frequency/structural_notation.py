"""Structural events as people write them, read and refused before anything is looked up.

::

    X:31000000-31200000:DEL            the bases affected, 1-based inclusive; also DUP, INV, CNV
    7:1000:INS:300                     an insertion behind base 1000; without length where none is known
    2:1000-5:2000:BND                  a breakend and its mate, either one first
    chr7 999 . N <DEL> . PASS SVTYPE=DEL;END=2000        a record of a VCF (the base before it counts as none of it)
    referenceName=7&start=999&end=2000&variantType=DEL   a range as Beacon asks, 0-based, the end exclusive

The kind may stand first (``DEL 7:1000-2000``), and hyphens may part everything (``7-1000-2000-DEL``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from varde.frequency.structural import (
    Unusable,
    UnusableError,
    as_counted_kind,
    counted_region,
    info_of,
    is_structural,
    place_of,
)
from varde.frequency.structural_clusters import StructuralCall
from varde.genome.builds import CONTIGS, Build, build_of_accession, contig_code, contig_length
from varde.genome.errors import InputError

KINDS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("DEL", "DELETION", "LOSS", "SO:0000159", "SO:0001743", "EFO:0030067", "EFO:0030068"), "DEL"),
    **dict.fromkeys(("DUP", "DUPLICATION", "GAIN", "SO:1000035", "SO:0001742", "EFO:0030070", "EFO:0030071"), "DUP"),
    **dict.fromkeys(("INS", "INSERTION", "SO:0000667"), "INS"),
    **dict.fromkeys(("INV", "INVERSION", "SO:1000036"), "INV"),
    **dict.fromkeys(("BND", "BREAKEND", "TRA", "TRANSLOCATION", "SO:0000199"), "BND"),
    **dict.fromkeys(("CNV", "SO:0001019", "EFO:0030063"), "CNV"),
}
"""Words, and terms of the Sequence and the Experimental Factor Ontology, by the kind that they mean."""
INTERVALS: Final = ("DEL", "DUP", "INV", "CNV")
LONGEST_INSERTION = 300_000_000
EXAMPLES: Final = "X:31000000-31200000:DEL, 7:1000:INS:300 or 2:1000-5:2000:BND"

_NUMBER, _CONTIG = r"[0-9][0-9,]{0,14}", r"[A-Za-z0-9_.]+"
_WORD = r"<?[A-Za-z]{2,}(?::[A-Za-z][A-Za-z0-9_:]*)?>?"
_INTERVAL = re.compile(rf"({_CONTIG})[:-]({_NUMBER})-({_NUMBER})[:-]({_WORD})")
_POINT = re.compile(rf"({_CONTIG})[:-]({_NUMBER})[:-]({_WORD})(?:[:-]({_NUMBER}))?")
_PAIR = re.compile(rf"({_CONTIG}):({_NUMBER})-({_CONTIG}):({_NUMBER}):({_WORD})")
_KIND_FIRST = re.compile(rf"({_WORD})[\s:]+(\S*[:-][0-9]\S*)")
_BRACKETED = re.compile(rf"({_CONTIG})[\s:-]+({_NUMBER})[\s:-]+([A-Za-z]+)[\s:-]+(\S*[\[\]]\S*)")
_RANGE = re.compile(r"\??(?:[A-Za-z]+=[^&=\s]*&)+[A-Za-z]+=[^&=\s]*")
_WHY: Final[Mapping[str, str]] = {
    Unusable.OTHER_SEQUENCE: "the contig, or the mate's, is no chromosome of the build",
    Unusable.BAD_POSITION: "the position is no number or lies outside the chromosome",
    Unusable.NO_END: "neither END nor SVLEN is given",
    Unusable.BAD_END: "END is before POS, beyond the chromosome, or no number",
    Unusable.LENGTH_CONTRADICTS_END: "SVLEN contradicts END",
    Unusable.UNKNOWN_SYMBOL: "the symbol in ALT is none of <DEL>, <DUP>, <INS>, <INV>, <CNV> and <CN0> to <CN9>",
    Unusable.USUAL_COPIES: "<CN1> is one copy on a chromosome, as everybody has",
    Unusable.BAD_BREAKEND: "the breakend in ALT cannot be read",
    Unusable.SINGLE_BREAKEND: "a single breakend has no mate to compare",
}


def kind_of_word(word: str) -> str | None:
    """The kind that a word or a term means; ``<DUP:TANDEM>`` is DUP. None for another."""
    bare = word.strip("<>").upper()
    return KINDS.get(bare) or KINDS.get(bare.partition(":")[0])


def looks_structural(text: str) -> bool:
    """Whether a text has the shape of an event, rightly written or not; no other notation of a variant has it.

    A long allele that is spelled out has not: it is counted by its letters as well.
    """
    text = text.strip()
    if _RANGE.fullmatch(text):
        return True
    if (fields := _record_of(text)) is not None:
        return is_structural("", fields[4].partition(",")[0]) and not fields[4].isalpha()
    spaced = _tight(text)
    if _INTERVAL.fullmatch(spaced) or _PAIR.fullmatch(spaced) or _BRACKETED.fullmatch(text):
        return True
    point = _POINT.fullmatch(spaced)
    return bool(point and (kind_of_word(point[3]) or point[3].startswith("<")))


def parse_event(build: Build, text: str) -> StructuralCall:
    """The event that a text names. Raises InputError (field ``event``): ``bad_event``, ``unknown_kind``,
    ``bad_contig``, ``bad_interval``, ``wrong_build``, ``mitochondrial``, ``y_pseudoautosomal``."""
    text = text.strip()
    if _RANGE.fullmatch(text):
        return _counted(build, _of_range(build, text))
    fields = _record_of(text)
    if fields is not None:
        return _counted(build, _of_record(build, fields))
    if found := _BRACKETED.fullmatch(text):
        return _counted(build, _of_record(build, [found[1], found[2].replace(",", ""), ".", found[3], found[4]]))
    spaced = _tight(text)
    if found := _PAIR.fullmatch(spaced):
        return _counted(build, _of_pair(build, *found.groups()))
    if found := _INTERVAL.fullmatch(spaced):
        return _counted(build, event_of(build, found[1], _kind(found[4]), _whole(found[2]), _whole(found[3])))
    if found := _POINT.fullmatch(spaced):
        kind, length = _kind(found[3]), _whole(found[4]) if found[4] else 0
        if kind != "INS":
            needed = "the mate, as in 2:1000-5:2000:BND" if kind == "BND" else "an end, as in 7:1000-2000:DEL"
            raise _refused("bad_event", f"{text[:80]!r} lacks {needed}.", "Add it.")
        return _counted(build, event_of(build, found[1], kind, _whole(found[2]), _whole(found[2]), length))
    raise _refused("bad_event", f"{text[:80]!r} names no structural event.", f"Write {EXAMPLES}.")


def event_of(build: Build, contig: str, kind: str, start: int, end: int, length: int = 0) -> StructuralCall:
    """An interval of bases, or an insertion (``start`` and ``end`` the same). Raises InputError as ``parse_event``."""
    code = _contig(build, contig)
    _check_inside(build, code, start)
    _check_inside(build, code, end)
    if end < start:
        raise _refused("bad_interval", f"The end {end:,} lies before the start {start:,}.", "Give the lower one first.")
    if kind == "BND":
        raise _refused("bad_event", "A breakend lacks its mate.", "Write it as in 2:1000-5:2000:BND.")
    if kind == "INS":
        if start != end or length > LONGEST_INSERTION:
            raise _refused("bad_interval", "An insertion is at one base and has a length.", "Write 7:1000:INS:300.")
        return StructuralCall(kind, code, start, start, length=length)
    return StructuralCall(kind, code, start, end, length=end - start + 1)


def breakend_of(build: Build, contig: str, position: int, mate: str, mate_position: int) -> StructuralCall:
    """A pair of breakends, given either one first. Raises InputError as ``parse_event``."""
    ends = sorted([(_contig(build, contig), position), (_contig(build, mate), mate_position)])
    for code, place in ends:
        _check_inside(build, code, place)
        _counted(build, StructuralCall("BND", code, place, place))
    (code, place), (mate_code, mate_place) = ends
    return StructuralCall("BND", code, place, place, mate_code, mate_place)


def _tight(text: str) -> str:
    """Blanks as colons, the kind behind, and a long dash as a hyphen."""
    if (found := _KIND_FIRST.fullmatch(text)) and kind_of_word(found[1]):
        text = f"{found[2]}:{found[1]}"
    return re.sub(r"\s*[–−]\s*|\s+-\s+", "-", re.sub(r"\s+", ":", text) if " " in text or "\t" in text else text)


def _record_of(text: str) -> list[str] | None:
    """The fields of a VCF record up to INFO, where a text is one."""
    fields = text.split("\t") if "\t" in text else text.split()
    if len(fields) < 5 or not fields[1].isdigit():
        return None
    return fields


def _of_record(build: Build, fields: list[str]) -> StructuralCall:
    info = info_of(fields[7]) if len(fields) > 7 else {}
    if "," in fields[4]:
        raise _refused("bad_event", "The record has several alternate alleles.", "Give one of them.")
    try:
        return as_counted_kind(place_of(build, fields, info, fields[4], 1), fields[4])
    except UnusableError as unusable:
        why = _WHY.get(unusable.reason, str(unusable))
        code = {Unusable.OTHER_SEQUENCE: "bad_contig", Unusable.UNKNOWN_SYMBOL: "unknown_kind"}.get(unusable.reason)
        interval = unusable.reason in (Unusable.BAD_POSITION, Unusable.BAD_END, Unusable.LENGTH_CONTRADICTS_END)
        told = code or ("bad_interval" if interval else "bad_event")
        raise _refused(told, f"The record names no event: {why}.", "Correct it.") from None


def _of_range(build: Build, text: str) -> StructuralCall:
    given = dict(one.partition("=")[::2] for one in text.removeprefix("?").split("&"))
    wanted = ("referenceName", "start", "end", "variantType")
    if missing := [name for name in wanted if not given.get(name)]:
        raise _refused("bad_event", f"The range lacks {', '.join(missing)}.", "Add what is missing.")
    for name in ("start", "end"):
        if not re.fullmatch(_NUMBER, given[name]):
            raise _refused("bad_interval", f"{name} is no number: {given[name][:40]!r}.", "Give one number.")
    contig = given["referenceName"].rpartition(":")[2]
    start, end, kind = _whole(given["start"]), _whole(given["end"]), _kind(given["variantType"])
    if kind == "INS":
        return event_of(build, contig, kind, start, start, _whole(given.get("variantMinLength", "0")))
    return event_of(build, contig, kind, start + 1, end)


def _of_pair(build: Build, contig: str, position: str, mate: str, mate_position: str, word: str) -> StructuralCall:
    if (kind := _kind(word)) != "BND":
        raise _refused("bad_event", f"Two places are a breakend, not {kind}.", "Write BND, or an interval.")
    return breakend_of(build, contig, _whole(position), mate, _whole(mate_position))


def _kind(word: str) -> str:
    kind = kind_of_word(word)
    if kind is None:
        raise _refused("unknown_kind", f"{word[:40]!r} is no kind of event.", "Write DEL, DUP, INS, INV, BND or CNV.")
    return kind


def _contig(build: Build, name: str) -> int:
    code = contig_code(name)
    if not code:
        raise _refused("bad_contig", f"{name[:40]!r} is no chromosome.", "Write 1 to 22, X or Y.")
    if build_of_accession(name) not in (None, build):
        raise _refused("wrong_build", f"{name} does not belong to {build}.", f"Give the places in {build}.")
    return code


def _check_inside(build: Build, contig: int, position: int) -> None:
    length = contig_length(build, contig)
    if not 1 <= position <= length:
        where = f"{CONTIGS[contig - 1]}, which has {length:,} bases in {build}"
        raise _refused("bad_interval", f"Position {position:,} lies outside {where}.", "Check position and build.")


def _counted(build: Build, call: StructuralCall) -> StructuralCall:
    """The call, where structural variants are counted at all."""
    try:
        counted_region(build, call)
    except UnusableError as unusable:
        if unusable.reason is Unusable.MITOCHONDRIAL:
            problem = "Structural variants of MT are not counted."
            raise _refused("mitochondrial", problem, "Ask for small variants there.") from None
        problem = "This is the pseudo-autosomal region of Y, whose sequence is counted on X."
        raise _refused("y_pseudoautosomal", problem, "Give the place on X.") from None
    return call


def _whole(text: str) -> int:
    return int(text.replace(",", ""))


def _refused(code: str, problem: str, remedy: str) -> InputError:
    return InputError(code, problem, remedy, field="event")
