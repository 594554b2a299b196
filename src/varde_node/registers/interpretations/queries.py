"""Reads of earlier interpretations: in full for health professionals, in short for everybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from varde.frequency.cells import DiseaseGroup
from varde.frequency.interpretations import PublicClass, Statement, Summary, public_classes, summarise
from varde.genome.alleles import Variant
from varde.genome.builds import Build
from varde_node.people import queries as people
from varde_node.people.services import Actor, require
from varde_node.registers.interpretations.legal import LEGAL_BASIS, LegalBasis
from varde_node.registers.interpretations.models import EarlierInterpretation, InterpretationState

__all__ = [
    "InterpretationsView",
    "Line",
    "entry_of",
    "interpretations_of",
    "interpreted_variants",
    "public_interpretations_of",
]


@dataclass(frozen=True)
class Line:
    """One class as entered. ``own``: of the reader's organisation. ``state``: current, superseded or withdrawn."""

    id: UUID
    acmg_class: int
    region: str
    laboratory_name: str
    guideline: str
    disease_group: DiseaseGroup
    year: int
    month: int
    state: str
    own: bool

    @property
    def signed_no_earlier_than(self) -> date:
        """The first day of its month: the day itself is not kept, and an age is never understated."""
        return date(self.year, self.month, 1)


@dataclass(frozen=True)
class InterpretationsView:
    """What laboratories concluded of one variant. ``summary`` is of the present classes; ``lines`` newest first."""

    variant: str
    build: str
    summary: Summary | None
    lines: tuple[Line, ...]
    basis: LegalBasis


def interpretations_of(actor: Actor, variant: Variant) -> InterpretationsView:
    """Everything known of a normalised variant, withdrawn and superseded classes included. Written to the trail."""
    require(actor, "registers.interpretation.read", details={"register": "interpretations"})
    rows = list(EarlierInterpretation.objects.filter(build=variant.build, variant=str(variant)))
    lines = _lines(actor, rows)
    lines.sort(key=lambda line: (line.year, line.month, line.state == InterpretationState.CURRENT), reverse=True)
    return InterpretationsView(str(variant), str(variant.build), summarise(_present(rows)), tuple(lines), LEGAL_BASIS)


def entry_of(actor: Actor, entry_id: UUID | None, variant: str, build: str) -> Line | None:
    """One present class of a variant, for taking it over; None when there is none. Written to the trail."""
    require(actor, "registers.interpretation.read", details={"register": "interpretations"})
    rows = EarlierInterpretation.objects.filter(
        id=entry_id, variant=variant, build=build, state=InterpretationState.CURRENT
    )
    return next(iter(_lines(actor, list(rows))), None)


def _lines(actor: Actor, rows: list[EarlierInterpretation]) -> list[Line]:
    places = {key: people.organisation(key) for key in {row.laboratory_id for row in rows}}
    return [
        Line(
            id=row.id,
            acmg_class=row.acmg_class,
            region=place.region if place else "",
            laboratory_name=place.short_name if place else "",
            guideline=row.guideline,
            disease_group=DiseaseGroup(row.disease_group),
            year=row.year,
            month=row.month,
            state=row.state,
            own=row.laboratory_id == actor.organisation_id,
        )
        for row, place in ((row, places[row.laboratory_id]) for row in rows)
    ]


def public_interpretations_of(variant: Variant) -> tuple[PublicClass, ...]:
    """What everybody may see: class, number of laboratories (at least two) and year. Open to all."""
    return public_classes(
        _present(list(EarlierInterpretation.objects.filter(build=variant.build, variant=str(variant))))
    )


def interpreted_variants(build: Build) -> tuple[str, ...]:
    """Every variant with a present class, as text, sorted: genes with such come first in a public release."""
    present = EarlierInterpretation.objects.filter(build=build, state=InterpretationState.CURRENT)
    return tuple(present.order_by("variant").values_list("variant", flat=True).distinct())


def _present(rows: list[EarlierInterpretation]) -> list[Statement]:
    current = [row for row in rows if row.state == InterpretationState.CURRENT]
    places = {key: people.organisation(key) for key in {row.laboratory_id for row in current}}
    return [
        Statement(
            laboratory=str(row.laboratory_id),
            acmg_class=row.acmg_class,
            region=place.region if place else "",
            disease_group=DiseaseGroup(row.disease_group),
            guideline=row.guideline,
            year=row.year,
            month=row.month,
        )
        for row, place in ((row, places[row.laboratory_id]) for row in current)
    ]
