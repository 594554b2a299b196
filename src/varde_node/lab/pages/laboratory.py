"""Pages of the laboratory as a whole: classes to look at again, and the rules it decides by."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from varde.genome.errors import InputError
from varde.interpretation.reuse import VALIDITY
from varde_node.lab import queries, services
from varde_node.lab.spreadsheets import evaluated_sheet, spreadsheet
from varde_node.lab.taking_over import identifier
from varde_node.lab.words import CONFIRMATION_NEEDS
from varde_node.people.services import page

UNPROCESSABLE = 422


@require_http_methods(["GET", "POST"])
@page("lab.re_evaluation.read")
def re_evaluation(request: HttpRequest) -> HttpResponse:
    """Classes that are outdated or will be soon; one that still holds is confirmed here."""
    error, chosen = None, identifier(request.POST.get("assessment_id", ""))
    if request.method == "POST":
        try:
            services.reconfirm_class(request.actor, chosen or UUID(int=0), request.POST.get("reasoning", ""))
            messages.success(request, _("Confirmed. The class holds anew from today."))
            return redirect("lab:re_evaluation")
        except InputError as refused:
            error = refused
    context = {
        "view": queries.re_evaluation(request.actor),
        "error": error,
        "chosen": chosen,
        "reasoning": request.POST.get("reasoning", ""),
    }
    return render(request, "lab/re_evaluation.html", context, status=UNPROCESSABLE if error else 200)


@require_http_methods(["GET", "POST"])
@page("lab.rules.read")
def rules(request: HttpRequest) -> HttpResponse:
    """What must be confirmed before signing, and how long classes hold."""
    error = None
    if request.method == "POST":
        try:
            services.set_rules(
                request.actor,
                confirmation=request.POST.get("confirmation", ""),
                validity_days=_days(request),
                reason=request.POST.get("reason", ""),
            )
            messages.success(request, _("The rules hold from now on."))
            return redirect("lab:rules")
        except InputError as refused:
            error = refused
    view = queries.laboratory_rules(request.actor)
    typed = {line.acmg_class: request.POST.get(f"days-{line.acmg_class}", "") for line in view.validity}
    context = {
        "view": view,
        "lines": [(line, typed[line.acmg_class] if error else line.days or "") for line in view.validity],
        "needs": [(key.value, words) for key, words in CONFIRMATION_NEEDS.items()],
        "chosen": request.POST.get("confirmation", "") if error else view.confirmation,
        "reason": request.POST.get("reason", ""),
        "error": error,
    }
    return render(request, "lab/rules.html", context, status=UNPROCESSABLE if error else 200)


@require_GET
@page("lab.interpretation.read")
def evaluated_table(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Every evaluated variant of a case as a spreadsheet."""
    view = queries.interpretation(request.actor, case_id)
    return spreadsheet(f"{view.head.number}-variants", evaluated_sheet(view))


def _days(request: HttpRequest) -> dict[int, int | None]:
    """The days that differ from the library's table; an empty field is a class without end."""
    own: dict[int, int | None] = {}
    for acmg_class, usual in VALIDITY.items():
        written = request.POST.get(f"days-{acmg_class}", "").strip()
        if written and not (written.isascii() and written.isdigit() and len(written) < 7):
            days: int | None = 0  # refused by the service, which names the field
        else:
            days = int(written) if written else None
        if days != usual.days:
            own[acmg_class] = days
    return own
