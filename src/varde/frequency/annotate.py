"""Annotating a VCF with a frequency index: every record and all that stands in it is kept, in its order.

The records pass through ``annotate_lines``, compiled code that reads CHROM, POS, REF and ALT, normalises each alternate
allele by itself (left-aligned where the reference is given, else trimmed), looks it up and copies the rest as it is.
"""

from __future__ import annotations

import ctypes
import mmap
import sys
from array import array
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from varde.frequency import annotate_layout as layout
from varde.frequency.annotate_header import annotated_header
from varde.frequency.bgzf import BgzfWriter
from varde.frequency.index_file import open_index
from varde.frequency.machine_code import native
from varde.frequency.statistics import EXACT_BELOW, exact_quantiles, expansion
from varde.frequency.tabix import fits, write_tabix
from varde.genome.builds import (
    HG19_MITOCHONDRION_LENGTH,
    MT,
    PSEUDOAUTOSOMAL,
    Build,
    Y,
    build_of_accession,
    contig_code,
    contig_length,
)
from varde.genome.errors import InputError
from varde.genome.text_source import TextSource
from varde.genome.vcf_header import VcfHeader, parse_header

if TYPE_CHECKING:
    from varde.genome.references import Reference

PREFIX = "Varde_"
STANDARD_OUTPUT = "-"
_WINDOW = 4 << 20
_LONGEST_LINE = 1 << 30
_PADDING = 64
_MARKS_AT_ONCE = 1 << 14


@dataclass
class Summary:
    """What was done with a file's records and alternate alleles."""

    read: int = 0
    kept: int = 0
    """Records written; always those read."""
    alleles: dict[str, int] = field(default_factory=dict)
    """Alternate alleles by what is told of them (``annotate_layout.STATES``)."""
    without_alternate: int = 0
    """Records with ALT '.', which have nothing to look up."""
    normalised: int = 0
    """Alleles looked up in another form than the file's."""
    not_left_aligned: int = 0
    """Insertions and deletions looked up without a reference to left-align with: some may be missed in repeats."""
    replaced: int = 0
    """Fields of the same name that were in INFO before and were replaced."""
    is_sorted: bool = True
    index_written: bool = False

    def as_json(self) -> dict[str, Any]:
        return dict(vars(self))


def annotate(
    source: str | Path,
    target: str | Path,
    index: str | Path,
    *,
    reference: Reference | None = None,
    overwrite: bool = False,
    level: int = 1,
    threads: int = 2,
    prefix: str = PREFIX,
    tell: Callable[[str], None] = lambda sentence: None,
) -> Summary:
    """Write ``source`` (VCF, VCF.gz, BCF or ``-``) with what the index tells of each allele to ``target``.

    A target that ends in .gz is bgzip-compressed, with a tabix index beside it when the records are sorted; ``-`` is
    plain text on standard output. A file appears when it is complete. ``level`` is of ``bgzf``; ``tell`` is given what
    takes long, as ``machine_code.native`` says. Raises InputError as the readers of VCF, index
    and header do, and: ``wrong_build``, ``ref_mismatch`` (most records differ from the reference), ``info_exists``,
    ``bad_columns``, ``bad_position``, ``bad_allele``, ``second_header``, ``line_too_long``, ``cannot_write``.
    """
    tables = _Tables(Path(index))
    with TextSource(source) as text:
        reader = _Reader(text)
        header = parse_header(reader.take_header(), text.name)
        _check_build(header, tables.build, text.name)
        if reference is not None and reference.build is not tables.build:
            raise _other_build(f"reference {reference.name}", reference.build, tables.build)
        head = annotated_header(header, tables.header, prefix, overwrite=overwrite, source=text.name)
        with Target(target, level, threads) as out:
            out.write(memoryview(head.encode()))
            work = _Work(reader, header, tables, reference, prefix, overwrite=overwrite, tell=tell)
            work.run(out)
            summary = work.summary()
            out.finish(dict(zip(work.names, work.marks, strict=True)) if summary.is_sorted else None)
            summary.index_written = out.index_written
    return summary


def compiled_code(tell: Callable[[str], None]) -> Any:
    """``annotate_lines`` ready to be called; made, with a word to ``tell``, where it is not kept yet."""
    return native("annotate_lines", layout.ARGUMENTS, layout.COMPILED, tell)


class _Tables:
    """The addresses of an open index."""

    def __init__(self, path: Path) -> None:
        self.content, self.header = open_index(path)
        self.build = Build(self.header["build"])
        self.base = ctypes.addressof(ctypes.c_char.from_buffer(self.content))
        self.site_columns: list[str] = list(self.header["tables"]["sites"]["columns"])
        self.step_columns: list[str] = list(self.header["tables"]["coverage"]["columns"])
        self.is_public = "bin" in self.site_columns
        names = ("bin", "an", "homozygotes", "hemizygotes") if self.is_public else ("ac", "an", "nhomalt", "nhemi")
        needed = {"bin", "an"} if self.is_public else {"ac"}
        told = not self.is_public or "edges" in self.header["made_from"]
        if not told or not needed <= set(self.site_columns) or "an" not in self.step_columns:
            raise InputError(
                "no_counts",
                f"The index holds {', '.join(self.site_columns) or 'no columns'}; {', '.join(sorted(needed))} are "
                "needed, an of its coverage, and with bins their edges.",
                "Give the index of a register or of a release.",
                source=path.name,
            )
        self.columns = [self._place(self.site_columns, name) for name in names]

    @staticmethod
    def _place(names: list[str], name: str) -> int:
        """The number of a column beside the keys, -1 without it."""
        return names.index(name) + 1 if name in names else -1

    def address(self, section: str) -> int:
        return self.base + int(self.header["sections"][section]["offset"])

    def fill(self, state: Any) -> None:
        """The numbers that ``annotate_lines`` needs of the index."""
        for table, rows_at in (("sites", layout.SITE_ROWS), ("coverage", layout.STEP_ROWS)):
            state[rows_at] = self.header["tables"][table]["rows"]
            state[rows_at + 1] = self.header["sections"][f"{table}.first"]["bytes"] // 8
            state[rows_at + 2] = len(self.header["tables"][table]["columns"])
        for i, column in enumerate(self.columns):
            state[layout.COLUMN + i] = column
        state[layout.STEP_AN] = self._place(self.step_columns, "an")
        state[layout.STEP_RELEASED] = self._place(self.step_columns, "told")
        state[layout.LONG_ROWS] = self.header["sections"]["long.row"]["bytes"] // 4
        state[layout.IS_PUBLIC] = int(self.is_public)
        if self.is_public:
            state[layout.LEAST_PEOPLE] = int(self.header["made_from"]["people_per_site"])
            edges = self.header["made_from"]["edges"]
            state[layout.BIN_STEP], state[layout.LOWEST_EDGE] = edges["step"], edges["lowest"]
            state[layout.HALF_STEP], state[layout.SHARE_COUNT] = edges["an_rounding"] // 2, len(edges["shares"])
            for i, share in enumerate(edges["shares"]):
                state[layout.SHARES + i] = share


class _Reader:
    """A window of whole lines over the text: ``window[start:stop]``, with line feeds behind."""

    def __init__(self, source: TextSource) -> None:
        self._source = source
        self._at_end = False
        self.window = bytearray(_WINDOW + _PADDING)
        self.start = self.stop = self._filled = 0

    def take_header(self) -> str:
        """The lines that start with ``#``, without the last line end."""
        while not self._at_end:
            self._read()
            end = self._header_end()
            if end >= 0:
                break
            if self._filled + _PADDING >= len(self.window):
                self._grow()
        else:
            end = self._header_end()
        end = self._filled if end < 0 else end
        raw = bytes(self.window[:end])
        self.start = self.stop = end
        try:
            return raw.decode().removesuffix("\n")
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            raise InputError(
                "encoding",
                "The header is not UTF-8.",
                "Give a VCF as UTF-8 text, gzip or bgzip compressed or not, or a BCF.",
                source=self._source.name,
                line=line,
            ) from error

    def _header_end(self) -> int:
        """Where the records begin; -1 when that is not yet known."""
        place = 0
        while place < self._filled and self.window[place] == layout.HASH:
            place = self.window.find(b"\n", place, self._filled) + 1
            if not place:
                return -1
        return place if place < self._filled or self._at_end else -1

    def _grow(self) -> None:
        if len(self.window) > _LONGEST_LINE:
            raise InputError(
                "line_too_long", "A line is longer than 1 GiB.", "Give a VCF file.", source=self._source.name
            )
        larger = bytearray(2 * len(self.window))
        larger[: self._filled] = self.window[: self._filled]
        self.window = larger

    def _read(self) -> None:
        view = memoryview(self.window)
        room = len(self.window) - _PADDING
        while self._filled < room and not self._at_end:
            count = self._source.readinto(view[self._filled : room])
            self._filled += count
            self._at_end = count == 0

    def refill(self) -> bool:
        """Put new whole lines into the window; False when none is left. The window may be another object then."""
        view = memoryview(self.window)
        kept = self._filled - self.start
        view[:kept] = bytes(view[self.start : self._filled])
        self.start, self._filled = 0, kept
        while True:
            self._read()
            if self._at_end:
                if self._filled and self.window[self._filled - 1] != layout.LINE_FEED:
                    self.window[self._filled] = layout.LINE_FEED
                    self._filled += 1
                self.stop = self._filled
            else:
                self.stop = self.window.rfind(b"\n", 0, self._filled) + 1
            if self.stop or self._at_end:
                return self.stop > 0
            self._grow()


class _Work:
    """One file on its way through the compiled code."""

    def __init__(
        self,
        reader: _Reader,
        header: VcfHeader,
        tables: _Tables,
        reference: Reference | None,
        prefix: str,
        *,
        overwrite: bool,
        tell: Callable[[str], None],
    ) -> None:
        self._reader = reader
        self._header = header
        self._tables = tables
        self._reference = reference
        self._source = reader._source.name
        self._call = compiled_code(tell)
        self._state = (ctypes.c_int64 * layout.STATE_SIZE)()
        self._name = ctypes.create_string_buffer(0)
        self._bases: Any = ctypes.create_string_buffer(64)
        self._found = (ctypes.c_int64 * (layout.FOUND_SIZE * (layout.MOST_ALTERNATES + 1)))()
        self._prefix = ctypes.create_string_buffer(prefix.encode())
        words, places = layout.words(prefix)
        self._words, self._word_at = ctypes.create_string_buffer(words), (ctypes.c_int64 * len(places))(*places)
        quantiles = (*exact_quantiles(0.05), *expansion(0.05))
        self._quantiles = (ctypes.c_double * len(quantiles))(*quantiles)
        self._marks = (ctypes.c_int64 * (layout.MARK_SIZE * _MARKS_AT_ONCE))()
        self.names: list[str] = []
        self.marks: list[array[int]] = []
        """Marks of each of ``names``, for ``tabix``."""
        self._set_up(overwrite=overwrite, prefix=prefix)

    def _set_up(self, *, overwrite: bool, prefix: str) -> None:
        state = self._state
        self._tables.fill(state)
        state[layout.LINE] = self._header.line_count + 1
        state[layout.NAME_LENGTH] = -1
        state[layout.PREFIX_LENGTH] = len(prefix)
        state[layout.OVERWRITE] = int(overwrite)
        state[layout.QUANTILES] = EXACT_BELOW
        state[layout.MARK_ROOM] = _MARKS_AT_ONCE

    def run(self, out: Target) -> None:
        """Annotate until the text ends."""
        room = 2 * len(self._reader.window)
        buffer, window, work = bytearray(room + _PADDING), bytearray(0), mmap.mmap(-1, 64)
        state = self._state
        while self._reader.refill():
            if window is not self._reader.window:
                window = self._reader.window
                work = mmap.mmap(-1, 4 * len(window))
            state[layout.START], state[layout.STOP] = 0, self._reader.stop
            window[self._reader._filled : self._reader._filled + _PADDING] = b"\n" * _PADDING
            while True:
                state[layout.OUT], state[layout.OUT_ROOM] = 0, len(buffer) - _PADDING
                state[layout.WRITTEN], state[layout.MARKS] = out.size, 0
                told = self._step(window, buffer, work)
                out.write(memoryview(buffer)[: state[layout.OUT]])
                self._keep_marks()
                if told == layout.FULL and state[layout.OUT] == 0 and state[layout.PLACE]:
                    buffer = bytearray(state[layout.PLACE] + 2 * _PADDING)
                elif told == layout.NEW_CONTIG:
                    self._enter(bytes(window[state[layout.START] : state[layout.PLACE]]).decode(errors="replace"))
                elif told == layout.DONE:
                    break
                elif told != layout.FULL:
                    raise self._fault(told, window)
            self._reader.start = self._reader.stop

    def _step(self, window: bytearray, buffer: bytearray, work: mmap.mmap) -> int:
        tables = self._tables
        names = [f"{t}.{s}" for t in ("sites", "coverage") for s in ("first", "place", "width", "bits")]
        names += ["long.row", "long.offset", "long.text"]
        memory = [ctypes.addressof(ctypes.c_char.from_buffer(one)) for one in (window, buffer)]
        bases = self._bases if isinstance(self._bases, int) else ctypes.addressof(self._bases)
        told: int = self._call(
            *memory,
            ctypes.addressof(self._state),
            ctypes.addressof(self._name),
            bases,
            ctypes.addressof(ctypes.c_char.from_buffer(work)),
            ctypes.addressof(self._found),
            *map(tables.address, names),
            ctypes.addressof(self._prefix),
            ctypes.addressof(self._quantiles),
            ctypes.addressof(self._words),
            ctypes.addressof(self._word_at),
            ctypes.addressof(self._marks),
        )
        return told

    def _keep_marks(self) -> None:
        if count := self._state[layout.MARKS]:
            self.marks[-1].frombytes(memoryview(self._marks).cast("B")[: 8 * layout.MARK_SIZE * count])

    def _enter(self, name: str) -> None:
        """Go on with the records of another contig."""
        state, build = self._state, self._tables.build
        told = build_of_accession(name)
        if told not in (None, build):
            raise _wrong_build(f"{name} is a sequence of {told}", build, self._source, state[layout.LINE])
        code = contig_code(name)
        if code == MT and self._header.contigs.get(name) == HG19_MITOCHONDRION_LENGTH:
            code = 0
        if name in self.names:
            state[layout.UNSORTED] = 1
        self.names.append(name)
        self.marks.append(array("q"))
        state[layout.LAST_POSITION] = 0
        state[layout.LAST_BIN] = state[layout.LAST_WINDOW] = -1
        self._name = ctypes.create_string_buffer(name.encode())
        state[layout.NAME_LENGTH] = len(name.encode())
        state[layout.CONTIG] = code
        state[layout.CONTIG_LENGTH] = contig_length(build, code) if code else 0
        for i, bound in enumerate(bound for pair in PSEUDOAUTOSOMAL[build][Y] for bound in pair):
            state[layout.SHARED + i] = bound
        state[layout.BASES] = 0
        if self._reference is not None and code in self._reference.codes:
            self._kept = self._reference.bases(code)
            self._bases, state[layout.BASES] = int(self._kept.ctypes.data), len(self._kept)

    def _fault(self, told: int, window: bytearray) -> InputError:
        state = self._state
        line = bytes(window[state[layout.START] : self._reader.stop][: 1 << 16]).partition(b"\n")[0]
        place = state[layout.PLACE] - state[layout.START]
        shown = line[place:].partition(b"\t")[0][:40].decode(errors="replace")
        if told == layout.BEYOND:
            where = b":".join(line.split(b"\t")[:2]).decode(errors="replace")
            problem = f"{where} lies beyond the contig"
            return _wrong_build(problem, self._tables.build, self._source, state[layout.LINE])
        code, column, problem = layout.FAULTS[told]
        remedy = "Correct the record, or write the file anew with the program that called the variants."
        if told == layout.ANNOTATED:
            remedy = "Use --overwrite to replace what an earlier annotation wrote."
        return InputError(code, problem.format(shown), remedy, self._source, state[layout.LINE], column)

    def summary(self) -> Summary:
        """What was done. Raises InputError ``ref_mismatch`` when most alleles differ from the reference."""
        state = self._state
        alleles = {word: state[layout.TALLY + i] for i, word in enumerate(layout.STATES) if state[layout.TALLY + i]}
        total, differing = sum(alleles.values()), alleles.get("ref_mismatch", 0)
        if 2 * differing > total and differing > layout.FEW:
            raise InputError(
                "ref_mismatch",
                f"REF differs from the reference in {differing:,} of {total:,} alleles.",
                f"{self._tables.build} is probably not the build of the file.",
                source=self._source,
                field="REF",
            )
        return Summary(
            read=state[layout.RECORDS],
            kept=state[layout.RECORDS],
            alleles=alleles,
            without_alternate=state[layout.WITHOUT_ALT],
            normalised=state[layout.MOVED],
            not_left_aligned=state[layout.UNALIGNED],
            replaced=state[layout.REPLACED],
            is_sorted=not state[layout.UNSORTED],
        )


class Target:
    """Where the text goes: a file that appears when complete, or standard output."""

    def __init__(self, target: str | Path, level: int, threads: int) -> None:
        self._is_standard = str(target) == STANDARD_OUTPUT
        self._path = Path(target)
        self._partial = self._path.with_name(f".{self._path.name}.partial")
        self._bgzf: BgzfWriter | None = None
        self.size = 0
        """Bytes of text so far."""
        self.index_written = False
        try:
            self._stream: BinaryIO = sys.stdout.buffer if self._is_standard else self._partial.open("wb")
        except OSError as error:
            raise _cannot_write(error, self._path.name) from error
        if not self._is_standard and self._path.name.endswith(".gz"):
            self._bgzf = BgzfWriter(self._stream, level, threads)

    def write(self, text: memoryview) -> None:
        """Take a piece of text."""
        self.size += len(text)
        try:
            if self._bgzf is None:
                self._stream.write(text)
            else:
                self._bgzf.write(text)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise _cannot_write(error, self._path.name) from error

    def finish(self, marks: Mapping[str, array[int]] | None) -> None:
        """Put the file in place, with its tabix index when it is compressed and has marks."""
        if self._is_standard:
            self._stream.flush()
            return
        index, partial = (Path(f"{path}.tbi") for path in (self._path, self._partial))
        try:
            if self._bgzf is not None:
                self._bgzf.close()
                self.index_written = marks is not None and fits(marks)
            self._stream.close()
            if self._bgzf is not None and self.index_written and marks is not None:
                write_tabix(partial, marks, self._bgzf.block_starts, self.size)
            index.unlink(missing_ok=True)
            self._partial.replace(self._path)
            if self.index_written:
                partial.replace(index)
        except OSError as error:
            raise _cannot_write(error, self._path.name) from error

    def __enter__(self) -> Target:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bgzf is not None:
            self._bgzf.stop()
        if not self._is_standard:
            self._stream.close()
            with suppress(OSError):
                self._partial.unlink(missing_ok=True)
                Path(f"{self._partial}.tbi").unlink(missing_ok=True)


def _cannot_write(error: OSError, source: str) -> InputError:
    return InputError(
        "cannot_write",
        f"The file cannot be written ({error.strerror or error}).",
        "Give a folder that exists, can be written and has room.",
        source=source,
    )


def _check_build(header: VcfHeader, build: Build, source: str) -> None:
    if header.build not in (None, build):
        raise _wrong_build(f"the header tells of {header.build}", build, source, None)


def _wrong_build(what: str, build: Build, source: str, line: int | None) -> InputError:
    return InputError(
        "wrong_build",
        f"The frequencies are of {build}, but {what}.",
        f"Give a file called on {build}, or an index of the file's build.",
        source=source,
        line=line,
    )


def _other_build(what: str, found: Build, build: Build) -> InputError:
    return InputError(
        "build_mismatch",
        f"The frequencies are of {build}, {what} is of {found}.",
        f"Use a reference of {build}.",
        field="--reference",
    )
