"""Prepared cases kept in memory between requests, so that a changed filter is answered at once.

Per process; keyed by the analysis, which never changes once finished. A new upload makes a new analysis.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import polars as pl
from django.conf import settings

from varde.annotation.knowledge import KnowledgeTable, merge, read_gene_knowledge
from varde.annotation.names import HgvsNamer
from varde.genome.errors import InputError
from varde.genome.references import Reference, ReferenceStore
from varde.interpretation.analysis import FilterOutcome, FilterSettings, PreparedCase, filter_case
from varde.interpretation.known import KnowledgeBase
from varde.interpretation.panels import Confidence, Panel, PanelGene
from varde.interpretation.panels import inheritance_of as panel_inheritance
from varde_node.lab.case_access import current_analysis, in_data_folder
from varde_node.lab.models import Analysis, Case, KnowledgeSource, PanelVersion, Scope

CASES_KEPT = 6
"""Prepared cases in memory; a trio of 60,000 records takes about 60 MB."""
OUTCOMES_KEPT = 48

Made = TypeVar("Made")
_lock = threading.RLock()


def analysis_of(case: Case) -> Analysis:
    """The analysis that counts; InputError ``not_analysed`` when there is none yet."""
    found = current_analysis(case)
    if found is None or not found.folder:
        raise InputError(
            code="not_analysed",
            problem="The case has no finished analysis yet.",
            remedy="Receive the samples and upload the family's variant files first.",
        )
    return found


def prepared_case(analysis: Analysis) -> PreparedCase:
    """The prepared case of an analysis, from memory when it was opened before."""
    return prepared_folder(analysis.id, analysis.folder)


def prepared_folder(analysis_id: UUID, folder: str) -> PreparedCase:
    """As ``prepared_case``, by the analysis' identifier and folder."""
    return _once(_load, analysis_id, folder)


def outcome(case: Case, analysis: Analysis, chosen: FilterSettings, scope: str) -> FilterOutcome:
    """The filters' answer under these settings in the panel's genes or in all; equal questions from memory."""
    panel = case.panel if scope == Scope.PANEL else None
    return _once(_filter, analysis.id, analysis.folder, chosen, panel and panel.id, tuple(case.hpo_terms))


def rows_in_scope(case: Case, analysis: Analysis) -> pl.Series | None:
    """Rows that the case is open for: those in the panel's genes, of any confidence; None once all genes are open."""
    prepared = prepared_case(analysis)
    if case.scope == Scope.ALL_GENES or not prepared.has_consequences:
        return None
    listed = [gene["symbol"] for gene in case.panel.genes]
    inside = pl.col("gene").is_in(listed) | pl.col("gene").is_null()
    return prepared.consequences.filter(inside)["row"].unique()


def default_settings(analysis: Analysis) -> FilterSettings:
    """The laboratory's filters, with the gate that the case was prepared with."""
    return FilterSettings(gate=prepared_case(analysis).gate)


def panel_of(stored: PanelVersion) -> Panel:
    """A stored panel as the library's value."""
    genes = tuple(
        PanelGene(
            symbol=gene["symbol"],
            confidence=Confidence[str(gene["confidence"]).upper()],
            inheritance=panel_inheritance(gene.get("inheritance") or ""),
            inheritance_text=gene.get("inheritance") or "",
        )
        for gene in stored.genes
    )
    source, _, checksum = stored.source.partition(", SHA-256 ")
    return Panel(stored.name, stored.version, source, checksum, genes)


def reference() -> Reference | None:
    """The reference that cases are prepared with; None when the node has none."""
    return _reference(settings.REFERENCES, settings.REFERENCE)


def namer() -> HgvsNamer | None:
    """Names variants on the node's reference. Making the first one of a process takes about a second."""
    return _once(_namer, settings.REFERENCES, settings.REFERENCE)


def gene_knowledge() -> KnowledgeTable | None:
    """What is known of genes: the laboratory's configured table, then the imported ones in use; None when there is
    none."""
    path = Path(settings.GENE_KNOWLEDGE)
    modified = path.stat().st_mtime_ns if path.is_file() else None
    return _once(_knowledge, path, modified, settings.DATA, sources_in_use())


def knowledge_base() -> KnowledgeBase | None:
    """The knowledge sources in use, opened; None when none is. From memory while the same ones are in use."""
    folders = sources_in_use()
    return _once(_base, settings.DATA, folders) if folders else None


def sources_in_use() -> tuple[str, ...]:
    """The folders of the knowledge sources in use: they name what an answer was looked up in."""
    in_use = KnowledgeSource.objects.filter(active=True).order_by("place")
    return tuple(in_use.values_list("folder", flat=True))


def _once(make: Callable[..., Made], *question: object) -> Made:
    # Two requests for the same case must not both load it.
    with _lock:
        return make(*question)


@lru_cache(maxsize=CASES_KEPT)
def _load(_analysis: UUID, folder: str) -> PreparedCase:
    return PreparedCase.load(in_data_folder(folder))


@lru_cache(maxsize=OUTCOMES_KEPT)
def _filter(
    analysis: UUID, folder: str, chosen: FilterSettings, panel: UUID | None, hpo: tuple[str, ...]
) -> FilterOutcome:
    stored = None if panel is None else panel_of(PanelVersion.objects.get(id=panel))
    return filter_case(_load(analysis, folder), chosen, stored, hpo)


@lru_cache(maxsize=4)
def _reference(folder: Path, name: str) -> Reference | None:
    store = ReferenceStore(folder)
    return store.get(name) if name in store.names() else None


@lru_cache(maxsize=2)
def _namer(folder: Path, name: str) -> HgvsNamer | None:
    found = _reference(folder, name)
    return None if found is None or found.gff3 is None else HgvsNamer(found)


@lru_cache(maxsize=2)
def _base(_data: Path, folders: tuple[str, ...]) -> KnowledgeBase:
    return KnowledgeBase.open(in_data_folder(folder) for folder in folders)


@lru_cache(maxsize=4)
def _knowledge(path: Path, modified: int | None, data: Path, folders: tuple[str, ...]) -> KnowledgeTable | None:
    own = None if modified is None else read_gene_knowledge(path)
    imported = _base(data, folders).genes if folders else None
    tables = [table for table in (own, imported) if table is not None]
    return merge(*tables) if tables else None
