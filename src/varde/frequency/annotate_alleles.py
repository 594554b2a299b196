# mypy: disable-error-code="no-any-return, no-untyped-call, call-overload, call-arg"
"""Alleles in the text of a VCF: what they are, their one form and their key. Compiled code for ``annotate_lines``.

The rules are those of ``varde.genome.normalise`` and ``varde.genome.keys``, written out once more; tests compare them.
"""

from __future__ import annotations

import numpy as np

from varde.frequency.annotate_layout import BREAKEND, OBSERVED, SPANNING, SYMBOLIC
from varde.frequency.annotate_text import DOT, Memory, compiled

HASHED = 1 << 30
_BASES_BITS = 25
_LONGEST_EXACT = 12


@compiled
def _two_bits(letter: int) -> int:
    folded = letter & 0xDF
    if folded == 65:
        return 0
    if folded == 67:
        return 1
    if folded == 71:
        return 2
    if folded == 84:
        return 3
    return -1


@compiled
def _mask(letter: int) -> int:
    """The bases that a IUPAC letter stands for, one bit each; 0 for what is no such letter."""
    folded = letter & 0xDF
    if folded == 65:
        return 1
    if folded == 67:
        return 2
    if folded == 71:
        return 4
    if folded == 84:
        return 8
    if folded == 78:
        return 15
    if folded == 82:
        return 5
    if folded == 89:
        return 10
    if folded == 83:
        return 6
    if folded == 87:
        return 9
    if folded == 75:
        return 12
    if folded == 77:
        return 3
    if folded == 66:
        return 14
    if folded == 68:
        return 13
    if folded == 72:
        return 11
    if folded == 86:
        return 7
    return 0


@compiled
def all_bases(text: Memory, start: int, stop: int) -> bool:
    for i in range(start, stop):
        if _mask(text[i]) == 0:
            return False
    return stop > start


@compiled
def alternate_kind(text: Memory, start: int, stop: int) -> int:
    """OBSERVED for a sequence, else the state of an allele without one, or -1 for what no ALT may look like."""
    first, last = text[start], text[stop - 1]
    if all_bases(text, start, stop):
        return OBSERVED
    if stop - start == 1 and first == 42:
        return SPANNING
    if first == 60:
        return SYMBOLIC if last == 62 and stop - start > 2 else -1
    for i in range(start, stop):
        if text[i] == 91 or text[i] == 93:
            return BREAKEND
    if first == DOT and all_bases(text, start + 1, stop):
        return BREAKEND
    if last == DOT and all_bases(text, start, stop - 1):
        return BREAKEND
    return -1


@compiled
def ref_differs(text: Memory, ref: int, ref_stop: int, position: int, bases: Memory, length: int) -> bool:
    """Whether REF is not what the reference has at its place, or lies beyond it."""
    start = position - 1
    if start + ref_stop - ref > length:
        return True
    for i in range(ref_stop - ref):
        letter, base = int(text[ref + i]) & 0xDF, int(bases[start + i])
        if letter != base:
            mask = _mask(base)
            if mask & (mask - 1) == 0 or _mask(letter) & ~mask != 0:
                return True
    return False


@compiled
def allele_code(work: Memory, ref: int, n: int, alt: int, m: int) -> int:
    """The allele code of ``varde.genome.keys`` for letters in capitals."""
    if n + m <= _LONGEST_EXACT:
        packed, exact = 1, True
        for i in range(n):
            bits = _two_bits(work[ref + i])
            exact = exact and bits >= 0
            packed = packed << 2 | (bits & 3)
        for i in range(m):
            bits = _two_bits(work[alt + i])
            exact = exact and bits >= 0
            packed = packed << 2 | (bits & 3)
        if exact:
            return n << _BASES_BITS | packed
    prime = np.uint64(0x100000001B3)
    value = np.uint64(0xCBF29CE484222325)
    for i in range(n):
        value = (value ^ np.uint64(work[ref + i])) * prime
    value = (value ^ np.uint64(62)) * prime
    for i in range(m):
        value = (value ^ np.uint64(work[alt + i])) * prime
    value = (value ^ (value >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    value = (value ^ (value >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    value = value ^ (value >> np.uint64(33))
    return HASHED | int(value >> np.uint64(34))


@compiled
def align(
    work: Memory, ref: int, n: int, alt: int, m: int, spare: int, position: int, bases: Memory, held: int
) -> tuple[int, int, int, int, int]:
    """The one form of an allele, as ``varde.genome.normalise``: position, then place and length of REF and of ALT.

    ``spare`` is a place in ``work`` with room for the longer of the two.
    """
    shorter = min(n, m)
    tail = 0
    while tail < shorter and work[ref + n - 1 - tail] == work[alt + m - 1 - tail]:
        tail += 1
    anchor = position - 2
    if tail == shorter and 0 <= anchor < held:
        size = n - m if n > m else m - n
        whole = ref if n > m else alt
        steps, last = 0, size - 1
        while anchor > 0 and bases[anchor] == work[whole + last]:
            anchor -= 1
            steps += 1
            last = last - 1 if last else size - 1
        turn = steps % size
        for i in range(size):
            work[spare + i] = work[whole + (i + size - turn) % size]
        for i in range(size):
            work[whole + 1 + i] = work[spare + i]
        work[ref] = bases[anchor]
        work[alt] = bases[anchor]
        return anchor + 1, ref, n - shorter + 1, alt, m - shorter + 1
    tail = min(tail, shorter - 1)
    head = 0
    while head < shorter - tail - 1 and work[ref + head] == work[alt + head]:
        head += 1
    return position + head, ref + head, n - tail - head, alt + head, m - tail - head
