"""The page of a structural variant in the professional tier."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from varde.frequency.structural_clusters import StructuralCall
from varde.genome.builds import Build, contig_length
from varde.genome.errors import InputError
from varde.genome.regions import Region
from varde_node.people.services import page
from varde_node.registers.frequency import (
    own_cases,
    pages,
    queries,
    search,
    structural_queries,
    structural_words,
    words,
)
from varde_node.registers.frequency.structural_drawing import event_pictures

MOST_GENES = 50


@require_GET
@page("registers.frequency.lookup")
def event(request: HttpRequest, event: str) -> HttpResponse:
    """What is counted that is like one structural variant."""
    try:
        view = structural_queries.lookup(request.actor, event)
    except InputError as error:
        return pages.search_page(request, event, error)
    if view is None:
        return redirect("registers:frequency")
    build = Build(view.build)
    hit = structural_words.hit_genes(build, view.call)
    context = {
        "view": view,
        "kind": structural_words.EVENTS[view.call.kind],
        "place": structural_words.event_text(view.call),
        "size": structural_words.event_size(view.call),
        "understood": search.understood_from(request.GET),
        "state": structural_words.EVENT_STATES[view.nation.state],
        "events": [
            (
                structural_words.event_number(number),
                structural_words.EVENTS[one.call.kind],
                structural_words.event_text(one.call),
                structural_words.event_size(one.call),
                one,
            )
            for number, one in enumerate(view.events, start=1)
        ],
        "pictures": event_pictures(view, build),
        "places": [(words.place_name(one.code), one) for one in (view.nation, *view.regions)],
        "own_name": words.place_name(view.own.code) if view.own else "",
        "own_state": structural_words.EVENT_STATES[view.own.state] if view.own else None,
        "own_cases": own_cases.own_cases_like(request.actor, view.call) if "own" in request.GET else None,
        "sexes": [(words.SEXES[one.of], one) for one in view.sexes],
        "groups": pages.told([(words.GROUPS[one.of], one) for one in view.groups]),
        "assays": pages.told([(words.ASSAYS[one.of], one) for one in view.assays]),
        "calls": [
            (structural_words.event_text(call), structural_words.event_size(call), carriers)
            for call, carriers in view.calls
        ],
        "genes": hit[:MOST_GENES],
        "more_genes": max(len(hit) - MOST_GENES, 0),
        "around": around(build, view.call),
        "gate": queries.gate_values(view.gate),
    }
    return render(request, "registers/structural.html", context)


def around(build: Build, call: StructuralCall) -> Region:
    """The neighbourhood of an event; of a breakend that of its first end."""
    beside = max((call.end - call.start) // 10, search.AROUND_BASES)
    length = contig_length(build, call.contig)
    return Region(build, call.contig, max(call.start - 1 - beside, 0), min(call.end + beside, length))
