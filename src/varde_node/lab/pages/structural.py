"""Pages of structural variants and repeats."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from varde.genome.errors import InputError
from varde.interpretation.acmg.evidence import PhenotypeFit
from varde.interpretation.structural.criteria import CHANGE_OF_KIND, METRIC, Change
from varde_node.lab import drawings, services
from varde_node.lab.queries import repeats as repeat_queries
from varde_node.lab.queries import structural as queries
from varde_node.lab.structural_judgement import CnvDecision, cnv_decisions_from
from varde_node.lab.words import CLASS_NAMES, PHENOTYPE_FITS, class_words, sources
from varde_node.people.services import page

UNPROCESSABLE = 422


@require_GET
@page("lab.structural.read")
def events(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The structural variants of a case."""
    view = queries.structural(request.actor, case_id)
    context = {"case_id": case_id, "view": view, "sources": sources(view.versions)}
    return render(request, "lab/structural.html", context)


@require_http_methods(["GET", "POST"])
@page("lab.structural.read")
def event(request: HttpRequest, case_id: UUID, event: str) -> HttpResponse:
    """One structural variant with the scoring, and the form of the assessment."""
    error, typed = None, None
    if request.method == "POST":
        typed = _typed(request)
        try:
            services.assess_structural(
                request.actor,
                case_id,
                event,
                decisions=cnv_decisions_from(request.POST, _change(event)),
                phenotype=_phenotype(request),
                seen=request.POST.get("seen", ""),
                **typed,
            )
            messages.success(request, _("The assessment is stored."))
            return redirect("lab:structural_event", case_id, event)
        except InputError as refused:
            error = refused
    view = queries.event(request.actor, case_id, event, **(_posted(request, event) if error else {}))
    context = {"case_id": case_id, **_context(view), "error": error, "typed": typed or _standing(view)}
    return render(request, "lab/structural_event.html", context, status=UNPROCESSABLE if error else 200)


@require_POST
@page("lab.structural.read")
def points(request: HttpRequest, case_id: UUID, event: str) -> HttpResponse:
    """The running sum for the form as it stands; nothing is stored."""
    view = queries.event(request.actor, case_id, event, **_posted(request, event))
    return render(request, "lab/_cnv_tally.html", {"case_id": case_id, "tally": view.tally})


@require_GET
@page("lab.repeats.read")
def repeats(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The repeats of a case."""
    view = repeat_queries.repeats(request.actor, case_id)
    return render(request, "lab/repeats.html", {"case_id": case_id, "view": view, "sources": sources(view.versions)})


def _context(view: queries.EventView) -> dict[str, Any]:
    return {
        "view": view,
        "tally": view.tally,
        "pedigree": drawings.pedigree([view.allele], view.head.family, "pedigree"),
        "frequency_picture": drawings.frequency(view.allele.register, "frequency-picture", [(0.01, _("common"))]),
        "frequency_words": drawings.frequency_words(view.allele.register),
        "picture": drawings.event(view.row, view.models, view.marked, "event-picture") if view.models else "",
        "classes": [(number, class_words(number)) for number in sorted(CLASS_NAMES, reverse=True)],
        "fits": PHENOTYPE_FITS,
        "sources": sources(view.versions),
    }


def _typed(request: HttpRequest) -> dict[str, Any]:
    chosen = request.POST.get("chosen_class", "")
    return {
        "chosen_class": int(chosen) if chosen in {"1", "2", "3", "4", "5"} else 0,
        "reasoning": request.POST.get("reasoning", ""),
        "in_answer": request.POST.get("in_answer") == "yes",
    }


def _standing(view: queries.EventView) -> dict[str, Any]:
    """The form as the newest assessment left it, or as the programme proposes."""
    current = view.current
    if current is not None:
        return {
            "chosen_class": current.chosen_class,
            "reasoning": current.reasoning,
            "in_answer": current.in_answer,
        }
    machine = (view.tally.machine_class or 0) if view.tally else 0
    return {"chosen_class": 0, "reasoning": "", "in_answer": machine >= 4}


def _posted(request: HttpRequest, event: str) -> dict[str, Any]:
    """The criteria of the form, for showing: what cannot be used is left as the programme has it."""
    change = _change(event)
    shown: list[CnvDecision] = []
    for code in METRIC[change] if change else ():
        one = {name: request.POST.get(name, "") for name in (f"state-{code}", f"points-{code}", f"reason-{code}")}
        try:
            shown += cnv_decisions_from(one, change)
        except InputError:
            continue
    usable = tuple(replace(one, reason=one.reason or "–") for one in shown if _fits(one, change))
    return {"decisions": _alone(usable, change), "phenotype": _phenotype(request)}


def _fits(decision: CnvDecision, change: Change | None) -> bool:
    if change is None or decision.points is None:
        return change is not None
    info = METRIC[change][decision.code]
    return info.lowest <= decision.points <= info.highest


def _alone(decisions: tuple[CnvDecision, ...], change: Change | None) -> tuple[CnvDecision, ...]:
    """Of a group of which one at most can be met, the last that was chosen."""
    if change is None:
        return ()
    chosen: dict[str, CnvDecision] = {}
    for one in decisions:
        group = METRIC[change][one.code].group
        chosen[group if group and one.state == "met" else one.code] = one
    return tuple(chosen.values())


def _change(event: str) -> Change | None:
    return CHANGE_OF_KIND.get(event.rpartition("-")[2])


def _phenotype(request: HttpRequest) -> PhenotypeFit | None:
    written = request.POST.get("phenotype", "")
    return PhenotypeFit(written) if written in set(PhenotypeFit) else None
