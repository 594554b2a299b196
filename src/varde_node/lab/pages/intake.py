"""Pages from the work list to the quality lights."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from varde.genome.errors import InputError
from varde_node.lab import queries, services
from varde_node.lab.queries.work_list import WorkListFilter
from varde_node.lab.states import WORK_LIST_FILTERS
from varde_node.people.services import page

UNPROCESSABLE, TOO_LARGE = 422, 413


@require_GET
@page("lab.work_list.read")
def work_list(request: HttpRequest) -> HttpResponse:
    """The laboratory's cases; the filter is the address."""
    chosen = WorkListFilter(request.GET.get("state", "open"), request.GET.get("text", "").strip()[:100])
    found = queries.work_list(request.actor, chosen)
    chips = [(key, word, found.counts[key]) for key, word in WORK_LIST_FILTERS]
    return render(request, "lab/work_list.html", {"list": found, "chosen": chosen, "chips": chips})


@require_GET
@page("lab.case.read")
def case(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The case: where it stands and what comes next."""
    return render(request, "lab/case.html", {"case": queries.case(request.actor, case_id)})


@require_GET
@page("lab.sample.read")
def samples(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The tubes of a case."""
    return render(request, "lab/samples.html", {"case": queries.case(request.actor, case_id, "lab.sample.read")})


@require_POST
@page("lab.sample.receive")
def receive_samples(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Register the tubes whose barcode was given."""
    typed = {
        UUID(key.removeprefix("barcode-")): value.strip()
        for key, value in request.POST.items()
        if key.startswith("barcode-") and value.strip()
    }
    try:
        if not typed:
            raise InputError(
                "barcode", "No barcode was given.", "Scan the label of at least one tube.", field="barcode"
            )
        services.receive_samples(request.actor, case_id, typed)
    except InputError as error:
        view = queries.case(request.actor, case_id, "lab.sample.read")
        typed_text = {str(key): value for key, value in typed.items()}
        context = {"case": view, "error": error, "typed": typed_text}
        return render(request, "lab/samples.html", context, status=UNPROCESSABLE)
    return redirect("lab:samples", case_id)


@require_http_methods(["GET", "POST"])
@page("lab.file.upload")
def files(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The files of a case, and the form that brings one."""
    error = None
    if request.method == "POST":
        try:
            uploaded = request.FILES.get("file")
            if uploaded is None:
                raise InputError("no_file", "No file was chosen.", "Choose a VCF or BCF.", field="file")
            services.upload_file(request.actor, case_id, uploaded.name, uploaded.file)
            return redirect("lab:files", case_id)
        except InputError as refused:
            error = refused
    status = 200 if error is None else TOO_LARGE if error.code == "too_large" else UNPROCESSABLE
    view = queries.case(request.actor, case_id, "lab.file.read")
    return render(request, "lab/files.html", {"case": view, "error": error}, status=status)


@require_POST
@page("lab.file.upload")
def start_analysis(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Analyse again."""
    services.start_analysis(request.actor, case_id)
    return redirect("lab:files", case_id)


@require_GET
@page("lab.quality.read")
def quality(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The lights."""
    return render(request, "lab/quality.html", {"quality": queries.quality(request.actor, case_id), "case_id": case_id})


@require_POST
@page("lab.quality.override")
def override_quality(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Let a stopped case go on."""
    reason = request.POST.get("reason", "")
    try:
        services.override_quality(request.actor, case_id, reason)
    except InputError as error:
        context = {
            "quality": queries.quality(request.actor, case_id),
            "case_id": case_id,
            "error": error,
            "reason": reason,
        }
        return render(request, "lab/quality.html", context, status=UNPROCESSABLE)
    return redirect("lab:case", case_id)


@require_GET
@page("lab.panel.read")
def panel(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The panel of the case."""
    return render(request, "lab/panel.html", {"panel": queries.panel(request.actor, case_id), "case_id": case_id})
