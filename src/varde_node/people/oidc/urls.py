"""Addresses of the way to the provider and back, under the names that allauth looks up."""

from django.urls import path

from varde_node.people.oidc import pages

urlpatterns = [
    path("oidc/<str:provider_id>/login/", pages.login, name="openid_connect_login"),
    path("oidc/<str:provider_id>/login/callback/", pages.callback, name="openid_connect_callback"),
]
