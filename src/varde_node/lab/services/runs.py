"""Sequencing runs and what was changed on an instrument."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from varde.genome.errors import InputError
from varde_node.lab.models import RunNote, RunNoteKind, SequencingRun
from varde_node.people.services import Actor, require

LONGEST_NAME = 80
LONGEST_TEXT = 200


@transaction.atomic
def record_run(
    actor: Actor, *, name: str, instrument: str, sequenced_on: str, flow_cell: str = "", pipeline: str = ""
) -> UUID:
    """Record a sequencing run of the actor's laboratory; return it.

    Raises InputError ``missing``, ``too_long``, ``bad_date`` (no date, or one to come), ``run_exists``.
    """
    laboratory = _laboratory(actor, "lab.runs.record")
    texts = {
        "name": _text(name, "name"),
        "instrument": _text(instrument, "instrument"),
        "flow_cell": _text(flow_cell, "flow_cell", needed=False),
        "pipeline": _text(pipeline, "pipeline", needed=False, longest=LONGEST_TEXT),
    }
    on = _day(sequenced_on, "sequenced_on")
    try:
        with transaction.atomic():
            row = SequencingRun.objects.create(
                laboratory_id=laboratory, sequenced_on=on, by_id=actor.account_id, **texts
            )
    except IntegrityError:
        raise InputError(
            "run_exists", _("There is a run of that name."), _("Choose another name, or use that run."), field="name"
        ) from None
    return row.id


@transaction.atomic
def note_change(actor: Actor, *, instrument: str, on: str, kind: str, text: str, restarts: bool = False) -> UUID:
    """Note what was changed on an instrument; return the note. ``restarts``: its charts get new limits from that day.

    Raises InputError ``missing``, ``too_long``, ``bad_date``, ``kind_unknown``.
    """
    laboratory = _laboratory(actor, "lab.runs.record")
    if kind not in RunNoteKind.values:
        raise InputError("kind_unknown", _("The kind of change is not known."), _("Choose one."), field="kind")
    return RunNote.objects.create(
        laboratory_id=laboratory,
        instrument=_text(instrument, "instrument"),
        on=_day(on, "on"),
        kind=kind,
        text=_text(text, "text", longest=LONGEST_TEXT),
        restarts=restarts,
        by_id=actor.account_id,
    ).id


def _laboratory(actor: Actor, action: str) -> UUID:
    require(actor, action, organisation=actor.organisation_id)
    if actor.organisation_id is None:
        raise InputError("no_laboratory", _("You act for no laboratory."), _("Choose a role in one."))
    return actor.organisation_id


def _text(typed: str, field: str, *, needed: bool = True, longest: int = LONGEST_NAME) -> str:
    text = " ".join(typed.split())
    if needed and not text:
        raise InputError("missing", _("The field is empty."), _("Fill it in."), field=field)
    if len(text) > longest:
        raise InputError(
            "too_long", _("The text is longer than %(longest)s.") % {"longest": longest}, _("Shorten it."), field=field
        )
    return text


def _day(typed: str, field: str) -> date:
    try:
        day = date.fromisoformat(typed.strip())
    except ValueError:
        day = None
    if day is None or day > timezone.localdate():
        raise InputError(
            "bad_date",
            _("That is no day until today."),
            _("Write it as year, month and day: 2026-11-30."),
            field=field,
        )
    return day
