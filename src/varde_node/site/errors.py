"""Answers for errors: a page in the design, or RFC 9457 problem details for programs."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from varde.genome.errors import InputError
from varde_node.people.services import AccessDenied

PROGRAM_PREFIXES = ("/api/", "/beacon/", "/fhir/", "/health/")
STATUS_OF_CODE = {"too_large": 413, "empty_body": 400, "malformed_request": 400}
"""Codes of :class:`InputError` that are not 422."""


def problem(request: HttpRequest, status: int, title: str, detail: str = "", **members: object) -> HttpResponse:
    """An error as page or as problem details, by who asks."""
    if wants_problem_details(request):
        body = {
            "type": "about:blank",
            "title": title,
            "status": status,
            "detail": detail,
            "instance": _instance(request),
        }
        body |= {name: value for name, value in members.items() if value is not None}
        return JsonResponse(body, status=status, content_type="application/problem+json")
    context = {"status": status, "title": title, "detail": detail, "members": members}
    template = "site/_error.html" if getattr(request, "htmx", False) else "site/error.html"
    return render(request, template, context, status=status)


def wants_problem_details(request: HttpRequest) -> bool:
    """Whether a program asks: by address, or because it accepts JSON and not HTML."""
    accepts = request.headers.get("Accept", "")
    return request.path.startswith(PROGRAM_PREFIXES) or ("json" in accepts and "html" not in accepts)


def access_denied(request: HttpRequest, denial: AccessDenied) -> HttpResponse:
    """403 with the decision's sentence."""
    decision = denial.decision
    return problem(
        request, 403, _("You may not do this"), str(decision.text), action=decision.action, reason=decision.sentence
    )


def input_refused(request: HttpRequest, error: InputError) -> HttpResponse:
    """422 (or 400, 413) naming what is wrong and what to do; nothing was stored."""
    status = STATUS_OF_CODE.get(error.code, 422)
    return problem(
        request,
        status,
        _("The input cannot be used"),
        str(error),
        code=error.code,
        problem=error.problem,
        remedy=error.remedy,
        source=error.source,
        line=error.line,
        field=error.field,
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    return problem(request, 400, _("The request cannot be understood"), _("Go back and try again."))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403 raised by Django itself."""
    return problem(request, 403, _("You may not do this"))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that did not come from our page."""
    return problem(
        request, 403, _("The form has expired"), _("Go back, load the page again and send the form once more.")
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    return problem(
        request, 404, _("There is nothing here"), _("The address is wrong, or what stood here has been moved.")
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """500: the page is made without the database."""
    if not hasattr(request, "actor"):
        request.actor = None
    return problem(
        request,
        500,
        _("Something went wrong here"),
        _("Nothing was changed. Give the administrator this number: %(number)s")
        % {"number": getattr(request, "identifier", "")},
    )


def _instance(request: HttpRequest) -> str:
    return f"urn:varde:request:{getattr(request, 'identifier', '')}"
