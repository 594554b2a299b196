"""The laboratory's filter chains, explained; and the one that a case is filtered by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import Http404

from varde.genome.message import Message
from varde.interpretation.chain import FilterChain, explain, explain_exceptions, settings_from_plain
from varde.interpretation.filters import FilterSettings
from varde_node.lab.models import CaseKind, ChainChoice, FilterChainVersion
from varde_node.lab.words import CASE_KIND_NAMES, STEP_NAMES, Text
from varde_node.people import queries as people
from varde_node.people.services import Actor, require


@dataclass(frozen=True)
class ChainLine:
    """A chain of the list. ``id`` None is the library's own settings."""

    id: UUID | None
    name: str
    version: int
    description: str
    author: str
    at: datetime | None
    kinds: tuple[Text, ...]
    """The kinds of case that it is used for."""
    newest: bool

    @property
    def title(self) -> str:
        """Name and version."""
        return f"{self.name} {self.version}" if self.id else self.name


@dataclass(frozen=True)
class ChainView:
    """A chain in words: every step with what it asks, and what is never filtered."""

    line: ChainLine
    settings: FilterSettings
    steps: tuple[tuple[Text, tuple[Message, ...]], ...]
    exceptions: tuple[Message, ...]
    document: str


def chains(actor: Actor) -> tuple[ChainLine, ...]:
    """The laboratory's chains, the library's own first, then by name with the newest version first."""
    require(actor, "lab.chain.read", organisation=actor.organisation_id)
    return chain_lines(actor.organisation_id)


def chain_lines(laboratory: UUID) -> tuple[ChainLine, ...]:
    """As ``chains``; the caller has asked for access."""
    used: dict[UUID | None, list[Text]] = {}
    for kind in CaseKind:
        chosen = ChainChoice.objects.filter(laboratory_id=laboratory, kind=kind).order_by("-id").first()
        used.setdefault(None if chosen is None else chosen.chain_id, []).append(CASE_KIND_NAMES[kind])
    rows = FilterChainVersion.objects.filter(laboratory_id=laboratory).order_by("name", "-version")
    lines, last = [_own(tuple(used.get(None, ())))], ""
    for row in rows:
        lines.append(_line(row, tuple(used.get(row.id, ())), newest=row.name != last))
        last = row.name
    return tuple(lines)


def chain(actor: Actor, chain_id: UUID | None) -> ChainView:
    """A chain in words; None: the library's own. Raises ``Http404`` for another laboratory's."""
    require(actor, "lab.chain.read", organisation=actor.organisation_id)
    line = next((one for one in chain_lines(actor.organisation_id) if one.id == chain_id), None)
    if line is None:
        raise Http404
    settings = settings_of(chain_id)
    named = FilterChain(line.name, str(line.version), settings, line.description)
    return ChainView(
        line=line,
        settings=settings,
        steps=tuple((STEP_NAMES[step], told) for step, told in explain(settings)),
        exceptions=explain_exceptions(settings),
        document=named.as_text(),
    )


def settings_of(chain_id: UUID | None) -> FilterSettings:
    """The settings of a stored chain, or the library's own."""
    if chain_id is None:
        return FilterSettings()
    return settings_from_plain(FilterChainVersion.objects.values_list("settings", flat=True).get(id=chain_id))


def _own(kinds: tuple[Text, ...]) -> ChainLine:
    return ChainLine(None, "Varde", 1, "", "", None, kinds, newest=True)


def _line(row: FilterChainVersion, kinds: tuple[Text, ...], *, newest: bool) -> ChainLine:
    author = people.account_name(row.author_id)
    return ChainLine(row.id, row.name, row.version, row.description, author, row.at, kinds, newest)
