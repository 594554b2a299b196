"""The page of a case on which other hospitals are asked about somebody with the same gene."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from varde.genome.errors import InputError
from varde_node.lab.queries.matchmaking import matchmaking
from varde_node.lab.services import matchmaking as services
from varde_node.people.services import page


@require_GET
@page("lab.matchmaking.read")
def overview(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """What is told, who may be asked, what was answered."""
    return _overview(request, case_id)


@require_POST
@page("lab.matchmaking.share")
def share(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Choose what is told, or tell nobody more."""
    try:
        if request.POST.get("do") == "stop":
            services.stop_sharing(request.actor, case_id)
        else:
            services.share_profile(
                request.actor,
                case_id,
                genes=request.POST.getlist("gene"),
                with_variant=request.POST.get("with_variant") == "on",
                reason=request.POST.get("reason", ""),
            )
    except InputError as error:
        return _overview(request, case_id, error)
    return redirect("lab:matchmaking", case_id)


@require_POST
@page("lab.matchmaking.ask")
def ask(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Ask every service that may be asked."""
    try:
        services.ask_services(request.actor, case_id)
    except InputError as error:
        return _overview(request, case_id, error)
    return redirect("lab:matchmaking", case_id)


def _overview(request: HttpRequest, case_id: UUID, error: InputError | None = None) -> HttpResponse:
    context = {
        "case_id": case_id,
        "view": matchmaking(request.actor, case_id),
        "error": error,
        "chosen": request.POST.getlist("gene"),
        "reason": request.POST.get("reason", ""),
        "with_variant": request.POST.get("with_variant") == "on",
    }
    return render(request, "lab/matchmaking.html", context, status=422 if error else 200)
