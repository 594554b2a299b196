"""Sorted keys with columns of whole numbers in few bits: blocks of 64 rows, each column as wide as its largest value.

Sections of a table of ``rows`` rows and ``columns`` columns, all little-endian:

=========  ====================  ==============================================================================
section    type                  content
=========  ====================  ==============================================================================
first      u64 [blocks]          the first key of each block
place      i64 [blocks]          where the block starts in ``bits``, in bytes
width      u8 [blocks, 1 + c]    bits per value: of the keys' distance from the first key, then of each column
bits       u8 [...]              block by block, column by column, values packed from the lowest bit on; each
                                 column starts at a whole byte, and 16 zero bytes end the section
=========  ====================  ==============================================================================

A column that is zero in a whole block takes no room there. The same rows give the same bytes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from varde.genome.compiled import compiled

BLOCK_ROWS = 64
SECTIONS = ("first", "place", "width", "bits")
_TAIL = 16


class PackedTable(NamedTuple):
    """A packed table; the arrays may be mapped from a file. ``columns`` names what stands beside the keys."""

    rows: int
    columns: tuple[str, ...]
    first: NDArray[np.uint64]
    place: NDArray[np.int64]
    width: NDArray[np.uint8]
    bits: NDArray[np.uint8]

    @classmethod
    def pack(cls, keys: NDArray[np.uint64], columns: Mapping[str, NDArray[np.int64]]) -> Self:
        """Pack strictly ascending keys and columns of their length.

        Raises ValueError for keys that do not ascend and for a negative value.
        """
        if len(keys) > 1 and not np.all(keys[1:] > keys[:-1]):
            raise ValueError("keys must ascend, each once")
        values = np.empty((len(columns), len(keys)), dtype=np.uint64)
        for row, (name, column) in enumerate(columns.items()):
            if len(column) != len(keys) or (len(column) and column.min() < 0):
                raise ValueError(f"{name} must have one value per key, none below zero")
            values[row] = column
        blocks = -(-len(keys) // BLOCK_ROWS)
        width = np.zeros((blocks, 1 + len(columns)), dtype=np.uint8)
        place = np.zeros(blocks, dtype=np.int64)
        size = _measure(keys, values, width, place)
        bits = np.zeros(size + _TAIL, dtype=np.uint8)
        _pack(keys, values, width, place, bits)
        return cls(len(keys), tuple(columns), keys[::BLOCK_ROWS].copy(), place, width, bits)

    def find(self, keys: NDArray[np.uint64]) -> NDArray[np.int64]:
        """The row of each key, -1 where there is none; quickest for keys in ascending order."""
        rows = np.empty(len(keys), dtype=np.int64)
        find_keys(self.first, self.place, self.width, self.bits, self.rows, keys, rows)
        return rows

    def lower(self, keys: NDArray[np.uint64]) -> NDArray[np.int64]:
        """The first row whose key is not below each key; ``rows`` when there is none."""
        rows = np.empty(len(keys), dtype=np.int64)
        _lower_keys(self.first, self.place, self.width, self.bits, self.rows, keys, rows)
        return rows

    def find_one(self, key: int) -> int:
        """The row of one key, -1 when there is none: microseconds, without compiled code."""
        row = self.last_up_to(key)
        return row if row >= 0 and self._value(row, 0) + int(self.first[row // BLOCK_ROWS]) == key else -1

    def last_up_to(self, key: int) -> int:
        """The last row whose key is not above ``key``, -1 when there is none."""
        block = bisect_right(self.first.data, key) - 1
        if block < 0:
            return -1
        low, high = block * BLOCK_ROWS, min((block + 1) * BLOCK_ROWS, self.rows)
        distance = key - int(self.first[block])
        while high - low > 1:
            middle = (low + high) // 2
            if self._value(middle, 0) <= distance:
                low = middle
            else:
                high = middle
        return low

    def row(self, row: int) -> dict[str, int]:
        """The columns of one row."""
        return {name: self._value(row, 1 + i) for i, name in enumerate(self.columns)}

    def keys(self, start: int = 0, stop: int | None = None) -> NDArray[np.uint64]:
        """Keys of the rows from ``start`` to before ``stop``."""
        return self._unpacked(0, start, stop)

    def column(self, name: str, start: int = 0, stop: int | None = None) -> NDArray[np.int64]:
        """Values of a column in the rows from ``start`` to before ``stop``."""
        return self._unpacked(1 + self.columns.index(name), start, stop).astype(np.int64)

    def values(self, name: str, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Values of a column in some rows, 0 where the row is -1."""
        found = np.empty(len(rows), dtype=np.int64)
        _gather(self.place, self.width, self.bits, self.rows, 1 + self.columns.index(name), rows, found)
        return found

    def _unpacked(self, column: int, start: int, stop: int | None) -> NDArray[np.uint64]:
        stop = self.rows if stop is None else min(stop, self.rows)
        values = np.empty(max(stop - start, 0), dtype=np.uint64)
        _unpack(self.first, self.place, self.width, self.bits, self.rows, column, start, values)
        return values

    def _value(self, row: int, column: int) -> int:
        """One value as stored (of a key the distance), by plain Python."""
        block, within = divmod(row, BLOCK_ROWS)
        widths: list[int] = self.width[block].tolist()
        size = min(BLOCK_ROWS, self.rows - block * BLOCK_ROWS)
        byte = int(self.place[block]) + sum((size * width + 7) >> 3 for width in widths[:column])
        bit, width = within * widths[column], widths[column]
        byte += bit >> 3
        stored = int.from_bytes(self.bits[byte : byte + 9].tobytes(), "little")
        return stored >> (bit & 7) & (1 << width) - 1


@compiled
def _bit_length(value: np.uint64) -> int:
    bits = 0
    while bits < 64 and value >> np.uint64(bits):
        bits += 1
    return bits


@compiled
def _measure(
    keys: NDArray[np.uint64], values: NDArray[np.uint64], width: NDArray[np.uint8], place: NDArray[np.int64]
) -> int:
    """Fill the widths and places of all blocks; the size of the packed bits in bytes."""
    size = 0
    for block in range(len(place)):
        start = block * BLOCK_ROWS
        stop = min(start + BLOCK_ROWS, len(keys))
        width[block, 0] = _bit_length(keys[stop - 1] - keys[start])
        for column in range(len(values)):
            everything = np.uint64(0)
            for row in range(start, stop):
                everything |= values[column, row]
            width[block, 1 + column] = _bit_length(everything)
        place[block] = size
        for column in range(width.shape[1]):
            size += ((stop - start) * int(width[block, column]) + 7) >> 3
    return size


@compiled
def _pack(
    keys: NDArray[np.uint64],
    values: NDArray[np.uint64],
    width: NDArray[np.uint8],
    place: NDArray[np.int64],
    bits: NDArray[np.uint8],
) -> None:
    for block in range(len(place)):
        start = block * BLOCK_ROWS
        stop = min(start + BLOCK_ROWS, len(keys))
        byte = int(place[block])
        for column in range(width.shape[1]):
            bit = byte << 3
            wide = int(width[block, column])
            for row in range(start, stop):
                value = keys[row] - keys[start] if column == 0 else values[column - 1, row]
                for i in range(wide):
                    bits[bit >> 3] |= np.uint8((value >> np.uint64(i)) & np.uint64(1)) << np.uint8(bit & 7)
                    bit += 1
            byte += ((stop - start) * wide + 7) >> 3


@compiled
def read_bits(bits: NDArray[np.uint8], bit: int, width: int) -> np.uint64:
    """The number of ``width`` bits, 0 to 64, that starts at a bit."""
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
def column_bit(place: NDArray[np.int64], width: NDArray[np.uint8], rows: int, block: int, column: int) -> int:
    """The bit where a column of a block starts."""
    size = min(BLOCK_ROWS, rows - block * BLOCK_ROWS)
    byte = int(place[block])
    for i in range(column):
        byte += (size * int(width[block, i]) + 7) >> 3
    return byte << 3


@compiled
def lower_row(
    first: NDArray[np.uint64],
    place: NDArray[np.int64],
    width: NDArray[np.uint8],
    bits: NDArray[np.uint8],
    rows: int,
    key: np.uint64,
    hint: int,
) -> int:
    """The first row whose key is not below ``key``; ``hint`` is a block to look at first."""
    low, high = 0, len(first)
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
    start = int(place[block]) << 3
    wide = int(width[block, 0])
    distance = key - first[block]
    low, high = 0, min(BLOCK_ROWS, rows - block * BLOCK_ROWS)
    while low < high:
        middle = (low + high) >> 1
        if read_bits(bits, start + middle * wide, wide) < distance:
            low = middle + 1
        else:
            high = middle
    return block * BLOCK_ROWS + low


@compiled
def key_at(
    first: NDArray[np.uint64],
    place: NDArray[np.int64],
    width: NDArray[np.uint8],
    bits: NDArray[np.uint8],
    row: int,
) -> np.uint64:
    """The key of a row."""
    block = row // BLOCK_ROWS
    wide = int(width[block, 0])
    base: np.uint64 = first[block]
    return base + read_bits(bits, (int(place[block]) << 3) + (row % BLOCK_ROWS) * wide, wide)


@compiled
def _lower_keys(
    first: NDArray[np.uint64],
    place: NDArray[np.int64],
    width: NDArray[np.uint8],
    bits: NDArray[np.uint8],
    rows: int,
    keys: NDArray[np.uint64],
    found: NDArray[np.int64],
) -> None:
    """The first row that is not below each key, into ``found``."""
    hint = 0
    for i in range(len(keys)):
        found[i] = lower_row(first, place, width, bits, rows, keys[i], hint)
        hint = max(found[i] // BLOCK_ROWS - 1, 0)


@compiled
def find_keys(
    first: NDArray[np.uint64],
    place: NDArray[np.int64],
    width: NDArray[np.uint8],
    bits: NDArray[np.uint8],
    rows: int,
    keys: NDArray[np.uint64],
    found: NDArray[np.int64],
) -> None:
    """Rows of keys, -1 where there is none, into ``found``."""
    _lower_keys(first, place, width, bits, rows, keys, found)
    for i in range(len(keys)):
        row = found[i]
        if row == rows or key_at(first, place, width, bits, row) != keys[i]:
            found[i] = -1


@compiled
def value_at(
    place: NDArray[np.int64], width: NDArray[np.uint8], bits: NDArray[np.uint8], rows: int, column: int, row: int
) -> np.uint64:
    """The value of a column (1 is the first beside the keys) in a row."""
    block = row // BLOCK_ROWS
    wide = int(width[block, column])
    start = column_bit(place, width, rows, block, column)
    return read_bits(bits, start + (row % BLOCK_ROWS) * wide, wide)


@compiled
def _gather(
    place: NDArray[np.int64],
    width: NDArray[np.uint8],
    bits: NDArray[np.uint8],
    rows: int,
    column: int,
    chosen: NDArray[np.int64],
    found: NDArray[np.int64],
) -> None:
    for i in range(len(chosen)):
        found[i] = 0
        if chosen[i] >= 0:
            found[i] = value_at(place, width, bits, rows, column, chosen[i])


@compiled
def _unpack(
    first: NDArray[np.uint64],
    place: NDArray[np.int64],
    width: NDArray[np.uint8],
    bits: NDArray[np.uint8],
    rows: int,
    column: int,
    start: int,
    values: NDArray[np.uint64],
) -> None:
    at = 0
    while at < len(values):
        block = (start + at) // BLOCK_ROWS
        wide = int(width[block, column])
        bit = column_bit(place, width, rows, block, column) + ((start + at) % BLOCK_ROWS) * wide
        stop = min(len(values), (block + 1) * BLOCK_ROWS - start)
        base = first[block] if column == 0 else np.uint64(0)
        while at < stop:
            values[at] = base + read_bits(bits, bit, wide)
            bit += wide
            at += 1
