"""Addresses of consent: the portal, and the staff's view of a person's consents."""

from __future__ import annotations

from django.urls import path

from varde_node.consent import pages

app_name = "consent"
urlpatterns = [
    path("my/", pages.my, name="my"),
    path("my/consents/", pages.choices, name="choices"),
    path("my/consents/withdraw/", pages.withdraw, name="withdraw"),
    path("my/consents/receipts/<uuid:entry_id>/", pages.receipt, name="receipt"),
    path("my/access/", pages.looks, name="looks"),
    path("my/data/", pages.data, name="data"),
    path("consents/<uuid:person_id>/", pages.of_person, name="person"),
]
