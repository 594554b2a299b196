# ruff: noqa: SIM110 - any() over a generator is not compiled
"""Calling the genotypes of VCF lines straight from the text: compiled code that gives what is not reference, no table.

Of a line, FORMAT is looked up once. A line of nothing but ``a|b`` of two known alleles, at a place where everybody
counts with two chromosomes, is read four bytes at a time; any other cell by ``varde.genome.vcf_cells``, and what that
does not read by ``varde.genome.vcf_parser``. What counts is decided by ``varde.frequency.genotypes.judge``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from varde.frequency.genotypes import HETEROPLASMIC, MAX_DEPTH_PER_ALTERNATE, Outcome, judge, mitochondrial_copies
from varde.frequency.sex_check import LEAST_QUALITY
from varde.genome.compiled import bare, compiled, inlined
from varde.genome.memory import Memory, four_bytes_at, memory
from varde.genome.records import ABSENT, MISSING
from varde.genome.vcf_cells import NOT_SHORT, read_short_cell
from varde.genome.vcf_parser import (
    AD,
    COLUMN_COUNT,
    CONTROL,
    DP,
    EMPTY_FIELD,
    GQ,
    GT,
    MAX_FORMAT_FIELDS,
    MIN_DP,
    OK,
    PIPE,
    SLASH,
    TAB,
    VALUES,
    far_field_end,
    field_end,
    read_depths,
    read_format,
    read_sample,
    same_text,
)

NOTHING, HET, HOM, HEMI, MISSED = 0, 1, 2, 3, 4
"""What a person is for an allele: as in ``OBSERVATIONS``, or not called. ``NOTHING`` of it is told."""

ON_X, ON_Y = 1, 2
"""``Rows.sex_sign``: keyed rows outside the pseudo-autosomal regions."""

_CALLED, _NO_CHROMOSOME = int(Outcome.CALLED), int(Outcome.NO_CHROMOSOME)
_FIRST, _SECOND, _DP, _GQ, _MIN_DP = 0, 1, 3, 4, 8  # places of a sample's values, as the parser has them
_QUALITY, _DEPTH, _DEPTH_OF_ALLELE = 0, 1, 2  # places of ``Told.highest``
_AT_ONCE = 8  # people whose kinds are looked at together

# A cell of four bytes, the tab first, as a little-endian word: which bits are given for alleles 0 and 1.
_FIXED, _SHORT_CELL = np.uint32(0xFE00FEFF), np.uint32(0x30003009)
_SEPARATOR, _PIPES, _SLASHES = np.uint32(0x00FF0000), np.uint32(PIPE << 16), np.uint32(SLASH << 16)


class Rows(NamedTuple):
    """What is known of a batch before its genotypes; one row per record and alternate allele.

    ``first`` int64 [records + 1] is each record's first row, ``alternates`` int64 [records]; ``ploidy`` int8
    [rows, 3] by sex column; ``trusted``, ``mitochondrial`` bool and ``sex_sign`` uint8 [rows].
    """

    first: NDArray[np.int64]
    alternates: NDArray[np.int64]
    ploidy: NDArray[np.int8]
    trusted: NDArray[np.bool_]
    mitochondrial: NDArray[np.bool_]
    sex_sign: NDArray[np.uint8]


class People(NamedTuple):
    """``place`` int32 [columns]: of each sample column the number of its person, -1 when it is passed over; ``sex``
    int64 [people]: sex columns; ``sexes``: those that occur."""

    place: NDArray[np.int32]
    sex: NDArray[np.int64]
    sexes: NDArray[np.int64]


class Told(NamedTuple):
    """What is added to: ``outcomes`` int64 [Outcome], ``signs`` int64 [people, sex_check.SIGNS], ``highest`` int64 [3]:
    the highest GQ, DP and AD of an alternate allele, of all genotypes when gated, ``MISSING`` when none has any."""

    outcomes: NDArray[np.int64]
    signs: NDArray[np.int64]
    highest: NDArray[np.int64]


class Found(NamedTuple):
    """Room for what a batch has that is not ``NOTHING``, in the order of the file: row, person and kind."""

    row: NDArray[np.int32]
    person: NDArray[np.int32]
    kind: NDArray[np.uint8]

    @classmethod
    def of(cls, most: int) -> Found:
        return cls(np.empty(most, dtype=np.int32), np.empty(most, dtype=np.int32), np.empty(most, dtype=np.uint8))


class _Scratch(NamedTuple):
    """Room used again for every line: FORMAT as field codes, a sample's values and its AD, and the kinds of people,
    uint8 [alternates, people and some], which are ``NOTHING`` between lines."""

    fields: NDArray[np.uint8]
    values: NDArray[np.int64]
    depths: NDArray[np.int32]
    kinds: NDArray[np.uint8]


@bare
def _read_short_line(text: Memory, place: int, people: int, kinds: Memory) -> bool:
    """Copies of allele 1 in cells of four bytes; False when one is anything but two alleles 0 or 1."""
    bad, piped, slashed = np.uint32(0), np.uint32(0), np.uint32(0)
    for i in range(people):
        word = four_bytes_at(text, place + 4 * i)
        bad |= (word & _FIXED) ^ _SHORT_CELL
        piped |= (word ^ _PIPES) & _SEPARATOR
        slashed |= (word ^ _SLASHES) & _SEPARATOR
        kinds[i] = ((word >> np.uint32(8)) & np.uint32(1)) + ((word >> np.uint32(24)) & np.uint32(1))
    return bool(bad == 0 and (piped == 0 or slashed == 0))


@compiled
def _list_found(kinds: NDArray[np.uint8], first: int, stop: int, found: Found, count: int) -> int:
    """Move what a record's ``kinds`` tell behind ``found``; most are ``NOTHING``, so eight at a time are looked at."""
    for row in range(first, stop):
        told = kinds[row - first]
        eights = told.view(np.uint64)
        for i in range(len(eights)):
            if eights[i]:
                for person in range(_AT_ONCE * i, _AT_ONCE * (i + 1)):
                    if told[person]:
                        found.row[count] = row
                        found.person[count] = person
                        found.kind[count] = told[person]
                        count += 1
                eights[i] = 0
    return count


@inlined
def _depth_share_is_enough(allele: int, depths: NDArray[np.int32], depth: int) -> bool:
    return bool(allele <= 0 or (depths[allele] >= 0 and depths[allele] * MAX_DEPTH_PER_ALTERNATE >= depth))


@bare
def _code(allele: int, row_allele: int) -> int:
    if allele <= 0:
        return allele
    return 1 if allele == row_allele else 2


@bare
def _note_signs(a: int, b: int, allele: int, quality: int, sign: int, signs: NDArray[np.int64], person: int) -> None:
    """Add to ``signs`` what a genotype shows of one allele; a poor one is passed over."""
    if (a != allele and b != allele) or a < 0 or 0 <= quality < LEAST_QUALITY:  # noqa: PLR1714 - compiled
        return
    if sign == ON_Y:
        signs[person, 3] += 1
        return
    signs[person, 0] += 1
    signs[person, 1] += b >= 0 and a != b
    signs[person, 2] += b == ABSENT


@bare
def _kind(a: int, b: int, allele: int, expected: int, mitochondrial: bool, alternate: int, depth: int) -> int:
    """What a called genotype is for an allele of which it has ``alternate`` reads."""
    if mitochondrial:
        copies = mitochondrial_copies(_code(a, allele), _code(b, allele), alternate, depth)
        return NOTHING if copies == 0 else HET if copies == HETEROPLASMIC else HEMI
    if expected == 1:
        return HEMI if a == allele else NOTHING
    if allele in (a, b):
        return HOM if a == b else HET
    return NOTHING


@bare
def _rows_agree(rows: Rows, record: int) -> bool:
    """Whether one answer is right for all rows of a record: they lie in one region."""
    first = rows.first[record]
    for row in range(first + 1, rows.first[record + 1]):
        if rows.mitochondrial[row] != rows.mitochondrial[first] or rows.trusted[row] != rows.trusted[first]:
            return False
        for sex in range(rows.ploidy.shape[1]):
            if rows.ploidy[row, sex] != rows.ploidy[first, sex]:
                return False
    return True


@bare
def _read_own_depths(text: Memory, depths_at: int, depths: NDArray[np.int32], alternates: int) -> None:
    """AD of a cell that was read short."""
    if depths_at == MISSING:
        for allele in range(alternates + 1):
            depths[allele] = MISSING
    else:
        read_depths(text, depths_at, depths, alternates + 1)


@bare
def _note_depths(depths: NDArray[np.int32], alternates: int, highest: NDArray[np.int64]) -> None:
    for allele in range(1, alternates + 1):
        highest[_DEPTH_OF_ALLELE] = max(highest[_DEPTH_OF_ALLELE], depths[allele])


@inlined
def _heterozygote_is_even(a: int, b: int, depths: NDArray[np.int32], depth: int) -> bool:
    return _depth_share_is_enough(a, depths, depth) and _depth_share_is_enough(b, depths, depth)


@bare
def _note_kinds(
    a: int,
    b: int,
    person: int,
    depth: int,
    quality: int,
    gated: bool,
    record: int,
    outcome: int,
    rows: Rows,
    sex: int,
    told: Told,
    scratch: _Scratch,
) -> None:
    """What a person is for each allele of a record: of those who are not called, or carry any, the few of most lines.

    ``outcome`` is right for the record's first row.
    """
    depths, kinds, first = scratch.depths, scratch.kinds, rows.first[record]
    heterozygous, balanced = b >= 0 and a != b, True
    if gated and heterozygous:
        balanced = _heterozygote_is_even(a, b, depths, depth)
    for row in range(first, rows.first[record + 1]):
        allele, expected, mt = row - first + 1, rows.ploidy[row, sex], rows.mitochondrial[row]
        if row > first:
            outcome = judge(a, b, expected, rows.trusted[row], mt, heterozygous, balanced, gated, depth, quality)
        if rows.sex_sign[row]:
            _note_signs(a, b, allele, quality, rows.sex_sign[row], told.signs, person)
        if outcome == _CALLED:
            alternate = depths[allele] if a > 0 or b > 0 else MISSING
            kinds[row - first, person] = _kind(a, b, allele, expected, mt, alternate, depth)
        elif outcome != _NO_CHROMOSOME:
            kinds[row - first, person] = MISSED


@bare
def _read_line(
    text: Memory,
    place: int,
    record: int,
    field_count: int,
    last_field: int,
    rows: Rows,
    people: People,
    gated: bool,
    told: Told,
    scratch: _Scratch,
) -> tuple[int, int]:
    """Any line, cell by cell, into ``scratch.kinds``; the fault and the place behind the samples or of the fault.

    What is asked of every cell stands in this function: a call with several arrays costs more than reading a cell.
    """
    alternates, first = rows.alternates[record], rows.first[record]
    trusted, mitochondrial = rows.trusted[first], rows.mitochondrial[first]
    places, sexes, outcomes = memory(people.place), memory(people.sex), memory(told.outcomes)
    ploidy, fields, values = memory(rows.ploidy[first]), memory(scratch.fields), scratch.values
    rows_agree, reads_short = _rows_agree(rows, record), scratch.fields[0] == GT
    highest_depth, highest_quality = told.highest[_DEPTH], told.highest[_QUALITY]
    for column in range(len(people.place)):
        if text[place] != TAB:
            return COLUMN_COUNT, place
        place += 1
        if text[place] < CONTROL:
            return EMPTY_FIELD, place
        person = places[column]
        if person < 0:
            place = far_field_end(text, place)
            continue
        behind, depths_at, balanced = NOT_SHORT, MISSING, True
        if reads_short:
            a, b, depth, quality, depths_at, behind = read_short_cell(
                text, place, fields, field_count, last_field, alternates
            )
        if behind == NOT_SHORT:
            fault, behind = read_sample(text, place, scratch.fields, field_count, alternates, values, scratch.depths)
            if fault != OK:
                return fault, behind
            a, b, quality = values[_FIRST], values[_SECOND], values[_GQ]
            depth = values[_MIN_DP] if values[_DP] == MISSING else values[_DP]
            _note_depths(scratch.depths, alternates, told.highest)
        elif a > 0 or b > 0 or (gated and told.highest[_DEPTH_OF_ALLELE] < 0):
            _read_own_depths(text, depths_at, scratch.depths, alternates)
            _note_depths(scratch.depths, alternates, told.highest)
        place = behind
        highest_depth, highest_quality = max(highest_depth, depth), max(highest_quality, quality)
        heterozygous = b >= 0 and a != b
        if gated and heterozygous:
            balanced = _heterozygote_is_even(a, b, scratch.depths, depth)
        sex = sexes[person]
        outcome = judge(a, b, ploidy[sex], trusted, mitochondrial, heterozygous, balanced, gated, depth, quality)
        outcomes[outcome] += 1
        if outcome != _CALLED or a > 0 or b > 0 or not rows_agree:
            _note_kinds(a, b, person, depth, quality, gated, record, outcome, rows, sex, told, scratch)
    told.highest[_DEPTH], told.highest[_QUALITY] = highest_depth, highest_quality
    return (OK if text[place] < CONTROL and text[place] != TAB else COLUMN_COUNT), place


@bare
def _everybody_diploid(rows: Rows, record: int, people: People) -> bool:
    """Whether a record of one alternate is trusted and all count with two chromosomes there."""
    row = rows.first[record]
    if rows.alternates[record] != 1 or not rows.trusted[row] or rows.sex_sign[row]:
        return False
    for sex in people.sexes:
        if rows.ploidy[row, sex] != 2:
            return False
    return True


@bare
def _last_field(fields: NDArray[np.uint8], field_count: int) -> int:
    """The place of the last field that the gate or MT asks for; 0 when there is none."""
    last = 0
    for i in range(1, field_count):
        if fields[i] in (AD, DP, GQ, MIN_DP):
            last = i
    return last


@bare
def _in_order(place: NDArray[np.int32]) -> bool:
    """Whether every column is read, and is that of the person of its number."""
    for column in range(len(place)):
        if place[column] != column:
            return False
    return True


@compiled
def call_lines(
    text: NDArray[np.uint8],
    samples_at: NDArray[np.int64],
    reads_depths: bool,
    rows: Rows,
    people: People,
    gated: bool,
    told: Told,
    found: Found,
) -> tuple[int, int, int, int]:
    """Call the genotypes of all records; the fault, its place and its record, and how many ``found`` holds."""
    columns, most_alternates = len(people.place), max(rows.alternates.max(), 1)
    eights = (len(people.sex) + _AT_ONCE - 1) // _AT_ONCE
    scratch = _Scratch(
        np.empty(MAX_FORMAT_FIELDS, dtype=np.uint8),
        np.empty(VALUES, dtype=np.int64),
        np.empty(most_alternates + 1, dtype=np.int32),
        np.zeros((most_alternates, _AT_ONCE * eights), dtype=np.uint8),
    )
    address, in_order, count = memory(text), _in_order(people.place), 0
    format_at, format_length, field_count, last_field = 0, 0, 0, 0
    for record in range(len(samples_at)):
        start = samples_at[record]
        if text[start] != TAB:
            return COLUMN_COUNT, start, record, count
        place = field_end(address, start + 1)
        if place == start + 1:
            return EMPTY_FIELD, place, record, count
        if place - start != format_length or not same_text(address, start, format_at, format_length):
            fault, field_count = read_format(address, start + 1, place, reads_depths, scratch.fields)
            if fault != OK:
                return fault, start + 1, record, count
            last_field = _last_field(scratch.fields, field_count)
        format_at, format_length = start, place - start
        plain = in_order and field_count == 1 and scratch.fields[0] == GT and _everybody_diploid(rows, record, people)
        last = place + 4 * columns
        is_short = plain and not gated and last < len(text) and text[last] < CONTROL and text[last] != TAB
        if is_short and _read_short_line(address, place, columns, memory(scratch.kinds)):
            told.outcomes[_CALLED] += columns
        else:
            scratch.kinds[0] = NOTHING  # what was read before a short line turned out not to be one
            fault, place = _read_line(
                address, place, record, field_count, last_field, rows, people, gated, told, scratch
            )
            if fault != OK:
                return fault, place, record, count
        count = _list_found(scratch.kinds, rows.first[record], rows.first[record + 1], found, count)
    return OK, 0, 0, count
