# ruff: noqa: SIM110 - any() over a generator is not compiled
"""Counting the genotypes of VCF lines by cell, straight from the text: compiled code, without a table of genotypes.

A line of nothing but ``a|b`` of two known alleles, at a place where everybody counts with two chromosomes, is read four
bytes at a time; every other cell as ``varde.genome.vcf_parser`` reads it. What counts is decided by
``varde.frequency.genotypes.judge``, as everywhere.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from varde.frequency.genotypes import (
    HETEROPLASMIC,
    MAX_DEPTH_PER_ALTERNATE,
    Outcome,
    judge,
    mitochondrial_copies,
)
from varde.frequency.sex_check import LEAST_QUALITY
from varde.genome.compiled import compiled
from varde.genome.records import ABSENT, MISSING
from varde.genome.vcf_parser import (
    COLUMN_COUNT,
    CONTROL,
    EMPTY_FIELD,
    GT,
    MAX_FORMAT_FIELDS,
    OK,
    PIPE,
    SLASH,
    SUBFIELD_COUNT,
    TAB,
    field_end,
    read_format,
    read_genotype,
    read_sample,
)

HET, HOM, HEMI, MISSED = 0, 1, 2, 3
"""The last axis of ``Counted.people``: as in ``OBSERVATIONS``, and people not called."""

ON_X, ON_Y = 1, 2
"""``Rows.sex_sign``: keyed rows outside the pseudo-autosomal regions."""

_CALLED, _NO_CHROMOSOME = int(Outcome.CALLED), int(Outcome.NO_CHROMOSOME)
_VALUES, _FIRST, _SECOND, _DP, _GQ, _MIN_DP = 9, 0, 1, 3, 4, 8  # places of a sample's values, as the parser has them

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
    """The samples in the order of the file: number of their cell and sex column; the sex columns that occur."""

    cell: NDArray[np.int64]
    sex: NDArray[np.int64]
    sexes: NDArray[np.int64]


class Counted(NamedTuple):
    """What is added to: ``people`` int32 [rows, cells, 4], ``outcomes`` int64 [Outcome], ``signs`` int64
    [samples, sex_check.SIGNS], ``given`` bool [3]: whether any genotype has GQ, DP, AD, when gated."""

    people: NDArray[np.int32]
    outcomes: NDArray[np.int64]
    signs: NDArray[np.int64]
    given: NDArray[np.bool_]


@compiled
def _read_short_cells(text: NDArray[np.uint8], place: int, codes: NDArray[np.uint8]) -> bool:
    """Copies of allele 1 in cells of four bytes; False when one is anything but two alleles 0 or 1."""
    words = text[place : place + 4 * len(codes)].view(np.uint32)
    bad, piped, slashed = np.uint32(0), np.uint32(0), np.uint32(0)
    for i in range(len(codes)):
        word = words[i]
        bad |= (word & _FIXED) ^ _SHORT_CELL
        piped |= (word ^ _PIPES) & _SEPARATOR
        slashed |= (word ^ _SLASHES) & _SEPARATOR
        codes[i] = ((word >> np.uint32(8)) & np.uint32(1)) + ((word >> np.uint32(24)) & np.uint32(1))
    return bool(bad == 0 and (piped == 0 or slashed == 0))


@compiled
def _add_short_cells(codes: NDArray[np.uint8], cell: NDArray[np.int64], people: NDArray[np.int32]) -> None:
    """Count ``codes`` into ``people`` [cells, 4]; most are 0, so eight at a time are looked at."""
    whole = len(codes) // 8
    eights = codes[: 8 * whole].view(np.uint64)
    for i in range(whole):
        if eights[i]:
            for k in range(8 * i, 8 * i + 8):
                if codes[k]:
                    people[cell[k], codes[k] - 1] += 1
    for k in range(8 * whole, len(codes)):
        if codes[k]:
            people[cell[k], codes[k] - 1] += 1


@compiled
def _depth_share_is_enough(allele: int, depths: NDArray[np.int32], depth: int) -> bool:
    return bool(allele <= 0 or (depths[allele] >= 0 and depths[allele] * MAX_DEPTH_PER_ALTERNATE >= depth))


@compiled
def _code(allele: int, row_allele: int) -> int:
    if allele <= 0:
        return allele
    return 1 if allele == row_allele else 2


@compiled
def _note_signs(a: int, b: int, quality: int, sign: int, signs: NDArray[np.int64], sample: int) -> None:
    """As ``sex_check.count_signs`` of one genotype of one row."""
    if (a != 1 and b != 1) or a < 0 or 0 <= quality < LEAST_QUALITY:
        return
    if sign == ON_Y:
        signs[sample, 3] += 1
        return
    signs[sample, 0] += 1
    signs[sample, 1] += b >= 0 and a != b
    signs[sample, 2] += b == ABSENT


@compiled
def _kind(a: int, b: int, allele: int, expected: int, mitochondrial: bool, alternate: int, depth: int) -> int:
    """Where a called genotype is counted for an allele; -1 when it does not carry it."""
    if mitochondrial:
        copies = mitochondrial_copies(_code(a, allele), _code(b, allele), alternate, depth)
        return -1 if copies == 0 else HET if copies == HETEROPLASMIC else HEMI
    if expected == 1:
        return HEMI if a == allele else -1
    if allele in (a, b):
        return HOM if a == b else HET
    return -1


@compiled
def _read_line(
    text: NDArray[np.uint8],
    place: int,
    record: int,
    fields: NDArray[np.uint8],
    field_count: int,
    values: NDArray[np.int64],
    depths: NDArray[np.int32],
    rows: Rows,
    people: People,
    gated: bool,
    counted: Counted,
) -> tuple[int, int]:
    """Any line, cell by cell; the fault and the place behind the samples or of the fault.

    Long, for a call with several arrays costs more than all else that is done with a genotype.
    """
    alternates, first, stop = rows.alternates[record], rows.first[record], rows.first[record + 1]
    ploidy, trusted, mitochondrial, sex_sign = rows.ploidy, rows.trusted, rows.mitochondrial, rows.sex_sign
    cells, sexes = people.cell, people.sex
    counts, outcomes, signs, given = counted.people, counted.outcomes, counted.signs, counted.given
    genotype_only = field_count == 1 and fields[0] == GT
    values[:] = MISSING
    depths[: alternates + 1] = MISSING
    for sample in range(len(cells)):
        if text[place] != TAB:
            return COLUMN_COUNT, place
        place += 1
        if text[place] < CONTROL:
            return EMPTY_FIELD, place
        if genotype_only:
            fault, place = read_genotype(text, place, alternates, values)
            if fault == OK and text[place] >= CONTROL:
                fault = SUBFIELD_COUNT
        else:
            fault, place = read_sample(text, place, fields, field_count, alternates, values, depths)
        if fault != OK:
            return fault, place
        a, b, quality = values[_FIRST], values[_SECOND], values[_GQ]
        depth = values[_MIN_DP] if values[_DP] == MISSING else values[_DP]
        if gated:
            given[0] |= quality >= 0
            given[1] |= depth >= 0
            for k in range(1, alternates + 1):
                given[2] |= depths[k] >= 0
        heterozygous, balanced = b >= 0 and a != b, True
        if gated and heterozygous:
            balanced = _depth_share_is_enough(a, depths, depth) and _depth_share_is_enough(b, depths, depth)
        for row in range(first, stop):
            allele, expected, mt = row - first + 1, ploidy[row, sexes[sample]], mitochondrial[row]
            outcome = judge(a, b, expected, trusted[row], mt, heterozygous, balanced, gated, depth, quality)
            if row == first:
                outcomes[outcome] += 1
            if sex_sign[row]:
                _note_signs(_code(a, allele), _code(b, allele), quality, sex_sign[row], signs, sample)
            if outcome == _CALLED:
                alternate = depths[allele] if alternates else MISSING
                kind = _kind(a, b, allele, expected, mt, alternate, depth)
                if kind >= 0:
                    counts[row, cells[sample], kind] += 1
            elif outcome != _NO_CHROMOSOME:
                counts[row, cells[sample], MISSED] += 1
    return (OK if text[place] < CONTROL and text[place] != TAB else COLUMN_COUNT), place


@compiled
def _everybody_diploid(rows: Rows, record: int, people: People) -> bool:
    """Whether a record of one alternate is trusted and all count with two chromosomes there."""
    row = rows.first[record]
    if rows.alternates[record] != 1 or not rows.trusted[row] or rows.sex_sign[row]:
        return False
    for sex in people.sexes:
        if rows.ploidy[row, sex] != 2:
            return False
    return True


@compiled
def count_lines(
    text: NDArray[np.uint8],
    samples_at: NDArray[np.int64],
    reads_depths: bool,
    rows: Rows,
    people: People,
    gated: bool,
    counted: Counted,
) -> tuple[int, int, int]:
    """Add the genotypes of all records to ``counted``; the fault, its place and its record."""
    fields = np.empty(MAX_FORMAT_FIELDS, dtype=np.uint8)
    values = np.empty(_VALUES, dtype=np.int64)
    depths = np.empty(rows.alternates.max() + 2, dtype=np.int32)
    codes = np.empty(len(people.cell), dtype=np.uint8)
    samples = len(people.cell)
    for record in range(len(samples_at)):
        start = samples_at[record]
        if text[start] != TAB:
            return COLUMN_COUNT, start, record
        place = field_end(text, start + 1)
        if place == start + 1:
            return EMPTY_FIELD, place, record
        fault, field_count = read_format(text, start + 1, place, reads_depths, fields)
        if fault != OK:
            return fault, start + 1, record
        plain = not gated and field_count == 1 and fields[0] == GT and _everybody_diploid(rows, record, people)
        last = place + 4 * samples
        is_short = plain and last < len(text) and text[last] < CONTROL and text[last] != TAB
        if is_short and _read_short_cells(text, place, codes):
            counted.outcomes[_CALLED] += samples
            _add_short_cells(codes, people.cell, counted.people[rows.first[record]])
            continue
        fault, place = _read_line(
            text, place, record, fields, field_count, values, depths, rows, people, gated, counted
        )
        if fault != OK:
            return fault, place, record
    return OK, 0, 0
