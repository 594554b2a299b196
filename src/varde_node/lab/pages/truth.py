"""Pages of the pipeline's versions: measured on truth samples, signed for use."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from varde.genome.errors import InputError
from varde_node.lab import services
from varde_node.lab.queries import truth as queries
from varde_node.people.services import page

UNPROCESSABLE = 422


@require_GET
@page("lab.truth.read")
def overview(request: HttpRequest) -> HttpResponse:
    """All measurements, and the form that begins one."""
    return render(request, "lab/truth.html", {"view": queries.truth(request.actor)})


@require_POST
@page("lab.truth.measure")
def measure(request: HttpRequest) -> HttpResponse:
    """Begin a measurement."""
    try:
        row = services.measure_version(request.actor, request.POST.get("truth_set", ""))
    except InputError as error:
        context = {"view": queries.truth(request.actor), "error": error}
        return render(request, "lab/truth.html", context, status=UNPROCESSABLE)
    return redirect("lab:truth_run", row)


@require_GET
@page("lab.truth.read")
def run(request: HttpRequest, truth_run_id: UUID) -> HttpResponse:
    """One measurement by kind of variant, beside another version's."""
    return _run(request, truth_run_id)


@require_POST
@page("lab.truth.sign")
def sign(request: HttpRequest, truth_run_id: UUID) -> HttpResponse:
    """Take the version into use."""
    reason = request.POST.get("reason", "")
    try:
        services.sign_version(request.actor, truth_run_id, reason)
    except InputError as error:
        return _run(request, truth_run_id, UNPROCESSABLE, error=error, reason=reason)
    return redirect("lab:truth_run", truth_run_id)


def _run(request: HttpRequest, truth_run_id: UUID, status: int = 200, **context: object) -> HttpResponse:
    view = queries.measurement(request.actor, truth_run_id, request.GET.get("with", ""))
    return render(request, "lab/truth_run.html", {"view": view, **context}, status=status)
