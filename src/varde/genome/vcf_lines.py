"""A window of whole VCF lines over a text that is read once, the header taken off first."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from varde.genome.errors import InputError
from varde.genome.text_source import TextSource
from varde.genome.vcf_parser import LINE_FEED, PADDING, first_bad_byte

WINDOW_BYTES = 8 << 20
LONGEST_HEADER = 64 << 20
LONGEST_LINE = 1 << 30
_HEADER_END = re.compile(rb"\n(?!#)")
_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")
_TEXT_REMEDY = "Give a VCF as UTF-8 text without byte-order mark, gzip or bgzip compressed or not, or a BCF."


class LineWindow:
    """``text[start:stop]`` are whole lines not yet consumed, ``line`` the number of the first; then come line feeds.

    Raises InputError: ``no_header``, ``encoding``, ``line_too_long`` and what ``TextSource`` raises.
    """

    def __init__(self, source: TextSource, room: int | None = None) -> None:
        self._source = source
        self._at_end = False
        self._filled = 0
        self.start = self.stop = 0
        self.line = 1
        self.text: NDArray[np.uint8] = np.empty((room or WINDOW_BYTES) + PADDING, dtype=np.uint8)

    @property
    def is_done(self) -> bool:
        return self._at_end and self.start == self.stop and self.start == self._filled

    def take_header(self) -> str:
        """The lines that start with ``#``, without the last line end; the window then starts at the first record."""
        found = None
        while found is None and not self._at_end:
            if self._filled >= LONGEST_HEADER:
                raise self._fault("no_header", "The first 64 MiB hold header lines only.", "Give a VCF file.")
            if self._filled == self._room:
                self._move(2 * self._room)
            self._read(min(self._filled + (1 << 20), self._room))
            raw = self.text[: self._filled].tobytes()
            found = _HEADER_END.search(raw) if raw[:1] == b"#" or self._at_end else None
            if raw[:1] != b"#":
                break
        raw = self.text[: self._filled].tobytes()
        end = found.start() if found else len(raw)
        header = raw[:end] if raw[:1] == b"#" else b""
        self._check_header(header if header else raw)
        self.start = self.stop = min(end + 1, self._filled)
        self.line = header.count(b"\n") + 2
        return header.decode()

    def _check_header(self, raw: bytes) -> None:
        if raw.startswith(_MARKS) or b"\0" in raw[:4096]:
            raise self._fault("encoding", "The text is not plain UTF-8.", _TEXT_REMEDY, 1)
        if raw[:1] != b"#":
            raise self._fault(
                "no_header",
                "The first line must be ##fileformat=VCFv4.x; this is no VCF, or its header is lost.",
                "Give the VCF with its header.",
                1,
            )
        try:
            raw.decode()
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            raise self._fault("encoding", "The header is not UTF-8.", _TEXT_REMEDY, line) from error

    def refill(self) -> None:
        """Puts as many new whole lines into the window as fit; none when the text has ended."""
        self._move(self._room)
        while True:
            self._read(self._room)
            self.stop = self._last_line_end()
            if self.stop > self.start or (self._at_end and self._filled == self.start):
                break
            if self._room >= LONGEST_LINE:
                raise self._fault("line_too_long", "A line is longer than 1 GiB.", _TEXT_REMEDY, self.line)
            self._move(2 * self._room)
        self._check_text()

    @property
    def _room(self) -> int:
        return len(self.text) - PADDING

    def _move(self, room: int) -> None:
        """Moves what is not consumed to the front of a window of the given size."""
        kept = self.text[self.start : self._filled]
        target = self.text if room == self._room else np.empty(room + PADDING, dtype=np.uint8)
        target[: len(kept)] = kept.copy() if target is self.text else kept
        self.text, self.start, self.stop, self._filled = target, 0, 0, len(kept)

    def _read(self, goal: int) -> None:
        view = memoryview(self.text.data)
        while self._filled < goal and not self._at_end:
            count = self._source.readinto(view[self._filled : goal])
            self._filled += count
            self._at_end = count == 0

    def _last_line_end(self) -> int:
        """Place behind the last whole line; a last line without line end is given one (the padding has room)."""
        if self._at_end:
            if self._filled > self.start and self.text[self._filled - 1] != LINE_FEED:
                self.text[self._filled] = LINE_FEED
                self._filled += 1
            self.text[self._filled : self._filled + PADDING] = LINE_FEED
            return self._filled
        place = self._filled
        step = 1 << 16
        while place > self.start:
            piece = self.text[max(self.start, place - step) : place].tobytes()
            found = piece.rfind(b"\n")
            if found >= 0:
                return place - len(piece) + found + 1
            place -= len(piece)
        return self.start

    def _check_text(self) -> None:
        place = first_bad_byte(self.text, self.start, self.stop)
        if place == -2:
            try:
                self.text[self.start : self.stop].tobytes().decode()
            except UnicodeDecodeError as error:
                place = self.start + error.start
        if place >= 0:
            line = self.line + int(np.count_nonzero(self.text[self.start : place] == LINE_FEED))
            byte = int(self.text[place])
            raise self._fault("encoding", f"Byte 0x{byte:02x} does not belong in UTF-8 text.", _TEXT_REMEDY, line)

    def _fault(self, code: str, problem: str, remedy: str, line: int | None = None) -> InputError:
        return InputError(code, problem, remedy, source=self._source.name, line=line)
