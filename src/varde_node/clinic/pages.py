"""Pages of orders and answers. Thin: a command or a query, and a template."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from varde.genome.errors import InputError
from varde_node.clinic import queries, services
from varde_node.clinic.clinician_answer import clinician_document
from varde_node.clinic.document import Document
from varde_node.clinic.family_answer import family_document
from varde_node.clinic.forms import OrderForm, PatientForm, initial_of
from varde_node.clinic.models import OrderState
from varde_node.clinic.printing import pdf_of
from varde_node.clinic.words import ROUND_KINDS
from varde_node.consent import queries as consent_queries
from varde_node.lab.queries import phenotypes
from varde_node.people.services import Role, page

STATE_NAMES = {
    OrderState.DRAFT: gettext_lazy("Draft"),
    OrderState.SIGNED: gettext_lazy("Under way"),
    OrderState.ANSWERED: gettext_lazy("Answered"),
    OrderState.CANCELLED: gettext_lazy("Cancelled"),
}


@require_GET
@page("clinic.orders.read")
def orders(request: HttpRequest) -> HttpResponse:
    """The clinic's orders."""
    state, text = request.GET.get("state", ""), request.GET.get("text", "")
    lines = queries.orders(request.actor, state=state, text=text)
    context = {"lines": lines, "state": state, "text": text, "states": list(STATE_NAMES.items())}
    return render(request, "clinic/orders.html", context)


@page("clinic.patient.look_up")
def find_patient(request: HttpRequest) -> HttpResponse:
    """Find the child to order for."""
    form = PatientForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            patient = services.look_up_patient(request.actor, form.cleaned_data["national_identifier"])
        except InputError as error:
            form.add_error("national_identifier", f"{error.problem} {error.remedy}")
        else:
            return redirect("clinic:new_order", patient.id)
    return render(request, "clinic/find_patient.html", {"form": form}, status=422 if form.errors else 200)


@page("clinic.order.write")
def new_order(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """A new order for a child."""
    patient = queries.patient(request.actor, patient_id)
    mother, father = queries.family_of(request.actor, patient_id)
    initial = {
        "mother_identifier": mother.national_identifier if mother else "",
        "father_identifier": father.national_identifier if father else "",
        "laboratory": queries.usual_laboratory(request.actor),
        "agreed_panel": False,
        "consent_language": get_language(),
    }
    form = OrderForm(request.POST or None, patient_id=patient_id, initial=initial)
    return _order_page(request, form, {"patient": patient, "mother": mother, "father": father})


@page("clinic.order.write")
def edit_order(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Go on with a draft."""
    found = queries.order(request.actor, order_id)
    if found.state != OrderState.DRAFT:
        return redirect("clinic:order", order_id)
    people = {member.person.id: member.person for member in found.family}
    initial = initial_of(found.content, people) | {"consent_language": get_language()}
    form = OrderForm(request.POST or None, patient_id=found.child.id, initial=initial)
    roles = {member.role: member.person for member in found.family}
    context = {"patient": roles["child"], "mother": roles.get("mother"), "father": roles.get("father"), "order": found}
    return _order_page(request, form, context, order_id)


@require_GET
@page("clinic.order.read")
def order(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """One order and its road."""
    found = queries.order(request.actor, order_id)
    clinic = request.actor.role in (Role.CLINICIAN, Role.COUNSELLOR)
    context = {"order": found, "state_name": STATE_NAMES[found.state], "of_clinic": clinic}
    if clinic:
        context["discussion"] = queries.discussion(request.actor, order_id)
    return render(request, "clinic/order.html", context)


@require_http_methods(["GET", "POST"])
@page("lab.discussion.write")
def discussion(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The discussion with the laboratory about an order."""
    error = None
    if request.method == "POST":
        try:
            services.write_to_laboratory(request.actor, order_id, request.POST.get("text", ""))
            messages.success(request, _("Sent to the laboratory."))
            return redirect("clinic:discussion", order_id)
        except InputError as refused:
            error = refused
    found = queries.order(request.actor, order_id)
    context = {
        "order": found,
        "discussion": queries.discussion(request.actor, order_id),
        "problem": error,
        "typed": request.POST.get("text", "") if error else "",
    }
    return render(request, "clinic/discussion.html", context, status=422 if error else 200)


@require_POST
@page("clinic.order.sign")
def sign_order(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Sign a draft; what is missing is shown at its field in the form."""
    try:
        services.sign_order(request.actor, order_id)
    except InputError as error:
        messages.error(request, f"{error.problem} {error.remedy}")
        return redirect("clinic:edit_order", order_id)
    messages.success(request, _("The order is signed and sent to the laboratory."))
    return redirect("clinic:order", order_id)


@page("clinic.order.cancel")
def cancel_order(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Cancel an order, with a reason."""
    found = queries.order(request.actor, order_id)
    problem, status = None, 200
    if request.method == "POST":
        try:
            services.cancel_order(request.actor, order_id, request.POST.get("reason", ""))
        except InputError as error:
            problem, status = error, 422
        else:
            messages.success(request, _("The order is cancelled."))
            return redirect("clinic:order", order_id)
    return render(request, "clinic/cancel.html", {"order": found, "problem": problem}, status=status)


@require_GET
@page("clinic.answer.read")
def answer(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The clinician's answer."""
    facts = queries.answer(request.actor, order_id, _version(request))
    context = {
        "facts": facts,
        "document": clinician_document(facts),
        "may_share": queries.may_share(request.actor, order_id),
        "versions": [(one, ROUND_KINDS[one.kind]) for one in facts.versions],
    }
    return render(request, "clinic/answer.html", context)


@require_GET
@page("clinic.answer.read")
def answer_pdf(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The clinician's answer on paper."""
    facts = queries.answer(request.actor, order_id, _version(request))
    return _pdf(clinician_document(facts), facts, "answer")


@require_POST
@page("clinic.answer.share")
def share_answer(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Let the family read it."""
    services.share_with_family(request.actor, order_id)
    messages.success(request, _("The family can now read the answer on its own page."))
    return redirect("clinic:answer", order_id)


@require_GET
@page("clinic.family_answer.read")
def family_answer(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The family's answer; for the clinic a preview."""
    facts = queries.family_answer(request.actor, order_id)
    context = {
        "facts": facts,
        "document": family_document(facts),
        "preview": not request.actor.is_patient,
        "access_log": _address("consent:looks"),
    }
    return render(request, "clinic/family_answer.html", context)


@require_GET
@page("clinic.family_answer.read")
def family_answer_pdf(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The family's answer on paper."""
    facts = queries.family_answer(request.actor, order_id)
    return _pdf(family_document(facts), facts, "family", large=True)


@require_GET
@page("clinic.my_answers.read")
def my_answers(request: HttpRequest) -> HttpResponse:
    """The family's answers."""
    return render(request, "clinic/my_answers.html", {"answers": queries.my_answers(request.actor)})


def _version(request: HttpRequest) -> int | None:
    """The version that the address names; the newest unless it names one."""
    written = request.GET.get("version", "")
    if not written:
        return None
    if not (written.isascii() and written.isdigit() and len(written) < 5):
        raise Http404
    return int(written)


def _order_page(
    request: HttpRequest, form: OrderForm, context: dict[str, object], order_id: UUID | None = None
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        sign = request.POST.get("do") == "sign"
        try:
            identifier = services.submit_order(
                request.actor,
                form.content(),
                order_id=order_id,
                consent=form.consent(),
                counselling=form.counselling(),
                sign=sign,
            )
        except InputError as error:
            form.show(error)
        else:
            done = _("The order is signed and sent to the laboratory.") if sign else _("The draft is kept.")
            messages.success(request, done)
            return redirect("clinic:order", identifier)
    language = get_language() or "nb"
    shown = context | {
        "form": form,
        "common_phenotypes": [(key, str(name)) for key, name in phenotypes.COMMON.items()],
        "consent_forms": consent_queries.forms(language),
        "may_sign": request.actor.role is Role.CLINICIAN,
    }
    return render(request, "clinic/order_form.html", shown, status=422 if form.errors else 200)


def _pdf(document: Document, facts: queries.AnswerFacts, name: str, *, large: bool = False) -> HttpResponse:
    content = pdf_of(document, made_at=facts.released_at, large=large)
    response = HttpResponse(content, content_type="application/pdf")
    filename = f"{facts.order_number}-{name}-v{facts.version}-{document.language}.pdf"
    response["Content-Disposition"] = f'inline; filename="{filename}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
