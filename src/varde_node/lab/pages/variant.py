"""The page of one variant: its evidence, the criteria, and the form of the assessment."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from varde.genome.errors import InputError
from varde.interpretation.acmg import Ruleset, Strength
from varde.interpretation.acmg.answers import Answers, answers_from
from varde.interpretation.acmg.evidence import Inheritance
from varde.interpretation.acmg.frequency import ba1_limit, bs1_limit
from varde.interpretation.acmg.rules import Limit
from varde_node.lab import drawings, queries, services
from varde_node.lab.judgement import CriteriaInput, CriterionDecision, criteria_from, decisions_from
from varde_node.lab.pages.notes import note_choices
from varde_node.lab.queries.criteria import ruleset_choices
from varde_node.lab.queries.variants import VariantView
from varde_node.lab.services import TakenOver
from varde_node.lab.taking_over import Taken, identifier, taken_from
from varde_node.lab.words import (
    CLASS_NAMES,
    DISMISSAL_REASONS,
    PHENOTYPE_FITS,
    STRENGTH_NAMES,
    YES_NO,
    class_words,
    sources,
)
from varde_node.people.services import page

UNPROCESSABLE = 422


@require_http_methods(["GET", "POST"])
@page("lab.variant.read")
def variant(request: HttpRequest, case_id: UUID, variant: str) -> HttpResponse:
    """The evidence of one variant, the criteria, and the form of the assessment."""
    error = None
    if request.method == "POST":
        try:
            services.assess_variant(
                request.actor,
                case_id,
                variant,
                given=criteria_from(request.POST),
                taken_over=_taken_over(request.POST),
                seen=request.POST.get("seen", ""),
                **_decided(request),
            )
            messages.success(request, _("The assessment is stored."))
            return redirect("lab:variant", case_id, variant)
        except InputError as refused:
            error = refused
    return _page(request, case_id, variant, error)


@require_POST
@page("lab.variant.dismiss")
def dismiss(request: HttpRequest, case_id: UUID, variant: str) -> HttpResponse:
    """Set the variant aside with a reason, or take it up again."""
    seen = request.POST.get("seen", "")
    try:
        if request.POST.get("act") == "take_up":
            services.take_up_variant(request.actor, case_id, variant, seen=seen)
        else:
            services.dismiss_variant(
                request.actor,
                case_id,
                variant,
                reason=request.POST.get("dismissal_reason", ""),
                comment=request.POST.get("dismissal_comment", ""),
                seen=seen,
            )
    except InputError as refused:
        named = {"reason": "dismissal_reason", "comment": "dismissal_comment"}.get(refused.field or "")
        return _page(request, case_id, variant, replace(refused, field=named))
    return redirect("lab:variant", case_id, variant)


def _page(request: HttpRequest, case_id: UUID, variant: str, error: InputError | None) -> HttpResponse:
    """The page as it stands, or with what was typed into a form that was refused."""
    view = queries.variant(request.actor, case_id, variant, **(_posted(request) if error else {}))
    taken = taken_from(view.beside, request.POST if error else request.GET)
    typed = _typed(request) if error else _standing(view, taken)
    if taken is not None and taken.decisions is not None and not error:
        given = CriteriaInput(taken.decisions, answers_from(view.answers), Ruleset(view.tally.ruleset))
        view = queries.variant(request.actor, case_id, variant, given=given)
    context = {"case_id": case_id, **_variant_context(view), "error": error, "typed": typed, "taken": taken}
    return render(request, "lab/variant.html", context, status=UNPROCESSABLE if error else 200)


@require_POST
@page("lab.variant.read")
def points(request: HttpRequest, case_id: UUID, variant: str) -> HttpResponse:
    """The running sum for the form as it stands; nothing is stored."""
    view = queries.variant(request.actor, case_id, variant, **_posted(request))
    context = {"case_id": case_id, "view": view, "scale": drawings.points_scale(view.tally, "points-scale")}
    return render(request, "lab/_running.html", context)


def _variant_context(view: VariantView) -> dict[str, Any]:
    allele = view.allele
    marker = (view.names.protein or view.names.coding or "").partition(":")[2] if view.names else ""
    position = int(allele.variant.split("-")[1])
    return {
        "view": view,
        "scale": drawings.points_scale(view.tally, "points-scale"),
        "pedigree": drawings.pedigree([allele, *view.partners], view.head.family, "pedigree"),
        "balance": drawings.balance(allele, "balance"),
        "coding": (view.names.coding or "").partition(":")[2] if view.names else "",
        "frequency_picture": drawings.frequency(allele.register, "frequency-picture", _limits(view)),
        "frequency_words": drawings.frequency_words(allele.register),
        "gene_model": drawings.gene_model(view.transcript, position, marker or allele.short, "gene-model")
        if view.transcript
        else "",
        "strengths": [(strength.value, words) for strength, words in STRENGTH_NAMES.items()],
        "classes": [(number, class_words(number)) for number in sorted(CLASS_NAMES, reverse=True)],
        "fits": PHENOTYPE_FITS,
        "yes_no": YES_NO,
        "rulesets": ruleset_choices(),
        "dismissal_reasons": [(key.value, words) for key, words in DISMISSAL_REASONS.items()],
        **note_choices(),
        "sources": sources(view.sources),
    }


def _limits(view: VariantView) -> list[tuple[float, str]]:
    """The frequencies that the criteria ask about, under the gene's rules and this inheritance."""
    rules = view.rules
    bs1, ba1 = bs1_limit(rules, view.inheritance), ba1_limit(view.inheritance)
    marks = [(rules.value(bs1), _("BS1 above")), (rules.value(ba1), _("BA1 above"))]
    if view.inheritance is Inheritance.AUTOSOMAL_RECESSIVE:
        marks.insert(0, (rules.value(Limit.PM2_FREQUENCY_RECESSIVE), _("PM2 up to")))
    return [(value, f"{words} {value:g}") for value, words in marks]


def _decided(request: HttpRequest) -> dict[str, Any]:
    return {
        "chosen_class": _number(request.POST.get("chosen_class"), 0),
        "reasoning": request.POST.get("reasoning", ""),
        "in_answer": request.POST.get("in_answer") == "yes",
    }


def _typed(request: HttpRequest) -> dict[str, Any]:
    """Everything that was typed in the right column."""
    names = ("dismissal_reason", "dismissal_comment", "reconfirmed")
    return _decided(request) | {name: request.POST.get(name, "") for name in names}


def _standing(view: VariantView, taken: Taken | None) -> dict[str, Any]:
    """The form as the newest assessment left it, as what is taken over says, or as the programme proposes."""
    if taken is not None:
        return {
            "chosen_class": taken.acmg_class,
            "reasoning": taken.reasoning,
            "in_answer": taken.acmg_class >= 4,
        }
    current = view.current
    if current is not None:
        return {
            "chosen_class": current.chosen_class,
            "reasoning": current.reasoning,
            "in_answer": current.in_answer,
        }
    return {"chosen_class": 0, "reasoning": "", "in_answer": (view.tally.machine_class or 0) >= 4}


def _taken_over(given: Mapping[str, str]) -> TakenOver:
    return TakenOver(
        assessment_id=identifier(given.get("based_on", "")),
        entry_id=identifier(given.get("entry", "")),
        reconfirmed=given.get("reconfirmed") == "yes",
    )


def _posted(request: HttpRequest) -> dict[str, Any]:
    """The criteria of the form, for showing: what cannot be used is left as the programme has it."""
    decisions: tuple[CriterionDecision, ...] = ()
    answers = Answers()
    with suppress(InputError):
        decisions = decisions_from(request.POST)
    with suppress(InputError):
        answers = answers_from(request.POST)
    shown = tuple(_with_some_reason(one) for one in decisions if _fits(one))
    written = request.POST.get("ruleset", "")
    return {"given": CriteriaInput(shown, answers, Ruleset(written) if written in set(Ruleset) else None)}


def _with_some_reason(decision: CriterionDecision) -> CriterionDecision:
    return decision if decision.reason else replace(decision, reason="–")


def _fits(decision: CriterionDecision) -> bool:
    return decision.strength is None or (decision.strength is Strength.STAND_ALONE) == (decision.code == "BA1")


def _number(written: str | None, default: int = 1) -> int:
    return int(written) if written and written.isascii() and written.isdigit() and len(written) < 7 else default
