"""Pages of the filter chains, and of two filter runs side by side."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from varde.genome.errors import InputError
from varde_node.lab import services
from varde_node.lab.filter_form import ChainForm
from varde_node.lab.queries.chains import chain, chains
from varde_node.lab.queries.comparison import LIBRARY, comparison
from varde_node.lab.words import CASE_KIND_NAMES, sentence
from varde_node.people.services import page

UNPROCESSABLE = 422
LARGEST_DOCUMENT_BYTES = 100_000


@require_http_methods(["GET", "POST"])
@page("lab.chain.read")
def chain_list(request: HttpRequest) -> HttpResponse:
    """The laboratory's chains; a chain is imported here, and chosen for kinds of case."""
    error = None
    if request.method == "POST":
        try:
            if request.POST.get("act") == "import":
                return redirect("lab:chain", _imported(request))
            services.choose_default_chain(request.actor, request.POST.get("kind", ""), _chain_id(request.POST))
            messages.success(request, _("The chain is used for new looks at such cases."))
            return redirect("lab:chains")
        except InputError as refused:
            error = refused
    context = {"chains": chains(request.actor), "kinds": list(CASE_KIND_NAMES.items()), "error": error}
    return render(request, "lab/chains.html", context, status=UNPROCESSABLE if error else 200)


@require_GET
@page("lab.chain.read")
def own_chain(request: HttpRequest) -> HttpResponse:
    """The library's own settings in words."""
    return _chain_page(request, None)


@require_GET
@page("lab.chain.read")
def one_chain(request: HttpRequest, chain_id: UUID) -> HttpResponse:
    """A stored chain in words."""
    return _chain_page(request, chain_id)


@require_GET
@page("lab.chain.read")
def chain_document(request: HttpRequest, chain_id: UUID) -> HttpResponse:
    """A stored chain as JSON."""
    view = chain(request.actor, chain_id)
    response = HttpResponse(view.document, content_type="application/json")
    response["Content-Disposition"] = 'attachment; filename="filter-chain.json"'
    return response


@require_http_methods(["GET", "POST"])
@page("lab.chain.store")
def new_chain(request: HttpRequest) -> HttpResponse:
    """A new chain, or a new version of one, beginning from another."""
    base = chain(request.actor, _chain_id(request.GET))
    initial = ChainForm.initial_of(base.settings) | {
        "name": base.line.name if base.line.id else "",
        "description": base.line.description,
    }
    form = ChainForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            stored = services.store_chain(
                request.actor, asked["name"], form.settings(base.settings), asked["description"]
            )
            return redirect("lab:chain", stored)
        except InputError as refused:
            form.add_error(
                refused.field if refused.field in form.fields else None, f"{refused.problem} {refused.remedy}"
            )
    context = {"form": form, "base": base}
    return render(request, "lab/new_chain.html", context, status=UNPROCESSABLE if form.errors else 200)


@require_POST
@page("lab.chain.choose")
def choose_chain(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Use a chain for a case from now on."""
    services.choose_chain(request.actor, case_id, _chain_id(request.POST))
    messages.success(request, _("The case is filtered by this chain from now on."))
    return redirect("lab:candidates", case_id)


@require_GET
@page("lab.candidates.read")
def compare(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Two chains, or two analyses, of one case; what is compared is the address."""
    before, after = (
        (request.GET.get(f"{when}_analysis", ""), request.GET.get(f"{when}_chain", "")) for when in ("before", "after")
    )
    view = comparison(request.actor, case_id, before, after)
    context = {"case_id": case_id, "view": view, "library": LIBRARY}
    return render(request, "lab/comparison.html", context)


def _chain_page(request: HttpRequest, chain_id: UUID | None) -> HttpResponse:
    view = chain(request.actor, chain_id)
    context = {
        "view": view,
        "steps": [(name, [sentence(one) for one in told]) for name, told in view.steps],
        "exceptions": [sentence(one) for one in view.exceptions],
    }
    return render(request, "lab/chain.html", context)


def _imported(request: HttpRequest) -> UUID:
    uploaded = request.FILES.get("file")
    if uploaded is None:
        raise InputError(
            code="no_file",
            problem=_("No file was chosen."),
            remedy=_("Choose a filter chain in JSON."),
            field="file",
        )
    raw = uploaded.read(LARGEST_DOCUMENT_BYTES + 1)
    return services.import_chain(request.actor, raw.decode("utf-8", errors="replace"), uploaded.name or "")


def _chain_id(given: object) -> UUID | None:
    """The chain of a form or an address; None for the library's own."""
    written = given.get("chain", "")  # type: ignore[attr-defined]
    if written in ("", LIBRARY):
        return None
    try:
        return UUID(written)
    except ValueError:
        raise InputError(
            code="unknown_chain",
            problem=_("The laboratory has no such filter chain."),
            remedy=_("Choose one from the list."),
            field="chain",
        ) from None
