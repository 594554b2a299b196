"""Addresses of sign-in, roles and the trail."""

from django.urls import path

from varde_node.people import pages

app_name = "people"
urlpatterns = [
    path("", pages.start, name="start"),
    path("sign-in/", pages.sign_in, name="sign_in"),
    path("sign-in/demo/", pages.sign_in_demo, name="sign_in_demo"),
    path("sign-out/", pages.sign_out, name="sign_out"),
    path("role/", pages.choose_role, name="choose_role"),
    path("access-log/", pages.access_log, name="access_log"),
    path("access-log/verify/", pages.verify_trail, name="verify_trail"),
]
