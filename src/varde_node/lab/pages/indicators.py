"""The page of the laboratory's indicators."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from varde.interpretation.funnel import Funnel, Place, Point
from varde.interpretation.funnel_drawing import FunnelWords, funnel_svg
from varde_node.lab.indicator_words import GROUPINGS, INDICATORS, PLACES, group_word
from varde_node.lab.queries.indicators import Grouping, Indicator, IndicatorsView, Period, indicators
from varde_node.people.services import page


@require_GET
@page("lab.indicators.read")
def overview(request: HttpRequest) -> HttpResponse:
    """The figures of a period by region, indication or panel; all of it stands in the address."""
    grouping = _member(request.GET.get("by"))
    period, wrong = _period(request.GET.get("from", ""), request.GET.get("to", ""))
    view = indicators(request.actor, period, grouping)
    context = {
        "view": view,
        "wrong": wrong,
        "groupings": [(one.value, GROUPINGS[one], one is grouping) for one in Grouping],
        "turnaround": [(group_word(grouping, one.group), one) for one in view.turnaround],
        "indicators": [_shown(view, one, place) for place, one in enumerate(Indicator)],
    }
    return render(request, "lab/indicators.html", context, status=422 if wrong else 200)


def _member(text: str | None) -> Grouping:
    return Grouping(text) if text in set(Grouping) else Grouping.REGION


def _period(first: str, last: str) -> tuple[Period, bool]:
    """The period asked for, the last year where none is; and whether what was asked cannot be."""
    usual = Period.last_year()
    try:
        return Period(
            date.fromisoformat(first) if first else usual.first, date.fromisoformat(last) if last else usual.last
        ), False
    except ValueError:
        return usual, True


def _shown(view: IndicatorsView, indicator: Indicator, place: int) -> dict[str, object]:
    found = view.funnels[indicator]
    named = replace(
        found,
        points=tuple(
            replace(one, tally=replace(one.tally, group=group_word(view.grouping, one.tally.group)))
            for one in found.points
        ),
    )
    words = INDICATORS[indicator]
    told = any(one.place is not Place.TOO_FEW for one in named.points)
    return {
        "title": words.title,
        "counted": words.counted,
        "target": found.target if told else None,
        "points": [(one, PLACES[one.place]) for one in named.points],
        # The drawing escapes every word it is given.
        "svg": mark_safe(_drawing(named, str(words.title), f"funnel-{place}"))  # noqa: S308
        if told
        else "",
    }


def _drawing(shown: Funnel, title: str, identifier: str) -> str:
    description = "; ".join(_said(one) for one in shown.points)
    words = FunnelWords(_("answered cases"), _("95 % limits"), _("99.8 % limits"))
    return funnel_svg(shown, words, identifier=identifier, title=title, description=description)


def _said(point: Point) -> str:
    tally = point.tally
    if point.place is Place.TOO_FEW:
        return _("%(group)s: too few cases") % {"group": tally.group}
    return _("%(group)s: %(met)d of %(total)d") % {"group": tally.group, "met": tally.met, "total": tally.total}
