"""One way to write each allele: REF checked against the reference, trimmed, left-aligned, and keyed.

The same insertion or deletion in a repeat can be written at many positions, and the same allele with more or fewer
surrounding bases. Tan, Abecasis and Kang (Bioinformatics 2015;31:2202) define the parsimonious and leftmost one.
"""

from __future__ import annotations

from dataclasses import replace
from enum import IntEnum
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from varde.genome.builds import CONTIGS
from varde.genome.compiled import compiled
from varde.genome.errors import InputError
from varde.genome.keys import LAST_POSITION, encode_keys, string_buffers
from varde.genome.records import AlleleKind, AlleleTable
from varde.genome.references import Reference

MOSTLY_WRONG = 0.5
"""Share of mismatching records above which the build, not the record, is named as the likely fault. By chance 3 of 4
bases differ between unrelated sequences; a right build with a damaged line has a share near 0."""

_RESOLVED = (AlleleKind.SNV, AlleleKind.MNV, AlleleKind.INSERTION, AlleleKind.DELETION, AlleleKind.DELINS)
_DIFFERENT, _BEYOND = 1, 2
_MASKS = {
    "A": 1, "C": 2, "G": 4, "T": 8, "R": 5, "Y": 10, "S": 6, "W": 9, "K": 12, "M": 3, "B": 14, "D": 13, "H": 11, "V": 7,
    "N": 15,
}  # fmt: skip


def _letter_masks() -> NDArray[np.uint8]:
    masks = np.zeros(256, dtype=np.uint8)
    for letter, mask in _MASKS.items():
        masks[ord(letter)] = masks[ord(letter.lower())] = mask
    return masks


_MASK_OF_LETTER = _letter_masks()
"""The bases that a IUPAC letter stands for, one bit each; 0 for what is no such letter."""


def normalise(table: AlleleTable, reference: Reference) -> AlleleTable:
    """The same rows, in the same order, each allele in its one parsimonious and leftmost form.

    ``position``, ``end``, ``ref``, ``alt`` and ``kind`` of sequence-resolved rows are replaced; added are ``key``
    (UInt64; null for reference, spanning, symbolic and breakend rows and for sequences the build does not number, all
    of which stay as they are), ``moved`` (position, REF or ALT differ from the file) and ``raw_position``. Letters
    become capitals. An ambiguous base of the reference agrees with each base it stands for.

    Raises InputError ``build_mismatch``, ``contig_not_in_reference``, ``beyond_reference``, ``ref_mismatch``,
    ``alt_equals_ref`` and ``position_out_of_range``, naming the first line.
    """
    if table.build is not None and table.build is not reference.build:
        raise InputError(
            "build_mismatch",
            f"The variants are of {table.build}, reference {reference.name} of {reference.build}.",
            f"Use a reference of {table.build}.",
        )
    sites = _prepared(table.sites)
    _check_against(sites, reference)
    rows = _resolved_rows(sites)
    contig = sites["contig"].to_numpy()[rows]
    columns = _Alleles(sites, rows)
    for code in np.unique(contig):
        columns.align(np.flatnonzero(contig == code), reference.bases(int(code)))
    return replace(table, build=reference.build, sites=_keyed(sites, rows, columns))


def with_keys(table: AlleleTable) -> AlleleTable:
    """Like ``normalise`` without a reference: alleles are trimmed but REF is not checked and nothing is left-aligned.

    Keys of indels in repeats can then differ between files that wrote them differently. Raises InputError
    ``alt_equals_ref`` and ``position_out_of_range``.
    """
    sites = _prepared(table.sites)
    rows = _resolved_rows(sites)
    columns = _Alleles(sites, rows)
    columns.align(np.arange(len(rows)), np.empty(0, dtype=np.uint8))
    return replace(table, sites=_keyed(sites, rows, columns))


def duplicate_rows(table: AlleleTable) -> pl.DataFrame:
    """Rows of a keyed table whose allele stands there before: ``row``, ``line``, ``first_line``, ``key``, by line."""
    keyed = table.sites.select(pl.int_range(pl.len()).alias("row"), "line", "key").filter(pl.col("key").is_not_null())
    repeated = keyed.filter(pl.col("key").is_duplicated()).sort("line", "row")
    first = pl.col("row") == pl.col("row").first().over("key")
    marked = repeated.with_columns(pl.col("line").first().over("key").alias("first_line"), first.alias("first"))
    return marked.filter(~pl.col("first")).select("row", "line", "first_line", "key")


class _Alleles:
    """Alleles of some rows as bytes, brought to their one form in place."""

    def __init__(self, sites: pl.DataFrame, rows: NDArray[np.int64]) -> None:
        chosen = sites[rows]
        self._given = chosen["position"].to_numpy()
        self.position = self._given.copy()
        self.ref_offsets, ref = string_buffers(chosen["ref"])
        self.alt_offsets, alt = string_buffers(chosen["alt"])
        self.ref, self.alt = ref.copy(), alt.copy()
        self.ref_length = np.diff(self.ref_offsets)
        self.alt_length = np.diff(self.alt_offsets)

    def align(self, rows: NDArray[np.int64], bases: NDArray[np.uint8]) -> None:
        """Trim these rows and, with bases, left-align them."""
        _align(
            rows,
            bases,
            self.position,
            self.ref_offsets,
            self.ref,
            self.ref_length,
            self.alt_offsets,
            self.alt,
            self.alt_length,
        )

    def texts(self) -> tuple[pl.Series, pl.Series]:
        """REF and ALT as they stand now."""
        return (
            _text_column(self.ref_offsets, self.ref, self.ref_length),
            _text_column(self.alt_offsets, self.alt, self.alt_length),
        )

    @property
    def moved(self) -> pl.Series:
        """True where position, REF or ALT are not as they were given."""
        shifted = self.position != self._given
        return pl.Series(shifted | (self.ref_length != np.diff(self.ref_offsets)))

    def kinds(self) -> NDArray[np.uint8]:
        """AlleleKind of the trimmed alleles."""
        same_start = self.ref[self.ref_offsets[:-1]] == self.alt[self.alt_offsets[:-1]]
        equal = self.ref_length == self.alt_length
        return np.select(
            [
                equal & (self.ref_length == 1),
                equal,
                same_start & (self.ref_length == 1),
                same_start & (self.alt_length == 1),
            ],
            [AlleleKind.SNV, AlleleKind.MNV, AlleleKind.INSERTION, AlleleKind.DELETION],
            AlleleKind.DELINS,
        ).astype(np.uint8)


def _prepared(sites: pl.DataFrame) -> pl.DataFrame:
    """Capitals in REF and in ALT of letters, and the columns ``key``, ``moved`` and ``raw_position``."""
    if "key" not in sites.columns:
        sites = sites.with_columns(moved=pl.lit(False), raw_position=pl.col("position"))
    return sites.with_columns(
        pl.col("ref").str.to_uppercase(),
        pl.when(pl.col("kind").is_in(_RESOLVED)).then(pl.col("alt").str.to_uppercase()).otherwise("alt").alias("alt"),
        pl.lit(None, pl.UInt64).alias("key"),
    )


def _resolved_rows(sites: pl.DataFrame) -> NDArray[np.int64]:
    """Rows that get a key. Raises InputError for alleles that cannot have one."""
    chosen = sites.select(
        resolved=(pl.col("contig") > 0) & pl.col("kind").is_in(_RESOLVED),
        outside=~pl.col("position").is_between(1, LAST_POSITION),
        same=pl.col("ref") == pl.col("alt"),
    )
    resolved = chosen["resolved"].to_numpy()
    outside = np.flatnonzero(resolved & chosen["outside"].to_numpy())
    if len(outside):
        raise _row_error(
            sites,
            outside,
            "position_out_of_range",
            "POS",
            "POS lies outside every human sequence.",
            "Correct the record.",
        )
    same = np.flatnonzero(resolved & chosen["same"].to_numpy())
    if len(same):
        raise _row_error(
            sites,
            same,
            "alt_equals_ref",
            "ALT",
            "ALT is the same as REF, so the record says nothing.",
            "Remove the allele, or write '.' for a site without variant.",
        )
    return np.flatnonzero(resolved)


def _keyed(sites: pl.DataFrame, rows: NDArray[np.int64], alleles: _Alleles) -> pl.DataFrame:
    """The columns of all rows with those of the resolved ones replaced."""
    ref, alt = alleles.texts()
    keys = encode_keys(sites["contig"].to_numpy()[rows], alleles.position, ref, alt)
    changed = {
        "position": pl.Series(alleles.position),
        "end": pl.Series(alleles.position + alleles.ref_length - 1),
        "ref": ref,
        "alt": alt,
        "kind": pl.Series(alleles.kinds()),
        "key": pl.Series(keys),
        "moved": alleles.moved | sites["moved"][rows],
    }
    taken = np.arange(sites.height)
    taken[rows] = sites.height + np.arange(len(rows))
    return sites.with_columns(
        pl.concat([sites[name], column.cast(sites[name].dtype)])[taken].alias(name) for name, column in changed.items()
    )


class Agreement(IntEnum):
    """How REF stands to the reference."""

    AGREES = 0
    DIFFERS = 1
    BEYOND = 2


def agreement(sites: pl.DataFrame, reference: Reference) -> NDArray[np.uint8]:
    """``Agreement`` of each row (contig, position, ref in capitals, kind); nothing is raised about a row.

    Raises InputError ``contig_not_in_reference``.
    """
    contig, position = sites["contig"].to_numpy(), sites["position"].to_numpy()
    offsets, letters = string_buffers(sites["ref"])
    blocks = (sites["kind"] == AlleleKind.REFERENCE).to_numpy()
    state = np.zeros(sites.height, dtype=np.uint8)
    for code in np.unique(contig):
        here = np.flatnonzero(contig == code)
        try:
            bases = reference.bases(int(code))
        except InputError as error:
            raise replace(error, line=int(sites["line"].to_numpy()[here].min()), field="CHROM") from None
        _compare(here, bases, _MASK_OF_LETTER, position, offsets, letters, blocks, state)
    return state


def _check_against(sites: pl.DataFrame, reference: Reference) -> None:
    """Compare REF with the reference in resolved alleles, reference sites and spanned deletions."""
    checked = (pl.col("contig") > 0) & pl.col("kind").is_in((*_RESOLVED, AlleleKind.REFERENCE, AlleleKind.SPANNING))
    chosen = sites.filter(checked)
    state = agreement(chosen, reference)
    beyond, differing = np.flatnonzero(state == Agreement.BEYOND), np.flatnonzero(state == Agreement.DIFFERS)
    if len(beyond):
        raise _beyond_error(chosen, beyond, reference)
    if len(differing):
        raise _mismatch_error(chosen, differing, reference)


def _beyond_error(sites: pl.DataFrame, rows: NDArray[np.int64], reference: Reference) -> InputError:
    first = _first_of(sites, rows)
    contig = reference.contig(first["contig"])
    part = "" if contig.complete else f", a part of {CONTIGS[contig.code - 1]} only"
    return _row_error(
        sites,
        rows,
        "beyond_reference",
        "POS",
        f"Position {first['contig_name']}:{first['position']} with {len(first['ref'])} bases of REF lies outside "
        f"reference {reference.name}, which holds {contig.length:,} bases{part}; {len(rows)} alleles do.",
        f"Is {reference.build} the right build? Use the reference that the variants were called against.",
    )


def _mismatch_error(sites: pl.DataFrame, rows: NDArray[np.int64], reference: Reference) -> InputError:
    first = _first_of(sites, rows)
    start0 = first["position"] - 1
    found = reference.sequence(first["contig"], start0, start0 + len(first["ref"]))
    wrong, read = sites[rows]["record"].n_unique(), sites["record"].n_unique()
    likely = wrong > MOSTLY_WRONG * read
    return _row_error(
        sites,
        rows,
        "ref_mismatch",
        "REF",
        f"REF {_shown(first['ref'])} differs from {_shown(found)} at {first['contig_name']}:{first['position']} of "
        f"reference {reference.name}; {wrong:,} of {read:,} records differ.",
        f"{reference.build} is probably the wrong build: use the reference that the variants were called against."
        if likely
        else f"Is {reference.build} the right build, and the file unharmed? Correct the records, or use the reference "
        "that they were called against.",
    )


def _first_of(sites: pl.DataFrame, rows: NDArray[np.int64]) -> dict[str, Any]:
    """The row that stands first in the file."""
    return sites[rows].sort("line", "allele").row(0, named=True)


def _row_error(
    sites: pl.DataFrame, rows: NDArray[np.int64], code: str, field: str, problem: str, remedy: str
) -> InputError:
    return InputError(code, problem, remedy, line=int(_first_of(sites, rows)["line"]), field=field)


def _shown(allele: str) -> str:
    return allele if len(allele) <= 30 else f"{allele[:20]}... ({len(allele)} bases)"


def _text_column(offsets: NDArray[np.int64], letters: NDArray[np.uint8], lengths: NDArray[np.int64]) -> pl.Series:
    """The text that starts at each offset, of the length given."""
    ends = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=ends[1:])
    packed = np.empty(ends[-1], dtype=np.uint8)
    _pack(offsets, letters, ends, packed)
    array = pa.LargeStringArray.from_buffers(len(lengths), pa.py_buffer(ends), pa.py_buffer(packed))
    return pl.Series(array)


@compiled
def _pack(
    offsets: NDArray[np.int64], letters: NDArray[np.uint8], ends: NDArray[np.int64], packed: NDArray[np.uint8]
) -> None:
    for row in range(len(ends) - 1):
        start = ends[row]
        for i in range(ends[row + 1] - start):
            packed[start + i] = letters[offsets[row] + i]


@compiled
def _compare(
    rows: NDArray[np.int64],
    bases: NDArray[np.uint8],
    masks: NDArray[np.uint8],
    position: NDArray[np.int64],
    offsets: NDArray[np.int64],
    letters: NDArray[np.uint8],
    blocks: NDArray[np.bool_],
    state: NDArray[np.uint8],
) -> None:
    """Set the state of the rows of one contig. ``N`` is no statement in a reference block, a mismatch elsewhere."""
    for row in rows:
        start = position[row] - 1
        length = offsets[row + 1] - offsets[row]
        if start < 0 or length == 0 or start + length > len(bases):
            state[row] = _BEYOND
            continue
        for i in range(length):
            letter = letters[offsets[row] + i]
            base = bases[start + i]
            if letter == base or (blocks[row] and letter == 78):
                continue
            several = masks[base] & (masks[base] - 1)
            if not several or masks[letter] & ~masks[base] or not masks[letter]:
                state[row] = _DIFFERENT
                break


@compiled
def _align(
    rows: NDArray[np.int64],
    bases: NDArray[np.uint8],
    position: NDArray[np.int64],
    ref_offsets: NDArray[np.int64],
    ref: NDArray[np.uint8],
    ref_length: NDArray[np.int64],
    alt_offsets: NDArray[np.int64],
    alt: NDArray[np.uint8],
    alt_length: NDArray[np.int64],
) -> None:
    """Bring the alleles of one contig to their one form, in place; without bases they are only trimmed.

    When one allele is wholly the other's end, what is left is an inserted or deleted piece with the base before it.
    The piece moves left as long as its last base equals that base, turning like a wheel; the new base before it is read
    from the reference. Otherwise the alleles end differently and only common bases at both ends go.
    """
    for row in rows:
        r, a = ref_offsets[row], alt_offsets[row]
        n, m = ref_length[row], alt_length[row]
        shorter = min(n, m)
        tail = 0
        while tail < shorter and ref[r + n - 1 - tail] == alt[a + m - 1 - tail]:
            tail += 1
        anchor = position[row] - 2
        if tail == shorter and 0 <= anchor < len(bases):
            size = abs(n - m)
            whole, start = (ref, r) if n > m else (alt, a)
            piece = whole[start : start + size].copy()
            steps, last = 0, size - 1
            while anchor > 0 and bases[anchor] == piece[last]:
                anchor -= 1
                steps += 1
                last = last - 1 if last else size - 1
            ref[r] = alt[a] = bases[anchor]
            for i in range(size):
                whole[start + 1 + i] = piece[(i - steps) % size]
            position[row] = anchor + 1
            ref_length[row], alt_length[row] = n - shorter + 1, m - shorter + 1
            continue
        tail = min(tail, shorter - 1)
        head = 0
        while head < shorter - tail - 1 and ref[r + head] == alt[a + head]:
            head += 1
        for i in range(n - tail - head):
            ref[r + i] = ref[r + head + i]
        for i in range(m - tail - head):
            alt[a + i] = alt[a + head + i]
        position[row] += head
        ref_length[row], alt_length[row] = n - tail - head, m - tail - head
