"""Are differently written variants the same sequence? Both sides are replayed onto the reference and compared.

A substitution of two bases and two substitutions of one, or a deletion with a base changed beside it, can be written
in many ways that no normalisation brings together. As vcfeval does (Cleary et al. 2015, doi:10.1101/023754), the
haplotypes that each side's genotypes can make are compared; phase in the files is not used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Final

MOST_UNMATCHED: Final = 8
"""Unmatched alleles of both sides in one window whose subsets are tried; a window with more stays as it was counted."""
MOST_HETEROZYGOUS: Final = 10
"""Heterozygous alleles of one side in a window: 2 to this power haplotype pairs at most."""


@dataclass(frozen=True)
class Carried:
    """An allele of one side: 0-based half-open place of the bases it replaces, what stands there instead, and whether
    both haplotypes carry it."""

    start0: int
    end0: int
    alt: str
    both: bool

    @classmethod
    def trimmed(cls, position: int, ref: str, alt: str, both: bool) -> Carried:
        """From VCF columns: bases that REF and ALT share at either end are no change, and bar no neighbour."""
        shared = 0
        while shared < min(len(ref), len(alt)) and ref[shared] == alt[shared]:
            shared += 1
        ref, alt, start0 = ref[shared:], alt[shared:], position - 1 + shared
        while ref and alt and ref[-1] == alt[-1]:
            ref, alt = ref[:-1], alt[:-1]
        return cls(start0, start0 + len(ref), alt, both)


@dataclass(frozen=True)
class Window:
    """Neighbouring alleles: those that matched on both sides, and those that did not, as indices into the side's own
    list."""

    truth: tuple[Carried, ...]
    calls: tuple[Carried, ...]
    truth_unmatched: tuple[int, ...]
    calls_unmatched: tuple[int, ...]


def equal_parts(window: Window, sequence: Callable[[int, int], str]) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """The unmatched alleles of truth and calls (indices) that, with all that matched, make the same haplotypes: as many
    as can be. Empty when none do; None when the window has too many to try. ``sequence`` gives the reference's bases
    of a 0-based half-open range."""
    if len(window.truth_unmatched) + len(window.calls_unmatched) > MOST_UNMATCHED:
        return None
    if max(_heterozygous(window.truth), _heterozygous(window.calls)) > MOST_HETEROZYGOUS:
        return None
    start = min(one.start0 for one in (*window.truth, *window.calls))
    end = max(one.end0 for one in (*window.truth, *window.calls))
    bases = sequence(start, end)
    for left, right in _largest_first(window.truth_unmatched, window.calls_unmatched):
        if _pairs(window.truth, window.truth_unmatched, left, start, bases) & _pairs(
            window.calls, window.calls_unmatched, right, start, bases
        ):
            return left, right
    return (), ()


def _heterozygous(side: Sequence[Carried]) -> int:
    return sum(not one.both for one in side)


def _largest_first(truth: Sequence[int], calls: Sequence[int]) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Non-empty parts of both sides, those with most alleles first; the order is fixed."""
    sizes = ((left, right) for left in range(1, len(truth) + 1) for right in range(1, len(calls) + 1))
    for left, right in sorted(sizes, key=lambda pair: -sum(pair)):
        yield from product(combinations(truth, left), combinations(calls, right))


def _pairs(
    side: Sequence[Carried], unmatched: Sequence[int], taken: Sequence[int], start: int, bases: str
) -> set[tuple[str, str]]:
    """All haplotype pairs (sorted) that a side's alleles can make, without the unmatched that are not taken."""
    left_out = set(unmatched) - set(taken)
    chosen = sorted(
        (one for index, one in enumerate(side) if index not in left_out), key=lambda one: (one.start0, one.end0)
    )
    free = [index for index, one in enumerate(chosen) if not one.both]
    found = set()
    for places in product((0, 1), repeat=max(len(free) - 1, 0)):
        # Which haplotype is named first does not matter: the first heterozygous allele stays on the first.
        on_second = {index for index, place in zip(free[1:], places, strict=True) if place}
        first = _replayed([one for index, one in enumerate(chosen) if index not in on_second], start, bases)
        rest = [one for index, one in enumerate(chosen) if one.both or index in on_second]
        second = _replayed(rest, start, bases)
        if first is not None and second is not None:
            found.add((min(first, second), max(first, second)))
    return found


def _replayed(alleles: Sequence[Carried], start: int, bases: str) -> str | None:
    """The sequence with the alleles in it; None when two of them change the same bases, or insert at the same place,
    where they would have no order."""
    insertions = [one.start0 for one in alleles if one.start0 == one.end0]
    if len(set(insertions)) < len(insertions):
        return None
    pieces, place = [], start
    for one in alleles:
        if one.start0 < place:
            return None
        pieces += [bases[place - start : one.start0 - start], one.alt]
        place = one.end0
    return "".join([*pieces, bases[place - start :]])
