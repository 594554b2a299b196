"""Gene panels: versioned lists of genes with confidence and inheritance, from PanelApp JSON or a plain table."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from pathlib import Path
from typing import Any

from varde.annotation.gene_names import GeneNames, ResolvedSymbol, SymbolState
from varde.annotation.knowledge import Inheritance
from varde.genome.errors import InputError

_LARGEST_PANEL_BYTES = 100_000_000


class Confidence(IntEnum):
    """How sure the panel's curators are of a gene, in PanelApp's colours; a higher number is surer."""

    GREY = 0
    RED = 1
    AMBER = 2
    GREEN = 3


_BOTH = frozenset({Inheritance.AUTOSOMAL_DOMINANT, Inheritance.AUTOSOMAL_RECESSIVE})
_WORDS = (
    ("AD/AR", _BOTH),
    ("AR/AD", _BOTH),
    ("BOTH", _BOTH),
    ("MONOALLELIC", frozenset({Inheritance.AUTOSOMAL_DOMINANT})),
    ("BIALLELIC", frozenset({Inheritance.AUTOSOMAL_RECESSIVE})),
    ("X-LINKED", frozenset({Inheritance.X_LINKED})),
    ("MITOCHONDRIAL", frozenset({Inheritance.MITOCHONDRIAL})),
)


def inheritance_of(text: str | None) -> frozenset[Inheritance]:
    """Modes of inheritance in a short form or PanelApp's sentence; empty where it is not said or not recognised.

    >>> sorted(inheritance_of("BOTH monoallelic and biallelic, autosomal or pseudoautosomal"))
    [<Inheritance.AUTOSOMAL_DOMINANT: 'AD'>, <Inheritance.AUTOSOMAL_RECESSIVE: 'AR'>]
    """
    written = (text or "").strip().upper()
    for word, inheritance in _WORDS:
        if written.startswith(word):
            return inheritance
    known = {one.value: one for one in Inheritance if one is not Inheritance.UNKNOWN}
    return frozenset({known[written]}) if written in known else frozenset()


@dataclass(frozen=True)
class PanelGene:
    """One gene of a panel. ``inheritance_text`` is what the source wrote."""

    symbol: str
    confidence: Confidence
    inheritance: frozenset[Inheritance] = frozenset()
    inheritance_text: str = ""
    hgnc_id: str | None = None

    def __post_init__(self) -> None:
        if not self.symbol or not self.symbol.isprintable() or any(letter.isspace() for letter in self.symbol):
            raise ValueError(f"{self.symbol!r} is not a gene symbol")


@dataclass(frozen=True)
class Panel:
    """A list of genes at one version. ``source`` is the file's name, ``checksum`` the SHA-256 of its bytes."""

    name: str
    version: str
    source: str
    checksum: str
    genes: tuple[PanelGene, ...]
    identifier: str | None = None
    left_out: tuple[str, ...] = ()
    """What the source lists that is no gene: regions and repeats. Not looked at as part of the panel."""

    def __post_init__(self) -> None:
        if not self.name or not self.version or not self.genes:
            raise ValueError("a panel has a name, a version and genes")
        if len({gene.symbol for gene in self.genes}) != len(self.genes):
            raise ValueError(f"panel {self.name} names a gene twice")

    def symbols(self, least: Confidence = Confidence.GREEN) -> frozenset[str]:
        """Symbols of the genes with at least this confidence."""
        return frozenset(gene.symbol for gene in self.genes if gene.confidence >= least)

    def unknown_symbols(self, known: Iterable[str]) -> tuple[str, ...]:
        """Symbols that a transcript set does not have, sorted: their variants cannot be found under that name."""
        return tuple(sorted({gene.symbol for gene in self.genes} - set(known)))


@dataclass(frozen=True)
class PanelDiff:
    """What a later version of a panel changes. ``changed`` are genes of another confidence or inheritance, as
    (before, after); all by symbol."""

    added: tuple[PanelGene, ...]
    removed: tuple[PanelGene, ...]
    changed: tuple[tuple[PanelGene, PanelGene], ...]
    same: int

    @property
    def is_empty(self) -> bool:
        """Whether the two versions list the same genes alike."""
        return not (self.added or self.removed or self.changed)


def compare_panels(before: Panel, after: Panel) -> PanelDiff:
    """What changes from one panel to another, usually two versions of one."""
    first = {gene.symbol: gene for gene in before.genes}
    second = {gene.symbol: gene for gene in after.genes}
    both = sorted(first.keys() & second.keys())
    changed = [(first[one], second[one]) for one in both if _said_of(first[one]) != _said_of(second[one])]
    return PanelDiff(
        added=tuple(second[one] for one in sorted(second.keys() - first.keys())),
        removed=tuple(first[one] for one in sorted(first.keys() - second.keys())),
        changed=tuple(changed),
        same=len(both) - len(changed),
    )


def _said_of(gene: PanelGene) -> tuple[Confidence, frozenset[Inheritance], str]:
    # A sentence that is read as the same modes in both is no change; one that is not read at all may be.
    return gene.confidence, gene.inheritance, "" if gene.inheritance else gene.inheritance_text


@dataclass(frozen=True)
class ResolvedPanel:
    """A panel with former symbols replaced. ``renamed`` are (former, current); ``unknown`` symbols and ``ambiguous``
    ones (symbol, what it may mean) stand in ``panel`` as written: their variants cannot be found."""

    panel: Panel
    renamed: tuple[tuple[str, str], ...]
    unknown: tuple[str, ...]
    ambiguous: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def is_clear(self) -> bool:
        """Whether every gene is known."""
        return not (self.unknown or self.ambiguous)


def resolve_panel(panel: Panel, names: GeneNames | None, known: frozenset[str] | None) -> ResolvedPanel:
    """The panel in the symbols of the annotation in use: ``known`` are its symbols, None where there is none.

    Without ``names`` a symbol that ``known`` lacks is unknown. Two symbols of one gene become one, the surer staying.
    """
    genes: dict[str, PanelGene] = {}
    renamed, unknown, ambiguous = [], [], []
    for gene in panel.genes:
        found = _resolved(gene.symbol, names, known)
        if found.state is SymbolState.UNKNOWN:
            unknown.append(gene.symbol)
        elif found.state is SymbolState.AMBIGUOUS:
            ambiguous.append((gene.symbol, found.candidates))
        symbol = found.symbol or gene.symbol
        if symbol != gene.symbol:
            renamed.append((gene.symbol, symbol))
        if symbol not in genes or gene.confidence > genes[symbol].confidence:
            genes[symbol] = replace(gene, symbol=symbol)
    resolved = replace(panel, genes=tuple(genes.values()))
    return ResolvedPanel(resolved, tuple(renamed), tuple(unknown), tuple(ambiguous))


def _resolved(symbol: str, names: GeneNames | None, known: frozenset[str] | None) -> ResolvedSymbol:
    if names is not None:
        return names.resolve(symbol, known)
    lacking = known is not None and symbol not in known
    return ResolvedSymbol(symbol, SymbolState.UNKNOWN if lacking else SymbolState.CURRENT, None if lacking else symbol)


def read_panels(path: str | Path) -> tuple[Panel, ...]:
    """All panels of a file: PanelApp JSON (one panel, a list, or one per line) or a table with a column ``gene``.

    The table is tab-separated with a heading; ``confidence`` (green, amber, red or 3, 2, 1; green when not given) and
    ``inheritance`` are optional. Lines such as ``# name: Epilepsy``, ``# version: 4.1`` name it; else the file's name
    and checksum do. Raises InputError that names line and field.
    """
    source = Path(path)
    return parse_panels(_read(source), source.name)


def parse_panels(raw: bytes, name: str) -> tuple[Panel, ...]:
    """All panels in the bytes of a file named so. Raises as ``read_panels`` does."""
    source = Path(name)
    if len(raw) > _LARGEST_PANEL_BYTES or b"\0" in raw:
        raise _no_panel(source.name)
    checksum = hashlib.sha256(raw).hexdigest()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InputError(
            "not_utf8", "The text is not UTF-8.", "Save the panel as UTF-8.", source=source.name, line=line
        ) from None
    if not text.strip():
        raise InputError("empty_panel", "The file is empty.", "Give a panel with genes.", source=source.name)
    if text.lstrip()[0] in "{[":
        return tuple(_panelapp(panel, line, source.name, checksum) for line, panel in _json_panels(text, source.name))
    return (_table(text, source, checksum),)


def read_panel(path: str | Path, identifier: str | None = None) -> Panel:
    """The one panel of a file, or the one with this identifier or name. Raises InputError as ``read_panels`` does,
    and when the choice is not clear."""
    panels = read_panels(path)
    chosen = [panel for panel in panels if identifier is None or identifier in (panel.identifier, panel.name)]
    if len(chosen) != 1:
        there = ", ".join(f"{panel.identifier or '-'} {panel.name}" for panel in panels[:10])
        raise InputError(
            "panel_choice",
            f"{len(chosen)} panels fit; the file has {there}.",
            "Name one of them by its identifier or name.",
            source=Path(path).name,
        )
    return chosen[0]


def _read(source: Path) -> bytes:
    try:
        with source.open("rb") as file:
            raw = file.read(_LARGEST_PANEL_BYTES + 1)
    except OSError as error:
        raise InputError(
            "unreadable", f"The file cannot be read: {error.strerror}.", "Check the path.", source=source.name
        ) from None
    return raw


def _no_panel(name: str) -> InputError:
    return InputError(
        "not_a_panel",
        "This is not a panel: it is binary or larger than 100 MB.",
        "Give PanelApp JSON or a table with a column 'gene'.",
        source=name,
    )


def _json_panels(text: str, name: str) -> list[tuple[int, dict[str, Any]]]:
    """Panels with the line each starts at: a whole JSON document, or one panel per line."""
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        whole = None
    if whole is not None:
        listed = whole.get("results", [whole]) if isinstance(whole, dict) else whole
        return [(1, panel) for panel in listed]
    panels = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            panels.append((number, json.loads(line)))
        except (ValueError, RecursionError):
            raise InputError(
                "not_json", "The line is not JSON.", "Export the panel again.", source=name, line=number
            ) from None
    return panels


def _panelapp(panel: Any, line: int, name: str, checksum: str) -> Panel:
    def refuse(problem: str, field: str) -> InputError:
        remedy = "Give the panel as PanelApp's interface writes it, with name, version and genes."
        return InputError("not_a_panel", problem, remedy, source=name, line=line, field=field)

    if not isinstance(panel, dict):
        raise refuse("A panel is a JSON object.", "panel")
    for field in ("name", "version", "genes"):
        if not panel.get(field):
            raise refuse(f"The panel has no {field}.", field)
    genes: dict[str, PanelGene] = {}
    for entry in panel["genes"]:
        try:
            gene = _panelapp_gene(entry)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise refuse(f"A gene cannot be read: {error}.", "genes") from None
        if gene.symbol not in genes or gene.confidence > genes[gene.symbol].confidence:
            genes[gene.symbol] = gene
    identifier = None if panel.get("id") is None else str(panel["id"])
    others = [one for kind in ("strs", "regions") for one in panel.get(kind) or () if isinstance(one, dict)]
    left_out = tuple(str(one.get("entity_name") or one.get("verbose_name") or "?") for one in others)
    return Panel(str(panel["name"]), str(panel["version"]), name, checksum, tuple(genes.values()), identifier, left_out)


def _panelapp_gene(entry: Mapping[str, Any]) -> PanelGene:
    level = int(entry["confidence_level"])
    text = entry.get("mode_of_inheritance") or ""
    return PanelGene(
        symbol=entry["gene_data"]["gene_symbol"],
        confidence=Confidence(min(level, Confidence.GREEN)),
        inheritance=inheritance_of(text),
        inheritance_text=text,
        hgnc_id=entry["gene_data"].get("hgnc_id"),
    )


def _table(text: str, source: Path, checksum: str) -> Panel:
    about = {"name": source.stem, "version": f"sha256:{checksum[:12]}"}
    heading: list[str] = []
    genes: dict[str, PanelGene] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("#"):
            key, _, value = line.lstrip("# ").partition(":")
            if key.strip().lower() in about and value.strip():
                about[key.strip().lower()] = value.strip()
        elif line.strip() and not heading:
            heading = [column.strip().lower() for column in line.split("\t")]
            _require_gene_column(heading, source.name, number)
        elif line.strip():
            gene = _table_gene(dict(zip(heading, line.split("\t"), strict=False)), source.name, number)
            if gene.symbol in genes:
                raise InputError(
                    "gene_twice",
                    f"{gene.symbol} is listed twice.",
                    "Keep one line.",
                    source=source.name,
                    line=number,
                    field="gene",
                )
            genes[gene.symbol] = gene
    if not genes:
        raise InputError("empty_panel", "The panel names no gene.", "Add a line per gene.", source=source.name)
    return Panel(about["name"], about["version"], source.name, checksum, tuple(genes.values()))


def _require_gene_column(heading: list[str], name: str, line: int) -> None:
    if "gene" not in heading:
        raise InputError(
            "not_a_panel",
            f"The heading has no column 'gene' but {', '.join(heading[:5])!r}.",
            "Name the columns gene, confidence and inheritance, separated by tabs.",
            source=name,
            line=line,
            field="gene",
        )


def _table_gene(row: Mapping[str, str], name: str, line: int) -> PanelGene:
    text = row.get("inheritance", "").strip()
    written = row.get("confidence", "").strip()
    level = _LEVELS.get(written.lower())
    if level is None:
        raise InputError(
            "bad_confidence",
            f"{written!r} is not a confidence.",
            "Write green, amber, red or 3, 2, 1.",
            source=name,
            line=line,
            field="confidence",
        )
    try:
        return PanelGene(row["gene"].strip(), level, inheritance_of(text), text)
    except ValueError as error:
        raise InputError(
            "bad_gene", f"{error}.", "Write one symbol per line.", source=name, line=line, field="gene"
        ) from None


_LEVELS = {
    **{confidence.name.lower(): confidence for confidence in Confidence},
    **{str(int(confidence)): confidence for confidence in Confidence},
    "": Confidence.GREEN,
}
