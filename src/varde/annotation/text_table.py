"""Tables as text (TSV, CSV, the fixed columns of a VCF), read in blocks: what is damaged is named with its line."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import polars as pl

from varde.genome.errors import InputError
from varde.genome.text_source import TextSource

BLOCK_BYTES = 16 << 20
LONGEST_LINE = 64 << 20
LONGEST_PREAMBLE = 16 << 20
_LINE_FEED, _CARRIAGE_RETURN = 10, 13
_MARKS = (b"\xff\xfe", b"\xfe\xff")


class TextTable:
    """A table with a heading, or whose columns are told by ``heading``; a context manager.

    ``preamble`` holds the lines before the heading that start with ``##`` (one line feed each, none at the end),
    ``columns`` the heading's names, a leading ``#`` taken off. Raises InputError: those of ``TextSource``;
    ``encoding`` for what is not UTF-8; ``no_heading``; ``duplicate_column``; ``bad_row`` for a line with another
    number of columns; ``line_too_long``.
    """

    def __init__(self, path: str | Path, *, separator: str = "\t", heading: Sequence[str] = ()) -> None:
        self._source = TextSource(path)
        self.name = self._source.name
        self._separator = separator
        self._rest = b""
        self._at_end = False
        try:
            if heading:
                self.preamble, self.columns, self._line = "", tuple(heading), 1
            else:
                self.preamble, first = self._head()
                self.columns = tuple(column.strip() for column in first.lstrip("#").split(separator))
                self._check_heading()
        except BaseException:
            self.close()
            raise

    def require(self, columns: Sequence[str], remedy: str) -> None:
        """Raise InputError ``missing_column`` unless all are there."""
        missing = [column for column in columns if column not in self.columns]
        if missing:
            problem = f"Columns are missing: {', '.join(missing)}; found are {', '.join(self.columns)[:300]}."
            raise InputError("missing_column", problem, remedy, source=self.name, line=self._line - 1)

    def frames(self, wanted: Mapping[str, str]) -> Iterator[pl.DataFrame]:
        """Blocks of rows: ``line`` (1-based in the text) and, as text, the columns of ``wanted`` (new name by name in
        the file); an empty field is ``""``."""
        schema = dict.fromkeys(self.columns, pl.String)
        for block in self._blocks():
            lines = self._check_columns(block)
            scanned = pl.scan_csv(
                io.BytesIO(block),
                has_header=False,
                separator=self._separator,
                quote_char=None,
                schema=schema,
                empty_string_is_null=False,
            )
            frame = scanned.select(pl.col(column).alias(name) for column, name in wanted.items()).collect()
            if frame.height != lines:
                raise AssertionError(f"{lines} lines were read as {frame.height} rows")
            yield frame.with_row_index("line", offset=self._line).with_columns(pl.col("line").cast(pl.Int64))
            self._line += lines

    def _head(self) -> tuple[str, str]:
        preamble: list[str] = []
        while True:
            end = self._rest.find(b"\n")
            if end < 0 and not self._at_end and len(self._rest) <= LONGEST_PREAMBLE:
                self._more()
                continue
            raw, self._rest = (self._rest, b"") if end < 0 else (self._rest[:end], self._rest[end + 1 :])
            if not preamble and raw[:2] in _MARKS:
                raise self._fault("encoding", "The text is UTF-16.", "Convert the file to UTF-8.", 1)
            line = self._decoded(raw, len(preamble) + 1).removeprefix("\ufeff").rstrip("\r")
            if not line.startswith("##"):
                self._line = len(preamble) + 2
                return "\n".join(preamble), line
            preamble.append(line)

    def _check_heading(self) -> None:
        if len(self.columns) < 2 or not all(self.columns):
            kind = {"\t": "tabulators", ",": "commas"}.get(self._separator, repr(self._separator))
            raise self._fault(
                "no_heading",
                f"No heading was found: its columns must have names and be separated by {kind}.",
                "Give the table with its heading.",
                self._line - 1,
            )
        if len(set(self.columns)) != len(self.columns):
            twice = next(one for one in self.columns if self.columns.count(one) > 1)
            raise self._fault("duplicate_column", f"Column {twice} is named twice.", "Name it once.", self._line - 1)

    def _blocks(self) -> Iterator[bytes]:
        """Whole lines, each ended by a line feed alone."""
        line = self._line
        while not self._at_end or self._rest:
            while len(self._rest) < BLOCK_BYTES and not self._at_end:
                self._more()
            end = len(self._rest) if self._at_end else self._rest.rfind(b"\n") + 1
            if not end:
                if len(self._rest) > LONGEST_LINE:
                    raise self._fault("line_too_long", "A line has more than 64 MiB.", "Is this a table?", line)
                self._more()
                continue
            block, self._rest = self._rest[:end], self._rest[end:]
            if not block.endswith(b"\n"):
                block += b"\n"
            if b"\r" in block:
                block = block.replace(b"\r\n", b"\n")
            self._decoded(block, line)
            line += block.count(b"\n")
            yield block

    def _more(self) -> None:
        buffer = bytearray(1 << 20)
        pieces = [self._rest]
        size = len(self._rest)
        goal = max(BLOCK_BYTES, size + (1 << 20)) if size else 1 << 20
        while size < goal:
            count = self._source.readinto(memoryview(buffer))
            if not count:
                self._at_end = True
                break
            pieces.append(bytes(buffer[:count]))
            size += count
        self._rest = b"".join(pieces)

    def _decoded(self, raw: bytes, line: int) -> str:
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            at = line + raw.count(b"\n", 0, error.start)
            raise self._fault("encoding", "The text is not UTF-8.", "Convert the file to UTF-8.", at) from None
        if "\0" in text:
            at = line + text.count("\n", 0, text.index("\0"))
            raise self._fault("encoding", "The text holds a NUL character.", "Give a table as plain text.", at)
        return text

    def _check_columns(self, block: bytes) -> int:
        """The number of lines. Raises InputError ``bad_row`` at the first with another number of columns."""
        letters = np.frombuffer(block, dtype=np.uint8)
        ends = np.flatnonzero(letters == _LINE_FEED)
        separators = np.flatnonzero(letters == ord(self._separator))
        counts = np.diff(np.searchsorted(separators, ends), prepend=0) + 1
        wrong = np.flatnonzero(counts != len(self.columns))
        if len(wrong):
            first = int(wrong[0])
            raise self._fault(
                "bad_row",
                f"{len(self.columns)} columns were expected, {int(counts[first])} found.",
                "Fetch the file again: it is cut off, or columns are not separated as the heading's are.",
                self._line + first,
            )
        return len(ends)

    def _fault(self, code: str, problem: str, remedy: str, line: int) -> InputError:
        return InputError(code, problem, remedy, source=self.name, line=line)

    def close(self) -> None:
        self._source.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def refuse_rows(frame: pl.DataFrame, bad: pl.Expr, source: str, field: str, problem: str, remedy: str) -> None:
    """Raise InputError ``bad_row`` at the first row of a block for which ``bad`` holds (null does not)."""
    found = frame.filter(bad.fill_null(value=False))
    if found.height:
        shown = found[field][0] if field in found.columns else ""
        raise InputError(
            "bad_row",
            f"{str(shown)[:60]!r}: {problem}",
            remedy,
            source=source,
            line=int(found["line"][0]),
            field=field,
        )


def info_field(name: str) -> pl.Expr:
    """One INFO field of the column ``info`` of a VCF as text; null where it is absent."""
    return pl.col("info").str.extract(rf"(?:^|;){re.escape(name)}=([^;]*)")
