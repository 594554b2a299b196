"""Pages of the frequency register, and the same answer for programs."""

from __future__ import annotations

from dataclasses import asdict

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from varde.genome.errors import InputError
from varde_node.formats import number, percent
from varde_node.people.services import page
from varde_node.registers.frequency import queries, words
from varde_node.registers.frequency.drawing import DECADES, Bar, region_svg


@require_GET
@page("registers.frequency.read")
def front(request: HttpRequest) -> HttpResponse:
    """Search a variant; what the register holds, and what it is."""
    text = request.GET.get("variant", "").strip()
    if text:
        try:
            view = queries.lookup(request.actor, text)
        except InputError as error:
            return _front(request, text, error)
        if view is not None:
            return redirect("registers:variant", view.asked)
    return _front(request, text)


def _front(request: HttpRequest, text: str, problem: InputError | None = None) -> HttpResponse:
    held = queries.summary(request.actor)
    context = {
        "summary": held,
        "regions": [(words.PLACES[one.code], one) for one in held.regions] if held else [],
        "examples": [(words.EXAMPLES[word], variant) for word, variant in held.examples] if held else [],
        "text": text,
        "problem": problem,
        "problem_words": words.problem_words(problem) if problem else "",
    }
    return render(request, "registers/frequency.html", context, status=422 if problem else 200)


@require_GET
@page("registers.frequency.read")
def variant(request: HttpRequest, variant: str) -> HttpResponse:
    """What is counted of one variant."""
    try:
        view = queries.lookup(request.actor, variant)
    except InputError as error:
        return _front(request, variant, error)
    if view is None:
        return redirect("registers:frequency")
    shape, word, meaning = words.STATES[view.nation.state]
    context = {
        "view": view,
        "shape": shape,
        "word": word,
        "meaning": meaning,
        "places": [(words.PLACES[one.code], words.STATES[one.state], one) for one in (view.nation, *view.regions)],
        "sexes": [(words.SEXES[one.sex], one) for one in view.sexes],
        "picture": _picture(view),
        "gate": queries.gate_values(view.gate),
    }
    return render(request, "registers/variant.html", context)


@require_GET
@page("registers.contribution.list")
def contributions(request: HttpRequest) -> HttpResponse:
    """The register manager's book."""
    rows = queries.contributions(request.actor)
    held = queries.summary(request.actor)
    context = {
        "months": [
            (
                month,
                [
                    (
                        words.PLACES[one.region],
                        words.CONTRIBUTION_STATES[one.state],
                        words.reason_words(one.reason),
                        one,
                    )
                    for one in rows
                    if one.month == month
                ],
            )
            for month in queries.months_of(rows)
        ],
        "summary": held,
        "regions": [(words.PLACES[one.code], one) for one in held.regions] if held else [],
    }
    return render(request, "registers/contributions.html", context)


@require_GET
@page("registers.frequency.read")
def variant_for_programs(request: HttpRequest, variant: str) -> HttpResponse:
    """One variant as JSON; errors are problem details."""
    view = queries.lookup(request.actor, variant)
    if view is None:
        raise Http404
    return JsonResponse(asdict(view))


def _picture(view: queries.FrequencyView) -> SafeString:
    bars = [
        Bar(
            str(words.PLACES[one.code]),
            one.frequency,
            one.low,
            one.high,
            str(words.STATES[one.state][1]),
            heavy=one.code == queries.NATION,
        )
        for one in (view.nation, *view.regions)
    ]
    said = "; ".join(
        _("%(place)s: %(share)s (%(ac)s of %(an)s)")
        % {
            "place": words.PLACES[one.code],
            "share": percent(one.frequency, 3),
            "ac": number(one.ac),
            "an": number(one.an),
        }
        for one in (view.nation, *view.regions)
    )
    decades = [percent(10.0**exponent, max(0, -2 - exponent)) for exponent in DECADES]
    drawn = region_svg(bars, decades, identifier="regions", title=_("Frequency by health region"), description=said)
    # Every word is escaped by the library's primitives.
    return mark_safe(drawn.replace('class="figure ', 'class="picture figure '))  # noqa: S308
