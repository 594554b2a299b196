"""A variant as one sortable 64-bit number: ``contig << 59 | position << 31 | allele code``.

==========  ====  =======================================================================================
field       bits  content
==========  ====  =======================================================================================
contig         5  1-22, 23 X, 24 Y, 25 MT; 0 and 26-31 are reserved, so no key is 0
position      28  1-based; the longest human sequence, GRCh38 chromosome 1, has 248,956,422 bases
code          31  REF and ALT, see below
==========  ====  =======================================================================================

Code, REF and ALT together at most 12 bases of A, C, G and T: flag bit 30 is 0; then the length of REF in 4 bits, and
the bases of REF and ALT, two bits each, behind a leading 1. This is exact: ``decode_key`` gives the alleles back.
Longer alleles, or other letters: flag bit 30 is 1, then a 30-bit hash. Only alleles at the same place can collide;
whoever stores such keys keeps ``side_table`` beside them and compares REF and ALT, and ``check_collisions`` refuses to
go on when two alleles share a key.

Case is folded, so ``a`` and ``A`` are the same allele. Keys are of normalised alleles: an allele that was not trimmed
and left-aligned has another key. Keys of two builds are never compared.

Sorting trap: from contig 16 on the top bit is set. Engines that know signed 64-bit integers only (PostgreSQL bigint,
the JVM) sort those before contig 1: keep keys unsigned (Parquet UINT_64, DuckDB UBIGINT), or flip the top bit. JSON
numbers lose digits above 2**53: write keys as text, or not at all.

The hash (FNV-1a with the finaliser of MurmurHash3, both of fixed published constants) is part of the format:
``KEY_FORMAT`` changes with it, and stands in whatever stores keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from varde.genome.compiled import compiled
from varde.genome.errors import InputError

KEY_FORMAT = 1
LONGEST_EXACT_BASES = 12
LAST_CONTIG = 25
LAST_POSITION = (1 << 28) - 1

_HASHED = 1 << 30
_CODE_MASK = (1 << 31) - 1
_BASES_BITS = 25
_LETTERS = "ACGT"

Alleles = pl.Series | Sequence[str] | NDArray[Any]


def encode_keys(contig: ArrayLike, position: ArrayLike, ref: Alleles, alt: Alleles) -> NDArray[np.uint64]:
    """Keys of alleles given as four columns of one length; shape [rows].

    ``contig`` holds codes 1-25, ``position`` is 1-based, ``ref`` and ``alt`` are letters. Raises ValueError for columns
    of unequal length, and naming the first row whose contig, position or alleles cannot be keyed.
    """
    contigs = np.ascontiguousarray(contig, dtype=np.int64)
    positions = np.ascontiguousarray(position, dtype=np.int64)
    ref_offsets, ref_bytes = string_buffers(ref)
    alt_offsets, alt_bytes = string_buffers(alt)
    if not len(contigs) == len(positions) == len(ref_offsets) - 1 == len(alt_offsets) - 1:
        raise ValueError("contig, position, ref and alt must have the same length")
    keys = np.empty(len(contigs), dtype=np.uint64)
    bad = _encode(contigs, positions, ref_offsets, ref_bytes, alt_offsets, alt_bytes, keys)
    if bad >= 0:
        raise ValueError(
            f"row {bad} has no key: contig {contigs[bad]}, position {positions[bad]}, REF {pl.Series(ref)[bad]!r}, "
            f"ALT {pl.Series(alt)[bad]!r}; expected contig 1-{LAST_CONTIG}, position 1-{LAST_POSITION}, letters only"
        )
    return keys


def decode_key(key: int) -> tuple[int, int, str, str] | None:
    """Contig code, 1-based position, REF and ALT; None when hashed. Raises ValueError for what is no key."""
    contig, position = int(key) >> 59, int(key) >> 31 & LAST_POSITION
    code = int(key) & _CODE_MASK
    if not (0 < key < 1 << 64 and 1 <= contig <= LAST_CONTIG and position):
        raise ValueError(f"{key} is not a variant key")
    if code & _HASHED:
        return None
    ref_length, packed = code >> _BASES_BITS, code & (1 << _BASES_BITS) - 1
    count, odd = divmod(packed.bit_length() - 1, 2)
    if packed < 1 or odd or not 1 <= ref_length < count:
        raise ValueError(f"{key} is not a variant key")
    bases = "".join(_LETTERS[packed >> 2 * (count - 1 - i) & 3] for i in range(count))
    return contig, position, bases[:ref_length], bases[ref_length:]


def decode_alleles(keys: NDArray[np.uint64]) -> tuple[pl.Series, pl.Series]:
    """REF and ALT of exact keys, all at once; empty text where the key is hashed."""
    offsets = [np.zeros(len(keys) + 1, dtype=np.int64) for _ in range(2)]
    letters = [np.empty(LONGEST_EXACT_BASES * len(keys), dtype=np.uint8) for _ in range(2)]
    _spell(keys, offsets[0], letters[0], offsets[1], letters[1])
    ref, alt = (
        pl.Series(pa.LargeStringArray.from_buffers(len(keys), pa.py_buffer(offset), pa.py_buffer(letter[: offset[-1]])))
        for offset, letter in zip(offsets, letters, strict=True)
    )
    return ref, alt


def is_hashed(keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """True where the alleles are not in the key but in the side table."""
    return (keys >> np.uint64(30) & np.uint64(1)).astype(np.bool_)


def is_substitution(keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """True where REF and ALT are one base each."""
    code = keys & np.uint64(_CODE_MASK)
    return (code >= np.uint64((1 << _BASES_BITS) + 16)) & (code < np.uint64((1 << _BASES_BITS) + 32))


def key_contigs(keys: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """Contig codes of keys."""
    return (keys >> np.uint64(59)).astype(np.uint8)


def key_positions(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """1-based positions of keys."""
    return (keys >> np.uint64(31) & np.uint64(LAST_POSITION)).astype(np.int64)


def place_key(contig: int, position: int) -> int:
    """The smallest number that a key at this place can have: the borders of a range of keys."""
    return (contig << 59) + (position << 31)


def side_table(frame: pl.DataFrame) -> pl.DataFrame:
    """The distinct ``key``, ``ref``, ``alt`` of the hashed alleles in a frame with those columns, sorted by key.

    Raises InputError ``key_collision`` when two alleles share a key.
    """
    hashed = pl.col("key") & pl.lit(_HASHED, pl.UInt64) != 0
    table = (
        frame.lazy()
        .filter(hashed)
        .select("key", pl.col("ref").str.to_uppercase(), pl.col("alt").str.to_uppercase())
        .unique()
        .sort("key", "ref", "alt")
        .collect()
    )
    _abort_on(table.filter(pl.col("key").is_duplicated()))
    return table


def collisions(frame: pl.DataFrame) -> pl.DataFrame:
    """The distinct ``key``, ``ref``, ``alt`` of the alleles that share their key with another; empty when none do."""
    alleles = frame.lazy().filter(pl.col("key").is_not_null())
    folded = alleles.select("key", pl.col("ref").str.to_uppercase(), pl.col("alt").str.to_uppercase()).unique()
    return folded.filter(pl.col("key").is_duplicated()).sort("key", "ref", "alt").collect()


def check_collisions(frame: pl.DataFrame) -> None:
    """Raise InputError ``key_collision`` when two alleles of a frame with ``key``, ``ref``, ``alt`` share a key."""
    hashed = frame.filter(pl.col("key") & pl.lit(_HASHED, pl.UInt64) != 0)
    _abort_on(collisions(hashed))


def _abort_on(colliding: pl.DataFrame) -> None:
    if colliding.is_empty():
        return
    key, ref, alt = colliding.row(0)
    _, other_ref, other_alt = colliding.row(1)
    raise InputError(
        "key_collision",
        f"Two alleles at contig {key >> 59}, position {key >> 31 & LAST_POSITION} have the same key {key}: "
        f"{_shown(ref)}>{_shown(alt)} and {_shown(other_ref)}>{_shown(other_alt)}. Nothing was written.",
        f"Report this to the makers of Varde: the hash of key format {KEY_FORMAT} must be changed.",
    )


def _shown(allele: str) -> str:
    return allele if len(allele) <= 40 else f"{allele[:30]}... ({len(allele)} bases)"


def string_buffers(strings: Alleles) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Offsets [rows + 1] and bytes of a column of text, without a copy per row. Raises ValueError when one is null."""
    series = strings if isinstance(strings, pl.Series) else pl.Series(list(strings), dtype=pl.String)
    if series.null_count():
        raise ValueError("a column of alleles holds nulls")
    if series.is_empty():
        return np.frombuffer(bytes(8), dtype=np.int64), np.frombuffer(b"", dtype=np.uint8)
    arrow = series.to_arrow(compat_level=pl.CompatLevel.oldest())
    _, offsets, data = arrow.buffers()
    first = arrow.offset
    positions = np.frombuffer(offsets, dtype=np.int64)[first : first + len(arrow) + 1]
    letters = np.frombuffer(data, dtype=np.uint8) if data is not None else np.frombuffer(b"", dtype=np.uint8)
    return positions, letters


@compiled
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


@compiled
def _is_letter(letter: int) -> bool:
    return 65 <= (letter & 0xDF) <= 90


@compiled
def _exact_code(ref: NDArray[np.uint8], alt: NDArray[np.uint8]) -> int:
    """The exact code, or -1 when the alleles are too long or hold other letters than A, C, G and T."""
    if len(ref) + len(alt) > LONGEST_EXACT_BASES:
        return -1
    packed = 1
    for letter in ref:
        bits = _two_bits(letter)
        if bits < 0:
            return -1
        packed = packed << 2 | bits
    for letter in alt:
        bits = _two_bits(letter)
        if bits < 0:
            return -1
        packed = packed << 2 | bits
    return len(ref) << _BASES_BITS | packed


@compiled
def _hash_code(ref: NDArray[np.uint8], alt: NDArray[np.uint8]) -> int:
    """30 bits of FNV-1a over ``REF>ALT`` in capitals, mixed by the 64-bit finaliser of MurmurHash3."""
    prime = np.uint64(0x100000001B3)
    value = np.uint64(0xCBF29CE484222325)
    for letter in ref:
        value = (value ^ np.uint64(letter & 0xDF)) * prime
    value = (value ^ np.uint64(62)) * prime
    for letter in alt:
        value = (value ^ np.uint64(letter & 0xDF)) * prime
    value = (value ^ (value >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    value = (value ^ (value >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    value = value ^ (value >> np.uint64(33))
    return _HASHED | int(value >> np.uint64(34))


@compiled
def _encode(
    contigs: NDArray[np.int64],
    positions: NDArray[np.int64],
    ref_offsets: NDArray[np.int64],
    ref_bytes: NDArray[np.uint8],
    alt_offsets: NDArray[np.int64],
    alt_bytes: NDArray[np.uint8],
    keys: NDArray[np.uint64],
) -> int:
    """Fill ``keys``; the first row that cannot be keyed, or -1."""
    for row in range(len(contigs)):
        ref = ref_bytes[ref_offsets[row] : ref_offsets[row + 1]]
        alt = alt_bytes[alt_offsets[row] : alt_offsets[row + 1]]
        if not (1 <= contigs[row] <= LAST_CONTIG and 1 <= positions[row] <= LAST_POSITION and len(ref) and len(alt)):
            return row
        code = _exact_code(ref, alt)
        if code < 0:
            for letter in ref:
                if not _is_letter(letter):
                    return row
            for letter in alt:
                if not _is_letter(letter):
                    return row
            code = _hash_code(ref, alt)
        keys[row] = (
            np.uint64(contigs[row]) << np.uint64(59) | np.uint64(positions[row]) << np.uint64(31) | np.uint64(code)
        )
    return -1


@compiled
def _spell(
    keys: NDArray[np.uint64],
    ref_offsets: NDArray[np.int64],
    ref_bytes: NDArray[np.uint8],
    alt_offsets: NDArray[np.int64],
    alt_bytes: NDArray[np.uint8],
) -> None:
    """Spell out exact keys; hashed keys are given no letters."""
    letters = (65, 67, 71, 84)
    ref_end = 0
    alt_end = 0
    for row in range(len(keys)):
        code = np.int64(keys[row] & np.uint64(_CODE_MASK))
        if not code & _HASHED:
            ref_length = code >> _BASES_BITS
            packed = code & ((1 << _BASES_BITS) - 1)
            bases = 0
            while packed >> (2 * bases + 1):
                bases += 1
            for base in range(bases):
                letter = letters[(packed >> (2 * (bases - 1 - base))) & 3]
                if base < ref_length:
                    ref_bytes[ref_end] = letter
                    ref_end += 1
                else:
                    alt_bytes[alt_end] = letter
                    alt_end += 1
        ref_offsets[row + 1] = ref_end
        alt_offsets[row + 1] = alt_end
