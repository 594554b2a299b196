"""BGZF blocks as the SAM specification has them, at every level, read by htslib and by the standard library."""

import gzip
import io
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from varde.frequency.bgzf import BLOCK_BYTES, END, BgzfWriter

LEVELS = range(1, 10)


def lines(count: int) -> bytes:
    draw = random.Random(7)
    return b"".join(
        b"chr20\t%d\t.\t%s\t%s\t50\tPASS\tAC=%d;AN=20002;state=observed\n"
        % (10 * i + draw.randrange(10), draw.choice([b"A", b"C"]), draw.choice([b"G", b"T"]), draw.randrange(20_000))
        for i in range(count)
    )


TEXT = lines(6_000) + random.Random(8).randbytes(3 * BLOCK_BYTES) + lines(1_000)
"""Lines, three blocks that do not compress, lines, and a last block that is not full."""


def written(text: bytes, level: int, threads: int, piece: int = 50_001) -> tuple[bytes, BgzfWriter]:
    stream = io.BytesIO()
    writer = BgzfWriter(stream, level, threads)
    for start in range(0, len(text), piece):
        memory = bytearray(text[start : start + piece])
        writer.write(memoryview(memory))
        memory[:] = bytes(len(memory))  # the caller uses its memory again
    writer.close()
    return stream.getvalue(), writer


def blocks(content: bytes) -> list[tuple[int, bytes]]:
    """Where each block begins, by its own BSIZE, and its text; the standard library checks CRC and length."""
    found, start = [], 0
    while start < len(content):
        assert content[start : start + 16] == END[:16]
        size = int.from_bytes(content[start + 16 : start + 18], "little") + 1
        found.append((start, gzip.decompress(content[start : start + size])))
        start += size
    return found


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_writes_blocks_that_give_the_text_back(level: int, tmp_path: Path) -> None:
    import pysam

    content, writer = written(TEXT, level, 1)
    assert written(TEXT, level, 3)[0] == content
    assert content.endswith(END)
    found = blocks(content)
    assert b"".join(text for _, text in found) == TEXT
    assert [len(text) for _, text in found] == [BLOCK_BYTES] * 9 + [len(TEXT) - 9 * BLOCK_BYTES, 0]
    assert [start for start, _ in found] == writer.block_starts
    path = tmp_path / "a.gz"
    path.write_bytes(content)
    with pysam.BGZFile(str(path), "rb") as file:
        assert file.read() == TEXT
    if shutil.which("bgzip"):
        subprocess.run(["bgzip", "--test", str(path)], check=True)


def test_a_higher_level_makes_smaller_files() -> None:
    size = [len(written(lines(20_000), level, 1)[0]) for level in LEVELS]
    assert size == sorted(size, reverse=True)
    assert len(set(size)) > 6
    assert size[-1] < 0.9 * size[0]


def test_no_text_is_the_mark_of_a_complete_file_alone() -> None:
    content, writer = written(b"", 6, 2)
    assert content == END
    assert writer.block_starts == [0]
