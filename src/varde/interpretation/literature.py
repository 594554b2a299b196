"""References to the literature: PubMed numbers and DOIs, checked by form and written in one way."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from varde.genome.errors import InputError

LONGEST_DOI = 200
_PMID = re.compile(r"[1-9][0-9]{0,7}")
_DOI = re.compile(r"10\.[0-9]{4,9}(?:\.[0-9]+)*/[^\s\"<>\\^`{|}\x00-\x1f\x7f]+")
_PREFIXES = re.compile(
    r"^(?:https?://)?(?:(?:www\.)?pubmed\.ncbi\.nlm\.nih\.gov/|(?:dx\.)?doi\.org/|pmid:?\s*|doi:\s*)", re.IGNORECASE
)


class ReferenceKind(StrEnum):
    """Where the number was given."""

    PMID = "pmid"
    DOI = "doi"


@dataclass(frozen=True)
class LiteratureReference:
    """A checked reference. ``identifier`` is the number alone, a DOI in small letters (DOIs ignore case)."""

    kind: ReferenceKind
    identifier: str

    @property
    def label(self) -> str:
        """``PMID 25741868`` or ``doi:10.1038/gim.2015.30``."""
        return f"PMID {self.identifier}" if self.kind is ReferenceKind.PMID else f"doi:{self.identifier}"

    @property
    def address(self) -> str:
        """Where it can be read; nothing is fetched from there."""
        if self.kind is ReferenceKind.PMID:
            return f"https://pubmed.ncbi.nlm.nih.gov/{self.identifier}/"
        return f"https://doi.org/{self.identifier}"


def parse_reference(written: str) -> LiteratureReference:
    """A reference from what a person writes or pastes: a number, ``PMID:…``, ``doi:…`` or an address.

    Raises InputError ``bad_reference`` for anything else.

    >>> parse_reference(" https://doi.org/10.1038/GIM.2015.30 ").label
    'doi:10.1038/gim.2015.30'
    >>> parse_reference("PMID: 25741868").label
    'PMID 25741868'
    """
    text = _PREFIXES.sub("", written.strip()).strip().rstrip("/.,;")
    if _PMID.fullmatch(text):
        return LiteratureReference(ReferenceKind.PMID, text)
    if len(text) <= LONGEST_DOI and text.isascii() and _DOI.fullmatch(text):
        return LiteratureReference(ReferenceKind.DOI, text.lower())
    raise InputError(
        "bad_reference",
        f"{written.strip()[:60]!r} is neither a PubMed number nor a DOI.",
        "Write the number of PubMed, for example 25741868, or a DOI such as 10.1038/gim.2015.30.",
        field="reference",
    )
