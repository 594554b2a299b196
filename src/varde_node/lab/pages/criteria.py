"""What the laboratory judges by: rule set, gene specifications, functional results."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from varde.genome.errors import InputError
from varde_node.lab import queries, services
from varde_node.lab.services.criteria import LARGEST_BYTES
from varde_node.lab.words import CRITERIA_TABLE_NAMES
from varde_node.people.services import page

UNPROCESSABLE = 422


@require_http_methods(["GET", "POST"])
@page("lab.criteria.read")
def criteria(request: HttpRequest) -> HttpResponse:
    """The rule set and the tables, with a form for each."""
    error = None
    if request.method == "POST":
        try:
            if request.POST.get("act") == "ruleset":
                services.choose_ruleset(request.actor, request.POST.get("ruleset", ""))
                messages.success(request, _("The rule set is chosen."))
            else:
                _store(request)
                messages.success(request, _("The table is stored and in use."))
            return redirect("lab:criteria")
        except InputError as refused:
            error = refused
    context = {
        "view": queries.criteria_page(request.actor),
        "error": error,
        "kinds": list(CRITERIA_TABLE_NAMES.items()),
        "kind": request.POST.get("kind", ""),
    }
    return render(request, "lab/criteria.html", context, status=UNPROCESSABLE if error else 200)


@require_POST
@page("lab.criteria.store")
def retire_table(request: HttpRequest, table_id: UUID) -> HttpResponse:
    """Put a table out of use."""
    services.retire_criteria_table(request.actor, table_id)
    messages.success(request, _("The table is out of use."))
    return redirect("lab:criteria")


def _store(request: HttpRequest) -> None:
    given = request.FILES.get("file")
    if given is None:
        raise InputError("no_file", _("No file was chosen."), _("Choose a file."), field="file")
    # One byte more than allowed is enough to refuse a larger file.
    content = given.read(LARGEST_BYTES + 1)
    services.store_criteria_table(request.actor, request.POST.get("kind", ""), content, given.name or "")
