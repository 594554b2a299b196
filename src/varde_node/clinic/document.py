"""An answer as a document: headings, sentences, lists, tables, pictures. Page and PDF are drawn from the same one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe


@dataclass(frozen=True)
class Paragraph:
    """One paragraph. ``strong`` is the section's main sentence; ``own_words`` was written by a person."""

    text: str
    strong: bool = False
    own_words: bool = False
    kind: str = "paragraph"


@dataclass(frozen=True)
class Bullets:
    """A list of sentences."""

    items: tuple[str, ...]
    kind: str = "bullets"


@dataclass(frozen=True)
class Facts:
    """Terms and what they are."""

    rows: tuple[tuple[str, str], ...]
    kind: str = "facts"


@dataclass(frozen=True)
class Table:
    """A table; the first column names the row. ``numeric`` holds the places of number columns."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = frozenset()
    kind: str = "table"

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"table {self.caption!r}: a row has another number of cells than there are columns")

    def cells(self) -> Iterator[list[tuple[str, str, bool]]]:
        """Per row: (column name, text, is a number)."""
        for row in self.rows:
            yield [(self.columns[place], text, place in self.numeric) for place, text in enumerate(row)]


@dataclass(frozen=True)
class Picture:
    """A picture drawn by the server; ``description`` says in words what it shows."""

    svg: str
    description: str
    kind: str = "picture"

    @property
    def drawn(self) -> SafeString:
        """The picture as it is set into the page; every text in it was escaped when it was drawn."""
        return mark_safe(self.svg)  # noqa: S308 - drawn by us


@dataclass(frozen=True)
class Caution:
    """Something that must not be overlooked."""

    text: str
    kind: str = "caution"


Block = Paragraph | Bullets | Facts | Table | Picture | Caution


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it. ``key`` is stable, for links and tests."""

    key: str
    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Document:
    """A whole answer. ``lead`` are the facts above the first heading."""

    title: str
    language: str
    lead: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    footer: str

    def texts(self) -> Iterator[str]:
        """Every text of the document, in reading order: the same in page and PDF."""
        yield self.title
        for term, value in self.lead:
            yield from (term, value)
        for section in self.sections:
            yield section.heading
            for block in section.blocks:
                yield from _texts(block)
        yield self.footer

    def section(self, key: str) -> Section:
        """The section of that key; KeyError when the document has none."""
        for section in self.sections:
            if section.key == key:
                return section
        raise KeyError(key)


def _texts(block: Block) -> Iterator[str]:
    if isinstance(block, Paragraph | Caution):
        yield block.text
    elif isinstance(block, Bullets):
        yield from block.items
    elif isinstance(block, Facts):
        for row in block.rows:
            yield from row
    elif isinstance(block, Table):
        yield from block.columns
        for cells in block.rows:
            yield from cells
    else:
        yield block.description
