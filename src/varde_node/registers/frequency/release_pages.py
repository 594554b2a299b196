"""The road of a release for those who answer for it: batches, measure, report, difference, signatures, publication."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from varde.genome.errors import InputError
from varde_node.people.services import page
from varde_node.registers.frequency import release_queries, release_report, release_words, releases
from varde_node.registers.frequency.models import ReleaseState

STEPS = ("release_batches", "release_measure", "release_report", "release_difference", "release_sign")
PLACE = {
    ReleaseState.DRAFT: 0,
    ReleaseState.MEASURING: 1,
    ReleaseState.MEASURED: 2,
    ReleaseState.SIGNED: 4,
    ReleaseState.PUBLISHED: 5,
    ReleaseState.WITHDRAWN: 5,
    ReleaseState.DISCARDED: 0,
}
"""How many steps of the road are behind a release in each state."""
MEASURED = (ReleaseState.MEASURED, ReleaseState.SIGNED, ReleaseState.PUBLISHED, ReleaseState.WITHDRAWN)


@require_GET
@page("registers.release.read")
def release_list(request: HttpRequest) -> HttpResponse:
    """All releases, and the way to begin the next."""
    lines = release_queries.releases(request.actor)
    context = {
        "lines": [(line, release_words.STATES[line.state], release_words.GATES[line.gate]) for line in lines],
        "open": next((line for line in lines if line.state in release_words.OPEN), None),
    }
    return render(request, "registers/releases.html", context)


@require_POST
@page("registers.release.prepare")
def prepare(request: HttpRequest) -> HttpResponse:
    """Begin the next release."""
    corrects = request.POST.get("corrects", "")
    made = releases.prepare(request.actor, corrects=_identifier(corrects) if corrects else None)
    return redirect("registers:release_batches", made)


def _identifier(text: str) -> UUID:
    """Raises Http404 for what names no release."""
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None


@require_GET
@page("registers.release.read")
def release(request: HttpRequest, release_id: UUID) -> HttpResponse:
    """To the step where the release is."""
    state = release_queries.release(request.actor, release_id).line.state
    return redirect(f"registers:{STEPS[min(PLACE[state], len(STEPS) - 1)]}", release_id)


@require_http_methods(["GET", "POST"])
@page("registers.release.read")
def batches(request: HttpRequest, release_id: UUID) -> HttpResponse:
    """What is in the release, and whether it may be measured; the button measures."""
    if request.method == "POST":
        return _done(request, release_id, lambda: releases.measure(request.actor, release_id), "release_measure")
    return _step(request, release_id, "release_batches")


@require_GET
@page("registers.release.read")
def measure(request: HttpRequest, release_id: UUID) -> HttpResponse:
    """How far the measure is."""
    return _step(request, release_id, "release_measure")


@require_GET
@page("registers.release.read")
def report(request: HttpRequest, release_id: UUID) -> HttpResponse:
    """The anonymity report."""
    return _step(request, release_id, "release_report")


@require_GET
@page("registers.release.read")
def difference(request: HttpRequest, release_id: UUID) -> HttpResponse:
    """What changes since the release before, and what that tells of the people between."""
    return _step(request, release_id, "release_difference")


@require_http_methods(["GET", "POST"])
@page("registers.release.read")
def sign(request: HttpRequest, release_id: UUID) -> HttpResponse:
    """The two signatures, and the publication."""
    if request.method == "POST":
        digest = request.POST.get("digest", "")
        return _done(request, release_id, lambda: releases.sign(request.actor, release_id, digest), "release_sign")
    return _step(request, release_id, "release_sign")


@require_POST
@page("registers.release.publish")
def publish(request: HttpRequest, release_id: UUID) -> HttpResponse:
    """Publish what two have signed."""
    return _done(request, release_id, lambda: releases.publish(request.actor, release_id), "release_sign")


@require_http_methods(["GET", "POST"])
@page("registers.release.withdraw")
def withdraw(request: HttpRequest, release_id: UUID) -> HttpResponse:
    """Mark a published release as wrong."""
    if request.method == "POST":
        reason = request.POST.get("reason", "")
        done = lambda: releases.withdraw(request.actor, release_id, reason)  # noqa: E731
        return _done(request, release_id, done, "release_withdraw", reason=reason)
    return _step(request, release_id, "release_withdraw")


@require_POST
@page("registers.release.prepare")
def discard(request: HttpRequest, release_id: UUID) -> HttpResponse:
    """Give a release up."""
    releases.discard(request.actor, release_id)
    return redirect("registers:releases")


@require_POST
@page("registers.release.sign")
def sign_for_programs(request: HttpRequest, name: str) -> HttpResponse:
    """As ``sign``, by the release's name; a refusal is a problem with its code."""
    release_id = release_queries.release_named(request.actor, name)
    return JsonResponse({"signature": releases.sign(request.actor, release_id, request.POST.get("digest", ""))})


@require_POST
@page("registers.release.publish")
def publish_for_programs(request: HttpRequest, name: str) -> HttpResponse:
    """As ``publish``, by the release's name; a refusal is a problem with its code."""
    releases.publish(request.actor, release_queries.release_named(request.actor, name))
    return JsonResponse({"release": name, "state": ReleaseState.PUBLISHED})


def _done(
    request: HttpRequest, release_id: UUID, command: Callable[[], object], step: str, **given: str
) -> HttpResponse:
    """The step's page after the command, or with what was refused."""
    try:
        command()
    except InputError as error:
        return _step(request, release_id, step, error=error, **given)
    return redirect(f"registers:{step}", release_id)


def _step(
    request: HttpRequest, release_id: UUID, step: str, error: InputError | None = None, **given: str
) -> HttpResponse:
    view = release_queries.release(request.actor, release_id)
    context = {
        "view": view,
        "step": step,
        "road": _road(view.line.state, step),
        "state": release_words.STATES[view.line.state],
        "gate": release_words.GATES[view.line.gate],
        "checks": [(release_words.CHECKS[check.key], check) for check in view.checks],
        "batches": [(release_words.place(batch.region), batch) for batch in view.batches],
        "signatures": [(release_words.role(one.role), one) for one in view.signatures],
        "report": release_report.report_of(view.manifest) if view.manifest else None,
        "difference": release_report.difference_of(view.manifest, view.manifest_before) if view.manifest else None,
        "error": error,
        **given,
    }
    return render(request, f"registers/{step}.html", context, status=422 if error else 200)


def _road(state: ReleaseState, step: str) -> list[dict[str, object]]:
    """The steps: what was measured can be read in any order, so the place is then where the reader is."""
    behind = PLACE[state]
    readable = state in MEASURED
    here = STEPS.index(step) if state == ReleaseState.MEASURED and step in STEPS else behind
    here = max(here, behind)
    return [
        {
            "address": f"registers:{name}",
            "name": release_words.STEPS[name],
            "place": "done" if number < here else "here" if number == here else "later",
            "current": name == step,
            "reachable": readable or number <= behind,
        }
        for number, name in enumerate(STEPS)
    ]
