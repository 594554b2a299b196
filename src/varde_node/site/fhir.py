"""The FHIR endpoint: an order's newest answer as a bundle, and what the endpoint can do; errors are outcomes."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from importlib.metadata import version
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from varde_node.clinic import queries
from varde_node.people.services import AccessDenied, page, record_denial

CONTENT_TYPE = "application/fhir+json"
REPORT_PROFILE = "http://hl7.org/fhir/uv/genomics-reporting/StructureDefinition/genomic-report"
STATED_ON = "2026-11-23"
"""Date of the capability statement: renewed when what it says changes."""


def _outcome(status: int, code: str, text: str) -> HttpResponse:
    issue = {"severity": "error", "code": code, "details": {"text": text}}
    return _resource({"resourceType": "OperationOutcome", "issue": [issue]}, status)


def _resource(resource: dict[str, object], status: int = 200) -> HttpResponse:
    response = JsonResponse(
        resource, status=status, content_type=CONTENT_TYPE, json_dumps_params={"ensure_ascii": False}
    )
    response["Cache-Control"] = "private, no-store"
    return response


def with_outcomes(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Refusals and absences as OperationOutcome; a refusal is written to the trail as everywhere."""

    @wraps(view)
    def answered(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except AccessDenied as denial:
            record_denial(denial)
            return _outcome(403, "forbidden", str(denial.decision.text))
        except Http404:
            return _outcome(404, "not-found", _("There is no answer at this address."))

    return answered


@require_GET
@with_outcomes
@page("clinic.answer.fhir")
def diagnostic_report(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The newest answer of an order: a bundle whose first entry is the DiagnosticReport."""
    return _resource(queries.fhir_bundle(request.actor, order_id))


@require_GET
@page("public")
def metadata(request: HttpRequest) -> HttpResponse:
    """The CapabilityStatement: one read, of one resource."""
    resource = {
        "type": "DiagnosticReport",
        "supportedProfile": [REPORT_PROFILE],
        "documentation": "The id is the order's. The answer is a Bundle (collection) with the report and all it refers "
        "to; only answers signed by two people are given.",
        "interaction": [{"code": "read"}],
    }
    return _resource(
        {
            "resourceType": "CapabilityStatement",
            "status": "active",
            "experimental": settings.DEMO,
            "date": STATED_ON,
            "kind": "instance",
            "software": {"name": "Varde", "version": version("varde")},
            "implementation": {"description": "Varde node", "url": request.build_absolute_uri("/fhir")},
            "fhirVersion": "4.0.1",
            "format": ["json"],
            "implementationGuide": ["http://hl7.org/fhir/uv/genomics-reporting|3.0.0"],
            "rest": [{"mode": "server", "resource": [resource]}],
        }
    )
