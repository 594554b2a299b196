"""The decompressed bytes of a VCF: plain, gzip, bgzip or BCF, from a file or standard input, read once, in order."""

from __future__ import annotations

import io
import sys
import zlib
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, cast

from isal import igzip, isal_zlib

from varde.genome.bcf_text import BcfText
from varde.genome.errors import InputError

STANDARD_INPUT = "-"
_BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
"""The empty block that ends every complete bgzip file (SAM specification, section 4.1.2)."""

_CHUNK = 1 << 20
_DECOMPRESSION_ERROR = cast(type[Exception], isal_zlib.error)
_TRUNCATED_REMEDY = "Fetch or write the file anew; the copy at hand is incomplete."


class _Watched(io.RawIOBase):
    """Compressed bytes passing by, with the first ones given back and the last ones remembered."""

    def __init__(self, stream: BinaryIO, first: bytes) -> None:
        self._stream = stream
        self._first = first
        self.tail = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        size = _CHUNK if size < 0 else size
        if self._first:
            taken, self._first = self._first[:size], self._first[size:]
        else:
            taken = self._stream.read(size)
        self.tail = (self.tail + taken[-len(_BGZF_END) :])[-len(_BGZF_END) :]
        return taken

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        taken = self.read(len(buffer))
        buffer[: len(taken)] = taken
        return len(taken)


class TextSource:
    """A context manager over the text; ``name`` is the file's name without its folder, for messages.

    Raises InputError: ``not_found``, ``empty``, ``truncated``, ``corrupt``, ``bad_bcf``.
    """

    def __init__(self, path: str | Path) -> None:
        self.is_standard_input = str(path) == STANDARD_INPUT
        self.name = "standard input" if self.is_standard_input else Path(path).name
        self._file = self._open(path)
        self._passes_once = self.is_standard_input or not self._file.seekable()
        try:
            self._start(path)
        except BaseException:
            self.close()
            raise

    def _open(self, path: str | Path) -> BinaryIO:
        if self.is_standard_input:
            return sys.stdin.buffer
        try:
            return Path(path).open("rb", buffering=0)
        except OSError as error:
            raise InputError(
                "not_found",
                f"The file cannot be opened ({error.strerror}).",
                "Give the path of a file that can be read.",
                source=self.name,
            ) from error

    def _start(self, path: str | Path) -> None:
        first = self._first_bytes()
        if not first:
            raise InputError("empty", "The file is empty (0 bytes).", "Give a complete file.", source=self.name)
        self._watched = _Watched(self._file, first)
        self._is_bgzf = first[:4] == b"\x1f\x8b\x08\x04" and first[12:14] == b"BC"
        self._bcf: BcfText | None = None
        self._text: BinaryIO
        if _is_bcf(first):
            self._bcf = BcfText(None if self._passes_once else Path(path), self._watched)
            self._text = self._bcf.stream
        elif first[:2] == b"\x1f\x8b":
            self._text = cast(BinaryIO, igzip.IGzipFile(fileobj=self._watched, mode="rb"))  # type: ignore[no-untyped-call]
        else:
            self._text = cast(BinaryIO, self._watched)

    def _first_bytes(self) -> bytes:
        """Up to 64 KiB, enough for the first bgzip block; a pipe may hand them out in pieces."""
        first = b""
        while len(first) < (1 << 16) and (piece := self._file.read((1 << 16) - len(first))):
            first += piece
        return first

    @property
    def is_bcf(self) -> bool:
        return self._bcf is not None

    def readinto(self, buffer: memoryview) -> int:
        """Bytes written into the buffer; 0 at the end of a text known to be complete."""
        try:
            count = cast(io.RawIOBase, self._text).readinto(buffer[:_CHUNK]) or 0
        except EOFError as error:
            raise self._truncated("the compressed data stop in the middle of a block") from error
        except (OSError, zlib.error, _DECOMPRESSION_ERROR) as error:
            raise InputError(
                "corrupt",
                f"The compressed data cannot be read ({error}).",
                "Compress the file anew with bgzip and check that the copy is whole.",
                source=self.name,
            ) from error
        if count == 0:
            self._finish()
        return count

    def read_all(self) -> bytes:
        """The whole text, for files that are small."""
        pieces = []
        buffer = bytearray(_CHUNK)
        while count := self.readinto(memoryview(buffer)):
            pieces.append(bytes(buffer[:count]))
        return b"".join(pieces)

    def _finish(self) -> None:
        problem = self._bcf.finish() if self._bcf else None
        if self._is_bgzf and self._last_bytes() != _BGZF_END:
            raise self._truncated("the empty block that ends a bgzip file is missing")
        if problem:
            raise InputError(
                "bad_bcf",
                f"The BCF cannot be read ({problem}).",
                "Check the file with bcftools view.",
                source=self.name,
            )

    def _last_bytes(self) -> bytes:
        if self._bcf is None or self._passes_once:
            return self._watched.tail
        self._file.seek(-len(_BGZF_END), io.SEEK_END)
        return self._file.read()

    def _truncated(self, why: str) -> InputError:
        return InputError("truncated", f"The file is cut short: {why}.", _TRUNCATED_REMEDY, source=self.name)

    def close(self) -> None:
        if getattr(self, "_bcf", None) is not None:
            cast(BcfText, self._bcf).close()
        if not self.is_standard_input:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _is_bcf(first: bytes) -> bool:
    """Whether the text starts with BCF's magic, itself or inside the first bgzip block."""
    if first[:3] == b"BCF":
        return True
    if first[:2] != b"\x1f\x8b":
        return False
    try:
        return bytes(isal_zlib.decompressobj(wbits=31).decompress(first, 3)) == b"BCF"
    except _DECOMPRESSION_ERROR:
        return False
