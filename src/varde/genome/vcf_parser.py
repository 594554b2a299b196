# ruff: noqa: SIM110 - columns go as separate arrays, and any() is slower than a loop when compiled
"""VCF lines to columns: compiled code over a buffer of bytes, one row per record and alternate allele.

The buffer holds whole lines and then at least ``PADDING`` line feeds, so that no scan needs a bounds check. Strings
leave as Arrow string views (16 bytes: length, then the text itself when it has at most 12 bytes, else its first 4
bytes, a buffer number and an offset into ``Columns.long_text``). Nothing here raises: a fault is a code and a place in
the buffer, and ``vcf_faults`` tells what it means. All compiled functions of the parser stand in this one module, for
the cache of compiled code notices a change in the module of the function called, and in no other.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from varde.genome.compiled import compiled
from varde.genome.memory import STRIDE, Memory, bits_between, lowest_bit, memory
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

# FORMAT fields that are read; PGT and PID are GATK's physical phasing, MIN_DP is the depth of a block without DP.
GT, AD, DP, GQ, PS, PID, PGT, MIN_DP = 1, 2, 3, 4, 5, 6, 7, 8
FIELD_NAMES = ("", "GT", "AD", "DP", "GQ", "PS", "PID", "PGT", "MIN_DP")

_REFERENCE = int(AlleleKind.REFERENCE)
_SNV, _MNV, _INSERTION = int(AlleleKind.SNV), int(AlleleKind.MNV), int(AlleleKind.INSERTION)
_DELETION, _DELINS = int(AlleleKind.DELETION), int(AlleleKind.DELINS)
_SPANNING, _SYMBOLIC, _BREAKEND = int(AlleleKind.SPANNING), int(AlleleKind.SYMBOLIC), int(AlleleKind.BREAKEND)
_BAD_ALLELE = -1

_IS_BASE = np.zeros(256, dtype=np.bool_)
_IS_BASE[np.frombuffer(b"ACGTNRYSWKMBDHVacgtnryswkmbdhv", dtype=np.uint8)] = True

# The first axis of the arrays of ``Columns``.
NUMBERS = ("line", "record", "allele", "allele_count", "position", "end", "kind")
TEXTS = ("contig_name", "identifier", "ref", "alt", "filter")
CALLS = ("phase_set", "depth_ref", "depth_alt", "depth_x", "genotype_quality")
_LINE, _RECORD, _ALLELE, _ALLELE_COUNT, _POSITION, _END, _KIND = range(len(NUMBERS))
_CONTIG, _IDENTIFIER, _REF_TEXT, _ALT_TEXT, _FILTER_TEXT = range(len(TEXTS))
_PHASE_SET, _DEPTH_REF, _DEPTH_ALT, _DEPTH_X, _QUALITY = range(len(CALLS))

# Places in ``bounds``: where a record's fixed columns start and stop.
_CONTIG_STOP, _POS = 0, 1
_ID, _ID_STOP, _REF, _REF_STOP, _ALT, _ALT_STOP = 2, 3, 4, 5, 6, 7
_QUAL, _QUAL_STOP, _FILTER, _FILTER_STOP, _INFO, _INFO_STOP, _BOUNDS = 8, 9, 10, 11, 12, 13, 14
HIGHEST_POSITION = 2147483647  # of BAM, BCF and tabix

# Places in ``state``: what goes from record to record.
_LINE_NUMBER, _RECORD_NUMBER, _LONG_USED, _LAST_CONTIG, _LAST_FILTER = 0, 1, 2, 3, 4
_LAST_FORMAT, _FORMAT_LENGTH, _FIELD_COUNT, _STATES = 5, 6, 7, 8

# Places in ``values``: a sample's values while it is read.
_FIRST, _SECOND, _PHASED, _DP, _GQ, _PS, _PID, _PGT, _MIN_DP, VALUES = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9


class Columns(NamedTuple):
    """Room for rows, in few arrays because every one costs a little at each call; the first axis is the column.

    ``numbers`` int64 [_NUMBERS, rows], ``texts`` string views uint32 [_TEXTS, rows, 4] with ``long_text`` behind them,
    ``genotype`` int8 [rows, samples, 2], ``phased`` bool [rows, samples], ``calls`` int32 [_CALLS, rows, samples].
    """

    numbers: NDArray[np.int64]
    texts: NDArray[np.uint32]
    long_text: NDArray[np.uint8]
    genotype: NDArray[np.int8]
    phased: NDArray[np.bool_]
    calls: NDArray[np.int32]

    @classmethod
    def of(cls, rows: int, samples: int, text_bytes: int) -> Columns:
        """Room for that many rows, from at most so many bytes of text."""
        return cls(
            np.empty((len(NUMBERS), rows), dtype=np.int64),
            np.empty((len(TEXTS), rows, 4), dtype=np.uint32),
            np.empty(text_bytes, dtype=np.uint8),
            np.full((rows, samples, 2), MISSING, dtype=np.int8),
            np.zeros((rows, samples), dtype=np.bool_),
            np.full((len(CALLS), rows, samples), MISSING, dtype=np.int32),
        )


class Layout(NamedTuple):
    """What the header tells of the sample columns; ``places`` is each one's place in the table, -1 for not chosen."""

    has_format: bool
    depths_per_allele: bool
    places: NDArray[np.int32]


class Scratch(NamedTuple):
    """Room used again for every record: FORMAT as field codes, a sample's values, and its AD."""

    fields: NDArray[np.uint8]
    values: NDArray[np.int64]
    depths: NDArray[np.int32]


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
    address, high = memory(text), 0
    for place in range(start, stop, STRIDE):
        looked_at = -1 if stop - place >= STRIDE else (1 << (stop - place)) - 1
        bad = (bits_between(address, place, 0, TAB) | bits_between(address, place, 11, 2)) & looked_at
        if bad:
            return int(place + lowest_bit(bad))
        high |= bits_between(address, place, 0x80, 0x80) & looked_at
    return -2 if high else -1


@compiled
def field_end(text: Memory, place: int) -> int:
    """Place of the next tab or line end."""
    while text[place] >= CONTROL:
        place += 1
    return place


@compiled
def far_field_end(text: Memory, place: int) -> int:
    """As ``field_end``, 64 bytes at a stride, for fields that are long and not looked at."""
    while True:
        found = bits_between(text, place, 0, CONTROL)
        if found:
            return int(place + lowest_bit(found))
        place += STRIDE


@compiled
def _line_end(text: Memory, place: int) -> int:
    """Place of the line end, 64 bytes at a stride."""
    while True:
        found = bits_between(text, place, LINE_FEED, 1)
        if found:
            break
        place += STRIDE
    place += lowest_bit(found)
    return place - 1 if text[place - 1] == CARRIAGE_RETURN else place


@compiled
def _next_line(text: Memory, place: int) -> int:
    """Start of the line after a line end at ``place``; -1 when no line ends there."""
    if text[place] == LINE_FEED:
        return place + 1
    if text[place] == CARRIAGE_RETURN and text[place + 1] == LINE_FEED:
        return place + 2
    return -1


@compiled
def _write_view(
    texts: NDArray[np.uint32],
    column: int,
    row: int,
    text: Memory,
    start: int,
    stop: int,
    fold: int,
    long_text: Memory,
    long_used: int,
) -> int:
    """Writes the string view of ``text[start:stop]``, in upper case when ``fold`` is 0x20; new ``long_used``."""
    length = stop - start
    texts[column, row, 0] = length
    texts[column, row, 1] = 0
    texts[column, row, 2] = 0
    texts[column, row, 3] = 0
    mask = np.uint32(0xFF & ~fold)
    if length <= 12:
        for i in range(length):
            texts[column, row, 1 + (i >> 2)] |= (np.uint32(text[start + i]) & mask) << np.uint32(8 * (i & 3))
        return long_used
    for i in range(4):
        texts[column, row, 1] |= (np.uint32(text[start + i]) & mask) << np.uint32(8 * i)
    texts[column, row, 3] = long_used
    for i in range(length):
        long_text[long_used + i] = text[start + i] & mask
    return long_used + length


@compiled
def same_text(text: Memory, start: int, other: int, length: int) -> bool:
    for i in range(length):
        if text[start + i] != text[other + i]:
            return False
    return True


@compiled
def _all_bases(text: Memory, start: int, stop: int) -> bool:
    for i in range(start, stop):
        if not _IS_BASE[text[i]]:
            return False
    return stop > start


@compiled
def _sequence_kind(text: Memory, ref: int, ref_stop: int, alt: int, alt_stop: int) -> int:
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
def _kind(text: Memory, ref: int, ref_stop: int, alt: int, alt_stop: int) -> int:
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
def _digits(text: Memory, place: int) -> tuple[int, int]:
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
def _number(text: Memory, place: int) -> tuple[int, int]:
    """A number, rounded down, and the place behind; MISSING for ``.`` or nothing; the place is -1 for a bad one."""
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
def _decimal(text: Memory, place: int, whole: int) -> tuple[int, int]:
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
def _skip_subfield(text: Memory, place: int) -> int:
    while text[place] >= CONTROL and text[place] != COLON:
        place += 1
    return place


@compiled
def read_genotype(text: Memory, place: int, alternates: int, values: NDArray[np.int64]) -> tuple[int, int]:
    """One GT into ``values`` (alleles, whether phased); the fault and the place behind it or of the fault."""
    start, alleles, phased = place, 0, 0
    values[_FIRST] = MISSING
    values[_SECOND] = ABSENT
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
        values[_FIRST + alleles] = allele
        alleles += 1
        separator = text[place]
        if separator < CONTROL or separator == COLON:
            break
        if separator not in (SLASH, PIPE):
            return GENOTYPE, start
        phased = 1 if separator == PIPE else 0
        place += 1
    if alleles == 1 and values[_FIRST] == MISSING:
        values[_SECOND] = MISSING  # a lone '.' does not tell the ploidy
    values[_PHASED] = phased
    return OK, place


@compiled
def read_depths(text: Memory, place: int, depths: NDArray[np.int32], expected: int) -> int:
    """AD into ``depths``, all MISSING unless there is one per allele; the place behind, -1 for a bad number."""
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
def _read_phase_set(text: Memory, place: int) -> int:
    """The leading position of a PS (``12345``) or PID (``12345_A_G``); MISSING when it starts otherwise."""
    value, place = _digits(text, place)
    behind = text[place]
    is_end = behind < CONTROL or behind in (COLON, UNDERSCORE)
    return value if is_end and 0 <= value <= 2147483647 else MISSING


@compiled
def read_sample(
    text: Memory,
    place: int,
    fields: NDArray[np.uint8],
    field_count: int,
    alternates: int,
    values: NDArray[np.int64],
    depths: NDArray[np.int32],
) -> tuple[int, int]:
    """One sample column; the fault and the place behind it or of the fault. Subfields left off are missing."""
    values[:] = MISSING
    values[_PHASED] = 0
    depths[: alternates + 1] = MISSING
    for i in range(field_count):
        start, field = place, fields[i]
        if field == GT:
            fault, place = read_genotype(text, place, alternates, values)
            if fault != OK:
                return fault, place
        elif field == AD:
            place = read_depths(text, place, depths, alternates + 1)
        elif field == DP:
            values[_DP], place = _number(text, place)
        elif field == GQ:
            values[_GQ], place = _number(text, place)
        elif field == MIN_DP:
            values[_MIN_DP], place = _number(text, place)
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
def _apply_physical_phase(text: Memory, values: NDArray[np.int64]) -> None:
    """GATK may write the phase of a heterozygote in PGT and PID instead of GT: the order of its alleles is then PGT's.

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
    columns: Columns, row: int, alternates: int, sample: int, values: NDArray[np.int64], depths: NDArray[np.int32]
) -> None:
    genotype, phased_calls, calls = columns.genotype, columns.phased, columns.calls
    for k in range(max(alternates, 1)):
        genotype[row + k, sample, 0] = _code(values[_FIRST], k + 1)
        genotype[row + k, sample, 1] = _code(values[_SECOND], k + 1)
        phased_calls[row + k, sample] = values[_PHASED] == 1
        calls[_PHASE_SET, row + k, sample] = values[_PS]
        calls[_DEPTH_REF, row + k, sample] = depths[0]
        calls[_DEPTH_ALT, row + k, sample] = depths[k + 1] if alternates else MISSING
        calls[_DEPTH_X, row + k, sample] = values[_MIN_DP] if values[_DP] == MISSING else values[_DP]
        calls[_QUALITY, row + k, sample] = values[_GQ]


@compiled
def _read_samples(
    text: Memory,
    place: int,
    field_count: int,
    alternates: int,
    row: int,
    places: NDArray[np.int32],
    scratch: Scratch,
    columns: Columns,
) -> tuple[int, int]:
    """All sample columns of a line; the fault and the place behind them or of the fault."""
    values, depths = scratch.values, scratch.depths
    for sample in places:
        if text[place] != TAB:
            return COLUMN_COUNT, place
        place += 1
        if text[place] < CONTROL:
            return EMPTY_FIELD, place
        if sample < 0:
            place = far_field_end(text, place)
            continue
        fault, place = read_sample(text, place, scratch.fields, field_count, alternates, values, depths)
        if fault != OK:
            return fault, place
        if values[_PID] != MISSING:
            _apply_physical_phase(text, values)
        _write_sample(columns, row, alternates, sample, values, depths)
    return OK, place


@compiled
def _read_genotypes_only(
    text: Memory,
    place: int,
    alternates: int,
    row: int,
    places: NDArray[np.int32],
    values: NDArray[np.int64],
    columns: Columns,
) -> tuple[int, int]:
    """As ``_read_samples`` for lines whose FORMAT is GT, with a short way for calls of three characters."""
    rows = max(alternates, 1)
    genotype, phased_calls = columns.genotype, columns.phased
    columns.calls[:, row : row + rows] = MISSING
    for sample in places:
        if text[place] != TAB:
            return COLUMN_COUNT, place
        place += 1
        first, second = int(text[place]) - ZERO, int(text[place + 2]) - ZERO
        phased = text[place + 1] == PIPE
        is_short = 0 <= first <= 9 and 0 <= second <= 9 and (phased or text[place + 1] == SLASH)
        if is_short and text[place + 3] < CONTROL and first <= alternates and second <= alternates:
            place += 3
        elif text[place] < CONTROL:
            return EMPTY_FIELD, place
        elif sample < 0:
            place = field_end(text, place)
            continue
        else:
            fault, place = read_genotype(text, place, alternates, values)
            if fault != OK:
                return fault, place
            if text[place] == COLON:
                return SUBFIELD_COUNT, place
            first, second, phased = values[_FIRST], values[_SECOND], values[_PHASED] == 1
        if sample >= 0:
            for k in range(rows):
                genotype[row + k, sample, 0] = _code(first, k + 1)
                genotype[row + k, sample, 1] = _code(second, k + 1)
                phased_calls[row + k, sample] = phased
    return OK, place


@compiled
def _format_field(text: Memory, start: int, stop: int) -> int:
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
    if stop - start == 6 and text[start] == 77 and text[start + 4] == 68 and text[start + 5] == 80:
        is_min = text[start + 1] == 73 and text[start + 2] == 78 and text[start + 3] == UNDERSCORE
        return MIN_DP if is_min else 0
    return 0


@compiled
def read_format(text: Memory, place: int, stop: int, reads_depths: bool, fields: NDArray[np.uint8]) -> tuple[int, int]:
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
def _info_end(text: Memory, place: int, stop: int) -> tuple[int, int]:
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
def _find_columns(text: Memory, begin: int, bounds: NDArray[np.int64]) -> tuple[int, int]:
    """Where the eight fixed columns of the record at ``begin`` lie, into ``bounds``; the fault and its place."""
    place = field_end(text, begin)
    bounds[_CONTIG_STOP] = place
    if text[place] != TAB:
        return COLUMN_COUNT, place
    bounds[_POS], place = _digits(text, place + 1)
    if bounds[_POS] < 0 or bounds[_POS] > HIGHEST_POSITION or text[place] != TAB:
        return POSITION, bounds[_CONTIG_STOP] + 1
    for column in range(_ID, _FILTER_STOP, 2):
        bounds[column] = place + 1
        place = field_end(text, place + 1)
        bounds[column + 1] = place
        if text[place] != TAB:
            return COLUMN_COUNT, place
        if place == bounds[column]:
            return EMPTY_FIELD, place
    bounds[_INFO] = place + 1
    bounds[_INFO_STOP] = far_field_end(text, place + 1)
    if bounds[_CONTIG_STOP] == begin or bounds[_INFO_STOP] == bounds[_INFO]:
        return EMPTY_FIELD, begin if bounds[_CONTIG_STOP] == begin else bounds[_INFO]
    if not _all_bases(text, bounds[_REF], bounds[_REF_STOP]):
        return REFERENCE, bounds[_REF]
    return OK, place


@compiled
def _count_alternates(text: Memory, start: int, stop: int) -> int:
    if stop - start == 1:
        return 0 if text[start] == DOT else 1
    count = 1
    for i in range(start, stop):
        count += text[i] == COMMA
    return count


@compiled
def _write_repeated(
    texts: NDArray[np.uint32],
    column: int,
    row: int,
    text: Memory,
    start: int,
    stop: int,
    previous: int,
    long_text: Memory,
    long_used: int,
) -> int:
    """As ``_write_view`` for a column whose value often is that of the row before, found at ``previous`` (-1: none)."""
    if previous >= 0 and row > 0 and same_text(text, start, previous, stop + 1 - start):
        texts[column, row] = texts[column, row - 1]
        return long_used
    return _write_view(texts, column, row, text, start, stop, 0, long_text, long_used)


@compiled
def _write_texts(
    text: Memory,
    begin: int,
    bounds: NDArray[np.int64],
    state: NDArray[np.int64],
    row: int,
    columns: Columns,
) -> None:
    """Contig, identifier, REF and FILTER of a record's first row."""
    texts, long_text, used = columns.texts, columns.long_text, state[_LONG_USED]
    used = _write_repeated(texts, _CONTIG, row, text, begin, bounds[_CONTIG_STOP], state[_LAST_CONTIG], long_text, used)
    used = _write_repeated(
        texts, _FILTER_TEXT, row, text, bounds[_FILTER], bounds[_FILTER_STOP], state[_LAST_FILTER], long_text, used
    )
    used = _write_view(texts, _IDENTIFIER, row, text, bounds[_ID], bounds[_ID_STOP], 0, long_text, used)
    used = _write_view(texts, _REF_TEXT, row, text, bounds[_REF], bounds[_REF_STOP], LOWER_CASE, long_text, used)
    state[_LONG_USED], state[_LAST_CONTIG], state[_LAST_FILTER] = used, begin, bounds[_FILTER]


@compiled
def _write_rows(
    text: Memory,
    bounds: NDArray[np.int64],
    alternates: int,
    state: NDArray[np.int64],
    row: int,
    columns: Columns,
) -> tuple[int, int]:
    """One row per ALT, after the first row's texts stand; the fault and its place."""
    position, start = bounds[_POS], bounds[_ALT]
    numbers, texts, long_text, used = columns.numbers, columns.texts, columns.long_text, state[_LONG_USED]
    last_base = position + bounds[_REF_STOP] - bounds[_REF] - 1
    for k in range(max(alternates, 1)):
        stop = start
        while text[stop] != COMMA and text[stop] != TAB:
            stop += 1
        kind = _REFERENCE
        if alternates:
            kind = _kind(text, bounds[_REF], bounds[_REF_STOP], start, stop) if stop > start else _BAD_ALLELE
        if kind == _BAD_ALLELE:
            return ALTERNATE, start
        is_symbol = text[start] == LESS or alternates == 0
        end = last_base
        if is_symbol:
            value, place = _info_end(text, bounds[_INFO], bounds[_INFO_STOP])
            if place >= 0 and (value < position or value > HIGHEST_POSITION):
                return END, place
            end = value if place >= 0 else last_base
        if k:
            texts[:, row + k] = texts[:, row]
        fold = 0 if is_symbol or kind in (_BREAKEND, _SPANNING) else LOWER_CASE
        used = _write_view(texts, _ALT_TEXT, row + k, text, start, stop, fold, long_text, used)
        numbers[_LINE, row + k] = state[_LINE_NUMBER]
        numbers[_RECORD, row + k] = state[_RECORD_NUMBER]
        numbers[_ALLELE, row + k] = k + 1 if alternates else 0
        numbers[_ALLELE_COUNT, row + k] = alternates
        numbers[_POSITION, row + k] = position
        numbers[_END, row + k] = end
        numbers[_KIND, row + k] = kind
        start = stop + 1
    state[_LONG_USED] = used
    return OK, start


@compiled
def _read_columns_of_samples(
    text: Memory,
    place: int,
    alternates: int,
    row: int,
    layout: Layout,
    scratch: Scratch,
    state: NDArray[np.int64],
    columns: Columns,
) -> tuple[int, int]:
    """FORMAT, which mostly is that of the line before, and the samples behind it; the fault and the place."""
    if text[place] != TAB:
        return COLUMN_COUNT, place
    start = place + 1
    place = field_end(text, start)
    length = place - start
    if length == 0:
        return EMPTY_FIELD, start
    if length != state[_FORMAT_LENGTH] or not same_text(text, start, state[_LAST_FORMAT], length):
        fault, count = read_format(text, start, place, layout.depths_per_allele, scratch.fields)
        if fault != OK:
            return fault, start
        state[_FORMAT_LENGTH], state[_FIELD_COUNT] = length, count
    state[_LAST_FORMAT] = start
    count = state[_FIELD_COUNT]
    if count == 1 and scratch.fields[0] == GT:
        return _read_genotypes_only(text, place, alternates, row, layout.places, scratch.values, columns)
    return _read_samples(text, place, count, alternates, row, layout.places, scratch, columns)


@compiled
def parse_lines(
    text: NDArray[np.uint8],
    start: int,
    stop: int,
    line: int,
    first_record: int,
    max_records: int,
    layout: Layout,
    columns: Columns,
    passed_over: NDArray[np.int64],
) -> Extent:
    """Reads lines from ``text[start:stop]`` until they end, ``max_records`` are read, or ``columns`` has no more room.

    ``line`` is the number of the first line, ``first_record`` that of the first record. The rows of a record that is
    not complete are not counted; ``FULL`` gives as place the number of rows the record needs. With room in
    ``passed_over`` for every record, FORMAT and the samples are not read: it is given the place where they start.
    """
    capacity, address = columns.numbers.shape[1], memory(text)
    scratch = Scratch(
        np.empty(MAX_FORMAT_FIELDS, dtype=np.uint8),
        np.empty(VALUES, dtype=np.int64),
        np.empty(capacity + 1, dtype=np.int32),
    )
    bounds = np.empty(_BOUNDS, dtype=np.int64)
    state = np.zeros(_STATES, dtype=np.int64)
    state[_LAST_CONTIG] = state[_LAST_FILTER] = state[_FORMAT_LENGTH] = -1
    place, row, records, fault = start, 0, 0, OK
    begin = start
    while place < stop and records < max_records:
        begin = place
        following = _next_line(address, place)
        if following >= 0:
            place = following
            line += 1
            continue
        if address[place] == HASH:
            fault = SECOND_HEADER
            break
        fault, place = _find_columns(address, begin, bounds)
        if fault != OK:
            break
        alternates = _count_alternates(address, bounds[_ALT], bounds[_ALT_STOP])
        rows = max(alternates, 1)
        if row + rows > capacity:
            fault, place = FULL, rows
            break
        state[_LINE_NUMBER], state[_RECORD_NUMBER] = line, first_record + records
        _write_texts(address, begin, bounds, state, row, columns)
        fault, place = _write_rows(address, bounds, alternates, state, row, columns)
        if fault != OK:
            break
        place = bounds[_INFO_STOP]
        if len(passed_over):
            passed_over[records] = place
            place = _line_end(address, place)
        elif layout.has_format:
            fault, place = _read_columns_of_samples(address, place, alternates, row, layout, scratch, state, columns)
            if fault != OK:
                break
        following = _next_line(address, place)
        if following < 0:
            fault = COLUMN_COUNT
            break
        place = following
        line += 1
        row += rows
        records += 1
    consumed = place if fault == OK else begin
    return Extent(fault, place, consumed, line, row, records, state[_LONG_USED])
