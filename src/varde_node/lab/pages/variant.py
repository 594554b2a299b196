"""The page of one variant: its evidence, the criteria, and the form of the assessment."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from varde.genome.errors import InputError
from varde.interpretation.acmg import Strength
from varde.interpretation.acmg.evidence import PhenotypeFit
from varde_node.lab import drawings, queries, services
from varde_node.lab.judgement import CriterionDecision, decisions_from
from varde_node.lab.queries.variants import VariantView
from varde_node.lab.words import CLASS_NAMES, PHENOTYPE_FITS, STRENGTH_NAMES, class_words, sources
from varde_node.people.services import page

UNPROCESSABLE = 422


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


def _number(written: str | None, default: int = 1) -> int:
    return int(written) if written and written.isascii() and written.isdigit() and len(written) < 7 else default
