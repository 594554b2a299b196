"""Pages of quality beyond the lights: files, coverage, gates, runs and control charts."""

from __future__ import annotations

from string import ascii_uppercase
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from varde.genome.errors import InputError
from varde.quality.control_drawing import Mark, control_svg
from varde.quality.profiles import LIMITS
from varde_node.formats import number
from varde_node.lab.models import AssayKind
from varde_node.lab.queries import coverage as coverage_queries
from varde_node.lab.queries import quality_files as queries
from varde_node.lab.services import quality_files as files_services
from varde_node.lab.services import runs as run_services
from varde_node.lab.services.quality_gates import store_gate_profile
from varde_node.lab.states import ASSAY_WORDS, NOTE_WORDS
from varde_node.people.services import page

UNPROCESSABLE, TOO_LARGE = 422, 413
GIGABYTE = 1024**3


@require_http_methods(["GET", "POST"])
@page("lab.quality.import")
def files(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The quality files of a case, and the form that brings more."""
    error = None
    if request.method == "POST":
        try:
            uploads = [(one.name or "file", one.file) for one in request.FILES.getlist("file")]
            done = files_services.import_quality(
                request.actor, case_id, uploads, assay=request.POST.get("assay", ""), run_id=_run_id(request)
            )
            messages.success(request, _imported(done))
            return redirect("lab:quality_files", case_id)
        except InputError as refused:
            error = refused
    context = {
        "case_id": case_id,
        "view": queries.quality_files(request.actor, case_id),
        "assays": _assays(request.POST.get("assay", "")),
        "chosen_run": request.POST.get("run", ""),
        "limit_gigabytes": settings.UPLOAD_LIMIT_BYTES / GIGABYTE,
        "error": error,
    }
    status = 200 if error is None else TOO_LARGE if error.code == "too_large" else UNPROCESSABLE
    return render(request, "lab/quality_files.html", context, status=status)


@require_GET
@page("lab.coverage.read")
def coverage(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Coverage of the panel's genes, or of one gene with pictures."""
    view = coverage_queries.coverage(request.actor, case_id, request.GET.get("gene", "")[:60])
    asked = request.GET.get("gene", "").strip()[:60]
    return render(request, "lab/coverage.html", {"case_id": case_id, "view": view, "asked": asked})


@require_GET
@page("lab.coverage.read")
def gaps(request: HttpRequest, case_id: UUID, place: str) -> HttpResponse:
    """A person's gaps as BED."""
    text, name = coverage_queries.gaps_bed(request.actor, case_id, place)
    if not text:
        raise Http404
    return HttpResponse(
        text,
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_http_methods(["GET", "POST"])
@page("lab.gates.read")
def gates(request: HttpRequest) -> HttpResponse:
    """The gates of an assay, and the form that stores new ones as the next version."""
    assay = request.POST.get("assay") or request.GET.get("assay", "")
    error = None
    if request.method == "POST":
        try:
            store_gate_profile(
                request.actor,
                assay,
                _typed_limits(request),
                sources=_typed(request, "source"),
                reason=request.POST.get("reason", ""),
            )
            messages.success(request, _("The new limits are stored. They count for what is judged from now on."))
            return redirect(f"{request.path}?assay={assay}")
        except InputError as refused:
            error = refused
    view = queries.gates(request.actor, assay)
    limits, sources = _typed_limits(request), _typed(request, "source")
    rows = [
        {
            "gate": one,
            "limits": [
                (name, limits.get(one.metric, {}).get(name, "") if error else value) for name, value in one.limits
            ],
            "source": sources.get(one.metric, one.gate.source) if error else one.gate.source,
        }
        for one in view.gates
    ]
    context = {
        "view": view,
        "rows": rows,
        "unset": queries.unset_gates(view.assay, view),
        "assays": _assays(view.assay),
        "limit_names": LIMITS,
        "reason": request.POST.get("reason", ""),
        "error": error,
    }
    return render(request, "lab/gates.html", context, status=UNPROCESSABLE if error else 200)


@require_GET
@page("lab.gates.read")
def gate_version(request: HttpRequest, assay: str, version: int) -> HttpResponse:
    """A version of the gates as it was stored."""
    view = queries.gates_of_version(request.actor, assay, version)
    if view is None:
        raise Http404
    return render(request, "lab/gate_version.html", {"view": view})


@require_GET
@page("lab.charts.read")
def charts(request: HttpRequest) -> HttpResponse:
    """A control chart, and the runs and changes behind it."""
    return _charts(request)


@require_POST
@page("lab.runs.record")
def record_run(request: HttpRequest) -> HttpResponse:
    """Record a sequencing run."""
    names = ("name", "instrument", "sequenced_on", "flow_cell", "pipeline")
    try:
        run_services.record_run(request.actor, **{name: request.POST.get(name, "") for name in names})
    except InputError as error:
        return _charts(request, error, "run")
    return redirect("lab:charts")


@require_POST
@page("lab.runs.record")
def note_change(request: HttpRequest) -> HttpResponse:
    """Note a change on an instrument."""
    names = ("instrument", "on", "kind", "text")
    try:
        run_services.note_change(
            request.actor,
            restarts=request.POST.get("restarts") == "on",
            **{name: request.POST.get(name, "") for name in names},
        )
    except InputError as error:
        return _charts(request, error, "note")
    return redirect("lab:charts")


@require_GET
@page("lab.charts.read")
def run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """One sequencing run and what was measured in it."""
    view = queries.run(request.actor, run_id)
    if view is None:
        raise Http404
    return render(request, "lab/run.html", {"view": view})


def _charts(request: HttpRequest, error: InputError | None = None, form: str = "") -> HttpResponse:
    asked = {name: request.GET.get(name, "")[:80] for name in ("instrument", "assay", "metric")}
    view = queries.charts(request.actor, **asked)
    notes = [(letter, one) for letter, one in zip(ascii_uppercase, view.notes[-len(ascii_uppercase) :], strict=False)]
    context = {
        "view": view,
        "picture": _picture(view, notes) if view.points else None,
        "notes": [(letter, one, NOTE_WORDS[one.kind]) for letter, one in notes],
        "assays": _assays(view.assay),
        "kinds": list(NOTE_WORDS.items()),
        "runs": queries.runs(request.actor),
        "typed": request.POST,
        "error": error,
        "form": form,
    }
    return render(request, "lab/charts.html", context, status=UNPROCESSABLE if error else 200)


def _picture(view: queries.ChartsView, notes: list[tuple[str, queries.ChartNote]]) -> SafeString:
    points = view.points
    marks = [
        Mark(sum(point.run.sequenced_on < note.on for point in points), letter)
        for letter, note in notes
        if points[0].run.sequenced_on <= note.on <= points[-1].run.sequenced_on
    ]
    told = ngettext("%(points)s run, %(signals)s to look at.", "%(points)s runs, %(signals)s to look at.", len(points))
    svg = control_svg(
        [stretch.chart for stretch in view.stretches],
        marks,
        view.decimals,
        identifier="control-chart",
        title=f"{view.title}, {view.instrument}",
        description=told % {"points": number(len(points)), "signals": number(view.signalled)},
    )
    return mark_safe(svg)  # noqa: S308 - every word in it is escaped where it is drawn


def _imported(done: files_services.Imported) -> str:
    parts = [
        ngettext("%(n)s file taken in.", "%(n)s files taken in.", done.stored) % {"n": number(done.stored)},
    ]
    if done.unchanged:
        told = ngettext("%(n)s was here already.", "%(n)s were here already.", done.unchanged)
        parts.append(told % {"n": number(done.unchanged)})
    if done.other_files:
        told = ngettext("%(n)s is no quality report.", "%(n)s are no quality reports.", done.other_files)
        parts.append(told % {"n": number(done.other_files)})
    return " ".join(parts)


def _assays(chosen: str) -> list[tuple[str, object, bool]]:
    return [(value, ASSAY_WORDS[value], value == chosen) for value in AssayKind.values]


def _run_id(request: HttpRequest) -> UUID | None:
    typed = request.POST.get("run", "")
    try:
        return UUID(typed) if typed else None
    except ValueError:
        raise InputError("run_unknown", _("There is no such run."), _("Record the run first."), field="run") from None


def _typed(request: HttpRequest, what: str) -> dict[str, str]:
    return {
        key.split(":", 1)[1]: value[:200]
        for key, value in request.POST.items()
        if key.startswith(f"{what}:") and isinstance(value, str)
    }


def _typed_limits(request: HttpRequest) -> dict[str, dict[str, str]]:
    typed: dict[str, dict[str, str]] = {}
    for name in LIMITS:
        for metric, value in _typed(request, name).items():
            typed.setdefault(metric, {})[name] = value
    return typed
