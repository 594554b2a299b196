"""Adding up observations: who carries what, over runs and over increments, by sorted packed numbers.

A row of a person says one thing of one allele: het, hom, hemi or only "beside". That is packed into 64 bits below the
key (59 bits without its contig), so that a plain sort brings equal alleles together; rows that say more are merged.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from heapq import heapify, heappop, heappush

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.frequency.run import BESIDE_INTERVALS, HAPLOID, Alleles
from varde.genome.builds import CONTIGS
from varde.genome.compiled import compiled
from varde.genome.keys import place_key

OBSERVATIONS = pl.Schema(
    {"key": pl.UInt64, "cell": pl.UInt16, "het": pl.Int32, "hom": pl.Int32, "hemi": pl.Int32, "beside": pl.Int32}
)
"""People by allele and cell: ``het`` one copy of two, ``hom`` two, ``hemi`` one of one (on MT: homoplasmic; ``het``
there is heteroplasmic). ``beside``: people called for this allele at a place outside their callable intervals."""

_CONTIG_SHIFT = 59
_BITS = 4
_KINDS = 3  # 0 nothing carried, 1 het, 2 hom, 3 hemi
_BESIDE, _MINUS = 4, 8
_BATCH = 32_000_000
_BOUNDS = np.array([place_key(code + 1, 0) for code in range(len(CONTIGS) + 1)], dtype=np.uint64)


@compiled
def _pack_alleles(
    keys: NDArray[np.uint64], dosage: NDArray[np.uint8], flags: NDArray[np.uint8], packed: NDArray[np.uint64]
) -> None:
    for i in range(len(keys)):
        kind = np.uint64(dosage[i])
        if kind == 1 and flags[i] & HAPLOID:
            kind = np.uint64(3)
        if flags[i] & BESIDE_INTERVALS:
            kind |= np.uint64(_BESIDE)
        packed[i] = (keys[i] << np.uint64(_BITS)) | kind


@compiled
def _pack_rows(keys: NDArray[np.uint64], values: NDArray[np.int32], packed: NDArray[np.uint64]) -> bool:
    """Pack rows of ``values`` [4, rows]; False when one says more than a single person can."""
    for i in range(len(keys)):
        carried = values[0, i] + values[1, i] + values[2, i]
        beside = values[3, i]
        size = abs(values[0, i]) + abs(values[1, i]) + abs(values[2, i])
        if size > 1 or abs(beside) > 1 or carried * beside < 0:
            return False
        kind = abs(values[0, i]) + 2 * abs(values[1, i]) + 3 * abs(values[2, i])
        if beside != 0:
            kind |= _BESIDE
        if carried + beside < 0:
            kind |= _MINUS
        packed[i] = (keys[i] << np.uint64(_BITS)) | np.uint64(kind)
    return True


@compiled
def _count_packed(packed: NDArray[np.uint64], keys: NDArray[np.uint64], values: NDArray[np.int32]) -> int:
    """Sums of sorted packed rows into ``keys`` and ``values`` [rows, 4]; the number of rows that are not zero."""
    row = 0
    i = 0
    while i < len(packed):
        key = packed[i] >> np.uint64(_BITS)
        values[row, :] = 0
        while i < len(packed) and packed[i] >> np.uint64(_BITS) == key:
            said = np.int64(packed[i] & np.uint64(15))
            one = -1 if said & _MINUS else 1
            if said & _KINDS:
                values[row, (said & _KINDS) - 1] += one
            if said & _BESIDE:
                values[row, 3] += one
            i += 1
        if values[row].any():
            keys[row] = key
            row += 1
    return row


@compiled
def _count_distinct(packed: NDArray[np.uint64]) -> int:
    found = 0
    for i in range(len(packed)):
        found += i == 0 or packed[i] >> np.uint64(_BITS) != packed[i - 1] >> np.uint64(_BITS)
    return found


@compiled
def _merge_rows(
    keys: tuple[NDArray[np.uint64], NDArray[np.uint64]],
    cells: tuple[NDArray[np.uint16], NDArray[np.uint16]],
    values: tuple[NDArray[np.int32], NDArray[np.int32]],
    out_keys: NDArray[np.uint64],
    out_cells: NDArray[np.uint16],
    out: NDArray[np.int32],
) -> int:
    """Two tables sorted by key and cell as one, without zeros; the number of rows."""
    (ka, kb), (ca, cb), (va, vb) = keys, cells, values
    a, b, row = 0, 0, 0
    while a < len(ka) or b < len(kb):
        first = b == len(kb) or (a < len(ka) and (ka[a] < kb[b] or (ka[a] == kb[b] and ca[a] <= cb[b])))
        second = a == len(ka) or (b < len(kb) and (kb[b] < ka[a] or (kb[b] == ka[a] and cb[b] <= ca[a])))
        out_keys[row] = ka[a] if first else kb[b]
        out_cells[row] = ca[a] if first else cb[b]
        some = False
        for k in range(4):
            total = (va[k, a] if first else 0) + (vb[k, b] if second else 0)
            out[k, row] = total
            some |= total != 0
        row += some
        a += first
        b += second
    return row


_Packed = list[list[NDArray[np.uint64]]]


def _split(packed: NDArray[np.uint64], keys: NDArray[np.uint64], by_contig: _Packed) -> None:
    edges = np.searchsorted(keys, _BOUNDS)
    for code in np.flatnonzero(np.diff(edges)):
        by_contig[code].append(packed[edges[code] : edges[code + 1]])


def _sum_packed(cell: int, by_contig: _Packed) -> pl.DataFrame:
    """Rows of one cell; ``by_contig`` is emptied."""
    frames = [OBSERVATIONS.to_frame()]
    for code, parts in enumerate(by_contig, start=1):
        if not parts:
            continue
        packed = np.concatenate(parts)
        parts.clear()
        packed.sort()
        distinct = _count_distinct(packed)
        keys, values = np.empty(distinct, dtype=np.uint64), np.empty((distinct + 1, 4), dtype=np.int32)
        rows = _count_packed(packed, keys, values)
        keys = keys[:rows] | np.uint64(code) << np.uint64(_CONTIG_SHIFT)
        frames.append(_frame(keys, np.full(rows, cell, dtype=np.uint16), values[:rows].T.copy()))
    return pl.concat(frames)


def _frame(keys: NDArray[np.uint64], cells: NDArray[np.uint16], values: NDArray[np.int32]) -> pl.DataFrame:
    columns = dict(zip(("het", "hom", "hemi", "beside"), values, strict=True))
    return pl.DataFrame({"key": keys, "cell": cells, **columns}, schema=OBSERVATIONS)


def sum_alleles(runs: Iterable[tuple[int, Alleles]]) -> pl.DataFrame:
    """``OBSERVATIONS`` of people, each given as the code of their cell and their alleles; memory is bounded."""
    waiting: dict[int, _Packed] = {}
    frames, size = [], 0
    for cell, alleles in runs:
        packed = np.empty(len(alleles.keys), dtype=np.uint64)
        _pack_alleles(alleles.keys, alleles.dosage, alleles.flags, packed)
        _split(packed, alleles.keys, waiting.setdefault(cell, [[] for _ in CONTIGS]))
        size += len(packed)
        if size >= _BATCH:
            frames += [_sum_packed(code, parts) for code, parts in waiting.items()]
            waiting, size = {}, 0
    frames += [_sum_packed(code, parts) for code, parts in waiting.items()]
    return _merge_all(frames)


def add_observations(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The sum of ``OBSERVATIONS``: rows of single people by one sort, other tables by merging, small ones first."""
    waiting: dict[int, _Packed] = {}
    others, size = [], 0
    for frame in frames:
        packed = _packed_person(frame) if len(frames) > 2 else None
        if packed is None:
            others.append(frame)
            continue
        _split(packed, frame["key"].to_numpy(), waiting.setdefault(int(frame["cell"][0]), [[] for _ in CONTIGS]))
        size += len(packed)
        if size >= _BATCH:
            others += [_sum_packed(cell, parts) for cell, parts in waiting.items()]
            waiting, size = {}, 0
    others += [_sum_packed(cell, parts) for cell, parts in waiting.items()]
    return _merge_all(others)


def _packed_person(frame: pl.DataFrame) -> NDArray[np.uint64] | None:
    """Rows of one person, or None for what is more than one person's."""
    if not frame.height or frame["cell"].min() != frame["cell"].max():
        return None
    packed = np.empty(frame.height, dtype=np.uint64)
    return packed if _pack_rows(frame["key"].to_numpy(), _values(frame), packed) else None


def _values(frame: pl.DataFrame) -> NDArray[np.int32]:
    return np.stack([frame[name].to_numpy() for name in ("het", "hom", "hemi", "beside")])


def _merge_all(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Sums of sorted tables; the two smallest first, which moves the fewest rows."""
    heap = [(frame.height, i, frame) for i, frame in enumerate(frames) if frame.height]
    heapify(heap)
    while len(heap) > 1:
        (_, i, one), (_, _, two) = heappop(heap), heappop(heap)
        both = _merge_two(one, two)
        heappush(heap, (both.height, i, both))
    return heap[0][2].rechunk() if heap else OBSERVATIONS.to_frame()


def _merge_two(one: pl.DataFrame, two: pl.DataFrame) -> pl.DataFrame:
    rows = one.height + two.height
    keys, cells = np.empty(rows, dtype=np.uint64), np.empty(rows, dtype=np.uint16)
    values = np.empty((4, rows), dtype=np.int32)
    used = _merge_rows(
        (one["key"].to_numpy(), two["key"].to_numpy()),
        (one["cell"].to_numpy(), two["cell"].to_numpy()),
        (_values(one), _values(two)),
        keys,
        cells,
        values,
    )
    return _frame(keys[:used], cells[:used], values[:, :used])
