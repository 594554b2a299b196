"""How allauth meets our accounts: nobody signs up by themselves; a provider's login finds an account made before."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from varde_node.people.models import Account


class AccountAdapter(DefaultAccountAdapter):
    """Local accounts are made by an administrator or the demo, never by a visitor."""

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        """Closed."""
        return False


class ProviderAdapter(DefaultSocialAccountAdapter):
    """Connects a provider's login to an account whose user name is the provider's subject."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Find the account; without one, go back to the sign-in page and say so. E-mail addresses are not trusted."""
        if sociallogin.is_existing:
            return
        account = Account.objects.filter(username=sociallogin.account.uid, is_active=True).first()
        if account is None:
            messages.error(request, _("You have no account here. Ask your administrator to make one."))
            raise ImmediateHttpResponse(redirect("people:sign_in"))
        sociallogin.connect(request, account)

    def is_open_for_signup(self, _request: HttpRequest, _sociallogin: SocialLogin) -> bool:
        """Closed."""
        return False
