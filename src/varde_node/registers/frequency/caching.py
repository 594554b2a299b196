"""ETags of answers that everybody may keep (RFC 9110, section 13.1.2)."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified

FRESH_S = 300
"""Seconds for which a public answer may be kept without asking again; a withdrawn release is gone after it."""
FRESH = f"public, max-age={FRESH_S}"


def holds(request: HttpRequest, tag: str) -> bool:
    """Whether the client names this ETag among those it has."""
    return tag in [one.strip().removeprefix("W/") for one in request.headers.get("If-None-Match", "").split(",")]


def kept(request: HttpRequest, response: HttpResponse, tag: str) -> HttpResponse:
    """With ETag and Cache-Control; 304 where the client has it, or asks (``*``) whether there is anything at all."""
    if response.status_code == HTTPStatus.OK and (holds(request, tag) or holds(request, "*")):
        response = HttpResponseNotModified()
    response["ETag"], response["Cache-Control"] = tag, FRESH
    return response
