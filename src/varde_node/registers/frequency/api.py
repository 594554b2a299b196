"""The register for programs: one variant, many, a region, a gene, the releases.

``/api/frequencies/`` answers from the public release, to everybody; ``/api/register/`` has exact counts, for
professionals who are signed in, and is logged. They are apart so that no cache can mix them up. Errors are problem
details (RFC 9457).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import lru_cache, wraps
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import polars as pl
import polars.selectors as cs
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from varde.frequency.batch import LONGEST_ITEM, MOST_ITEMS
from varde.frequency.beacon.request import is_unicode
from varde.frequency.browse import Window
from varde.frequency.release.read import Release
from varde.frequency.structural_clusters import StructuralCall
from varde.frequency.vrs import vrs_allele
from varde.genome.alleles import Variant
from varde.genome.builds import CONTIGS
from varde.genome.errors import InputError
from varde.genome.references import Reference
from varde.genome.regions import Region
from varde_node.people.services import page
from varde_node.registers.frequency import (
    indexes,
    program_queries,
    public_queries,
    queries,
    search,
    structural_queries,
)
from varde_node.registers.frequency.budgets import budgeted
from varde_node.registers.frequency.caching import holds, kept
from varde_node.registers.frequency.structural_queries import EventPlace, LikeEvent

JSON, LINES = "application/json", "application/x-ndjson"
SOFTWARE = version("varde")
MOST_ROWS, ROWS = 100_000, 1_000
PUBLIC_SITE = ("an", "bin", "ac_low", "ac_high", "af_low", "af_high", "faf95_at_most", "homozygotes", "hemizygotes")
EXACT_SITE = ("ac", "an", "nhomalt", "nhemi", "nobs", "nhet_mt", "af")
STRUCTURAL_ROW = (
    *("length", "start_low", "start_high", "end_low", "end_high", "calls"),
    *("ac", "an", "nhomalt", "nhemi", "nobs", "people"),
)
View = Callable[..., HttpResponse]


def from_release(view: View) -> View:
    """A public answer that depends on the address and the release alone: ETag, 304 and Cache-Control. The view finds
    the release, or None, at ``request.release``."""

    @wraps(view)
    def tagged(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        release = indexes.public_release()
        request.release = release  # type: ignore[attr-defined]
        if release is None:
            return _open(view(request, *args, **kwargs))
        tag = _tag(release, request)
        response = HttpResponseNotModified() if holds(request, tag) else view(request, *args, **kwargs)
        return _open(kept(request, response, tag))

    return tagged


@require_safe
@page("public")
@budgeted("public")
@from_release
def public_variant(request: HttpRequest, variant: str) -> HttpResponse:
    """What the release says of one variant, in any notation that the search understands."""
    found = search.searcher()
    meant = search.one(variant)[1]
    release: Release | None = request.release  # type: ignore[attr-defined]
    if release is None:
        raise Http404
    return JsonResponse(
        {
            "asked": variant,
            "variant": str(meant),
            "vrs_id": _vrs(meant, found.reference),
            "answer": release.lookup(meant).as_json(),
            "interpretations": [asdict(one) for one in public_queries.interpretations(release, meant)],
        }
    )


@csrf_exempt
@require_POST
@page("public")
@budgeted("public")
def public_batch(request: HttpRequest) -> HttpResponse:
    """What the release says of many variants."""
    texts = batch_of(request)
    answered = program_queries.public_batch(texts)
    if answered is None:
        raise Http404
    release, frame = answered
    head = {"release": release.name, "build": str(release.build)}
    return _open(_batch(request, head, frame))


@require_safe
@page("public")
@budgeted("public")
@from_release
def public_region(request: HttpRequest, region: str) -> HttpResponse:
    """Sites of a region above the lowest bin, paged."""
    return _public_sites(request, program_queries.stretch_of(region=region))


@require_safe
@page("public")
@budgeted("public")
@from_release
def public_gene(request: HttpRequest, symbol: str) -> HttpResponse:
    """Sites of a gene above the lowest bin, paged."""
    return _public_sites(request, program_queries.stretch_of(gene=symbol))


@require_safe
@page("public")
@budgeted("public")
def public_releases(request: HttpRequest) -> HttpResponse:
    """Every release that was published, the newest first."""
    current = public_queries.current()
    rows = [
        {
            "release": one.name,
            "published_at": one.published_at.isoformat(),
            "people": one.people,
            "current": current is not None and one.name == current.name,
            "withdrawn_at": one.withdrawn_at.isoformat() if one.withdrawn_at else None,
            "withdrawal_reason": one.withdrawal_reason,
            "corrected_by": one.corrected_by,
            "manifest": reverse("registers:api_public_manifest", args=[one.name]),
            "manifest_sha256": program_queries.digest_of(release) if release else None,
        }
        for one, release in public_queries.releases()
    ]
    response = JsonResponse({"releases": rows})
    response["Cache-Control"] = "no-cache"
    return _open(response)


@require_safe
@page("public")
@budgeted("public")
def public_manifest(request: HttpRequest, name: str) -> HttpResponse:
    """The signed manifest of a release, byte by byte."""
    found = next((release for one, release in public_queries.releases() if one.name == name and release), None)
    if found is None:
        raise Http404
    response = HttpResponse((found.folder / "manifest.json").read_bytes(), content_type=JSON)
    return _open(kept(request, response, f'"{program_queries.digest_of(found)[:32]}"'))


@require_POST
@page("registers.frequency.lookup")
@budgeted("professional")
def exact_batch(request: HttpRequest) -> HttpResponse:
    """Exact counts of many variants."""
    frame = program_queries.exact_batch(request.actor, batch_of(request))
    if frame is None:
        raise Http404
    return _batch(request, {"build": str(search.searcher().build)}, frame)


@require_safe
@page("registers.frequency.lookup")
@budgeted("professional")
def exact_region(request: HttpRequest, region: str) -> HttpResponse:
    """Observed sites of a region, paged."""
    return _exact_sites(request, program_queries.stretch_of(region=region))


@require_safe
@page("registers.frequency.lookup")
@budgeted("professional")
def exact_gene(request: HttpRequest, symbol: str) -> HttpResponse:
    """Observed sites of a gene, paged."""
    return _exact_sites(request, program_queries.stretch_of(gene=symbol))


@require_safe
@page("registers.frequency.lookup")
@budgeted("professional")
def exact_structural(request: HttpRequest, event: str) -> HttpResponse:
    """Counted structural events like one, among the people read by a method that sees such."""
    view = structural_queries.lookup(request.actor, event)
    if view is None:
        raise Http404
    request.charge(len(view.events))  # type: ignore[attr-defined]
    return JsonResponse(
        {
            "asked": view.asked,
            "event": view.event,
            "build": view.build,
            "state": view.nation.state,
            "counted_at": view.counted_at.isoformat(),
            "people": view.nation.counted,
            "people_assayed": view.nation.people,
            "events": [_told_of(one) for one in view.events],
            "regions": [_counts_of(one) | {"region": one.code, "state": one.state} for one in view.regions],
        }
    )


@require_safe
@page("registers.frequency.lookup")
@budgeted("professional")
def exact_region_structural(request: HttpRequest, region: str) -> HttpResponse:
    """Structural events that touch a region, paged."""
    stretch = program_queries.stretch_of(region=region)
    skip, limit = _number(request, "skip", 0, 10**9), _number(request, "limit", ROWS, MOST_ROWS)
    view = queries.region(request.actor, stretch)
    if view is None:
        raise Http404
    rows = view.events.slice(skip, limit)
    request.charge(rows.height)  # type: ignore[attr-defined]
    more = skip + limit < view.events.height
    head = {
        "build": str(stretch.build),
        "people": view.people,
        "people_assayed": view.assayed,
        "counted_at": view.counted_at.isoformat(),
        "region": str(stretch),
        "total": view.events.height,
        "skip": skip,
        "limit": limit,
        "next": f"{request.path}?{urlencode({'skip': skip + limit, 'limit': limit})}" if more else None,
    }
    events = [
        {"event": str(StructuralCall.of(row)), "kind": row["kind"]} | {name: row[name] for name in STRUCTURAL_ROW}
        for row in rows.iter_rows(named=True)
    ]
    return JsonResponse({**head, "events": events})


@require_safe
@page("public")
def openapi(request: HttpRequest) -> HttpResponse:
    """The description of these addresses."""
    tag = f'"{hashlib.sha256(_description()).hexdigest()[:32]}"'
    return _open(kept(request, HttpResponse(_description(), content_type=JSON), tag))


def batch_of(request: HttpRequest) -> list[str]:
    """The variants of a body: a JSON array of texts, an object with ``variants``, or one JSON text per line.

    Raises InputError ``too_large``, ``empty_body``, ``malformed_request`` (line of what cannot be read).
    """
    announced, most = request.META.get("CONTENT_LENGTH") or "0", settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if not announced.isdecimal() or int(announced) > most:
        raise InputError("too_large", f"The body is larger than {most:,} bytes.", "Send several batches.")
    body = request.body
    if not body.strip():
        raise InputError("empty_body", "The body is empty.", 'Send ["20-1234-A-T", ...].')
    read = _lines(body) if request.content_type in (LINES, "application/jsonl") else _decoded(body)
    items = read.get("variants") if isinstance(read, Mapping) else read
    if not isinstance(items, list) or not all(isinstance(one, str) for one in items):
        raise InputError("malformed_request", "The body holds no list of texts.", 'Send ["20-1234-A-T", ...].')
    if len(items) > MOST_ITEMS:
        raise InputError("too_large", f"{len(items):,} variants; at most {MOST_ITEMS:,}.", "Send several batches.")
    if any(len(one) > LONGEST_ITEM or not is_unicode(one) for one in items):
        raise InputError(
            "malformed_request", f"A variant is no text of at most {LONGEST_ITEM:,} letters.", "Leave it out."
        )
    return items


def _decoded(text: bytes, line: int | None = None) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        problem = f"The body is no JSON: {str(error)[:120]}."
        raise InputError("malformed_request", problem, 'Send ["20-1234-A-T", ...].', line=line) from None


def _lines(body: bytes) -> list[Any]:
    return [_decoded(one, number) for number, one in enumerate(body.splitlines(), 1) if one.strip()]


def _batch(request: HttpRequest, head: Mapping[str, Any], frame: pl.DataFrame) -> HttpResponse:
    request.charge(frame.height)  # type: ignore[attr-defined]
    if LINES in request.headers.get("Accept", ""):
        return HttpResponse(frame.write_ndjson(), content_type=LINES)
    counted = frame["status"].cast(pl.String).value_counts(sort=True)
    summary = {**head, "total": frame.height, "statuses": dict(counted.iter_rows())}
    return _json(summary, "results", frame)


def _public_sites(request: HttpRequest, stretch: Region) -> HttpResponse:
    view = public_queries.region(stretch)
    if view is None:
        raise Http404
    people = {name: view.window.columns[name] > 0 for name in ("homozygotes", "hemizygotes")}
    window = view.window.beside(**people)
    head = {
        "release": view.release.name,
        "build": str(view.release.build),
        "told_share": public_queries.told_share(view.release, stretch),
    }
    return _sites(request, head, window, PUBLIC_SITE)


def _told_of(one: LikeEvent) -> dict[str, Any]:
    return {
        "event": one.event,
        "kind": one.call.kind,
        "length": one.call.length,
        "start_low": one.first[0],
        "start_high": one.first[1],
        "end_low": one.last[0],
        "end_high": one.last[1],
        "overlap": one.overlap,
        "distance": one.distance,
        "calls": one.calls,
        "calls_alike": one.calls_alike,
        "carriers_alike": one.carriers_alike,
        **_counts_of(one.nation),
    }


def _counts_of(place: EventPlace) -> dict[str, Any]:
    return {
        "ac": place.ac,
        "an": place.an,
        "nhomalt": place.homozygotes,
        "nhemi": place.hemizygotes,
        "nobs": place.carriers,
        "people": place.people,
        "af": place.frequency,
    }


def _exact_sites(request: HttpRequest, stretch: Region) -> HttpResponse:
    view = queries.region(request.actor, stretch)
    if view is None:
        raise Http404
    head = {"build": str(stretch.build), "people": view.people, "counted_at": view.counted_at.isoformat()}
    return _sites(request, head, view.window, EXACT_SITE)


def _sites(request: HttpRequest, head: Mapping[str, Any], window: Window, columns: tuple[str, ...]) -> HttpResponse:
    """One page of a window with its total and the address of the next."""
    skip, limit = _number(request, "skip", 0, 10**9), _number(request, "limit", ROWS, MOST_ROWS)
    places = np.arange(skip, min(skip + limit, len(window)), dtype=np.int64)
    request.charge(len(places))  # type: ignore[attr-defined]
    frame = window.frame(places)
    written = pl.concat_str([_contig_names(frame), frame["position"].cast(pl.String), "ref", "alt"], separator="-")
    frame = frame.select(written.alias("variant"), *columns).with_columns(cs.float().fill_nan(None))
    more = skip + limit < len(window)
    following = f"{request.path}?{urlencode({'skip': skip + limit, 'limit': limit})}" if more else None
    told = {**head, "region": str(window.region), "total": len(window), "skip": skip, "limit": limit, "next": following}
    return _json(told, "sites", frame)


def _contig_names(frame: pl.DataFrame) -> pl.Series:
    return pl.Series("contig_name", ["", *CONTIGS]).gather(frame["contig"].cast(pl.UInt32))


def _json(head: Mapping[str, Any], name: str, frame: pl.DataFrame) -> HttpResponse:
    """An object with a table as its last member; the table is written by column, not by row."""
    start = json.dumps(head, separators=(",", ":"))[:-1]
    return HttpResponse(f'{start},"{name}":{frame.write_json()}}}', content_type=JSON)


def _number(request: HttpRequest, name: str, default: int, most: int) -> int:
    text = request.GET.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdecimal()) or len(text) > 12 or not (name == "skip" or int(text) >= 1):
        raise InputError("malformed_request", f"{name} must be a whole number.", "Correct it.", field=name)
    if int(text) > most:
        raise InputError("malformed_request", f"{name} may be at most {most:,}.", "Ask for less.", field=name)
    return int(text)


def _vrs(variant: Variant, reference: Reference | None) -> str | None:
    held = reference is not None and variant.contig in reference.codes
    bases = reference.bases(variant.contig) if reference is not None and held else None
    try:
        return vrs_allele(variant.build, variant.contig, variant.position, variant.ref, variant.alt, bases).identifier
    except InputError:
        return None


def _tag(release: Release, request: HttpRequest) -> str:
    asked = f"{program_queries.digest_of(release)} {SOFTWARE} {request.get_full_path()}"
    return f'"{hashlib.sha256(asked.encode()).hexdigest()[:32]}"'


def _open(response: HttpResponse) -> HttpResponse:
    """Pages of other sites may read public answers."""
    response["Access-Control-Allow-Origin"] = "*"
    return response


@lru_cache(maxsize=1)
def _description() -> bytes:
    return Path(__file__).with_name("openapi.json").read_bytes()
