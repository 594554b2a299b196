"""``varde recount``: whether a folder's sums are what its runs give."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from varde.cli import output
from varde.frequency.recount import engines
from varde.frequency.recount.check import Recount, recount
from varde.genome.errors import InputError


def command(
    counts: Annotated[Path, typer.Argument(help="Counts folder with runs.", metavar="FOLDER")],
    spark: Annotated[
        str | None,
        typer.Option("--spark", help="Count on PySpark with this master, such as 'local[2]'; else on DuckDB."),
    ] = None,
    as_json: output.JsonOption = False,
) -> None:
    """Count all runs of a register again, and compare to the last count; changes nothing."""
    found = recount(counts, engines.duckdb_engine() if spark is None else engines.spark_engine(spark))
    if not found.agrees:
        raise InputError("sums_differ", _differing(found), _REMEDY, source=counts.name)
    engine = "DuckDB" if spark is None else "PySpark"
    rows = found.rows
    text = (
        f"The sums are what the runs give: {found.runs:,} runs whole, {found.people:,} people counted again on "
        f"{engine}; {rows['observations']:,} rows of alleles, {rows['coverage']:,} of callable places and "
        f"{rows['structural']:,} of structural calls are the same."
    )
    told = {"agrees": True, "engine": engine, "runs": found.runs, "people": found.people, "rows": dict(rows)}
    output.print_result(told, as_json=as_json, text=text)


_REMEDY = "Send and release nothing from this folder. Restore a backup, or count its people again into a new folder."


def _differing(found: Recount) -> str:
    tables = ", ".join(f"{number:,} rows of {name}" for name, number in found.differing.items() if number)
    alleles = f" The first alleles: {', '.join(found.examples)}." if found.examples else ""
    return f"The sums are not what the runs give: {tables} differ.{alleles}"
