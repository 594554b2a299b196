"""Pages of the laboratory's panels: the list, a version, what a version changes, and the editor."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from varde.genome.errors import InputError
from varde_node.lab import services
from varde_node.lab.queries.panels import panel, panel_comparison, panel_lines, panel_text, stored_panel
from varde_node.people.services import page

UNPROCESSABLE = 422
HEADING = "gene\tconfidence\tinheritance\n"


@require_GET
@page("lab.panels.read")
def panels(request: HttpRequest) -> HttpResponse:
    """Every version of every panel."""
    return render(request, "lab/panels.html", {"lines": panel_lines(request.actor)})


@require_GET
@page("lab.panels.read")
def stored(request: HttpRequest, panel_id: UUID) -> HttpResponse:
    """One version."""
    view = stored_panel(request.actor, panel_id)
    others = [one for one in panel_lines(request.actor) if one.id != panel_id]
    others.sort(key=lambda one: one.name != view.name)
    return render(request, "lab/stored_panel.html", {"panel": view, "others": others})


@require_GET
@page("lab.panels.read")
def compare(request: HttpRequest) -> HttpResponse:
    """What changes from one version to another."""
    view = panel_comparison(request.actor, _panel_id(request.GET.get("before")), _panel_id(request.GET.get("after")))
    return render(request, "lab/panel_comparison.html", {"view": view})


@require_http_methods(["GET", "POST"])
@page("lab.panel.store")
def new(request: HttpRequest) -> HttpResponse:
    """Store a panel: from a file, or written here, beginning from another version."""
    error = None
    if request.method == "POST":
        try:
            ids = _stored(request)
            messages.success(request, _("The panel is stored. This version never changes."))
            return redirect("lab:stored_panel", ids[0]) if len(ids) == 1 else redirect("lab:panels")
        except InputError as refused:
            error = refused
    typed = {name: request.POST.get(name, "") for name in ("name", "version", "genes", "accept_unknown", "incidental")}
    base = request.GET.get("from")
    if request.method == "GET":
        begun = stored_panel(request.actor, _panel_id(base)) if base else None
        typed["name"] = begun.name if begun else ""
        typed["genes"] = panel_text(request.actor, begun.id) if begun else HEADING
    context = {"error": error, "typed": typed}
    return render(request, "lab/new_panel.html", context, status=UNPROCESSABLE if error else 200)


@require_POST
@page("lab.panel.change")
def change(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Give a case another panel, with a reason."""
    reason = request.POST.get("reason", "")
    try:
        services.change_panel(request.actor, case_id, _panel_id(request.POST.get("panel")), reason)
    except InputError as error:
        context = {**case_panel_context(request, case_id), "error": error, "reason": reason}
        return render(request, "lab/panel.html", context, status=UNPROCESSABLE)
    messages.success(request, _("The panel is changed. The old one and the reason stand below."))
    return redirect("lab:panel", case_id)


def case_panel_context(request: HttpRequest, case_id: UUID) -> dict[str, object]:
    """What the page of a case's panel shows."""
    view = panel(request.actor, case_id)
    others = [one for one in panel_lines(request.actor) if one.id != view.id and not one.incidental]
    others.sort(key=lambda one: one.name != view.name)
    return {"case_id": case_id, "panel": view, "others": others}


def _stored(request: HttpRequest) -> tuple[UUID, ...]:
    told = {
        "accept_unknown": request.POST.get("accept_unknown") == "yes",
        "incidental": request.POST.get("incidental") == "yes",
    }
    uploaded = request.FILES.get("file")
    if uploaded is not None:
        return services.store_panel_text(request.actor, uploaded.read(), uploaded.name or "panel", **told)
    name, version = (" ".join(request.POST.get(field, "").split())[:200] for field in ("name", "version"))
    for field, value in (("name", name), ("version", version)):
        if not value:
            raise InputError(
                code="name_missing",
                problem=_("The panel has no name or no version."),
                remedy=_("Fill in both."),
                field=field,
            )
    written = request.POST.get("genes", "").replace("\r\n", "\n")
    text = f"# name: {name}\n# version: {version[:40]}\n{written}"
    return services.store_panel_text(request.actor, text.encode(), "editor", **told)


def _panel_id(written: str | None) -> UUID:
    try:
        return UUID(written or "")
    except ValueError:
        raise Http404 from None
