"""DuckDB, and PySpark where it is installed: opening them, and their tables from the files of a counts folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import ibis
from ibis.backends import BaseBackend
from ibis.expr.types import Table

from varde.frequency.recount.expressions import split_keys
from varde.genome.errors import InputError


def duckdb_engine(memory_limit: str | None = None, threads: int | None = None) -> BaseBackend:
    """DuckDB in memory; ``memory_limit`` such as ``4GB``."""
    options: dict[str, Any] = {}
    if memory_limit is not None:
        options["memory_limit"] = memory_limit
    if threads is not None:
        options["threads"] = threads
    return ibis.duckdb.connect(**options)


def spark_engine(master: str = "local[2]", **options: str) -> BaseBackend:
    """PySpark on a master; ``options`` are Spark's own settings with underscores for dots.

    Raises InputError ``no_spark`` when the extra is not installed.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise InputError(
            "no_spark", "PySpark is not installed.", "Install it with: pip install 'varde[spark]'. It needs Java 17."
        ) from None
    builder = SparkSession.builder.master(master).config("spark.ui.enabled", "false")
    builder = builder.config("spark.ui.showConsoleProgress", "false")
    for name, value in options.items():
        builder = builder.config(name.replace("_", "."), value)
    return ibis.pyspark.connect(builder.getOrCreate())


def runs_table(engine: BaseBackend, files_by_cell: Mapping[int, Sequence[str | Path]]) -> Table:
    """The alleles of runs, with the cell of each: contig, rest, dosage, flags, cell."""
    parts = [
        split_keys(_parquet(engine, files).select("key", "dosage", "flags")).mutate(cell=ibis.literal(cell, "int64"))
        for cell, files in sorted(files_by_cell.items())
        if files
    ]
    return parts[0] if len(parts) == 1 else ibis.union(*parts)


def increment_tables(engine: BaseBackend, folder: str | Path) -> tuple[Table, Table, Table]:
    """Observations (keys split), coverage and people of an increment's folder."""
    observed, coverage, people = (
        _parquet(engine, [Path(folder) / f"{name}.parquet"]) for name in ("observations", "coverage", "people")
    )
    observed = split_keys(observed)
    return observed.mutate(cell=observed.cell.cast("int64")), coverage, people.mutate(cell=people.cell.cast("int64"))


def _parquet(engine: BaseBackend, files: Sequence[str | Path]) -> Table:
    paths = [str(path) for path in files]
    if engine.name == "duckdb":
        return engine.read_parquet(paths)
    from pyspark.sql import SparkSession

    # Ibis' own reader takes one path, or the folder around it.
    view = f"parquet_{uuid4().hex}"
    SparkSession.active().read.parquet(*paths).createOrReplaceTempView(view)
    return engine.table(view)
