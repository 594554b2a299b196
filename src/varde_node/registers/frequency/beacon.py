"""The register as a Beacon v2: ``/beacon/`` answers from the public release, ``/beacon/professional/`` exactly, and of
structural variants as well, in a result set of their own.

Errors, also those of a used-up budget, are Beacon's error objects. A test request (``testMode``) to the professional
Beacon is answered from the public release.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from importlib.metadata import version
from typing import Any

import polars as pl
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from varde.frequency.beacon import framework
from varde.frequency.beacon.held import EXISTS_MEANS
from varde.frequency.beacon.holdings import Holdings
from varde.frequency.beacon.query import Alleles, VariantQuery, read_query
from varde.frequency.beacon.records import record
from varde.frequency.beacon.request import BeaconRequest, Granularity, from_body, from_query
from varde.frequency.beacon.responses import Found, answer, error
from varde.frequency.beacon.structural import (
    asks_for_small,
    event_of,
    event_record,
    find_events,
    read_events_query,
)
from varde.frequency.structural_notation import looks_structural, parse_event
from varde.genome.alleles import Variant
from varde.genome.errors import InputError
from varde_node.people.services import page
from varde_node.registers.frequency import program_queries, public_queries, search
from varde_node.registers.frequency.api import from_release
from varde_node.registers.frequency.budgets import budgeted

LOOK_UP = "registers.frequency.lookup"
MOST_BYTES = 200_000
NO_RELEASE = "There is no public release, so nothing is held. See the releases page for the reason."
View = Callable[..., HttpResponse]


def _too_many(wait_s: int) -> HttpResponse:
    return JsonResponse(error(settings.BEACON_ID, 429, f"Too many requests. Wait {wait_s} seconds."), status=429)


def _in_beacon_words(view: View) -> View:
    """Unusable input as Beacon's error object."""

    @wraps(view)
    def answered(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except InputError as problem:
            status = 413 if problem.code == "too_large" else 400
            body = error(settings.BEACON_ID, status, str(problem))
        except Http404:
            status, body = 404, error(settings.BEACON_ID, 404, "There is nothing here.")
        return JsonResponse(body, status=status)

    return answered


def _public(view: View) -> View:
    """The decorators of a public endpoint."""
    return page("public")(budgeted("public", _too_many)(_in_beacon_words(view)))


def _professional(view: View) -> View:
    """The decorators of a professional endpoint."""
    return page(LOOK_UP)(budgeted("professional", _too_many)(_in_beacon_words(view)))


def _tells(make: Callable[[framework.Identity], dict[str, Any]]) -> tuple[View, View]:
    """Two views of what the Beacon says of itself: the public one and the professional one."""

    def public(request: HttpRequest) -> HttpResponse:
        return JsonResponse(make(_identity(request, public=True)))

    def professional(request: HttpRequest) -> HttpResponse:
        return JsonResponse(make(_identity(request, public=False)))

    return _public(require_safe(from_release(public))), _professional(require_safe(professional))


info, exact_info = _tells(lambda who: framework.info(who, _datasets()))
service_info, exact_service_info = _tells(framework.service_info)
configuration, exact_configuration = _tells(framework.configuration)
beacon_map, exact_map = _tells(framework.beacon_map)
entry_types, exact_entry_types = _tells(framework.entry_types)
filtering_terms, exact_filtering_terms = _tells(framework.filtering_terms)


@csrf_exempt
@_public
@require_http_methods(["GET", "HEAD", "POST"])
def g_variants(request: HttpRequest) -> HttpResponse:
    """Variants that a query finds in the release."""
    asked = _asked(request)
    if request.method == "POST":
        return _public_answer(request, asked)
    return from_release(_public_answer)(request, asked)


@_public
@require_safe
@from_release
def g_variant(request: HttpRequest, variant: str) -> HttpResponse:
    """One variant by its identifier."""
    return _public_answer(request, from_query(_fields(request)), variant)


@_professional
@require_http_methods(["GET", "HEAD", "POST"])
def exact_g_variants(request: HttpRequest) -> HttpResponse:
    """Variants that a query finds among the exact counts."""
    return _exact_answer(request, _asked(request))


@_professional
@require_safe
def exact_g_variant(request: HttpRequest, variant: str) -> HttpResponse:
    """One variant by its identifier, with exact counts."""
    return _exact_answer(request, from_query(_fields(request)), variant)


def _public_answer(request: HttpRequest, asked: BeaconRequest, variant: str | None = None) -> HttpResponse:
    held = program_queries.public_data_set(request.build_absolute_uri(reverse("registers:public_releases")))
    return _answer(request, asked, held, variant)


def _exact_answer(request: HttpRequest, asked: BeaconRequest, variant: str | None = None) -> HttpResponse:
    if asked.test_mode:
        return _public_answer(request, asked, variant)
    address = request.build_absolute_uri(reverse("registers:frequency"))
    text = json.dumps([variant, dict(asked.parameters), [str(one) for one in asked.filters]])
    held = program_queries.exact_data_set(request.actor, text, address)
    if held is None:
        return JsonResponse(answer(settings.BEACON_ID, asked, (), {"reason": NO_RELEASE}))
    events = program_queries.exact_events()
    if variant is not None and looks_structural(variant):
        rows = event_of(events, parse_event(search.searcher().build, variant))
        return JsonResponse(answer(settings.BEACON_ID, asked, (_found_events(request, asked, held, rows, 0),)))
    query = read_events_query(asked, search.searcher()) if variant is None else None
    small = variant is not None or asks_for_small(asked)
    found = [_found(request, asked, held, variant)] if small else []
    if query is not None:
        before = found[0].total if found else 0
        found.append(_found_events(request, asked, held, find_events(events, query), before))
    return JsonResponse(answer(settings.BEACON_ID, asked, found))


def _answer(request: HttpRequest, asked: BeaconRequest, held: Holdings | None, variant: str | None) -> HttpResponse:
    if held is None:
        _query(asked, variant)
        return JsonResponse(answer(settings.BEACON_ID, asked, (), {"reason": NO_RELEASE}))
    found = _found(request, asked, held, variant)
    return JsonResponse(answer(settings.BEACON_ID, asked, (found,), {"existsMeans": EXISTS_MEANS}))


def _query(asked: BeaconRequest, variant: str | None) -> VariantQuery:
    return read_query(asked, search.searcher()) if variant is None else VariantQuery(Alleles((_identified(variant),)))


def _found(request: HttpRequest, asked: BeaconRequest, held: Holdings, variant: str | None) -> Found:
    """The small variants of a data set, with the records of the page."""
    wants_records = asked.granularity is Granularity.RECORD
    sites = held.find(_query(asked, variant), *(asked.page if wants_records else (0, 0)))
    reference = search.searcher().reference
    records = [record(held, row, reference) for row in sites.page.iter_rows(named=True)]
    if wants_records:
        request.charge(len(records))  # type: ignore[attr-defined]
    page_info = {"returned": len(records), "total": sites.total, "version": held.version}
    return Found(held.identifier, sites.total, records, page_info)


def _found_events(
    request: HttpRequest, asked: BeaconRequest, held: Holdings, events: pl.DataFrame, before: int
) -> Found:
    """Structural events, with the records of the page; ``before`` results of another set come first."""
    records: list[dict[str, Any]] = []
    if asked.granularity is Granularity.RECORD:
        first, last = (min(max(place - before, 0), events.height) for place in asked.page)
        source = "Exact counts of structural variants, among those read for such"
        records = [
            event_record(held.build, row, source, held.reference_url, held.version)
            for row in events[first:last].iter_rows(named=True)
        ]
        request.charge(len(records))  # type: ignore[attr-defined]
    page_info = {"returned": len(records), "total": events.height, "version": held.version}
    return Found("structural-events", events.height, records, page_info)


def _identified(text: str) -> Variant:
    """An identifier as our own records have it, or another notation of one variant."""
    return search.one(text)[1]


def _asked(request: HttpRequest) -> BeaconRequest:
    if request.method != "POST":
        return from_query(_fields(request))
    announced = request.META.get("CONTENT_LENGTH") or "0"
    if not announced.isdecimal() or int(announced) > MOST_BYTES:
        raise InputError("too_large", f"The body is larger than {MOST_BYTES:,} bytes.", "Ask for less.")
    try:
        return from_body(json.loads(request.body or b"{}"))
    except (ValueError, RecursionError):
        raise InputError("malformed_request", "The body is no JSON.", "Send a Beacon request.") from None


def _fields(request: HttpRequest) -> dict[str, list[str]]:
    return {name: [str(one) for one in values] for name, values in request.GET.lists()}


def _identity(request: HttpRequest, *, public: bool) -> framework.Identity:
    name = "registers:beacon" if public else "registers:beacon_professional"
    return framework.Identity(
        identifier=settings.BEACON_ID,
        name="Varde: frequency register" if public else "Varde: frequency register, exact counts",
        description=EXISTS_MEANS if public else "Exact counts for professionals of the health service; logged.",
        organisation=settings.BEACON_ORGANISATION,
        root=request.build_absolute_uri(reverse(name)).rstrip("/"),
        welcome=request.build_absolute_uri(reverse("registers:public")),
        version=version("varde"),
        security="PUBLIC" if public else "CONTROLLED",
        production="DEV" if settings.DEMO else "PROD",
    )


def _datasets() -> list[dict[str, Any]]:
    current = public_queries.current()
    return [{"id": f"release-{current.name}", "people": current.people}] if current else []
