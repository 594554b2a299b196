"""Pages of consent: the portal of a person and their representatives, and the staff's view."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_http_methods

from varde_node.consent import portal, queries, services, words
from varde_node.consent.contracts import is_in_care
from varde_node.consent.models import Means
from varde_node.people import queries as people
from varde_node.people.services import page


@require_GET
@page("consent.portal.open")
def my(request: HttpRequest) -> HttpResponse:
    """My page: what there is, for oneself or somebody one represents."""
    chosen, context = _chosen(request)
    if chosen is not None:
        view = portal.choices(request.actor, chosen, _language())
        days = portal.looks(request.actor, chosen)
        newest = [look for _day, looks in days for look in looks][:3]
        context |= {
            "standing": view.standing,
            "withdrawn": view.withdrawn,
            "said_yes": sum(view.allowed.values()),
            "asked": len(view.allowed),
            "looks": [(words.action_words(look.action), look) for look in newest],
            "answers": _address("clinic:my_answers"),
        }
    return render(request, "consent/my.html", context)


@require_http_methods(["GET", "POST"])
@page("consent.portal.open")
def choices(request: HttpRequest) -> HttpResponse:
    """The choices as switches. Sending them gives or changes the consent, and leads to its receipt."""
    chosen, context = _chosen(request)
    if chosen is None:
        return render(request, "consent/my.html", context)
    if request.method == "POST":
        stream = services.record_consent(
            request.actor,
            subject_id=chosen,
            decided_by_id=request.actor.person_id,
            language=_language(),
            allowed=[purpose for purpose in queries.ASKED_PURPOSES if purpose.value in request.POST.getlist("allowed")],
            means=Means.PORTAL,
        )
        return redirect("consent:receipt", portal.newest_entry(stream))
    view = portal.choices(request.actor, chosen, _language())
    said = view.standing.allowed if view.standing else frozenset()
    context |= {
        "view": view,
        "switches": [(purpose, words.CHOICES[purpose], purpose.value in said) for purpose in queries.ASKED_PURPOSES],
        "history": [(words.KINDS[line.kind], line) for line in view.history],
    }
    return render(request, "consent/choices.html", context)


@require_http_methods(["GET", "POST"])
@page("consent.portal.open")
def withdraw(request: HttpRequest) -> HttpResponse:
    """Say what stops and what stays, before the consent is withdrawn."""
    chosen, context = _chosen(request)
    if chosen is None:
        raise Http404
    view = portal.choices(request.actor, chosen, _language())
    if view.standing is None:
        return redirect(f"{reverse('consent:choices')}?person={chosen}")
    if request.method == "POST":
        services.withdraw_consent(request.actor, stream=view.standing.stream, decided_by_id=request.actor.person_id)
        return redirect("consent:receipt", portal.newest_entry(view.standing.stream))
    context |= {"standing": view.standing, "stops": words.STOPS, "stays": words.STAYS}
    return render(request, "consent/withdraw.html", context)


@require_GET
@page("consent.portal.open")
def receipt(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """The receipt of one event."""
    view = portal.receipt(request.actor, entry_id)
    if view is None:
        raise Http404
    context = {
        "view": view,
        "kind": words.KINDS[view.kind],
        "means": words.MEANS[view.means],
        "allowed": [words.CHOICES[purpose].title for purpose in queries.ASKED_PURPOSES if purpose in view.allowed],
        "refused": [words.CHOICES[purpose].title for purpose in queries.ASKED_PURPOSES if purpose in view.refused],
        "stays": words.STAYS if not view.allowed and not view.refused else (),
    }
    return render(request, "consent/receipt.html", context)


@require_GET
@page("consent.portal.open")
def looks(request: HttpRequest) -> HttpResponse:
    """Who has looked, by day."""
    chosen, context = _chosen(request)
    if chosen is not None:
        own_too = request.GET.get("own") == "1"
        days = portal.looks(request.actor, chosen, own_too=own_too)
        context |= {
            "days": [(day, [(words.action_words(look.action), look) for look in rows]) for day, rows in days],
            "own_too": own_too,
        }
    return render(request, "consent/looks.html", context)


@require_GET
@page("consent.portal.open")
def data(request: HttpRequest) -> HttpResponse:
    """Which data exist, where, and why they are kept."""
    chosen, context = _chosen(request)
    if chosen is not None:
        context |= {"holdings": portal.holdings(request.actor, chosen), "stays": words.STAYS}
    return render(request, "consent/data.html", context)


@require_GET
@page("consent.person.read")
def of_person(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """A person's consents as the clinic sees them."""
    streams = queries.consents_of(request.actor, person_id, in_care=is_in_care(request.actor, person_id))
    person = people.person(person_id)
    if person is None:
        raise Http404
    allowed = queries.limits(person_id)
    context = {
        "person": person,
        "limits": [(words.CHOICES[purpose].title, allowed[purpose]) for purpose in queries.ASKED_PURPOSES],
        "streams": [
            (
                words.MEANS[one.means],
                [words.CHOICES[purpose].title for purpose in queries.ASKED_PURPOSES if purpose.value in one.allowed],
                [words.CHOICES[purpose].title for purpose in queries.ASKED_PURPOSES if purpose.value in one.refused],
                one,
            )
            for one in streams
        ],
    }
    return render(request, "consent/person.html", context)


def _chosen(request: HttpRequest) -> tuple[UUID | None, dict[str, object]]:
    """Whose page it is: the one asked for, else a child before oneself. Others are refused where the data are read."""
    represented = portal.people_of(request.actor)
    text = request.POST.get("person") or request.GET.get("person", "")
    if text:
        try:
            chosen = UUID(text)
        except ValueError:
            raise Http404 from None
    else:
        first = next((one for one in represented if not one.own), represented[0] if represented else None)
        chosen = first.id if first else None
    known = next((one for one in represented if one.id == chosen), None)
    return chosen, {"people": represented, "chosen": chosen, "person": known}


def _language() -> str:
    language = (get_language() or "nb").split("-")[0]
    return language if language in ("nb", "nn", "en") else "nb"


def _address(name: str) -> str | None:
    try:
        return reverse(name)
    except NoReverseMatch:
        return None
