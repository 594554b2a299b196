"""Prepared cases kept in memory between requests, so that a changed filter is answered at once.

Per process; keyed by the analysis, which never changes once finished. A new upload makes a new analysis.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import polars as pl
from django.conf import settings
from django.utils import timezone

from varde.annotation.gene_names import GeneNames
from varde.annotation.genes import reference_transcripts
from varde.annotation.knowledge import KnowledgeTable, merge, read_gene_knowledge
from varde.annotation.names import HgvsNamer
from varde.consent import Purpose
from varde.genome.builds import CONTIGS
from varde.genome.errors import InputError
from varde.genome.keys import encode_keys
from varde.genome.references import Reference, ReferenceStore
from varde.interpretation.analysis import FilterOutcome, FilterSettings, PreparedCase, filter_case
from varde.interpretation.chain import settings_from_plain
from varde.interpretation.filters import EARLIER, Rescue, Withheld
from varde.interpretation.known import KnowledgeBase
from varde.interpretation.panels import Confidence, Panel, PanelGene
from varde.interpretation.panels import inheritance_of as panel_inheritance
from varde_node.consent import queries as consent
from varde_node.lab.case_access import current_analysis, in_data_folder
from varde_node.lab.models import (
    Analysis,
    Assessment,
    Case,
    CaseKind,
    ChainChoice,
    FilterChainVersion,
    KnowledgeSource,
    PanelVersion,
    Scope,
    VariantKind,
)

CASES_KEPT = 6
"""Prepared cases in memory; a trio of 60,000 records takes about 60 MB."""
OUTCOME_ROWS_KEPT = 6_000_000
"""Rows of all traces in memory together: a hundred exome trios, or one genome."""
LEAST_EARLIER_CLASS = 3
"""The class from which on an earlier assessment spares a variant."""

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
    panel = case.panel_id if scope == Scope.PANEL else None
    asked = replace(chosen, rescues=_earlier(case, analysis)) if chosen.keep_earlier else chosen
    facts = (tuple(case.hpo_terms), tuple(case.named_genes), withheld(case))
    return _outcomes.get((analysis.id, asked, panel, *facts), lambda: _filter(analysis, asked, panel, *facts))


def withheld(case: Case) -> Withheld | None:
    """The laboratory's list of incidental findings, while the patient has not asked for them."""
    listed = PanelVersion.objects.filter(incidental=True).order_by("-created_at").first()
    if listed is None or consent.decide(case.patient_id, Purpose.INCIDENTAL_FINDINGS, at=timezone.now()).allowed:
        return None
    own = frozenset(gene["symbol"] for gene in case.panel.genes) | frozenset(case.named_genes)
    return Withheld(f"{listed.name} {listed.version}", frozenset(gene["symbol"] for gene in listed.genes), own)


def _earlier(case: Case, analysis: Analysis) -> tuple[Rescue, ...]:
    """Alleles that the laboratory gave class 3 to 5 in another case: the newest assessment of each case counts."""
    rows = (
        Assessment.objects.filter(
            case__laboratory_id=case.laboratory_id, kind=VariantKind.SMALL, build=prepared_case(analysis).build.value
        )
        .exclude(case=case)
        .order_by("case_id", "variant", "number")
    )
    newest = {
        (case_id, variant): chosen
        for case_id, variant, chosen in rows.values_list("case_id", "variant", "chosen_class")
    }
    variants = sorted({variant for (_case, variant), chosen in newest.items() if chosen >= LEAST_EARLIER_CLASS})
    keys = frozenset(key for variant in variants if (key := _key(variant)) is not None)
    return (Rescue(EARLIER, keys),) if keys else ()


@lru_cache(maxsize=65_536)
def _key(variant: str) -> int | None:
    contig, position, ref, alt = variant.split("-")
    try:
        return int(encode_keys([CONTIGS.index(contig) + 1], [int(position)], [ref], [alt])[0])
    except ValueError:
        return None  # an allele too long for a key is not found again by it


def rows_in_scope(case: Case, analysis: Analysis) -> pl.Series | None:
    """Rows that the case is open for: those in the panel's genes, of any confidence, or those
    that are not kept back as incidental; None for all."""
    prepared, hidden = prepared_case(analysis), withheld(case)
    if not prepared.has_consequences:
        return None
    if case.scope != Scope.ALL_GENES:
        listed = [*(gene["symbol"] for gene in case.panel.genes), *case.named_genes]
        inside = pl.col("gene").is_in(listed)
    elif hidden is not None:
        inside = ~pl.col("gene").is_in(sorted(hidden.hidden))
    else:
        return None
    inside |= pl.col("gene").is_null()
    return prepared.consequences.filter(inside)["row"].unique()


def default_settings(analysis: Analysis) -> FilterSettings:
    """The settings of the case's chain, with the gate that the case was prepared with."""
    chain = chain_of(analysis.case)
    settings = FilterSettings() if chain is None else settings_from_plain(chain.settings)
    return replace(settings, gate=prepared_case(analysis).gate)


def chain_of(case: Case) -> FilterChainVersion | None:
    """The chain chosen for the case, else the laboratory's for its kind; None: the library's own settings."""
    rows = ChainChoice.objects.select_related("chain").order_by("-id")
    own = rows.filter(case=case).first()
    found = own or rows.filter(laboratory_id=case.laboratory_id, kind=kind_of(case)).first()
    return None if found is None else found.chain


def kind_of(case: Case) -> CaseKind:
    """What sort of family the case is."""
    roles = sorted(case.samples.values_list("role", flat=True))
    if roles == ["child"]:
        return CaseKind.SINGLE
    return CaseKind.TRIO if roles == ["child", "father", "mother"] else CaseKind.OTHER


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


def gene_symbols() -> frozenset[str] | None:
    """Symbols of the node's transcript set; None when the node has none."""
    found = reference()
    return None if found is None or found.gff3 is None else frozenset(reference_transcripts(found).by_gene)


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


def gene_names() -> GeneNames | None:
    """Present and former symbols, where a table of them is in use."""
    base = knowledge_base()
    return None if base is None else base.gene_names


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


class _Outcomes:
    """The last outcomes, as many as their traces have room for: a genome's is as large as eighty exomes'."""

    def __init__(self, rows: int) -> None:
        self._rows, self._kept = rows, OrderedDict[Hashable, FilterOutcome]()

    def get(self, question: Hashable, make: Callable[[], FilterOutcome]) -> FilterOutcome:
        """The outcome of a question, made when it is not kept; the last one always is."""
        with _lock:
            if question not in self._kept:
                self._kept[question] = make()
            self._kept.move_to_end(question)
            while len(self._kept) > 1 and sum(one.trace.height for one in self._kept.values()) > self._rows:
                self._kept.popitem(last=False)
            return self._kept[question]


_outcomes = _Outcomes(OUTCOME_ROWS_KEPT)


def _filter(
    analysis: Analysis,
    chosen: FilterSettings,
    panel: UUID | None,
    hpo: tuple[str, ...],
    genes: tuple[str, ...],
    kept_back: Withheld | None,
) -> FilterOutcome:
    stored = None if panel is None else panel_of(PanelVersion.objects.get(id=panel))
    return filter_case(prepared_case(analysis), chosen, stored, hpo, named_genes=genes, withheld=kept_back)


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
