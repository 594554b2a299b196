"""Copies of a reference's sequence and genes in the form the store keeps them, checked on the way."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import polars as pl

from varde.genome.builds import CONTIGS, Build, build_of_accession, contig_code, contig_length
from varde.genome.errors import InputError
from varde.genome.text_source import TextSource

_BLOCK_BYTES = 1 << 22
_NUCLEOTIDES = b"ACGTNRYSWKMBDHV"
_CAPITALS = bytes(byte - 32 if 97 <= byte <= 122 else byte for byte in range(256))
_LINE_ENDS = b"\r\n"
_CONTIG_NAME = re.compile(r"[0-9A-Za-z!#$%&+./:;?@^_|~-][0-9A-Za-z!#$%&*+./:;=?@^_|~-]{0,254}")
"""Names allowed by the VCF specification, section 1.4.7; so no quotes, brackets, commas or blanks."""


@dataclass(frozen=True)
class Contig:
    """One sequence of a stored reference. ``offset`` is where its bases start in ``sequence.fa``."""

    name: str
    code: int
    length: int
    offset: int
    complete: bool
    """Whether all bases of the build's contig are there; False also for a sequence that the build does not number."""


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _text_source(path: Path, expected: str) -> TextSource:
    if not path.is_file():
        raise InputError("not_found", "There is no such file.", "Check the path.", source=path.name)
    try:
        return TextSource(path)
    except InputError as error:
        if error.code == "empty":
            raise replace(error, remedy=f"Give a complete {expected} file.") from None
        raise


def _read_block(source: TextSource, buffer: memoryview) -> bytes:
    """Fill the buffer as far as the text goes."""
    filled = 0
    while filled < len(buffer) and (count := source.readinto(buffer[filled:])):
        filled += count
    return bytes(buffer[:filled])


def copy_fasta(
    sources: Sequence[Path], target: Path, build: Build, progress: Callable[[int], None] | None = None
) -> tuple[Contig, ...]:
    """Write the sequences of FASTA files to ``target``, in capitals and one line each, and its ``.fai`` beside it.

    ``progress`` is called with the number of bases written so far. Raises InputError, naming file and line, for what is
    not FASTA, is cut short, is given twice, or is longer than the build's contig.
    """
    contigs: list[Contig] = []
    with target.open("wb") as out:
        for source in sources:
            before = len(contigs)
            for name, line, pieces in _sequences(source):
                out.write(b">" + name.encode() + b"\n")
                offset, length = out.tell(), 0
                for piece in pieces:
                    length += out.write(piece)
                    if progress is not None:
                        progress(offset + length)
                out.write(b"\n")
                try:
                    _refuse_repeated(name, contigs)
                    contigs.append(_contig(name, offset, length, build))
                except InputError as error:
                    raise replace(error, source=source.name, line=line) from None
            if len(contigs) == before:
                raise _not_fasta(source.name, 1, "no sequence was found")
            _compare_with_index(source, contigs[before:])
    index = (f"{c.name}\t{c.length}\t{c.offset}\t{c.length}\t{c.length + 1}\n" for c in contigs)
    target.with_name(target.name + ".fai").write_text("".join(index), encoding="ascii")
    return tuple(contigs)


def _sequences(source: Path) -> Iterator[tuple[str, int, Iterator[bytes]]]:
    """Name, line number and pieces of bases of each sequence; the pieces are to be taken before the next sequence."""
    with _FastaReader(source) as reader:
        while reader.next_header():
            yield reader.name, reader.line, reader.pieces()


class _FastaReader:
    """FASTA in blocks of a few megabytes: millions of lines are never looked at one by one."""

    def __init__(self, source: Path) -> None:
        self.source = source
        self.line = 0
        self.name = ""
        self._text = _text_source(source, "FASTA")
        self._buffer = memoryview(bytearray(_BLOCK_BYTES))
        self._rest = b""
        self._rest_line = 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._text.close()

    def _read(self) -> bytes:
        return _read_block(self._text, self._buffer)

    def next_header(self) -> bool:
        """Take the header line that the rest starts with; False at the end of the file."""
        if self.line == 0:
            self._rest = self._read()
        if not self._rest:
            return False
        if not self._rest.startswith(b">"):
            raise _not_fasta(self.source.name, 1, "the first line does not start with '>'")
        while b"\n" not in self._rest:
            more = self._read()
            if not more:
                raise _not_fasta(self.source.name, self._rest_line, "the header line is cut short")
            self._rest += more
        header, _, self._rest = self._rest.partition(b"\n")
        self.line, self._rest_line = self._rest_line, self._rest_line + 1
        words = header[1:].decode("utf-8", "replace").split()
        self.name = words[0] if words else ""
        if not _CONTIG_NAME.fullmatch(self.name):
            raise _not_fasta(self.source.name, self.line, f"{self.name[:40]!r} is not a sequence name")
        return True

    def pieces(self) -> Iterator[bytes]:
        """The bases up to the next header, in capitals, without line ends."""
        at_line_start = True
        while True:
            if not self._rest:
                self._rest = self._read()
                if not self._rest:
                    return
            if at_line_start and self._rest.startswith(b">"):
                return
            end = self._rest.find(b"\n>") + 1
            block, self._rest = (self._rest[:end], self._rest[end:]) if end else (self._rest, b"")
            bases = block.translate(_CAPITALS, _LINE_ENDS)
            if bases.translate(None, _NUCLEOTIDES):
                raise self._bad_letter(block)
            self._rest_line += block.count(b"\n")
            at_line_start = block.endswith(b"\n")
            yield bases

    def _bad_letter(self, block: bytes) -> InputError:
        letter = block.translate(_CAPITALS, _LINE_ENDS).translate(None, _NUCLEOTIDES)[:1]
        place = block.upper().index(letter)
        line = self._rest_line + block.count(b"\n", 0, place)
        return _not_fasta(self.source.name, line, f"{letter!r} is not a nucleotide"[1:])


def _contig(name: str, offset: int, length: int, build: Build) -> Contig:
    code = contig_code(name)
    if length == 0:
        raise InputError("empty_sequence", f"Sequence {name} has no bases.", "Fetch the file again.")
    if code == 0:
        return Contig(name, 0, length, offset, complete=False)
    expected = contig_length(build, code)
    other = next(one for one in Build if one is not build)
    if build_of_accession(name) is other or (length != expected and length == contig_length(other, code)):
        raise InputError(
            "wrong_build",
            f"Sequence {name} with {length:,} bases is of {other}, not of {build}.",
            f"Add it as {other}, or give the FASTA of {build}.",
        )
    if length > expected:
        raise InputError(
            "contig_too_long",
            f"Sequence {name} has {length:,} bases; {CONTIGS[code - 1]} of {build} has {expected:,}.",
            f"Give the FASTA of {build}; leave out a mitochondrion of another source (hg19's chrM).",
        )
    return Contig(name, code, length, offset, complete=length == expected)


def _refuse_repeated(name: str, contigs: Sequence[Contig]) -> None:
    code = contig_code(name)
    for known in contigs:
        if known.name == name or (code and known.code == code):
            raise InputError(
                "duplicate_contig",
                f"Sequence {name} was given before, as {known.name}.",
                "Give each sequence once.",
            )


def _compare_with_index(source: Path, contigs: Sequence[Contig]) -> None:
    """An index beside the source tells what it once held: the only trace of a plain FASTA that was cut short."""
    index = source.with_name(source.name + ".fai")
    if not index.is_file():
        return
    rows = [line.split("\t") for line in index.read_text(encoding="utf-8", errors="replace").splitlines()]
    expected = {row[0]: row[1] for row in rows if len(row) > 1}
    found = {contig.name: str(contig.length) for contig in contigs}
    for name in sorted(expected.keys() | found.keys()):
        if expected.get(name) != found.get(name):
            raise InputError(
                "truncated",
                f"Its index {index.name} gives {expected.get(name, 'no')} bases for {name}, the file has "
                f"{found.get(name, 'none')}.",
                "Fetch the file again, or remove the index if it belongs to another file.",
                source=source.name,
            )


def _not_fasta(source: str, line: int, why: str) -> InputError:
    return InputError(
        "not_fasta", f"This is not a FASTA file: {why}.", "Give a nucleotide FASTA (.fa, .fa.gz).", source, line
    )


def copy_gff3(source: Path, target: Path, contigs: Sequence[Contig]) -> None:
    """Write the features of a GFF3 file to ``target``, sorted, with the sequence names of the FASTA.

    Order: the FASTA's sequences, then start, then the longer feature first, so that a gene comes before its exons.
    Raises InputError, naming file and line, for what is not GFF3, is cut short or does not fit the sequences.
    """
    lines = _gff3_lines(source)
    comments = lines.filter(pl.col("text").str.starts_with("#"))["text"].to_list()
    kept = [text for text in comments if text.startswith("#!") or not text.startswith("##")]
    features = _features(lines.filter(~pl.col("text").str.starts_with("#")), source.name)
    features = _placed(features, contigs, source.name)
    with target.open("w", encoding="utf-8", newline="\n") as out:
        out.write("##gff-version 3\n")
        used = set(features["rank"].unique())
        out.writelines(f"##sequence-region {c.name} 1 {c.length}\n" for i, c in enumerate(contigs) if i in used)
        out.writelines(f"{text}\n" for text in kept)
        rows = features.sort("rank", "start", -pl.col("end"), "line")
        out.writelines(f"{text}\n" for text in rows["text"])


def _gff3_lines(source: Path) -> pl.DataFrame:
    """The lines that say something, columns ``line`` (1-based) and ``text``."""
    buffer = memoryview(bytearray(_BLOCK_BYTES))
    with _text_source(source, "GFF3") as stream:
        content = b"".join(iter(lambda: _read_block(stream, buffer), b""))
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(
            "not_utf8", "The text is not UTF-8.", "Save the file as UTF-8.", source=source.name, line=line
        ) from None
    if not text.startswith("##gff-version"):
        raise InputError(
            "not_gff3",
            "This is not a GFF3 file: the first line is not '##gff-version 3'.",
            "Give the gene annotation in GFF3 (not GTF or BED).",
            source=source.name,
            line=1,
        )
    lines = pl.DataFrame({"text": text.split("\n")}).with_row_index("line", offset=1)
    lines = lines.with_columns(pl.col("text").str.strip_chars_end("\r"))
    fasta = lines.filter(pl.col("text").str.starts_with("##FASTA"))
    if not fasta.is_empty():
        lines = lines.filter(pl.col("line") < fasta["line"][0])
    return lines.filter(pl.col("text").str.strip_chars() != "")


def _features(lines: pl.DataFrame, source: str) -> pl.DataFrame:
    if lines.is_empty():
        raise InputError(
            "empty_gff3", "The file holds no feature.", "Give the gene annotation of the build.", source=source
        )
    wrong = lines.filter(pl.col("text").str.count_matches("\t", literal=True) != 8)
    if not wrong.is_empty():
        raise InputError(
            "not_gff3",
            "The line has not nine columns separated by tabs.",
            "Fetch the file again: it may be cut short.",
            source=source,
            line=wrong["line"][0],
        )
    columns = lines.select(
        "line",
        "text",
        pl.col("text")
        .str.split_exact("\t", 8)
        .struct.rename_fields(["seqid", "source", "type", "start", "end", "score", "strand", "phase", "attributes"])
        .alias("columns"),
    ).unnest("columns")
    features = columns.with_columns(
        pl.col("start").cast(pl.Int64, strict=False), pl.col("end").cast(pl.Int64, strict=False)
    )
    bad = features.filter(pl.col("start").is_null() | pl.col("end").is_null() | (pl.col("start") > pl.col("end")))
    if not bad.is_empty():
        raise InputError(
            "bad_coordinate",
            "Start and end must be whole numbers, start not above end.",
            "Correct the line or fetch the file again.",
            source=source,
            line=bad["line"][0],
            field="start",
        )
    return features


def _placed(features: pl.DataFrame, contigs: Sequence[Contig], source: str) -> pl.DataFrame:
    """Features with the ``rank`` of their sequence and its stored name in the text."""
    rank_of_code = {contig.code: rank for rank, contig in enumerate(contigs) if contig.code}
    rank_of_name = {contig.name: rank for rank, contig in enumerate(contigs)}
    names = features["seqid"].unique().to_list()
    ranks = {name: rank_of_name.get(name, rank_of_code.get(contig_code(name))) for name in names}
    absent = sorted(name for name, rank in ranks.items() if rank is None)
    if absent:
        first = features.filter(pl.col("seqid").is_in(absent)).row(0, named=True)
        raise InputError(
            "contig_not_in_reference",
            f"Sequence {first['seqid']} is not in the FASTA ({len(absent)} of {len(names)} sequences are not).",
            "Give the FASTA of all sequences, or a GFF3 of those in the FASTA only.",
            source=source,
            line=first["line"],
            field="seqid",
        )
    table = pl.DataFrame(
        {
            "seqid": names,
            "rank": [ranks[name] for name in names],
            "name": [contigs[ranks[name] or 0].name for name in names],
            "length": [contigs[ranks[name] or 0].length for name in names],
        }
    )
    placed = features.join(table, on="seqid", how="left", maintain_order="left")
    beyond = placed.filter((pl.col("start") < 1) | (pl.col("end") > pl.col("length")))
    if not beyond.is_empty():
        first = beyond.row(0, named=True)
        raise InputError(
            "beyond_reference",
            f"The feature lies at {first['start']:,}-{first['end']:,}, but {first['seqid']} of the FASTA has "
            f"{first['length']:,} bases; {beyond.height} features lie outside.",
            "Check that FASTA and GFF3 are of one build, and that the FASTA is whole.",
            source=source,
            line=first["line"],
            field="end",
        )
    tail = pl.col("text").str.slice(pl.col("seqid").str.len_chars())
    return placed.with_columns(text=pl.col("name") + tail)
