# ruff: noqa: SIM110 - compiled code over raw memory: a loop is what any() would become
# mypy: disable-error-code="no-any-return, no-untyped-call, call-overload, call-arg"
"""VCF lines to annotated VCF lines: compiled code over raw memory, without arrays and without allocation.

``annotate_lines`` is compiled to a function of machine addresses, so that ``machine_code`` can keep it and start it
without the compiler: loading Numba takes longer than annotating 100,000 records. For the same reason nothing here is
imported from the rest of Varde but constants, and the rules for trimming, left-aligning and keying are written out once
more; tests hold them against ``varde.genome.normalise`` and ``varde.genome.keys``.

All compiled functions stand in this one module: its text and that of ``annotate_layout`` decide whether kept machine
code is still right.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numba import types

from varde.frequency.annotate_layout import (
    ABSENT,
    ANNOTATED,
    BAD_ALT,
    BAD_POSITION,
    BAD_REF,
    BASES,
    BELOW,
    BEYOND,
    BIN_STEP,
    BLOCK_ROWS,
    BREAKEND,
    COLUMN,
    COLUMN_COUNT,
    CONTIG,
    CONTIG_LENGTH,
    DONE,
    F_AC,
    F_AC_HIGH,
    F_AC_LOW,
    F_AF,
    F_AF_HIGH,
    F_AF_LOW,
    F_AN,
    F_FAF,
    F_HEMI,
    F_HEMI_LOW,
    F_HOM,
    F_HOM_LOW,
    F_STATE,
    FIELDS,
    FOUND_AC,
    FOUND_AN,
    FOUND_HEMI,
    FOUND_HIGH,
    FOUND_HOM,
    FOUND_SIZE,
    FOUND_STATE,
    FULL,
    HALF_STEP,
    HASH,
    HEADER,
    IN_BIN,
    IS_PUBLIC,
    LAST_BIN,
    LAST_POSITION,
    LAST_WINDOW,
    LEAST_PEOPLE,
    LINE,
    LINE_FEED,
    LONG_ROWS,
    LOWEST_EDGE,
    MARK_ROOM,
    MARK_SIZE,
    MARKS,
    MISMATCH,
    MOST_ALTERNATES,
    MOVED,
    NAME_LENGTH,
    NEW_CONTIG,
    NOT_COVERED,
    NOT_IN_RELEASE,
    OBSERVED,
    OUT,
    OUT_ROOM,
    OVERWRITE,
    PLACE,
    PREFIX_LENGTH,
    QUANTILES,
    RECORDS,
    REPLACED,
    ROOM_PER_ALTERNATE,
    ROOM_PER_RECORD,
    SAME,
    SHARE_COUNT,
    SHARED,
    SHARES,
    SITE_ROWS,
    SPANNING,
    START,
    STEP_AN,
    STEP_RELEASED,
    STEP_ROWS,
    STOP,
    SYMBOLIC,
    TALLY,
    UNALIGNED,
    UNKNOWN_CONTIG,
    UNSORTED,
    WITHOUT_ALT,
    WRITTEN,
    Y_SHARED,
)

_HASHED = 1 << 30
_BASES_BITS = 25
_LONGEST_EXACT = 12
_TAB, _CARRIAGE_RETURN, _CONTROL = 9, 13, 14
_COMMA, _DOT, _SEMICOLON, _EQUALS = 44, 46, 59, 61

_U8, _U32 = types.CPointer(types.uint8), types.CPointer(types.uint32)
_U64, _I64, _F64 = types.CPointer(types.uint64), types.CPointer(types.int64), types.CPointer(types.float64)
Memory = Any
"""An address in compiled code."""

Function = TypeVar("Function", bound=Callable[..., object])


def _compiled(function: Function) -> Function:
    return cast(Function, numba.njit(_nrt=False, error_model="numpy", boundscheck=False)(function))


@_compiled
def _field_end(text: Memory, place: int) -> int:
    while text[place] >= _CONTROL:
        place += 1
    return place


@_compiled
def _far_field_end(text: Memory, place: int) -> int:
    """As ``_field_end``, 32 bytes at a stride."""
    while True:
        found = False
        for i in range(32):
            found |= text[place + i] < _CONTROL
        if found:
            return _field_end(text, place)
        place += 32


@_compiled
def _line_end(text: Memory, place: int) -> int:
    """The place of the next line feed, 32 bytes at a stride."""
    while True:
        found = False
        for i in range(32):
            found |= text[place + i] == LINE_FEED
        if found:
            while text[place] != LINE_FEED:
                place += 1
            return place
        place += 32


@_compiled
def _copy(out: Memory, o: int, text: Memory, start: int, stop: int) -> int:
    """Copies ``text[start:stop]``, up to 31 bytes more (they are written over next); the place behind."""
    length = stop - start
    i = 0
    while i < length:
        for j in range(32):
            out[o + i + j] = text[start + i + j]
        i += 32
    return o + length


@_compiled
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


@_compiled
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


@_compiled
def _all_bases(text: Memory, start: int, stop: int) -> bool:
    for i in range(start, stop):
        if _mask(text[i]) == 0:
            return False
    return stop > start


@_compiled
def _kind(text: Memory, start: int, stop: int) -> int:
    """OBSERVED for a sequence, else the state of an allele without one, or -1 for what no ALT may look like."""
    first, last = text[start], text[stop - 1]
    if _all_bases(text, start, stop):
        return OBSERVED
    if stop - start == 1 and first == 42:
        return SPANNING
    if first == 60:
        return SYMBOLIC if last == 62 and stop - start > 2 else -1
    for i in range(start, stop):
        if text[i] == 91 or text[i] == 93:
            return BREAKEND
    if first == _DOT and _all_bases(text, start + 1, stop):
        return BREAKEND
    if last == _DOT and _all_bases(text, start, stop - 1):
        return BREAKEND
    return -1


@_compiled
def _differs(text: Memory, ref: int, ref_stop: int, position: int, bases: Memory, length: int) -> bool:
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


@_compiled
def _code(work: Memory, ref: int, n: int, alt: int, m: int) -> int:
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
    return _HASHED | int(value >> np.uint64(34))


@_compiled
def _align(
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


@_compiled
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


@_compiled
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


@_compiled
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


@_compiled
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


@_compiled
def _put_number(out: Memory, o: int, value: int) -> int:
    """Decimal digits of a number from 0 on; the place behind."""
    size, rest = 1, value // 10
    while rest:
        size += 1
        rest //= 10
    for i in range(size):
        out[o + size - 1 - i] = np.uint8(48 + value % 10)
        value //= 10
    return o + size


@_compiled
def _put_digits(out: Memory, o: int, digits: int, exponent: int) -> int:
    """``digits`` (six of them) times 10 ** (exponent - 5), as ``%.6g`` writes it."""
    size = 6
    while size > 1 and digits % 10 == 0:
        digits //= 10
        size -= 1
    if exponent < -4:
        for i in range(size - 1):
            out[o + size - i] = np.uint8(48 + digits % 10)
            digits //= 10
        out[o] = np.uint8(48 + digits)
        if size > 1:
            out[o + 1] = np.uint8(_DOT)
            o += 1
        o += size
        out[o] = np.uint8(101)
        out[o + 1] = np.uint8(45)
        if exponent > -10:
            out[o + 2] = np.uint8(48)
            return _put_number(out, o + 3, -exponent)
        return _put_number(out, o + 2, -exponent)
    if exponent < 0:
        out[o] = np.uint8(48)
        out[o + 1] = np.uint8(_DOT)
        o += 2
        for _ in range(-1 - exponent):
            out[o] = np.uint8(48)
            o += 1
        for i in range(size):
            out[o + size - 1 - i] = np.uint8(48 + digits % 10)
            digits //= 10
        return o + size
    out[o] = np.uint8(49)  # a frequency is at most 1
    return o + 1


@_compiled
def _put_ratio(out: Memory, o: int, part: int, whole: int) -> int:
    """``part / whole``, at most 1, with six digits, ties to even: exact, by whole numbers."""
    if part == 0:
        out[o] = np.uint8(48)
        return o + 1
    exponent, scaled = 0, part
    while scaled < whole:
        scaled *= 10
        exponent -= 1
    digits, rest = scaled // whole, scaled % whole
    for _ in range(5):
        rest *= 10
        digits = digits * 10 + rest // whole
        rest %= whole
    if 2 * rest > whole or (2 * rest == whole and digits & 1):
        digits += 1
    if digits == 1_000_000:
        digits, exponent = 100_000, exponent + 1
    return _put_digits(out, o, digits, exponent)


@_compiled
def _put_float(out: Memory, o: int, value: float) -> int:
    """A number from 0 to 1 with six digits."""
    if value <= 0.0:
        out[o] = np.uint8(48)
        return o + 1
    exponent, power = 0, 1.0
    while value * power < 1.0:
        power *= 10.0
        exponent -= 1
    scaled = value * (power * 100_000.0)
    digits = int(scaled)
    rest = scaled - digits
    if rest > 0.5 or (rest == 0.5 and digits & 1):
        digits += 1
    if digits >= 1_000_000:
        digits, exponent = digits // 10, exponent + 1
    return _put_digits(out, o, digits, exponent)


@_compiled
def _poisson_lower(ac: int, quantiles: Memory, exact: int) -> float:
    """The quantile of faf95 for ``ac`` alleles: from the table below ``exact``, else by the expansion behind it."""
    if ac < exact:
        return float(quantiles[ac])
    root = np.sqrt(float(ac))
    total, power = 0.0, float(ac)
    for i in range(8):
        total += quantiles[exact + i] * power
        power /= root
    return total


@_compiled
def _put_word(out: Memory, o: int, words: Memory, word_at: Memory, word: int) -> int:
    for i in range(word_at[word], word_at[word + 1]):
        out[o] = words[i]
        o += 1
    return o


@_compiled
def _put_value(out: Memory, o: int, field: int, found: Memory, at: int, quantiles: Memory,
               words: Memory, word_at: Memory, state: Memory) -> int:  # fmt: skip
    """One field of one allele; a dot where it says nothing."""
    told, ac, an = found[at + FOUND_STATE], found[at + FOUND_AC], found[at + FOUND_AN]
    if field == F_STATE:
        return _put_word(out, o, words, word_at, len(FIELDS) + told)
    counted = told in (OBSERVED, ABSENT, IN_BIN, BELOW)
    if field == F_AN and (counted or told == NOT_COVERED):
        return _put_number(out, o, an)
    if counted:
        if field == F_AC:
            return _put_number(out, o, ac)
        if field == F_AF:
            return _put_ratio(out, o, ac, an)
        if field == F_HOM:
            return _put_number(out, o, found[at + FOUND_HOM])
        if field == F_HEMI:
            return _put_number(out, o, found[at + FOUND_HEMI])
        if field == F_FAF:
            return _put_float(out, o, _poisson_lower(ac, quantiles, state[QUANTILES]) / an)
        if field == F_AC_LOW:
            return _put_number(out, o, ac)
        if field == F_AF_LOW:
            return _put_ratio(out, o, min(ac, an), an)
        if field == F_AC_HIGH:
            return _put_number(out, o, found[at + FOUND_HIGH])
        if field == F_AF_HIGH:
            return _put_ratio(out, o, min(found[at + FOUND_HIGH], an), an)
        if field == F_HOM_LOW:
            return _put_number(out, o, state[LEAST_PEOPLE] if found[at + FOUND_HOM] else 0)
        if field == F_HEMI_LOW:
            return _put_number(out, o, state[LEAST_PEOPLE] if found[at + FOUND_HEMI] else 0)
    out[o] = np.uint8(_DOT)
    return o + 1


@_compiled
def _put_fields(out: Memory, o: int, alternates: int, found: Memory, quantiles: Memory, words: Memory,
                word_at: Memory, state: Memory) -> int:  # fmt: skip
    """All fields of a record, each behind a semicolon; those that say nothing of any allele are left off."""
    counted, numbered = False, False
    for k in range(alternates):
        told = found[k * FOUND_SIZE + FOUND_STATE]
        counted |= told in (OBSERVED, ABSENT, IN_BIN, BELOW)
        numbered |= told == NOT_COVERED
    haploid = state[CONTIG] >= 23
    for field in range(len(FIELDS)):
        is_public = F_AC_LOW <= field <= F_HEMI_LOW
        wanted = counted and is_public == (state[IS_PUBLIC] == 1)
        if field == F_AN:
            wanted = counted or numbered
        elif field == F_STATE:
            wanted = True
        elif field in (F_HEMI, F_HEMI_LOW):
            wanted = wanted and haploid
        if not wanted:
            continue
        o = _put_word(out, o, words, word_at, field)
        for k in range(alternates):
            if k:
                out[o] = np.uint8(_COMMA)
                o += 1
            o = _put_value(out, o, field, found, k * FOUND_SIZE, quantiles, words, word_at, state)
    return o


@_compiled
def _put_info(out: Memory, o: int, text: Memory, start: int, stop: int, prefix: Memory, state: Memory) -> int:
    """INFO without the fields that bear the prefix; -1 when there is one and it may not be replaced."""
    if stop - start == 1 and text[start] == _DOT:
        return o
    length, first = state[PREFIX_LENGTH], prefix[0]
    suspect = text[start] == first
    place = start
    while place < stop:
        for i in range(32):
            suspect |= (text[place + i] == _SEMICOLON) & (text[place + i + 1] == first)
        place += 32
    if not suspect:
        return _copy(out, o, text, start, stop)
    begin = start
    while begin < stop:
        end = begin
        while end < stop and text[end] != _SEMICOLON:
            end += 1
        ours = end - begin >= length
        for i in range(length):
            ours = ours and text[begin + i] == prefix[i]
        if ours and state[OVERWRITE] == 0:
            state[PLACE] = begin
            return -1
        if ours:
            state[REPLACED] += 1
        else:
            if begin > start and out[o - 1] != _TAB:
                out[o] = np.uint8(_SEMICOLON)
                o += 1
            o = _copy(out, o, text, begin, end)
        begin = end + 1
    return o


@_compiled
def _edge(number: int, an: int, state: Memory) -> int:
    """The count at which a bin begins: ``disclosure.bins.Scheme.edge`` of a rounded allele number."""
    if state[BIN_STEP] > 0:
        return (state[BIN_STEP] * number) ** 2
    if state[BIN_STEP] == 0:
        return number
    last = state[SHARE_COUNT] - 1
    edge = (state[SHARES + min(number, last)] * an + 9_999) // 10_000
    return edge + state[HALF_STEP] if number >= last else edge


@_compiled
def _put_bounds(found: Memory, at: int, state: Memory) -> None:
    """The least and the greatest count of the bin in ``FOUND_AC``: ``disclosure.bins.Scheme.bounds``."""
    number, an, first = found[at + FOUND_AC], found[at + FOUND_AN], 1
    while _edge(first, an, state) < state[LOWEST_EDGE]:
        first += 1
    lowest = number < first
    low = 0 if lowest else _edge(number, an, state)
    found[at + FOUND_AC] = low
    found[at + FOUND_HIGH] = max(low, _edge(first if lowest else number + 1, an, state) - 1)


@_compiled
def _look_up(text: Memory, ref: int, ref_stop: int, alt: int, alt_stop: int, position: int, found: Memory, at: int,
             bases: Memory, work: Memory, s_first: Memory, s_place: Memory, s_width: Memory, s_bits: Memory,
             c_first: Memory, c_place: Memory, c_width: Memory, c_bits: Memory, long_row: Memory, long_offset: Memory,
             long_text: Memory, state: Memory) -> int:  # fmt: skip
    """The state and counts of one sequence allele, into ``found``."""
    n, m, held, contig = ref_stop - ref, alt_stop - alt, state[BASES], state[CONTIG]
    if held and _differs(text, ref, ref_stop, position, bases, held):
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
        position, r, n, a, m = _align(work, r, n, a, m, spare, position, bases, held)
        state[MOVED] += 1 if position != given or n != ref_stop - ref else 0
        state[UNALIGNED] += 1 if held == 0 and n != m else 0
    if contig == 24:
        for i in range(2):
            if state[SHARED + 2 * i] < position <= state[SHARED + 2 * i + 1]:
                return Y_SHARED
    code = _code(work, r, n, a, m)
    key = np.uint64(contig) << np.uint64(59) | np.uint64(position) << np.uint64(31) | np.uint64(code)
    row = _lower(key, s_first, s_place, s_width, s_bits, state, SITE_ROWS)
    if row < state[SITE_ROWS]:
        block = row // BLOCK_ROWS
        if s_first[block] + _value(row, 0, s_place, s_width, s_bits, state, SITE_ROWS) != key:
            row = -1
        if row >= 0 and code & _HASHED and not _spells(row, work, r, n, a, m, state, long_row, long_offset, long_text):
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


@_compiled
def _look_up_all(text: Memory, ref: int, ref_stop: int, alt: int, alt_stop: int, position: int, found: Memory,
                 bases: Memory, work: Memory, s_first: Memory, s_place: Memory, s_width: Memory, s_bits: Memory,
                 c_first: Memory, c_place: Memory, c_width: Memory, c_bits: Memory, long_row: Memory,
                 long_offset: Memory, long_text: Memory, state: Memory) -> int:  # fmt: skip
    """All alternate alleles of a record into ``found``; their number, or -1 when one is not written as it must be."""
    count, start = 0, alt
    while start <= alt_stop:
        stop = start
        while stop < alt_stop and text[stop] != _COMMA:
            stop += 1
        if stop == start or count == MOST_ALTERNATES:
            state[PLACE] = start
            return -1
        at = count * FOUND_SIZE
        for i in range(FOUND_SIZE):
            found[at + i] = 0
        told = _kind(text, start, stop)
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


@_compiled
def _bin_of(start: int, end: int) -> int:
    """The smallest bin of the binning index that holds an interbase interval (SAM specification, section 5.3)."""
    last = end - 1
    if start >> 14 == last >> 14:
        return 4681 + (start >> 14)
    if start >> 17 == last >> 17:
        return 585 + (start >> 17)
    if start >> 20 == last >> 20:
        return 73 + (start >> 20)
    if start >> 23 == last >> 23:
        return 9 + (start >> 23)
    if start >> 26 == last >> 26:
        return 1 + (start >> 26)
    return 0


@_compiled
def _end_of_record(text: Memory, start: int, stop: int, end: int) -> int:
    """INFO's END where a record has one behind ``end``, else ``end``."""
    place = start
    while place < stop:
        if text[place] == 69 and text[place + 1] == 78 and text[place + 2] == 68 and text[place + 3] == _EQUALS:
            value = 0
            place += 4
            while 48 <= text[place] <= 57 and value < 1 << 40:
                value = value * 10 + int(text[place]) - 48
                place += 1
            return max(value, end)
        while place < stop and text[place] != _SEMICOLON:
            place += 1
        place += 1
    return end


@_compiled
def _mark(marks: Memory, start: int, end: int, written: int, state: Memory) -> None:
    """Note for the tabix index that a record begins at ``written``, when its bin or its last window is another."""
    found, window = _bin_of(start, end), (end - 1) >> 14
    if found == state[LAST_BIN] and window <= state[LAST_WINDOW]:
        return
    at = state[MARKS] * MARK_SIZE
    marks[at] = found
    marks[at + 1] = max(start >> 14, state[LAST_WINDOW] + 1)
    marks[at + 2] = window
    marks[at + 3] = written
    state[MARKS] += 1
    state[LAST_BIN] = found
    state[LAST_WINDOW] = max(window, state[LAST_WINDOW])


_SIGNATURE = types.int64(
    *(_U8, _U8, _I64, _U8, _U8, _U8, _I64),
    *(_U64, _I64, _U8, _U8),
    *(_U64, _I64, _U8, _U8),
    *(_U32, _U32, _U8),
    *(_U8, _F64, _U8, _I64, _I64),
)


@numba.cfunc(_SIGNATURE, nopython=True, _nrt=False, error_model="numpy", boundscheck=False)
def annotate_lines(
    text: Memory, out: Memory, state: Memory, name: Memory, bases: Memory, work: Memory, found: Memory,
    s_first: Memory, s_place: Memory, s_width: Memory, s_bits: Memory,
    c_first: Memory, c_place: Memory, c_width: Memory, c_bits: Memory,
    long_row: Memory, long_offset: Memory, long_text: Memory,
    prefix: Memory, quantiles: Memory, words: Memory, word_at: Memory,
    marks: Memory,
) -> int:  # fmt: skip
    """Annotates the whole lines of ``text[START:STOP]`` into ``out``, as far as it comes; why it came back.

    ``text`` must end in 64 line feeds, ``out`` have 64 bytes to spare. ``START``, ``OUT`` and ``LINE`` go on with every
    record that is done. ``NEW_CONTIG``: the record at ``START`` is of another contig than ``name``.
    """
    place, o = state[START], state[OUT]
    while place < state[STOP]:
        begin = place
        if text[begin] == LINE_FEED or (text[begin] == _CARRIAGE_RETURN and text[begin + 1] == LINE_FEED):
            place = begin + (1 if text[begin] == LINE_FEED else 2)
            state[START], state[LINE] = place, state[LINE] + 1
            continue
        state[PLACE] = begin
        if text[begin] == HASH:
            return HEADER
        place = _field_end(text, begin)
        if text[place] != _TAB or place == begin:
            return COLUMN_COUNT
        same = place - begin == state[NAME_LENGTH]
        if same:
            for i in range(place - begin):
                same = same and text[begin + i] == name[i]
        if not same:
            state[PLACE] = place
            return NEW_CONTIG
        place += 1
        state[PLACE] = place
        position, digits = 0, 0
        while 48 <= text[place] <= 57 and digits < 11:
            position = position * 10 + int(text[place]) - 48
            place += 1
            digits += 1
        if digits in (0, 11) or text[place] != _TAB or position > 2147483647:
            return BAD_POSITION
        place = _field_end(text, place + 1)
        state[PLACE] = place
        if text[place] != _TAB:
            return COLUMN_COUNT
        ref = place + 1
        ref_stop = _field_end(text, ref)
        state[PLACE] = ref
        if text[ref_stop] != _TAB:
            return COLUMN_COUNT
        if not _all_bases(text, ref, ref_stop):
            return BAD_REF
        if state[CONTIG] and (position < 1 or position + ref_stop - ref - 1 > state[CONTIG_LENGTH]):
            telomere = position == 0 or position == state[CONTIG_LENGTH] + 1
            if not telomere or ref_stop - ref != 1:
                return BEYOND
        alt = ref_stop + 1
        alt_stop = _field_end(text, alt)
        state[PLACE] = alt
        if text[alt_stop] != _TAB:
            return COLUMN_COUNT
        place = alt_stop
        for _ in range(2):
            place = _field_end(text, place + 1)
            if text[place] != _TAB:
                state[PLACE] = place
                return COLUMN_COUNT
        info = place + 1
        info_stop = _far_field_end(text, info)
        state[PLACE] = info
        if info_stop == info:
            return COLUMN_COUNT
        end = _line_end(text, info_stop) + 1
        commas = 1
        for i in range(alt, alt_stop):
            commas += text[i] == _COMMA
        if state[MARKS] == state[MARK_ROOM]:
            state[PLACE] = 0
            return FULL
        if o + (end - begin) + commas * ROOM_PER_ALTERNATE + ROOM_PER_RECORD > state[OUT_ROOM]:
            state[PLACE] = (end - begin) + commas * ROOM_PER_ALTERNATE + ROOM_PER_RECORD
            return FULL
        if alt_stop - alt == 1 and text[alt] == _DOT:
            state[WITHOUT_ALT] += 1
            o = _copy(out, o, text, begin, end)
        else:
            moved, unaligned = state[MOVED], state[UNALIGNED]
            count = _look_up_all(text, ref, ref_stop, alt, alt_stop, position, found, bases, work, s_first, s_place,
                                 s_width, s_bits, c_first, c_place, c_width, c_bits, long_row, long_offset, long_text,
                                 state)  # fmt: skip
            if count < 0:
                return BAD_ALT
            o = _copy(out, o, text, begin, info)
            behind = _put_info(out, o, text, info, info_stop, prefix, state)
            if behind < 0:
                state[MOVED], state[UNALIGNED] = moved, unaligned
                return ANNOTATED
            fields = _put_fields(out, behind, count, found, quantiles, words, word_at, state)
            if behind == o:  # nothing stands before: the first semicolon goes
                for i in range(behind, fields - 1):
                    out[i] = out[i + 1]
                fields -= 1
            for k in range(count):
                state[TALLY + found[k * FOUND_SIZE + FOUND_STATE]] += 1
            o = _copy(out, fields, text, info_stop, end)
        start0 = max(position - 1, 0)
        last = start0 + ref_stop - ref
        if text[alt] == 60:  # a symbolic allele
            last = _end_of_record(text, info, info_stop, last)
        _mark(marks, start0, last, state[WRITTEN] + state[OUT], state)
        state[UNSORTED] |= state[LAST_POSITION] > position
        state[LAST_POSITION] = position
        state[RECORDS] += 1
        state[LINE] += 1
        place = end
        state[START], state[OUT] = place, o
    return DONE
