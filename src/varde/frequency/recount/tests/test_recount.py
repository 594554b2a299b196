"""The same expressions on DuckDB and PySpark give what the counting engine's arrays give, and plain Python counts."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import polars as pl
import pytest
from ibis.backends import BaseBackend
from ibis.expr.types import Table

from varde.frequency.increment import sites as counted_sites
from varde.frequency.recount import engines, expressions
from varde.frequency.recount.tests.cohort import BUILD, Cohort, seeded_cohort
from varde.genome.errors import InputError

NO_SPARK = not (importlib.util.find_spec("pyspark") and shutil.which("java"))
COLUMNS = ("ac", "an", "nhomalt", "nhemi", "nobs", "nhet_mt")


@pytest.fixture(
    scope="module",
    params=[
        "duckdb",
        pytest.param(
            "pyspark", marks=pytest.mark.skipif(NO_SPARK, reason="PySpark (the extra 'spark') or Java is not installed")
        ),
    ],
)
def engine(request: pytest.FixtureRequest) -> BaseBackend:
    return engines.duckdb_engine(threads=1) if request.param == "duckdb" else engines.spark_engine()


@pytest.fixture(params=[1, 2])
def cohort(request: pytest.FixtureRequest, tmp_path: Path) -> Cohort:
    return seeded_cohort(tmp_path, request.param)


def whole_key(table: Table) -> pl.DataFrame:
    """The answer with its key put together again, in genome order."""
    frame = pl.from_pandas(table.to_pandas())
    key = pl.col("contig").cast(pl.UInt64) * 2**59 + pl.col("rest").cast(pl.UInt64)
    return frame.with_columns(key=key).drop("contig", "rest")


def write(cohort: Cohort, folder: Path) -> Path:
    for name in ("observations", "coverage", "people"):
        getattr(cohort.increment, name).write_parquet(folder / f"{name}.parquet")
    return folder


def test_recount_of_runs_is_the_sum_that_plain_python_makes(engine: BaseBackend, cohort: Cohort) -> None:
    runs = engines.runs_table(engine, cohort.files_by_cell)
    found = whole_key(expressions.observations(runs)).sort("key", "cell")
    expected = cohort.increment.observations
    assert found.select(expected.columns).rows() == expected.rows()


def test_sites_are_those_of_the_counting_engine(engine: BaseBackend, cohort: Cohort, tmp_path: Path) -> None:
    observed, coverage, people = engines.increment_tables(engine, write(cohort, tmp_path))
    found = whole_key(expressions.sites(BUILD, observed, coverage, people)).sort("key")
    expected = counted_sites(cohort.increment)
    assert found.select("key", *COLUMNS).rows() == expected.select("key", *COLUMNS).rows()
    assert expected["an"].max() > 0


def test_bins_are_half_open_and_a_region_is_in_genome_order(
    engine: BaseBackend, cohort: Cohort, tmp_path: Path
) -> None:
    counted = expressions.sites(BUILD, *engines.increment_tables(engine, write(cohort, tmp_path)))
    edges = (2, 5)
    found = whole_key(expressions.binned(counted, edges))
    assert [sum(ac >= edge for edge in edges) for ac in found["ac"]] == found["bin"].to_list()
    stretch = whole_key(expressions.region(counted, 16, 5_003, 5_008))
    expected = counted_sites(cohort.increment).filter(
        pl.col("contig") == 16, pl.col("position").is_between(5_003, 5_008)
    )
    assert stretch["key"].to_list() == expected["key"].to_list()
    assert expected.height


def test_spark_that_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyspark.sql", None)
    with pytest.raises(InputError, match="PySpark is not installed") as refused:
        engines.spark_engine()
    assert refused.value.code == "no_spark"
