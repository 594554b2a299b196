"""Pages of a case's phenotype: the terms, the type-ahead, and phenopackets in and out."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from varde.genome.errors import InputError
from varde.interpretation.phenopackets import LARGEST_BYTES
from varde_node.lab import services
from varde_node.lab.queries import phenotypes
from varde_node.lab.queries.phenotype import phenopacket as packet_of
from varde_node.lab.queries.phenotype import phenotype as phenotype_of
from varde_node.lab.services.phenotype import TermChange
from varde_node.people.services import page

UNPROCESSABLE = 422


@require_http_methods(["GET", "POST"])
@page("lab.phenotype.read")
def phenotype(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The terms of a case; one is added, changed or removed, genes are named, a phenopacket is imported."""
    error = None
    if request.method == "POST":
        try:
            _ACTS.get(request.POST.get("act", ""), _set_term)(request, case_id)
            return redirect("lab:phenotype", case_id)
        except InputError as refused:
            error = refused
    context = {
        "case_id": case_id,
        "view": phenotype_of(request.actor, case_id),
        "error": error,
        "typed": request.POST if error else {},
        "common": list(phenotypes.COMMON.items()),
    }
    return render(request, "lab/phenotype.html", context, status=UNPROCESSABLE if error else 200)


@require_GET
@page("lab.phenotype.read")
def phenopacket(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The case as a phenopacket."""
    number, text = packet_of(request.actor, case_id)
    response = HttpResponse(text, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{number}.phenopacket.json"'
    return response


@require_GET
@page("lab.phenotype.search")
def options(request: HttpRequest) -> HttpResponse:
    """Terms whose names hold what is being written, as options of a form's list."""
    text = next((value for name, value in request.GET.items() if name.startswith(("term", "absent"))), "")
    return render(request, "lab/_phenotype_options.html", {"options": phenotypes.search(text[:100])})


def _set_term(request: HttpRequest, case_id: UUID) -> None:
    term = phenotypes.read(request.POST.get("term", "")[:200])
    excluded, onset = request.POST.get("excluded") == "yes", request.POST.get("onset", "").strip().upper()[:20]
    services.set_term(request.actor, case_id, TermChange(term, excluded, onset))


def _remove(request: HttpRequest, case_id: UUID) -> None:
    services.remove_term(request.actor, case_id, request.POST.get("term", "")[:20])


def _name_genes(request: HttpRequest, case_id: UUID) -> None:
    services.set_named_genes(request.actor, case_id, request.POST.get("genes", "").split(","))


def _import(request: HttpRequest, case_id: UUID) -> None:
    uploaded = request.FILES.get("file")
    if uploaded is None:
        raise InputError(
            code="no_file", problem=_("No file was chosen."), remedy=_("Choose a phenopacket in JSON."), field="file"
        )
    found = services.import_phenopacket(
        request.actor, case_id, uploaded.read(LARGEST_BYTES + 1), uploaded.name or "phenopacket"
    )
    messages.success(request, _("%(count)d terms were added.") % {"count": found.added})
    for old, new in found.replaced:
        named = {"old": old, "name": phenotypes.name_of(new), "new": new}
        messages.info(request, _("%(old)s is obsolete: %(name)s (%(new)s) stands in its place.") % named)
    if found.passed_over:
        listed = ", ".join(found.passed_over)
        messages.warning(request, _("Passed over, not in this release of HPO: %(terms)s") % {"terms": listed})


_ACTS = {"remove": _remove, "genes": _name_genes, "import": _import}
