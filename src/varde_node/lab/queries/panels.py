"""The panel of a case, and the laboratory's panels to choose among."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.http import Http404

from varde.genome.errors import InputError
from varde.genome.references import ReferenceStore
from varde.interpretation.panels import PanelGene, compare_panels
from varde_node.lab import opened
from varde_node.lab.case_access import case_for
from varde_node.lab.models import PanelVersion
from varde_node.lab.states import CONFIDENCE_WORDS, StateWord
from varde_node.people import queries as people
from varde_node.people.services import Actor, require


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
class PanelChangeView:
    """A case was given another panel."""

    before: str
    after: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class PanelLine:
    """A panel version of the list; ``green`` of its ``genes`` are green."""

    id: UUID
    name: str
    version: str
    genes: int
    green: int
    source: str
    stored_at: datetime
    incidental: bool


@dataclass(frozen=True)
class PanelView:
    """A panel version with what this node can see of it. ``renamed`` are former symbols that were replaced when it was
    stored, ``left_out`` what its source lists that is no gene, ``changes`` those of the case, the newest first."""

    id: UUID
    name: str
    version: str
    source: str
    stored_at: datetime
    genes: tuple[PanelGeneView, ...]
    reference: str
    incidental: bool
    renamed: tuple[tuple[str, str], ...]
    left_out: tuple[str, ...]
    changes: tuple[PanelChangeView, ...] = ()

    @property
    def title(self) -> str:
        """Name and version."""
        return f"{self.name} {self.version}"

    @property
    def transcripts_known(self) -> bool:
        """Whether there was a transcript set to look in."""
        return any(gene.in_transcripts is not None for gene in self.genes)

    @property
    def missing(self) -> tuple[str, ...]:
        """Genes that the transcript set lacks: their variants cannot be found under that name."""
        return tuple(gene.symbol for gene in self.genes if gene.in_transcripts is False)


@dataclass(frozen=True)
class PanelComparison:
    """What a later panel changes; ``changed`` are (before, after), ``same`` counts the genes that are alike."""

    before: PanelView
    after: PanelView
    added: tuple[PanelGeneView, ...]
    removed: tuple[PanelGeneView, ...]
    changed: tuple[tuple[PanelGeneView, PanelGeneView], ...]
    same: int


@dataclass(frozen=True)
class PanelChoice:
    """A panel version that an order may name."""

    name: str
    version: str
    genes: int


def panel(actor: Actor, case_id: UUID) -> PanelView:
    """The panel of a case, with the changes that led to it."""
    case = case_for(actor, "lab.panel.read", case_id)
    changes = case.panel_changes.select_related("before", "after").order_by("-at")
    told = tuple(
        PanelChangeView(_title(row.before), _title(row.after), row.reason, people.account_name(row.by_id), row.at)
        for row in changes
    )
    return replace(_view(case.panel), changes=told)


def stored_panel(actor: Actor, panel_id: UUID) -> PanelView:
    """A stored panel version. Raises ``Http404``."""
    require(actor, "lab.panels.read")
    return _view(_row(panel_id))


def panel_lines(actor: Actor) -> tuple[PanelLine, ...]:
    """Every stored panel version, by name, the newest version first."""
    require(actor, "lab.panels.read")
    rows = PanelVersion.objects.order_by("name", "-created_at")
    return tuple(
        PanelLine(
            row.id,
            row.name,
            row.version,
            len(row.genes),
            sum(gene["confidence"] == "green" for gene in row.genes),
            row.source,
            row.created_at,
            row.incidental,
        )
        for row in rows
    )


def panel_comparison(actor: Actor, before_id: UUID, after_id: UUID) -> PanelComparison:
    """What changes from one stored panel to another. Raises ``Http404``."""
    require(actor, "lab.panels.read")
    before, after = _row(before_id), _row(after_id)
    diff = compare_panels(opened.panel_of(before), opened.panel_of(after))
    return PanelComparison(
        before=_view(before),
        after=_view(after),
        added=tuple(map(_gene, diff.added)),
        removed=tuple(map(_gene, diff.removed)),
        changed=tuple((_gene(old), _gene(new)) for old, new in diff.changed),
        same=diff.same,
    )


def panel_text(actor: Actor, panel_id: UUID) -> str:
    """A stored panel as the table that the editor and the importer read. Raises ``Http404``."""
    require(actor, "lab.panels.read")
    row = _row(panel_id)
    genes = (f"{gene['symbol']}\t{gene['confidence']}\t{gene['inheritance']}" for gene in row.genes)
    return "\n".join(["gene\tconfidence\tinheritance", *genes]) + "\n"


def _row(panel_id: UUID) -> PanelVersion:
    row = PanelVersion.objects.filter(id=panel_id).first()
    if row is None:
        raise Http404
    return row


def _title(row: PanelVersion) -> str:
    return f"{row.name} {row.version}"


def _gene(gene: PanelGene) -> PanelGeneView:
    return PanelGeneView(gene.symbol, gene.confidence.name.lower(), gene.inheritance_text, None)


def _view(row: PanelVersion) -> PanelView:
    known = opened.gene_symbols()
    genes = sorted(row.genes, key=lambda gene: gene["symbol"])
    return PanelView(
        id=row.id,
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
            for gene in genes
        ),
        reference=settings.REFERENCE,
        incidental=row.incidental,
        renamed=tuple((old, new) for old, new in row.notes.get("renamed", ())),
        left_out=tuple(row.notes.get("left_out", ())),
    )


def panels() -> tuple[PanelChoice, ...]:
    """Every stored panel version, by name, the newest version first. A panel is public knowledge: nothing is asked."""
    rows = PanelVersion.objects.filter(incidental=False).order_by("name", "-created_at")
    return tuple(PanelChoice(row.name, row.version, len(row.genes)) for row in rows)


def build_name() -> str:
    """The build that files must have; empty when the node's reference has not been added."""
    try:
        return ReferenceStore(settings.REFERENCES).get(settings.REFERENCE).build.value
    except InputError:
        return ""
