"""ClinVar's words as values: classification, stars of the review status, protein changes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

STARS: Mapping[str, int] = {
    "practice guideline": 4,
    "reviewed by expert panel": 3,
    "criteria provided, multiple submitters, no conflicts": 2,
    "criteria provided, multiple submitters": 2,
    "criteria provided, single submitter": 1,
    "criteria provided, conflicting classifications": 1,
    "criteria provided, conflicting interpretations": 1,
    "no assertion criteria provided": 0,
    "no assertion provided": 0,
    "no classification provided": 0,
    "no classification for the single variant": 0,
    "no interpretation for the single variant": 0,
    "no classifications from unflagged records": 0,
    "no assertion for the individual variant": 0,
    "flagged submission": 0,
    "-": 0,
    "": 0,
}
"""ClinVar's review status and its stars. Source: ClinVar, "Review status", of both the present and the older words."""

_TERMS: Mapping[str, frozenset[int]] = {
    "pathogenic": frozenset({5}),
    "likely pathogenic": frozenset({4}),
    "uncertain significance": frozenset({3}),
    "likely benign": frozenset({2}),
    "benign": frozenset({1}),
}
_LOW_PENETRANCE = re.compile(r",? low penetrance")


@dataclass(frozen=True)
class Significance:
    """``classification`` 1 to 5 (benign to pathogenic), None when there is none or submitters disagree.

    Pathogenic/Likely pathogenic is 4, Benign/Likely benign 2: the class nearer to uncertain. ``other``: the words that
    are no class (drug response, risk factor, low penetrance ...).
    """

    classification: int | None
    conflicting: bool
    other: tuple[str, ...] = ()


def significance(text: str) -> Significance:
    """ClinVar's words for the germline classification, in the spelling of the VCF or of the tables."""
    words = text.replace("_", " ").strip().lower()
    low = bool(_LOW_PENETRANCE.search(words))
    parts = {part.strip() for part in re.split(r"[|;,/]", _LOW_PENETRANCE.sub("", words))} - {"", "-"}
    classes: frozenset[int] = frozenset().union(*(_TERMS[part] for part in parts if part in _TERMS))
    conflicting = any(part.startswith("conflicting") for part in parts) or not _of_one_side(classes)
    other = sorted(part for part in parts if part not in _TERMS and not part.startswith("conflicting"))
    named = (*other, "low penetrance") if low else tuple(other)
    if conflicting or not classes:
        return Significance(None, conflicting, named)
    return Significance(min(classes, key=lambda one: abs(one - 3)), False, named)


def _of_one_side(classes: frozenset[int]) -> bool:
    return len({(one > 3) - (one < 3) for one in classes}) <= 1


def stars(text: str) -> int | None:
    """Stars of a review status; None for words unknown here."""
    return STARS.get(text.replace("_", " ").strip().lower())


@dataclass(frozen=True)
class ProteinChange:
    """One residue changed: its number, the letters before and after (``*`` is a stop, ``fs`` a shift of the frame,
    None what is not one residue)."""

    position: int
    ref: str
    alt: str | None

    @property
    def text(self) -> str:
        """As HGVS has it, without accession: ``p.Ser21Asn``."""
        after = {None: "?", "=": "=", "fs": "fs"}.get(self.alt) or _THREE[str(self.alt)]
        return f"p.{_THREE[self.ref]}{self.position}{after}"


_THREE = {
    "A": "Ala", "R": "Arg", "N": "Asn", "D": "Asp", "C": "Cys", "Q": "Gln", "E": "Glu", "G": "Gly", "H": "His",
    "I": "Ile", "L": "Leu", "K": "Lys", "M": "Met", "F": "Phe", "P": "Pro", "S": "Ser", "T": "Thr", "W": "Trp",
    "Y": "Tyr", "V": "Val", "U": "Sec", "*": "Ter",
}  # fmt: skip
_ONE = {three: one for one, three in _THREE.items()} | {"*": "*", "X": "*"}
_NAMED = re.compile(r"p\.\(?([A-Z][a-z]{2})(\d+)(?:([A-Z][a-z]{2})?(fs)|([A-Z][a-z]{2}|[=*X]))(?![A-Za-z_])")
_ENGINE = re.compile(r"(\d+)([A-Z*])(?:>(\d+)([A-Z*]))?")


def named_change(text: str) -> ProteinChange | None:
    """The change of a name's protein part (``NM_005101.3(ISG15):c.62G>A (p.Ser21Asn)``); None where it is not of one
    residue."""
    found = _NAMED.search(text)
    if not found or found[1] not in _ONE:
        return None
    ref, position = _ONE[found[1]], int(found[2])
    if found[4]:
        return ProteinChange(position, ref, "fs")
    if found[5] == "=":
        return ProteinChange(position, ref, "=")
    return ProteinChange(position, ref, _ONE[found[5]]) if found[5] in _ONE else None


def engine_change(text: str) -> ProteinChange | None:
    """The change of the consequence engine's text: ``21S>21N``, ``21S`` for none; None where it is not of one
    residue."""
    found = _ENGINE.fullmatch(text)
    if not found or (found[3] and found[3] != found[1]) or found[2] not in _THREE:
        return None
    if not found[4]:
        return ProteinChange(int(found[1]), found[2], "=")
    return ProteinChange(int(found[1]), found[2], found[4]) if found[4] in _THREE else None
