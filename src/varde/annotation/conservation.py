"""Conservation by position (phyloP, phastCons) from bedGraph or wig text.

A bigWig is turned into bedGraph by UCSC's ``bigWigToBedGraph`` first.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.annotation.keyed_file import KeyedFolder, KeyedWriter, as_written
from varde.annotation.predictors import refuse_empty
from varde.annotation.source_alleles import without
from varde.annotation.source_folder import Origin, SourceDescription, describe, new_source, read_description
from varde.annotation.text_table import TextTable, refuse_rows
from varde.genome.builds import Build, contig_code, contig_length
from varde.genome.errors import InputError

KIND = "conservation"
_STEP = re.compile(r"^(fixedStep|variableStep)\s+chrom=(\S+)((?:\s+(?:start|step|span)=\d+)*)\s*$")
_NUMBER = r"^[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$"
_REMEDY = "Use bedGraph (chrom, start, end, value) or wig text."
_SHAPE = pl.Schema({"line": pl.Int64, "contig": pl.String, "start": pl.Int64, "end": pl.Int64, "score": pl.Float32})


def import_conservation(root: str | Path, file: str | Path, origin: Origin, build: Build) -> Path:
    """Import scores by position as ``<root>/<name>-<version>``; return the folder.

    Raises InputError: those of ``TextTable``, ``bad_row``, ``overlapping``, ``wrong_build``, ``unsorted``,
    ``no_rows``; nothing is then stored. A file does not tell its build: only positions beyond a contig betray it.
    """
    path = Path(file)
    dropped: Counter[str] = Counter()
    with TextTable(path, separator="\x01", heading=("text",)) as table, new_source(root, origin) as working:
        writer = KeyedWriter(working, table.name)
        read = 0
        try:
            for block in _intervals(table):
                read += block.height
                placed = _placed(block, build, table.name, dropped)
                writer.add(placed.select("line", "key", "end", "score"))
            writer.close()
        except BaseException:
            writer.abandon()
            raise
        refuse_empty(writer.kept, table.name)
        _refuse_overlaps(working, writer.repeated, table.name)
        describe(working, KIND, origin, path, build=build, read=read, kept=writer.kept, dropped=dropped)
    return Path(root) / f"{origin.name}-{origin.version}"


@dataclass
class _Step:
    """Where a wig stands: what the last declaration said, and how many values came since."""

    kind: str
    contig: str
    start: int
    step: int
    span: int
    line: int


def _intervals(table: TextTable) -> Iterator[pl.DataFrame]:
    """Blocks of ``_SHAPE``: half-open intervals with 0-based start."""
    step: _Step | None = None
    for block in table.frames({"text": "text"}):
        rows = block.filter(~pl.col("text").str.contains(r"^(?:#|track|browser|\s*$)"))
        declared = pl.col("text").str.contains("^(?:fixedStep|variableStep)")
        places = [*rows.with_row_index("at").filter(declared)["at"].to_list(), rows.height]
        parts = [_of_step(rows[: places[0]], step, table.name)]
        for place, following in pairwise(places):
            step = _declaration(rows["text"][place], int(rows["line"][place]), table.name)
            parts.append(_of_step(rows[place + 1 : following], step, table.name))
        yield pl.concat(parts)


def _declaration(text: str, line: int, source: str) -> _Step:
    found = _STEP.match(text)
    told = dict(part.split("=") for part in found[3].split()) if found else {}
    if not found or (found[1] == "fixedStep" and "start" not in told):
        raise InputError("bad_row", f"{text[:60]!r} is no step of a wig.", _REMEDY, source=source, line=line)
    span = int(told.get("span", 1))
    return _Step(found[1], found[2], int(told.get("start", 1)), int(told.get("step", 1)), span, line)


def _of_step(rows: pl.DataFrame, step: _Step | None, source: str) -> pl.DataFrame:
    """The intervals of lines under one declaration, or of a bedGraph when there is none."""
    if rows.is_empty():
        return pl.DataFrame(schema=_SHAPE)
    wanted = {None: 4, "fixedStep": 1, "variableStep": 2}[step.kind if step else None]
    parts = rows.with_columns(part=pl.col("text").str.strip_chars().str.replace_all(r"\s+", "\t").str.split("\t"))
    refuse_rows(parts, pl.col("part").list.len() != wanted, source, "text", f"{wanted} values are expected.", _REMEDY)
    whole = pl.col("part").list.slice(wanted - 3 if wanted == 4 else 0, wanted - 1 - (wanted == 4))
    bad = ~pl.col("part").list.last().str.contains(_NUMBER)
    bad = bad | whole.list.eval(~pl.element().str.contains("^[0-9]{1,9}$")).list.any()
    refuse_rows(parts, bad, source, "text", "a number is expected.", _REMEDY)
    score = pl.col("part").list.last().cast(pl.Float32).alias("score")
    if step is None:
        contig = pl.col("part").list.first()
        start, end = (pl.col("part").list.get(place).cast(pl.Int64) for place in (1, 2))
        return parts.select("line", contig.alias("contig"), start.alias("start"), end.alias("end"), score)
    if step.kind == "fixedStep":
        start = pl.int_range(pl.len(), dtype=pl.Int64) * step.step + step.start - 1
        step.start += parts.height * step.step
    else:
        start = pl.col("part").list.first().cast(pl.Int64) - 1
    end = (start + step.span).alias("end")
    return parts.select("line", pl.lit(step.contig).alias("contig"), start.alias("start"), end, score)


def _placed(block: pl.DataFrame, build: Build, source: str, dropped: Counter[str]) -> pl.DataFrame:
    refuse_rows(
        block, (pl.col("start") < 0) | (pl.col("end") <= pl.col("start")), source, "start",
        "an interval ends after it starts.", _REMEDY,
    )  # fmt: skip
    codes = {name: contig_code(name) for name in block["contig"].unique()}
    rows = block.with_columns(pl.col("contig").replace_strict(codes, default=0, return_dtype=pl.UInt8))
    rows = without(rows, pl.when(pl.col("contig") == 0).then(pl.lit("other_sequence")), dropped)
    lengths = {code: contig_length(build, code) for code in rows["contig"].unique()}
    beyond = rows.filter(pl.col("end") > pl.col("contig").replace_strict(lengths, default=0, return_dtype=pl.Int64))
    if beyond.height:
        raise InputError(
            "wrong_build", f"Position {beyond['end'][0]:,} lies beyond its contig in {build}.",
            "Use the file of the other build.", source=source, line=int(beyond["line"][0]),
        )  # fmt: skip
    return rows.with_columns(key=_keys(rows["contig"].to_numpy(), rows["start"].to_numpy() + 1))


def _keys(contig: NDArray[np.uint8], position: NDArray[np.int64]) -> NDArray[np.uint64]:
    """The smallest key of 1-based places: intervals are kept under that of their first base."""
    return contig.astype(np.uint64) << np.uint64(59) | position.astype(np.uint64) << np.uint64(31)


def _refuse_overlaps(folder: Path, repeated: int, source: str) -> None:
    start0 = (pl.col("key") // (1 << 31) % (1 << 28)).cast(pl.Int64) - 1
    overlap = pl.col("end").shift(1) > start0
    for path in sorted(folder.glob("*.parquet")):
        if repeated or pl.scan_parquet(path).select(overlap.any()).collect().item():
            raise InputError(
                "overlapping", "Intervals overlap: a position has two values.", "Give one value for each position.",
                source=source,
            )  # fmt: skip


@dataclass(frozen=True)
class Conservation:
    """Imported scores by position; open with ``Conservation.open(folder)``."""

    folder: Path
    description: SourceDescription

    @classmethod
    def open(cls, folder: str | Path) -> Conservation:
        """Raises InputError ``no_source``, ``unknown_format``, ``wrong_kind``, ``damaged_source``."""
        return cls(Path(folder), read_description(folder, KIND))

    @cached_property
    def _scores(self) -> KeyedFolder:
        return KeyedFolder(self.folder)

    def at(self, contig: NDArray[np.uint8], position: NDArray[np.int64]) -> pl.Series:
        """The score (Float64, six digits) at each 1-based position; null where there is none, or the contig is 0."""
        keys = _keys(contig, position)
        rows = self._scores.last_up_to(keys)
        inside = (rows["end"] >= pl.Series(position)) & (pl.Series(contig) > 0)
        return rows.select(pl.when(inside).then(as_written("score"))).to_series()
