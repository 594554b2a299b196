"""Pages of the professional tier: search, a variant, a region, a gene, and the same answer for programs."""

from __future__ import annotations

from dataclasses import asdict
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from varde.frequency.cells import Assay, DiseaseGroup
from varde.frequency.search import Gene, SeveralVariants
from varde.genome.errors import InputError
from varde.genome.regions import Region
from varde_node.formats import number, percent
from varde_node.people.services import page
from varde_node.registers.frequency import (
    downloads,
    drawing,
    outbox,
    own_cases,
    queries,
    region_table,
    search,
    structural_words,
    words,
)
from varde_node.registers.frequency.drawing import DECADES, Bar, region_svg
from varde_node.registers.frequency.landscape import Marks
from varde_node.registers.interpretations import queries as interpretations

COLUMNS = {
    "position": words.COLUMNS["position"],
    "af": words.COLUMNS["af"],
    "ac": "AC",
    "an": "AN",
    "nhomalt": words.COLUMNS["nhomalt"],
    "nhemi": words.COLUMNS["nhemi"],
}
MOST_EVENTS = 500
"""Structural variants in the table of a region."""


@require_GET
@page("registers.frequency.read")
def front(request: HttpRequest) -> HttpResponse:
    """The search box; what the register holds, and what it is."""
    text = request.GET.get("q", "").strip()
    if not text:
        return search_page(request)
    try:
        found = search.meanings(search.searcher().understand(text), search.PROFESSIONAL)
    except InputError as error:
        return search_page(request, text, error)
    if len(found) > 1:
        return search_page(request, text, meanings=found)
    return redirect(f"{found[0].address}?{urlencode({'asked': text[:200], 'as': found[0].notation})}")


def search_page(
    request: HttpRequest,
    text: str = "",
    problem: InputError | None = None,
    meanings: tuple[search.Meaning, ...] = (),
) -> HttpResponse:
    """The front page, with a question and what is wrong with it or how it may be read."""
    held = queries.summary(request.actor)
    context = {
        "summary": held,
        "regions": [(words.place_name(one.code), one) for one in held.regions] if held else [],
        "examples": [(words.EXAMPLES[word], variant) for word, variant in held.examples] if held else [],
        "text": text,
        "meanings": meanings,
        "problem": problem,
        "problem_words": words.problem_words(problem) if problem else "",
        "near": search.near(text) if problem else (),
    }
    return render(request, "registers/frequency.html", context, status=422 if problem else 200)


@require_GET
@page("registers.frequency.lookup")
def variant(request: HttpRequest, variant: str) -> HttpResponse:
    """What is counted of one variant."""
    try:
        view = queries.lookup(request.actor, variant)
    except SeveralVariants:
        found = search.meanings(search.searcher().understand(variant), search.PROFESSIONAL)
        return search_page(request, variant, meanings=found)
    except InputError as error:
        return search_page(request, variant, error)
    if view is None:
        return redirect("registers:frequency")
    shape, word, meaning = words.STATES[view.nation.state]
    earlier = interpretations.interpretations_of(request.actor, view.counted)
    context = {
        "view": view,
        "understood": search.understood_from(request.GET),
        "shape": shape,
        "word": word,
        "meaning": meaning,
        "places": [(words.place_name(one.code), words.STATES[one.state], one) for one in (view.nation, *view.regions)],
        "own_name": words.place_name(view.own.code) if view.own else "",
        "own_state": words.STATES[view.own.state] if view.own else None,
        "earlier": earlier,
        "disagreement": words.DISAGREEMENTS[earlier.summary.disagreement] if earlier.summary else None,
        "classes": [(words.CLASSES[one.acmg_class], one) for one in earlier.summary.classes] if earlier.summary else [],
        "lines": [(words.CLASSES[one.acmg_class], words.place_name(one.region), one) for one in earlier.lines],
        "sexes": [(words.SEXES[one.of], one) for one in view.sexes],
        "groups": told([(words.GROUPS[one.of], one) for one in view.groups]),
        "assays": told([(words.ASSAYS[one.of], one) for one in view.assays]),
        "own_cases": own_cases.own_cases(request.actor, view.counted) if "own" in request.GET else None,
        "names": search.named(view.counted),
        "rsids": search.rsids_of(view.counted),
        "vrs": search.vrs_identifier(view.counted),
        "around": search.around(view.counted),
        "picture": _picture(view),
        "gate": queries.gate_values(view.gate),
    }
    return render(request, "registers/variant.html", context)


@require_GET
@page("registers.frequency.lookup")
def region(request: HttpRequest, region: str) -> HttpResponse:
    """The sites of a stretch of the genome."""
    try:
        stretch = Region.parse(search.searcher().build, region)
    except InputError as error:
        return search_page(request, region, error)
    return _region(request, stretch, None)


@require_GET
@page("registers.frequency.lookup")
def gene(request: HttpRequest, symbol: str) -> HttpResponse:
    """The sites of a gene."""
    try:
        found = search.searcher().gene(symbol)
    except InputError as error:
        return search_page(request, symbol, error)
    return _region(request, found.region, found)


def _region(request: HttpRequest, stretch: Region, gene: Gene | None) -> HttpResponse:
    view = queries.region(request.actor, stretch)
    if view is None:
        return redirect("registers:frequency")
    state = region_table.TableState.of(request.GET, COLUMNS)
    table = region_table.table_page(view.window, state, "af")
    share = view.window.columns["af"]
    context = {
        "view": view,
        "gene": gene,
        "stretch": stretch,
        "text": words.region_text(stretch),
        "bases": len(stretch),
        "table": table,
        "rows": [(search.written(row), row) for row in search.with_rsids(table.rows).iter_rows(named=True)],
        "events": structural_words.region_rows(view.events.head(MOST_EVENTS)),
        "number_of_events": view.events.height,
        "more_events": max(view.events.height - MOST_EVENTS, 0),
        "headings": region_table.headings(state, COLUMNS),
        "shares": words.shares(),
        "kinds": words.KINDS.items(),
        "sizes": region_table.SIZES,
        "transcripts": search.genes_in(stretch),
        "picture": drawing.landscape(
            stretch, Marks(view.window, share, share), view.index, view.alleles_at_most, _("Alleles read")
        ),
        "download": reverse("registers:region", args=[str(stretch)]),
        "filters": state.address(page=1),
        "around": search.widened(stretch, search.PROFESSIONAL),
    }
    return render(request, "registers/region.html", context)


@require_GET
@page("registers.frequency.lookup")
def region_download(request: HttpRequest, region: str, layout: str) -> StreamingHttpResponse:
    """All rows of a region's table as CSV or VCF, as it is filtered and ordered; streamed."""
    stretch = Region.parse(search.searcher().build, region)
    view = queries.region(request.actor, stretch)
    if view is None:
        raise Http404
    state = region_table.TableState.of(request.GET, COLUMNS)
    return downloads.professional(view, state, layout)


@require_GET
@page("registers.contribution.list")
def contributions(request: HttpRequest) -> HttpResponse:
    """The register manager's book, with the rejections that waited for their transaction to end."""
    outbox.settle()
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
@page("registers.frequency.lookup")
def variant_for_programs(request: HttpRequest, variant: str) -> HttpResponse:
    """One variant as JSON; errors are problem details."""
    view = queries.lookup(request.actor, variant)
    if view is None:
        raise Http404
    return JsonResponse(asdict(view))


def told(parts: list[tuple[str | Promise, queries.Part]]) -> list[tuple[str | Promise, queries.Part]]:
    """Parts, unless nothing is stated of anybody."""
    return [] if [one.of for _, one in parts] in ([DiseaseGroup.UNSPECIFIED], [Assay.UNSPECIFIED]) else parts


def _picture(view: queries.FrequencyView) -> SafeString:
    drawn = (view.nation, *view.regions)
    bars = [
        Bar(
            str(words.place_name(one.code)),
            one.frequency,
            one.low,
            one.high,
            str(words.STATES[one.state][1]),
            heavy=one.code == queries.NATION,
        )
        for one in drawn
    ]
    said = "; ".join(
        _("%(place)s: %(share)s (%(ac)s of %(an)s)")
        % {
            "place": words.place_name(one.code),
            "share": percent(one.frequency, 3),
            "ac": number(one.ac),
            "an": number(one.an),
        }
        for one in drawn
    )
    decades = [percent(10.0**exponent, max(0, -2 - exponent)) for exponent in DECADES]
    picture = region_svg(bars, decades, identifier="regions", title=_("Frequency by health region"), description=said)
    # Every word is escaped by the library's primitives.
    return mark_safe(picture.replace('class="figure ', 'class="picture figure '))  # noqa: S308
