"""The Matchmaker Exchange's own addresses: /match, /metrics and /heartbeat, version 1 of its interface.

A service shows its token in X-Auth-Token and is then the actor. Errors have the exchange's form: a ``message``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

import varde
from varde.interpretation.matchmaking import (
    ACCEPTED,
    MEDIA_TYPE,
    MatchError,
    agreed_version,
    read_request,
    write_answer,
)
from varde.interpretation.matchmaking.wire import LARGEST_MESSAGE_BYTES
from varde_node.lab.matchmakers import service_actor
from varde_node.lab.queries.matchmaking import exchange_metrics
from varde_node.lab.services.matchmaking import DISCLAIMER, answer_question

View = Callable[[HttpRequest], HttpResponse]
UNAUTHORISED, NOT_ALLOWED, TOO_LARGE = 401, 405, 413


def _exchange(method: str) -> Callable[[View], View]:
    """A view of the exchange: its method, its token, its content type, and its errors."""

    def decorate(view: View) -> View:
        @csrf_exempt
        @never_cache
        @wraps(view)
        def answered(request: HttpRequest) -> HttpResponse:
            try:
                if request.method != method:
                    raise MatchError(NOT_ALLOWED, f"only {method} is answered here")
                request.actor = service_actor(request.headers.get("X-Auth-Token", ""))
                if request.actor is None:
                    raise MatchError(UNAUTHORISED, "the token in X-Auth-Token is missing or not known here")
                return view(request)
            except MatchError as error:
                return _said(error.body(), error.status)

        # Not a page of people: the token is the gate, and the service behind it asks for access as every command does.
        answered.action = "public"
        return answered

    return decorate


@_exchange("POST")
def match(request: HttpRequest) -> HttpResponse:
    """Profiles that fit the one asked about."""
    agreed_version(request.headers.get("Content-Type"))
    if int(request.headers.get("Content-Length") or 0) > LARGEST_MESSAGE_BYTES:
        raise MatchError(TOO_LARGE, f"the message has more than {LARGEST_MESSAGE_BYTES} bytes")
    asked = read_request(request.read(LARGEST_MESSAGE_BYTES + 1))
    return _said(write_answer(answer_question(request.actor, asked), disclaimer=DISCLAIMER))


@_exchange("GET")
def metrics(request: HttpRequest) -> HttpResponse:
    """How many cases and genes can be found."""
    return _said({"metrics": exchange_metrics(request.actor), "disclaimer": DISCLAIMER})


@_exchange("GET")
def heartbeat(_request: HttpRequest) -> HttpResponse:
    """That the service lives, and what it takes."""
    beat = {"production": not settings.DEMO, "version": varde.__version__, "accept": list(ACCEPTED)}
    return _said({"heartbeat": beat})


def _said(body: dict[str, object], status: int = 200) -> HttpResponse:
    return JsonResponse(body, status=status, content_type=MEDIA_TYPE)
