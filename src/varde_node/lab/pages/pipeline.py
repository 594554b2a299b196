"""Pages of standard processing: a case's runs, the board, a step's log."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from varde.genome.errors import InputError
from varde_node.lab import services
from varde_node.lab.queries import pipeline as queries
from varde_node.people.services import page

UNPROCESSABLE = 422


@require_GET
@page("lab.pipeline.read")
def processing(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The runs of a case, and the button that begins one."""
    return _processing(request, case_id)


@require_POST
@page("lab.pipeline.run")
def start(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Begin a run."""
    try:
        services.start_processing(request.actor, case_id)
    except InputError as error:
        return _processing(request, case_id, UNPROCESSABLE, error=error)
    return redirect("lab:processing", case_id)


@require_GET
@page("lab.pipeline.read")
def log(request: HttpRequest, case_id: UUID, run_id: UUID) -> HttpResponse:
    """A step's log, at the failing line."""
    rule, subject = request.GET.get("rule", "")[:60], request.GET.get("of", "")[:200]
    found = queries.log(request.actor, case_id, run_id, rule, subject)
    return render(request, "lab/processing_log.html", {"case_id": case_id, "log": found})


@require_GET
@page("lab.pipeline.read")
def board(request: HttpRequest) -> HttpResponse:
    """The laboratory's runs."""
    return render(request, "lab/processing_board.html", {"runs": queries.board(request.actor)})


def _processing(request: HttpRequest, case_id: UUID, status: int = 200, **context: object) -> HttpResponse:
    view = queries.processing(request.actor, case_id)
    return render(request, "lab/processing.html", {"case_id": case_id, "view": view, **context}, status=status)
