"""The tabix index of a bgzip-compressed VCF, from what was noted while it was written: the file is not read again.

Format: tabix.pdf of samtools/hts-specs (TBI). A mark is four numbers: the bin of a record, the first and the last
window of 2^14 bases that no record before it reaches, and where the record begins in the text. Records of one bin that
follow each other have one mark together.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Mapping, Sequence
from pathlib import Path

from varde.frequency.annotate_layout import MARK_SIZE
from varde.frequency.bgzf import BLOCK_BYTES, BgzfWriter

_MAGIC = b"TBI\x01"
_VCF, _COLUMN_NAME, _COLUMN_POSITION = 2, 1, 2
_LAST_WINDOW = 1 << 15
"""Windows of 2^14 bases up to 2^29, as far as the format reaches."""


def fits(marks: Mapping[str, array[int]]) -> bool:
    """Whether every record lies where the format reaches."""
    return all(last < _LAST_WINDOW for one in marks.values() for last in one[2::MARK_SIZE])


def write_tabix(path: Path, marks: Mapping[str, array[int]], block_starts: Sequence[int], size: int) -> None:
    """Write the index of a text of ``size`` bytes whose blocks begin at ``block_starts``; contigs in their order."""
    names = b"".join(name.encode() + b"\0" for name in marks)
    head = struct.pack("<8i", len(marks), _VCF, _COLUMN_NAME, _COLUMN_POSITION, 0, ord("#"), 0, len(names))
    parts = [_MAGIC, head, names]
    firsts = [one[3] for one in marks.values()]
    for one, end in zip(marks.values(), [*firsts[1:], size], strict=True):
        parts.append(_of_contig(one, end, block_starts))
    with path.open("wb") as file:
        writer = BgzfWriter(file, 1, 1)
        writer.write(memoryview(b"".join(parts)))
        writer.close()


def _of_contig(marks: array[int], end: int, block_starts: Sequence[int]) -> bytes:
    """Bins with their stretches of the file, and for each window the first record that reaches it."""
    stretches: dict[int, list[int]] = {}
    windows: list[int] = []
    for i in range(0, len(marks), MARK_SIZE):
        first, last, place = marks[i + 1], marks[i + 2], marks[i + 3]
        start = _virtual(place, block_starts)
        stop = _virtual(marks[i + MARK_SIZE + 3] if i + MARK_SIZE < len(marks) else end, block_starts)
        stretch = stretches.setdefault(marks[i], [])
        if stretch and stretch[-1] == start:
            stretch[-1] = stop
        else:
            stretch += (start, stop)
        if last >= first:
            windows += [start if not windows else windows[-1]] * (first - len(windows))
            windows += [start] * (last + 1 - first)
    parts = [struct.pack("<i", len(stretches))]
    parts += [struct.pack(f"<Ii{len(one)}Q", number, len(one) // 2, *one) for number, one in stretches.items()]
    return b"".join([*parts, struct.pack(f"<i{len(windows)}Q", len(windows), *windows)])


def _virtual(place: int, block_starts: Sequence[int]) -> int:
    """The place in the compressed file as bgzip writes it: the block's start, and the place within the block."""
    block, within = divmod(place, BLOCK_BYTES)
    return block_starts[block] << 16 | within
