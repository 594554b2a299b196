"""Writing sites as bgzip-compressed, tabix-indexed VCF."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pysam

from varde.genome.errors import InputError

SITE_COLUMNS = ("CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO")
_ROWS_AT_ONCE = 200_000


def write_sites_vcf(path: str | Path, header_lines: Sequence[str], frame: pl.DataFrame) -> None:
    """A sites-only VCF with its ``.tbi`` beside it, both put in place when complete.

    ``header_lines`` are the ``##`` lines, ``##fileformat`` first, without line ends; ``frame`` has the columns
    ``SITE_COLUMNS`` (null is written ``.``), one row per line, contigs together and positions ascending within them.
    The same input gives the same bytes. Raises ValueError for lines or columns of another shape or order, InputError
    ``cannot_write`` when the folder cannot be written.
    """
    target = Path(path)
    _check(target, header_lines, frame)
    partial = target.with_name(f".{target.name}.partial.gz")
    partial_index = partial.with_name(partial.name + ".tbi")
    try:
        partial.touch()  # pysam crashes on a file that cannot be opened, instead of raising
        with pysam.BGZFile(str(partial), "wb", None) as file:
            file.write(("\n".join([*header_lines, "#" + "\t".join(SITE_COLUMNS)]) + "\n").encode())
            for piece in frame.iter_slices(_ROWS_AT_ONCE):
                file.write(_lines(piece))
        pysam.tabix_index(str(partial), preset="vcf", force=True)
        partial_index.replace(target.with_name(target.name + ".tbi"))
        partial.replace(target)
    except OSError as error:
        raise InputError(
            "cannot_write",
            f"The file cannot be written ({error.strerror or error}).",
            "Give a folder that exists, can be written and has room.",
            source=target.name,
        ) from error
    finally:
        partial.unlink(missing_ok=True)
        partial_index.unlink(missing_ok=True)


def _check(target: Path, header_lines: Sequence[str], frame: pl.DataFrame) -> None:
    if not target.name.endswith(".gz"):
        raise ValueError(f"{target.name} must end in .gz: the file is bgzip-compressed")
    if not header_lines or not header_lines[0].startswith("##fileformat=VCF"):
        raise ValueError("the first header line must be ##fileformat")
    if any(not line.startswith("##") or "\n" in line for line in header_lines):
        raise ValueError("every header line must start with ## and be one line")
    if tuple(frame.columns) != SITE_COLUMNS:
        raise ValueError(f"columns must be {SITE_COLUMNS}, found {tuple(frame.columns)}")
    run = pl.col("CHROM").rle_id()
    ordered = frame.select(
        falls=((pl.col("POS").diff() < 0) & (run.diff() == 0)).any(),
        runs=run.max(),
        names=pl.col("CHROM").n_unique(),
    ).row(0, named=True)
    if frame.height and (ordered["falls"] or ordered["runs"] + 1 != ordered["names"]):
        raise ValueError("rows must be sorted: contigs together, positions ascending")


def _lines(piece: pl.DataFrame) -> bytes:
    columns = [pl.col(name).cast(pl.String).fill_null(".") for name in SITE_COLUMNS]
    text = piece.select(pl.concat_str(columns, separator="\t").str.join("\n")).item()
    return f"{text}\n".encode() if piece.height else b""
