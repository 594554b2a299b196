"""What people keep with a case: comments, the discussion with the clinician, literature, files and second methods."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from varde.genome.errors import InputError
from varde_node.lab import queries, services
from varde_node.lab.file_content import ENDINGS
from varde_node.lab.models import ConfirmationResult
from varde_node.lab.words import CONFIRMATION_METHODS, CONFIRMATION_RESULTS
from varde_node.people.services import page

UNPROCESSABLE, TOO_LARGE = 422, 413
SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"


@require_http_methods(["GET", "POST"])
@page("lab.case.read")
def notes(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Everything that is kept with the case; every form of it, also those on a variant's page, is sent here."""
    error = None
    if request.method == "POST":
        try:
            _ACTS.get(request.POST.get("act", ""), _nothing)(request, case_id)
            variant = request.POST.get("variant", "")
            return redirect("lab:variant", case_id, variant) if variant else redirect("lab:notes", case_id)
        except InputError as refused:
            error = refused
    context = {"case_id": case_id, "view": queries.notes(request.actor, case_id), "error": error, **note_choices()}
    if error:
        context |= {"written": _written(request), "variant": ""}
    status = UNPROCESSABLE if error else 200
    return render(
        request, "lab/notes.html", context, status=TOO_LARGE if error and error.code == "too_large" else status
    )


@require_GET
@page("lab.attachment.read")
def attachment(request: HttpRequest, case_id: UUID, attachment_id: UUID) -> HttpResponse:
    """An attachment as a download: of the kind its content showed, never opened in the page, and in a sandbox."""
    row, path = services.attached_file(request.actor, case_id, attachment_id)
    name = row.given_name.rsplit(".", 1)[0] + ENDINGS[row.media_type]
    response = FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type=row.media_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = SANDBOX
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
@page("lab.case.assign")
def assign(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Take the case, hand it over or let it go."""
    to = request.POST.get("to", "")
    try:
        services.assign_case(request.actor, case_id, _account(to, request), request.POST.get("note", ""))
    except InputError as error:
        messages.error(request, f"{error.problem} {error.remedy}")
    return redirect("lab:case", case_id)


def note_choices() -> dict[str, object]:
    """The lists of the forms."""
    return {
        "methods": [(key.value, words) for key, words in CONFIRMATION_METHODS.items()],
        "results": [(key.value, CONFIRMATION_RESULTS[key][1]) for key in ConfirmationResult],
    }


def _comment(request: HttpRequest, case_id: UUID) -> None:
    services.comment(request.actor, case_id, request.POST.get("text", ""), variant=request.POST.get("variant", ""))


def _discuss(request: HttpRequest, case_id: UUID) -> None:
    services.comment(request.actor, case_id, request.POST.get("text", ""), shared=True)
    messages.success(request, _("Sent. The clinician sees it on the order."))


def _reference(request: HttpRequest, case_id: UUID) -> None:
    given = request.POST
    services.add_reference(
        request.actor,
        case_id,
        given.get("variant", ""),
        given.get("build", "")[:10],
        given.get("reference", ""),
        given.get("note", ""),
    )


def _read(request: HttpRequest, case_id: UUID) -> None:
    services.mark_read(
        request.actor, case_id, _identifier(request, "reference_id"), read=request.POST.get("read") == "yes"
    )


def _attach(request: HttpRequest, case_id: UUID) -> None:
    file = request.FILES.get("file")
    if file is None:
        raise InputError("no_file", _("No file was chosen."), _("Choose a file."), field="attached-file")
    services.attach(request.actor, case_id, file.name or "", file.file, variant=request.POST.get("variant", ""))


def _withdraw(request: HttpRequest, case_id: UUID) -> None:
    services.withdraw_attachment(
        request.actor, case_id, _identifier(request, "attachment_id"), request.POST.get("reason", "")
    )


def _order(request: HttpRequest, case_id: UUID) -> None:
    given = request.POST
    services.order_confirmation(
        request.actor,
        case_id,
        method=given.get("method", ""),
        variant=given.get("variant", ""),
        gap=given.get("gap", ""),
        note=given.get("note", ""),
    )


def _result(request: HttpRequest, case_id: UUID) -> None:
    services.record_confirmation(
        request.actor,
        case_id,
        _identifier(request, "confirmation_id"),
        result=request.POST.get("result", ""),
        note=request.POST.get("note", ""),
    )


def _nothing(_request: HttpRequest, _case_id: UUID) -> None:
    raise InputError("unknown_act", _("The form was not understood."), _("Open the page again and send it anew."))


_ACTS: dict[str, Callable[[HttpRequest, UUID], None]] = {
    "comment": _comment,
    "discuss": _discuss,
    "reference": _reference,
    "read": _read,
    "attach": _attach,
    "withdraw": _withdraw,
    "order": _order,
    "result": _result,
}


def _written(request: HttpRequest) -> dict[str, str]:
    """What was typed, by the form it was typed in: nothing of a refused form is lost."""
    given, act = request.POST, request.POST.get("act", "")
    return {
        act: given.get("text", ""),
        "reference": given.get("reference", ""),
        "reference_note": given.get("note", "") if act == "reference" else "",
        "method": given.get("method", ""),
        "gap": given.get("gap", ""),
        "order_note": given.get("note", "") if act == "order" else "",
    }


def _identifier(request: HttpRequest, name: str) -> UUID:
    try:
        return UUID(request.POST.get(name, ""))
    except ValueError:
        raise InputError(
            "unknown_act", _("The form was not understood."), _("Open the page again and send it anew.")
        ) from None


def _account(written: str, request: HttpRequest) -> UUID | None:
    if written == "me":
        return UUID(str(request.actor.account_id))
    try:
        return UUID(written) if written else None
    except ValueError:
        raise InputError(
            "not_a_colleague", _("The person is not known."), _("Choose one of the list."), field="to"
        ) from None
