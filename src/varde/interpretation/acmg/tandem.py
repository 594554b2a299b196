"""Tandem repeats around an insertion or deletion, read from the reference: what PM4 and BP3 ask."""

from __future__ import annotations

from varde.annotation.transcripts import SequenceSource

WINDOW = 300
"""Bases on either side that are read."""


def tandem_copies(source: SequenceSource, contig: int, position: int, ref: str, alt: str) -> int | None:
    """Copies in the reference of the unit that an allele adds or takes away, side by side where it does so.

    ``position`` is 1-based as in VCF. The unit is the shortest that the inserted or deleted bases repeat; 0 copies when
    an insertion's unit is not there at all. None for an allele that is not a pure insertion or deletion.
    """
    start0, ref, alt = position - 1, ref.upper(), alt.upper()
    while ref and alt and ref[0] == alt[0]:
        start0, ref, alt = start0 + 1, ref[1:], alt[1:]
    while ref and alt and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    if bool(ref) == bool(alt):
        return None
    low = max(0, start0 - WINDOW)
    before = source.sequence(contig, low, start0).upper()
    after = source.sequence(contig, start0, start0 + len(ref) + WINDOW).upper()
    unit = _shortest_unit(ref or alt)
    return _ending(before, unit) + _beginning(after, unit)


def _shortest_unit(bases: str) -> str:
    sizes = (size for size in range(1, len(bases) + 1) if len(bases) % size == 0)
    return next(bases[:size] for size in sizes if bases[:size] * (len(bases) // size) == bases)


def _beginning(bases: str, unit: str) -> int:
    copies = 0
    while bases.startswith(unit, copies * len(unit)):
        copies += 1
    return copies


def _ending(bases: str, unit: str) -> int:
    copies = 0
    while bases.endswith(unit, 0, len(bases) - copies * len(unit)):
        copies += 1
    return copies
