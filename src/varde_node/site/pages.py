"""The site's own pages: jobs, health, the choice of colours."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from varde_node.jobs import queries as jobs
from varde_node.jobs import services as job_services
from varde_node.people.services import Actor, Relation, Role, page, require, role_may
from varde_node.site import health as node_health
from varde_node.site.context import SCHEMES
from varde_node.site.keys import SHORTCUTS

YEAR_S = 31_536_000


@require_GET
@page("public")
def live(_request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return JsonResponse({"status": "live"})


@require_GET
@page("public")
def ready(_request: HttpRequest) -> HttpResponse:
    """The node can serve people; 503 with the failing checks when not."""
    checks = {check.name: check.healthy for check in node_health.checks()}
    healthy = all(checks.values())
    body = {"status": "ready" if healthy else "not ready", "checks": checks}
    return JsonResponse(body, status=200 if healthy else 503)


@require_GET
@page("site.health.read")
def health(request: HttpRequest) -> HttpResponse:
    """Health for the administrator."""
    require(request.actor, "site.health.read")
    context = {"checks": node_health.checks(), "jobs": jobs.jobs_of(limit=20), "counts": jobs.counts_by_state()}
    return render(request, "site/health.html", context)


@require_GET
@page("site.job.read")
def job_list(request: HttpRequest) -> HttpResponse:
    """The newest jobs of the organisation; all of them for the administrator."""
    everywhere = request.actor.role is Role.ADMINISTRATOR
    rows = jobs.jobs_of(organisation=None if everywhere else request.actor.organisation_id)
    return render(request, "site/jobs.html", {"jobs": rows})


@require_GET
@page("site.job.read")
def job(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """One job with its progress; htmx fetches the inner part again until the job has ended."""
    row = _job_for(request.actor, job_id, "site.job.read")
    template = "site/_job.html" if request.htmx else "site/job.html"
    context = {
        "job": row,
        "may_open": _may_open(request.actor, row),
        "may_read": _may_read(request.actor, row),
        "back": _local(request, request.GET.get("back", "")),
    }
    return render(request, template, context)


@require_POST
@page("site.job.cancel")
def cancel_job(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Cancel a job."""
    _job_for(request.actor, job_id, "site.job.cancel")
    job_services.cancel(job_id)
    return redirect("site:job", job_id)


@require_http_methods(["GET", "POST"])
@page("site.shortcuts.choose")
def shortcuts(request: HttpRequest) -> HttpResponse:
    """The keys that pages answer to, and turning them off, for those who speak to the machine."""
    if request.method == "POST":
        response = redirect("site:shortcuts")
        value = "off" if request.POST.get("shortcuts") == "off" else "on"
        response.set_cookie("shortcuts", value, max_age=YEAR_S, samesite="Lax")
        return response
    return render(request, "site/shortcuts.html", {"keys": SHORTCUTS})


@require_POST
@page("public")
def choose_scheme(request: HttpRequest) -> HttpResponse:
    """Remember light, dark or automatic colours in a cookie."""
    scheme = request.POST.get("scheme", "auto")
    response = redirect(_local(request, request.POST.get("next", "")) or "/")
    response.set_cookie("scheme", scheme if scheme in SCHEMES else "auto", max_age=YEAR_S, samesite="Lax")
    return response


def _job_for(actor: Actor, job_id: UUID, action: str) -> jobs.JobView:
    row = jobs.job(job_id)
    if row is None:
        raise Http404
    relations = [Relation.SELF] if row.requested_by == actor.account_id else []
    require(actor, action, object_id=job_id, organisation=row.organisation, relations=relations)
    return row


def _may_open(actor: Actor, row: jobs.JobView) -> bool:
    """Whether the role may open the page of the result at all (the administrator sees the work, not the cases)."""
    if row.result_url_name is None or not row.result:
        return False
    return role_may(actor.role, resolve(reverse(row.result_url_name, args=row.result[:1])).func.action)


def _may_read(actor: Actor, row: jobs.JobView) -> bool:
    """Whether to show what was wrong with the input: it may name a file, a person's tube or a variant, and is for those
    whom the result is for."""
    if row.result_url_name is None:
        return actor.role is not Role.ADMINISTRATOR
    result = row.result[0] if row.result else row.id
    return role_may(actor.role, resolve(reverse(row.result_url_name, args=[result])).func.action)


def _local(request: HttpRequest, target: str) -> str:
    return target if url_has_allowed_host_and_scheme(target, {request.get_host()}) else ""
