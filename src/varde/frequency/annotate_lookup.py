# ruff: noqa: SIM110 - compiled code over raw memory: a loop is what any() would become
# mypy: disable-error-code="no-any-return, no-untyped-call, call-overload, call-arg"
"""Looking alleles up in a mapped index. Compiled code for ``annotate_lines``; the layout is that of ``packed``."""

from __future__ import annotations

import numpy as np

from varde.frequency.annotate_alleles import HASHED, align, allele_code, alternate_kind, ref_differs
from varde.frequency.annotate_layout import (
    ABSENT,
    BASES,
    BELOW,
    BIN_STEP,
    BLOCK_ROWS,
    COLUMN,
    CONTIG,
    FOUND_AC,
    FOUND_AN,
    FOUND_HIGH,
    FOUND_SIZE,
    FOUND_STATE,
    HALF_STEP,
    IN_BIN,
    IS_PUBLIC,
    LONG_ROWS,
    LOWEST_EDGE,
    MISMATCH,
    MOST_ALTERNATES,
    MOVED,
    NOT_COVERED,
    NOT_IN_RELEASE,
    OBSERVED,
    PLACE,
    SAME,
    SHARE_COUNT,
    SHARED,
    SHARES,
    SITE_ROWS,
    STEP_AN,
    STEP_RELEASED,
    STEP_ROWS,
    UNALIGNED,
    UNKNOWN_CONTIG,
    Y_SHARED,
)
from varde.frequency.annotate_text import COMMA, Memory, compiled


@compiled
def _bits(bits: Memory, bit: int, width: int) -> np.uint64:
    """As ``varde.frequency.packed.read_bits``."""
    if width == 0:
        return np.uint64(0)
    byte = bit >> 3
    shift = np.uint64(bit & 7)
    value = np.uint64(0)
    for i in range(8):
        value |= np.uint64(bits[byte + i]) << np.uint64(8 * i)
    value = value >> shift
    if shift:
        value |= np.uint64(bits[byte + 8]) << (np.uint64(64) - shift)
    return value & (~np.uint64(0) >> np.uint64(64 - width))


@compiled
def _lower(
    key: np.uint64, first: Memory, place: Memory, width: Memory, bits: Memory, state: Memory, rows_at: int
) -> int:
    """The first row whose key is not below ``key``; ``rows_at`` is where the table's numbers stand in ``state``."""
    rows, blocks, stride = state[rows_at], state[rows_at + 1], state[rows_at + 2] + 1
    low, high, hint = 0, blocks, state[rows_at + 3]
    if hint < high and first[hint] <= key:
        low, step = hint, 1
        while low + step < high and first[low + step] <= key:
            low += step
            step *= 2
        high = min(high, low + step)
    while low < high:
        middle = (low + high) >> 1
        if first[middle] <= key:
            low = middle + 1
        else:
            high = middle
    block = low - 1
    if block < 0:
        return 0
    state[rows_at + 3] = block
    start, wide = int(place[block]) << 3, int(width[block * stride])
    distance = key - first[block]
    low, high = 0, min(BLOCK_ROWS, rows - block * BLOCK_ROWS)
    while low < high:
        middle = (low + high) >> 1
        if _bits(bits, start + middle * wide, wide) < distance:
            low = middle + 1
        else:
            high = middle
    return block * BLOCK_ROWS + low


@compiled
def _value(row: int, column: int, place: Memory, width: Memory, bits: Memory, state: Memory, rows_at: int) -> np.uint64:
    """A column's value in a row; column 0 is the key's distance from the first of its block. 0 for column -1."""
    if column < 0:
        return np.uint64(0)
    block = row // BLOCK_ROWS
    stride = state[rows_at + 2] + 1
    size = min(BLOCK_ROWS, state[rows_at] - block * BLOCK_ROWS)
    byte = int(place[block])
    for i in range(column):
        byte += (size * int(width[block * stride + i]) + 7) >> 3
    wide = int(width[block * stride + column])
    return _bits(bits, (byte << 3) + (row - block * BLOCK_ROWS) * wide, wide)


@compiled
def _spells(
    row: int, work: Memory, ref: int, n: int, alt: int, m: int, state: Memory, long_row: Memory, offset: Memory,
    letters: Memory,
) -> bool:  # fmt: skip
    """Whether the row of a hashed key is of these letters."""
    low, high = 0, state[LONG_ROWS]
    while low < high:
        middle = (low + high) >> 1
        if int(long_row[middle]) < row:
            low = middle + 1
        else:
            high = middle
    if low == state[LONG_ROWS] or int(long_row[low]) != row:
        return False
    start, middle, stop = int(offset[2 * low]), int(offset[2 * low + 1]), int(offset[2 * low + 2])
    if middle - start != n or stop - middle != m:
        return False
    for i in range(n):
        if letters[start + i] != work[ref + i]:
            return False
    for i in range(m):
        if letters[middle + i] != work[alt + i]:
            return False
    return True


@compiled
def _edge(number: int, an: int, state: Memory) -> int:
    """The count at which a bin begins: ``disclosure.bins.Scheme.edge`` of a rounded allele number."""
    if state[BIN_STEP] > 0:
        return (state[BIN_STEP] * number) ** 2
    if state[BIN_STEP] == 0:
        return number
    last = state[SHARE_COUNT] - 1
    edge = (state[SHARES + min(number, last)] * an + 9_999) // 10_000
    return edge + state[HALF_STEP] if number >= last else edge


@compiled
def _put_bounds(found: Memory, at: int, state: Memory) -> None:
    """The least and the greatest count of the bin in ``FOUND_AC``: ``disclosure.bins.Scheme.bounds``."""
    number, an, first = found[at + FOUND_AC], found[at + FOUND_AN], 1
    while _edge(first, an, state) < state[LOWEST_EDGE]:
        first += 1
    lowest = number < first
    low = 0 if lowest else _edge(number, an, state)
    found[at + FOUND_AC] = low
    found[at + FOUND_HIGH] = max(low, _edge(first if lowest else number + 1, an, state) - 1)


@compiled
def _look_up(text: Memory, ref: int, ref_stop: int, alt: int, alt_stop: int, position: int, found: Memory, at: int,
             bases: Memory, work: Memory, s_first: Memory, s_place: Memory, s_width: Memory, s_bits: Memory,
             c_first: Memory, c_place: Memory, c_width: Memory, c_bits: Memory, long_row: Memory, long_offset: Memory,
             long_text: Memory, state: Memory) -> int:  # fmt: skip
    """The state and counts of one sequence allele, into ``found``."""
    n, m, held, contig = ref_stop - ref, alt_stop - alt, state[BASES], state[CONTIG]
    if held and ref_differs(text, ref, ref_stop, position, bases, held):
        return MISMATCH
    size = max(n, m) + 2  # one base more each, for the anchor
    r, a, spare = 0, size, 2 * size
    same = n == m
    for i in range(n):
        work[r + i] = np.uint8(int(text[ref + i]) & 0xDF)
    for i in range(m):
        work[a + i] = np.uint8(int(text[alt + i]) & 0xDF)
    if same:
        for i in range(n):
            same = same and work[r + i] == work[a + i]
    if same:
        return SAME
    given = position
    if n != 1 or m != 1:
        position, r, n, a, m = align(work, r, n, a, m, spare, position, bases, held)
        state[MOVED] += 1 if position != given or n != ref_stop - ref else 0
        state[UNALIGNED] += 1 if held == 0 and n != m else 0
    if contig == 24:
        for i in range(2):
            if state[SHARED + 2 * i] < position <= state[SHARED + 2 * i + 1]:
                return Y_SHARED
    code = allele_code(work, r, n, a, m)
    key = np.uint64(contig) << np.uint64(59) | np.uint64(position) << np.uint64(31) | np.uint64(code)
    row = _lower(key, s_first, s_place, s_width, s_bits, state, SITE_ROWS)
    if row < state[SITE_ROWS]:
        block = row // BLOCK_ROWS
        if s_first[block] + _value(row, 0, s_place, s_width, s_bits, state, SITE_ROWS) != key:
            row = -1
        if row >= 0 and code & HASHED and not _spells(row, work, r, n, a, m, state, long_row, long_offset, long_text):
            row = -1
    else:
        row = -1
    public = state[IS_PUBLIC] == 1
    place = np.uint64(contig) << np.uint64(32) | np.uint64(position - 1)
    if row >= 0:
        for i in range(4):
            column = state[COLUMN + i]
            found[at + 1 + i] = np.int64(_value(row, column, s_place, s_width, s_bits, state, SITE_ROWS))
    if row < 0 or state[COLUMN + 1] < 0 or public:
        step = _lower(place + np.uint64(1), c_first, c_place, c_width, c_bits, state, STEP_ROWS) - 1
        if step >= 0 and (row < 0 or state[COLUMN + 1] < 0):
            found[at + FOUND_AN] = np.int64(_value(step, state[STEP_AN], c_place, c_width, c_bits, state, STEP_ROWS))
        if public and state[STEP_RELEASED] > 0:
            released = np.uint64(0)
            if step >= 0:
                released = _value(step, state[STEP_RELEASED], c_place, c_width, c_bits, state, STEP_ROWS)
            if released == 0:
                return NOT_IN_RELEASE
    if found[at + FOUND_AN] == 0:
        return NOT_COVERED
    if public:
        _put_bounds(found, at, state)
        return IN_BIN if row >= 0 else BELOW
    return OBSERVED if found[at + FOUND_AC] else ABSENT


@compiled
def look_up_all(text: Memory, ref: int, ref_stop: int, alt: int, alt_stop: int, position: int, found: Memory,
                 bases: Memory, work: Memory, s_first: Memory, s_place: Memory, s_width: Memory, s_bits: Memory,
                 c_first: Memory, c_place: Memory, c_width: Memory, c_bits: Memory, long_row: Memory,
                 long_offset: Memory, long_text: Memory, state: Memory) -> int:  # fmt: skip
    """All alternate alleles of a record into ``found``; their number, or -1 when one is not written as it must be."""
    count, start = 0, alt
    while start <= alt_stop:
        stop = start
        while stop < alt_stop and text[stop] != COMMA:
            stop += 1
        if stop == start or count == MOST_ALTERNATES:
            state[PLACE] = start
            return -1
        at = count * FOUND_SIZE
        for i in range(FOUND_SIZE):
            found[at + i] = 0
        told = alternate_kind(text, start, stop)
        if told < 0:
            state[PLACE] = start
            return -1
        if told == OBSERVED and state[CONTIG] == 0:
            told = UNKNOWN_CONTIG
        if told == OBSERVED:
            told = _look_up(text, ref, ref_stop, start, stop, position, found, at, bases, work, s_first, s_place,
                            s_width, s_bits, c_first, c_place, c_width, c_bits, long_row, long_offset, long_text,
                            state)  # fmt: skip
        found[at + FOUND_STATE] = told
        count += 1
        start = stop + 1
    return count
