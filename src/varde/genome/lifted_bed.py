"""A BED of one build written in the other: where people were callable, or what a capture kit reads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from varde.genome.builds import CONTIGS, Build
from varde.genome.chains import REASONS, Chains
from varde.genome.errors import InputError
from varde.genome.regions import RegionSet, read_bed


@dataclass(frozen=True)
class BedLift:
    """``bases`` = ``lifted`` + ``lost``; intervals on sequences that are no chromosome are counted and left out."""

    source: Build
    target: Build
    bases: int
    lifted: int
    lost: int
    other_sequences: int


def lift_bed(path: str | Path, out: str | Path, rejected: str | Path, chains: Chains) -> BedLift:
    """Write what lifts, sorted and merged, to ``out``, and the stretches that do not, with the reason of their first
    base, to ``rejected``; contigs without prefix. Both files appear when all is done, or none.

    A stretch between two blocks is lost, not bridged: what is callable in one build is not known to be so in bases that
    only the other has. Where the builds' own bases differ the interval still lifts, though who carries nothing there in
    the one carries something in the other. Raises InputError as ``read_bed``, and ``cannot_write``.
    """
    given = read_bed(path, chains.source)
    pieces, lost = chains.lift_intervals(given.contig, given.start0, given.end0)
    _write(Path(out), _merged(pieces), Path(rejected), _lost(given, pieces, chains))
    return BedLift(
        chains.source, chains.target, given.total_length, given.total_length - lost, lost, given.other_sequences
    )


def _merged(pieces: pl.DataFrame) -> pl.DataFrame:
    """Touching and overlapping pieces as one."""
    reach = pl.col("end0").cum_max().shift(1).over("contig")
    begins = (pl.col("start0") > reach).fill_null(True)
    grouped = pieces.sort("contig", "start0", "end0").with_columns(part=begins.cum_sum())
    return grouped.group_by("part", maintain_order=True).agg(
        pl.col("contig").first(), pl.col("start0").min(), pl.col("end0").max()
    )


def _lost(given: RegionSet, pieces: pl.DataFrame, chains: Chains) -> pl.DataFrame:
    """The stretches of the intervals between the pieces."""
    row = np.arange(len(given))
    held = pieces.sort("row", "from0").with_columns(to0=pl.col("from0") + pl.col("end0") - pl.col("start0"))
    rows = np.concatenate((row, held["row"].to_numpy()))
    low = np.concatenate((given.start0, held["to0"].to_numpy()))
    high = np.concatenate((held["from0"].to_numpy(), given.end0))
    begin, stop = np.lexsort((low, rows)), np.lexsort((high, np.concatenate((held["row"].to_numpy(), row))))
    frame = pl.DataFrame({"contig": given.contig[rows[begin]], "start0": low[begin], "end0": high[stop]})
    frame = frame.filter(pl.col("end0") > pl.col("start0"))
    reason = chains.lift_points(frame["contig"].to_numpy(), frame["start0"].to_numpy() + 1).reason
    return frame.with_columns(pl.Series("reason", REASONS.categories.gather(reason)))


def _write(out: Path, lifted: pl.DataFrame, rejected: Path, lost: pl.DataFrame) -> None:
    names = dict(enumerate(CONTIGS, start=1))
    made = []
    try:
        for path, frame, columns in (
            (out, lifted, ("start0", "end0")),
            (rejected, lost, ("start0", "end0", "reason")),
        ):
            partial = path.with_name(f".{path.name}.partial")
            made.append((partial, path))
            contig = pl.col("contig").replace_strict(names, return_dtype=pl.String)
            frame.select(contig, *columns).write_csv(partial, separator="\t", include_header=False)
        for partial, path in made:
            partial.replace(path)
    except OSError as error:
        raise InputError(
            "cannot_write",
            f"The file cannot be written: {error.strerror}.",
            "Give a folder that exists, can be written and has room.",
            source=out.name,
            field="--out",
        ) from error
    finally:
        for partial, _ in made:
            partial.unlink(missing_ok=True)
