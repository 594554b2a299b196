"""Pages of the public tier, open to everybody: search, a variant, a gene, a region, the releases and their files.

Nothing is stored about who asked what: no session and no cookie is made, and the log line of a request holds the
route, not the address.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import numpy as np
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from varde.frequency.release.answers import PublicState
from varde.frequency.release.read import Release
from varde.frequency.release.sums import COMMANDS
from varde.frequency.search import Gene, SeveralVariants
from varde.frequency.structural_notation import parse_event
from varde.genome.builds import X, Y
from varde.genome.errors import InputError
from varde.genome.regions import Region
from varde_node.formats import percent
from varde_node.people.services import page
from varde_node.registers.frequency import (
    downloads,
    drawing,
    exchange,
    indexes,
    public_queries,
    public_words,
    region_table,
    release_report,
    release_words,
    search,
    structural_words,
    words,
)
from varde_node.registers.frequency.budgets import budgeted
from varde_node.registers.frequency.landscape import Marks
from varde_node.registers.frequency.models import Gate

COLUMNS = {
    "position": words.COLUMNS["position"],
    "af_high": words.COLUMNS["af"],
    "faf95_at_most": words.COLUMNS["faf95_at_most"],
    "an": words.COLUMNS["an"],
    "homozygotes": words.COLUMNS["nhomalt"],
    "hemizygotes": words.COLUMNS["nhemi"],
}
MOST_GENES_LISTED = 400


def _busy(wait_s: int) -> HttpResponse:
    """Too many pages from one network in a minute."""
    text = _("Wait %(seconds)s seconds, or download the whole release.") % {"seconds": wait_s}
    return HttpResponse(text, status=429, content_type="text/plain; charset=utf-8")


@require_safe
@page("public")
@budgeted("public", _busy)
def front(request: HttpRequest) -> HttpResponse:
    """The search box, and what the release is."""
    text = request.GET.get("q", "").strip()
    if not text:
        return _front(request)
    try:
        found = search.meanings(search.searcher().understand(text), search.PUBLIC)
    except InputError as error:
        return _front(request, text, error)
    if len(found) > 1:
        return _front(request, text, meanings=found)
    return redirect(f"{found[0].address}?{urlencode({'asked': text[:200], 'as': found[0].notation})}")


def _front(
    request: HttpRequest,
    text: str = "",
    problem: InputError | None = None,
    meanings: tuple[search.Meaning, ...] = (),
) -> HttpResponse:
    release = indexes.public_release()
    sets = public_queries.site_sets(release) if release else ()
    context = _release_context(release) | {
        "text": text,
        "meanings": meanings,
        "problem": problem,
        "problem_words": words.problem_words(problem) if problem else "",
        "near": search.near(text) if problem else (),
        "genes": [one.name for one in sets[:MOST_GENES_LISTED]],
        "number_of_genes": len(sets),
        "examples": public_queries.examples(release) if release else (),
    }
    return _render(request, "registers/public.html", context, status=422 if problem else 200)


@require_safe
@page("public")
@budgeted("public", _busy)
def variant(request: HttpRequest, variant: str) -> HttpResponse:
    """What the release says of one variant."""
    try:
        view = public_queries.lookup(variant)
    except SeveralVariants:
        return _front(request, variant, meanings=search.meanings(search.searcher().understand(variant), search.PUBLIC))
    except InputError as error:
        return _front(request, variant, error)
    if view is None:
        return redirect("registers:public")
    answer = view.answer
    known = answer.state in (PublicState.IN_BIN, PublicState.BELOW)
    context = _release_context(view.release) | {
        "view": view,
        "answer": answer,
        "understood": search.understood_from(request.GET),
        "said": public_words.answer_words(answer),
        "hidden": public_words.hidden(answer, view.release, view.variant),
        "picture": public_words.bin_picture(answer) if known else "",
        "names": search.named(view.variant),
        "rsids": search.rsids_of(view.variant),
        "vrs": search.vrs_identifier(view.variant),
        "around": search.around(view.variant),
    }
    return _render(request, "registers/public_variant.html", context)


@require_safe
@page("public")
@budgeted("public", _busy)
def region(request: HttpRequest, region: str) -> HttpResponse:
    """What the release says of a stretch of the genome."""
    try:
        stretch = Region.parse(search.searcher().build, region)
    except InputError as error:
        return _front(request, region, error)
    return _region(request, stretch, None)


@require_safe
@page("public")
@budgeted("public", _busy)
def structural(request: HttpRequest, event: str) -> HttpResponse:
    """That nothing is told of a structural variant, and why."""
    try:
        call = parse_event(search.searcher().build, event)
    except InputError as error:
        return _front(request, event, error)
    context = {
        "kind": structural_words.EVENTS[call.kind],
        "place": structural_words.event_text(call),
        "understood": search.understood_from(request.GET),
        "genes": structural_words.hit_genes(search.searcher().build, call),
    }
    return _render(request, "registers/public_structural.html", context)


@require_safe
@page("public")
@budgeted("public", _busy)
def gene(request: HttpRequest, symbol: str) -> HttpResponse:
    """What the release says of a gene."""
    try:
        found = search.searcher().gene(symbol)
    except InputError as error:
        return _front(request, symbol, error)
    return _region(request, found.region, found)


def _region(request: HttpRequest, stretch: Region, gene: Gene | None) -> HttpResponse:
    view = public_queries.region(stretch)
    if view is None:
        return redirect("registers:public")
    state = region_table.TableState.of(request.GET, COLUMNS)
    sexed = stretch.contig_code in (X, Y)
    columns = {name: label for name, label in COLUMNS.items() if sexed or name != "hemizygotes"}
    table = region_table.table_page(view.window, state, "af_high")
    request.charge(table.total)  # type: ignore[attr-defined]
    low, high = (np.asarray(view.window.columns[name], dtype=np.float64) for name in ("af_low", "af_high"))
    most = int(view.release.coverage["an"].max() or 0)
    told = public_queries.told_share(view.release, stretch)
    context = _release_context(view.release) | {
        "gene": gene,
        "stretch": stretch,
        "text": words.region_text(stretch),
        "bases": len(stretch),
        "told": told,
        "told_words": percent(told, 0 if told >= 0.01 else 3),
        "table": table,
        "rows": [
            (search.written(row), public_words.bin_words(row), row | public_words.row_words(row, view.release))
            for row in search.with_rsids(table.rows).iter_rows(named=True)
        ],
        "headings": region_table.headings(state, columns),
        "sexed": sexed,
        "least": public_words.least_people(view.release),
        "shares": words.shares(),
        "kinds": words.KINDS.items(),
        "sizes": region_table.SIZES,
        "transcripts": search.genes_in(stretch),
        "picture": drawing.landscape(
            stretch, Marks(view.window, low, high), view.release.index, most, _("Copies read")
        ),
        "download": reverse("registers:public_region", args=[str(stretch)]),
        "filters": state.address(page=1),
        "around": search.widened(stretch, search.PUBLIC),
    }
    return _render(request, "registers/public_region.html", context)


@require_safe
@page("public")
@budgeted("public", _busy)
def region_download(request: HttpRequest, region: str, layout: str) -> HttpResponse:
    """All rows of a region's table as CSV or VCF; streamed."""
    view = public_queries.region(Region.parse(search.searcher().build, region))
    if view is None:
        raise Http404
    return downloads.public(view, region_table.TableState.of(request.GET, COLUMNS), layout)


@dataclass(frozen=True)
class ShownKey:
    """The register's public key on a page: 32 hexadecimal digits, and the whole address of its file."""

    fingerprint: str
    address: str


def _key(request: HttpRequest) -> ShownKey | None:
    key = exchange.register_key()
    return ShownKey(key.identifier, request.build_absolute_uri(reverse("registers:public_key"))) if key else None


@require_safe
@page("public")
@budgeted("public", _busy)
def public_key(request: HttpRequest) -> HttpResponse:
    """The key that the register's signatures are verified with, as PEM."""
    key = exchange.register_key()
    if key is None:
        raise Http404
    response = HttpResponse(key.pem, content_type="application/x-pem-file")
    response["Content-Disposition"] = 'attachment; filename="register.public.pem"'
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
@page("public")
def releases(request: HttpRequest) -> HttpResponse:
    """Every release that was published, with its measured risk; how to verify one."""
    held = public_queries.releases()
    rows = [(one, release, public_words.risk(release) if release else None) for one, release in held]
    context = {
        "releases": rows,
        "current": public_queries.current(),
        "why_none": public_queries.why_none(),
        "commands": COMMANDS,
        "key": _key(request),
    }
    return _render(request, "registers/public_releases.html", context)


@require_safe
@page("public")
def release(request: HttpRequest, name: str) -> HttpResponse:
    """One release: what it is, its measured risk, its files and how to verify them."""
    published, found = _published(name)
    context = {
        "published": published,
        "release": found,
        "manifest": found.manifest,
        "risk": public_words.risk(found),
        "parameters": public_words.parameters(found),
        "files": [(path, size, public_words.file_words(path)) for path, size in downloads.free_files(found)],
        "commands": COMMANDS,
        "key": _key(request),
    }
    return _render(request, "registers/public_release.html", context)


@require_safe
@page("public")
def report(request: HttpRequest, name: str) -> HttpResponse:
    """What was measured of one release, in the reader's language."""
    found = _published(name)[1]
    told = release_report.report_of(found.manifest)
    gate = release_words.GATES[Gate.PASSED if public_words.risk(found).passed else Gate.ACCEPTANCE]
    context = {"release": found, "report": told, "gate": gate}
    return _render(request, "registers/public_report.html", context)


@require_safe
@page("public")
def release_file(request: HttpRequest, name: str, path: str) -> HttpResponse:
    """A file of a release, as it was signed; parts on request."""
    return downloads.release_file(request, _published(name)[1], path)


def _published(name: str) -> tuple[public_queries.PublishedRelease, Release]:
    found = next(((one, held) for one, held in public_queries.releases() if one.name == name), None)
    if found is None or found[1] is None:
        raise Http404
    return found[0], found[1]


def _release_context(release: Release | None) -> dict[str, Any]:
    """What every page says of the release that it answers from."""
    if release is None:
        return {"release": None, "why_none": public_queries.why_none()}
    return {"release": release, "risk": public_words.risk(release), "published": public_queries.current()}


def _render(request: HttpRequest, template: str, context: Mapping[str, Any], status: int = 200) -> HttpResponse:
    """Without the token of forms: a token would be a cookie. The forms of these pages only ask."""
    response = render(request, template, {**context, "csrf_token": ""}, status=status)
    response["Cache-Control"] = "no-cache"
    return response
