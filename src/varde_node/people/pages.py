"""Pages of sign-in, role and the access log."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from allauth.socialaccount.adapter import get_adapter
from django.conf import settings
from django.contrib.auth import login, logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from varde_node.people import queries, services
from varde_node.people.actors import ROLE_NAMES, Role
from varde_node.people.forms import SignInForm
from varde_node.people.gates import page
from varde_node.people.middleware import SESSION_KEY
from varde_node.people.models import Account


@require_GET
@page("people.start.open")
def start(request: HttpRequest) -> HttpResponse:
    """The first page of the role: its first entry in the navigation."""
    items = [item for item in queries.navigation_for(request.actor.role) if item.url_name != "people:start"]
    if items:
        return redirect(items[0].url_name)
    return render(request, "people/start.html")


@page("public")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in by password, by the provider, or in the demo by one click."""
    if request.user.is_authenticated:
        return redirect("people:start")
    form = SignInForm(request.POST or None, request=request)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            response = form.login(request, redirect_url=_next(request))
            return response
        status = 422
    context = {
        "form": form,
        "next": _next(request),
        "demo_accounts": queries.demo_accounts() if settings.DEMO else [],
        "providers": get_adapter().list_apps(request, provider="openid_connect"),
    }
    return render(request, "people/sign_in.html", context, status=status)


@require_POST
@page("public")
def sign_in_demo(request: HttpRequest) -> HttpResponse:
    """Sign in as a person of the demo country. Does not exist outside the demo."""
    if not settings.DEMO:
        raise Http404
    account = Account.objects.filter(username=request.POST.get("username", ""), is_demo=True, is_active=True).first()
    if account is None:
        raise Http404
    request.session.flush()
    login(request, account, backend=settings.AUTHENTICATION_BACKENDS[0])
    return redirect(_next(request))


@require_POST
@page("public")
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out."""
    logout(request)
    return redirect("people:sign_in")


@page("public")
def choose_role(request: HttpRequest) -> HttpResponse:
    """Choose among one's roles."""
    if not request.user.is_authenticated:
        return redirect("people:sign_in")
    memberships = queries.memberships_of(request.user.id)
    if request.method == "POST":
        chosen = request.POST.get("membership", "")
        if chosen not in {str(one.id) for one in memberships}:
            raise Http404
        request.session[SESSION_KEY] = chosen
        return redirect("people:start")
    return render(request, "people/choose_role.html", {"memberships": memberships})


@require_GET
@page("people.trail.search")
def access_log(request: HttpRequest) -> HttpResponse:
    """The trail with filters, for the data protection officer."""
    chosen = _trail_filter(request)
    before = request.GET.get("before", "")
    lines = queries.access_log(request.actor, chosen, before=int(before) if before.isdecimal() else None)
    context = {
        "lines": lines,
        "chosen": chosen,
        "roles": [(role.value, ROLE_NAMES[role]) for role in Role],
        "older": lines[-1].index if len(lines) == 100 else None,
    }
    return render(request, "people/access_log.html", context)


@require_POST
@page("people.trail.verify")
def verify_trail(request: HttpRequest) -> HttpResponse:
    """Rebuild the tree from the stored entries and say whether anything was changed."""
    services.require(request.actor, "people.trail.verify")
    checkpoint, problems = services.verify_trail()
    template = "people/_verification.html" if request.htmx else "people/verification.html"
    context = {"checkpoint": checkpoint, "size": int(checkpoint.split(":")[0]), "problems": problems}
    return render(request, template, context)


def _trail_filter(request: HttpRequest) -> queries.TrailFilter:
    def day(name: str) -> date | None:
        try:
            return date.fromisoformat(request.GET.get(name, ""))
        except ValueError:
            return None

    def identifier(name: str) -> UUID | None:
        try:
            return UUID(request.GET.get(name, ""))
        except ValueError:
            return None

    return queries.TrailFilter(
        text=request.GET.get("text", "").strip(),
        role=request.GET.get("role", ""),
        outcome=request.GET.get("outcome", ""),
        since=day("since"),
        until=day("until"),
        subject=identifier("subject"),
        reason=request.GET.get("reason", "").strip(),
    )


def _next(request: HttpRequest) -> str:
    target = request.POST.get("next") or request.GET.get("next") or "/"
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe else "/"
