"""An order's content as the clinician writes it, and the road it travels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from varde_node.lab.contracts import Progress


@dataclass(frozen=True)
class OrderedRelative:
    """Another relative who is examined too. ``role`` is a value of ``varde.genome.kin.Kin``; ``affected`` None: not
    known."""

    role: str
    person_id: UUID
    affected: bool | None


@dataclass(frozen=True)
class OrderContent:
    """What an order asks for. A parent who is not examined is None. ``hpo_terms`` are identifiers such as
    HP:0001250; ``hpo_excluded`` those that were looked for and not found; ``named_genes`` are suspected."""

    patient_id: UUID
    mother_id: UUID | None
    father_id: UUID | None
    laboratory_id: UUID
    indication: str
    hpo_terms: tuple[str, ...]
    panel_name: str
    panel_version: str
    urgent: bool = False
    mother_affected: bool = False
    father_affected: bool = False
    relatives: tuple[OrderedRelative, ...] = ()
    hpo_excluded: tuple[str, ...] = ()
    named_genes: tuple[str, ...] = ()

    @property
    def people(self) -> tuple[UUID, ...]:
        """The patient, the parents who are examined, and the other relatives."""
        parents = (one for one in (self.mother_id, self.father_id) if one is not None)
        return (self.patient_id, *parents, *(one.person_id for one in self.relatives))


@dataclass(frozen=True)
class FamilyConsent:
    """What the parents agreed to, for the child and each for themselves. ``purposes`` are values of
    ``varde.consent.Purpose``; ``means`` is desk or paper; ``language`` is that of the form they read;
    ``decided_by_id`` is the parent who signed for the child, or the patient who decides alone."""

    decided_by_id: UUID
    purposes: tuple[str, ...]
    means: str
    language: str
    decided_at: datetime | None = None
    """None: just now."""


@dataclass(frozen=True)
class CounsellingContent:
    """A talk of genetic counselling."""

    by_name: str
    competence: str
    held_on: date
    language: str
    interpreter: bool = False


class Station(StrEnum):
    """The stations of an order's road, in their order."""

    ORDERED = "ordered"
    SAMPLES = "samples"
    ANALYSED = "analysed"
    INTERPRETED = "interpreted"
    APPROVED = "approved"
    ANSWERED = "answered"


STATION_NAMES: dict[Station, str | Promise] = {
    Station.ORDERED: _("Ordered"),
    Station.SAMPLES: _("Samples received"),
    Station.ANALYSED: _("Analysed"),
    Station.INTERPRETED: _("Interpreted"),
    Station.APPROVED: _("Approved by a second person"),
    Station.ANSWERED: _("Answered"),
}


WORK_NAMES: dict[Station, str | Promise] = {
    Station.ORDERED: _("Not sent yet"),
    Station.SAMPLES: _("Waiting for samples"),
    Station.ANALYSED: _("Being analysed"),
    Station.INTERPRETED: _("Being interpreted"),
    Station.APPROVED: _("Waiting for the second reader"),
    Station.ANSWERED: _("The answer is being made"),
}
"""What goes on before a station is reached."""


@dataclass(frozen=True)
class StationView:
    """A station: ``reached`` or not, when (if known), and whether it is the one being worked at now."""

    station: Station
    reached: bool
    at: datetime | None
    current: bool

    @property
    def name(self) -> str | Promise:
        """The station in the reader's language."""
        return STATION_NAMES[self.station]

    @property
    def work(self) -> str | Promise:
        """What goes on before the station is reached."""
        return WORK_NAMES[self.station]


_REACHED_IN_STATE = {
    "ordered": Station.ORDERED,
    "samples_received": Station.SAMPLES,
    "analysing": Station.SAMPLES,
    "quality_stop": Station.ANALYSED,
    "interpretation": Station.ANALYSED,
    "approval": Station.INTERPRETED,
    "signed": Station.APPROVED,
}


def stations(
    signed_at: datetime | None, progress: Progress | None, answered_at: datetime | None
) -> tuple[StationView, ...]:
    """The road of an order from what the clinic and the laboratory know of it."""
    order = list(Station)
    last = -1 if signed_at is None else 0
    if progress is not None:
        last = max(last, order.index(_REACHED_IN_STATE.get(progress.state, Station.ORDERED)))
    if answered_at is not None:
        last = len(order) - 1
    times = {
        Station.ORDERED: signed_at,
        Station.SAMPLES: progress.samples_received_at if progress else None,
        Station.ANALYSED: progress.analysed_at if progress else None,
        Station.APPROVED: progress.signed_at if progress else None,
        Station.ANSWERED: answered_at,
    }
    return tuple(
        StationView(station, place <= last, times.get(station) if place <= last else None, place == last + 1)
        for place, station in enumerate(order)
    )


ANALYSIS_NOT_BEGUN = frozenset({"ordered", "samples_received"})
"""States of the laboratory in which an order can still be cancelled."""
