"""A sample column of a VCF line, read in one look at its 64 bytes: what nearly every cell of a file is.

Where colons, commas and digits stand in the cell are bits of a number; fields are cut by counting its lowest bits, so
that fields that are not asked for cost next to nothing, and the next cell can be begun before this one is read.
"""

from __future__ import annotations

from varde.genome.compiled import compiled
from varde.genome.memory import Memory, bits_between, lowest_bit, word_at
from varde.genome.records import ABSENT, MISSING
from varde.genome.vcf_parser import AD, COLON, COMMA, CONTROL, DOT, DP, GQ, MIN_DP, PIPE, SLASH, ZERO

NOT_SHORT = -1


@compiled
def short_number(text: Memory, place: int, length: int) -> int:
    """A number of one to eight digits: neighbours are joined to pairs, pairs to fours, fours to eight."""
    word = (word_at(text, place) & 0x0F0F0F0F0F0F0F0F) << (8 * (8 - length))
    word = (10 * word + (word >> 8)) & 0x00FF00FF00FF00FF
    word = (100 * word + (word >> 16)) & 0x0000FFFF0000FFFF
    return (10_000 * word + (word >> 32)) & 0xFFFFFFFF


@compiled
def _short_allele(letter: int, alternates: int) -> int:
    """An allele of one character; ``ABSENT`` for what is none."""
    if letter == DOT:
        return MISSING
    return letter - ZERO if ZERO <= letter <= ZERO + min(9, alternates) else ABSENT


@compiled
def _short_genotype(text: Memory, place: int, length: int, alternates: int) -> tuple[int, int]:
    """Alleles of a genotype of one or three characters; twice ``ABSENT`` for any other."""
    first = _short_allele(int(text[place]), alternates)
    if length == 1:
        return first, MISSING if first == MISSING else ABSENT
    second = _short_allele(int(text[place + 2]), alternates)
    separator = text[place + 1]
    if length != 3 or second == ABSENT or (separator != SLASH and separator != PIPE):  # noqa: PLR1714 - compiled
        return ABSENT, ABSENT
    return first, second


@compiled
def _are_depths(digits: int, commas: int, field: int, start: int) -> bool:
    """Whether the bits of a field are numbers of at most nine digits with single commas between."""
    digits &= field
    commas &= field
    fours = digits & (digits >> 1) & (digits >> 2) & (digits >> 3)
    tens = fours & (fours >> 4) & (digits >> 8) & (digits >> 9)
    between = commas << 1 & ~digits == 0 and commas & (1 << start) == 0
    return digits | commas == field and tens == 0 and between


@compiled
def read_short_cell(
    text: Memory, place: int, fields: Memory, field_count: int, alternates: int
) -> tuple[int, int, int, int, int, int]:
    """Both alleles, depth (MIN_DP without DP), quality, where AD stands or ``MISSING``, and the place behind the cell.

    The place is ``NOT_SHORT`` for a cell that is longer than 64 bytes, does not start with a genotype of single
    characters, has numbers that are not plain, or more values than ``fields`` [field_count]; it may be at fault, and
    ``varde.genome.vcf_parser.read_sample`` tells. Fields that have no code are not looked at.
    """
    depth, least_depth, quality, depths_at = MISSING, MISSING, MISSING, MISSING
    ends = bits_between(text, place, 0, CONTROL)
    end = ends & -ends
    stops = (bits_between(text, place, COLON, 1) & (end - 1)) | end
    digits = bits_between(text, place, ZERO, 10)
    stop = lowest_bit(stops)
    a, b = _short_genotype(text, place, stop, alternates)
    if ends == 0 or a == ABSENT:
        return a, b, depth, quality, depths_at, NOT_SHORT
    stops &= stops - 1
    index = 1
    while stops != 0:
        start, stop = stop + 1, lowest_bit(stops)
        stops &= stops - 1
        if index == field_count or stop == start:
            return a, b, depth, quality, depths_at, NOT_SHORT
        field = fields[index]
        index += 1
        if field not in (DP, GQ, AD, MIN_DP) or (stop == start + 1 and text[place + start] == DOT):
            continue
        within = (1 << stop) - (1 << start)
        if field == AD:
            depths_at = place + start
            if not _are_depths(digits, bits_between(text, place, COMMA, 1), within, start):
                return a, b, depth, quality, depths_at, NOT_SHORT
            continue
        if digits & within != within or stop - start > 8:
            return a, b, depth, quality, depths_at, NOT_SHORT
        value = short_number(text, place + start, stop - start)
        depth = value if field == DP else depth
        quality = value if field == GQ else quality
        least_depth = value if field == MIN_DP else least_depth
    return a, b, least_depth if depth == MISSING else depth, quality, depths_at, place + stop
