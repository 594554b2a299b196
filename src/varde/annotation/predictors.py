"""Predictors' scores as knowledge sources: imported once into sorted columns, found by key for many alleles at once.

Of several scores of one allele (REVEL by transcript, SpliceAI by gene) the greatest is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.annotation.keyed_file import KeyedFolder, KeyedWriter, as_written
from varde.annotation.predictor_formats import (
    ALLELE,
    SEPARATORS,
    ColumnDescription,
    described_format,
    predictor_format,
)
from varde.annotation.source_alleles import check_build, keyed, without
from varde.annotation.source_folder import Origin, SourceDescription, describe, new_source, read_description
from varde.annotation.text_table import TextTable
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.references import Reference

KIND = "predictor"


def import_predictor(
    root: str | Path,
    file: str | Path,
    origin: Origin,
    build: Build,
    kind: str | ColumnDescription,
    *,
    reference: Reference | None = None,
    progress: Callable[[int], None] | None = None,
) -> Path:
    """Import scores as ``<root>/<name>-<version>``; return the folder. ``kind`` is ``revel``, ``spliceai``, ``cadd`` or
    a description of columns.

    Memory is bounded: rows may be out of order by some millions. Raises InputError: those of ``TextTable`` and
    ``keyed``, ``unknown_kind``, ``missing_column``, ``wrong_build``, ``unsorted``, ``bad_row`` and ``no_rows``; nothing
    is then stored.
    """
    if isinstance(kind, str) and kind not in SEPARATORS:
        raise InputError(
            "unknown_kind", f"{kind!r} is no predictor known here.", f"Known are {', '.join(SEPARATORS)}.", field="kind"
        )
    path = Path(file)
    separator = SEPARATORS[kind] if isinstance(kind, str) else kind.separator
    dropped: Counter[str] = Counter()
    with TextTable(path, separator=separator) as table, new_source(root, origin) as working:
        layout = predictor_format(kind, table, build) if isinstance(kind, str) else described_format(kind, table)
        check_build(layout.build, build, table.name)
        writer = KeyedWriter(working, table.name)
        read = 0
        try:
            for block in table.frames(layout.wanted):
                rows = layout.rows(block, table.name).select("line", *ALLELE, "score", *layout.more)
                read += rows.height
                scored = without(rows, pl.when(pl.col("score").is_null()).then(pl.lit("no_score")), dropped)
                placed = keyed(scored, build, reference, table.name, dropped)
                writer.add(placed.select("line", "key", "score", *layout.more))
                if progress is not None:
                    progress(read)
            writer.close()
        except BaseException:
            writer.abandon()
            raise
        refuse_empty(writer.kept, table.name)
        dropped["lower_score_of_same_allele"] += writer.repeated
        details = {"predictor": layout.kind, "reference": reference.name if reference else ""}
        describe(
            working, KIND, origin, path,
            build=build, read=read, kept=writer.kept, dropped=+dropped, details=details,
        )  # fmt: skip
    return Path(root) / f"{origin.name}-{origin.version}"


def refuse_empty(kept: int, source: str) -> None:
    """Raise InputError ``no_rows`` for a table of which nothing is left."""
    if not kept:
        raise InputError(
            "no_rows", "No row of the file can be used.", "Is it the right file, of the right build?", source=source
        )


@dataclass(frozen=True)
class Predictor:
    """Imported scores; open with ``Predictor.open(folder)``. ``predictor`` is ``revel``, ``spliceai``, ``cadd`` or the
    name of a described table."""

    folder: Path
    description: SourceDescription

    @classmethod
    def open(cls, folder: str | Path) -> Predictor:
        """Raises InputError ``no_source``, ``unknown_format``, ``wrong_kind``, ``damaged_source``."""
        return cls(Path(folder), read_description(folder, KIND))

    @property
    def predictor(self) -> str:
        """Which predictor it is."""
        return self.description.details["predictor"]

    @cached_property
    def _scores(self) -> KeyedFolder:
        return KeyedFolder(self.folder)

    def at(self, keys: NDArray[np.uint64]) -> pl.DataFrame:
        """``score`` (Float64, six digits; null where there is none) and what else the predictor tells (SpliceAI:
        ``effect``, ``distance``, ``gene``) of each key, in the order given."""
        return self._scores.find(keys).drop("key").with_columns(as_written("score"))

    def score(self, key: int) -> float | None:
        """The score of one allele."""
        found: float | None = self.at(np.array([key], dtype=np.uint64))["score"][0]
        return found
