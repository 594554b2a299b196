"""Addresses of the registers."""

from __future__ import annotations

from django.urls import path

from varde_node.registers.frequency import pages, release_urls

app_name = "registers"
urlpatterns = [
    path("register/", pages.front, name="frequency"),
    path("register/variants/<str:variant>/", pages.variant, name="variant"),
    path("register/contributions/", pages.contributions, name="contributions"),
    path("api/register/variants/<str:variant>", pages.variant_for_programs, name="variant_for_programs"),
    *release_urls.urlpatterns,
]
