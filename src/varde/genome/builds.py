"""Reference builds, their contigs under every usual name, and the pseudo-autosomal regions."""

from __future__ import annotations

from enum import StrEnum

CONTIGS = (*(str(number) for number in range(1, 23)), "X", "Y", "MT")
"""Contig names without prefix; a contig's code is its place here plus one (1-25). Code 0 is any other sequence."""

X, Y, MT = 23, 24, 25


class Build(StrEnum):
    """A human reference build. Positions of two builds are never compared."""

    GRCH37 = "GRCh37"
    GRCH38 = "GRCh38"
