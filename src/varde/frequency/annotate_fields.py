# mypy: disable-error-code="no-any-return, no-untyped-call, call-overload, call-arg"
"""Writing INFO: numbers, the fields of an annotation, and what stood there before. Compiled code."""

from __future__ import annotations

import numpy as np

from varde.frequency.annotate_layout import (
    ABSENT,
    BELOW,
    CONTIG,
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
    IN_BIN,
    IS_PUBLIC,
    LEAST_PEOPLE,
    NOT_COVERED,
    OBSERVED,
    OVERWRITE,
    PLACE,
    PREFIX_LENGTH,
    QUANTILES,
    REPLACED,
)
from varde.frequency.annotate_text import COMMA, DOT, SEMICOLON, TAB, Memory, compiled, copy_text


@compiled
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


@compiled
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
            out[o + 1] = np.uint8(DOT)
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
        out[o + 1] = np.uint8(DOT)
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


@compiled
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


@compiled
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


@compiled
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


@compiled
def _put_word(out: Memory, o: int, words: Memory, word_at: Memory, word: int) -> int:
    for i in range(word_at[word], word_at[word + 1]):
        out[o] = words[i]
        o += 1
    return o


@compiled
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
    out[o] = np.uint8(DOT)
    return o + 1


@compiled
def put_fields(out: Memory, o: int, alternates: int, found: Memory, quantiles: Memory, words: Memory,
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
                out[o] = np.uint8(COMMA)
                o += 1
            o = _put_value(out, o, field, found, k * FOUND_SIZE, quantiles, words, word_at, state)
    return o


@compiled
def put_info(out: Memory, o: int, text: Memory, start: int, stop: int, prefix: Memory, state: Memory) -> int:
    """INFO without the fields that bear the prefix; -1 when there is one and it may not be replaced."""
    if stop - start == 1 and text[start] == DOT:
        return o
    length, first = state[PREFIX_LENGTH], prefix[0]
    suspect = text[start] == first
    place = start
    while place < stop:
        for i in range(32):
            suspect |= (text[place + i] == SEMICOLON) & (text[place + i + 1] == first)
        place += 32
    if not suspect:
        return copy_text(out, o, text, start, stop)
    begin = start
    while begin < stop:
        end = begin
        while end < stop and text[end] != SEMICOLON:
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
            if begin > start and out[o - 1] != TAB:
                out[o] = np.uint8(SEMICOLON)
                o += 1
            o = copy_text(out, o, text, begin, end)
        begin = end + 1
    return o
