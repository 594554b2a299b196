"""Every address of the node. A domain's ``urls.py`` gives whole paths; it is included when the domain is installed."""

from __future__ import annotations

from importlib.util import find_spec

from django.conf import settings
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from django.views.generic import RedirectView
from django.views.i18n import set_language

from varde_node.people.services import page
from varde_node.site import fhir, pages

site_patterns = [
    path("health/live", pages.live, name="live"),
    path("health/ready", pages.ready, name="ready"),
    path("health/", pages.health, name="health"),
    path("jobs/", pages.job_list, name="jobs"),
    path("jobs/<uuid:job_id>/", pages.job, name="job"),
    path("jobs/<uuid:job_id>/cancel/", pages.cancel_job, name="cancel_job"),
    path("fhir/metadata", fhir.metadata, name="fhir_metadata"),
    path("fhir/DiagnosticReport/<uuid:order_id>", fhir.diagnostic_report, name="diagnostic_report"),
    path("keys/", pages.shortcuts, name="shortcuts"),
    path("colours/", csrf_exempt(pages.choose_scheme), name="choose_scheme"),
    # A choice of language or colours needs no token: whoever forges it turns a page's language, and the public pages
    # set no cookie to hold one.
    path("language/", csrf_exempt(require_POST(page("public")(set_language))), name="set_language"),
]

domain_modules = [f"varde_node.{name}.urls" for name in settings.DOMAINS if name != "site"]

urlpatterns = [
    *(path("", include(module)) for module in domain_modules if find_spec(module)),
    path("", include((site_patterns, "site"))),
    path(
        "accounts/login/",
        page("public")(RedirectView.as_view(pattern_name="people:sign_in", query_string=True)),
        name="account_login",
    ),
    path("accounts/", include("allauth.urls")),
]

handler400 = "varde_node.site.errors.bad_request"
handler403 = "varde_node.site.errors.permission_denied"
handler404 = "varde_node.site.errors.not_found"
handler500 = "varde_node.site.errors.server_error"
