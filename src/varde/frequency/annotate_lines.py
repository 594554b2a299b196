# ruff: noqa: SIM110 - compiled code over raw memory: a loop is what any() would become
# mypy: disable-error-code="no-any-return, no-untyped-call, call-overload, call-arg"
"""VCF lines to annotated VCF lines: compiled code over raw memory, without arrays and without allocation.

``annotate_lines`` is compiled to a function of machine addresses, so that ``machine_code`` can keep it and start it
without the compiler: loading Numba takes longer than annotating 100,000 records. For the same reason nothing that is
compiled with it is imported from the rest of Varde but constants.

The text of the modules in ``annotate_layout.COMPILED`` decides whether kept machine code is still right.
"""

from __future__ import annotations

import numba
from numba import types

from varde.frequency.annotate_alleles import all_bases
from varde.frequency.annotate_fields import put_fields, put_info
from varde.frequency.annotate_layout import (
    ANNOTATED,
    BAD_ALT,
    BAD_POSITION,
    BAD_REF,
    BEYOND,
    COLUMN_COUNT,
    CONTIG,
    CONTIG_LENGTH,
    DONE,
    FOUND_SIZE,
    FOUND_STATE,
    FULL,
    HASH,
    HEADER,
    LAST_BIN,
    LAST_POSITION,
    LAST_WINDOW,
    LINE,
    LINE_FEED,
    MARK_ROOM,
    MARK_SIZE,
    MARKS,
    MOVED,
    NAME_LENGTH,
    NEW_CONTIG,
    OUT,
    OUT_ROOM,
    PLACE,
    RECORDS,
    ROOM_PER_ALTERNATE,
    ROOM_PER_RECORD,
    START,
    STOP,
    TALLY,
    UNALIGNED,
    UNSORTED,
    WITHOUT_ALT,
    WRITTEN,
)
from varde.frequency.annotate_lookup import look_up_all
from varde.frequency.annotate_text import (
    CARRIAGE_RETURN,
    COMMA,
    DOT,
    EQUALS,
    SEMICOLON,
    TAB,
    Memory,
    compiled,
    copy_text,
    far_field_end,
    field_end,
    line_end,
)

_LESS = 60

_U8, _U32 = types.CPointer(types.uint8), types.CPointer(types.uint32)
_U64, _I64, _F64 = types.CPointer(types.uint64), types.CPointer(types.int64), types.CPointer(types.float64)


@compiled
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


@compiled
def _end_of_record(text: Memory, start: int, stop: int, end: int) -> int:
    """INFO's END where a record has one behind ``end``, else ``end``."""
    place = start
    while place < stop:
        if text[place] == 69 and text[place + 1] == 78 and text[place + 2] == 68 and text[place + 3] == EQUALS:
            value = 0
            place += 4
            while 48 <= text[place] <= 57 and value < 1 << 40:
                value = value * 10 + int(text[place]) - 48
                place += 1
            return max(value, end)
        while place < stop and text[place] != SEMICOLON:
            place += 1
        place += 1
    return end


@compiled
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


@compiled
def _is_contig(text: Memory, start: int, stop: int, name: Memory, state: Memory) -> bool:
    """Whether ``text[start:stop]`` is the contig that the last record was of."""
    if stop - start != state[NAME_LENGTH]:
        return False
    for i in range(stop - start):
        if text[start + i] != name[i]:
            return False
    return True


@compiled
def _read_position(text: Memory, place: int) -> tuple[int, int]:
    """POS and the tab behind it; -1 for what is no position."""
    position, digits = 0, 0
    while 48 <= text[place] <= 57 and digits < 11:
        position = position * 10 + int(text[place]) - 48
        place += 1
        digits += 1
    if digits in (0, 11) or text[place] != TAB or position > 2147483647:
        return -1, place
    return position, place


@compiled
def _lies_beyond(position: int, length: int, state: Memory) -> bool:
    """Whether bases lie outside of a contig of the build; one base may stand for a telomere, before it or behind."""
    if state[CONTIG] == 0 or (position >= 1 and position + length - 1 <= state[CONTIG_LENGTH]):
        return False
    return length != 1 or (position != 0 and position != state[CONTIG_LENGTH] + 1)


@compiled
def _read_record(text: Memory, begin: int, name: Memory, state: Memory) -> tuple[int, int, int, int, int, int, int]:
    """DONE, POS, and where REF begins, ALT begins and ends, INFO begins and ends; else why not, with ``PLACE`` set.

    REF ends with the tab before ALT.
    """
    state[PLACE] = begin
    if text[begin] == HASH:
        return HEADER, 0, 0, 0, 0, 0, 0
    place = field_end(text, begin)
    if text[place] != TAB or place == begin:
        return COLUMN_COUNT, 0, 0, 0, 0, 0, 0
    if not _is_contig(text, begin, place, name, state):
        state[PLACE] = place
        return NEW_CONTIG, 0, 0, 0, 0, 0, 0
    state[PLACE] = place + 1
    position, place = _read_position(text, place + 1)
    if position < 0:
        return BAD_POSITION, 0, 0, 0, 0, 0, 0
    place = field_end(text, place + 1)
    state[PLACE] = place
    if text[place] != TAB:
        return COLUMN_COUNT, 0, 0, 0, 0, 0, 0
    ref = place + 1
    place = field_end(text, ref)
    state[PLACE] = ref
    if text[place] != TAB:
        return COLUMN_COUNT, 0, 0, 0, 0, 0, 0
    if not all_bases(text, ref, place):
        return BAD_REF, 0, 0, 0, 0, 0, 0
    if _lies_beyond(position, place - ref, state):
        return BEYOND, 0, 0, 0, 0, 0, 0
    alt = place + 1
    alt_stop = field_end(text, alt)
    state[PLACE] = alt
    if text[alt_stop] != TAB:
        return COLUMN_COUNT, 0, 0, 0, 0, 0, 0
    place = alt_stop
    for _ in range(2):
        place = field_end(text, place + 1)
        if text[place] != TAB:
            state[PLACE] = place
            return COLUMN_COUNT, 0, 0, 0, 0, 0, 0
    info = place + 1
    info_stop = far_field_end(text, info)
    state[PLACE] = info
    if info_stop == info:
        return COLUMN_COUNT, 0, 0, 0, 0, 0, 0
    return DONE, position, ref, alt, alt_stop, info, info_stop


@compiled
def _has_room(text: Memory, o: int, length: int, alt: int, alt_stop: int, state: Memory) -> bool:
    """Whether the record and its mark can be written; ``PLACE`` is else what its text needs, 0 when marks are full."""
    if state[MARKS] == state[MARK_ROOM]:
        state[PLACE] = 0
        return False
    alternates = 1
    for i in range(alt, alt_stop):
        alternates += text[i] == COMMA
    needed = length + alternates * ROOM_PER_ALTERNATE + ROOM_PER_RECORD
    if o + needed > state[OUT_ROOM]:
        state[PLACE] = needed
        return False
    return True


@compiled
def _write_record(
    text: Memory, begin: int, info: int, info_stop: int, end: int, out: Memory, o: int, count: int, found: Memory,
    prefix: Memory, quantiles: Memory, words: Memory, word_at: Memory, state: Memory,
) -> int:  # fmt: skip
    """The line with what was found of its alleles in INFO; the place behind, -1 when INFO tells of it already."""
    o = copy_text(out, o, text, begin, info)
    behind = put_info(out, o, text, info, info_stop, prefix, state)
    if behind < 0:
        return -1
    fields = put_fields(out, behind, count, found, quantiles, words, word_at, state)
    if behind == o:  # nothing stands before: the first semicolon goes
        for i in range(behind, fields - 1):
            out[i] = out[i + 1]
        fields -= 1
    for k in range(count):
        state[TALLY + found[k * FOUND_SIZE + FOUND_STATE]] += 1
    return copy_text(out, fields, text, info_stop, end)


@compiled
def _mark_record(
    text: Memory, position: int, ref: int, alt: int, info: int, info_stop: int, marks: Memory, state: Memory
) -> None:
    """The record's mark for the index, and whether the file is sorted up to here."""
    start0 = max(position - 1, 0)
    last = start0 + alt - 1 - ref
    if text[alt] == _LESS:  # a symbolic allele
        last = _end_of_record(text, info, info_stop, last)
    _mark(marks, start0, last, state[WRITTEN] + state[OUT], state)
    state[UNSORTED] |= state[LAST_POSITION] > position
    state[LAST_POSITION] = position


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
        if text[place] == LINE_FEED or (text[place] == CARRIAGE_RETURN and text[place + 1] == LINE_FEED):
            place += 1 if text[place] == LINE_FEED else 2
            state[START], state[LINE] = place, state[LINE] + 1
            continue
        told, position, ref, alt, alt_stop, info, info_stop = _read_record(text, place, name, state)
        if told != DONE:
            return told
        end = line_end(text, info_stop) + 1
        if not _has_room(text, o, end - place, alt, alt_stop, state):
            return FULL
        if alt_stop - alt == 1 and text[alt] == DOT:
            state[WITHOUT_ALT] += 1
            o = copy_text(out, o, text, place, end)
        else:
            moved, unaligned = state[MOVED], state[UNALIGNED]
            count = look_up_all(text, ref, alt - 1, alt, alt_stop, position, found, bases, work, s_first, s_place,
                                s_width, s_bits, c_first, c_place, c_width, c_bits, long_row, long_offset, long_text,
                                state)  # fmt: skip
            if count < 0:
                return BAD_ALT
            o = _write_record(text, place, info, info_stop, end, out, o, count, found, prefix, quantiles, words,
                              word_at, state)  # fmt: skip
            if o < 0:
                state[MOVED], state[UNALIGNED] = moved, unaligned
                return ANNOTATED
        _mark_record(text, position, ref, alt, info, info_stop, marks, state)
        state[RECORDS] += 1
        state[LINE] += 1
        place = end
        state[START], state[OUT] = place, o
    return DONE
