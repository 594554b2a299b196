"""Reading VCF and BCF as batches of columns, one row per record and alternate allele, with the samples' genotypes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from varde.genome import vcf_parser as parser
from varde.genome.builds import (
    HG19_MITOCHONDRION_LENGTH,
    MT,
    Build,
    build_of_accession,
    contig_code,
    contig_length,
    contig_lengths,
)
from varde.genome.errors import InputError
from varde.genome.records import SITE_SCHEMA, AlleleTable, concatenate
from varde.genome.text_source import TextSource
from varde.genome.vcf_faults import explain
from varde.genome.vcf_fractions import fractions
from varde.genome.vcf_header import VcfHeader, parse_header
from varde.genome.vcf_lines import LineWindow

BATCH_RECORDS = 100_000
BATCH_GENOTYPES = 1 << 20
"""Genotypes (rows x samples) for which a batch has room, at 23 bytes each: 24 MB."""

BATCH_COUNTED = 1 << 23
"""The same where genotypes are counted and not kept."""
COUNTED_WINDOW_BYTES = 32 << 20
"""Text of such a batch: what is done once for a batch costs as much as reading some MB."""

MOST_ALTERNATES = 32_767
"""ALT alleles of one record, as many as the columns can number."""
MOST_ALLELES = 30_000_000
"""Rows of a table that is read whole, four times a genome's joint trio (Varde's bound: some 6 GB for three people)."""


def read_header(path: str | Path) -> VcfHeader:
    """The header of a VCF or BCF; ``-`` reads standard input, which is then used up.

    Raises InputError as ``read_vcf`` does, for what shows in the header.
    """
    with TextSource(path) as source:
        return parse_header(LineWindow(source).take_header(), source.name)


def read_vcf(
    path: str | Path,
    *,
    build: Build | None = None,
    samples: Sequence[str] | None = None,
    batch_records: int = BATCH_RECORDS,
    progress: Callable[[int], None] | None = None,
) -> Iterator[AlleleTable]:
    """Batches of a VCF, VCF.gz or BCF in the file's order; ``-`` is standard input. At least one batch, perhaps empty.

    A batch has at most ``batch_records`` records, and fewer where lines are long or samples many: memory is bounded by
    the batch. ``samples`` chooses and orders people; None is all. ``build`` is what the caller expects; without it the
    header tells, or the table's build is None. ``progress`` is called with the number of records read so far.

    Bases are given in upper case. AD is read when it has one value per allele; a decimal GQ or DP is rounded down;
    where GATK writes PGT and PID, an unphased heterozygote of REF and one ALT is given in PGT's order. A ``chrM`` that
    the header declares with hg19's 16,571 bases has contig code 0, for it is not the MT of either build.

    Raises InputError, also after batches were given: ``not_found``, ``empty``, ``truncated``, ``corrupt``,
    ``encoding``, ``no_header``, ``version``, ``bad_header``, ``bad_columns``, ``duplicate_sample``,
    ``unknown_sample``, ``mixed_build``, ``wrong_build``, ``line_too_long``, ``too_many_alleles``, ``bad_bcf``, and the
    codes of ``vcf_faults`` with their line.
    """
    if batch_records < 1:
        raise ValueError("batch_records must be at least 1")
    with TextSource(path) as source:
        reader = _Reader(source, build, samples, batch_records)
        while True:
            table = reader.next_table()
            if len(table) or reader.records == 0:
                if progress is not None:
                    progress(reader.records)
                yield table
            if reader.window.is_done:
                return


def read_whole_vcf(
    path: str | Path,
    *,
    build: Build | None = None,
    samples: Sequence[str] | None = None,
    batch_records: int = BATCH_RECORDS,
    progress: Callable[[int], None] | None = None,
) -> AlleleTable:
    """All batches of ``read_vcf`` as one table. Raises InputError ``too_many_records`` beyond ``MOST_ALLELES`` rows: a
    small compressed file may hold far more than fits in memory."""
    tables: list[AlleleTable] = []
    rows = 0
    for table in read_vcf(path, build=build, samples=samples, batch_records=batch_records, progress=progress):
        rows += len(table)
        if rows > MOST_ALLELES:
            raise InputError(
                "too_many_records",
                f"The file has more than {MOST_ALLELES:,} alleles; a family's table is held in memory.",
                "Give the regions that were examined only (bcftools view -R), or variants without reference blocks.",
                source="standard input" if str(path) == "-" else Path(path).name,
                line=int(table.sites["line"][-1]),
            )
        tables.append(table)
    return tables[0] if len(tables) == 1 else concatenate(tables)


@dataclass(frozen=True)
class Lines:
    """Records whose samples are still text, for whoever needs less than a table of all genotypes.

    ``table`` has no samples; ``samples_at`` int64 [records] is where in ``text`` the tab before FORMAT stands, or the
    line end. ``text`` is good until the next batch is asked for.
    """

    table: AlleleTable
    text: NDArray[np.uint8]
    samples_at: NDArray[np.int64]


class LineReader:
    """A VCF, VCF.gz or BCF as batches of ``Lines``, in the file's order; raises InputError as ``read_vcf``.

    ``places`` int32 [sample columns] is each column's place among the ``samples`` chosen, -1 for one not chosen.
    """

    def __init__(self, source: TextSource, build: Build | None, samples: Sequence[str] | None = None) -> None:
        self._reader = _Reader(source, build, (), BATCH_RECORDS, passes_samples=True)
        self.header, self.header_text = self._reader.header, self._reader.header_text
        chosen = self.header.samples if samples is None else tuple(samples)
        self.places = _sample_places(self.header, chosen, source.name)

    def __iter__(self) -> Iterator[Lines]:
        reader = self._reader
        while not reader.window.is_done:
            table = reader.next_table()
            yield Lines(table, reader.window.text, reader.samples_at[: _records(table)])

    def explain(self, lines: Lines, record: int, fault: int, place: int) -> InputError:
        """The error of a fault at a place of a batch's text, in the record that is ``record`` of the batch."""
        begin = int(lines.samples_at[record])
        while begin and lines.text[begin - 1] != parser.LINE_FEED:
            begin -= 1
        row = int(np.searchsorted(lines.table.sites["record"].to_numpy(), lines.table.sites["record"][0] + record))
        extent = parser.Extent(fault, place, begin, lines.table.sites["line"][row], 0, 0, 0)
        return explain(extent, lines.text, self.header, self._reader.source)


def _records(table: AlleleTable) -> int:
    return int(table.sites["record"][-1] - table.sites["record"][0]) + 1 if len(table) else 0


class _Reader:
    """The state between the batches of one file."""

    def __init__(
        self,
        source: TextSource,
        build: Build | None,
        samples: Sequence[str] | None,
        batch_records: int,
        *,
        passes_samples: bool = False,
    ) -> None:
        self.source = source.name
        self.window = LineWindow(source, COUNTED_WINDOW_BYTES if passes_samples else None)
        self.header_text = self.window.take_header()
        self.header = parse_header(self.header_text, source.name)
        self.build = _checked_build(self.header, build, source.name)
        self.samples = self.header.samples if samples is None else tuple(samples)
        self.layout = parser.Layout(
            self.header.has_format,
            self.header.depths_per_allele,
            _sample_places(self.header, self.samples, source.name),
        )
        self.batch_records = batch_records
        self.records = 0
        self.passes_samples, self.samples_at = passes_samples, np.empty(0, dtype=np.int64)
        people = len(self.header.samples if passes_samples else self.samples)
        genotypes = BATCH_COUNTED if passes_samples else BATCH_GENOTYPES
        self.room = max(1, min(batch_records + batch_records // 8, genotypes // max(1, people)))

    def next_table(self) -> AlleleTable:
        """The next batch; empty when no record is left."""
        if self.window.start == self.window.stop:
            self.window.refill()
        window = self.window
        begin, line = window.start, window.line
        while True:
            columns = parser.Columns.of(self.room, len(self.samples), window.stop - window.start)
            self.samples_at = np.empty(self.room if self.passes_samples else 0, dtype=np.int64)
            extent = parser.parse_lines(
                window.text,
                window.start,
                window.stop,
                window.line,
                self.records,
                self.batch_records,
                self.layout,
                columns,
                self.samples_at,
            )
            if extent.fault not in (parser.OK, parser.FULL):
                raise explain(extent, window.text, self.header, self.source)
            if extent.fault == parser.OK or extent.records:
                break
            self._check_alleles(extent.place, extent.line)
            self.room = max(2 * self.room, extent.place)
        window.start, window.line = extent.consumed, extent.line
        self.records += extent.records
        table = self._table(columns, extent)
        return table if self.passes_samples else self._with_fractions(table, begin, extent.consumed, line)

    def _with_fractions(self, table: AlleleTable, begin: int, end: int, first_line: int) -> AlleleTable:
        """The table with what callers say of mitochondrial fractions; ``first_line`` is the number of the first line
        of the window's text from ``begin`` to ``end``."""
        rows = np.flatnonzero(table.sites["contig"].to_numpy() == MT)
        if not len(rows) or not self.samples:
            return table
        lines = self.window.text[begin:end].tobytes().split(b"\n")
        at = (table.sites["line"].to_numpy()[rows] - first_line).tolist()
        alleles = table.sites["allele"].to_numpy()[rows].tolist()
        given = np.full((len(table), len(self.samples)), np.nan, dtype=np.float32)
        given[rows] = fractions([lines[place] for place in at], alleles, self.layout.places)
        return table if np.isnan(given).all() else replace(table, fraction=given)

    def _table(self, columns: parser.Columns, extent: parser.Extent) -> AlleleTable:
        rows = extent.rows
        long_text = columns.long_text[: extent.long_used].tobytes()
        texts = [_strings(views, long_text) for views in columns.texts[:, :rows]]
        data = dict(zip(parser.TEXTS, texts, strict=True))
        for name, numbers in zip(parser.NUMBERS, columns.numbers[:, :rows], strict=True):
            data[name] = pl.Series(numbers)
        counted = data["allele_count"]
        if rows:
            self._check_alleles(int(counted.max()), int(data["line"][int(counted.arg_max() or 0)]))  # type: ignore[arg-type]
        data["contig"] = pl.Series(self._contigs(columns.texts[0, :rows], data))
        sites = pl.DataFrame([data[name].cast(kind).alias(name) for name, kind in SITE_SCHEMA.items()])
        self._check_positions(sites)
        calls = dict(zip(parser.CALLS, columns.calls[:, :rows], strict=True))
        return AlleleTable(
            build=self.build,
            samples=self.samples,
            sites=sites,
            genotype=columns.genotype[:rows],
            phased=columns.phased[:rows],
            **calls,
        )

    def _check_alleles(self, count: int, line: int) -> None:
        if count > MOST_ALTERNATES:
            raise InputError(
                "too_many_alleles",
                f"The record has {count:,} ALT alleles; at most {MOST_ALTERNATES:,} can be read.",
                "Split the record with bcftools norm -m-, or leave it out.",
                source=self.source,
                line=line,
                field="ALT",
            )

    def _contigs(self, views: NDArray[np.uint32], sites: dict[str, pl.Series]) -> NDArray[np.uint8]:
        """Contig codes, looked up once per run of rows with the same name."""
        if not len(views):
            return np.empty(0, dtype=np.uint8)
        starts = np.concatenate(([0], np.flatnonzero((views[1:] != views[:-1]).any(axis=1)) + 1))
        names = sites["contig_name"].gather(starts).to_list()
        lines = sites["line"].gather(starts).to_list()
        codes = [self._contig(name, line) for name, line in zip(names, lines, strict=True)]
        return np.repeat(np.array(codes, dtype=np.uint8), np.diff(starts, append=len(views)))

    def _contig(self, name: str, line: int) -> int:
        told = build_of_accession(name)
        if self.build is not None and told not in (None, self.build):
            raise InputError(
                "wrong_build",
                f"{name} is a sequence of {told}, not of {self.build}.",
                "Give the build that the file was called on.",
                source=self.source,
                line=line,
                field="CHROM",
            )
        code = contig_code(name)
        return 0 if code == MT and self.header.contigs.get(name) == HG19_MITOCHONDRION_LENGTH else code

    def _check_positions(self, sites: pl.DataFrame) -> None:
        """No record may lie beyond its contig in the build (VCF allows one base more, the telomere)."""
        if self.build is None:
            return
        last = np.maximum(sites["position"].to_numpy(), sites["end"].to_numpy()) - 1
        beyond = last > contig_lengths(self.build)[sites["contig"].to_numpy()]
        if not beyond.any():
            return
        site = sites.row(int(np.argmax(beyond)), named=True)
        length = contig_length(self.build, site["contig"])
        raise InputError(
            "wrong_build",
            f"{site['contig_name']}:{site['position']}-{site['end']} lies beyond the contig's {length:,} bases in "
            f"{self.build}.",
            "Give the build that the file was called on.",
            source=self.source,
            line=site["line"],
            field="POS",
        )


def _strings(views: NDArray[np.uint32], long_text: bytes) -> pl.Series:
    """String views written by the parser as a column, without a copy of the views."""
    array = pa.Array.from_buffers(pa.string_view(), len(views), [None, pa.py_buffer(views), pa.py_buffer(long_text)])
    return pl.Series(array)


def _checked_build(header: VcfHeader, expected: Build | None, source: str) -> Build | None:
    if expected is None or header.build is expected:
        return header.build
    known = [(name, length) for name, length in header.contigs.items() if length and contig_code(name) not in (0, MT)]
    if header.build is None and not known:
        return expected
    name, length = known[0] if known else ("", None)
    told = f"{name} has {length:,} bases in the header" if length else f"the header tells of {header.build}"
    raise InputError(
        "wrong_build",
        f"{expected} is expected, but {told}" + (f", which is {header.build}." if header.build and length else "."),
        f"Give --build {header.build}." if header.build else "Only GRCh37 and GRCh38 can be read.",
        source=source,
        field="##contig",
    )


def _sample_places(header: VcfHeader, chosen: tuple[str, ...], source: str) -> NDArray[np.int32]:
    """For every sample column of the file its place in the table, -1 for one not chosen."""
    if len(set(chosen)) != len(chosen):
        raise ValueError("a sample is chosen twice")
    where = {name: place for place, name in enumerate(chosen)}
    present = set(header.samples)
    if unknown := [name for name in chosen if name not in present]:
        raise InputError(
            "unknown_sample",
            f"No sample is named {unknown[0]!r}; the file has {', '.join(header.samples[:5]) or 'no samples'}"
            + (" and more." if len(header.samples) > 5 else "."),
            "Choose among the file's samples.",
            source=source,
            field="#CHROM",
        )
    return np.array([where.get(name, -1) for name in header.samples], dtype=np.int32)
