"""VCF lines to columns: compiled code over a buffer of bytes, one row per record and alternate allele.

The buffer holds whole lines and then at least ``PADDING`` line feeds, so that no scan needs a bounds check. Strings leave
as Arrow string views (16 bytes: length, then the text itself when it has at most 12 bytes, else its first 4 bytes, a
buffer number and an offset into ``Columns.long_text``). Nothing here raises: a fault is a code and a place in the buffer,
and ``vcf`` tells the reader what it means.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from varde.genome.compiled import compiled
from varde.genome.records import ABSENT, MISSING, AlleleKind

PADDING = 64
MAX_FORMAT_FIELDS = 256

TAB, LINE_FEED, CARRIAGE_RETURN, CONTROL = 9, 10, 13, 14
COLON, COMMA, SEMICOLON, DOT, STAR, SLASH, PIPE, UNDERSCORE = 58, 44, 59, 46, 42, 47, 124, 95
ZERO, LESS, GREATER, OPENING, CLOSING, HASH, MINUS, PLUS = 48, 60, 62, 91, 93, 35, 45, 43
LOWER_CASE = 0x20

# What went wrong; OK and FULL (no room for another record) are not faults.
OK, FULL = 0, 1
COLUMN_COUNT, POSITION, REFERENCE, ALTERNATE, EMPTY_FIELD, SECOND_HEADER = 2, 3, 4, 5, 6, 7
GENOTYPE, ALLELE_INDEX, PLOIDY, NUMBER, REPEATED_FIELD, SUBFIELD_COUNT, END, FORMAT_FIELDS = (
    8,
    9,
    10,
    11,
    12,
    13,
    14,
    15,
)

# FORMAT fields that are read; PGT and PID are GATK's physical phasing.
GT, AD, DP, GQ, PS, PID, PGT = 1, 2, 3, 4, 5, 6, 7
FIELD_NAMES = ("", "GT", "AD", "DP", "GQ", "PS", "PID", "PGT")

_REFERENCE = int(AlleleKind.REFERENCE)
_SNV, _MNV, _INSERTION = int(AlleleKind.SNV), int(AlleleKind.MNV), int(AlleleKind.INSERTION)
_DELETION, _DELINS = int(AlleleKind.DELETION), int(AlleleKind.DELINS)
_SPANNING, _SYMBOLIC, _BREAKEND = int(AlleleKind.SPANNING), int(AlleleKind.SYMBOLIC), int(AlleleKind.BREAKEND)
_BAD_ALLELE = -1

_IS_BASE = np.zeros(256, dtype=np.bool_)
_IS_BASE[np.frombuffer(b"ACGTNRYSWKMBDHVacgtnryswkmbdhv", dtype=np.uint8)] = True

# A sample's values while it is read.
_FIRST, _SECOND, _PHASED, _DP, _GQ, _PS, _PID, _PGT = 0, 1, 2, 3, 4, 5, 6, 7


class Columns(NamedTuple):
    """Room for rows; the names and types of ``records.SITE_SCHEMA`` and ``records.AlleleTable``."""

    line: NDArray[np.int64]
    record: NDArray[np.int64]
    allele: NDArray[np.int16]
    allele_count: NDArray[np.int16]
    position: NDArray[np.int64]
    end: NDArray[np.int64]
    kind: NDArray[np.uint8]
    contig_name: NDArray[np.uint32]
    identifier: NDArray[np.uint32]
    ref: NDArray[np.uint32]
    alt: NDArray[np.uint32]
    filter: NDArray[np.uint32]
    long_text: NDArray[np.uint8]
    genotype: NDArray[np.int8]
    phased: NDArray[np.bool_]
    phase_set: NDArray[np.int32]
    depth_ref: NDArray[np.int32]
    depth_alt: NDArray[np.int32]
    depth_x: NDArray[np.int32]
    genotype_quality: NDArray[np.int32]


class Extent(NamedTuple):
    """How far a call came: the fault and its place, what was consumed, and what was written."""

    fault: int
    place: int
    consumed: int
    line: int
    rows: int
    records: int
    long_used: int


@compiled
def first_bad_byte(text: NDArray[np.uint8], start: int, stop: int) -> int:
    """Place of the first control byte other than tab, line feed and carriage return; -1 for none, -2 when none but some
    byte is not ASCII (and UTF-8 is to be checked)."""
    high = np.uint8(0)
    bad = False
    for i in range(start, stop):
        byte = text[i]
        high |= byte
        bad |= (byte < 9) | (byte == 11) | (byte == 12)
    if bad:
        for i in range(start, stop):
            if text[i] < 9 or text[i] == 11 or text[i] == 12:
                return i
    return -2 if high & 0x80 else -1


@compiled
def _field_end(text: NDArray[np.uint8], place: int) -> int:
    """Place of the next tab or line end."""
    while text[place] >= CONTROL:
        place += 1
    return place


@compiled
def _far_field_end(text: NDArray[np.uint8], place: int) -> int:
    """As ``_field_end``, 32 bytes at a stride, for fields that are long and not looked at."""
    while True:
        found = False
        for i in range(32):
            found |= text[place + i] < CONTROL
        if found:
            return _field_end(text, place)
        place += 32


@compiled
def _next_line(text: NDArray[np.uint8], place: int) -> int:
    """Start of the line after a line end at ``place``; -1 when no line ends there."""
    if text[place] == LINE_FEED:
        return place + 1
    if text[place] == CARRIAGE_RETURN and text[place + 1] == LINE_FEED:
        return place + 2
    return -1


@compiled
def _write_view(
    views: NDArray[np.uint32],
    row: int,
    text: NDArray[np.uint8],
    start: int,
    stop: int,
    fold: int,
    long_text: NDArray[np.uint8],
    long_used: int,
) -> int:
    """Writes the string view of ``text[start:stop]``, letters in upper case when ``fold`` is 0x20; new ``long_used``."""
    length = stop - start
    views[row, 0] = length
    views[row, 1] = 0
    views[row, 2] = 0
    views[row, 3] = 0
    mask = np.uint32(0xFF & ~fold)
    if length <= 12:
        for i in range(length):
            views[row, 1 + (i >> 2)] |= (np.uint32(text[start + i]) & mask) << np.uint32(8 * (i & 3))
        return long_used
    for i in range(4):
        views[row, 1] |= (np.uint32(text[start + i]) & mask) << np.uint32(8 * i)
    views[row, 3] = long_used
    for i in range(length):
        long_text[long_used + i] = text[start + i] & mask
    return long_used + length


@compiled
def _same_text(text: NDArray[np.uint8], start: int, other: int, length: int) -> bool:
    for i in range(length):
        if text[start + i] != text[other + i]:
            return False
    return True


@compiled
def _all_bases(text: NDArray[np.uint8], start: int, stop: int) -> bool:
    for i in range(start, stop):
        if not _IS_BASE[text[i]]:
            return False
    return stop > start


@compiled
def _sequence_kind(text: NDArray[np.uint8], ref: int, ref_stop: int, alt: int, alt_stop: int) -> int:
    """Kind of a sequence allele once the bases that REF and ALT share at their ends are taken off."""
    while ref_stop > ref and alt_stop > alt and (text[ref_stop - 1] | LOWER_CASE) == (text[alt_stop - 1] | LOWER_CASE):
        ref_stop -= 1
        alt_stop -= 1
    while ref_stop > ref and alt_stop > alt and (text[ref] | LOWER_CASE) == (text[alt] | LOWER_CASE):
        ref += 1
        alt += 1
    if ref == ref_stop:
        return _REFERENCE if alt == alt_stop else _INSERTION
    if alt == alt_stop:
        return _DELETION
    if ref_stop - ref != alt_stop - alt:
        return _DELINS
    return _SNV if ref_stop - ref == 1 else _MNV


@compiled
def _kind(text: NDArray[np.uint8], ref: int, ref_stop: int, alt: int, alt_stop: int) -> int:
    """AlleleKind of ``text[alt:alt_stop]``, or -1 when no ALT may look so."""
    first, last, length = text[alt], text[alt_stop - 1], alt_stop - alt
    if length == 1 and first == STAR:
        return _SPANNING
    if first == LESS:
        if last != GREATER or length < 3:
            return _BAD_ALLELE
        if length == 3 and text[alt + 1] == STAR:
            return _REFERENCE
        # <NON_REF>
        is_non_ref = length == 9 and text[alt + 1] == 78 and text[alt + 4] == UNDERSCORE and text[alt + 5] == 82
        return _REFERENCE if is_non_ref and text[alt + 2] == 79 and text[alt + 3] == 78 else _SYMBOLIC
    if _all_bases(text, alt, alt_stop):
        return _sequence_kind(text, ref, ref_stop, alt, alt_stop)
    for i in range(alt, alt_stop):
        if text[i] == OPENING or text[i] == CLOSING:
            return _BREAKEND
    if length > 1 and (
        (first == DOT and _all_bases(text, alt + 1, alt_stop)) or (last == DOT and _all_bases(text, alt, alt_stop - 1))
    ):
        return _BREAKEND
    return _BAD_ALLELE


@compiled
def _digits(text: NDArray[np.uint8], place: int) -> tuple[int, int]:
    """A whole number without sign and the place behind it; the number is -1 when there is no digit or above 2^53."""
    value, start = 0, place
    while True:
        digit = int(text[place]) - ZERO
        if digit < 0 or digit > 9:
            break
        value = value * 10 + digit if value < 1 << 49 else 1 << 53
        place += 1
    return (value if place > start and value < 1 << 53 else -1), place


@compiled
def _number(text: NDArray[np.uint8], place: int) -> tuple[int, int]:
    """An integer subfield, MISSING for ``.`` or nothing; a decimal fraction is cut off. The place is -1 for a bad one."""
    if text[place] == DOT and (text[place + 1] < CONTROL or text[place + 1] == COLON):
        return MISSING, place + 1
    if text[place] < CONTROL or text[place] == COLON:
        return MISSING, place
    value, place = _digits(text, place)
    if value < 0:
        return 0, -1
    if text[place] == DOT or (text[place] | LOWER_CASE) == 101:
        value, place = _decimal(text, place, value)
    if value > 2147483647 or (text[place] >= CONTROL and text[place] != COLON):
        return 0, -1
    return value, place


@compiled
def _decimal(text: NDArray[np.uint8], place: int, whole: int) -> tuple[int, int]:
    """The rest of a number such as ``48.73`` or ``1.2e+02`` whose whole part is read, rounded down."""
    value = float(whole)
    if text[place] == DOT:
        place += 1
        weight = 0.1
        while ZERO <= text[place] <= ZERO + 9:
            value += (int(text[place]) - ZERO) * weight
            weight /= 10
            place += 1
    if (text[place] | LOWER_CASE) == 101:
        place += 1
        sign = -1 if text[place] == MINUS else 1
        if text[place] == MINUS or text[place] == PLUS:
            place += 1
        power, place = _digits(text, place)
        if power < 0 or power > 300:
            return 1 << 53, place
        value *= 10.0 ** (sign * power)
    return (int(value + 1e-9) if value < 2147483648.0 else 1 << 53), place


@compiled
def _skip_subfield(text: NDArray[np.uint8], place: int) -> int:
    while text[place] >= CONTROL and text[place] != COLON:
        place += 1
    return place


@compiled
def _read_genotype(
    text: NDArray[np.uint8], place: int, alternates: int, values: NDArray[np.int64], at: int
) -> tuple[int, int]:
    """One GT into ``values[at:at + 3]`` (alleles and whether phased); the fault and the place behind or of the fault."""
    start, alleles, phased = place, 0, 0
    values[at] = MISSING
    values[at + 1] = ABSENT
    if text[place] == SLASH or text[place] == PIPE:  # VCF 4.4 may state the phase of the first allele
        place += 1
    while True:
        if text[place] == DOT:
            allele = MISSING
            place += 1
        else:
            allele, place = _digits(text, place)
            if allele < 0:
                return GENOTYPE, start
            if allele > alternates:
                return ALLELE_INDEX, start
        if alleles == 2:
            return PLOIDY, start
        values[at + alleles] = allele
        alleles += 1
        separator = text[place]
        if separator < CONTROL or separator == COLON:
            break
        if separator != SLASH and separator != PIPE:
            return GENOTYPE, start
        phased = 1 if separator == PIPE else 0
        place += 1
    if alleles == 1 and values[at] == MISSING:
        values[at + 1] = MISSING  # a lone '.' does not tell the ploidy
    values[at + 2] = phased
    return OK, place


@compiled
def _read_depths(text: NDArray[np.uint8], place: int, depths: NDArray[np.int32], expected: int) -> int:
    """AD into ``depths[:expected]``, all MISSING unless there is one per allele; the place behind, -1 for a bad number."""
    count = 0
    while True:
        if text[place] == DOT:
            value = MISSING
            place += 1
        elif text[place] < CONTROL or text[place] == COLON:
            value = MISSING
        else:
            value, place = _digits(text, place)
            if value < 0 or value > 2147483647:
                return -1
        if count < expected:
            depths[count] = value
        count += 1
        if text[place] != COMMA:
            break
        place += 1
    if count != expected:
        depths[:expected] = MISSING
    return place if text[place] < CONTROL or text[place] == COLON else -1


@compiled
def _read_phase_set(text: NDArray[np.uint8], place: int) -> int:
    """The leading position of a PS (``12345``) or PID (``12345_A_G``); MISSING when it starts otherwise."""
    value, place = _digits(text, place)
    behind = text[place]
    is_end = behind < CONTROL or behind == COLON or behind == UNDERSCORE
    return value if is_end and 0 <= value <= 2147483647 else MISSING


@compiled
def _read_sample(
    text: NDArray[np.uint8],
    place: int,
    fields: NDArray[np.uint8],
    field_count: int,
    alternates: int,
    values: NDArray[np.int64],
    depths: NDArray[np.int32],
) -> tuple[int, int]:
    """One sample column; the fault and the place behind it or of the fault. Subfields left off at the end are missing."""
    values[:] = MISSING
    values[_PHASED] = 0
    depths[: alternates + 1] = MISSING
    for i in range(field_count):
        start, field = place, fields[i]
        if field == GT:
            fault, place = _read_genotype(text, place, alternates, values, _FIRST)
            if fault != OK:
                return fault, place
        elif field == AD:
            place = _read_depths(text, place, depths, alternates + 1)
        elif field == DP:
            values[_DP], place = _number(text, place)
        elif field == GQ:
            values[_GQ], place = _number(text, place)
        else:
            if field == PS:
                values[_PS] = _read_phase_set(text, place)
            elif field == PID:
                values[_PID] = _read_phase_set(text, place)
            elif field == PGT and text[place + 1] == PIPE:
                values[_PGT] = place
            place = _skip_subfield(text, place)
        if place < 0:
            return NUMBER, start
        if text[place] != COLON:
            return OK, place
        place += 1
    return SUBFIELD_COUNT, place


@compiled
def _apply_physical_phase(text: NDArray[np.uint8], values: NDArray[np.int64]) -> None:
    """GATK writes the phase of an unphased heterozygote in PGT, its set in PID: the order of the alleles is taken from it.

    Only for a genotype of REF and one ALT, where PGT's 0 and 1 can mean nothing else.
    """
    place = values[_PGT]
    if values[_PS] == MISSING:
        values[_PS] = values[_PID]
    if place < 0 or values[_PHASED] or values[_PID] == MISSING:
        return
    low, high = min(values[_FIRST], values[_SECOND]), max(values[_FIRST], values[_SECOND])
    if low != 0 or high <= 0:
        return
    if text[place] == ZERO and text[place + 2] == ZERO + 1:
        values[_FIRST], values[_SECOND], values[_PHASED] = low, high, 1
    elif text[place] == ZERO + 1 and text[place + 2] == ZERO:
        values[_FIRST], values[_SECOND], values[_PHASED] = high, low, 1


@compiled
def _code(allele: int, row_allele: int) -> int:
    """The genotype code of one allele in the row of ``row_allele``."""
    if allele <= 0:
        return allele
    return 1 if allele == row_allele else 2


@compiled
def _write_sample(
    columns: Columns, row: int, rows: int, sample: int, values: NDArray[np.int64], depths: NDArray[np.int32]
) -> None:
    for k in range(rows):
        columns.genotype[row + k, sample, 0] = _code(values[_FIRST], k + 1)
        columns.genotype[row + k, sample, 1] = _code(values[_SECOND], k + 1)
        columns.phased[row + k, sample] = values[_PHASED] == 1
        columns.phase_set[row + k, sample] = values[_PS]
        columns.depth_ref[row + k, sample] = depths[0]
        columns.depth_x[row + k, sample] = values[_DP]
        columns.genotype_quality[row + k, sample] = values[_GQ]


@compiled
def _write_alternate_depths(
    columns: Columns, row: int, alternates: int, sample: int, depths: NDArray[np.int32]
) -> None:
    if alternates == 0:
        columns.depth_alt[row, sample] = MISSING
    for k in range(alternates):
        columns.depth_alt[row + k, sample] = depths[k + 1]


@compiled
def _read_samples(
    text: NDArray[np.uint8],
    place: int,
    fields: NDArray[np.uint8],
    field_count: int,
    alternates: int,
    row: int,
    places: NDArray[np.int32],
    values: NDArray[np.int64],
    depths: NDArray[np.int32],
    columns: Columns,
) -> tuple[int, int]:
    """All sample columns of a line; ``places`` gives each one's place in the table, -1 for one not asked for."""
    rows = max(alternates, 1)
    for sample in places:
        if text[place] != TAB:
            return COLUMN_COUNT, place
        place += 1
        if sample < 0:
            place = _far_field_end(text, place)
            continue
        if text[place] < CONTROL:
            return EMPTY_FIELD, place
        fault, place = _read_sample(text, place, fields, field_count, alternates, values, depths)
        if fault != OK:
            return fault, place
        if values[_PID] != MISSING:
            _apply_physical_phase(text, values)
        _write_sample(columns, row, rows, sample, values, depths)
        _write_alternate_depths(columns, row, alternates, sample, depths)
    return OK, place


@compiled
def _fill_missing(columns: Columns, row: int, rows: int) -> None:
    """Everything a line of genotypes alone does not tell."""
    for k in range(row, row + rows):
        columns.phase_set[k, :] = MISSING
        columns.depth_ref[k, :] = MISSING
        columns.depth_alt[k, :] = MISSING
        columns.depth_x[k, :] = MISSING
        columns.genotype_quality[k, :] = MISSING


@compiled
def _read_genotypes_only(
    text: NDArray[np.uint8],
    place: int,
    alternates: int,
    row: int,
    places: NDArray[np.int32],
    values: NDArray[np.int64],
    columns: Columns,
) -> tuple[int, int]:
    """As ``_read_samples`` for lines whose FORMAT is GT, with a short way for calls of three characters."""
    rows = max(alternates, 1)
    _fill_missing(columns, row, rows)
    for sample in places:
        if text[place] != TAB:
            return COLUMN_COUNT, place
        place += 1
        first, second = int(text[place]) - ZERO, int(text[place + 2]) - ZERO
        phased = text[place + 1] == PIPE
        is_short = 0 <= first <= 9 and 0 <= second <= 9 and (phased or text[place + 1] == SLASH)
        if is_short and text[place + 3] < CONTROL and first <= alternates and second <= alternates:
            place += 3
        elif sample < 0:
            place = _field_end(text, place)
            continue
        else:
            fault, place = _read_genotype(text, place, alternates, values, _FIRST)
            if fault != OK:
                return fault, place
            if text[place] == COLON:
                return SUBFIELD_COUNT, place
            first, second, phased = values[_FIRST], values[_SECOND], values[_PHASED] == 1
        if sample >= 0:
            for k in range(rows):
                columns.genotype[row + k, sample, 0] = _code(first, k + 1)
                columns.genotype[row + k, sample, 1] = _code(second, k + 1)
                columns.phased[row + k, sample] = phased
    return OK, place


@compiled
def _format_field(text: NDArray[np.uint8], start: int, stop: int) -> int:
    """The code of a FORMAT field that is read, else 0."""
    if stop - start == 2:
        first, second = text[start], text[start + 1]
        if first == 71:  # G
            return GT if second == 84 else GQ if second == 81 else 0
        if second == 80 and first == 68:
            return DP
        if first == 65 and second == 68:
            return AD
        return PS if first == 80 and second == 83 else 0
    if stop - start == 3 and text[start] == 80:
        if text[start + 1] == 73 and text[start + 2] == 68:
            return PID
        if text[start + 1] == 71 and text[start + 2] == 84:
            return PGT
    return 0


@compiled
def _read_format(
    text: NDArray[np.uint8], place: int, stop: int, reads_depths: bool, fields: NDArray[np.uint8]
) -> tuple[int, int]:
    """FORMAT as field codes; the fault and how many fields there are."""
    count, seen = 0, 0
    while True:
        behind = _skip_subfield(text, place)
        if count == len(fields):
            return FORMAT_FIELDS, count
        field = _format_field(text, place, behind)
        if field and seen & (1 << field):
            return REPEATED_FIELD, count
        seen |= 1 << field
        fields[count] = 0 if field == AD and not reads_depths else field
        count += 1
        if behind >= stop:
            return OK, count
        place = behind + 1


@compiled
def _info_end(text: NDArray[np.uint8], place: int, stop: int) -> tuple[int, int]:
    """The value of INFO's END and its place; the place is -1 without one, the value -1 for a bad one."""
    while place < stop:
        if text[place] == 69 and text[place + 1] == 78 and text[place + 2] == 68 and text[place + 3] == 61:
            value, behind = _digits(text, place + 4)
            return (value if behind == stop or text[behind] == SEMICOLON else -1), place + 4
        while place < stop and text[place] != SEMICOLON:
            place += 1
        place += 1
    return 0, -1


@compiled
def _skip_columns(text: NDArray[np.uint8], place: int, count: int) -> int:
    """Place behind ``count`` further columns; -1 when the line has fewer."""
    for _ in range(count):
        if text[place] != TAB:
            return -1
        place = _far_field_end(text, place + 1)
    return place


@compiled
def parse_lines(
    text: NDArray[np.uint8],
    start: int,
    stop: int,
    line: int,
    first_record: int,
    max_records: int,
    has_format: bool,
    reads_depths: bool,
    places: NDArray[np.int32],
    columns: Columns,
) -> Extent:
    """Reads lines from ``text[start:stop]`` until they end, ``max_records`` are read, or ``columns`` has no more room.

    ``line`` is the number of the first line, ``places`` the place in the table of every sample column. The rows of a
    record that is not complete are not counted.
    """
    capacity = len(columns.line)
    fields = np.empty(MAX_FORMAT_FIELDS, dtype=np.uint8)
    values = np.empty(8, dtype=np.int64)
    depths = np.empty(64, dtype=np.int32)
    last_format, last_format_length, field_count = 0, -1, 0
    last_contig, last_filter, last_row = 0, 0, -1
    place, row, records, long_used = start, 0, 0, 0
    any_sample = False
    for sample in places:
        any_sample |= sample >= 0
    while place < stop and records < max_records:
        after_blank = _next_line(text, place)
        if after_blank >= 0:
            place = after_blank
            line += 1
            continue
        begin = place
        if text[place] == HASH:
            return Extent(SECOND_HEADER, place, begin, line, row, records, long_used)

        contig_stop = _field_end(text, place)
        identifier = contig_stop + 1
        if text[contig_stop] != TAB:
            return Extent(COLUMN_COUNT, contig_stop, begin, line, row, records, long_used)
        position, identifier = _digits(text, identifier)
        if text[identifier] != TAB or position < 0:
            return Extent(POSITION, contig_stop + 1, begin, line, row, records, long_used)
        identifier += 1
        identifier_stop = _field_end(text, identifier)
        ref = identifier_stop + 1
        if text[identifier_stop] != TAB:
            return Extent(COLUMN_COUNT, identifier_stop, begin, line, row, records, long_used)
        ref_stop = _field_end(text, ref)
        alt = ref_stop + 1
        if text[ref_stop] != TAB:
            return Extent(COLUMN_COUNT, ref_stop, begin, line, row, records, long_used)
        if not _all_bases(text, ref, ref_stop):
            return Extent(REFERENCE, ref, begin, line, row, records, long_used)
        alt_stop, alternates = alt, 1
        while text[alt_stop] >= CONTROL:
            alternates += text[alt_stop] == COMMA
            alt_stop += 1
        if text[alt_stop] != TAB:
            return Extent(COLUMN_COUNT, alt_stop, begin, line, row, records, long_used)
        if alt_stop - alt == 1 and text[alt] == DOT:
            alternates = 0
        rows = max(alternates, 1)
        if row + rows > capacity or alternates > 32766:
            return Extent(FULL, alternates, begin, line, row, records, long_used)
        if alternates + 1 > len(depths):
            depths = np.empty(alternates + 1, dtype=np.int32)
        quality_stop = _field_end(text, alt_stop + 1)
        filter_start = quality_stop + 1
        if text[quality_stop] != TAB:
            return Extent(COLUMN_COUNT, quality_stop, begin, line, row, records, long_used)
        filter_stop = _field_end(text, filter_start)
        info = filter_stop + 1
        if text[filter_stop] != TAB:
            return Extent(COLUMN_COUNT, filter_stop, begin, line, row, records, long_used)
        if (
            contig_stop == begin
            or identifier_stop == identifier
            or quality_stop == alt_stop + 1
            or filter_stop == filter_start
        ):
            return Extent(EMPTY_FIELD, begin, begin, line, row, records, long_used)
        info_stop = _far_field_end(text, info)

        # Site columns of the record, then one row per ALT.
        if last_row >= 0 and _same_text(text, begin, last_contig, contig_stop + 1 - begin):
            columns.contig_name[row] = columns.contig_name[last_row]
        else:
            long_used = _write_view(columns.contig_name, row, text, begin, contig_stop, 0, columns.long_text, long_used)
        last_contig = begin
        if last_row >= 0 and _same_text(text, filter_start, last_filter, filter_stop + 1 - filter_start):
            columns.filter[row] = columns.filter[last_row]
        else:
            long_used = _write_view(
                columns.filter, row, text, filter_start, filter_stop, 0, columns.long_text, long_used
            )
        last_filter = filter_start
        long_used = _write_view(
            columns.identifier, row, text, identifier, identifier_stop, 0, columns.long_text, long_used
        )
        long_used = _write_view(columns.ref, row, text, ref, ref_stop, LOWER_CASE, columns.long_text, long_used)
        end_value, end_place = 0, -2
        allele_start = alt
        for k in range(rows):
            allele_stop = allele_start
            while text[allele_stop] != COMMA and text[allele_stop] != TAB:
                allele_stop += 1
            if allele_stop == allele_start:
                return Extent(ALTERNATE, allele_start, begin, line, row, records, long_used)
            kind = _REFERENCE if alternates == 0 else _kind(text, ref, ref_stop, allele_start, allele_stop)
            if kind == _BAD_ALLELE:
                return Extent(ALTERNATE, allele_start, begin, line, row, records, long_used)
            is_sequence = text[allele_start] != LESS and kind != _BREAKEND and kind != _SPANNING and alternates > 0
            end = position + ref_stop - ref - 1
            if not is_sequence and kind != _BREAKEND and kind != _SPANNING:
                if end_place == -2:
                    end_value, end_place = _info_end(text, info, info_stop)
                if end_place >= 0:
                    if end_value < position:
                        return Extent(END, end_place, begin, line, row, records, long_used)
                    end = end_value
            if k > 0:
                columns.contig_name[row + k] = columns.contig_name[row]
                columns.filter[row + k] = columns.filter[row]
                columns.identifier[row + k] = columns.identifier[row]
                columns.ref[row + k] = columns.ref[row]
            long_used = _write_view(
                columns.alt,
                row + k,
                text,
                allele_start,
                allele_stop,
                LOWER_CASE if is_sequence else 0,
                columns.long_text,
                long_used,
            )
            columns.line[row + k] = line
            columns.record[row + k] = first_record + records
            columns.allele[row + k] = k + 1 if alternates else 0
            columns.allele_count[row + k] = alternates
            columns.position[row + k] = position
            columns.end[row + k] = end
            columns.kind[row + k] = kind
            allele_start = allele_stop + 1

        # FORMAT and the samples.
        place = info_stop
        if info_stop == info:
            return Extent(EMPTY_FIELD, info, begin, line, row, records, long_used)
        if has_format and text[place] == TAB:
            format_start = place + 1
            place = _field_end(text, format_start)
            length = place - format_start
            if length == 0:
                return Extent(EMPTY_FIELD, format_start, begin, line, row, records, long_used)
            if length != last_format_length or not _same_text(text, format_start, last_format, length):
                fault, field_count = _read_format(text, format_start, place, reads_depths, fields)
                if fault != OK:
                    return Extent(fault, format_start, begin, line, row, records, long_used)
                last_format_length = length
            last_format = format_start
            if not any_sample:
                fault, place = OK, _skip_columns(text, place, len(places))
                if place < 0:
                    return Extent(COLUMN_COUNT, info_stop, begin, line, row, records, long_used)
            elif field_count == 1 and fields[0] == GT:
                fault, place = _read_genotypes_only(text, place, alternates, row, places, values, columns)
            else:
                fault, place = _read_samples(
                    text, place, fields, field_count, alternates, row, places, values, depths, columns
                )
            if fault != OK:
                return Extent(fault, place, begin, line, row, records, long_used)
        elif has_format:
            return Extent(COLUMN_COUNT, place, begin, line, row, records, long_used)
        following = _next_line(text, place)
        if following < 0:
            return Extent(COLUMN_COUNT, place, begin, line, row, records, long_used)
        last_row = row
        place = following
        line += 1
        row += rows
        records += 1
    return Extent(OK, place, place, line, row, records, long_used)
