"""Pages of the knowledge sources: what is loaded, bringing one, and what a newer one would change."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from varde.genome.errors import InputError
from varde.interpretation.known_sources import OF_ONE_FILE
from varde_node.lab.knowledge_words import CHANGES, DETAILS, KINDS, REASONS, STATES
from varde_node.lab.queries.knowledge import knowledge_source, knowledge_sources
from varde_node.lab.services import knowledge as services
from varde_node.people.services import page

UNPROCESSABLE = 422
GIGABYTE = 1024**3
FIELDS = ("kind", "name", "version", "licence", "columns")


@require_GET
@page("lab.knowledge.read")
def overview(request: HttpRequest) -> HttpResponse:
    """All sources, and the form that brings one."""
    return _overview(request)


@require_http_methods(["POST"])
@page("lab.knowledge.import")
def bring(request: HttpRequest) -> HttpResponse:
    """Take in a file."""
    try:
        uploaded = request.FILES.get("file")
        if uploaded is None:
            raise InputError("no_file", "No file was chosen.", "Choose the source's file.", field="file")
        told = services.NewSource(
            *(request.POST.get(name, "").strip() for name in FIELDS[:4]), columns=_columns(request)
        )
        source_id = services.bring_source(request.actor, told, uploaded.name, uploaded.file)
    except InputError as error:
        return _overview(request, error)
    return redirect("lab:knowledge_source", source_id)


@require_GET
@page("lab.knowledge.read")
def source(request: HttpRequest, source_id: UUID) -> HttpResponse:
    """One source, and what it would change."""
    return _source(request, source_id)


@require_POST
@page("lab.knowledge.use")
def use(request: HttpRequest, source_id: UUID) -> HttpResponse:
    """Put a source to use, or stop."""
    try:
        if request.POST.get("do") == "stop":
            services.stop_using(request.actor, source_id)
        else:
            services.use_source(request.actor, source_id)
    except InputError as error:
        return _source(request, source_id, error)
    return redirect("lab:knowledge_source", source_id)


@require_POST
@page("lab.knowledge.compare")
def compare(request: HttpRequest, source_id: UUID) -> HttpResponse:
    """Look for the cases that it would change."""
    try:
        services.find_effects(request.actor, source_id)
    except InputError as error:
        return _source(request, source_id, error)
    return redirect("lab:knowledge_source", source_id)


def _overview(request: HttpRequest, error: InputError | None = None) -> HttpResponse:
    context = {
        "sources": [_words(one) for one in knowledge_sources(request.actor)],
        "kinds": [(kind, KINDS[kind]) for kind in OF_ONE_FILE],
        "given": {name: request.POST.get(name, "") for name in FIELDS},
        "limit_gigabytes": settings.UPLOAD_LIMIT_BYTES / GIGABYTE,
        "error": error,
    }
    return render(request, "lab/knowledge.html", context, status=UNPROCESSABLE if error else 200)


def _source(request: HttpRequest, source_id: UUID, error: InputError | None = None) -> HttpResponse:
    found, comparison = knowledge_source(request.actor, source_id)
    groups = []
    if comparison is not None:
        groups = [("open", comparison.open_cases), ("closed", comparison.closed_cases)]
    context = {
        **_words(found),
        "comparison": comparison,
        "groups": groups,
        "change_words": CHANGES,
        "error": error,
    }
    return render(request, "lab/knowledge_source.html", context, status=UNPROCESSABLE if error else 200)


def _words(one: Any) -> dict[str, Any]:
    return {
        "source": one,
        "kind_words": KINDS.get(one.kind, one.kind),
        "left_out": [(REASONS.get(reason, reason), count) for reason, count in one.dropped],
        "details": [
            (DETAILS.get(name, name), value.split(" sha256:")[0]) for name, value in one.details if name in DETAILS
        ],
        "state_word": STATES[one.state],
    }


def _columns(request: HttpRequest) -> dict[str, Any] | None:
    """The description of a described table, typed as JSON; None for the other kinds."""
    if request.POST.get("kind") != "described":
        return None
    try:
        told = json.loads(request.POST.get("columns") or "null")
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise InputError(
            "bad_description", "The columns are not described by one JSON object.", "See the guide.", field="columns"
        )
    return told
