"""The table of a region as its address tells: order, filters and page; whatever the address holds, there is a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from urllib.parse import urlencode

import numpy as np
import polars as pl
from django.http import QueryDict
from numpy.typing import NDArray

from varde.frequency.browse import Kind, Window

SIZES = (50, 100, 500, 1_000)
SHARES = ("0.0001", "0.001", "0.01", "0.05", "0.1")
"""Frequencies that the table can be narrowed to, as the address writes them."""


@dataclass(frozen=True)
class TableState:
    """Order, filters and page. ``least`` and ``most`` are frequencies as text, empty for none."""

    sort: str = "position"
    kind: str = Kind.ALL
    least: str = ""
    most: str = ""
    size: int = 100
    page: int = 1

    @classmethod
    def of(cls, query: QueryDict, columns: Mapping[str, str]) -> TableState:
        """From an address; what it says wrongly is as if it were not said. ``columns``: names to sort by."""
        sort, kind = query.get("sort", ""), query.get("kind", "")
        size, page = query.get("size", ""), query.get("page", "")
        return cls(
            sort=sort if sort.removeprefix("-") in columns else cls.sort,
            kind=kind if kind in list(Kind) else cls.kind,
            least=query.get("least", "") if query.get("least") in SHARES else "",
            most=query.get("most", "") if query.get("most") in SHARES else "",
            size=int(size) if size in map(str, SIZES) else cls.size,
            page=int(page) if page.isdecimal() and 1 <= len(page) <= 9 and int(page) else 1,
        )

    def address(self, **changes: str | int) -> str:
        """The query of the same table with changes, without what is as usual."""
        other, usual = replace(self, **changes), TableState()
        said = {one.name: getattr(other, one.name) for one in fields(other)}
        return "?" + urlencode({name: value for name, value in said.items() if value != getattr(usual, name)})

    @property
    def column(self) -> str:
        return self.sort.removeprefix("-")

    @property
    def descending(self) -> bool:
        return self.sort.startswith("-")


@dataclass(frozen=True)
class Heading:
    """A column that can be sorted by: its address, and how it is sorted now (for ``aria-sort``)."""

    label: object
    address: str
    sorted_now: str
    numeric: bool


@dataclass(frozen=True)
class TablePage:
    """One page of a region's table. ``first`` and ``last`` are numbers of rows, from 1."""

    state: TableState
    rows: pl.DataFrame
    total: int
    matching: int
    pages: int
    first: int
    last: int

    @property
    def steps(self) -> dict[str, str]:
        """Addresses of the first, previous, next and last page, those that there are."""
        page = self.state.page
        wanted = {"first": 1, "previous": page - 1, "next": page + 1, "last": self.pages}
        away = {name: number for name, number in wanted.items() if number != page and 1 <= number <= self.pages}
        return {name: self.state.address(page=number) for name, number in away.items()}


def narrowed(window: Window, state: TableState, frequency: str) -> tuple[Window, NDArray[np.int64]]:
    """The sites that the filters let through, and their order. ``frequency`` is the column they are filtered by."""
    kept = window.of_kind(Kind(state.kind))
    shares = kept.columns[frequency]
    if state.least:
        kept = kept.only(shares >= float(state.least))
    if state.most:
        kept = kept.only(kept.columns[frequency] <= float(state.most))
    return kept, kept.order(state.column, descending=state.descending)


def table_page(window: Window, state: TableState, frequency: str) -> TablePage:
    """The page that the state asks for; the last one when it asks for one beyond."""
    kept, order = narrowed(window, state, frequency)
    pages = max(-(-len(kept) // state.size), 1)
    state = replace(state, page=min(state.page, pages))
    start = (state.page - 1) * state.size
    rows = kept.frame(order[start : start + state.size])
    return TablePage(state, rows, len(window), len(kept), pages, min(start + 1, len(kept)), start + rows.height)


def headings(state: TableState, columns: Mapping[str, object]) -> tuple[Heading, ...]:
    """The columns in their order; a second press turns the order round."""
    return tuple(
        Heading(label, state.address(sort=_turned(state, name), page=1), _sorted(state, name), name != "position")
        for name, label in columns.items()
    )


def _turned(state: TableState, name: str) -> str:
    first, other = (name, f"-{name}") if name == "position" else (f"-{name}", name)
    return other if state.sort == first else first


def _sorted(state: TableState, name: str) -> str:
    if state.column != name:
        return "none"
    return "descending" if state.descending else "ascending"
