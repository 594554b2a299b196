"""Pages from the candidates to the trace."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from varde.genome.errors import InputError
from varde.interpretation.trace_search import KEPT
from varde_node.lab import drawings, queries, services
from varde_node.lab.filter_form import FilterForm
from varde_node.lab.queries.candidates import Workbench, prepared_settings
from varde_node.lab.queries.openings import opening_page
from varde_node.lab.words import (
    PART_NAMES,
    STEP_NAMES,
    sources,
)
from varde_node.people.services import page

UNPROCESSABLE = 422


@require_http_methods(["GET", "POST"])
@page("lab.case.open_all_genes")
def open_all_genes(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """What opening means, what the consent says, and the reason."""
    error, reason = None, request.POST.get("reason", "")
    if request.method == "POST":
        try:
            services.open_all_genes(request.actor, case_id, reason)
            return redirect("lab:candidates", case_id)
        except InputError as refused:
            error = refused
    context = {"case_id": case_id, "view": opening_page(request.actor, case_id), "error": error, "reason": reason}
    return render(request, "lab/open_all_genes.html", context, status=UNPROCESSABLE if error else 200)


@require_GET
@page("lab.candidates.read")
def candidates(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The workbench; every state is the address."""
    form = _filters(request, case_id)
    valid = form.is_valid()
    found = queries.candidates(
        request.actor,
        case_id,
        form.settings() if valid else None,
        scope=form.scope if valid else None,
        rank=_number(request.GET.get("rank")),
    )
    carried = form.changed if valid else {}
    context = {
        "case_id": case_id,
        "view": found,
        "form": form,
        "carried": urlencode(carried),
        "changed": bool(carried),
        "pairs": queries.pairs(request.actor, case_id),
        "sources": sources(found.versions),
        **_chosen_pictures(found),
    }
    return render(request, "lab/candidates.html", context, status=200 if valid else UNPROCESSABLE)


@require_GET
@page("lab.trace.read")
def trace(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Every allele read, searched and paged."""
    form = _filters(request, case_id)
    valid = form.is_valid()
    asked = {"text": request.GET.get("text", "").strip()[:100], "step": request.GET.get("step", "")}
    found = queries.trace(
        request.actor,
        case_id,
        form.settings() if valid else None,
        scope=form.scope if valid else None,
        page=_number(request.GET.get("page")),
        **asked,
    )
    carried = form.changed if valid else {}
    context = {
        "case_id": case_id,
        "view": found,
        "asked": asked,
        "filters": urlencode(carried),
        "page_before": found.page - 1,
        "page_after": found.page + 1,
        "carried_fields": carried,
        "carried": urlencode({**carried, **{name: value for name, value in asked.items() if value}}),
        "steps": [(KEPT, _("kept")), *((step.value, words) for step, words in STEP_NAMES.items())],
    }
    return render(request, "lab/trace.html", context, status=200 if valid else UNPROCESSABLE)


def _filters(request: HttpRequest, case_id: UUID) -> FilterForm:
    chain, scope = prepared_settings(request.actor, case_id)
    given = {name: request.GET[name] for name in FilterForm.base_fields if name in request.GET}
    return FilterForm(given, scope, chain)


def _chosen_pictures(found: Workbench) -> dict[str, Any]:
    if found.chosen is None:
        return {}
    alleles = [one.allele for one in found.chosen.alleles]
    return {
        "parts": [(PART_NAMES[name], value, weight) for name, value, weight in found.chosen.parts],
        "previous": found.chosen.rank - 1 if found.chosen.rank > 1 else None,
        "following": found.chosen.rank + 1 if found.chosen.rank < len(found.lines) else None,
        "next_variant": _next_variant(found),
        "pedigree": drawings.pedigree(alleles, found.head.family, "pedigree"),
        "shown": [
            (
                one,
                drawings.balance(one.allele, f"balance-{one.allele.row}"),
                drawings.frequency_words(one.allele.register),
            )
            for one in found.chosen.alleles
        ],
    }


def _next_variant(found: Workbench) -> str | None:
    """The chosen candidate's first variant without an assessment, while the case is open for work."""
    if found.chosen is None or not found.head.open_for_work:
        return None
    return next((one.allele.variant for one in found.chosen.alleles if one.decided is None), None)


def _number(written: str | None, default: int = 1) -> int:
    return int(written) if written and written.isascii() and written.isdigit() and len(written) < 7 else default
