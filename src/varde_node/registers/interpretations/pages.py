"""Pages of the disagreement board."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde_node.people.services import page
from varde_node.registers.frequency import words
from varde_node.registers.interpretations import disagreements as board
from varde_node.registers.interpretations.legal import LEGAL_BASIS

UNPROCESSABLE = 422


@require_GET
@page("registers.disagreement.read")
def disagreements(request: HttpRequest) -> HttpResponse:
    """Variants that laboratories classify differently, the widest apart first."""
    ours = request.GET.get("whose") == "ours"
    lines = [(line, words.DISAGREEMENTS[line.disagreement]) for line in board.board(request.actor, ours_only=ours)]
    return render(request, "registers/disagreements.html", {"lines": lines, "ours": ours, "basis": LEGAL_BASIS})


@require_http_methods(["GET", "POST"])
@page("registers.disagreement.read")
def disagreement(request: HttpRequest, build: str, variant: str) -> HttpResponse:
    """One variant: every class that was entered, the thread, and how it ended."""
    if build not in set(Build):
        raise Http404
    error, of = None, Build(build)
    if request.method == "POST":
        try:
            if request.POST.get("act") == "settle":
                board.settle(
                    request.actor,
                    of,
                    variant,
                    outcome=request.POST.get("outcome", ""),
                    acmg_class=_class(request.POST.get("acmg_class", "")),
                    text=request.POST.get("text", ""),
                )
            else:
                board.write(request.actor, of, variant, request.POST.get("text", ""))
            messages.success(request, _("Written. Every laboratory can read it."))
            return redirect("registers:disagreement", build, variant)
        except InputError as refused:
            error = refused
    view = board.thread(request.actor, of, variant)
    context = {
        "view": view,
        "word": words.DISAGREEMENTS[view.disagreement],
        "lines": [(words.CLASSES[line.acmg_class], line) for line in view.log],
        "error": error,
        "typed": {name: request.POST.get(name, "") for name in ("act", "text", "outcome", "acmg_class")},
        "outcomes": list(board.OUTCOME_WORDS.items()),
        "basis": LEGAL_BASIS,
    }
    return render(request, "registers/disagreement.html", context, status=UNPROCESSABLE if error else 200)


def _class(written: str) -> int | None:
    return int(written) if written in {"1", "2", "3", "4", "5"} else None
