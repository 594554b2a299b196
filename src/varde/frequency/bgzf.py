"""Writing bgzip (BGZF, SAM specification section 4.1) from large pieces of text, in the background of other work.

Levels 2 to 9 are libdeflate's, in the numbers that htslib gives them, so that a level makes files of the size that
bgzip and bcftools make at it. Level 1 is ISA-L's: files a few per cent larger in half the time of libdeflate's first.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import BinaryIO

from deflate import deflate_compress
from isal import isal_zlib

BLOCK_BYTES = 65_280
"""Text of a block, as bgzip and htslib have it."""
END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
_HEAD = bytes.fromhex("1f8b08040000000000ff060042430200")
_ISAL_LEVEL = 2  # smaller than its level 1 and as quick
_LIBDEFLATE_LEVELS = {2: 2, 3: 3, 4: 5, 5: 6, 6: 7, 7: 8, 8: 10, 9: 12}  # htslib's


class BgzfWriter:
    """Writes text as blocks of ``BLOCK_BYTES``; ``block_starts`` tells where each begins in the file.

    ``level`` is from 1 to 9. With ``threads`` above 1 that many less one compress beside the caller. ``close`` writes
    what is left and the mark of a complete file; the stream itself is left open.
    """

    def __init__(self, stream: BinaryIO, level: int, threads: int) -> None:
        self._stream = stream
        self._level = level
        self._pool = ThreadPoolExecutor(threads - 1) if threads > 1 else None
        self._most = 2 * threads
        self._waiting: deque[Future[list[bytes]]] = deque()
        self._rest = b""
        self.block_starts: list[int] = []
        self.size = 0

    def write(self, text: memoryview) -> None:
        """Take a piece of text; the memory may be used again when this returns."""
        whole = (len(self._rest) + len(text)) // BLOCK_BYTES * BLOCK_BYTES
        if not whole:
            self._rest += bytes(text)
            return
        taken = whole - len(self._rest)
        piece = self._rest + bytes(text[:taken])
        self._rest = bytes(text[taken:])
        self._compress(piece)

    def _compress(self, piece: bytes) -> None:
        if self._pool is None:
            self._put(_blocks(piece, self._level))
            return
        self._waiting.append(self._pool.submit(_blocks, piece, self._level))
        while len(self._waiting) > self._most:
            self._put(self._waiting.popleft().result())

    def _put(self, blocks: list[bytes]) -> None:
        for block in blocks:
            self.block_starts.append(self.size)
            self.size += len(block)
        self._stream.write(b"".join(blocks))

    def close(self) -> None:
        """Write what is left and the end mark."""
        if self._rest:
            self._compress(self._rest)
            self._rest = b""
        while self._waiting:
            self._put(self._waiting.popleft().result())
        self.stop()
        self.block_starts.append(self.size)
        self._stream.write(END)
        self._stream.flush()

    def stop(self) -> None:
        """End the threads, whatever is left."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


def _blocks(text: bytes, level: int) -> list[bytes]:
    view = memoryview(text)
    return [_block(view[start : start + BLOCK_BYTES], level) for start in range(0, len(text), BLOCK_BYTES)]


def _block(text: memoryview, level: int) -> bytes:
    data: bytes | bytearray
    if level == 1:
        data = isal_zlib.compress(text, _ISAL_LEVEL, wbits=-15)
    else:
        data = deflate_compress(text, _LIBDEFLATE_LEVELS[level])
    size = len(_HEAD) + 2 + len(data) + 8
    if size > 1 << 16:  # what does not compress is stored
        data = b"\x01" + len(text).to_bytes(2, "little") + (len(text) ^ 0xFFFF).to_bytes(2, "little") + bytes(text)
        size = len(_HEAD) + 2 + len(data) + 8
    check = isal_zlib.crc32(text)
    return b"".join(
        (_HEAD, (size - 1).to_bytes(2, "little"), data, check.to_bytes(4, "little"), len(text).to_bytes(4, "little"))
    )
