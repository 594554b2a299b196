"""Addresses of the registers."""

from __future__ import annotations

from django.urls import path, register_converter

from varde_node.registers.frequency import (
    pages,
    program_urls,
    public_pages,
    release_urls,
    structural_pages,
)
from varde_node.registers.interpretations import pages as interpretation_pages


class _Layout:
    """The layouts that a table can be had in."""

    regex = "csv|vcf"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(_Layout, "format")
app_name = "registers"
urlpatterns = [
    path("register/", pages.front, name="frequency"),
    path("register/variants/<str:variant>/", pages.variant, name="variant"),
    path("register/structural/<str:event>/", structural_pages.event, name="structural"),
    path("register/genes/<str:symbol>/", pages.gene, name="gene"),
    path("register/regions/<str:region>/", pages.region, name="region"),
    path("register/regions/<str:region>/variants.<format:layout>", pages.region_download, name="region_download"),
    path("register/disagreements/", interpretation_pages.disagreements, name="disagreements"),
    path("register/disagreements/<str:build>/<str:variant>/", interpretation_pages.disagreement, name="disagreement"),
    path("frequencies/", public_pages.front, name="public"),
    path("frequencies/variants/<str:variant>/", public_pages.variant, name="public_variant"),
    path("frequencies/structural/<str:event>/", public_pages.structural, name="public_structural"),
    path("frequencies/genes/<str:symbol>/", public_pages.gene, name="public_gene"),
    path("frequencies/regions/<str:region>/", public_pages.region, name="public_region"),
    path(
        "frequencies/regions/<str:region>/variants.<format:layout>",
        public_pages.region_download,
        name="public_region_download",
    ),
    path("frequencies/register.public.pem", public_pages.public_key, name="public_key"),
    path("frequencies/releases/", public_pages.releases, name="public_releases"),
    path("frequencies/releases/<str:name>/", public_pages.release, name="public_release"),
    path("frequencies/releases/<str:name>/report/", public_pages.report, name="public_report"),
    path("frequencies/releases/<str:name>/files/<path:path>", public_pages.release_file, name="public_file"),
    path("register/contributions/", pages.contributions, name="contributions"),
    path("api/register/variants/<str:variant>", pages.variant_for_programs, name="variant_for_programs"),
    *release_urls.urlpatterns,
    *program_urls.urlpatterns,
]
