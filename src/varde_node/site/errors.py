"""Answers for errors: a page in the design, or RFC 9457 problem details for programs."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _

from varde.frequency.beacon.responses import error as beacon_error
from varde.frequency.search import SeveralVariants
from varde.genome.errors import InputError
from varde_node.people.services import AccessDenied, NoActor

PROGRAM_PREFIXES = ("/api/", "/beacon/", "/fhir/", "/health/")
STATUS_OF_CODE = {"too_large": 413, "empty_body": 400, "malformed_request": 400}
"""Codes of :class:`InputError` that are not 422."""


def problem(request: HttpRequest, status: int, title: str, detail: str = "", **members: object) -> HttpResponse:
    """An error as page, as problem details or as Beacon writes errors, by who asks."""
    if request.path.startswith("/beacon/"):
        return JsonResponse(beacon_error(settings.BEACON_ID, status, f"{title}. {detail}".strip()), status=status)
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


def nobody_acts(request: HttpRequest, nobody: NoActor) -> HttpResponse:
    """401 (nobody is signed in) or 403 (no role is chosen) for programs; people are led to sign in or to choose."""
    if not wants_problem_details(request):
        if nobody.signed_in:
            return redirect("people:choose_role")
        return redirect_to_login(request.get_full_path(), resolve_url("people:sign_in"))
    if nobody.signed_in:
        return problem(
            request, 403, _("No role is chosen"), _("Choose a role on the node's pages in the same session.")
        )
    response = problem(
        request, 401, _("Not signed in"), _("Sign in on the node's pages and send that session's cookie.")
    )
    response["WWW-Authenticate"] = 'Session realm="Varde"'
    return response


def method_refused(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """405 with the methods that are allowed."""
    allowed = response["Allow"]
    told = problem(
        request, 405, _("The address does not know this method"), _("Use %(methods)s.") % {"methods": allowed}
    )
    told["Allow"] = allowed
    return told


def access_denied(request: HttpRequest, denial: AccessDenied) -> HttpResponse:
    """403 with the decision's sentence."""
    decision = denial.decision
    return problem(
        request, 403, _("You may not do this"), str(decision.text), action=decision.action, reason=decision.sentence
    )


def input_refused(request: HttpRequest, refused: InputError) -> HttpResponse:
    """422 (or 400, 413) naming what is wrong and what to do; nothing was stored."""
    status = STATUS_OF_CODE.get(refused.code, 422)
    return problem(
        request,
        status,
        _("The input cannot be used"),
        str(refused),
        code=refused.code,
        problem=refused.problem,
        remedy=refused.remedy,
        source=refused.source,
        line=refused.line,
        field=refused.field,
        candidates=[str(one) for one in refused.candidates] if isinstance(refused, SeveralVariants) else None,
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
