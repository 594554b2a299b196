"""Request identifier and log line; the upload limit; one place where errors become answers."""

from __future__ import annotations

import time
from collections.abc import Callable
from http import HTTPStatus
from uuid import uuid4

import structlog
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse

from varde.genome.errors import InputError
from varde_node.people.services import AccessDenied, NoActor, record_denial
from varde_node.site import errors
from varde_node.site.uploads import too_large

GetResponse = Callable[[HttpRequest], HttpResponse]
log = structlog.get_logger("varde_node.request")
NUL_IN_ADDRESS = InputError("malformed_request", "The address holds a NUL character.", "Take it out.")


class RequestContextMiddleware:
    """Gives every request an identifier and writes one line about it: route and status, never the address itself."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.identifier = uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request.identifier)
        begun = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        log.info(
            "request",
            method=request.method,
            route=match.route if match else "",
            status=response.status_code,
            duration_ms=round((time.perf_counter() - begun) * 1000, 1),
        )
        response["X-Request-ID"] = request.identifier
        response["Cache-Control"] = response.get("Cache-Control", "no-store")
        return response


class RequestLimitsMiddleware:
    """Refuses, before a byte of the body is read, a body announced beyond the limit and an address with a NUL in it
    (which no database takes)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _announced_bytes(request) > settings.UPLOAD_LIMIT_BYTES:
            return errors.input_refused(request, too_large(settings.UPLOAD_LIMIT_BYTES))
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return errors.input_refused(request, NUL_IN_ADDRESS)
        return self.get_response(request)


class VisitorLimitMiddleware:
    """Refuses a large body of somebody who acts in no role: a form is read for its token before any page asks who is
    there, and a visitor must not fill the disk."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.actor is None and _announced_bytes(request) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return errors.input_refused(request, too_large(settings.DATA_UPLOAD_MAX_MEMORY_SIZE))
        return self.get_response(request)


class ErrorMiddleware:
    """Turns refusals and unusable input into answers, and writes refusals to the trail."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and not response.content:
            return errors.method_refused(request, response)
        return response

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        """Answer for the errors we know; the rest is Django's."""
        if isinstance(problem, NoActor):
            return errors.nobody_acts(request, problem)
        if isinstance(problem, AccessDenied):
            record_denial(problem)
            return errors.access_denied(request, problem)
        if isinstance(problem, InputError):
            return errors.input_refused(request, problem)
        if isinstance(problem, RequestDataTooBig):
            return errors.input_refused(request, too_large(settings.DATA_UPLOAD_MAX_MEMORY_SIZE))
        return None


def _announced_bytes(request: HttpRequest) -> int:
    announced = request.META.get("CONTENT_LENGTH") or ""
    return int(announced) if announced.isdecimal() else 0
