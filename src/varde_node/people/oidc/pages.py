"""Going to the provider, and coming back."""

from __future__ import annotations

from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from varde_node.people.gates import page
from varde_node.people.oidc.provider import IdTokenAdapter


@require_POST
@page("public")
def login(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Go to the provider: by a page of our own, since the policy lets no form end at another host."""
    answer = _answer(OAuth2LoginView, request, provider_id)
    address = answer.get("Location", "")
    if "://" not in address:
        return answer
    return render(request, "people/to_provider.html", {"address": address})


@require_GET
@page("public")
def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Come back with a code."""
    return _answer(OAuth2CallbackView, request, provider_id)


def _answer(view: type[OAuth2LoginView] | type[OAuth2CallbackView], request: HttpRequest, name: str) -> HttpResponse:
    adapter = IdTokenAdapter(request, name)
    try:
        return view.adapter_view(adapter)(request)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    except OAuth2Error as error:
        return render_authentication_error(request, adapter.get_provider(), exception=error)
