"""Symbols of genes, present and former: a panel with an old symbol finds its gene, an unknown one is named.

From NCBI's tables: a symbol is current, or an alias of one current gene (resolved), or of several (ambiguous, left to a
person), or unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path

import polars as pl

from varde.annotation.source_folder import Origin, SourceDescription, describe, new_source, read_description
from varde.annotation.text_table import TextTable, refuse_rows
from varde.genome.errors import InputError

KIND = "gene_names"
SYMBOLS, ALIASES = "symbols.parquet", "aliases.parquet"


class SymbolState(StrEnum):
    """What is known of a symbol."""

    CURRENT = "current"
    ALIAS = "alias"
    AMBIGUOUS = "ambiguous"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class ResolvedSymbol:
    """``given`` as written; ``symbol`` the current one, None unless current or an alias of one gene; ``candidates``
    the genes that an ambiguous alias may mean."""

    given: str
    state: SymbolState
    symbol: str | None
    candidates: tuple[str, ...] = ()


def import_gene_names(root: str | Path, genes: str | Path, aliases: str | Path, origin: Origin) -> Path:
    """Import two tables as ``<root>/<name>-<version>``: ``entrez``, ``symbol`` (other columns are passed over), and
    ``entrez``, ``alias``.

    Raises InputError: those of ``TextTable``, ``missing_column``, ``bad_row`` and ``no_rows``; nothing is then stored.
    """
    symbols = _read(Path(genes), "symbol")
    names = _read(Path(aliases), "alias")
    known = names.join(symbols, on="entrez", how="inner").select("alias", "symbol").unique()
    with new_source(root, origin) as working:
        symbols.select("symbol", "entrez").sort("symbol").write_parquet(working / SYMBOLS)
        known.sort("alias", "symbol").write_parquet(working / ALIASES)
        orphans = names.join(symbols, on="entrez", how="anti").height
        describe(
            working, KIND, origin, Path(genes),
            build=None, read=symbols.height + names.height, kept=symbols.height + names.height - orphans,
            dropped={"alias_of_no_gene": orphans} if orphans else {}, details={"aliases": Path(aliases).name},
        )  # fmt: skip
    return Path(root) / f"{origin.name}-{origin.version}"


def _read(path: Path, column: str) -> pl.DataFrame:
    with TextTable(path) as table:
        table.require(["entrez", column], f"Give a table with columns entrez and {column}.")
        frames = list(table.frames({"entrez": "entrez", column: column}))
        if not frames:
            raise InputError("no_rows", "The table has no rows.", "Fetch the file again.", source=table.name)
        rows = pl.concat(frames)
        bad = ~pl.col("entrez").str.contains("^[0-9]{1,10}$")
        refuse_rows(rows, bad, table.name, "entrez", "NCBI's gene number is expected.", "Fetch the file again.")
    return rows.select(pl.col("entrez").cast(pl.Int64), pl.col(column).str.strip_chars()).filter(pl.col(column) != "")


@dataclass(frozen=True)
class GeneNames:
    """Imported symbols; open with ``GeneNames.open(folder)``."""

    folder: Path
    description: SourceDescription

    @classmethod
    def open(cls, folder: str | Path) -> GeneNames:
        """Raises InputError ``no_source``, ``unknown_format``, ``wrong_kind``, ``damaged_source``."""
        return cls(Path(folder), read_description(folder, KIND))

    @cached_property
    def _current(self) -> frozenset[str]:
        return frozenset(pl.read_parquet(self.folder / SYMBOLS)["symbol"].to_list())

    @cached_property
    def _aliases(self) -> Mapping[str, tuple[str, ...]]:
        rows = pl.read_parquet(self.folder / ALIASES).group_by("alias").agg(pl.col("symbol").sort())
        return {alias: tuple(symbols) for alias, symbols in rows.iter_rows()}

    def resolve(self, symbol: str, known: frozenset[str] | None = None) -> ResolvedSymbol:
        """What a symbol stands for. ``known`` are the symbols that the annotation in use has: one of them is always
        current, and an alias that fits one of them alone is not ambiguous."""
        given = symbol.strip()
        if given in (known or ()) or given in self._current:
            return ResolvedSymbol(symbol, SymbolState.CURRENT, given)
        candidates = self._aliases.get(given, ())
        used = [one for one in candidates if known is not None and one in known]
        if len(used) == 1 or len(candidates) == 1:
            return ResolvedSymbol(symbol, SymbolState.ALIAS, used[0] if used else candidates[0], candidates)
        state = SymbolState.AMBIGUOUS if candidates else SymbolState.UNKNOWN
        return ResolvedSymbol(symbol, state, None, candidates)

    def resolve_all(self, symbols: Iterable[str], known: frozenset[str] | None = None) -> tuple[ResolvedSymbol, ...]:
        """``resolve`` of each, in the order given."""
        return tuple(self.resolve(symbol, known) for symbol in symbols)
