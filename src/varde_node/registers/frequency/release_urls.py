"""Addresses of shards and releases."""

from __future__ import annotations

from django.urls import path

from varde_node.registers.frequency import exchange_pages, release_pages

RELEASE = "register/releases/<uuid:release_id>/"

urlpatterns = [
    path("register/shards/", exchange_pages.shards, name="shards"),
    path("register/shards/send/", exchange_pages.send, name="shard_send"),
    path("api/register/shards", exchange_pages.deliver, name="shard_deliver"),
    path("api/register/releases/<str:name>/sign", release_pages.sign_for_programs, name="release_sign_api"),
    path("api/register/releases/<str:name>/publish", release_pages.publish_for_programs, name="release_publish_api"),
    path("register/releases/", release_pages.release_list, name="releases"),
    path("register/releases/prepare/", release_pages.prepare, name="release_prepare"),
    path(RELEASE, release_pages.release, name="release"),
    path(f"{RELEASE}batches/", release_pages.batches, name="release_batches"),
    path(f"{RELEASE}measure/", release_pages.measure, name="release_measure"),
    path(f"{RELEASE}report/", release_pages.report, name="release_report"),
    path(f"{RELEASE}difference/", release_pages.difference, name="release_difference"),
    path(f"{RELEASE}sign/", release_pages.sign, name="release_sign"),
    path(f"{RELEASE}publish/", release_pages.publish, name="release_publish"),
    path(f"{RELEASE}withdraw/", release_pages.withdraw, name="release_withdraw"),
    path(f"{RELEASE}discard/", release_pages.discard, name="release_discard"),
]
