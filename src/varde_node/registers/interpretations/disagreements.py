"""Where laboratories classify a variant differently: the list, the thread, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Max, Min
from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from varde.frequency.interpretations import Disagreement, disagreement
from varde.genome.alleles import Variant
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde_node.people import queries as people
from varde_node.people.services import Actor, require
from varde_node.registers.interpretations.free_text import checked
from varde_node.registers.interpretations.models import (
    DisagreementMessage,
    DisagreementOutcome,
    EarlierInterpretation,
    InterpretationState,
    Outcome,
)
from varde_node.registers.interpretations.queries import Line, interpretations_of

__all__ = [
    "OUTCOME_WORDS",
    "BoardLine",
    "MessageView",
    "OutcomeView",
    "ThreadView",
    "board",
    "settle",
    "thread",
    "write",
]

READ, WRITE = "registers.disagreement.read", "registers.disagreement.write"
LINES_MAX = 200
OUTCOME_WORDS: dict[str, str | Promise] = {
    Outcome.AGREED: gettext_lazy("Agreed on one class"),
    Outcome.DIFFERENT: gettext_lazy("Looked at together; the classes stay different"),
    Outcome.MORE_EVIDENCE: gettext_lazy("More evidence is needed"),
}
_SEVERITY = (Disagreement.ACROSS, Disagreement.SEVERAL_STEPS, Disagreement.ONE_STEP)


@dataclass(frozen=True)
class BoardLine:
    """A variant that laboratories classify differently now. ``classes``: (class, laboratories' short names), highest
    first. ``outcome`` is the newest one that was written after the newest of these classes."""

    variant: str
    build: str
    disagreement: Disagreement
    classes: tuple[tuple[int, tuple[str, ...]], ...]
    ours: bool
    messages: int
    last_message: datetime | None
    outcome: OutcomeView | None


@dataclass(frozen=True)
class MessageView:
    """What somebody of a laboratory wrote."""

    laboratory: str
    author: str
    text: str
    at: datetime
    own: bool


@dataclass(frozen=True)
class OutcomeView:
    """How a disagreement ended, as one laboratory wrote it down."""

    outcome: str
    acmg_class: int | None
    text: str
    laboratory: str
    author: str
    at: datetime

    @property
    def words(self) -> str | Promise:
        """The outcome in the reader's language."""
        return OUTCOME_WORDS[self.outcome]


@dataclass(frozen=True)
class ThreadView:
    """One variant's thread. ``log`` holds every class that was ever entered, newest first."""

    variant: str
    build: str
    disagreement: Disagreement
    log: tuple[Line, ...]
    messages: tuple[MessageView, ...]
    outcomes: tuple[OutcomeView, ...]
    ours: bool


def board(actor: Actor, *, ours_only: bool = False) -> tuple[BoardLine, ...]:
    """The disagreements of the nation, the widest first. Written to the trail."""
    require(actor, READ, details={"register": "interpretations"})
    current = EarlierInterpretation.objects.filter(state=InterpretationState.CURRENT)
    apart = (
        current.order_by()
        .values("build", "variant")
        .annotate(low=Min("acmg_class"), high=Max("acmg_class"), places=Count("laboratory", distinct=True))
        .filter(places__gte=2)
    )
    keys = [(row["build"], row["variant"]) for row in apart if row["low"] != row["high"]]
    rows = current.filter(variant__in=[variant for _build, variant in keys])
    said: dict[tuple[str, str], list[EarlierInterpretation]] = {key: [] for key in keys}
    for row in rows:
        if (row.build, row.variant) in said:
            said[row.build, row.variant].append(row)
    names = _names({row.laboratory_id for row in rows})
    lines = [_line(actor, key, found, names) for key, found in said.items()]
    wanted = [line for line in lines if line.ours or not ours_only]
    wanted.sort(key=lambda line: (_SEVERITY.index(line.disagreement), not line.ours, line.variant))
    return tuple(wanted[:LINES_MAX])


def thread(actor: Actor, build: Build, variant: str) -> ThreadView:
    """A variant's thread. Raises ``Http404`` for one that no two laboratories have classified."""
    require(actor, READ, details={"register": "interpretations"})
    text = _known(build, variant)
    found = interpretations_of(actor, Variant.parse(build, text))
    current = [line for line in found.lines if line.state == InterpretationState.CURRENT]
    rows = DisagreementMessage.objects.filter(build=build, variant=text).select_related("author").order_by("at")
    names = _names({row.laboratory_id for row in rows})
    return ThreadView(
        variant=text,
        build=str(build),
        disagreement=disagreement([line.acmg_class for line in current]),
        log=found.lines,
        messages=tuple(
            MessageView(
                names.get(row.laboratory_id, ""),
                row.author.full_name,
                row.text,
                row.at,
                row.laboratory_id == actor.organisation_id,
            )
            for row in rows
        ),
        outcomes=_outcomes(str(build), text),
        ours=any(line.own for line in current),
    )


@transaction.atomic
def write(actor: Actor, build: Build, variant: str, text: str) -> UUID:
    """Write to the other laboratories about a variant; return the message. It names the laboratory and its author.

    Raises InputError of ``checked``; ``Http404`` for a variant that no two laboratories have classified.
    """
    require(actor, WRITE, organisation=actor.organisation_id)
    known = _known(build, variant)
    row = DisagreementMessage.objects.create(
        build=build,
        variant=known,
        laboratory_id=actor.organisation_id,
        author_id=actor.account_id,
        text=checked(text),
    )
    return row.id


@transaction.atomic
def settle(actor: Actor, build: Build, variant: str, *, outcome: str, text: str, acmg_class: int | None = None) -> UUID:
    """Write down how a disagreement ended. No class is changed by it: each laboratory changes its own, in its own case.

    Only a laboratory that has a class of the variant may. Raises InputError ``outcome_unknown``, ``bad_class``,
    ``not_ours`` and those of ``checked``.
    """
    require(actor, WRITE, organisation=actor.organisation_id)
    known = _known(build, variant)
    if outcome not in Outcome.values:
        raise InputError("outcome_unknown", _("No outcome was chosen."), _("Choose one of the three."), field="outcome")
    if (outcome == Outcome.AGREED) != (acmg_class is not None) or acmg_class not in (None, 1, 2, 3, 4, 5):
        raise InputError(
            "bad_class",
            _("An agreement names the class, and nothing else does."),
            _("Choose the class that was agreed on, or another outcome."),
            field="acmg_class",
        )
    of_ours = EarlierInterpretation.objects.filter(
        build=build, variant=known, laboratory_id=actor.organisation_id, state=InterpretationState.CURRENT
    )
    if not of_ours.exists():
        raise InputError(
            "not_ours",
            _("Your laboratory has no class of this variant."),
            _("Write in the thread; those who classified it write down the outcome."),
        )
    return DisagreementOutcome.objects.create(
        build=build,
        variant=known,
        outcome=outcome,
        acmg_class=acmg_class,
        text=checked(text),
        laboratory_id=actor.organisation_id,
        author_id=actor.account_id,
    ).id


def _known(build: Build, variant: str) -> str:
    """The variant as the register writes it, once two laboratories have classified it."""
    try:
        text = str(Variant.parse(build, variant))
    except InputError:
        raise Http404 from None
    places = EarlierInterpretation.objects.filter(build=build, variant=text).values("laboratory").distinct().count()
    if places < 2:
        raise Http404
    return text


def _line(actor: Actor, key: tuple[str, str], rows: list[EarlierInterpretation], names: dict[UUID, str]) -> BoardLine:
    build, variant = key
    by_class: dict[int, list[str]] = {}
    for row in rows:
        by_class.setdefault(row.acmg_class, []).append(names.get(row.laboratory_id, ""))
    talk = DisagreementMessage.objects.filter(build=build, variant=variant).aggregate(n=Count("id"), last=Max("at"))
    newest = max((row.year, row.month) for row in rows)
    outcomes = [one for one in _outcomes(build, variant) if (one.at.year, one.at.month) >= newest]
    return BoardLine(
        variant=variant,
        build=build,
        disagreement=disagreement(list(by_class)),
        classes=tuple((number, tuple(sorted(by_class[number]))) for number in sorted(by_class, reverse=True)),
        ours=any(row.laboratory_id == actor.organisation_id for row in rows),
        messages=talk["n"],
        last_message=talk["last"],
        outcome=outcomes[0] if outcomes else None,
    )


def _outcomes(build: str, variant: str) -> tuple[OutcomeView, ...]:
    rows = DisagreementOutcome.objects.filter(build=build, variant=variant).select_related("author").order_by("-at")
    names = _names({row.laboratory_id for row in rows})
    return tuple(
        OutcomeView(
            row.outcome,
            row.acmg_class,
            row.text,
            names.get(row.laboratory_id, ""),
            row.author.full_name,
            row.at,
        )
        for row in rows
    )


def _names(keys: set[UUID]) -> dict[UUID, str]:
    found = {key: people.organisation(key) for key in keys}
    return {key: place.short_name for key, place in found.items() if place is not None}
