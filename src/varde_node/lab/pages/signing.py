"""Pages of the conclusion and the two signatures."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from varde.genome.errors import InputError
from varde_node.lab import queries, services
from varde_node.lab.words import CONCLUSION_NAMES, MODE_NAMES
from varde_node.people.services import page

UNPROCESSABLE = 422


@require_http_methods(["GET", "POST"])
@page("lab.interpretation.read")
def interpretation(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The conclusion of the case, and what still blocks signing it."""
    error = None
    if request.method == "POST":
        try:
            services.sign_interpretation(
                request.actor,
                case_id,
                conclusion=request.POST.get("conclusion", ""),
                gene=request.POST.get("gene", "").strip()[:60],
                mode=_mode(request.POST.get("mode", "")),
                summary=request.POST.get("summary", ""),
                seen=request.POST.get("seen", ""),
            )
            messages.success(request, _("Signed. The case waits for the second reader."))
            return redirect("lab:interpretation", case_id)
        except InputError as refused:
            error = refused
    view = queries.interpretation(request.actor, case_id)
    proposal = view.proposal
    typed = {
        "conclusion": proposal.conclusion,
        "gene": proposal.gene,
        "mode": proposal.mode,
        "summary": proposal.summary,
    }
    if error:
        typed = {name: request.POST.get(name, "") for name in typed}
    context = {
        "case_id": case_id,
        "view": view,
        "error": error,
        "typed": typed,
        "conclusions": list(CONCLUSION_NAMES.items()),
        "modes": [(mode.value, words) for mode, words in MODE_NAMES.items()],
    }
    return render(request, "lab/interpretation.html", context, status=UNPROCESSABLE if error else 200)


@require_http_methods(["GET", "POST"])
@page("lab.interpretation.read")
def approval(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The second reader reads all, and approves or returns."""
    error, seen = None, request.POST.get("seen", "")
    if request.method == "POST":
        try:
            if request.POST.get("act") == "return":
                services.return_interpretation(request.actor, case_id, request.POST.get("reason", ""), seen=seen)
                messages.success(request, _("Returned to the first reader."))
                return redirect("lab:interpretation", case_id)
            services.approve_interpretation(request.actor, case_id, seen=seen)
            messages.success(request, _("Approved. The answer has been sent to the requester."))
            return redirect("lab:approval", case_id)
        except InputError as refused:
            error = refused
    view = queries.interpretation(request.actor, case_id)
    context = {
        "case_id": case_id,
        "view": view,
        "error": error,
        "reason": request.POST.get("reason", ""),
        "own": view.current is not None and view.current.author_id == request.actor.account_id,
        "conclusion_words": CONCLUSION_NAMES.get(view.current.conclusion) if view.current else "",
        "mode_words": {mode.value: words for mode, words in MODE_NAMES.items()}.get(view.current.mode)
        if view.current
        else "",
    }
    return render(request, "lab/approval.html", context, status=UNPROCESSABLE if error else 200)


@require_http_methods(["GET", "POST"])
@page("lab.case.reopen")
def reopen(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Open a signed case again: what it means, why, and on which data."""
    error = None
    typed = {name: request.POST.get(name, "") for name in ("kind", "reason", "new_files")}
    if request.method == "POST":
        try:
            services.reopen_case(
                request.actor,
                case_id,
                kind=typed["kind"],
                reason=typed["reason"],
                new_files=typed["new_files"] == "yes",
            )
            return redirect("lab:case", case_id)
        except InputError as refused:
            error = refused
    context = {"case_id": case_id, "case": queries.case(request.actor, case_id), "error": error, "typed": typed}
    return render(request, "lab/reopen.html", context, status=UNPROCESSABLE if error else 200)


def _mode(written: str) -> str:
    return written if written in {mode.value for mode in MODE_NAMES} else ""
