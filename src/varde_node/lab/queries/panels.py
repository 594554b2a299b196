"""The panel of a case, and the laboratory's panels to choose among."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from django.conf import settings

from varde.annotation.genes import read_gff3
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.references import ReferenceStore
from varde_node.lab.case_access import case_for
from varde_node.lab.models import PanelVersion
from varde_node.lab.states import CONFIDENCE_WORDS, StateWord
from varde_node.people.services import Actor


@dataclass(frozen=True)
class PanelGeneView:
    """A gene of a panel. ``in_transcripts`` is None when the node has no transcript set to look in."""

    symbol: str
    confidence: str
    inheritance: str
    in_transcripts: bool | None

    @property
    def confidence_word(self) -> StateWord:
        """The curators' confidence by word and shape."""
        return CONFIDENCE_WORDS[self.confidence]


@dataclass(frozen=True)
class PanelView:
    """A panel version with what this node can see of it."""

    name: str
    version: str
    source: str
    stored_at: datetime
    genes: tuple[PanelGeneView, ...]
    reference: str

    @property
    def transcripts_known(self) -> bool:
        """Whether there was a transcript set to look in."""
        return any(gene.in_transcripts is not None for gene in self.genes)

    @property
    def missing(self) -> tuple[str, ...]:
        """Genes that the transcript set lacks: their variants cannot be found under that name."""
        return tuple(gene.symbol for gene in self.genes if gene.in_transcripts is False)


@dataclass(frozen=True)
class PanelChoice:
    """A panel version that an order may name."""

    name: str
    version: str
    genes: int


def panel(actor: Actor, case_id: UUID) -> PanelView:
    """The panel of a case."""
    row = case_for(actor, "lab.panel.read", case_id).panel
    known = _symbols()
    return PanelView(
        name=row.name,
        version=row.version,
        source=row.source,
        stored_at=row.created_at,
        genes=tuple(
            PanelGeneView(
                gene["symbol"],
                gene["confidence"],
                gene["inheritance"],
                None if known is None else gene["symbol"] in known,
            )
            for gene in sorted(row.genes, key=lambda gene: gene["symbol"])
        ),
        reference=settings.REFERENCE,
    )


def panels() -> tuple[PanelChoice, ...]:
    """Every stored panel version, by name, the newest version first. A panel is public knowledge: nothing is asked."""
    rows = PanelVersion.objects.order_by("name", "-created_at")
    return tuple(PanelChoice(row.name, row.version, len(row.genes)) for row in rows)


def build_name() -> str:
    """The build that files must have; empty when the node's reference has not been added."""
    try:
        return ReferenceStore(settings.REFERENCES).get(settings.REFERENCE).build.value
    except InputError:
        return ""


def _symbols() -> frozenset[str] | None:
    """Gene symbols of the node's transcript set."""
    try:
        reference = ReferenceStore(settings.REFERENCES).get(settings.REFERENCE)
    except InputError:
        return None
    return None if reference.gff3 is None else _symbols_of(reference.gff3, reference.build)


@lru_cache(maxsize=4)
def _symbols_of(gff3: Path, build: Build) -> frozenset[str]:
    return frozenset(read_gff3(gff3, build).by_gene)
