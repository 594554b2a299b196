"""What has happened to a case, in the order it happened, told from its rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from varde_node.lab.models import Analysis, Case, GeneOpening, RoundKind
from varde_node.lab.words import CONFIRMATION_RESULTS, ROUND_KINDS, class_words, short_variant

if TYPE_CHECKING:
    from varde_node.lab.queries.cases import FileView, SampleView


@dataclass(frozen=True)
class Event:
    """Something that happened: when, what, by whom, and a detail such as a reason or a file name."""

    at: datetime
    what: str | Promise
    who: str = ""
    detail: str = ""


def events_of(
    case: Case, samples: Iterable[SampleView], files: Iterable[FileView], analyses: Iterable[Analysis]
) -> tuple[Event, ...]:
    """Every event of the case, newest first."""
    events = [Event(case.received_at, _("Order received"))]
    events += [
        Event(sample.received_at, _("Sample registered"), sample.received_by, sample.name)
        for sample in samples
        if sample.received_at is not None
    ]
    events += [Event(file.uploaded_at, _("File uploaded"), file.uploaded_by, file.given_name) for file in files]
    for analysis in analyses:
        events += _of_analysis(analysis)
    events += _of_interpretation(case)
    return tuple(sorted(events, key=lambda event: event.at, reverse=True))


def _of_analysis(analysis: Analysis) -> Iterator[Event]:
    yield Event(analysis.created_at, _("Analysis started"))
    if analysis.finished_at is not None:
        if analysis.problem is not None:
            yield Event(analysis.finished_at, _("Files refused"), detail=analysis.problem["problem"])
        elif analysis.stops_sign_off:
            yield Event(analysis.finished_at, _("Analysed; stopped by quality"))
        else:
            yield Event(analysis.finished_at, _("Analysed; quality passed"))
    if hasattr(analysis, "override"):
        override = analysis.override
        yield Event(override.at, _("Quality overridden"), override.by.full_name, override.reason)


def _of_interpretation(case: Case) -> Iterator[Event]:
    for opening in GeneOpening.objects.filter(case=case).select_related("by"):
        yield Event(opening.at, _("All genes opened"), opening.by.full_name, opening.reason)
    for reopening in case.reopenings.select_related("by"):
        words = ROUND_KINDS[RoundKind(reopening.kind)]
        yield Event(reopening.at, _("Opened again"), reopening.by.full_name, f"{words}: {reopening.reason}")
    for given in case.assignments.select_related("to", "by"):
        name = given.to.full_name if given.to else ""
        yield Event(given.at, _("Taken") if given.to_id else _("Let go"), name or given.by.full_name, given.note)
    for aside in case.dismissals.select_related("author"):
        what = _("Variant set aside") if aside.active else _("Variant taken up again")
        yield Event(aside.at, what, aside.author.full_name, short_variant(aside.variant))
    for said in case.assessments.select_related("author"):
        detail = f"{short_variant(said.variant)}: {class_words(said.chosen_class)}"
        yield Event(said.at, _("Variant assessed"), said.author.full_name, detail)
    for asked in case.confirmations.select_related("ordered_by", "result_by"):
        what_of = short_variant(asked.variant) if asked.variant else asked.gap
        yield Event(asked.ordered_at, _("Second method ordered"), asked.ordered_by.full_name, what_of)
        if asked.result_at is not None:
            word = CONFIRMATION_RESULTS[asked.result][1]
            yield Event(
                asked.result_at, _("Result of a second method"), asked.result_by.full_name, f"{what_of}: {word}"
            )
    for one in case.interpretations.select_related("author", "approver", "returned_by"):
        yield Event(one.signed_at, _("Interpretation signed"), one.author.full_name)
        if one.approved_at is not None:
            yield Event(one.approved_at, _("Approved"), one.approver.full_name)
        if one.returned_at is not None:
            yield Event(one.returned_at, _("Returned"), one.returned_by.full_name, one.return_reason)
