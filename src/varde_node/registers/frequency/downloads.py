"""Tables as files: a region of either tier streamed as CSV or VCF, and the files of a release as they were signed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseNotModified, StreamingHttpResponse

from varde.frequency.release import layout
from varde.frequency.release.read import Release
from varde.frequency.table_text import InfoField, csv_pieces, vcf_pieces
from varde_node.registers.frequency.caching import holds
from varde_node.registers.frequency.public_queries import PublicRegion
from varde_node.registers.frequency.queries import RegionView
from varde_node.registers.frequency.region_table import TableState, narrowed
from varde_node.registers.frequency.search import names_of_keys

CSV, VCF = "csv", "vcf"
KINDS = {CSV: "text/csv; charset=utf-8", VCF: "text/vcf; charset=utf-8"}
EXACT = (
    InfoField("AC", "ac", "A", "Integer", "Alternate alleles counted"),
    InfoField("AN", "an", "1", "Integer", "Alleles read, observed or covered and reference"),
    InfoField("AF", "af", "A", "Float", "AC / AN"),
    InfoField("nhomalt", "nhomalt", "A", "Integer", "People homozygous for the allele"),
    InfoField("nhemi", "nhemi", "A", "Integer", "People with one chromosome here, carrying the allele"),
)
_AT_LEAST = "1: at least k people are {} for the allele; 0: fewer, or nobody, which is not told apart"
BINS = (
    InfoField("AN", "an", "1", "Integer", "Alleles read, rounded"),
    InfoField("AC_low", "ac_low", "A", "Integer", "Least alternate alleles of the bin"),
    InfoField("AC_high", "ac_high", "A", "Integer", "Most alternate alleles of the bin"),
    InfoField("AF_low", "af_low", "A", "Float", "AC_low / AN"),
    InfoField("AF_high", "af_high", "A", "Float", "AC_high / AN"),
    InfoField("faf95_at_most", "faf95_at_most", "A", "Float", "The filtering allele frequency, 95 %, is not higher"),
    InfoField("hom_at_least_k", "homozygotes", "A", "Integer", _AT_LEAST.format("homozygous")),
    InfoField("hemi_at_least_k", "hemizygotes", "A", "Integer", _AT_LEAST.format("hemizygous")),
)
REPORT_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
"""The report is one signed file with its styles in it; it may do nothing else."""
FREE = (layout.MANIFEST, layout.REPORT, "SHA256SUMS", "SHA256SUMS.sig")
"""Files beside ``public/`` that everybody may have."""
_RANGE = re.compile(r"[0-9]{1,18}-[0-9]{0,18}|-[0-9]{1,18}")


def professional(view: RegionView, state: TableState, kind: str) -> StreamingHttpResponse:
    """Exact counts of a region, filtered and ordered as the table."""
    window, places = narrowed(view.window, state, "af")
    if kind == VCF:
        told = [f"##varde_counts=people={view.people},counted_at={view.counted_at:%Y-%m-%d}"]
        pieces = vcf_pieces(window, window.order("position"), EXACT, told, names_of_keys())
    else:
        pieces = csv_pieces(window, places, [(one.name, one.column) for one in EXACT], names_of_keys())
    return _streamed(pieces, kind, f"varde-{_plain(view.window.region)}")


def public(view: PublicRegion, state: TableState, kind: str) -> StreamingHttpResponse:
    """Bins of a region, filtered and ordered as the table."""
    window, places = narrowed(view.window, state, "af_high")
    if kind == VCF:
        told = [f"##varde_release={view.release.name}"]
        pieces = vcf_pieces(window, window.order("position"), BINS, told, names_of_keys())
    else:
        pieces = csv_pieces(window, places, [(one.name, one.column) for one in BINS], names_of_keys())
    return _streamed(pieces, kind, f"varde-{view.release.name}-{_plain(view.window.region)}")


def free_files(release: Release) -> tuple[tuple[str, int], ...]:
    """Files of a release that everybody may have: path and bytes."""
    found = [release.folder / name for name in FREE]
    if release.is_public:
        found += sorted(path for path in (release.folder / layout.PUBLIC).rglob("*") if path.is_file())
    return tuple((str(path.relative_to(release.folder)), path.stat().st_size) for path in found if path.is_file())


def release_file(request: HttpRequest, release: Release, name: str) -> HttpResponse:
    """One free file, whole or the part that is asked for. Raises Http404 for any other name."""
    if name not in {path for path, _ in free_files(release)}:
        raise Http404
    path = release.folder / name
    size, tag = path.stat().st_size, f'"{release.name}-{path.stat().st_size:x}-{_digest(release, name)}"'
    if holds(request, tag) or holds(request, "*"):
        return _told(HttpResponseNotModified(), tag)
    part = _part(request, size, tag)
    if part is None:
        response: HttpResponse = FileResponse(path.open("rb"), as_attachment=name != layout.REPORT, filename=path.name)
        if name == layout.REPORT:
            response["Content-Security-Policy"] = REPORT_POLICY
        return _told(response, tag)
    start, end = part
    if start >= size:
        return _told(HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"}), tag)
    response = StreamingHttpResponse(_bytes(path, start, end), status=206, content_type="application/octet-stream")
    response["Content-Length"], response["Content-Range"] = end - start, f"bytes {start}-{end - 1}/{size}"
    return _told(response, tag)


def _told(response: HttpResponse, tag: str) -> HttpResponse:
    response["ETag"], response["Accept-Ranges"] = tag, "bytes"
    response["Cache-Control"] = "public, max-age=86400"
    return response


def _digest(release: Release, name: str) -> str:
    """The start of the file's checksum where the manifest names it; a published file never changes."""
    named = release.manifest.get("artefacts", ())
    return next((str(one["sha256"])[:16] for one in named if one.get("name") == name), "fixed")


def _part(request: HttpRequest, size: int, tag: str) -> tuple[int, int] | None:
    """The one range that is asked for, half-open; None for the whole (RFC 9110: what is not understood is left)."""
    unit, _, asked = request.headers.get("Range", "").partition("=")
    first, dash, last = asked.strip().partition("-")
    if unit.strip() != "bytes" or not dash or request.headers.get("If-Range", tag) != tag:
        return None
    if not _RANGE.fullmatch(f"{first}-{last}"):
        return None
    if not first:
        return max(size - int(last), 0), size
    end = min(int(last) + 1, size) if last else size
    return None if last and int(last) < int(first) else (int(first), end)


def _bytes(path: Path, start: int, end: int, at_once: int = 65_536) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        while start < end:
            piece = file.read(min(at_once, end - start))
            start += len(piece)
            yield piece


def _streamed(pieces: Iterator[bytes], kind: str, name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(pieces, content_type=KINDS[kind])
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


def _plain(region: object) -> str:
    return str(region).replace(":", "_")
