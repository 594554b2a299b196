"""Pages from the work list to the quality lights."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from varde.genome.errors import InputError
from varde_node.lab import queries, services
from varde_node.lab.pages.panels import case_panel_context
from varde_node.lab.queries.work_list import WorkListFilter, every_row
from varde_node.lab.spreadsheets import spreadsheet, work_list_sheet
from varde_node.lab.states import WORK_LIST_FILTERS
from varde_node.lab.taking_over import identifier
from varde_node.people.services import page

UNPROCESSABLE, TOO_LARGE = 422, 413
GIGABYTE = 1024**3


@require_GET
@page("lab.work_list.read")
def work_list(request: HttpRequest) -> HttpResponse:
    """The laboratory's cases; the filter is the address."""
    chosen = _chosen(request)
    found = queries.work_list(request.actor, chosen)
    context = {
        "list": found,
        "chosen": chosen,
        "chips": [(key, word, found.counts[key]) for key, word in WORK_LIST_FILTERS],
        "query": urlencode({"state": chosen.state, **({"text": chosen.text} if chosen.text else {})}),
        "page_before": found.page - 1,
        "page_after": found.page + 1,
    }
    return render(request, "lab/work_list.html", context)


@require_GET
@page("lab.table.export")
def work_list_table(request: HttpRequest) -> HttpResponse:
    """The cases of a filter as a spreadsheet."""
    return spreadsheet("work-list", work_list_sheet(every_row(request.actor, _chosen(request))))


@require_POST
@page("lab.work_list.read")
def views(request: HttpRequest) -> HttpResponse:
    """Keep a view of the work list under a name, or forget one."""
    query = request.POST.get("query", "")
    try:
        if "forget" in request.POST:
            forgotten = identifier(request.POST["forget"])
            if forgotten is not None:
                services.forget_view(request.actor, forgotten)
        else:
            services.save_view(request.actor, request.POST.get("name", ""), query)
    except InputError as error:
        messages.error(request, f"{error.problem} {error.remedy}")
    return redirect(f"{reverse('lab:work_list')}?{query}" if query else "lab:work_list")


def _chosen(request: HttpRequest) -> WorkListFilter:
    written = request.GET.get("page", "1")
    number = int(written) if written.isascii() and written.isdigit() and len(written) < 7 else 1
    return WorkListFilter(request.GET.get("state", "open"), request.GET.get("text", "").strip()[:100], number)


@require_GET
@page("lab.case.read")
def case(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The case: where it stands and what comes next."""
    return _render(request, "lab/case.html", case_id, case=queries.case(request.actor, case_id))


@require_GET
@page("lab.sample.read")
def samples(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The tubes of a case."""
    return _samples_page(request, case_id, {}, None)


@require_POST
@page("lab.sample.receive")
def receive_samples(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Register the tubes whose barcode was given."""
    typed = _typed_barcodes(request)
    try:
        if not typed:
            raise InputError(
                "barcode", "No barcode was given.", "Scan the label of at least one tube.", field="barcode"
            )
        services.receive_samples(request.actor, case_id, typed)
    except InputError as error:
        return _samples_page(request, case_id, typed, error)
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
    limit_gigabytes = settings.UPLOAD_LIMIT_BYTES / GIGABYTE
    return _render(
        request,
        "lab/files.html",
        case_id,
        status,
        case=view,
        error=error,
        build=queries.build_name(),
        limit_gigabytes=limit_gigabytes,
    )


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
    return _render(request, "lab/quality.html", case_id, quality=queries.quality(request.actor, case_id))


@require_POST
@page("lab.quality.override")
def override_quality(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Let a stopped case go on."""
    reason = request.POST.get("reason", "")
    try:
        services.override_quality(request.actor, case_id, reason)
    except InputError as error:
        view = queries.quality(request.actor, case_id)
        return _render(request, "lab/quality.html", case_id, UNPROCESSABLE, quality=view, error=error, reason=reason)
    return redirect("lab:case", case_id)


@require_GET
@page("lab.panel.read")
def panel(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The panel of the case."""
    return render(request, "lab/panel.html", case_panel_context(request, case_id))


def _render(request: HttpRequest, template: str, case_id: UUID, status: int = 200, **context: object) -> HttpResponse:
    return render(request, template, {"case_id": case_id, **context}, status=status)


def _samples_page(
    request: HttpRequest, case_id: UUID, typed: dict[UUID, str], error: InputError | None
) -> HttpResponse:
    view = queries.case(request.actor, case_id, "lab.sample.read")
    samples = tuple(replace(sample, typed=typed.get(sample.id, "")) for sample in view.samples)
    status = 200 if error is None else UNPROCESSABLE
    return _render(request, "lab/samples.html", case_id, status, case=replace(view, samples=samples), error=error)


def _typed_barcodes(request: HttpRequest) -> dict[UUID, str]:
    """What was typed or scanned, by tube; ``Http404`` for a form that is not ours."""
    try:
        return {
            UUID(key.removeprefix("barcode-")): value.strip()
            for key, value in request.POST.items()
            if key.startswith("barcode-") and value.strip()
        }
    except ValueError:
        raise Http404 from None
