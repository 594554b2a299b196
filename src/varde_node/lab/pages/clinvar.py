"""The page on which signed classes are made ready for ClinVar."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from varde.genome.errors import InputError
from varde_node.lab.queries import clinvar as queries
from varde_node.lab.services.clinvar import export_classes
from varde_node.people.services import page

CHOSEN = "variant"


@require_http_methods(["GET", "POST"])
@page("lab.clinvar.read")
def overview(request: HttpRequest) -> HttpResponse:
    """The classes that can be told, and files made before; a form makes the next."""
    error = None
    if request.method == "POST":
        try:
            export_classes(request.actor, _conditions(request))
        except InputError as refused:
            error = refused
        else:
            return redirect("lab:clinvar")
    view = queries.clinvar(request.actor)
    typed = {name: value for name, value in request.POST.items() if name.startswith("condition-")}
    chosen = set(request.POST.getlist(CHOSEN))
    rows = [
        (one, str(one.assessment_id) in chosen, typed.get(f"condition-{one.assessment_id}", one.condition))
        for one in view.classes
    ]
    return render(
        request, "lab/clinvar.html", {"view": view, "rows": rows, "error": error}, status=422 if error else 200
    )


@require_GET
@page("lab.clinvar.read")
def download(request: HttpRequest, export_id: UUID) -> HttpResponse:
    """A file as it was made."""
    found = queries.export(request.actor, export_id)
    if found is None:
        raise Http404
    name = f"clinvar-{found.at:%Y-%m-%d}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return JsonResponse(found.submission, json_dumps_params={"indent": 1}, headers=headers)


def _conditions(request: HttpRequest) -> dict[UUID, str]:
    try:
        chosen = [UUID(value) for value in request.POST.getlist(CHOSEN)]
    except ValueError:
        raise Http404 from None
    return {one: request.POST.get(f"condition-{one}", "") for one in chosen}
