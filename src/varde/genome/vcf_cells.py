"""A sample column of a VCF line, read in one look at its 64 bytes: what nearly every cell of a file is.

Where the cell ends, and where colons, commas and digits stand in it, are bits of a number; fields are cut by counting
its lowest bits, and nothing depends on how many digits a number has. The next cell can be begun before this one is
read.
"""

from __future__ import annotations

import numpy as np

from varde.genome.compiled import inlined
from varde.genome.memory import Memory, bits_between, bits_set, four_bytes_at, lowest_bit
from varde.genome.records import ABSENT, MISSING
from varde.genome.vcf_parser import AD, COLON, COMMA, CONTROL, DOT, DP, GQ, MIN_DP, PIPE, SLASH, ZERO

NOT_SHORT = -1
_MOST_DIGITS = 4
_HIGHEST_DIGIT = 9
_REFERENCE, _PHASED_REFERENCE = (np.uint32(int.from_bytes(cell, "little")) for cell in (b"0/0:", b"0|0:"))


@inlined
def _short_number(text: Memory, place: int, length: int) -> int:
    """A number of one to four digits: neighbours are joined to pairs, and pairs to the number."""
    word = (np.int64(four_bytes_at(text, place)) & 0x0F0F0F0F) << (8 * (_MOST_DIGITS - length))
    word = (10 * word + (word >> 8)) & 0x00FF00FF
    return int((100 * word + (word >> 16)) & 0xFFFF)


@inlined
def _short_allele(letter: int, alternates: int) -> int:
    """An allele of one character; ``ABSENT`` for what is none."""
    if letter == DOT:
        return MISSING
    return letter - ZERO if ZERO <= letter <= ZERO + min(_HIGHEST_DIGIT, alternates) else ABSENT


@inlined
def _short_genotype(text: Memory, place: int, length: int, alternates: int) -> tuple[int, int]:
    """Alleles of a genotype of one or three characters; twice ``ABSENT`` for any other."""
    first = _short_allele(int(text[place]), alternates)
    if length == 1:
        return first, MISSING if first == MISSING else ABSENT
    second, separator = _short_allele(int(text[place + 2]), alternates), text[place + 1]
    if length != 3 or second == ABSENT or separator not in (SLASH, PIPE):
        return ABSENT, ABSENT
    return first, second


@inlined
def _are_depths(digits: int, commas: int, field: int, start: int) -> bool:
    """Whether the bits of a field are numbers of at most nine digits with single commas between."""
    digits &= field
    commas &= field
    fours = digits & (digits >> 1) & (digits >> 2) & (digits >> 3)
    tens = fours & (fours >> 4) & (digits >> 8) & (digits >> 9)
    between = commas << 1 & ~digits == 0 and commas & (1 << start) == 0
    return digits | commas == field and tens == 0 and between


@inlined
def read_short_cell(
    text: Memory, place: int, fields: Memory, field_count: int, last_field: int, alternates: int
) -> tuple[int, int, int, int, int, int]:
    """Both alleles, depth (MIN_DP without DP), quality, where AD stands or ``MISSING``, and the place behind the cell.

    ``fields`` [field_count] are codes, GT first; those behind ``last_field`` have none, and fields without are not
    looked at. The place is ``NOT_SHORT`` for a cell that is longer than 64 bytes, has an allele or a number of more
    characters than are read here, or more values than fields; it may be at fault, and
    ``varde.genome.vcf_parser.read_sample`` tells.
    """
    depth, least_depth, quality, depths_at = MISSING, MISSING, MISSING, MISSING
    ends = bits_between(text, place, 0, CONTROL)
    digits, end = bits_between(text, place, ZERO, 10), lowest_bit(ends)
    colons = bits_between(text, place, COLON, 1) & (ends - 1 & ~ends)
    a, b, stop, letters = 0, 0, 3, four_bytes_at(text, place)
    if letters != _REFERENCE and letters != _PHASED_REFERENCE:  # noqa: PLR1714 - two comparisons when compiled
        stop = lowest_bit(colons | ends)
        a, b = _short_genotype(text, place, stop, alternates)
    behind = NOT_SHORT if ends == 0 or a == ABSENT or bits_set(colons) >= field_count else place + end
    index, stops = 0, colons | ends
    while stop < end and index < last_field:
        stops &= stops - 1
        index += 1
        start, stop, field = stop + 1, lowest_bit(stops), fields[index]
        if field == AD:
            depths_at = place + start
            if not _are_depths(digits, bits_between(text, place, COMMA, 1), (1 << stop) - (1 << start), start):
                depths_at = MISSING
                if stop != start + 1 or text[place + start] != DOT:
                    behind = NOT_SHORT
        elif field in (DP, GQ, MIN_DP):
            length = lowest_bit(~(digits >> start))
            value = _short_number(text, place + start, length)
            if length == 0 or length > _MOST_DIGITS or start + length != stop:
                value = MISSING
                if stop != start + 1 or text[place + start] != DOT:
                    behind = NOT_SHORT
            if field == DP:
                depth = value
            elif field == GQ:
                quality = value
            else:
                least_depth = value
    return a, b, least_depth if depth == MISSING else depth, quality, depths_at, behind
