"""Tables of genes as knowledge sources: a laboratory's list, ClinGen's two curations, gnomAD's constraint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import polars as pl

from varde.annotation.gene_validity import read_clingen_validity
from varde.annotation.keyed_file import damaged
from varde.annotation.knowledge import (
    GeneKnowledge,
    Inheritance,
    KnowledgeTable,
    LofMechanism,
    read_clingen_dosage,
    read_gene_knowledge,
    read_gnomad_constraint,
)
from varde.annotation.source_folder import Origin, describe, new_source, read_description
from varde.genome.errors import InputError

ROWS = "genes.parquet"
READERS: dict[str, Callable[[Path, str], KnowledgeTable]] = {
    "gene_list": lambda path, _version: read_gene_knowledge(path),
    "clingen_dosage": lambda path, _version: read_clingen_dosage(path),
    "clingen_validity": lambda path, _version: read_clingen_validity(path),
    "gnomad_constraint": read_gnomad_constraint,
}
"""Kinds of tables, in the order in which they are believed."""

_SCHEMA = pl.Schema(
    dict.fromkeys(("gene", "inheritance", "lof_mechanism", "source", "version", "disease"), pl.String)
    | {"hpo": pl.List(pl.String)}
    | dict.fromkeys(("pli", "loeuf", "missense_z"), pl.Float64)
    | {"validity": pl.String}
)


def import_gene_table(root: str | Path, file: str | Path, origin: Origin, kind: str) -> Path:
    """Import a table of one of the ``READERS`` as ``<root>/<name>-<version>``; return the folder.

    Raises InputError: those of the reader, ``unknown_kind`` and ``no_rows``; nothing is then stored.
    """
    path = Path(file)
    if kind not in READERS:
        raise InputError(
            "unknown_kind", f"{kind!r} is no table of genes.", f"Known are {', '.join(READERS)}.", field="kind"
        )
    rows = READERS[kind](path, origin.version).rows
    if not rows:
        raise InputError("no_rows", "The table has no rows.", "Fetch the file again.", source=path.name)
    with new_source(root, origin) as working:
        pl.DataFrame([asdict(row) for row in rows], schema=_SCHEMA).write_parquet(working / ROWS)
        describe(working, kind, origin, path, build=None, read=len(rows), kept=len(rows), dropped={})
    return Path(root) / f"{origin.name}-{origin.version}"


def open_gene_table(folder: str | Path) -> KnowledgeTable:
    """The rows of an imported table. Raises InputError ``no_source``, ``wrong_kind``, ``damaged_source``."""
    place = Path(folder)
    described = read_description(place)
    if described.kind not in READERS:
        raise InputError(
            "wrong_kind", f"{place.name} is of kind {described.kind}, no table of genes.", "Choose another source."
        )
    try:
        rows = pl.read_parquet(place / ROWS).to_dicts()
        return KnowledgeTable(tuple(_row(row) for row in rows))
    except (OSError, pl.exceptions.PolarsError, ValueError, TypeError):
        raise damaged(place.name, ROWS) from None


def _row(told: dict[str, Any]) -> GeneKnowledge:
    fields = told | {
        "inheritance": Inheritance(told["inheritance"]),
        "lof_mechanism": LofMechanism(told["lof_mechanism"]),
        "hpo": tuple(told["hpo"] or ()),
    }
    return GeneKnowledge(**fields)
