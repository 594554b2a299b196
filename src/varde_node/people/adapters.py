"""How allauth meets our accounts: nobody signs up by themselves; a provider's login finds an account linked before."""

from __future__ import annotations

from typing import Any, NoReturn

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import AuthProcess, Provider
from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from varde_node.people.links import linked_account

log = structlog.get_logger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """Local accounts are made by an administrator or the demo, never by a visitor."""

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        """Closed."""
        return False


class ProviderAdapter(DefaultSocialAccountAdapter):
    """Lets a provider's login into the account that an administrator linked to its subject; names and e-mail addresses,
    which a provider may let people choose, open nothing."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Find the account by issuer and subject; without one, go back to the sign-in page and say so."""
        identity = sociallogin.account
        account = linked_account(identity.extra_data.get("issuer", ""), identity.uid)
        if account is None or sociallogin.state.get("process") != AuthProcess.LOGIN:
            log.warning("provider sign-in refused", error_code="not_linked")
            self._back(request, _("No account here is linked to your sign-in. Ask your administrator to link one."))
        sociallogin.user = account

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Provider,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        """Nobody is signed in; say so without what the provider wrote."""
        log.warning("provider sign-in failed", error_code=str(error), exception_type=type(exception).__name__)
        self._back(request, _("The sign-in could not be completed. Nobody was signed in. Try again."))

    def is_open_for_signup(self, _request: HttpRequest, _sociallogin: SocialLogin) -> bool:
        """Closed."""
        return False

    def _back(self, request: HttpRequest, sentence: str) -> NoReturn:
        messages.error(request, sentence)
        raise ImmediateHttpResponse(redirect("people:sign_in"))
