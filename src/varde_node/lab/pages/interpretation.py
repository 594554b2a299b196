"""Pages from the candidates to the two signatures."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from varde.genome.errors import InputError
from varde.interpretation.acmg import Strength
from varde.interpretation.acmg.evidence import PhenotypeFit
from varde_node.lab import drawings, queries, services
from varde_node.lab.filter_form import FilterForm
from varde_node.lab.judgement import CriterionDecision, decisions_from
from varde_node.lab.queries.candidates import Workbench, prepared_gate
from varde_node.lab.queries.openings import opening_page
from varde_node.lab.queries.trace import KEPT
from varde_node.lab.queries.variants import VariantView
from varde_node.lab.words import (
    CLASS_NAMES,
    CONCLUSION_NAMES,
    MODE_NAMES,
    PART_NAMES,
    PHENOTYPE_FITS,
    STEP_NAMES,
    STRENGTH_NAMES,
    class_words,
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
    form, gate = _filters(request, case_id)
    valid = form.is_valid()
    found = queries.candidates(
        request.actor,
        case_id,
        form.settings(gate) if valid else None,
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
        "sources": sources(found.versions),
        **_chosen_pictures(found),
    }
    return render(request, "lab/candidates.html", context, status=200 if valid else UNPROCESSABLE)


@require_GET
@page("lab.trace.read")
def trace(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Every allele read, searched and paged."""
    form, gate = _filters(request, case_id)
    valid = form.is_valid()
    asked = {"text": request.GET.get("text", "").strip()[:100], "step": request.GET.get("step", "")}
    found = queries.trace(
        request.actor,
        case_id,
        form.settings(gate) if valid else None,
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


@require_http_methods(["GET", "POST"])
@page("lab.variant.read")
def variant(request: HttpRequest, case_id: UUID, variant: str) -> HttpResponse:
    """The evidence of one variant, the criteria, and the form of the assessment."""
    error, typed = None, None
    if request.method == "POST":
        typed = _typed(request)
        try:
            services.assess_variant(
                request.actor,
                case_id,
                variant,
                decisions=decisions_from(request.POST),
                phenotype=_phenotype(request),
                **typed,
            )
            messages.success(request, _("The assessment is stored."))
            return redirect("lab:variant", case_id, variant)
        except InputError as refused:
            error = refused
    view = queries.variant(request.actor, case_id, variant, **(_posted(request) if error else {}))
    context = {"case_id": case_id, **_variant_context(view), "error": error, "typed": typed or _standing(view)}
    return render(request, "lab/variant.html", context, status=UNPROCESSABLE if error else 200)


@require_POST
@page("lab.variant.read")
def points(request: HttpRequest, case_id: UUID, variant: str) -> HttpResponse:
    """The running sum for the form as it stands; nothing is stored."""
    view = queries.variant(request.actor, case_id, variant, **_posted(request))
    return render(request, "lab/_tally.html", {"case_id": case_id, "view": view, "tally": view.tally})


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
    error = None
    if request.method == "POST":
        try:
            if request.POST.get("act") == "return":
                services.return_interpretation(request.actor, case_id, request.POST.get("reason", ""))
                messages.success(request, _("Returned to the first reader."))
                return redirect("lab:interpretation", case_id)
            services.approve_interpretation(request.actor, case_id)
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


def _filters(request: HttpRequest, case_id: UUID) -> tuple[FilterForm, str]:
    gate, scope = prepared_gate(request.actor, case_id)
    given = {name: request.GET[name] for name in FilterForm.base_fields if name in request.GET}
    return FilterForm(given, scope), gate


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


def _variant_context(view: VariantView) -> dict[str, Any]:
    allele = view.allele
    marker = (view.names.protein or view.names.coding or "").partition(":")[2] if view.names else ""
    position = int(allele.variant.split("-")[1])
    ceilings = [(1e-4, _("ceiling, one allele")), (0.005, _("ceiling, both alleles"))]
    return {
        "view": view,
        "tally": view.tally,
        "pedigree": drawings.pedigree([allele, *view.partners], view.head.family, "pedigree"),
        "balance": drawings.balance(allele, "balance"),
        "coding": (view.names.coding or "").partition(":")[2] if view.names else "",
        "frequency_picture": drawings.frequency(allele.register, "frequency-picture", ceilings),
        "frequency_words": drawings.frequency_words(allele.register),
        "gene_model": drawings.gene_model(view.transcript, position, marker or allele.short, "gene-model")
        if view.transcript
        else "",
        "strengths": [(strength.value, words) for strength, words in STRENGTH_NAMES.items()],
        "classes": [(number, class_words(number)) for number in sorted(CLASS_NAMES, reverse=True)],
        "fits": PHENOTYPE_FITS,
        "sources": sources(view.sources),
    }


def _typed(request: HttpRequest) -> dict[str, Any]:
    return {
        "chosen_class": _number(request.POST.get("chosen_class"), 0),
        "reasoning": request.POST.get("reasoning", ""),
        "in_answer": request.POST.get("in_answer") == "yes",
    }


def _standing(view: VariantView) -> dict[str, Any]:
    """The form as the newest assessment left it, or as the programme proposes."""
    current = view.current
    if current is not None:
        return {
            "chosen_class": current.chosen_class,
            "reasoning": current.reasoning,
            "in_answer": current.in_answer,
        }
    return {"chosen_class": 0, "reasoning": "", "in_answer": (view.tally.machine_class or 0) >= 4}


def _posted(request: HttpRequest) -> dict[str, Any]:
    """The criteria of the form, for showing: what cannot be used is left as the programme has it."""
    try:
        given = decisions_from(request.POST)
    except InputError:
        given = ()
    shown = tuple(_with_some_reason(one) for one in given if _fits(one))
    return {"decisions": shown, "phenotype": _phenotype(request)}


def _with_some_reason(decision: CriterionDecision) -> CriterionDecision:
    return decision if decision.reason else replace(decision, reason="–")


def _fits(decision: CriterionDecision) -> bool:
    return decision.strength is None or (decision.strength is Strength.STAND_ALONE) == (decision.code == "BA1")


def _phenotype(request: HttpRequest) -> PhenotypeFit | None:
    written = request.POST.get("phenotype", "")
    return PhenotypeFit(written) if written in set(PhenotypeFit) else None


def _mode(written: str) -> str:
    return written if written in {mode.value for mode in MODE_NAMES} else ""


def _number(written: str | None, default: int = 1) -> int:
    return int(written) if written and written.isascii() and written.isdigit() and len(written) < 7 else default
