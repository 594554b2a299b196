"""The laboratory for programs: upload of a file and the state of a case, by the same commands as behind the pages.

Errors are problem details (RFC 9457). A program signs in as a person does and acts in that person's role.
"""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from varde.genome.errors import InputError
from varde_node.lab import queries, services
from varde_node.lab.queries.cases import CaseView
from varde_node.people.services import page

CREATED = 201
FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


@require_GET
@page("lab.case.read")
def case_status(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Where a case is: state, tubes, files, the job and its progress, and what was wrong with the files."""
    return JsonResponse(_status(queries.case(request.actor, case_id)))


@require_POST
@page("lab.file.upload")
def upload(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Take in the body as a file, streamed; ``?name=`` is the name shown. 201 with the file and the case's state."""
    if request.content_type in FORMS:
        raise InputError(
            "malformed_request",
            f"The body is a form ({request.content_type}).",
            "Send the file itself as the body: curl --data-binary @family.vcf.gz -H 'Content-Type: "
            "application/octet-stream'.",
        )
    announced = int(request.headers.get("Content-Length") or 0)
    if not announced:
        raise InputError("empty_body", "The body is empty.", "Send the file as the body, with Content-Length.")
    body = _WholeBody(request, announced)
    file_id = services.upload_file(request.actor, case_id, request.GET.get("name", "file"), body)
    answer = {"file": str(file_id), **_status(queries.case(request.actor, case_id))}
    return JsonResponse(answer, status=CREATED, headers={"Location": reverse("lab:api_case", args=[case_id])})


class _WholeBody:
    """A body that must be as long as announced: a VCF of text that breaks off at a line's end looks whole."""

    def __init__(self, request: HttpRequest, announced: int) -> None:
        self.request = request
        self.missing_bytes = announced

    def read(self, size: int = -1, /) -> bytes:
        """The next piece; InputError ``malformed_request`` when the body ends too early."""
        piece = self.request.read(size)
        self.missing_bytes -= len(piece)
        if not piece and self.missing_bytes:
            raise InputError(
                "malformed_request",
                f"The connection broke off {self.missing_bytes} bytes before the end of the file.",
                "Send the file again.",
            )
        return piece


def _status(case: CaseView) -> dict[str, object]:
    return {
        "case": str(case.id),
        "number": case.number,
        "state": case.state,
        "due_on": case.due_on.isoformat(),
        "samples": [
            {"name": one.name, "role": one.role, "received": one.received_at is not None, "has_file": one.has_file}
            for one in case.samples
        ],
        "job": None
        if case.job is None
        else {
            "id": str(case.job.id),
            "state": case.job.state.value,
            "progress": case.job.progress,
            "step": case.job.step,
        },
        "problem": None
        if case.problem is None
        else {
            "problem": case.problem.problem,
            "remedy": case.problem.remedy,
            "source": case.problem.source,
            "line": case.problem.line,
            "field": case.problem.field,
        },
    }
