"""Pages of the exchange, and the address where a region elsewhere delivers its shards."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from varde.genome.errors import InputError
from varde_node.people.services import page
from varde_node.registers.frequency import exchange, exchange_queries, exchange_words

CREATED = 201
FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


@require_GET
@page("registers.shard.list")
def shards(request: HttpRequest) -> HttpResponse:
    """What waits in each region, and what was sent."""
    return _shards(request)


@require_POST
@page("registers.shard.send")
def send(request: HttpRequest) -> HttpResponse:
    """Send what waits in a region."""
    try:
        exchange.send(request.actor, request.POST.get("region", ""))
    except InputError as error:
        return _shards(request, error)
    return redirect("registers:shards")


@require_POST
@page("registers.shard.accept")
def deliver(request: HttpRequest) -> HttpResponse:
    """Take in the body, a shard, streamed. 201 with what was taken in; a refusal is a problem with its code."""
    if request.content_type in FORMS:
        raise InputError(
            "malformed_request",
            f"The body is a form ({request.content_type}).",
            "Send the shard itself as the body: curl --data-binary @shard.zip -H 'Content-Type: application/zip'.",
        )
    if not int(request.headers.get("Content-Length") or 0):
        raise InputError("empty_body", "The body is empty.", "Send the shard as the body, with Content-Length.")
    row = exchange.accept_stream(request.actor, request)
    said = {
        "region": row.region,
        "sequence": row.sequence,
        "digest": row.digest,
        "people": {"added": row.people_added, "withdrawn": row.people_withdrawn, "corrected": row.people_corrected},
    }
    return JsonResponse(said, status=CREATED)


def _shards(request: HttpRequest, error: InputError | None = None) -> HttpResponse:
    lines = exchange_queries.shards(request.actor)
    context = {
        "waiting": [
            (exchange_words.place(one.region), one, exchange_words.waiting(one))
            for one in exchange_queries.waiting(request.actor)
        ],
        "lines": [
            (
                exchange_words.place(line.region),
                exchange_words.STATES[line.state],
                exchange_words.reason(line.reason),
                line,
            )
            for line in lines
        ],
        "error": error,
        "error_words": exchange_words.reason(error.code) if error else "",
    }
    return render(request, "registers/shards.html", context, status=422 if error else 200)
