"""Addresses for programs: the register's own and those of the Beacon."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse
from django.urls import URLPattern, path

from varde_node.registers.frequency import api, beacon

TOLD = {
    "": (beacon.info, beacon.exact_info),
    "info": (beacon.info, beacon.exact_info),
    "service-info": (beacon.service_info, beacon.exact_service_info),
    "configuration": (beacon.configuration, beacon.exact_configuration),
    "map": (beacon.beacon_map, beacon.exact_map),
    "entry_types": (beacon.entry_types, beacon.exact_entry_types),
    "filtering_terms": (beacon.filtering_terms, beacon.exact_filtering_terms),
    "g_variants": (beacon.g_variants, beacon.exact_g_variants),
    "g_variants/<str:variant>": (beacon.g_variant, beacon.exact_g_variant),
}


def _beacon(root: str, name: str, which: int) -> list[URLPattern]:
    """The endpoints of one Beacon."""

    def named(end: str) -> str:
        word = end.partition("/")[0].replace("-", "_")
        return f"{name}_{word}{'_one' if '<' in end else ''}" if end else name

    views: dict[str, Callable[..., HttpResponse]] = {end: both[which] for end, both in TOLD.items()}
    return [path(f"{root}{end}", view, name=named(end)) for end, view in views.items()]


urlpatterns = [
    path("api/register/openapi.json", api.openapi, name="api_description"),
    path("api/register/variants", api.exact_batch, name="api_batch"),
    path("api/register/regions/<str:region>", api.exact_region, name="api_region"),
    path("api/register/regions/<str:region>/structural", api.exact_region_structural, name="api_region_structural"),
    path("api/register/structural/<str:event>", api.exact_structural, name="api_structural"),
    path("api/register/genes/<str:symbol>", api.exact_gene, name="api_gene"),
    path("api/frequencies/variants", api.public_batch, name="api_public_batch"),
    path("api/frequencies/variants/<str:variant>", api.public_variant, name="api_public_variant"),
    path("api/frequencies/regions/<str:region>", api.public_region, name="api_public_region"),
    path("api/frequencies/genes/<str:symbol>", api.public_gene, name="api_public_gene"),
    path("api/frequencies/releases", api.public_releases, name="api_public_releases"),
    path("api/frequencies/releases/<str:name>", api.public_manifest, name="api_public_manifest"),
    *_beacon("beacon/professional/", "beacon_professional", 1),
    *_beacon("beacon/", "beacon", 0),
]
