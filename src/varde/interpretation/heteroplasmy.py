"""What the share of a mitochondrial allele is called."""

from __future__ import annotations

from enum import StrEnum

HOMOPLASMIC_FROM = 0.95
HETEROPLASMIC_FROM = 0.10
SOURCE = "gnomAD mitochondrial calls, Laricchia 2022, doi:10.1101/gr.276013.121: 0.10 to 0.95, and from 0.95"


class Plasmy(StrEnum):
    """A person's share of an allele of the mitochondria."""

    HOMOPLASMIC = "homoplasmic"
    HETEROPLASMIC = "heteroplasmic"
    LOW = "low"
    """Below what is told apart from nuclear copies and errors without doubt."""


def plasmy(fraction: float | None) -> Plasmy | None:
    """The name of a share from 0 to 1; None without one, and for none at all."""
    if fraction is None or fraction <= 0:
        return None
    if fraction >= HOMOPLASMIC_FROM:
        return Plasmy.HOMOPLASMIC
    return Plasmy.HETEROPLASMIC if fraction >= HETEROPLASMIC_FROM else Plasmy.LOW
